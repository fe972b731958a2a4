"""From a pip command line to a plan: its requirements, its sources, the machine it is for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.host.overrides import read_overrides
from conda_cuda_guard.model import PYTORCH_WHEEL_INDEX, Request, Sources, UsageError, WheelIndex
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.asking import COMPANIONS, TORCH
from conda_cuda_guard.planner.pip_asking import VARIANT_FOLDER
from conda_cuda_guard.sources import from_catalogue

from .guard_options import read_options
from .pip_settings import settings as pip_settings
from .target import target_platform, target_python

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Plan

    from .command_line import CommandLine


@dataclass(frozen=True)
class Decision:
    """A plan for a command line, with the request that it answers."""

    request: Request
    plan: Plan


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
    if installing:
        require_same(hosts, platform)
    request = Request(
        manager="pip",
        requirements=tuple(line.words[at] for at in line.requirements),
        hosts=hosts,
        policy=overrides.policy or "auto",
        sources=_sources(line, settings, environ),
        cpu=bool(overrides.cpu),
        # Without an index pip can take only what its folders hold, which is not asked yet.
        as_is=bool(overrides.as_is) or _no_index(line, settings),
    )
    return Decision(request, make_plan(request, from_catalogue("pip", hosts[0].platform)))


def _sources(line: CommandLine, settings: Mapping[str, str], environ: Mapping[str, str]) -> Sources:
    """Read the indexes and pages in force, from the line and the configuration."""
    main = line.values("--index-url") or settings.get("index-url", "").split()
    # pip adds what the line says to these two lists of the configuration.
    extra = settings.get("extra-index-url", "").split() + line.values("--extra-index-url")
    pages = settings.get("find-links", "").split() + line.values("--find-links")
    return Sources(
        wheel_indexes=(WheelIndex(_wheel_index(environ)),),
        index_urls=(*main[-1:], *extra),
        find_links=tuple(pages),
    )


def _no_index(line: CommandLine, settings: Mapping[str, str]) -> bool:
    value = settings.get("no-index", "").strip().lower()
    return bool(line.count("--no-index")) or value in ("1", "true", "yes", "on")


def _wheel_index(environ: Mapping[str, str]) -> str:
    """Give the base of the wheel index: the setting, without a variant's folder at its end."""
    name = "CUDA_GUARD_WHEEL_INDEX"
    base = environ.get(name, "").strip() or PYTORCH_WHEEL_INDEX
    if not base.startswith(("http://", "https://", "file://")):
        raise UsageError(
            f"{name} is not an address: {base}",
            why="it is the base of a wheel index, in front of /cu121",
            hint=f"{name}={PYTORCH_WHEEL_INDEX}",
        )
    return VARIANT_FOLDER.sub("", base)
