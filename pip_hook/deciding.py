"""From a pip command line to a plan: its requirements, its sources, the machine it is for."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.host.overrides import read_overrides
from conda_cuda_guard.model import Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.gathering import gather

from . import another_machine
from .asking import asker
from .files.planning import asked, check_hashes, pins
from .files.roots import Files, read_files
from .files.sources import InForce, add_files
from .guard_options import read_options
from .installed import installed_torch, wants_upgrade
from .pip_settings import settings as pip_settings
from .target import target_platform, target_python
from .wheel_indexes import wheel_indexes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Catalogue, Host, Plan

    from .command_line import CommandLine
    from .files.reading import RequirementLine


@dataclass(frozen=True)
class Decision:
    """A plan for a command line, with the request that it answers.

    `options` are further ones for pip: what another machine takes, when files are fetched for it.
    `files` are the requirement files that were read, `pins` what is to stand on their lines;
    `in_files` requirements of the request stand there, after those that were typed.
    """

    request: Request
    plan: Plan
    options: tuple[str, ...] = ()
    files: Files = field(default_factory=Files)
    pins: tuple[tuple[RequirementLine, str], ...] = ()
    in_files: int = 0


@dataclass(frozen=True)
class Circumstances:
    """What a command line is planned in: declarations, pip's settings, machines, files."""

    overrides: Overrides
    settings: Mapping[str, str]
    hosts: tuple[Host, ...]
    files: Files


def circumstances(line: CommandLine, *, installing: bool = True) -> Circumstances:
    """Find out for which machines a line is, and what else has a say in it."""
    overrides = read_overrides(read_options(line.guard), os.environ)
    isolated = bool(line.count("--isolated"))
    settings = pip_settings(line.command or "install", isolated=isolated)
    platform = target_platform(line, settings)
    hosts = machines(overrides, platform, target_python(line, settings))
    if installing and line.command != "download":
        require_same(hosts, platform)
    return Circumstances(overrides, settings, hosts, read_files(line, settings) or Files())


def request_for(texts: tuple[str, ...], line: CommandLine, around: Circumstances) -> Request:
    """Make the request for these requirements in the circumstances of a line."""
    overrides, settings = around.overrides, around.settings
    return Request(
        manager="pip",
        requirements=texts,
        hosts=around.hosts,
        policy=overrides.policy or "auto",
        sources=_sources(line, settings, overrides, around.files),
        cpu=bool(overrides.cpu),
        as_is=bool(overrides.as_is),
        installed=installed_torch(line, settings) if line.command == "install" else None,
        upgrade=wants_upgrade(line, settings),
    )


def heard(
    request: Request, line: CommandLine, overrides: Overrides, *, own: bool = True
) -> Catalogue:
    """Gather what exists for a request, from the indexes where they may be asked."""
    may_ask = not (overrides.offline or overrides.as_is) or request.sources.no_index
    return gather(request, asker(line) if may_ask else None, own=own)


def decide(line: CommandLine, *, installing: bool = True) -> Decision:
    """Plan a command line for the machine, sources and settings in force."""
    around = circumstances(line, installing=installing)
    hosts, files = around.hosts, around.files
    asks = asked([line.words[at] for at in line.requirements], files, hosts[0])
    request = request_for(asks.texts, line, around)
    catalogue = heard(request, line, around.overrides)
    plan = make_plan(request, catalogue)
    check_hashes(asks, plan, catalogue.files)
    fetching = line.command == "download"
    options = another_machine.options_for(line, hosts[0], around.settings) if fetching else ()
    in_files = len(asks.lines) if installing else 0
    return Decision(request, plan, tuple(options), files, tuple(pins(asks, plan)), in_files)


def _sources(
    line: CommandLine, settings: Mapping[str, str], overrides: Overrides, files: Files
) -> Sources:
    """Read the indexes and pages in force, from the line, the configuration and the files."""
    main = line.values("--index-url") or settings.get("index-url", "").split()
    sources = InForce(
        main[-1] if main else None,
        # pip adds what the line says to these two lists of the configuration.
        settings.get("extra-index-url", "").split() + line.values("--extra-index-url"),
        settings.get("find-links", "").split() + line.values("--find-links"),
        takes_no_index(line, settings),
    )
    add_files(sources, files)
    return Sources(
        wheel_indexes=wheel_indexes(os.environ, settings, sources.main),
        index_urls=(*([sources.main] if sources.main else []), *sources.extra),
        find_links=tuple(sources.pages),
        prefer_index=bool(overrides.prefer_index),
        locked=bool(overrides.locked),
        no_index=sources.no_index,
    )


def takes_no_index(line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Tell whether nothing but pages and folders counts."""
    value = settings.get("no-index", "").strip().lower()
    return bool(line.count("--no-index")) or value in ("1", "true", "yes", "on")
