"""`conda cuda-doctor`: the doctor's report for a conda environment."""

from __future__ import annotations

import json
import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.doctor import of_sources
from conda_cuda_guard.doctor.examining import examine
from conda_cuda_guard.doctor.scene import Patient
from conda_cuda_guard.doctor.waiting import telling
from conda_cuda_guard.host.kernels import paths_beside
from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.rendering import error_text
from conda_cuda_guard.rendering.report_shown import report_text, report_to_json
from conda_cuda_guard.verifying import interpreter_of
from pip_hook.asked_tools import indexes_of_pip

from .channels_in_force import channels_in_force

if TYPE_CHECKING:
    from argparse import Namespace

    from conda_cuda_guard.doctor.scene import Part, Source

_SICK, _UNUSABLE = 1, 2
_WAIT = Phrase("cuda-doctor: still looking at the machine and the environment ...")
_PYTHON = re.compile(r"python-(\d+\.\d+)[.\d]*-")


def run(args: Namespace) -> int:
    """Examine the environment that conda's options name; returns the exit status."""
    from conda.base.context import context

    prefix = Path(context.target_prefix)
    try:
        _require(prefix)
        with telling(_WAIT):
            report = examine(_patient(prefix, verify=args.verify))
    except GuardError as error:
        print(error_text(error), file=sys.stderr)
        return _UNUSABLE
    if context.json:
        print(json.dumps(report_to_json(report)))
    else:
        from rich.console import Console

        Console(highlight=False).print(report_text(report), soft_wrap=True)
    return 0 if report.healthy else _SICK


def _require(prefix: Path) -> None:
    if not (prefix / "conda-meta").is_dir():
        raise GuardError(
            "there is no such environment",
            why=Phrase("{prefix} is none of conda's", prefix=prefix),
            hint="conda env list",
        )


def _patient(prefix: Path, *, verify: bool) -> Patient:
    python = interpreter_of(prefix)
    sources: dict[str, Source] = {
        of_sources.INDEXES: partial(indexes_of_pip, python, os.environ),
        of_sources.CHANNELS: partial(partial, _channels, prefix),
    }
    if verify and python.exists():
        from conda_cuda_guard.doctor.of_verify import tried

        sources["what torch sees"] = partial(partial, tried, python)
    records = (_PYTHON.match(path.name) for path in prefix.glob("conda-meta/python-*.json"))
    version = next((record[1] for record in records if record), None)
    paths = tuple(paths_beside(python))
    return Patient("conda", version, prefix, paths, os.environ, sources)


def _channels(prefix: Path) -> Part:
    from conda.base.context import context

    own = {channel.base_url for channel in context.default_channels}
    mapped = {name: str(one.base_url) for name, one in context.custom_channels.items()}
    return of_sources.channels(channels_in_force(str(prefix)), mapped, own)
