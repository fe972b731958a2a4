"""The steps of the check of a machine with a GPU, in order: the coldest and the cheapest first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from . import environments
from .judging import (
    DONE,
    FOUND_WRONG,
    REFUSED,
    allowed,
    chinese,
    ends,
    english,
    every,
    families_hidden,
    families_work,
    finds,
    healthy,
    notes,
    planned,
    prints,
    tested,
    told,
    verified,
    warns,
)
from .running import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
# Where the tests marked `gpu` are told the root of the file system.
ROOT_VARIABLE = "GPU_CHECK_ROOT"
_ENGLISH, _CHINESE = {"CUDA_GUARD_LANG": "en"}, {"CUDA_GUARD_LANG": "zh"}
_PLANS = ("torch", "xformers", "cupy", "jax", "onnxruntime-gpu", "torch==2.1.1")
_HAS_TORCH = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
_FAMILIES = ("cupy-cuda13x", "jax-cuda13-plugin")
_HAS_FAMILY = (
    "import sys; from importlib.metadata import distributions as d; "
    f"sys.exit(not {set(_FAMILIES)} & {{one.metadata['Name'] for one in d()}})"
)
_LOOKING = 20.0
_MODULES = "import packaging, pip, platformdirs, pluggy, pynvml, pytest, rich, yaml"
# What the doctor may call a driver whose device files are not there.
_NO_DEVICES = (
    "device-files-missing", "container-without-gpu", "driver-answers-error", "driver-not-loaded",
    "driver-not-permitted", "cuda-finds-no-gpu", "unknown-error-after-suspend", "torch-without-gpu",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """What is checked, and where: `python` is the environment whose torch is to run here.

    `folder` takes what the steps make, `root` is where /proc, /sys and /dev are, `conda` an
    interpreter that can import conda.
    """

    folder: Path
    root: Path = Path("/")
    python: str = sys.executable
    conda: str | None = None

    @cached_property
    def without_torch(self) -> str | None:
        """The obstacle of the steps that need a torch."""
        return None if self._says(_HAS_TORCH) else f"no torch is installed for {self.python}"

    @cached_property
    def without_families(self) -> str | None:
        """The obstacle of the steps that need another package for CUDA 13."""
        names = " or ".join(_FAMILIES)
        return None if self._says(_HAS_FAMILY) else f"no {names} is installed for {self.python}"

    def _says(self, question: str) -> bool:
        command = (self.python, "-c", question)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=_LOOKING, check=False)
        return not done.returncode


def all_steps(check: Check) -> Iterator[Step]:
    """Yield every step."""
    yield from _machine(check)
    yield from _doctor(check)
    yield from _verify(check)
    yield from _families(check)
    yield from _plans(check)
    yield from _negative(check)
    yield from _shadowed(check)


def _pipcuda(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pip_hook", *words)


def _machine(check: Check) -> Iterator[Step]:
    """Yield times before all else, while the driver is cold; then what the machine tells."""
    root = str(check.root)
    yield Step("packages", (sys.executable, "-c", _MODULES), ends(DONE))
    yield Step("times", (sys.executable, "-m", "tests.gpu.times", root), ends(DONE), limit=90)
    no_conda = None if check.conda else "no conda on PATH"
    conda = (check.conda or "", str(HERE / "conda_times.py"))
    yield Step("times of conda", conda, ends(DONE), obstacle=no_conda)
    smi = None if shutil.which("nvidia-smi") else "no nvidia-smi on PATH"
    yield Step("nvidia-smi", ("nvidia-smi",), ends(DONE), obstacle=smi)
    yield Step("nvidia-smi -L", ("nvidia-smi", "-L"), ends(DONE), obstacle=smi)
    query = "--query-gpu=name,compute_cap,driver_version,uuid"
    asked = ("nvidia-smi", query, "--format=csv,noheader")
    yield Step("nvidia-smi, asked", asked, ends(DONE), obstacle=smi)
    yield Step("files", (sys.executable, str(HERE / "machine_files.py"), root), ends(DONE))
    detection = (sys.executable, "-m", "conda_cuda_guard.host", "--everything", "--roots", root)
    yield Step("detection", detection, ends(DONE))
    tests = (
        sys.executable, "-m", "pytest", "-m", "gpu", "-ra", "-o", "addopts=", "--noconftest",
        "-p", "no:cacheprovider", str(HERE),
    )  # fmt: skip
    yield Step("gpu tests", tests, tested, limit=90, variables={ROOT_VARIABLE: root, **_ENGLISH})


def _doctor(check: Check) -> Iterator[Step]:
    doctor = _pipcuda("doctor", "--python", check.python, "--root", str(check.root))
    for more in ((), ("--verify",)):
        name = " ".join(("doctor", *more))
        command = (*doctor, *more)
        as_text, as_json = every(ends(DONE), english), every(ends(DONE), told(healthy))
        in_chinese = every(ends(DONE), chinese)
        missing = check.without_torch if more else None
        yield Step(name, command, as_text, 60, _ENGLISH, missing)
        yield Step(f"{name}, Chinese", command, in_chinese, 60, _CHINESE, missing)
        as_object = (*command, "--json")
        yield Step(f"{name} --json", as_object, as_json, 60, _ENGLISH, missing)
        if not more:  # what is tried takes long, and its words are in the text already
            yield Step(f"{name} --json, Chinese", as_object, as_json, 60, _CHINESE, missing)


def _verify(check: Check) -> Iterator[Step]:
    command = _pipcuda("verify", "--python", check.python)
    as_json = every(ends(DONE), verified("works"), told(families_work))
    missing = check.without_torch
    yield Step("verify", command, every(ends(DONE), english), 60, _ENGLISH, missing)
    in_chinese = every(ends(DONE), chinese)
    yield Step("verify, Chinese", command, in_chinese, 60, _CHINESE, missing)
    yield Step("verify --json", (*command, "--json"), as_json, 60, _ENGLISH, missing)


def _families(check: Check) -> Iterator[Step]:
    """Yield steps of packages beside torch: without a visible GPU, and for an older driver."""
    missing = check.without_families
    verify = _pipcuda("verify", "--python", check.python, "--json")
    hidden = {**_ENGLISH, "CUDA_VISIBLE_DEVICES": ""}
    found_out = every(ends(FOUND_WRONG), told(families_hidden))
    yield Step("families hidden: verify --json", verify, found_out, 60, hidden, missing)
    doctor = _pipcuda("doctor", "--python", check.python, "--json")
    older = (*doctor, "--driver", "535.104.05", "--gpu", "A100")
    judge = finds("cuda-package-does-not-run")
    yield Step("families, an older driver: doctor --json", older, judge, 30, _ENGLISH, missing)
    for name in ("cupy", "xformers"):
        matrix = _pipcuda("matrix", "--offline", name)
        yield Step(f"matrix {name}", matrix, every(ends(DONE), english), variables=_ENGLISH)


def _plans(check: Check) -> Iterator[Step]:
    matrix = _pipcuda("matrix", "--offline")
    yield Step("matrix", matrix, every(ends(DONE), english), variables=_ENGLISH)
    yield Step("matrix, Chinese", matrix, every(ends(DONE), chinese), variables=_CHINESE)
    yield Step("matrix --json", (*matrix, "--json"), ends(DONE), variables=_ENGLISH)
    plan = ("plan", "--python", check.python)
    for name in _PLANS:
        command = _pipcuda(*plan, "--offline", name)
        answered = every(ends(DONE, REFUSED), english)
        yield Step(f"plan {name}", command, answered, variables=_ENGLISH)
        yield Step(f"plan {name} --json", (*command, "--json"), planned, variables=_ENGLISH)
    advice = _pipcuda(*plan, "--offline", _PLANS[-1])
    spoken = every(ends(DONE, REFUSED), chinese)
    yield Step(f"plan {_PLANS[-1]}, Chinese", advice, spoken, variables=_CHINESE)
    asking = _pipcuda(*plan, "torch", "--json")
    yield Step("plan torch, asking the index", asking, planned, variables=_ENGLISH)


def _negative(check: Check) -> Iterator[Step]:
    """Yield steps with environments made by hand, and with a driver that is declared."""
    made = (
        ("a CPU build", environments.cpu_build(check.folder / "cpu"), "cpu-build"),
        ("a CUDA too new", environments.too_new(check.folder / "new"), "driver-too-old"),
    )
    for name, env, code in made:
        doctor = _pipcuda("doctor", "--python", str(env), "--root", str(check.root))
        yield Step(f"{name}: doctor", doctor, ends(FOUND_WRONG), variables=_ENGLISH)
        yield Step(f"{name}: doctor --json", (*doctor, "--json"), finds(code), variables=_ENGLISH)
        verify = _pipcuda("verify", "--python", str(env), "--json")
        judge = every(ends(FOUND_WRONG), verified("cpu-only"))
        yield Step(f"{name}: verify --json", verify, judge, variables=_ENGLISH)
    older = _pipcuda(
        "doctor", "--python", check.python, "--driver", "450.80.02", "--gpu", "V100", "--json"
    )
    judge = finds("driver-too-old")
    yield Step("an older driver: doctor --json", older, judge, 30, _ENGLISH, check.without_torch)


def _shadowed(check: Check) -> Iterator[Step]:
    """Yield steps with libraries in the way, and without device files."""
    doctor = _pipcuda("doctor", "--python", check.python, "--root", str(check.root), "--json")
    plan = _pipcuda("plan", "--offline", "torch", "--json")
    cudnn = environments.shadow(check.folder / "cudnn", "libcudnn.so.9", "libcublas.so.13")
    # No error: the real torch finds its own all the same.
    code = "library-path-shadows-torch"
    # Other packages may take what is in the way; torch does not.
    for more, judge in (((), warns(code)), (("--verify",), warns(code, DONE, FOUND_WRONG))):
        name = " ".join(("cuDNN shadowed: doctor", *more))
        command = shadowed(cudnn, (*doctor, *more))
        yield Step(name, command, judge, 60, _ENGLISH, check.without_torch)
    yield from _loaded(check)
    nvml = environments.shadow(check.folder / "nvml", "libnvidia-ml.so.1")
    broken = finds("driver-answers-error")
    yield Step("NVML shadowed: doctor", shadowed(nvml, doctor), broken, variables=_ENGLISH)
    yield Step("NVML shadowed: plan", shadowed(nvml, plan), planned, variables=_ENGLISH)
    stub = environments.libcuda_for_linking(check.folder / "stub")
    none = None if stub else "no CUDA toolkit with a stub of libcuda"
    is_stub = finds("libcuda-is-a-stub")
    yield Step("libcuda for linking: doctor", shadowed(stub, doctor), is_stub, 30, _ENGLISH, none)
    yield from _without_devices(check, doctor, plan)


def shadowed(folder: Path | None, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command with a folder in front of LD_LIBRARY_PATH."""
    path = '"$0"${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}'
    return ("sh", "-c", f'LD_LIBRARY_PATH={path} exec "$@"', str(folder), *command)


