"""A file as it is and as it is to be."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.model.redaction import redact
from conda_cuda_guard.rendering.language import said, translated
from pip_hook.own_commands import agreed

from .backups import SCHEMA, last_backup, restore, write_with_backup
from .in_force import in_force
from .proposing import find, propose
from .tables import diff_text, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Mirror

    from .backups import Backup
    from .proposing import Proposal


@dataclass(frozen=True)
class Change:
    """A file's path, its content now (None: it is not there), and its content afterwards."""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def diff(self) -> str:
        """The unified diff, without credentials."""
        lines = difflib.unified_diff(
            _lines(self.before),
            _lines(self.after),
            "/dev/null" if self.before is None else str(self.path),
            "/dev/null" if self.after is None else str(self.path),
            lineterm="",
        )
        return redact("\n".join(lines))


def _lines(text: bytes | None) -> list[str]:
    return (text or b"").decode("utf-8", "replace").splitlines()


def content(path: Path) -> bytes | None:
    """Return what a file holds, None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(Phrase("cannot read {path}", path=path), error) from None


def apply_change(change: Change) -> None:
    """Write a change, in one step; a file that somebody changed in between is left alone."""
    if content(change.path) != change.before:
        raise GuardError(
            Phrase("{path} was left as it is", path=change.path),
            why="it has just been changed by something else",
            hint="type the same again",
        )
    try:
        if change.after is None:
            change.path.unlink()
        else:
            _replace(change.path, change.after)
    except OSError as error:
        raise _unusable(Phrase("cannot write {path}", path=change.path), error) from None


def _replace(path: Path, text: bytes) -> None:
    """Put a new file in the place of the old one, with the same permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("xb") as file:
            if path.exists():
                shutil.copymode(path, beside)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()


def _unusable(what: Phrase, error: OSError) -> GuardError:
    return GuardError(
        what,
        why=error.strerror or str(error),
        hint="see to the permissions of the file and its folder, then type the same again",
    )


_UNUSABLE = 2


def use(name: str, mirrors: tuple[Mirror, ...], *, yes: bool, as_json: bool) -> int:
    """Write a mirror into pip's and conda's configuration, once that is agreed to."""
    found = find(name, mirrors)
    with tempfile.TemporaryDirectory() as scratch:
        proposal = propose(found, Path(scratch).resolve())
    if not as_json:
        _show(proposal)
    otherwise = f'pipcuda mirrors --use "{proposal.name}" --yes'
    written = bool(proposal.changes) and (yes or (not as_json and agreed(otherwise)))
    if written:
        write_with_backup(proposal.changes, proposal.name)
    stronger = [] if proposal.changes and not written else proposal.stronger(in_force(mirrors))
    if as_json:
        print(json.dumps(_as_json(proposal, [*proposal.remarks, *stronger], written=written)))
        return _UNUSABLE if proposal.changes and not written else 0
    for remark in stronger:
        print(redact(said(remark)), file=sys.stderr)
    if written:
        for change in proposal.changes:
            print(translated("Written: {path}").format(path=change.path))
        print(translated("To go back: pipcuda mirrors --undo"))
    return 0


def _show(proposal: Proposal) -> None:
    for remark in proposal.remarks:
        print(redact(said(remark)), file=sys.stderr)
    for change in proposal.changes:
        show(diff_text(change.diff))
    if not proposal.changes:
        print(translated("Nothing to change."))


def _as_json(proposal: Proposal, remarks: list[str], *, written: bool) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "mirror": proposal.name,
        "written": written,
        "changes": [{"path": str(one.path), "diff": one.diff} for one in proposal.changes],
        "remarks": [redact(said(remark)) for remark in remarks],
    }


def undo_mirrors(*, yes: bool, as_json: bool) -> int:
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
