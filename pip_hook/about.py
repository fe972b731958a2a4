"""pipcuda's part of the help and the version, and suggestions for mistyped commands."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard import __version__
from conda_cuda_guard.model import Phrase, UsageError
from conda_cuda_guard.rendering.language import said, translated

from .checking import closest
from .option_table import COMMANDS
from .own_commands import guard_help
from .own_options import OWN_COMMANDS
from .run_pip import ask_pip, run_pip

if TYPE_CHECKING:
    from .run_pip import Next

_COMMANDS = Phrase(
    "pipcuda's own commands (install, download and wheel are pip's, with the CUDA requests of the\n"
    "line rewritten to the builds that run on this machine):"
)


def tell_about(words: list[str]) -> Next:
    """Return what is left to do for help, the version, or no words: pip's part, then ours."""
    first, *more = words or ["--help"]
    if first in ("--version", "-V"):
        return partial(_run_then_print, words, _version)
    if first != "help" or not more:
        return partial(_run_then_print, words, lambda: f"\n{_commands()}\n\n{guard_help()}")
    if more[0] in COMMANDS:
        return partial(run_with_help, words)
    require_command(more[0])
    return words


def run_with_help(words: list[str]) -> int:
    """Run pip's help of install, download or wheel, and print our options after it."""
    return _run_then_print(words, lambda: f"\n{guard_help()}")


def _run_then_print(words: list[str], told: Callable[[], str]) -> int:
    status = run_pip(words)
    if not status:
        from conda_cuda_guard.rendering.output import out

        out(told(), flush=True)
    return status


def _version() -> str:
    here = Path(__file__).parent.parent
    return f"pipcuda {__version__} from {here}"


def _commands() -> str:
    lines = (f"  {name:<20} {translated(one.summary)}" for name, one in OWN_COMMANDS.items())
    return "\n".join((said(_COMMANDS), *lines))


def require_command(name: str) -> None:
    """Raise a UsageError for an unknown command that is close to one of ours."""
    meant = closest(name, list(OWN_COMMANDS))
    if meant is None or _is_pips(name):
        return
    raise UsageError(
        Phrase("there is no command {name}", name=name),
        why="neither pip nor pipcuda has it",
        hint=f"pipcuda {meant}",
    )


def _is_pips(name: str) -> bool:
    """Return whether pip has a command, by asking it."""
    done = ask_pip("help", name)
    return done is None or done.returncode == 0
