"""Put a mirror into pip's and conda's configuration, and restore what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host.private_folder import scratch_folder
from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.model.errors import DONE, UNUSABLE
from conda_cuda_guard.rendering.language import said, translated
from conda_cuda_guard.rendering.output import err, out, out_json
from pip_hook.own_commands import agreed

from .backups import SCHEMA, last_backup, restore, write_with_backup
from .proposing import find, in_force, propose
from .tables import diff_text, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Mirror

    from .backups import Backup, Change
    from .proposing import Proposal


def use(name: str, mirrors: tuple[Mirror, ...], *, yes: bool, as_json: bool) -> int:
    """Write a mirror into pip's and conda's configuration, if confirmed; return the exit status."""
    found = find(name, mirrors)
    with scratch_folder() as scratch:
        proposal = propose(found, scratch.resolve())
    if not as_json:
        _show(proposal)
    otherwise = f'pipcuda mirrors --use "{proposal.name}" --yes'
    written = bool(proposal.changes) and (yes or (not as_json and agreed(otherwise)))
    if written:
        write_with_backup(proposal.changes, proposal.name)
    stronger = [] if proposal.changes and not written else proposal.stronger(in_force(mirrors))
    if as_json:
        out_json(_as_json(proposal, [*proposal.remarks, *stronger], written=written))
        return UNUSABLE if proposal.changes and not written else DONE
    for remark in stronger:
        err(said(remark))
    if written:
        for change in proposal.changes:
            out(translated("Written: {path}").format(path=change.path))
        out(translated("To go back: pipcuda mirrors --undo"))
    return DONE


def _show(proposal: Proposal) -> None:
    for remark in proposal.remarks:
        err(said(remark))
    for change in proposal.changes:
        show(diff_text(change.diff))
    if not proposal.changes:
        out(translated("Nothing to change."))


def _as_json(proposal: Proposal, remarks: list[str], *, written: bool) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "mirror": proposal.name,
        "written": written,
        "changes": [{"path": str(one.path), "diff": one.diff} for one in proposal.changes],
        "remarks": [said(remark) for remark in remarks],
    }


def undo_mirrors(*, yes: bool, as_json: bool) -> int:
    """Restore the last backup; files that have changed since, only when that is agreed to."""
    backup = last_backup()
    if backup is None:
        _tell((), Phrase("Nothing to undo."), as_json=as_json)
        return DONE
    if backup.changed_since and not yes:
        raise _refusal(backup)
    restore(backup)
    summary = Phrase("{mirror} is no longer set.", mirror=backup.mirror)
    _tell(backup.changes, summary, as_json=as_json)
    return DONE


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
        out_json({"schema": SCHEMA, "restored": restored, "removed": removed})
    else:
        tell_undone(changes)
        out(said(summary))


def tell_undone(changes: Iterable[Change]) -> None:
    """Print which files were restored, and which were removed again."""
    for one in sorted(changes, key=lambda one: one.after is None):
        if one.after is None:
            told = translated("Removed: {path} (it was not there before)")
        else:
            told = translated("Restored: {path}")
        out(told.format(path=one.path))
