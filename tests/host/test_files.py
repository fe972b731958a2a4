"""Hosts in files and in requests."""

from __future__ import annotations

import timeit
from typing import Any

import pytest

from conda_cuda_guard.host.host_json import host_from_json, read_hosts
from conda_cuda_guard.model import Gpu, Host, UsageError

A100 = {
    "platform": "linux-x86_64",
    "python": "3.11",
    "driver": "535.104.05",
    "cuda": "12.2",
    "gpus": [{"name": "NVIDIA A100-SXM4-40GB", "compute_capability": "8.0"}],
}
HOST = Host("linux-x86_64", "3.11", "535.104.05", "12.2", (Gpu("NVIDIA A100-SXM4-40GB", "8.0"),))


def _read(text: str) -> tuple[Host, ...]:
    return read_hosts(text, platform="linux-aarch64", python="3.12")


def test_the_contracts_host() -> None:
    assert host_from_json({**A100, "note": "unknown fields are ignored"}) == HOST


def test_one_object_over_many_lines() -> None:
    text = '\ufeff{\n  "driver": "535.104.05",\n  "gpus": null\n}\n'
    assert _read(text) == (Host("linux-aarch64", "3.12", "535.104.05"),)


@pytest.mark.parametrize(
    ("text", "libc"),
    [
        ('{"driver": "535"}', "glibc 2.36"),
        ('{"libc": "glibc 2.17"}', "glibc 2.17"),
        ('{"libc": "musl 1.2"}', "musl 1.2"),
        ('{"libc": null}', None),
        ('{"platform": "linux-x86_64"}', None),
    ],
)
def test_the_c_library_of_this_environment_stands_in_for_one_left_out(
    text: str, libc: str | None
) -> None:
    (host,) = read_hosts(text, platform="linux-aarch64", python="3.12", libc="glibc 2.36")
    assert host.libc == libc


def test_a_jetson() -> None:
    assert host_from_json({**A100, "board": "jetson"}).board == "jetson"
    assert host_from_json({**A100, "board": None}).board is None


@pytest.mark.parametrize(
    "field", [{"libc": "2.17"}, {"libc": "glibc"}, {"libc": 2.17}, {"board": "nano"}]
)
def test_a_c_library_or_board_that_is_none(field: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(field))):
        host_from_json({**A100, **field})


def test_json_lines() -> None:
    text = '{"cuda": "12.2", "python": "3.9"}\n\n{"platform": "windows-amd64", "cuda": null}\n'
    assert _read(text) == (
        Host("linux-aarch64", "3.9", None, "12.2"),
        Host("windows-amd64", "3.12"),
    )


@pytest.mark.parametrize(
    ("value", "gpu"),
    [
        ("8.6", Gpu(None, "8.6")),
        ("NVIDIA A100-SXM4-40GB", Gpu("NVIDIA A100-SXM4-40GB", "8.0")),
        ({"compute_capability": "9.0"}, Gpu(None, "9.0")),
        ({"name": "Made-up", "compute_capability": "9.0"}, Gpu("Made-up", "9.0")),
        ({"name": "NVIDIA A100-SXM4-40GB"}, Gpu("NVIDIA A100-SXM4-40GB", "8.0")),
        ({"name": "Made-up", "compute_capability": None}, Gpu("Made-up", None)),
        ({}, Gpu()),
    ],
)
def test_gpus(value: object, gpu: Gpu) -> None:
    assert host_from_json({**A100, "gpus": [value]}).gpus == (gpu,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the host file is empty"),
        ("\n \n", "the host file is empty"),
        ("{", "line 1: not JSON"),
        ('{\n "cuda": 12.2,\n oops}', "line 3: not JSON"),
        ('{"cuda": "12.2"}\n{oops}\n', "line 2: not JSON"),
        ('{"cuda": "12.2"}\n\n{"cuda": 12.2}\n', 'line 3: "cuda" is a text, not 12.2'),
        ('{"cuda": "12.2"}\n[1]\n', "line 2: a host is a JSON object"),
        ('["8.6"]', "line 1: a host is a JSON object"),
        ('{"cuda": "twelve"}', "line 1: cuda: 'twelve' is not a CUDA version"),
        ('{"driver": "new"}', "line 1: driver: 'new' is not a driver version"),
        ('{"platform": "linux-ppc64le"}', "line 1: 'linux-ppc64le' is not a platform"),
        ('{"gpus": "8.6"}', 'line 1: "gpus" is a list'),
        ('{"gpus": [8.6]}', "line 1: a GPU is an object or a text, not 8.6"),
        ('{"gpus": [{"name": 1}]}', 'line 1: "name" is a text, not 1'),
        ('{"gpus": [{"compute_capability": "x.y"}]}', "line 1: compute_capability:"),
        ('{"gpus": ["GeForce RTX 4091"]}', "line 1: gpus: no GPU named 'GeForce RTX 4091'"),
    ],
)
def test_what_is_wrong_and_where(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        _read(text)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_a_request_costs_microseconds() -> None:
    value: dict[str, Any] = A100
    assert min(timeit.repeat(lambda: host_from_json(value), number=100, repeat=5)) < 100 * 100e-6
