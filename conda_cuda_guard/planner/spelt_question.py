"""A question about one spelt family, and its answers: a choice of a build, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from conda_cuda_guard.model import cuda_major, cuda_of, joined
from conda_cuda_guard.model.addresses import place
from conda_cuda_guard.model.spelling import CUDA_EXACT, CUDA_MAJOR, CUDNN_MAJOR

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Note, SpeltBuild, SpeltFamily
    from conda_cuda_guard.model.addresses import Place

    from .problem import Problem
    from .spelt_parse import Ask


@dataclass(frozen=True)
class Shared:
    """What the rest of a request has already, which builds must agree with; None leaves it open.

    `major` is CUDA's major version, `cuda` the version of CUDA that the lead is built for, `cudnn`
    the major version of cuDNN.
    """

    major: int | None = None
    cuda: str | None = None
    cudnn: str | None = None

    def admits(self, build: SpeltBuild, family: SpeltFamily) -> bool:
        """Return whether a build agrees in what its family shares with others."""
        if build.cuda is None:
            return True
        shares = family.shares
        if self.major and CUDA_MAJOR in shares and cuda_major(build.cuda) != self.major:
            return False
        if self.cuda and CUDA_EXACT in shares and build.cuda != self.cuda:
            return False
        both = self.cudnn is not None and build.cudnn is not None and CUDNN_MAJOR in shares
        return not both or build.cudnn == self.cudnn


ALONE = Shared()


@dataclass(frozen=True)
class SpeltQuestion:
    """What is asked of one family, where, and what it has to agree with.

    `asks` are its requirements, constraints among them.
    """

    family: SpeltFamily
    asks: tuple[Ask, ...]
    problem: Problem
    catalogue: Catalogue
    shared: Shared = ALONE

    @cached_property
    def typed(self) -> tuple[Ask, ...]:
        """The requirements that ask for it, those that only bound others left out."""
        return tuple(one for one in self.asks if not one.origin.is_bound)

    @cached_property
    def named(self) -> tuple[SpeltBuild, ...]:
        """The builds that were named: by --variant, else by a name, an extra, a label, an index."""
        wanted = cuda_of(self.problem.request.variant or "")
        if wanted is None:
            named = tuple(build for one in self.typed for build in one.named)
            return named or tuple(filter(self.is_wished, self.family.cuda_builds))
        builds = [(one, one.cuda or "") for one in self.family.cuda_builds]
        exact = tuple(one for one, cuda in builds if cuda == wanted)
        major = cuda_major(wanted)
        return exact or tuple(one for one, cuda in builds if cuda_major(cuda) == major)

    @cached_property
    def _places(self) -> frozenset[Place]:
        return frozenset(map(place, self.problem.urls))

    def is_wished(self, build: SpeltBuild) -> bool:
        """Return whether an index in force has a build, and none for another CUDA major version."""
        if not build.index or place(build.index) not in self._places:
            return False
        there = (one for one in self.family.cuda_builds if one.index == build.index)
        return len({cuda_major(one.cuda or "0") for one in there}) == 1

    def bounds_on(self, ask: Ask, name: str) -> tuple[Ask, ...]:
        """Return what only bounds a requirement: constraints on its bare name, or on a name."""
        return tuple(
            one
            for one in self.asks
            if one.origin.is_bound and one.stem == ask.stem and one.package in (ask.stem, name)
        )

    def allows(self, number: str, ask: Ask, build: SpeltBuild) -> bool:
        """Return whether a requirement allows a version of a build, under what bounds it."""
        bounds = self.bounds_on(ask, build.distribution(ask.stem))
        return all(number in one.allows for one in (*self.beside(ask), *bounds))

    def beside(self, ask: Ask) -> tuple[Ask, ...]:
        """Return the requirements on the package of one, that one among them."""
        return tuple(one for one in self.typed if one.stem == ask.stem)

    @property
    def served(self) -> str:
        """The index of another project that is in force and has its packages; empty without one."""
        served = self.catalogue.served
        of_all = [served.get(one.package, "") for one in self.typed]
        return of_all[0] if all(of_all) and not self.named else ""

    @property
    def listed(self) -> str:
        """What is asked for, in one line, with what bounds it and where that is said."""
        bounds = [one for one in self.asks if one.origin.is_bound and one.specifier]
        where = [self.problem.requirements[one.at].described for one in bounds]
        stems = {one.stem for one in bounds}
        typed = (one for one in self.typed if one.stem not in stems or one.text != one.stem)
        return joined(" ", (*(one.text for one in typed), *where))

    @property
    def names(self) -> str:
        """The names of the packages that are asked for."""
        return ", ".join(dict.fromkeys(one.name for one in self.typed))

    def anywhere(self) -> SpeltQuestion:
        """Return the same question about any Python, for advice."""
        hosts = tuple(replace(host, python=None) for host in self.problem.hosts)
        return replace(self, problem=replace(self.problem, hosts=hosts))

    def with_any_libc(self) -> SpeltQuestion:
        """Return the same question about a system with any C library, for advice."""
        hosts = tuple(replace(host, libc=None) for host in self.problem.hosts)
        return replace(self, problem=replace(self.problem, hosts=hosts))

    def of_any_version(self) -> SpeltQuestion:
        """Return the same question with every version allowed, for advice."""
        asks = (one if one.origin.is_bound else replace(one, specifier="") for one in self.asks)
        return replace(self, asks=tuple(asks))


@dataclass(frozen=True)
class SpeltChoice:
    """The build that was chosen for a family, or none.

    `texts` stand for the requirements of its question, in the same order. `build` is None where
    they are left as typed. `release` is the newest known one that all of them allow.
    """

    question: SpeltQuestion
    texts: tuple[str, ...]
    build: SpeltBuild | None = None
    release: str = ""
    level: str | None = None
    notes: tuple[Note, ...] = ()

    @property
    def family(self) -> SpeltFamily:
        """The family."""
        return self.question.family

    @property
    def cuda(self) -> str | None:
        """The CUDA version of the build; None for one for the CPU."""
        return self.build.cuda if self.build else None

    @property
    def cudnn(self) -> str | None:
        """The major version of cuDNN that the build loads."""
        return self.build.cudnn if self.build else None


@dataclass(frozen=True)
class SpeltRefusal:
    """Why no build of a family can be taken."""

    question: SpeltQuestion
    note: Note

    @property
    def family(self) -> SpeltFamily:
        """The family."""
        return self.question.family

    @property
    def notes(self) -> tuple[Note, ...]:
        """The reason."""
        return (self.note,)


def left_as_typed(question: SpeltQuestion, *notes: Note) -> SpeltChoice:
    """Return the choice that leaves the requirements as they are."""
    return SpeltChoice(question, tuple(one.text for one in question.asks), notes=notes)
