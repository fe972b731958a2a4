"""From a pip command line to a plan: its requirements, its sources, the machine it is for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.host.overrides import read_overrides
from conda_cuda_guard.model import Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.asking import COMPANIONS, TORCH
from conda_cuda_guard.sources.gathering import gather

from . import another_machine
from .asking import asker
from .guard_options import read_options
from .pip_settings import settings as pip_settings
from .target import target_platform, target_python
from .wheel_indexes import wheel_indexes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Plan

    from .command_line import CommandLine


@dataclass(frozen=True)
class Decision:
    """A plan for a command line, with the request that it answers.

    `options` are further ones for pip: what another machine takes, when files are fetched for it.
    """

    request: Request
    plan: Plan
    options: tuple[str, ...] = ()


def names_family(words: list[str]) -> bool:
    """Tell quickly whether a word could name torch or a companion (else nothing is loaded)."""
    text = " ".join(words).lower()
    return any(name in text for name in (TORCH, *COMPANIONS))


def decide(line: CommandLine, *, installing: bool = True) -> Decision:
    """Plan a command line for the machine, sources and settings in force."""
    environ = os.environ
    overrides = read_overrides(read_options(line.guard), environ)
    isolated = bool(line.count("--isolated"))
    settings = pip_settings(line.command or "install", isolated=isolated)
    platform = target_platform(line, settings)
    hosts = machines(overrides, platform, target_python(line, settings))
    if installing and line.command != "download":
        require_same(hosts, platform)
    request = Request(
        manager="pip",
        requirements=tuple(line.words[at] for at in line.requirements),
        hosts=hosts,
        policy=overrides.policy or "auto",
        sources=_sources(line, settings, overrides),
        cpu=bool(overrides.cpu),
        as_is=bool(overrides.as_is),
    )
    asks = not (overrides.offline or overrides.as_is) or request.sources.no_index
    plan = make_plan(request, gather(request, asker(line) if asks else None))
    fetching = line.command == "download"
    options = another_machine.options_for(line, hosts[0], settings) if fetching else ()
    return Decision(request, plan, tuple(options))


def _sources(line: CommandLine, settings: Mapping[str, str], overrides: Overrides) -> Sources:
    """Read the indexes and pages in force, from the line and the configuration."""
    main = line.values("--index-url") or settings.get("index-url", "").split()
    # pip adds what the line says to these two lists of the configuration.
    extra = settings.get("extra-index-url", "").split() + line.values("--extra-index-url")
    pages = settings.get("find-links", "").split() + line.values("--find-links")
    return Sources(
        wheel_indexes=wheel_indexes(os.environ, settings, main[-1] if main else None),
        index_urls=(*main[-1:], *extra),
        find_links=tuple(pages),
        prefer_index=bool(overrides.prefer_index),
        locked=bool(overrides.locked),
        no_index=_no_index(line, settings),
    )


def _no_index(line: CommandLine, settings: Mapping[str, str]) -> bool:
    value = settings.get("no-index", "").strip().lower()
    return bool(line.count("--no-index")) or value in ("1", "true", "yes", "on")
