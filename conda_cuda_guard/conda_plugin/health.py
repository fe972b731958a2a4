"""`conda doctor`: whether the environment's PyTorch runs on this machine."""

from __future__ import annotations

from conda.core.prefix_data import PrefixData

from conda_cuda_guard.model import Note, Request
from conda_cuda_guard.planner.asking import COMPANIONS
from conda_cuda_guard.planner.companions import companion
from conda_cuda_guard.planner.situation import Situation, read
from conda_cuda_guard.planner.solution_check import check_solution
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.sources import from_catalogue

from . import environment
from .process import hosts
from .records import as_package, mixed_with_pip

_OK, _WRONG = "\u2705", "\u274c"


def check(prefix: str, _verbose: bool) -> None:
    """Print the verdict in the manner of conda's own checks."""
    record = PrefixData(prefix).get("pytorch", None)
    if record is None:
        _say(_OK, translated("There is no PyTorch of conda's here to check against the GPU."))
        return
    found = as_package(record)
    situation = _situation(found.version)
    notes = [
        *_judged(prefix, situation),
        *mixed_with_pip(prefix, f"pytorch {found.version}", "both"),
    ]
    if notes:
        told = translated("PyTorch will not work as it should on this machine:")
        _say(_WRONG, "\n".join((told, *note_lines(notes, least="warning"))))
    elif not situation.with_driver:
        told = translated("No NVIDIA driver here: pytorch {version} was not checked.")
        _say(_OK, told.format(version=found.version))
    else:
        told = translated("pytorch {version} ({build}) runs on this machine's GPU.")
        _say(_OK, told.format(version=found.version, build=found.build))


def _say(mark: str, text: str) -> None:
    print(f"{mark} {text}", end="\n\n")


def _situation(version: str) -> Situation:
    request = Request("conda", (f"pytorch={version}",), hosts())
    return read(request, from_catalogue("conda", environment.platform()))


def _judged(prefix: str, situation: Situation) -> tuple[Note, ...]:
    records = [as_package(record) for record in PrefixData(prefix).iter_records()]
    catalogue = from_catalogue("conda", environment.platform())
    torch = next(record for record in records if record.name == "pytorch")
    release = next((r for r in catalogue.releases if r.version == torch.version), None)
    notes = list(check_solution(records, (), situation, catalogue))
    for record in records:
        if release is None or record.name not in COMPANIONS:
            continue
        known = companion(release, record.name, situation)
        if known is not None and record.version not in known.versions:
            facts = {
                "asked": f"pytorch {torch.version}, {record.name} {record.version}",
                "pair": f"pytorch=={torch.version} {record.name}=={known.versions[0]}",
            }
            notes.append(Note("companion-mismatch", "warning", "", facts))
    return tuple(notes)
