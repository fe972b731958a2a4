"""What is asked beside the wheel index: metadata of followers, built files, another's packages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Answer, Gpu, Host, Installed, Question, Request, Sources, Wheel
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources import family_places
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.family_places import (
    with_built_files,
    with_served,
    without_dead_places,
)
from conda_cuda_guard.sources.live_pins import about_plain_followers, followers_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from conda_cuda_guard.planner.problem import Problem

PLATFORM = "linux-x86_64"
KNOWN = from_catalogue("pip", PLATFORM)
HOST = Host(PLATFORM, "3.12", "580.95.05", None, (Gpu("NVIDIA H100", "9.0"),))
OLDER = replace(HOST, driver="575.51.03")
MAIN = "https://main.example/simple"


def problem(text: str, host: Host = HOST, *, closed: bool = False, **sources: Any) -> Problem:
    request = Request("pip", tuple(text.split()), (host,), sources=Sources(**sources))
    return read_problem(replace(request, closed=closed), KNOWN)


def wheel(name: str, number: str, **more: Any) -> Wheel:
    url = f"{MAIN}/{name}-{number}.whl"
    return Wheel(name, number, frozenset(), frozenset({PLATFORM}), url, **more)


class Asking:
    """Answers by the address, and remembers what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {name.replace("_", "-"): one for name, one in answers.items()}
        self.asked: list[Question] = []

    def __call__(self, questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        self.asked += questions
        return tuple(
            replace(Answer(one), **self.answers.get(one.package, {"problem": "absent"}))
            for one in questions
        )


# --- followers whose metadata names the lead -----------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "pages"),
    [
        (problem("torch vllm", index_urls=(MAIN,)), [f"{MAIN}/vllm/"]),
        (problem("torch vllm", default_index=f"{MAIN}/"), [f"{MAIN}/vllm/"]),
        (problem("torch vllm"), []),
        (problem("torch torchvision", index_urls=(MAIN,)), []),
        (problem("torch vllm", index_urls=(MAIN,), no_index=True), []),
        (problem("torch vllm", index_urls=(MAIN,), closed=True), []),
        (problem("torch vllm", Host("macos-arm64", "3.12"), index_urls=(MAIN,)), []),
    ],
)
def test_the_pages_of_followers_on_the_main_index(asked: Problem, pages: list[str]) -> None:
    assert [one.url for one in about_plain_followers(asked)] == pages


def needs_now(asking: Asking, *wheels: Wheel, asked: str = "torch vllm") -> str | None:
    """Return what the newest vllm asks of torch, with what was heard."""
    found = problem(asked)
    pages = (Answer(Question(MAIN, MAIN, "vllm"), wheels),)
    (one,) = followers_now(found, KNOWN, pages, asking)
    return one.versions[0][1] if one.versions[0][0] == "99.1.0" else None


NEWEST = wheel("vllm", "99.1.0", metadata="true")


@pytest.mark.parametrize(
    ("wheels", "requires", "needs"),
    [
        ((NEWEST,), ("torch==2.14.1", "numpy"), "==2.14.1"),
        ((NEWEST, wheel("torch", "9.9.9")), ("torch==9.9.9",), "==9.9.9"),
        ((NEWEST,), ("torch==9.9.9",), None),  # a release that nobody has heard of
        ((NEWEST,), ("numpy",), None),
        ((NEWEST,), (), None),
        ((replace(NEWEST, metadata=""),), ("torch==2.14.1",), None),
        ((replace(NEWEST, yanked=True),), ("torch==2.14.1",), None),
        ((replace(NEWEST, version="99.1.0rc1"),), ("torch==2.14.1",), None),
        ((replace(NEWEST, platforms=frozenset({"windows-amd64"})),), ("torch==2.14.1",), None),
        ((wheel("vllm", "0.1.0"), NEWEST), ("torch==2.14.1",), "==2.14.1"),
    ],
)
def test_metadata_of_the_newest_release_counts(
    wheels: tuple[Wheel, ...], requires: tuple[str, ...], needs: str | None
) -> None:
    assert needs_now(Asking(vllm={"requires": requires}), *wheels) == needs


