"""What a request comes down to: the asks, the machines, and how much of them is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import Range, cuda_of

from .compatibility import complete
from .pip_parse import is_nightly, read_pip, url_wish
from .requirement import COMPANIONS, SELECTORS, TORCH, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue, Gpu, Host, Request

PINNED = (TORCH, *SELECTORS)


@dataclass(frozen=True)
class Problem:
    """A request, read: its asks in the order typed, its wish, and its machines completed.

    `pins` are the specs about torch and its CUDA that conda holds every solve to.
    """

    request: Request
    parsed: tuple[Requirement, ...]
    wish: VariantWish | None
    hosts: tuple[Host, ...]
    pins: tuple[Requirement, ...] = ()

    @property
    def named_index(self) -> str | None:
        """The index or page of one variant that is in force (`…/whl/cu118`), if there is one."""
        sources = self.request.sources
        wish = url_wish((*sources.index_urls, *sources.find_links))
        return wish.url if wish else None

    @property
    def is_pip(self) -> bool:
        """Whether pip is to carry it out."""
        return self.request.manager == "pip"

    @property
    def wants_cpu(self) -> bool:
        """Whether a CPU build is what is looked for, on purpose or for want of a driver."""
        wished = self.wish is not None and self.wish.cpu
        return self.request.cpu or wished or not self.with_driver

    @property
    def platform(self) -> str:
        """The platform, which all machines share."""
        return self.hosts[0].platform

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels in force, those that a spec names (`conda-forge::pytorch`) first."""
        named = (requirement.head.rpartition("::")[0] for requirement in self.family)
        return (*(name for name in named if name), *self.request.sources.channels)

    @cached_property
    def with_driver(self) -> tuple[Host, ...]:
        """The machines that have a driver; the others run any build, on their CPU."""
        return tuple(host for host in self.hosts if host.has_cuda)

    @cached_property
    def gpus(self) -> tuple[Gpu, ...]:
        """Every GPU that was found or named."""
        return tuple(gpu for host in self.hosts for gpu in host.gpus)

    @cached_property
    def pythons(self) -> frozenset[str]:
        """The Pythons that are installed into, as far as they are known."""
        return frozenset(host.python for host in self.hosts if host.python)

    def is_for(self, pythons: frozenset[str]) -> bool:
        """Tell whether files made for these Pythons (empty: not known) are for those here."""
        return not pythons or self.pythons <= pythons

    @property
    def gpus_unknown(self) -> bool:
        """Whether a machine with a driver has no GPU whose capability is known."""
        return any(not any(gpu.compute_capability for gpu in h.gpus) for h in self.with_driver)

    def of(self, *roles: str) -> tuple[Requirement, ...]:
        """Give the asks that have one of these roles."""
        return tuple(requirement for requirement in self.parsed if requirement.role in roles)

    @property
    def family(self) -> tuple[Requirement, ...]:
        """The asks that name torch or a companion."""
        return self.of(TORCH, *COMPANIONS)


def read_problem(request: Request, catalogue: Catalogue) -> Problem:
    """Read a request's requirements and complete its machines."""
    hosts = tuple(complete(host, catalogue.drivers) for host in request.hosts)
    if request.manager == "pip":
        first = hosts[0]
        parsed = tuple(read_pip(one, first.platform, first.python) for one in request.requirements)
        return Problem(request, parsed, _wish(parsed, request), hosts)
    from .conda_parse import read_conda  # late: pip's side need not load it

    parsed = tuple(read_conda(text) for text in request.requirements)
    pins = tuple(
        requirement
        for requirement in map(read_conda, request.sources.pins)
        if requirement.role in PINNED
    )
    return Problem(request, parsed, _wish(parsed, request), hosts, pins)


def _wish(parsed: Iterable[Requirement], request: Request) -> VariantWish | None:
    """Find the variant that was named: by --variant, a label or build, a selector, then a URL."""
    if request.variant is not None:
        cuda, text = cuda_of(request.variant), f"--variant {request.variant}"
        return (
            VariantWish(text, cuda=Range((f"=={cuda}",))) if cuda else VariantWish(text, cpu=True)
        )
    named = sorted(
        (requirement for requirement in parsed if requirement.wish is not None),
        key=lambda requirement: (requirement.role in SELECTORS, requirement.role != TORCH),
    )
    if named:
        return _narrowest(
            [requirement.wish for requirement in named if requirement.wish is not None]
        )
    urls = (*request.sources.index_urls, *request.sources.find_links)
    return None if is_nightly(urls) else url_wish(urls)


def _narrowest(wishes: list[VariantWish]) -> VariantWish:
    """Prefer the wish that names a CUDA version: `pytorch-gpu cuda-version=12.6` means 12.6."""
    return next((w for w in wishes if w.cpu or not w.cuda.is_any), wishes[0])


def restrictions(problem: Problem, severity: str) -> tuple[Note, ...]:
    """Tell of the restrictions that a plan was made under, or could not be made under."""
    notes = []
    if problem.pins:
        pins = " ".join(pin.text for pin in problem.pins)
        notes.append(Note("pinned-spec", severity, "", {"pins": pins}))
    forbidden = problem.request.sources.forbidden
    if forbidden:
        names = ", ".join(sorted(forbidden))
        notes.append(Note("channel-forbidden", severity, "", {"channels": names}))
    return tuple(notes)
