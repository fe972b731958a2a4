from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import (
    PIP_VERSIONS,
    bare_environment,
    pip_environment,
    run_pip,
)
from tests.support.tools import run
from tests.support.wheel_catalogue import common_packages
from tests.support.wheel_file import WheelFile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.wheel_index import WheelServer

pytestmark = pytest.mark.network

SYSTEM = "linux_x86_64"


def torch_for(python: str) -> list[WheelFile]:
    ending = f"{python}-{python}-{SYSTEM}.whl"
    vision = ("torch==2.1.2", "numpy")
    return [
        *common_packages(),
        WheelFile("whl/cu121/torch", f"torch-2.1.2+cu121-{ending}", ("typing-extensions",)),
        WheelFile("whl/cu121/torchvision", f"torchvision-0.16.2+cu121-{ending}", vision),
        WheelFile("simple/torch", f"torch-2.1.2-{ending}", ("typing-extensions",), "12.1"),
    ]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_real_pip_installs_from_both_indexes(
    version: str, pip_env: Callable[[str], Path], wheel_server: WheelServer, tmp_path: Path
) -> None:
    python = pip_env(version)
    env = pip_environment(tmp_path, index=wheel_server.simple)
    shown = run_pip(python, "--version", env=env).stdout
    assert version == "newest" or shown.startswith(f"pip {version}")
    tag = run([str(python), "-c", "import sys; print('cp%d%d' % sys.version_info[:2])"], env=env)
    wheel_server.add(torch_for(tag.stdout.strip()))
    installed = run_pip(
        python,
        *("install", "--target", tmp_path / "site", "torch==2.1.2+cu121", "torchvision"),
        *("--extra-index-url", f"{wheel_server.base}/cu121"),
        env=env,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "'12.1'" in (tmp_path / "site/torch/version.py").read_text("utf-8")
    assert (tmp_path / "site/numpy").is_dir()


def test_a_pip_without_an_index_stays_at_home(
    pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    env = pip_environment(tmp_path)
    ended = run_pip(pip_env("newest"), "download", "torch", env=env)
    assert ended.returncode != 0
    assert "127.0.0.1:9" in ended.stdout + ended.stderr


def test_the_working_tree_is_importable(pip_env: Callable[[str], Path], tmp_path: Path) -> None:
    code = (
        "import conda_cuda_guard, pip_hook, packaging, pynvml\n"
        "from importlib.metadata import version as v\n"
        "print(conda_cuda_guard.__version__ == v('conda-cuda-guard'))"
    )
    env = pip_environment(tmp_path)
    ended = run([str(pip_env("newest")), "-W", "ignore", "-c", code], env=env, cwd=tmp_path)
    assert ended.stdout.strip() == "True", ended.stderr


def test_a_bare_environment_can_be_installed_into(
    pip_env: Callable[[str], Path], wheel_server: WheelServer, tmp_path: Path
) -> None:
    wheel_server.add(common_packages())
    into = bare_environment(pip_env("newest"), tmp_path / "env")
    env = pip_environment(tmp_path, index=wheel_server.simple)
    ended = run_pip(pip_env("newest"), "--python", into, "install", "numpy<2", env=env)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert list((tmp_path / "env").glob("lib/python3*/site-packages/numpy"))
