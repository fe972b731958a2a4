"""A real driver: its sources agree, and CUDA_VISIBLE_DEVICES is read as libcuda reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.catalogue import gpu_capability
from conda_cuda_guard.host import detection, probe_cuda
from conda_cuda_guard.host.child import last_report
from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.model import Gpu

from .steps import ROOT_VARIABLE

if TYPE_CHECKING:
    from conda_cuda_guard.host.finding import Detection, Finding

pytestmark = pytest.mark.gpu

ROOT = Path(os.environ.get(ROOT_VARIABLE, "/"))
SOURCES = [name for name, _ in detection.SOURCES]
NOBODYS = "GPU-ffffffff-ffff-ffff-ffff-ffffffffffff"
_LIMIT = 30


def _environ(visible: str | None = None) -> dict[str, str]:
    environ = {key: text for key, text in os.environ.items() if key != "CUDA_VISIBLE_DEVICES"}
    return environ if visible is None else {**environ, "CUDA_VISIBLE_DEVICES": visible}


@cache
def machine() -> Detection:
    """Return what every source tells of this machine; skip where there is no driver."""
    found = detect(environ=_environ(), roots=ROOT, everything=True)
    if not any(one.driver or one.cuda for one in found.trail):
        pytest.skip("no NVIDIA driver answers")
    return found


def finding(source: str) -> Finding:
    """Return the answer of a source; skip where there is nothing to ask."""
    found = next(one for one in machine().trail if one.source == source)
    if found.is_absent:
        pytest.skip(f"{source}: {found.problem}")
    return found


def uuids() -> list[str]:
    """Return the UUIDs of the GPUs."""
    found = finding("nvml").uuids
    if not found:
        pytest.skip("no GPU")
    return [uuid or "" for uuid in found]


def seen_by_libcuda(visible: str) -> list[Gpu]:
    """Return the GPUs that CUDA itself shows under CUDA_VISIBLE_DEVICES."""
    finding("libcuda")
    command = [sys.executable, "-I", "-S", str(probe_cuda.__file__)]
    done = subprocess.run(
        command, env=_environ(visible), capture_output=True, text=True, timeout=_LIMIT, check=True
    )
    gpus: list[dict[str, Any]] = last_report(done.stdout).get("gpus") or []
    return [Gpu(one["name"], ".".join(map(str, one["capability"]))) for one in gpus]


def ask_nvidia_smi(*words: str) -> list[str]:
    """Return the lines that nvidia-smi prints; skip where there is none."""
    command = ["nvidia-smi", *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_LIMIT, env=_environ()
        )
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"nvidia-smi does not answer: {error}")
    return done.stdout.splitlines()


def test_the_sources_agree() -> None:
    assert machine().disagreements == ()
    assert machine().failure is None


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_is_there_answers_without_an_error(source: str) -> None:
    found = finding(source)
    assert found.errors == ()
    assert found.gpus is not None
    assert not found.is_open


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_tells_the_same_gpus(source: str) -> None:
    found = finding(source)
    assert sorted(map(str, found.gpus or ())) == sorted(map(str, machine().gpus or ()))
    told = {uuid for uuid in found.uuids if uuid}
    assert told <= set(uuids())


def test_a_real_machine_agrees_with_nvidia_smi() -> None:
    query = "--query-gpu=name,compute_cap,driver_version"
    rows = [line.split(", ") for line in ask_nvidia_smi(query, "--format=csv,noheader")]
    assert machine().driver == rows[0][2]
    assert machine().gpus == tuple(Gpu(name, capability) for name, capability, _ in rows)


def test_the_memory_is_told() -> None:
    for memory in finding("nvml").memory:
        assert memory is not None
        assert 0 <= memory[0] <= memory[1]


def test_the_catalogue_knows_the_names() -> None:
    gpus = machine().gpus or ()
    assert gpus
    assert [gpu_capability(gpu.name or "") for gpu in gpus] == [
        gpu.compute_capability for gpu in gpus
    ]


@pytest.mark.parametrize(
    "visible", ["", "-1", "0", "0,1", "99", "99,0", "0,99", "nonsense", NOBODYS]
)
def test_cuda_visible_devices_is_read_as_libcuda_reads_it(visible: str) -> None:
    found = detect(environ=_environ(visible), roots=ROOT)
    assert (found.driver, found.cuda) == (machine().driver, machine().cuda)
    assert list(found.gpus or ()) == seen_by_libcuda(visible)


@pytest.mark.parametrize("length", [len(NOBODYS), len("GPU-00000000-0000"), len("GPU-00000000")])
def test_a_uuid_or_its_beginning_names_one_gpu(length: int) -> None:
    for place, uuid in enumerate(uuids()):
        visible = uuid[:length]
        found = detect(environ=_environ(visible), roots=ROOT)
        assert found.gpus == (finding("nvml").gpus or ())[place : place + 1]
        assert list(found.gpus or ()) == seen_by_libcuda(visible)


@pytest.mark.parametrize("visible", ["", "-1", "99", NOBODYS])
def test_what_names_no_gpu_hides_every_gpu(visible: str) -> None:
    found = detect(environ=_environ(visible), roots=ROOT)
    assert (found.gpus, found.visible_note) == ((), "CUDA_VISIBLE_DEVICES hides every GPU")


def test_a_mig_device_stands_for_its_gpu() -> None:
    lines = ask_nvidia_smi("-L")
    devices = re.findall(r"UUID: (MIG-[^)\s]+)", "\n".join(lines))
    if not devices:
        pytest.skip("MIG is off, or has no instances")
    for device in devices:
        (gpu,) = detect(environ=_environ(device), roots=ROOT).gpus or (Gpu(),)
        (seen,) = seen_by_libcuda(device)
        assert gpu.compute_capability == seen.compute_capability
        assert gpu in (machine().gpus or ())


def test_the_command_prints_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conda_cuda_guard.host", "--roots", str(ROOT)],
        env=_environ(),
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert (answer["driver"], answer["cuda"]) == (machine().driver, machine().cuda)
    assert [one["name"] for one in answer["gpus"]] == [gpu.name for gpu in machine().gpus or ()]
