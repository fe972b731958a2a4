"""`--variant`, the build that is wished, beside `--cuda` and `--driver`, facts of the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pip_hook.cli import main

from .running import installed

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine

MACHINE = ("--driver", "550.54.14", "--gpu", "A100", "--python-version", "3.11")


pytestmark = pytest.mark.usefixtures("plain_environment")


def plan(*words: str, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return the plan of `pipcuda plan --json`."""
    main(["plan", "--json", *words])
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "labelled"),
    [
        (["torch==2.1.2", "--variant", "cu118"], ["torch==2.1.2+cu118"]),
        (
            ["torch==2.1.2", "torchvision", "numpy", "--variant=cu118"],
            ["torch==2.1.2+cu118", "torchvision==0.16.2+cu118", "numpy"],
        ),
        (["torch==2.1.2", "--variant", "cpu"], ["torch==2.1.2+cpu"]),
        (["torchvision==0.16.2", "--variant", "CU118"], ["torchvision==0.16.2+cu118"]),
    ],
)
def test_it_is_as_if_the_label_had_been_typed(
    capsys: pytest.CaptureFixture[str], words: list[str], labelled: list[str]
) -> None:
    wished = plan(*words, *MACHINE, capsys=capsys)
    typed = plan(*labelled, *MACHINE, capsys=capsys)
    for name in ("status", "variant", "cuda", "level", "packages", "index_urls"):
        assert wished[name] == typed[name]
    assert [one["code"] for one in wished["notes"]] == [one["code"] for one in typed["notes"]]


def test_what_does_not_run_here_is_replaced_with_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = plan("torch", "--variant", "cu130", *MACHINE, capsys=capsys)
    note = next(one for one in found["notes"] if one["code"] == "explicit-variant-replaced")
    assert note["message"].startswith("--variant cu130 was replaced: it needs CUDA 13.0")
    assert found["variant"] != "cu130"


def test_a_label_that_says_otherwise_is_left_out_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = plan("torch==2.1.2+cu118", "--variant", "cu121", *MACHINE, capsys=capsys)
    assert found["packages"] == {"torch": "2.1.2+cu121"}
    assert found["notes"][0]["code"] == "explicit-variant-replaced"
    assert "+cu118" in found["notes"][0]["message"]
    assert "--variant cu121" in found["notes"][0]["message"]


def test_the_environment_has_its_twin_and_the_line_beats_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_GUARD_VARIANT", "cu118")
    assert plan("torch==2.1.2", *MACHINE, capsys=capsys)["variant"] == "cu118"
    auto = plan("torch==2.1.2", "--variant", "auto", *MACHINE, capsys=capsys)
    assert auto["variant"] == "cu121"


def test_a_batch_takes_it_for_every_request(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    host = {"platform": "linux-x86_64", "python": "3.11", "driver": "550.54.14", "gpus": ["8.0"]}
    requests = [
        {"manager": "pip", "requirements": ["torch==2.1.2"], "host": host},
        {"manager": "conda", "requirements": ["pytorch==2.1.1"], "host": host},
    ]
    (tmp_path / "requests").write_text("\n".join(map(json.dumps, requests)))
    assert main(["plan", "--batch", "requests", "--variant", "cu118"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["variant"] for one in answers] == ["cu118", "cu118"]


@pytest.mark.parametrize(
    ("words", "said", "following"),
    [
        (["--variant", "cu999x"], "'cu999x' is not a variant", "--variant cu121"),
        (["--variant", "cu777"], "there is no CUDA 77.7", "--variant cu121"),
        (["--variant", "rocm6.2"], "'rocm6.2' is not a variant", "--variant cu121"),
        (["--variant", "12.1"], "'12.1' is not a variant", "--variant cu121"),
        (["--variant", ""], "'' is not a variant", "--variant cu121"),
        (["--cuda", "cu118"], "cu118 is a build, not a CUDA version", "--variant cu118"),
        (["--torch-backend", "cu121"], "it is uv's", "--variant cuXXX|cpu|auto"),
        (["--torch-backend=cpu"], "it is uv's", "--variant cuXXX|cpu|auto"),
        (["--cuda", "12.99"], "7.0 to 13.", "--cuda 12.4"),
        (["--cuda", "9.9"], "no driver supports CUDA 9.9", "--cuda 12.4"),
        (["--cuda", "20.1"], "no driver supports CUDA 20.1", "--cuda 12.4"),
        (["--driver", "999.1"], "no driver 999.1", "--driver 535.104.05"),
        (
            ["--cuda", "12.4", "--driver", "470.1"],
            "CUDA 12.4 came with driver 550.54.14",
            "leave out --cuda or --driver",
        ),
    ],
)
@pytest.mark.parametrize("command", ["plan", "install"])
def test_what_cannot_be_is_one_message(
    capsys: pytest.CaptureFixture[str], command: str, words: list[str], said: str, following: str
) -> None:
    assert main([command, "torch", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert said in captured.err
    assert captured.err.rstrip().endswith(following)


@pytest.mark.parametrize(
    ("name", "value", "following"),
    [
        ("CUDA_GUARD_CUDA", "cu121", "CUDA_GUARD_VARIANT=cu121"),
        ("CONDA_OVERRIDE_CUDA", "cu121", "--variant cu121"),
        ("CUDA_GUARD_CUDA", "12.99", "CUDA_GUARD_CUDA=12.4"),
        ("CUDA_GUARD_VARIANT", "cu999x", "CUDA_GUARD_VARIANT=cu121"),
        ("CUDA_GUARD_DRIVER", "999.1", "CUDA_GUARD_DRIVER=535.104.05"),
    ],
)
def test_a_variable_is_named_where_it_is_wrong(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    following: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["plan", "torch"]) == 2
    text = capsys.readouterr().err
    assert f"error: {name}: " in text
    assert text.rstrip().endswith(following)


@pytest.mark.parametrize(
    "words",
    [["--cuda", "12.7"], ["--cuda", "13.9"], ["--cuda", "14.2"], ["--driver", "640.10"],
     ["--cuda", "12.7", "--driver", "565.57.01"], ["--cuda", "12.4", "--driver", "550"]],
    ids=" ".join,
)  # fmt: skip
def test_what_may_be_newer_than_the_table_is_taken(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    found = plan("torch==2.1.2", *words, "--gpu", "A100", *MACHINE[-2:], capsys=capsys)
    assert found["variant"] == "cu121"


def test_pip_installs_what_was_wished(machine: Machine, tmp_path: Path) -> None:
    words = ("install", "torch==2.2.2", "torchvision", "--variant", "cu118", "--cuda", "12.4")
    done = machine.pipcuda(*words, "--gpu", "8.0", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "t")
    assert (found["torch"], found["torchvision"]) == ("2.2.2+cu118", "0.17.2+cu118")
