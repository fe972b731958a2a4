"""conda's configuration as the planner's Sources."""

from __future__ import annotations

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Sources
from conda_cuda_guard.sources.channels import spell_channels

from . import environment
from .channels_in_force import channels_in_force


def sources_in_force() -> Sources:
    """Give the channels, and how others are to be named, as conda's configuration has it."""
    found = channels_in_force()
    urls = [channel.url for channel in found.channels]
    platform = environment.platform()
    return Sources(
        channels=environment.channels(),
        channels_fixed=environment.channels_are_fixed(),
        spelling=spell_channels(urls, found.addresses, catalogue.mirrors(), platform),
        forbidden=found.forbidden,
        pins=found.pinned,
        priority=found.priority,
    )
