"""What this conda process has been asked for and has told: hooks fire again on every retry."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from conda.base.context import context

from conda_cuda_guard.host.assemble import machines
from conda_cuda_guard.host.overrides import Options, read_overrides
from conda_cuda_guard.model import Host, Plan, Request
from conda_cuda_guard.sources.builtin import from_catalogue

from . import environment
from .channels_in_force import sources_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Catalogue, Note

OFF, WARN, ENFORCE, REWRITE = "off", "warn", "enforce", "rewrite"


@dataclass
class Process:
    """The state of one process.

    `told` are the notes that were printed, `advised` the commands. `hosts` are the machines of a
    plan that is carried out; `planned` says that there is such a plan, `promised` that no CPU build
    may come of it, `stopped` that an error of ours ends this process.
    """

    told: set[tuple[str, str, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    advised: set[str] = field(default_factory=set)
    hosts: tuple[Host, ...] = ()
    planned: bool = False
    promised: bool = False
    stopped: bool = False

    def is_told(self, note: Note) -> bool:
        """Return whether a note was told before, and remember it."""
        key = (note.code, note.case, tuple(sorted(note.facts.items())))
        known = key in self.told
        self.told.add(key)
        return known

    def told_codes(self) -> set[str]:
        """Return the codes of the notes that were told."""
        return {code for code, _, _ in self.told}


process = Process()


def mode() -> str:
    """Return the setting `plugins: cuda_guard:`."""
    value = str(context.plugins.cuda_guard).lower()
    # YAML reads a bare `off` as false.
    return OFF if value in (OFF, "false", "no") else value


def note_planned(plan: Plan, request: Request) -> None:
    """Note what a rewriting made of a request: it needs no check before the solve.

    On a machine with a driver it also promises that no CPU build comes of it, unless one is wanted.
    """
    process.planned, process.hosts = True, request.hosts
    driver = any(host.has_cuda for host in request.hosts)
    process.promised = driver and not request.as_is and plan.variant != "cpu"


def request_of(specs: Iterable[str]) -> Request:
    """Return the request of these specs, with the channels in force."""
    return Request(
        manager="conda",
        requirements=tuple(specs),
        hosts=hosts(),
        sources=sources_in_force(),
    )


def catalogue() -> Catalogue:
    """Return what exists for the platform that conda installs for."""
    return from_catalogue("conda", environment.platform())


def hosts() -> tuple[Host, ...]:
    """Return the machines of the plan that is carried out, or the one that conda installs for."""
    return process.hosts or _machine_in_question()


@lru_cache(maxsize=1)
def _machine_in_question() -> tuple[Host, ...]:
    """Return this machine, looked at once; the environment's variables may declare another.

    Where conda installs for another platform, nothing of this machine counts.
    """
    overrides = read_overrides(Options(), os.environ)
    return machines(overrides, environment.platform(), environment.python_version())
