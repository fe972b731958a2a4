"""Packages that follow torch, installed by the real pip from indexes laid out like theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from tests.support.pips import NEWEST, PIP_VERSIONS
from tests.support.tools import REAL_TIME
from tests.support.wheel_index import WheelFile

from .running import Machine, add_packages, installed
from .test_uv import with_uv

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Callable

    from tests.support.tools import Result
    from tests.support.wheel_index import WheelServer

TAGS = "py39-none-manylinux_2_28_x86_64.whl"
ABI3 = "cp38-abi3-manylinux_2_28_x86_64.whl"
# The variants that xformers has files for, and the torch that each version asks for.
XFORMERS = {
    "0.0.35": ("torch>=2.10", ("cu126", "cu128", "cu130")),
    "0.0.33.post2": ("torch==2.9.1", ("cu126", "cu128", "cu130")),
    "0.0.28.post3": ("torch==2.5.1", ("cu118", "cu121", "cu124")),
}
VLLM = {
    "0.33.0": ("torch==2.14.0", "torchvision==0.29.0"),
    "0.32.0": ("torch==2.13.0", "torchvision==0.28.0"),
    "0.30.0": ("torch==2.13.0", "torchvision==0.28.0"),
    "0.19.0": ("torch==2.10.0", "torchvision==0.25.0"),
}
NAMES = ("torch", "torchvision", "xformers", "vllm", "triton", "torchdata")


def xformers() -> Iterable[WheelFile]:
    for number, (needs, variants) in XFORMERS.items():
        yield WheelFile("simple/xformers", f"xformers-{number}-{TAGS}", (needs,))
        for variant in variants:
            page = f"whl/{variant}/xformers"
            yield WheelFile(page, f"xformers-{number}+{variant}-{TAGS}", (needs,))


def vllm() -> Iterable[WheelFile]:
    for number, needs in VLLM.items():
        yield WheelFile("simple/vllm", f"vllm-{number}-{ABI3}", needs)
    name = f"vllm-0.30.0+cu129-{ABI3}"
    yield WheelFile("vllm/0.30.0/cu129/vllm", name, VLLM["0.30.0"])


@pytest.fixture
def with_followers(
    make_machine: Callable[[str], Machine],
    wheel_server: WheelServer,
    stub_driver: Path,
    tmp_path: Path,
) -> Callable[..., Machine]:
    """Return a function that makes a machine with a pip and a driver; vllm's index is local."""

    def made(pip: str = "newest", driver: str = "535.104.05", cuda: str = "12.2") -> Machine:
        machine = make_machine(pip).with_driver(stub_driver, driver, cuda)
        wheel_server.add([*xformers(), *vllm()])
        add_packages(
            machine,
            {
                "triton": {"3.1.0": (), "3.9.0": ()},
                "torchdata": {"0.11.0": ("torch>=2",)},
                "wants-xformers": {"1.0": ("xformers",)},
                "wants-vllm": {"1.0": ("vllm",)},
                "none": {"1.0": ()},
            },
        )
        return machine.with_families_at(tmp_path / "data", {"https://wheels.vllm.ai": "vllm"})

    return made


def run(machine: Machine, target: Path, *words: str) -> tuple[dict[str, str], Result]:
    done = machine.pipcuda("install", "--target", target, *words)
    assert done.returncode == 0, done.stderr
    return {k: v for k, v in installed(target).items() if k in NAMES}, done


