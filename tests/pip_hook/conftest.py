"""A machine with a real pip and the catalogue's wheels on a local index."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.tools import ToolUnavailableError, kept, make_venv, venv_python
from tests.support.wheel_catalogue import from_catalogue

from .running import Machine
from .session_asking import Asking, make_asking

if TYPE_CHECKING:
    from tests.support.wheel_index import WheelServer


@pytest.fixture
def make_machine(
    pip_env: Callable[[str], Path], wheel_server: WheelServer, tmp_path: Path
) -> Callable[[str], Machine]:
    """Return a function that makes a machine, without a driver, with a given pip."""
    wheel_server.add(from_catalogue())
    home = tmp_path / "home"
    home.mkdir()
    return lambda version: Machine(pip_env(version), home, wheel_server)


@pytest.fixture
def machine(make_machine: Callable[[str], Machine]) -> Machine:
    """Return a machine with the newest pip."""
    return make_machine("newest")


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's pip configuration, overrides and folder out of a run in this process.

    Nothing is asked of an index: what these answer is tested elsewhere.
    """
    for name in list(os.environ):
        if name.startswith(("PIP_", "CUDA_GUARD_", "CONDA_OVERRIDE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("CUDA_GUARD_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def with_pip(
    pip_env: Callable[[str], Path], wheel_server: WheelServer, tmp_path: Path
) -> Callable[[str], Asking]:
    """Return a function that returns a pip to ask with."""
    return make_asking(pip_env, wheel_server, tmp_path)


@pytest.fixture
def asking(with_pip: Callable[[str], Asking]) -> Asking:
    """Return the newest pip."""
    return with_pip("newest")


@pytest.fixture(scope="session")
def uv() -> Path:
    """Return uv's program."""
    return _python_with("uv").with_name("uv")


@pytest.fixture(scope="session")
def tox() -> Path:
    """Return an interpreter that has tox."""
    return _python_with("tox")


def _python_with(tool: str) -> Path:
    try:
        folder = kept(f"{tool}-1", lambda place: make_venv(Path(sys.executable), place, tool))
    except ToolUnavailableError as error:
        pytest.skip(str(error))
    return venv_python(folder)


@pytest.fixture
def packages(machine: Machine, tmp_path: Path) -> Path:
    """Return a folder where the machine's interpreter finds packages."""
    folder = tmp_path / "packages"
    folder.mkdir()
    machine.variables = {**machine.variables, "PYTHONPATH": str(folder)}
    return folder
