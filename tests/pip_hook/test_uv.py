"""`pipcuda install --installer uv`: a real uv installs what pip would."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from pip_hook.uv import find_uv
from tests.support.pips import bare_environment
from tests.support.wheel_file import WheelFile

from .running import Machine, installed, python_of


@pytest.fixture
def old_driver(machine: Machine, stub_driver: Path) -> Machine:
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def with_uv(machine: Machine, uv: Path, cache: Path) -> dict[str, str]:
    path = f"{uv.parent}:{machine.environment['PATH']}"
    return {"PATH": path, "UV_CACHE_DIR": str(cache), "CUDA_GUARD_INSTALLER": "uv"}


@pytest.mark.parametrize(
    "words",
    [
        ["torch==2.2.2"],
        ["torch==2.2.2", "torchvision"],
        ["-r", "r.txt"],
        ["torch==2.2.2", "modern"],
        ["torch", "-c", "c.txt"],
    ],
)
def test_the_packages_are_those_of_pip(
    words: list[str], old_driver: Machine, uv: Path, tmp_path: Path
) -> None:
    # As the real index does: it has a package of everybody's, and only an old one.
    old_driver.server.add(
        [
            WheelFile("whl/cu121/numpy", "numpy-1.0.0-py3-none-any.whl"),
            WheelFile("simple/modern", "modern-1.0-py3-none-any.whl", ("torch", "numpy>=1.26")),
        ]
    )
    (old_driver.home / "r.txt").write_text("torch==2.2.2\nmodern\n", "utf-8")
    (old_driver.home / "c.txt").write_text("torch<2.2\n", "utf-8")
    pip = old_driver.pipcuda("install", *words, "--target", tmp_path / "pip")
    more = with_uv(old_driver, uv, tmp_path / "cache")
    done = old_driver.pipcuda("install", *words, "--target", tmp_path / "uv", more=more)
    assert (pip.returncode, done.returncode) == (0, 0), pip.stderr + done.stderr
    there = installed(tmp_path / "uv")
    assert there == installed(tmp_path / "pip")
    assert "+cu121" in there["torch"]


def test_what_others_bring_in_is_held(old_driver: Machine, uv: Path, tmp_path: Path) -> None:
    """As by pip: the build that runs here, of no other index's packages."""
    old_driver.server.add(
        [WheelFile("simple/modern", "modern-1.0-py3-none-any.whl", ("torch", "numpy>=1.26"))]
    )
    more = with_uv(old_driver, uv, tmp_path / "cache")
    done = old_driver.pipcuda("install", "modern", "--target", tmp_path / "uv", more=more)
    assert done.returncode == 0, done.stderr
    old_driver.pipcuda("install", "modern", "--target", tmp_path / "pip")
    assert installed(tmp_path / "uv") == installed(tmp_path / "pip")
    assert "+cu12" in installed(tmp_path / "uv")["torch"]


@pytest.mark.parametrize("how", ["-U", "PIP_UPGRADE"])
def test_upgrading_takes_what_is_named_alone(
    old_driver: Machine, uv: Path, tmp_path: Path, how: str
) -> None:
    old_driver.server.add(
        [
            WheelFile(f"simple/{name}", f"{name}-{number}-py3-none-any.whl", needs)
            for name, needs in (("named", ("needed",)), ("needed", ()))
            for number in ("1.0", "2.0")
        ]
    )
    env = tmp_path / "env"
    python = bare_environment(Path(sys.executable), env)
    more = with_uv(old_driver, uv, tmp_path / "cache")
    first = ("install", "--python", python, "named==1.0", "needed==1.0")
    assert old_driver.pipcuda(*first, more=more).returncode == 0
    words = ["install", "--python", str(python), *(["-U"] if how == "-U" else []), "named"]
    variables = {} if how == "-U" else {how: "1"}
    done = old_driver.pipcuda(*words, more={**more, **variables})
    assert done.returncode == 0, done.stderr
    (site,) = env.glob("lib/python*/site-packages")
    found = installed(site)
    assert (found["named"], found["needed"]) == ("2.0", "1.0")


def test_where_pips_settings_say_uv_installs_too(
    old_driver: Machine, uv: Path, tmp_path: Path
) -> None:
    more = {**with_uv(old_driver, uv, tmp_path / "cache"), "PIP_TARGET": str(tmp_path / "t")}
    done = old_driver.pipcuda("install", "torch==2.2.2", more={**more, "PIP_NO_DEPS": "1"})
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == {"torch": "2.2.2+cu121"}
    refused = old_driver.pipcuda("install", "torch==2.2.2", more={**more, "PIP_USER": "1"})
    assert refused.returncode == 2
    assert "--user cannot be passed on to uv" in refused.stderr


def test_credentials_reach_uv_and_nobody_else(
    old_driver: Machine, uv: Path, tmp_path: Path
) -> None:
    old_driver.server.fault("/simple", "auth")
    index = old_driver.server.with_credentials(old_driver.server.simple)
    secret = index.split("://")[1].partition("@")[0].partition(":")[2]
    more = {**with_uv(old_driver, uv, tmp_path / "cache"), "PIP_INDEX_URL": index}
    words = ("install", "torch==2.2.2", "--target", tmp_path / "t", "-vv")
    done = old_driver.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"
    assert f":{secret}@" not in done.stdout + done.stderr


def test_a_dry_run_installs_nothing(old_driver: Machine, uv: Path, tmp_path: Path) -> None:
    words = ("torch==2.2.2", "--dry-run", "--target", tmp_path / "t")
    done = old_driver.pipcuda("install", *words, more=with_uv(old_driver, uv, tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    assert "torch==2.2.2+cu121" in done.stderr
    assert installed(tmp_path / "t") == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["install", "--user", "torch"], "--user cannot be passed on to uv"),
        (["install", "--root", "r", "torch"], "--root cannot be passed on to uv"),
        (["download", "torch"], "uv has no download"),
        (["install", "--installer", "poetry", "torch"], "no installer 'poetry'"),
    ],
)
def test_what_uv_cannot_do(words: list[str], said: str, old_driver: Machine) -> None:
    done = old_driver.pipcuda(*words, more={"CUDA_GUARD_INSTALLER": "uv"})
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_uv(old_driver: Machine, tmp_path: Path) -> None:
    more = {"PATH": str(tmp_path)}
    done = old_driver.pipcuda("install", "torch==2.2.2", "--installer", "uv", more=more)
    assert done.returncode == 2
    assert "uv was not found" in done.stderr


def test_uv_among_the_scripts_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of virtual environments Windows has them in a folder below the interpreter's."""
    program = tmp_path / "Scripts" / "uv"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho uv 0.9.0\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sysconfig, "get_path", {"scripts": str(program.parent)}.__getitem__)
    monkeypatch.setenv("PATH", "")
    find_uv.cache_clear()
    assert find_uv() == str(program)
    find_uv.cache_clear()


def test_a_companion_s_file_binds_the_torch_beside_it(
    old_driver: Machine, uv: Path, tmp_path: Path
) -> None:
    digits = python_of(old_driver).replace(".", "")
    name = f"torchvision-0.17.2%2Bcu118-cp{digits}-cp{digits}-linux_x86_64.whl"
    words = ("install", "torch", f"torchvision @ {old_driver.server.base}/cu118/{name}")
    more = with_uv(old_driver, uv, tmp_path / "cache")
    done = old_driver.pipcuda(*words, "--target", tmp_path / "uv", more=more)
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "uv")
    assert (found["torch"], found["torchvision"]) == ("2.2.2+cu118", "0.17.2+cu118")