def test_a_release_that_the_request_rules_out_is_not_asked_about() -> None:
    asking = Asking(vllm={"requires": ("torch==2.14.1",)})
    assert needs_now(asking, NEWEST, asked="torch vllm<99") is None
    assert asking.asked == []


@pytest.mark.parametrize(
    ("answer", "has_index"),
    [
        ({"problem": "absent"}, False),
        ({"problem": "timeout"}, True),
        ({"wheels": (wheel("vllm", "0.30.0"),)}, True),
    ],
)
def test_an_index_of_its_own_that_says_that_it_lacks_a_follower_does_not_count(
    answer: dict[str, Any], *, has_index: bool
) -> None:
    asking = Asking(vllm=answer)
    (one,) = followers_now(problem("torch vllm", OLDER), KNOWN, (), asking)
    (question,) = asking.asked
    assert question.url == "https://wheels.vllm.ai/0.30.0/cu129/vllm/"
    assert any(row.index for row in one.rows) is has_index


def test_versions_that_no_index_of_its_own_has_are_not_asked_about() -> None:
    asking = Asking()
    followers_now(problem("torch vllm<0.10", OLDER), KNOWN, (), asking)
    assert asking.asked == []


# --- what is built against torch -----------------------------------------------------------------

PAGE = "https://data.pyg.org/whl/torch-2.5.0+cu121.html"
THERE = Installed("2.5.1+cu121", "12.1")
SCATTER = wheel("torch-scatter", "2.9.9+pt25cu121")


