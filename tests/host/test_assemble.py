"""Hosts from what is declared and what is detected, without mixing the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.assemble import resolve_hosts
from conda_cuda_guard.host.detection import detect
from conda_cuda_guard.host.overrides import Options, Overrides, read_overrides
from conda_cuda_guard.model import Gpu, Host, UsageError
from tests.stubs import environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conda_cuda_guard.host.finding import Detection

    from .machine import Machine

A100 = Gpu("NVIDIA A100-SXM4-40GB", "8.0")


@pytest.fixture
def stubbed(machine: Machine, stub_driver: Path) -> Callable[[], Detection]:
    """Return the detection of a machine with an A100 and a 535 driver."""
    return lambda: machine.detect(environment(stub_driver))


def _never() -> Detection:
    pytest.fail("detection was not needed")


def _resolve(overrides: Overrides, detecting: Callable[[], Detection] = detect) -> Host:
    (host,), _ = resolve_hosts(overrides, platform="linux-x86_64", python="3.11", detect=detecting)
    return host


def _host(driver: str | None = None, cuda: str | None = None, gpus: tuple[Gpu, ...] = ()) -> Host:
    return Host("linux-x86_64", "3.11", driver, cuda, gpus)


def test_all_detected(stubbed: Callable[[], Detection]) -> None:
    assert _resolve(Overrides(), stubbed) == _host("535.104.05", "12.2", (A100,))


def test_declared_cuda_with_the_gpus_of_this_machine(stubbed: Callable[[], Detection]) -> None:
    assert _resolve(Overrides(cuda="11.8"), stubbed) == _host(None, "11.8", (A100,))
    assert _resolve(Overrides(driver="470"), stubbed) == _host("470", None, (A100,))


def test_declared_gpu_with_the_driver_of_this_machine(stubbed: Callable[[], Detection]) -> None:
    gpus = (Gpu(None, "7.0"),)
    assert _resolve(Overrides(gpus=gpus), stubbed) == _host("535.104.05", "12.2", gpus)
    assert _resolve(Overrides(gpus=()), stubbed) == _host("535.104.05", "12.2")


def test_all_declared_needs_no_detection() -> None:
    gpus = (Gpu(None, "7.0"),)
    assert _resolve(Overrides(cuda="11.8", gpus=gpus), _never) == _host(None, "11.8", gpus)


def test_no_cuda_needs_no_detection() -> None:
    overrides = read_overrides(Options(gpu=("8.6",)), {"CONDA_OVERRIDE_CUDA": ""})
    assert _resolve(overrides, _never) == _host()


def test_a_login_node(machine: Machine, stub_driver: Path) -> None:
    found = machine.detect(environment(stub_driver, gpus=()))
    assert _resolve(Overrides(cuda="12.1"), lambda: found) == _host(None, "12.1")


def test_a_machine_without_nvidia(bare: Machine) -> None:
    assert _resolve(Overrides(), bare.detect) == _host()


def test_the_detection_is_handed_on(stubbed: Callable[[], Detection]) -> None:
    _, found = resolve_hosts(Overrides(), platform="linux-x86_64", python=None, detect=stubbed)
    assert found is not None
    assert found.trail


def test_a_host_file(tmp_path: Path) -> None:
    file = tmp_path / "hosts.jsonl"
    file.write_text('{"cuda": "12.2"}\n{"cuda": "11.8", "python": "3.9"}\n', encoding="utf-8")
    overrides = Overrides(cuda="13.0", hosts_file=str(file))
    hosts, found = resolve_hosts(overrides, platform="linux-x86_64", python="3.11", detect=_never)
    assert hosts == (_host(None, "12.2"), Host("linux-x86_64", "3.9", None, "11.8"))
    assert found is None


def test_a_host_file_that_cannot_be_read(tmp_path: Path) -> None:
    overrides = read_overrides(Options(host=str(tmp_path / "missing")), {})
    with pytest.raises(UsageError, match="--host: cannot read") as caught:
        _resolve(overrides, _never)
    assert caught.value.why == "No such file or directory"
