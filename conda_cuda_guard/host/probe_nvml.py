"""A program that asks NVML, in a process of its own: NVML may hang, crash or print.

Run as a script (`probe_nvml.py FOLDER_OF_PYNVML [MIG_ID…]`). Prints all that is known so far as one
JSON line after each step, so that a hang loses only what comes after it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


# Answers of drivers and GPUs that cannot tell a thing: not supported, function not found.
_CANNOT_TELL = (3, 13)


class Problems:
    """What went wrong so far: all of it in words, and the errors among it with their codes."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.errors: list[tuple[str, int | None, str]] = []

    def add(self, call: str, code: int | None, words: str, *, needed: bool) -> None:
        """Note the answer of a call; one that is not `needed` may be more than a driver can."""
        self.words.append(f"{call}: {words}")
        if needed or code not in (None, *_CANNOT_TELL):
            self.errors.append((call, code, words))


def report(result: dict[str, Any], problems: Problems) -> None:
    """Print what is known so far."""
    told = {"errors": problems.errors, "problem": "; ".join(problems.words) or None}
    print(json.dumps({**result, **told}), flush=True)


def read(nvml: ModuleType, mig_ids: list[str]) -> None:
    """Report driver, CUDA version, GPUs, and the GPUs that MIG devices are a part of."""
    result: dict[str, Any] = {}
    problems = Problems()
    attempt(nvml, problems, "nvmlInit", nvml.nvmlInit, needed=True)
    if not problems.words:
        result["driver"] = attempt(nvml, problems, "driver", nvml.nvmlSystemGetDriverVersion)
        result["cuda"] = attempt(nvml, problems, "CUDA version", cuda_version, nvml)
        report(result, problems)
        count = attempt(nvml, problems, "GPU count", nvml.nvmlDeviceGetCount, needed=True)
        if count is not None:
            result["gpus"] = [read_gpu(nvml, index, problems) for index in range(count)]
        result["parents"] = {
            name: attempt(nvml, Problems(), "", mig_parent, nvml, name) for name in mig_ids
        }
    report(result, problems)


def attempt(
    nvml: ModuleType,
    problems: Problems,
    what: str,
    call: Callable[..., Any],
    *arguments: Any,  # noqa: ANN401
    needed: bool = False,
) -> Any:  # noqa: ANN401
    """Return what a call answers, or None, noting why: one failure must not hide the rest."""
    try:
        answer = call(*arguments)
    except Exception as error:  # noqa: BLE001  (NVML's errors, and an old pynvml's own)
        code = getattr(error, "value", None)
        problems.add(what, code, wording(nvml, error), needed=needed)
        return None
    return text_of(answer)


def text_of(answer: Any) -> Any:  # noqa: ANN401
    """Return an answer with bytes, the texts of old versions of pynvml, decoded."""
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def wording(nvml: ModuleType, error: Exception) -> str:
    """Return an error in NVML's own words, which people search for, else in pynvml's."""
    try:
        return str(text_of(nvml.nvmlErrorString(getattr(error, "value", None))))
    except Exception:  # noqa: BLE001  (no library, or not NVML's error)
        return str(error) or type(error).__name__


def cuda_version(nvml: ModuleType) -> int:
    """Return e.g. 12020, by the call that this driver has."""
    try:
        return int(nvml.nvmlSystemGetCudaDriverVersion_v2())
    except (nvml.NVMLError, AttributeError):
        return int(nvml.nvmlSystemGetCudaDriverVersion())


def read_gpu(nvml: ModuleType, index: int, problems: Problems) -> dict[str, Any]:
    """Return what one GPU tells of itself."""
    handle = attempt(
        nvml, problems, f"GPU {index}", nvml.nvmlDeviceGetHandleByIndex, index, needed=True
    )
    if handle is None:
        return {}
    calls = {
        "name": nvml.nvmlDeviceGetName,
        "capability": nvml.nvmlDeviceGetCudaComputeCapability,
        "uuid": nvml.nvmlDeviceGetUUID,
    }
    told = {
        key: attempt(nvml, problems, f"GPU {index} {key}", call, handle)
        for key, call in calls.items()
    }
    # Some GPUs share the machine's memory and have none of their own: that is no problem.
    return {**told, "memory": attempt(nvml, Problems(), "", memory, nvml, handle)}


def memory(nvml: ModuleType, handle: Any) -> list[int]:  # noqa: ANN401
    """Return how many bytes of a GPU's memory are free, and how many there are."""
    told = nvml.nvmlDeviceGetMemoryInfo(handle)
    return [int(told.free), int(told.total)]


def mig_parent(nvml: ModuleType, name: str) -> Any:  # noqa: ANN401
    """Return the UUID of the GPU that a MIG device is a part of."""
    device = nvml.nvmlDeviceGetHandleByUUID(name.encode())
    return nvml.nvmlDeviceGetUUID(nvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device))


def main(folder: str, *mig_ids: str) -> None:
    """Print what NVML reports through a folder's pynvml; exit without its destructors."""
    # Last, so that nothing beside pynvml stands before the standard library.
    sys.path.append(folder)
    import pynvml

    # From here on it is the library that keeps this process waiting.
    report({}, Problems())
    read(pynvml, list(mig_ids))
    # Its destructors may hang or crash too.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
