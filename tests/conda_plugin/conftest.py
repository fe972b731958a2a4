"""A workshop: a real conda, local channels, an environment with Python 3.11, perhaps a driver."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests import stubs
from tests.support.real_conda import ENFORCING_SOLVER
from tests.support.tools import linked_copy

from .serving import fresh, serve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.channels import Channels
    from tests.support.real_conda import Conda
    from tests.support.tools import Result

__all__ = ["fresh", "serve"]

A100 = ("NVIDIA A100-SXM4-40GB", "8.0")
RTX_5090 = ("NVIDIA GeForce RTX 5090", "12.0")


@dataclass
class Workshop:
    """Where one test runs conda: its environment `prefix`, its channels, its driver."""

    conda: Conda
    channels: Channels
    prefix: Path
    drivers: Path
    configured: Sequence[str] = ("defaults",)
    settings: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    solver: str = ""

    def enforce_constrains(self) -> None:
        """Solve with a solver that enforces what packages constrain of `__cuda`."""
        self.solver = "enforcing"

    def put_driver(self, driver: str, cuda: str, *gpus: tuple[str, ...]) -> None:
        """Put a stub driver on the machine."""
        self.variables = stubs.environment(
            self.drivers, driver=driver, cuda=cuda, gpus=gpus or (A100,)
        )

    def run(self, command: str, *words: str | Path, plugin: bool = True) -> Result:
        """Run a conda command on the environment."""
        condarc = self.channels.condarc(self.configured, **self.settings)
        target = () if {"-n", "-p", "--name"} & set(words) else ("-p", self.prefix)
        return self.conda.run(
            command, *words, *target, env=self._variables(), condarc=condarc, plugin=plugin
        )

    def _variables(self) -> dict[str, str]:
        if not self.solver:
            return self.variables
        seen = self.conda.environment().get("PYTHONPATH", "")
        path = os.pathsep.join(filter(None, (str(ENFORCING_SOLVER), seen)))
        return {**self.variables, "CONDA_SOLVER": self.solver, "PYTHONPATH": path}

    def record(self, name: str) -> dict[str, Any] | None:
        """Read what is installed of a package."""
        for path in (self.prefix / "conda-meta").glob(f"{name}-*.json"):
            record: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if record["name"] == name:
                return record
        return None


@pytest.fixture(scope="session")
def python_prefix(
    conda: Conda, channels: Channels, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Make, once, an environment that holds Python 3.11."""
    place = tmp_path_factory.mktemp("environment") / "env"
    return conda.prefix(place, "python=3.11", condarc=channels.condarc(["defaults"]))


@pytest.fixture
def shop(
    conda: Conda, channels: Channels, python_prefix: Path, stub_driver: Path, tmp_path: Path
) -> Workshop:
    """Give a workshop without a driver, and with an environment of its own."""
    prefix = tmp_path / "env"
    linked_copy(python_prefix, prefix, but="conda-meta")
    return Workshop(conda, channels, prefix, stub_driver)
