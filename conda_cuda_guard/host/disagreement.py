"""Where two sources contradict each other: a driver updated without a restart, for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .finding import Finding


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
