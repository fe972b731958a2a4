"""Addresses as the mirrors' own help pages write them, and as people do."""

from __future__ import annotations

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Mirror, Note
from conda_cuda_guard.rendering.messages import hint, message
from conda_cuda_guard.sources.mirrors import (
    channel_on,
    concerns,
    lacks,
    mirror_of,
    services,
    wheel_index_beside,
)

MIRRORS = catalogue.mirrors()
TUNA = "https://pypi.tuna.tsinghua.edu.cn/simple"
TUNA_CLOUD = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"

# `index-url` as the help pages give it for pip.conf and `pip config set global.index-url`.
INDEXES = [
    (TUNA, "TUNA"),
    ("https://mirrors.tuna.tsinghua.edu.cn/pypi/web/simple", "TUNA"),
    ("https://mirrors.bfsu.edu.cn/pypi/web/simple", "BFSU"),
    ("https://mirrors.ustc.edu.cn/pypi/simple", "USTC"),
    ("https://mirror.sjtu.edu.cn/pypi/web/simple", "SJTUG"),
    ("https://mirror.nju.edu.cn/pypi/web/simple", "NJU"),
    ("https://mirrors.aliyun.com/pypi/simple/", "Aliyun"),
    ("https://mirrors.cernet.edu.cn/pypi/web/simple", "CERNET"),
    ("https://mirrors.cloud.tencent.com/pypi/simple", "Tencent"),
    ("https://repo.huaweicloud.com/repository/pypi/simple", "Huawei Cloud"),
    ("https://pypi.douban.com/simple/", "Douban"),
]
# `.condarc`: values of default_channels and custom_channels, and what conda makes of them.
CHANNELS = [
    ("https://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/main", "TUNA"),
    ("https://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/free", "TUNA"),
    (TUNA_CLOUD, "TUNA"),
    (f"{TUNA_CLOUD}/pytorch/linux-64", "TUNA"),
    ("https://mirrors.bfsu.edu.cn/anaconda/cloud", "BFSU"),
    ("https://mirrors.ustc.edu.cn/anaconda/cloud/conda-forge", "USTC"),
    ("https://mirrors.nju.edu.cn/anaconda/pkgs/r", "NJU"),
    ("https://mirror.sjtu.edu.cn/anaconda/cloud", "SJTUG"),
    ("https://mirrors.sustech.edu.cn/anaconda-extra/cloud", "SUSTech"),
    ("https://mirrors.zju.edu.cn/anaconda-r/nvidia", "ZJU"),
]


def of(name: str, kind: str = "channels") -> Mirror:
    return services(name, kind, MIRRORS)[0]


def coded(url: str) -> list[tuple[str, str]]:
    return [(note.code, note.case) for note in concerns(url, MIRRORS)]


def only(url: str) -> Note:
    (note,) = concerns(url, MIRRORS)
    return note


@pytest.mark.parametrize(
    ("url", "name", "kind"),
    [(*pair, "pypi") for pair in INDEXES] + [(*pair, "channels") for pair in CHANNELS],
    ids=[url for url, _ in INDEXES + CHANNELS],
)
def test_documented_addresses_are_recognised(url: str, name: str, kind: str) -> None:
    found = mirror_of(url, MIRRORS)
    assert found is not None
    assert (found.name, found.kind) == (name, kind)


