"""Run from a place for tools, pipcuda installs into the environment that is active."""

from __future__ import annotations

import os
import shlex
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pip_hook.active_environment import Active, active_environment, place_for_tools
from tests.support.pips import bare_environment
from tests.support.tools import TREE_PATH, Result, run, site_packages

from .running import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .running import Machine

WORDS = ("install", "torch==2.2.2", "--no-deps", "--cuda", "12.1", "--gpu", "8.0")
# What each tool leaves in the environment that it makes.
MARKS = {"pipx": "pipx_metadata.json", "uv tool": "uv-receipt.toml"}


def tool(machine: Machine, folder: Path) -> Path:
    """Make an environment that has pipcuda and the machine's pip; return its interpreter."""
    python = bare_environment(machine.python, folder)
    of_machine = site_packages(machine.python.parent.parent)
    lines = [str(of_machine), *TREE_PATH]
    (site_packages(folder) / "tool.pth").write_text("\n".join(lines))
    return python


def pipcuda(machine: Machine, python: Path, *words: str | Path, **variables: str) -> Result:
    """Run a tool's pipcuda; `variables` say which environment is active."""
    env = {**machine.environment, **variables}
    return run([str(python), "-m", "pip_hook", *map(str, words)], env=env, cwd=machine.home)


@pytest.mark.parametrize("place", sorted(MARKS))
@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_it_installs_into_the_active_environment(
    machine: Machine, tmp_path: Path, place: str, variable: str
) -> None:
    python = tool(machine, tmp_path / "tool")
    (tmp_path / "tool" / MARKS[place]).write_text("{}")
    bare_environment(machine.python, tmp_path / "active")
    done = pipcuda(machine, python, *WORDS, **{variable: str(tmp_path / "active")})
    assert done.returncode == 0, done.stderr
    assert installed(site_packages(tmp_path / "active")) == {"torch": "2.2.2+cu121"}
    assert not list(site_packages(tmp_path / "tool").glob("torch*"))
    said = [line for line in done.stderr.splitlines() if "active environment" in line]
    told = f"pipcuda: for the active environment, {tmp_path / 'active'} ({variable})"
    assert said == [told]


@pytest.mark.parametrize("package", ["torch", "numpy"])
def test_without_an_active_environment_nothing_is_installed(
    machine: Machine, tmp_path: Path, package: str
) -> None:
    python = tool(machine, tmp_path / "tool")
    (tmp_path / "tool" / "pipx_metadata.json").write_text("{}")
    # As `pipx run` has it, the tool's own environment is none that one works in.
    for variables in ({}, {"VIRTUAL_ENV": str(tmp_path / "tool")}):
        done = pipcuda(machine, python, "install", package, **variables)
        assert (done.returncode, done.stdout) == (2, "")
        assert "no environment is active to install into" in done.stderr
        assert "pipx" in done.stderr
        assert "pipcuda --python .venv install" in done.stderr
    assert pipcuda(machine, python, "install", "--help").returncode == 0


def test_what_the_line_says_counts(machine: Machine, tmp_path: Path) -> None:
    python = tool(machine, tmp_path / "tool")
    (tmp_path / "tool" / "pipx_metadata.json").write_text("{}")
    bare_environment(machine.python, tmp_path / "named")
    active = {"VIRTUAL_ENV": str(tmp_path / "surely-not-there")}
    done = pipcuda(machine, python, "--python", tmp_path / "named", *WORDS, **active)
    assert done.returncode == 0, done.stderr
    assert installed(site_packages(tmp_path / "named")) == {"torch": "2.2.2+cu121"}
    assert "active environment" not in done.stderr
    done = pipcuda(machine, python, *WORDS, "--target", tmp_path / "target", **active)
    assert installed(tmp_path / "target") == {"torch": "2.2.2+cu121"}
    done = pipcuda(machine, python, *WORDS, **active)
    assert done.returncode == 2
    assert "surely-not-there has no Python" in done.stderr


