"""Detect driver, CUDA and GPUs: several sources, each bounded in time and able to fail alone."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, joined
from conda_cuda_guard.model.time_limit import time_limit

from . import driver_library, nvidia_smi, system
from .finding import Detection, DriverError, Finding, ProbeSettings, disagreements
from .system import find_board
from .visibility import order_is_open, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conda_cuda_guard.model import Gpu

    Look = Callable[[ProbeSettings], Finding]

SOURCES: tuple[tuple[str, Look], ...] = (
    ("nvml", driver_library.look_with_nvml),
    ("libcuda", driver_library.look_with_libcuda),
    ("kernel", system.look_at_kernel),
    ("nvidia-smi", nvidia_smi.look_with_nvidia_smi),
)
# Those that are a part of the driver: where one of them is, a driver is.
_OF_DRIVER = ("nvml", "libcuda", "nvidia-smi")
# What one source may take, of the whole budget and in seconds: a hang leaves time for the next.
_SHARE, _MOST = 0.6, time_limit(3.0)
_BUDGET = time_limit(5.0)


def detect(
    *,
    environ: Mapping[str, str] | None = None,
    roots: Path = Path("/"),
    budget: float = _BUDGET,
    everything: bool = False,
) -> Detection:
    """Return what is known of this machine, within `budget` seconds.

    A source is asked while something is still missing; with `everything` all of them are, which is
    for the doctor. `roots` is where /sys, /proc and WSL's folder are.
    """
    environ = os.environ if environ is None else environ
    end = time.monotonic() + budget
    trail: list[Finding] = []
    for source, look in SOURCES:
        if everything or _is_needed(source, trail, environ):
            limit = min(end - time.monotonic(), _SHARE * budget, _MOST)
            trail.append(_ask(source, look, ProbeSettings(environ, roots, limit)))
    return replace(_conclude(trail, environ), board=find_board(roots))


def _ask(source: str, look: Look, settings: ProbeSettings) -> Finding:
    """Ask one source, which may fail alone."""
    start = time.monotonic()
    try:
        finding = look(settings)
    except Exception as error:  # noqa: BLE001  (whatever a broken machine makes it do)
        told = f"{type(error).__name__}: {error}"
        finding = Finding(source, problem=told, errors=(DriverError(source, "", None, told),))
    return replace(finding, seconds=time.monotonic() - start)


def _is_needed(source: str, trail: Sequence[Finding], environ: Mapping[str, str]) -> bool:
    counted = _gpu_source(trail, environ)
    if source == "libcuda" and order_is_open(counted, environ):
        return True
    return (
        counted is None
        or not counted.knows_every_gpu
        or not any(finding.driver for finding in trail)
        or not any(finding.cuda for finding in trail)
    )


def _gpu_source(trail: Sequence[Finding], environ: Mapping[str, str]) -> Finding | None:
    """Return the finding to take the GPUs from: the first that knows them all, else any."""
    complete = [finding for finding in trail if finding.knows_every_gpu]
    if complete and order_is_open(complete[0], environ):
        # Only libcuda numbers different GPUs as CUDA_VISIBLE_DEVICES does.
        complete.sort(key=lambda finding: finding.source != "libcuda")
    candidates = complete or [finding for finding in trail if finding.gpus is not None]
    return candidates[0] if candidates else None


def _conclude(trail: Sequence[Finding], environ: Mapping[str, str]) -> Detection:
    gpus, note = visible(_gpu_source(trail, environ), environ)
    if gpus:
        # A GPU that tells neither name nor capability (lost from the bus) can run nothing.
        gpus = tuple(gpu for gpu in gpus if gpu.name or gpu.compute_capability) or None
    listed, gpu_failure = _withheld(trail)
    return Detection(
        driver=next((finding.driver for finding in trail if finding.driver), None),
        cuda=next((finding.cuda for finding in trail if finding.cuda), None),
        gpus=gpus,
        trail=tuple(trail),
        disagreements=disagreements(trail),
        visible_note=note,
        failure=_failure(trail),
        listed=listed,
        gpu_failure=gpu_failure,
    )


def _withheld(trail: Sequence[Finding]) -> tuple[tuple[Gpu, ...], str | None]:
    """Return the GPUs that the kernel lists and the driver does not give, and who said what."""
    listed = next((one.gpus for one in trail if one.source == "kernel" and one.gpus), ())
    asked = [one for one in trail if one.source in _OF_DRIVER]
    told = [error.phrase for one in asked for error in one.errors]
    if not listed or not told or any(one.gpus for one in asked):
        return (), None
    names = ", ".join(gpu.name or gpu.compute_capability or "GPU" for gpu in listed)
    return listed, joined("; ", [*told, Phrase("the kernel lists {gpus}", gpus=names)])


def _failure(trail: Sequence[Finding]) -> str | None:
    """Return what a driver answered that is there and told nothing of itself."""
    if any(finding.driver or finding.cuda for finding in trail):
        return None
    asked = [one for one in trail if one.source in _OF_DRIVER and not one.is_absent]
    errors = [error.phrase for finding in asked for error in finding.errors]
    if errors:
        return joined("; ", errors)
    source = asked[0].source if asked else None
    return Phrase("{source}: its answer is not understood", source=source) if source else None
