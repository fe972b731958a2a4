"""Hide credentials in URLs and options before anything is shown."""

from __future__ import annotations

import re

_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s'\"]+@", re.IGNORECASE)
_CONDA_TOKEN = re.compile(r"/t/[^/\s'\"]+/")
_QUERY_SECRET = re.compile(
    r"(?P<key>[?&](?:token|key|password|auth|sig)[^=&\s]*=)[^&\s'\"]+", re.IGNORECASE
)


def redact(text: str) -> str:
    """Replace user names, passwords and tokens in every URL of a text by `****`."""
    text = _USERINFO.sub(r"\g<scheme>****@", text)
    text = _CONDA_TOKEN.sub("/t/****/", text)
    return _QUERY_SECRET.sub(r"\g<key>****", text)
