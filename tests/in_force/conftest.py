"""The world of the mixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest

from tests.pip_hook.conftest import uv

from .world import World

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.wheel_index import WheelServer

__all__ = ["uv"]


@pytest.fixture
def world(
    wheel_server: WheelServer,
    pip_env: Callable[[str], Path],
    uv: Path,
    tmp_path: Path,
    stub_driver: Path,
) -> World:
    """Return the indexes on a server, and an environment to install into."""
    return World(wheel_server, pip_env("newest"), uv, tmp_path, stub_driver)
