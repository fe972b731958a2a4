"""Rule 7: nothing fits, so nothing is installed, and the nearest ways out are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .machines import A100, AARCH64, RTX_5090, codes, conda, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Plan

MANAGERS = {"pip": pip, "conda": conda}
OLD = machine("470.42.01", None, "12.0")
REFUSED = [
    ("pip", "torch", OLD),
    ("pip", "torch>=2.15", machine("550.54.14", None, "6.1")),
    ("pip", "torch==2.1.2", RTX_5090),
    ("pip", "torch==2.1.2+cu118", RTX_5090),
    ("pip", "torch==2.15.0+cu132", A100),
    ("pip", "torch==9.9", A100),
    ("pip", "torch==1.8.2", machine("580.65.06", None, "9.0", platform=AARCH64)),
    ("pip", "torch==2.2.0", machine("580.65.06", None, "9.0", platform=AARCH64)),
    ("pip", "torch", machine("580.65.06", None, "2.0")),
    ("pip", "torch==2.2.0 torchvision==0.16.2", A100),
    ("conda", "pytorch", OLD),
    ("conda", "pytorch=2.1", RTX_5090),
    ("conda", "pytorch=9.9", A100),
    ("conda", "pytorch=2.2", machine("580.65.06", None, "9.0", platform=AARCH64)),
    ("conda", "pytorch=2.2 torchvision=0.16", A100),
    ("conda", "pytorch=2.1=*cuda11.8*", RTX_5090),
    ("conda", "pytorch cuda-version=13.0", machine("470.42.01", None, "12.0")),
]
IDS = [f"{manager} {text}" for manager, text, _ in REFUSED]


@pytest.mark.parametrize(("manager", "text", "host"), REFUSED, ids=IDS)
def test_a_refusal_holds_nothing_to_install(manager: str, text: str, host: Host) -> None:
    plan = MANAGERS[manager](text, host)
    assert plan.status == "refused"
    assert (plan.requirements, plan.command, dict(plan.packages)) == ((), (), {})
    assert (plan.index_urls, plan.find_links, plan.channels) == ((), (), ())
    assert (plan.variant, plan.cuda, plan.level, plan.source) == (None, None, None, None)
    assert any(note.severity == "error" for note in plan.notes)


@pytest.mark.parametrize(("manager", "text", "host"), REFUSED, ids=IDS)
def test_nor_does_it_say_that_anything_was_chosen(manager: str, text: str, host: Host) -> None:
    said = words(MANAGERS[manager](text, host))
    assert "was chosen" not in said
    assert "was replaced" not in said
    assert "was kept" not in said


ALTERNATIVES = [
    # An older torch.
    (pip("torch>=2.15", machine("550.54.14", None, "6.1")), "torch==2.14.1"),
    (pip("torch>=2.10", machine("520.61.05", None, "8.0")), "torch==2.7.1"),
    # A newer torch, where only that one covers the GPU.
    (pip("torch==2.1.2", RTX_5090), "torch==2.13.0"),
    (conda("pytorch=2.1", machine("580.65.06", None, "12.0")), "pytorch==2.13.0"),
    # A newer driver.
    (pip("torch==2.15.0", A100), "580.65.06"),
    (pip("torch", OLD), "R570"),
    (conda("pytorch", OLD), "R570"),
    # conda-forge, where only it covers the GPU.
    (pip("torch", machine("580.65.06", None, "6.1", "12.0")), "conda install -c conda-forge"),
]


@pytest.mark.parametrize(("plan", "named"), ALTERNATIVES, ids=[named for _, named in ALTERNATIVES])
def test_alternatives_are_named(plan: Plan, named: str) -> None:
    assert plan.status == "refused"
    assert named in words(plan)


@pytest.mark.parametrize("text", ["torch==2.1.2", "torch==2.15.0", "torch>=2.9,<2.10"])
def test_an_alternative_really_works(text: str) -> None:
    """What the hint says to ask for is planned on the same machine."""
    host = machine("535.104.05", None, "12.0") if text == "torch==2.1.2" else A100
    plan = pip(text, host, policy="strict")
    assert plan.status == "refused"
    said = words(plan)
    if "ask for " in said:
        other = said.partition("ask for ")[2].split()[0].rstrip(".")
        assert pip(other, host, policy="strict").status == "ok"


def test_the_gpu_is_named_when_it_is_the_reason() -> None:
    plan = pip("torch==2.1.2", RTX_5090)
    assert codes(plan) == {"no-variant-fits", "gpu-not-covered"}
    assert "12.0" in words(plan)


def test_the_driver_is_named_when_it_is_the_reason() -> None:
    plan = pip("torch==2.15.0", A100)
    assert codes(plan) == {"no-variant-fits", "cuda-newer-than-driver"}
    assert "535.104.05" in words(plan)


def test_strict_is_named_when_it_is_the_reason() -> None:
    plan = pip("torch==2.8.0", A100, policy="strict")
    assert "strict" in words(plan)


def test_the_right_pair_is_named_by_the_names_of_the_manager() -> None:
    said = words(conda("pytorch=2.2.0 torchvision=0.16.2"))
    assert "torchvision==0.17.0" in said or "torchvision=0.17.0" in said
    assert "pytorch=" in said


@pytest.mark.parametrize("text", ["torch", "torch==2.1.2", "torch>=2.15", "torch torchvision"])
def test_a_present_gpu_never_gets_a_silent_cpu_build(text: str) -> None:
    hosts = [
        machine(driver, None, gpu)
        for driver in ("340.108", "390.46", "450.80.01", "470.42.01", "525.60.13", "580.65.06")
        for gpu in ("2.0", "3.5", "6.1", "8.0", "12.0")
    ]
    for host in hosts:
        for plan in (pip(text, host), conda(text.replace("torch==", "pytorch=="), host)):
            assert plan.variant != "cpu"
            assert (plan.status == "refused") is (plan.variant is None)


@pytest.mark.parametrize("cpu", [True, False])
def test_no_alternative_with_cuda_where_none_was_wanted_or_can_run(cpu: bool) -> None:
    """2.14.1 has no CPU wheel on aarch64; a CUDA build would not "run here" without a driver."""
    plan = pip("torch==2.14.1", machine(platform=AARCH64), cpu=cpu)
    assert plan.status == "refused"
    assert "(cu" not in words(plan)
