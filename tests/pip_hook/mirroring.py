"""A home in which `pipcuda mirrors` is run by a real pip, with or without a real conda."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.catalogue.files import FOLDER_VARIABLE, folder
from tests.support.pips import run_pip, run_pipcuda
from tests.support.tools import isolated_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda
    from tests.support.tools import Result

TUNA = "https://pypi.tuna.tsinghua.edu.cn/simple"


@dataclass
class Home:
    """A home: nothing of the machine's configuration, and no conda but the one put here."""

    python: Path
    path: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a run."""
        return {
            **isolated_environment(self.path),
            "PATH": str(self._made("bin")),
            "XDG_STATE_HOME": str(self.path / "state"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **self.variables,
        }

    @property
    def pip_conf(self) -> Path:
        """The user's configuration of pip."""
        return self.path / ".config" / "pip" / "pip.conf"

    @property
    def condarc(self) -> Path:
        """The user's configuration of conda."""
        return self.path / ".condarc"

    @property
    def files(self) -> dict[str, str]:
        """What the two hold, where they are there."""
        there = [path for path in (self.pip_conf, self.condarc) if path.exists()]
        return {path.name: path.read_text("utf-8") for path in there}

    def write(self, path: Path, text: str) -> None:
        """Write one of the two."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def put_conda(self, conda: Conda) -> None:
        """Put a conda on the PATH."""
        script = self._made("bin") / "conda"
        script.write_text(f'#!/bin/sh\nexec "{conda.python}" -m conda "$@"\n', "utf-8")
        script.chmod(0o755)

    def mirrors(self, *words: str) -> Result:
        """Run `pipcuda mirrors`."""
        return run_pipcuda(self.python, "mirrors", *words, env=self.environment, cwd=self.path)

    def pip(self, *words: str) -> Result:
        """Run pip."""
        return run_pip(self.python, *words, env=self.environment)

    def know(self, *rows: dict[str, Any]) -> None:
        """Let the catalogue know these services and no others."""
        target = self.path / "catalogue"
        shutil.copytree(folder(), target)
        table = json.loads((target / "mirrors.json").read_text("utf-8"))
        table["rows"] = [{**_BLANK, **row} for row in rows]
        (target / "mirrors.json").write_text(json.dumps(table), "utf-8")
        self.variables[FOLDER_VARIABLE] = str(target)

    def _made(self, name: str) -> Path:
        place = self.path.parent / name
        place.mkdir(exist_ok=True)
        return place


_BLANK = {
    "also": [], "flat": False, "variants": None, "defaults": [], "carries": {}, "lacks": [],
    "status": "alive", "note": "", "source": "here",
}  # fmt: skip


def at_a_terminal(home: Home, *words: str, answer: str) -> str:
    """Run `pipcuda mirrors` at a terminal of 100 columns and answer its question."""
    import pty

    terminal, its = pty.openpty()
    environ = {**home.environment, "TERM": "xterm", "COLUMNS": "100"}
    command = [str(home.python), "-m", "pip_hook", "mirrors", *words]
    shown = b""
    with subprocess.Popen(
        command, env=environ, cwd=home.path, stdin=its, stdout=its, stderr=its
    ) as child:
        os.close(its)
        os.write(terminal, answer.encode())
        with contextlib.suppress(OSError):  # how Linux tells that the other end was closed
            while piece := os.read(terminal, 4096):
                shown += piece
        child.wait()
    os.close(terminal)
    return shown.decode()
