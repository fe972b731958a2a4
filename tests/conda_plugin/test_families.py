"""Families beside torch's on conda: what `cuda-install` makes of them, and what the guard says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.channel_families import (
    forge_with_families,
    paddle_channel,
    rapidsai_channel,
)
from tests.support.conda_package import CondaPackage

from .printed import printed_command

if TYPE_CHECKING:
    from tests.support.tools import Result

    from .conftest import Workshop

DRY = ("--dry-run", "--json")
OLD = ("520.61.05", "11.8")
MIDDLE = ("535.104.05", "12.2")
NEW = ("580.65.06", "13.0")


pytestmark = pytest.mark.all_cases_with(shop="classic")


@pytest.fixture(params=["classic", "enforcing"])
def shop(shop: Workshop, request: pytest.FixtureRequest) -> Workshop:
    if request.param == "enforcing":
        shop.enforce_constrains()
    add = shop.channels.add
    shop.configured = [add("families/conda-forge", forge_with_families())]
    add("families/rapidsai", rapidsai_channel())
    add("families/paddle", paddle_channel())
    shop.settings = {
        "channel_alias": f"{shop.channels.root.as_uri()}/families",
        "plugins": {"cuda_guard": "warn"},
    }
    return shop


def builds(done: Result) -> dict[str, str]:
    """Return the builds that were solved, with their versions."""
    assert done.returncode == 0, done.stdout + done.stderr
    found = done.json["actions"]["LINK"]
    return {one["name"]: f"{one['version']} {one['build_string']}" for one in found}


def cuda_of(found: dict[str, str]) -> int:
    """Return the CUDA major version of the environment."""
    return int(found["cuda-version"].split(".")[0])


FOUND = [
    ("cupy", OLD, "cupy", r"13\.6\.0 ", 11),
    ("cupy", NEW, "cupy", r"14\.1\.1 ", 13),
    ("jaxlib", MIDDLE, "jaxlib", r"0\.4\.31 cuda118", 11),
    ("jax", NEW, "jaxlib", r"0\.4\.31 cuda126", 12),
    ("tensorflow", MIDDLE, "tensorflow", r"2\.19\.1 cuda129", 12),
    ("tensorflow-gpu", OLD, "tensorflow", r"2\.15\.0 cuda118", 11),
    ("onnxruntime", OLD, "onnxruntime", r"1\.18\.0 .*_cuda", 11),
    ("faiss", OLD, "faiss", r"1\.9\.0 .*cuda118", 11),
    ("faiss-gpu", NEW, "faiss", r"1\.14\.3 .*cuda130", 13),
    ("py-xgboost", OLD, "py-xgboost", r"2\.1\.4 cuda118", 11),
    ("xgboost", MIDDLE, "py-xgboost", r"3\.3\.0 cuda129", 12),
    ("cudf", OLD, "cudf", r"25\.04\.00 cuda11_", 11),
    ("rapids", MIDDLE, "cudf", r"25\.10\.00 cuda12_", 12),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case[0]}-{case[1][1]}")
def test_it_becomes_a_cuda_build_that_runs_here(
    shop: Workshop, case: tuple[str, tuple[str, str], str, str, int]
) -> None:
    spec, driver, package, build, major = case
    shop.put_driver(*driver)
    planned = shop.run("cuda-install", "--plan", "--json", spec).json
    (family,) = planned["families"]
    assert (family["cuda"], family["packages"]) == (planned["cuda"], planned["packages"])
    found = builds(shop.run(*planned["command"][1:], *DRY))
    assert re.match(build, found[package]), found
    assert cuda_of(found) == major
    assert builds(shop.run("cuda-install", spec, *DRY)) == found


TOGETHER = [
    (("pytorch", "jaxlib"), MIDDLE, {"pytorch": "2.13.0 cuda129", "jaxlib": "0.4.31 cuda126"}),
    (("pytorch", "jaxlib"), NEW, {"pytorch": "2.13.0 cuda129", "jaxlib": "0.4.31 cuda126"}),
    (("cupy", "pytorch"), NEW, {"pytorch": "2.13.0 cuda130", "cupy": "14.1.1"}),
    (("rapids", "tensorflow"), NEW, {"tensorflow": "2.19.1 cuda129", "cudf": "25.10.00 cuda12_"}),
]


@pytest.mark.parametrize(("specs", "driver", "right"), TOGETHER)
def test_families_of_one_request_are_for_one_cuda_version(
    shop: Workshop, specs: tuple[str, ...], driver: tuple[str, str], right: dict[str, str]
) -> None:
    shop.put_driver(*driver)
    found = builds(shop.run("cuda-install", *specs, *DRY))
    assert {name: found[name][: len(start)] for name, start in right.items()} == right


def test_the_environment_s_cuda_version_serves_a_build_for_an_older_one(shop: Workshop) -> None:
    shop.put_driver(*NEW)
    words = ("cuda-install", "pytorch=2.5", "cuda-version=12.8")
    planned = shop.run(*words, "--plan", "--json").json
    assert (planned["cuda"], planned["notes"]) == ("12.6", [])
    assert "cuda-version=12.8" in planned["requirements"]
    found = builds(shop.run(*words, *DRY))
    assert found["pytorch"].startswith("2.5.1 cuda126")
    assert found["cuda-version"].startswith("12.8 ")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("jaxlib", "cpu-build-chosen"),
        ("tensorflow", "cpu-build-chosen"),
        ("onnxruntime", "cpu-build-chosen"),
    ],
)
def test_a_cpu_build_that_nobody_asked_for_is_noticed(shop: Workshop, spec: str, told: str) -> None:
    # A channel of CPU builds comes first, as Anaconda's own does.
    cpu = [one for one in forge_with_families() if "cpu" in one.build or one.name == "python"]
    shop.configured = [shop.channels.add("cpu/own", cpu), *shop.configured]
    shop.put_driver(*OLD)
    done = shop.run("install", spec, *DRY)
    assert "cpu" in builds(done)[spec]
    assert done.stderr.count(f"[{told}]") == 1, done.stderr
    again = shop.run(*printed_command(done.stderr), *DRY)
    assert "cuda" in builds(again)[spec]
    assert cuda_of(builds(again)) == 11
    assert "cuda-guard" not in again.stderr


@pytest.mark.parametrize("spec", ["tensorflow", "py-xgboost"])
def test_a_driver_that_is_too_old_for_the_newest_build(shop: Workshop, spec: str) -> None:
    shop.put_driver(*OLD)
    done = shop.run("install", spec, *DRY)
    code = "cpu-build-chosen" if shop.solver else "cuda-newer-than-driver"
    assert done.stderr.count(f"[{code}]") == 1
    assert "cuda118" in builds(shop.run(*printed_command(done.stderr), *DRY))[spec]


def test_what_the_solver_chose_well_is_not_warned_about(shop: Workshop) -> None:
    shop.put_driver(*OLD)
    done = shop.run("install", "faiss-gpu", *DRY)
    if shop.solver:
        assert "cuda118" in builds(done)["faiss"]
        assert done.stderr == ""
    else:
        assert "cuda118" in builds(shop.run(*printed_command(done.stderr), *DRY))["faiss"]


@pytest.mark.parametrize("spec", ["tensorflow-cpu", "jaxlib=*=cpu*", "faiss-cpu"])
@pytest.mark.parametrize("run", ["install", "cuda-install"])
def test_a_wish_for_the_cpu_stays(shop: Workshop, run: str, spec: str) -> None:
    shop.settings = {**shop.settings, "plugins": {"cuda_guard": "enforce"}}
    shop.put_driver(*MIDDLE)
    done = shop.run(run, spec, *DRY)
    name = re.split("-cpu|=", spec)[0]
    assert "cpu" in builds(done)[name]
    assert done.stderr == ""


def test_a_variant_that_was_typed_is_kept_or_replaced_with_the_reason(shop: Workshop) -> None:
    shop.put_driver(*OLD)
    done = shop.run("cuda-install", "jaxlib=*=cuda126*", *DRY)
    assert "it needs CUDA 12.6" in done.stderr
    assert "cuda118" in builds(done)["jaxlib"]
    kept = shop.run("cuda-install", "cupy", "cuda-version=11.2", *DRY)
    assert builds(kept)["cuda-version"].startswith("11.2")


def test_a_family_with_a_selector_and_a_channel_of_its_own(shop: Workshop) -> None:
    shop.put_driver(*MIDDLE)
    nvidia = shop.channels.url("nvidia")
    shop.settings = {**shop.settings, "custom_channels": {"nvidia": nvidia.rpartition("/")[0]}}
    done = shop.run("cuda-install", "paddlepaddle-gpu", *DRY)
    assert builds(done)["paddlepaddle-gpu"] == "3.0.0 py3.11_gpu_cuda11.8_many_linux"


def test_without_a_build_that_runs_it_is_refused_with_the_driver_that_would_do(
    shop: Workshop,
) -> None:
    shop.put_driver(*OLD)
    done = shop.run("cuda-install", "tensorflow=2.19", "--dry-run")
    assert done.returncode == 3
    assert "driver 520.61.05 runs up to CUDA 11.8" in done.stderr
    assert "ask for tensorflow=2.15.0, which runs here" in done.stderr


def test_under_strict_priority_the_channel_that_has_it_comes_first(shop: Workshop) -> None:
    cpu = [CondaPackage("jaxlib", "0.4.31", "cpu_h9_0")]
    shop.configured = [shop.channels.add("cpu/strict", cpu), *shop.configured]
    shop.settings = {**shop.settings, "channel_priority": "strict"}
    shop.put_driver(*OLD)
    done = shop.run("cuda-install", "jaxlib", *DRY)
    assert "cuda118" in builds(done)["jaxlib"]


def test_rewrite_reaches_them(shop: Workshop) -> None:
    shop.settings = {**shop.settings, "plugins": {"cuda_guard": "rewrite"}}
    shop.put_driver(*OLD)
    done = shop.run("install", "cupy", *DRY)
    assert builds(done)["cupy"].startswith("13.6.0")
    assert "cuda-guard: cupy 13.6.0 for CUDA 11.2" in done.stderr


def test_a_cuda_build_that_is_there_is_not_swapped_for_the_cpu_unsaid(shop: Workshop) -> None:
    shop.put_driver(*OLD)
    made = shop.run("cuda-install", "jaxlib", "-y")
    assert made.returncode == 0, made.stderr
    cpu = [CondaPackage("jaxlib", "0.5", "cpu_h9_0")]
    shop.configured, forge = [shop.channels.add("cpu/newer", cpu)], shop.configured[0]
    done = shop.run("install", "jaxlib=0.5", *DRY)
    assert done.stderr.count("[cpu-build-chosen]") == 1
    assert "it would replace the CUDA build cuda118" in done.stderr
    shop.configured = [shop.configured[0], forge]
    kept = shop.run("install", "jaxlib", *DRY)
    assert kept.returncode == 0
