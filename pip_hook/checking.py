"""Validate options, requirements and requirement files for the commands that do not run pip."""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from conda_cuda_guard.guard_options import GUARD_OPTIONS
from conda_cuda_guard.host.files import is_stream
from conda_cuda_guard.model import Phrase, UsageError, quoted
from conda_cuda_guard.planner.pip_parse import read_named
from pip_hook.files.file_lines import logical_lines, parted, read_line_options, read_text
from pip_hook.files.file_roots import NAMES
from pip_hook.files.requirement_file import naming, path_beside, require_countable, unusable

from .option_table import known_options
from .own_options import OWN_COMMANDS
from .pip_settings import settings as pip_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.guard_options import GuardOption
    from pip_hook.files.file_lines import Line

    from .command_line import CommandLine

# The least similarity, for difflib, of a word and the one that was probably meant.
_ALIKE = 0.75
_EXAMPLE = "NAME==VERSION"
_WITHOUT_SCHEME = Phrase("an address begins with its scheme, as in https://")


def closest(word: str, known: Iterator[str] | list[str]) -> str | None:
    """Return the known word that was probably meant."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=_ALIKE)), None)


def check_line(command: str, line: CommandLine) -> None:
    """Raise a UsageError for an option, a requirement or a file that is not understood."""
    check_options(command, line)
    for at in line.requirements:
        check_requirement(line.words[at])
    check_files(line)


def check_options(command: str, line: CommandLine) -> None:
    """Raise a UsageError for an option that neither pip nor this command of ours has."""
    for name, fault in line.faults:
        if fault == "unknown":
            raise _unknown(command, name)
        raise UsageError(
            Phrase("{name} takes no value", name=name.partition("=")[0])
            if fault == "takes-no-value"
            else Phrase("{name} needs a value", name=name),
            hint=f"pipcuda {command} --help",
        )
    idle = next((name for name, _ in line.guard if name in OWN_COMMANDS[command].idle), None)
    if idle:
        raise does_nothing(command, idle)


def does_nothing(command: str, idle: str) -> UsageError:
    """Return the error of an option for installs, at a command of ours that installs nothing."""
    return UsageError(
        Phrase("{idle} does nothing here", idle=idle),
        why=Phrase("it belongs to an install, and pipcuda {command} does none", command=command),
        hint=f"pipcuda {command} --help",
    )


# Options of other tools, and the option that does the same here.
_ELSEWHERE = {"--torch-backend": "--variant"}


def _of_another_tool(name: str) -> UsageError | None:
    if name not in _ELSEWHERE:
        return None
    return UsageError(
        Phrase("there is no option {name}", name=name),
        why="it is uv's",
        hint=GUARD_OPTIONS[_ELSEWHERE[name]].usage,
    )


def _unknown(command: str, name: str) -> UsageError:
    foreign = _of_another_tool(name)
    if foreign is not None:
        return foreign
    ours = {**OWN_COMMANDS[command].options, **GUARD_OPTIONS}
    owner = next((one for one, own in OWN_COMMANDS.items() if name in own.options), None)
    if owner is not None:
        return UsageError(
            Phrase("{idle} does nothing here", idle=name),
            why=Phrase("it is an option of pipcuda {command}", command=owner),
            hint=f"pipcuda {command} --help",
        )
    meant = [one for one in known_options("install") if one.startswith(name)]
    if len(meant) > 1 and name.startswith("--"):
        return UsageError(
            Phrase("{name} is short for several options", name=name),
            why=", ".join(sorted(meant)),
            hint="write the one that is meant in full",
        )
    return no_option(name, ours, [*ours, *known_options("install")], f"pipcuda {command} --help")


def no_option(
    name: str, ours: Mapping[str, GuardOption], known: list[str], otherwise: str
) -> UsageError:
    """Return the error of an option that does not exist, with the one that is probably meant."""
    meant = closest(name, known)
    shown = ours[meant].usage if meant is not None and meant in ours else meant
    return UsageError(
        Phrase("there is no option {name}", name=name),
        why="neither pip nor pipcuda has it",
        hint=shown or otherwise,
    )


def suggest_ours(line: CommandLine) -> None:
    """Raise a UsageError for an option that pip does not have and that is close to one of ours.

    Of any other unknown option pip tells itself.
    """
    known = known_options(line.command or "install")
    for name, fault in line.faults:
        is_short = any(one.startswith(name) for one in known)
        if fault != "unknown" or is_short or not name.startswith("--"):
            continue
        foreign = _of_another_tool(name)
        if foreign is not None:
            raise foreign
        meant = closest(name, [*GUARD_OPTIONS, *known])
        if meant in GUARD_OPTIONS:
            raise no_option(name, GUARD_OPTIONS, [meant], "")


class FileLine(NamedTuple):
    """A line of a requirements file."""

    path: str
    line: int


def check_requirement(text: str, place: FileLine | None = None) -> None:
    """Raise a UsageError for a text that names no package, address, file or folder for pip."""
    try:
        address = Requirement(text).url
    except InvalidRequirement as error:
        if not _is_located(text, place):
            raise _unparsable(text, str(error).splitlines()[0], place) from None
    else:
        if address and not _ADDRESS.match(address):
            raise _unparsable(text, _WITHOUT_SCHEME, place)


# `name: x` of an environment.yml is none.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?=[^\s])")
_EXTRAS = re.compile(r"\[[^]]*\]$")


def _is_located(text: str, place: FileLine | None) -> bool:
    """Return whether pip takes it for an address or a path; raise where that does not exist."""
    if text.endswith(".whl") or _ADDRESS.match(text):
        return True
    bare = _EXTRAS.sub("", text)
    if os.path.exists(bare):  # noqa: PTH110 - a text that is no path is no error
        return True
    if " " not in text and (os.sep in text or text.startswith(".")):
        raise UsageError(
            _at(place, Phrase("{path} cannot be read", path=bare)),
            why=os.strerror(2),
            hint=Phrase(
                "name a file or folder that exists, or a package: {example}", example=_EXAMPLE
            ),
        )
    return False


def _unparsable(text: str, why: str, place: FileLine | None) -> UsageError:
    parts = text.split()
    several = len(parts) > 1 and all(map(_is_named, parts))
    if several:
        hint = (
            Phrase("write each on a line of its own: {parts}", parts=", ".join(parts))
            if place
            else Phrase("write each as a word of its own: {parts}", parts=" ".join(parts))
        )
    else:
        hint = Phrase("write it like {example}", example=_mended(text) or _EXAMPLE)
    return UsageError(
        _at(place, Phrase("cannot parse the requirement {text!r}", text=text)),
        why="these are several requirements" if several else why,
        hint=hint,
    )


def _at(place: FileLine | None, told: Phrase) -> Phrase:
    if place is None:
        return told
    return Phrase("{place}: {told}", place=_line_of(place), told=told)


def _line_of(place: FileLine) -> Phrase:
    return Phrase("{path}, line {line}", path=place.path, line=place.line)


def _is_named(text: str) -> bool:
    """Return whether a text is a requirement that begins with a letter, as a version does not."""
    found = read_named(text)
    return found is not None and found.name[0].isalpha()


def _mended(text: str) -> str | None:
    """Return the requirement that was probably meant by one that cannot be parsed."""
    turned = re.sub(r"=([<>])(?!=)", r"\1=", text)
    single = re.sub(r"(?<![=<>!~])=(?!=)", "==", turned)
    spaced = re.sub(r"^([\w.-]+(?:\[[^]]*\])?)(?:\s+|\s*@\s*)(?=\d)", r"\1==", single)
    ended = re.sub(r"[=<>!~,;\s]+$", "", spaced)
    meant = read_named(ended)
    return str(meant) if meant is not None else None


def check_files(line: CommandLine) -> None:
    """Raise a UsageError for a file of requirements or constraints that pip would refuse."""
    in_force = pip_settings("install", isolated=bool(line.count("--isolated")))
    seen: set[str] = set()
    for name in NAMES:
        for value in in_force.get(name[2:], "").split():
            _check_file(value, Phrase("pip's setting {name}", name=name[2:]), seen)
        for value in line.values(name):
            _check_file(value, "", seen)


_MAPPING = re.compile(r"^(dependencies|name|channels):", re.MULTILINE)


def _check_file(path: str, named_by: str, seen: set[str]) -> None:
    """Check a file, and those that it names; `named_by` is empty for one that was typed."""
    place = os.path.abspath(path)  # noqa: PTH100 - as pip does, links are not followed
    # A pipe can be read only once, and the plan does that.
    if _ADDRESS.match(path) or place in seen or is_stream(path):
        return
    seen.add(place)
    try:
        text = read_text(path).text
    except (OSError, ValueError, LookupError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        by = Phrase("{named_by} names it: {reason}", named_by=named_by, reason=reason)
        raise unusable(path, by if named_by else reason) from None
    if path.lower().endswith((".yml", ".yaml")) and _MAPPING.search(text):
        raise UsageError(
            Phrase("{path} is no requirements file", path=path),
            why="its name and form are those of conda's environment.yml",
            hint=quoted(("pipcuda", "rewrite", path)),
        )
    for line in logical_lines(text):
        _check_file_line(path, line, seen)


def _check_file_line(path: str, line: Line, seen: set[str]) -> None:
    place = FileLine(path, line.first + 1)
    require_countable(line.text, path, line)
    if not line.text.startswith("-"):
        check_requirement(parted(line.text)[0], place)
        return
    options = read_line_options(line.text)
    if options is None:
        raise UsageError(
            _at(place, Phrase("cannot parse the options {text!r}", text=line.raw)),
            why="pip has no such options for a line of a file",
            hint="pip install --help",
        )
    at = naming(options)
    if at is not None and not any(option.name == "--editable" for option in options):
        named = path_beside(path, options[at].value or "")
        _check_file(named, _line_of(place), seen)
