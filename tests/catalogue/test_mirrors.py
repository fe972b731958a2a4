from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.rebuilding.fact_tables import FactsError
from conda_cuda_guard.catalogue.rebuilding.mirrors import _status, channel_tree, split_hosts

if TYPE_CHECKING:
    from conda_cuda_guard.model import Mirror


def services(name: str, kind: str) -> list[Mirror]:
    return [one for one in catalogue.mirrors() if (one.name, one.kind) == (name, kind)]


def service(name: str, kind: str) -> Mirror:
    (one,) = services(name, kind)
    return one


def test_tuna_has_pytorch_by_subdir_and_no_nvidia() -> None:
    tuna = service("TUNA", "channels")
    assert tuna.base == "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
    assert "linux-aarch64" in tuna.carries["pytorch"]
    assert tuna.carries["pytorch-lts"] == {"noarch", "linux-64", "win-64"}
    assert tuna.carries["conda-forge"] == frozenset()
    assert tuna.lacks == {"nvidia"}
    assert [url.rpartition("/")[2] for url in tuna.defaults] == ["main", "r", "msys2"]


def test_tuna_has_no_wheels_but_the_invented_address_is_known() -> None:
    wheels = service("TUNA", "wheels")
    assert (wheels.status, wheels.variants) == ("retired", frozenset())
    assert wheels.base == "https://mirrors.tuna.tsinghua.edu.cn/pytorch/whl"


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("SUSTech", "https://mirrors.sustech.edu.cn/anaconda-extra/cloud"),
        ("CERNET", "https://mirrors.cernet.edu.cn/anaconda-extra/cloud"),
        ("ZJU", "https://mirrors.zju.edu.cn/anaconda-r"),
    ],
)
def test_nvidia_is_in_a_tree_of_its_own(name: str, base: str) -> None:
    found = [one for one in services(name, "channels") if "nvidia" in one.carries]
    assert [(one.base, list(one.carries)) for one in found] == [(base, ["nvidia"])]


def test_nvidia_is_nowhere_else() -> None:
    carriers = {one.name for one in catalogue.mirrors() if "nvidia" in one.carries}
    assert carriers == {"SUSTech", "CERNET", "ZJU"}
    lacking = {one.name for one in catalogue.mirrors() if "nvidia" in one.lacks}
    assert lacking == {"TUNA", "BFSU", "USTC", "SJTUG"}


def test_ustc_keeps_two_channels_and_redirects_the_rest() -> None:
    ustc = service("USTC", "channels")
    assert set(ustc.carries) == {"conda-forge", "bioconda"}
    assert ustc.lacks == {"pytorch", "nvidia"}
    assert ustc.defaults == ()


def test_sjtug_has_no_pytorch_for_arm() -> None:
    subdirs = service("SJTUG", "channels").carries["pytorch"]
    assert "linux-64" in subdirs
    assert not {"linux-aarch64", "osx-arm64"} & subdirs


@pytest.mark.parametrize(
    ("name", "base", "flat"),
    [
        ("NJU", "https://mirror.nju.edu.cn/pytorch/whl", False),
        ("Aliyun", "https://mirrors.aliyun.com/pytorch-wheels", True),
    ],
)
def test_living_wheel_indexes(name: str, base: str, flat: bool) -> None:
    wheels = service(name, "wheels")
    assert (wheels.base, wheels.flat, wheels.status) == (base, flat, "alive")
    assert wheels.variants is not None
    assert {"cpu", "cu121", "cu128"} <= wheels.variants


def test_only_two_wheel_indexes_are_alive() -> None:
    alive = [one for one in catalogue.mirrors() if (one.kind, one.status) == ("wheels", "alive")]
    assert {one.name for one in alive} == {"NJU", "Aliyun"}


@pytest.mark.parametrize(
    ("name", "status"), [("Douban", "doubtful"), ("JLU", "retired"), ("USTC", "alive")]
)
def test_status_of_an_index(name: str, status: str) -> None:
    assert service(name, "pypi").status == status


def test_what_is_claimed_or_unknown_is_neither_there_nor_missing() -> None:
    for name in ("Aliyun", "PKU", "Tencent", "Huawei Cloud", "Westlake Univ"):
        (channels,) = services(name, "channels")
        assert not {"nvidia", "pytorch"} & (set(channels.carries) | channels.lacks)


def test_other_addresses_of_a_service() -> None:
    assert "https://mirrors.tuna.tsinghua.edu.cn/pypi/web/simple" in service("TUNA", "pypi").also
    assert "https://mirrors.nju.edu.cn/pypi/web/simple" in service("NJU", "pypi").also
    assert "https://pypi.douban.com/simple" in service("Douban", "pypi").also
    assert len(service("USTC", "pypi").also) == 2


def test_no_address_is_of_two_services() -> None:
    every = [url for one in catalogue.mirrors() for url in (one.base, *one.also)]
    assert len(every) == len(set(every))


def test_retired_default_channels_are_left_out() -> None:
    every = [url for one in catalogue.mirrors() for url in one.defaults]
    assert every
    assert not [url for url in every if url.endswith("/free")]


@pytest.mark.parametrize(
    ("pattern", "base", "defaults"),
    [
        ("https://h/a/{pkgs/main,pkgs/free,cloud/<channel>}", "https://h/a/cloud", ["main"]),
        ("https://h/a/{pkgs/<c>,cloud/<channel>}", "https://h/a/cloud", ["main", "r"]),
        ("https://h/a/{pkgs,cloud}", "https://h/a/cloud", ["main", "r"]),
        ("https://h/a/pkgs/{main,free,r}", "", ["main", "r"]),
        ("https://h/a/{pkgs/main,cloud/conda-forge}", "https://h/a/cloud", ["main"]),
        ("https://h/a", "https://h/a", []),
    ],
)
def test_patterns_of_the_facts(pattern: str, base: str, defaults: list[str]) -> None:
    expected = (base, [f"https://h/a/pkgs/{name}" for name in defaults])
    assert channel_tree(pattern, ["main", "r"]) == expected


def test_a_row_of_several_mirrors_is_taken_apart() -> None:
    row = {"mirror": "A / B", "host": "a.cn, b.cn", "base_url": "https://<host>/x"}
    assert [(one["mirror"], one["base_url"]) for one in split_hosts(row)] == [
        ("A", "https://a.cn/x"),
        ("B", "https://b.cn/x"),
    ]


def test_an_unknown_status_of_the_facts_is_refused() -> None:
    with pytest.raises(FactsError, match="not a status"):
        _status("nobody knows")
