"""Whatever is in force: what is installed runs here and agrees, or nothing was installed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from .cases import CASES, Case
from .judging import complaint

if TYPE_CHECKING:
    from .world import World

# Each example runs pip; to shrink one would run it a hundred times.
FEW = settings(
    max_examples=12,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(FEW, max_examples=150, derandomize=False)


@FEW
@given(CASES)
def test_the_family_runs_here_and_agrees_or_nothing_is_installed(world: World, case: Case) -> None:
    assert complaint(case, world) == ""


@pytest.mark.nightly
@MANY
@given(CASES)
def test_the_same_of_many_mixes(world: World, case: Case) -> None:
    assert complaint(case, world) == ""


FOUND = {
    "an index in force ends before what another package pins": Case(
        machine="ampere-13", extras=("cu118",), words=("torch", "pins-new")
    ),
    "an index in force begins after what another package pins": Case(
        extras=("cu128",), words=("torch", "pins-torch")
    ),
    "a companion that names no torch beside an old one": Case(
        words=("torchaudio", "any-vision", "pins-torch")
    ),
    "the same by uv": Case(words=("torchaudio", "any-vision", "pins-torch"), installer="uv"),
    "a companion of a pinned torch, and a label that sorts higher": Case(
        machine="pascal-12",
        extras=("cu130",),
        way="configuration",
        words=("torch==2.9.1", "any-vision"),
    ),
    "a companion of a torch for ROCm": Case(before="rocm", words=("torchaudio",)),
    "the same, as a dependency": Case(before="rocm", words=("any-audio",)),
    "a set that is moved to plain wheels of the same versions": Case(
        before="torch-and-vision-cu130", words=("torch==2.9.1",), dead=True
    ),
    "an old torch that pip chooses after numpy 2": Case(words=("any-vision", "pins-torch")),
    "a companion that names no torch, alone": Case(
        machine="blackwell-12",
        way="variables",
        words=("any-audio",),
        switches=("--force-reinstall",),
    ),
    "a torch for ROCm once more": Case(
        before="rocm", words=("torch",), switches=("--force-reinstall",)
    ),
}


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_what_was_found_once(world: World, case: Case) -> None:
    assert complaint(case, world) == ""
    wanted = {word.partition("==")[0].replace("-", "_") for word in case.words}
    assert wanted <= set(world.has())


NOTHING_AGREES = {
    "beside indexes of other variants": Case(
        machine="ampere-13",
        before="torch-and-vision-cu130",
        extras=("cpu", "cu118"),
        words=("any-audio",),
    ),
    "beside the main index alone": Case(before="torch-cu121", words=("any-audio",)),
}


@pytest.mark.parametrize("case", NOTHING_AGREES.values(), ids=NOTHING_AGREES)
def test_a_companion_of_a_torch_that_stays_is_not_replaced_by_another(
    world: World, case: Case
) -> None:
    case = replace(case, dead=True)
    machine = world.prepare(case)
    before = world.has()
    done = world.run(case, machine)
    kept = f"torch {before['torch']} is installed here and kept, and torchaudio {before['torch']}"
    assert done.returncode == 1
    assert f"{kept} belongs to it" in done.stderr
    assert f"{world.server.base} cannot be reached" in done.stderr
    assert world.has() == before


def test_what_another_package_insists_on_beside_an_old_torch_is_named(world: World) -> None:
    # Without PyTorch's index there is no newer torch for the machine.
    case = Case(machine="ampere-11", dead=True, words=("needs-numpy-2", "any-torch"))
    done = world.run(case, world.prepare(case))
    assert done.returncode == 1
    assert "torch 2.0.1 does not work with it and needs numpy<2" in done.stderr
    assert world.has() == {}
