"""Where the +cuXXX wheels are looked for: the index that is set, a mirror's, PyTorch's own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.assemble import machines, require_same
from conda_cuda_guard.host.overrides import read_options, read_overrides
from conda_cuda_guard.model import (
    PYTORCH_WHEEL_INDEX,
    Phrase,
    Request,
    Sources,
    UsageError,
    WheelIndex,
)
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.pip_parse import VARIANT_FOLDER
from conda_cuda_guard.sources.gathering import gather
from conda_cuda_guard.sources.mirrors import mirror_of, wheel_index_beside
from pip_hook.files.file_requests import IndexesInForce, add_files, asked, check_hashes, pins
from pip_hook.files.file_roots import Files, read_files

from . import target
from .pip_settings import is_set
from .pip_settings import settings as pip_settings
from .target import installed_torch, target_platform, target_python, wants_upgrade

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Answer, Catalogue, Host, Plan, Question
    from pip_hook.files.requirement_file import RequirementLine

    from .command_line import CommandLine

VARIABLE = "CUDA_GUARD_WHEEL_INDEX"
SETTING = "cuda-guard.wheel-index"


def wheel_indexes(
    environ: Mapping[str, str], settings: Mapping[str, str], main_index: str | None
) -> tuple[WheelIndex, ...]:
    """Give the wheel indexes in the order of preference.

    The one that is set is the only one. A person whose main index is a mirror's stays on that
    mirror for the wheels that it has.
    """
    for name, value in ((VARIABLE, environ.get(VARIABLE)), (SETTING, settings.get(SETTING))):
        if value and value.strip():
            return (_set_index(name, value.strip()),)
    beside = wheel_index_beside(main_index, catalogue.mirrors()) if main_index else None
    return (beside, WheelIndex()) if beside else (WheelIndex(),)


def _set_index(name: str, address: str) -> WheelIndex:
    """Read the base of a wheel index, without a variant's folder at its end."""
    if not address.startswith(("http://", "https://", "file://")):
        raise UsageError(
            Phrase("{name} is not an address: {address}", name=name, address=address),
            why="it is the base of a wheel index, in front of /cu121",
            hint=f"{name}={PYTORCH_WHEEL_INDEX}",
        )
    base = VARIANT_FOLDER.sub("", address).rstrip("/")
    mirror = mirror_of(base, catalogue.mirrors())
    flat = base.endswith(".html") or (mirror is not None and mirror.flat)
    return WheelIndex(base, flat)


# Contract, section 5: before the catalogue is used instead.
_SECONDS = 2.0
# Folders and files are read, late or not: they are not the network.
_LEAST = 0.05

AskIndexTimed = Callable[[tuple["Question", ...]], tuple["Answer", ...]]


def asker(line: CommandLine) -> AskIndexTimed:
    """Give the function that asks; several rounds share the time."""
    from conda_cuda_guard.sources.index_client import ask_indexes
    from conda_cuda_guard.sources.page_cache import default_cache

    from .pip_session import fetcher

    fetch = fetcher(line.words, line.command or "install")
    began = time.monotonic()

    def round_of(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        left = max(_LEAST, began + _SECONDS - time.monotonic())
        return ask_indexes(questions, fetch, seconds=left, cache=default_cache())

    return round_of


@dataclass(frozen=True)
class LineDecision:
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
        variant=overrides.variant,
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


def decide_line(line: CommandLine, *, installing: bool = True) -> LineDecision:
    """Plan a command line for the machine, sources and settings in force."""
    around = circumstances(line, installing=installing)
    hosts, files = around.hosts, around.files
    asks = asked([line.words[at] for at in line.requirements], files, hosts[0])
    request = request_for(asks.texts, line, around)
    catalogue = heard(request, line, around.overrides)
    plan = make_plan(request, catalogue)
    check_hashes(asks, plan, catalogue.files)
    fetching = line.command == "download"
    options = target.options_for(line, hosts[0], around.settings) if fetching else ()
    in_files = len(asks.lines) if installing else 0
    return LineDecision(request, plan, tuple(options), files, tuple(pins(asks, plan)), in_files)


def _sources(
    line: CommandLine, settings: Mapping[str, str], overrides: Overrides, files: Files
) -> Sources:
    """Read the indexes and pages in force, from the line, the configuration and the files."""
    main = line.values("--index-url") or settings.get("index-url", "").split()
    sources = IndexesInForce(
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
    return is_set(line, settings, "no-index")
