"""Text without credentials, and commands quoted for a shell."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Sequence

HIDDEN = "****"
_PIECE = re.compile(r"\S+")
# Where an authority begins: `https://`, `//`, and `https:/` as a path object folds it. A letter
# and a colon alone are a drive of Windows.
_START = re.compile(r"(?<=[A-Za-z0-9]{2}):[/\\]+|://+|(?<![/\\:])//+")
_SEPARATOR = re.compile(r"[,;|'\"]")
_AUTHORITY_END = re.compile(r"[/\\?#]|$")
_BEFORE_USER = re.compile(r"[=,'\"(\[{<]")
_TOKEN = re.compile(r"(?<=/t/)[^/]+")
_PARAMETER = re.compile(r"(?<=[?&#])(?P<name>[^=&?#]*)=(?P<value>[^&#]*)")
_SECRET_NAME = re.compile(r"(?i)token|key|password|passwd|pwd|secret|auth|sig|credential")
# What may close the address rather than belong to it.
_CLOSING = "'\")]}>,.;:"


def redact(text: str) -> str:
    """Return a text with user names, passwords and tokens in its addresses replaced by `****`."""
    if not ("@" in text or "/t/" in text or "=" in text):
        return text
    return _PIECE.sub(lambda found: _redacted(found[0]), text)


def redact_all(value: object) -> object:
    """Return a JSON-ready value with every text in it redacted, the names of fields too."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact_all(name): redact_all(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact_all(one) for one in value]
    return value


def _redacted(piece: str) -> str:
    starts = list(_START.finditer(piece)) if "/" in piece or "\\" in piece else []
    if "@" in piece:
        piece = _without_logins(piece, starts)
    if "/t/" in piece and (starts or _is_host(piece[: piece.index("/t/")])):
        piece = _TOKEN.sub(lambda found: _hidden(found[0]), piece)
    return _PARAMETER.sub(_hide_parameter, piece) if "=" in piece else piece


def _without_logins(piece: str, starts: Sequence[re.Match[str]]) -> str:
    """Return a piece without the logins of its addresses; what begins within a login is none."""
    bounds = [one.start() for one in starts[1:]]
    kept = [_without_bare_login(piece[: starts[0].start()] if starts else piece)]
    begin = starts[0] if starts else None
    for start, end in zip(starts, [*bounds, len(piece)]):
        begin = begin or start
        rest = piece[begin.end() : end]
        if end < len(piece) and _is_half_a_login(rest):
            continue
        kept.append(begin[0] + _without_login(rest))
        begin = None
    return "".join(kept)


def _is_half_a_login(rest: str) -> bool:
    authority = _SEPARATOR.split(rest[: _authority_end(rest)], maxsplit=1)[0]
    return not _names_host(authority.rpartition("@")[2])


def _without_login(rest: str) -> str:
    """Return what follows `://`, without its login.

    `user:x/PASS@host` has no port where one would be: there the login ends at the last `@`.
    """
    end = _authority_end(rest)
    at = rest.rfind("@", 0, end)
    if not _names_host(rest[at + 1 : end]):
        at = max(at, rest.rfind("@"))
    return f"{HIDDEN}{rest[at:]}" if at >= 0 else rest


def _names_host(authority: str) -> bool:
    """Return whether an authority without a login is a host and not a user and half a password."""
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        return True
    if ":" in host and not host.endswith("]"):
        return False
    return not port or (port.isdigit() and _is_host(host))


def _is_host(text: str) -> bool:
    name = _BEFORE_USER.split(text)[-1]
    return name[:1] not in ("", ".", "~", "/", "\\") and (
        "." in name or ":" in name or name.endswith(("]", "localhost"))
    )


def _without_bare_login(text: str) -> str:
    """Return a text without `user:password@`, as a proxy may be written without its scheme."""
    at = text.rfind("@")
    colon = text.find(":", 0, max(at, 0))
    if colon < 0 or at + 1 == len(text):
        return text
    start = max((found.end() for found in _BEFORE_USER.finditer(text, 0, colon)), default=0)
    user, password = text[start:colon], text[colon + 1 : at]
    if not user or "/" in user or password[:1] in ("", "/", "\\", ":"):
        return text
    if ("/" in password) and _names_host(text[start : start + _authority_end(text[start:])]):
        return text  # host:8080/path@1.0
    return f"{text[:start]}{HIDDEN}{text[at:]}"


def _authority_end(text: str) -> int:
    found = _AUTHORITY_END.search(text)
    return found.start() if found else len(text)


def _hide_parameter(found: re.Match[str]) -> str:
    if not found["value"] or not _SECRET_NAME.search(found["name"]):
        return found[0]
    return f"{found['name']}={_hidden(found['value'])}"


def _hidden(value: str) -> str:
    return HIDDEN + value[len(value.rstrip(_CLOSING)) :]


# Characters that have no meaning of their own in cmd and PowerShell.
_PLAIN = re.compile(r"[\w=+.:/\\@~*\[\]-]+")


def quoted(command: Iterable[str], system: str = os.name) -> str:
    """Return a command as quoted text; `system` is as in `os.name` (`"nt"`, `"posix"`).

    It is for people: credentials are hidden here, as quotes may part them later.
    """
    command = map(redact, command)
    if system == "nt":
        return " ".join(map(_for_windows, command))
    return shlex.join(command)


def _for_windows(word: str) -> str:
    """Return a word quoted for Microsoft's C runtime, and against cmd and PowerShell.

    cmd takes `<` and `>` for files, also in `numpy<2`; subprocess.list2cmdline minds spaces alone.
    """
    if _PLAIN.fullmatch(word):
        return word
    # Backslashes count where a quote follows: there they are doubled.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
