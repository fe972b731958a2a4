"""Packages built against torch: the file that agrees with the torch that is there or planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Installed, Request, Wheel
from conda_cuda_guard.model.request import Dependent, Origin
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.family_places import places_in_question

from .machines import LINUX, NO_DRIVER, WHEELS, WINDOWS, ask, codes, machine, pip, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Catalogue, Note, Plan
    from conda_cuda_guard.planner.problem import Problem

A100_535 = machine("535.104.05", None, "8.0")
H100_580 = machine("580.95.05", None, "9.0")
PYG = "https://data.pyg.org/whl"
FLASH = "https://github.com/Dao-AILab/flash-attention/releases/download"
MMCV = "https://download.openmmlab.com/mmcv/dist"
DGL = "https://data.dgl.ai/wheels"


def there(version: str, cuda: str | None = None, *beside: Dependent, **more: Any) -> Installed:
    label = version.partition("+")[2]
    found = f"{label[2:-1]}.{label[-1]}" if label.startswith("cu") else cuda
    return Installed(version, found, beside=beside, **more)


def note(plan: Plan, code: str) -> Note:
    return next(one for one in plan.notes if one.code == code)


@pytest.mark.parametrize(
    ("typed", "torch", "page"),
    [
        ("torch-spline-conv", "1.13.1+cu117", f"{PYG}/torch-1.13.0+cu117.html"),
        ("torch-scatter", "2.0.1+cu118", f"{PYG}/torch-2.0.0+cu118.html"),
        ("torch-sparse", "2.1.2+cpu", f"{PYG}/torch-2.1.0+cpu.html"),
        ("torch_scatter", "2.5.1+cu121", f"{PYG}/torch-2.5.0+cu121.html"),
        ("torch-cluster", "2.5.1+cu124", f"{PYG}/torch-2.5.0+cu124.html"),
        ("torch-spline-conv>=1.2", "2.8.0+cu129", f"{PYG}/torch-2.8.0+cu129.html"),
        ("pyg-lib", "2.14.1+cu132", f"{PYG}/torch-2.14.0+cu132.html"),
        ("mmcv", "2.4.1+cu121", f"{MMCV}/cu121/torch2.4/index.html"),
        ("mmcv-full", "2.0.1+cu118", f"{MMCV}/cu118/torch2.0/index.html"),
        ("dgl", "2.4.0+cu124", f"{DGL}/torch-2.4/cu124/repo.html"),
        ("dgl", "2.3.1+cpu", f"{DGL}/torch-2.3/repo.html"),
    ],
)
def test_an_installed_torch_decides_the_page(typed: str, torch: str, page: str) -> None:
    plan = pip(typed, H100_580, installed=there(torch))
    assert (plan.status, plan.requirements, plan.find_links) == ("ok", (typed,), (page,))
    assert plan.command == ("pip", "install", typed, "--find-links", page)
    assert codes(plan) == set()
    assert [one.source for one in plan.families] == ["family-index"]


@pytest.mark.parametrize(
    ("torch", "python", "file"),
    [
        ("2.5.1+cu121", "3.11", "2.8.3.post1+cu12torch2.5cxx11abiFALSE-cp311-cp311"),
        ("2.4.0+cu124", "3.12", "2.8.3.post1+cu12torch2.4cxx11abiFALSE-cp312-cp312"),
        ("2.6.0+cu124", "3.12", "2.7.4.post1+cu12torch2.6cxx11abiFALSE-cp312-cp312"),
        ("2.6.0+cu126", "3.12", "2.8.3.post1+cu12torch2.6cxx11abiTRUE-cp312-cp312"),
        ("2.7.1+cu128", "3.13", "2.8.3.post1+cu12torch2.7cxx11abiTRUE-cp313-cp313"),
        ("2.8.0+cu129", "3.9", "2.8.3.post1+cu12torch2.8cxx11abiTRUE-cp39-cp39"),
        ("2.9.1+cu130", "3.12", "2.8.3+cu13torch2.9cxx11abiTRUE-cp312-cp312"),
        ("2.5.1+cu118", "3.11", "2.7.3+cu11torch2.5cxx11abiFALSE-cp311-cp311"),
        ("2.3.1+cu121", "3.8", "2.6.3+cu123torch2.3cxx11abiFALSE-cp38-cp38"),
        ("1.13.1+cu117", "3.10", "2.5.8+cu118torch1.13cxx11abiFALSE-cp310-cp310"),
    ],
)
def test_an_installed_torch_decides_the_file(torch: str, python: str, file: str) -> None:
    host = machine("580.95.05", None, "9.0", python=python)
    plan = pip("flash-attn", host, installed=there(torch))
    number = file.partition("+")[0]
    address = f"{FLASH}/v{number}/flash_attn-{file}-linux_x86_64.whl"
    assert plan.requirements == (f"flash-attn @ {address}",)
    assert (plan.status, codes(plan)) == ("ok", set())


@pytest.mark.parametrize(
    ("torch", "host"),
    [
        ("2.15.0+cu130", H100_580),
        ("2.9.1+cu128", machine("580.95.05", None, "9.0", python="3.13")),
        ("2.8.0+cu129", machine("580.95.05", None, "9.0", platform=WINDOWS)),
        ("2.8.0+cu129", machine("580.95.05", None, "9.0", python="3.14")),
        ("2.4.1+cu121", machine("580.95.05", None, "9.0", python="3.13")),
    ],
)
def test_without_a_file_it_is_said_what_building_takes(torch: str, host: Any) -> None:
    plan = pip("flash-attn", host, installed=there(torch))
    assert (plan.status, plan.requirements) == ("unchanged", ("flash-attn",))
    told = note(plan, "built-from-source")
    assert (told.severity, told.case) == ("warning", "")
    assert told.facts["cuda"] == there(torch).cuda
    said = words(plan)
    jobs = 'set "MAX_JOBS=4" &&' if host.platform == WINDOWS else "MAX_JOBS=4"
    assert f"{jobs} pip install --no-build-isolation flash-attn" in said
    assert "9 GB" in said


def test_the_nearest_torch_that_has_a_file_is_a_command_that_works() -> None:
    plan = pip("mmcv", H100_580, installed=there("2.15.0+cu130"))
    near = note(plan, "built-from-source").facts["near"]
    assert near == "torch==2.4.1 mmcv"
    again = pip(near, H100_580, installed=there("2.15.0+cu130"))
    assert again.packages == {"torch": "2.4.1+cu121", "mmcv": "2.2.0"}
    assert again.find_links == (f"{MMCV}/cu121/torch2.4/index.html",)


@pytest.mark.parametrize(
    ("typed", "packages"),
    [
        ("torch mmcv", {"torch": "2.4.1+cu121", "mmcv": "2.2.0"}),
        ("mmcv", {"torch": "2.4.1+cu121", "mmcv": "2.2.0"}),
        ("torch<2.4 mmcv", {"torch": "2.3.1+cu121", "mmcv": "2.2.0"}),
        ("torch dgl", {"torch": "2.4.1+cu124", "dgl": "2.4.0+cu124"}),
        ("torch torch-cluster", {"torch": "2.11.0+cu130", "torch-cluster": "1.6.3+pt211cu130"}),
        ("torch==2.4.1 mmcv", {"torch": "2.4.1+cu121", "mmcv": "2.2.0"}),
        ("natten torch", {"torch": "2.13.0+cu130", "natten": "0.21.7+torch2130cu130"}),
    ],
)
def test_torch_is_held_to_the_newest_one_with_a_file(typed: str, packages: dict[str, str]) -> None:
    plan = pip(typed, H100_580)
    assert plan.packages == packages
    assert [one.case for one in plan.notes if one.code == "held-back"] == (
        [] if "<" in typed else ["built-variant"] if "==" in typed else ["built"]
    )
    held = [one for one in plan.requirements if one.startswith("torch==")]
    assert held == [f"torch=={packages['torch']}"]
    assert "built-from-source" not in codes(plan)


def test_several_are_one_set() -> None:
    plan = pip("torch mmcv flash-attn torch-scatter", H100_580)
    assert plan.packages["torch"] == "2.4.1+cu121"
    assert plan.find_links == (f"{MMCV}/cu121/torch2.4/index.html", f"{PYG}/torch-2.4.0+cu121.html")
    assert "torch2.4cxx11abiFALSE" in plan.requirements[2]
    assert {one.family for one in plan.families} == {
        "torch",
        "mmcv",
        "flash-attn",
        "pyg-extensions",
    }


def test_the_first_goes_before_one_that_cannot_meet_it() -> None:
    plan = pip("torch natten mmcv", H100_580)
    assert plan.packages["torch"].startswith("2.13.0")
    assert note(plan, "built-from-source").facts["package"] == "mmcv"


@pytest.mark.parametrize(
    ("typed", "torch"),
    [
        ("torch==2.4.1 torch-scatter flash-attn", "2.4.1+cu124"),
        ("torch<2.11 flash-attn torch-scatter", "2.10.0+cu130"),
        ("torch==2.3.1 mmcv flash-attn", "2.3.1+cu121"),
    ],
)
def test_one_that_has_no_file_here_holds_nothing_back(typed: str, torch: str) -> None:
    plan = pip(typed, machine("580.95.05", None, "9.0", platform=WINDOWS))
    assert plan.packages["torch"] == torch
    assert codes(plan) == {"built-from-source"}
    assert note(plan, "built-from-source").facts["package"] == "flash-attn"


def test_a_torch_that_was_typed_whole_is_judged_as_it_is() -> None:
    plan = pip("torch==2.8.0 mmcv", H100_580)
    assert plan.requirements == ("torch==2.8.0+cu129", "mmcv")
    assert note(plan, "built-from-source").facts["lead"] == "torch 2.8.0+cu129"
    assert "held-back" not in codes(plan)


@pytest.mark.parametrize("label", ["cu124", "cu118"])
def test_a_variant_that_was_typed_is_kept(label: str) -> None:
    plan = pip(f"torch==2.5.1+{label} torch-scatter", H100_580)
    assert plan.find_links == (f"{PYG}/torch-2.5.0+{label}.html",)


def test_torch_is_added_where_there_would_be_none() -> None:
    plan = pip("torch-scatter", A100_535)
    assert plan.requirements[0] == "torch-scatter"
    assert plan.requirements[1].startswith("torch==")
    request = Request("pip", ("torch-scatter",), (A100_535,), no_deps=True)
    plan = make_plan(request, from_catalogue("pip", A100_535.platform))
    assert plan.requirements == ("torch-scatter",)
    assert note(plan, "built-from-source").case == "no-lead"
    assert pip("pycuda", A100_535).requirements == ("pycuda",)


@pytest.mark.parametrize(
    ("installed", "case"),
    [
        (Installed("2.5.1+rocm6.2", None, is_other=True, accelerator="ROCm"), "accelerator"),
        (Installed("2.5.1", "12.4", by_conda=True), "conda"),
        (Installed("2.7.0.dev20250101+cu126", "12.6"), "own"),
        (Installed("2.5.0a0+872d972e41.nv24.8", "12.6"), "own"),
    ],
)
def test_other_torches_get_words_of_their_own(installed: Installed, case: str) -> None:
    plan = pip("torch-scatter", H100_580, installed=installed)
    assert (plan.status, plan.requirements) == ("unchanged", ("torch-scatter",))
    assert note(plan, "built-from-source").case == case


def test_a_cpu_torch_has_pages_and_no_kernels() -> None:
    assert pip("dgl", NO_DRIVER).find_links == (f"{DGL}/torch-2.4/repo.html",)
    plan = pip("flash-attn", NO_DRIVER)  # pip could not build it either
    assert (plan.status, plan.command) == ("refused", ())
    assert note(plan, "built-from-source").case == "cpu"
    assert "nvcc" not in words(plan)


@pytest.mark.parametrize("index", ["nightly/cu130", "rocm6.4"])
def test_an_index_of_other_builds_leaves_the_line(index: str) -> None:
    url = f"https://download.pytorch.org/whl/{index}"
    plan = pip("torch flash-attn", H100_580, index_urls=(url,))
    assert plan.requirements == ("torch", "flash-attn")
    assert note(plan, "built-from-source").case in ("nightly", "accelerator")


def test_another_version_than_the_newest_is_bounded_for_pip() -> None:
    plan = pip("mmcv", H100_580, installed=there("2.1.2+cu121"))
    assert plan.requirements == ("mmcv",)
    plan = pip("torch-scatter", H100_580, installed=there("1.13.1+cu117"))
    assert plan.requirements == ("torch-scatter==2.1.1",)
    plan = pip("mmcv<2.2", H100_580, installed=there("2.1.2+cu121"))
    assert plan.requirements == ("mmcv<2.2",)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("torch-scatter==2.1.2+pt25cu121", "torch-scatter==2.1.2+pt25cu121"),
        ("torch-scatter==2.1.2+pt21cu118", "torch-scatter==2.1.2+pt25cu121"),
        ("torch-scatter[x]==2.1.2+pt24cu121", "torch-scatter[x]==2.1.2+pt25cu121"),
    ],
)
def test_a_label_for_another_torch_is_replaced(typed: str, becomes: str) -> None:
    plan = pip(typed, H100_580, installed=there("2.5.1+cu121"))
    assert plan.requirements == (becomes,)
    assert ("explicit-variant-replaced" in codes(plan)) == (typed != becomes)


def test_a_label_chooses_the_variant_of_torch() -> None:
    plan = pip("torch==2.5.1 torch-scatter==2.1.2+pt25cu121", H100_580)
    assert plan.packages["torch"] == "2.5.1+cu121"
    assert "explicit-variant-replaced" not in codes(plan)


def test_one_built_for_another_torch_is_replaced() -> None:
    old = Dependent("torch-scatter", "2.1.2+pt25cu121", ("==2.5.*",), 12)
    plan = pip("torch-scatter", H100_580, installed=there("2.6.0+cu124", None, old))
    assert plan.requirements == ("torch-scatter==2.1.2+pt26cu124",)


def test_what_a_moved_torch_breaks_is_named_with_its_files() -> None:
    old = Dependent("torch-scatter", "2.1.2+pt25cu121", ("==2.5.*",), 12)
    plan = pip("torch==2.8.0", H100_580, installed=there("2.5.1+cu121", None, old))
    assert "installed-set-breaks" in codes(plan)
    told = note(plan, "built-again")
    assert told.facts["files"] == "torch-scatter 2.1.2+pt28cu129"
    assert told.facts["words"] == "torch-scatter"


def test_extras_markers_and_constraints_stay() -> None:
    installed = there("2.5.1+cu121")
    plan = ask("pip", ("flash-attn ; python_version > '3.8'",), H100_580, installed=installed)
    assert plan.requirements[0].endswith('-linux_x86_64.whl ; python_version > "3.8"')
    plan = ask("pip", ("flash-attn ; python_version < '3.8'",), H100_580, installed=installed)
    assert plan.status == "unchanged"
    by_address = "flash-attn @ https://example.org/flash_attn-2.8.3-cp311-cp311-linux_x86_64.whl"
    assert ask("pip", (by_address,), H100_580, installed=installed).status == "unchanged"


def test_a_version_that_was_typed_gets_its_own_file() -> None:
    plan = pip("flash-attn==2.7.3", H100_580, installed=there("2.5.1+cu121"))
    assert "/v2.7.3/flash_attn-2.7.3+cu12torch2.5" in plan.requirements[0]
    plan = pip("flash-attn==2.0.1", H100_580, installed=there("2.5.1+cu121"))
    assert plan.requirements == ("flash-attn==2.0.1",)
    assert "near" not in note(plan, "built-from-source").facts


@pytest.mark.parametrize(
    ("typed", "torch", "file"),
    [
        ("mamba-ssm", "2.9.1+cu130", "/v2.3.2.post1/mamba_ssm-2.3.2.post1+cu13torch2.9"),
        ("causal-conv1d", "2.7.1+cu118", "/causal_conv1d-1.6.2.post1+cu11torch2.7cxx11abiTRUE-"),
    ],
)
def test_others_name_their_files_alike(typed: str, torch: str, file: str) -> None:
    assert file in pip(typed, H100_580, installed=there(torch)).requirements[0]


def test_an_old_gpu_is_told_of() -> None:
    host = machine("580.95.05", None, "7.5")
    plan = pip("flash-attn", host, installed=there("2.5.1+cu121"))
    assert note(plan, "gpu-not-covered").facts["capability"] == "7.5"


@pytest.mark.parametrize(
    ("typed", "case", "said"),
    [
        ("detectron2", "source", "git+https://github.com/facebookresearch/detectron2.git"),
        ("apex", "source", "another project"),
        ("onedl-mmcv", "source", "MMCV_WITH_OPS=1"),
        ("deepspeed", "jit", "nvcc of CUDA 13.0"),
        ("pycuda", "alone", "CUDA version up to 13.0"),
    ],
)
def test_what_has_no_files_is_said_before_pip_tries(typed: str, case: str, said: str) -> None:
    plan = pip(f"torch {typed}" if typed != "pycuda" else typed, H100_580)
    assert note(plan, "built-from-source").case == case
    assert said in words(plan)
    assert "held-back" not in codes(plan)


@pytest.mark.parametrize(
    ("typed", "tools"),
    [
        ("flash-attn==2.7.0", "setuptools wheel packaging psutil ninja"),
        ("flash-attn-3", "setuptools wheel packaging ninja"),
        ("causal-conv1d", "setuptools wheel packaging ninja"),
        ("mamba-ssm", "setuptools wheel packaging ninja"),
        ("deepspeed", "setuptools wheel"),
        ("mmcv", "setuptools>=80,<82 wheel packaging>=24.2 psutil ninja"),
        ("natten", "setuptools wheel cmake ninja"),
        ("torch-scatter", "setuptools wheel"),
        ("pytorch3d", "setuptools wheel"),
        ("detectron2", "setuptools wheel"),
    ],
)
def test_what_building_takes_is_what_the_project_says(typed: str, tools: str) -> None:
    (build,) = pip(f"torch==2.15.0 {typed}", H100_580).from_source
    assert build.tools == tuple(tools.split())


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("apex", "apex @ git+https://github.com/NVIDIA/apex.git"),
        ("apex==0.1", "apex==0.1"),
        ("deepspeed", "deepspeed"),
    ],
)
def test_a_name_that_is_another_projects_becomes_its_source(typed: str, becomes: str) -> None:
    plan = pip(f"torch==2.5.1 {typed}", H100_580)
    assert plan.requirements == ("torch==2.5.1+cu124", becomes)


def test_families_of_both_kinds_share_a_cuda_major_version() -> None:
    plan = pip("torch flash-attn cupy", H100_580)
    assert plan.packages["torch"] == "2.8.0+cu129"
    assert plan.requirements[2] == "cupy-cuda12x"


@pytest.mark.parametrize(
    "sources",
    [
        {"no_index": True},
        {"index_urls": ("https://wheels.astral.sh/simple/cu128",)},
        {"find_links": ("https://example.org/pyg/torch-2.5.0+cu121.html",)},
    ],
)
def test_without_an_index_or_with_another_projects_they_stay_as_typed(
    sources: dict[str, Any],
) -> None:
    plan = pip("flash-attn", H100_580, installed=there("2.5.1+cu121"), **sources)
    assert (plan.requirements, plan.find_links) == (("flash-attn",), ())
    assert "built-from-source" not in codes(plan)


def test_their_own_page_in_force_is_taken_as_it_is() -> None:
    page = f"{PYG}/torch-2.5.0+cu121.html"
    installed = there("2.5.1+cu121")
    plan = pip("torch-scatter flash-attn", H100_580, installed=installed, find_links=(page,))
    assert plan.requirements[0] == "torch-scatter"
    assert plan.requirements[1].startswith("flash-attn @ ")
    assert "--find-links" not in plan.command


@pytest.mark.parametrize("torch", ["2.5.0+cu121", "2.5.1+cu121"])
def test_their_page_is_for_every_patch_of_a_minor_version(torch: str) -> None:
    page = f"{PYG}/torch-2.5.0+cu121.html"
    plan = pip("torch-scatter", H100_580, installed=there(torch), find_links=(page,))
    assert plan.packages == {"torch": torch, "torch-scatter": "2.1.2+pt25cu121"}
    assert codes(plan) == {"installed-cuda-build-kept"}
    other = pip("torch-scatter", H100_580, installed=there("2.4.1+cu121"), find_links=(page,))
    assert "installed-build-replaced" in codes(other)


def test_hashes_leave_them_as_typed() -> None:
    request = Request("pip", ("flash-attn",), (H100_580,), closed=True)
    plan = make_plan(request, from_catalogue("pip", H100_580.platform))
    assert (plan.status, plan.requirements) == ("unchanged", ("flash-attn",))


def test_every_row_is_for_builds_of_torch_that_exist() -> None:
    found = {
        (build.release.rsplit(".", 1)[0], variant)
        for platform in ("linux-x86_64", WINDOWS, "linux-aarch64", "macos-arm64")
        for build in from_catalogue("pip", platform).builds
        for variant in (build.variant, build.variant[:-1])
    }
    rows = [
        (family.name, minor, variant)
        for family in from_catalogue("pip", "linux-x86_64").built
        for row in family.files
        for minor in row.minors
        for variant in row.variants
    ]
    assert len(rows) > 80
    assert [one for one in rows if one[1:] not in found] == []


def test_as_is_leaves_everything() -> None:
    plan = pip("torch flash-attn", H100_580, as_is=True)
    assert plan.requirements == ("torch", "flash-attn")
    assert "built-from-source" not in codes(plan)


def test_the_first_that_can_have_a_file_holds_the_lead() -> None:
    """One that has none for this Python, whatever torch, is built from source in any case."""
    host = machine("580.65.06", None, "9.0", python="3.14")
    plan = pip("torch-spline-conv pyg-lib", host)
    assert plan.packages["torch"].startswith("2.14.1+")
    assert plan.packages["pyg-lib"].startswith("0.")
    told = [one.facts["package"] for one in plan.notes if one.code == "built-from-source"]
    assert told == ["torch-spline-conv"]


def test_another_variant_of_the_release_that_was_typed_is_said_to_be_one() -> None:
    host = machine("535.104.05", None, "8.0")
    plan = pip("flash-attn==2.7.4.post1 torch==2.6.0", host)
    assert plan.packages["torch"] == "2.6.0+cu126"
    held = note(plan, "held-back")
    assert (held.case, held.facts["newest"]) == ("built-variant", "2.6.0+cu118")
    assert "+cu118" in pip("flash-attn==2.7.4.post1 torch==2.6.0+cu118", host).packages["torch"]


def test_packages_of_one_family_are_one_part() -> None:
    plan = pip("torch-scatter torch-cluster", H100_580, installed=there("2.5.1+cu121"))
    (part,) = plan.families
    assert part.packages == {
        "torch-scatter": "2.1.2+pt25cu121",
        "torch-cluster": "1.6.3+pt25cu121",
    }
    assert plan.find_links == (f"{PYG}/torch-2.5.0+cu121.html",)
    plan = pip("torch-scatter torch-cluster<1.6", H100_580, installed=there("2.5.1+cu121"))
    assert [one.packages for one in plan.families] == [{"torch-scatter": "2.1.2+pt25cu121"}]


@pytest.mark.parametrize(
    ("torch", "case", "page"),
    [
        (f"torch @ {WHEELS}/torch-2.5.1-cp311-cp311-linux_x86_64.whl", "own", None),
        (
            f"torch @ {WHEELS}/cu121/torch-2.5.1%2Bcu121-cp311-cp311-linux_x86_64.whl",
            None,
            f"{PYG}/torch-2.5.0+cu121.html",
        ),
    ],
)
def test_a_torch_by_its_file_decides(torch: str, case: str | None, page: str | None) -> None:
    plan = pip(f"{torch}|torch-scatter", H100_580)
    assert [one.case for one in plan.notes if one.code == "built-from-source"] == (
        [case] if case else []
    )
    assert plan.find_links == ((page,) if page else ())


def test_without_a_python_no_file_can_be_named() -> None:
    plan = pip("flash-attn", replace(H100_580, python=None), installed=there("2.5.1+cu121"))
    assert (plan.requirements, codes(plan)) == (("flash-attn",), {"built-from-source"})


def test_a_constraint_bounds_them() -> None:
    origins = (Origin(), Origin("constraint", "bounds.txt", 1))
    request = Request(
        "pip",
        ("torch-scatter", "torch-scatter<2.1.2"),
        (H100_580,),
        installed=there("2.5.1+cu121"),
        origins=origins,
    )
    plan = make_plan(request, from_catalogue("pip", LINUX))
    assert (plan.requirements, codes(plan)) == (("torch-scatter",), {"built-from-source"})


# --- what was heard of pages and files ------------------------------------------------------------

PAGE = f"{PYG}/torch-2.5.0+cu121.html"


def listed(name: str, number: str, *, platform: str = LINUX, yanked: bool = False) -> Wheel:
    url = f"{PYG}/{name}-{number}.whl"
    return Wheel(name, number, frozenset({"3.11"}), frozenset({platform}), url, yanked=yanked)


@pytest.mark.parametrize(
    ("wheels", "planned"),
    [
        ((listed("torch-scatter", "2.9.9+pt25cu121"),), "2.9.9+pt25cu121"),
        ((listed("torch-scatter", "2.9.9"),), "2.9.9"),
        ((listed("torch-scatter", "2.9.9+pt24cu121"),), None),
        ((listed("torch-cluster", "1.6.3+pt25cu121"),), None),
        ((listed("torch-scatter", "2.9.9+pt25cu121", yanked=True),), None),
        ((listed("torch-scatter", "2.9.9+pt25cu121", platform=WINDOWS),), None),
        ((), None),
    ],
)
def test_what_a_page_was_heard_to_have_counts(
    wheels: tuple[Wheel, ...], planned: str | None
) -> None:
    plan = heard("torch-scatter", {PAGE: wheels}, installed=there("2.5.1+cu121"))
    assert plan.packages == ({"torch-scatter": planned} if planned else {})
    if planned is None:
        told = note(plan, "built-from-source")
        assert (told.case, told.facts["address"]) == ("absent", PAGE)


def test_a_file_that_is_not_there_gives_way_to_an_older_one() -> None:
    newest = pip("flash-attn", H100_580, installed=there("2.5.1+cu121")).requirements[0]
    address = newest.partition(" @ ")[2]
    plan = heard("flash-attn", {address: ()}, installed=there("2.5.1+cu121"))
    assert plan.packages["flash-attn"].startswith("2.8.3+")


def heard(text: str, pages: Mapping[str, tuple[Wheel, ...]], **more: Any) -> Plan:
    problem, known = asked(text, pages, **more)
    return make_plan(problem.request, known)


def asked(
    text: str, pages: Mapping[str, tuple[Wheel, ...]], **more: Any
) -> tuple[Problem, Catalogue]:
    known = replace(from_catalogue("pip", LINUX), heard_of_built=pages)
    return read_problem(Request("pip", tuple(text.split()), (H100_580,), **more), known), known


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("numpy", {}),
        ("torch-scatter", {"as_is": True}),
        ("flash-attn", {"installed": there("2.15.0+cu130")}),
    ],
)
def test_no_address_is_in_question(text: str, more: dict[str, Any]) -> None:
    assert places_in_question(*asked(text, {}, **more)) == ()


def test_a_page_that_answered_is_not_asked_again() -> None:
    heard_of = {PAGE: (listed("torch-scatter", "2.9.9+pt25cu121"),)}
    installed = there("2.5.1+cu121")
    assert places_in_question(*asked("torch-scatter", heard_of, installed=installed)) == ()


def test_the_page_for_the_newest_torch_is_asked_beside_the_planned_one() -> None:
    """It may be there by now, though the data says nothing of it."""
    found = places_in_question(*asked("torch torch-scatter", {}))
    assert found[0] == f"{PYG}/torch-2.12.0+cu130.html"
    assert f"{PYG}/torch-2.15.0+cu130.html" in found
    kept = places_in_question(*asked("torch-scatter", {}, installed=there("2.5.1+cu121")))
    assert kept == (PAGE,)
    other = Installed("2.5.1+rocm6.2", is_other=True)
    assert places_in_question(*asked("torch-scatter", {}, installed=other)) == ()


def test_where_a_file_was_not_there_every_other_torch_is_in_question() -> None:
    first = places_in_question(*asked("torch flash-attn", {}))
    (address,) = first
    more = places_in_question(*asked("torch flash-attn", {address: ()}))
    assert len(more) > 5
    assert address not in more
    assert all("cp311" in one for one in more)
    # What is installed stays, so no other one could be planned.
    installed = there("2.5.1+cu121")
    (only,) = places_in_question(*asked("flash-attn", {}, installed=installed))
    rest = places_in_question(*asked("flash-attn", {only: ()}, installed=installed))
    assert rest
    assert all("torch2.5" in one for one in rest)
