"""`conda cuda-doctor`: the doctor's report for a conda environment."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from conda.core.prefix_data import PrefixData

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.doctor import check_sources
from conda_cuda_guard.doctor.examination import examine
from conda_cuda_guard.doctor.report import Environment
from conda_cuda_guard.host.assemble import declared_machine
from conda_cuda_guard.host.overrides import Options, read_overrides
from conda_cuda_guard.host.programs import interpreter_of, paths_beside
from conda_cuda_guard.model import DONE, FAILED, UNUSABLE, GuardError, Note, Phrase, Request
from conda_cuda_guard.planner.candidates import companion
from conda_cuda_guard.planner.check_solution import check_solution
from conda_cuda_guard.planner.problem import Problem, read_problem
from conda_cuda_guard.rendering import note_lines, tell_error
from conda_cuda_guard.rendering.doctor_text import report_text, report_to_json
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import out, out_json, progress
from conda_cuda_guard.rendering.verify_text import verdict_link
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.verify import verify as try_torch

from . import environment
from .channels_in_force import channels_in_force
from .hook_state import hosts
from .solutions import as_package, mixed_with_pip

if TYPE_CHECKING:
    from argparse import Namespace

    from conda_cuda_guard.doctor.report import CheckResult, Source

_WAIT = Phrase("cuda-doctor: still looking at the machine and the environment ...")
_PYTHON = re.compile(r"python-(\d+\.\d+)[.\d]*-")


def run_cuda_doctor(args: Namespace) -> int:
    """Examine the environment that conda's options name, and return the exit status."""
    from conda.base.context import context

    prefix = Path(context.target_prefix)
    try:
        _require(prefix)
        with progress(_WAIT):
            report = examine(_environment(prefix, args))
    except GuardError as error:
        tell_error(error)
        return UNUSABLE
    if context.json:
        out_json(report_to_json(report))
    else:
        from conda_cuda_guard.rendering.wrapping import show

        show(report_text(report))
    return DONE if report.healthy else FAILED


def _require(prefix: Path) -> None:
    if not (prefix / "conda-meta").is_dir():
        raise GuardError(
            "there is no such environment",
            why=Phrase("{prefix} is none of conda's", prefix=prefix),
            hint="conda env list",
        )


def _environment(prefix: Path, args: Namespace) -> Environment:
    from conda.base.context import context

    python = interpreter_of(prefix)
    offline = context.offline or bool(read_overrides(Options(), os.environ).offline)
    sources: dict[str, Source] = {
        check_sources.INDEXES: partial(
            check_sources.indexes_of_pip, python, os.environ, offline=offline
        ),
        check_sources.CHANNELS: partial(partial, _channels, prefix),
    }
    if args.verify and python.exists():
        sources["what torch sees"] = lambda: (
            lambda: verdict_link(try_torch(python, built_in.spelt_families()))
        )
    records = (_PYTHON.match(path.name) for path in prefix.glob("conda-meta/python-*.json"))
    version = next((record[1] for record in records if record), None)
    paths = tuple(paths_beside(python))
    machine = Options(cuda=args.cuda, driver=args.driver, gpu=tuple(args.gpu or ()), host=args.host)
    declared = declared_machine(machine, version)
    return Environment(
        "conda",
        version,
        prefix,
        paths,
        os.environ,
        {} if declared else sources,
        offline=offline,
        declared=declared,
        interpreter=python,
    )


def _channels(prefix: Path) -> CheckResult:
    from conda.base.context import context

    own = {channel.base_url for channel in context.default_channels}
    mapped = {name: str(one.base_url) for name, one in context.custom_channels.items()}
    return check_sources.channels_link(channels_in_force(str(prefix)), mapped, own)


_OK, _WRONG = "\u2705", "\u274c"


def check_health(prefix: str, _verbose: bool) -> None:
    """Print the verdict in the manner of conda's own checks."""
    lead = built_in.family().lead.conda
    record = PrefixData(prefix).get(lead, None)
    if record is None:
        _say(_OK, translated("There is no PyTorch of conda's here to check against the GPU."))
        return
    found = as_package(record)
    problem = _situation(found.version)
    notes = [
        *_judged(prefix, problem),
        *mixed_with_pip(prefix, f"{lead} {found.version}", "both"),
    ]
    if notes:
        told = translated("PyTorch will not work as it should on this machine:")
        _say(_WRONG, "\n".join((told, *note_lines(notes, least="warning"))))
    elif not problem.with_driver:
        told = translated("No NVIDIA driver here: pytorch {version} was not checked.")
        _say(_OK, told.format(version=found.version))
    else:
        told = translated("pytorch {version} ({build}) runs on this machine's GPU.")
        _say(_OK, told.format(version=found.version, build=found.build))


def _say(mark: str, text: str) -> None:
    out(f"{mark} {text}", end="\n\n")


def _situation(version: str) -> Problem:
    lead = built_in.family().lead.conda
    request = Request("conda", (f"{lead}={version}",), hosts())
    return read_problem(request, from_catalogue("conda", environment.platform()))


def _judged(prefix: str, problem: Problem) -> tuple[Note, ...]:
    records = [as_package(record) for record in PrefixData(prefix).iter_records()]
    catalogue = from_catalogue("conda", environment.platform())
    lead = next(one for one in records if one.name == problem.family.lead.conda)
    release = next((r for r in catalogue.releases if r.version == lead.version), None)
    notes = list(check_solution(records, (), problem, catalogue))
    for record in records:
        if release is None or record.name not in built_in.family().conda_names[1:]:
            continue
        known = companion(release, record.name, problem)
        if known is not None and record.version not in known.versions:
            facts = {
                "asked": f"{lead.name} {lead.version}, {record.name} {record.version}",
                "pair": f"{lead.name}=={lead.version} {record.name}=={known.versions[0]}",
            }
            notes.append(Note("companion-mismatch", "warning", "", facts))
    return tuple(notes)
