"""Asking several sources at once, in the time there is."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from conda_cuda_guard.model import PLATFORMS, Question
from conda_cuda_guard.sources import index_client
from conda_cuda_guard.sources.fetching import FetchError, Response
from conda_cuda_guard.sources.index_client import LARGEST_PAGE, ask_indexes
from tests.support.clocks import FakeClock

from .serving import PAGE, Server, html

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conda_cuda_guard.model import Answer

TORCH = "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl"
VISION = "torchvision-0.16.2+cu121-cp311-cp311-linux_x86_64.whl"
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def question(url: str = PAGE, package: str = "torch", *, flat: bool = False) -> Question:
    return Question(url, url, package, flat)


def one(server: Server, asked: Question) -> Answer:
    (answer,) = ask_indexes([asked], server, cache=None)
    return answer


def names(answer: Answer) -> list[str]:
    return [unquote(wheel.url.rpartition("/")[2]) for wheel in answer.wheels]


def test_answers_come_in_the_order_of_the_questions() -> None:
    urls = [f"https://host.test/{number}/torch/" for number in range(40)]
    server = Server({url: html(TORCH) for url in urls[::2]}, delays={urls[0]: 0.3})
    answers = ask_indexes(map(question, urls), server, cache=None)
    assert [answer.question.url for answer in answers] == urls
    assert [answer.problem for answer in answers] == ["", "absent"] * 20


def test_no_question_costs_nothing() -> None:
    assert ask_indexes([], Server({}), cache=None) == ()


def test_they_are_asked_side_by_side() -> None:
    urls = [f"https://host.test/{number}/torch/" for number in range(8)]
    # None is answered before all are asked.
    together = threading.Barrier(len(urls), timeout=60)
    server = Server({url: html(TORCH) for url in urls}, holds=dict.fromkeys(urls, together.wait))
    answers = ask_indexes(map(question, urls), server, seconds=60, cache=None)
    assert not any(answer.problem for answer in answers)


def test_when_time_is_up_the_others_answers_are_given() -> None:
    slow = "https://slow.test/torch/"
    over = threading.Event()
    server = Server({PAGE: html(TORCH), slow: html(TORCH)}, holds={slow: over.wait})
    start = time.monotonic()
    quick, late = ask_indexes([question(), question(slow)], server, seconds=1, cache=None)
    assert time.monotonic() - start < 10  # the second; a busy machine is late to wake who waited
    assert (quick.problem, names(quick)) == ("", [TORCH])
    assert (late.problem, late.detail, late.wheels) == ("timeout", "not there after 1 s", ())
    over.set()


def test_an_answer_that_is_late_is_kept_for_the_next_run(tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        over.wait()

    fresh = {"cache-control": "max-age=600"}
    server = Server({PAGE: html(TORCH)}, holds={PAGE: hold}, headers=fresh)
    while not begun.is_set():  # a busy machine may not even begin in the time
        (late,) = ask_indexes([question()], server, seconds=0.1, cache=tmp_path)
        assert late.problem == "timeout"
    over.set()
    until = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.01)
    (kept,) = ask_indexes([question()], Server({}), seconds=60, cache=tmp_path)
    assert (kept.problem, names(kept)) == ("", [TORCH])


def test_files_for_other_platforms_are_passed_over_where_one_is_named(tmp_path: Path) -> None:
    arm, windows, stable = (
        f"torch-2.1.2+cu121-{tags}.whl"
        for tags in ("cp311-cp311-linux_aarch64", "cp311-cp311-win_amd64", "py3-none-any")
    )
    server = Server({PAGE: html(TORCH, arm, windows, stable)})
    asked = [question(), *(replace(question(), platform=one) for one in PLATFORMS[:3])]
    found = [names(one) for one in ask_indexes(asked, server, seconds=60, cache=tmp_path)]
    mine = [[TORCH, stable], [arm, stable], [windows, stable]]
    assert found == [[TORCH, arm, windows, stable], *mine]
    assert [names(one) for one in ask_indexes(asked, server, seconds=60, cache=tmp_path)] == found


def test_time_is_counted_from_the_question_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    waits: list[float] = []

    def fetch(url: str, headers: Mapping[str, str], timeout: float, limit: int) -> Response:
        del headers, limit
        waits.append(timeout)
        clock.now += 75
        return Response(200, {}, html(TORCH), url)

    # The third of one worker's pages is not begun: there is no time for it.
    monkeypatch.setattr(index_client, "_MOST_AT_ONCE", 1)
    urls = [f"https://host.test/{number}/torch/" for number in range(4)]
    answers = ask_indexes(
        map(question, urls), fetch, seconds=150, cache=None, clock=clock.monotonic
    )
    assert waits == [150, 75]
    assert [answer.problem for answer in answers][2:] == ["timeout", "timeout"]


def test_no_time_at_all() -> None:
    (answer,) = ask_indexes([question()], Server({PAGE: html(TORCH)}), seconds=0, cache=None)
    assert answer.problem in ("", "timeout")


def test_a_page_is_fetched_once_for_several_packages() -> None:
    server = Server({PAGE: html(TORCH, VISION)})
    asked = [question(package="torch"), question(package="torchvision"), question(package="x")]
    found = [names(answer) for answer in ask_indexes(asked, server, cache=None)]
    assert found == [[TORCH], [VISION], []]
    assert server.requests == 1


def test_a_flat_page_answers_for_the_family() -> None:
    server = Server({PAGE: html(TORCH, VISION)})
    assert names(one(server, question(flat=True))) == [TORCH, VISION]


def test_links_start_from_where_a_redirect_ended() -> None:
    server = Server({PAGE: Response(200, {}, html(TORCH), "https://other.test/deep/torch/")})
    (wheel,) = one(server, question()).wheels
    assert wheel.url == f"https://other.test/deep/torch/{TORCH}"


@pytest.mark.parametrize(
    ("page", "problem", "detail"),
    [
        (FetchError("certificate", "x"), "certificate", "x"),
        (FetchError("truncated"), "truncated", ""),
        (ValueError("https://me:secret@host.test"), "not-asked", "ValueError"),
        (Response(401, {}, b"", PAGE), "login-needed", "HTTP 401"),
        (Response(403, {}, b"no", PAGE), "login-needed", "HTTP 403"),
        (Response(403, {}, DENIED, PAGE), "absent", "HTTP 403"),
        (Response(404, {}, b"", PAGE), "absent", "HTTP 404"),
        (Response(407, {}, b"", PAGE), "login-needed", "HTTP 407"),
        (Response(410, {}, b"", PAGE), "absent", "HTTP 410"),
        (Response(304, {}, b"", PAGE), "server-error", "HTTP 304"),
        (Response(429, {}, b"", PAGE), "server-error", "HTTP 429"),
        (Response(503, {}, b"", PAGE), "server-error", "HTTP 503"),
        (b"<html><form>Sign in</form></html>", "not-an-index", "no list of files"),
        (Response(200, {"content-type": "application/json"}, b"1", PAGE), "not-an-index",
         "JSON without files"),
    ],
    ids=lambda value: str(getattr(value, "status", "")) or str(value)[:20],
)  # fmt: skip
def test_problems(page: bytes | Response | Exception, problem: str, detail: str) -> None:
    answer = one(Server({PAGE: page}), question())
    assert (answer.wheels, answer.problem, answer.detail) == ((), problem, detail)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (TORCH, VISION):
        (tmp_path / name).touch()
    (tmp_path / "page.html").write_bytes(html(f"sub/{TORCH}"))
    index = tmp_path / "simple" / "torch"
    index.mkdir(parents=True)
    (index / "index.html").write_bytes(html(f"../../{TORCH}"))
    return tmp_path


@pytest.mark.parametrize("as_uri", [False, True], ids=["path", "uri"])
@pytest.mark.parametrize(
    ("place", "flat", "found"),
    [
        pytest.param(".", True, [TORCH, VISION], id="a folder of wheels"),
        pytest.param("page.html", True, [TORCH], id="a page"),
        pytest.param(TORCH, True, [TORCH], id="a wheel"),
        pytest.param("simple/torch", False, [TORCH], id="an index"),
    ],
)
def test_places_on_this_machine(
    folder: Path, as_uri: bool, place: str, flat: bool, found: list[str]
) -> None:
    path = folder / place
    server = Server({})
    answer = one(server, question(path.as_uri() if as_uri else str(path), flat=flat))
    assert (sorted(names(answer)), answer.problem) == (found, "")
    assert all(wheel.url.startswith(folder.as_uri()) for wheel in answer.wheels)
    assert server.requests == 0


def test_a_folder_without_a_page_is_no_index(folder: Path) -> None:
    assert one(Server({}), question(str(folder))).problem == "absent"


def test_a_folder_that_is_not_there(folder: Path) -> None:
    assert one(Server({}), question(str(folder / "nowhere"), flat=True)).problem == "absent"


def test_a_file_that_is_no_page(folder: Path) -> None:
    (folder / "notes.txt").write_text("torch", "utf-8")
    answer = one(Server({}), question(str(folder / "notes.txt"), flat=True))
    assert answer.problem == "not-an-index"


def test_a_file_without_an_end(folder: Path) -> None:
    with (folder / "page.html").open("wb") as file:
        file.truncate(LARGEST_PAGE + 1)
    answer = one(Server({}), question(str(folder / "page.html"), flat=True))
    assert answer.problem == "too-large"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_device_that_is_named_as_a_page_is_not_read() -> None:
    answer = one(Server({}), question("/dev/zero", flat=True))
    assert (answer.problem, answer.detail) == ("unreachable", "it is a device, and no file")


def test_a_name_that_no_file_can_have() -> None:
    answer = one(Server({}), question(f"/{'x' * 5000}", flat=True))
    assert (answer.problem, answer.detail) == ("unreachable", "OSError")


# --- beside pages ---------------------------------------------------------------------------------

METADATA = (
    b"Metadata-Version: 2.1\nName: torchvision\nVersion: 0.16.2\nRequires-Dist: torch==2.1.2\n"
)
VARIANTS = b'{"variants": {"cu128": {"nvidia": {"cuda_version_lower_bound": ["12.8"]}}}}'
LABELLED = "torch-2.16.0-cp311-cp311-manylinux_2_28_x86_64-cu128.whl"


def test_variant_wheels_are_told_apart_from_the_others() -> None:
    answer = one(Server({PAGE: html(TORCH, LABELLED)}), question())
    assert names(answer) == [TORCH]
    assert [wheel.variant for wheel in answer.variants] == ["cu128"]


@pytest.mark.parametrize("is_local", [True, False])
def test_metadata_and_descriptions_of_files(tmp_path: Path, *, is_local: bool) -> None:
    name = "torchvision-0.16.2-cp311-cp311-linux_x86_64.whl.metadata"
    bodies = {name: METADATA, "torch-2.16.0-variants.json": VARIANTS}
    for path, body in bodies.items():
        (tmp_path / path).write_bytes(body)
    server = Server({f"https://host.test/{path}": body for path, body in bodies.items()})
    places = [
        (tmp_path / one).as_uri() if is_local else f"https://host.test/{one}" for one in bodies
    ]
    asked = [
        Question(places[0], places[0], "torchvision", metadata="true"),
        Question(places[1], places[1], "torch", describes=True),
    ]
    of_file, described = ask_indexes(asked, server, cache=None)
    assert of_file.requires == ("torch==2.1.2",)
    assert [(one.label, one.cuda) for one in described.described] == [("cu128", "12.8")]
    assert server.requests == (0 if is_local else 2)


def test_a_description_that_is_not_there() -> None:
    asked = Question(PAGE, PAGE, "torch", describes=True)
    assert one(Server({}), asked).problem == "absent"
    assert one(Server({PAGE: b"<html>"}), asked).problem == "not-an-index"
