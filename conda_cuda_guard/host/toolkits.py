"""The CUDA toolkits on a machine, and which of them builds extensions."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.time_limit import time_limit

from .child import run_bounded
from .programs import find_program
from .system import text_of

_RELEASE = re.compile(r"release (\d+\.\d+)")
_NUMBER = re.compile(r"(\d+\.\d+)")
_BEHIND = re.compile(rb"(/[^\s\"']+)/bin/nvcc\b")
_ON_PATH = Phrase("nvcc on PATH")
_INSTALLED = Phrase("installed")
LIMIT = time_limit(0.5)  # seconds that a compiler may take to say its version


@dataclass(frozen=True)
class Toolkit:
    """A toolkit: its folder, its CUDA version (`"12.1"`, None when not known), where it is from."""

    folder: str
    cuda: str | None
    origin: str


@dataclass(frozen=True)
class InstalledToolkits:
    """All toolkits found; `nvcc` is the one on PATH, `home` the one that CUDA_HOME names.

    `home_variable` is the variable's name and value as set, also where nothing is there.
    `building` is the one that torch compiles extensions with: it looks at CUDA_HOME first, then at
    PATH, then in /usr/local/cuda, on Windows in the installer's first (torch.utils.cpp_extension).
    """

    found: tuple[Toolkit, ...] = ()
    nvcc: Toolkit | None = None
    home: Toolkit | None = None
    home_variable: str | None = None
    building: Toolkit | None = None


def find_toolkits(environ: Mapping[str, str], roots: Path, prefix: Path) -> InstalledToolkits:
    """Return the toolkits of the machine and of the environment at `prefix`."""
    on_path = find_program("nvcc", environ)
    nvcc = _of_nvcc(Path(on_path), environ) if on_path else None
    name = next((one for one in ("CUDA_HOME", "CUDA_PATH") if environ.get(one)), None)
    home = _toolkit(Path(environ[name]), name) if name else None
    installed = [_toolkit(folder, _INSTALLED) for folder in _folders(environ, roots)]
    usual = installed[0] if installed else None
    found: dict[str, Toolkit] = {}
    for toolkit in (nvcc, home, *installed, _of_environment(prefix)):
        if toolkit is not None:
            found.setdefault(str(Path(toolkit.folder).resolve()), toolkit)
    variable = f"{name}={environ[name]}" if name else None
    building = home if name else nvcc or usual
    return InstalledToolkits(tuple(found.values()), nvcc, home, variable, building)


def _folders(environ: Mapping[str, str], roots: Path) -> list[Path]:
    """Return where toolkits are installed; torch looks at the first."""
    if sys.platform == "win32":
        programs = Path(environ.get("PROGRAMFILES", r"C:\Program Files"))
        return sorted((programs / "NVIDIA GPU Computing Toolkit" / "CUDA").glob("v*"))
    else:  # noqa: RET505  (so mypy checks each system)
        # Where NVIDIA's installers, then Debian's and Arch's packages put it.
        folders = [roots / "usr/local/cuda", *sorted((roots / "usr/local").glob("cuda*"))]
        return [*folders, roots / "usr/lib/nvidia-cuda-toolkit", roots / "opt/cuda"]


def _of_environment(prefix: Path) -> Toolkit | None:
    if (prefix / "bin/nvcc").exists() or (prefix / "Library/bin/nvcc.exe").exists():
        record = next(prefix.glob("conda-meta/cuda-nvcc-[0-9]*.json"), None)
        number = _NUMBER.search(record.name[len("cuda-nvcc-") :]) if record else None
        return Toolkit(str(prefix), number[1] if number else None, Phrase("this environment"))
    return None


def _toolkit(folder: Path, origin: str) -> Toolkit | None:
    """Return the toolkit in a folder, if any (the driver's runtime alone is none)."""
    programs = [folder / "bin" / name for name in ("nvcc", "nvcc.exe")]
    if not any(program.exists() for program in programs) and _written(folder) is None:
        return None
    return Toolkit(str(folder), _written(folder) or _in_name(folder), origin)


def _of_nvcc(nvcc: Path, environ: Mapping[str, str]) -> Toolkit:
    folder = _behind(nvcc) or nvcc.resolve().parent.parent
    cuda = _written(folder) or _in_name(folder)
    if cuda is not None:
        return Toolkit(str(folder), cuda, _ON_PATH)
    # A distribution's package: the program itself knows.
    said = run_bounded([str(nvcc), "--version"], environ=environ, limit=LIMIT)
    release = _RELEASE.search(said.output)
    return Toolkit(str(nvcc), release[1] if release else None, _ON_PATH)


def _behind(nvcc: Path) -> Path | None:
    """Return the toolkit that a script in front of it calls, as those of distributions do."""
    try:
        with nvcc.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return None
    named = _BEHIND.search(start) if start.startswith(b"#!") else None
    folder = Path(named[1].decode(errors="replace")) if named else None
    return folder.resolve() if folder and (folder / "bin/nvcc").is_file() else None


def _written(folder: Path) -> str | None:
    """Return the version in version.json (CUDA 11.1 and newer), or version.txt."""
    for name in ("version.json", "version.txt"):
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
            value = json.loads(text)["cuda"]["version"] if name.endswith("json") else text
        except (OSError, ValueError, KeyError, TypeError):
            continue
        number = _NUMBER.search(str(value))
        if number:
            return number[1]
    return None


def _in_name(folder: Path) -> str | None:
    number = _NUMBER.search(folder.resolve().name)
    return number[1] if number else None


_NUMBERS = re.compile(r"\d+(\.\d+)*")
# The header's own words, before and since CUDA 11.
_NEWEST_GCC = re.compile(r"gcc versions later than (\d+(?:\.\d+)?) are not supported")
_HEADERS = (
    "include/crt/host_config.h",
    "targets/*/include/crt/host_config.h",
    "include/host_config.h",
)


def host_compiler(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the C++ compiler that nvcc would call, with its version: `("g++", "12.2.0")`.

    NVCC_CCBIN names it, else it is g++ on PATH; on Windows, where it is cl, it is not asked.
    """
    name = environ.get("NVCC_CCBIN") or "g++"
    program = name if Path(name).is_absolute() else find_program(name, environ)
    if program is None:
        return None
    words = [program, "-dumpfullversion", "-dumpversion"]
    said = run_bounded(words, environ=environ, limit=LIMIT)
    number = _NUMBERS.match(said.output)
    return (name, number[0]) if number and not said.problem else None


def newest_gcc(toolkit: Path) -> str | None:
    """Return the newest gcc that a toolkit takes (`"12"`): its header refuses newer ones."""
    for pattern in _HEADERS:
        for header in toolkit.glob(pattern):
            found = _NEWEST_GCC.search(text_of(header))
            if found:
                return found[1]
    return None
