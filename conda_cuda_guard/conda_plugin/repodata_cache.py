"""The folders of a channel (`linux-64`, `noarch`) and what conda's cache has of them.

All that conda's configuration says is read here, before any thread starts: a thread that goes on
after its time must not look at a configuration that conda is about to read anew.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model.redaction import redact
from conda_cuda_guard.sources.fetching import FetchError

from .channels_in_force import conda_channels, quietly

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .repodata_fetch import Read

_FILE = "repodata.json"


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


def places(channels: Iterable[str]) -> dict[str, list[RepodataFolder]]:
    """Give the folders that conda would look into, by the address of their channel.

    A channel has none where conda cannot make sense of its name.
    """
    _prepare()
    given = _with_credentials()
    found: dict[str, list[RepodataFolder]] = {}
    for asked in channels:
        for address, folders in _folders(asked, given).items():
            found.setdefault(address, folders)
    return found


def _folders(asked: str, given: dict[str, Any]) -> dict[str, list[RepodataFolder]]:
    found = {}
    try:
        for channel in conda_channels(asked):
            address = redact(channel.base_url)
            urls = given.get(address, channel).urls(with_credentials=True)
            found[address] = [_place(url) for url in urls]
    except Exception:  # noqa: BLE001 - an odd name, or odd settings; conda tells them
        found[redact(asked)] = []
    return found


def _prepare() -> None:
    """Do what conda does before it fetches, so that no thread has to."""
    from conda.base.context import context

    with suppress(Exception):  # it loads the solver, which may have faults of its own
        _ = context.user_agent
    if not context.ssl_verify:
        from conda.gateways.connection.download import disable_ssl_verify_warning

        disable_ssl_verify_warning()


def _with_credentials() -> dict[str, Any]:
    """Give the channels in force by their bare addresses: the user may have written more."""
    from conda.base.context import context

    with suppress(Exception):  # a channel that is not allowed, for one: conda stops at it
        names = quietly(lambda: context.channels)
        known = (one for name in names for one in conda_channels(name))
        return {redact(one.base_url): one for one in known}
    return {}


def _place(url: str) -> RepodataFolder:
    from conda.base.context import context

    cache = _cache(url)
    state = _read_state(cache)
    cached: Path | None = cache.cache_path_json if cache is not None else None
    return RepodataFolder(
        url,
        cached=cached if cached is not None and cached.is_file() else None,
        fresh=bool(state) and not cache.stale(),
        etag=str(state.get("etag") or ""),
        zst=bool(context.repodata_use_zst) and _may_have_zst(cache),
        offline=bool(context.offline or context.use_index_cache),
        use_only_tar_bz2=bool(context.use_only_tar_bz2),
        timeouts=(context.remote_connect_timeout_secs, context.remote_read_timeout_secs),
    )


def _cache(url: str) -> Any:  # noqa: ANN401
    """Give conda's cache of a folder, None where there is none to write to."""
    from conda.gateways.repodata import RepodataCache, cache_fn_url, create_cache_dir

    with suppress(Exception):
        name = cache_fn_url(url).partition(".")[0]
        return RepodataCache(f"{create_cache_dir()}/{name}", _FILE)
    return None


def _may_have_zst(cache: Any) -> bool:  # noqa: ANN401
    return cache is None or bool(cache.state.should_check_format("zst"))


def _read_state(cache: Any) -> dict[str, Any]:  # noqa: ANN401
    """Read what conda keeps about its copy, where it belongs to the copy that is there.

    Without conda's lock: it may be waited for ten seconds, and giving it back here would give back
    one that conda itself holds in this process.
    """
    try:
        state: dict[str, Any] = json.loads(cache.cache_path_state.read_text("utf-8"))
        found = cache.cache_path_json.stat()
        if (state["mtime_ns"], state["size"]) != (found.st_mtime_ns, found.st_size):
            return {}
        cache.state.update(state)
    except Exception:  # noqa: BLE001 - no copy, or none to rely on
        return {}
    return state


FileName = tuple[str, str, str]

_CHUNK = 1 << 18
_MOST = 1 << 30
# A match that ends with a chunk is found in the next: this much of a chunk is looked at again.
_OVERLAP = 1 << 10


def scan(read: Read, names: Iterable[str], *, use_only_tar_bz2: bool = False) -> set[FileName]:
    """Give the (name, version, build) of these packages; `read` is a file's."""
    # What is in quotes before a colon is a record; the list `removed` has names without one.
    pattern = re.compile(rb'"%b"\s*:' % file_names(names, use_only_tar_bz2=use_only_tar_bz2))
    found: set[FileName] = set()
    part = tail = b""
    size = 0
    is_repodata = False
    while chunk := read(_CHUNK):
        if not size and not chunk.lstrip().startswith(b"{"):
            raise FetchError("not-an-index", "no JSON")
        size += len(chunk)
        if size > _MOST:
            raise FetchError("too-large", f"more than {_MOST >> 20} MB")
        part = tail + chunk
        found.update(map(package, pattern.finditer(part)))
        is_repodata = is_repodata or b'"packages' in part
        tail = part[-_OVERLAP:]
    if not tail.rstrip().endswith(b"}"):
        raise FetchError("truncated", "JSON without its end")
    if not is_repodata:
        # conda keeps an empty object for a folder that is not there.
        is_empty = b"".join(part.split()) == b"{}"
        raise FetchError("absent" if is_empty else "not-an-index", "JSON without packages")
    return found


def file_names(names: Iterable[str], *, use_only_tar_bz2: bool) -> bytes:
    """Give the regular expression of the files of these packages."""
    either = b"|".join(re.escape(name.encode()) for name in names)
    part = rb"[\w.+!~*]+"
    kinds = rb"tar\.bz2" if use_only_tar_bz2 else rb"(?:conda|tar\.bz2)"
    return rb"(?P<name>%b)-(?P<version>%b)-(?P<build>%b)\.%b" % (either, part, part, kinds)


def package(match: re.Match[bytes]) -> FileName:
    """Give the package of a file name that was found."""
    return (match["name"].decode(), match["version"].decode(), match["build"].decode())
