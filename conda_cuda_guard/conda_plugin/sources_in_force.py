"""conda's configuration as the planner's Sources."""

from __future__ import annotations

from functools import lru_cache

from conda.base.context import context

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Sources
from conda_cuda_guard.sources.channels import spell_channels

from . import environment
from .channels_in_force import channels_in_force


def sources_in_force() -> Sources:
    """Give the channels, and how others are to be named, as conda's configuration has it."""
    return _read(environment.channels(), str(context.target_prefix))


@lru_cache(maxsize=4)  # hooks ask several times; reading it all takes conda a tenth of a second
def _read(channels: tuple[str, ...], prefix: str) -> Sources:
    found = channels_in_force(prefix)
    urls = [channel.url for channel in found.channels]
    return Sources(
        channels=channels,
        channels_fixed=environment.channels_are_fixed(),
        addresses=tuple(urls),
        spelling=spell_channels(urls, found.addresses, catalogue.mirrors(), environment.platform()),
        forbidden=found.forbidden,
        pins=found.pinned,
        priority=found.priority,
    )
