"""A folder that was just cloned: none of its modules is imported, none of its programs run."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.host.programs import find_program, pip_of, running
from tests.support.pips import bare_environment
from tests.support.tools import Result, isolated_environment, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda

# What our commands and hooks, pip and conda import sooner or later.
MODULES = (
    "pip", "json", "torch", "conda", "pathlib", "packaging", "rich", "runpy", "subprocess",
    "configparser", "tempfile", "sitecustomize", "sysconfig", "conda_cuda_guard", "yaml", "pynvml",
    "hooked",
)  # fmt: skip
PROGRAMS = ("uv", "conda", "nvidia-smi", "nvcc", "g++", "python", "pip")
_CALLED = "called"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a module and a program of every such name, which leave a trace."""
    place = tmp_path / "cloned"
    place.mkdir()
    for name in MODULES:
        (place / f"{name}.py").write_text(f"open({str(tmp_path / _CALLED)!r}, 'a').write({name!r})")
    # A package that names families by the hook, as an installed one does.
    info = place / "hooked-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hooked\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[conda_cuda_guard]\nhooked = hooked\n")
    for name in PROGRAMS:
        program = place / name
        program.write_text(f"#!/bin/sh\necho {name} >> {tmp_path / _CALLED}\n")
        program.chmod(0o755)
    return place


def called(folder: Path) -> str:
    trace = folder.parent / _CALLED
    return trace.read_text() if trace.exists() else ""


def as_script(
    folder: Path, python: Path, *words: str, more: dict[str, str] | None = None
) -> Result:
    """Run pipcuda as its console script does, in that folder."""
    home = folder.parent / "home"
    script = home / "bin" / "pipcuda"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text("import sys\nfrom pip_hook.script import main\nsys.exit(main())\n")
    env = isolated_environment(home)
    # An empty entry and a dot are the current folder.
    env["PATH"] = os.pathsep.join(["", ".", env["PATH"]])
    env |= {"PIP_RETRIES": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", **(more or {})}
    return run([str(python), str(script), *words], env=env, cwd=folder)


BARE = "an environment of the test's own"
COMMANDS = (
    ("plan", "torch", "--driver", "535.104.05"),
    ("plan", "torch", "--driver", "535.104.05", "--python", sys.executable),
    ("plan", "torch", "--no-such-option"),
    ("env", "torch", "--driver", "535.104.05"),
    ("env", "torch", "--driver", "535.104.05", "--write", "--yes", "--offline", "--python", BARE),
    ("matrix", "--driver", "535.104.05"),
    ("doctor", "--offline"),
    ("doctor", "--offline", "--python", sys.executable),
    ("mirrors",),
    ("mirrors", "--use", "tuna", "--yes"),
    ("verify",),
    ("verify", "--python", sys.executable),
    ("explain", "No matching distribution found for torch"),
    ("install", "torch", "--driver", "535.104.05", "--dry-run"),
    ("install", "torch", "--installer", "uv"),
    ("plann", "torch"),
    ("list",),
    ("--version",),
    ("help", "install"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(words[:4]).replace("/", ""))
def test_no_command_runs_what_lies_there(
    words: tuple[str, ...], folder: Path, pip_env: Callable[[str], Path]
) -> None:
    python = pip_env("newest")
    bare = str(bare_environment(python, folder.parent / "env")) if BARE in words else ""
    done = as_script(folder, python, *(bare if word == BARE else word for word in words))
    assert called(folder) == ""
    assert "Traceback" not in done.stderr


def test_nor_does_the_module(folder: Path, pip_env: Callable[[str], Path]) -> None:
    env = isolated_environment(folder.parent)
    (folder / "sitecustomize.py").unlink()
    # Python itself looks for the package there, before anything of ours can run.
    (folder / "conda_cuda_guard.py").unlink()
    done = run([str(pip_env("newest")), "-m", "pip_hook", "--version"], env=env, cwd=folder)
    assert (done.returncode, called(folder)) == (0, ""), done.stderr
    assert "pipcuda" in done.stdout


@pytest.mark.parametrize(
    "words", [("cuda-doctor",), ("cuda-doctor", "--json"), ("cuda-install", "--plan", "pytorch")]
)
def test_nor_does_conda(words: tuple[str, ...], folder: Path, conda: Conda) -> None:
    prefix = conda.home / "cloned-env"
    (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
    (prefix / "conda-meta" / "history").touch()
    script = folder.parent / "bin" / "conda"
    script.parent.mkdir()
    script.write_text("import sys\nfrom conda.cli import main\nsys.exit(main())\n")
    env = conda.environment()
    env["PATH"] = os.pathsep.join(["", ".", env["PATH"]])
    target = ("-p", str(prefix), "--offline")
    done = run([str(conda.python), str(script), *words, *target], env=env, cwd=folder)
    assert called(folder) == ""
    assert "Traceback" not in done.stderr


def test_programs_are_taken_from_absolute_folders(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert find_program("uv", {"PATH": str(folder)}) == str(folder / "uv")
    relative = os.pathsep.join(["", ".", f"../{folder.name}", "no/such"])
    assert find_program("uv", {"PATH": relative}) is None
    assert find_program("uv", {}) is None


@pytest.mark.parametrize("version", ["21.3", "newest"])
def test_pip_is_the_interpreters_own(
    version: str, folder: Path, pip_env: Callable[[str], Path]
) -> None:
    (folder / "sitecustomize.py").unlink()
    env = isolated_environment(folder.parent)
    done = run(pip_of(pip_env(version), "--version"), env=env, cwd=folder)
    assert (done.returncode, called(folder)) == (0, ""), done.stderr
    assert done.stdout.startswith("pip ")


def test_a_users_own_packages_count(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("name = 'mine'\n")
    env = {**isolated_environment(tmp_path), "PYTHONPATH": str(tmp_path)}
    done = run(running(sys.executable, "import mine; print(mine.name)"), env=env)
    assert done.stdout == "mine\n"
