"""`pipcuda env --write` and `--undo`: the plan in the environment's own pip configuration."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.rendering.language import translated
from pip_hook.agreement import agreed
from pip_hook.mirrors.backups import last_backup, restore, write_with_backup
from pip_hook.mirrors.tables import diff_text, show
from pip_hook.mirrors.undoing import tell_undone

from .site_file import change_of, file_settings, site_of
from .variables import pip_options

if TYPE_CHECKING:
    from pip_hook.command_line import CommandLine

    from .pinning import Pinned

_ROOM = "env-backups"


def write(line: CommandLine, pinned: Pinned, *, yes: bool) -> int:
    """Show the change, ask, keep a backup, write."""
    site = site_of(line)
    options = pip_options(pinned, file_settings(site))
    change = change_of(site, options)
    if change.before == change.after:
        print(translated("Nothing to change."))
    else:
        show(diff_text(change.diff))
        if not (yes or agreed("the same command with --yes")):
            return 0
        write_with_backup([change], str(change.path), room=_ROOM)
        print(translated("Written: {path}").format(path=change.path))
        print(translated("To go back: the same command with --undo in the place of --write"))
    _tell_stronger(options)
    return 0


def _tell_stronger(options: dict[str, str]) -> None:
    """Warn of variables that hide what the file says."""
    names = ["PIP_" + name.upper().replace("-", "_") for name in options]
    found = [name for name in names if os.environ.get(name)]
    if os.environ.get("PIP_CONFIG_FILE") == os.devnull:
        found.append("PIP_CONFIG_FILE")
    for name in found:
        told = translated("warning: {name} is set, and stronger than the file: unset it")
        print(told.format(name=name), file=sys.stderr)


def undo(line: CommandLine, *, yes: bool) -> int:
    """Put the environment's file back as it was before the last `--write`."""
    path = site_of(line).path.resolve()
    backup = last_backup(room=_ROOM, path=path)
    if backup is None:
        print(translated("Nothing to undo."))
        return 0
    if backup.changed_since and not yes:
        raise GuardError(
            "nothing was restored",
            why=Phrase(
                "{path} has changed since it was written; the backup is in {folder}",
                path=path,
                folder=backup.folder,
            ),
            hint="pipcuda env --undo --yes (loses those changes)",
        )
    restore(backup)
    tell_undone(backup.changes)
    return 0
