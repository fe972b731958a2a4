"""Pages that are kept: asked about again, without secrets, whatever happens to their files."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.model import Question
from conda_cuda_guard.sources import page_cache
from conda_cuda_guard.sources.index_client import ask_indexes
from conda_cuda_guard.sources.page_cache import Page, default_cache, find_page, keep_page, page_of
from conda_cuda_guard.sources.wheel_filename import wheel_of

from .serving import PAGE, Server, html

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.model import Wheel

TORCH = "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl"
NEWER = "torch-2.2.0+cu121-cp311-cp311-linux_x86_64.whl"
SECRET_PAGE = "https://me:secret-1@host.test/t/secret-2/simple/torch/?token=secret-3"
TAG = {"etag": '"1"'}


def asked(server: Server, cache: Path, url: str = PAGE) -> tuple[Wheel, ...]:
    (answer,) = ask_indexes([Question(url, url, "torch")], server, cache=cache)
    assert answer.problem == ""
    return answer.wheels


def files(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_file()]


def a_wheel(url: str = PAGE) -> Wheel:
    wheel = wheel_of(TORCH, url + TORCH, sha256="ab" * 32, yanked=True)
    assert wheel is not None
    return wheel


@pytest.mark.parametrize(
    ("headers", "condition"),
    [
        pytest.param(TAG, {"If-None-Match": '"1"'}, id="by its tag"),
        pytest.param(
            {"last-modified": "Mon, 01 Jan 2024 00:00:00 GMT"},
            {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
            id="by its time",
        ),
    ],
)
def test_a_page_is_asked_for_only_if_it_has_changed(
    tmp_path: Path, headers: dict[str, str], condition: dict[str, str]
) -> None:
    server = Server({PAGE: html(TORCH)}, headers)
    asked(server, tmp_path)
    asked(server, tmp_path)
    assert condition.items() <= server.asked[1][1].items()


def test_a_page_that_has_not_changed_is_the_same(tmp_path: Path) -> None:
    server = Server({PAGE: html(TORCH)}, TAG)
    first = asked(server, tmp_path)
    server.pages[PAGE] = b"not sent"
    assert asked(server, tmp_path) == first
    assert server.requests == 2


def test_a_page_that_has_changed_is_read(tmp_path: Path) -> None:
    server = Server({PAGE: html(TORCH)}, TAG)
    asked(server, tmp_path)
    server.headers, server.pages[PAGE] = {"etag": '"2"'}, html(TORCH, NEWER)
    assert len(asked(server, tmp_path)) == 2
    server.pages[PAGE] = b"not sent"
    assert len(asked(server, tmp_path)) == 2


@pytest.mark.parametrize(
    ("control", "age", "requests"),
    [
        pytest.param("", "", 2, id="nothing said"),
        pytest.param("max-age=60", "", 1, id="for a minute"),
        pytest.param("public, MAX-AGE=60", "", 1, id="among others"),
        pytest.param("max-age=60", "59", 1, id="nearly too old"),
        pytest.param("max-age=60", "61", 2, id="too old on the way"),
        pytest.param("max-age=60", "-5", 2, id="an odd age"),
        pytest.param("max-age=0", "", 2, id="at once too old"),
        pytest.param("max-age=60, no-cache", "", 2, id="no-cache"),
        pytest.param("no-cache, no-store, must-revalidate", "", 2, id="no-store"),
        pytest.param("s-maxage=60", "", 2, id="for others"),
        pytest.param("max-age=banana", "", 2, id="no number"),
    ],
)
def test_a_fresh_page_needs_no_asking(
    tmp_path: Path, control: str, age: str, requests: int
) -> None:
    server = Server({PAGE: html(TORCH)}, {**TAG, "cache-control": control, "age": age or "0"})
    assert asked(server, tmp_path) == asked(server, tmp_path)
    assert server.requests == requests


@pytest.mark.parametrize(
    ("seconds_ago", "fresh"),
    [
        pytest.param(0, True, id="now"),
        pytest.param(590, True, id="nearly ten minutes"),
        pytest.param(610, False, id="more than ten minutes, whatever was said"),
        pytest.param(-3600, False, id="in the future"),
    ],
)
def test_no_page_is_fresh_for_long(seconds_ago: float, fresh: bool) -> None:
    page = page_of((), {"cache-control": "max-age=999999"})
    assert replace(page, read_at=time.time() - seconds_ago).is_fresh is fresh


def test_not_changed_makes_it_fresh_again(tmp_path: Path) -> None:
    keep_page(tmp_path, PAGE, page_of((a_wheel(),), TAG))
    server = Server({PAGE: b"not sent"}, {**TAG, "cache-control": "max-age=60"})
    assert asked(server, tmp_path) == asked(server, tmp_path) == (a_wheel(),)
    assert server.requests == 1


def test_what_can_never_be_used_again_is_not_kept(tmp_path: Path) -> None:
    asked(Server({PAGE: html(TORCH)}), tmp_path / "pages")
    assert not (tmp_path / "pages").exists()


def test_problems_are_not_kept(tmp_path: Path) -> None:
    server = Server({PAGE: b"<form>"}, TAG)
    ask_indexes([Question(PAGE, PAGE, "torch")], server, cache=tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(SECRET_PAGE, id="beside the page"),
        pytest.param("https://me:secret-1@host.test/t/secret-2/files/a/", id="elsewhere"),
        pytest.param("https://files.test/a/", id="on another host"),
        pytest.param("http://host.test:8080/", id="at a root"),
    ],
)
def test_wheels_come_back_as_they_were(tmp_path: Path, place: str) -> None:
    wheel = wheel_of(TORCH, place.partition("?")[0] + TORCH)
    assert wheel is not None
    page = page_of((wheel, a_wheel(place.partition("?")[0])), TAG)
    keep_page(tmp_path, SECRET_PAGE, page)
    assert find_page(tmp_path, SECRET_PAGE) == page


@pytest.mark.parametrize(
    "url",
    [
        SECRET_PAGE,
        # A token in the path that only those who know the service can tell.
        "https://dl.test/secret-1/me/simple/torch/",
    ],
    ids=["usual", "in the path"],
)
def test_no_secret_is_kept(tmp_path: Path, url: str) -> None:
    page = html(f"{TORCH}?sig=secret-4", f"../../files/{NEWER}")
    wheels = asked(Server({url: page}, TAG), tmp_path, url)
    (file,) = files(tmp_path)
    assert len(wheels) == 2
    assert b"secret" not in file.read_bytes()
    assert "secret" not in file.name
    assert asked(Server({url: b"not sent"}, TAG), tmp_path, url) == wheels


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_nobody_else_reads_it(tmp_path: Path) -> None:
    cache = tmp_path / "a" / "pages"
    asked(Server({PAGE: html(TORCH)}, TAG), cache)
    assert [file.stat().st_mode & 0o777 for file in files(cache)] == [0o600]
    assert cache.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text[:0], id="empty"),
        pytest.param(lambda text: text[: len(text) // 2], id="half"),
        pytest.param(lambda text: text.replace(b"2.1.2", b"2.1.3"), id="changed"),
        pytest.param(lambda text: b"\x00" * len(text), id="zeros"),
        pytest.param(lambda text: text.partition(b"\n")[2], id="without its checksum"),
    ],
)
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    server = Server({PAGE: html(TORCH)}, TAG)
    first = asked(server, tmp_path)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert asked(server, tmp_path) == first
    assert "If-None-Match" not in server.asked[1][1]
    assert find_page(tmp_path, PAGE) is not None


def test_a_file_by_another_release_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_page(tmp_path, PAGE, page_of((a_wheel(),), TAG))
    monkeypatch.setattr(page_cache, "__version__", "99")
    assert find_page(tmp_path, PAGE) is None


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("file/pages", id="below a file"),
        pytest.param("file", id="a file"),
        pytest.param("shut/pages", id="not to be written"),
    ],
)
def test_a_folder_that_cannot_be_used(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "shut").mkdir(mode=0o500)
    server = Server({PAGE: html(TORCH)}, TAG)
    assert len(asked(server, tmp_path / place)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is read cannot be replaced there")
def test_writers_at_the_same_time(tmp_path: Path) -> None:
    pages = [page_of((a_wheel(),) * number, TAG) for number in range(1, 9)]

    def write(page: Page) -> None:
        for _ in range(50):
            keep_page(tmp_path, PAGE, page)

    threads = [threading.Thread(target=write, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        found = find_page(tmp_path, PAGE)
        assert found is None or found in pages
    assert find_page(tmp_path, PAGE) in pages
    assert len(files(tmp_path)) == 1


def test_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = default_cache()
    assert folder is not None
    assert "conda-cuda-guard" in folder.parts
