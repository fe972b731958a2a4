"""`python -m tests.coverage [PYTEST ARGUMENTS]`: which lines and branches of ours the tests reach.

Counted is what the tests run themselves and what the interpreters that they start run: each finds
coverage (the test extra has it) and a `sitecustomize` in a folder on its path. The report has what
is not reached; `.coverage/` keeps the data for `coverage html`.

Without arguments `TESTS` are run, and the exit status is 1 where something of `WHOLE` is not
reached. What cannot be reached in a test says so itself: `# pragma: no cover - REASON`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.tools import REPO_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACE = REPO_ROOT / ".coverage"
OURS = ("conda_cuda_guard", "pip_hook")
# What a maintainer runs, and what is run on machines with GPUs.
LEFT_OUT = ("*/rebuilding/*", "*/maintenance/*")
START = "import coverage\ncoverage.process_startup()\n"

# What is reached to its last line and branch, as folders and files.
WHOLE = {
    "planner": ("conda_cuda_guard/planner/",),
    "sources": ("conda_cuda_guard/sources/",),
    "writers": (
        "conda_cuda_guard/host/private_folder.py",
        "conda_cuda_guard/host/files.py",
        "conda_cuda_guard/rendering/",
        "pip_hook/env/site_file.py",
        "pip_hook/environment_yml/",
        "pip_hook/files/file_edits.py",
        "pip_hook/mirrors/backups.py",
        "pip_hook/rewrite_command.py",
        "pip_hook/rewriting.py",
    ),
}
# The tests that show it.
TESTS = (
    "tests/planner",
    "tests/sources",
    "tests/catalogue",
    "tests/rendering",
    "tests/host/test_private_folder.py",
    "tests/host/test_read_file.py",
    "tests/host/test_write_file.py",
    "tests/pip_hook/test_rewrite_environment.py",
    "tests/pip_hook/test_rewriting_rarely.py",
    "tests/pip_hook/test_writers.py",
)


def main(words: list[str]) -> int:
    """Run the tests and print the report; return pytest's exit status, or 1 for a lack."""
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
        "relative_files = True\n[report]\nexclude_also =\n    if TYPE_CHECKING:\n",
        "utf-8",
    )
    env = {**os.environ, "COVERAGE_PROCESS_START": str(settings), "PYTHONPATH": str(start)}
    line = [sys.executable, "-m", "pytest", *(words or TESTS)]
    tests = subprocess.run(line, env=env, check=False)
    _coverage("combine", settings, "--quiet", str(PLACE))
    for left in PLACE.glob("data.*"):  # of a child that was killed while it wrote
        left.unlink()
    # Of the other rooms these tests say nothing.
    counted = f"--omit={','.join(LEFT_OUT)}" if words else f"--include={','.join(_patterns())}"
    _coverage("report", settings, "-m", "--skip-covered", counted)
    kept = PLACE / "report.json"
    _coverage("json", settings, "--quiet", counted, "-o", str(kept))
    files = json.loads(kept.read_text("utf-8"))["files"]
    print(*rooms(files), sep="\n")
    lacking = [] if words else list(lacks(files))
    print(*lacking, sep="\n")
    return tests.returncode or bool(lacking)


def _coverage(command: str, settings: Path, *words: str) -> None:
    line = [sys.executable, "-m", "coverage", command, f"--rcfile={settings}", *words]
    subprocess.run(line, check=False)


def _patterns() -> Iterator[str]:
    for places in WHOLE.values():
        yield from (f"*/{one}*" if one.endswith("/") else f"*/{one}" for one in places)


def rooms(files: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each room: how much of its lines and branches was reached."""
    found: dict[str, list[Mapping[str, int]]] = defaultdict(list)
    for path, told in files.items():
        found[Path(path).parent.as_posix()].append(told["summary"])
    for room, summaries in sorted(found.items()):
        reached = sum(one["covered_lines"] + one["covered_branches"] for one in summaries)
        there = sum(one["num_statements"] + one["num_branches"] for one in summaries)
        yield f"{room:<40} {100 * reached / max(there, 1):6.2f} %"


def lacks(files: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each file that is to be reached whole, and was not."""
    for name, places in WHOLE.items():
        for path, told in files.items():
            lines = [str(one) for one in told["missing_lines"]]
            lines += [f"{one}->{other}" for one, other in told["missing_branches"]]
            if lines and Path(path).as_posix().startswith(places):
                yield f"{name}: {path} is to be reached whole, and was not: {', '.join(lines)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
