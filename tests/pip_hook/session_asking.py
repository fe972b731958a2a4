"""Asking by the session of a real pip, in a process of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from tests.support.pips import pip_environment
from tests.support.tools import Result, run
from tests.support.wheel_index import WheelFile

if TYPE_CHECKING:
    from tests.support.wheel_index import WheelServer

WHEEL = "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl"
PASSWORD = "s3cr3t-pass"
# Problem, detail and number of wheels of a page with one.
FOUND = ["", "", 1]

_SCRIPT = Path(__file__).with_name("session_script.py")


@dataclass
class Asking:
    """An interpreter with a pip that asks a server."""

    python: Path
    home: Path
    server: WheelServer

    def run(self, *rounds: tuple[list[str], list[str]], **more: Any) -> Result:
        """Ask, each round with a command line of its own."""
        variables = more.pop("variables", {})
        env = {**pip_environment(self.home, index=self.server.simple), **variables}
        task = json.dumps({"rounds": rounds, **more})
        return run([str(self.python), str(_SCRIPT)], env=env, cwd=self.home, stdin=task)

    def answers(self, *words: str, urls: list[str] | None = None, **more: Any) -> list[list[Any]]:
        """Ask with these words, silently; give the problem, detail and number of wheels of each.

        The limit holds: a thread's start and the merging are all that may come to it.
        """
        result = self.run((["install", *words], urls or [self.page]), **more)
        assert result.stderr == ""
        (done,) = result.json
        assert done["seconds"] < done["limit"] + 1
        answers: list[list[Any]] = done["answers"]
        return answers

    @property
    def page(self) -> str:
        """A page with one wheel."""
        return f"{self.server.root}/whl/torch/"


def files_hold(folder: Path, text: str) -> bool:
    """Return whether a file below a folder, or its name, has this in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return any(text in str(path) or text.encode() in path.read_bytes() for path in files)


def make_asking(
    pip_env: Callable[[str], Path], server: WheelServer, folder: Path
) -> Callable[[str], Asking]:
    """Return a function that returns a pip to ask with; the server has a wheel."""
    server.add(WheelFile(page, WHEEL) for page in ("whl/cu121/torch", "simple/torch"))
    home = folder / "home"
    home.mkdir()
    return lambda version: Asking(pip_env(version), home, server)
