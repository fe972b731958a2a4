"""Truth values of pip's settings mean what they mean to pip itself, the oldest and the newest."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.pips import PIP_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .running import Machine

SWITCHES = {
    "no-index": "no_index",
    "no-deps": "ignore_dependencies",
    "upgrade": "upgrade",
    "force-reinstall": "force_reinstall",
    "ignore-installed": "ignore_installed",
    "require-hashes": "require_hashes",
    "pre": "pre",
    "user": "use_user_site",
    "dry-run": "dry_run",
    "break-system-packages": "override_externally_managed",
}
WORDS = "y Y yes YES t T true True on On 1 n no f F false FALSE off 0".split()  # noqa: SIM905
NO_WORDS = ["", " ", "yes ", " 1", "2", "-1", "maybe", "none", "ja", "\u0661"]
COUNTS = ["", "0", "1", "2", "7", "-1", "t", "f", "on", "No", "1.5", "many", " 2", "1_0"]

# Runs inside the environment of the pip in question. "invalid" where it, or our reading, refuses.
_ASK = """
import json, os, sys
from pip._internal.commands import create_command
from conda_cuda_guard.model import UsageError
from pip_hook.command_line import CommandLine
from pip_hook.pip_settings import is_on, settings, times

def stop(*_):
    raise SystemExit

def pips(dest):
    parser = create_command("install").parser
    parser.error = parser.exit = stop
    try:
        return getattr(parser.get_default_values(), dest, None)
    except SystemExit:
        return "invalid"

def ours(read):
    try:
        return read()
    except UsageError:
        return "invalid"

known = create_command("install").parser.option_list_all
known = {name for option in known for name in option._long_opts}
for line in sys.stdin:
    variable, value, name, dest = json.loads(line)
    if "--" + name not in known:
        print("null")
        continue
    os.environ[variable] = value
    if name in ("quiet", "verbose"):
        found = ours(lambda: times(CommandLine(), settings("install"), name))
        print(json.dumps([pips(dest), found]))
    else:
        by_pip = pips(dest)
        by_pip = by_pip if by_pip == "invalid" else bool(by_pip)
        print(json.dumps([by_pip, ours(lambda: is_on(settings("install"), name))]))
    del os.environ[variable]
"""


def _cases() -> list[tuple[str, str, str, str]]:
    found = [
        (f"PIP_{name.upper().replace('-', '_')}", value, name, dest)
        for name, dest in SWITCHES.items()
        for value in (*WORDS, *NO_WORDS)
    ]
    found += [
        (f"PIP_{name.upper()}", value, name, name)
        for name in ("quiet", "verbose")
        for value in COUNTS
    ]
    # Another name of the same option.
    return [*found, *(("PIP_NO_DEPENDENCIES", one, "no-deps", SWITCHES["no-deps"]) for one in "1n")]


def _ask(python: Path, config: str = os.devnull) -> list[object]:
    cases = _cases()
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", _ASK],
        input="\n".join(map(json.dumps, cases)), capture_output=True, text=True, check=True,
        env={"PIP_CONFIG_FILE": config, "PATH": "", "HOME": "/nonexistent"},
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines() if line[0] in "[n"]
    assert len(answers) == len(cases)
    compared = [(case, *answer) for case, answer in zip(cases, answers) if answer is not None]
    for case, pips, ours in compared:
        assert ours == pips, case
    return [pips for _, pips, _ in compared]


@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
def test_a_switch_in_the_environment_is_what_it_is_to_pip(
    version: str, pip_env: Callable[[str], Path]
) -> None:
    answers = _ask(pip_env(version))
    assert answers.count("invalid") > 50
    assert answers.count(True) > 50
    assert answers.count(False) > 50


@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
def test_an_empty_variable_leaves_the_configuration_file_in_force(
    version: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    config = tmp_path / "pip.conf"
    switches = [f"{name} = true" for name in SWITCHES if name != "dry-run"]
    config.write_text("\n".join(["[global]", *switches, "[install]", "no-index = f", "quiet = 2"]))
    answers = _ask(pip_env(version), str(config))
    assert answers.count(True) > answers.count(False) > 0


@pytest.mark.parametrize(
    ("variable", "value", "kept"),
    [("PIP_UPGRADE", "f", True), ("PIP_UPGRADE", "t", False), ("PIP_UPGRADE", "", True)],
)
def test_a_switch_that_is_off_renews_nothing(
    machine: Machine, tmp_path: Path, variable: str, value: str, kept: bool
) -> None:
    site = tmp_path / "site"
    (site / "torch-2.1.2+cu118.dist-info").mkdir(parents=True)
    (site / "torch-2.1.2+cu118.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: torch\nVersion: 2.1.2+cu118\n"
    )
    more = {"PYTHONPATH": str(site), variable: value, "CUDA_GUARD_OFFLINE": "1"}
    words = ("install", "torch", "--dry-run", "--cuda", "12.4", "--gpu", "8.0")
    done = machine.pipcuda(*words, more=more)
    assert ("takes its place" not in done.stderr) is kept, done.stderr


def test_no_index_by_any_word_of_pips_keeps_to_the_pages(machine: Machine) -> None:
    words = ("plan", "torch==2.1.2", "--json", "--cuda", "12.4", "--gpu", "8.0", "-f", ".")
    asked = {
        value: machine.pipcuda(*words, more={"PIP_NO_INDEX": value}).returncode
        for value in ("t", "f", "1", "0")
    }
    assert asked["t"] == asked["1"] != asked["f"] == asked["0"] == 0


def test_a_value_that_pip_refuses_is_pips_to_refuse(machine: Machine) -> None:
    more = {"PIP_NO_INDEX": "maybe"}
    done = machine.pipcuda("install", "torch", "--dry-run", more=more)
    assert done.returncode == 2
    assert "maybe is not a valid value for no-index" in done.stderr
    # `plan` runs no pip that could.
    planned = machine.pipcuda("plan", "torch", more=more)
    assert planned.returncode == 2
    assert "'maybe' is neither yes nor no" in planned.stderr
    assert "PIP_NO_INDEX" in planned.stderr


def test_quiet_in_pips_settings_is_quiet_here_too(machine: Machine) -> None:
    words = ("install", "torch==2.2.2", "--dry-run", "--cuda", "12.1", "--gpu", "8.0")
    assert "torch 2.2.2+cu121" in machine.pipcuda(*words).stderr
    assert "torch 2.2.2+cu121" not in machine.pipcuda(*words, more={"PIP_QUIET": "1"}).stderr
