"""Rule 6 for pip: a label, an index or a page is kept where it fits, or replaced with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .machines import A100, RTX_5090, WHEELS, codes, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

PY39 = machine("535.104.05", "12.2", "8.0", python="3.9")
CU113 = f"{WHEELS}/cu113"

KEPT = [
    ("torch==2.1.2+cu118", "cu118", ()),
    ("torch==2.1.2+CU118", "cu118", ()),
    ("torch===2.1.2+cu118", "cu118", ()),
    ("torch==2.1.2+cu118 torchvision", "cu118", ()),
    ("torch torchvision==0.16.2+cu118", "cu118", ()),
    ("torch==2.7.1+cu128", "cu128", ()),
    ("torch", "cu118", (f"{WHEELS}/cu118",)),
    ("torch==2.1.2", "cu118", (f"{WHEELS}/cu118/",)),
    ("torch==2.1.2 torchvision", "cu118", ("https://index.example/simple", f"{WHEELS}/cu118")),
    ("torch==2.1.2", "cu118", ("https://mirror.nju.edu.cn/pytorch/whl/cu118",)),
    ("torch==2.1.2", "cu118", ("https://user:secret@wheels.example/whl/cu118",)),
]


@pytest.mark.parametrize(("text", "variant", "urls"), KEPT)
def test_kept_where_it_fits(text: str, variant: str, urls: tuple[str, ...]) -> None:
    plan = pip(text, A100, index_urls=urls)
    assert (plan.status, plan.variant) == ("ok", variant)
    assert "explicit-variant-replaced" not in codes(plan)
    assert all(f"+{variant}" in one for one in plan.requirements)
    if urls:
        assert plan.index_urls == (urls[-1],)
        assert "--extra-index-url" not in plan.command


def test_the_newest_torch_that_has_the_wish() -> None:
    assert pip("torch", index_urls=(f"{WHEELS}/cu118",)).packages["torch"] == "2.7.1+cu118"


def test_index_113_is_kept() -> None:
    plan = pip("torch==1.11.0 torchvision", PY39, index_urls=(CU113,))
    assert plan.requirements == ("torch==1.11.0+cu113", "torchvision==0.12.0+cu113")
    assert plan.index_urls == (CU113,)
    assert plan.notes == ()


REPLACED = [
    ("torch==2.1.2+cu999", A100, (), "cu121", "no such build exists"),
    ("torch==2.1.2+cu113", A100, (), "cu121", "no such build exists"),
    ("torch==2.1.2", A100, (CU113,), "cu121", "no such build exists"),
    ("torch", A100, (CU113,), "cu126", "no such build exists"),
    ("torch==2.12.0+cu130", A100, (), "cu126", "needs CUDA 13.0, and driver 535.104.05"),
    ("torch==2.7.1+cu118", RTX_5090, (), "cu128", "no code for"),
    ("torch==2.7.1+cu128", machine(None, "11.8", "8.0"), (), "cu118", "needs CUDA 12.8"),
    ("torch==2.7.1", RTX_5090, (f"{WHEELS}/cu118",), "cu128", "compute capability 12.0"),
]


@pytest.mark.parametrize(("text", "host", "urls", "variant", "said"), REPLACED)
def test_replaced_and_said_why(
    text: str, host: Host, urls: tuple[str, ...], variant: str, said: str
) -> None:
    plan = pip(text, host, index_urls=urls)
    assert (plan.status, plan.variant) == ("ok", variant)
    (note,) = [note for note in plan.notes if note.code == "explicit-variant-replaced"]
    assert note.severity == "warning"
    assert said in words(plan)
    assert (urls[0] if urls else "+" + text.partition("+")[2]) in words(plan)
    assert plan.index_urls == (f"{WHEELS}/{variant}",)


def test_strict_replaces_a_minor_compatible_wish() -> None:
    plan = pip("torch==2.7.1+cu128", policy="strict")
    assert (plan.variant, plan.level) == ("cu118", "direct")
    assert "explicit-variant-replaced" in codes(plan)


@pytest.mark.parametrize("text", ["torch==1.11.0", "torch==1.11.0+cu113"])
def test_a_page_of_one_variant_is_a_wish(text: str) -> None:
    page = f"{CU113}/torch_stable.html"
    plan = pip(text, PY39, find_links=(page,))
    assert plan.requirements == ("torch==1.11.0+cu113",)
    assert "explicit-variant-replaced" not in codes(plan)
    # The folder below the page is an index of projects: no page for --find-links.
    assert plan.find_links in ((page,), ())
    assert plan.find_links or plan.index_urls == (CU113,)


def test_a_flat_mirror_page_is_kept() -> None:
    page = "https://mirrors.aliyun.com/pytorch-wheels/cu118/"
    plan = pip("torch==2.1.2", find_links=(page,))
    assert (plan.variant, plan.find_links, plan.index_urls) == ("cu118", (page,), ())


def test_the_page_of_all_variants_wishes_none() -> None:
    page = f"{WHEELS}/torch_stable.html"
    plan = pip("torch==1.7.1", machine("535.104.05", None, "7.0", python="3.8"), find_links=(page,))
    assert plan.requirements == ("torch==1.7.1+cu110",)
    assert plan.find_links == (page,)
    assert "--find-links" not in plan.command


def test_an_lts_index_is_kept() -> None:
    index = f"{WHEELS}/lts/1.8/cu111"
    plan = pip("torch==1.8.2", PY39, index_urls=(index,))
    assert plan.requirements == ("torch==1.8.2+cu111",)
    assert plan.index_urls == (index,)


@pytest.mark.parametrize("text", ["torch!=2.1.2+cu118", "torch>=2.1,<2.2,!=2.1.2+cu118"])
def test_a_label_that_is_excluded_is_no_wish(text: str) -> None:
    assert pip(text).variant != "cu118"


def test_a_cpu_wish_is_kept_and_warned_about() -> None:
    for plan in (pip("torch==2.1.2+cpu"), pip("torch==2.1.2", index_urls=(f"{WHEELS}/cpu",))):
        assert (plan.status, plan.variant, plan.level) == ("ok", "cpu", None)
        assert plan.requirements == ("torch==2.1.2+cpu",)
        assert plan.index_urls == (f"{WHEELS}/cpu",)
        (note,) = plan.notes
        assert (note.code, note.severity) == ("cpu-build-chosen", "warning")


def test_a_label_beats_an_index() -> None:
    plan = pip("torch==2.1.2+cu118", index_urls=(f"{WHEELS}/cu121",))
    assert plan.requirements == ("torch==2.1.2+cu118",)
    assert plan.index_urls == (f"{WHEELS}/cu118",)


def test_already_right_is_unchanged() -> None:
    plan = pip("torch==2.1.2+cu121 torchvision==0.16.2+cu121", index_urls=(f"{WHEELS}/cu121",))
    assert (plan.status, plan.notes) == ("unchanged", ())
    assert plan.packages == {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"}
    assert plan.variant == "cu121"


def test_the_label_without_its_index_is_not_right_yet() -> None:
    plan = pip("torch==2.1.2+cu121")
    assert (plan.status, plan.index_urls) == ("ok", (f"{WHEELS}/cu121",))
    assert "--extra-index-url" in plan.command


@pytest.mark.parametrize("url", [f"{WHEELS}/nightly/cu121", f"{WHEELS}/test/cu121"])
def test_nightly_and_test_indexes_are_left_alone(url: str) -> None:
    plan = pip("torch", index_urls=(url,))
    assert (plan.status, plan.requirements) == ("unchanged", ("torch",))
