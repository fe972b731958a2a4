"""What this conda process has asked for and told: hooks fire again on every retry of a solve."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from conda_cuda_guard.host.assemble import resolve_hosts
from conda_cuda_guard.host.overrides import Options, read_overrides
from conda_cuda_guard.model import PLATFORMS, Host, Plan, Request
from conda_cuda_guard.sources import from_catalogue

from . import environment
from .channels_in_force import sources_in_force

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Note


@dataclass
class Process:
    """The state of one process.

    `specs` are those of the last solve, `hosts` the machines of a plan that is carried out.
    `planned` says that there is such a plan, `promised` that no CPU build may come of it, and
    `solved` that the last solve came to its end.
    """

    told: set[tuple[str, str, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    specs: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    planned: bool = False
    promised: bool = False
    solved: bool = False

    def is_told(self, note: Note) -> bool:
        """Tell whether a note was told before, and remember it."""
        key = (note.code, note.case, tuple(sorted(note.facts.items())))
        known = key in self.told
        self.told.add(key)
        return known


process = Process()


def is_planned(plan: Plan, request: Request) -> None:
    """Note what a rewriting made of a request: it needs no check before the solve.

    On a machine with a driver it also promises that no CPU build comes of it, unless one is wanted.
    """
    process.planned, process.hosts = True, request.hosts
    driver = any(host.has_cuda for host in request.hosts)
    process.promised = driver and not request.as_is and plan.variant != "cpu"


def request_of(specs: tuple[str, ...]) -> Request:
    """Make the request of these specs, with the channels in force."""
    return Request(
        manager="conda",
        requirements=specs,
        hosts=hosts(),
        sources=sources_in_force(),
    )


def catalogue() -> Catalogue:
    """Give what exists for the platform that conda installs for."""
    return from_catalogue("conda", environment.platform())


def hosts() -> tuple[Host, ...]:
    """Give the machines of the plan that is carried out, or this one."""
    return process.hosts or _this_machine()


@lru_cache(maxsize=1)
def _this_machine() -> tuple[Host, ...]:
    """Look at this machine once; the environment's variables may declare another."""
    platform = environment.platform()
    if platform not in PLATFORMS:
        raise ValueError(platform)
    overrides = read_overrides(Options(), os.environ)
    return resolve_hosts(overrides, platform=platform, python=environment.python_version())[0]
