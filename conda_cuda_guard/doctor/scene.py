"""Where the doctor looks, and what one examination gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conda_cuda_guard.host.finding import Detection
    from conda_cuda_guard.model import Host

    from .report import Link

    Source = Callable[[], Callable[[], "Part"]]


@dataclass(frozen=True)
class Patient:
    """An environment on a machine.

    `paths` are the folders that its interpreter imports from. `roots` is where the machine's file
    system is. `manager` is `pip` or `conda`; `sources` examine, each by its name, what only the
    front end knows how to ask: indexes, channels, what torch sees. Each starts the program that it
    has to wait for, if any, and gives the function that ends the examination.
    """

    manager: str
    python: str | None
    prefix: Path
    paths: tuple[str, ...]
    environ: Mapping[str, str]
    sources: Mapping[str, Source] = field(default_factory=dict)
    roots: Path = Path("/")


@dataclass(frozen=True)
class Part:
    """What one examination gives: links, and facts by their names in `Evidence`."""

    links: tuple[Link, ...] = ()
    facts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """The machine as detected, for what is judged by it."""

    detection: Detection
    host: Host
