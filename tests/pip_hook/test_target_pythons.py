"""The oldest and newest Pythons as targets, by every way pip has to name one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import NEWEST, bare_environment
from tests.support.tools import ToolUnavailableError, interpreter

from .running import Machine, installed

if TYPE_CHECKING:
    from pathlib import Path

TORCH_FOR_38 = "2.4.1+cu121"


def _there(version: str) -> Path:
    try:
        return interpreter([version], purpose="the target")
    except ToolUnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("python", "torch"),
    [
        pytest.param("3.8", TORCH_FOR_38, marks=pytest.mark.nightly),
        ("3.13", "2.5.1+cu121"),
    ],
)
def test_an_interpreter_that_python_names(
    make_machine: Callable[[str], Machine],
    stub_driver: Path,
    tmp_path: Path,
    python: str,
    torch: str,
) -> None:
    last_pip_for_38 = "24.3"
    machine = make_machine(last_pip_for_38 if python == "3.8" else NEWEST).with_driver(
        stub_driver, "535.104.05", "12.2"
    )
    named = bare_environment(_there(python), tmp_path / "env")
    done = machine.pipcuda("--python", named, "install", "torch<2.6", "--no-deps")
    assert done.returncode == 0, done.stderr
    assert installed(next(tmp_path.glob("env/lib/python*/site-packages"))) == {"torch": torch}


def test_a_pip_too_new_for_the_interpreter_says_so_itself(
    machine: Machine, tmp_path: Path, stub_driver: Path
) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    named = bare_environment(_there("3.8"), tmp_path / "env")
    done = machine.pipcuda("--python", named, "install", "torch", "--no-deps")
    assert done.returncode == 1, done.stderr
    assert installed(next(tmp_path.glob("env/lib/python*/site-packages"))) == {}
    assert "does not support python 3.8" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "torch"),
    [
        (("--python-version", "3.8"), TORCH_FOR_38),
        (("--python-version", "38"), TORCH_FOR_38),
        (("--python-version", "3.13"), "2.5.1+cu121"),
    ],
)
def test_a_python_that_is_not_here(
    machine: Machine, stub_driver: Path, tmp_path: Path, words: tuple[str, ...], torch: str
) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    done = machine.pipcuda(
        "install", "torch<2.6", *words, "--only-binary", ":all:", "--no-deps",
        "--platform", "linux_x86_64", "--target", tmp_path / "t",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == {"torch": torch}


@pytest.mark.parametrize(
    ("python", "torch"),
    [("3.8", "2.4.1+cu124"), ("3.13", "2.12.0+cu126"), ("3.13t", "2.12.0+cu126")],
)
def test_a_host_that_a_file_tells(machine: Machine, python: str, torch: str) -> None:
    host = {"platform": "linux-x86_64", "python": python, "driver": "550.54.14", "cuda": "12.4"}
    (machine.home / "host.json").write_text(json.dumps({**host, "gpus": []}))
    words = ("torch<=2.12.0", "--host", "host.json", "--json")
    assert machine.pipcuda("plan", *words).json["packages"]["torch"] == torch
