"""What a conda channel lists, put in the place of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Gpu, Host, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.merge_channel import with_heard

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue, Plan

KNOWN = from_catalogue("conda", "linux-x86_64")
HOST = Host("linux-x86_64", "3.11", "615.10", None, (Gpu("NVIDIA H100", "9.0"),))
FORGE, OFFICIAL, DEFAULTS = "conda-forge", "pytorch-channel", "defaults"


def listed(*packages: str) -> list[tuple[str, str, str]]:
    return [(name, number, build) for name, number, build in map(str.split, packages)]


def plan(known: Catalogue, *specs: str, channels: tuple[str, ...] = (FORGE,)) -> Plan:
    request = Request("conda", specs, (HOST,), sources=Sources(channels=channels))
    return make_plan(request, known)


def test_a_new_release_is_understood_on_conda_forge() -> None:
    known = with_heard(KNOWN, FORGE, listed("pytorch 9.1.0 cuda133_py311h1_200"))
    found = plan(known, "pytorch")
    assert found.packages == {"pytorch": "9.1.0"}
    assert found.requirements == ("pytorch==9.1.0[build=cuda133*]", "cuda-version=13.3")
    # What the channel does not list is not there.
    assert plan(known, "pytorch=2.13.0").source != FORGE


@pytest.mark.parametrize(
    "package",
    [
        "pytorch 9.1.0rc1 cuda133_py311h1_200",
        "pytorch 9.1.0 cpu_generic_py311h1_0",
        "pytorch 9.1.0 py311h1_0",
        "pytorch not-a-version cuda133_py311h1_200",
        "pytorch-gpu 9.1.0 cuda133_py311h1_200",
    ],
)
def test_what_is_no_new_cuda_build(package: str) -> None:
    known = with_heard(KNOWN, FORGE, listed(package))
    assert "9.1.0" not in {build.release for build in known.builds if build.cuda}


def test_the_pythons_are_those_of_the_builds() -> None:
    known = with_heard(
        KNOWN,
        FORGE,
        listed("pytorch 2.13.0 cuda129_py39h1_200", "pytorch 2.13.0 cuda129_py310h1_200"),
    )
    (build,) = (one for one in known.builds if one.source == FORGE)
    assert (build.release, build.cuda, build.pythons) == (
        "2.13.0",
        "12.9",
        frozenset({"3.9", "3.10"}),
    )


def test_channel_pytorch_has_no_new_builds() -> None:
    known = with_heard(
        KNOWN,
        OFFICIAL,
        listed("pytorch 9.1.0 py3.11_cuda13.3_cudnn9_0", "pytorch 2.5.1 py3.11_cuda12.1_cudnn9_0"),
    )
    of_it = {(one.release, one.cuda) for one in known.builds if one.source == OFFICIAL}
    assert of_it == {("2.5.1", "12.1")}


def test_companions_that_the_channel_lacks_are_not_planned() -> None:
    packages = listed(
        "pytorch 2.13.0 cuda129_py311h1_200",
        "torchvision 0.28.0 cuda129_py311h1_0",
        "torchaudio 0.1 cuda129_py311h1_0",
    )
    known = with_heard(KNOWN, FORGE, packages)
    release = next(one for one in known.releases if one.version == "2.13.0")
    assert release.conda["torchvision"].versions == ("0.28.0",)
    assert "torchaudio" not in release.conda
    assert plan(known, "pytorch", "torchvision").packages["torchvision"] == "0.28.0"
    # A companion that was not asked about is believed to be as it is known.
    other = with_heard(KNOWN, FORGE, packages[:1])
    there = next(one for one in other.releases if one.version == "2.13.0")
    assert there.conda["torchvision"].versions


def test_anacondas_own_channel_has_cuda_builds_too() -> None:
    known = with_heard(
        KNOWN,
        DEFAULTS,
        listed("pytorch 2.99.0 gpu_cuda128_py311h1_0", "pytorch 2.3.0 cpu_py311h1_0"),
    )
    added = [one for one in known.builds if one.source == DEFAULTS]
    assert [(one.release, one.cuda, one.build_glob) for one in added] == [
        ("2.99.0", "12.8", "gpu_cuda128*")
    ]
    found = plan(known, "pytorch=2.99", channels=("defaults",))
    assert found.requirements[0] == "pytorch==2.99.0[build=gpu_cuda128*]"
    assert found.channels == ()


def test_a_platform_without_cuda_builds_has_none_added() -> None:
    known = from_catalogue("conda", "macos-arm64")
    assert with_heard(known, DEFAULTS, listed("pytorch 2.99.0 gpu_cuda128_py311h1_0")) is known
