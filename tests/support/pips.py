"""Real pips of several versions, each in an environment that sees the working tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from . import working_tree
from .preloaded import run_module
from .tools import (
    TOOLS,
    Result,
    build_step,
    interpreter,
    isolated_environment,
    kept,
    make_venv,
    site_packages,
    venv_python,
    version_key,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OLDEST, NEWEST = "21.3", "newest"
# For parametrize: the oldest and the newest are in every run, those between in a nightly one.
PIP_VERSIONS = (
    OLDEST,
    *(pytest.param(one, marks=pytest.mark.nightly) for one in ("22.3", "23.3", "24.3", "25.3")),
    NEWEST,
)
# Nothing listens there, so a test that forgot its index fails at once instead of going out.
NO_INDEX = "http://127.0.0.1:9/simple"

_RECIPE = 3
_PYTHONS = ("3.11", "3.10", "3.12", "3.9")
# pip before 23.1 does not start on Python 3.12.
_OLD_PYTHONS = ("3.11", "3.10", "3.9")
_FIRST_ON_312 = (23, 1)
# In the model of a bare environment, for where its copy lies.
_PLACE = "@place@"
_NEWEST_IS_GOOD_FOR = 7 * 24 * 3600


def pip_env(version: str = "newest") -> Path:
    """Give the interpreter of an environment with this pip, built on the first call.

    `"newest"` is whatever the package index has, asked again once a week.
    """
    old = version != "newest" and version_key(version) < _FIRST_ON_312
    base = interpreter(_OLD_PYTHONS if old else _PYTHONS, purpose=f"pip {version}")
    tag = (version_of(base) or "").replace(".", "")
    name = f"pip-{_edition(version)}-py{tag}-{_RECIPE}"
    folder = kept(name, lambda place: _build(base, version, place))
    working_tree.link_venv(folder)
    return venv_python(folder)


def _edition(version: str) -> str:
    if version != "newest":
        return version
    ages = [(time.time() - made.stat().st_mtime, made.name) for made in TOOLS.glob("pip-newest*")]
    age, name = min(ages, default=(float(_NEWEST_IS_GOOD_FOR), ""))
    if age < _NEWEST_IS_GOOD_FOR:
        return name[len("pip-") :].rsplit("-", 2)[0]
    return time.strftime("newest.%Y%m%d", time.gmtime())


def _build(base: Path, version: str, folder: Path) -> None:
    python = make_venv(base, folder)
    pip = "pip" if version == "newest" else f"pip=={version}.*"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade")
    # Upgrading pip apart: an older pip may be needed to replace itself with a still older one.
    build_step(python, *install, *working_tree.NEEDS)
    build_step(python, *install, pip)


def pip_environment(home: Path, *, index: str | None = NO_INDEX) -> dict[str, str]:
    """Make the environment of a pip run: no configuration but this index (None: not even that)."""
    env = {
        **isolated_environment(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(home / "pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_RETRIES": "0",
        "PIP_DEFAULT_TIMEOUT": "5",
    }
    return env if index is None else {**env, "PIP_INDEX_URL": index}


def run_pip(python: Path, *args: str | Path, env: Mapping[str, str], stdin: str = "") -> Result:
    """Run this interpreter's own pip."""
    return run_module(python, "pip", *args, env=env, stdin=stdin)


def run_pipcuda(
    python: Path,
    *args: str | Path,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: str = "",
) -> Result:
    """Run `pipcuda ARGS` by this interpreter, in front of its own pip."""
    return run_module(python, "pip_hook", *args, env=env, cwd=cwd, stdin=stdin)


def bare_environment(python: Path, folder: Path) -> Path:
    """Make an environment without pip, which is quick, to install into; return its interpreter."""
    name = hashlib.sha256(os.fsencode(python)).hexdigest()[:8]
    model = kept(f"bare-{name}", partial(_build_bare, python))
    shutil.copytree(model, folder, symlinks=True, dirs_exist_ok=True)
    for file in _that_say_where(folder):
        file.write_text(file.read_text("utf-8").replace(_PLACE, str(folder)), "utf-8")
    return venv_python(folder)


def _build_bare(python: Path, folder: Path) -> None:
    build_step(python, "-m", "venv", "--without-pip", folder)
    for file in _that_say_where(folder):
        file.write_text(file.read_text("utf-8").replace(str(folder), _PLACE), "utf-8")


def _that_say_where(folder: Path) -> list[Path]:
    """Return the files of a virtual environment that hold its address."""
    return [folder / "pyvenv.cfg", *folder.glob("*/[Aa]ctivate*")]


def environment_with_pip(python: Path, folder: Path) -> Path:
    """Make an environment that has this interpreter's pip and pipcuda; return its interpreter.

    They lie where they were, as in an environment that sees the packages of its base.
    """
    made = bare_environment(python, folder)
    line = f"import site; site.addsitedir({str(site_packages(python.parent.parent))!r})\n"
    (site_packages(folder) / "base.pth").write_text(line, "utf-8")
    return made
