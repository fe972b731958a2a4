"""`pipcuda plan`: text, JSON, batches, and what it says to bad input."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.files import folder as data_folder
from conda_cuda_guard.guard_options import GUARD_OPTIONS
from pip_hook.cli import main
from pip_hook.own_options import OWN_COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

A100 = ("--driver", "535.104.05", "--gpu", "A100", "--python-version", "3.11")


pytestmark = pytest.mark.usefixtures("plain_environment")


def plan(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    """Run `pipcuda plan --json`."""
    status = main(["plan", "--json", *words])
    return status, json.loads(capsys.readouterr().out)


def test_the_plan_is_the_contracts_object(capsys: pytest.CaptureFixture[str]) -> None:
    status, value = plan("torch==2.1.2", "torchvision", "numpy<2", *A100, capsys=capsys)
    assert status == 0
    assert value == {
        "schema": 1,
        "id": None,
        "manager": "pip",
        "status": "ok",
        "variant": "cu121",
        "cuda": "12.1",
        "level": "direct",
        "source": "pytorch-index",
        "packages": {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"},
        "requirements": ["torch==2.1.2+cu121", "torchvision==0.16.2+cu121", "numpy<2"],
        "index_urls": ["https://download.pytorch.org/whl/cu121"],
        "find_links": [],
        "channels": [],
        "command": [
            "pip", "install", "--extra-index-url", "https://download.pytorch.org/whl/cu121",
            "torch==2.1.2+cu121", "torchvision==0.16.2+cu121", "numpy<2",
            "--python-version", "3.11",
        ],
        "notes": [],
        "as_typed": {"package": "torch", "version": "2.1.2", "variant": "cu121", "source": None},
        "families": [
            {
                "family": "torch",
                "variant": "cu121",
                "cuda": "12.1",
                "level": "direct",
                "packages": {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"},
                "source": "pytorch-index",
            }
        ],
        "unknown": ["numpy"],
    }  # fmt: skip


def test_a_constraint_that_comes_to_what_stands_there_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.txt").write_text("torch<2.2\ntorchvision<0.17\n")
    words = ("torch", "torchvision", "-c", "c.txt", *A100)
    status, value = plan(*words, capsys=capsys)
    assert (status, value["requirements"]) == (
        0,
        ["torch==2.1.2+cu121", "torchvision==0.16.2+cu121"],
    )
    assert sum(word.startswith("torch") for word in value["command"]) == 2
    # Where a constraint has a say, and the companion alone is asked for, torch is named beside it.
    value = plan(*words[1:], capsys=capsys)[1]
    assert value["requirements"] == ["torchvision==0.16.2+cu121", "torch==2.1.2+cu121"]


def test_a_plan_says_the_same_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "torch==2.1.2", *A100]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "torch 2.1.2+cu121 for CUDA 12.1, direct"
    assert lines[1].split() == ["from", "https://download.pytorch.org/whl/cu121"]
    assert lines[2].split()[:3] == ["command", "pip", "install"]


def test_a_refused_plan_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    status, value = plan("torch>=2.15", *A100, capsys=capsys)
    assert status == 3
    assert value["status"] == "refused"
    assert value["command"] == value["requirements"] == []
    assert value["notes"][0]["code"] == "no-variant-fits"


@pytest.mark.parametrize(
    ("name", "value", "variant"),
    [
        ("CUDA_GUARD_CUDA", "11.8", "cu118"),
        ("CUDA_GUARD_DRIVER", "520.61.05", "cu118"),
        ("CONDA_OVERRIDE_CUDA", "11.8", "cu118"),
        ("CONDA_OVERRIDE_CUDA", "", "cpu"),
        ("CUDA_GUARD_CPU", "1", "cpu"),
    ],
)
def test_the_environment_has_a_twin_of_each_option(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    variant: str,
) -> None:
    monkeypatch.setenv(name, value)
    _, found = plan("torch==2.1.2", "--python-version", "3.11", capsys=capsys)
    assert found["variant"] == variant


def test_an_option_beats_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "11.8")
    monkeypatch.setenv("CUDA_GUARD_CUDA", "12.0")
    _, found = plan(
        "torch==2.1.2", "--policy=strict", "--cuda", "12.1", "--python-version=3.11", capsys=capsys
    )
    assert found["variant"] == "cu121"


def test_a_host_file_of_several_machines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hosts = [{"cuda": "12.4", "gpus": ["9.0"]}, {"cuda": "11.8", "gpus": ["7.0"]}]
    (tmp_path / "hosts").write_text("\n".join(map(json.dumps, hosts)))
    words = ("torch", "--host", str(tmp_path / "hosts"), "--python-version", "3.11")
    _, found = plan(*words, capsys=capsys)
    assert found["packages"] == {"torch": "2.7.1+cu118"}


def test_a_batch_keeps_the_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    host = {"platform": "linux-x86_64", "python": "3.11", "cuda": "12.1", "gpus": ["8.0"]}
    requests = [
        {"id": 1, "manager": "pip", "requirements": ["torch==2.1.2"], "host": host},
        {"id": [2], "manager": "conda", "requirements": ["pytorch==2.1.1"], "host": host},
        {"id": "3", "manager": "pip", "requirements": ["numpy"], "host": host, "unknown": 1},
    ]
    (tmp_path / "requests").write_text("\n".join(map(json.dumps, requests)) + "\n\n")
    assert main(["plan", "--batch", str(tmp_path / "requests")]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(a["id"], a["manager"], a["status"]) for a in answers] == [
        (1, "pip", "ok"), ([2], "conda", "ok"), ("3", "pip", "unchanged"),
    ]  # fmt: skip
    assert answers[1]["channels"] == ["pytorch", "nvidia"]
    assert "pytorch==2.1.1[build=*cuda12.1*]" in answers[1]["requirements"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"manager": "npm", "requirements": []}',
        '{"manager": "pip"}',
        '{"manager": "pip", "requirements": "torch"}',
        '{"manager": "pip", "requirements": [1]}',
        '{"manager": "pip", "requirements": ["torch"], "policy": "lax"}',
        '{"manager": "pip", "requirements": ["torch"], "host": {"cuda": "new"}}',
        '{"manager": "pip", "requirements": ["torch"], "host": {"platform": "amiga"}}',
        '{"manager": "pip", "requirements": ["\\ud800"], "host": {"cuda": 1}}',
        '{"manager": "pip", "requirements": ["torch"], "id": NaN}',
        "[" * 100_000,
        "\x00\xff",
    ],
    ids=lambda line: line[:40],
)
def test_a_bad_line_of_a_batch_is_answered_and_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str
) -> None:
    good = '{"manager": "pip", "requirements": ["numpy"], "host": {"platform": "linux-x86_64"}}'
    (tmp_path / "requests").write_text(f"{line}\n{good}\n")
    assert main(["plan", "--batch", str(tmp_path / "requests")]) == 2
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["status"] == "refused"
    assert first["notes"][0]["code"] == "request-invalid"
    assert "line 1" in first["notes"][0]["message"]
    assert second["status"] == "unchanged"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan"], "nothing to plan"),
        (["plan", "torch", "--cuda", "twelve"], "is not a CUDA version"),
        (["plan", "torch", "--gpu", "GTX 9999"], "--gpu"),
        (["plan", "torch", "--policy", "lax"], "--policy"),
        (["plan", "torch", "--driver", "new"], "--driver"),
        (["plan", "torch", "--host", "surely-no-file"], "cannot read"),
        (["plan", "--batch", "surely-no-file"], "cannot read"),
        (["plan", "torch", "--cuda"], "needs a value"),
        (["plan", "torch", "--python", "surely-no-python"], "not an interpreter"),
        (["plan", "torch", "--host", "x", "--gpu", "8.0"], "cannot be used together"),
        (["plan", "torch", "--platform", "linux_ppc64le"], "PyTorch has no builds for"),
        (["install", "torch", "--cuda", "twelve"], "is not a CUDA version"),
    ],
)
def test_unusable_arguments_get_one_message(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert said in captured.err
    assert "next:" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("requirement", "code"),
    [
        ("torch==9.9", "release-unknown"),
        ("torch==2.1.2", "python-not-covered"),
        ("torch==2.9.0 torchvision==0.23.0", "companion-mismatch"),
    ],
)
def test_what_cannot_be_had_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], requirement: str, code: str
) -> None:
    words = ["plan", *requirement.split(), "--cuda", "12.8", "--python-version", "3.13"]
    assert main(words) == 3
    text = capsys.readouterr().out
    assert "nothing was installed" in text
    assert f"[{code}]" in text


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("", "JSON"),
        ('{"table": "wheels", "schema": 99}', "schema"),
        (None, "wheels-linux-x86_64.json"),
    ],
)
def test_a_damaged_catalogue_is_one_message(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    damage: str | None,
    said: str,
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    file = folder / "wheels-linux-x86_64.json"
    file.unlink()
    if damage is not None:
        file.write_text(damage)
    monkeypatch.setenv("CUDA_GUARD_CATALOGUE", str(folder))
    words = ["plan", "torch", "--cuda", "12.1", "--platform", "manylinux2014_x86_64"]
    assert main(words) == catalogue.CatalogueError.exit_status
    error = capsys.readouterr().err
    assert said in error
    assert "--force-reinstall" in error
    assert "Traceback" not in error


def test_a_fault_of_ours_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("https://user:PASS@host/\x1b[2J")

    monkeypatch.setattr("pip_hook.plan_command.decide_line", fail)
    assert main(["plan", "torch"]) == 3
    error = capsys.readouterr().err
    assert "ZeroDivisionError" in error
    assert "CUDA_GUARD_DEBUG=1" in error
    assert "Traceback" not in error
    monkeypatch.setenv("CUDA_GUARD_DEBUG", "1")
    assert main(["plan", "torch"]) == 3
    traced = capsys.readouterr().err
    assert traced.startswith("Traceback")
    assert "in fail\n" in traced
    assert "ZeroDivisionError: https://****@host/\\x1b[2J" in traced
    assert "PASS" not in traced
    assert traced.endswith(error)


def test_help_tells_the_options_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--help"]) == 0
    text = capsys.readouterr().out
    for option in (*GUARD_OPTIONS, *OWN_COMMANDS["plan"].options):
        assert option in text


def test_a_host_file_of_another_platform_is_planned_for_that_platform(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    host = {"platform": "linux-aarch64", "python": "3.11", "cuda": "12.4", "gpus": ["9.0"]}
    (tmp_path / "host").write_text(json.dumps(host))
    # There is no CUDA build of 2.3.1 for that platform.
    status, found = plan("torch==2.3.1", "--host", str(tmp_path / "host"), capsys=capsys)
    assert (status, found["status"]) == (3, "refused")
    _, found = plan("torch==2.5.1", "--host", str(tmp_path / "host"), capsys=capsys)
    assert found["variant"] == "cu124"
    assert main(["install", "torch", "--host", str(tmp_path / "host")]) == 2
    assert "the host is linux-aarch64" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--cuda", "12.1", "plan", "torch"], ["-q", "plan", "torch"]])
def test_options_may_come_before_plan(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("torch ")


def test_a_wheel_index_that_is_no_address(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_GUARD_WHEEL_INDEX", "foo")
    assert main(["plan", "torch"]) == 2
    assert "is not an address" in capsys.readouterr().err
    monkeypatch.setenv("CUDA_GUARD_WHEEL_INDEX", "https://m.example/whl/cu118/ ")
    _, found = plan("torch==2.1.2", *A100, capsys=capsys)
    assert found["index_urls"] == ["https://m.example/whl/cu121"]
