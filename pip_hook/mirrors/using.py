"""Have pip and conda use a mirror: show the change, ask, keep a backup, write."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.rendering import redact
from conda_cuda_guard.rendering.language import said, translated
from pip_hook.agreement import agreed

from .backups import write_with_backup
from .in_force import in_force
from .proposing import find, propose
from .tables import diff_text, show

if TYPE_CHECKING:
    from conda_cuda_guard.model import Mirror

    from .proposing import Proposal

SCHEMA = 1
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
