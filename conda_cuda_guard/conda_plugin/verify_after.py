"""`conda cuda-install --verify`: after the install, try the environment's torch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase, UsageError
from conda_cuda_guard.rendering import error_text
from conda_cuda_guard.rendering.verdict_shown import verdict_text
from conda_cuda_guard.verifying import interpreter_of, verify

if TYPE_CHECKING:
    from argparse import Namespace

_FAILED = 1


def require_verifiable(args: Namespace) -> None:
    """Refuse options with which nothing is installed that could be tried."""
    for name in ("plan", "dry_run", "download_only"):
        if getattr(args, name, None) is True:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                Phrase("--verify and {option} cannot be used together", option=option),
                why=Phrase("with {option} nothing is installed", option=option),
                hint="leave out one of them",
            )


def verify_environment() -> int:
    """Try the torch of the target environment; says the verdict on stderr, as stdout is conda's."""
    from conda.base.context import context

    try:
        verdict = verify(_interpreter(Path(context.target_prefix)))
    except GuardError as error:
        print(error_text(error), file=sys.stderr)
        return _FAILED
    encoding = sys.stderr.encoding or "utf-8"
    text = f"cuda-install: {verdict_text(verdict)}"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
    return 0 if verdict.ok else _FAILED


def _interpreter(prefix: Path) -> Path:
    python = interpreter_of(prefix)
    if not python.exists():
        raise GuardError(
            "--verify cannot try this environment; it was installed into",
            why=Phrase("{prefix} has no Python", prefix=prefix),
            hint="conda cuda-install python pytorch, with the same -n or -p",
        )
    return python
