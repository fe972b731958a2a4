"""The fixtures that every room may use."""

import os

from tests.stubs.fixtures import stub_driver
from tests.support.fixtures import (
    _running_wheel_server,
    channels,
    conda,
    pip_env,
    wheel_server,
)
from tests.support.tools import UNHURRIED

__all__ = ["_running_wheel_server", "channels", "conda", "pip_env", "stub_driver", "wheel_server"]

# What this process says itself is compared with English, whatever the developer's language is.
os.environ["CUDA_GUARD_LANG"] = "en"
os.environ |= UNHURRIED
