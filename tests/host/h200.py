"""What a real machine answered: one NVIDIA H200, driver 580.159.04 (docs/gpu.md).

Its UUID, PCI address and builder are replaced. `samples/h200` has the texts as they were printed;
`answers.json` what NVML and libcuda return, and what each source told where the device files were
missing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import stubs

if TYPE_CHECKING:
    from collections.abc import Callable

    from .machine import Machine

DRIVER, CUDA, NAME = "580.159.04", "13.0", "NVIDIA H200"
UUID = "GPU-00000001-0000-0000-0000-000000000001"
PCI = "0000:01:00.0"
_FOLDER = Path(__file__).with_name("samples") / "h200"


def sample(name: str) -> str:
    """Return a text as the machine printed it."""
    return (_FOLDER / name).read_text("utf-8")


def answers() -> Any:
    """Return what its libraries answered."""
    return json.loads(sample("answers.json"))


def smi_script(device: str) -> str:
    """Return an nvidia-smi that prints what the real one did, also without a device file."""
    return f"""\
[ -e {device} ] || {{ cat <<'!'
{sample("nvidia-smi-without-devices.txt")}!
exit 9; }}
case $1 in
-L) cat <<'!'
{sample("nvidia-smi-L.txt")}!
;;
--query-gpu=*uuid) echo '{NAME}, 9.0, {DRIVER}, {UUID}' ;;
--query-gpu=*) echo '{NAME}, 9.0, {DRIVER}' ;;
*) cat <<'!'
{sample("nvidia-smi.txt")}!
;;
esac"""


def put_files(machine: Machine, named: Callable[[str], str] = str) -> None:
    """Put the kernel's files of the machine there; `named` may name the card anew in each text."""
    machine.write("sys/module/nvidia/version", f"{DRIVER}\n")
    machine.write("proc/driver/nvidia/version", sample("proc-version.txt"))
    place = named(f"proc/driver/nvidia/gpus/{PCI}/information")
    machine.write(place, named(sample("information.txt")))


def driver(folder: Path, *, device: str) -> dict[str, str]:
    """Return the variables of a stub driver that is as the machine's."""
    free, total = answers()["nvml"]["gpus"][0]["memory"]
    return {
        **stubs.environment(folder, driver=DRIVER, cuda=CUDA, gpus=[(NAME, "9.0", UUID)]),
        "STUB_NVML_MEMORY": f"{free},{total}",
        "STUB_DEVICE": device,
    }
