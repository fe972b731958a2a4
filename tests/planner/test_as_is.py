"""`--as-is`: check and warn, rewrite nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .machines import (
    A100,
    GTX_1080,
    NO_DRIVER,
    RTX_5090,
    WHEELS,
    WINDOWS,
    codes,
    conda,
    machine,
    pip,
    words,
)

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

WIN = machine("537.13", None, "8.0", platform=WINDOWS)
PIP = [
    ("torch==2.1.2", A100, (), "cu121", set()),
    ("torch==2.1.2+cu118", A100, (), "cu118", set()),
    ("torch==2.1.2", A100, (f"{WHEELS}/cu118",), "cu118", set()),
    ("torch", A100, (), "cu132", {"cuda-newer-than-driver"}),
    ("torch", GTX_1080, (), "cu132", {"cuda-newer-than-driver"}),
    ("torch==2.10.0", A100, (), "cu128", {"driver-minor-compatible"}),
    ("torch==2.1.2", RTX_5090, (), "cu121", {"gpu-not-covered"}),
    ("torch==2.1.2+cpu", A100, (), "cpu", {"cpu-build-chosen"}),
    ("torch==2.1.2", WIN, (), "cpu", {"cpu-build-chosen"}),
    ("torch==2.1.2", NO_DRIVER, (), "cu121", set()),
    ("numpy", A100, (), None, set()),
]


@pytest.mark.parametrize(("text", "host", "urls", "variant", "told"), PIP)
def test_pip(
    text: str, host: Host, urls: tuple[str, ...], variant: str | None, told: set[str]
) -> None:
    plan = pip(text, host, as_is=True, index_urls=urls)
    assert (plan.status, plan.requirements) == ("unchanged", (text,))
    assert (plan.variant, codes(plan)) == (variant, told)
    assert plan.command == ("pip", "install", text)
    assert all(note.severity != "error" for note in plan.notes)


CONDA = [
    ("pytorch=2.1.1 pytorch-cuda=12.1", A100, "cu121", set()),
    ("pytorch pytorch-cuda=12.4", A100, "cu124", {"driver-minor-compatible"}),
    ("pytorch cuda-version=13.0", A100, "cu130", {"cuda-newer-than-driver"}),
    ("pytorch cpuonly", A100, "cpu", {"cpu-build-chosen"}),
    ("pytorch=2.1.1=*cuda11.8*", RTX_5090, "cu118", {"gpu-not-covered"}),
    ("pytorch", A100, None, set()),
]


@pytest.mark.parametrize(("text", "host", "variant", "told"), CONDA)
def test_conda(text: str, host: Host, variant: str | None, told: set[str]) -> None:
    plan = conda(text, host, as_is=True)
    assert (plan.status, plan.requirements) == ("unchanged", tuple(text.split()))
    assert (plan.variant, codes(plan), plan.channels) == (variant, told, ())


def test_the_machine_that_is_concerned_is_named() -> None:
    plan = pip(
        "torch==2.12.0+cu126",
        machine("580.65.06", None, "8.0"),
        machine("470.42.01", None, "8.0"),
        as_is=True,
    )
    assert codes(plan) == {"cuda-newer-than-driver"}
    assert "470.42.01" in words(plan)


def test_a_selector_without_torch_is_warned_about() -> None:
    plan = conda("cuda-version=13.0 cupy", A100, as_is=True)
    assert (plan.status, codes(plan)) == ("unchanged", {"cuda-newer-than-driver"})
    assert [note.severity for note in plan.notes] == ["warning"]


def test_the_facts_of_the_build_are_given() -> None:
    plan = pip("torch==2.1.2", A100, as_is=True)
    assert plan.cuda == "12.1"
    assert "torch 2.15.0 (cu132)" in words(pip("torch", A100, as_is=True))
