"""The problem: what a decision needs of a request, parsed once and frozen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.model import Note, Origin
from conda_cuda_guard.model.addresses import heard_dead

from .address_kind import classify, url_wish
from .compatibility import complete_host
from .lead_asked import bound_by_places, lead_to_build_against
from .pip_parse import accelerator_of, is_meant, name_of, read_pip
from .requirement import ADDRESS, LEAD, MEMBER, OTHER, SELECTOR, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Build, Catalogue, Family, Gpu, Host, Plan, Request, Wheel

    from .address_kind import Address


@dataclass(frozen=True)
class Problem:
    """A parsed request: its requirements in the order typed, the variant named, its machines.

    `family` is the one asked for. `pins` are the specs of conda's pinned packages that concern its
    lead or its CUDA version.
    """

    request: Request
    family: Family
    requirements: tuple[Requirement, ...]
    wish: VariantWish | None
    hosts: tuple[Host, ...]
    pins: tuple[Requirement, ...] = ()

    @property
    def named_index(self) -> str | None:
        """The index or page of one variant that is in force (`…/whl/cu118`), if there is one."""
        wish = url_wish(self.urls, self.family, self.request.sources.foreign)
        return wish.url if wish else None

    @property
    def urls(self) -> tuple[str, ...]:
        """The indexes and pages in force."""
        return (*self.request.sources.index_urls, *self.request.sources.find_links)

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """What each of the indexes and pages in force is."""
        foreign = self.request.sources.foreign
        return tuple(classify(url, self.family, foreign) for url in self.urls)

    @cached_property
    def accelerator(self) -> str:
        """The other accelerator (`rocm6.2`) that a build named on the line is for, if one is."""
        if not self.is_pip:
            return ""
        names = self.family.pip_names
        found = (accelerator_of(o.text, names) for o in self.requirements if o.kind == OTHER)
        return next(filter(None, found), "")

    @cached_property
    def library(self) -> tuple[Requirement, str] | None:
        """The requirement that holds one of the lead's libraries to a version, and its CUDA."""
        if not self.is_pip:
            return None
        names = self.family.libraries
        first = self.hosts[0]
        for one in self.of(OTHER):
            if name_of(one.text) in names and is_meant(one.text, first.platform, first.python):
                found = _EXACT.search(one.text)
                if found is not None:
                    return one, found[1]
        return None

    @property
    def is_pip(self) -> bool:
        """Whether the manager is pip."""
        return self.request.manager == "pip"

    @property
    def wants_cpu(self) -> bool:
        """Whether a CPU build is wanted: as asked, or because there is no driver."""
        wished = self.wish is not None and self.wish.cpu
        return self.request.cpu or wished or not (self.with_driver or self.driver_failure)

    @property
    def platform(self) -> str:
        """The platform, which all machines share."""
        return self.hosts[0].platform

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels in force, those that a spec names (`conda-forge::pytorch`) first."""
        named = (requirement.channel for requirement in self.asked)
        return (*(name for name in named if name), *self.request.sources.channels)

    @cached_property
    def with_driver(self) -> tuple[Host, ...]:
        """The machines that have a driver; the others run any build, on their CPU."""
        return tuple(host for host in self.hosts if host.has_cuda)

    @property
    def driver_failure(self) -> str | None:
        """The error of a driver that is present and fails, of the first machine that has one."""
        return next((host.driver_failure for host in self.hosts if host.driver_failure), None)

    @property
    def without_its_gpu(self) -> tuple[Note, ...]:
        """The note on the first machine whose driver runs and does not give its GPU."""
        facts = (
            {"driver": host.driver or "", "failure": host.gpu_failure}
            for host in self.hosts
            if host.gpu_failure
        )
        return tuple(Note("driver-gives-no-gpu", "warning", "", one) for one in facts)[:1]

    @cached_property
    def gpus(self) -> tuple[Gpu, ...]:
        """Every GPU that was found or named."""
        return tuple(gpu for host in self.hosts for gpu in host.gpus)

    @cached_property
    def pythons(self) -> frozenset[str]:
        """The Python versions of the target environments, as far as they are known."""
        return frozenset(host.python for host in self.hosts if host.python)

    def dead(self, url: str) -> tuple[str, str] | None:
        """Return the problem of a family's address that is not available; None without one."""
        return heard_dead(url, self.request.sources.dead)

    def is_for(self, file: Build | Wheel) -> bool:
        """Return whether a build or file is for the platform, Python and C library of all hosts."""
        return all(file.is_for(host) for host in self.hosts)

    def has_libc(self, build: Build) -> bool:
        """Return whether every host has the C library that a build's files ask for."""
        return all(host.has_libc(build.libc) for host in self.hosts)

    @property
    def gpus_unknown(self) -> bool:
        """Whether a machine with a driver has no GPU whose capability is known."""
        return any(not any(gpu.compute_capability for gpu in h.gpus) for h in self.with_driver)

    def of(self, *kinds: str) -> tuple[Requirement, ...]:
        """Return the requirements of these kinds."""
        return tuple(one for one in self.requirements if one.kind in kinds)

    @property
    def asked(self) -> tuple[Requirement, ...]:
        """The requirements that name the family's lead or a companion."""
        return self.of(LEAD, MEMBER)

    def on(self, package: str, *, bounds_only: bool = False) -> tuple[Requirement, ...]:
        """Return everything that bounds a package's version: requirements, constraints, pins.

        With `bounds_only` only what is in force whatever is typed: constraints and pins.
        """
        everything = (one for one in (*self.requirements, *self.pins) if one.package == package)
        return tuple(one for one in everything if one.origin.is_bound or not bounds_only)

    def name_of(self, package: str) -> str:
        """Return the manager's name of a package, given its name on pip."""
        return package if self.is_pip else self.family.member(package).conda

    @property
    def lead_name(self) -> str:
        """The manager's name of the lead."""
        return self.family.lead_name(self.request.manager)

    @cached_property
    def companions(self) -> tuple[str, ...]:
        """The companions that are asked for, by their names on pip, in the order typed."""
        return tuple(dict.fromkeys(one.package for one in self.of(MEMBER)))


