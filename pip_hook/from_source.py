"""Packages that are built from source beside torch: all else first, then these.

pip builds in an environment of its own, which has no torch; without that isolation it takes what is
there already. What is planned as wheels must not have them ruled out.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.toolkits import find_toolkits, host_compiler
from conda_cuda_guard.model import GuardError, Phrase, UsageError, joined, this_platform
from conda_cuda_guard.model.versions import cuda_major
from conda_cuda_guard.planner.address_kind import WHEELS
from conda_cuda_guard.rendering.language import said
from conda_cuda_guard.rendering.output import err
from conda_cuda_guard.sources.mirrors import mirror_of

from .command_line import read_command_line
from .dependencies.constraints import for_this_run, words_of
from .pip_settings import is_set, times
from .run_pip import once_more
from .target import is_elsewhere, versions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import FromSource

    from .command_line import CommandLine
    from .deciding import LineDecision
    from .run_pip import Next, Run


def build_last(line: CommandLine, decision: LineDecision, run: Run) -> Next:
    """Return what is left to do for a line with packages that are built beside torch.

    Raises a GuardError where that must fail, which else would be seen after minutes.
    """
    builds = decision.plan.from_source
    certain = _are_not_elsewhere(decision)
    if certain:
        for one in builds:
            _require_compiler(one, decision)
    here = line.command == "install" and not is_elsewhere(line, decision.settings)
    if not here and decision.request.installed is None:
        if certain:
            raise _not_beside(builds[0], decision)
        return partial(run, _words(line, decision))  # a file of theirs may lie there
    first = _first(line, decision) if here else []
    words = _words(line, decision)
    flags = [flag for one in builds for flag in one.flags]
    at = (line.command_at or 0) + 1
    words[at:at] = [one for one in dict.fromkeys(flags) if one not in words]
    dry = is_set(line, decision.settings, "dry-run")
    if first and not times(line, decision.settings, "quiet"):
        _tell(builds, dry=dry)
    return partial(_carried_out, first, [] if first and dry else words, builds, run)


def _carried_out(
    first: list[str], words: list[str], builds: tuple[FromSource, ...], run: Run
) -> int:
    """Run pip for what comes first, then for what is built, and return the exit status."""
    if first:
        status = once_more(run)(first)
        if status or not words:
            return status
    for one in builds:
        for name, _, value in (variable.partition("=") for variable in one.variables):
            os.environ.setdefault(name, value)
    return run(words)


def _words(line: CommandLine, decision: LineDecision) -> list[str]:
    """Return pip's argument list for the whole line, with copies of the files that change."""
    return words_of(for_this_run(line, decision), decision)


def _first(line: CommandLine, decision: LineDecision) -> list[str]:
    """Return pip's argument list for all else, and the tools; empty where that is nothing."""
    plan, typed = decision.plan, len(line.requirements)
    last = {one.at for one in plan.from_source}
    pins = plan.pins or decision.request.requirements
    kept = tuple(pin for at, pin in enumerate(pins) if at not in last or at >= typed)
    in_files = {id(decision.lines[at - typed]) for at in last if at >= typed}
    comments = [(one, "#") for one in decision.lines if id(one) in in_files]
    plan = replace(plan, status="ok", pins=kept, from_source=())
    changed = [(one, pin) for one, pin in decision.pins if id(one) not in in_files]
    others = replace(decision, plan=plan, pins=(*changed, *comments))
    copy = for_this_run(read_command_line(list(line.words)), others)
    left_out = {copy.requirements[at] for at in last if at < typed}
    copy = read_command_line([word for at, word in enumerate(copy.words) if at not in left_out])
    names = dict.fromkeys(tool for one in decision.plan.from_source for tool in one.tools)
    there = versions_of(names, line, decision.settings)
    tools = [name for name in names if name not in there]
    words = words_of(copy, others)
    adds = len(pins) > typed + len(decision.lines)
    has_more = copy.requirements or len(in_files) < len(decision.lines) or adds
    return [*words, *tools] if has_more or tools else []


