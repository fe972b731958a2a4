"""What the channels have of a few packages, asked within two seconds.

All that conda's configuration says is read here, before any thread starts: a thread that goes on
after its time must not look at a configuration that conda is about to read anew.
"""

from __future__ import annotations

import json
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.host.at_once import Deadline, run_at_once
from conda_cuda_guard.model import ChannelAnswer, redact
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.sources.fetching import FetchError

from .channels_in_force import conda_channels, quietly
from .repodata_fetch import RepodataFolder, find_packages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Union

    from .repodata_parse import Record

    Outcome = Union[set[Record], FetchError]

LIMIT = time_limit(2.0)
_FILE = "repodata.json"
_SHARDS = "repodata_shards.db"
_THREAD = "cuda-guard"


def ask_channels(
    channels: Iterable[str],
    *,
    packages: Iterable[str] = (),
    limit: float = LIMIT,
    subdir: str | None = None,
) -> tuple[ChannelAnswer, ...]:
    """Ask channels, by name or address, what they have; all of them in `limit` seconds.

    `packages` are those of the family where none are named. `subdir` is the platform's folder,
    where it is not the one that conda installs for.

    There is an answer for each channel that conda makes of these names, in their order. An address
    without credentials gets those that the user's configuration has for it.
    """
    deadline = time.monotonic() + limit
    asked = places(channels, subdir)
    everything = [place for several in asked.values() for place in several]
    outcomes = _outcomes(everything, tuple(packages) or family().conda.asked, deadline)
    return tuple(
        _merged(address, [outcomes[place] for place in several])
        for address, several in asked.items()
    )


def _outcomes(
    asked: list[RepodataFolder], names: tuple[str, ...], deadline: float
) -> dict[RepodataFolder, Outcome]:
    """Return what became of all folders, read at once; those not read in time are timeouts.

    A thread that is left behind holds no lock of conda's, nothing of its configuration and no file
    open for writing; it stops at the next piece that it reads.
    """

    def ask(place: RepodataFolder) -> Outcome:
        try:
            return find_packages(place, names, deadline)
        except FetchError as error:
            return error

    # conda -vvv shows what urllib3 logs: addresses, with the tokens in them.
    logging.getLogger("urllib3.connectionpool").addFilter(_is_not_ours)
    outcomes: dict[RepodataFolder, Outcome] = dict.fromkeys(asked, FetchError("timeout"))
    found = run_at_once(ask, asked, deadline=Deadline(deadline), most=len(asked), name=_THREAD)
    return {**outcomes, **{asked[at]: outcome for at, outcome in found}}


def _is_not_ours(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


def _merged(channel: str, outcomes: list[Outcome]) -> ChannelAnswer:
    """Return one answer for a channel's folders: one that is not there is empty, as for conda."""
    if not outcomes:
        return ChannelAnswer(channel, (), "not-asked", "not a channel")
    failed = [one for one in outcomes if isinstance(one, FetchError)]
    worst = next((one for one in failed if one.problem != "absent"), None)
    if worst is None and len(failed) == len(outcomes):
        worst = failed[0]
    if worst is not None:
        return ChannelAnswer(channel, (), worst.problem, worst.detail)
    found = sorted(record for one in outcomes if isinstance(one, set) for record in one)
    # A record that was read in two parts comes with what it needs the second time.
    needs = {record[:3]: record[3] for record in found}
    named = {"-".join(package): texts for package, texts in needs.items() if texts}
    return ChannelAnswer(channel, tuple(needs), needs=named)


def places(channels: Iterable[str], subdir: str | None = None) -> dict[str, list[RepodataFolder]]:
    """Return the folders that conda would look into, by the address of their channel.

    A channel has none where conda cannot make sense of its name.
    """
    _prepare()
    given = _with_credentials()
    found: dict[str, list[RepodataFolder]] = {}
    for asked in channels:
        for address, folders in _folders(asked, given, subdir).items():
            found.setdefault(address, folders)
    return found


def is_in_hand(channel: str) -> bool:
    """Return whether conda can solve with a channel without reading all of a large one first."""
    from conda.base.context import context

    if getattr(context, "repodata_use_shards", False):
        return True
    folders = [folder for several in places([channel]).values() for folder in several]
    return all(one.cached is not None or one.url.startswith("file:") for one in folders[:1])


def _folders(
    asked: str, given: dict[str, Any], subdir: str | None
) -> dict[str, list[RepodataFolder]]:
    subdirs = (subdir, "noarch") if subdir else None
    found = {}
    try:
        for channel in conda_channels(asked):
            address = redact(channel.base_url)
            urls = given.get(address, channel).urls(with_credentials=True, subdirs=subdirs)
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
    """Return the channels in force by their bare addresses: the user may have written more."""
    from conda.base.context import context

    with suppress(Exception):  # a channel that is not allowed, for one: conda stops at it
        names = quietly(lambda: context.channels)
        known = (one for name in names for one in conda_channels(name))
        return {redact(one.base_url): one for one in known}
    return {}


def _place(url: str) -> RepodataFolder:
    from conda.base.context import context

    cache = _cache(url)
    state = _read_state(cache, cache.cache_path_json if cache is not None else None)
    cached: Path | None = cache.cache_path_json if cache is not None else None
    index = cached.with_suffix(".msgpack.zst") if cached is not None else None  # conda 26's
    return RepodataFolder(
        url,
        cached=_if_there(cached),
        index=_if_there(index),
        index_fresh=index is not None and bool(_read_state(cache, index)) and not cache.stale(),
        shards=_if_there(index.parent / _SHARDS if index is not None else None),
        fresh=bool(state) and not cache.stale(),
        etag=str(state.get("etag") or ""),
        zst=bool(context.repodata_use_zst) and _may_have_zst(cache),
        offline=bool(context.offline or context.use_index_cache),
        use_only_tar_bz2=bool(context.use_only_tar_bz2),
        timeouts=(context.remote_connect_timeout_secs, context.remote_read_timeout_secs),
    )


def _cache(url: str) -> Any:  # noqa: ANN401
    """Return conda's cache of a folder, None where there is none to write to."""
    from conda.gateways.repodata import RepodataCache, cache_fn_url, create_cache_dir

    with suppress(Exception):
        name = cache_fn_url(url).partition(".")[0]
        return RepodataCache(f"{create_cache_dir()}/{name}", _FILE)
    return None


def _may_have_zst(cache: Any) -> bool:  # noqa: ANN401
    return cache is None or bool(cache.state.should_check_format("zst"))


def _if_there(path: Path | None) -> Path | None:
    return path if path is not None and path.is_file() else None


def _read_state(cache: Any, copy: Path | None) -> dict[str, Any]:  # noqa: ANN401
    """Read what conda keeps about its copy, where it belongs to the copy that is there.

    Without conda's lock: it may be waited for ten seconds, and giving it back here would give back
    one that conda itself holds in this process.
    """
    if copy is None:
        return {}
    try:
        state: dict[str, Any] = json.loads(cache.cache_path_state.read_text("utf-8"))
        found = copy.stat()
        if (state["mtime_ns"], state["size"]) != (found.st_mtime_ns, found.st_size):
            return {}
        cache.state.update(state)
    except Exception:  # noqa: BLE001 - no copy, or none to rely on
        return {}
    return state
