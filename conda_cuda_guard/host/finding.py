"""The finding of one source, and the detection made from all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conda_cuda_guard.model import Gpu

    from .driver_codes import DriverError


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
