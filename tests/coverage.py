"""`python -m tests.coverage [PYTEST ARGUMENTS]`: which lines and branches of ours the tests reach.

Counted is what the tests run themselves and what the interpreters that they start run: each finds
coverage (the test extra has it) and a `sitecustomize` in a folder on its path. The report has what
is not reached; `.coverage/` keeps the data for `coverage html`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.support.tools import REPO_ROOT

PLACE = REPO_ROOT / ".coverage"
OURS = ("conda_cuda_guard", "pip_hook")
# What a maintainer runs, and what is run on machines with GPUs.
LEFT_OUT = ("*/rebuilding/*", "*/maintenance/*")
START = "import coverage\ncoverage.process_startup()\n"


def main(words: list[str]) -> int:
    """Run the tests and print the report; return pytest's exit status."""
    found = find_spec("coverage")
    if found is None or found.origin is None:
        sys.exit("coverage is not installed: pip install -e '.[test]'")
    shutil.rmtree(PLACE, ignore_errors=True)
    start = PLACE / "start"
    start.mkdir(parents=True)
    (start / "sitecustomize.py").write_text(START, "utf-8")
    (start / "coverage").symlink_to(Path(found.origin).parent)
    settings = PLACE / "settings"
    sources = "".join(f"    {REPO_ROOT / name}\n" for name in OURS)
    settings.write_text(
        f"[run]\nbranch = True\nparallel = True\ndata_file = {PLACE / 'data'}\nsource =\n{sources}"
        "[report]\nexclude_also =\n    if TYPE_CHECKING:\n",
        "utf-8",
    )
    env = {**os.environ, "COVERAGE_PROCESS_START": str(settings), "PYTHONPATH": str(start)}
    tests = subprocess.run([sys.executable, "-m", "pytest", *words], env=env, check=False)
    _coverage("combine", settings, "--quiet", str(PLACE))
    _coverage("report", settings, "-m", "--skip-covered", f"--omit={','.join(LEFT_OUT)}")
    return tests.returncode


def _coverage(command: str, settings: Path, *words: str) -> None:
    line = [sys.executable, "-m", "coverage", command, f"--rcfile={settings}", *words]
    subprocess.run(line, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
