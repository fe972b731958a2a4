"""Everything that is not a CUDA request is pip, unchanged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.clocks import wait_until
from tests.support.pips import PIP_VERSIONS, bare_environment, run_pipcuda
from tests.support.tools import REPO_ROOT, run

from .running import installed

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine

# The name of the program differs (`python -m pip_hook` here), nothing else may.
COMMANDS = [
    ["list", "--help"],
    ["help", "list"],
    ["list"],
    ["list", "--format", "json"],
    ["freeze", "--all"],
    ["show", "pip"],
    ["show", "surely-not-there"],
    ["config", "list"],
    ["check"],
    ["surely-no-command"],
    ["install"],
    ["install", "--surely-no-option"],
    ["uninstall", "--yes", "surely-not-there"],
    ["install", "-r", "surely-no-file.txt"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_other_commands_are_pips_own(machine: Machine, words: list[str]) -> None:
    assert machine.pipcuda(*words) == machine.pip(*words)


@pytest.mark.parametrize("command", ["install", "download", "wheel"])
def test_what_holds_torch_is_the_one_difference(machine: Machine, command: str) -> None:
    ours, pips = (run(command, "surely-not-there-torch") for run in (machine.pipcuda, machine.pip))
    lines = [one for one in ours.stdout.splitlines() if not one.startswith("Looking in links")]
    assert (ours.returncode, lines, ours.stderr) == (
        pips.returncode,
        pips.stdout.splitlines(),
        pips.stderr,
    )


@pytest.mark.parametrize("version", PIP_VERSIONS[:-1])
def test_older_pips_are_handed_over_to_as_well(
    version: str, make_machine: Callable[[str], Machine]
) -> None:
    machine = make_machine(version)
    for words in (["list"], ["surely-no-command"]):
        assert machine.pipcuda(*words) == machine.pip(*words)
    assert machine.pipcuda("--version").stdout.startswith(machine.pip("--version").stdout)


def test_a_line_without_cuda_installs_as_with_pip(machine: Machine, tmp_path: Path) -> None:
    ours = machine.pipcuda("install", "numpy<2", "--target", tmp_path / "ours")
    pips = machine.pip("install", "numpy<2", "--target", tmp_path / "pips")
    assert ours.returncode == pips.returncode == 0
    assert ours.stderr == pips.stderr
    assert installed(tmp_path / "ours") == installed(tmp_path / "pips") == {"numpy": "1.26.4"}


def test_pips_own_failure_is_the_exit_status(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda(
        "install", "torch==2.2.2", "surely-not-there", "--cuda", "12.1", "--target", tmp_path / "t"
    )
    assert done.returncode == 1
    assert "surely-not-there" in done.stderr
    assert not (tmp_path / "t").exists()


def test_a_report_on_stdout_stays_json(machine: Machine, tmp_path: Path) -> None:
    done = machine.pipcuda(
        "install", "torch==2.2.2", "--cuda", "12.1", "--dry-run", "--quiet", "--report", "-",
        "--target", tmp_path / "t",
    )  # fmt: skip
    versions = {one["metadata"]["name"]: one["metadata"]["version"] for one in done.json["install"]}
    assert versions["torch"] == "2.2.2+cu121"


def test_standard_input_is_pips(machine: Machine, tmp_path: Path) -> None:
    python = bare_environment(machine.python, tmp_path / "env")
    site = next((tmp_path / "env").glob("lib/python*/site-packages"), tmp_path)
    machine.pip("install", "numpy<2", "--target", site)
    environment = {k: v for k, v in machine.environment.items() if k != "PIP_NO_INPUT"}
    done = run_pipcuda(
        machine.python, "--python", python, "uninstall", "numpy", env=environment, stdin="n\n"
    )
    assert "Proceed" in done.stdout
    assert installed(site) == {"numpy": "1.26.4"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("module", ["pip_hook", "pip"])
def test_an_interrupt_ends_it_as_it_ends_pip(machine: Machine, tmp_path: Path, module: str) -> None:
    # A shell's background job ignores interrupts, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    machine.server.fault("/simple/numpy", "slow")
    words = ["download", "typing-extensions", "numpy", "-d", str(tmp_path)]
    environment = {**machine.environment, "PIP_DEFAULT_TIMEOUT": "60"}
    with subprocess.Popen(
        [str(machine.python), "-m", module, *words],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        wait_until(lambda: bool(machine.server.held))
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate()
    assert running.returncode == 1
    assert b"Operation cancelled by user" in errors
    assert b"Traceback" not in errors


def test_without_pip_one_message(machine: Machine, tmp_path: Path) -> None:
    python = bare_environment(machine.python, tmp_path / "env")
    root = os.fspath(machine.python)
    code = "import json, sys; print(json.dumps([p for p in sys.path if 'site-packages' in p]))"
    (site,) = json.loads(subprocess.check_output([root, "-c", code], text=True))[:1]
    linked = tmp_path / "linked"
    linked.mkdir()
    for name in ("packaging", "pynvml.py"):
        (linked / name).symlink_to(f"{site}/{name}")
    env = {**machine.environment, "PYTHONPATH": os.pathsep.join([str(linked), str(REPO_ROOT)])}
    done = run([str(python), "-m", "pip_hook", "list"], env=env)
    assert done.returncode == 3
    assert done.stderr.startswith("error: pip is not installed for this Python")
    assert "ensurepip" in done.stderr
