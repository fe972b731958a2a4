"""`conda cuda-install --verify`: the environment's torch is tried after the install."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.verify.fake_torch import torch_for_cpu, torch_for_cuda

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Workshop


def _put_python(shop: Workshop, packages: Path) -> None:
    """Put an interpreter into the environment, which finds a folder of packages."""
    python = shop.prefix / "bin" / "python"
    python.parent.mkdir(exist_ok=True)
    python.unlink(missing_ok=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


def test_a_torch_that_works(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver("535.104.05", "12.2")
    _put_python(shop, torch_for_cuda(tmp_path / "packages"))
    done = shop.run("cuda-install", "pytorch==2.1.1", "--verify", "-y", "--json")
    assert done.returncode == 0, done.stderr
    assert done.json["success"]
    assert "cuda-install: works: torch 2.1.2+cu121 computes on the GPU." in done.stderr


def test_a_torch_that_does_not(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver("535.104.05", "12.2")
    _put_python(shop, torch_for_cpu(tmp_path / "packages"))
    done = shop.run("cuda-install", "pytorch==2.1.1", "--verify", "-y")
    assert done.returncode == 1
    assert shop.record("pytorch") is not None
    assert "cuda-install: cpu-only: torch 2.1.2+cpu" in done.stderr
    assert "[cpu-build]" in done.stderr


def test_an_environment_without_python(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    (shop.prefix / "bin" / "python").unlink(missing_ok=True)
    done = shop.run("cuda-install", "pytorch==2.1.1", "--verify", "-y")
    assert done.returncode == 1
    assert "has no Python" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--dry-run", "--plan", "--download-only"])
def test_where_verify_cannot_be_used(shop: Workshop, option: str) -> None:
    done = shop.run("cuda-install", "pytorch==2.1.1", "--verify", option, "-y")
    assert done.returncode == 2
    assert f"--verify and {option} cannot be used together" in done.stderr
    assert shop.record("pytorch") is None
