"""Reading one folder of a channel: conda's copy of it, or conda's session without its patience."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urljoin

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.sources.fetching import FetchError

from .repodata_parse import (
    INDEX,
    Clock,
    Watched,
    of_error,
    of_status,
    packages_of,
    read_whole,
    reader,
    scan,
    shards,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .repodata_parse import Read, Record


@dataclass(frozen=True)
class RepodataFolder:
    """A folder of a channel; `url` has its credentials, and is for conda's session alone.

    `cached` is conda's copy of its repodata.json (`fresh`: no need to ask again; `etag`: what to
    ask with). `zst` tells whether the compressed one is to be tried first. Where conda reads
    shards, `index` is its copy of their index (`index_fresh`), and `shards` its database of them.
    """

    url: str = field(repr=False)
    cached: Path | None
    index: Path | None
    index_fresh: bool
    shards: Path | None
    fresh: bool
    etag: str
    zst: bool
    offline: bool
    use_only_tar_bz2: bool
    timeouts: tuple[float, float]


def private_session(url: str) -> Any:  # noqa: ANN401
    """Return a session for a folder with all of conda's settings, but without retries and prompts.

    Not the one that conda keeps for the address (hence `__wrapped__`): in a thread of our own, this
    one is nobody else's, and can be changed.
    """
    from conda.gateways.connection import Retry
    from conda.gateways.connection.session import get_session

    session = get_session.__wrapped__(url)
    for adapter in session.adapters.values():
        if hasattr(adapter, "max_retries"):
            adapter.max_retries = Retry(0, read=False)
    session.auth = _never_asking(session.auth)
    return session


def _never_asking(auth: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Keep conda from asking at the terminal for the password of a proxy."""
    from conda.gateways.connection.session import CondaHttpAuth

    def apply(request: Any) -> Any:  # noqa: ANN401
        request = auth(request)
        request.deregister_hook("response", CondaHttpAuth.handle_407)
        return request

    return apply


_JSON, _ZST = "repodata.json", "repodata.json.zst"
_OK, _NOT_MODIFIED = 200, 304
# What the compressed file may be while the plain one is well; conda tries that one too.
_WORTH_ANOTHER = ("absent", "login-needed", "not-an-index")
# A file larger than this is left for its shards, where there are some.
_LARGE = 4 << 20


def find_packages(place: RepodataFolder, names: Iterable[str], deadline: float) -> set[Record]:
    """Return what a folder has of these packages, or raise `FetchError`."""
    try:
        return _Reader(place, tuple(names), Clock(deadline)).find()
    except Exception as error:  # noqa: BLE001 - whatever it is, it has a code
        raise of_error(error) from None


class _Reader:
    """The reading of one folder."""

    def __init__(self, place: RepodataFolder, names: tuple[str, ...], clock: Clock) -> None:
        self.place = place
        self.names = names
        self.clock = clock

    def find(self) -> set[Record]:
        place = self.place
        scheme = place.url.partition("://")[0]
        if scheme == "file":
            return self._in_folder()
        if place.cached is not None and (place.fresh or place.offline):
            return self._in_file(place.cached)
        if place.index is not None and (place.index_fresh or place.offline):
            return self._in_shards(place.index)
        if place.offline or scheme not in ("http", "https"):
            raise FetchError("not-asked", Phrase("offline") if place.offline else scheme)
        return self._online(private_session(place.url))

    def _in_folder(self) -> set[Record]:
        from conda.common.path import url_to_path

        folder = Path(url_to_path(self.place.url))
        for name in (_JSON, _ZST):
            if (folder / name).is_file():
                return self._in_file(folder / name)
        raise FetchError("absent")

    def _in_file(self, path: Path) -> set[Record]:
        with path.open("rb") as file:
            return self._scan(reader(Watched(file, self.clock), path.name))

    def _scan(self, read: Read) -> set[Record]:
        return scan(read, self.names, use_only_tar_bz2=self.place.use_only_tar_bz2)

    def _online(self, session: Any) -> set[Record]:  # noqa: ANN401
        try:
            return self._whole(session, most=_LARGE)
        except FetchError as error:
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

    def _whole(self, session: Any, most: int = 0) -> set[Record]:  # noqa: ANN401
        if self.place.zst:
            try:
                return self._repodata(session, _ZST, most)
            except Exception as error:
                if of_error(error).problem not in _WORTH_ANOTHER:
                    raise
        return self._repodata(session, _JSON, most)

    def _repodata(self, session: Any, name: str, most: int) -> set[Record]:  # noqa: ANN401
        cached, etag = self.place.cached, self.place.etag
        with self._get(session, name, {"If-None-Match": etag} if etag else {}) as response:
            if response.status_code == _NOT_MODIFIED and cached is not None:
                return self._in_file(cached)
            return self._scan(self._read(response, name, most))

    def _sharded(self, session: Any) -> set[Record]:  # noqa: ANN401
        with self._get(session, INDEX) as response:
            index = read_whole(self._read(response, INDEX))
        found: set[Record] = set()
        return found.union(*(self._fetched(session, one) for one in shards(index, self.names)))

    def _in_shards(self, index: Path) -> set[Record]:
        """Read conda's own shards; one that it has not is fetched, or left out when offline."""
        addresses = shards(self._uncompressed(index.read_bytes()), self.names)
        known = {urljoin(f"{self.place.url}/", one): one for one in addresses}
        there = _stored(self.place.shards, known)
        found: set[Record] = set()
        for data in there.values():
            found |= self._of_shard(self._uncompressed(data))
        missing = [url for url in known if url not in there]
        if not missing:
            return found
        if not self.place.offline:
            session = private_session(self.place.url)
            return found.union(*(self._fetched(session, url) for url in missing))
        if not there:
            raise FetchError("not-asked", Phrase("offline"))
        return found

    def _uncompressed(self, data: bytes) -> bytes:
        return read_whole(reader(Watched(io.BytesIO(data), self.clock), INDEX))

    def _fetched(self, session: Any, address: str) -> set[Record]:  # noqa: ANN401
        with self._get(session, address) as response:
            return self._of_shard(read_whole(self._read(response, address)))

    def _of_shard(self, shard: bytes) -> set[Record]:
        return packages_of(shard, self.names, use_only_tar_bz2=self.place.use_only_tar_bz2)

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
            raise FetchError("too-large")
        response.raw.decode_content = True
        return reader(Watched(response.raw, self.clock, total), name)


def _stored(database: Path | None, urls: Iterable[str]) -> dict[str, bytes]:
    """Return what conda's database has of these shards, compressed; it is read and not written."""
    wanted = list(urls)
    if database is None or not wanted:
        return {}
    marks = ",".join("?" * len(wanted))
    with suppress(sqlite3.Error), closing(_read_only(database)) as connection:
        rows = connection.execute(f"SELECT url, shard FROM shards WHERE url IN ({marks})", wanted)  # noqa: S608 - question marks
        return dict(rows.fetchall())
    return {}


def _read_only(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=0.5)
