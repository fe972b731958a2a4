"""What the issue asks to be shown, word by word."""

from __future__ import annotations

import pytest
from packaging.version import Version

from conda_cuda_guard import catalogue

from .machines import A100, GTX_1080, LINUX, codes, conda, machine, pip, words


def test_gtx_1080_on_driver_550_gets_the_newest_torch_with_its_code() -> None:
    plan = pip("torch", GTX_1080)
    assert plan.status == "ok"
    assert plan.variant == "cu126"
    assert dict(plan.packages) == {"torch": "2.14.1+cu126"}
    build = next(
        b for b in catalogue.wheels(LINUX) if (b.release, b.variant) == ("2.14.1", "cu126")
    )
    assert build.architectures is not None
    assert {"6.0", "6.1"} & set(build.architectures.machine_code)


def test_and_not_the_newest_of_all() -> None:
    newest = max(Version(b.release) for b in catalogue.wheels(LINUX))
    assert Version("2.14.1") < newest


def test_gtx_1080_under_strict_still_is_not_a_cpu_build() -> None:
    plan = pip("torch", GTX_1080, policy="strict")
    assert plan.status == "ok"
    assert plan.level == "direct"
    assert plan.cuda is not None
    assert Version(plan.cuda) <= Version("12.4")


@pytest.mark.parametrize("capability", ["6.1", "8.0", "8.9", "9.0"])
def test_torch_2_15_on_driver_550_is_refused(capability: str) -> None:
    plan = pip("torch>=2.15", machine("550.54.14", None, capability))
    assert plan.status == "refused"
    assert "no-variant-fits" in codes(plan)
    assert "2.14.1" in words(plan)


def test_torch_2_15_names_the_driver_that_would_do() -> None:
    plan = pip("torch>=2.15", machine("550.54.14", None, "8.0"))
    assert "580" in words(plan)


def test_no_driver_is_promised_where_the_gpu_is_the_reason() -> None:
    """2.15 has no wheel for Pascal: a newer driver would not help."""
    plan = pip("torch>=2.15", machine("580.65.06", None, "6.1"))
    assert plan.status == "refused"
    assert "or newer (branch" not in words(plan)


def test_a100_with_cuda_12_2() -> None:
    plan = pip("torch==2.1.2 torchvision numpy<2")
    assert (plan.variant, plan.cuda, plan.level) == ("cu121", "12.1", "direct")
    assert plan.source == "pytorch-index"
    assert dict(plan.packages) == {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"}
    assert plan.requirements == ("torch==2.1.2+cu121", "torchvision==0.16.2+cu121", "numpy<2")
    assert plan.index_urls == ("https://download.pytorch.org/whl/cu121",)
    assert plan.find_links == ()
    assert plan.channels == ()
    assert plan.command[:3] == ("pip", "install", "torch==2.1.2+cu121")
    assert plan.notes == ()


def test_a100_with_cuda_11_8() -> None:
    plan = pip("torch==2.1.2 torchvision", machine(None, "11.8", "8.0"))
    assert plan.requirements == ("torch==2.1.2+cu118", "torchvision==0.16.2+cu118")
    assert plan.index_urls == ("https://download.pytorch.org/whl/cu118",)


def test_a100_on_conda() -> None:
    plan = conda("pytorch==2.1.1")
    assert plan.variant == "cu121"
    assert plan.requirements == ("pytorch==2.1.1[build=*cuda12.1*]", "pytorch-cuda=12.1")
    assert plan.channels == ("pytorch", "nvidia")
    assert plan.source == "pytorch-channel"
    assert dict(plan.packages) == {"pytorch": "2.1.1"}
    command = ("conda", "install", "-c", "pytorch", "-c", "nvidia", *plan.requirements)
    assert plan.command == command


@pytest.mark.parametrize("manager", ["pip", "conda"])
def test_driver_470_with_an_rtx_5090_is_refused_and_the_driver_named(manager: str) -> None:
    host = machine("470.42.01", None, "12.0")
    plan = pip("torch", host) if manager == "pip" else conda("pytorch", host)
    assert plan.status == "refused"
    assert plan.requirements == ()
    assert plan.packages == {}
    assert plan.variant is None
    assert "570" in words(plan) or "575" in words(plan)
    # No build for an older CUDA has code for this GPU: that would be wrong advice.
    assert "Take a build for CUDA 11.4 or older" not in words(plan)


def test_the_same_card_with_its_driver_is_served() -> None:
    plan = pip("torch", machine("570.26", None, "12.0"))
    assert (plan.status, plan.variant) == ("ok", "cu129")


def test_the_note_of_the_contract() -> None:
    plan = pip("torch==2.12.0", A100)
    assert plan.level == "minor-compatible"
    (note,) = plan.notes
    assert (note.code, note.severity) == ("driver-minor-compatible", "warning")
