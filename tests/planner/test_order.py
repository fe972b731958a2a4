"""Rule 4: the newest torch, then direct before minor-compatible, then the newest CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .machines import A100, NEWEST, codes, conda, pip

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

PIP = [
    # The newest torch comes first, even where only a minor-compatible build of it is left.
    ("torch", A100, "torch==2.14.1+cu126", "minor-compatible"),
    ("torch<2.14", A100, "torch==2.13.0+cu129", "minor-compatible"),
    # Within a release direct comes before a newer CUDA.
    ("torch==2.5.1", A100, "torch==2.5.1+cu121", "direct"),
    ("torch==2.7.1", A100, "torch==2.7.1+cu118", "direct"),
    ("torch==2.0.1", A100, "torch==2.0.1+cu118", "direct"),
    # Within a level the newest CUDA.
    ("torch==2.5.1", NEWEST, "torch==2.5.1+cu124", "direct"),
    ("torch==2.8.0", A100, "torch==2.8.0+cu129", "minor-compatible"),
    ("torch", NEWEST, "torch==2.15.0+cu132", "direct"),
]


@pytest.mark.parametrize(("text", "host", "spelled", "level"), PIP)
def test_pip_order(text: str, host: Host, spelled: str, level: str) -> None:
    plan = pip(text, host)
    assert (plan.requirements, plan.level) == ((spelled,), level)


STRICT = [
    ("torch", "torch==2.7.1+cu118"),
    ("torch<2.6", "torch==2.5.1+cu121"),
    ("torch==2.7.1", "torch==2.7.1+cu118"),
]


@pytest.mark.parametrize(("text", "spelled"), STRICT)
def test_strict_leaves_minor_compatible_out(text: str, spelled: str) -> None:
    plan = pip(text, A100, policy="strict")
    assert (plan.requirements, plan.level) == ((spelled,), "direct")
    assert "driver-minor-compatible" not in codes(plan)


@pytest.mark.parametrize("text", ["torch==2.8.0", "torch>=2.9"])
def test_strict_refuses_where_only_minor_compatible_is_left(text: str) -> None:
    assert pip(text, A100).level == "minor-compatible"
    plan = pip(text, A100, policy="strict")
    assert plan.status == "refused"
    assert {"no-variant-fits", "cuda-newer-than-driver"} <= codes(plan)


def test_conda_order() -> None:
    assert conda("pytorch=2.5", channels=("pytorch",)).variant == "cu121"
    assert conda("pytorch=2.5", NEWEST, channels=("pytorch",)).variant == "cu124"
    assert conda("pytorch=2.7", channels=("conda-forge",)).variant == "cu129"
    assert conda("pytorch", policy="strict", channels=("conda-forge",)).variant == "cu120"


RANGES = [
    ("torch~=2.1.0", "2.1.2"),
    ("torch<2", "1.13.1"),
    ("torch!=2.15.0,!=2.14.1", "2.14.0"),
    ("torch==2.1", "2.1.0"),
    ("torch==2.1.*", "2.1.2"),
    ("torch===2.1.2", "2.1.2"),
    ("torch>=2.1,!=2.1.2,<2.2", "2.1.1"),
    ("torch>=2.1.2,<=2.1.2", "2.1.2"),
    ("torch==v2.1.2", "2.1.2"),
    ("torch==2.1.2.0", "2.1.2"),
    ("torch~=2.1,<2.4", "2.3.1"),
    ("TORCH==2.1.2", "2.1.2"),
    ("torch == 2.1.2|numpy", "2.1.2"),
    (" torch ==2.1.2 , <3 |numpy", "2.1.2"),
    ("torch(==2.1.2)|numpy", "2.1.2"),
    ("torch>2.1.1,<2.2.0rc1", "2.1.2"),
]


@pytest.mark.parametrize(("text", "release"), RANGES)
def test_what_a_pip_request_allows(text: str, release: str) -> None:
    plan = pip(text, A100)
    assert plan.status == "ok"
    assert plan.packages["torch"].partition("+")[0] == release


UNKNOWN = [
    "torch==2.1.2rc1",
    "torch==2.2.0.dev20231010",
    "torch==1!2.1.2",
    "torch==9.9",
    "torch>99",
    "torch<1.0",
    "torch==2.1.2.post1",
    "torch>=2.2,<2.1",
    "torch==2.1.2 torch==2.2.0",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_releases_that_do_not_exist_are_refused(text: str) -> None:
    plan = pip(text, A100)
    assert plan.status == "refused"
    assert codes(plan) == {"release-unknown"}


def test_two_ranges_of_one_name_hold_together() -> None:
    plan = pip("torch>=2 torch<2.2", A100)
    assert set(plan.requirements) == {"torch==2.1.2+cu121"}
    assert dict(plan.packages) == {"torch": "2.1.2+cu121"}
