"""Sharded repodata: the way to a few packages of a large channel."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from .asking import ask
from .serving import has, is_clean, needs, write_condarc
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
    assert asked.answers[0]["needs"] == needs(channels, "pytorch")


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
    assert asked.answers[0]["needs"] == needs(channels, "conda-forge")
    # An index that cannot be used leads back to the whole.
    for index in folder.glob("*/repodata_shards*"):
        index.write_bytes(b"garbage")
    again = ask(fresh, write_condarc(channel_alias=server.base), ask=["conda-forge"])
    assert again.answers == asked.answers


def _as_conda_26_keeps_it(conda: Conda, folder: Path, address: str) -> None:
    """Turn conda's copies of repodata.json into copies of the shards: an index, and a database."""
    cache = conda.home / "pkgs" / "cache"
    database = sqlite3.connect(cache / "repodata_shards.db")
    with closing(database), database:
        database.execute("CREATE TABLE shards (url TEXT PRIMARY KEY, package TEXT, shard BLOB)")
        for shard_file in folder.glob("*/shards/*"):
            url = f"{address}/{shard_file.parent.parent.name}/shards/{shard_file.name}"
            row = (url, "some", shard_file.read_bytes())
            database.execute("INSERT INTO shards VALUES (?, ?, ?)", row)
    for state in cache.glob("*.info.json"):
        copy = cache / state.name.replace(".info.json", ".json")
        subdir = json.loads(copy.read_text("utf-8"))["info"]["subdir"]
        index = copy.with_suffix(".msgpack.zst")
        shutil.copyfile(folder / subdir / "repodata_shards.msgpack.zst", index)
        copy.unlink()
        known = json.loads(state.read_text("utf-8"))
        found = index.stat()
        known.update(mtime_ns=found.st_mtime_ns, size=found.st_size)
        state.write_text(json.dumps(known), "utf-8")


@pytest.mark.parametrize("options", [{}, {"use_index_cache": True}], ids=["fresh", "-C"])
def test_the_shards_that_conda_has_are_not_fetched_again(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve, options: dict[str, bool]
) -> None:
    server = serve(tmp_path / "served")
    server.max_age = 3600
    folder = _sharded(fresh, channels, tmp_path / "served", "pytorch")
    condarc = write_condarc(channel_alias=server.base)
    words = ("--override-channels", "-c", "pytorch", "pytorch")
    assert fresh.run("search", *words, condarc=condarc).returncode == 0
    _as_conda_26_keeps_it(fresh, folder, server.url("pytorch"))
    server.seen.clear()
    asked = ask(fresh, condarc, ask=["pytorch"], options=options)
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")
    assert asked.answers[0]["needs"] == needs(channels, "pytorch")
    assert server.seen == []


def test_a_shard_that_conda_has_not_is_fetched(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve
) -> None:
    server = serve(tmp_path / "served")
    server.max_age = 3600
    folder = _sharded(fresh, channels, tmp_path / "served", "pytorch")
    condarc = write_condarc(channel_alias=server.base)
    words = ("--override-channels", "-c", "pytorch", "pytorch")
    assert fresh.run("search", *words, condarc=condarc).returncode == 0
    _as_conda_26_keeps_it(fresh, folder, server.url("pytorch"))
    database = sqlite3.connect(fresh.home / "pkgs" / "cache" / "repodata_shards.db")
    with closing(database), database:
        database.execute("DELETE FROM shards")
    offline = ask(fresh, condarc, ask=["pytorch"], options={"use_index_cache": True})
    assert offline.answers[0]["problem"] == "not-asked"
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert asked.answers[0]["packages"] == has(channels, "pytorch")
    assert asked.answers[0]["needs"] == needs(channels, "pytorch")
