"""Running pipcuda by a real pip against the local index, and looking at what came of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from conda_cuda_guard.catalogue.files import FOLDER_VARIABLE
from conda_cuda_guard.catalogue.files import folder as built_in
from tests import stubs
from tests.support.pips import pip_environment, run_pip, run_pipcuda
from tests.support.tools import version_of
from tests.support.wheel_index import WheelFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.tools import Result
    from tests.support.wheel_index import WheelServer

A100 = ("NVIDIA A100-SXM4-40GB", "8.0")
RTX_5090 = ("NVIDIA GeForce RTX 5090", "12.0")
GTX_1080 = ("NVIDIA GeForce GTX 1080", "6.1")


@dataclass
class Machine:
    """A machine to run pipcuda on: its interpreter, its index, its driver (or none)."""

    python: Path
    home: Path
    server: WheelServer
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a run."""
        index = {"CUDA_GUARD_WHEEL_INDEX": self.server.base}
        return {**pip_environment(self.home, index=self.server.simple), **index, **self.variables}

    def with_driver(self, folder: Path, driver: str, cuda: str, *gpus: tuple[str, ...]) -> Machine:
        """Put a stub driver on the machine."""
        variables = stubs.environment(folder, driver=driver, cuda=cuda, gpus=gpus or (A100,))
        return Machine(self.python, self.home, self.server, {**self.variables, **variables})

    def with_families_at(self, folder: Path, places: Mapping[str, str]) -> Machine:
        """Return the machine with a catalogue whose families lie on its own server.

        `places` maps what their addresses begin with to paths there; the copy goes into `folder`.
        """
        shutil.copytree(built_in(), folder)
        for path in folder.glob("families/*.json"):
            text = path.read_text("utf-8")
            for address, place in places.items():
                text = text.replace(address, f"{self.server.root}/{place}")
            path.write_text(text, "utf-8")
        return replace(self, variables={**self.variables, FOLDER_VARIABLE: str(folder)})

    def pipcuda(self, *words: str | Path, more: Mapping[str, str] | None = None) -> Result:
        """Run pipcuda."""
        env = {**self.environment, **(more or {})}
        return run_pipcuda(self.python, *words, env=env, cwd=self.home)

    def pip(self, *words: str | Path) -> Result:
        """Run pip itself."""
        return run_pip(self.python, *words, env=self.environment)


def installed(folder: Path) -> dict[str, str]:
    """Read the versions of what was installed into a `--target` folder."""
    return {d.metadata["Name"]: d.version for d in distributions(path=[str(folder)])}


def python_of(machine: Machine) -> str:
    """Return the version of a machine's interpreter, as `"3.11"`."""
    return version_of(machine.python) or ""


def add_packages(machine: Machine, packages: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    """Put packages on the main index: names, versions, and what each asks for."""
    machine.server.add(
        WheelFile(
            f"simple/{name.replace('_', '-')}",
            f"{name.replace('-', '_')}-{number}-py3-none-any.whl",
            needs,
        )
        for name, numbers in packages.items()
        for number, needs in numbers.items()
    )
