"""Ask whether the indexes and channels in force answer, all at once and for two seconds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from conda_cuda_guard.host.child import run_bounded
from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.time_limit import time_limit

SECONDS = time_limit(2.0)
# Until the child is ended that asks: it starts and imports before its seconds count.
_LONGEST = 5 * SECONDS
# By the environment, which others cannot read: addresses may hold passwords.
VARIABLE = "CUDA_GUARD_REACH"
_MISSING = 404


@dataclass(frozen=True)
class AddressToAsk:
    """An address in force: as it is shown, the one to ask, and what to ask it through.

    `link` names what it belongs to. `may_lack`: that there is no such page says nothing of it.
    """

    link: str
    shown: str
    url: str
    proxy: str | None = None
    may_lack: bool = False


def unreachable(
    addresses: Iterable[AddressToAsk], environ: Mapping[str, str]
) -> tuple[tuple[AddressToAsk, str], ...]:
    """Return the addresses that do not answer, each with the reason."""
    asked = tuple(dict.fromkeys(addresses))
    folders = {one: path for one in asked if (path := _local(one.url)) is not None}
    remote = [one for one in asked if one not in folders]
    problems: dict[AddressToAsk, str] = {
        one: _NO_FOLDER for one, path in folders.items() if not path.exists()
    }
    problems.update(_asked(remote, environ))
    return tuple((one, problems[one]) for one in asked if one in problems)


_NO_FOLDER = Phrase("there is no such folder or file")


def _local(url: str) -> Path | None:
    """Return the folder or file that an address is; None for one on the network."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    # A single letter is a drive of Windows.
    return Path(url).expanduser() if len(parts.scheme) <= 1 else None


def _asked(addresses: list[AddressToAsk], environ: Mapping[str, str]) -> dict[AddressToAsk, str]:
    if not addresses:
        return {}
    probe = Path(__file__).with_name("reach_probe.py")
    task = {"seconds": SECONDS, "addresses": [asdict(one) for one in addresses]}
    outcome = run_bounded(
        [sys.executable, "-I", "-S", str(probe)],
        environ={**environ, VARIABLE: json.dumps(task)},
        limit=_LONGEST,
    )
    answers = dict(_answers(outcome.output))
    late = Phrase("no answer in {limit:.3g} s", limit=SECONDS)
    if not answers and outcome.problem:
        return {}  # not asked: that says nothing of them
    found = {one: answers.get(number, late) for number, one in enumerate(addresses)}
    return {one: problem for one, told in found.items() if (problem := _problem(one, told))}


def _answers(output: str) -> Iterable[tuple[int, Any]]:
    for line in output.splitlines():
        with suppress(ValueError):  # the last one, where it was ended
            number, told = json.loads(line)
            yield number, told


def _problem(address: AddressToAsk, told: str | int) -> str | None:
    """Return what is wrong with an answer: an HTTP status, or a text where there was none."""
    if isinstance(told, str):
        return told
    missing = told == _MISSING and not address.may_lack
    return f"HTTP {told}" if missing or told >= 500 else None  # noqa: PLR2004
