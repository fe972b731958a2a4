"""Rule 8, `--cpu`, macOS and linux-aarch64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Gpu, Host

from .machines import (
    A100,
    AARCH64,
    FORGE,
    LINUX,
    NO_DRIVER,
    WHEELS,
    WINDOWS,
    codes,
    conda,
    machine,
    pip,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conda_cuda_guard.model import Plan

MACS = ["macos-arm64", "macos-x86_64"]


@pytest.mark.parametrize("platform", [LINUX, WINDOWS])
def test_pip_plans_the_cpu_build_with_a_warning(platform: str) -> None:
    plan = pip("torch==2.1.2 torchvision", machine(platform=platform))
    assert (plan.status, plan.variant, plan.cuda, plan.level) == ("ok", "cpu", None, None)
    assert plan.requirements == ("torch==2.1.2+cpu", "torchvision==0.16.2+cpu")
    assert plan.index_urls == (f"{WHEELS}/cpu",)
    assert codes(plan) == {"no-driver", "cpu-build-chosen"}
    assert {note.severity for note in plan.notes} == {"warning"}


def test_conda_refuses() -> None:
    for text in ("pytorch", "pytorch-gpu", "pytorch pytorch-cuda=12.1", "torchvision"):
        plan = conda(text, NO_DRIVER)
        assert (plan.status, codes(plan)) == ("refused", {"no-driver"})


@pytest.mark.parametrize("host", [NO_DRIVER, A100], ids=["no driver", "A100"])
def test_cpu_is_the_explicit_way_on_pip(host: Host) -> None:
    plan = pip("torch==2.1.2", host, cpu=True)
    assert (plan.status, plan.variant) == ("ok", "cpu")
    assert plan.requirements == ("torch==2.1.2+cpu",)
    assert [(note.code, note.severity) for note in plan.notes] == [("cpu-build-chosen", "info")]


@pytest.mark.parametrize("host", [NO_DRIVER, A100], ids=["no driver", "A100"])
@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("pytorch=2.1.1", ("pytorch==2.1.1[build=*cpu*]", "cpuonly")),
        ("pytorch", ("pytorch==2.13.0[build=cpu*]",)),
        ("pytorch=2.1.1 pytorch-cuda=12.1", ("pytorch==2.1.1[build=*cpu*]", "cpuonly")),
        ("pytorch-gpu", ("pytorch==2.13.0[build=cpu*]",)),
    ],
)
def test_cpu_is_the_explicit_way_on_conda(host: Host, text: str, spelled: tuple[str, ...]) -> None:
    plan = conda(text, host, cpu=True)
    assert (plan.status, plan.variant, plan.requirements) == ("ok", "cpu", spelled)


def test_cpu_against_a_label_is_told() -> None:
    plan = pip("torch==2.1.2+cu118", cpu=True)
    assert plan.requirements == ("torch==2.1.2+cpu",)
    assert "explicit-variant-replaced" in codes(plan)


def test_a_label_is_kept_without_a_driver_and_told() -> None:
    plan = pip("torch==2.1.2+cu118", NO_DRIVER)
    assert plan.requirements == ("torch==2.1.2+cu118",)
    assert codes(plan) == {"no-driver"}


def test_a_label_that_no_build_has_is_replaced_by_cpu_without_a_driver() -> None:
    plan = pip("torch==2.1.2+cu999", NO_DRIVER)
    assert plan.variant == "cpu"
    assert {"explicit-variant-replaced", "no-driver"} <= codes(plan)


@pytest.mark.parametrize("text", ["torch==2.1.2+cpu", "torch==2.1.2"])
def test_an_asked_for_cpu_build_without_a_driver_is_no_warning(text: str) -> None:
    plan = pip(text, NO_DRIVER, index_urls=(f"{WHEELS}/cpu",))
    assert plan.variant == "cpu"
    assert all(note.severity == "info" for note in plan.notes)


def test_conda_cpuonly_without_a_driver() -> None:
    plan = conda("pytorch=2.1.1 cpuonly", NO_DRIVER)
    assert (plan.status, plan.variant) == ("ok", "cpu")
    assert "no-driver" not in codes(plan)


@pytest.mark.parametrize("manager", [pip, conda])
def test_a_named_gpu_without_a_driver_is_refused(manager: Callable[..., Plan]) -> None:
    host = Host(LINUX, "3.11", None, None, (Gpu("NVIDIA A100", "8.0"),))
    plan = manager("torch", host)
    assert (plan.status, codes(plan)) == ("refused", {"no-driver"})


def test_one_machine_without_a_driver_beside_others_runs_on_its_cpu() -> None:
    plan = pip("torch==2.1.2", A100, NO_DRIVER)
    assert plan.variant == "cu121"


@pytest.mark.parametrize("platform", MACS)
def test_macos_pip_stays_as_typed(platform: str) -> None:
    plan = pip("torch torchvision", machine(platform=platform))
    assert (plan.status, plan.variant) == ("unchanged", "cpu")
    assert plan.requirements == ("torch", "torchvision")
    assert plan.index_urls == ()
    assert not any(note.severity != "info" for note in plan.notes)


@pytest.mark.parametrize("platform", MACS)
def test_macos_has_no_cuda(platform: str) -> None:
    plan = pip("torch==2.1.2+cu121", machine(platform=platform))
    assert (plan.status, plan.requirements) == ("ok", ("torch==2.1.2",))
    assert codes(plan) == {"explicit-variant-replaced"}
    for text in ("pytorch=2.1 pytorch-cuda=12.1", "pytorch-gpu", "pytorch=2.1=*cuda*"):
        mac = conda(text, machine(platform=platform))
        assert (mac.status, mac.variant) == ("ok", "cpu")
        assert "explicit-variant-replaced" in codes(mac)
        assert "cuda" not in " ".join(mac.requirements)


@pytest.mark.parametrize("platform", MACS)
def test_macos_conda_needs_no_driver(platform: str) -> None:
    plan = conda("pytorch", machine(platform=platform), channels=FORGE)
    assert (plan.status, plan.variant) == ("ok", "cpu")


def test_macos_x86_64_ended_at_2_2_2() -> None:
    mac = machine(platform="macos-x86_64")
    assert pip("torch", mac).packages["torch"] == "2.2.2"
    assert pip("torch==2.14.0", mac).status == "refused"


AARCH = [
    ("torch==2.4.1", ("torch==2.4.1",), ()),
    ("torch==2.10.0", ("torch==2.10.0",), ()),
    ("torch==2.9.1", ("torch==2.9.1+cpu",), (f"{WHEELS}/cpu",)),
]


@pytest.mark.parametrize(("text", "spelled", "urls"), AARCH)
@pytest.mark.parametrize("cpu", [True, False])
def test_aarch64_has_plain_cpu_wheels_up_to_2_10(
    text: str, spelled: tuple[str, ...], urls: tuple[str, ...], cpu: bool
) -> None:
    plan = pip(text, machine(platform=AARCH64), cpu=cpu)
    assert (plan.variant, plan.requirements, plan.index_urls) == ("cpu", spelled, urls)


def test_aarch64_with_a_driver() -> None:
    grace = machine("580.65.06", None, "9.0", platform=AARCH64)
    assert pip("torch==2.10.0", grace).requirements == ("torch==2.10.0+cu130",)
    assert pip("torch", grace).variant == "cu130"
    assert conda("pytorch=2.4", grace).requirements[0] == "pytorch==2.4.1[build=cuda120*]"
