"""Read a folder's repodata, in time and without traces: from conda's cache, or by its session.

conda's session brings proxies, certificates, tokens, netrc and auth handlers. conda's own fetching
is not used: it parses the whole file, which holds the interpreter's lock for seconds, and writes
whatever came (a login page too) to the cache that conda's own run reads a moment later.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from .repodata_problems import UnansweredError, of_error, of_status
from .repodata_scan import scan
from .repodata_shards import INDEX, packages_of, read_whole, shards
from .repodata_stream import Clock, Watched, private_session, reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .repodata_place import Place
    from .repodata_scan import Package
    from .repodata_stream import Read

_JSON, _ZST = "repodata.json", "repodata.json.zst"
_OK, _NOT_MODIFIED = 200, 304
# What the compressed file may be while the plain one is well; conda tries that one too.
_WORTH_ANOTHER = ("absent", "login-needed", "not-an-index")
# A file larger than this is left for its shards, where there are some.
_LARGE = 4 << 20


def find(place: Place, names: Iterable[str], deadline: float) -> set[Package]:
    """Give what a folder has of these packages; raises `UnansweredError`."""
    try:
        return _Reader(place, tuple(names), Clock(deadline)).find()
    except Exception as error:  # noqa: BLE001 - whatever it is, it has a code
        raise of_error(error) from None


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
        return self._online(private_session(place.url))

    def _in_folder(self) -> set[Package]:
        from conda.common.path import url_to_path

        folder = Path(url_to_path(self.place.url))
        for name in (_JSON, _ZST):
            if (folder / name).is_file():
                return self._in_file(folder / name)
        raise UnansweredError("absent")

    def _in_file(self, path: Path) -> set[Package]:
        with path.open("rb") as file:
            return self._scan(reader(Watched(file, self.clock), path.name))

    def _scan(self, read: Read) -> set[Package]:
        return scan(read, self.names, use_only_tar_bz2=self.place.use_only_tar_bz2)

    def _online(self, session: Any) -> set[Package]:  # noqa: ANN401
        try:
            return self._whole(session, most=_LARGE)
        except UnansweredError as error:
            if error.problem not in ("absent", "too-large"):
                raise
            problem = error
        try:
            return self._sharded(session)
        except Exception as error:
            if of_error(error).problem == "timeout":
                raise
        if problem.problem == "absent":
            raise problem
        return self._whole(session)

    def _whole(self, session: Any, most: int = 0) -> set[Package]:  # noqa: ANN401
        if self.place.zst:
            try:
                return self._repodata(session, _ZST, most)
            except Exception as error:
                if of_error(error).problem not in _WORTH_ANOTHER:
                    raise
        return self._repodata(session, _JSON, most)

    def _repodata(self, session: Any, name: str, most: int) -> set[Package]:  # noqa: ANN401
        cached, etag = self.place.cached, self.place.etag
        with self._get(session, name, {"If-None-Match": etag} if etag else {}) as response:
            if response.status_code == _NOT_MODIFIED and cached is not None:
                return self._in_file(cached)
            return self._scan(self._read(response, name, most))

    def _sharded(self, session: Any) -> set[Package]:  # noqa: ANN401
        with self._get(session, INDEX) as response:
            index = read_whole(self._read(response, INDEX))
        found: set[Package] = set()
        for address in shards(index, self.names):
            with self._get(session, address) as response:
                shard = read_whole(self._read(response, address))
            only = self.place.use_only_tar_bz2
            found |= packages_of(shard, self.names, use_only_tar_bz2=only)
        return found

    def _get(
        self,
        session: Any,  # noqa: ANN401
        address: str,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Any:  # noqa: ANN401
        left = self.clock.left()
        return session.get(
            urljoin(f"{self.place.url}/", address),
            stream=True,
            headers=dict(headers),
            timeout=tuple(min(left, seconds) for seconds in self.place.timeouts),
        )

    def _read(self, response: Any, name: str, most: int = 0) -> Read:  # noqa: ANN401
        if response.status_code != _OK:
            raise of_status(response.status_code)
        coded = response.headers.get("Content-Encoding")
        total = 0 if coded else int(response.headers.get("Content-Length") or 0)
        if most and total > most:
            raise UnansweredError("too-large")
        response.raw.decode_content = True
        return reader(Watched(response.raw, self.clock, total), name)
