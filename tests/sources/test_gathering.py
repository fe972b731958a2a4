"""What indexes answer, put in the place of the catalogue: table tests over given answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import (
    Answer,
    Companion,
    Gpu,
    Host,
    Origin,
    Question,
    Release,
    Request,
    Sources,
    Wheel,
    WheelIndex,
)
from conda_cuda_guard.model.sources import WheelVariant
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.gathering import gather, gather_for
from conda_cuda_guard.sources.merge_companions import releases_heard
from conda_cuda_guard.sources.merge_index import Listed
from conda_cuda_guard.sources.own_supply import plain_wheels_of
from conda_cuda_guard.sources.wheel_filename import wheel_of

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan

HOST = Host("linux-x86_64", "3.11", "575.51.03", "12.9", (Gpu("NVIDIA A100", "8.0"),))
WHL = "https://download.pytorch.org/whl"
MAIN = "https://mirror.example/simple"


class Indexes:
    """Indexes that have these files by page; other pages are not there. Remembers what is asked."""

    def __init__(self, pages: dict[str, list[str]], problems: dict[str, str] | None = None) -> None:
        self.pages = pages
        self.problems = problems or {}
        self.asked: list[str] = []

    def ask(self, questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        """Answer as an index would."""
        self.asked += [question.url for question in questions]
        return tuple(self._answer(question) for question in questions)

    def _answer(self, question: Question) -> Answer:
        for place, problem in self.problems.items():
            if question.url.startswith(place):
                return Answer(question, (), problem, "for a test")
        files = self.pages.get(question.url)
        if files is None:
            return Answer(question, (), "absent", "HTTP 404")
        return Answer(question, tuple(_wheel(name) for name in files))


def _wheel(name: str) -> Wheel:
    tags = "cp311-cp311-manylinux_2_28_x86_64"
    found = wheel_of(f"{name}-{tags}.whl", f"https://files.example/{name}.whl")
    assert found is not None
    return found


def plan(indexes: Indexes, *requirements: str, **sources: object) -> Plan:
    """Plan with what these indexes answer."""
    request = Request("pip", requirements, (HOST,), sources=replace(Sources(), **sources))  # type: ignore[arg-type]
    return make_plan(request, gather(request, indexes.ask))


def told(found: Plan) -> list[str]:
    """Give the codes of the notes."""
    return [note.code for note in found.notes]


COMMON = {
    f"{WHL}/torch/": [
        "torch-2.8.0+cu126", "torch-2.8.0+cu129", "torch-2.7.1+cu118", "torch-2.7.1+cpu",
    ],
    f"{WHL}/torchvision/": ["torchvision-0.23.0+cu126", "torchvision-0.22.1+cu118"],
}  # fmt: skip


def test_the_index_goes_before_the_catalogue() -> None:
    indexes = Indexes(COMMON)
    found = plan(indexes, "torch")
    assert found.packages == {"torch": "2.8.0+cu129"}
    assert indexes.asked[-1] == f"{WHL}/torch/"


# What the catalogue chooses for this machine, in the folder of its variant and on the whole page.
NEWEST = "torch-2.14.1+cu126"
VARIANT_PAGE = f"{WHL}/cu126/torch/"
ALL = f"{WHL}/torch/"


def test_a_variants_folder_that_has_what_is_expected_is_all_that_is_asked() -> None:
    indexes = Indexes(
        {VARIANT_PAGE: [NEWEST, "torch-2.13.0+cu126"], ALL: [NEWEST, "torch-2.13.0+cu129"]}
    )
    assert plan(indexes, "torch").packages == {"torch": NEWEST[6:]}
    assert indexes.asked == [VARIANT_PAGE]


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        # A release that nobody has heard of may have come in a variant that suits better.
        ([NEWEST, "torch-2.99.0+cu126"], "2.99.0+cu129"),
        # It is not there, or only for another Python or platform.
        (["torch-2.13.0+cu126"], "2.99.0+cu129"),
        ([], "2.99.0+cu129"),
    ],
)
def test_otherwise_the_page_of_all_variants_is_asked_too(listed: list[str], chosen: str) -> None:
    indexes = Indexes(
        {VARIANT_PAGE: listed, ALL: [NEWEST, "torch-2.99.0+cu126", "torch-2.99.0+cu129"]}
    )
    assert plan(indexes, "torch").packages == {"torch": chosen}
    assert indexes.asked == [VARIANT_PAGE, ALL]


def test_a_companion_that_the_folder_lacks_is_looked_for_on_the_page_of_all() -> None:
    pages = {
        VARIANT_PAGE: [NEWEST],
        f"{WHL}/cu126/torchvision/": [],
        ALL: [NEWEST, "torch-2.13.0+cu126"],
    }
    pages[f"{WHL}/torchvision/"] = ["torchvision-0.28.0+cu126"]
    found = plan(Indexes(pages), "torch", "torchvision").packages
    assert found == {"torch": "2.13.0+cu126", "torchvision": "0.28.0+cu126"}


def test_a_release_that_is_pinned_comes_from_one_folder() -> None:
    indexes = Indexes({f"{WHL}/cu128/torch/": ["torch-2.8.0+cu128", "torch-2.99.0+cu128"]})
    assert plan(indexes, "torch==2.8.0+cu128").packages == {"torch": "2.8.0+cu128"}
    assert indexes.asked == [f"{WHL}/cu128/torch/"]


def test_of_a_slow_index_nothing_larger_is_asked() -> None:
    indexes = Indexes({ALL: ["torch-2.99.0+cu126"]}, {VARIANT_PAGE: "timeout"})
    assert plan(indexes, "torch").packages == {"torch": NEWEST[6:]}
    assert indexes.asked == [VARIANT_PAGE]


def test_a_companion_that_is_not_there_for_a_variant_rules_it_out() -> None:
    found = plan(Indexes(COMMON), "torch", "torchvision")
    assert found.packages == {"torch": "2.8.0+cu126", "torchvision": "0.23.0+cu126"}


def test_a_release_and_a_variant_that_nobody_has_heard_of() -> None:
    pages = {
        f"{WHL}/torch/": ["torch-2.17.0+cu128", "torch-2.17.0+cu147", "torch-2.18.0rc1+cu128"],
        f"{WHL}/torchvision/": ["torchvision-0.32.0+cu128", "torchvision-0.31.0+cu128"],
    }
    found = plan(Indexes(pages), "torch", "torchvision")
    assert found.packages == {"torch": "2.17.0+cu128", "torchvision": "0.32.0+cu128"}
    assert found.index_urls == (f"{WHL}/cu128",)


def test_where_there_is_no_common_page_the_folders_of_variants_are_asked() -> None:
    pages = {f"{WHL}/cu126/torch/": ["torch-2.8.0+cu126"]}
    indexes = Indexes(pages)
    assert plan(indexes, "torch==2.8.0").packages == {"torch": "2.8.0+cu126"}
    assert f"{WHL}/cu129/torch/" in indexes.asked


def test_where_folders_are_pages_of_links_they_are_read_as_such() -> None:
    base = "https://flat.example/wheels"
    indexes = Indexes({f"{base}/cu126/": ["torch-2.8.0+cu126"]})
    found = plan(indexes, "torch==2.8.0", wheel_indexes=(WheelIndex(base),))
    assert found.packages == {"torch": "2.8.0+cu126"}
    assert (found.index_urls, found.find_links) == ((), (f"{base}/cu126/",))


def test_an_index_without_any_torch_is_no_way_to_one() -> None:
    found = plan(Indexes({}), "torch==2.8.0")
    assert found.status == "refused"


@pytest.mark.parametrize("problem", ["timeout", "too-large", "not-asked"])
def test_an_index_that_does_not_answer_leaves_the_catalogue_and_one_note(problem: str) -> None:
    found = plan(Indexes({}, {WHL: problem}), "torch==2.1.2", "torchvision")
    assert found.packages == {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"}
    assert told(found) == ["index-unreachable"]


@pytest.mark.parametrize(
    "problem", ["unreachable", "untrusted", "certificate", "login-needed", "server-error",
                "truncated", "not-an-index"],
)  # fmt: skip
def test_of_a_dead_index_nothing_is_planned(problem: str) -> None:
    found = plan(Indexes({}, {WHL: problem}), "torch==2.1.2", "torchvision")
    assert found.packages == {"torch": "2.1.2", "torchvision": "0.16.2"}
    assert (found.variant, found.index_urls, found.find_links) == ("cu121", (), ())
    assert told(found) == ["index-unreachable"]


DEFAULT = "https://default.example/simple"


@pytest.mark.parametrize("problem", ["unreachable", "certificate", "not-an-index"])
def test_where_pips_default_index_is_dead_too_nothing_is_planned(problem: str) -> None:
    indexes = Indexes({}, {WHL: "unreachable", DEFAULT: problem})
    found = plan(indexes, "torch==2.1.2", "torchvision", default_index=DEFAULT)
    assert found.status == "refused"
    assert told(found) == ["no-variant-fits", "index-unreachable", "index-unreachable"]
    assert [note.case for note in found.notes][1:] == ["dead-unreachable", "default"]
    assert indexes.asked[-1] == f"{DEFAULT}/torch/"


@pytest.mark.parametrize("problem", ["", "absent", "timeout", "not-asked"])
def test_a_default_index_that_answers_or_is_slow_is_planned_with(problem: str) -> None:
    problems = {WHL: "unreachable", **({DEFAULT: problem} if problem else {})}
    indexes = Indexes({f"{DEFAULT}/torch/": ["torch-2.1.2"]}, problems)
    found = plan(indexes, "torch==2.1.2", default_index=DEFAULT)
    assert found.packages == {"torch": "2.1.2"}
    assert told(found) == ["index-unreachable"]


def test_pips_default_index_is_not_asked_while_the_wheel_index_answers() -> None:
    indexes = Indexes(COMMON)
    plan(indexes, "torch", default_index=DEFAULT)
    assert not any(one.startswith(DEFAULT) for one in indexes.asked)


def test_where_an_index_is_dead_the_next_one_is_asked() -> None:
    mirror, own = WheelIndex("https://mirror.example/whl"), WheelIndex()
    found = plan(
        Indexes({**COMMON}, {mirror.base: "unreachable"}), "torch", wheel_indexes=(mirror, own)
    )
    assert found.packages == {"torch": "2.8.0+cu129"}


def test_the_persons_own_sources_need_not_be_asked() -> None:
    indexes = Indexes({**COMMON, f"{MAIN}/torch/": ["torch-2.8.0"]})
    request = Request("pip", ("torch",), (HOST,), sources=Sources(index_urls=(MAIN,)))
    problem = read_problem(request, from_catalogue("pip", HOST.platform))
    found = gather_for(problem, indexes.ask, own=False)
    assert f"{MAIN}/torch/" not in indexes.asked
    assert found.builds == gather_for(problem, indexes.ask).builds
    assert f"{MAIN}/torch/" in indexes.asked


MIRROR = WheelIndex("https://mirror.example/pytorch/whl", mirror="MIRROR")


def test_a_mirror_user_stays_on_the_mirror() -> None:
    pages = {f"{MIRROR.base}/torch/": ["torch-2.8.0+cu126", "torch-2.7.1+cu128"]}
    indexes = Indexes(pages)
    found = plan(indexes, "torch", wheel_indexes=(MIRROR, WheelIndex()), index_urls=(MAIN,))
    assert found.packages == {"torch": "2.8.0+cu126"}
    assert found.index_urls == (f"{MIRROR.base}/cu126",)
    assert not [url for url in indexes.asked if url.startswith(WHL)]


def test_and_is_sent_elsewhere_only_for_what_it_lacks() -> None:
    pages = {f"{MIRROR.base}/torch/": ["torch-2.8.0+cu126"]}
    found = plan(Indexes(pages), "torch==2.1.2", wheel_indexes=(MIRROR, WheelIndex()))
    assert found.packages == {"torch": "2.1.2+cu121"}
    assert found.index_urls == (f"{WHL}/cu121",)
    assert told(found) == ["index-lacks-variant"]


def test_a_flat_mirror_of_few_variants_without_asking() -> None:
    flat = WheelIndex("https://mirror.example/wheels", True, frozenset({"cu121", "cpu"}), "MIRROR")
    sources = replace(Sources(), wheel_indexes=(flat, WheelIndex()))
    request = Request("pip", ("torch==2.1.2",), (HOST,), sources=sources)
    found = make_plan(request, gather(request))
    assert (found.index_urls, found.find_links) == ((), (f"{flat.base}/cu121/",))


PLAIN = {**COMMON, f"{MAIN}/torch/": ["torch-2.10.0", "torch-2.9.1", "torch-2.8.0"]}
WITH_PLAIN = {**PLAIN, f"{WHL}/torch/": ["torch-2.9.1+cu128", "torch-2.9.1+cu126"]}


def test_the_plain_wheel_of_the_own_index_is_pointed_out() -> None:
    found = plan(Indexes(WITH_PLAIN), "torch", index_urls=(MAIN,))
    assert found.packages == {"torch": "2.9.1+cu128"}
    assert told(found) == ["user-index-serves-it"]


def test_an_extra_index_alone_is_not_the_main_one() -> None:
    found = plan(Indexes(WITH_PLAIN), "torch", index_urls=(MAIN,), extra_only=True)
    assert found.packages == {"torch": "2.9.1+cu128"}
    assert told(found) == []


def test_and_taken_when_it_is_preferred() -> None:
    found = plan(Indexes(WITH_PLAIN), "torch", index_urls=(MAIN,), prefer_index=True)
    assert (found.packages, found.source) == ({"torch": "2.9.1"}, "user-index")
    assert (found.index_urls, found.requirements) == ((), ("torch==2.9.1",))


def test_another_cuda_is_not_the_same_build() -> None:
    pages = {**PLAIN, f"{WHL}/torch/": ["torch-2.9.1+cu126"]}
    found = plan(Indexes(pages), "torch", index_urls=(MAIN,), prefer_index=True)
    assert found.packages == {"torch": "2.9.1+cu126"}


def test_what_pip_would_take_as_typed() -> None:
    found = plan(Indexes(PLAIN), "torch", index_urls=(MAIN,))
    assert found.as_typed is not None
    assert (found.as_typed.version, found.as_typed.source) == ("2.10.0", MAIN)
    extra = {**PLAIN, "https://extra.example/torch/": ["torch-2.10.0+cu126"]}
    found = plan(Indexes(extra), "torch", index_urls=(MAIN, "https://extra.example"))
    assert found.as_typed is not None
    assert (found.as_typed.version, found.as_typed.source) == (
        "2.10.0+cu126",
        "https://extra.example",
    )


def test_what_pip_would_take_as_typed_is_within_the_constraints() -> None:
    sources = replace(Sources(), index_urls=(MAIN,))
    bound = Origin("constraint", "c.txt", 1)
    request = Request(
        "pip", ("torch", "torch<2.9"), (HOST,), sources=sources, origins=(Origin(), bound)
    )
    found = make_plan(request, gather(request, Indexes(PLAIN).ask))
    assert found.as_typed is not None
    assert found.as_typed.version == "2.8.0"


def test_a_known_mirror_of_the_default_index_need_not_be_asked() -> None:
    tuna = "https://pypi.tuna.tsinghua.edu.cn/simple"
    sources = replace(Sources(), index_urls=(tuna,))
    host = replace(HOST, driver="570.26", cuda="12.8")
    request = Request("pip", ("torch==2.9.1",), (host,), sources=sources)
    found = make_plan(request, gather(request))
    assert told(found) == ["user-index-serves-it"]
    assert found.as_typed is not None
    assert (found.as_typed.version, found.as_typed.source) == ("2.9.1", tuna)
    preferred = replace(request, sources=replace(sources, prefer_index=True))
    assert make_plan(preferred, gather(preferred)).packages == {"torch": "2.9.1"}


@pytest.mark.parametrize(
    ("requirement", "version", "source"),
    [("torch", "2.15.0", None), ("torch==2.7.1", "2.7.1+cpu", "./old")],
)
def test_the_default_index_counts_beside_a_folder(
    requirement: str, version: str, source: str | None
) -> None:
    pages = {**COMMON, "./old": ["torch-2.7.1+cpu"]}
    found = plan(Indexes(pages), requirement, find_links=("./old",))
    assert found.as_typed is not None
    assert (found.as_typed.version, found.as_typed.source) == (version, source)


FOLDER = "./wheels"


def test_without_an_index_the_folder_is_all_there_is() -> None:
    pages = {FOLDER: ["torch-2.1.2+cu118", "torch-2.1.2+cu121", "torchvision-0.16.2+cu121"]}
    indexes = Indexes(pages)
    found = plan(indexes, "torch", "torchvision", no_index=True, find_links=(FOLDER,))
    assert found.packages == {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"}
    assert (found.index_urls, found.find_links, indexes.asked) == ((), (), [FOLDER])


def test_an_empty_folder_is_refused() -> None:
    found = plan(Indexes({FOLDER: []}), "torch", no_index=True, find_links=(FOLDER,))
    assert found.status == "refused"


def test_nothing_is_asked_about_what_is_not_of_the_family() -> None:
    indexes = Indexes(COMMON)
    plan(indexes, "numpy")
    assert indexes.asked == []


SEVERAL = {
    f"{WHL}/torch/": [f"torch-{number}+{variant}" for number in ("2.15.0", "2.14.1")
                      for variant in ("cu130", "cu132")],
    f"{WHL}/torchaudio/": ["torchaudio-2.11.0+cu130"],
    f"{WHL}/torchvision/": ["torchvision-0.29.2+cu130", "torchvision-0.29.1+cu132",
                            "torchvision-0.29.1+cu130"],
}  # fmt: skip


def _on_cuda_13(pages: dict[str, list[str]], *requirements: str) -> dict[str, str]:
    host = replace(HOST, driver="615.10", cuda="13.4")
    request = Request("pip", requirements, (host,))
    return dict(make_plan(request, gather(request, Indexes(pages).ask)).packages)


def test_a_companion_is_taken_in_a_variant_that_the_index_has_it_in() -> None:
    found = _on_cuda_13(SEVERAL, "torch", "torchaudio")
    assert found == {"torch": "2.15.0+cu130", "torchaudio": "2.11.0+cu130"}
    # The newest is not there for CUDA 13.2, an older one that belongs is.
    found = _on_cuda_13(SEVERAL, "torch", "torchvision")
    assert found == {"torch": "2.15.0+cu132", "torchvision": "0.29.1+cu132"}


def test_a_later_patch_release_of_a_companion_that_asks_for_a_range_belongs_once_listed() -> None:
    later = ["torchaudio-2.11.1+cu130", "torchaudio-2.11.1+cu132", "torchaudio-2.11.0+cu130"]
    found = _on_cuda_13({**SEVERAL, f"{WHL}/torchaudio/": later}, "torch", "torchaudio")
    assert found == {"torch": "2.15.0+cu132", "torchaudio": "2.11.1+cu132"}
    odd = [*later, "torchaudio-2.12.0+cu132", "torchaudio-2.11.2rc1+cu132"]
    found = _on_cuda_13({**SEVERAL, f"{WHL}/torchaudio/": odd}, "torch==2.14.1", "torchaudio")
    assert found == {"torch": "2.14.1+cu132", "torchaudio": "2.11.1+cu132"}


def test_a_variants_folder_in_force_is_the_wheel_index() -> None:
    indexes = Indexes({f"{WHL}/torch/": ["torch-2.8.0+cu126", "torch-2.7.1+cu118"]})
    found = plan(indexes, "torch", index_urls=(f"{WHL}/cu118",))
    assert (found.packages, found.index_urls) == ({"torch": "2.7.1+cu118"}, (f"{WHL}/cu118",))
    base = "https://nobodys.example/torch"
    pages = {f"{base}/cu118/torch/": ["torch-2.7.1+cu118"]}
    indexes = Indexes({**pages, f"{base}/torch/": ["torch-2.7.1+cu118"]})
    found = plan(indexes, "torch", index_urls=(f"{base}/cu118",))
    assert (found.packages, found.index_urls) == ({"torch": "2.7.1+cu118"}, (f"{base}/cu118",))
    assert indexes.asked[0] == f"{base}/cu118/torch/"
    assert all(url.startswith(base) for url in indexes.asked)


def test_an_index_that_lists_nothing_of_the_family_is_another_projects() -> None:
    url = "https://wheels.example/simple/cu118"
    indexes = Indexes(COMMON)
    found = plan(indexes, "torch", index_urls=(url,))
    assert (found.packages, found.foreign) == (
        {"torch": "2.8.0+cu129"},
        frozenset({url}),
    )
    assert indexes.asked[0] == f"{url}/torch/"


def test_a_mirror_of_one_page_is_asked_for_that() -> None:
    page = "https://mirror.example/whl/torch_stable.html"
    indexes = Indexes({page: ["torch-2.8.0+cu126"]})
    found = plan(indexes, "torch", wheel_indexes=(WheelIndex(page, True),))
    assert (found.packages, indexes.asked) == ({"torch": "2.8.0+cu126"}, [page])
    assert found.find_links == (page,)


def test_beside_a_dead_index_a_main_index_has_what_it_lists() -> None:
    pages = {f"{MAIN}/torch/": ["torch-2.8.0"]}
    found = plan(Indexes(pages, {WHL: "unreachable"}), "torch", index_urls=(MAIN,))
    assert (found.packages, found.index_urls) == ({"torch": "2.8.0"}, ())
    assert told(found) == ["held-back", "index-unreachable"]


def test_the_plain_wheels_are_there_without_waiting_for_an_index() -> None:
    known = plain_wheels_of(from_catalogue("pip", HOST.platform), WHL)
    assert known.unreachable == WHL
    assert {(build.index, build.page, build.source) for build in known.builds} == {
        (None, None, "user-index")
    }
    found = make_plan(Request("pip", ("torch==2.1.2",), (HOST,)), known)
    assert (found.requirements, found.index_urls) == (("torch==2.1.2",), ())


def test_a_companion_that_belongs_to_no_release_rules_none_out() -> None:
    pages = {**COMMON, f"{WHL}/torchtext/": ["torchtext-0.18.0"]}
    request = Request("pip", ("torch", "torchtext"), (HOST,))
    known = gather(request, Indexes(pages).ask)
    assert "2.8.0" in {build.release for build in known.builds}
    assert make_plan(request, known).status == "refused"


def test_a_companion_for_another_python_alone_is_not_there() -> None:
    vision = wheel_of("torchvision-0.23.0+cu126-cp39-cp39-manylinux_2_28_x86_64.whl", f"{WHL}/x")
    assert vision is not None

    def ask(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        answers = Indexes(COMMON).ask(questions)
        return tuple(
            replace(one, wheels=(vision,)) if one.question.package == "torchvision" else one
            for one in answers
        )

    request = Request("pip", ("torch", "torchvision"), (HOST,))
    assert "2.8.0" not in {build.release for build in gather(request, ask).builds}


def test_a_companion_that_asks_for_its_torch_goes_on_as_torch_does() -> None:
    """The next but one torch has the next but one companion, by the numbers."""
    newest = Release("2.15.0", {"torchaudio": Companion("torchaudio", ("2.15.0",))}, {})
    torch = {("2.17.0", "+cu128"): Listed(frozenset(), None)}
    audio = {
        (number, "+cu128"): Listed(frozenset(), None)
        for number in ("2.16.0", "2.17.0", "2.17.1", "2.18.0")
    }
    added = releases_heard(torch, {"torchaudio": audio}, (newest,))[0]
    assert added.pip["torchaudio"].versions == ("2.17.1", "2.17.0")


# --- variant wheels -------------------------------------------------------------------------------

OWN = "https://own.example/simple"
TAGS = "cp311-cp311-manylinux_2_28_x86_64"
CU128 = WheelVariant("cu128", "12.8", None, ("8.0",))


def variant(label: str, number: str = "2.16.0", base: str = OWN, *, yanked: bool = False) -> Wheel:
    ending = "variants.json" if label == "*" else f"{TAGS}-{label}.whl"
    name = f"torch-{number}-{ending}"
    found = wheel_of(name, f"{base}/torch/{name}", yanked=yanked)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("wheels", "described", "typed", "label"),
    [
        ((variant("cu128"), variant("*")), (CU128,), "torch", "cu128"),
        ((variant("cu128"), variant("*")), (replace(CU128, machine_code=()),), "torch", "cu128"),
        ((variant("cu128"), variant("*")), (CU128,), "torch<2.16", ""),
        ((variant("cu128"),), (CU128,), "torch", ""),
        ((variant("cu128"), variant("*")), (), "torch", ""),
        ((variant("cu130"), variant("*")), (CU128,), "torch", ""),
        ((variant("cu128", yanked=True), variant("*")), (CU128,), "torch", ""),
        (
            (variant("cu128", base="https://elsewhere.example"), variant("*")),
            (CU128,),
            "torch",
            "",
        ),
        ((variant("cu128"), variant("*")), (replace(CU128, below="12.9"),), "torch", ""),
        ((variant("cu128"), variant("*")), (replace(CU128, below="13.0"),), "torch", "cu128"),
    ],
)
def test_variant_wheels_of_an_index_are_builds(
    wheels: tuple[Wheel, ...], described: tuple[WheelVariant, ...], typed: str, label: str
) -> None:
    def ask(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        answers = Indexes(COMMON).ask(questions)
        return tuple(map(answered, answers))

    def answered(answer: Answer) -> Answer:
        if answer.question.describes:
            return replace(answer, problem="", described=described)
        if answer.question.source == OWN:
            return replace(answer, problem="", variants=wheels)
        return answer

    request = Request(
        "pip", (typed,), (HOST,), sources=Sources(index_urls=(OWN,)), variants_by="uv"
    )
    known = gather(request, ask)
    assert {build.wheel_variant for build in known.builds} - {""} == ({label} if label else set())
    found = make_plan(request, known)
    if label:  # it comes after every other build
        assert known.builds[-1].release == "2.16.0"
        assert found.packages == {"torch": "2.8.0+cu129"}
        only = replace(known, builds=known.builds[-1:])
        assert make_plan(request, only).requirements == (f"torch @ {wheels[0].url}",)
