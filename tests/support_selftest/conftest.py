"""The fixtures under test."""

from __future__ import annotations

from tests.support.fixtures import (
    _running_wheel_server,
    channels,
    conda,
    pip_env,
    wheel_server,
)

__all__ = ["_running_wheel_server", "channels", "conda", "pip_env", "wheel_server"]
