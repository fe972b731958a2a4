"""A change of a configuration file: its content before and after."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.host.files import write_file
from conda_cuda_guard.model import GuardError, Phrase

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Change:
    """A file's path, its content now (None: it is not there), and its content afterwards."""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def diff(self) -> str:
        """Return the unified diff, without credentials."""
        lines = difflib.unified_diff(
            _lines(self.before),
            _lines(self.after),
            "/dev/null" if self.before is None else str(self.path),
            "/dev/null" if self.after is None else str(self.path),
            lineterm="",
        )
        return "\n".join(lines)


def _lines(text: bytes | None) -> list[str]:
    return (text or b"").decode("utf-8", "replace").splitlines()


def content(path: Path) -> bytes | None:
    """Return a file's content, None where there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(Phrase("cannot read {path}", path=path), error) from None


def apply_change(change: Change) -> None:
    """Write a change in one step; raises GuardError where the file has changed since then."""
    if content(change.path) != change.before:
        raise GuardError(
            Phrase("{path} was left as it is", path=change.path),
            why="it has just been changed by something else",
            hint="run the same command again",
        )
    try:
        if change.after is None:
            change.path.unlink()
        else:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(change.path, change.after)
    except OSError as error:
        raise _unusable(Phrase("cannot write {path}", path=change.path), error) from None


def _unusable(what: Phrase, error: OSError) -> GuardError:
    return GuardError(
        what,
        why=error.strerror or str(error),
        hint=("check the permissions of the file and its folder, then run the same command again"),
    )
