"""Lines that name no family: pip alone, until it meets one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pip_hook import resolver_watch
from pip_hook.command_line import read_command_line
from pip_hook.dependencies import late_run
from tests.support.pips import PIP_VERSIONS, environment_with_pip
from tests.support.tools import site_packages

from .running import Machine, add_packages, installed
from .test_uv import with_uv

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Callable

PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "needs-torch": {"1.0": ("torch",)},
    "needs-both": {"1.0": ("numpy", "needs-torch")},
    "needs-none": {"1.0": ()},
}
STARTS_OVER = "asks for torch; pip starts over with the builds that run here\n"
# What Python prints of each module that it loads.
LOADED = {"PYTHONPROFILEIMPORTTIME": "1"}


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver runs CUDA 12.2, and an index with the packages."""
    add_packages(machine, PACKAGES)
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


@pytest.mark.parametrize("words", [("needs-none",), ("-r", "plain.txt")])
def test_nothing_is_probed_asked_or_loaded_where_no_family_comes_in(
    machine: Machine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (machine.home / "plain.txt").write_text("needs-none  # alone\n")
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=LOADED)
    assert done.returncode == 0, done.stderr
    assert sorted(installed(tmp_path / "t")) == ["needs_none"]
    assert not machine.server.asked_for("/whl")
    loaded = {text.rpartition("|")[2].strip() for text in done.stderr.splitlines()}
    assert "pip_hook.resolver_watch" in loaded
    rooms = ("host.detection", "planner", "rendering", "sources.gathering", "catalogue.loader")
    assert loaded.isdisjoint({f"conda_cuda_guard.{room}" for room in rooms})


def test_uv_says_first_that_no_family_comes_in(machine: Machine, uv: Path, tmp_path: Path) -> None:
    more = {**LOADED, **with_uv(machine, uv, tmp_path / "cache")}
    words = ("install", "--quiet", "--target", tmp_path / "t", "needs-none")
    done = machine.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert sorted(installed(tmp_path / "t")) == ["needs_none"]
    assert not machine.server.asked_for("/whl")
    assert "conda_cuda_guard.planner.pipeline" not in done.stderr
    assert machine.pipcuda(*words, more=more).returncode == 0  # and of what is there already


@pytest.mark.parametrize("name", ["needs-torch", "needs-both"])
def test_by_uv_the_builds_that_run_here_come_in(
    name: str, machine: Machine, uv: Path, tmp_path: Path
) -> None:
    more = with_uv(machine, uv, tmp_path / "cache")
    words = ("install", "--installer", "uv", "--target", tmp_path / "t", name)
    done = machine.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"].partition("+")[2].startswith("cu12")


def test_where_uv_does_not_say_it_is_bounded_from_the_start(
    machine: Machine, tmp_path: Path
) -> None:
    silent = tmp_path / "bin" / "uv"
    silent.parent.mkdir()
    silent.write_text('#!/bin/sh\ncase $1 in --version) echo "uv 0.9.0";; esac\n')
    silent.chmod(0o755)
    more = {**LOADED, **with_uv(machine, silent, tmp_path / "cache")}
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-none", more=more)
    assert done.returncode == 0, done.stderr
    assert machine.server.asked_for("/whl")


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_pip_starts_over_before_it_looks_for_the_family(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    add_packages(machine, PACKAGES)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    more = {"TMPDIR": str(temporary)}
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-both", more=more)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(STARTS_OVER) == 1
    # Who asks for it is asked for by the other; nobody is told of an interrupt.
    assert "needs-torch asks for torch" in done.stderr
    assert "cancel" not in (done.stdout + done.stderr).lower()
    assert installed(tmp_path / "t")["torch"].partition("+")[2].startswith("cu12")
    assert done.stdout.count("Successfully installed") == 1
    left = [one.name for one in temporary.iterdir() if not one.name.startswith("pipcuda-of-")]
    assert left == []


def test_a_quiet_line_stays_quiet(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda("install", "--quiet", "--target", tmp_path / "t", "needs-torch")
    assert (done.returncode, done.stderr) == (0, "")
    assert "+cu12" in installed(tmp_path / "t")["torch"]


def test_what_cannot_be_decided_ends_it_and_nothing_is_installed(
    machine: Machine, tmp_path: Path
) -> None:
    more = {"CUDA_GUARD_POLICY": "sloppy"}
    done = machine.pipcuda("install", "--target", tmp_path / "t", "needs-torch", more=more)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "sloppy" in done.stderr
    assert not (tmp_path / "t").exists()


def test_beside_an_old_torch_what_it_does_not_work_with_is_kept_out(
    machine: Machine, tmp_path: Path
) -> None:
    here = replace(machine, python=environment_with_pip(machine.python, tmp_path / "here"))
    site = site_packages(tmp_path / "here")
    assert here.pip("install", "--no-deps", "torch==2.2.2").returncode == 0
    done = here.pipcuda("install", "numpy")
    assert done.returncode == 0, done.stderr
    assert installed(site)["numpy"] == "1.26.4"
    # Beside a torch that works with it, nothing is looked at.
    assert here.pip("install", "--no-deps", "torch==2.10.0").returncode == 0
    done = here.pipcuda("install", "--upgrade", "numpy", more=LOADED)
    assert (done.returncode, installed(site)["numpy"]) == (0, "2.2.0")
    assert "conda_cuda_guard.planner" not in done.stderr


def test_a_pip_with_another_resolver_is_bounded_from_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resolver_watch, "_provider", object)
    assert not resolver_watch.can_watch()
    runs: list[list[str]] = []

    def run(words: list[str]) -> int:
        runs.append(words)
        return 0

    monkeypatch.setattr(late_run, "run_pip", run)
    for name, value in (("DRIVER", "535.104.05"), ("GPU", "A100"), ("OFFLINE", "1")):
        monkeypatch.setenv(f"CUDA_GUARD_{name}", value)
    left = late_run.late_run(read_command_line(["install", "needs-torch"]), run)
    assert callable(left)
    assert left() == 0
    assert [("--constraint" in words, words[-1]) for words in runs] == [(True, "needs-torch")]
