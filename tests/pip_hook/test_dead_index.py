"""PyTorch's index cannot be had: the plan rests on what can, at once, and is said to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.wheel_index import WheelFile

from .running import GTX_1080, Machine, installed
from .test_installed import Place
from .test_uv import with_uv

if TYPE_CHECKING:
    from pathlib import Path

# It refuses at once; a name that does not resolve; a server that answers every page with an error.
REFUSES = "http://127.0.0.1:9/whl"
NO_SUCH_HOST = "https://wheels.invalid/whl"
UNTRUSTED = "http://wheels.invalid/whl"


@pytest.fixture
def machine(machine: Machine, stub_driver: Path) -> Machine:
    """Give a machine whose driver runs CUDA 12.2, with packages that need torch on its index."""
    machine.server.add(
        [
            WheelFile("simple/any-torch", "any_torch-1.0-py3-none-any.whl", ("torch>=1.10",)),
            WheelFile("simple/pins", "pins-1.0-py3-none-any.whl", ("torch==2.5.0",)),
        ]
    )
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def plan(machine: Machine, *words: str, index: str = REFUSES) -> dict[str, Any]:
    more = {"CUDA_GUARD_WHEEL_INDEX": index}
    done = machine.pipcuda("plan", "--json", *words, more=more)
    value: dict[str, Any] = json.loads(done.stdout)
    return value


@pytest.mark.parametrize(
    ("driver", "cuda", "gpus", "right"),
    [
        ("580.65.06", "13.0", (), "2.15.0"),
        ("535.104.05", "12.2", (), "2.10.0"),
        ("470.82.01", "11.4", (), "2.0.1"),
        ("550.54.14", "12.4", (GTX_1080,), "2.7.1"),
    ],
)
def test_the_newest_plain_wheel_that_runs_is_planned(  # noqa: PLR0913, PLR0917
    driver: str,
    cuda: str,
    gpus: tuple[tuple[str, str], ...],
    right: str,
    machine: Machine,
    stub_driver: Path,
) -> None:
    value = plan(machine.with_driver(stub_driver, driver, cuda, *gpus), "torch")
    assert (value["packages"], value["index_urls"]) == ({"torch": right}, [])
    assert value["requirements"] == [f"torch=={right}"]


def test_an_extra_index_stands_beside_the_default_one(machine: Machine, tmp_path: Path) -> None:
    """What an extra index lacks, pip's default one may have: it is not the main index."""
    extra = tmp_path / "extra"
    extra.mkdir()
    default_index(machine, tmp_path / "site", machine.server.simple)
    machine.variables["PIP_EXTRA_INDEX_URL"] = extra.as_uri()
    value = plan(machine, "torch")
    assert (value["packages"], value["command"][2:]) == ({"torch": "2.10.0"}, ["torch==2.10.0"])
    assert value["as_typed"]["source"] is None


