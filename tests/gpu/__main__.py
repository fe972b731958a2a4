"""Check a machine with an NVIDIA GPU: `python3 -m tests.gpu` from the root of the tree."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .anonymous import Anonymizer, names_of_this_machine
from .running import FAILED, keep, run_steps, table
from .steps import Check, all_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .running import Result

TREE = Path(__file__).resolve().parents[2]
# Wheels of packages that the machine lacks; Python imports them as they are.
WHEELS = Path(__file__).with_name("wheels")
_LIMIT = 280.0


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the steps: the tree and the wheels that came along, in UTF-8."""
    path = [str(TREE), *map(str, sorted(WHEELS.glob("*.whl"))), environ.get("PYTHONPATH", "")]
    return {**environ, "PYTHONPATH": os.pathsep.join(filter(None, path)), "PYTHONUTF8": "1"}


def python_of_conda() -> str | None:
    """Return the interpreter of the conda on PATH."""
    conda = shutil.which("conda")
    if conda is None:
        return None
    python = Path(conda).resolve().parents[1] / "bin/python"
    return str(python) if python.exists() else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.gpu", description=__doc__)
    parser.add_argument("--out", default=os.environ.get("OUT"), help="the folder for the outputs")
    parser.add_argument("--only", default="", help="run the steps with this in their names")
    parser.add_argument("--python", default=sys.executable, help="the environment with torch")
    parser.add_argument("--conda", default=python_of_conda(), help="a Python that has conda")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where /proc, /sys, /dev are")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="seconds for all of it")
    return parser.parse_args()


def main() -> int:
    """Run the steps, print and keep what came of them, and return the exit status."""
    options = _options()
    out = Path(options.out or tempfile.mkdtemp(prefix="gpu-check-"))
    out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    hide = Anonymizer(names_of_this_machine())
    os.chdir(TREE)
    with tempfile.TemporaryDirectory(prefix="gpu-check-") as folder:
        check = Check(Path(folder), options.root, options.python, options.conda)
        steps = [step for step in all_steps(check) if options.only in step.name]
        for one in run_steps(steps, environment(os.environ), hide, limit=options.limit):
            print(table([one]).splitlines()[0], flush=True)
            results.append(one)
            # Also where this is stopped before its end.
            keep(results, out)
    print(f"\n{table(results)}\nkept in {out}")
    return int(not results or any(one.result == FAILED for one in results))


if __name__ == "__main__":
    sys.exit(main())
