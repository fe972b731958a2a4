"""The variables and pip settings that `pipcuda env` prints or writes."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue
from conda_cuda_guard.model.shown_text import redact
from conda_cuda_guard.planner.address_kind import url_wish

from .constraints_file import FROM, NESTED, as_word, is_ours, recorded, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Plan

    from .constraints_file import Pinned


_CONSTRAINTS = ("constraint", "build-constraint")
_UV_CONSTRAINTS = ("UV_CONSTRAINT", "UV_BUILD_CONSTRAINT")


def variables(
    pinned: Pinned, settings: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment variables of pip and of uv, and of a machine that is declared."""
    options = pip_options(pinned, settings, environ)
    found = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in options.items()}
    ours = options["constraint"].split()[-1]
    for name in _UV_CONSTRAINTS:
        kept = [word for word in _kept(environ.get(name, "")) if not _is_secret(word)]
        found[name] = " ".join([*kept, ours])
    sources = _uv_sources(pinned, environ)
    if not _any_secret(_sources(pinned, settings), sources):
        found.update(sources)
    if pinned.index_urls and not environ.get("UV_INDEX_STRATEGY"):
        # As pip does. By default uv stops at the first index that knows a package's name, and
        # PyTorch's has old versions of much that torch needs.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {**found, **pinned.machine}


def pip_options(
    pinned: Pinned, settings: Mapping[str, str], environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the values of pip's options; with `environ`, the constraints file serves uv too."""
    environ = environ or {}
    sources = _sources(pinned, settings)
    lists = [settings.get(name, "") for name in _CONSTRAINTS]
    lists += [environ.get(name, "") for name in _UV_CONSTRAINTS]
    urls = dict.fromkeys((*pinned.plan.index_urls, *pinned.plan.find_links))
    lines = [*(FROM + url for url in urls), *pinned.lines, *_hidden(lists)]
    secret = _any_secret(sources, _uv_sources(pinned, environ))
    if secret:
        lines += [f"--{name} {url}" for name, url in _added(pinned)]
    ours = as_word(store(lines))
    constraint, build = (
        [word for word in _kept(settings.get(name, "")) if not _is_secret(word)]
        for name in _CONSTRAINTS
    )
    found = {
        "constraint": " ".join([*constraint, ours]),
        # Up to pip 25 the common constraints hold for builds too; setting these would end that.
        "build-constraint": " ".join(dict.fromkeys([*build, *constraint, ours])),
    }
    return found if secret else {**found, **sources}


def _sources(pinned: Pinned, settings: Mapping[str, str]) -> dict[str, str]:
    """Return pip's lists of sources that the plan adds to."""
    main = pinned.main_index or settings.get("index-url", "")
    urls = tuple(url for url in pinned.index_urls if url != main)
    found = {"index-url": main} if pinned.main_index else {}
    for name, added in (("extra-index-url", urls), ("find-links", pinned.find_links)):
        if added:
            found[name] = _joined(settings.get(name, ""), added, pinned.plan)
    return found


def _uv_sources(pinned: Pinned, environ: Mapping[str, str]) -> dict[str, str]:
    """Return uv's lists of sources; its first index counts most, so ours comes first."""
    kept = [one for one in environ.get("UV_INDEX", "").split() if one not in pinned.index_urls]
    pages = [one for one in environ.get("UV_FIND_LINKS", "").split(",") if one]
    kept = [url for url in kept if not _is_other_variant(url, pinned.plan)]
    found = {
        "UV_DEFAULT_INDEX": pinned.main_index,
        "UV_INDEX": " ".join(dict.fromkeys([*pinned.index_urls, *kept])),
        "UV_FIND_LINKS": ",".join(dict.fromkeys([*pages, *pinned.find_links])),
    }
    return {name: value for name, value in found.items() if value}


def _added(pinned: Pinned) -> list[tuple[str, str]]:
    main = [("index-url", pinned.main_index)] if pinned.main_index else []
    urls = [("extra-index-url", url) for url in dict.fromkeys(pinned.index_urls)]
    return [*main, *urls, *(("find-links", url) for url in dict.fromkeys(pinned.find_links))]


def _joined(kept: str, added: Iterable[str], plan: Plan) -> str:
    """Return a list in force and the additions, without the indexes of other variants."""
    mine = [url for url in kept.split() if not _is_other_variant(url, plan)]
    return " ".join(dict.fromkeys([*mine, *added]))


def _is_other_variant(url: str, plan: Plan) -> bool:
    wish = url_wish(
        (url.rpartition("=")[2],), catalogue.family()
    )  # uv's indexes may have names: `name=URL`
    return wish is not None and plan.variant is not None and not wish.grants(plan.cuda)


def _kept(value: str) -> list[str]:
    """Return the constraints files in force without those of our earlier plans."""
    return [word for word in value.split() if not is_ours(word)]


def _hidden(lists: Iterable[str]) -> list[str]:
    """Return lines that name the constraints files whose addresses hold credentials."""
    words = [word for value in lists for word in value.split()]
    files = [word for word in words if _is_secret(word) and not is_ours(word)]
    files += [file for word in words if is_ours(word) for file in recorded(word, NESTED)]
    return [NESTED + file for file in dict.fromkeys(files)]


def _is_secret(text: str) -> bool:
    return redact(text) != text


def _any_secret(*sources: Mapping[str, str]) -> bool:
    return any(_is_secret(value) for one in sources for value in one.values())


# PowerShell treats typographic quotes as plain ones.
_POWERSHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
_CMD_SPECIAL = re.compile(r'([&|<>^()"])')


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    doubled = _POWERSHELL_QUOTES.sub(r"\1\1", value)
    return f"$env:{name} = '{doubled}'"


def _cmd(name: str, value: str) -> str:
    value = value.replace("%", "%%")  # as a batch file has it
    if '"' in value:
        escaped = _CMD_SPECIAL.sub(r"^\1", value)
        return f"set {name}={escaped}"
    return f'set "{name}={value}"'


SHELLS: dict[str, Callable[[str, str], str]] = {
    "sh": _sh,
    "fish": _fish,
    "powershell": _powershell,
    "cmd": _cmd,
}


def usual_shell(system: str, environ: Mapping[str, str]) -> str:
    """Return the shell to write for, by `os.name`; Windows has a sh where SHELL is set (Git's)."""
    return "powershell" if system == "nt" and not environ.get("SHELL") else "sh"


def lines(shell: str, variables: Mapping[str, str]) -> list[str]:
    """Return a line for each variable."""
    return [SHELLS[shell](name, value) for name, value in variables.items()]
