"""The stub driver as a fixture, for every test that runs the tool in a subprocess."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from . import build, compiler

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def stub_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the stub libraries; see `environment` for how to use it."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the stub driver is a Linux one")
    if compiler() is None:
        pytest.skip("no C compiler to build the stub driver with")
    return build(tmp_path_factory.mktemp("stub-driver"))
