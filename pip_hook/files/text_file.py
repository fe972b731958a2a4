"""Text files decoded as pip decodes them."""

from __future__ import annotations

import codecs
import locale
import re
from dataclasses import dataclass

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
