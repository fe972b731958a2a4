"""Files that ask for a newer C library than the machine has do not exist for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conda_cuda_guard.model import Build, Host, Wheel

from .machines import A100, AARCH64, NO_DRIVER, codes, machine, pip, words

HOST = machine("550.54.14", None, "8.0")
CENTOS_7 = replace(HOST, libc="glibc 2.17")
ALPINE = replace(HOST, libc="musl 1.2")


@pytest.mark.parametrize(
    ("text", "host", "torch"),
    [
        ("torch", CENTOS_7, "2.5.1+cu124"),
        ("torch<2.5", CENTOS_7, "2.4.1+cu124"),
        ("torch==2.1.2+cu118", CENTOS_7, "2.1.2+cu118"),
        ("torch", replace(NO_DRIVER, libc="glibc 2.17"), "2.5.1+cpu"),
        ("torch", replace(HOST, libc="glibc 2.27"), "2.5.1+cu124"),
        ("torch", replace(HOST, libc="glibc 2.28"), "2.14.1+cu126"),
        ("torch", replace(HOST, libc="glibc 2.100"), "2.14.1+cu126"),
        ("torch", HOST, "2.14.1+cu126"),
    ],
)
def test_the_newest_torch_whose_files_the_system_can_take(
    text: str, host: Host, torch: str
) -> None:
    assert pip(text, host).packages["torch"] == torch


def test_companions_belong_to_that_torch() -> None:
    plan = pip("torch torchvision torchaudio", CENTOS_7)
    assert dict(plan.packages) == {
        "torch": "2.5.1+cu124", "torchvision": "0.20.1+cu124", "torchaudio": "2.5.1+cu124",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["torch>=2.6", "torch==2.9.1", "torch==2.7.1+cu118"])
def test_a_request_for_newer_ones_is_refused_with_the_reason(text: str) -> None:
    plan = pip(text, CENTOS_7)
    assert plan.status == "refused"
    assert codes(plan) == {"libc-too-old"}
    assert "no build for glibc 2.17: its files need glibc 2.28" in words(plan)
    assert "torch==2.5.1" in words(plan)


def test_a_python_without_any_file_is_the_reason_where_it_is_one() -> None:
    host = replace(CENTOS_7, python="3.14")
    assert codes(pip("torch==2.5.1", host)) == {"python-not-covered"}
    assert codes(pip("torch", host)) == {"libc-too-old"}


@pytest.mark.parametrize("host", [ALPINE, replace(NO_DRIVER, libc="musl 1.2")])
@pytest.mark.parametrize("text", ["torch", "torch==2.1.2", "torchvision"])
def test_musl_is_refused_with_what_to_use(text: str, host: Host) -> None:
    plan = pip(text, host)
    assert plan.status == "refused"
    assert "no wheels for musl" in words(plan)
    assert "image with glibc" in words(plan)
    assert "or conda" in words(plan)


def test_one_old_machine_of_several_decides() -> None:
    assert pip("torch", HOST, CENTOS_7).packages["torch"] == "2.5.1+cu124"


def test_arm_servers_too() -> None:
    old = machine("580.65.06", None, "9.0", platform=AARCH64)
    assert pip("torch", old).packages["torch"] == "2.15.0+cu130"
    assert pip("torch", replace(old, libc="glibc 2.17")).packages["torch"] == "2.5.1+cu124"


@pytest.mark.parametrize(
    ("libc", "needed", "taken"),
    [
        ("glibc 2.17", "glibc 2.17", True),
        ("glibc 2.17", "glibc 2.28", False),
        ("glibc 2.9", "glibc 2.17", False),
        ("glibc 2.35", None, True),
        (None, "glibc 2.28", True),
        ("musl 1.2", "glibc 2.5", False),
        ("glibc 2.35", "musl 1.1", False),
        ("musl 1.2", "musl 1.1", True),
    ],
)
def test_whether_a_file_is_for_a_c_library(
    libc: str | None, needed: str | None, taken: bool
) -> None:
    host = replace(A100, libc=libc)
    wheel = Wheel("torch", "2.1.2", frozenset(), frozenset({host.platform}), "", libc=needed)
    assert wheel.is_for(host) is taken
    build = Build("2.1.2", "cu121", "12.1", host.platform, "pytorch-index", libc=needed)
    assert build.is_for(host) is taken


@pytest.mark.parametrize(
    ("pythons", "python", "taken"),
    [
        ({"3.11"}, "3.11", True),
        ({"3.11"}, "3.12", False),
        ({"3.13"}, "3.13t", False),
        (set(), "3.12", True),
        ({"3.11"}, None, True),
    ],
)
def test_whether_a_file_is_for_a_python(pythons: set[str], python: str | None, taken: bool) -> None:
    host = replace(A100, python=python)
    wheel = Wheel("torch", "2.1.2", frozenset(pythons), frozenset({host.platform}), "")
    assert wheel.is_for(host) is taken


def test_or_for_a_platform() -> None:
    wheel = Wheel("torch", "2.1.2", frozenset(), frozenset({"windows-amd64"}), "")
    assert not wheel.is_for(A100)
