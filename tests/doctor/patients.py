"""Environments and machines made of files, for the doctor to examine."""

from __future__ import annotations

import json
import os
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import stubs
from tests.support.pips import run_pipcuda
from tests.support.tools import UNHURRIED, Result, run

if TYPE_CHECKING:
    from collections.abc import Sequence

A100 = ("NVIDIA A100-SXM4-40GB", "8.0")

_PROGRESS = "pipcuda: still looking at the machine and the environment ...\n"


def without_progress(stderr: str) -> str:
    """Take out the line that tells who waits that it takes longer than a second."""
    return stderr.replace(_PROGRESS, "", 1)


@dataclass
class Patient:
    """A virtual environment, the file system of its machine, and the variables of a run."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The machine's file system."""
        return self.home / "root"

    @property
    def env(self) -> Path:
        """The environment's folder."""
        return self.home / "env"

    @property
    def site(self) -> Path:
        """Where its packages are."""
        return next(self.env.glob("lib/python*/site-packages"))

    def build(self) -> Patient:
        """Make the environment, empty."""
        self.root.mkdir(parents=True)
        venv.create(self.env, symlinks=os.name != "nt")
        return self

    def file(self, path: str, text: str = "") -> Path:
        """Write a file of the machine."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def package(self, name: str, version: str, *wants: str, installer: str = "pip") -> None:
        """Install a package, by the files that count."""
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        wanted = "".join(f"Requires-Dist: {one}\n" for one in wants)
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{wanted}"
        (info / "METADATA").write_text(head)
        (info / "INSTALLER").write_text(f"{installer}\n")

    def torch(self, version: str, cuda: str | None, *wants: str, installer: str = "pip") -> None:
        """Install a torch that tells its CUDA as torch does."""
        self.package("torch", version, *wants, installer=installer)
        folder = self.site / "torch"
        folder.mkdir()
        (folder / "version.py").write_text(f"__version__ = {version!r}\ncuda = {cuda!r}\n")

    def record(self, name: str, version: str, build: str = "h1_0", *depends: str) -> None:
        """Leave one of conda's records."""
        meta = self.env / "conda-meta"
        meta.mkdir(exist_ok=True)
        record = {"name": name, "version": version, "build": build, "depends": depends}
        (meta / f"{name}-{version}-{build}.json").write_text(json.dumps(record))

    def driver(
        self, folder: Path, driver: str, cuda: str, *gpus: tuple[str, ...], fault: str | None = None
    ) -> None:
        """Put a stub driver on the machine."""
        gpus = gpus or (A100,)
        self.variables.update(
            stubs.environment(folder, driver=driver, cuda=cuda, gpus=gpus, fault=fault)
        )

    def module(self, version: str) -> None:
        """Load the driver's kernel module."""
        self.file("sys/module/nvidia/version", version)

    def doctor(self, *words: str | Path, named: bool = True, before: Sequence[str] = ()) -> Result:
        """Run `pipcuda doctor`."""
        place: list[str | Path] = ["--python", self.env] if named else []
        env = {
            "PATH": str(self.home / "bin"), "HOME": str(self.home), "PIP_CONFIG_FILE": os.devnull,
            "CUDA_GUARD_OFFLINE": "1", **UNHURRIED, **self.variables,
        }  # fmt: skip
        line = ["doctor", *place, "--root", self.root, *words]
        if not before:
            return run_pipcuda(Path(sys.executable), *line, env=env)
        return run([*before, sys.executable, "-m", "pip_hook", *map(str, line)], env=env)

    def report(self, *words: str) -> Any:
        """Run it for its JSON; the exit status tells the same."""
        done = self.doctor("--json", *words)
        assert done.stderr == ""
        assert done.returncode == (0 if done.json["healthy"] else 1)
        return done.json

    def codes(self) -> list[str]:
        """Give the codes that it finds, worst first."""
        return [one["code"] for one in self.report()["problems"]]