def _loaded(check: Check) -> Iterator[Step]:
    """Yield steps that tell which libraries torch loads; they need only run."""
    broken = environments.shadow(check.folder / "broken", *environments.BROKEN)
    compute = (check.python, str(HERE / "libraries.py"))
    ran = prints("LD_LIBRARY_PATH")
    yield Step("libraries: torch's own", compute, ran, 60, obstacle=check.without_torch)
    folders = (
        ("the system's cuDNN", environments.cudnn_of_the_system()),
        ("a toolkit's", environments.libraries_of_a_toolkit()),
        ("broken copies", broken),
    )
    for name, folder in folders:
        none = check.without_torch or (None if folder else "there is none here")
        command = shadowed(folder, compute)
        yield Step(f"libraries: {name}", command, ran, 60, obstacle=none)


def _without_devices(
    check: Check, doctor: tuple[str, ...], plan: tuple[str, ...]
) -> Iterator[Step]:
    real = check.folder / "dev"
    real.mkdir()
    view = ("unshare", "-rm", "sh", str(HERE / "without_devices.sh"), str(real))
    none = None if shutil.which("unshare") else "no unshare on PATH"
    lost = allowed(finds(*_NO_DEVICES))
    yield Step("no device files: doctor", (*view, *doctor), lost, 30, _ENGLISH, none)
    # Never a CPU build: a driver is there, and fails.
    judge = every(planned, notes("driver-gives-no-gpu")) if _kernel_lists_a_gpu() else planned
    yield Step("no device files: plan", (*view, *plan), allowed(judge), 30, _ENGLISH, none)


def _kernel_lists_a_gpu() -> bool:
    """Whether a plan, which always looks at this machine, has more than the driver to ask."""
    return any(Path("/proc/driver/nvidia/gpus").glob("*"))
