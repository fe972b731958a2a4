"""What the tests of repodata share: a conda with empty caches, servers, what a channel has."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Callable

import pytest

from .channel_server import SECRETS, ChannelServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .asking import Asked

Serve = Callable[..., ChannelServer]

NAMES = (
    "pytorch", "pytorch-gpu", "pytorch-cuda", "pytorch-mutex",
    "cuda-version", "cudatoolkit", "torchvision", "torchaudio",
)  # fmt: skip


@pytest.fixture
def fresh(conda: Conda, tmp_path: Path) -> Conda:
    """Give a conda without anything in its cache."""
    return conda.at(tmp_path / "home")


@pytest.fixture
def serve(channels: Channels) -> Iterator[Callable[..., ChannelServer]]:
    """Give the function that starts servers of the modelled channels."""
    with ExitStack() as running:

        def start(root: Path = channels.root, certificate: Path | None = None) -> ChannelServer:
            return running.enter_context(ChannelServer(root, certificate))

        yield start


def write_condarc(**settings: Any) -> str:
    """Write a condarc of nothing but these settings."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())


def has(channels: Channels, name: str) -> list[list[str]]:
    """Read what a channel has, the long way."""
    found = set()
    for subdir in ("linux-64", "noarch"):
        repodata = json.loads((channels.path(name) / subdir / "repodata.json").read_text())
        for record in repodata["packages"].values():
            if record["name"] in NAMES:
                found.add((record["name"], record["version"], record["build"]))
    return [list(package) for package in sorted(found)]


def needs(channels: Channels, name: str) -> dict[str, list[str]]:
    """Read what the packages of a channel depend on of pytorch, the long way."""
    found = {}
    for subdir in ("linux-64", "noarch"):
        repodata = json.loads((channels.path(name) / subdir / "repodata.json").read_text())
        for record in repodata["packages"].values():
            texts = [one for one in record["depends"] if one.split(" ")[0] == "pytorch"]
            if texts and record["name"] in NAMES:
                found[f"{record['name']}-{record['version']}-{record['build']}"] = texts
    return found


def is_clean(asked: Asked) -> bool:
    """Tell whether nothing was printed, and no secret in what came."""
    assert asked.process.stdout + asked.process.stderr == ""
    return not [secret for secret in SECRETS if secret in asked.printed]


def cached(conda: Conda) -> list[str]:
    """List what conda's cache of repodata holds."""
    return [path.name for path in (conda.home / "pkgs" / "cache").glob("*")]
