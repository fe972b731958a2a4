"""Restore what the last `pipcuda mirrors --use` changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.rendering.language import translated

from .backups import last_backup, restore

if TYPE_CHECKING:
    from .backups import Backup

SCHEMA = 1


def undo(*, yes: bool, as_json: bool) -> int:
    """Restore the last backup; files that have changed since only when that is agreed to."""
    backup = last_backup()
    if backup is None:
        _tell([], [], "Nothing to undo.", as_json=as_json)
        return 0
    if backup.changed_since and not yes:
        raise _refusal(backup)
    restored = [str(one.path) for one in backup.changes if one.after is not None]
    removed = [str(one.path) for one in backup.changes if one.after is None]
    restore(backup)
    _tell(restored, removed, f"{backup.mirror} is no longer set.", as_json=as_json)
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


def _tell(restored: list[str], removed: list[str], summary: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"schema": SCHEMA, "restored": restored, "removed": removed}))
        return
    for path in restored:
        print(translated("Restored: {path}").format(path=path))
    for path in removed:
        print(translated("Removed: {path} (it was not there before)").format(path=path))
    print(translated(summary))
