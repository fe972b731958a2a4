"""Fetch pages through pip's own network session, and classify its failures.

By the names of the exceptions of pip's own copy of requests, which are the same in all versions;
newer pips wrap them in their own.
"""

from __future__ import annotations

import copy
import itertools
import logging
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.sources.fetching import FetchError, Response, problem_of_status

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
# What is left of a status for which pip's session would try again.
_GIVEN_UP = re.compile(r"too many (\d{3}) error responses")
_CHAIN = 8


def described(error: BaseException) -> tuple[str, str]:
    """Return the problem, and a detail without addresses, which messages of exceptions contain."""
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
    status = _GIVEN_UP.search(text) if found == "RetryError" else None
    if status:
        return "server-error", f"HTTP {status[1]}"
    if names[0] == "OSError" and "certificate" in text:  # a bundle that is not there
        return "certificate", "no such file"
    return _PROBLEMS.get(found, "not-asked"), _words_of_system(error) or names[0]


def _words_of_system(error: BaseException) -> str:
    """Return what the system, or OpenSSL, says of a connection: "connection refused"."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return one.verify_message
        if isinstance(one, OSError) and one.strerror:
            return one.strerror.lower()
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_CHAIN):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


_CHUNK = 16 * 1024
_LARGE_CHUNK = 256 * 1024
_MOST_REDIRECTS = 10
_SUCCESS = (200, 206)
_WITH_A_BODY = (200, 403)


class PipFetch:
    """Fetching by pip's session, with the options that a command line has: it is a `Fetch`.

    The session is made when the first page is asked for, and not at all where none is.
    """

    def __init__(self, words: list[str], command: str) -> None:
        self.words = words
        self.command = command
        self.lock = threading.Lock()
        self.session: Any = None
        self.is_built = False

    def __call__(
        self, url: str, headers: Mapping[str, str], timeout: float, limit: int
    ) -> Response:
        """Return the response of an address; raise a FetchError for any failure."""
        deadline = time.monotonic() + timeout
        with _told():
            return _get(self._built(), url, headers, deadline, limit)

    def pieces(self, url: str, headers: Mapping[str, str], timeout: float) -> Iterator[bytes]:
        """Yield a page in pieces as they come; raise FetchError for any status but success."""
        with _told(), _opened(self._built(), url, headers, timeout) as answer:
            if answer.status_code not in _SUCCESS:
                problem = problem_of_status(answer.status_code)
                raise FetchError(problem, f"HTTP {answer.status_code}")
            # The first byte by itself: a whole piece may take its time.
            yield from itertools.islice(answer.iter_content(1), 1)
            yield from answer.iter_content(_CHUNK)

    def whole(self, url: str) -> tuple[int | None, Iterator[bytes]]:
        """Return the size of a file, where the server says it, and its pieces as they come.

        Raises FetchError for any status but success, as do the pieces for a file that breaks off.
        Waits are as long as pip's own.
        """
        with _told():
            session = self._built()
            _require_secure(session, url)
            answer = session.get(url, headers={"Accept-Encoding": "identity"}, stream=True)
            if answer.status_code != _SUCCESS[0]:
                problem = problem_of_status(answer.status_code)
                raise FetchError(problem, f"HTTP {answer.status_code}")
        announced = answer.headers.get("content-length", "")
        size = int(announced) if announced.isdigit() else None
        return size, _all_of(answer, size)

    def _built(self) -> Any:  # noqa: ANN401 (a class of pip's)
        with self.lock:
            if not self.is_built:
                self.is_built = True
                try:
                    self.session = _build(self.words, self.command)
                except (Exception, SystemExit):  # noqa: BLE001 - whatever pip's internals have become
                    self.session = None
        if self.session is None:
            raise FetchError("not-asked", Phrase("this pip's session cannot be used"))
        return self.session


@contextmanager
def _told() -> Iterator[None]:
    """Raise whatever goes wrong as a FetchError."""
    try:
        yield
    except (FetchError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 - also what pip wraps its failures in
        raise FetchError(*described(error)) from None


def _build(words: list[str], command_name: str) -> Any:  # noqa: ANN401 (a class of pip's)
    from pip._internal.commands import create_command

    # Its warnings would go to stderr otherwise: handlers are set only when pip itself runs.
    logging.getLogger("pip").addHandler(logging.NullHandler())
    command: Any = create_command(command_name, isolated="--isolated" in words)
    parser = command.parser
    parser.error = parser.exit = parser.print_help = _stop
    # A copy, because lists among the defaults are shared with the pip that runs afterwards.
    options, _ = parser.parse_args(list(words), copy.deepcopy(parser.get_default_values()))
    options.cache_dir = None
    session = command._build_session(options, retries=0)  # noqa: SLF001 - there is no other way
    session.max_redirects = _MOST_REDIRECTS
    # Prompting stays as it is, because pip uses a keyring only where it may prompt.
    session.auth._prompt_for_password = _login_needed  # noqa: SLF001
    return session


def _stop(*_: object) -> NoReturn:
    raise SystemExit


def _login_needed(*_: object) -> NoReturn:
    raise FetchError("login-needed", "HTTP 401")


def _get(
    session: Any,  # noqa: ANN401 (a class of pip's)
    url: str,
    headers: Mapping[str, str],
    deadline: float,
    limit: int,
) -> Response:
    _require_secure(session, url)
    left = max(0.01, deadline - time.monotonic())
    with _opened(session, url, headers, left) as answer:
        status = answer.status_code
        body = _body(answer, deadline, limit) if status in _WITH_A_BODY else b""
        names = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        return Response(status, names, body, answer.url)


def _require_secure(session: Any, url: str) -> None:  # noqa: ANN401 (a class of pip's)
    if not session.is_secure_origin(url):
        # pip ignores such a source, so what it has does not count.
        raise FetchError("untrusted", "pip ignores a host without encryption")


def _all_of(answer: Any, size: int | None) -> Iterator[bytes]:  # noqa: ANN401 (a class of pip's)
    got = 0
    with _told(), answer:
        for piece in answer.iter_content(_LARGE_CHUNK):
            got += len(piece)
            yield piece
        if size is not None and got != size:
            raise FetchError("truncated", f"{got} of {size} bytes")


def _opened(session: Any, url: str, headers: Mapping[str, str], timeout: float) -> Any:  # noqa: ANN401 (classes of pip's)
    return session.get(url, headers=dict(headers), stream=True, timeout=timeout)


def _body(answer: Any, deadline: float, limit: int) -> bytes:  # noqa: ANN401 (a class of pip's)
    pieces, size = [], 0
    for piece in answer.iter_content(_CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise FetchError("too-large", Phrase("more than {size} bytes", size=limit))
        if time.monotonic() > deadline:
            raise FetchError("timeout", Phrase("still sending"))
    announced = answer.headers.get("content-length", "")
    if announced.isdigit() and answer.raw.tell() < int(announced):
        raise FetchError(
            "truncated", Phrase("{read} of {all} bytes", read=answer.raw.tell(), all=announced)
        )
    return b"".join(pieces)
