"""Why a channel did not answer: the codes of ChannelAnswer.problem."""

from __future__ import annotations

from conda_cuda_guard.sources.fetching import FetchError, problem_of_status

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


def of_status(status: int) -> FetchError:
    """Say of an HTTP status what it means."""
    return FetchError(problem_of_status(status), f"HTTP {status}")


def of_error(error: Exception) -> FetchError:
    """Say of an error what it means; of its message nothing, which may quote an address."""
    if isinstance(error, FetchError):
        return error
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "ProxyError" in kinds and "407" in str(error):
        return of_status(407)
    problem = next((_BY_ERROR[kind] for kind in kinds if kind in _BY_ERROR), "not-asked")
    return FetchError(problem, kinds[0])
