"""Servers that are not well: codes, time, silence, and conda's own run afterwards."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from .asking import ask
from .channel_server import TOKEN
from .serving import cached, has, is_clean, write_condarc

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .serving import Serve


# What the whole may take beside its limit: a thread's start, the merging.
SOON = 0.3


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
    serve: Serve,
    fault: str | int,
    problem: str,
) -> None:
    server = serve()
    server.faults["pytorch"] = fault
    named = [f"{server.base_with_password}/pytorch", f"{server.base}/t/{TOKEN}/nvidia"]
    condarc = write_condarc(channels=named)
    env = {"CONDA_REMOTE_MAX_RETRIES": "3", "CONDA_REMOTE_READ_TIMEOUT_SECS": "60"}
    # Servers that are never done cost the limit, in which the others must have answered.
    limit = {"limit": 4.0} if problem == "timeout" else {}
    asked = ask(fresh, condarc, env, ask=[*named, "file:///surely/nowhere"], **limit)
    assert is_clean(asked)
    bad, good, nowhere = asked.answers
    assert (bad["channel"], bad["problem"]) == (server.url("pytorch"), problem)
    assert bad["packages"] == []
    assert isinstance(fault, str) or bad["detail"] == f"HTTP {fault}"
    assert (good["packages"], good["problem"]) == (has(channels, "nvidia"), "")
    assert nowhere["problem"] == "absent"
    assert asked.came["late"] < SOON
    # Of both folders the compressed file, the plain one, the shards: none of conda's retries.
    asked_for = len([seen for seen in server.seen if "pytorch" in seen.path])
    assert asked_for <= (2 if problem == "server-error" else 8)
    assert cached(fresh) == []


def test_a_large_file_that_comes_slowly_is_given_up_early(fresh: Conda, serve: Serve) -> None:
    server = serve()
    server.faults["conda-forge"] = "crawl"
    asked = ask(fresh, write_condarc(channel_alias=server.base), ask=["conda-forge"], limit=8)
    assert asked.answers[0]["problem"] == "timeout"
    assert asked.came["late"] < -4


def test_nobody_there(fresh: Conda) -> None:
    asked = ask(fresh, write_condarc(channel_alias="http://127.0.0.1:9"), ask=["pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["problem"] == "unreachable"


@pytest.mark.parametrize("odd", ["http://[broken", "s3://bucket/channel", "<unknown>"])
def test_odd_names_are_not_asked(fresh: Conda, channels: Channels, odd: str) -> None:
    asked = ask(fresh, channels.condarc(["defaults"]), ask=[odd, "pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["problem"] == "not-asked"
    assert asked.answers[1]["packages"]


def test_garbage_said_to_be_compressed_leads_to_the_plain_file(
    fresh: Conda, channels: Channels, serve: Serve
) -> None:
    server = serve()
    server.faults["pytorch"] = "zst"
    asked = ask(fresh, write_condarc(channel_alias=server.base), ask=["pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")


def test_a_redirect_is_followed(fresh: Conda, channels: Channels, serve: Serve) -> None:
    server, other = serve(), serve()
    server.faults["pytorch"] = other.url("pytorch")
    server.faults["nvidia"] = f"{other.base}/portal"
    other.faults["portal"] = "login"
    condarc = write_condarc(channel_alias=server.base_with_password)
    asked = ask(fresh, condarc, ask=["pytorch", "nvidia"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")
    assert asked.answers[0]["channel"] == server.url("pytorch")
    assert asked.answers[1]["problem"] == "not-an-index"


def test_a_proxy_that_wants_a_password_is_not_asked_for_one(fresh: Conda, serve: Serve) -> None:
    proxy = serve()
    proxy.faults["http:"] = 407
    settings = {"proxy_servers": {"http": proxy.base}, "channel_alias": "http://surely.invalid"}
    asked = ask(fresh, write_condarc(**settings), ask=["pytorch"])
    assert is_clean(asked)
    assert next(seen.path for seen in proxy.seen).startswith("http://surely.invalid/pytorch")
    assert asked.answers[0]["problem"] == "login-needed"


def test_certificates_are_condas_matter(
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve
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
        condarc = write_condarc(channel_alias=server.base, ssl_verify=verify)
        asked = ask(fresh, condarc, ask=["pytorch"])
        assert is_clean(asked)
        assert asked.answers[0]["problem"] == problem
        assert asked.answers[0]["packages"] == ([] if problem else has(channels, "pytorch"))


@pytest.mark.parametrize("fault", ["slow", "drip", "crawl", "truncated", "login", 500, 404])
def test_condas_own_run_is_none_the_worse(
    fresh: Conda,
    channels: Channels,
    tmp_path: Path,
    serve: Serve,
    fault: str | int,
) -> None:
    server = serve()
    server.faults["nvidia"] = fault
    prefix = fresh.prefix(tmp_path / "env")
    condarc = channels.condarc(["defaults"], channel_alias=server.base)
    words = ["-c", "pytorch", "pytorch-mutex=1.0=cuda", "-p", str(prefix), "--dry-run", "--json"]
    asked = ask(
        fresh, condarc, ask=["nvidia", "pytorch"], limit=4.0,
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
    fresh: Conda, channels: Channels, tmp_path: Path, serve: Serve
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
