"""Why a channel did not answer: the codes of `ChannelAnswer.problem`."""

from __future__ import annotations

import logging
import time
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from conda_cuda_guard.model.channels import ChannelAnswer

from .repodata_cache import places
from .repodata_fetch import find_packages

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


class UnansweredError(Exception):
    """A channel's folder gave no answer; `problem` and `detail` are those of a `ChannelAnswer`."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


def of_status(status: int) -> UnansweredError:
    """Say of an HTTP status what it means."""
    return UnansweredError(_BY_STATUS.get(status, "server-error"), f"HTTP {status}")


def of_error(error: Exception) -> UnansweredError:
    """Say of an error what it means; of its message nothing, which may quote an address."""
    if isinstance(error, UnansweredError):
        return error
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "ProxyError" in kinds and "407" in str(error):
        return of_status(407)
    problem = next((_BY_ERROR[kind] for kind in kinds if kind in _BY_ERROR), "not-asked")
    return UnansweredError(problem, kinds[0])


if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Union

    from .repodata_cache import FileName, RepodataFolder

    Outcome = Union[set[FileName], UnansweredError]

PACKAGES = (
    "pytorch",
    "pytorch-gpu",
    "pytorch-cuda",
    "pytorch-mutex",
    "cuda-version",
    "cudatoolkit",
    "torchvision",
    "torchaudio",
)
LIMIT = 2.0
_THREAD = "cuda-guard"


def ask_channels(
    channels: Iterable[str], *, packages: Iterable[str] = PACKAGES, limit: float = LIMIT
) -> tuple[ChannelAnswer, ...]:
    """Ask channels, by name or address, what they have; all of them in `limit` seconds.

    There is an answer for each channel that conda makes of these names, in their order. An address
    without credentials gets those that the user's configuration has for it.
    """
    deadline = time.monotonic() + limit
    asked = places(channels)
    everything = [place for several in asked.values() for place in several]
    outcomes = _outcomes(everything, tuple(packages), deadline)
    return tuple(
        _merged(address, [outcomes[place] for place in several])
        for address, several in asked.items()
    )


def _outcomes(
    asked: list[RepodataFolder], names: tuple[str, ...], deadline: float
) -> dict[RepodataFolder, Outcome]:
    """Read all folders at once, and leave those behind that are not read in time.

    A thread that is left behind holds no lock of conda's, nothing of its configuration and no file
    open for writing; it stops at the next piece that it reads.
    """
    arrived: SimpleQueue[tuple[RepodataFolder, Outcome]] = SimpleQueue()

    def ask(place: RepodataFolder) -> None:
        try:
            arrived.put((place, find_packages(place, names, deadline)))
        except UnansweredError as error:
            arrived.put((place, error))

    # conda -vvv shows what urllib3 logs: addresses, with the tokens in them.
    logging.getLogger("urllib3.connectionpool").addFilter(_is_not_ours)
    outcomes: dict[RepodataFolder, Outcome] = dict.fromkeys(asked, UnansweredError("timeout"))
    for place in asked:
        Thread(target=ask, args=(place,), name=_THREAD, daemon=True).start()
    for _ in asked:
        try:
            place, outcome = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        outcomes[place] = outcome
    return outcomes


def _is_not_ours(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


def _merged(channel: str, outcomes: list[Outcome]) -> ChannelAnswer:
    """Make one answer of a channel's folders: one that is not there is empty, as for conda."""
    if not outcomes:
        return ChannelAnswer(channel, (), "not-asked", "not a channel")
    failed = [one for one in outcomes if isinstance(one, UnansweredError)]
    worst = next((one for one in failed if one.problem != "absent"), None)
    if worst is None and len(failed) == len(outcomes):
        worst = failed[0]
    if worst is not None:
        return ChannelAnswer(channel, (), worst.problem, worst.detail)
    found = {package for one in outcomes if isinstance(one, set) for package in one}
    return ChannelAnswer(channel, tuple(sorted(found)))
