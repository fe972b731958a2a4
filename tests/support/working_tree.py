"""Make the working tree importable, entry points included, without installing it.

A folder with the distribution's metadata lies in `.tools/`, and a `.pth` file in each environment
that was built here puts it and the repository on `sys.path`. Nothing is copied, so the tests run
what is in the tree now; where several trees share their tools, a variable names the one meant.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from .tools import REPO_ROOT, TREE_LINK, TREE_PATH, TREE_VARIABLE, site_packages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEEDS = ("packaging", "nvidia-ml-py", "platformdirs", "pluggy", "pyyaml", "rich")
UNLINKED = "SUPPORT_UNLINKED"

_METADATA = """\
Metadata-Version: 2.1
Name: conda-cuda-guard
Version: {version}
Requires-Python: >=3.9
"""
_PTH_NAME = "conda_cuda_guard_working_tree.pth"
# A line of a .pth file that starts with "import" is run, which allows the link to be switched off.
_PTH = (
    "import os, sys; os.environ.get({switch!r}) or "
    "sys.path.extend(os.environ.get({variable!r}, {paths!r}).split(os.pathsep))\n"
)


def link_folder() -> None:
    """Write the metadata of the working tree, where it has changed."""
    version = _version()
    info = TREE_LINK / f"conda_cuda_guard-{version}.dist-info"
    for stale in TREE_LINK.glob("*.dist-info"):
        if stale != info:
            shutil.rmtree(stale, ignore_errors=True)  # another worker may be at it too
    info.mkdir(parents=True, exist_ok=True)
    _write(info / "METADATA", _METADATA.format(version=version))
    _write(info / "INSTALLER", "tests\n")
    _write(info / "entry_points.txt", entry_points(_read("pyproject.toml")))


def link_venv(folder: Path) -> None:
    """Let a virtual environment that was built here see the working tree."""
    link_folder()
    paths = os.pathsep.join(TREE_PATH)
    line = _PTH.format(switch=UNLINKED, variable=TREE_VARIABLE, paths=paths)
    _write(site_packages(folder) / _PTH_NAME, line)


def overlay() -> Mapping[str, str]:
    """Give the environment variables that show the working tree to a foreign interpreter."""
    link_folder()
    return {"PYTHONPATH": os.pathsep.join(TREE_PATH)}


def entry_points(pyproject: str) -> str:
    """Translate the scripts and entry points of a pyproject.toml to an entry_points.txt.

    tomllib is not in Python 3.9 and 3.10; the few plain lines concerned do not need it.
    """
    lines: list[str] = []
    inside = False
    for line in pyproject.splitlines():
        table = re.fullmatch(r"\[project\.(?:entry-points\.([\w-]+)|(scripts))\]", line.strip())
        if table:
            lines.append(f"[{table[1] or 'console_scripts'}]")
        elif inside and not line.startswith("["):
            pair = re.match(r'([\w.-]+) = "([^"]+)"', line)
            lines.extend([f"{pair[1]} = {pair[2]}"] if pair else [])
        inside = bool(table) or (inside and not line.startswith("["))
    return "\n".join(lines) + "\n"


def _version() -> str:
    found = re.search(r'__version__ = "([^"]+)"', _read("conda_cuda_guard/__init__.py"))
    return found[1] if found else "0"


def _read(path: str) -> str:
    return (REPO_ROOT / path).read_text("utf-8")


def _write(path: Path, text: str) -> None:
    if path.is_file() and path.read_text("utf-8") == text:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    beside.replace(path)
