"""Detection by nvidia-smi, and parsing of what its many versions print."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from conda_cuda_guard.model import Phrase

from .child import run_bounded
from .driver_library import windows_folders
from .finding import DriverError, Finding
from .host_json import clean_driver, make_gpu
from .programs import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Gpu

    from .child import Outcome
    from .finding import ProbeSettings

# Drivers of the 600s call the kernel's part KMD and libcuda's part UMD.
_HEADER_DRIVER = re.compile(r"(?:Driver|KMD) Version\s*:\s*([\d.]+)")
_HEADER_CUDA = re.compile(r"CUDA (?:UMD )?Version\s*:\s*(\d{1,2}\.\d)\b")
# Name, capability where it was asked for, driver, UUID.
_ROW = re.compile(r"(.+?), (?:([^,]+), )?([^,]+), (GPU-[0-9a-fA-F-]{8,})")
_UNREAD = Phrase("its answer is not understood")
_NO_GPU = "No devices were found"
_COMPLAINT = re.compile(r"has failed|No devices|Unable to|mismatch|not permitted|[Ee]rror")


class SmiRow(NamedTuple):
    """One line of the answer to a query."""

    gpu: Gpu
    driver: str | None
    uuid: str


def look_with_nvidia_smi(settings: ProbeSettings) -> Finding:
    """Return driver, CUDA version and GPUs."""
    tool = _find(settings)
    if tool is None:
        absent = Phrase("{name} not found", name="nvidia-smi")
        return Finding("nvidia-smi", problem=absent, is_absent=True)
    end = time.monotonic() + settings.limit
    query = _query(tool, settings, end)
    header = run_bounded([tool], environ=settings.environ, limit=end - time.monotonic())
    rows = read_rows(query.output)
    driver, cuda = read_header(header.output)
    known = bool(rows) or _NO_GPU in query.output
    return Finding(
        "nvidia-smi",
        driver=driver or next((row.driver for row in rows if row.driver), None),
        cuda=cuda,
        gpus=tuple(row.gpu for row in rows) if known else None,
        problem=_problem(query, header) or (None if known else _UNREAD),
        uuids=tuple(row.uuid for row in rows),
        errors=tuple(_errors(query, header, known=known)),
    )


def _errors(*outcomes: Outcome, known: bool) -> Iterator[DriverError]:
    """Yield the error that the tool told of, with its exit status, or that it told nothing."""
    asked = [outcome for outcome in outcomes if outcome.started]
    failed = next((one for one in asked if complaint(one.output) or one.problem), None)
    if failed is not None:
        words = complaint(failed.output) or failed.problem or ""
        yield DriverError("nvidia-smi", "", failed.status or None, words)
    elif asked and not known:
        yield DriverError("nvidia-smi", "", None, _UNREAD)


def _problem(*outcomes: Outcome) -> str | None:
    complaints = [complaint(outcome.output) or outcome.problem for outcome in outcomes]
    return next(filter(None, complaints), None)


def _find(settings: ProbeSettings) -> str | None:
    on_path = find_program("nvidia-smi", settings.environ)
    if sys.platform == "win32":
        # Before PATH, where anything may come first.
        places = [folder / "nvidia-smi.exe" for folder in windows_folders(settings)]
        return next((str(place) for place in places if place.exists()), on_path)
    else:  # noqa: RET505  (so mypy checks each system)
        wsl = settings.roots / "usr/lib/wsl/lib/nvidia-smi"
        return on_path or (str(wsl) if wsl.exists() else None)


def _query(tool: str, settings: ProbeSettings, end: float) -> Outcome:
    """Ask for a line per GPU, again without the field that old drivers lack."""
    for capability in ("compute_cap,", ""):
        query = f"--query-gpu=name,{capability}driver_version,uuid"
        command = [tool, query, "--format=csv,noheader"]
        outcome = run_bounded(command, environ=settings.environ, limit=end - time.monotonic())
        # Drivers before 510 refuse the whole query.
        if "not a valid field" not in outcome.output:
            break
    return outcome


def read_rows(text: str) -> list[SmiRow]:
    """Return every line of a query's answer that has the right shape."""
    matches = (_ROW.fullmatch(line.strip()) for line in text.splitlines())
    return [
        SmiRow(make_gpu(match[1], match[2]), clean_driver(match[3]), match[4])
        for match in matches
        if match
    ]


def read_header(text: str) -> tuple[str | None, str | None]:
    """Return driver and CUDA version from the table's head; None for `N/A` and `ERR!`."""
    driver, cuda = _HEADER_DRIVER.search(text), _HEADER_CUDA.search(text)
    return clean_driver(driver[1]) if driver else None, cuda[1] if cuda else None


def complaint(text: str) -> str | None:
    """Return the first line in which the tool says that something is wrong."""
    lines = (line.strip() for line in text.splitlines() if not line.startswith("|"))
    return next((line for line in lines if _COMPLAINT.search(line)), None)