def built(text: str, answer: Callable[[Question], Answer]) -> tuple[Any, list[str]]:
    asked: list[str] = []

    def ask(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        asked.extend(one.url for one in questions)
        return tuple(map(answer, questions))

    found = read_problem(Request("pip", (text,), (HOST,), installed=THERE), KNOWN)
    return with_built_files(found, KNOWN, ask), asked


def test_what_a_page_has_is_heard() -> None:
    known, asked = built("torch-scatter", lambda one: Answer(one, (SCATTER,)))
    assert (known.heard_of_built, asked) == ({PAGE: (SCATTER,)}, [PAGE])
    assert known.notes == ()


def test_a_file_that_is_not_there_leads_to_the_next() -> None:
    known, asked = built("flash-attn", lambda one: Answer(one, (), "absent"))
    assert len(asked) == len(set(asked)) > 3
    assert set(known.heard_of_built) == set(asked)


def test_asking_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files turn out not to be there."""
    rounds = iter(range(1000))
    monkeypatch.setattr(
        family_places, "places_in_question", lambda *_: (f"https://own.example/{next(rounds)}",)
    )
    known, asked = built("flash-attn", lambda one: Answer(one, (), "absent"))
    assert len(asked) == 6
    assert set(known.heard_of_built) == set(asked)


def test_a_server_that_does_not_answer_is_told_of_once_and_believed() -> None:
    known, asked = built("torch-scatter", lambda one: Answer(one, (), "unreachable", "refused"))
    assert (known.heard_of_built, asked) == ({}, [PAGE])
    assert [one.facts["index"] for one in known.notes] == [PAGE]
    found = read_problem(Request("pip", ("torch-scatter",), (HOST,), installed=THERE), KNOWN)
    again = with_built_files(
        found, known, lambda them: tuple(Answer(one, (), "unreachable") for one in them)
    )
    assert again.notes == known.notes


def test_of_a_line_without_such_packages_nothing_is_asked() -> None:
    known, asked = built("numpy", Answer)
    assert (known.heard_of_built, asked) == ({}, [])


def test_one_that_is_slow_is_believed_and_told_of() -> None:
    known, asked = built("torch-scatter", lambda one: Answer(one, (), "timeout", "slow"))
    assert (known.heard_of_built, asked, known.dead) == ({}, [PAGE], {})
    assert [(one.case, one.facts["index"]) for one in known.notes] == [("timeout", PAGE)]


# --- places of families that cannot be had --------------------------------------------------------

PADDLE = "https://www.paddlepaddle.org.cn/packages/stable"


def place_of(variant: str) -> str:
    return f"{PADDLE}/{variant}/paddlepaddle-gpu/"


def living(text: str, problem: str, **more: Any) -> tuple[Any, list[str]]:
    asked: list[str] = []

    def ask(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        asked.extend(one.url for one in questions)
        return tuple(Answer(one, (), problem, "for a test") for one in questions)

    found = read_problem(Request("pip", tuple(text.split()), (HOST,), **more), KNOWN)
    return without_dead_places(found, KNOWN, ask), asked


@pytest.mark.parametrize("problem", ["", "timeout"])
def test_a_place_that_is_there_or_slow_is_planned_with(problem: str) -> None:
    assert living("paddlepaddle-gpu", problem) == (KNOWN, [place_of("cu130")])


def test_a_host_that_does_not_answer_has_none_of_its_places() -> None:
    known, asked = living("paddlepaddle-gpu", "unreachable")
    assert asked == [place_of("cu130")]
    assert list(known.dead) == [("www.paddlepaddle.org.cn",)]
    assert [(one.code, one.case) for one in known.notes] == [("index-unreachable", "family")]


def test_for_one_that_is_not_there_the_next_is_asked_which_comes_to_an_end() -> None:
    known, asked = living("paddlepaddle-gpu", "absent")
    assert asked == [place_of(one) for one in ("cu130", "cu129", "cu126", "cu118")]
    assert len(known.dead) == len(known.notes) == 4


def test_a_page_is_asked_as_one() -> None:
    known, asked = living("torch-scatter", "absent", installed=THERE)
    assert (asked, len(known.dead)) == ([PAGE], 1)


def test_what_was_typed_and_what_has_no_place_are_not_asked() -> None:
    typed = Sources(index_urls=(f"{PADDLE}/cu130/",))
    assert living("paddlepaddle-gpu", "absent", sources=typed) == (KNOWN, [])
    page = Sources(find_links=(PAGE,))
    assert living("torch-scatter", "absent", installed=THERE, sources=page) == (KNOWN, [])
    assert living("numpy", "absent") == (KNOWN, [])


# --- another project's index ----------------------------------------------------------------------

THEIRS = "https://abetlen.github.io/llama-cpp-python/whl/cu124"


@pytest.mark.parametrize(
    ("text", "url", "answer", "served"),
    [
        ("llama-cpp-python", THEIRS, {"problem": ""}, {"llama-cpp-python": THEIRS}),
        (
            "llama-cpp-python",
            f"{MAIN}/cu124",
            {"problem": ""},
            {"llama-cpp-python": f"{MAIN}/cu124"},
        ),
        ("llama-cpp-python", f"{MAIN}/cu124", {"problem": "absent"}, {}),
        ("llama-cpp-python", MAIN, {"problem": ""}, {}),  # an index of a company has everything
        ("numpy", f"{MAIN}/cu124", {"problem": ""}, {}),
        ("cupy", f"{MAIN}/cu124", {"problem": ""}, {}),
    ],
)
def test_an_index_of_one_variant_that_has_a_familys_package(
    text: str, url: str, answer: dict[str, Any], served: dict[str, str]
) -> None:
    foreign = frozenset({url})
    known = replace(KNOWN, foreign=foreign)
    request = Request("pip", (text,), (HOST,), sources=Sources(index_urls=(url,), foreign=foreign))
    asking = Asking(llama_cpp_python=answer, cupy=answer)
    assert with_served(read_problem(request, known), known, asking).served == served
