"""The error codes of NVML, libcuda and nvidia-smi, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

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
