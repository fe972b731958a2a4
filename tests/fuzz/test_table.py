"""The table of targets has every hypothesis test, and the command runs each of them."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.tools import REPO_ROOT, run

from .__main__ import main
from .table import TARGETS, random_test

if TYPE_CHECKING:
    from pathlib import Path

# Each example of these installs by a real pip, in a place that a fixture makes.
LEFT_OUT = {"tests.in_force.test_mixes"}
_GIVEN = re.compile(r"^@given.*?^def (test_\w+)", re.MULTILINE | re.DOTALL)


def test_every_random_test_is_a_target() -> None:
    found = set()
    for path in (REPO_ROOT / "tests").rglob("test_*.py"):
        module = ".".join(path.relative_to(REPO_ROOT).with_suffix("").parts)
        if module not in LEFT_OUT:
            found |= {f"{module}:{name}" for name in _GIVEN.findall(path.read_text("utf-8"))}
    assert found == set(TARGETS.values())


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_can_be_fuzzed(target: str) -> None:
    assert callable(random_test(target).hypothesis.fuzz_one_input)


@pytest.mark.parametrize("target", ["wheel-names", "pip-settings"])
def test_it_runs_for_as_long_as_one_says(target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", target, "1"]
    done = run(command, env={"PYTHONPATH": str(REPO_ROOT)}, cwd=tmp_path)
    assert done.returncode == 0, done
    assert "nothing found" in done.stdout or "Done " in done.stderr


def test_what_is_no_target_is_told_what_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) != 0
    assert "requirement-files" in capsys.readouterr().out
