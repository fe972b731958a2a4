"""The words of every note of a verification: what and why, and what to type next."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from .language import translated

if TYPE_CHECKING:
    from conda_cuda_guard.model import Note

Words = tuple[str, tuple[str, ...]]

_ON_CONDA = "on conda: conda cuda-install --force-reinstall pytorch"
_INSTALL = f"pipcuda install --force-reinstall torch ({_ON_CONDA})"
_AGAIN = f"Install it again: {_INSTALL}."
_PAIR = (
    "Install the pair that belongs together: pipcuda install --force-reinstall torch torchvision "
    f"({_ON_CONDA} torchvision)."
)

WORDS: dict[tuple[str, str], Words] = {
    ("torch-not-installed", ""): (
        "torch is not installed for {python}.",
        ("pipcuda install torch (on conda: conda cuda-install pytorch).",),
    ),
    ("torch-import-failed", ""): ("torch cannot be imported ({error}).", (_AGAIN,)),
    ("torch-import-failed", "library"): (
        "torch cannot be imported: a library that it needs is missing or broken ({error}).",
        (_AGAIN,),
    ),
    ("torch-import-failed", "dependency"): (
        "torch cannot be imported: the package {missing} is missing ({error}).",
        ("Install what torch needs: {python} -m pip install --upgrade torch {missing}.",),
    ),
    ("torch-import-failed", "crash"): (
        "torch cannot be imported: the process {how}.",
        ("It last printed: {output}", _AGAIN),
    ),
    ("torch-crashed", "crash"): (
        "The process {how} while {doing}.",
        ("It last printed: {output}", _AGAIN),
    ),
    ("torch-crashed", "illegal-instruction"): (
        "The process {how} while {doing}: this CPU lacks an instruction that the build uses.",
        ("An older torch, or conda-forge's build, may run on it: conda cuda-install pytorch.",),
    ),
    ("verification-timeout", ""): (
        "It was not done after {limit} s, while {doing}, and was stopped.",
        (
            "The first import from a slow disk takes long: try again with --timeout 600.",
            "If it hangs again, look whether nvidia-smi answers.",
        ),
    ),
    ("interpreter-failed", ""): (
        "{python} did not run the verification: it {how}.",
        ("It last printed: {output}", "Name an interpreter: --python .venv/bin/python."),
    ),
    ("cpu-build", ""): (
        "torch {torch} is a CPU build, and no NVIDIA driver was found on this machine.",
        (),
    ),
    ("cpu-build", "driver"): (
        "torch {torch} is a CPU build, and this machine has an NVIDIA driver ({driver}).",
        (f"Take a CUDA build: {_INSTALL}.",),
    ),
    ("cuda-not-available", ""): (
        "torch {torch}, for CUDA {cuda}, finds no GPU, and there is a driver ({driver}).",
        ("It says: {reason}", "Look whether nvidia-smi lists the GPU."),
    ),
    ("cuda-not-available", "no-driver"): (
        "torch {torch} is for CUDA {cuda}, and no NVIDIA driver was found on this machine.",
        ("It works on the CPU here. On the machine with the GPU, run this again.",),
    ),
    ("cuda-not-available", "driver-too-old"): (
        "torch {torch} is for CUDA {cuda}, which the driver {driver} cannot run.",
        (
            "It says: {reason}",
            f"Take a build for this driver: {_INSTALL}.",
        ),
    ),
    ("cuda-not-available", "hidden"): (
        "torch {torch}, for CUDA {cuda}, finds no GPU: {hidden} hides them.",
        ("Unset CUDA_VISIBLE_DEVICES, and run this again.",),
    ),
    ("cuda-query-failed", ""): (
        "torch fails when it is asked for CUDA ({error}).",
        ("Look whether nvidia-smi lists the GPU. " + _AGAIN,),
    ),
    ("no-kernel-image", ""): (
        "torch {torch} has no code for {device} ({error}).",
        (f"Take a build that has: {_INSTALL}.",),
    ),
    ("matrix-product-failed", ""): ("torch cannot compute on {device} ({error}).", (_AGAIN,)),
    ("matrix-product-wrong", ""): (
        "torch {torch} computes a wrong matrix product on {device}.",
        (_AGAIN, "If it stays wrong, the hardware or its driver is at fault: see dmesg."),
    ),
    ("torchvision-import-failed", ""): ("torchvision cannot be imported ({error}).", (_PAIR,)),
    ("nms-missing", ""): (
        "torchvision {torchvision} lacks its operator nms: it was not made for torch {torch}.",
        (_PAIR,),
    ),
    ("nms-missing", "cuda"): (
        "torchvision {torchvision} lacks its operator nms for CUDA: it is a CPU build.",
        (_PAIR,),
    ),
    ("nms-failed", ""): (
        "torchvision {torchvision}'s operator nms fails on {device} ({error}).",
        (_PAIR,),
    ),
    ("nms-wrong", ""): (
        "torchvision {torchvision}'s operator nms gives a wrong answer on {device}.",
        (_PAIR,),
    ),
}


def message(note: Note) -> str:
    """Give a note's message."""
    return " ".join(translated(WORDS[note.code, note.case][0]).format_map(note.facts).split())


def hint(note: Note) -> str:
    """Give a note's hint: the sentences whose facts are known."""
    sentences = WORDS[note.code, note.case][1]
    return " ".join(
        translated(one).format_map(note.facts) for one in sentences if _is_known(one, note)
    )


def _is_known(sentence: str, note: Note) -> bool:
    fields = (field for _, field, _, _ in Formatter().parse(sentence) if field)
    return all(note.facts.get(field) for field in fields)
