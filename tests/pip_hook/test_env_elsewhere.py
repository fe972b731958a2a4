"""`pipcuda env`: a real tox, and a real conda with a pip part, take the planned build by it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.channels import write_channel
from tests.support.conda_package import CondaPackage
from tests.support.fixtures import conda
from tests.support.real_conda import Conda  # noqa: TC001  (pytest reads the annotation)
from tests.support.tools import run

from .running import Machine, installed

__all__ = ["conda"]


@pytest.fixture
def variables(machine: Machine, stub_driver: Path) -> dict[str, str]:
    """Return what `pipcuda env` exports on a machine whose driver has CUDA 12.2."""
    old = machine.with_driver(stub_driver, "535.104.05", "12.2")
    done = old.pipcuda("env", "--json", "torch==2.2.2")
    assert done.returncode == 0, done.stderr
    return {**machine.environment, **done.json}


def test_tox(variables: dict[str, str], tox: Path, tmp_path: Path) -> None:
    text = "[testenv]\nskip_install = true\ndeps = torch\ncommands =\n"
    (tmp_path / "tox.ini").write_text(text, "utf-8")
    done = run([str(tox), "-m", "tox", "-e", "py"], env=variables, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (site,) = tmp_path.glob(".tox/py/lib/python*/site-packages")
    assert installed(site)["torch"] == "2.2.2+cu121"


def test_conda_env_create_with_a_pip_part(
    conda: Conda, variables: dict[str, str], machine: Machine, tmp_path: Path
) -> None:
    # An environment's Python and pip are packages; these hand over to a pip that is here.
    script = f'#!/bin/sh\nexec "{machine.python}" "$@"\n'
    package = CondaPackage("python", "3.11.9", "0", files={"bin/python": script})
    write_channel(tmp_path / "channel", [package, CondaPackage("pip", "24.0", "0")])
    text = (
        f"channels: ['{(tmp_path / 'channel').as_uri()}', nodefaults]\n"
        "dependencies:\n  - python\n  - pip\n  - pip:\n    - torch\n"
    )
    (tmp_path / "environment.yml").write_text(text, "utf-8")
    target = {"PIP_TARGET": str(tmp_path / "t")}
    words = ("env", "create", "-p", tmp_path / "env", "-f", tmp_path / "environment.yml")
    home = {name: value for name, value in variables.items() if name.startswith("PIP_")}
    done = conda.run(*words, env={**home, **target})
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"


def test_a_person_s_own_packages(machine: Machine, stub_driver: Path, tmp_path: Path) -> None:
    """`--user`, with an interpreter that is in no environment."""
    old = machine.with_driver(stub_driver, "535.104.05", "12.2")
    base = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    if not base.exists():
        pytest.skip(f"no {base}")
    more = {"PYTHONUSERBASE": str(tmp_path / "base"), "PYTHONNOUSERSITE": ""}
    words = ("--python", base, "install", "--user", "--break-system-packages", "torch==2.2.2")
    done = old.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    (site,) = tmp_path.glob("base/lib/python*/site-packages")
    assert installed(site)["torch"] == "2.2.2+cu121"
