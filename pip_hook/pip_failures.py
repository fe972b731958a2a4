"""What kept pip's network session from an answer, in the words of `Answer.problem`.

By the names of the exceptions of pip's own copy of requests, which are the same in all versions;
newer pips wrap them in their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUESTS = "requests.exceptions"
_PROBLEMS = {
    "SSLError": "certificate",
    "ProxyError": "unreachable",
    "Timeout": "timeout",
    "ChunkedEncodingError": "truncated",
    "ContentDecodingError": "not-an-index",
    "RetryError": "server-error",
    "TooManyRedirects": "server-error",
    "ConnectionError": "unreachable",
    "RequestException": "not-asked",
    "OSError": "unreachable",
}
_CHAIN = 8


def problem_of(error: BaseException) -> tuple[str, str]:
    """Give the problem, and a detail that holds no address: messages of exceptions do."""
    cause = next((one for one in _chain(error) if type(one).__module__.endswith(_REQUESTS)), error)
    names = [kind.__name__ for kind in type(cause).__mro__]
    found = next((name for name in names if name in _PROBLEMS), "")
    text = str(cause).lower()
    if found == "ProxyError" and "407" in text:
        return "login-needed", "the proxy wants a login"
    if found in ("ConnectionError", "ChunkedEncodingError") and "timed out" in text:
        return "timeout", names[0]
    if found == "SSLError" and "certificate" not in text:
        return "unreachable", names[0]
    if names[0] == "OSError" and "certificate" in text:  # a bundle that is not there
        return "certificate", "no such file"
    return _PROBLEMS.get(found, "not-asked"), names[0]


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_CHAIN):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__
