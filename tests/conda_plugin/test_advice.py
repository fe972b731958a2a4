"""Every command that is printed solves, ends in a CUDA build that runs here, keeps the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.channel_parts import on_python, pythons
from tests.support.conda_package import CondaPackage

from .conftest import RTX_5090
from .printed import printed_command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

    from .conftest import Workshop

DRY = ("--dry-run", "--json")
OFFICIAL = ("-c", "pytorch", "-c", "nvidia")


pytestmark = pytest.mark.all_cases_with(shop="classic")


@pytest.fixture(params=["classic", "enforcing"])
def shop(shop: Workshop, request: pytest.FixtureRequest) -> Workshop:
    if request.param == "enforcing":
        shop.enforce_constrains()
    return shop


def builds(done: Result) -> dict[str, str]:
    """Return the builds that were solved."""
    assert done.returncode == 0, done.stdout + done.stderr
    return {one["name"]: one["build_string"] for one in done.json["actions"]["LINK"]}


def follow(shop: Workshop, done: Result) -> dict[str, str]:
    """Run the printed command and return the builds; nothing is said of it."""
    again = shop.run(*printed_command(done.stderr), *DRY)
    assert "cuda-guard" not in again.stderr
    return builds(again)


def lagging_forge(shop: Workshop) -> str:
    """Make a conda-forge that ends at 2.10, with one torchvision."""
    packages = [*pythons("conda-forge")]
    for cuda in ("12.8", "13.0"):
        major, digits = int(cuda[:2]), cuda.replace(".", "")
        packages.append(
            CondaPackage(
                "cuda-version", cuda, "h_3", 3, constrains=(f"__cuda >={major}",), subdir="noarch"
            )
        )
        needs = (on_python("3.11"), "__cuda", f"cuda-version >={cuda},<{major + 1}")
        packages += [
            CondaPackage("pytorch", "2.10.0", f"cuda{digits}_mkl_py311_h1_301", 301, depends=needs),
            CondaPackage(
                "torchvision",
                "0.25.0",
                f"cuda{digits}_py311_h1_0",
                depends=(*needs, f"pytorch * cuda{digits}*"),
            ),
        ]
    cpu = (on_python("3.11"),)
    packages.append(CondaPackage("pytorch", "2.10.0", "cpu_mkl_py311_h1_101", 101, depends=cpu))
    return shop.channels.add("lagging/conda-forge", packages)


def test_a_channel_that_lags_behind_the_catalogue(shop: Workshop) -> None:
    shop.configured = [lagging_forge(shop)]
    shop.put_driver("570.124.06", "12.8")
    done = shop.run("cuda-install", "pytorch", "torchvision", *DRY)
    assert builds(done)["pytorch"].startswith("cuda128")
    assert builds(done)["torchvision"].startswith("cuda128")
    typed = shop.run("install", "pytorch=2.10=cuda130*", "torchvision", *DRY)
    assert follow(shop, typed)["pytorch"].startswith("cuda128")


def test_a_card_that_no_build_of_these_channels_covers(shop: Workshop) -> None:
    shop.put_driver("575.51.03", "12.9", RTX_5090)
    done = shop.run("install", *OFFICIAL, "pytorch", "pytorch-cuda=12.4", *DRY)
    assert done.stderr.count("[gpu-not-covered]") == 1
    assert done.stderr.count("Type instead") == 1
    assert follow(shop, done)["pytorch"].startswith("cuda129")


def test_a_cpu_build_that_was_typed_gets_a_command_too(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("install", *OFFICIAL, "pytorch==2.1.1", "cpuonly", *DRY)
    assert done.stderr.count("[cpu-build-chosen]") == 1
    assert "cuda12.1" in follow(shop, done)["pytorch"]


def test_a_cpu_build_that_was_typed_is_not_stopped(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    done = shop.run("install", *OFFICIAL, "pytorch==2.1.1", "cpuonly", *DRY)
    assert builds(done)["pytorch"] == "py3.11_cpu_0"


def test_what_asks_for_the_cpu_build_is_named(shop: Workshop) -> None:
    data = CondaPackage("torchdata", "0.4.1", "py311", depends=("pytorch 2.1.1", "cpuonly"))
    shop.configured = [shop.channels.add("torchdata", [data]), "pytorch", "nvidia", "defaults"]
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("install", "pytorch==2.1.1", "torchdata", *DRY)
    assert "cpu" in builds(done)["pytorch"]
    assert "torchdata 0.4.1 (cpuonly) asks for it" in done.stderr
    assert "Type instead" not in done.stderr


def test_update_all_that_would_swap_the_cuda_build(shop: Workshop) -> None:
    if shop.solver:
        pytest.skip("the small solver of the tests updates nothing by itself")
    shop.put_driver("535.104.05", "12.2")
    made = shop.run("install", *OFFICIAL, "pytorch=2.1", "pytorch-cuda=12.1", "-y")
    assert made.returncode == 0, made.stderr
    newer = CondaPackage("pytorch", "2.9.0", "cpu_py311_h1_0", depends=(on_python("3.11"),))
    shop.configured = [shop.channels.add("newer", [newer]), "pytorch", "nvidia", "defaults"]
    done = shop.run("update", "--all", *DRY)
    assert builds(done)["pytorch"].startswith("cpu")
    assert "it would replace the CUDA build py3.11_cuda12.1" in done.stderr
    again = shop.run(*printed_command(done.stderr), *DRY)
    assert again.returncode == 0, again.stderr
    links = again.json.get("actions", {}).get("LINK", ())
    assert not [one for one in links if one["name"] == "pytorch" and "cpu" in one["build_string"]]


@pytest.mark.parametrize(
    "words",
    [
        ("pytorch==2.1.1", "torchvison"),
        ("pytorch==2.1.1", "needs-nothing-there"),
        ("pytorch==2.1.1", "-c", "http://127.0.0.1:9/dead"),
    ],
    ids=["typo", "another-package", "dead-channel"],
)
def test_where_cuda_is_not_the_reason_nothing_is_said(
    shop: Workshop, words: tuple[str, ...]
) -> None:
    broken = CondaPackage("needs-nothing-there", "1", "0", depends=("nothing-there",))
    shop.configured = [shop.channels.add("broken", [broken]), "pytorch", "nvidia", "defaults"]
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("install", *words, "--dry-run")
    assert done.returncode == 1
    assert "cuda-guard" not in done.stderr


def test_an_exit_of_our_own_is_not_explained_again(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    done = shop.run("install", *OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1", "--dry-run")
    assert done.returncode == 3
    assert "did not get through" not in done.stderr
    assert done.stderr.count("Type instead") == 1


@pytest.mark.parametrize("driver", [None, ("535.104.05", "12.2")])
def test_a_login_node_is_told_how_to_say_what_the_other_machine_has(
    shop: Workshop, driver: tuple[str, str] | None
) -> None:
    shop.configured = ["conda-forge"]
    if driver:
        shop.put_driver(*driver)
    done = shop.run("install", "pytorch-gpu", "--dry-run")
    assert ("CONDA_OVERRIDE_CUDA=X.Y" in done.stderr) == (driver is None)
    assert ("--cuda X.Y" in done.stderr) == (driver is None)


EXPORTED = """\
name: exported
channels: [{channels}]
dependencies:
{dependencies}
"""


def environment(path: Path, channels: str, *dependencies: str) -> Path:
    """Write an environment file."""
    lines = "\n".join(f"  - {one}" for one in dependencies)
    path.write_text(EXPORTED.format(channels=channels, dependencies=lines), encoding="utf-8")
    return path


def test_the_channels_of_an_environment_file_count(shop: Workshop, tmp_path: Path) -> None:
    shop.configured = ["defaults"]
    shop.put_driver("520.61.05", "11.8")
    specs = ("python=3.11.7", "pytorch=2.1.1", "pytorch-cuda=12.1")
    file = environment(tmp_path / "environment.yml", "pytorch, nvidia, defaults", *specs)
    done = shop.run("env", "create", "-f", str(file), "-n", tmp_path.name)
    assert "[cuda-newer-than-driver]" in done.stderr
    advised = printed_command(done.stderr)
    assert advised[:3] == ["create", "-n", tmp_path.name]
    assert [advised[at + 1] for at, one in enumerate(advised) if one == "-c"] == [
        "pytorch", "nvidia", "defaults",
    ]  # fmt: skip
    advised[2] += "-again"
    assert "cuda11.8" in builds(shop.run(*advised, *DRY))["pytorch"]


@pytest.mark.parametrize(("torch", "told"), [("torch==2.1.2", True), ("numpy", False)])
def test_the_pip_section_of_an_environment_file(
    shop: Workshop, tmp_path: Path, torch: str, *, told: bool
) -> None:
    shop.put_driver("470.82.01", "11.4")
    pip = CondaPackage("pip", "24.0", "0", depends=("python",), subdir="noarch")
    channels = f"{shop.channels.add('pip', [pip])}, defaults"
    specs = ("python=3.11", "pip", f"pip: [{torch}]")
    file = environment(tmp_path / "environment.yml", channels, *specs)
    done = shop.run("env", "create", "-f", str(file), "-n", tmp_path.name)
    assert (f"To correct the file: pipcuda rewrite {file}" in done.stderr) == told