@pytest.mark.parametrize(
    "url",
    [
        f"{TUNA}/",
        f"{TUNA}/torch/",
        "http://pypi.tuna.tsinghua.edu.cn/simple",
        "HTTPS://PyPI.Tuna.Tsinghua.edu.cn/simple",
        "https://me:secret@pypi.tuna.tsinghua.edu.cn/simple",
        "https://pypi.tuna.tsinghua.edu.cn:443/simple",
        "http://pypi.tuna.tsinghua.edu.cn:80/simple",
        "https://pypi.tuna.tsinghua.edu.cn//simple//",
        " https://pypi.tuna.tsinghua.edu.cn/simple\n",
        "https://pypi.tuna.tsinghua.edu.cn./simple?x=1#y",
    ],
)
def test_however_an_address_is_written(url: str) -> None:
    found = mirror_of(url, MIRRORS)
    assert found is not None
    assert found.base == TUNA


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pytorch",
        "https://",
        "https://[::1",
        "https://host:port/simple",
        "file:///srv/wheels",
        "https://pypi.tuna.tsinghua.edu.cn",
        "https://pypi.tuna.tsinghua.edu.cn/simpler",
        "https://pypi.tuna.tsinghua.edu.cn:8443/simple",
        "https://example.org/pypi.tuna.tsinghua.edu.cn/simple",
        "https://mirrors.westlake.edu.cn/anaconda/cloud",
        "https://download.pytorch.org/whl/cu121",
        "https://conda.anaconda.org/pytorch",
    ],
)
def test_other_addresses_are_nobodys(url: str) -> None:
    assert mirror_of(url, MIRRORS) is None


def test_a_token_of_conda_is_no_folder() -> None:
    found = mirror_of(TUNA_CLOUD.replace("/anaconda", "/t/tk-123/anaconda"), MIRRORS)
    assert found is not None
    assert found.name == "TUNA"


def test_the_longest_base_wins() -> None:
    tree = Mirror("Tree", "channels", "https://example.cn/anaconda")
    cloud = Mirror("Cloud", "channels", "https://example.cn/anaconda/cloud")
    for known in ((tree, cloud), (cloud, tree)):
        assert mirror_of("https://example.cn/anaconda/cloud/pytorch", known) is cloud
        assert mirror_of("https://example.cn/anaconda/pkgs/main", known) is tree


@pytest.mark.parametrize(
    ("url", "base", "flat"),
    [
        ("https://mirror.nju.edu.cn/pypi/web/simple", "https://mirror.nju.edu.cn/pytorch/whl", 0),
        ("http://mirrors.nju.edu.cn/pypi/web/simple/", "https://mirror.nju.edu.cn/pytorch/whl", 0),
        ("https://mirrors.aliyun.com/pypi/simple", "https://mirrors.aliyun.com/pytorch-wheels", 1),
    ],
)
def test_the_wheel_index_beside_an_index(url: str, base: str, flat: int) -> None:
    found = wheel_index_beside(url, MIRRORS)
    assert found is not None
    assert (found.base, found.flat) == (base, bool(flat))
    assert found.variants is not None
    assert found.mirror in ("NJU", "Aliyun")


@pytest.mark.parametrize(
    "url",
    [TUNA, "https://mirrors.ustc.edu.cn/pypi/simple", "https://mirror.sjtu.edu.cn/pypi/web/simple",
     "https://example.org/simple"],
)  # fmt: skip
def test_no_wheel_index_beside(url: str) -> None:
    assert wheel_index_beside(url, MIRRORS) is None


@pytest.mark.parametrize(
    ("name", "channel", "subdir", "url", "missing"),
    [
        ("TUNA", "pytorch", "linux-64", f"{TUNA_CLOUD}/pytorch", False),
        ("TUNA", "pytorch", "linux-ppc64le", None, True),
        ("TUNA", "conda-forge", "linux-ppc64le", f"{TUNA_CLOUD}/conda-forge", False),
        ("TUNA", "nvidia", "linux-64", None, True),
        ("TUNA", "intel", "linux-64", None, False),
        ("SJTUG", "pytorch", "osx-arm64", None, True),
        ("Aliyun", "nvidia", "linux-64", None, False),
        ("USTC", "pytorch", "linux-64", None, True),
    ],
)
def test_channels_on_a_mirror(
    name: str, channel: str, subdir: str, url: str | None, missing: bool
) -> None:
    assert channel_on(of(name), channel, subdir) == url
    assert lacks(of(name), channel, subdir) is missing


