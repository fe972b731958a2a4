"""The C++ compiler that nvcc calls, and which one a CUDA toolkit takes."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from .child import run_bounded
from .reading import text_of
from .toolkits import LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NUMBERS = re.compile(r"\d+(\.\d+)*")
# The header's own words, before and since CUDA 11.
_NEWEST_GCC = re.compile(r"gcc versions later than (\d+(?:\.\d+)?) are not supported")
_HEADERS = (
    "include/crt/host_config.h",
    "targets/*/include/crt/host_config.h",
    "include/host_config.h",
)


def host_compiler(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Ask the C++ compiler that nvcc would call for its version: `("g++", "12.2.0")`.

    NVCC_CCBIN names it, else it is g++ on PATH; on Windows, where it is cl, it is not asked.
    """
    name = environ.get("NVCC_CCBIN") or "g++"
    program = shutil.which(name, path=environ.get("PATH", ""))
    if program is None:
        return None
    words = [program, "-dumpfullversion", "-dumpversion"]
    said = run_bounded(words, environ=environ, limit=LIMIT)
    number = _NUMBERS.match(said.output)
    return (name, number[0]) if number and not said.problem else None


def newest_gcc(toolkit: Path) -> str | None:
    """Read the newest gcc that a toolkit takes (`"12"`) from its header, which refuses newer."""
    for pattern in _HEADERS:
        for header in toolkit.glob(pattern):
            found = _NEWEST_GCC.search(text_of(header))
            if found:
                return found[1]
    return None
