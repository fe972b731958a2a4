"""How the channels that a plan adds are written, and which of them a mirror lacks."""

from __future__ import annotations

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.model.conda import ChannelAddress, ChannelInForce, ChannelsInForce
from conda_cuda_guard.sources.channels import lacking, spell_channels

MIRRORS = catalogue.mirrors()
LINUX = "linux-x86_64"
TUNA = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
BFSU = "https://mirrors.bfsu.edu.cn/anaconda/cloud"
ZJU = "https://mirrors.zju.edu.cn/anaconda"
OWN = "https://conda.anaconda.org"


@pytest.mark.parametrize(
    ("in_force", "addresses", "platform", "spelled"),
    [
        ((), {}, LINUX, {}),
        ((f"{OWN}/conda-forge",), {}, LINUX, {}),
        (
            (f"{TUNA}/conda-forge",),
            {},
            LINUX,
            {
                "pytorch": f"{TUNA}/pytorch",
                "conda-forge": f"{TUNA}/conda-forge",
                "nvidia": "nvidia",
            },
        ),
        # Where it lies on the mirror already, its name does.
        (
            (f"{TUNA}/conda-forge",),
            {"pytorch": ChannelAddress((f"{TUNA}/pytorch",), "alias")},
            LINUX,
            {"pytorch": None},
        ),
        # The alias leads to where the mirror has none.
        (
            (f"{TUNA}/conda-forge",),
            {"nvidia": ChannelAddress((f"{TUNA}/nvidia",), "alias")},
            LINUX,
            {"nvidia": f"{OWN}/nvidia"},
        ),
        # A name that the user mapped is the user's.
        (
            (f"{TUNA}/conda-forge",),
            {"pytorch": ChannelAddress((f"{OWN}/pytorch",), "mapped")},
            LINUX,
            {"pytorch": None},
        ),
    ],
)
def test_how_channels_are_written(
    in_force: tuple[str, ...],
    addresses: dict[str, ChannelAddress],
    platform: str,
    spelled: dict[str, str | None],
) -> None:
    found = spell_channels(in_force, addresses, MIRRORS, platform)
    assert {name: found[name].text if name in found else None for name in spelled} == spelled
    assert spelled or not found


def test_what_a_mirror_lacks_is_told_with_the_full_address() -> None:
    addresses = {"nvidia": ChannelAddress((f"{TUNA}/nvidia",), "alias")}
    note = spell_channels((f"{TUNA}/conda-forge",), addresses, MIRRORS, LINUX)["nvidia"].note
    assert note is not None
    assert (note.code, note.facts["mirror"]) == ("channel-missing-on-mirror", "TUNA")
    assert note.facts["instead"] == f"{OWN}/nvidia"


@pytest.mark.parametrize(
    ("channels", "addresses", "platform", "missing"),
    [
        ((), {}, LINUX, ()),
        ((f"{TUNA}/nvidia",), {}, LINUX, ((f"{TUNA}/nvidia", "TUNA"),)),
        ((f"{TUNA}/pytorch",), {}, LINUX, ()),
        ((f"{OWN}/nvidia",), {}, LINUX, ()),
        (
            (),
            {"nvidia": ChannelAddress((f"{TUNA}/nvidia",)), "pytorch": ChannelAddress()},
            LINUX,
            ((f"{TUNA}/nvidia", "TUNA"),),
        ),
        (
            (f"{TUNA}/nvidia",),
            {"nvidia": ChannelAddress((f"{TUNA}/nvidia",))},
            LINUX,
            ((f"{TUNA}/nvidia", "TUNA"),),
        ),
    ],
)
def test_channels_that_a_mirror_is_known_to_lack(
    channels: tuple[str, ...],
    addresses: dict[str, ChannelAddress],
    platform: str,
    missing: tuple[tuple[str, str], ...],
) -> None:
    in_force = tuple(ChannelInForce(one.rpartition("/")[2], one, one) for one in channels)
    found = ChannelsInForce(in_force, addresses)
    assert lacking(found, MIRRORS, platform) == missing
