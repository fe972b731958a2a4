"""The fixtures that every room may use."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.stubs.fixtures import stub_driver
from tests.support.fixtures import (
    _running_wheel_server,
    channels,
    conda,
    pip_env,
    wheel_server,
)
from tests.support.preloaded import start_afresh
from tests.support.tools import UNHURRIED

__all__ = ["_running_wheel_server", "channels", "conda", "pip_env", "stub_driver", "wheel_server"]

# What this process says itself is compared with English, whatever the developer's language is.
os.environ["CUDA_GUARD_LANG"] = "en"
os.environ |= UNHURRIED

# Without byte code each worker compiles all tests anew, and pytest rewrites each assertion.
sys.dont_write_bytecode = False

# How long an example takes is the machine's affair; --hypothesis-profile=nightly looks deeper.
settings.register_profile("everyday", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("everyday"), max_examples=1000)
settings.load_profile("everyday")


def pytest_xdist_auto_num_workers() -> int:
    """Return two workers for each core: most tests wait for a program that they have started."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to nightly runs what `all_cases_with` says: a case that was shown in another way."""
    begun = set()
    for item in items:
        mark = item.get_closest_marker("all_cases_with")
        if mark is None or not isinstance(item, pytest.Function):
            continue
        ((name, value),) = mark.kwargs.items()
        way = item.callspec.params[name]
        if way != value and (item.function, way) in begun:
            item.add_marker("nightly")
        begun.add((item.function, way))


def pytest_configure(config: pytest.Config) -> None:
    """Start every interpreter anew where all tests are run, the nightly ones among them."""
    if not config.option.markexpr:
        start_afresh()


def pytest_unconfigure() -> None:
    """End the interpreters that fork."""
    start_afresh()
