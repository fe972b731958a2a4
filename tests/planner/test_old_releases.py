"""Releases from before 1.8.1, whose labels and pages differ, and 1.8.2 LTS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import LINUX, WHEELS, WINDOWS, codes, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

STABLE = f"{WHEELS}/torch_stable.html"
NEW = machine("535.104.05", "12.2", "7.0", python="3.7")
CUDA_102 = machine("440.33", "10.2", "7.0", python="3.7")

SPELLED = [
    ("torch==1.8.0", NEW, ("torch==1.8.0+cu111",), STABLE),
    ("torch==1.8.0", CUDA_102, ("torch===1.8.0",), STABLE),
    ("torch==1.7.1", NEW, ("torch==1.7.1+cu110",), STABLE),
    ("torch==1.7.1", CUDA_102, ("torch===1.7.1",), STABLE),
    ("torch==1.7.1+cu102", NEW, ("torch===1.7.1",), STABLE),
    ("torch==1.7.1+cu101", NEW, ("torch==1.7.1+cu101",), STABLE),
    ("torch==1.6.0", NEW, ("torch===1.6.0",), STABLE),
    ("torch==1.4.0", NEW, ("torch===1.4.0",), STABLE),
    ("torch==1.4.0+cu101", NEW, ("torch===1.4.0",), STABLE),
    ("torch==1.2.0", NEW, ("torch===1.2.0",), STABLE),
    ("torch==1.2.0+cu92", NEW, ("torch==1.2.0+cu92",), STABLE),
    (
        "torch==1.1.0",
        NEW,
        (f"torch @ {WHEELS}/cu100/torch-1.1.0-cp37-cp37m-linux_x86_64.whl",),
        f"{WHEELS}/cu100/torch_stable.html",
    ),
    ("torch==1.0.1+cu90", NEW, ("torch===1.0.1",), f"{WHEELS}/cu90/torch_stable.html"),
    (
        "torch==1.7.1 torchvision torchaudio",
        CUDA_102,
        ("torch===1.7.1", "torchvision===0.8.2", "torchaudio==0.7.2"),
        STABLE,
    ),
    (
        "torch==1.7.1 torchvision torchaudio",
        NEW,
        ("torch==1.7.1+cu110", "torchvision==0.8.2+cu110", "torchaudio==0.7.2"),
        STABLE,
    ),
    ("torch==1.7.1+cpu", NEW, ("torch==1.7.1+cpu",), STABLE),
]


@pytest.mark.parametrize(("text", "host", "spelled", "page"), SPELLED)
def test_spelling(text: str, host: Host, spelled: tuple[str, ...], page: str) -> None:
    plan = pip(text, host)
    assert plan.requirements == spelled
    assert (plan.index_urls, plan.find_links) == ((), (page,))
    assert plan.command == ("pip", "install", *spelled, "--find-links", page)


def test_packages_have_the_version_of_the_file() -> None:
    assert pip("torch==1.7.1", CUDA_102).packages == {"torch": "1.7.1"}
    assert pip("torch==1.7.1", NEW).packages == {"torch": "1.7.1+cu110"}


def test_1_8_2_lives_on_its_own_index() -> None:
    plan = pip("torch==1.8.2 torchvision", machine("535.104.05", "12.2", "8.0", python="3.9"))
    assert plan.requirements == ("torch==1.8.2+cu111", "torchvision==0.9.2+cu111")
    assert plan.index_urls == (f"{WHEELS}/lts/1.8/cu111",)


def test_the_default_of_an_unlabelled_release_is_no_other_source() -> None:
    assert "other-source-wins" not in codes(pip("torch==1.7.1", CUDA_102))


def test_the_same_version_of_another_variant_on_the_default_index_is_told() -> None:
    plan = pip("torch==1.1.0", NEW)
    assert "other-source-wins" in codes(plan)
    assert "cu90" in words(plan)


@pytest.mark.parametrize("platform", [LINUX, WINDOWS])
def test_no_cuda_plan_has_the_version_of_a_cpu_wheel_on_the_default_index(platform: str) -> None:
    """By its order pip takes the index's file before a page's where both have the same version."""
    catalogue = from_catalogue("pip", platform)
    wrong = []
    for build in catalogue.builds:
        if build.cuda is None:
            continue
        host = machine(None, build.cuda, platform=platform, python=max(build.pythons))
        plan = pip(f"torch=={build.release}", host, policy="strict")
        spelled = plan.requirements[0]
        named_by_version = plan.variant != "cpu" and spelled == f"torch==={build.release}"
        if named_by_version and catalogue.plain.get(build.release) == "cpu":
            wrong.append(spelled)
    assert wrong == []


@pytest.mark.parametrize("cuda", ["8.0", "9.0", "9.2", "10.0", "10.1", "10.2"])
def test_old_drivers_still_get_something_direct(cuda: str) -> None:
    plan = pip("torch", machine(None, cuda, python="3.7"))
    assert (plan.status, plan.level) == ("ok", "direct")
