"""`pipcuda`: pip, with the CUDA requests of install, download and wheel rewritten."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from .run_pip import run_pip, uncollected

if TYPE_CHECKING:
    from conda_cuda_guard.model import GuardError

    from .run_pip import Next

_REWRITTEN = ("install", "download", "wheel")
# The commands that pip does not have, and the functions that run them.
_OURS = {
    "plan": (".plan_command", "run_plan"),
    "rewrite": (".rewrite_command", "run_rewrite"),
    "env": (".env.env_command", "run_env"),
    "verify": (".verify_command", "run_verify"),
    "mirrors": (".mirrors.mirrors_command", "run_mirrors"),
    "doctor": (".doctor_command", "run_doctor"),
    "explain": (".explain_command", "run_explain"),
    "matrix": (".matrix_command", "run_matrix"),
}

# First words that pip and pipcuda answer together.
_ABOUT = ("--help", "-h", "help", "--version", "-V")
# pip's other commands. Any other first word may be a mistyped command of ours.
_PIPS = frozenset(
    ("cache", "check", "completion", "config", "debug", "freeze", "hash", "index", "inspect",
     "list", "lock", "search", "show", "uninstall")
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run pipcuda and return the exit status of the contract (section 1)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    left: Next = words
    if "PIP_AUTO_COMPLETE" in os.environ:
        from .completion import complete

        left = words if complete() else 1  # as pip ends
    elif _may_be_ours(words):
        with uncollected():
            left = _guarded(words)
    if isinstance(left, list):
        return run_pip(left)
    if isinstance(left, int):
        return left
    try:
        # Nothing of ours can fail from here on; where pip fails, it reports that itself.
        return left()
    except BrokenPipeError:
        return _nobody_reads()


def _may_be_ours(words: list[str]) -> bool:
    """Return False, loading nothing, for lines that are pip's alone: they cost what pip costs."""
    if not words or words[0] in _ABOUT:
        return True
    if words[0] == "completion":
        return len(words) > 1
    unknown = not words[0].startswith("-") and words[0] not in _PIPS
    return unknown or any(word in _OURS or word in _REWRITTEN for word in words)


def _guarded(words: list[str]) -> Next:
    """Return what is left to do; any failure of ours ends in one clear message."""
    try:
        from conda_cuda_guard.model.errors import INTERRUPTED, GuardError, internal_error
    except KeyboardInterrupt:
        return 130  # INTERRUPTED, which was just about to be loaded
    try:
        return _prepared(words)
    except GuardError as error:
        return _told(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()
    except Exception as error:  # noqa: BLE001 - a fault of ours, whatever it is
        if _is_full(error):
            return _nobody_reads()
        from conda_cuda_guard.rendering.output import trace

        trace(error)
        return _told(internal_error("pipcuda", error))


def _told(error: GuardError) -> int:
    from conda_cuda_guard.rendering import tell_error  # late, as all of ours is

    return tell_error(error)


def _prepared(words: list[str]) -> Next:
    """Return what is left to do, and warn of the family files that were left out on the way."""
    # What `explain` tells of other packages is whether their rules can be used.
    silent = words[:1] == ["explain"]
    left = _prepare(words)
    if "conda_cuda_guard.catalogue.third_party" in sys.modules and not silent:
        _tell_left_out()
    return left


def _tell_left_out() -> None:
    """Print a warning of each family file that is left out."""
    from conda_cuda_guard import catalogue
    from conda_cuda_guard.rendering.output import err
    from conda_cuda_guard.rendering.plan_text import unusable_lines

    for text in unusable_lines(catalogue.unusable_families()):
        err(text)


def _is_full(error: Exception) -> bool:
    """Return whether standard output takes no more (a full disk), and say so."""
    if not isinstance(error, OSError):
        return False
    try:
        sys.stdout.flush()
    except OSError as found:
        from conda_cuda_guard.model import GuardError

        _told(
            GuardError(
                "the output cannot be written",
                why=found.strerror or str(found),
                hint="make room there, or send it elsewhere",
            )
        )
        return True
    return False


def _nobody_reads() -> int:
    """Return the exit status where the reader of our output has closed the pipe."""
    from conda_cuda_guard.model.errors import FAILED

    # Python writes what is left at its end, and must not fail there once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _prepare(words: list[str]) -> Next:
    from . import command_line

    if not words or words[0] in _ABOUT:
        return _about(words)
    if words[0] == "completion":
        from .completion import print_script

        return 0 if print_script(words[1]) else words
    line = command_line.read_command_line(words)
    if line.command in _OURS or line.command in _REWRITTEN:
        from conda_cuda_guard.host.private_folder import remove_left_behind

        remove_left_behind()
    if line.command in _OURS:
        # By its index: a requirement or a folder may have the same name.
        del words[len(words) - len(line.words) + (line.command_at or 0)]
        return _own(line.command, words)
    if line.command not in _REWRITTEN:
        from .about import require_command

        require_command(words[0])
        return words
    if line.faults and not line.count("--help"):
        from .checking import suggest_ours

        suggest_ours(line)
    from .pip_commands import prepared

    return prepared(line)


def _about(words: list[str]) -> Next:
    from .about import tell_about

    if words[:1] == ["help"] and words[1:2] and words[1] in _OURS:
        return _own(words[1], ["--help"])
    return tell_about(words)


def _own(command: str, words: list[str]) -> int:
    module, name = _OURS[command]
    status: int = getattr(import_module(module, __package__), name)(words)
    sys.stdout.flush()  # here, where a closed pipe is handled
    return status


if __name__ == "__main__":
    sys.exit(main())