def test_quiet_is_quiet(machine: Machine, tmp_path: Path) -> None:
    python = tool(machine, tmp_path / "tool")
    (tmp_path / "tool" / "uv-receipt.toml").write_text("")
    bare_environment(machine.python, tmp_path / "active")
    words = (*WORDS, "--quiet", "--dry-run")
    done = pipcuda(machine, python, *words, VIRTUAL_ENV=str(tmp_path / "active"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_plan_is_for_the_active_environment_where_there_is_one(
    machine: Machine, tmp_path: Path
) -> None:
    python = tool(machine, tmp_path / "tool")
    (tmp_path / "tool" / "pipx_metadata.json").write_text("{}")
    active = bare_environment(machine.python, tmp_path / "active")
    words = ("plan", *WORDS[1:], "--json")
    found = pipcuda(machine, python, *words, VIRTUAL_ENV=str(tmp_path / "active")).json
    assert found["command"][:4] == ["pip", "--python", str(active), "install"]
    assert pipcuda(machine, python, *words).json["command"][:2] == ["pip", "install"]
    # What is printed can be typed.
    typed = [str(machine.python), "-m", "pip", *found["command"][1:], "--dry-run"]
    done = run(typed, env=machine.environment)
    assert "torch-2.2.2+cu121" in done.stdout, shlex.join(typed) + done.stderr


def test_an_old_pip_cannot_and_that_is_said(
    make_machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = make_machine("21.3")
    python = tool(machine, tmp_path / "tool")
    (tmp_path / "tool" / "pipx_metadata.json").write_text("{}")
    bare_environment(machine.python, tmp_path / "active")
    done = pipcuda(machine, python, *WORDS, VIRTUAL_ENV=str(tmp_path / "active"))
    assert done.returncode == 2
    assert "cannot install into another environment" in done.stderr


def test_an_environment_that_is_none_of_tools_is_its_own_target(
    machine: Machine, tmp_path: Path
) -> None:
    python = tool(machine, tmp_path / "work")
    bare_environment(machine.python, tmp_path / "active")
    done = pipcuda(machine, python, *WORDS, VIRTUAL_ENV=str(tmp_path / "active"))
    assert done.returncode == 0, done.stderr
    assert list(site_packages(tmp_path / "work").glob("torch-*"))
    assert "active environment" not in done.stderr


def test_a_single_file(machine: Machine, tmp_path: Path) -> None:
    program = tmp_path / "pipcuda.pyz"
    with zipfile.ZipFile(program, "w") as file:
        file.writestr("__main__.py", "import sys; from pip_hook.cli import main; sys.exit(main())")
    bare_environment(machine.python, tmp_path / "active")
    command = [str(machine.python), str(program), *WORDS]
    env = {**machine.environment, "VIRTUAL_ENV": str(tmp_path / "active")}
    done = run(command, env=env)
    assert done.returncode == 0, done.stderr
    assert installed(site_packages(tmp_path / "active")) == {"torch": "2.2.2+cu121"}
    alone = run(command, env=machine.environment)
    assert alone.returncode == 2
    assert "a single file" in alone.stderr


def test_condas_base_is_for_tools_while_another_environment_is_active(tmp_path: Path) -> None:
    base = tmp_path / "conda"
    for name in ("conda-meta", "condabin", "envs/work/conda-meta"):
        (base / name).mkdir(parents=True)
    other = {"CONDA_PREFIX": str(base / "envs" / "work")}
    assert place_for_tools(base, "", other) == "conda's base"
    assert place_for_tools(base, "", {"CONDA_PREFIX": str(base)}) is None
    assert place_for_tools(base, "", {}) is None
    assert place_for_tools(base / "envs" / "work", "", {"CONDA_PREFIX": str(base)}) is None
    assert active_environment(other, base) == Active("CONDA_PREFIX", base / "envs" / "work")


def test_uvx_runs_in_a_folder_of_uvs_cache(tmp_path: Path) -> None:
    for name in ("archive-v0", "environments-v2", "builds-v0"):
        assert place_for_tools(tmp_path / "uv" / name / "xyz", "", {}) == "uvx"
    assert place_for_tools(tmp_path / "archive" / "xyz", "", {}) is None


def test_this_interpreter_is_no_place_for_tools() -> None:
    assert place_for_tools(Path(sys.prefix), sys.argv[0], os.environ) is None