def _tell(builds: tuple[FromSource, ...], *, dry: bool) -> None:
    names = ", ".join(one.package for one in builds)
    if dry:
        text = Phrase("pipcuda: {packages} would be built after that", packages=names)
    else:
        text = Phrase(
            "pipcuda: {packages} is built last, beside what is installed first", packages=names
        )
    err(said(text))


def _are_not_elsewhere(decision: LineDecision) -> bool:
    """Return whether nothing in force may have a file that is not known of."""
    known = catalogue.mirrors()
    return all(
        one.kind == WHEELS or mirror_of(one.url, known) is not None
        for one in decision.problem.addresses
    )


def _require_compiler(one: FromSource, decision: LineDecision) -> None:
    """Raise a GuardError where this machine has nothing to build a package with."""
    if not one.cuda or decision.problem.platform != this_platform():
        return
    toolkit = find_toolkits(os.environ, Path("/"), Path(sys.prefix)).building
    if toolkit is None:
        raise _cannot_build(
            one,
            Phrase("it takes nvcc of CUDA {cuda}, and there is none", cuda=one.cuda),
            Phrase("have nvcc of CUDA {cuda} on PATH, or in CUDA_HOME", cuda=one.cuda),
        )
    if toolkit.cuda and cuda_major(toolkit.cuda) != cuda_major(one.cuda):
        raise _cannot_build(
            one,
            Phrase(
                "it takes nvcc of CUDA {cuda}, and {folder} is CUDA {other}",
                cuda=one.cuda,
                folder=toolkit.folder,
                other=toolkit.cuda,
            ),
            Phrase("have nvcc of CUDA {cuda} on PATH, or in CUDA_HOME", cuda=one.cuda),
        )
    if sys.platform != "win32" and host_compiler(os.environ) is None:
        raise _cannot_build(one, "it takes a C++ compiler, and there is no g++", "have g++ on PATH")


def _cannot_build(one: FromSource, why: str, hint: str) -> GuardError:
    near = Phrase("pipcuda install {near} takes a file", near=one.near)
    return GuardError(
        Phrase("{package} cannot be built here; nothing was installed", package=one.package),
        why=why,
        hint=joined("; ", (near, hint)) if one.near else hint,
    )


def _not_beside(one: FromSource, decision: LineDecision) -> GuardError:
    lead = decision.catalogue.family.lead.pip
    version = decision.plan.packages.get(lead)
    named = f"{lead}=={version}" if version else lead
    return GuardError(
        Phrase("{package} cannot be built so; nothing was installed", package=one.package),
        why=Phrase("it is built beside {lead}, which is not installed", lead=lead),
        hint=Phrase("install that first: pipcuda install {named}", named=named),
    )


_NO, _ONLY = "no-binary", "only-binary"
_ALL, _NONE = ":all:", ":none:"


def require_wheels(line: CommandLine, decision: LineDecision) -> None:
    """Raise a UsageError where the wheels of a planned package are ruled out: it has no others."""
    there = decision.request.installed
    for package, number in decision.plan.packages.items():
        if there is not None and number == there.version:
            continue
        if _ruled_out(package, line, decision.settings):
            raise UsageError(
                Phrase("{package} has no source distribution", package=package),
                why=Phrase("{option} rules its wheels out", option=f"--{_NO}"),
                hint=Phrase("leave its wheels in: --only-binary {package}", package=package),
            )


def _ruled_out(package: str, line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Return whether pip would take no wheel of a package; a later option counts, as with pip."""
    used = [(name, settings.get(name, "")) for name in (_NO, _ONLY)]
    used += [
        (use.name[2:], use.value or "") for use in line.options if use.name[2:] in (_NO, _ONLY)
    ]
    named: dict[str, set[str]] = {_NO: set(), _ONLY: set()}
    for option, value in used:
        other = _ONLY if option == _NO else _NO
        for word in filter(None, value.split(",")):
            if word == _ALL:
                named = {option: {_ALL}, other: set()}
            elif word == _NONE:
                named[option].clear()
            else:
                named[option].add(canonicalize_name(word))
                named[other].discard(canonicalize_name(word))
    if package in named[_NO] or package in named[_ONLY]:
        return package in named[_NO]
    return _ALL in named[_NO] and _ALL not in named[_ONLY]