def default_index(machine: Machine, folder: Path, url: str) -> None:
    """Let pip's own default index be this one, and let no other be set."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import pip._internal.models.index as index\n"
        f"index.PyPI = index.PackageIndex({url!r}, 'files.invalid')\n"
        f"index.PyPI.simple_url = {url!r}\n"
    )
    paths = [str(folder), machine.environment.get("PYTHONPATH", "")]
    machine.variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    machine.variables["PIP_INDEX_URL"] = ""


def test_where_pips_default_index_is_dead_too_it_is_refused_at_once(
    machine: Machine, tmp_path: Path
) -> None:
    default_index(machine, tmp_path / "site", "http://127.0.0.1:9/simple")
    more = {"CUDA_GUARD_WHEEL_INDEX": NO_SUCH_HOST, "PIP_RETRIES": "5"}
    done = machine.pipcuda("install", "--target", tmp_path / "t", "torch", more=more)
    assert done.returncode == 3, done.stderr
    assert "pip's default index http://127.0.0.1:9/simple does not answer either" in done.stderr
    for way in ("NJU", "--index-url", "--no-index --find-links", "--offline"):
        assert way in done.stderr
    assert "Retrying" not in done.stdout + done.stderr
    offline = machine.pipcuda("plan", "--offline", "torch", more=more)
    assert offline.returncode == 0


def test_a_default_index_that_answers_is_planned_with(machine: Machine, tmp_path: Path) -> None:
    default_index(machine, tmp_path / "site", machine.server.simple)
    value = plan(machine, "torch")
    assert (value["packages"], value["source"]) == ({"torch": "2.10.0"}, "user-index")


def test_an_installed_torch_stays_without_any_index(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    place.put("torch==2.5.1")
    default_index(machine, tmp_path / "site", "http://127.0.0.1:9/simple")
    machine.variables["CUDA_GUARD_WHEEL_INDEX"] = REFUSES
    place.pipcuda("torch")
    assert place.has() == {"torch": "2.5.1"}


@pytest.mark.parametrize("index", [REFUSES, NO_SUCH_HOST, UNTRUSTED])
def test_pip_is_not_sent_to_a_dead_index(index: str, machine: Machine, tmp_path: Path) -> None:
    more = {"CUDA_GUARD_WHEEL_INDEX": index}
    words = ("install", "--target", tmp_path / "t", "torch", "torchvision")
    done = machine.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert "Retrying" not in done.stdout + done.stderr
    found = installed(tmp_path / "t")
    assert (found["torch"], found["torchvision"]) == ("2.10.0", "0.25.0")
    told = "pip ignores it" if index == UNTRUSTED else f"{index} cannot be reached"
    assert told in done.stderr
    assert "torch is held to 2.10.0: of the builds available now, it is the newest" in done.stderr
    assert "NJU" in done.stderr
    assert "CUDA_GUARD_WHEEL_INDEX" in done.stderr


def in_force(machine: Machine, option: str, url: str, way: str) -> tuple[list[str], dict[str, str]]:
    """Put a source in force; return the words of the line and the variables that do it."""
    more = {"CUDA_GUARD_WHEEL_INDEX": REFUSES, "PIP_RETRIES": "1"}
    if way == "line":
        return [f"--{option}", url, "torch"], more
    if way == "file":
        (machine.home / "r.txt").write_text(f"--{option} {url}\ntorch\n")
        return ["-r", "r.txt"], more
    if way == "variable":
        return ["torch"], {**more, f"PIP_{option.upper().replace('-', '_')}": url}
    (machine.home / "pip.conf").write_text(f"[global]\n{option} = {url}\n")
    return ["torch"], {**more, "PIP_CONFIG_FILE": str(machine.home / "pip.conf")}


@pytest.mark.parametrize("way", ["line", "file", "variable", "configuration"])
@pytest.mark.parametrize(
    ("option", "variant"),
    [("extra-index-url", "cu118"), ("extra-index-url", "cu128"), ("find-links", "cu128")],
)
def test_nor_to_one_that_the_user_has_in_force(
    option: str, variant: str, way: str, machine: Machine, tmp_path: Path
) -> None:
    # Of the variant that is planned, and of another one.
    words, more = in_force(machine, option, f"{REFUSES}/{variant}", way)
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.10.0"
    assert "Retrying" not in done.stdout + done.stderr


def test_nor_by_the_command_of_a_plan(machine: Machine) -> None:
    found = plan(machine, "torch", "--extra-index-url", f"{REFUSES}/cu128", "--no-deps")
    assert found["command"] == ["pip", "install", "torch==2.10.0", "--no-deps"]


@pytest.mark.parametrize("way", ["line", "variable"])
def test_nor_for_a_dependency_once_it_is_known(way: str, machine: Machine, tmp_path: Path) -> None:
    words, more = in_force(machine, "extra-index-url", f"{REFUSES}/cu128", way)
    words[-1] = "any-torch"
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.10.0"
    # Before pip meets torch, the line is pip's alone.
    retried = [one for one in (done.stdout + done.stderr).splitlines() if "Retrying" in one]
    assert [one for one in retried if "/any-torch/" not in one] == []


def test_one_that_lives_beside_it_stays(machine: Machine, tmp_path: Path) -> None:
    machine.server.add([WheelFile("company/needs-none", "needs_none-1.0-py3-none-any.whl")])
    living = f"{machine.server.root}/company"
    words, more = in_force(machine, "extra-index-url", f"{REFUSES}/cu128 {living}", "variable")
    words.append("needs-none")
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=more)
    assert done.returncode == 0, done.stderr
    assert {"torch", "needs_none"} <= set(installed(tmp_path / "t"))
    assert "Retrying" not in done.stdout + done.stderr


def test_a_dead_index_of_somebodys_own_is_left_to_pip(machine: Machine, tmp_path: Path) -> None:
    words, more = in_force(machine, "extra-index-url", "http://127.0.0.1:9/simple", "variable")
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=more)
    assert "/simple/torch/" in done.stdout + done.stderr
    assert "Retrying" in done.stdout + done.stderr


@pytest.mark.parametrize("way", ["line", "configuration"])
def test_uv_is_not_sent_to_what_the_user_has_in_force(
    way: str, machine: Machine, uv: Path, tmp_path: Path
) -> None:
    words, more = in_force(machine, "extra-index-url", f"{REFUSES}/cu128", way)
    more = {**more, **with_uv(machine, uv, tmp_path / "cache")}
    done = machine.pipcuda("install", "--target", tmp_path / "t", *words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.10.0"


def test_uv_is_not_sent_there_either(machine: Machine, uv: Path, tmp_path: Path) -> None:
    more = {"CUDA_GUARD_WHEEL_INDEX": REFUSES, **with_uv(machine, uv, tmp_path / "cache")}
    done = machine.pipcuda("install", "--target", tmp_path / "t", "torch", more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.10.0"


def test_a_dependency_is_held_and_said_to_be(machine: Machine, tmp_path: Path) -> None:
    place = Place(machine, tmp_path / "venv")
    place.machine.variables["CUDA_GUARD_WHEEL_INDEX"] = REFUSES
    done = place.pipcuda("any-torch")
    assert place.has() == {"torch": "2.10.0"}
    assert done.stderr.count("torch is held to 2.10.0: of the builds available now") == 1


def test_a_pin_of_another_package_is_met(machine: Machine, tmp_path: Path) -> None:
    more = {"CUDA_GUARD_WHEEL_INDEX": REFUSES}
    done = machine.pipcuda("install", "--target", tmp_path / "t", "torch", "pins", more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.5.0"


def test_wheels_in_a_folder_of_ones_own_are_taken(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    fetched = machine.pip(
        "download", "--no-deps", "--index-url", f"{machine.server.base}/cu126", "-d", folder,
        "torch==2.14.1",
    )  # fmt: skip
    assert fetched.returncode == 0, fetched.stderr
    more = {"CUDA_GUARD_WHEEL_INDEX": REFUSES}
    words = ("install", "--target", tmp_path / "t", "--find-links", folder, "torch")
    done = machine.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.14.1+cu126"


def test_what_cannot_be_had_is_refused_with_the_ways_out(machine: Machine) -> None:
    more = {"CUDA_GUARD_WHEEL_INDEX": REFUSES}
    done = machine.pipcuda("install", "--dry-run", "torch>=2.12", more=more)
    assert done.returncode == 3
    assert "cannot be reached" in done.stderr
    assert "NJU" in done.stderr


def test_a_label_that_cannot_be_had_now_is_not_said_to_be_none(machine: Machine) -> None:
    machine.variables["CUDA_GUARD_WHEEL_INDEX"] = REFUSES
    done = machine.pipcuda("plan", "torch==2.9.1+cu126")
    assert f"+cu126 was replaced: its index {REFUSES} cannot be reached." in done.stdout
    assert "last release" not in done.stdout


def test_a_page_of_a_project_that_is_dead_is_told_of_once(machine: Machine) -> None:
    page = "http://127.0.0.1:9/whl/torch-2.1.0+cu118.html"
    done = machine.pipcuda("plan", "torch", "torch-scatter", "--find-links", page)
    assert done.stdout.count("could not be reached") == 1
