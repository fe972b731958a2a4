"""Warnings about packages beside pytorch that have a CUDA version: typed, and solved."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.catalogue import hooks
from tests.support.conda_package import CondaPackage
from tests.support.real_conda import SOLVER
from tests.support.tools import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda
    from tests.support.tools import Result

    from .conftest import Workshop

DRY = ("--dry-run", "--json")
# As `hook_entry` has them, which needs conda to be imported.
FAMILIES_VARIABLE = "CUDA_GUARD_FAMILIES"
FAMILIES_FOLDER = ("share", "conda-cuda-guard", "families")


def advised(stderr: str) -> list[str]:
    """Give the words of the command that a warning tells to type."""
    (line,) = {one for one in stderr.splitlines() if "Type instead: " in one}
    program, *words = shlex.split(line.partition("Type instead: ")[2])
    assert program == "conda"
    return words


def builds(done: Result) -> dict[str, str]:
    """Give the builds that were solved."""
    assert done.returncode == 0, done.stderr
    return {one["name"]: one["build_string"] for one in done.json["actions"]["LINK"]}


TOOLKITS = [
    CondaPackage(name, version, build, depends=(f"cuda-version {cuda}.*",))
    for name, version, build, cuda in [
        ("cudnn", "9.1", "cuda12_h1_0", "12.9"),
        ("cudnn", "8.9", "cuda11_h1_0", "11.8"),
        ("cuda-toolkit", "12.9.0", "h1_0", "12.9"),
        ("cuda-toolkit", "11.8.0", "h1_0", "11.8"),
    ]
]


@pytest.mark.parametrize(
    ("spec", "instead"),
    [
        ("jaxlib=0.4.31=cuda126*", "jaxlib==0.4.31[build=*cuda*] cuda-version<=11.8"),
        ("cuda-version=12.9", "cuda-version<=11.8"),
        ("cuda-toolkit=12.9", "cuda-toolkit<=11.8"),
        ("cudnn=9.1=cuda12*", "cudnn cuda-version<=11.8"),
    ],
)
def test_what_is_typed_for_a_newer_cuda_is_told_before_the_solve(
    shop: Workshop, spec: str, instead: str
) -> None:
    shop.configured = [shop.channels.add("toolkits", TOOLKITS), "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", spec, *DRY)
    assert done.stderr.count("[cuda-newer-than-driver]") == 1
    assert set(instead.split()) <= set(advised(done.stderr))
    again = shop.run(*advised(done.stderr), *DRY)
    assert again.stderr == ""
    assert "cuda12" not in "".join(builds(again).values())
    # With a package that does not exist nothing is solved: what is told was told before. And no
    # command solves.
    done = shop.run("install", spec, "surely-not-there", *DRY)
    assert done.returncode == 1
    assert done.stderr.count("[cuda-newer-than-driver]") == 1
    assert "Type instead" not in done.stderr


def test_what_the_solver_chose_for_a_newer_cuda(shop: Workshop) -> None:
    if SOLVER != "classic":
        pytest.skip(f"the {SOLVER} solver heeds what cuda-version constrains")
    shop.configured = ["conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", "jaxlib", *DRY)
    assert "cuda126" in builds(done)["jaxlib"]
    assert done.stderr.count("[cuda-newer-than-driver]") == 1
    assert "cuda118" in builds(shop.run(*advised(done.stderr), *DRY))["jaxlib"]


def test_a_cpu_build_with_a_cuda_twin_in_the_same_channels(shop: Workshop) -> None:
    shop.configured = ["defaults", "conda-forge"]
    shop.put_driver("560.35.03", "12.6")
    done = shop.run("install", "jaxlib", *DRY)
    assert builds(done)["jaxlib"].startswith("cpu_")
    assert "the same channels have one for CUDA 12.6" in done.stderr
    assert "cuda126" in builds(shop.run(*advised(done.stderr), *DRY))["jaxlib"]


def test_where_no_build_of_the_channels_runs_here_there_is_no_command(shop: Workshop) -> None:
    newer = [
        CondaPackage("faiss-gpu", "1.9", build, number, depends=depends)
        for build, number, depends in [
            ("cuda126_h1_200", 200, ("__cuda", "cuda-version >=12.6,<13")),
            ("cpu_h1_0", 0, ()),
        ]
    ]
    shop.configured = [shop.channels.add("faiss", newer), "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", "faiss-gpu", *DRY)
    assert "Type instead" not in done.stderr
    assert "no build that runs here was found in the channels of this request" in done.stderr


def test_the_twin_is_one_that_the_driver_runs(shop: Workshop) -> None:
    shop.configured = ["defaults", "conda-forge"]
    shop.put_driver("520.61.05", "11.8")
    done = shop.run("install", "jaxlib", *DRY)
    assert "the same channels have one for CUDA 11.8" in done.stderr


@pytest.mark.parametrize(
    ("configured", "spec", "driver"),
    [
        (["defaults"], "jaxlib", "560.35.03"),
        (["defaults", "conda-forge"], "jaxlib=*=cpu*", "560.35.03"),
        (["defaults", "conda-forge"], "jaxlib", None),
    ],
    ids=["no-twin-in-force", "asked-for", "no-driver"],
)
def test_a_cpu_build_that_is_nobodys_fault(
    shop: Workshop, configured: list[str], spec: str, driver: str | None
) -> None:
    shop.configured = configured
    if driver:
        shop.put_driver(driver, "12.6")
    done = shop.run("install", spec, *DRY)
    assert builds(done)["jaxlib"].startswith("cpu_")
    assert done.stderr == ""


WARPDRIVE = {
    "table": "family",
    "schema": 1,
    "sources": ["https://example.org/warpdrive"],
    "family": "warpdrive",
    "stems": ["warpdrive"],
    "on_conda": {
        "sources": ["https://example.org/warpdrive"],
        "packages": ["warpdrive"],
        "channels": ["conda-forge"],
        "carriers": ["conda-forge"],
        "build": "warp*",
        "cpu_builds": ["plain*"],
        "known": [["2.0", ["12.0"]]],
    },
}
TORCHWARP = {
    "table": "family",
    "schema": 1,
    "sources": ["https://example.org/torchwarp"],
    "family": "torchwarp",
    "follows": "torch",
    "lead": {"pip": "torchwarp", "conda": "torchwarp", "variants_since": None},
    "labelled": True,
    "pins_torch": False,
    "versions": [["2.0", ">=2.8"]],
}
BUILDS = [
    CondaPackage("warpdrive", "2.0", "warp_h1_0", depends=("cuda-version >=12,<13",)),
    CondaPackage("warpdrive", "2.0", "plain_h1_9", 9),
]


@pytest.mark.parametrize("watched", [False, True])
def test_the_packages_of_a_third_party_are_watched_for(
    watched: bool, shop: Workshop, tmp_path: Path
) -> None:
    """Neither names nor builds have anything by which they would be noticed otherwise."""
    shop.configured = [shop.channels.add("warpdrive", BUILDS), "conda-forge"]
    shop.put_driver("535.104.05", "12.2")
    (tmp_path / "warpdrive.json").write_text(json.dumps(WARPDRIVE), "utf-8")
    if watched:
        shop.variables[FAMILIES_VARIABLE] = str(tmp_path)
    solved = shop.run("install", "warpdrive", *DRY)
    assert builds(solved)["warpdrive"] == "plain_h1_9"
    assert solved.stderr.count("[cpu-build-chosen]") == watched


def test_the_folder_of_the_base_counts_as_the_variable_does(conda: Conda, tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*FAMILIES_FOLDER)
    folder.mkdir(parents=True)
    (folder / "warpdrive.json").write_text(json.dumps(WARPDRIVE), "utf-8")
    (folder / "torchwarp.json").write_text(json.dumps(TORCHWARP), "utf-8")
    for prefix, expected in ((tmp_path, "True"), (tmp_path / "other", "False")):
        code = (
            f"import sys; sys.prefix = {str(prefix)!r}\n"
            "from conda_cuda_guard.conda_plugin.hook_entry import cuda_names\n"
            "print({'warpdrive', 'torchwarp'} <= cuda_names(), 'pytorch' in cuda_names(),"
            " 'conda_cuda_guard.catalogue' in sys.modules)"
        )
        asked = run([str(conda.python), "-c", code], env=conda.environment())
        assert asked.stdout.split() == [expected, "True", expected]


def test_a_family_file_that_cannot_be_used_stops_nothing(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text("{", "utf-8")
    shop.variables = {FAMILIES_VARIABLE: str(tmp_path)}
    done = shop.run("install", "numpy", *DRY)
    assert (done.returncode, done.stderr) == (0, "")


def test_where_third_parties_are_looked_for_is_where_the_catalogue_does() -> None:
    assert (hooks.VARIABLE, hooks.SHARE) == (FAMILIES_VARIABLE, FAMILIES_FOLDER)
