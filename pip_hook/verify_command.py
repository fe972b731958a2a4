"""`pipcuda verify`, and `--verify` of `pipcuda install`: try the torch of an environment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.programs import interpreter_of
from conda_cuda_guard.model import GuardError, Phrase, UsageError
from conda_cuda_guard.model.errors import DONE, FAILED, INTERRUPTED
from conda_cuda_guard.rendering import tell_error
from conda_cuda_guard.rendering.output import out_json
from conda_cuda_guard.rendering.verify_text import verdict_text, verdict_to_json
from conda_cuda_guard.rendering.wrapping import show
from conda_cuda_guard.verify import TIMEOUT, verify

from .own_commands import Parser, escape_what_cannot_be_shown, seconds
from .pip_settings import is_set
from .pip_settings import settings as pip_settings

if TYPE_CHECKING:
    from pathlib import Path

    from .command_line import CommandLine

_DESCRIPTION = Phrase("""\
Try the torch of an environment on this machine: import it, look for the GPUs, multiply matrices on
each, run torchvision's nms. Exit status 0: it works, on the GPU or, where there is no NVIDIA
driver, on the CPU; 1: it does not; 2: unusable arguments.""")
_LONGEST = 3600.0
# With these nothing is installed where an interpreter finds it.
_ELSEWHERE = ("target", "prefix", "root")


def run_verify(words: list[str]) -> int:
    """Run `pipcuda verify` and return the exit status."""
    escape_what_cannot_be_shown()
    options = _parser().parse_args(words)
    python = interpreter_of(options.python)
    verdict = verify(python, catalogue.spelt_families(), timeout=options.timeout)
    if options.json:
        out_json(verdict_to_json(verdict))
    else:
        show(verdict_text(verdict))
    return DONE if verdict.ok else FAILED


def _parser() -> Parser:
    more: dict[str, dict[str, Any]] = {
        "--python": {"default": sys.executable},
        "--timeout": {"type": seconds(_LONGEST), "default": TIMEOUT},
    }
    return Parser("verify", _DESCRIPTION, more)


def python_to_verify(line: CommandLine) -> Path:
    """Return the interpreter that a line installs for; refuse a line that has none to verify."""
    settings = pip_settings("install", isolated=bool(line.count("--isolated")))
    reason = None
    if line.command != "install":
        reason = Phrase("pip {command} installs nothing", command=line.command)
    elsewhere = [name for name in _ELSEWHERE if line.count(f"--{name}") or settings.get(name)]
    if is_set(line, settings, "dry-run"):
        elsewhere.append("dry-run")
    for name in elsewhere:
        reason = Phrase(
            "with --{name} nothing is installed where an interpreter finds it", name=name
        )
    if reason:
        raise UsageError(
            "--verify cannot be used here",
            why=reason,
            hint="leave it out; pipcuda verify --python PY tries an environment by itself",
        )
    named = line.values("--python") or [settings.get("python", "")]
    return interpreter_of(named[-1] or sys.executable)


def install_and_verify(install: Callable[[], int], python: Path) -> int:
    """Install, then try the torch that is installed now, and print the verdict on stderr."""
    status = install()
    if status:
        return status
    try:
        escape_what_cannot_be_shown()
        verdict = verify(python, catalogue.spelt_families())
    except GuardError as error:
        tell_error(error)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    show(f"pipcuda: {verdict_text(verdict)}", stderr=True)
    return DONE if verdict.ok else FAILED
