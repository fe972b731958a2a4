"""An environment's folder and its interpreter: either may stand for the other."""

from __future__ import annotations

from pathlib import Path

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
