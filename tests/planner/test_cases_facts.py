"""People's machines that older facts got wrong: planned with the built-in catalogue, offline."""

from __future__ import annotations

import pytest

from conda_cuda_guard.catalogue import gpu_capability
from conda_cuda_guard.model import Gpu, Host

from .machines import AARCH64, LINUX, OFFICIAL, codes, conda, machine, pip, words

A100 = machine("550.54.14", "12.4", "8.0")
R580 = machine("580.65.06", "13.0", "8.0")
ORIN = Host(AARCH64, "3.10", "540.4.0", "12.6", (Gpu("Orin (nvgpu)", "8.7"),))
XAVIER = Host(AARCH64, "3.8", "520.0", "11.4", (Gpu("Xavier", "7.2"),))
THOR = Host(AARCH64, "3.12", "580.00", "13.0", (Gpu("NVIDIA Thor", "11.0"),))


def test_the_three_of_comfyui() -> None:
    plan = pip("torch torchvision torchaudio torchsde", A100)
    assert plan.packages == {
        "torch": "2.14.1+cu126",
        "torchvision": "0.29.1+cu126",
        "torchaudio": "2.11.0+cu126",
    }


@pytest.mark.parametrize(("host", "label"), [(A100, "+cu126"), (R580, "+cu130")])
def test_a_set_that_a_serving_package_pins(host: Host, label: str) -> None:
    plan = pip("torch==2.14.0 torchaudio==2.11.0 torchvision==0.29.0", host)
    assert (plan.status, codes(plan) - {"driver-minor-compatible"}) == ("ok", set())
    assert set(plan.packages.values()) == {f"2.14.0{label}", f"2.11.0{label}", f"0.29.0{label}"}


@pytest.mark.parametrize(
    ("text", "torch"), [("torch torchaudio", "2.14.1+cu126"), ("torch==2.13.0", "2.13.0+cu126")]
)
def test_a_v100_gets_the_variant_that_still_has_code_for_it(text: str, torch: str) -> None:
    """cu129 of 2.13.0 is newer, and has none below 7.5."""
    for driver, cuda in (("550.54.14", "12.4"), ("575.51.03", "12.9"), ("580.65.06", "13.0")):
        plan = pip(text, machine(driver, cuda, "7.0"))
        assert plan.packages["torch"] == torch


def test_an_rtx_5090_with_a_driver_of_cuda_12_9() -> None:
    plan = pip("torch==2.13.0", machine("575.51.03", "12.9", "12.0"))
    assert (plan.packages["torch"], plan.level) == ("2.13.0+cu129", "direct")


@pytest.mark.parametrize("python", ["3.15", "3.15t"])
@pytest.mark.parametrize("platform", [LINUX, AARCH64])
def test_cpython_3_15_on_linux(python: str, platform: str) -> None:
    host = machine("575.51.03", "12.9", "9.0", platform=platform, python=python)
    plan = pip("torch==2.13.0", host)
    assert (plan.status, plan.level) == ("ok", "direct")
    assert pip("torch==2.14.1", host).packages["torch"] == "2.14.1+cu126"


@pytest.mark.parametrize(
    ("name", "torch"),
    [
        ("A40-48Q", "2.14.1+cu126"), ("GRID T4-16Q", "2.14.1+cu126"), ("A10G", "2.14.1+cu126"),
        ("H20", "2.14.1+cu126"), ("L20", "2.14.1+cu126"), ("RTX 4090 D", "2.14.1+cu126"),
    ],
)  # fmt: skip
def test_gpus_of_clouds_are_known_by_name(name: str, torch: str) -> None:
    host = Host(LINUX, "3.11", "550.54.14", "12.4", (Gpu(name, gpu_capability(name)),))
    plan = pip("torch", host)
    assert plan.packages["torch"] == torch
    assert "no-gpu-known" not in codes(plan)


def test_an_orin_is_refused_the_wheels_of_servers_and_sent_to_its_own() -> None:
    plan = pip("torch", ORIN)
    assert (plan.status, codes(plan)) == ("refused", {"no-variant-fits", "gpu-not-covered"})
    said = words(plan)
    assert "https://pypi.jetson-ai-lab.io/jp6/cu126" in said
    assert "conda install -c conda-forge" in said
    assert "'arm-variant=*=tegra'" in said
    assert "Driver" not in said


def test_an_orin_gets_conda_forges_build_for_boards() -> None:
    plan = conda("pytorch", ORIN, channels=("conda-forge",))
    assert (plan.status, plan.variant) == ("ok", "cu129")
    assert "arm-variant=*=tegra" in plan.requirements


def test_a_server_never_gets_the_build_for_boards() -> None:
    for gpus in ((), ("9.0",), ("8.0",)):
        host = machine("575.51.03", "12.9", *gpus, platform=AARCH64, python="3.12")
        plan = conda("pytorch", host, channels=("conda-forge",))
        assert plan.status == "ok"
        assert "arm-variant=*=tegra" not in plan.requirements


@pytest.mark.parametrize("text", ["torch", "torch==2.4.1"])
def test_a_xavier_is_not_told_to_install_a_desktops_driver(text: str) -> None:
    plan = pip(text, XAVIER)
    assert plan.status == "refused"
    assert "Driver" not in words(plan)
    assert "would run here" not in words(plan)


def test_a_thor_needs_cuda_13() -> None:
    assert pip("torch==2.8.0", THOR).status == "refused"
    assert pip("torch==2.9.0", THOR).packages == {"torch": "2.9.0+cu130"}
    plan = pip("torch", THOR)
    assert (plan.status, plan.variant) == ("ok", "cu130")


def test_a_sample_of_conda_pythons_refuses_nothing() -> None:
    """Nobody saw 1.4.0's builds for Python 3.6; its wheels were made for it."""
    old = machine("470.42.01", "11.4", "7.0", python="3.6")
    plan = conda("pytorch==1.4.0", old, channels=OFFICIAL)
    assert (plan.status, plan.variant) == ("ok", "cu101")


def test_a_python_that_was_seen_goes_before_a_newer_release_where_it_was_not() -> None:
    host = machine("535.104.05", "12.2", "8.0", python="3.8")
    assert conda("pytorch", host, channels=OFFICIAL).packages["pytorch"] == "2.2.1"


def test_a_complete_list_of_conda_pythons_still_refuses() -> None:
    host = machine("535.104.05", "12.2", "8.0", python="3.12")
    plan = conda("pytorch==2.1.1", host, channels=OFFICIAL)
    assert codes(plan) == {"python-not-covered"}


def test_an_exported_file_that_names_a_patch_release_of_python() -> None:
    host = machine("535.104.05", "12.2", "8.0", python="3.9")
    plan = conda("python=3.9.12 pytorch=1.13.1 pytorch-cuda=11.7", host, channels=OFFICIAL)
    assert (plan.status, plan.variant) == ("ok", "cu117")
