"""Why a channel did not answer: the codes of ChannelAnswer.problem."""

from __future__ import annotations

_BY_STATUS = {
    401: "login-needed",
    403: "login-needed",
    404: "absent",
    407: "login-needed",
    410: "absent",
}


# By the names of classes: those of requests and urllib3 in any version, of either zstd library.
_BY_ERROR = {
    "SSLError": "certificate",
    "Timeout": "timeout",
    "TimeoutError": "timeout",
    "ProtocolError": "truncated",
    "IncompleteRead": "truncated",
    "EOFError": "truncated",
    "DecodeError": "not-an-index",
    "ZstdError": "not-an-index",
    "RequestException": "unreachable",
    "HTTPError": "unreachable",
    "OSError": "unreachable",
}


class UnansweredError(Exception):
    """A channel's folder gave no answer; `problem` and `detail` are those of a `ChannelAnswer`."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


def of_status(status: int) -> UnansweredError:
    """Say of an HTTP status what it means."""
    return UnansweredError(_BY_STATUS.get(status, "server-error"), f"HTTP {status}")


def of_error(error: Exception) -> UnansweredError:
    """Say of an error what it means; of its message nothing, which may quote an address."""
    if isinstance(error, UnansweredError):
        return error
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "ProxyError" in kinds and "407" in str(error):
        return of_status(407)
    problem = next((_BY_ERROR[kind] for kind in kinds if kind in _BY_ERROR), "not-asked")
    return UnansweredError(problem, kinds[0])
