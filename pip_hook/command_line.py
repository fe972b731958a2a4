"""Parse a pip command line into options, their values, and requirements.

pip's parser is optparse: options and arguments may be mixed, long options may be abbreviated and
take their value after `=` or as the next word, short options may be joined (`-qqU`), and `--` ends
the options.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.guard_options import GUARD_OPTIONS
from conda_cuda_guard.model import Phrase, UsageError

from .option_table import COMMANDS, Option, find_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conda_cuda_guard.guard_options import GuardOption


@dataclass(frozen=True)
class OptionUse:
    """One use of an option: its first long name, its value, and the words that it takes up."""

    name: str
    value: str | None
    start: int
    end: int


@dataclass
class CommandLine:
    """A pip command line, parsed.

    `words` is the line without our options; the numbers in `requirements` and `options` index it.
    `command_at` is where the command stands, None where there is none. `guard` are the guard's
    options with their values, `own` those of the command of ours. `faults` are options as typed
    that pip refuses, each with the reason: `unknown`, `takes-no-value` or `needs-value`.
    """

    words: list[str] = field(default_factory=list)
    command_at: int | None = None
    requirements: list[int] = field(default_factory=list)
    options: list[OptionUse] = field(default_factory=list)
    guard: list[tuple[str, str]] = field(default_factory=list)
    own: list[tuple[str, str]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def command(self) -> str | None:
        """Return the command's name."""
        return None if self.command_at is None else self.words[self.command_at]

    def values(self, name: str) -> list[str]:
        """Return the values that an option was given, in order."""
        return [use.value or "" for use in self.options if use.name == name]

    def count(self, name: str) -> int:
        """Return how often an option is used."""
        return sum(use.name == name for use in self.options)

    def with_options(self, options: Iterable[str], words: Sequence[str] | None = None) -> list[str]:
        """Return the words with these right after the command; or other `words` that begin so."""
        all_words, at = self.words if words is None else words, 1 + (self.command_at or 0)
        return [*all_words[:at], *options, *all_words[at:]]

    def reread(self, words: list[str]) -> CommandLine:
        """Return the line of other words, with our options as they were."""
        again = read_command_line(words, as_command=None if self.command else "install")
        again.guard = self.guard
        return again


def read_command_line(
    words: list[str],
    *,
    as_command: str | None = None,
    own: Mapping[str, GuardOption] | None = None,
) -> CommandLine:
    """Return a command line (without the program's name), parsed.

    With `as_command`, the words are options and requirements of that command (`pipcuda plan` takes
    those of install) and `own` options of a command of ours. Anything but install, download and
    wheel is read only up to its command.
    """
    reader = _Reader(words, as_command, own or {})
    reader.run()
    return reader.line


def as_install(words: list[str]) -> list[str]:
    """Return the words after `pip`: its own --python, `install`, and the words of install."""
    before, rest = list[str](), list(words)
    for use in reversed(read_command_line(words, as_command="install").options):
        if use.name == "--python":
            before[:0] = rest[use.start : use.end]
            del rest[use.start : use.end]
    return [*before, "install", *rest]


def installer_of(line: CommandLine) -> str:
    """Return the installer that a line or the environment names, as it is written there."""
    option = GUARD_OPTIONS["--installer"]
    given = [value for name, value in line.guard if name == option.name]
    return given[-1] if given else os.environ.get(option.variable) or "pip"


class _Reader:
    """The state of one parse: the words left, and the option table in use."""

    def __init__(
        self, words: list[str], as_command: str | None, own: Mapping[str, GuardOption]
    ) -> None:
        self.todo = list(reversed(words))
        self.line = CommandLine()
        self.table = as_command or ""
        self.own = own
        self.short = {option.short: option for option in own.values() if option.short}

    def run(self) -> None:
        while self.todo:
            word = self.todo.pop()
            if word == "--":
                self._arguments_only(word)
            elif word.startswith("--"):
                self._long(word)
            elif word[:2] in self.short:
                self._take(self.short[word[:2]], word[2:] or None, self.line.own)
            elif word.startswith("-") and len(word) > 1:
                self._short(word)
            elif not self._argument(word):
                return

    def _arguments_only(self, separator: str) -> None:
        self.line.words.append(separator)
        while self.todo:
            if not self._argument(self.todo.pop()):
                return

    def _argument(self, word: str) -> bool:
        """Record a word that is no option; return False where the rest belongs to pip alone."""
        self.line.words.append(word)
        at = len(self.line.words) - 1
        if self.table:
            self.line.requirements.append(at)
            return True
        self.line.command_at = at
        if word in COMMANDS:
            self.table = word
            return True
        self.line.words.extend(reversed(self.todo))
        self.todo.clear()
        return False

    def _long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        for options, taken in ((self.own, self.line.own), (GUARD_OPTIONS, self.line.guard)):
            if name in options:
                self._take(options[name], value if equals else None, taken)
                return
        option = find_option(self.table, name)
        if option is None:
            self.line.faults.append((name, "unknown"))
            option = Option(name, value=False)
        elif equals and not option.value:
            self.line.faults.append((name, "takes-no-value"))
        start = len(self.line.words)
        self.line.words.append(word)
        if option.value and not equals:
            value = self._next_word(word)
        self._use(option, value if option.value else None, start)

    def _take(self, option: GuardOption, given: str | None, taken: list[tuple[str, str]]) -> None:
        """Record an option of ours, which does not stay on the line."""
        if option.metavar and given is None and self.todo:
            given = self.todo.pop()
        # An empty value of a guard option has a meaning: no CUDA, no GPU.
        if option.metavar and (given is None or (not given and taken is self.line.own)):
            raise UsageError(
                Phrase("{name} needs a value", name=option.name),
                hint=option.usage,
            )
        if not option.metavar and given is not None:
            raise UsageError(
                Phrase("{name} takes no value", name=option.name),
                why=Phrase("it was given {given!r}", given=given),
                hint=option.name,
            )
        taken.append((option.name, given or ""))

    def _short(self, word: str) -> None:
        """Record joined short options: `-qU`, `-rfile`, `-i URL`."""
        start = len(self.line.words)
        self.line.words.append(word)
        for at, letter in enumerate(word[1:], start=2):
            option = find_option(self.table, f"-{letter}")
            if option is None:
                self.line.faults.append((f"-{letter}", "unknown"))
                option = Option(f"-{letter}", value=False)
            if option.value:
                self._use(option, word[at:] or self._next_word(word), start)
                return
            self._use(option, None, start)

    def _next_word(self, option: str) -> str:
        if not self.todo:
            self.line.faults.append((option, "needs-value"))
            return ""  # pip itself will ask for the value
        self.line.words.append(self.todo.pop())
        return self.line.words[-1]

    def _use(self, option: Option, value: str | None, start: int) -> None:
        self.line.options.append(OptionUse(option.name, value, start, len(self.line.words)))
