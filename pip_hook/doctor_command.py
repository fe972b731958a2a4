"""`pipcuda doctor`, and the sources of pip and conda as each tool reports them."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from rich.console import Console

from conda_cuda_guard.doctor import check_sources
from conda_cuda_guard.doctor.examination import examine, telling
from conda_cuda_guard.doctor.report import Patient
from conda_cuda_guard.host.child import begin
from conda_cuda_guard.host.interpreter import environment_of
from conda_cuda_guard.model import CONDA_CHANNEL_HOST, GuardError, Phrase
from conda_cuda_guard.model.channels import ChannelAddress, ChannelInForce, ChannelsInForce
from conda_cuda_guard.model.errors import DONE, FAILED
from conda_cuda_guard.model.redaction import redact
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.rendering.doctor_text import report_text, report_to_json
from conda_cuda_guard.sources.channels import CHANNELS
from pip_hook.mirrors.config_tools import find_conda, showing
from pip_hook.mirrors.in_force import NO_CONDA, address

from .command_line import read_command_line
from .own_commands import Parser, escape_what_cannot_be_shown
from .pip_settings import addresses, effective, parse_config_list, settings
from .target import paths_of, target_python

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.doctor.report import Part, Source
    from conda_cuda_guard.host.child import Outcome

_NO_PIP = Phrase("no pip in the environment")
_LIMIT = time_limit(5.0)  # seconds: either tool answers in less than one on a healthy machine


def indexes_of_this_pip() -> Part:
    """Return the doctor's findings on the settings of this interpreter's pip."""
    return _examined(settings("install"))


def indexes_of_pip(python: Path, environ: Mapping[str, str]) -> Callable[[], Part]:
    """Return a function that waits for the settings of an environment's pip."""
    if not python.exists():
        return partial(check_sources.absent, check_sources.INDEXES, _NO_PIP)
    command = [str(python), "-m", "pip", "config", "list"]
    ended = begin(command, environ=environ, limit=_LIMIT)
    return lambda: _of_pip(ended())


def _of_pip(outcome: Outcome) -> Part:
    if outcome.problem and "No module named pip" in outcome.output:
        return check_sources.absent(check_sources.INDEXES, _NO_PIP)
    if outcome.problem:
        return check_sources.unread(check_sources.INDEXES, outcome.problem)
    found = parse_config_list(outcome.output.splitlines())
    return _examined(effective(found, "install"))


def _examined(found: Mapping[str, str]) -> Part:
    constraints = " ".join(found.get("constraint", "").split())
    return check_sources.indexes_link(addresses(found), found.get("proxy"), constraints or None)


def channels_of_conda(environ: Mapping[str, str]) -> Callable[[], Part]:
    """Return a function that waits for the channels of the conda on PATH."""
    conda = find_conda(environ)
    if conda is None:
        return partial(check_sources.absent, check_sources.CHANNELS, NO_CONDA)
    return partial(_of_conda, showing(conda, _LIMIT))


def _of_conda(ended: Callable[[], dict[str, Any]]) -> Part:
    try:
        found = ended()
    except GuardError as error:
        return check_sources.unread(check_sources.CHANNELS, error.why)
    mapped = {name: address(one) for name, one in found["custom_channels"].items()}
    in_force = ChannelsInForce(
        channels=tuple(_in_force(found, mapped)),
        addresses={name: _leads_to(name, found, mapped) for name in CHANNELS},
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
    """Return the address of a bare channel name: its own mapping, else the alias."""
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
    """Run `pipcuda doctor` and return the exit status."""
    escape_what_cannot_be_shown()
    options = _parser().parse_args(words)
    with telling(_WAIT):
        report = examine(_patient(options))
    if options.json:
        print(json.dumps(report_to_json(report)))
    else:
        Console(highlight=False).print(report_text(report), soft_wrap=True)
    return DONE if report.healthy else FAILED


def _parser() -> Parser:
    return Parser("doctor", _DESCRIPTION, {"--root": {"type": Path, "default": Path("/")}})


def _patient(options: Namespace) -> Patient:
    named = options.python
    line = read_command_line(["install", *(["--python", named] if named else [])])
    sources: dict[str, Source] = {
        check_sources.INDEXES: lambda: indexes_of_this_pip,
        check_sources.CHANNELS: partial(channels_of_conda, os.environ),
    }
    if options.verify:
        from conda_cuda_guard.doctor.examination import tried

        sources["what torch sees"] = partial(partial, tried, Path(named or sys.executable))
    return Patient(
        "pip",
        target_python(line, {}),
        environment_of(named) if named else Path(sys.prefix),
        tuple(paths_of(named) if named else filter(None, sys.path)),
        os.environ,
        sources,
        options.root,
    )
