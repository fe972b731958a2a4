"""Where the +cuXXX wheels are looked for: the index that is set, a mirror's, PyTorch's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PYTORCH_WHEEL_INDEX, Phrase, UsageError, WheelIndex
from conda_cuda_guard.planner.pip_asking import VARIANT_FOLDER
from conda_cuda_guard.sources.mirrors import mirror_of, wheel_index_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "CUDA_GUARD_WHEEL_INDEX"
SETTING = "cuda-guard.wheel-index"


def wheel_indexes(
    environ: Mapping[str, str], settings: Mapping[str, str], main_index: str | None
) -> tuple[WheelIndex, ...]:
    """Give the wheel indexes in the order of preference.

    The one that is set is the only one. A person whose main index is a mirror's stays on that
    mirror for the wheels that it has.
    """
    for name, value in ((VARIABLE, environ.get(VARIABLE)), (SETTING, settings.get(SETTING))):
        if value and value.strip():
            return (_set_index(name, value.strip()),)
    beside = wheel_index_beside(main_index, catalogue.mirrors()) if main_index else None
    return (beside, WheelIndex()) if beside else (WheelIndex(),)


def _set_index(name: str, address: str) -> WheelIndex:
    """Read the base of a wheel index, without a variant's folder at its end."""
    if not address.startswith(("http://", "https://", "file://")):
        raise UsageError(
            Phrase("{name} is not an address: {address}", name=name, address=address),
            why="it is the base of a wheel index, in front of /cu121",
            hint=f"{name}={PYTORCH_WHEEL_INDEX}",
        )
    base = VARIANT_FOLDER.sub("", address).rstrip("/")
    mirror = mirror_of(base, catalogue.mirrors())
    flat = base.endswith(".html") or (mirror is not None and mirror.flat)
    return WheelIndex(base, flat)
