"""Running `pipcuda matrix`, away from what is configured on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.pips import pip_environment, run_pipcuda

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

OLD_DRIVER = ("--driver", "535.104.05", "--gpu", "A100", "--python-version", "3.11")


@dataclass(frozen=True)
class Home:
    """An interpreter that has pipcuda, and a folder where nothing is configured."""

    python: Path
    path: Path


def matrix(home: Home, *words: str, more: dict[str, str] | None = None) -> Result:
    """Run `pipcuda matrix`; its output is a pipe."""
    env = {**pip_environment(home.path), "CUDA_GUARD_OFFLINE": "1", **(more or {})}
    return run_pipcuda(home.python, "matrix", *words, env=env, cwd=home.path)


def as_json(home: Home, *words: str, more: dict[str, str] | None = None) -> Any:
    """Return the object of `--json`."""
    done = matrix(home, "--json", *words, more=more)
    assert done.returncode == 0, done.stderr
    return done.json
