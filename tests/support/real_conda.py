"""A real conda of the tests' own: 24.7.1, taken out of a wheel that carries it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sys
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import working_tree
from .preloaded import run_module
from .tools import (
    Result,
    ToolUnavailableError,
    build_step,
    interpreter,
    isolated_environment,
    kept,
    make_venv,
    site_packages,
    venv_python,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER_CONDA = "CUDA_GUARD_TEST_CONDA"
# For PYTHONPATH: a solver that enforces `constrains: __cuda`, by the name `enforcing`.
ENFORCING_SOLVER = Path(__file__).parent / "enforcing_solver"
SOLVER = os.environ.get("CUDA_GUARD_TEST_SOLVER", "classic")

_VERSION = "24.7.1"
_PYTHONS = ("3.11", "3.12", "3.10")
_CARRIER = "conda-lock==4.0.3"
_INSIDE_CARRIER = "conda_lock/_vendor/conda/"
_RENAMED = (b"conda_lock._vendor.conda", b"conda_lock.vendor.conda")
# Raise it when anything below changes what a built conda looks like.
_RECIPE = 3
_NEEDS = (
    "pycosat",
    "boltons",
    "frozendict",
    "ruamel.yaml",
    "conda-package-handling",
    "conda-package-streaming",
    "platformdirs",
    "distro",
    "requests",
    "tqdm",
    "archspec",
    "jsonpatch",
    "truststore",
    "zstandard",
    "pluggy",
    "setuptools",
    "charset-normalizer",
    "pytest",
    "py-rattler",
)

_SETTINGS = {
    "CONDA_SOLVER": SOLVER,
    "CONDA_ADD_PIP_AS_PYTHON_DEPENDENCY": "false",
    "CONDA_NOTIFY_OUTDATED_CONDA": "false",
    "CONDA_AUTO_UPDATE_CONDA": "false",
    "CONDA_REPORT_ERRORS": "false",
    "CONDA_NUMBER_CHANNEL_NOTICES": "0",
    "CONDA_REMOTE_CONNECT_TIMEOUT_SECS": "2",
    "CONDA_REMOTE_READ_TIMEOUT_SECS": "5",
    "CONDA_REMOTE_MAX_RETRIES": "0",
}

# Without a condarc of its own a run finds no channel, rather than those of the internet.
_NOWHERE = """\
channels: [defaults]
channel_alias: {home}/none
default_channels: [{home}/none/defaults]
"""


@dataclass(frozen=True)
class Conda:
    """A conda that can be run, with a home, configuration, caches and environments of its own.

    `home` holds all of these. `built_here` tells our own conda from one that the caller named:
    the latter is shown the working tree by PYTHONPATH, and nothing is ever written into it.
    """

    python: Path
    version: str
    home: Path
    built_here: bool = True

    def at(self, home: Path) -> Conda:
        """Give the same conda with another home: no shared configuration, no shared caches."""
        return replace(self, home=home)

    def environment(
        self, *, condarc: str | Path | None = None, plugin: bool = True
    ) -> dict[str, str]:
        """Make the environment that a run gets. `condarc` is a file, or the text for one.

        conda ignores a file unless it ends in .yml or is named condarc or .condarc.
        """
        env = {
            **isolated_environment(self.home),
            **_SETTINGS,
            "CONDARC": str(self._condarc(condarc)),
            "CONDA_PKGS_DIRS": str(self.home / "pkgs"),
            "CONDA_ENVS_DIRS": str(self.home / "envs"),
        }
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            # The channels of the tests are for this system only.
            env |= {"CONDA_SUBDIR": "linux-64", "CONDA_OVERRIDE_GLIBC": "2.31"}
        if not plugin:
            env[working_tree.UNLINKED] = "1"
        elif not self.built_here:
            env |= working_tree.overlay()
        return env

    def run(
        self,
        *args: str | Path,
        env: Mapping[str, str] | None = None,
        condarc: str | Path | None = None,
        cwd: Path | None = None,
        plugin: bool = True,
    ) -> Result:
        """Run `conda ARGS`. `plugin=False` runs it as if this project were not installed."""
        whole = {**self.environment(condarc=condarc, plugin=plugin), **(env or {})}
        return run_module(self.python, "conda", *args, env=whole, cwd=cwd or self.home)

    def prefix(self, path: Path, *specs: str, condarc: str | Path | None = None) -> Path:
        """Make an environment at `path`; with `specs`, install these (from the condarc) first."""
        (path / "conda-meta").mkdir(parents=True)
        (path / "conda-meta" / "history").touch()
        if specs:
            made = self.run("install", "-y", "-p", path, *specs, condarc=condarc, plugin=False)
            if made.returncode:
                raise RuntimeError(f"cannot make {path.name}: {made.stdout}{made.stderr}")
        return path

    def _condarc(self, condarc: str | Path | None) -> Path:
        if isinstance(condarc, Path):
            return condarc
        self.home.mkdir(parents=True, exist_ok=True)
        if condarc is None:
            condarc = _NOWHERE.format(home=self.home.as_uri())
        # A new file for each run: a run that is still going keeps reading its own.
        handle, name = tempfile.mkstemp(prefix="condarc-", suffix=".yml", dir=self.home)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(condarc)
        return Path(name)


def real_conda(home: Path) -> Conda:
    """Give the conda that the caller names in the environment, or build (once) our own."""
    named = os.environ.get(OTHER_CONDA)
    if named:
        python, built_here = Path(named), False
    else:
        folder = built_conda()
        working_tree.link_venv(folder)
        python, built_here = venv_python(folder), True
    conda = Conda(python, "", home, built_here)
    return replace(conda, version=_ask_version(conda))


def built_conda() -> Path:
    """Give the folder of our own conda, built on the first call."""
    base = interpreter(_PYTHONS, purpose=f"conda {_VERSION}")
    tag = (version_of(base) or "").replace(".", "")
    return kept(f"conda-{_VERSION}-py{tag}-{_RECIPE}", lambda folder: _build(base, folder))


def _build(base: Path, folder: Path) -> None:
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang", "cl")):
        raise ToolUnavailableError("pycosat, which conda needs, takes a C compiler to build")
    python = make_venv(base, folder, *_NEEDS, *working_tree.NEEDS)
    carried = folder.parent / "carrier"
    build_step(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", carried, _CARRIER)
    (wheel,) = carried.glob("*.whl")
    place = site_packages(folder) / "conda"
    _unpack(wheel, place)
    # Python does not leave byte code everywhere, and without it each run takes twice as long.
    build_step(python, "-m", "compileall", "-q", place)


def _unpack(wheel: Path, place: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.startswith(_INSIDE_CARRIER) or name.endswith("/"):
                continue
            target = place / name[len(_INSIDE_CARRIER) :]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_renamed(archive.read(name)))


def _renamed(content: bytes) -> bytes:
    for old in _RENAMED:
        content = content.replace(old, b"conda")
    return content


def _ask_version(conda: Conda) -> str:
    with contextlib.suppress(OSError):
        asked = conda.run("--version", plugin=False)
        if asked.returncode == 0:
            return asked.stdout.split()[-1]
        raise ToolUnavailableError(f"conda does not run: {asked.stderr}")
    raise ToolUnavailableError(f"{conda.python} is not an interpreter")
