"""Changes of configuration files, and backups of these, made before and restored on demand."""

from __future__ import annotations

import difflib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_state_dir

from conda_cuda_guard.host.files import write_file
from conda_cuda_guard.model import GuardError, Phrase

SCHEMA = 1
MIRRORS = "backups"
_NAME = "conda-cuda-guard"
_MANIFEST = "manifest.json"


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


@dataclass(frozen=True)
class Backup:
    """One backup: the files that were changed together, each with the content to go back to."""

    folder: Path
    mirror: str
    changes: tuple[Change, ...]

    @property
    def changed_since(self) -> tuple[Path, ...]:
        """Return the files that have changed since they were written."""
        return tuple(one.path for one in self.changes if content(one.path) != one.before)


def _home(room: str) -> Path:
    return Path(user_state_dir(_NAME, appauthor=False)) / room


def write_with_backup(changes: Sequence[Change], mirror: str, *, room: str = MIRRORS) -> None:
    """Write a backup of the files, then change them: all of them, or none.

    Each command has its backups in a folder (`room`) of its own, so that none undoes what another
    did. Raises GuardError where no backup can be kept.
    """
    folder = _keep(changes, mirror, room)
    done: list[Change] = []
    try:
        for change in changes:
            apply_change(change)
            done.append(change)
    except BaseException:
        for change in done:
            apply_change(Change(change.path, change.after, change.before))
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _keep(changes: Sequence[Change], mirror: str, room: str) -> Path:
    """Write a backup (the files before and after the change, and a manifest); return its folder."""
    folder = _home(room) / str(time.time_ns())
    rows = []
    try:
        folder.mkdir(parents=True)
        # Configuration files may hold credentials.
        folder.chmod(0o700)
        for number, change in enumerate(changes):
            rows.append({"path": str(change.path), "existed": change.before is not None})
            write_file(folder / f"{number}.before", change.before or b"", private=True)
            write_file(folder / f"{number}.after", change.after or b"", private=True)
        manifest = {"schema": SCHEMA, "mirror": mirror, "files": rows}
        write_file(folder / _MANIFEST, json.dumps(manifest, indent=1).encode(), private=True)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise GuardError(
            "no backup can be kept, so nothing was written",
            why=f"{folder}: {error.strerror or error}",
            hint="check the permissions of that folder, then run the same command again",
        ) from None
    return folder


def last_backup(*, room: str = MIRRORS, path: Path | None = None) -> Backup | None:
    """Return the newest backup (with a path: of that file), None where there is none."""
    manifests = _home(room).glob(f"*/{_MANIFEST}")
    for manifest in sorted(manifests, key=lambda one: one.parent.name, reverse=True):
        backup = _read(manifest.parent)
        if path is None or any(change.path == path for change in backup.changes):
            return backup
    return None


def _read(folder: Path) -> Backup:
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        changes = tuple(
            Change(
                Path(row["path"]),
                (folder / f"{number}.after").read_bytes(),
                (folder / f"{number}.before").read_bytes() if row["existed"] else None,
            )
            for number, row in enumerate(manifest["files"])
        )
        return Backup(folder, str(manifest["mirror"]), changes)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GuardError(
            Phrase("the backup in {folder} cannot be read; nothing was changed", folder=folder),
            why=f"{type(error).__name__}: {error}",
            hint="copy what is left of it by hand, then remove that folder",
        ) from None


def restore(backup: Backup) -> None:
    """Restore the files, whatever they hold now, and remove the backup."""
    for change in backup.changes:
        now = content(change.path)
        if now != change.after:
            apply_change(Change(change.path, now, change.after))
    shutil.rmtree(backup.folder, ignore_errors=True)
