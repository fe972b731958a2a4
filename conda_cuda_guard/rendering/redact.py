"""Hide credentials in URLs and options before anything is shown."""

from __future__ import annotations

import re

_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s'\"]+@", re.IGNORECASE)
# A proxy may be written without its scheme: `user:password@host:80`.
_BARE_USERINFO = re.compile(r"(?<![\w/:@*])[^\s/:@'\"=]+:[^\s/@'\"]+@(?=[\w.-])")
_CONDA_TOKEN = re.compile(r"(?P<before>://[^\s'\"]*?/t/)[^/\s'\"]+")
_QUERY_SECRET = re.compile(
    r"(?P<name>[?&][^=&\s]*(?:token|key|password|passwd|secret|auth|sig|credential)[^=&\s]*=)"
    r"[^&\s'\"]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Replace user names, passwords and tokens in every URL of a text by `****`."""
    text = _USERINFO.sub(r"\g<scheme>****@", text)
    text = _BARE_USERINFO.sub("****@", text)
    text = _CONDA_TOKEN.sub(r"\g<before>****", text)
    return _QUERY_SECRET.sub(r"\g<name>****", text)
