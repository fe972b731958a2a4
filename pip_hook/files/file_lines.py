"""Text files as pip decodes them, and the lines of requirements files by pip's rules.

A line may go on over several, and have comments and variables.
"""

from __future__ import annotations

import codecs
import locale
import optparse
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, NoReturn

from conda_cuda_guard.host.files import read_file

# A UTF-32 mark begins like the one of UTF-16, so it comes first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(rb"coding[:=]\s*([-\w.]+)")


@dataclass(frozen=True)
class TextFile:
    """A decoded file: its text, its byte order mark and its encoding."""

    text: str
    mark: bytes = b""
    encoding: str = "utf-8"

    def encoded(self, text: str) -> bytes:
        """Return another text encoded as the file was."""
        return self.mark + text.encode(self.encoding)


def read_text(path: str) -> TextFile:
    """Return a decoded file; raises OSError, UnicodeDecodeError or LookupError, as pip does."""
    return decoded(read_file(path))


def decoded(data: bytes) -> TextFile:
    """Return data decoded by a byte order mark, a PEP 263 comment, as UTF-8, or by the locale."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return TextFile(data[len(mark) :].decode(encoding), mark, encoding)
    for line in data.split(b"\n", 2)[:2]:
        cookie = _COOKIE.search(line) if line.startswith(b"#") else None
        if cookie:
            encoding = cookie.group(1).decode("ascii")
            return TextFile(data.decode(encoding), b"", encoding)
    try:
        return TextFile(data.decode("utf-8"))
    except UnicodeDecodeError:
        encoding = locale.getpreferredencoding(False)
        return TextFile(data.decode(encoding), b"", encoding)


_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"(\$\{([A-Z0-9_]+)\})")


class Line(NamedTuple):
    """One requirement or one line of options, which may go on over several lines of the file.

    `first` and `end` number the file's lines from 0, `raw` is what stands there without its
    comment, `text` the same with its variables filled in.
    """

    first: int
    end: int
    raw: str
    text: str
    comment: str = ""


def logical_lines(text: str) -> Iterator[Line]:
    """Yield the logical lines that are not empty."""
    pieces: list[str] = []
    first, at = 0, -1
    for at, line in enumerate(text.splitlines()):
        begins_comment = "#" in line and _COMMENT.match(line)
        if line.endswith("\\") and not begins_comment:
            first = first if pieces else at
            pieces.append(line.strip("\\"))
        elif pieces:
            # With the space in front a comment in the middle is recognized.
            pieces.append(f" {line}" if begins_comment else line)
            yield from _finished(first, at + 1, "".join(pieces))
            pieces = []
        else:
            yield from _finished(at, at + 1, line)
    if pieces:
        yield from _finished(first, at + 1, "".join(pieces))


def _finished(first: int, end: int, joined: str) -> Iterator[Line]:
    raw, comment = joined, ""
    if "#" in joined:
        raw = _COMMENT.sub("", joined)
        comment = joined[len(raw) :]
    raw = raw.strip()
    if raw:
        text = _filled_in(raw) if "${" in raw else raw
        yield Line(first, end, raw, text, comment)


def _filled_in(text: str) -> str:
    for variable, name in _VARIABLE.findall(text):
        value = os.environ.get(name)
        if value:
            text = text.replace(variable, value)
    return text


def parted(text: str) -> tuple[str, str]:
    """Return a line's requirement and its options, either of which may be empty."""
    words = text.split(" ")
    at = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:at]).strip(), " ".join(words[at:])


# The names include abbreviations that are unique in some pip; where one is not, pip reports it.
_WITH_VALUE = (
    ("--index-url", "-i", "--pypi-url", "--i", "--in"),
    ("--extra-index-url",),
    ("--constraint", "-c", "--c", "--co", "--con"),
    ("--requirement", "-r"),
    ("--editable", "-e"),
    ("--find-links", "-f"),
    ("--no-binary",),
    ("--only-binary",),
    ("--all-releases",),
    ("--only-final",),
    ("--trusted-host",),
    ("--use-feature",),
    ("--hash",),
    ("--global-option",),
    ("--install-option",),
    ("--config-settings", "--config-setting", "-C"),
)
_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre")


class LineOption(NamedTuple):
    """One use of an option in a file: its first long name, and its value."""

    name: str
    value: str | None

    def spelled(self) -> str:
        """Return it as written in a file."""
        return self.name if self.value is None else f"{self.name} {shlex.quote(self.value)}"


class _Parser(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise ValueError(msg)


def read_line_options(text: str) -> list[LineOption] | None:
    """Return the options of a line, in order; None where pip will reject them."""
    found: list[LineOption] = []
    try:
        _parser().parse_args(shlex.split(text), optparse.Values({"found": found}))
    except ValueError:
        return None
    return found


def _seen(
    option: optparse.Option, _: str, value: str | None, parser: optparse.OptionParser
) -> None:
    if parser.values is not None:
        parser.values.found.append(LineOption(option.get_opt_string(), value))


@cache
def _parser() -> _Parser:
    parser = _Parser(add_help_option=False)
    for names in _WITH_VALUE:
        parser.add_option(*names, action="callback", type="string", callback=_seen)
    for name in _FLAGS:
        parser.add_option(name, action="callback", callback=_seen)
    return parser
