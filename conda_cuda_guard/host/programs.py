"""Programs and interpreters: how they are found, and started with nothing of the current folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# `-c` and `-m` put the current folder in front of the standard library. `-I` would drop the user's
# own packages too, pip perhaps among them, and `-P` is of Python 3.11.
_CLEAN_PATH = "import sys; sys.path[:] = [one for one in sys.path if one]; "
_RUN_PIP = (
    "import runpy; sys.argv[0] = 'pip'; "
    "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)


def find_program(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the path of a program in the absolute folders of PATH.

    An empty or relative entry means the current folder, where Windows looks first in any case.
    """
    for folder in environ.get("PATH", "").split(os.pathsep):
        place = Path(folder.strip('"'))
        if not place.is_absolute():
            continue
        for ending in _endings(name, environ):
            program = place / f"{name}{ending}"
            if program.is_file() and os.access(program, os.X_OK):
                return str(program)
    return None


def _endings(name: str, environ: Mapping[str, str]) -> list[str]:
    if os.name != "nt" or Path(name).suffix:
        return [""]
    return environ.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";")


def running(python: str | Path, code: str) -> list[str]:
    """Return the command by which an interpreter runs some code."""
    return [str(python), "-c", _CLEAN_PATH + code]


def pip_of(python: str | Path, *words: str) -> list[str]:
    """Return the command that is `python -m pip WORDS`, without a `pip.py` of this folder."""
    return [*running(python, _RUN_PIP), *words]


# POSIX, a virtual environment on Windows, a conda environment on Windows.
_INSIDE = ("bin/python", "Scripts/python.exe", "python.exe")
_FOLDERS_OF_PROGRAMS = ("bin", "scripts")


def interpreter_of(named: str | Path) -> Path:
    """Return the interpreter of an environment's folder; any other path is taken for one."""
    path = Path(named)
    if not path.is_dir():
        return path
    return next((path / one for one in _INSIDE if (path / one).exists()), path / _INSIDE[0])


def environment_of(named: str | Path) -> Path:
    """Return the folder of an environment that is named by itself or by its interpreter."""
    path = Path(named)
    if path.is_dir():
        return path
    # Links are not followed: the interpreter of a virtual environment is one.
    folder = path.absolute().parent
    return folder.parent if folder.name.lower() in _FOLDERS_OF_PROGRAMS else folder


def paths_beside(python: Path) -> list[str]:
    """Return the packages' folders of an interpreter by where it lies, without running it."""
    home = python.parent.parent
    places = [*home.glob("lib/python3*/site-packages"), python.parent / "Lib" / "site-packages"]
    return [str(place) for place in places if place.is_dir()]
