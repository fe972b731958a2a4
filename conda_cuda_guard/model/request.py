"""What was asked for, and from where it may come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .sources import PYTORCH_WHEEL_INDEX

if TYPE_CHECKING:
    from .host import Host


@dataclass(frozen=True)
class Sources:
    """Where packages come from, as the user has set it.

    For pip: `wheel_index` is the base of the PyTorch wheel index, `index_urls` the main index (when
    it is not pip's default) and the extra ones, `find_links` the pages. For conda: `channels`, by
    name or URL, in order; none is added to them when they are fixed (`--override-channels`).
    """

    wheel_index: str = PYTORCH_WHEEL_INDEX
    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    channels_fixed: bool = False


@dataclass(frozen=True)
class Request:
    """One request: the requirements as typed, and the machines that the result must run on."""

    manager: str
    requirements: tuple[str, ...]
    hosts: tuple[Host, ...]
    policy: str = "auto"
    sources: Sources = field(default_factory=Sources)
    cpu: bool = False
    as_is: bool = False
    id: object = None
