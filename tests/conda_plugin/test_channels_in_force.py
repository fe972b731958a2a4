"""Where packages come from, under the configurations that people have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .asking import ask
from .channel_server import PASSWORD, SECRETS, TOKEN, USER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda

TUNA = "https://mirrors.tuna.tsinghua.edu.cn/anaconda"
USTC = "https://mirrors.ustc.edu.cn/anaconda"
SJTUG = "https://mirror.sjtu.edu.cn/anaconda"
SUSTECH = "https://mirrors.sustech.edu.cn/anaconda"
SUSTECH_EXTRA = "https://mirrors.sustech.edu.cn/anaconda-extra/cloud"
ANACONDA = "https://conda.anaconda.org"


def _mirrored(base: str, slash: str = "", **more: str) -> dict[str, Any]:
    """Write a condarc as the help pages of the mirrors give it."""
    return {
        "channels": ["defaults"],
        "show_channel_urls": True,
        "default_channels": [f"{base}/pkgs/{name}" for name in ("main", "r", "msys2")],
        "custom_channels": {
            "conda-forge": f"{base}/cloud{slash}",
            "pytorch": f"{base}/cloud{slash}",
            **more,
        },
    }


def _read(conda: Conda, settings: dict[str, Any], **wish: Any) -> dict[str, Any]:
    condarc = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    asked = ask(conda, condarc, **wish)
    assert asked.process.returncode == 0
    assert asked.process.stdout + asked.process.stderr == ""
    assert not [secret for secret in SECRETS if secret in asked.printed]
    return asked.came


def _address(came: dict[str, Any], name: str) -> tuple[str, str]:
    address = came["addresses"][name]
    (url,) = address["urls"]
    return url, address["origin"]


@pytest.mark.parametrize(
    ("settings", "base", "nvidia"),
    [
        pytest.param(_mirrored(TUNA), TUNA, (f"{ANACONDA}/nvidia", "default"), id="TUNA"),
        pytest.param(_mirrored(USTC), USTC, (f"{ANACONDA}/nvidia", "default"), id="USTC"),
        pytest.param(_mirrored(SJTUG, "/"), SJTUG, (f"{ANACONDA}/nvidia", "default"), id="SJTUG"),
        pytest.param(
            _mirrored(SUSTECH, nvidia=SUSTECH_EXTRA),
            SUSTECH,
            (f"{SUSTECH_EXTRA}/nvidia", "mapped"),
            id="SUSTech",
        ),
    ],
)
def test_mirrors_as_their_help_pages_give_them(
    conda: Conda, settings: dict[str, Any], base: str, nvidia: tuple[str, str]
) -> None:
    came = _read(conda, settings)
    channels = [(one["name"].rpartition("/")[2], one["url"]) for one in came["channels"]]
    assert channels == [(name, f"{base}/pkgs/{name}") for name in ("main", "r", "msys2")]
    assert {one["configured"] for one in came["channels"]} == {"defaults"}
    assert _address(came, "pytorch") == (f"{base}/cloud/pytorch", "mapped")
    assert _address(came, "conda-forge") == (f"{base}/cloud/conda-forge", "mapped")
    assert _address(came, "nvidia") == nvidia
    assert _address(came, "pytorch-lts") == (f"{ANACONDA}/pytorch-lts", "default")


def test_channels_by_address_as_ustc_once_gave_them(conda: Conda) -> None:
    urls = [f"{USTC}/cloud/conda-forge", f"{USTC}/pkgs/main"]
    came = _read(conda, {"channels": [f"{url}/" for url in urls]})
    assert [one["url"] for one in came["channels"]] == urls
    assert [one["configured"] for one in came["channels"]] == urls


def test_an_alias_moves_every_name(conda: Conda) -> None:
    alias = {"channel_alias": f"{TUNA}/cloud", "channels": ["pytorch", "conda-forge"]}
    came = _read(conda, alias)
    assert [one["url"] for one in came["channels"]] == [
        f"{TUNA}/cloud/pytorch",
        f"{TUNA}/cloud/conda-forge",
    ]
    for name in ("pytorch", "pytorch-lts", "nvidia", "conda-forge"):
        assert _address(came, name) == (f"{TUNA}/cloud/{name}", "alias")


def test_a_plain_conda_keeps_its_defaults(conda: Conda) -> None:
    came = _read(conda, {"channels": ["defaults"]})
    assert [one["name"] for one in came["channels"]][:2] == ["pkgs/main", "pkgs/r"]
    assert _address(came, "pytorch") == (f"{ANACONDA}/pytorch", "default")
    assert came["priority"] == "flexible"
    assert came["override_channels_enabled"] is True
    assert came["forbidden"] == came["pinned"] == []
    assert came["offline"] is came["use_only_tar_bz2"] is False


def test_a_name_that_stands_for_several(conda: Conda) -> None:
    several = {"custom_multichannels": {"conda-forge": [f"{TUNA}/a", f"{SJTUG}/b"]}}
    came = _read(conda, {**several, "channels": ["conda-forge", "nvidia"]})
    assert came["addresses"]["conda-forge"]["urls"] == [f"{TUNA}/a", f"{SJTUG}/b"]
    assert came["addresses"]["conda-forge"]["origin"] == "mapped"
    assert [one["configured"] for one in came["channels"]] == ["conda-forge"] * 2 + ["nvidia"]


def test_addresses_that_have_moved(conda: Conda) -> None:
    moved = {
        "channel_alias": f"{TUNA}/cloud",
        "migrated_channel_aliases": [ANACONDA],
        "migrated_custom_channels": {"nvidia": "https://old.example"},
        "custom_channels": {"nvidia": SUSTECH_EXTRA},
        "channels": [f"{ANACONDA}/pytorch", "https://old.example/nvidia"],
    }
    came = _read(conda, moved)
    assert [one["url"] for one in came["channels"]] == [
        f"{TUNA}/cloud/pytorch",
        f"{SUSTECH_EXTRA}/nvidia",
    ]


def test_secrets_stay_where_they_are(conda: Conda) -> None:
    secret = {
        "channel_alias": f"https://{USER}:{PASSWORD}@repo.example/t/{TOKEN}",
        "custom_channels": {"nvidia": f"https://{USER}:{PASSWORD}@other.example/x"},
        "channels": [
            "pytorch",
            f"https://{USER}:{PASSWORD}@repo.example/mine",
            f"https://repo.example/t/{TOKEN}/yours/linux-64",
        ],
        "pinned_packages": [f"https://{USER}:{PASSWORD}@repo.example/mine::pytorch=2.1"],
    }
    came = _read(conda, secret)
    assert [one["url"] for one in came["channels"]] == [
        f"https://repo.example/{name}" for name in ("pytorch", "mine", "yours")
    ]
    assert _address(came, "nvidia") == ("https://other.example/x/nvidia", "mapped")


def test_settings_that_hem_a_plan_in(conda: Conda, tmp_path: Path) -> None:
    prefix = conda.prefix(tmp_path / "env")
    (prefix / "conda-meta" / "pinned").write_text("# mine\n\nnumpy <2\n")
    settings = {
        "channel_priority": "strict",
        "override_channels_enabled": False,
        "use_only_tar_bz2": True,
        "offline": True,
        "pinned_packages": ["pytorch 2.1.*"],
    }
    came = _read(conda, settings, prefix=str(prefix))
    assert came["priority"] == "strict"
    assert came["override_channels_enabled"] is False
    assert came["use_only_tar_bz2"] is came["offline"] is True
    assert came["pinned"] == ["pytorch=2.1", "numpy[version='<2']"]
    free = _read(conda, settings, prefix=str(prefix), options={"ignore_pinned": True})
    assert free["pinned"] == []


@pytest.mark.parametrize("key", ["allowlist_channels", "whitelist_channels"])
def test_an_allowlist_forbids_the_others(conda: Conda, key: str) -> None:
    allowed = {key: ["conda-forge", f"{ANACONDA}/nvidia"], "channels": ["conda-forge"]}
    tried = ["pytorch", f"{ANACONDA}/pytorch", f"{ANACONDA}/conda-forge"]
    came = _read(conda, allowed, forbidden=tried)
    assert came["forbidden"] == ["paddle", "pyg", "pytorch", "pytorch-lts", "rapidsai"]
    assert came["is_forbidden"] == ["pytorch", f"{ANACONDA}/pytorch"]
    assert [one["name"] for one in came["channels"]] == ["conda-forge"]


def test_a_denylist_forbids_its_own(conda: Conda) -> None:
    if tuple(map(int, conda.version.split(".")[:2])) < (24, 9):
        pytest.skip(f"conda {conda.version} has no denylist")
    denied = {"denylist_channels": ["nvidia", "defaults"], "channels": ["conda-forge"]}
    assert _read(conda, denied)["forbidden"] == ["nvidia"]
    # What is in force may be forbidden itself: conda will say so.
    assert _read(conda, {**denied, "channels": ["nvidia"]})["forbidden"] == ["nvidia"]


def test_the_command_line_counts(conda: Conda) -> None:
    typed = {"channel": ["nvidia"], "override_channels": True}
    came = _read(conda, {"channels": ["conda-forge"]}, options=typed)
    assert [one["name"] for one in came["channels"]] == ["nvidia"]
    typed["override_channels"] = False
    came = _read(conda, {"channels": ["conda-forge"]}, options=typed)
    assert [one["name"] for one in came["channels"]] == ["nvidia", "conda-forge"]


@pytest.mark.parametrize(
    ("settings", "field", "neutral"),
    [
        ({"channel_priority": "sideways"}, "priority", "flexible"),
        ({"channels": ["http://[broken"]}, "channels", []),
        ({"channels": {"a": "b"}}, "channels", []),
        ({"custom_channels": ["pytorch"]}, "addresses", None),
        ({"channel_alias": "no-scheme"}, "addresses", None),
        ({"pinned_packages": ["pytorch >>=2 ("]}, "pinned", []),
        ({"offline": "perhaps"}, "offline", False),
        ({"allowlist_channels": 7}, "forbidden", []),
    ],
)
def test_odd_values_are_left_to_conda(
    conda: Conda, settings: dict[str, Any], field: str, neutral: object
) -> None:
    came = _read(conda, settings)
    assert neutral is None or came[field] == neutral


def test_an_unreadable_pin_file_is_left_to_conda(conda: Conda, tmp_path: Path) -> None:
    prefix = conda.prefix(tmp_path / "env")
    (prefix / "conda-meta" / "pinned").write_bytes(b"\xff\xfe pytorch ((")
    assert _read(conda, {}, prefix=str(prefix))["pinned"] == []
