"""What a matrix is about: torch, a package that belongs to its releases, or another family."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PLATFORMS, Phrase, Request, UsageError, quoted
from conda_cuda_guard.planner.built_files import read_built_asks
from conda_cuda_guard.planner.matrix import make_matrix
from conda_cuda_guard.planner.pip_parse import name_of, read_pip
from conda_cuda_guard.planner.requirement import LEAD, MEMBER
from conda_cuda_guard.planner.spelt_parse import read_asks
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.index_questions import packages_of

from .checking import check_requirement, closest
from .deciding import heard, problem_of, request_for

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host
    from conda_cuda_guard.planner.matrix import Matrix

    from .command_line import CommandLine
    from .deciding import Circumstances

EXAMPLE = "pipcuda matrix 2.1, or pipcuda matrix 'torch>=2.4'"
PLAIN = re.compile(r"v?\d+(\.\d+)*(\.?(post|rc|a|b|dev)\d+)*(\+\w+)?")
_NAME = re.compile(r"[A-Za-z][\w.-]*")
_MINOR = 2  # numbers in `2.1`, which stands for all of its patches
SPELT, BUILT = "spelt", "built"


@dataclass(frozen=True)
class Subject:
    """A requirement whose releases a matrix shows, and of what kind its package is.

    `kind` is the planner's LEAD or MEMBER, SPELT or BUILT; `package` is the normalized name.
    """

    requirement: str
    kind: str
    package: str

    @property
    def is_bounded(self) -> bool:
        """Whether it names versions: each of these is then shown."""
        return bool(Requirement(self.requirement).specifier)

    @property
    def example(self) -> str:
        """A command that shows releases of the package."""
        return EXAMPLE if self.kind == LEAD else f"pipcuda matrix {self.package}"

    def matrix(self, line: CommandLine, around: Circumstances, *, every_patch: bool) -> Matrix:
        """Return the matrix for a line, of what the indexes in use have."""
        request = request_for((self.requirement,), line, around)
        problem = problem_of(request)
        there = heard(problem, line, around.overrides, packages=packages_of(problem))
        if self.kind == SPELT:
            from conda_cuda_guard.planner.matrix_spelt import make_spelt_matrix

            return make_spelt_matrix(request, there, every_patch=every_patch)
        known = [build for name in PLATFORMS for build in from_catalogue("pip", name).builds]
        if self.kind == BUILT:
            from conda_cuda_guard.planner.matrix_built import make_built_matrix

            return make_built_matrix(request, there, known, every_patch=every_patch)
        if self.kind == LEAD:
            return make_matrix(request, there, known, every_patch=every_patch)
        from conda_cuda_guard.planner.matrix_follower import make_follower_matrix

        return make_follower_matrix(self.package, request, there, known, every_patch=every_patch)

    def newest(self, line: CommandLine, around: Circumstances) -> str:
        """Return the newest release of the package, whatever was asked for."""
        rows = replace(self, requirement=self.package).matrix(line, around, every_patch=False).rows
        return rows[0].release if rows else "?"


def subject_of(text: str, why: str, host: Host) -> Subject:
    """Return what a SPEC, and the release that --why names, are about.

    A version or a range without a name is one of the lead.
    """
    lead = catalogue.family().lead.pip
    if why:
        if text and not _NAME.fullmatch(text):
            raise UsageError("--why names its release itself", hint=f"pipcuda matrix --why {why}")
        if canonicalize_name(text) not in catalogue.names().built:  # of these --why names a torch
            text = (text or lead) + _versions(why)
    elif not text or not text[0].isalpha() or PLAIN.fullmatch(text):
        text = lead + (_versions(text) if PLAIN.fullmatch(text) else text)
    ask = read_pip(text, host.platform, host.python, catalogue.family())
    if ask.kind in (LEAD, MEMBER) and not ask.unread:
        if ask.wish is not None:
            raise _names_build(text, ask.package)
        return Subject(text, ask.kind, ask.package)
    return _built(text, host) or _spelt(text, host)


def _versions(text: str) -> str:
    """Return the specifier that a version stands for."""
    is_minor = text.count(".") < _MINOR and "+" not in text
    return f"=={text}" + (".*" if is_minor else "")


def _names_build(text: str, package: str) -> UsageError:
    """Return the error of a requirement of one build, with the command that tells of it."""
    words = [] if package == catalogue.family().lead.pip else [package]
    return UsageError(
        Phrase("{requirement} names one build, and the matrix shows releases", requirement=text),
        hint=quoted(["pipcuda", "matrix", *words, "--why", text.rpartition("=")[2].strip()]),
    )


def _built(text: str, host: Host) -> Subject | None:
    """Return the subject of a package that is built against the lead; None for any other."""
    problem = problem_of(Request("pip", (text,), (host,)))
    ask = next(iter(read_built_asks(problem, catalogue.built_families())), None)
    if ask is None:
        return None
    if not ask.family.has_files_of(ask.package):
        raise UsageError(
            Phrase("{package} has no builds to choose among", package=ask.package),
            why="it is built from source, for whichever torch is there",
            hint=f"pipcuda plan {ask.package}",
        )
    return Subject(text, BUILT, ask.package)


def _spelt(text: str, host: Host) -> Subject:
    """Return the subject of a package of another family; raise a UsageError for what is none."""
    request = Request("pip", (text,), (host,))
    asks = read_asks(problem_of(request), from_catalogue("pip", host.platform).spelt)
    if not asks:
        raise _unknown(text)
    if not asks[0].family.builds:
        raise UsageError(
            Phrase("{package} has no builds to choose among", package=asks[0].package),
            why=Phrase("use {instead}", instead=asks[0].family.ended)
            if asks[0].family.ended
            else "its one file is for every machine",
            hint=f"pipcuda install {asks[0].family.ended or asks[0].package}",
        )
    return Subject(text, SPELT, asks[0].package)


def _unknown(text: str) -> UsageError:
    """Return the error of a text that names no package with CUDA builds; raise that of no text."""
    lead = catalogue.family().lead.pip
    check_requirement(text)
    name = name_of(text)
    if name in ("", lead):
        return UsageError(
            Phrase("{text} names no releases of {package}", text=text, package=lead),
            why="a matrix shows the builds for CUDA and for the CPU",
            hint=EXAMPLE,
        )
    names = catalogue.names()
    known = catalogue.family().by_conda_name.get(name)  # conda's name of it
    meant = known.package if known else None
    meant = meant or closest(name, [*names.lead, *names.spelt, *names.built])
    return UsageError(
        Phrase("there is no matrix of {name}", name=name),
        why="no CUDA builds of it are known",
        hint=f"pipcuda matrix {meant}" if meant else EXAMPLE,
    )
