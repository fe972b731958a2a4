"""A solve that fails: what is said after conda's error."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Workshop

DRIVER = ("535.104.05", "12.2")
OFFICIAL = ("-c", "pytorch", "-c", "nvidia")


def _advised(text: str) -> list[str]:
    line = next(one for one in text.splitlines() if "A command that fits" in one)
    return shlex.split(line.partition("machine: ")[2])


def test_pins_that_cannot_hold_together_are_named(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = shop.run("install", *OFFICIAL, "pytorch=2.1.1=*cuda12.4*", "--dry-run")
    assert done.returncode == 1
    assert "*cuda12.4* was replaced: no such build exists" in done.stderr
    program, command, *words = _advised(done.stderr)
    assert program == "conda"
    solved = shop.run(command, *words, "--dry-run", "--json")
    assert solved.returncode == 0, solved.stderr
    builds = {link["name"]: link["build_string"] for link in solved.json["actions"]["LINK"]}
    assert "cuda12.1" in builds["pytorch"]


def test_a_python_without_builds_is_named(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    words = ("pytorch==2.1.1", "pytorch-cuda=12.1", "python=3.12")
    done = shop.run("install", *OFFICIAL, *words, "--dry-run")
    assert done.returncode == 1
    assert "[python-not-covered]" in done.stderr


def test_so_are_companions_that_do_not_belong(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    words = ("pytorch==2.1.1", "pytorch-cuda=12.1", "torchvision==0.16.2")
    done = shop.run("install", *OFFICIAL, *words, "--dry-run")
    assert done.returncode == 1
    assert "[companion-mismatch]" in done.stderr


def test_a_solve_without_cuda_fails_as_ever(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    ours = shop.run("install", "surely-not-there", "--dry-run")
    condas = shop.run("install", "surely-not-there", "--dry-run", plugin=False)
    # Not stdout: it holds the frames of a spinner.
    assert (ours.returncode, ours.stderr) == (condas.returncode, condas.stderr)


def test_a_solve_that_works_is_not_spoken_of(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = shop.run("install", *OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1", "--dry-run")
    assert "cuda-guard" not in done.stderr
