"""A plan's own requirements and sources, planned again, are already right."""

from __future__ import annotations

import pytest

from conda_cuda_guard.rendering import plan_to_json

from . import cells
from .machines import A100, ask, conda, machine, pip

places = pytest.mark.parametrize(("manager", "source", "platform"), cells.PLACES, ids=cells.IDS)


@places
@pytest.mark.parametrize("companions", [(), ("torchvision",)], ids=["torch", "pair"])
def test_every_cell_again(
    manager: str, source: str, platform: str, companions: tuple[str, ...]
) -> None:
    wrong: list[object] = []
    for build in cells.cells(manager, source, platform):
        if manager == "pip" and cells.needs_address(build):
            continue  # a requirement with an address is nobody's to plan
        first = cells.plan_for(manager, build, *companions)
        channels = (*first.channels, *cells.channels_for(build)) if manager == "conda" else ()
        second = ask(
            manager,
            first.requirements,
            cells.host_for(build),
            policy="strict",
            index_urls=first.index_urls,
            find_links=first.find_links,
            channels=channels,
        )
        expected = ("unchanged", first.requirements, first.variant, dict(first.packages))
        got = (second.status, second.requirements, second.variant, dict(second.packages))
        if got != expected:
            wrong.append((build.release, build.variant, got))
        if any(note.severity == "warning" for note in second.notes):
            allowed = {note.code for note in first.notes}
            wrong += [
                (build.release, note.code)
                for note in second.notes
                if note.severity == "warning" and note.code not in allowed
            ]
    assert wrong == []


OPEN = [
    "torch",
    "torch torchvision",
    "torch torchvision torchaudio",
    "torchvision",
    "torchaudio",
    "torchtext",
    "torch<2 numpy",
    "torch==2.1.2+cu118",
    "torch[opt-einsum]>=2.1,<2.3",
    "torch==2.1.2+cpu",
    "torchvision==0.16.2",
    "Torch",
    "torch==2.7.1+cu118 torchvision",
]


@pytest.mark.parametrize("text", OPEN)
def test_open_pip_requests_again(text: str) -> None:
    first = pip(text)
    second = ask(
        "pip", first.requirements, A100, index_urls=first.index_urls, find_links=first.find_links
    )
    assert (second.status, second.requirements) == ("unchanged", first.requirements)


CONDA = [
    "pytorch",
    "pytorch torchvision",
    "pytorch=2.1 torchvision torchaudio",
    "torchvision",
    "pytorch-gpu",
    "pytorch-gpu=2.4",
    "pytorch=*=*cuda*",
    "pytorch pytorch-cuda=11.8",
    "torch",
    "pytorch cuda-version=12",
    "pytorch cpuonly",
    "conda-forge::pytorch",
    "pytorch numpy<2",
    "pytorch=2.4.*=*cuda12*",
    "pytorch pytorch-cuda",
    "conda-forge::torchvision",
]


@pytest.mark.parametrize(
    "channels",
    [("defaults",), ("conda-forge",), ("pytorch", "nvidia")],
    ids=["defaults", "conda-forge", "pytorch"],
)
@pytest.mark.parametrize("text", CONDA)
def test_open_conda_requests_again(text: str, channels: tuple[str, ...]) -> None:
    first = conda(text, channels=channels)
    second = ask("conda", first.requirements, A100, channels=(*first.channels, *channels))
    assert (second.status, second.requirements) == ("unchanged", first.requirements)
    assert second.variant == first.variant


@places
def test_the_same_request_gives_the_same_plan(manager: str, source: str, platform: str) -> None:
    builds = list(cells.cells(manager, source, platform))[::7]
    first = [plan_to_json(cells.plan_for(manager, build)) for build in builds]
    again = [plan_to_json(cells.plan_for(manager, build)) for build in builds]
    assert first == again


def test_the_order_of_requirements_is_kept() -> None:
    one = pip("numpy<2 torchvision torch==2.1.2 scipy")
    other = pip("torch==2.1.2 scipy torchvision numpy<2")
    names = [text.split("=")[0].split("<")[0] for text in one.requirements]
    assert names == ["numpy", "torchvision", "torch", "scipy"]
    assert sorted(one.requirements) == sorted(other.requirements)


def test_the_order_of_gpus_and_hosts_does_not_matter() -> None:
    one, other = machine("580.65.06", None, "6.1"), machine("535.104.05", None, "8.0")
    assert pip("torch", one, other).requirements == pip("torch", other, one).requirements
    mixed = (machine("580.65.06", None, "6.1", "9.0"), machine("580.65.06", None, "9.0", "6.1"))
    assert pip("torch", mixed[0]).requirements == pip("torch", mixed[1]).requirements
