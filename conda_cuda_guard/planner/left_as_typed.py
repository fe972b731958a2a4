"""Requests that are left as typed, with checks of what they install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.shown_text import redact
from conda_cuda_guard.model.versions import cuda_of

from .address_kind import ACCELERATOR, BOARD, TREE
from .alternatives import describe, gpu_facts
from .check_specs import unchanged
from .compatibility import MINOR_COMPATIBLE, least_driver, level
from .ranking import judge, with_newer_driver
from .requirement import ADDRESS

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue, Host, Plan

    from .address_kind import Address
    from .problem import Problem

# Why a line with such an address is left, as in `Plan.left`; the first that is in force says it.
_WHY = {ACCELERATOR: "accelerator", BOARD: "board", TREE: "nightly"}


def check_left(problem: Problem, catalogue: Catalogue) -> Plan:
    """Return the plan of a request whose index is left as it is, with its variant judged."""
    left = [one for one in problem.addresses if one.is_left]
    why = next(reason for kind, reason in _WHY.items() if any(one.kind == kind for one in left))
    trees = [one for one in left if one.kind == TREE and why == "nightly"]
    notes = [note for one in trees for note in _of_tree(one, problem, catalogue)]
    return unchanged(problem.request, None, tuple(notes[:1]), left=why)


def check_address(problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the warnings about a lead that is named by its file: the driver's, and the GPU's."""
    found = next(iter(problem.of(ADDRESS)), None)
    cuda = None if found is None or found.wish is None or found.wish.cpu else found.wish.text[1:]
    if found is None or cuda is None or not problem.with_driver:
        return ()
    number = str(found.allows).removeprefix("==")
    name = f"{problem.family.lead.pip} {number}+{cuda}"
    build = next((b for b in catalogue.builds if (b.release, b.variant) == (number, cuda)), None)
    if build is None:
        return _of_driver(name, cuda_of(cuda) or "", problem, catalogue)
    return _of_build(build, problem, catalogue)


def _of_tree(address: Address, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    cuda = cuda_of(address.variant)
    return _of_driver(redact(address.url), cuda, problem, catalogue) if cuda else ()


def _of_driver(name: str, cuda: str, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return the warning that a driver does not run a CUDA version, or not natively."""
    for host in problem.with_driver:
        how = level(cuda, host, catalogue.drivers)
        if how is None:
            return (_newer(name, cuda, host, catalogue),)
        if how == MINOR_COMPATIBLE:
            facts = {"cuda": cuda, **host.as_facts}
            return (Note("driver-minor-compatible", "warning", "", facts),)
    return ()


def _newer(name: str, cuda: str, host: Host, catalogue: Catalogue) -> Note:
    facts = {
        "build": name,
        "cuda": cuda,
        **host.as_facts,
        "driver_needed": least_driver(cuda, host, catalogue.drivers) or "",
    }
    return Note("cuda-newer-than-driver", "warning", "left", facts)


def _of_build(build: Build, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return every warning about a build: driver and GPU alike, as nothing else is checked."""
    notes = list(_of_driver(describe(build), build.cuda or "", problem, catalogue))
    gpu = judge(build, with_newer_driver(build, problem), catalogue).gpu
    if gpu is not None:
        facts = {"build": describe(build), **gpu_facts(gpu)}
        notes.append(Note("gpu-not-covered", "warning", "", facts))
    return tuple(notes)
