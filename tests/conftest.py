"""The fixtures that every room may use."""

import os

from hypothesis import HealthCheck, settings

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

# How long an example takes is the machine's affair; --hypothesis-profile=nightly looks deeper.
settings.register_profile("everyday", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("everyday"), max_examples=1000)
settings.load_profile("everyday")


def pytest_xdist_auto_num_workers() -> int:
    """Return two workers for each core: most tests wait for a program that they have started."""
    return 2 * (os.cpu_count() or 1)
