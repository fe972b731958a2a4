"""Put the Hosts to plan for together, from what is declared and what is detected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Host, UsageError

from . import detection as detecting
from .files import read_hosts

if TYPE_CHECKING:
    from collections.abc import Callable

    from .finding import Detection
    from .overrides import Overrides


def resolve_hosts(
    overrides: Overrides,
    *,
    platform: str,
    python: str | None,
    detect: Callable[[], Detection] = detecting.detect,
) -> tuple[tuple[Host, ...], Detection | None]:
    """Return the Hosts that a plan must fit, and the detection where one was needed."""
    if overrides.hosts_file is not None:
        text = _read(overrides.hosts_file, overrides.origin.get("hosts_file", "--host"))
        return read_hosts(text, platform=platform, python=python), None
    if overrides.no_cuda:
        return (Host(platform, python),), None
    declared = overrides.cuda is not None or overrides.driver is not None
    if declared and overrides.gpus is not None:
        host = Host(platform, python, overrides.driver, overrides.cuda, overrides.gpus)
        return (host,), None
    found = detect()
    # A declared CUDA version says nothing of the driver found here, so that pair is not mixed.
    pair = overrides if declared else found
    gpus = found.gpus if overrides.gpus is None else overrides.gpus
    return (Host(platform, python, pair.driver, pair.cuda, gpus or ()),), found


def _read(path: str, origin: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{origin}: cannot read {path}",
            why=getattr(error, "strerror", None) or str(error),
            hint='name a file with a line like {"driver": "535.104.05", "gpus": ["8.0"]}',
        ) from None
