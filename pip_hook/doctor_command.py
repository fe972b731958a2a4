"""`pipcuda doctor`: the examination of a pip environment; pip and conda are asked themselves."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from conda_cuda_guard import catalogue
from conda_cuda_guard.doctor import check_sources
from conda_cuda_guard.doctor.examination import examine
from conda_cuda_guard.doctor.report import Environment
from conda_cuda_guard.host.assemble import declared_machine
from conda_cuda_guard.host.overrides import Options, read_overrides
from conda_cuda_guard.host.programs import environment_of, interpreter_of
from conda_cuda_guard.model import CONDA_CHANNEL_HOST, GuardError, Phrase
from conda_cuda_guard.model.conda import ChannelAddress, ChannelInForce, ChannelsInForce
from conda_cuda_guard.model.errors import DONE, FAILED
from conda_cuda_guard.model.shown_text import redact
from conda_cuda_guard.rendering.doctor_text import report_text, report_to_json
from conda_cuda_guard.rendering.output import out_json, progress
from conda_cuda_guard.rendering.verify_text import verdict_link
from conda_cuda_guard.rendering.wrapping import show
from conda_cuda_guard.sources.channels import plan_channels
from conda_cuda_guard.verify import verify
from pip_hook.mirrors.config_tools import asking_conda, find_conda

from .command_line import read_command_line
from .mirrors.proposing import NO_CONDA, address
from .own_commands import Parser, escape_what_cannot_be_shown
from .pip_settings import default_index, settings
from .target import paths_of, target_python

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.doctor.report import CheckResult, Source


def indexes_of_this_pip() -> CheckResult:
    """Return the settings of the pip that runs here."""
    return check_sources.settings_link(settings("install"), _default_index)


def _default_index() -> str | None:
    """Return the index that this pip takes where none is set."""
    # Its help tells the same, and takes an interpreter and a second.
    return default_index() or check_sources.default_index_of(Path(sys.executable), os.environ)


def channels_of_conda(environ: Mapping[str, str]) -> Callable[[], CheckResult]:
    """Ask the conda on PATH, if any, for its channels, and return what ends the asking."""
    conda = find_conda(environ)
    if conda is None:
        return partial(check_sources.absent, check_sources.CHANNELS, NO_CONDA)
    return partial(_of_conda, asking_conda(conda, check_sources.LIMIT))


def _of_conda(ended: Callable[[], dict[str, Any]]) -> CheckResult:
    try:
        found = ended()
    except GuardError as error:
        return check_sources.unread(check_sources.CHANNELS, error.why)
    mapped = {name: address(one) for name, one in found["custom_channels"].items()}
    in_force = ChannelsInForce(
        channels=tuple(_in_force(found, mapped)),
        addresses={name: _leads_to(name, found, mapped) for name in plan_channels()},
        priority=str(found.get("channel_priority", ChannelsInForce.priority)),
    )
    own = set(map(address, found["default_channels"]))
    return check_sources.channels_link(in_force, mapped, own)


def _in_force(found: Mapping[str, Any], mapped: Mapping[str, str]) -> Iterator[ChannelInForce]:
    for name in map(str, found["channels"]):
        if name == "defaults":
            for one in map(address, found["default_channels"]):
                yield ChannelInForce(one.partition("://")[2].partition("/")[2], one, name)
        elif "://" in name:
            yield ChannelInForce(redact(name), redact(name), redact(name))
        else:
            yield ChannelInForce(name, _leads_to(name, found, mapped).urls[0], name)


def _leads_to(name: str, found: Mapping[str, Any], mapped: Mapping[str, str]) -> ChannelAddress:
    """Return where a bare name leads: to a mapping of its own, else to the alias."""
    if name in mapped:
        return ChannelAddress((mapped[name],), "mapped")
    alias = address(found["channel_alias"]).rstrip("/")
    return ChannelAddress(
        (f"{alias}/{name}",), "default" if alias == CONDA_CHANNEL_HOST else "alias"
    )


_DESCRIPTION = Phrase("""\
Examine everything from the driver to torch, say what is wrong and what to type next. Exit status 0:
nothing is wrong; 1: something is; 2: unusable arguments.""")
_WAIT = Phrase("pipcuda: still looking at the machine and the environment ...")


def run_doctor(words: list[str]) -> int:
    """Run `pipcuda doctor` with the words after it, and return the exit status."""
    escape_what_cannot_be_shown()
    options = _parser().parse_args(words)
    with progress(_WAIT):
        report = examine(_environment(options))
    if options.json:
        out_json(report_to_json(report))
    else:
        show(report_text(report))
    return DONE if report.healthy else FAILED


def _parser() -> Parser:
    more: dict[str, dict[str, Any]] = {
        "--root": {"type": Path, "default": Path("/")},
        "--gpu": {"action": "append"},
        "--offline": {"default": None},
    }
    return Parser("doctor", _DESCRIPTION, more)


def _machine(options: Namespace) -> Options:
    """Return the options that declare a machine."""
    gpus = tuple(options.gpu or ())
    return Options(cuda=options.cuda, driver=options.driver, gpu=gpus, host=options.host)


def _environment(options: Namespace) -> Environment:
    named = options.python
    offline = read_overrides(Options(offline=options.offline), os.environ).offline
    line = read_command_line(["install", *(["--python", named] if named else [])])
    python = target_python(line, {})
    declared = declared_machine(_machine(options), python)
    sources: dict[str, Source] = {
        check_sources.INDEXES: lambda: indexes_of_this_pip,
        check_sources.CHANNELS: partial(channels_of_conda, os.environ),
    }
    if options.verify:
        interpreter = interpreter_of(named or sys.executable)
        sources["what torch sees"] = lambda: (
            lambda: verdict_link(verify(interpreter, catalogue.spelt_families()))
        )
    return Environment(
        "pip",
        python,
        environment_of(named) if named else Path(sys.prefix),
        tuple(paths_of(named) if named else filter(None, sys.path)),
        os.environ,
        {} if declared else sources,
        options.root,
        offline=bool(offline),
        declared=declared,
        interpreter=Path(named).absolute() if named else None,
    )
