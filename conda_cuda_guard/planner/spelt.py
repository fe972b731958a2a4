"""The decision for one family whose builds are told apart by how a requirement is spelt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import cuda_major, version

from .compatibility import MINOR_COMPATIBLE
from .explicit_variant import replaced
from .ranking import best_verdict
from .requirement import VariantWish
from .spelt_candidates import Candidate, candidates_of, judged
from .spelt_refusal import listed, none_allowed, nothing_fits_spelt

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue
    from conda_cuda_guard.model.spelling import SpeltBuild, SpeltFamily

    from .problem import Problem
    from .ranking import Verdict
    from .spelt_parse import Ask


@dataclass(frozen=True)
class SpeltChoice:
    """The build that was chosen for a family, or none.

    `asks` are its requirements, constraints among them; `texts` stand for them in the same order.
    `build` is None where the requirements are left as typed. `release` is the newest known one that
    the choice allows.
    """

    family: SpeltFamily
    asks: tuple[Ask, ...]
    texts: tuple[str, ...]
    build: SpeltBuild | None = None
    release: str = ""
    level: str | None = None
    notes: tuple[Note, ...] = ()

    @property
    def major(self) -> int | None:
        """The CUDA major version of the build."""
        return cuda_major(self.build.cuda) if self.build and self.build.cuda else None


@dataclass(frozen=True)
class SpeltRefusal:
    """Why no build of a family can be taken."""

    family: SpeltFamily
    asks: tuple[Ask, ...]
    notes: tuple[Note, ...]


def decide_spelt(
    family: SpeltFamily,
    asks: tuple[Ask, ...],
    problem: Problem,
    catalogue: Catalogue,
    major: int | None = None,
) -> SpeltChoice | SpeltRefusal:
    """Return what the requirements on a family become; with `major` of this CUDA version alone.

    The rules are those of contract, section 4: what does not run is never chosen, the newest
    release goes first, a variant that was typed is kept where it runs.
    """
    typed = [one for one in asks if not one.origin.is_bound]
    found = list(candidates_of(family, asks, problem, major))
    named = {id(build) for one in typed for build in one.named}
    wished = [one for one in found if id(one.build) in named]
    if problem.request.as_is or not typed:
        return _as_typed(family, asks)
    if not found:
        return SpeltRefusal(family, asks, (none_allowed(family, typed, problem, catalogue, major),))
    if problem.wants_cpu or problem.platform.startswith("macos"):
        return _for_the_cpu(family, asks, found, problem)
    if not problem.with_driver:
        return _as_typed(family, asks, _driver_fails(problem))
    of_cuda = [one for one in found if one.build.cuda is not None]
    verdicts = {id(one.as_build): one for one in of_cuda}
    notes: tuple[Note, ...] = ()
    best = best_verdict(judged(wished, problem, catalogue))
    if best is None:
        best = best_verdict(judged(of_cuda, problem, catalogue))
        if best is not None and named:
            other = major is not None and not wished
            notes = (_replaced(typed, wished, problem, catalogue, together=other),)
    if best is None:
        why = nothing_fits_spelt(
            family, typed, judged(of_cuda, problem, catalogue), problem, catalogue
        )
        return SpeltRefusal(family, asks, why)
    chosen = _chosen(family, asks, verdicts[id(best.build)], best)
    return replace(chosen, notes=(*notes, *chosen.notes))


def _chosen(
    family: SpeltFamily, asks: tuple[Ask, ...], one: Candidate, verdict: Verdict
) -> SpeltChoice:
    texts = tuple(
        ask.text if ask.origin.is_bound else ask.as_built(one.build, _bound(family, one, ask))
        for ask in asks
    )
    told = []
    if verdict.level == MINOR_COMPATIBLE and verdict.host is not None:
        facts = {
            "cuda": one.build.cuda or "",
            "host_cuda": verdict.host.cuda or "",
            "driver": verdict.host.driver or "",
        }
        told.append(Note("driver-minor-compatible", "warning", "", facts))
    held = _held_back(family, one, asks)
    if held is not None:
        told.append(held)
    return SpeltChoice(family, asks, texts, one.build, one.release, verdict.level, tuple(told))


def _bound(family: SpeltFamily, one: Candidate, ask: Ask) -> str:
    """Return the bound that keeps pip to a build where the same name has other builds too."""
    name = one.build.distribution(ask.stem)
    others = [
        build
        for build in family.builds
        if build is not one.build
        and (build.distribution(ask.stem), build.extra, build.index)
        == (name, one.build.extra, one.build.index)
    ]
    reachable = [
        number
        for build in others
        for number in build.known
        if number in build.releases and number in ask.allows and number not in one.build.releases
    ]
    if not any(version(number) > version(one.release or "0") for number in reachable):
        return ""
    upper = [part for part in str(one.build.releases).split(",") if not part.startswith(">")]
    return ",".join(upper)


def _held_back(family: SpeltFamily, one: Candidate, asks: tuple[Ask, ...]) -> Note | None:
    """Return a note where a newer release of the family does not run on the machine."""
    typed = [ask for ask in asks if not ask.origin.is_bound]
    newest = max(
        (
            number
            for build in family.builds
            for number in build.known
            if number in build.releases and all(number in ask.allows for ask in asks)
        ),
        key=version,
        default="",
    )
    if not newest or not one.release or version(newest) <= version(one.release):
        return None
    name = one.build.distribution(typed[0].stem)
    facts = {"package": name, "release": one.release, "newest": newest}
    return Note("held-back", "info", "family", facts)


def _as_typed(
    family: SpeltFamily, asks: tuple[Ask, ...], notes: tuple[Note, ...] = ()
) -> SpeltChoice:
    return SpeltChoice(family, asks, tuple(one.text for one in asks), notes=notes)


def _driver_fails(problem: Problem) -> tuple[Note, ...]:
    facts = {"failure": problem.driver_failure or ""}
    return (Note("driver-fails", "warning", "family", facts),)


def _for_the_cpu(
    family: SpeltFamily, asks: tuple[Ask, ...], found: list[Candidate], problem: Problem
) -> SpeltChoice | SpeltRefusal:
    """Return the CPU build where the CPU is meant; as typed where there is none (rule 8)."""
    cpu = next((one for one in found if one.build.cuda is None), None)
    named = next((one for one in asks if one.named), None)
    macos = problem.platform.startswith("macos")
    case = "macos" if macos else "asked" if problem.request.cpu else "no-driver"
    if cpu is None or (named is not None and case == "no-driver"):
        if case == "macos":
            return _as_typed(family, asks)
        facts = {"family": family.name, "asked": listed(asks)}
        if case == "asked":
            return SpeltRefusal(family, asks, (Note("no-variant-fits", "error", "no-cpu", facts),))
        return _as_typed(family, asks, (Note("no-driver", "warning", "family", facts),))
    notes = [Note("cpu-build-chosen", "info", case)]
    if case == "no-driver":
        notes = [Note("no-driver", "warning"), Note("cpu-build-chosen", "warning", case)]
    texts = tuple(
        ask.text if ask.origin.is_bound else ask.as_built(cpu.build, _bound(family, cpu, ask))
        for ask in asks
    )
    return SpeltChoice(family, asks, texts, cpu.build, cpu.release, None, tuple(notes))


def _replaced(
    typed: list[Ask],
    wished: list[Candidate],
    problem: Problem,
    catalogue: Catalogue,
    *,
    together: bool,
) -> Note:
    """Return the note that the variant which was typed is replaced, with the reason."""
    ask = next(one for one in typed if one.named)
    wish = VariantWish(ask.text)
    failed = next(judged(wished, problem, catalogue), None)
    if failed is not None and failed.reason:
        return replaced(wish, failed.reason, problem, failed)
    return replaced(wish, "together" if together else "absent", problem)
