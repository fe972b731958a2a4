"""The command `pipcuda env`: print variables, write the configuration, take that back."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import GuardError, Phrase, UsageError
from conda_cuda_guard.rendering import headline, note_lines
from conda_cuda_guard.rendering.language import said, translated
from pip_hook.command_line import PLAN_OPTIONS, read_command_line
from pip_hook.mirrors.backups import last_backup, restore, write_with_backup
from pip_hook.mirrors.tables import diff_text, show
from pip_hook.mirrors.using import tell_undone
from pip_hook.own_commands import agreed, escape_what_cannot_be_shown
from pip_hook.pip_settings import settings

from .pinning import pin
from .site_file import change_of, file_settings, site_of
from .variables import SHELLS, lines, pip_options, usual_shell, variables

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan
    from pip_hook.command_line import CommandLine

    from .pinning import Pinned

_REFUSED = 3
_HELP = Phrase("""\
Usage:
  pipcuda env [options] [REQUIREMENT …]  print variables by which pip and uv take the planned build
  pipcuda env --write                    put it into the environment's own pip configuration
  pipcuda env --undo                     take the last --write back

Takes the options of `pipcuda plan` (without a requirement: torch), and:
  --shell SHELL        sh, fish, powershell or cmd
  --json               print the variables as one JSON object
  -y, --yes            with --write: do not ask; with --undo: also where the file has changed since

  sh          eval "$(pipcuda env)"
  fish        pipcuda env --shell fish | source
  PowerShell  pipcuda env --shell powershell | Out-String | Invoke-Expression
  cmd         pipcuda env --shell cmd > cuda.bat && call cuda.bat""")


@dataclass
class _EnvOptions:
    """The values of this command's own options."""

    shell: str = ""
    job: str = "print"
    yes: bool = False


def run_env(words: list[str]) -> int:
    """Run `pipcuda env` with the words around it and return the exit status."""
    escape_what_cannot_be_shown()
    asked, rest = _split_options(words)
    line = read_command_line(rest, as_command="install")
    mine = {name for name, _ in line.guard if name in PLAN_OPTIONS}
    line.guard = [pair for pair in line.guard if pair[0] not in PLAN_OPTIONS]
    if line.count("--help"):
        print(said(_HELP))
        return 0
    _check(asked, mine)
    if asked.job == "undo":
        return undo_env(line, yes=asked.yes)
    pinned = pin(line)
    _tell(pinned.plan, quiet=bool(line.count("--quiet")))
    if pinned.plan.status == "refused":
        return _REFUSED
    if asked.job == "write":
        return write_env(line, pinned, yes=asked.yes)
    found = variables(pinned, settings("install"), os.environ)
    if "--json" in mine:
        print(json.dumps(found))
    else:
        print("\n".join(lines(asked.shell or usual_shell(os.name, os.environ), found)))
    return 0


def _split_options(words: list[str]) -> tuple[_EnvOptions, list[str]]:
    """Return our options, and the other words: a command line of `pip install`."""
    asked, rest, todo = _EnvOptions(), list[str](), list(reversed(words))
    while todo:
        word = todo.pop()
        if word in ("--write", "--undo"):
            if asked.job not in ("print", word[2:]):
                raise UsageError("--write and --undo are two jobs", hint="pipcuda env --undo")
            asked.job = word[2:]
        elif word in ("-y", "--yes"):
            asked.yes = True
        elif word == "--shell" or word.startswith("--shell="):
            asked.shell = _shell(word.partition("=")[2] or (todo.pop() if todo else ""))
        else:
            rest.append(word)
    return asked, rest


def _shell(name: str) -> str:
    known = {**{one: one for one in SHELLS}, "bash": "sh", "zsh": "sh", "pwsh": "powershell"}
    if name not in known:
        raise UsageError(
            Phrase("unknown shell: {name}", name=name) if name else "--shell needs a value",
            why=Phrase("the shells are {shells}", shells=", ".join(SHELLS)),
            hint="pipcuda env --shell sh",
        )
    return known[name]


def _check(asked: _EnvOptions, mine: set[str]) -> None:
    """Raise UsageError for an option that would have no effect."""
    idle = "--batch" if "--batch" in mine else ""
    if asked.job != "print":
        idle = "--shell" if asked.shell else "--json" if "--json" in mine else idle
    if idle:
        raise UsageError(
            Phrase("{idle} does nothing here", idle=idle),
            why="it belongs to another job",
            hint="pipcuda env --help",
        )


def _tell(plan: Plan, *, quiet: bool) -> None:
    """Print what was planned on stderr: standard output is read by the shell."""
    first = [] if quiet and plan.status != "refused" else [f"pipcuda: {headline(plan)}"]
    for text in (*first, *note_lines(plan.notes, least="warning" if quiet else "info")):
        print(text, file=sys.stderr)


_ROOM = "env-backups"


def write_env(line: CommandLine, pinned: Pinned, *, yes: bool) -> int:
    """Show the change, ask, keep a backup, write the file; return the exit status."""
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
    """Print a warning for each variable that overrides the file."""
    names = ["PIP_" + name.upper().replace("-", "_") for name in options]
    found = [name for name in names if os.environ.get(name)]
    if os.environ.get("PIP_CONFIG_FILE") == os.devnull:
        found.append("PIP_CONFIG_FILE")
    for name in found:
        told = translated("warning: {name} is set, and stronger than the file: unset it")
        print(told.format(name=name), file=sys.stderr)


def undo_env(line: CommandLine, *, yes: bool) -> int:
    """Restore the environment's file from before the last `--write`; return the exit status."""
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
