"""Reading one folder of a channel: conda's copy of it, or conda's session without its patience."""

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Callable, cast
from urllib.parse import urljoin

from .repodata_parse import (
    INDEX,
    UnansweredError,
    of_error,
    of_status,
    packages_of,
    read_whole,
    scan,
    shards,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .repodata_parse import FileName, Read

_PIECE = 1 << 16
# After this part of the time, a file of which not even half would come is given up.
_ENOUGH_TO_JUDGE = 0.25


@dataclass(frozen=True)
class RepodataFolder:
    """A folder of a channel; `url` has its credentials, and is for conda's session alone.

    `cached` is conda's copy of its repodata.json (`fresh`: no need to ask again; `etag`: what to
    ask with). `zst` tells whether the compressed one is to be tried first.
    """

    url: str = field(repr=False)
    cached: Path | None
    fresh: bool
    etag: str
    zst: bool
    offline: bool
    use_only_tar_bz2: bool
    timeouts: tuple[float, float]


class Clock:
    """The time that a question has: until `deadline`."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def left(self) -> float:
        """Give the seconds that are left; raises when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise UnansweredError("timeout")
        return left


class Watched:
    """A file to read from, in pieces, as long as there is time and hope."""

    def __init__(self, file: Any, clock: Clock, total: int = 0) -> None:  # noqa: ANN401
        self._file = file
        self._clock = clock
        self._total = total
        self._done = 0
        self._start = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        """Read a piece."""
        if self._is_hopeless(self._clock.left()):
            raise UnansweredError("timeout", f"{self._total >> 20} MB are too many for the time")
        piece: bytes = self._file.read(_PIECE if size < 0 else min(size, _PIECE))
        self._done += len(piece)
        return piece

    def _is_hopeless(self, left: float) -> bool:
        """Tell whether, at this pace, not even half of it would be there in time."""
        spent = time.monotonic() - self._start
        whole = spent + left
        judged = spent > whole * _ENOUGH_TO_JUDGE
        return judged and self._done / spent * whole < self._total / 2


def private_session(url: str) -> Any:  # noqa: ANN401
    """Make a session for a folder with all of conda's settings, but without retries and questions.

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


def reader(file: Watched, name: str) -> Read:
    """Give what reads a file, decompressed if its name says so, by the library that conda has."""
    if not name.endswith(".zst"):
        return file.read
    for module in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return cast("Read", importlib.import_module(module).ZstdFile(file, "rb").read)
    with suppress(ImportError):
        unzstd = importlib.import_module("zstandard").ZstdDecompressor()
        return cast("Read", unzstd.stream_reader(file).read)
    raise UnansweredError("not-an-index", "no zstd")


_JSON, _ZST = "repodata.json", "repodata.json.zst"
_OK, _NOT_MODIFIED = 200, 304
# What the compressed file may be while the plain one is well; conda tries that one too.
_WORTH_ANOTHER = ("absent", "login-needed", "not-an-index")
# A file larger than this is left for its shards, where there are some.
_LARGE = 4 << 20


def find_packages(place: RepodataFolder, names: Iterable[str], deadline: float) -> set[FileName]:
    """Give what a folder has of these packages; raises `UnansweredError`."""
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

    def find(self) -> set[FileName]:
        place = self.place
        scheme = place.url.partition("://")[0]
        if scheme == "file":
            return self._in_folder()
        if place.cached is not None and (place.fresh or place.offline):
            return self._in_file(place.cached)
        if place.offline or scheme not in ("http", "https"):
            raise UnansweredError("not-asked", "offline" if place.offline else scheme)
        return self._online(private_session(place.url))

    def _in_folder(self) -> set[FileName]:
        from conda.common.path import url_to_path

        folder = Path(url_to_path(self.place.url))
        for name in (_JSON, _ZST):
            if (folder / name).is_file():
                return self._in_file(folder / name)
        raise UnansweredError("absent")

    def _in_file(self, path: Path) -> set[FileName]:
        with path.open("rb") as file:
            return self._scan(reader(Watched(file, self.clock), path.name))

    def _scan(self, read: Read) -> set[FileName]:
        return scan(read, self.names, use_only_tar_bz2=self.place.use_only_tar_bz2)

    def _online(self, session: Any) -> set[FileName]:  # noqa: ANN401
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

    def _whole(self, session: Any, most: int = 0) -> set[FileName]:  # noqa: ANN401
        if self.place.zst:
            try:
                return self._repodata(session, _ZST, most)
            except Exception as error:
                if of_error(error).problem not in _WORTH_ANOTHER:
                    raise
        return self._repodata(session, _JSON, most)

    def _repodata(self, session: Any, name: str, most: int) -> set[FileName]:  # noqa: ANN401
        cached, etag = self.place.cached, self.place.etag
        with self._get(session, name, {"If-None-Match": etag} if etag else {}) as response:
            if response.status_code == _NOT_MODIFIED and cached is not None:
                return self._in_file(cached)
            return self._scan(self._read(response, name, most))

    def _sharded(self, session: Any) -> set[FileName]:  # noqa: ANN401
        with self._get(session, INDEX) as response:
            index = read_whole(self._read(response, INDEX))
        found: set[FileName] = set()
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
