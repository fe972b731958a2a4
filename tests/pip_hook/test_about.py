"""Ours can be found from the tool: help, version, completion, and typos of our commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import __version__
from conda_cuda_guard.guard_options import GUARD_OPTIONS
from pip_hook.cli import _OURS
from pip_hook.completion import SCRIPTS
from pip_hook.own_options import OWN_COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine


def test_every_command_has_its_line_in_the_help() -> None:
    assert sorted(OWN_COMMANDS) == sorted(_OURS)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]], ids=" ".join)
def test_the_help_is_pips_and_then_ours(machine: Machine, words: list[str]) -> None:
    ours, pips = machine.pipcuda(*words), machine.pip(*words)
    assert (ours.returncode, ours.stderr) == (0, "")
    assert ours.stdout.startswith(pips.stdout)
    added = ours.stdout[len(pips.stdout) :]
    for name in (*OWN_COMMANDS, *GUARD_OPTIONS):
        assert f"  {name} " in added


@pytest.mark.parametrize(
    "words",
    [
        ["help"],
        ["install", "--help"],
        ["--version"],
        ["plan", "torch", "--offline"],
        ["explain", "x"],
    ],
    ids=" ".join,
)
def test_a_reader_that_has_gone_away_is_no_fault(machine: Machine, words: list[str]) -> None:
    command = [str(machine.python), "-m", "pip_hook", *words]
    with subprocess.Popen(
        command, env=machine.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 1


@pytest.mark.parametrize(
    "words", [["install", "--help"], ["help", "install"], ["wheel", "-h"], ["help", "download"]],
    ids=" ".join,
)  # fmt: skip
def test_the_help_of_install_has_our_options(machine: Machine, words: list[str]) -> None:
    ours, pips = machine.pipcuda(*words), machine.pip(*words)
    assert ours.stdout.startswith(pips.stdout)
    added = ours.stdout[len(pips.stdout) :]
    assert all(f"  {name} " in added for name in GUARD_OPTIONS)


def test_help_for_a_command_of_ours_is_its_own(machine: Machine) -> None:
    for name in OWN_COMMANDS:
        helped = machine.pipcuda("help", name)
        assert helped == machine.pipcuda(name, "--help")
        assert all(option in helped.stdout for option in OWN_COMMANDS[name].options)
    assert machine.pipcuda("help", "list") == machine.pip("help", "list")
    assert machine.pipcuda("list", "--help") == machine.pip("list", "--help")


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_pips_and_then_ours(machine: Machine, option: str) -> None:
    ours, pips = machine.pipcuda(option), machine.pip(option)
    assert ours.stdout.startswith(pips.stdout)
    assert ours.stdout[len(pips.stdout) :].startswith(f"pipcuda {__version__} from ")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["docter"], "doctor"),
        (["plam", "torch"], "plan"),
        (["help", "matirx"], "matrix"),
        (["mirror", "--test"], "mirrors"),
    ],
    ids=str,
)
def test_a_mistyped_command_of_ours_is_suggested(
    machine: Machine, words: list[str], meant: str
) -> None:
    done = machine.pipcuda(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: there is no command ")
    assert f"next: pipcuda {meant}\n" in done.stderr


@pytest.mark.parametrize("words", [["instal", "torch"], ["surely-no-command"], ["help", "xyz"]])
def test_other_unknown_commands_are_pips_to_refuse(machine: Machine, words: list[str]) -> None:
    assert machine.pipcuda(*words) == machine.pip(*words)


COMPLETIONS = [
    ("pl", 1, {"plan"}, {"matrix"}),
    ("ins", 1, {"install"}, {"plan"}),
    ("", 1, {"plan", "doctor", "list", "install"}, {"--cuda="}),
    ("install --po", 2, {"--policy="}, {"--pre"}),
    ("install --p", 2, {"--policy=", "--pre"}, {"--cuda="}),
    ("plan --", 2, {"--json", "--batch=", "--cuda=", "--index-url=", "--as-is"}, {"--output="}),
    ("rewrite --o", 2, {"--output=", "--offline"}, {"--json"}),
    ("doctor --", 2, {"--python=", "--json", "--cuda="}, {"--policy=", "--index-url="}),
    ("help d", 2, {"doctor"}, {"plan"}),
    ("list --out", 2, {"--outdated"}, {"--offline"}),
]


@pytest.mark.parametrize(("typed", "at", "shown", "hidden"), COMPLETIONS)
def test_completion_knows_the_words_of_both(
    machine: Machine, typed: str, at: int, shown: set[str], hidden: set[str]
) -> None:
    asked = {"PIP_AUTO_COMPLETE": "1", "COMP_WORDS": f"pipcuda {typed}", "COMP_CWORD": str(at)}
    found = set(machine.pipcuda(more=asked).stdout.split())
    assert shown <= found
    assert not hidden & found


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_completes_pipcuda(machine: Machine, tmp_path: Path) -> None:
    program = tmp_path / "pipcuda"
    program.write_text(f'#!/bin/sh\nexec {machine.python} -m pip_hook "$@"\n')
    program.chmod(0o755)
    (tmp_path / "script").write_text(machine.pipcuda("completion", "--bash").stdout)
    lines = (
        f"source {tmp_path}/script",
        "COMP_WORDS=(pipcuda plan --js); COMP_CWORD=2",
        "_pipcuda_completion pipcuda",
        'echo "${COMPREPLY[*]}"',
        "complete -p pipcuda",
    )
    env = {**machine.environment, "PATH": os.pathsep.join((str(tmp_path), os.environ["PATH"]))}
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0] == "--json"
    assert done.stdout.splitlines()[1].endswith("-F _pipcuda_completion pipcuda")


def test_there_is_a_script_for_every_shell_of_pips(machine: Machine) -> None:
    for option in SCRIPTS:
        assert machine.pip("completion", option).returncode == 0
        assert "pipcuda" in machine.pipcuda("completion", option).stdout
    assert machine.pipcuda("completion") == machine.pip("completion")


@pytest.mark.parametrize("words", [["list"], ["config", "list"], ["-q", "list"]], ids=" ".join)
def test_a_line_of_pips_loads_nothing_of_ours(machine: Machine, words: list[str]) -> None:
    command = [str(machine.python), "-X", "importtime", "-m", "pip_hook", *words]
    done = subprocess.run(
        command, env=machine.environment, capture_output=True, text=True, check=True
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "pip_hook.run_pip" in loaded
    ours = ("conda_cuda_guard", "pip_hook")
    assert {one for one in loaded if one.startswith(ours)} <= {
        "pip_hook", "pip_hook.script", "pip_hook.cli", "pip_hook.run_pip",
    }  # fmt: skip
