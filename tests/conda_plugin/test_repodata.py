"""What channels say they have, asked by a real conda: of folders and of servers that are well."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from .asking import ask
from .channel_server import PASSWORD, SECRETS, TOKEN, USER
from .serving import cached, has, is_clean, needs, write_condarc
from .sharded import compress

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .serving import Serve


def test_folders_answer_what_they_have(fresh: Conda, channels: Channels) -> None:
    names = ["pytorch", "nvidia", "conda-forge", channels.url("pytorch"), "defaults"]
    asked = ask(fresh, channels.condarc(["defaults"]), ask=names)
    assert is_clean(asked)
    assert [one["channel"] for one in asked.answers] == [
        channels.url(name) for name in ("pytorch", "nvidia", "conda-forge", "main")
    ]
    for one, name in zip(asked.answers, ("pytorch", "nvidia", "conda-forge", "main")):
        assert one["problem"] == ""
        assert one["packages"] == has(channels, name)
        assert one["needs"] == needs(channels, name)
    assert len(asked.answers[0]["packages"]) > 50


@pytest.mark.parametrize("zst", [False, True], ids=["plain", "zst"])
def test_servers_answer_the_same(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve, zst: bool
) -> None:
    root = tmp_path / "served"
    for name in ("pytorch", "conda-forge"):
        shutil.copytree(channels.path(name), root / name)
    if zst:
        compress(fresh, list(root.glob("*/*/repodata.json")))
    server = serve(root)
    condarc = write_condarc(channel_alias=server.base)
    asked = ask(fresh, condarc, ask=["pytorch", "conda-forge"])
    assert is_clean(asked)
    assert [one["packages"] for one in asked.answers] == [
        has(channels, "pytorch"),
        has(channels, "conda-forge"),
    ]
    assert {seen.status for seen in server.seen} == ({200} if zst else {200, 404})
    # Nothing was written that a later run would read.
    assert cached(fresh) == []


RECORD = {"build": "0", "fn": "pytorch-9.9-fn_0.conda", "depends": ["pytorch-9.9-dep_0.conda"]}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("tar_bz2", [False, True])
def test_removed_records_are_not_there(
    fresh: Conda, channels: Channels, tmp_path: Path, indent: int | None, tar_bz2: bool
) -> None:
    shutil.copytree(channels.path("nvidia"), tmp_path / "mine")
    repodata = {
        "info": {"subdir": "linux-64"},
        "packages": {"pytorch-2.1.2-a_0.tar.bz2": {"name": "pytorch"}, "x-1-0.tar.bz2": RECORD},
        "packages.conda": {
            "pytorch-2.1.2-a_0.conda": RECORD,
            "pytorch-2.5.1-b_0.conda": RECORD,
            "pytorch-lightning-2.0-0.conda": RECORD,
        },
        "removed": ["pytorch-2.0.0-gone_0.conda", "pytorch-1.0-old_0.tar.bz2"],
    }
    (tmp_path / "mine/linux-64/repodata.json").write_text(json.dumps(repodata, indent=indent))
    condarc = channels.condarc(["defaults"], use_only_tar_bz2=tar_bz2)
    asked = ask(fresh, condarc, ask=[(tmp_path / "mine").as_uri()])
    found = [package for package in asked.answers[0]["packages"] if package[0] == "pytorch"]
    newer = [] if tar_bz2 else [["pytorch", "2.5.1", "b_0"]]
    assert found == [["pytorch", "2.1.2", "a_0"], *newer]


def test_credentials_of_the_configuration_are_used(
    fresh: Conda, channels: Channels, serve: Serve
) -> None:
    server = serve()
    server.faults = {"pytorch": "basic", "nvidia": "token", "conda-forge": "basic"}
    condarc = write_condarc(
        channels=[f"{server.base_with_password}/pytorch", f"{server.base}/t/{TOKEN}/nvidia"],
        custom_channels={"conda-forge": server.base_with_password},
    )
    named = [server.url("pytorch"), server.url("nvidia"), "conda-forge"]
    asked = ask(fresh, condarc, ask=named)
    assert is_clean(asked)
    for one, name in zip(asked.answers, ("pytorch", "nvidia", "conda-forge")):
        assert one["channel"] == server.url(name)
        assert one["packages"] == has(channels, name)
        assert one["needs"] == needs(channels, name)
    loud = ask(fresh, condarc, ask=named, debug=True)
    assert "DEBUG" in loud.process.stderr
    assert not [secret for secret in SECRETS if secret in loud.printed]


def test_so_is_netrc(fresh: Conda, channels: Channels, serve: Serve) -> None:
    server = serve()
    server.faults["pytorch"] = "basic"
    fresh.home.mkdir()
    (fresh.home / ".netrc").write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    asked = ask(fresh, write_condarc(channel_alias=server.base), ask=["pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")
    assert asked.answers[0]["needs"] == needs(channels, "pytorch")


def test_a_large_file_costs_little(fresh: Conda, channels: Channels, tmp_path: Path) -> None:
    shutil.copytree(channels.path("conda-forge"), tmp_path / "large")
    record = json.dumps({"depends": ["x >=1,<2"] * 20, "name": "x", "sha256": "0" * 64})
    lines = (f'"x{number}-1.0-h{number:07}_0.conda": {record},\n' for number in range(220_000))
    with (tmp_path / "large/linux-64/repodata.json").open("w") as file:
        file.write('{"info": {}, "packages": {}, "packages.conda": {\n')
        file.writelines(lines)
        file.write('"pytorch-2.13.0-cuda129_0.conda": {}}, "removed": []}\n')
    assert (tmp_path / "large/linux-64/repodata.json").stat().st_size > 80_000_000
    asked = ask(fresh, channels.condarc(["defaults"]), ask=[(tmp_path / "large").as_uri()])
    assert ["pytorch", "2.13.0", "cuda129_0"] in asked.answers[0]["packages"]
    assert asked.came["worked"] < 1
    assert asked.came["memory"] < 40_000  # kB
