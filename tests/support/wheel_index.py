"""A local index of wheels: PyTorch's below `/whl/`, a user's own below `/simple/`.

Below `/pytorch-wheels/` lie the files of `/whl/` again as a mirror has them: a folder for each
variant, listed by the web server.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from packaging.version import Version

from .clocks import FOREVER
from .wheel_file import WheelFile, metadata_of, wheel_bytes
from .wheel_server_faults import (
    CREDENTIALS,
    FAULTS,
    LOGIN_PAGE,
    LOGIN_PATH,
    instead,
    spoiled,
)
from .wheel_server_http import HttpServer, Reply, Seen
from .wheel_server_pages import SIMPLE_JSON, folder_listing, html_page, json_page, link_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from packaging.specifiers import SpecifierSet
    from typing_extensions import Self

__all__ = ["CREDENTIALS", "FAULTS", "Seen", "WheelFile", "WheelServer"]

_MIRROR = "pytorch-wheels"


class WheelServer:
    """A wheel index on this machine, running between `__enter__` and `__exit__`.

    With a certificate (a file that has its key too) it is served over https. `headers` are sent
    with every page; every page has an ETag. Where a path begins like one of `json_below`, JSON is
    sent to who accepts it; PyTorch's own index has none. Where one begins like one of
    `metadata_below`, metadata lies beside the files; `metadata` is what is sent in its place.
    """

    def __init__(self, files: Iterable[WheelFile] = (), *, certificate: Path | None = None) -> None:
        self.requests: list[Seen] = []
        self.held: list[str] = []
        self.headers: dict[str, str] = {}
        self.json_below: tuple[str, ...] = ()
        self.metadata_below: tuple[str, ...] = ()
        self.metadata: dict[str, bytes] = {}
        self._scheme = "http" if certificate is None else "https"
        self._faults: dict[str, tuple[str, float]] = {}
        self._pages: dict[str, list[WheelFile]] = {}
        self._folders: dict[str, set[str]] = {}
        self._files: dict[str, WheelFile] = {}
        self._closing = threading.Event()
        self._http = HttpServer(self.answer, self.requests, self._closing, certificate)
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
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """The base of the wheel index."""
        return f"{self.root}/whl"

    @property
    def mirror(self) -> str:
        """The base of a mirror of the wheel index, with a listed folder for each variant."""
        return f"{self.root}/{_MIRROR}"

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
            if file.is_flat:
                continue
            above, _, package = file.index_path.rpartition("/")
            self._folders[above].add(package)
            base, _, variant = above.partition("/")
            if base == "whl" and variant and "/" not in variant:
                # The real index lists the wheels of all variants beside their folders.
                self._pages[f"{base}/{package}"].append(file)
                self._folders[base].add(package)
                self._listings[f"{_MIRROR}/{variant}"].append(file.filename)
                self._files[f"{_MIRROR}/{variant}/{file.filename}"] = file

    def fault(self, path_prefix: str, kind: str, *, delay: float = FOREVER) -> None:
        """Let every request below this path (or address) fail; the longest prefix counts.

        What is `slow` is `held` for so many seconds.
        """
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        self._faults[urlsplit(path_prefix).path.strip("/")] = (kind, delay)

    def mend(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def reset(self) -> None:
        """Forget files, faults and requests."""
        # A new list: a request that is still waiting belongs to what is forgotten.
        self.requests = []
        self._http.requests = self.requests
        self.held.clear()
        self._faults.clear()
        self.headers.clear()
        self.json_below = ("simple",)
        self.metadata_below = ()
        self.metadata.clear()
        self._listings: dict[str, list[str]] = defaultdict(list)
        self._pages = defaultdict(list)
        self._folders = defaultdict(set)
        self._files = {}

    def newest(self, page: str, versions: SpecifierSet, python: str) -> WheelFile:
        """Return the newest file on a page that is one of these for this Python (`"cp311"`)."""
        fitting = [
            file
            for file in self._pages[page]
            if versions.contains(file.version) and file.basename.split("-")[2] in (python, "py3")
        ]
        return max(fitting, key=lambda file: Version(file.version))

    def asked_for(self, part: str) -> bool:
        """Whether a request's path held this."""
        return any(part in seen.path for seen in self.requests)

    def count(self, status: int) -> int:
        """Count the requests that got this status."""
        return sum(seen.status == status for seen in self.requests)

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Answer a request, or act the fault that is switched on for it.

        The headers' names are in small letters.
        """
        place = unquote(urlsplit(path).path).strip("/")
        if place == LOGIN_PATH:
            return Reply(200, LOGIN_PAGE)
        kind, delay = self._fault_at(place)
        if kind == "slow":
            self.held.append(path)
            self._closing.wait(delay)
        wrong = instead(kind, path, headers.get("authorization"))
        if wrong is not None:
            return wrong
        accept = headers.get("accept", "")
        right = self._found(place, foreign=kind == "foreign", as_json=SIMPLE_JSON in accept)
        reply = self._tagged(spoiled(kind, right))
        if reply.status == 200 and headers.get("if-none-match") == reply.headers["ETag"]:
            return replace(reply, status=304, body=b"")
        return reply

    def _tagged(self, reply: Reply) -> Reply:
        tag = hashlib.sha256(reply.body).hexdigest()[:16]
        return replace(reply, headers={**reply.headers, **self.headers, "ETag": f'"{tag}"'})

    def _fault_at(self, place: str) -> tuple[str, float]:
        fitting = [prefix for prefix in self._faults if place.startswith(prefix)]
        return self._faults[max(fitting, key=len)] if fitting else ("", 0.0)

    def _found(self, place: str, *, foreign: bool, as_json: bool) -> Reply:
        host = f"{self._scheme}://localhost:{self.port}" if foreign else ""
        beside = self._files.get(place.removesuffix(".metadata"))
        with_metadata = bool(self.metadata_below) and place.startswith(self.metadata_below)
        if with_metadata and place.endswith(".metadata") and beside is not None:
            return Reply(200, self.metadata.get(beside.basename) or metadata_of(beside).encode())
        if place in self._files:
            return Reply(200, wheel_bytes(self._files[place]), "application/octet-stream")
        if place in self._pages:
            files = self._pages[place]
            if as_json and place.startswith(self.json_below):
                return json_page(place.rpartition("/")[2], files, host, metadata=with_metadata)
            return html_page(files, host, metadata=with_metadata)
        if place in self._listings:
            return folder_listing(place, self._listings[place])
        if place in self._folders:
            return link_page((f"{quote(name)}/", name) for name in sorted(self._folders[place]))
        return Reply(404, b"not here")
