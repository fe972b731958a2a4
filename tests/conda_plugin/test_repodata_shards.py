"""Sharded repodata: the way to a few packages of a large channel."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from .asking import ask
from .serving import has, is_clean, write_condarc
from .sharded import shard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .serving import Serve


def _sharded(
    conda: Conda, channels: Channels, root: Path, name: str, base: str = "./shards/"
) -> Path:
    """Serve a channel of shards that has some removed files and packages in both formats."""
    folder = root / name
    shutil.copytree(channels.path(name), folder)
    file = folder / "linux-64" / "repodata.json"
    repodata = json.loads(file.read_text("utf-8"))
    (name, record), *_ = (one for one in repodata["packages"].items() if "pytorch-" in one[0])
    repodata["packages.conda"][name.replace(".tar.bz2", ".conda")] = record
    repodata["removed"] = ["pytorch-0.1-old_0.tar.bz2", "pytorch-0.2-old_0.conda"]
    file.write_text(json.dumps(repodata), "utf-8")
    shard(conda, folder, base)
    return folder


@pytest.mark.parametrize("base", ["./shards/", "shards", "", "http"])
def test_shards_stand_for_a_file_that_is_not_there(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve, base: str
) -> None:
    root = tmp_path / "served"
    server = serve(root)
    if base == "http":
        base = f"{server.url('pytorch')}/linux-64/shards/"
    folder = _sharded(fresh, channels, root, "pytorch", base)
    for file in list(folder.glob("*/shards/*")):
        if not base:
            file.rename(file.parent.parent / file.name)
        elif base.startswith("http"):
            file.rename(folder / "linux-64/shards" / file.name)
    for file in folder.glob("*/repodata.json"):
        file.unlink()
    asked = ask(fresh, write_condarc(channel_alias=server.base), ask=["pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")


def test_so_they_do_for_a_large_one(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve
) -> None:
    server = serve(tmp_path / "served")
    folder = _sharded(fresh, channels, server.root, "conda-forge")
    for file in folder.glob("*/repodata.json"):
        file.write_text("{" + " " * (5 << 20) + file.read_text("utf-8")[1:], "utf-8")
    asked = ask(fresh, write_condarc(channel_alias=server.base), ask=["conda-forge"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "conda-forge")
    # An index that cannot be used leads back to the whole.
    for index in folder.glob("*/repodata_shards*"):
        index.write_bytes(b"garbage")
    again = ask(fresh, write_condarc(channel_alias=server.base), ask=["conda-forge"])
    assert again.answers == asked.answers
