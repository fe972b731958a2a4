"""What is installed: kept, replaced, or in the way; and what is said of what lies beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Installed, Request, Sources, Wheel
from conda_cuda_guard.model.request import Dependent, Origin
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.installed import kept_for_the_cpu, stays_unnamed
from conda_cuda_guard.planner.installed_set import disagreeing
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, LINUX, NO_DRIVER, WHEELS, codes, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Host, Plan

CUDA = Installed("2.1.2+cu121", "12.1")
OWN_CUDA = Installed("2.5.1+cu120", "12.0")  # no such build is known
CPU = Installed("2.5.1+cpu")
ROCM = Installed("2.5.1+rocm6.2", None, is_other=True, accelerator="ROCm")
BY_CONDA = Installed("2.5.1", "12.4", by_conda=True)
OLD = machine("470.42.01", None, "8.0")


def plan(
    text: str, host: Host, known: Catalogue | None = None, *, locked: bool = False, **more: Any
) -> Plan:
    words_of_it = tuple(text.split("|") if "|" in text else text.split())
    request = Request("pip", words_of_it, (host,), sources=Sources(locked=locked), **more)
    return make_plan(request, known or from_catalogue("pip", host.platform))


@pytest.mark.parametrize(
    ("text", "host", "there", "requirements", "told"),
    [
        ("torch", A100, CUDA, "torch==2.1.2+cu121", {"installed-cuda-build-kept"}),
        ("torch", A100, OWN_CUDA, "torch==2.5.1+cu120", {"installed-cuda-build-kept"}),
        ("torch", NO_DRIVER, CUDA, "torch==2.1.2+cu121", {"installed-cuda-build-kept"}),
        ("torch", NO_DRIVER, CPU, "torch==2.5.1+cpu", set()),
        ("torch torchvision", NO_DRIVER, CPU, "torch==2.5.1+cpu torchvision==0.20.1+cpu", set()),
        ("torch", A100, ROCM, "torch==2.5.1+rocm6.2", {"installed-cuda-build-kept"}),
    ],
)
def test_what_runs_is_kept(
    text: str, host: Host, there: Installed, requirements: str, told: set[str]
) -> None:
    found = plan(text, host, installed=there)
    assert (found.requirements, codes(found)) == (tuple(requirements.split()), told)


@pytest.mark.parametrize(
    ("text", "host", "there", "more", "planned", "case"),
    [
        ("torch", A100, CUDA, {"cpu": True}, "torch==2.15.0+cpu", "asked"),
        ("torch", A100, CUDA, {"upgrade": True}, "torch==2.14.1+cu126", "asked"),
        ("torch==2.1.2+cu118", A100, CUDA, {}, "torch==2.1.2+cu118", "asked"),
        ("torch", A100, CPU, {}, "torch==2.14.1+cu126", "cpu"),
        ("torch", OLD, OWN_CUDA, {}, "torch==2.7.1+cu118", "unfit"),
        ("torchvision", A100, CPU, {}, "torchvision==0.29.1+cu126 torch==2.14.1+cu126", "cpu"),
    ],
)
def test_what_does_not_run_or_was_not_asked_for_is_replaced(  # noqa: PLR0913
    text: str, host: Host, there: Installed, *, more: dict[str, Any], planned: str, case: str
) -> None:
    found = plan(text, host, installed=there, **more)
    assert found.requirements == tuple(planned.split())
    (note,) = [one for one in found.notes if one.code == "installed-build-replaced"]
    assert (note.case, note.facts["installed"]) == (case, f"torch {there.version}")


@pytest.mark.parametrize(
    ("vision", "requirements"),
    [
        ("0.16.2+cu121", ("torch==2.1.2+cu118", "torchvision==0.16.2+cu118")),
        ("0.16.2+cu118", ("torch==2.1.2+cu118",)),
    ],
)
def test_a_companion_moves_with_it_where_it_does_not_belong(
    vision: str, requirements: tuple[str, ...]
) -> None:
    there = replace(CUDA, beside=(Dependent("torchvision", vision, ("==2.1.2",)),))
    assert plan("torch==2.1.2+cu118", A100, installed=there).requirements == requirements


def test_a_lead_of_condas_is_replaced_with_a_warning() -> None:
    found = plan("torch==2.1.2", A100, installed=BY_CONDA)
    assert found.requirements == ("torch==2.1.2+cu121",)
    assert codes(found) == {"installed-build-replaced", "pip-conda-mix"}


def test_a_companion_of_another_release_is_in_the_way_of_what_is_kept() -> None:
    found = plan("torchvision==0.20.1", A100, installed=CUDA)
    assert found.status == "refused"
    assert [one.case for one in found.notes] == ["in-the-way"]


# --- builds for another accelerator -------------------------------------------------------------


def listed(*files: str) -> Catalogue:
    """Return the catalogue with these files of the wheel index, for this machine."""
    wheels = (
        Wheel(name, number, frozenset({"3.11"}), frozenset({LINUX}), f"{WHEELS}/{name}.whl")
        for name, number in (one.split() for one in files)
    )
    return replace(from_catalogue("pip", LINUX), files=tuple(wheels))


BOTH = ("torch 2.5.1+rocm6.2", "torchvision 0.20.1+rocm6.2")
VISION = (Dependent("torchvision", "0.20.1+rocm6.2"),)
ROCM_PAIR = ("torch==2.5.1+rocm6.2", "torchvision==0.20.1+rocm6.2")
ROCM_INDEX = (f"{WHEELS}/rocm6.2",)


@pytest.mark.parametrize(
    ("there", "files", "more", "index"),
    [
        (replace(ROCM, beside=VISION), (), {}, ()),
        (replace(ROCM, beside=VISION), BOTH, {"upgrade": True}, ROCM_INDEX),
        (ROCM, BOTH, {}, ROCM_INDEX),
        (ROCM, BOTH[1:], {"upgrade": True}, ROCM_INDEX),
    ],
)
def test_companions_of_another_accelerator_go_with_it(
    there: Installed, files: tuple[str, ...], more: dict[str, bool], index: tuple[str, ...]
) -> None:
    found = plan("torch torchvision", A100, listed(*files), installed=there, **more)
    assert (found.requirements, found.index_urls) == (ROCM_PAIR, index)


@pytest.mark.parametrize("there", [ROCM, replace(ROCM, version="2.5.1")])
def test_a_companion_without_such_a_build_is_refused(there: Installed) -> None:
    found = plan("torch torchvision", A100, installed=there)
    assert found.status == "refused"
    assert "torchvision" in found.notes[0].facts["asked"]
    assert found.notes[0].case == "other-lacks"


def test_a_companion_that_is_only_bound_is_not_missed() -> None:
    origins = (Origin(), Origin("constraint", "bounds.txt", 1))
    found = plan("torch torchvision==0.20.1", A100, installed=ROCM, origins=origins)
    assert found.requirements == ("torch==2.5.1+rocm6.2",)


# --- the lead by its file -----------------------------------------------------------------------

FILE = f"torch @ {WHEELS}/cu121/torch-2.5.1%2Bcu121-cp311-cp311-linux_x86_64.whl"
PLAIN = f"torch @ {WHEELS}/torch-2.5.1-cp311-cp311-linux_x86_64.whl"
NEEDY = (Dependent("xformers", "0.0.23", ("==2.1.2",)),)
BROKEN = (Dependent("xformers", "0.0.23", ("==2.0.0",)),)


@pytest.mark.parametrize(
    ("file", "there", "told"),
    [
        (FILE, CUDA, {"installed-build-replaced"}),
        (PLAIN, CUDA, {"installed-build-replaced"}),
        (FILE, Installed("2.5.1+cu121", "12.1"), set()),
        (FILE, replace(CUDA, beside=NEEDY), {"installed-build-replaced", "installed-set-breaks"}),
        (FILE, replace(CUDA, beside=BROKEN), {"installed-build-replaced"}),
    ],
)
def test_a_file_that_replaces_what_is_installed_is_told_of(
    file: str, there: Installed, told: set[str]
) -> None:
    found = plan(f"{file}|numpy", A100, installed=there)
    assert (found.status, found.left, codes(found)) == ("unchanged", "address", told)


# --- what other packages ask for ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "there", "cpu", "right"),
    [
        ("numpy", None, False, False),
        ("numpy", CPU, False, True),
        ("torch==2.1.2+cu121", CPU, False, False),
        ("torch==2.1.2+cpu", CPU, False, True),
        ("numpy", CPU, True, False),
        ("numpy", CUDA, False, True),
        ("numpy", Installed("2.14.1+cu130", "13.0"), False, False),
    ],
)
def test_what_another_package_asks_for_stays(
    text: str, there: Installed | None, *, cpu: bool, right: bool
) -> None:
    known = from_catalogue("pip", LINUX)
    request = Request("pip", (text,), (A100,), installed=there, cpu=cpu)
    assert stays_unnamed(read_problem(request, known), known) is right


@pytest.mark.parametrize(
    ("there", "host", "told"),
    [(CPU, A100, ["cpu"]), (CPU, NO_DRIVER, []), (CUDA, A100, []), (ROCM, A100, [])],
)
def test_a_cpu_build_that_stays_beside_a_driver_is_told_of(
    there: Installed, host: Host, told: list[str]
) -> None:
    known = from_catalogue("pip", LINUX)
    problem = read_problem(Request("pip", ("numpy",), (host,), installed=there), known)
    assert [one.case for one in kept_for_the_cpu(there, problem)] == told


@pytest.mark.parametrize(
    ("there", "beside", "right"),
    [
        (CUDA, "torchvision 0.16.2+cu121", None),
        (CUDA, "torchvision 0.16.2", None),  # the plain file is of the same variant
        (CUDA, "torchvision 0.20.1+cu121", "0.16.2+cu121"),
        (CUDA, "torchvision 0.16.2+cpu", "0.16.2+cu121"),
        (CUDA, "numpy 2.0", None),
        (ROCM, "torchvision 0.16.2+cpu", None),
        (Installed("9.9.9"), "torchvision 0.16.2", None),
        (Installed("2.15.0+cpu"), "torchtext 0.18.0", ""),
        (Installed("2.3.0+cu121", "12.1"), "torchtext 0.17.0", "0.18.0"),
    ],
)
def test_what_does_not_go_with_the_lead_beside_it(
    there: Installed, beside: str, right: str | None
) -> None:
    name, version = beside.split()
    one = Dependent(name, version)
    found = disagreeing(replace(there, beside=(one,)), from_catalogue("pip", LINUX))
    assert found == ({} if right is None else {one: right})


def test_words_name_what_is_kept() -> None:
    assert "torch 2.5.1+rocm6.2" in words(pip("torch", A100, installed=ROCM))
