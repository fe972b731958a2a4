"""The fixtures that every room may use."""

from tests.stubs.fixtures import stub_driver
from tests.support.fixtures import (
    _running_wheel_server,
    channels,
    conda,
    pip_env,
    wheel_server,
)

__all__ = ["_running_wheel_server", "channels", "conda", "pip_env", "stub_driver", "wheel_server"]
