"""What the channels have of a few packages, asked within two seconds."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from conda_cuda_guard.host.at_once import Deadline, run_at_once
from conda_cuda_guard.model.channels import ChannelAnswer
from conda_cuda_guard.model.time_limit import time_limit
from conda_cuda_guard.sources.fetching import FetchError

from .repodata_cache import places
from .repodata_fetch import find_packages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Union

    from .repodata_cache import FileName, RepodataFolder

    Outcome = Union[set[FileName], FetchError]

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
LIMIT = time_limit(2.0)
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
    """Make one answer of a channel's folders: one that is not there is empty, as for conda."""
    if not outcomes:
        return ChannelAnswer(channel, (), "not-asked", "not a channel")
    failed = [one for one in outcomes if isinstance(one, FetchError)]
    worst = next((one for one in failed if one.problem != "absent"), None)
    if worst is None and len(failed) == len(outcomes):
        worst = failed[0]
    if worst is not None:
        return ChannelAnswer(channel, (), worst.problem, worst.detail)
    found = {package for one in outcomes if isinstance(one, set) for package in one}
    return ChannelAnswer(channel, tuple(sorted(found)))
