"""The files of a plan: locked to address and hash, variant wheels, and rivals of the same name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Answer, Plan, Question, Request, Sources, Wheel
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.same_file import rivals, rivals_of_page
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import LINUX, WHEELS, codes, machine

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Note

HOST = machine("580.95.05", None, "9.0", python="3.12")
ANY_PYTHON = replace(HOST, python=None)
SHA = "a" * 64
TORCH = "torch-2.5.1%2Bcu124-cp312-cp312-linux_x86_64.whl"
AT_PYTORCH = f"{WHEELS}/cu124/{TORCH}"
KNOWN = from_catalogue("pip", LINUX)


def wheel(url: str = AT_PYTORCH, **more: Any) -> Wheel:
    fields = {"sha256": SHA, "pythons": frozenset({"3.12"}), "version": "2.5.1+cu124", **more}
    return Wheel("torch", platforms=frozenset({LINUX}), url=url, **fields)


def heard(url: str, *wheels: Wheel, flat: bool = False) -> Answer:
    return Answer(Question(url, url, "torch", flat=flat), wheels)


# --- --locked -------------------------------------------------------------------------------------

OWN = "https://own.example/simple"


@pytest.mark.parametrize(
    ("host", "files", "case", "what"),
    [
        (HOST, (), "", "address"),
        (HOST, (wheel(sha256=""),), "", "hash"),
        (ANY_PYTHON, (wheel(),), "", "address"),
        (HOST, (wheel("https://elsewhere.example/torch.whl"),), "host", None),
    ],
)
def test_a_file_that_cannot_be_locked_is_refused(
    host: Host, files: tuple[Wheel, ...], case: str, what: str | None
) -> None:
    plan = locked(host, *files)
    assert (plan.status, codes(plan)) == ("refused", {"cannot-lock"})
    assert (plan.notes[0].case, plan.notes[0].facts.get("what")) == (case, what)


@pytest.mark.parametrize(
    ("host", "file"), [(HOST, wheel()), (ANY_PYTHON, wheel(pythons=frozenset()))]
)
def test_a_file_is_locked_by_address_and_hash(host: Host, file: Wheel) -> None:
    plan = locked(host, file)
    assert plan.requirements == (f"torch @ {AT_PYTORCH}#sha256={SHA}",)


def test_a_file_may_lie_at_the_source_that_listed_it() -> None:
    file = wheel(f"https://own.example/files/{TORCH}")
    assert locked(HOST, file).notes[0].case == "host"
    assert locked(HOST, file, answers=(heard(OWN, file),)).status == "ok"


def locked(host: Host, *files: Wheel, answers: tuple[Answer, ...] = ()) -> Plan:
    request = Request("pip", ("torch==2.5.1",), (host,), sources=Sources(locked=True))
    return make_plan(request, replace(KNOWN, files=files, heard=answers))


# --- variant wheels -------------------------------------------------------------------------------


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("takes", ["uv", "pipcuda", ""])
def test_a_variant_wheel_is_named_by_its_address(takes: str, *, locked: bool) -> None:
    builds = tuple(
        replace(one, wheel_variant="cu124_wheel") if one.variant == "cu124" else one
        for one in KNOWN.builds
    )
    url = f"{WHEELS}/torch-2.5.1-cp312-cp312-linux_x86_64-cu124_wheel.whl"
    file = wheel(url, variant="cu124_wheel")
    sources = Sources(locked=locked)
    request = Request("pip", ("torch==2.5.1",), (HOST,), sources=sources, variants_by=takes)
    plan = make_plan(request, replace(KNOWN, builds=builds, variant_files=(file,)))
    told = [(one.severity, one.case) for one in plan.notes if one.code == "variant-wheel"]
    if takes:
        assert plan.requirements == (f"torch @ {url}#sha256={SHA}",)
        assert told == [("info", takes)]
    else:
        assert (plan.status, told) == ("refused", [("error", "")])


# --- rivals ---------------------------------------------------------------------------------------

INDEX = f"{WHEELS}/cu124"
PLANNED = Plan(
    packages={"torch": "2.5.1+cu124"}, index_urls=(INDEX,), manager="pip", status="ok", id=None
)
BUILD_TAG = wheel(
    "https://own.example/torch-2.5.1%2Bcu124-1-cp312-cp312-linux_x86_64.whl", sha256="b" * 64
)
SAME_TAGS = wheel(f"https://own.example/{TORCH}", sha256="b" * 64)
SAME_FILE = wheel(f"https://own.example/{TORCH}")
NO_NAME = wheel("https://own.example/torch", sha256="b" * 64)
NEWER_LIBC = wheel(f"https://own.example/{TORCH}", sha256="b" * 64, libc="glibc 2.28")
PAGE, FOLDER = "https://own.example/page.html", "/srv/wheels"


def sources(**more: Any) -> Sources:
    return Sources(index_urls=(OWN, INDEX), find_links=(PAGE, FOLDER), **more)


@pytest.mark.parametrize(
    ("answer", "files", "wins"),
    [
        (heard(OWN, BUILD_TAG), (wheel(),), True),
        (heard(OWN, NEWER_LIBC), (wheel(),), True),
        (heard(OWN, SAME_TAGS), (wheel(),), False),  # the planned index is read after it
        (heard(f"{WHEELS}/cu118", SAME_TAGS), (wheel(),), False),
        (heard(OWN, SAME_FILE), (wheel(),), False),
        (heard(OWN, NO_NAME), (wheel(),), False),
        (heard(PAGE, BUILD_TAG, flat=True), (wheel(),), True),
        (heard(FOLDER, BUILD_TAG, flat=True), (wheel(),), True),
        (heard("https://no.example/page.htm", BUILD_TAG, flat=True), (wheel(),), True),
        (heard(OWN, SAME_TAGS), (), False),  # of two that are equal, the planned source is later
        (heard(OWN, replace(BUILD_TAG, yanked=True)), (wheel(),), False),
    ],
)
def test_a_file_that_pip_prefers_is_told_of(
    answer: Answer, files: tuple[Wheel, ...], *, wins: bool
) -> None:
    assert told(rivals(PLANNED, *question(answer, files))) == (
        [("listed", answer.question.source)] if wins else []
    )


def test_a_later_index_wins_among_equals() -> None:
    asked = question(heard(OWN, SAME_TAGS), (wheel(),))
    later = replace(asked[0].request, sources=Sources(index_urls=(INDEX, OWN)))
    assert told(rivals(PLANNED, read_problem(later, KNOWN), asked[1])) == [("listed", OWN)]


def test_a_page_that_is_added_is_read_before_an_index() -> None:
    problem, known = question(heard(OWN, SAME_TAGS), (wheel(),))
    found = rivals_of_page(PLANNED.packages, problem, known)
    assert told(found) == [("listed", OWN)]
    assert "torch-2.5.1+cu124" in found[0].facts["found"]


@pytest.mark.parametrize(
    ("index", "page", "wins"),
    [("", PAGE, True), ("", "https://other.example/page.html", True), (OWN, "", True)],
)
def test_wherever_the_plan_has_its_files_from(index: str, page: str, *, wins: bool) -> None:
    plan = replace(
        PLANNED, index_urls=(index,) if index else (), find_links=(page,) if page else ()
    )
    assert bool(rivals(plan, *question(heard(OWN, BUILD_TAG), (wheel(),)))) is wins
    assert rivals(replace(PLANNED, index_urls=()), *question(heard(OWN, BUILD_TAG), ())) == ()


def test_without_a_python_or_an_answer_nothing_is_said() -> None:
    problem, known = question(heard(OWN, BUILD_TAG), (wheel(),))
    assert rivals(PLANNED, problem, replace(known, heard=())) == ()
    request = replace(problem.request, hosts=(ANY_PYTHON,))
    assert rivals(PLANNED, read_problem(request, known), known) == ()


def question(answer: Answer, files: tuple[Wheel, ...]) -> tuple[Any, Any]:
    problem = read_problem(Request("pip", ("torch",), (HOST,), sources=sources()), KNOWN)
    return problem, replace(KNOWN, heard=(answer,), files=files)


def told(notes: tuple[Note, ...]) -> list[tuple[str, str]]:
    assert {one.code for one in notes} <= {"other-source-wins"}
    return [(one.case, one.facts["other"]) for one in notes]
