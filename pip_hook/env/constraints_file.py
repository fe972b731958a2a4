"""The constraints file of `pipcuda env`: its lines from a plan, and how it is kept.

Its name is made from its content, and its owner alone can read it.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_dir

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.files import write_file
from conda_cuda_guard.host.overrides import read_options, read_overrides
from conda_cuda_guard.model import GuardError, Phrase, UsageError
from conda_cuda_guard.model.host import this_platform
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.dependency_constraints import releases_of
from conda_cuda_guard.planner.lead_bounds import conflict_bounds, newest_beside
from conda_cuda_guard.planner.pip_parse import name_of, read_pip
from conda_cuda_guard.planner.requirement import ADDRESS, LEAD, MEMBER
from conda_cuda_guard.planner.spelt_dependencies import bounds_on_spelt
from conda_cuda_guard.sources.gathering import gather
from pip_hook.deciding import decide_line
from pip_hook.files.family_names import is_spelt
from pip_hook.pip_settings import settings
from pip_hook.sources_in_force import asker

from .machine import declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import PurePath

    from conda_cuda_guard.model import Plan
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision

# Prefixes of lines that a later plan reads: nested files that it keeps, sources that it drops.
NESTED, FROM = "-c ", "# from "
_HEAD = "# Written by `pipcuda env`; its name is made from its content."
_SOURCES = {"extra-index-url": "PIP_EXTRA_INDEX_URL", "find-links": "PIP_FIND_LINKS"}
_NAME = re.compile(r"([A-Za-z0-9._-]+)(\[[^]]*\])?\s*")
_SPECIFIERS = ("=", "<", ">", "!", "~")


@dataclass(frozen=True)
class Pinned:
    """A plan, the sources that its line names, and the lines of a constraints file for it.

    `machine` are the variables of a machine that is declared.
    """

    plan: Plan
    lines: tuple[str, ...] = ()
    main_index: str = ""
    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    machine: Mapping[str, str] = field(default_factory=dict)


def pin(line: CommandLine) -> Pinned:
    """Return the plan of a line, with torch added where it is missing, and its constraints."""
    _with_torch(line)
    with _without_earlier():
        return _pin(line)


def _pin(line: CommandLine) -> Pinned:
    decision = decide_line(line)
    plan = decision.plan
    if plan.status == "refused":
        return Pinned(plan)
    if not plan.packages:
        raise UsageError(
            "there is no build to set variables for",
            why="the plan leaves this request as it is (--as-is, a nightly index, or a file)",
            hint="pipcuda plan torch",
        )
    family = (*plan.requirements, *_companions(line, decision))
    main = line.values("--index-url")
    constraints = [text for one in family for text in _constraint(one, plan)]
    releases = releases_of(plan.packages, decision.catalogue)
    constraints += conflict_bounds(releases, decision.problem)
    leads = ((release, plan.cuda) for release in releases)
    followers = newest_beside(leads, decision.catalogue.family, plan.packages)
    constraints += [f"{name}<={number}" for name, number in followers.items()]
    constraints += _of_other_families(decision)
    return Pinned(
        plan,
        tuple(dict.fromkeys(constraints)),
        main[-1] if main else "",
        (*line.values("--extra-index-url"), *plan.index_urls),
        (*line.values("--find-links"), *plan.find_links),
        declared(read_overrides(read_options(line.guard), environ), decision.request.hosts),
    )


def _with_torch(line: CommandLine) -> None:
    typed = (line.words[at] for at in line.requirements)
    family = catalogue.family()
    kinds = {read_pip(text, this_platform(), None, family).kind for text in typed}
    if not kinds & {LEAD, ADDRESS}:
        line.requirements.append(len(line.words))
        line.words.append(family.lead.pip)


def _companions(line: CommandLine, decision: LineDecision) -> list[str]:
    """Return a pin for each companion of the planned torch; a constraint alone installs nothing."""
    request, torch = decision.request, decision.plan.requirements
    missing = [
        name for name in catalogue.family().own_names[1:] if name not in decision.plan.packages
    ]
    overrides = read_overrides(read_options(line.guard), environ)
    asks = not overrides.offline or request.sources.no_index
    everything = replace(request, requirements=(*torch, *missing))
    known = gather(everything, asker(line) if asks else None, whole=True)
    found = []
    for name in missing:
        plan = make_plan(replace(request, requirements=(*torch, name)), known)
        if plan.status != "refused" and name in plan.packages:
            found.append(_exact(plan.pins[len(torch)], plan))
    return found


def _of_other_families(decision: LineDecision) -> tuple[str, ...]:
    """Return the bounds on dependencies of packages that are installed later."""
    problem, request = decision.problem, decision.request
    if not problem.with_driver or request.cpu or request.as_is:
        return ()
    bounds = bounds_on_spelt(
        problem,
        decision.catalogue,
        named={name_of(text) for text in request.requirements},
        present={},
        lead=decision.lead,
    )
    return tuple(one.constraint for one in bounds)


def _constraint(requirement: str, plan: Plan) -> list[str]:
    """Return a requirement of a family as a constraint, without extras; none for others."""
    if is_spelt(requirement):
        name = _NAME.match(requirement)
        bound = requirement[name.end() :] if name else ""
        return [name[1] + bound] if name and bound.lstrip().startswith(_SPECIFIERS) else []
    kind = read_pip(requirement, this_platform(), None, catalogue.family()).kind
    if kind not in (LEAD, MEMBER, ADDRESS):
        return []
    name = _NAME.match(requirement)
    if name is None or (kind == ADDRESS and "@" not in requirement):
        raise UsageError(
            Phrase("{requirement} cannot be a constraint", requirement=requirement),
            why="a constraint names its package",
            hint=f"pipcuda env 'torch @ {requirement}'",
        )
    return [_exact(name[1] + requirement[name.end() :], plan)]


def _exact(requirement: str, plan: Plan) -> str:
    """Return a requirement, with its planned version where it stayed as typed (on macOS)."""
    version = plan.packages.get(requirement)
    return requirement if version is None else f"{requirement}=={version}"


def _folder() -> Path:
    """Return the folder of the constraints files."""
    return Path(user_data_dir("conda-cuda-guard", appauthor=False)).absolute() / "constraints"


def store(lines: Iterable[str]) -> Path:
    """Write a file with these lines, unless it is there, and return its path."""
    text = "\n".join([_HEAD, *lines, ""]).encode()
    path = _folder() / f"torch-{hashlib.sha256(text).hexdigest()[:16]}.txt"
    try:
        if not path.is_file() or path.read_bytes() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, text, private=True)
    except OSError as error:
        raise GuardError(
            Phrase("cannot write {path}", path=path),
            why=error.strerror or str(error),
            hint="check the permissions of that folder, then run the same command again",
        ) from None
    return path


def as_word(path: PurePath) -> str:
    """Return a path as one word of a list that is split at spaces: as a file URL if necessary."""
    text = str(path)
    return text if re.fullmatch(r"[\x21-\x7e]+", text) else path.as_uri()


def is_ours(word: str) -> bool:
    """Return whether a word of such a list is a file of ours."""
    return word.startswith((str(_folder()), _folder().as_uri()))


def recorded(word: str, start: str) -> list[str]:
    """Return what follows this prefix in the lines of a file of ours, in order."""
    path = _folder() / re.split(r"[/\\]", word)[-1]
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return []
    return [line[len(start) :] for line in lines if line.startswith(start)]


@contextmanager
def _without_earlier() -> Iterator[None]:
    """Hide an earlier plan's constraints file and sources from pip's settings during a plan.

    By variables, as these are stronger than the files that may say it; an empty one is none to pip,
    so an empty list is written as a space.
    """
    found = settings("install")
    words = found.get("constraint", "").split()
    ours = [word for word in words if is_ours(word)]
    if not ours:
        yield
        return
    kept = [word for word in words if word not in ours]
    kept += [file for word in ours for file in recorded(word, NESTED)]
    changed = {"PIP_CONSTRAINT": " ".join(kept) or " "}
    sources = {url for word in ours for url in recorded(word, FROM)}
    for option, name in _SOURCES.items():
        urls = [url for url in found.get(option, "").split() if url not in sources]
        changed[name] = " ".join(urls) or " "
    before = {name: environ.get(name) for name in changed}
    environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del environ[name]
            else:
                environ[name] = value
