"""Parsing of CUDA versions, drivers and GPUs as users write them, with the errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Gpu, Phrase, UsageError

if TYPE_CHECKING:
    from conda_cuda_guard.model import Drivers

_DRIVER = re.compile(r"\d{2,4}(?:\.\d+){0,2}")
_CAPABILITY = re.compile(r"(\d{1,2})\.(\d)[af]?")
_SM = re.compile(r"(?:sm|compute)_?(\d{1,2})(\d)[af]?", re.IGNORECASE)
# No CUDA before it had a PyTorch, and none has more digits.
_OLDEST_CUDA, _NEWEST_CUDA = 6, 99
# The minor versions of a CUDA are numbered from 0 to 9.
_MINORS = 10
# How much newer a driver may be than the newest that is known: a few years.
_NEWER = 100


def parse_cuda(text: str, origin: str) -> str:
    """Return `"12.1"` for `12.1`, `12.1.0`, `cu121` and `121`, `"12.0"` for `12`."""
    from conda_cuda_guard.model import read_cuda

    text = text.strip()
    found = read_cuda(text)
    if found and _OLDEST_CUDA <= found.major <= _NEWEST_CUDA and (found.minor or 0) <= _NEWEST_CUDA:
        return str(found)
    raise UsageError(
        Phrase("{origin}: {text!r} is not a CUDA version", origin=origin, text=text),
        why="it is the newest CUDA that the driver supports, as nvidia-smi shows it",
        hint=Phrase(
            "{example}, or an empty value for a machine without CUDA",
            example=_example(origin, "12.1"),
        ),
    )


def declared_cuda(text: str, origin: str) -> str:
    """Return the CUDA version that a driver is declared to support; raise where none does."""
    label = text.strip().lower()
    if _cuda_of(label):
        variable = origin == "CUDA_GUARD_CUDA"
        raise UsageError(
            Phrase("{origin}: {text} is a build, not a CUDA version", origin=origin, text=text),
            why="this is the newest CUDA that the driver supports, a fact of the machine",
            hint=f"CUDA_GUARD_VARIANT={label}" if variable else f"--variant {label}",
        )
    cuda = parse_cuda(text, origin)
    known = [row.cuda for row in _known_drivers().rows]
    if not _may_exist(cuda, known):
        raise UsageError(
            Phrase("{origin}: no driver supports CUDA {text}", origin=origin, text=text),
            why=Phrase(
                "the drivers known support CUDA {oldest} to {newest}",
                oldest=known[-1],
                newest=known[0],
            ),
            hint=Phrase("nvidia-smi shows it: {example}", example=_example(origin, "12.4")),
        )
    return cuda


def _may_exist(cuda: str, known: list[str]) -> bool:
    """Return whether a driver may report a CUDA version, one that is newer than the table too.

    Drivers report minor versions that no toolkit has (12.7), but none after a major version's last.
    """
    major, minor = map(int, cuda.split("."))
    newest = int(known[0].partition(".")[0])
    if major >= newest:
        return major <= newest + 1 and minor < _MINORS
    of_major = [int(one.partition(".")[2]) for one in known if one.startswith(f"{major}.")]
    return minor <= max(of_major, default=_MINORS - 1)


def _cuda_of(label: str) -> str | None:
    # Only here: this room loads without any package of others, and that one needs packaging.
    from conda_cuda_guard.model import cuda_of

    return cuda_of(label)


def _known_drivers() -> Drivers:
    # Only here, because reading the catalogue costs more than all of this.
    from conda_cuda_guard.catalogue import drivers

    return drivers()


def declared_driver(text: str, origin: str) -> str:
    """Return a driver version that is declared; raise for one that is none, or far from any."""
    driver = parse_driver(text, origin)
    newest = _known_drivers().rows[0].linux or ""
    if branch(driver) > branch(newest) + _NEWER:
        raise UsageError(
            Phrase("{origin}: there is no driver {text}", origin=origin, text=text),
            why=Phrase("the newest that is known is {newest}", newest=newest),
            hint=Phrase("nvidia-smi shows it: {example}", example=_example(origin, "535.104.05")),
        )
    return driver


def branch(driver: str) -> int:
    """Return the branch of a driver version: 535 of `535.104.05`."""
    return int(driver.partition(".")[0])


def parse_variant(text: str, origin: str) -> str | None:
    """Return `cu121` or `cpu`, None for `auto`: the build to take."""
    word = text.strip().lower()
    if word in ("auto", "cpu"):
        return None if word == "auto" else word
    cuda = _cuda_of(word)
    if cuda and _may_exist(cuda, [row.cuda for row in _known_drivers().rows]):
        return word
    raise UsageError(
        Phrase("{origin}: {text!r} is not a variant", origin=origin, text=text),
        why=Phrase("there is no CUDA {cuda}", cuda=cuda)
        if cuda
        else "a variant is a build's label (cu121, cpu), or auto",
        hint=_example(origin, "cu121"),
    )


def parse_driver(text: str, origin: str) -> str:
    """Return a driver version, complete (`535.104.05`) or only its branch (`535`)."""
    text = text.strip()
    if _DRIVER.fullmatch(text):
        return text
    raise UsageError(
        Phrase("{origin}: {text!r} is not a driver version", origin=origin, text=text),
        why="NVIDIA numbers its drivers like 535.104.05, or 537.13 on Windows",
        hint=_example(origin, "535.104.05"),
    )


def parse_gpu(text: str, origin: str) -> Gpu:
    """Return a GPU from a compute capability (`8.6`, `sm_86`) or a name that is known."""
    text = text.strip()
    match = _CAPABILITY.fullmatch(text) or _SM.fullmatch(text)
    if match:
        return Gpu(None, f"{int(match[1])}.{match[2]}")
    # Only here, because reading the catalogue costs more than all of this.
    from conda_cuda_guard.catalogue import closest_gpu_names, gpu_capability

    capability = gpu_capability(text)
    if capability:
        return Gpu(text, capability)
    closest = ", ".join(closest_gpu_names(text))
    raise UsageError(
        Phrase("{origin}: no GPU named {text!r} is known", origin=origin, text=text),
        why=Phrase("the closest names are {closest}", closest=closest) if closest else "",
        hint=Phrase(
            "{example} with its compute capability works too (8.6, for one)",
            example=_example(origin, "X.Y"),
        ),
    )


def parse_switch(text: str, origin: str) -> bool:
    """Return what the environment twin of a switch says."""
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"", "0", "false", "no", "off"}:
        return False
    raise UsageError(
        Phrase("{origin}: {text!r} is neither yes nor no", origin=origin, text=text),
        hint=_example(origin, "1"),
    )


def parse_policy(text: str, origin: str) -> str:
    """Return a policy of the contract."""
    word = text.strip().lower()
    if word in {"auto", "strict"}:
        return word
    raise UsageError(
        Phrase("{origin}: {text!r} is not a policy", origin=origin, text=text),
        why="auto takes what the driver can run; strict leaves minor-version compatibility out",
        hint=_example(origin, "auto"),
    )


def _example(origin: str, value: str) -> str:
    """Return what to type, in the form of the option or variable that was wrong."""
    if origin.startswith("--"):
        return f"{origin} {value}"
    return f"{origin}={value}" if origin.isupper() else f'"{origin}": "{value}"'
