"""A local index of wheels: PyTorch's below `/whl/`, a user's own below `/simple/`."""

from __future__ import annotations

import base64
import hashlib
import html
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from .wheel_file import WheelFile, wheel_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["CREDENTIALS", "FAULTS", "Seen", "WheelFile", "WheelServer"]

CREDENTIALS = "user:password"
# auth: 401 without CREDENTIALS; foreign: links lead to another host name (of the same server).
FAULTS = ("slow", "500", "truncated", "login", "auth", "foreign")

_LOGIN_PAGE = "<!DOCTYPE html><html><body><form>Sign in to the network</form></body></html>"


@dataclass(frozen=True)
class Seen:
    """One request: its path as sent, the status that it got, and who asked."""

    method: str
    path: str
    status: int
    agent: str
    authorized: bool


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    kind: str = "text/html; charset=utf-8"
    announced: int | None = None


class WheelServer:
    """A wheel index on this machine, running between `__enter__` and `__exit__`."""

    def __init__(self, files: Iterable[WheelFile] = ()) -> None:
        self.requests: list[Seen] = []
        self._faults: dict[str, tuple[str, float]] = {}
        self._pages: dict[str, list[WheelFile]] = {}
        self._folders: dict[str, set[str]] = {}
        self._files: dict[str, WheelFile] = {}
        self._closing = threading.Event()
        self._http = _Server(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self.reset()
        self.add(files)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._http.server_address[1])

    @property
    def root(self) -> str:
        """The address of everything."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """The base of the wheel index."""
        return f"{self.root}/whl"

    @property
    def simple(self) -> str:
        """The user's own index."""
        return f"{self.root}/simple"

    def with_credentials(self, url: str, credentials: str = CREDENTIALS) -> str:
        """Write credentials into one of the addresses."""
        return url.replace("://", f"://{credentials}@", 1)

    def add(self, files: Iterable[WheelFile]) -> None:
        """List further files, and serve them."""
        for file in files:
            self._pages[file.index_path].append(file)
            self._files[file.path] = file
            if not file.is_flat:
                above, _, package = file.index_path.rpartition("/")
                self._folders[above].add(package)

    def fault(self, path_prefix: str, kind: str, *, delay: float = 5.0) -> None:
        """Let every request below this path (or address) fail; the longest prefix counts."""
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        self._faults[urlsplit(path_prefix).path.strip("/")] = (kind, delay)

    def reset(self) -> None:
        """Forget files, faults and requests."""
        self.requests.clear()
        self._faults.clear()
        self._pages = defaultdict(list)
        self._folders = defaultdict(set)
        self._files = {}

    def asked_for(self, part: str) -> bool:
        """Whether a request's path held this."""
        return any(part in seen.path for seen in self.requests)

    def answer(self, path: str, authorization: str | None) -> _Answer:
        """Answer a request, or act the fault that is switched on for it."""
        place = unquote(urlsplit(path).path).strip("/")
        kind, delay = self._fault_at(place)
        if kind == "slow":
            self._closing.wait(delay)
        if kind == "500":
            return _Answer(500, b"out of order")
        if kind == "login":
            return _Answer(200, _LOGIN_PAGE.encode())
        if kind == "auth" and authorization != _basic(CREDENTIALS):
            return _Answer(401, b"who are you?")
        answer = self._found(place, foreign=kind == "foreign")
        if kind == "truncated":
            half = answer.body[: len(answer.body) // 2]
            return _Answer(answer.status, half, answer.kind, len(answer.body))
        return answer

    def _fault_at(self, place: str) -> tuple[str, float]:
        fitting = [prefix for prefix in self._faults if place.startswith(prefix)]
        return self._faults[max(fitting, key=len)] if fitting else ("", 0.0)

    def _found(self, place: str, *, foreign: bool) -> _Answer:
        if place in self._files:
            return _Answer(200, wheel_bytes(self._files[place]), "application/octet-stream")
        if place in self._pages:
            return _Answer(200, self._page(self._pages[place], foreign=foreign))
        if place in self._folders:
            links = [(f"{quote(name)}/", name) for name in sorted(self._folders[place])]
            return _Answer(200, _page(links))
        return _Answer(404, b"not here")

    def _page(self, files: Iterable[WheelFile], *, foreign: bool) -> bytes:
        host = f"http://localhost:{self.port}" if foreign else ""
        return _page([_link(file, host) for file in files])


def _link(file: WheelFile, host: str) -> tuple[str, str]:
    """Link as the real pages do: flat ones relative and bare, the others with a checksum."""
    if file.is_flat and not host:
        return quote(file.filename), file.filename
    address = f"{host}/{quote(file.path)}"
    if file.is_flat:
        return address, file.filename
    digest = hashlib.sha256(wheel_bytes(file)).hexdigest()
    return f"{address}#sha256={digest}", file.basename


def _page(links: Iterable[tuple[str, str]]) -> bytes:
    rows = "".join(f'<a href="{href}">{html.escape(text)}</a><br>\n' for href, text in links)
    return f"<!DOCTYPE html>\n<html><body>\n{rows}</body></html>\n".encode()


def _basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, index: WheelServer) -> None:
        self.index = index
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: those that give up in time do."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._reply()

    def do_HEAD(self) -> None:
        self._reply()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Keep the tests' output clean; `requests` is the log."""

    def _reply(self) -> None:
        authorization = self.headers.get("Authorization")
        answer = self.server.index.answer(self.path, authorization)
        agent = self.headers.get("User-Agent", "")
        seen = Seen(self.command, self.path, answer.status, agent, authorization is not None)
        self.server.index.requests.append(seen)
        self.send_response(answer.status)
        if answer.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="wheels"')
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(answer.announced or len(answer.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(answer.body)
