"""The fixtures; a conftest that wants them imports them by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Callable, NoReturn

import pytest

from . import pips
from .channels import Channels, make_channels
from .real_conda import Conda, real_conda
from .tools import ToolUnavailableError
from .wheel_index import WheelServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _cannot(error: ToolUnavailableError) -> NoReturn:
    # Elsewhere a missing compiler is nobody's fault; in CI it would hide all these tests.
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(str(error))
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Conda:
    """Give a real conda with this project's plugin in it."""
    try:
        return real_conda(tmp_path_factory.mktemp("conda-home"))
    except ToolUnavailableError as error:
        _cannot(error)


@pytest.fixture(scope="session")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Channels:
    """Give local channels that look like the real ones."""
    return make_channels(tmp_path_factory.mktemp("channels"))


@pytest.fixture(scope="session")
def _running_wheel_server() -> Iterator[WheelServer]:
    with WheelServer() as server:
        yield server


@pytest.fixture
def wheel_server(_running_wheel_server: WheelServer) -> Iterator[WheelServer]:
    """Give an empty wheel index without faults; fill it with `server.add(files)`."""
    _running_wheel_server.reset()
    yield _running_wheel_server
    _running_wheel_server.reset()


@pytest.fixture(scope="session")
def pip_env() -> Callable[[str], Path]:
    """Give the function that makes environments with a given pip."""

    def give(version: str = "newest") -> Path:
        try:
            return pips.pip_env(version)
        except ToolUnavailableError as error:
            _cannot(error)

    return give
