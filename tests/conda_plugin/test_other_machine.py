"""Installing or planning for another platform or machine: this one's driver says nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Workshop

DRIVER = ("535.104.05", "12.2")
WINDOWS = (
    '{"platform": "windows-amd64", "python": "3.11", "driver": "536.25", "cuda": "12.2", '
    '"gpus": [{"name": "NVIDIA A100-SXM4-40GB", "compute_capability": "8.0"}]}'
)


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_cpu_build_for_another_platform_is_nobodys_fault(
    shop: Workshop, tmp_path: Path, by: str
) -> None:
    shop.put_driver(*DRIVER)
    words = ["create", "-p", tmp_path / "new", "-c", "pytorch", "pytorch", "cpuonly", "--dry-run"]
    if by == "option":
        words += ["--platform", "win-64"]
    else:
        shop.variables["CONDA_SUBDIR"] = "win-64"
    done = shop.run(*map(str, words))
    assert "cuda-guard" not in done.stderr
    assert "this machine" not in done.stdout + done.stderr


def test_a_plan_for_a_host_of_another_platform(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    (tmp_path / "host.json").write_text(WINDOWS, encoding="utf-8")
    words = ("--plan", "--json", "--offline", "--host", tmp_path / "host.json")
    plan = shop.run("cuda-install", "pytorch==2.1.1", *map(str, words)).json
    assert plan["requirements"] == ["pytorch==2.1.1[build=*cuda12.1*]", "pytorch-cuda=12.1"]
    done = shop.run("cuda-install", "pytorch==2.13.0", *map(str, words[2:]), "--plan", "--cuda=")
    assert "this machine" not in done.stdout + done.stderr


def test_a_refusal_for_another_machine_speaks_of_that_one(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    old = WINDOWS.replace("536.25", "452.39").replace("12.2", "11.0")
    (tmp_path / "host.json").write_text(old, encoding="utf-8")
    words = ("--plan", "--offline", "--host", str(tmp_path / "host.json"))
    done = shop.run("cuda-install", "pytorch==2.13.0", *words)
    assert done.returncode == 3
    assert "runs on that machine" in done.stdout
    assert "this machine" not in done.stdout + done.stderr
