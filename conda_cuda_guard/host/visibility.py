"""Which GPUs CUDA_VISIBLE_DEVICES leaves, as CUDA reads it: up to the first invalid entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Gpu

    from .finding import Finding

VARIABLE = "CUDA_VISIBLE_DEVICES"
_HIDDEN = Phrase("{variable} hides every GPU", variable=VARIABLE)


class _Unclear(Exception):  # noqa: N818  (not a fault: all the GPUs are kept)
    """An entry that may mean any of the GPUs."""


def entries(environ: Mapping[str, str]) -> list[str] | None:
    """Return the entries of the variable; None when it is not set."""
    text = environ.get(VARIABLE)
    return None if text is None else [entry.strip() for entry in text.split(",")]


def mig_ids(environ: Mapping[str, str]) -> list[str]:
    """Return the MIG devices named, whose GPU only NVML can tell."""
    return [entry for entry in entries(environ) or () if entry.startswith("MIG-")]


def visible(
    finding: Finding | None, environ: Mapping[str, str]
) -> tuple[tuple[Gpu, ...] | None, str | None]:
    """Return the GPUs that CUDA would see, and a note where that is not all of them."""
    wanted = entries(environ)
    if wanted is not None and (wanted[0] == "" or wanted[0].startswith("-")):
        return (), _HIDDEN
    if finding is None or finding.gpus is None:
        return None, None
    if wanted is None or not finding.gpus:
        return finding.gpus, None
    try:
        places = _places(wanted, finding, environ)
    except _Unclear as unclear:
        return finding.gpus, Phrase("all GPUs are considered: {why}", why=unclear.args[0])
    if not places:
        return (), _HIDDEN
    left = Phrase("{variable} leaves {count} GPU(s)", variable=VARIABLE, count=len(places))
    note = None if len(places) == len(finding.gpus) else left
    return tuple(finding.gpus[place] for place in places), note


def order_is_open(finding: Finding | None, environ: Mapping[str, str]) -> bool:
    """Return whether the entries count GPUs in an order that the finding does not tell."""
    counted = any(entry.isdigit() for entry in entries(environ) or ())
    return finding is not None and counted and not _has_cuda_order(finding, environ)


def _has_cuda_order(finding: Finding, environ: Mapping[str, str]) -> bool:
    # By default CUDA puts the fastest GPU first, which NVML cannot know; where all have the same
    # capability the order does not matter here.
    if finding.source == "libcuda" or environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        return True
    return len({gpu.compute_capability for gpu in finding.gpus or ()}) <= 1


def _places(wanted: list[str], finding: Finding, environ: Mapping[str, str]) -> list[int]:
    places: list[int] = []
    for entry in wanted:
        place = _place(entry, finding, environ)
        if place is None:
            break
        if place not in places:
            places.append(place)
    return places


def _place(entry: str, finding: Finding, environ: Mapping[str, str]) -> int | None:
    """Return the place of one entry in the finding's list; None when it is invalid."""
    if entry.isdigit():
        if not _has_cuda_order(finding, environ):
            set_to = f"{VARIABLE}={entry}"
            raise _Unclear(
                Phrase("they differ, and nothing told CUDA's order for {set_to}", set_to=set_to)
            )
        return int(entry) if int(entry) < len(finding.gpus or ()) else None
    if entry.startswith("MIG-"):
        return _place_of_uuid(_parent(entry, finding), finding)
    return _place_of_uuid(entry, finding) if entry.startswith("GPU-") else None


def _parent(entry: str, finding: Finding) -> str:
    """Return the UUID of the GPU behind `MIG-GPU-<uuid>/<gi>/<ci>` or `MIG-<uuid>`."""
    if entry.startswith("MIG-GPU-"):
        return entry[len("MIG-") :].partition("/")[0]
    if entry not in finding.parents:
        raise _Unclear(Phrase("nothing told which of them {entry} is a part of", entry=entry))
    return finding.parents[entry]


def _place_of_uuid(prefix: str, finding: Finding) -> int | None:
    # CUDA takes any prefix that only one GPU has.
    if None in finding.uuids or len(finding.uuids) != len(finding.gpus or ()):
        raise _Unclear(Phrase("nothing told which of them {entry} is", entry=prefix))
    places = [
        place
        for place, uuid in enumerate(finding.uuids)
        if uuid and uuid.lower().startswith(prefix.lower())
    ]
    return places[0] if len(places) == 1 else None
