"""The finding of one source with its errors, and the detection made from all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conda_cuda_guard.model import Gpu

# https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html, nvmlReturn_t
NVML: Mapping[int, str] = {
    1: Phrase("NVML was not initialized"),
    2: Phrase("NVML was asked for something invalid"),
    3: Phrase("the GPU or the driver does not support what it was asked"),
    4: Phrase("this account may not open the GPU's device files"),
    6: Phrase("no GPU was found"),
    8: Phrase("a power cable of the GPU is not plugged in"),
    9: Phrase("the NVIDIA kernel module is not loaded, or its device files are not here"),
    10: Phrase("the driver did not answer in time"),
    11: Phrase("the kernel found a problem with the GPU's interrupts"),
    12: Phrase("the library of NVML was not found or could not be loaded"),
    13: Phrase("the driver is too old for what it was asked"),
    14: Phrase("the GPU's infoROM is damaged"),
    15: Phrase("the GPU fell off the bus, or cannot be reached for another reason"),
    16: Phrase("the GPU has to be reset before it can be used"),
    17: Phrase("the operating system blocks the access to the GPU"),
    18: Phrase("the library is of another version than the driver's kernel module"),
    19: Phrase("the GPU is in use by another program"),
    20: Phrase("there is not enough memory"),
    23: Phrase("another resource is exhausted"),
    27: Phrase("the system is not ready for this call yet"),
    28: Phrase("no GPU was found"),
    29: Phrase("the GPU is in a state that does not allow it"),
    999: Phrase("the driver itself does not say what is wrong"),
}

# https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__TYPES.html, CUresult
CUDA: Mapping[int, str] = {
    1: Phrase("libcuda was asked for something invalid"),
    2: Phrase("there is not enough memory"),
    3: Phrase("the driver could not be initialized"),
    4: Phrase("the driver is shutting down"),
    34: Phrase("this libcuda is the stub for linking, not the driver's library"),
    36: Phrase("the call needs a newer driver"),
    46: Phrase("the GPU is busy or not available: held exclusively, or in a mode without compute"),
    100: Phrase("no GPU that CUDA can use was found"),
    101: Phrase("there is no such GPU, or CUDA may not use it"),
    209: Phrase("the code was not built for this GPU"),
    214: Phrase("the GPU's memory has an error that ECC cannot correct"),
    304: Phrase("a call to the operating system failed: device files or permissions"),
    800: Phrase("this operation is not permitted"),
    801: Phrase("this system does not support the operation"),
    802: Phrase("the system is not ready: on NVSwitch machines Fabric Manager does not run"),
    803: Phrase("libcuda and the driver's kernel module are of versions that do not fit"),
    804: Phrase("forward compatibility was tried on a GPU that does not support it"),
    805: Phrase("the client could not connect to the MPS server"),
    806: Phrase("the MPS server failed"),
    807: Phrase("the MPS server is not ready"),
    808: Phrase("the MPS server has as many clients as it can have"),
    809: Phrase("the MPS server has as many connections as it can have"),
    999: Phrase("the driver itself does not say what is wrong"),
}

# nvidia-smi ends with NVML's codes; 255 stands for all others (its manual page).
NVIDIA_SMI: Mapping[int, str] = {**NVML, 255: NVML[999]}

_TABLES = {"nvml": NVML, "libcuda": CUDA, "nvidia-smi": NVIDIA_SMI}


@dataclass(frozen=True)
class DriverError:
    """An answer that says that something is wrong.

    `source` is that of the finding, `call` the function that failed (empty: all of it), `code` the
    number that it returned, where there was one, and `words` the driver's own.
    """

    source: str
    call: str
    code: int | None
    words: str

    @property
    def phrase(self) -> str:
        """The error in one line: source, call, code, the driver's own words, the meaning."""
        place = ": ".join(filter(None, (self.source, self.call)))
        if self.code is None:
            return Phrase("{place}: {words}", place=place, words=self.words)
        meaning = _TABLES[self.source].get(self.code)
        if meaning is None:
            return Phrase(
                "{place}: error {code} ({words})", place=place, code=self.code, words=self.words
            )
        return Phrase(
            "{place}: error {code} ({words}): {meaning}",
            place=place,
            code=self.code,
            words=self.words,
            meaning=meaning,
        )


@dataclass(frozen=True)
class ProbeSettings:
    """Where a source looks: the environment, the root of the file system, the seconds it has."""

    environ: Mapping[str, str]
    roots: Path
    limit: float


@dataclass(frozen=True)
class Finding:
    """The answer of one source; what it cannot tell is None, and `problem` says why.

    `is_absent`: there is nothing to ask, which is no error. `errors` are its answers that say that
    something is wrong; other problems are of questions that not every driver can answer.
    `uuids` goes along with `gpus`; `parents` maps a MIG device of CUDA_VISIBLE_DEVICES to the UUID
    of the GPU that it is a part of. `memory` is free and total bytes, for each of `gpus`.
    """

    source: str
    driver: str | None = None
    cuda: str | None = None
    gpus: tuple[Gpu, ...] | None = None
    seconds: float = 0.0
    problem: str | None = None
    uuids: tuple[str | None, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    memory: tuple[tuple[int, int] | None, ...] = ()
    is_absent: bool = False
    errors: tuple[DriverError, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something is there that said nothing of the driver, not even an error."""
        told = self.driver or self.cuda or self.gpus is not None or self.errors
        return not self.is_absent and not told

    @property
    def knows_every_gpu(self) -> bool:
        """Whether the compute capability of all the GPUs is known."""
        return self.gpus is not None and all(gpu.compute_capability for gpu in self.gpus)


@dataclass(frozen=True)
class Detection:
    """The first answer for each quantity, the trail that led to it, and what contradicts it.

    `gpus` holds the GPUs that CUDA_VISIBLE_DEVICES leaves, None when nothing could count them;
    `visible_note` says what that variable did, where it did something. `failure` says why a driver
    that is there told neither its version nor its CUDA; None where there is none, or where it did.
    `listed` are the GPUs that the kernel lists where the rest of the driver answers with errors and
    gives none, `gpu_failure` says who answered what then. `board` is as in `Host`.
    """

    driver: str | None = None
    cuda: str | None = None
    gpus: tuple[Gpu, ...] | None = None
    trail: tuple[Finding, ...] = ()
    disagreements: tuple[str, ...] = ()
    visible_note: str | None = None
    failure: str | None = None
    board: str | None = None
    listed: tuple[Gpu, ...] = ()
    gpu_failure: str | None = None


def disagreements(trail: Sequence[Finding]) -> tuple[str, ...]:
    """Return a sentence for every quantity that the sources do not agree on."""
    answers = {
        Phrase("driver"): [(finding.source, finding.driver) for finding in trail],
        "CUDA": [(finding.source, finding.cuda) for finding in trail],
        "GPUs": [(finding.source, _capabilities(finding)) for finding in trail],
    }
    sentences = (_sentence(quantity, said) for quantity, said in answers.items())
    return tuple(filter(None, sentences))


def _capabilities(finding: Finding) -> str | None:
    # Sorted, because each source has its own order.
    if not finding.knows_every_gpu:
        return None
    return ", ".join(sorted(gpu.compute_capability or "" for gpu in finding.gpus or ())) or "none"


def _sentence(quantity: str, said: list[tuple[str, str | None]]) -> str | None:
    known = [(source, value) for source, value in said if value is not None]
    if len({value for _, value in known}) <= 1:
        return None
    told = (Phrase("{source} says {value}", source=source, value=value) for source, value in known)
    return joined("", (quantity, ": ", joined(", ", told)))
