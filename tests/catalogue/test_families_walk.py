"""docs/families.md, done: a small package of a third party is built, installed and found."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.catalogue.family_schema import faults_of
from tests.support.pips import bare_environment, pip_environment, run_pip, run_pipcuda
from tests.support.tools import REPO_ROOT, isolated_environment, run

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = (REPO_ROOT / "docs" / "families.md").read_text("utf-8")
FILES = dict(re.findall(r"^```\w+ ([\w./-]+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
SESSION = re.search(r"^```text\n\$ pipcuda (.*?)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def write(folder: Path) -> None:
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    shutil.copy(folder / "warpdrive.json", folder / "hook" / "warpdrive" / "warpdrive.json")


def wheel_of(project: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(project / "out"),
    ]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    return next((project / "out").glob("*.whl"))


def environment(base: Path, folder: Path) -> Path:
    """Make an environment of its own that sees pip, our tree and what it needs."""
    python = bare_environment(base, folder)
    env = isolated_environment(folder)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    theirs, mine = (run([str(one), "-c", ask], env=env).stdout.strip() for one in (base, python))
    (Path(mine) / "more.pth").write_text(f"import site; site.addsitedir({theirs!r})\n")
    return python


def test_the_files_of_the_page_are_families() -> None:
    for name in ("warpdrive.json", "torchwarp.json", "warpkernels.json"):
        assert not list(faults_of(json.loads(FILES[name])))


@pytest.mark.parametrize("project", [".", "hook"])
def test_the_walk(project: str, pip_env: Callable[[str], Path], tmp_path: Path) -> None:
    write(tmp_path)
    python = environment(pip_env("newest"), tmp_path / "env")
    env = pip_environment(tmp_path)
    assert SESSION is not None
    words, printed = SESSION[1].split(), SESSION[2]
    before = run_pipcuda(python, *words, env=env, cwd=tmp_path)
    assert "no package of a known CUDA family" in before.stdout
    wheel = wheel_of(tmp_path / project)
    done = run_pip(python, "install", "--no-index", "--no-deps", wheel, env=env)
    assert done.returncode == 0, done.stderr
    after = run_pipcuda(python, *words, env=env, cwd=tmp_path)
    assert (after.stdout, after.stderr) == (printed, "")


def test_a_file_can_be_named(pip_env: Callable[[str], Path], tmp_path: Path) -> None:
    write(tmp_path)
    named = {"CUDA_GUARD_FAMILIES": str(tmp_path / "warpdrive.json")}
    env = {**pip_environment(tmp_path), **named}
    words = ("plan", "warpdrive", "--driver", "535.104.05", "--offline")
    done = run_pipcuda(pip_env("newest"), *words, env=env, cwd=tmp_path)
    assert done.stdout.startswith("warpdrive-cu12 2.0")
