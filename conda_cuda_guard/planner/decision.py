"""The decision of contract section 4, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from conda_cuda_guard.model import Note

from .candidates import find_candidates
from .compatibility import MINOR_COMPATIBLE
from .explicit_variant import contradicted, granted, replaced, why_not
from .ranking import Verdict, best_verdict, judge
from .refusal import ERROR, nothing_exists, nothing_fits

if TYPE_CHECKING:
    from collections.abc import Callable

    from conda_cuda_guard.model import Build, Catalogue, Release

    from .candidates import Candidates
    from .problem import Problem
    from .requirement import VariantWish


@dataclass(frozen=True)
class Choice:
    """The build that is taken, the release it is of, and what there is to say about it."""

    build: Build
    release: Release
    level: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Refused:
    """Nothing is installed, for these reasons."""

    notes: tuple[Note, ...]


Decision = Union[Choice, Refused]


def decide(situation: Problem, catalogue: Catalogue) -> Decision:
    """Choose a build for the request, or refuse it with reasons."""
    stock = find_candidates(situation, catalogue)
    if not stock.builds:
        return Refused(nothing_exists(situation, catalogue, stock))
    wish = situation.wish
    if situation.request.cpu:
        notes = [replaced(wish, "cpu-asked", situation)] if wish and not wish.cpu else []
        return _cpu(situation, catalogue, stock, *notes, Note("cpu-build-chosen", "info", "asked"))
    if situation.platform.startswith("macos"):
        return _on_macos(situation, catalogue, stock)
    if not situation.with_driver:
        return _without_driver(situation, catalogue, stock)
    if wish is not None and wish.cpu:
        note = Note("cpu-build-chosen", "warning", "wished", {"wish": wish.text})
        return _cpu(situation, catalogue, stock, note)
    if wish is not None:
        return _wished(wish, situation, catalogue, stock)
    return _first(_cuda, situation, catalogue, stock)


def _first(
    kind: Callable[[tuple[Build, ...]], tuple[Build, ...]],
    situation: Problem,
    catalogue: Catalogue,
    stock: Candidates,
    *notes: Note,
) -> Decision:
    """Take the best of a kind of builds: of the source in use, or of pip's others if none fits."""
    decision = _take(kind(stock.builds), situation, catalogue, stock, *notes)
    if situation.is_pip and stock.others and isinstance(decision, Refused):
        elsewhere = _take(kind(stock.others), situation, catalogue, stock, *notes)
        return elsewhere if isinstance(elsewhere, Choice) else decision
    return decision


def _take(
    builds: tuple[Build, ...],
    situation: Problem,
    catalogue: Catalogue,
    stock: Candidates,
    *notes: Note,
) -> Decision:
    """Take the best of the builds that fit every machine."""
    verdicts = [judge(build, situation, catalogue) for build in builds]
    chosen = best_verdict(verdicts)
    if chosen is None:
        return Refused(nothing_fits(situation, catalogue, stock, verdicts))
    release = next(r for r in stock.paired if r.version == chosen.build.release)
    told = (*notes, *contradicted(chosen.build, situation), *_about(chosen, situation))
    return Choice(chosen.build, release, chosen.level, told)


def _about(chosen: Verdict, situation: Problem) -> tuple[Note, ...]:
    """Tell what the choice rests on: minor-version compatibility, or GPUs that nobody saw."""
    notes = []
    if chosen.level == MINOR_COMPATIBLE and chosen.host is not None:
        facts = {
            "cuda": chosen.build.cuda or "",
            "host_cuda": chosen.host.cuda or "",
            "driver": chosen.host.driver or "",
        }
        notes.append(Note("driver-minor-compatible", "warning", "", facts))
    if chosen.build.cuda and situation.gpus_unknown:
        notes.append(Note("no-gpu-known", "info"))
    return tuple(notes)


def _cpu(situation: Problem, catalogue: Catalogue, stock: Candidates, *notes: Note) -> Decision:
    return _first(_of_cpu, situation, catalogue, stock, *notes)


def _of_cpu(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    return tuple(build for build in builds if build.cuda is None)


def _cuda(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    return tuple(build for build in builds if build.cuda is not None)


def _on_macos(situation: Problem, catalogue: Catalogue, stock: Candidates) -> Decision:
    wish = situation.wish
    if wish is not None and not wish.cpu:
        return _cpu(situation, catalogue, stock, replaced(wish, "macos", situation))
    return _cpu(situation, catalogue, stock, Note("cpu-build-chosen", "info", "macos"))


def _without_driver(situation: Problem, catalogue: Catalogue, stock: Candidates) -> Decision:
    """Rule 8: pip gets the CPU build with a warning, conda and a named GPU a refusal."""
    wish = situation.wish
    if wish is not None and wish.cpu:
        return _cpu(situation, catalogue, stock, Note("cpu-build-chosen", "info", "asked"))
    if situation.gpus:
        names = ", ".join(gpu.name or gpu.compute_capability or "" for gpu in situation.gpus)
        return Refused((Note("no-driver", ERROR, "gpu-named", {"gpus": names}),))
    if not situation.is_pip:
        return Refused((Note("no-driver", ERROR, "conda"),))
    if wish is not None:
        meant = granted(wish, stock)
        if meant:
            note = Note("no-driver", "warning", "wish-kept", {"wish": wish.text})
            return _take(meant, situation, catalogue, stock, note)
        absent = why_not(wish, (), situation, catalogue)
        return _cpu(situation, catalogue, stock, absent, Note("no-driver", "warning"))
    notes = (Note("no-driver", "warning"), Note("cpu-build-chosen", "warning", "no-driver"))
    return _cpu(situation, catalogue, stock, *notes)


def _wished(
    wish: VariantWish, situation: Problem, catalogue: Catalogue, stock: Candidates
) -> Decision:
    """Rule 6: keep the wish where it fits; otherwise replace it and say what was wrong."""
    meant = granted(wish, stock)
    if best_verdict(judge(build, situation, catalogue) for build in meant) is not None:
        return _take(meant, situation, catalogue, stock)
    note = why_not(wish, meant, situation, catalogue)
    return _first(_cuda, situation, catalogue, stock, note)
