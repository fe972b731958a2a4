"""conda's cache: read where it is fresh, asked about where it is stale, left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .asking import ask
from .serving import cached, has, is_clean, write_condarc

if TYPE_CHECKING:
    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .serving import Serve


def _search(conda: Conda, condarc: str) -> None:
    """Let conda itself fetch the repodata of channel pytorch."""
    found = conda.run("search", "--override-channels", "-c", "pytorch", "pytorch", condarc=condarc)
    assert found.returncode == 0, found.stderr


def test_condas_cache_is_used(fresh: Conda, channels: Channels, serve: Serve) -> None:
    server = serve()
    server.max_age = 3600
    condarc = write_condarc(channel_alias=server.base)
    _search(fresh, condarc)
    before, kept = list(server.seen), sorted(cached(fresh))
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")
    assert server.seen == before
    assert sorted(cached(fresh)) == kept


def test_a_stale_cache_is_asked_about(fresh: Conda, channels: Channels, serve: Serve) -> None:
    server = serve()
    condarc = write_condarc(channel_alias=server.base)
    _search(fresh, condarc)
    server.seen.clear()
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert is_clean(asked)
    assert asked.answers[0]["packages"] == has(channels, "pytorch")
    assert sorted(seen.status for seen in server.seen) == [304, 304]
    for state in (fresh.home / "pkgs" / "cache").glob("*.info.json"):
        state.write_text('{"mtime')
    asked = ask(fresh, condarc, ask=["pytorch"])
    assert asked.answers[0]["packages"] == has(channels, "pytorch")


@pytest.mark.parametrize(
    "how", [{"CONDA_OFFLINE": "true"}, {"CONDA_USE_INDEX_CACHE": "true"}], ids=["offline", "-C"]
)
def test_offline_only_the_cache_is_read(
    fresh: Conda, channels: Channels, serve: Serve, how: dict[str, str]
) -> None:
    server = serve()
    condarc = write_condarc(channel_alias=server.base)
    _search(fresh, condarc)
    server.seen.clear()
    asked = ask(fresh, condarc, how, ask=["pytorch", "nvidia", channels.url("nvidia")])
    assert is_clean(asked)
    known, unknown, on_disk = asked.answers
    assert known["packages"] == has(channels, "pytorch")
    assert (unknown["problem"], unknown["detail"]) == ("not-asked", "offline")
    assert on_disk["packages"] == has(channels, "nvidia")
    assert server.seen == []


def test_a_cached_nothing_is_no_channel(fresh: Conda, serve: Serve) -> None:
    server = serve()
    condarc = write_condarc(channel_alias=server.base, allow_non_channel_urls=True)
    fresh.run("search", "--override-channels", "-c", "missing", "x", condarc=condarc)
    asked = ask(fresh, condarc, {"CONDA_OFFLINE": "true"}, ask=["missing"])
    assert asked.answers[0]["problem"] in ("absent", "not-asked")
