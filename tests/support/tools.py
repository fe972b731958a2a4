"""Tools that are built once and kept in `.tools/` below the root of the repository."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model.time_limit import VARIABLE

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

REPO_ROOT = Path(__file__).resolve().parents[2]
TOOLS = REPO_ROOT / ".tools"
# The metadata of this working tree; several trees may share their tools.
TREE_LINK = TOOLS / f"working-tree-{hashlib.sha256(os.fsencode(REPO_ROOT)).hexdigest()[:8]}"
TREE_VARIABLE = "SUPPORT_TREE"
TREE_PATH = (str(TREE_LINK), str(REPO_ROOT))

# What `python -m tests.coverage` tells the interpreters that tests start.
_COUNTED = ("COVERAGE_PROCESS_START", "PYTHONPATH")
_PASSED_ON = ("PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT")
_BUILD_LIMIT = 600
# A guard against hanging for ever, and no statement about how long anything may take.
RUN_LIMIT = 300
_UNKNOWN_VERSION = (0, 0)

# The limits of the tool under test: twenty times as long, so that a busy machine changes no answer;
# as they are, where it is shown that they hold.
UNHURRIED = {VARIABLE: "20"}
REAL_TIME = {VARIABLE: "1"}


class ToolUnavailableError(Exception):
    """A tool cannot be built on this machine (no interpreter, no compiler, no package index)."""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The value that standard output holds."""
        return json.loads(self.stdout)


def isolated_environment(home: Path) -> dict[str, str]:
    """Make an environment that knows nothing of the caller's conda, pip, CUDA or home."""
    counted = _COUNTED if _COUNTED[0] in os.environ else ()
    passed_on = {name: os.environ[name] for name in (*_PASSED_ON, *counted) if name in os.environ}
    return {
        **passed_on,
        "PATH": os.pathsep.join(filter(None, (_silent_programs(), passed_on.get("PATH")))),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        # A pip.conf of the whole machine's, /etc/xdg/pip, has no say either.
        "XDG_CONFIG_DIRS": str(home / ".config-of-all"),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        TREE_VARIABLE: os.pathsep.join(TREE_PATH),
        **UNHURRIED,
    }


@functools.cache
def _silent_programs() -> str:
    """Return the folder of programs that say nothing, in the place of what every pip asks.

    It tells the index of the system's release and of rustc, which takes it a dozen processes.
    """
    does_nothing = shutil.which("true")
    if does_nothing is None:
        return ""

    def make(folder: Path) -> None:
        folder.mkdir()
        for name in ("lsb_release", "rustc"):
            (folder / name).symlink_to(does_nothing)

    return str(kept("silent-programs", make))


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: str = "",
    timeout: float = RUN_LIMIT,
) -> Result:
    """Run a command to its end, with nothing but the given environment."""
    ended = subprocess.run(
        list(command),
        env=dict(env),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def build_step(*command: str | Path) -> None:
    """Run one step of a build, with the caller's environment: it knows the way to an index."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        ended = subprocess.run(
            [str(part) for part in command],
            env=env,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_BUILD_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolUnavailableError(f"cannot run {command[0]}: {error}") from error
    if ended.returncode:
        tail = "\n".join((ended.stdout + ended.stderr).splitlines()[-15:])
        line = " ".join(str(part) for part in command)
        raise ToolUnavailableError(f"a build step failed: {line}\n{tail}")


def kept(name: str, build: Callable[[Path], object], *, root: Path | None = None) -> Path:
    """Give the folder `.tools/<name>`, built first if it is not there.

    It is built beside its place and renamed when complete, so a folder that exists is whole; the
    lock only saves two sessions from building the same thing.
    """
    root = root or TOOLS
    place = root / name
    if place.is_dir():
        return place
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root / f".{name}.lock"):
        if not place.is_dir():
            _build_into(place, build)
    return place


def _build_into(place: Path, build: Callable[[Path], object]) -> None:
    site = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        build(site / "made")
        # Somebody without a lock (Windows) may have been faster: theirs is as good.
        with contextlib.suppress(OSError):
            (site / "made").rename(place)
        if not place.is_dir():
            raise ToolUnavailableError(f"cannot put {place.name} in its place")
    finally:
        shutil.rmtree(site, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def interpreter(versions: Sequence[str], *, purpose: str) -> Path:
    """Find a CPython of one of these versions: the running one if it will do, else on PATH."""
    if ".".join(map(str, sys.version_info[:2])) in versions:
        return Path(sys.executable)
    for version in versions:
        for found in _installed(version):
            # A pyenv shim on PATH may be of a version that is not active: ask it.
            if version_of(found) == version:
                return found
    raise ToolUnavailableError(f"{purpose} needs a CPython of {', '.join(versions)}")


def _installed(version: str) -> list[Path]:
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    known = sorted(pyenv.glob(f"versions/{version}.*/bin/python"))
    return [*([Path(on_path)] if on_path else []), *known]


@functools.cache
def version_of(python: Path) -> str | None:
    """Ask an interpreter, once, for its version, as `"3.11"`; None if it does not run."""
    code = "import sys; print('.'.join(map(str, sys.version_info[:2])))"
    try:
        asked = subprocess.run(
            [str(python), "-c", code], capture_output=True, encoding="utf-8", check=False
        )
    except OSError:
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def version_key(version: str) -> tuple[int, ...]:
    """Order simple versions such as `"23.3"`."""
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    return numbers or _UNKNOWN_VERSION


def venv_python(folder: Path) -> Path:
    """Locate the interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def site_packages(folder: Path) -> Path:
    """Locate the site-packages of a virtual environment."""
    found = [*folder.glob("lib/python3*/site-packages"), *folder.glob("Lib/site-packages")]
    return found[0]


def linked_copy(source: Path, target: Path, *, but: str) -> None:
    """Copy an environment by hard links; what is below its folder `but` may be written to.

    The rest is shared with the original: a test replaces such a file, it does not write into it.
    """
    shutil.copytree(
        source, target, symlinks=True, ignore=shutil.ignore_patterns(but), copy_function=os.link
    )
    shutil.copytree(source / but, target / but, symlinks=True)


def make_venv(python: Path, folder: Path, *packages: str) -> Path:
    """Make a virtual environment with these packages and return its interpreter."""
    build_step(python, "-m", "venv", folder)
    made = venv_python(folder)
    if packages:
        build_step(made, "-m", "pip", "install", "--quiet", *packages)
    return made