@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
@pytest.mark.parametrize("words", [["torch", "xformers"], ["xformers"]])
def test_torch_and_xformers_are_the_newest_pair(
    version: str, words: list[str], with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    found, _ = run(with_followers(version), tmp_path / "t", *words)
    assert found == {"torch": "2.14.1+cu126", "xformers": "0.0.35+cu126"}


@pytest.mark.all_cases_with(version=NEWEST)
@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
@pytest.mark.parametrize(
    ("driver", "cuda", "words", "right"),
    [
        ("550.54.14", "12.4", ["vllm"], ("0.30.0+cu129", "2.13.0+cu129")),
        ("535.104.05", "12.2", ["torch", "vllm"], ("0.30.0+cu129", "2.13.0+cu129")),
        ("550.54.14", "12.4", ["vllm==0.19.0"], ("0.19.0", "2.10.0+cu128")),
        ("580.65.06", "13.0", ["vllm"], ("0.33.0", "2.14.0+cu130")),
        ("550.54.14", "12.4", ["vllm", "none"], ("0.30.0+cu129", "2.13.0+cu129")),
        ("580.65.06", "13.0", ["vllm", "none"], ("0.33.0", "2.14.0+cu130")),
    ],
)
def test_vllm_is_the_newest_whose_build_runs_with_its_torch(  # noqa: PLR0913, PLR0917
    version: str,
    driver: str,
    cuda: str,
    words: list[str],
    right: tuple[str, str],
    with_followers: Callable[..., Machine],
    tmp_path: Path,
) -> None:
    found, _ = run(with_followers(version, driver, cuda), tmp_path / "t", *words)
    assert (found["vllm"], found["torch"]) == right


@pytest.mark.parametrize("words", [["vllm"], ["torch", "xformers", "none"]])
def test_uv_installs_the_same(
    words: list[str], with_followers: Callable[..., Machine], tmp_path: Path, uv: Path
) -> None:
    machine = with_followers("newest", "550.54.14", "12.4")
    by_uv = {**machine.variables, **with_uv(machine, uv, tmp_path / "cache")}
    found, _ = run(
        Machine(machine.python, machine.home, machine.server, by_uv), tmp_path / "t", *words
    )
    by_pip, _ = run(machine, tmp_path / "p", *words)
    assert found == by_pip
    assert found.get("vllm", "0.30.0+cu129") == "0.30.0+cu129"


def test_a_file_is_planned_and_rewritten(
    with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    machine = with_followers()
    file = tmp_path / "requirements.txt"
    file.write_text("torch\nxformers  # attention\nnone\n", "utf-8")
    found, _ = run(machine, tmp_path / "t", "-r", str(file))
    assert found == {"torch": "2.14.1+cu126", "xformers": "0.0.35+cu126"}
    done = machine.pipcuda("rewrite", str(file))
    assert done.returncode == 0, done.stderr
    written = file.read_text("utf-8") + done.stdout
    assert "xformers==0.0.35+cu126" in written
    assert "torch==2.14.1+cu126" in written


def test_a_variant_that_is_named_has_its_pair(
    with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    found, _ = run(with_followers(), tmp_path / "t", "torch", "xformers", "--variant", "cu121")
    assert found == {"torch": "2.5.1+cu121", "xformers": "0.0.28.post3+cu121"}


def test_beside_an_installed_torch_the_one_that_belongs_is_taken(
    with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    from .test_installed import Place

    place = Place(with_followers(), tmp_path / "venv")
    place.put("torch==2.5.1", variant="cu121")
    place.pipcuda("xformers", "triton", "torchdata")
    found = {k: v for k, v in installed(place.packages).items() if k in NAMES}
    assert found == {
        "torch": "2.5.1+cu121",
        "xformers": "0.0.28.post3+cu121",
        "triton": "3.1.0",
        "torchdata": "0.11.0",
    }
    done = place.pipcuda("torch==2.9.1", "--variant", "cu128")
    found = {k: v for k, v in installed(place.packages).items() if k in NAMES}
    assert (found["torch"], found["xformers"]) == ("2.9.1+cu128", "0.0.33.post2+cu128")
    assert found["torchdata"] == "0.11.0"
    assert done.stderr.count("[installed-set-moved]") == 1


def test_open_beside_another_package_the_pair_still_agrees(
    with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    found, _ = run(with_followers(), tmp_path / "t", "torch", "xformers", "none")
    assert found == {"torch": "2.14.1+cu126", "xformers": "0.0.35+cu126"}


def test_as_a_dependency_pip_finds_it_and_torch_is_bounded(
    with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    found, _ = run(with_followers(), tmp_path / "t", "wants-xformers")
    assert found["torch"].endswith("+cu126")


@pytest.mark.parametrize(
    ("driver", "cuda", "right"),
    [("550.54.14", "12.4", "0.19.0"), ("580.65.06", "13.0", "0.33.0")],
)
def test_a_dependency_whose_one_file_is_for_another_cuda_is_not_taken(
    driver: str, cuda: str, right: str, with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    found, _ = run(with_followers("newest", driver, cuda), tmp_path / "t", "wants-vllm")
    assert found["vllm"] == right
    assert found["torch"].partition("+cu")[2][:2] == cuda.partition(".")[0]


@pytest.mark.parametrize("words", [["none"], ["torch"], ["torch", "none"], ["torchvision"]])
def test_nobody_is_asked_about_a_follower_that_nobody_named(
    words: list[str], with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    machine = with_followers()
    run(machine, tmp_path / "t", *words)
    asked = [seen.path for seen in machine.server.requests]
    followers = catalogue.family().followers
    assert followers
    assert not [path for path in asked if path.rstrip("/").rpartition("/")[2] in followers]


@pytest.mark.parametrize("name", ["tritonclient", "torchdata-extra", "xformers_stubs"])
def test_a_name_that_only_begins_alike_is_another_package(
    name: str, with_followers: Callable[..., Machine], tmp_path: Path
) -> None:
    machine = with_followers()
    add_packages(machine, {name: {"1.0": ()}})
    done = machine.pipcuda("install", "--target", tmp_path / "t", name)
    assert done.returncode == 0, done.stderr
    assert set(installed(tmp_path / "t")) == {name.replace("-", "_")}
    plan = machine.pipcuda("plan", "--json", name).json
    assert plan["status"] == "unchanged"


NEW_VLLM = ("vllm-0.34.0-" + ABI3, ("torch==2.14.1",))


def plan(machine: Machine, *words: str) -> dict[str, str]:
    done = machine.pipcuda("plan", "--json", *words)
    assert done.returncode == 0, done.stderr
    packages: dict[str, str] = json.loads(done.stdout)["packages"]
    return packages


@pytest.mark.parametrize("version", [PIP_VERSIONS[0], PIP_VERSIONS[-1]])
def test_the_pin_of_a_new_release_is_read_live(
    version: str, with_followers: Callable[..., Machine]
) -> None:
    machine = with_followers(version, "580.65.06", "13.0")
    machine.server.add([WheelFile("simple/vllm", *NEW_VLLM)])
    machine.server.metadata_below = ("simple",)
    found = plan(machine, "torch", "vllm")
    assert found == {"torch": "2.14.1+cu130", "vllm": "0.34.0"}
    asked = [seen.path for seen in machine.server.requests if seen.path.endswith(".metadata")]
    assert len(asked) == 1
    plan(machine, "torch", "vllm")
    again = [seen.status for seen in machine.server.requests if seen.path.endswith(".metadata")]
    assert again == [200, 304]
    assert plan(machine, "torch", "vllm", "--offline")["vllm"] == "0.33.0"
    assert plan(machine, "torch", "vllm<0.34")["vllm"] == "0.33.0"


def test_an_index_of_its_own_that_lacks_it_is_not_planned(
    with_followers: Callable[..., Machine],
) -> None:
    machine = with_followers("newest", "550.54.14", "12.4")
    assert plan(machine, "vllm")["vllm"] == "0.30.0+cu129"
    assert machine.server.asked_for("/vllm/0.30.0/cu129/vllm/")
    machine.server.fault("vllm", "404")
    assert plan(machine, "vllm") == {"vllm": "0.19.1", "torch": "2.10.0+cu128"}
    machine.server.fault("vllm", "503")  # pip would wait for it, and find nothing
    done = machine.pipcuda("plan", "vllm")
    assert done.stdout.startswith("vllm 0.19.1, torch 2.10.0+cu128 ")
    assert "vllm/0.30.0/cu129 is not available (HTTP 503), so it is not used." in done.stdout
    machine.server.fault("vllm", "slow")
    done = machine.pipcuda("plan", "vllm", more=REAL_TIME)
    assert done.stdout.startswith("vllm 0.30.0+cu129, torch 2.13.0+cu129 ")


def test_an_index_of_its_own_is_not_asked_where_the_default_one_will_do(
    with_followers: Callable[..., Machine],
) -> None:
    machine = with_followers("newest", "580.65.06", "13.0")
    assert plan(machine, "vllm")["vllm"] == "0.33.0"
    assert not any(seen.path.startswith("/vllm/") for seen in machine.server.requests)


def test_xformers_of_the_wheel_index_is_read_live_too(
    with_followers: Callable[..., Machine],
) -> None:
    machine = with_followers()
    files = [
        WheelFile(f"whl/{one}/xformers", f"xformers-0.0.36+{one}-{TAGS}", ("torch==2.11.0",))
        for one in ("cu126", "cu128")
    ]
    machine.server.add(files)
    machine.server.metadata_below = ("whl",)
    assert plan(machine, "torch==2.11.0", "xformers")["xformers"] == "0.0.36+cu128"
    assert plan(machine, "torch", "xformers")["xformers"] == "0.0.35+cu126"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe garbage",
        b"Metadata-Version: 2.1\nName: vllm\nVersion: 0.34.0\nRequires-Dist: torch==99.0\n",
        b"Metadata-Version: 2.1\nName: vllm\nVersion: 0.34.0\nRequires-Dist: torch===[\n",
        b"Metadata-Version: 2.1\nName: other\nVersion: 0.34.0\nRequires-Dist: torch==2.13.0\n",
        b"Metadata-Version: 2.1\nName: vllm\nVersion: 9\nRequires-Dist: torch==2.13.0\n",
        b"Metadata-Version: 2.1\nName: vllm\nVersion: 0.34.0\n",
    ],
)
def test_metadata_that_lies_or_says_nothing_leaves_the_data(
    body: bytes, with_followers: Callable[..., Machine]
) -> None:
    machine = with_followers("newest", "580.65.06", "13.0")
    machine.server.add([WheelFile("simple/vllm", *NEW_VLLM)])
    machine.server.metadata_below = ("simple",)
    machine.server.metadata[NEW_VLLM[0]] = body or b"\n"
    assert plan(machine, "torch", "vllm") == {"torch": "2.14.0+cu130", "vllm": "0.33.0"}


@pytest.mark.parametrize("fault", ["slow", "500", "login", "garbage"])
def test_a_main_index_that_does_not_answer_leaves_the_data(
    fault: str, with_followers: Callable[..., Machine]
) -> None:
    machine = with_followers("newest", "580.65.06", "13.0")
    machine.server.fault("simple/vllm", fault)
    done = machine.pipcuda("plan", "--json", "torch", "vllm", more=REAL_TIME)
    assert done.json["packages"]["vllm"] == "0.33.0"
