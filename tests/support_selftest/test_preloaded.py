"""A run by an interpreter that forks is what a run by a new one is, but for what is loaded."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

from conda_cuda_guard.model.time_limit import VARIABLE
from tests.support import preloaded
from tests.support.pips import pip_environment
from tests.support.preloaded import Interpreters
from tests.support.tools import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.tools import Result

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere none forks")

_TELLS = """
import json, os, sys
told = {
    "argv": sys.argv,
    "line": getattr(sys, "orig_argv", None),
    "path": sys.path,
    "variables": dict(os.environ),
    "folder": os.getcwd(),
    "names": sorted(globals()),
    "given": sys.stdin.read(),
    "streams": [(one.encoding, one.seekable(), one.isatty()) for one in (sys.stdin, sys.stdout)],
    "open": sorted(os.listdir("/proc/self/fd")),
    "preloaded": "pip._vendor.rich.progress" in sys.modules,
}
print(json.dumps(told))
print("and this", file=sys.stderr)
end = sys.argv[1]
if end == "killed":
    sys.stdout.flush()
    os.kill(os.getpid(), 9)
sys.exit(int(end))
"""

# Loads libraries, and then ours with an eye on the variables.
_LOADS = """
import os, sys
sys.path.insert(0, sys.argv[1])
import preloaded_server
for name in preloaded_server.LIBRARIES:
    try: __import__(name)
    except Exception: pass
variables, read = os.environ, set()
class Watched(dict):
    def __getitem__(self, name): read.add(name); return variables[name]
    def get(self, name, other=None): read.add(name); return variables.get(name, other)
    def __contains__(self, name): read.add(name); return name in variables
    def __iter__(self): read.add("all"); return iter(variables)
    def items(self): read.add("all"); return variables.items()
os.environ = Watched()
os.getenv = os.environ.get
preloaded_server.load_ours()
known = [one for one in sys.modules if one.partition(".")[0] in preloaded_server.OURS]
print(len(known) > 150, *sorted(read), *(one for one in sys.modules if one == "pip._internal.cli"))
"""


def test_what_is_ours_reads_one_variable_while_it_loads(
    pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    command = [str(pip_env("newest")), "-c", _LOADS, str(Path(preloaded.__file__).parent)]
    done = run(command, env=pip_environment(tmp_path))
    assert done.stdout.split() == ["True", VARIABLE], done.stdout + done.stderr
    assert VARIABLE in preloaded.AT_START


@pytest.fixture
def interpreters() -> Iterator[Interpreters]:
    """Return interpreters that are ended with the test."""
    found = Interpreters()
    yield found
    found.stop()


@pytest.fixture
def runs(
    interpreters: Interpreters, pip_env: Callable[[str], Path], tmp_path: Path
) -> Callable[..., tuple[Result, Result]]:
    """Return a function that runs a module by a new interpreter, and by one that forks."""
    (tmp_path / "tells.py").write_text(_TELLS, "utf-8")
    python, env = pip_env("newest"), pip_environment(tmp_path)

    def both(*words: str, stdin: str = "", **more: str) -> tuple[Result, Result]:
        whole = {**env, **more}
        new = run([str(python), "-m", *words], env=whole, cwd=tmp_path, stdin=stdin)
        for _ in range(3):
            forked = interpreters.run(python, *words, env=whole, cwd=tmp_path, stdin=stdin)
        return new, forked

    return both


def _told(done: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("end", ["0", "3", "killed"])
def test_it_is_told_the_same_and_ends_the_same(
    end: str, runs: Callable[..., tuple[Result, Result]]
) -> None:
    new, forked = runs("tells", end, "a word", stdin="some\ntext\n", SOME="variable", EMPTY="")
    assert forked.returncode == new.returncode == (-signal.SIGKILL if end == "killed" else int(end))
    assert forked.stderr == new.stderr
    before, after = _told(new), _told(forked)
    assert (before.pop("preloaded"), after.pop("preloaded")) == (False, True)
    assert after == before
    assert after["given"] == "some\ntext\n"


def test_what_an_interpreter_reads_at_its_start_is_its_own(
    runs: Callable[..., tuple[Result, Result]],
) -> None:
    for encoding in ("utf-8", "ascii"):
        new, forked = runs("tells", "0", PYTHONIOENCODING=encoding)
        assert _told(forked)["streams"] == _told(new)["streams"]
        assert _told(forked)["streams"][1][0] == encoding


def test_libraries_of_the_runs_own_are_seen(
    runs: Callable[..., tuple[Result, Result]], tmp_path: Path
) -> None:
    """A folder that is looked through before the libraries may have others of the same name."""
    new, forked = runs("tells", "0", PYTHONPATH=str(tmp_path) + os.pathsep)
    assert _told(forked) == _told(new)


def test_the_real_ones_say_the_same(runs: Callable[..., tuple[Result, Result]]) -> None:
    for words in (["pip", "--version"], ["pip", "instal"], ["pip_hook", "plan", "torch==99"]):
        new, forked = runs(*words, CUDA_GUARD_OFFLINE="1")
        assert forked == new
