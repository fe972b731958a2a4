"""What channels say they have: asked by a real conda, of servers that are well and that are not."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from .asking import ask
from .channel_server import PASSWORD, SECRETS, TOKEN, USER, ChannelServer
from .sharded import compress, shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .asking import Asked

NAMES = (
    "pytorch", "pytorch-gpu", "pytorch-cuda", "pytorch-mutex",
    "cuda-version", "cudatoolkit", "torchvision", "torchaudio",
)  # fmt: skip
# What the whole may take beside the two seconds: a thread's start, the merging.
SOON = 2.3


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


def _condarc(**settings: Any) -> str:
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())


def _has(channels: Channels, name: str) -> list[list[str]]:
    """Read what a channel has, the long way."""
    found = set()
    for subdir in ("linux-64", "noarch"):
        repodata = json.loads((channels.path(name) / subdir / "repodata.json").read_text())
        for record in repodata["packages"].values():
            if record["name"] in NAMES:
                found.add((record["name"], record["version"], record["build"]))
    return [list(package) for package in sorted(found)]


def _is_clean(asked: Asked) -> bool:
    """Tell whether nothing was printed, and no secret in what came."""
    assert asked.process.stdout + asked.process.stderr == ""
    return not [secret for secret in SECRETS if secret in asked.printed]


def _cached(conda: Conda) -> list[str]:
    return [path.name for path in (conda.home / "pkgs" / "cache").glob("*")]


def test_folders_answer_what_they_have(fresh: Conda, channels: Channels) -> None:
    names = ["pytorch", "nvidia", "conda-forge", channels.url("pytorch"), "defaults"]
    asked = ask(fresh, channels.condarc(["defaults"]), ask=names)
    assert _is_clean(asked)
    assert [one["channel"] for one in asked.answers] == [
        channels.url(name) for name in ("pytorch", "nvidia", "conda-forge", "main")
    ]
    for one, name in zip(asked.answers, ("pytorch", "nvidia", "conda-forge", "main")):
        assert one["problem"] == ""
        assert one["packages"] == _has(channels, name)
    assert len(asked.answers[0]["packages"]) > 50


@pytest.mark.parametrize("zst", [False, True], ids=["plain", "zst"])
def test_servers_answer_the_same(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Callable[..., ChannelServer], zst: bool
) -> None:
    root = tmp_path / "served"
    for name in ("pytorch", "conda-forge"):
        shutil.copytree(channels.path(name), root / name)
    if zst:
        compress(fresh, list(root.glob("*/*/repodata.json")))
    server = serve(root)
    condarc = _condarc(channel_alias=server.base)
    asked = ask(fresh, condarc, ask=["pytorch", "conda-forge"])
    assert _is_clean(asked)
    assert [one["packages"] for one in asked.answers] == [
        _has(channels, "pytorch"),
        _has(channels, "conda-forge"),
    ]
    assert {seen.status for seen in server.seen} == ({200} if zst else {200, 404})
    # Nothing was written that a later run would read.
    assert _cached(fresh) == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("slow", "timeout"),
        ("drip", "timeout"),
        ("crawl", "timeout"),
        (500, "server-error"),
        (503, "server-error"),
        (429, "server-error"),
        ("truncated", "truncated"),
        ("login", "not-an-index"),
        ("gzip", "not-an-index"),
        (401, "login-needed"),
        (403, "login-needed"),
        (407, "login-needed"),
        (404, "absent"),
    ],
)
def test_faults_have_codes(
    fresh: Conda,
    channels: Channels,
    serve: Callable[..., ChannelServer],
    fault: str | int,
    problem: str,
) -> None:
    server = serve()
    server.faults["pytorch"] = fault
    named = [f"{server.base_with_password}/pytorch", f"{server.base}/t/{TOKEN}/nvidia"]
    condarc = _condarc(channels=named)
    env = {"CONDA_REMOTE_MAX_RETRIES": "3", "CONDA_REMOTE_READ_TIMEOUT_SECS": "60"}
    asked = ask(fresh, condarc, env, ask=[*named, "file:///surely/nowhere"])
    assert _is_clean(asked)
    bad, good, nowhere = asked.answers
    assert (bad["channel"], bad["problem"]) == (server.url("pytorch"), problem)
    assert bad["packages"] == []
    assert isinstance(fault, str) or bad["detail"] == f"HTTP {fault}"
    assert (good["packages"], good["problem"]) == (_has(channels, "nvidia"), "")
    assert nowhere["problem"] == "absent"
    assert asked.came["seconds"] < SOON
    # Of both folders the compressed file, the plain one, the shards: none of conda's retries.
    asked_for = len([seen for seen in server.seen if "pytorch" in seen.path])
    assert asked_for <= (2 if problem == "server-error" else 8)
    assert _cached(fresh) == []


def test_a_large_file_that_comes_slowly_is_given_up_early(
    fresh: Conda, serve: Callable[..., ChannelServer]
) -> None:
    server = serve()
    server.faults["conda-forge"] = "crawl"
    asked = ask(fresh, _condarc(channel_alias=server.base), ask=["conda-forge"])
    assert asked.answers[0]["problem"] == "timeout"
    assert asked.came["seconds"] < 1


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
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Callable[..., ChannelServer], base: str
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
    asked = ask(fresh, _condarc(channel_alias=server.base), ask=["pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")


def test_so_they_do_for_a_large_one(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Callable[..., ChannelServer]
) -> None:
    server = serve(tmp_path / "served")
    folder = _sharded(fresh, channels, server.root, "conda-forge")
    for file in folder.glob("*/repodata.json"):
        file.write_text("{" + " " * (5 << 20) + file.read_text("utf-8")[1:], "utf-8")
    asked = ask(fresh, _condarc(channel_alias=server.base), ask=["conda-forge"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "conda-forge")
    # An index that cannot be used leads back to the whole.
    for index in folder.glob("*/repodata_shards*"):
        index.write_bytes(b"garbage")
    again = ask(fresh, _condarc(channel_alias=server.base), ask=["conda-forge"])
    assert again.answers == asked.answers


def test_nobody_there(fresh: Conda) -> None:
    asked = ask(fresh, _condarc(channel_alias="http://127.0.0.1:9"), ask=["pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["problem"] == "unreachable"


@pytest.mark.parametrize("odd", ["http://[broken", "s3://bucket/channel", "<unknown>"])
def test_odd_names_are_not_asked(fresh: Conda, channels: Channels, odd: str) -> None:
    asked = ask(fresh, channels.condarc(["defaults"]), ask=[odd, "pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["problem"] == "not-asked"
    assert asked.answers[1]["packages"]


def test_garbage_said_to_be_compressed_leads_to_the_plain_file(
    fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer]
) -> None:
    server = serve()
    server.faults["pytorch"] = "zst"
    asked = ask(fresh, _condarc(channel_alias=server.base), ask=["pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")


def test_a_redirect_is_followed(
    fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer]
) -> None:
    server, other = serve(), serve()
    server.faults["pytorch"] = other.url("pytorch")
    server.faults["nvidia"] = f"{other.base}/portal"
    other.faults["portal"] = "login"
    condarc = _condarc(channel_alias=server.base_with_password)
    asked = ask(fresh, condarc, ask=["pytorch", "nvidia"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")
    assert asked.answers[0]["channel"] == server.url("pytorch")
    assert asked.answers[1]["problem"] == "not-an-index"


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
    fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer]
) -> None:
    server = serve()
    server.faults = {"pytorch": "basic", "nvidia": "token", "conda-forge": "basic"}
    condarc = _condarc(
        channels=[f"{server.base_with_password}/pytorch", f"{server.base}/t/{TOKEN}/nvidia"],
        custom_channels={"conda-forge": server.base_with_password},
    )
    named = [server.url("pytorch"), server.url("nvidia"), "conda-forge"]
    asked = ask(fresh, condarc, ask=named)
    assert _is_clean(asked)
    for one, name in zip(asked.answers, ("pytorch", "nvidia", "conda-forge")):
        assert one["channel"] == server.url(name)
        assert one["packages"] == _has(channels, name)
    loud = ask(fresh, condarc, ask=named, debug=True)
    assert "DEBUG" in loud.process.stderr
    assert not [secret for secret in SECRETS if secret in loud.printed]


def test_so_is_netrc(fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer]) -> None:
    server = serve()
    server.faults["pytorch"] = "basic"
    fresh.home.mkdir()
    (fresh.home / ".netrc").write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    asked = ask(fresh, _condarc(channel_alias=server.base), ask=["pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")


def test_a_proxy_that_wants_a_password_is_not_asked_for_one(
    fresh: Conda, serve: Callable[..., ChannelServer]
) -> None:
    proxy = serve()
    proxy.faults["http:"] = 407
    settings = {"proxy_servers": {"http": proxy.base}, "channel_alias": "http://surely.invalid"}
    asked = ask(fresh, _condarc(**settings), ask=["pytorch"])
    assert _is_clean(asked)
    assert next(seen.path for seen in proxy.seen).startswith("http://surely.invalid/pytorch")
    assert asked.answers[0]["problem"] == "login-needed"


def test_certificates_are_condas_matter(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Callable[..., ChannelServer]
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate")
    file = tmp_path / "self-signed.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*make.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file, "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    server = serve(certificate=file)
    for verify, problem in ((True, "certificate"), (False, ""), (str(file), "")):
        condarc = _condarc(channel_alias=server.base, ssl_verify=verify)
        asked = ask(fresh, condarc, ask=["pytorch"])
        assert _is_clean(asked)
        assert asked.answers[0]["problem"] == problem
        assert asked.answers[0]["packages"] == ([] if problem else _has(channels, "pytorch"))


def _search(conda: Conda, condarc: str) -> None:
    """Let conda itself fetch the repodata of channel pytorch."""
    found = conda.run("search", "--override-channels", "-c", "pytorch", "pytorch", condarc=condarc)
    assert found.returncode == 0, found.stderr


def test_condas_cache_is_used(
    fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer]
) -> None:
    server = serve()
    server.max_age = 3600
    condarc = _condarc(channel_alias=server.base)
    _search(fresh, condarc)
    before, kept = list(server.seen), sorted(_cached(fresh))
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")
    assert server.seen == before
    assert sorted(_cached(fresh)) == kept


def test_a_stale_cache_is_asked_about(
    fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer]
) -> None:
    server = serve()
    condarc = _condarc(channel_alias=server.base)
    _search(fresh, condarc)
    server.seen.clear()
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert _is_clean(asked)
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")
    assert sorted(seen.status for seen in server.seen) == [304, 304]
    for state in (fresh.home / "pkgs" / "cache").glob("*.info.json"):
        state.write_text('{"mtime')
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert asked.answers[0]["packages"] == _has(channels, "pytorch")


@pytest.mark.parametrize(
    "how", [{"CONDA_OFFLINE": "true"}, {"CONDA_USE_INDEX_CACHE": "true"}], ids=["offline", "-C"]
)
def test_offline_only_the_cache_is_read(
    fresh: Conda, channels: Channels, serve: Callable[..., ChannelServer], how: dict[str, str]
) -> None:
    server = serve()
    condarc = _condarc(channel_alias=server.base)
    _search(fresh, condarc)
    server.seen.clear()
    asked = ask(fresh, condarc, how, ask=["pytorch", "nvidia", channels.url("nvidia")])
    assert _is_clean(asked)
    known, unknown, on_disk = asked.answers
    assert known["packages"] == _has(channels, "pytorch")
    assert (unknown["problem"], unknown["detail"]) == ("not-asked", "offline")
    assert on_disk["packages"] == _has(channels, "nvidia")
    assert server.seen == []


def test_a_cached_nothing_is_no_channel(fresh: Conda, serve: Callable[..., ChannelServer]) -> None:
    server = serve()
    condarc = _condarc(channel_alias=server.base, allow_non_channel_urls=True)
    fresh.run("search", "--override-channels", "-c", "missing", "x", condarc=condarc)
    asked = ask(fresh, condarc, {"CONDA_OFFLINE": "true"}, ask=["missing"])
    assert asked.answers[0]["problem"] in ("absent", "not-asked")


@pytest.mark.parametrize("fault", ["slow", "drip", "crawl", "truncated", "login", 500, 404])
def test_condas_own_run_is_none_the_worse(
    fresh: Conda,
    channels: Channels,
    tmp_path: Path,
    serve: Callable[..., ChannelServer],
    fault: str | int,
) -> None:
    server = serve()
    server.faults["nvidia"] = fault
    prefix = fresh.prefix(tmp_path / "env")
    condarc = channels.condarc(["defaults"], channel_alias=server.base)
    words = ["-c", "pytorch", "pytorch-mutex=1.0=cuda", "-p", str(prefix), "--dry-run", "--json"]
    asked = ask(
        fresh, condarc, ask=["nvidia", "pytorch"], limit=1.0,
        then=["install", "--override-channels", *words],
    )  # fmt: skip
    assert asked.answers[0]["problem"]
    assert asked.answers[1]["packages"]
    assert asked.process.returncode == 0, asked.process.stdout
    assert asked.process.stderr == ""
    assert [link["name"] for link in asked.process.json["actions"]["LINK"]] == ["pytorch-mutex"]
    again = fresh.run("install", "--override-channels", *words, condarc=condarc)
    assert again.json == asked.process.json


def test_the_same_channel_is_left_to_conda_while_a_thread_still_reads_it(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Callable[..., ChannelServer]
) -> None:
    server = serve()
    server.faults["pytorch"], server.delay = "slow", 0.8
    prefix = fresh.prefix(tmp_path / "env")
    condarc = channels.condarc(["defaults"], channel_alias=server.base)
    asked = ask(
        fresh, condarc, {"CONDA_REMOTE_READ_TIMEOUT_SECS": "60"}, ask=["pytorch"], limit=0.5,
        then=["install", "--override-channels", "-c", "pytorch", "pytorch-mutex=1.0=cuda",
              "-p", str(prefix), "-y", "-q"],
    )  # fmt: skip
    assert asked.answers[0]["problem"] == "timeout"
    assert asked.process.returncode == 0, asked.process.stderr
    assert asked.process.stderr == ""
    assert list((prefix / "conda-meta").glob("pytorch-mutex-1.0-cuda.json"))


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
