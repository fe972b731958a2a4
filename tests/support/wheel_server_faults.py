"""What may be wrong with an index: replies instead of, or made of, the right ones."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from .wheel_server_http import HTML, Reply
from .wheel_server_pages import SIMPLE_JSON

if TYPE_CHECKING:
    from collections.abc import Callable

CREDENTIALS = "user:password"
LOGIN_PATH = "login"
LOGIN_PAGE = b"<!DOCTYPE html><html><body><form>Sign in to the network</form></body></html>"

_DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
)
_GARBAGE = bytes(range(256)) * 40
_PACE = 0.05
_MANY = 100_000

# Faults that are a reply by themselves.
_REPLIES = {
    "401": Reply(401, b"who are you?", headers={"WWW-Authenticate": 'Basic realm="wheels"'}),
    "403": Reply(403, b"not for you"),
    "404": Reply(404, b"not here"),
    "407": Reply(407, b"who are you?", headers={"Proxy-Authenticate": 'Basic realm="proxy"'}),
    "500": Reply(500, b"out of order"),
    "503": Reply(503, b"later"),
    "denied": Reply(403, _DENIED, "application/xml"),
    "login": Reply(200, LOGIN_PAGE),
    "redirect-login": Reply(302, headers={"Location": f"/{LOGIN_PATH}"}),
    "garbage": Reply(200, _GARBAGE),
    "gzip": Reply(200, _GARBAGE, headers={"Content-Encoding": "gzip"}),
    "json": Reply(200, b'{"error": {"files": 404}}', SIMPLE_JSON),
    "endless": Reply(200, b"<a href='torch.html'>on and on</a>\n" * 1000, endless=True),
}


def _truncated(right: Reply) -> Reply:
    return replace(right, body=right.body[: len(right.body) // 2], announced=len(right.body))


def _drip(right: Reply) -> Reply:
    return replace(right, pace=_PACE)


def _drip_head(right: Reply) -> Reply:
    return replace(right, pace=_PACE, slow_head=True)


def _many(right: Reply) -> Reply:
    """Put so many links to other packages in front, as on a page of everything."""
    links = "".join(
        f'<a href="/whl/other-{number}-cp311-cp311-linux_x86_64.whl#sha256={number:064x}">'
        f"other-{number}-cp311-cp311-linux_x86_64.whl</a><br>\n"
        for number in range(_MANY)
    )
    return Reply(200, links.encode() + right.body, HTML)


def _path(right: Reply) -> Reply:
    """Put names in front that would leave the folder that a file is put in."""
    names = ("..%2F..%2Fevil%2F", "..%5C", "%252e%252e%252f", "torch-9.9.9%0a", "torch-9.9.9%00")
    ending = "torch-9.9.9%2Bcu121-cp311-cp311-linux_x86_64.whl"
    links = "".join(f'<a href="/whl/{name}{ending}">{ending}</a>\n' for name in names)
    return Reply(200, links.encode() + right.body, HTML)


# Faults that are made of the right reply.
_CHANGES: dict[str, Callable[[Reply], Reply]] = {
    "truncated": _truncated,
    "drip": _drip,
    "drip-head": _drip_head,
    "many": _many,
    "path": _path,
}

# slow: late; auth: 401 without CREDENTIALS; foreign: links lead to another host name (of the same
# server); redirect-loop: every address leads to itself.
FAULTS = (*_REPLIES, *_CHANGES, "slow", "auth", "foreign", "redirect-loop")


def instead(kind: str, path: str, authorization: str | None) -> Reply | None:
    """Give the reply of a fault that needs no right one."""
    if kind == "auth" and authorization != _basic(CREDENTIALS):
        return _REPLIES["401"]
    if kind == "redirect-loop":
        return Reply(302, headers={"Location": path})
    return _REPLIES.get(kind)


def spoiled(kind: str, right: Reply) -> Reply:
    """Give what a fault makes of the right reply."""
    change = _CHANGES.get(kind)
    return change(right) if change else right


def _basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()
