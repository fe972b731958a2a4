"""Read a folder's repodata, in time and without traces: from conda's cache, or by its session.

conda's session brings proxies, certificates, tokens, netrc and auth handlers. conda's own fetching
is not used: it parses the whole file, which holds the interpreter's lock for seconds, and writes
whatever came (a login page too) to the cache that conda's own run reads a moment later.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .repodata_scan import UnansweredError, scan
from .repodata_stream import Clock, Watched, private_session, unzstd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .repodata_place import Place
    from .repodata_scan import Package

_JSON, _ZST = "repodata.json", "repodata.json.zst"
_OK, _NOT_MODIFIED = 200, 304
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
# What the compressed file may be while the plain one is well; conda tries that one too.
_WORTH_ANOTHER = ("absent", "login-needed", "not-an-index")


def find(place: Place, names: Iterable[str], deadline: float) -> set[Package]:
    """Give what a folder has of these packages; raises `UnansweredError`."""
    try:
        return _Reader(place, tuple(names), Clock(deadline)).find()
    except Exception as error:  # noqa: BLE001 - whatever it is, it has a code
        raise _unanswered(error) from None


def _unanswered(error: Exception) -> UnansweredError:
    """Say of an error what it means; of its message nothing, which may quote an address."""
    if isinstance(error, UnansweredError):
        return error
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "ProxyError" in kinds and "407" in str(error):
        return UnansweredError("login-needed", "HTTP 407")
    problem = next((_BY_ERROR[kind] for kind in kinds if kind in _BY_ERROR), "not-asked")
    return UnansweredError(problem, kinds[0])


class _Reader:
    """The reading of one folder."""

    def __init__(self, place: Place, names: tuple[str, ...], clock: Clock) -> None:
        self.place = place
        self.names = names
        self.clock = clock

    def find(self) -> set[Package]:
        place = self.place
        scheme = place.url.partition("://")[0]
        if scheme == "file":
            return self._in_folder()
        if place.cached is not None and (place.fresh or place.offline):
            return self._in_file(place.cached)
        if place.offline or scheme not in ("http", "https"):
            raise UnansweredError("not-asked", "offline" if place.offline else scheme)
        return self._online()

    def _in_folder(self) -> set[Package]:
        from conda.common.path import url_to_path

        folder = Path(url_to_path(self.place.url))
        for name in (_JSON, _ZST):
            if (folder / name).is_file():
                return self._in_file(folder / name)
        raise UnansweredError("absent")

    def _in_file(self, path: Path) -> set[Package]:
        with path.open("rb") as file:
            return self._scan(Watched(file, self.clock), compressed=path.suffix == ".zst")

    def _online(self) -> set[Package]:
        session = private_session(self.place.url)
        if self.place.zst:
            try:
                return self._fetch(session, _ZST)
            except Exception as error:
                if _unanswered(error).problem not in _WORTH_ANOTHER:
                    raise
        return self._fetch(session, _JSON)

    def _fetch(self, session: Any, name: str) -> set[Package]:  # noqa: ANN401
        left = self.clock.left()
        response = session.get(
            f"{self.place.url}/{name}",
            stream=True,
            headers={"If-None-Match": self.place.etag} if self.place.etag else {},
            timeout=tuple(min(left, seconds) for seconds in self.place.timeouts),
        )
        with response:
            status = response.status_code
            if status == _NOT_MODIFIED and self.place.cached is not None:
                return self._in_file(self.place.cached)
            if status != _OK:
                raise UnansweredError(_BY_STATUS.get(status, "server-error"), f"HTTP {status}")
            response.raw.decode_content = True
            coded = response.headers.get("Content-Encoding")
            total = 0 if coded else int(response.headers.get("Content-Length") or 0)
            file = Watched(response.raw, self.clock, total)
            return self._scan(file, compressed=name == _ZST)

    def _scan(self, file: Watched, *, compressed: bool) -> set[Package]:
        stream = unzstd(file) if compressed else file
        if stream is None:
            raise UnansweredError("not-an-index", "no zstd")
        return scan(stream.read, self.names, use_only_tar_bz2=self.place.use_only_tar_bz2)
