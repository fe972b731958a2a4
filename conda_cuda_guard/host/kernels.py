"""The Jupyter kernels of a user and an environment, read from their files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Kernel:
    """A kernel: its name, and the interpreter that it starts."""

    name: str
    python: Path


def find_kernels(environ: Mapping[str, str], prefix: Path) -> tuple[Kernel, ...]:
    """Return the Python kernels where Jupyter looks; the first of a name counts."""
    found: dict[str, Kernel] = {}
    for folder in _folders(environ, prefix):
        for spec in sorted(folder.glob("kernels/*/kernel.json")):
            python = _python(spec)
            if python is not None:
                found.setdefault(spec.parent.name, Kernel(spec.parent.name, prefix / python))
    return tuple(found.values())


def _folders(environ: Mapping[str, str], prefix: Path) -> Iterator[Path]:
    # https://docs.jupyter.org/en/latest/use/jupyter-directories.html
    for entry in filter(None, (environ.get("JUPYTER_DATA_DIR"), environ.get("JUPYTER_PATH"))):
        yield Path(entry)
    yield user_data_path("jupyter", appauthor=False, roaming=True)
    yield prefix / "share" / "jupyter"


def _python(spec: Path) -> str | None:
    """Return the interpreter of a kernel; None where it is of another language."""
    try:
        words = json.loads(spec.read_text(encoding="utf-8"))["argv"]
        program = str(words[0])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    name = Path(program).name.lower()
    if not name.startswith("python"):
        return None
    # A bare `python` is the one that Jupyter itself runs on.
    return program if Path(program).is_absolute() else f"bin/{name}"


def paths_beside(python: Path) -> list[str]:
    """Return the packages' folders of an interpreter by where it lies, without running it."""
    home = python.parent.parent
    places = [*home.glob("lib/python3*/site-packages"), python.parent / "Lib" / "site-packages"]
    return [str(place) for place in places if place.is_dir()]