@pytest.mark.parametrize(
    "url",
    [
        TUNA,
        f"{TUNA_CLOUD}/pytorch",
        "https://example.org/simple",
        "http://localhost:8080/simple",
        "http://127.0.0.2/simple",
        "http://[::1]:3141/root",
        "http://10.1.2.3/simple",
        "http://192.168.0.10:8081/repository/conda",
        "http://nexus:8081/simple",
        "http://nexus.corp/simple",
        "file:///srv/wheels",
        "/srv/wheels",
        "pytorch",
        "https://example.org/pkgs/freedom",
    ],
)
def test_nothing_to_say_of(url: str) -> None:
    assert concerns(url, MIRRORS) == ()


def test_a_closed_index() -> None:
    note = only("https://mirrors.jlu.edu.cn/pypi/web/simple")
    assert (note.code, note.severity, note.case) == ("mirror-retired", "warning", "retired")
    assert note.facts["instead"] == TUNA


def test_a_doubtful_index_without_encryption_has_one_line_to_change() -> None:
    notes = concerns("http://pypi.douban.com/simple", MIRRORS)
    assert [note.code for note in notes] == ["mirror-retired", "insecure-index"]
    assert {note.facts["instead"] for note in notes} == {TUNA}


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        (
            "https://mirrors.tuna.tsinghua.edu.cn/pytorch/whl/cu121",
            "https://mirror.nju.edu.cn/pytorch/whl/cu121",
        ),
        (
            "https://mirror.sjtu.edu.cn/pytorch-wheels/whl/cu118/torch_stable.html",
            "https://mirror.nju.edu.cn/pytorch/whl/cu118",
        ),
    ],
)
def test_an_invented_address(url: str, instead: str) -> None:
    note = only(url)
    assert (note.code, note.case, note.facts["instead"]) == ("mirror-retired", "invented", instead)


@pytest.mark.parametrize(
    ("url", "case", "instead"),
    [
        ("http://mirrors.aliyun.com/pypi/simple/", "mirror",
         "https://mirrors.aliyun.com/pypi/simple/"),
        ("http://wheels.example.org:80/simple", "", "https://wheels.example.org/simple"),
        ("HTTP://wheels.example.org", "", "https://wheels.example.org"),
        ("http://wheels.example.org:8081/simple", "", ""),
        ("http://8.8.8.8/simple", "", "https://8.8.8.8/simple"),
    ],
    ids=["mirror", "port", "capitals", "other-port", "public-number"],
)  # fmt: skip
def test_an_address_without_encryption(url: str, case: str, instead: str) -> None:
    note = only(url)
    assert (note.code, note.severity, note.case) == ("insecure-index", "warning", case)
    assert note.facts["instead"] == instead


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        ("https://repo.anaconda.com/pkgs/free", "https://repo.anaconda.com/pkgs/main"),
        ("https://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/free/linux-64",
         "https://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/main"),
        ("pkgs/free", "pkgs/main"),
    ],
    ids=["home", "mirror", "name"],
)  # fmt: skip
def test_the_closed_channel(url: str, instead: str) -> None:
    note = only(url)
    assert (note.code, note.case, note.facts["instead"]) == ("mirror-retired", "free", instead)


def test_the_closed_channel_without_encryption() -> None:
    url = "http://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/free/"
    assert coded(url) == [("mirror-retired", "free"), ("insecure-index", "mirror")]
    instead = {note.facts["instead"] for note in concerns(url, MIRRORS)}
    assert instead == {"https://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/main"}


@pytest.mark.parametrize(
    "url",
    ["http://pypi.douban.com/simple", "https://mirrors.jlu.edu.cn/pypi/web/simple",
     "https://mirrors.tuna.tsinghua.edu.cn/pytorch/whl/cu121", "http://example.org/pkgs/free"],
)  # fmt: skip
def test_every_concern_has_words_and_a_line_to_type(url: str) -> None:
    for note in concerns(url, MIRRORS):
        assert url in message(note)
        assert note.facts["instead"] in hint(note)


def test_where_nothing_else_is_alive_nothing_is_named() -> None:
    (alone,) = (one for one in MIRRORS if one.name == "JLU")
    (note,) = concerns(alone.base, (alone,))
    assert note.facts["instead"] == hint(note) == ""
