"""Hide credentials in URLs and options before anything is shown."""

from __future__ import annotations

import re

_USERINFO = r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s'\"]+@"
# A proxy may be written without its scheme: `user:password@host:80`.
_BARE_USERINFO = r"(?<![\w/:@*])[^\s/:@'\"=]+:[^\s/@'\"]+@(?=[\w.-])"
_CONDA_PATH = r"(?P<before>://[^\s'\"]*?/t/)[^/\s'\"]+"
_QUERY = (
    r"(?i)(?P<name>[?&][^=&\s]*(?:token|key|password|passwd|secret|auth|sig|credential)[^=&\s]*=)"
    r"[^&\s'\"]+"
)


def redact(text: str) -> str:
    """Return a text with user names, passwords and tokens in its URLs replaced by `****`.

    Most texts lack what these patterns look for, and then none of them is compiled.
    """
    if "@" in text:
        text = re.sub(_USERINFO, r"\g<scheme>****@", text)
        text = re.sub(_BARE_USERINFO, "****@", text)
    if "/t/" in text:
        text = re.sub(_CONDA_PATH, r"\g<before>****", text)
    if "=" in text:
        text = re.sub(_QUERY, r"\g<name>****", text)
    return text
