"""`pipcuda env`: its command line, and its jobs (print, write, undo)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase, UsageError
from conda_cuda_guard.model.errors import DONE, REFUSED
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err, out, out_json
from pip_hook.checking import check_line
from pip_hook.mirrors.backups import last_backup, restore, write_with_backup
from pip_hook.mirrors.tables import diff_text, show
from pip_hook.mirrors.using import tell_undone
from pip_hook.own_commands import agreed, escape_what_cannot_be_shown, print_help, read_own
from pip_hook.pip_settings import settings, times

from .constraints_file import pin
from .site_file import change_of, file_settings, site_of
from .variables import SHELLS, lines, pip_options, usual_shell, variables

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan
    from pip_hook.command_line import CommandLine

    from .constraints_file import Pinned

_HELP = Phrase("""\
Usage:
  pipcuda env [options] [REQUIREMENT …]  print variables by which pip and uv take the planned build
  pipcuda env --write                    put it into the environment's own pip configuration
  pipcuda env --undo                     take the last --write back

Without a requirement it plans torch.""")
_SHELLS = """\
  sh          eval "$(pipcuda env)"
  fish        pipcuda env --shell fish | source
  PowerShell  pipcuda env --shell powershell | Out-String | Invoke-Expression
  cmd         pipcuda env --shell cmd > cuda.bat && call cuda.bat"""


@dataclass
class _EnvOptions:
    """The options of this command."""

    shell: str = ""
    job: str = "print"
    yes: bool = False
    json: bool = False


def run_env(words: list[str]) -> int:
    """Run `pipcuda env` and return the exit status."""
    escape_what_cannot_be_shown()
    line = read_own("env", words)
    if line.count("--help"):
        print_help("env", _HELP, after=_SHELLS)
        return DONE
    check_line("env", line)
    asked = _read(line)
    if asked.job == "undo":
        return undo_env(line, yes=asked.yes)
    pinned = pin(line)
    _tell(pinned.plan, quiet=bool(times(line, settings("install"), "quiet")))
    if pinned.plan.status == "refused":
        return REFUSED
    if asked.job == "write":
        return write_env(line, pinned, yes=asked.yes)
    found = variables(pinned, settings("install"), os.environ)
    if asked.json:
        out_json(found)
    else:
        out("\n".join(lines(asked.shell or usual_shell(os.name, os.environ), found)))
    return DONE


def _read(line: CommandLine) -> _EnvOptions:
    """Return the options of this command; raise a UsageError for those that exclude each other."""
    asked = _EnvOptions()
    for name, value in line.own:
        if name in ("--write", "--undo"):
            if asked.job not in ("print", name[2:]):
                raise UsageError("--write and --undo are two jobs", hint="pipcuda env --undo")
            asked.job = name[2:]
        elif name == "--yes":
            asked.yes = True
        elif name == "--json":
            asked.json = True
        else:
            asked.shell = _shell(value)
    if asked.job != "print" and (asked.shell or asked.json):
        raise UsageError(
            Phrase("{idle} does nothing here", idle="--shell" if asked.shell else "--json"),
            why="it belongs to another job",
            hint="pipcuda env --help",
        )
    return asked


def _shell(name: str) -> str:
    known = {**{one: one for one in SHELLS}, "bash": "sh", "zsh": "sh", "pwsh": "powershell"}
    if name not in known:
        raise UsageError(
            Phrase("unknown shell: {name}", name=name) if name else "--shell needs a value",
            why=Phrase("the shells are {shells}", shells=", ".join(SHELLS)),
            hint="pipcuda env --shell sh",
        )
    return known[name]


def _tell(plan: Plan, *, quiet: bool) -> None:
    """Print to stderr what was planned, as standard output is for the shell."""
    said = [] if quiet and plan.status != "refused" else [f"pipcuda: {headline(plan)}"]
    for text in (*said, *note_lines(plan.notes, least="warning" if quiet else "info")):
        err(text)


_ROOM = "env-backups"


def write_env(line: CommandLine, pinned: Pinned, *, yes: bool) -> int:
    """Write the planned settings into the environment's file, after a question and a backup."""
    site = site_of(line)
    options = pip_options(pinned, file_settings(site))
    change = change_of(site, options)
    if change.before == change.after:
        out(translated("Nothing to change."))
    else:
        show(diff_text(change.diff))
        if not (yes or agreed("the same command with --yes")):
            return DONE
        write_with_backup([change], str(change.path), room=_ROOM)
        out(translated("Written: {path}").format(path=change.path))
        out(translated("To go back: the same command with --undo in the place of --write"))
    _tell_stronger(options)
    return DONE


def _tell_stronger(options: dict[str, str]) -> None:
    """Print a warning for each variable that overrides the file."""
    names = ["PIP_" + name.upper().replace("-", "_") for name in options]
    found = [name for name in names if os.environ.get(name)]
    if os.environ.get("PIP_CONFIG_FILE") == os.devnull:
        found.append("PIP_CONFIG_FILE")
    for name in found:
        told = translated("warning: {name} is set, and stronger than the file: unset it")
        err(told.format(name=name))


def undo_env(line: CommandLine, *, yes: bool) -> int:
    """Restore the environment's file as it was before the last `--write`."""
    path = site_of(line).path.resolve()
    backup = last_backup(room=_ROOM, path=path)
    if backup is None:
        out(translated("Nothing to undo."))
        return DONE
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
    return DONE
