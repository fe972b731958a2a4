"""Channels served by HTTP on this machine, with faults."""

from __future__ import annotations

import base64
import hashlib
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tests.support.clocks import FOREVER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

USER, PASSWORD, TOKEN = "jane", "s3cr3t-Pa55", "xx-T0KEN-1234"
SECRETS = (USER, PASSWORD, TOKEN, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())

_LOGIN_PAGE = b"<!DOCTYPE html><html><body><form>Sign in to the network</form></body></html>"
_BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_MANY = 100 << 20
_PIECES = {"drip": 100, "crawl": 100_000}


@dataclass(frozen=True)
class Seen:
    """One request and what it got."""

    path: str
    status: int


class ChannelServer:
    """Serves the channels below a folder between `__enter__` and `__exit__`.

    `faults` maps a channel to what is wrong with it: a status, or one of `slow`, `drip` and
    `crawl` (a large file, hardly moving or at 2 MB/s), `truncated`, `login`, `gzip` and `zst`
    (garbage said to be compressed so),
    `basic` and `token` (which must be there), or an address to redirect to.
    """

    def __init__(self, root: Path, certificate: Path | None = None) -> None:
        self.root = root
        self.faults: dict[str, str | int] = {}
        self.delay: float = FOREVER
        self.max_age = 0
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        self._http = _Server(self)
        self._scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        """The address above the channels."""
        return f"{self._scheme}://127.0.0.1:{self._http.server_address[1]}"

    @property
    def base_with_password(self) -> str:
        """The same, with credentials."""
        return self.base.replace("://", f"://{USER}:{PASSWORD}@")

    def url(self, channel: str) -> str:
        """Give the address of a channel."""
        return f"{self.base}/{channel}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, channels: ChannelServer) -> None:
        self.channels = channels
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: those that give up in time do."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        channels = self.server.channels
        path = self.path.strip("/")
        has_token = path.startswith(f"t/{TOKEN}/")
        if has_token:
            path = path[len(f"t/{TOKEN}/") :]
        fault = channels.faults.get(path.partition("/")[0], "")
        if fault == "slow":
            channels.closing.wait(channels.delay)
        if fault == "basic" and self.headers.get("Authorization") != _BASIC:
            fault = 401
        if fault == "token" and not has_token:
            fault = 403
        if isinstance(fault, int):
            self._reply(fault, b"no")
        elif fault.startswith("http"):
            self._reply(302, b"", {"Location": f"{fault}/{path.partition('/')[2]}"})
        elif fault == "login":
            self._reply(200, _LOGIN_PAGE)
        elif fault in _PIECES:
            self._drip(_PIECES[fault])
        else:
            self._serve(path, fault)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Keep the tests' output clean; `seen` is the log."""

    def _serve(self, path: str, fault: str) -> None:
        if fault == "zst" and path.endswith(".zst"):
            self._reply(200, b"garbage" * 100)
            return
        file = self.server.channels.root / path
        if not file.is_file():
            self._reply(404, b"not here")
            return
        body = file.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Cache-Control": f"max-age={self.server.channels.max_age}"}
        if self.headers.get("If-None-Match") == etag:
            self._reply(304, b"", headers)
        elif fault == "gzip":
            self._reply(200, b"garbage" * 100, {"Content-Encoding": "gzip"})
        else:
            self._reply(200, body, headers, cut=fault == "truncated")

    def _reply(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        cut: bool = False,
    ) -> None:
        self.server.channels.seen.append(Seen(self.path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def _drip(self, piece: int) -> None:
        self.server.channels.seen.append(Seen(self.path, 200))
        self.send_response(200)
        self.send_header("Content-Length", str(_MANY))
        self.end_headers()
        self.wfile.write(b"{")
        while not self.server.channels.closing.wait(0.05):
            self.wfile.write(b" " * piece)
