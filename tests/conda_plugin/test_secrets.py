"""Logins and tokens of channels: a real .condarc and command line, and every byte that we write."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.support.tools import REAL_TIME

from .channel_server import PASSWORD, TOKEN
from .conftest import RTX_5090

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

    from .channel_server import ChannelServer
    from .conftest import Workshop

DRIVER = ("535.104.05", "12.2")
SECRETS = (PASSWORD, TOKEN)
FITTING = ("pytorch==2.1.1", "pytorch-cuda=12.1")
TOO_NEW = ("pytorch==2.4.1", "pytorch-cuda=12.4")


def _addresses(server: ChannelServer) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Return settings and options that name the same channels, by where the secrets stand."""
    login, token = server.base_with_password, f"{server.base}/t/{TOKEN}"
    both = f"{login}/t/{TOKEN}"
    names = ("pytorch", "nvidia", "main")
    return {
        "channels": ({"channels": [f"{login}/pytorch", f"{token}/nvidia", f"{both}/main"]}, ()),
        "channel_alias": (
            {
                "channel_alias": both,
                "channels": ["pytorch", "nvidia", "defaults"],
                "default_channels": [f"{both}/main"],
            },
            (),
        ),
        "custom_channels": (
            {
                "custom_channels": {"pytorch": login, "nvidia": token, "main": both},
                "channels": ["pytorch", "nvidia", "main"],
            },
            (),
        ),
        "default_channels": (
            {"channels": ["defaults"], "default_channels": [f"{both}/{one}" for one in names]},
            (),
        ),
        "command line": (
            {"channels": ["defaults"]},
            tuple(word for one in names for word in ("-c", f"{both}/{one}")),
        ),
    }


PLACES = (
    "channels",
    "command line",
    *(
        pytest.param(one, marks=pytest.mark.nightly)
        for one in ("channel_alias", "custom_channels", "default_channels")
    ),
)
At = Callable[[str], "tuple[Workshop, tuple[str, ...]]"]
_CONDAS = re.compile(r" +- http://")


@pytest.fixture
def at(shop: Workshop, serve: Callable[..., ChannelServer]) -> At:
    """Return the function that puts the secrets somewhere; it returns further options."""

    def put(where: str) -> tuple[Workshop, tuple[str, ...]]:
        settings, options = _addresses(serve())[where]
        shop.configured = settings.pop("channels")
        shop.settings = settings
        return shop, options

    shop.put_driver(*DRIVER)
    return put


def _shown(done: Result) -> list[str]:
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    return [line for line in text.splitlines() if any(secret in line for secret in SECRETS)]


def _written(shop: Workshop) -> list[Path]:
    """Return the files that have a secret, but for what the user wrote and what conda keeps."""
    condas = ("condarc", "pkgs", "conda-meta", ".conda")
    return [
        path
        for folder in (shop.conda.home, shop.prefix)
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(condas) for part in path.relative_to(folder).parts)
        and any(secret.encode() in path.read_bytes() for secret in SECRETS)
    ]


COMMANDS = {
    "plan": ("cuda-install", *FITTING, "--plan"),
    "plan as JSON": ("cuda-install", "pytorch", "--plan", "--json"),
    "replaced": ("cuda-install", *TOO_NEW, "--plan"),
    "refused": ("cuda-install", "pytorch==9.9", "--plan"),
    "refused as JSON": ("cuda-install", "pytorch==9.9", "--plan", "--json"),
    "doctor": ("cuda-doctor",),
    "doctor as JSON": ("cuda-doctor", "--json"),
    "unusable": ("cuda-install", "pytorch=*=*=*", "--plan"),
}


@pytest.mark.parametrize("where", PLACES)
def test_our_commands_show_none(where: str, at: At) -> None:
    shop, options = at(where)
    for name, (command, *words) in COMMANDS.items():
        more = () if command == "cuda-doctor" else options
        done = shop.run(command, *words, *more)
        assert _shown(done) == [], (name, done)
    assert _written(shop) == []


FAILING = ("pytorch=2.1.1=*cuda12.4*", "--dry-run")


@pytest.mark.parametrize("where", PLACES)
def test_what_is_said_after_a_failed_solve_shows_none(where: str, at: At) -> None:
    shop, options = at(where)
    done = shop.run("install", *FAILING, *options)
    told = done.stderr.partition("cuda-guard:")[2]
    assert "A command that fits this machine: conda install" in told
    assert not any(secret in told for secret in SECRETS)
    # conda names the channels that it searched, with their logins.
    assert all(_CONDAS.match(line) for line in _shown(done))
    assert _written(shop) == []


@pytest.mark.nightly
@pytest.mark.parametrize("mode", ["warn", "enforce", "rewrite"])
@pytest.mark.parametrize("words", [FAILING, (*TOO_NEW, "--dry-run")])
def test_a_json_of_condas_has_no_more_than_without_us(
    words: tuple[str, ...], mode: str, at: At
) -> None:
    shop, options = at("command line")
    plain = shop.run("install", *words, *options, "--json", plugin=False)
    shop.settings["plugins"] = {"cuda_guard": mode}
    done = shop.run("install", *words, *options, "--json")
    assert not any(secret in done.stderr for secret in SECRETS)
    new = set(_shown(done)) - set(_shown(plain))
    assert all(line.strip().startswith('"url": ') for line in new)  # of packages that are planned


@pytest.mark.parametrize("command", ["install", "cuda-install"])
def test_a_refusal_shows_none(command: str, at: At) -> None:
    shop, options = at("command line")
    shop.settings["plugins"] = {"cuda_guard": "enforce"}
    shop.put_driver("470.82.01", "11.4", RTX_5090)
    for json_too in ((), ("--json",)):
        done = shop.run(command, *TOO_NEW, "--dry-run", *options, *json_too)
        assert done.returncode == 3, done
        assert _shown(done) == []


@pytest.mark.skipif(os.name == "nt", reason="pipes have no names there")
def test_a_file_of_specs_that_is_none(shop: Workshop, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    shop.variables = dict(REAL_TIME)
    for name, why in (
        (tmp_path / "pipe", "a pipe that nothing writes into"),
        ("/dev/zero", "a dev"),
    ):
        done = shop.run("cuda-install", "--file", name, "--plan")
        assert done.returncode == 2, done
        assert f"{name} cannot be read" in done.stderr
        assert why in done.stderr
