"""Restore what the last `pipcuda mirrors --use` changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.rendering.language import said, translated

from .backups import last_backup, restore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .backups import Backup
    from .change import Change

SCHEMA = 1


def undo(*, yes: bool, as_json: bool) -> int:
    """Restore the last backup; files that have changed since only when that is agreed to."""
    backup = last_backup()
    if backup is None:
        _tell((), Phrase("Nothing to undo."), as_json=as_json)
        return 0
    if backup.changed_since and not yes:
        raise _refusal(backup)
    restore(backup)
    summary = Phrase("{mirror} is no longer set.", mirror=backup.mirror)
    _tell(backup.changes, summary, as_json=as_json)
    return 0


def _refusal(backup: Backup) -> GuardError:
    files = ", ".join(map(str, backup.changed_since))
    return GuardError(
        "nothing was restored",
        why=Phrase(
            "changed since {mirror} was set: {files}; the backup is in {folder}",
            mirror=backup.mirror,
            files=files,
            folder=backup.folder,
        ),
        hint="pipcuda mirrors --undo --yes (loses those changes)",
    )


def _tell(changes: tuple[Change, ...], summary: Phrase, *, as_json: bool) -> None:
    if as_json:
        restored = [str(one.path) for one in changes if one.after is not None]
        removed = [str(one.path) for one in changes if one.after is None]
        print(json.dumps({"schema": SCHEMA, "restored": restored, "removed": removed}))
    else:
        tell_undone(changes)
        print(said(summary))


def tell_undone(changes: Iterable[Change]) -> None:
    """Say which files are back as they were, and which are gone again."""
    for one in sorted(changes, key=lambda one: one.after is None):
        if one.after is None:
            told = translated("Removed: {path} (it was not there before)")
        else:
            told = translated("Restored: {path}")
        print(told.format(path=one.path))
