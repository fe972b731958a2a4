"""Whether constraints may be added to a line at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model.versions import is_version, variant_of, version
from conda_cuda_guard.planner import installed, make_plan
from conda_cuda_guard.planner.admissible import Admissible, admissible
from conda_cuda_guard.planner.pip_format import missing_options
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.requirement import COMPANIONS, TORCH
from pip_hook.files.file_roots import keep_private
from pip_hook.pip_settings import is_set
from pip_hook.pip_settings import settings as pip_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Installed, Note, Plan, Request, Wheel
    from pip_hook.command_line import CommandLine
    from pip_hook.deciding import LineDecision
    from pip_hook.files.file_roots import Files

# With these no dependency comes in, or constraints are not for them.
_NOT_WITH = ("no-deps", "require-hashes")
_LEGACY = "legacy-resolver"


def takes_constraints(line: CommandLine, settings: Mapping[str, str], files: Files) -> bool:
    """Tell it by the line, pip's configuration and the files: hash mode, no dependencies."""
    deprecated = (*line.values("--use-deprecated"), settings.get("use-deprecated", ""))
    if _LEGACY in deprecated:
        return False
    if any(one.hashes for one in files.requirement_lines(constraints=False)):
        return False
    return not any(is_set(line, settings, name) for name in _NOT_WITH)


# A platform and a Python.
Target = tuple[str, str]

# A version that no index has, in whose words pip's own message says why.
_NOTHING = "0+nothing.runs.here"


@dataclass(frozen=True)
class Held:
    """Options for pip, and what they rest on.

    `newest` is the newest torch that may come in (None: none does), `kept` the one that is there
    and stays, `notes` say why nothing fits, or why no more is known.
    """

    options: tuple[str, ...]
    newest: str | None
    allowed: tuple[str, ...] = ()
    kept: Installed | None = None
    notes: tuple[Note, ...] = ()


def hold(
    request: Request, catalogue: Catalogue, *, asked: bool, target: Target | None = None
) -> Held:
    """Make the options that hold a pip run to what fits; `request` is one for torch alone.

    `target` is what pip takes files for, where that is known.

    Where the wheel index was asked and gave no answer, its builds are out of reach, and pip would
    wait for it in vain: what counts is then which plain wheels of the main index run here.
    """
    problem = read_problem(request, catalogue)
    heard = bool(catalogue.files) or request.sources.no_index
    if target is not None:
        files = tuple(one for one in catalogue.files if _is_for(one, *target))
        catalogue = replace(catalogue, files=files)
    there = request.installed
    if there is not None and installed.kept(problem, catalogue) is not None:
        return _held(_around(there, catalogue), catalogue, request, there)
    if not asked and not heard:
        return _by_index(make_plan(replace(request, installed=None), catalogue), request)
    found = admissible(problem, catalogue, plain=not heard)
    if found.versions[TORCH]:
        return replace(_held(found, catalogue, request, None), notes=catalogue.notes)
    plan = make_plan(replace(request, installed=None), catalogue)
    return Held(constraints([f"{TORCH}=={_NOTHING}"]), None, notes=plan.notes)


def _held(
    found: Admissible, catalogue: Catalogue, request: Request, kept: Installed | None
) -> Held:
    lines = [
        bounds(name, allowed, found.known[name])
        for name, allowed in found.versions.items()
        if allowed
    ]
    page = () if request.sources.no_index else _page(found, catalogue)
    torch = found.versions[TORCH]
    return Held((*constraints(lines), *page), torch[0], torch, kept)


def _around(there: Installed, catalogue: Catalogue) -> Admissible:
    """Admit the torch that is there, and what belongs to it."""
    versions: dict[str, tuple[str, ...]] = {TORCH: (there.version,)}
    label = "+" + variant_of(there.cuda)
    release = next((r for r in catalogue.releases if r.version == installed.public(there)), None)
    for name, one in () if release is None or there.is_other else release.pip.items():
        versions[name] = tuple(v + (label if one.labelled else "") for v in one.versions)
    return Admissible(versions, dict.fromkeys((TORCH, *COMPANIONS), ()))


def bounds(name: str, allowed: Sequence[str], known: Sequence[str]) -> str:
    """Write the constraint that admits these versions of those that are known.

    A label sorts above the same version without one, so pip takes the file of the page.
    """
    if len(allowed) == 1:
        return f"{name}=={allowed[0]}"
    public = sorted({one.partition("+")[0] for one in allowed}, key=version)
    first, last = version(public[0]), version(public[-1])
    between = sorted((one for one in set(known) if first < version(one) < last), key=version)
    excluded = [f"!={one}" for one in between if one not in public]
    return name + ",".join([f">={public[0]}", f"<={public[-1]}", *excluded])


def constraints(lines: Sequence[str]) -> tuple[str, ...]:
    """Give the option that names a file of these constraints."""
    text = "\n".join([*lines, ""])
    return ("--constraint", keep_private("what-runs-here.txt", text.encode()))


def _page(found: Admissible, catalogue: Catalogue) -> tuple[str, ...]:
    """Write a page of the files: an index in force would be asked for every other package too."""
    links = []
    for wheel in catalogue.files:
        if wheel.yanked or wheel.version not in found.versions.get(wheel.package, ()):
            continue
        address = f"{wheel.url}#sha256={wheel.sha256}" if wheel.sha256 else wheel.url
        links.append(f'<a href="{escape(address)}">{escape(wheel.url.rpartition("/")[2])}</a><br>')
    if not links:
        return ()
    text = "\n".join(["<!doctype html><meta charset=utf-8><title>torch</title>", *links, ""])
    return ("--find-links", keep_private("what-runs-here.html", text.encode()))


def _is_for(wheel: Wheel, platform: str, python: str) -> bool:
    """Tell the files that pip may take: it reads every link of a page, and that takes its time."""
    return platform in wheel.platforms and (not wheel.pythons or python in wheel.pythons)


def _by_index(plan: Plan, request: Request) -> Held:
    """Pin the planned build, by its index, where no index was to be asked for its files."""
    options = missing_options(plan.index_urls, plan.find_links, request.sources)
    torch = plan.packages.get(TORCH)
    if torch is None:
        return Held(constraints([f"{TORCH}=={_NOTHING}"]), None, notes=plan.notes)
    return Held((*constraints([f"{TORCH}=={torch}"]), *options), torch, (torch,))


def companion_constraints(line: CommandLine, decision: LineDecision) -> tuple[str, ...]:
    """Give the options that hold companions which were not named.

    Some say themselves which torch they belong to; torchvision from 0.29.1 on and torchaudio 2.11.0
    do not, and pip would take the newest. Without labels, so that any file of the version will do.
    """
    if decision.request.as_is:
        return ()
    settings = pip_settings(line.command or "install", isolated=bool(line.count("--isolated")))
    if not takes_constraints(line, settings, decision.files):
        return ()
    torch = decision.plan.packages.get(TORCH, "").partition("+")[0]
    releases = catalogue.releases()
    own = next((one for one in releases if one.version == torch), None)
    if own is None:
        return ()
    known: dict[str, list[str]] = {}
    for release in releases:
        for name, found in release.pip.items():
            known.setdefault(name, []).extend(found.versions)
    lines = [
        bounds(name, sorted(found.versions, key=version), known[name])
        for name, found in own.pip.items()
        if name not in decision.plan.packages and all(map(is_version, found.versions))
    ]
    return constraints(lines) if lines else ()
