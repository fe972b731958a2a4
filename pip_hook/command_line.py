"""Read a pip command line: which words are options, values of options, and requirements.

pip's parser is optparse: options and arguments may be mixed, long options may be abbreviated and
take their value after `=` or as the next word, short options may be joined (`-qqU`), and `--` ends
the options.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.host.overrides import Options
from conda_cuda_guard.model import Phrase, UsageError

from .option_table import COMMANDS, Option, find_option

if TYPE_CHECKING:
    from collections.abc import Iterable

# Options of ours: whether a value follows. They are taken out before pip sees the line.
GUARD_OPTIONS = {
    "--cuda": True,
    "--driver": True,
    "--gpu": True,
    "--host": True,
    "--cpu": False,
    "--policy": True,
    "--as-is": False,
    "--offline": False,
    "--prefer-index": False,
    "--locked": False,
    "--verify": False,
    "--installer": True,
}
PLAN_OPTIONS = {"--json": False, "--batch": True}


@dataclass(frozen=True)
class OptionUse:
    """One use of an option: its first long name, its value, and the words that it takes up."""

    name: str
    value: str | None
    start: int
    end: int


@dataclass
class CommandLine:
    """A pip command line, read.

    `words` is the line without our options; the numbers in `requirements` and `options` index it.
    `command_at` is where the command stands, None where there is none.
    """

    words: list[str] = field(default_factory=list)
    command_at: int | None = None
    requirements: list[int] = field(default_factory=list)
    options: list[OptionUse] = field(default_factory=list)
    guard: list[tuple[str, str]] = field(default_factory=list)

    @property
    def command(self) -> str | None:
        """The command's name."""
        return None if self.command_at is None else self.words[self.command_at]

    def values(self, name: str) -> list[str]:
        """Give the values that an option was given, in order."""
        return [use.value or "" for use in self.options if use.name == name]

    def count(self, name: str) -> int:
        """Count the uses of an option."""
        return sum(use.name == name for use in self.options)


def read_command_line(words: list[str], *, as_command: str | None = None) -> CommandLine:
    """Read a command line (without the program's name).

    With `as_command`, the words are options and requirements of that command (`pipcuda plan` takes
    those of install). Anything but install, download and wheel is read only up to its command.
    """
    reader = _Reader(words, as_command)
    reader.run()
    return reader.line


class _Reader:
    """The state of one reading: the words left, and the table they are read by."""

    def __init__(self, words: list[str], as_command: str | None) -> None:
        self.todo = list(reversed(words))
        self.line = CommandLine()
        self.table = as_command or ""
        self.is_plan = as_command is not None

    def run(self) -> None:
        while self.todo:
            word = self.todo.pop()
            if word == "--":
                self._arguments_only(word)
            elif word.startswith("--"):
                self._long(word)
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
        """Take a word that is no option; False where the rest is none of our business."""
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
        ours = {**GUARD_OPTIONS, **(PLAN_OPTIONS if self.is_plan else {})}
        if name in ours:
            self._guard(name, takes_value=ours[name], given=value if equals else None)
            return
        option = find_option(self.table, name) or Option(name, value=False)
        start = len(self.line.words)
        self.line.words.append(word)
        if option.value and not equals:
            value = self._next_word()
        self._use(option, value if option.value else None, start)

    def _guard(self, name: str, *, takes_value: bool, given: str | None) -> None:
        if takes_value and given is None:
            if not self.todo:
                raise UsageError(Phrase("{name} needs a value", name=name), hint=f"{name}=VALUE")
            given = self.todo.pop()
        if not takes_value and given is not None:
            raise UsageError(
                Phrase("{name} takes no value", name=name),
                why=Phrase("it was given {given!r}", given=given),
                hint=name,
            )
        self.line.guard.append((name, given or ""))

    def _short(self, word: str) -> None:
        """Read joined short options: `-qU`, `-rfile`, `-i URL`."""
        start = len(self.line.words)
        self.line.words.append(word)
        for at, letter in enumerate(word[1:], start=2):
            option = find_option(self.table, f"-{letter}") or Option(f"-{letter}", value=False)
            if option.value:
                self._use(option, word[at:] or self._next_word(), start)
                return
            self._use(option, None, start)

    def _next_word(self) -> str:
        if not self.todo:
            return ""  # pip itself will ask for the value
        self.line.words.append(self.todo.pop())
        return self.line.words[-1]

    def _use(self, option: Option, value: str | None, start: int) -> None:
        self.line.options.append(OptionUse(option.name, value, start, len(self.line.words)))


def read_guard_options(pairs: Iterable[tuple[str, str]]) -> Options:
    """Turn (option, value) pairs into the fields of `Options`; a later one wins, --gpu adds up."""
    fields: dict[str, str] = {}
    gpus: list[str] = []
    for name, value in pairs:
        if name == "--gpu":
            gpus.append(value)
        else:
            fields[name[2:].replace("-", "_")] = value
    return Options(
        cuda=fields.get("cuda"),
        driver=fields.get("driver"),
        gpu=tuple(gpus),
        host=fields.get("host"),
        cpu=True if "cpu" in fields else None,
        policy=fields.get("policy"),
        as_is=True if "as_is" in fields else None,
        offline=True if "offline" in fields else None,
        prefer_index=True if "prefer_index" in fields else None,
        locked=True if "locked" in fields else None,
    )