# Returns the plan for the family whose lead decides.
PlanLead = Callable[[Problem, "Catalogue"], "Plan"]


def read_problem(request: Request, catalogue: Catalogue) -> Problem:
    """Return a request's problem: requirements parsed, machines completed."""
    hosts = tuple(complete_host(host, catalogue.drivers) for host in request.hosts)
    if request.manager == "pip":
        first = hosts[0]
        family = catalogue.family
        parsed = tuple(
            read_pip(text, first.platform, first.python, family) for text in request.requirements
        )
        parsed = _without_brought(tuple(_with_origins(parsed, request)), request, family)
        parsed = (*parsed, *bound_by_places(parsed, request, catalogue))
        parsed = (*parsed, *lead_to_build_against(parsed, request, catalogue))
        return Problem(request, family, parsed, _wish(parsed, request, family), hosts)
    from .conda_parse import read_conda  # late: pip's side need not load it

    family = catalogue.family
    parsed = tuple(read_conda(text, family) for text in request.requirements)
    parsed = tuple(_with_origins(parsed, request))
    pins = tuple(
        replace(pin, origin=Origin("pin"))
        for pin in (read_conda(text, family) for text in request.sources.pins)
        if pin.kind in (LEAD, SELECTOR)
    )
    wish = _wish(parsed, request, family)
    return Problem(request, family, parsed, wish, hosts, pins)


def _without_brought(
    parsed: tuple[Requirement, ...], request: Request, family: Family
) -> tuple[Requirement, ...]:
    """Return requirements in which what the lead brings is another package where no lead is.

    It works without one (triton), so none is added.
    """
    ours = [
        one for one in parsed if one.kind in (LEAD, MEMBER, ADDRESS) and not one.origin.is_bound
    ]
    alone = all(one.kind == MEMBER and family.member(one.package).brought for one in ours)
    if not alone or request.installed is not None:
        return parsed
    return tuple(
        Requirement(one.text, origin=one.origin) if one.kind != OTHER and ours else one
        for one in parsed
    )


# The CUDA version in that of one of its libraries: `12.4` of `==12.4.127`.
_EXACT = re.compile(r"={2,3}\s*(\d+\.\d+)\.(?:\d|\*)")


def _with_origins(parsed: Iterable[Requirement], request: Request) -> Iterator[Requirement]:
    for requirement, origin in zip_longest(parsed, request.origins):
        yield replace(requirement, origin=origin) if origin else requirement


def _wish(parsed: Iterable[Requirement], request: Request, family: Family) -> VariantWish | None:
    """Return the variant named: by --variant, a label or build string, a selector, or a URL."""
    if request.variant is not None:
        return VariantWish.of(f"--variant {request.variant}", request.variant)
    named = sorted(
        (requirement for requirement in parsed if requirement.wish is not None),
        key=lambda one: (one.origin.kind != "address", one.kind == SELECTOR, one.kind != LEAD),
    )
    if named:
        return _narrowest(
            [requirement.wish for requirement in named if requirement.wish is not None]
        )
    sources = request.sources
    return url_wish((*sources.index_urls, *sources.find_links), family, sources.foreign)


def _narrowest(wishes: list[VariantWish]) -> VariantWish:
    """Return the wish that names a CUDA version: `pytorch-gpu cuda-version=12.6` means 12.6."""
    return next((w for w in wishes if w.cpu or not w.cuda.is_any), wishes[0])


def restrictions(problem: Problem, severity: str, channels: Iterable[str] = ()) -> tuple[Note, ...]:
    """Return notes on conda's restrictions in force: pinned specs and forbidden channels.

    The channels in question are those of the family where none are named.
    """
    notes = []
    if problem.pins:
        pins = " ".join(pin.text for pin in problem.pins)
        notes.append(Note("pinned-spec", severity, "", {"pins": pins}))
    wanted = tuple(channels) or problem.family.conda.channels
    forbidden = problem.request.sources.forbidden.intersection(wanted)
    if forbidden:
        names = ", ".join(sorted(forbidden))
        notes.append(Note("channel-forbidden", severity, "", {"channels": names}))
    return tuple(notes)
