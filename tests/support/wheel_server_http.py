"""The HTTP side of the wheel index: sending a reply whole, half, slowly or without an end."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from pathlib import Path

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Seen:
    """One request: its path as sent, the status that it got, and who asked."""

    method: str
    path: str
    status: int
    agent: str
    authorized: bool


@dataclass(frozen=True)
class Reply:
    """What to send.

    `announced` is a length that is not the body's, `pace` the seconds between two bytes (`0`: all
    at once; `slow_head` sends the headers like that too). An
    `endless` body is sent again and again.
    """

    status: int
    body: bytes = b""
    kind: str = HTML
    announced: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    pace: float = 0.0
    slow_head: bool = False
    endless: bool = False


Answering = Callable[[str, "Mapping[str, str]"], Reply]


class HttpServer(ThreadingHTTPServer):
    """A server on this machine that asks a function what to reply, and notes what it was asked."""

    daemon_threads = True

    def __init__(
        self,
        answering: Answering,
        requests: list[Seen],
        closing: threading.Event,
        certificate: Path | None,
    ) -> None:
        self.answering = answering
        self.requests = requests
        self.closing = closing
        super().__init__(("127.0.0.1", 0), _Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake is left to the thread of a request: one that hangs holds up no other.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: those that give up in time do."""


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer

    def do_GET(self) -> None:
        self._reply()

    def do_HEAD(self) -> None:
        self._reply()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Keep the tests' output clean; `requests` is the log."""

    def _reply(self) -> None:
        requests = self.server.requests  # before a slow answer, after which it may be another
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.answering(self.path, headers)
        agent = headers.get("user-agent", "")
        authorized = "authorization" in headers
        requests.append(Seen(self.command, self.path, reply.status, agent, authorized))
        self._head(reply)
        if self.command == "GET":
            self._body(reply)

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.kind)
        if not reply.endless and reply.status != 304:
            self.send_header("Content-Length", str(reply.announced or len(reply.body)))
        if reply.slow_head:
            self.flush_headers()
            for number in range(1000):
                if self.server.closing.wait(reply.pace):
                    return
                self.wfile.write(b"X-Header-%d: slowly\r\n" % number)
        self.end_headers()

    def _body(self, reply: Reply) -> None:
        if reply.pace:
            for at in range(len(reply.body)):
                self.wfile.write(reply.body[at : at + 1])
                if self.server.closing.wait(reply.pace):
                    return
        self.wfile.write(b"" if reply.pace else reply.body)
        while reply.endless and not self.server.closing.is_set():
            self.wfile.write(reply.body)
