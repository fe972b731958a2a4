"""The decision of contract section 4, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from conda_cuda_guard.model import Note

from .choose import Verdict, best, judge
from .driver import MINOR_COMPATIBLE
from .refusal import ERROR, nothing_exists, nothing_fits
from .supply import supply

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue, Release

    from .asking import Wish
    from .situation import Situation
    from .supply import Supply


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


def decide(situation: Situation, catalogue: Catalogue) -> Decision:
    """Choose a build for the request, or refuse it with reasons."""
    stock = supply(situation, catalogue)
    if not stock.builds:
        return Refused(nothing_exists(situation, catalogue, stock))
    wish = situation.wish
    if situation.request.cpu:
        return _cpu(situation, catalogue, stock, Note("cpu-build-chosen", "info", "asked"))
    if situation.platform.startswith("macos"):
        return _on_macos(situation, catalogue, stock)
    if not situation.drivers:
        return _without_driver(situation, catalogue, stock)
    if wish is not None and wish.cpu:
        note = Note("cpu-build-chosen", "warning", "wished", {"wish": wish.text})
        return _cpu(situation, catalogue, stock, note)
    if wish is not None:
        return _wished(wish, situation, catalogue, stock)
    return _take(_cuda(stock.builds), situation, catalogue, stock)


def _take(
    builds: tuple[Build, ...],
    situation: Situation,
    catalogue: Catalogue,
    stock: Supply,
    *notes: Note,
) -> Decision:
    """Take the best of the builds that fit every machine."""
    verdicts = [judge(build, situation, catalogue) for build in builds]
    chosen = best(verdicts)
    if chosen is None:
        return Refused((*nothing_fits(situation, catalogue, stock, verdicts), *notes))
    release = next(r for r in stock.paired if r.version == chosen.build.release)
    told = (*notes, *_about(chosen, situation))
    return Choice(chosen.build, release, chosen.level, told)


def _about(chosen: Verdict, situation: Situation) -> tuple[Note, ...]:
    """Tell what the choice rests on: minor-version compatibility, or GPUs that nobody saw."""
    notes = []
    host = next(iter(situation.drivers), None)
    if chosen.level == MINOR_COMPATIBLE and host is not None:
        facts = {
            "cuda": chosen.build.cuda or "",
            "host_cuda": host.cuda or "",
            "driver": host.driver or "",
        }
        notes.append(Note("driver-minor-compatible", "warning", "", facts))
    if chosen.build.cuda and situation.gpus_unknown:
        notes.append(Note("no-gpu-known", "info"))
    return tuple(notes)


def _cpu(situation: Situation, catalogue: Catalogue, stock: Supply, *notes: Note) -> Decision:
    builds = tuple(build for build in stock.builds if build.cuda is None)
    return _take(builds, situation, catalogue, stock, *notes)


def _cuda(builds: tuple[Build, ...]) -> tuple[Build, ...]:
    return tuple(build for build in builds if build.cuda is not None)


def _on_macos(situation: Situation, catalogue: Catalogue, stock: Supply) -> Decision:
    wish = situation.wish
    if wish is not None and not wish.cpu:
        note = Note("explicit-variant-replaced", "warning", "macos", {"wish": wish.text})
        return _cpu(situation, catalogue, stock, note)
    return _cpu(situation, catalogue, stock, Note("cpu-build-chosen", "info", "macos"))


def _without_driver(situation: Situation, catalogue: Catalogue, stock: Supply) -> Decision:
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
        granted = _granted(wish, stock.builds)
        note = Note("no-driver", "warning", "wish-kept", {"wish": wish.text})
        if granted:
            return _take(granted, situation, catalogue, stock, note)
        replaced = _replaced(wish, "absent", situation, None)
        return _cpu(situation, catalogue, stock, replaced, Note("no-driver", "warning"))
    notes = (Note("no-driver", "warning"), Note("cpu-build-chosen", "warning", "no-driver"))
    return _cpu(situation, catalogue, stock, *notes)


def _wished(wish: Wish, situation: Situation, catalogue: Catalogue, stock: Supply) -> Decision:
    """Rule 6: keep the wish where it fits; otherwise replace it and say what was wrong."""
    granted = _granted(wish, stock.builds)
    verdicts = [judge(build, situation, catalogue) for build in granted]
    if best(verdicts) is not None:
        return _take(granted, situation, catalogue, stock)
    failed = next(iter(verdicts), None)
    reason = failed.problem if failed and failed.problem else "absent"
    note = _replaced(wish, reason, situation, failed)
    return _take(_cuda(stock.builds), situation, catalogue, stock, note)


def _granted(wish: Wish, builds: tuple[Build, ...]) -> tuple[Build, ...]:
    return tuple(
        build for build in builds if wish.grants(build.cuda) and _selected_by(wish.selector, build)
    )


def _selected_by(selector: str | None, build: Build) -> bool:
    """Tell whether a build is one that a conda selector package chooses among."""
    if selector in (None, "cpuonly"):
        return True
    if selector == "pytorch-gpu":
        return build.source == "conda-forge"
    return any(one.split("=")[0] == selector for one in build.selectors)


def _replaced(wish: Wish, reason: str, situation: Situation, failed: Verdict | None) -> Note:
    facts = {"wish": wish.text, "platform": situation.platform}
    if failed is not None:
        host = failed.host or situation.hosts[0]
        facts.update(
            cuda=failed.build.cuda or "", host_cuda=host.cuda or "", driver=host.driver or ""
        )
        if failed.gpu is not None:
            facts["gpu"] = failed.gpu.name or "GPU"
            facts["capability"] = failed.gpu.compute_capability or ""
    return Note("explicit-variant-replaced", "warning", reason, facts)
