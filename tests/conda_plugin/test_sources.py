"""conda's configuration in the plan: mirrors, aliases, pins, forbidden channels, priority."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.channel_parts import on_python, pythons
from tests.support.conda_package import CondaPackage

if TYPE_CHECKING:
    from .conftest import Workshop

TUNA = "https://mirrors.tuna.tsinghua.edu.cn/anaconda"
SUSTECH = "https://mirrors.sustech.edu.cn/anaconda-extra/cloud"
# As TUNA's help page has it.
TUNA_SETTINGS = {
    "channel_alias": "https://conda.anaconda.org",
    "default_channels": [f"{TUNA}/pkgs/main", f"{TUNA}/pkgs/r", f"{TUNA}/pkgs/msys2"],
    "custom_channels": {"conda-forge": f"{TUNA}/cloud", "pytorch": f"{TUNA}/cloud"},
}
DRIVER = ("535.104.05", "12.2")


def plan(shop: Workshop, *words: str) -> dict[str, Any]:
    """Make a plan without asking a channel, and give it."""
    done = shop.run("cuda-install", *words, "--plan", "--json", "--offline")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("settings", "expected", "missing"),
    [
        (TUNA_SETTINGS, ["pytorch", "nvidia"], True),
        (
            {"channel_alias": f"{TUNA}/cloud"},
            ["pytorch", "https://conda.anaconda.org/nvidia"],
            True,
        ),
        (
            {
                **TUNA_SETTINGS,
                "custom_channels": {"pytorch": f"{TUNA}/cloud", "nvidia": f"{TUNA}/cloud"},
            },
            ["pytorch", "https://conda.anaconda.org/nvidia"],
            True,
        ),
        (
            {
                **TUNA_SETTINGS,
                "custom_channels": {"pytorch": f"{TUNA}/cloud", "nvidia": SUSTECH},
            },
            ["pytorch", "nvidia"],
            False,
        ),
        (
            {**TUNA_SETTINGS, "custom_channels": {}},
            [f"{TUNA}/cloud/pytorch", "nvidia"],
            True,
        ),
    ],
    ids=["help-page", "alias", "nvidia-that-is-not-there", "nvidia-at-sustech", "defaults-alone"],
)
def test_a_mirror_user_stays_on_the_mirror_for_what_it_has(
    shop: Workshop, settings: dict[str, Any], expected: list[str], *, missing: bool
) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = settings
    found = plan(shop, "pytorch==2.1.1")
    assert found["channels"] == expected
    assert [word for word in found["command"] if "/cloud" in word or word in expected] == expected
    told = [note["code"] for note in found["notes"]]
    assert ("channel-missing-on-mirror" in told) is missing


def test_pins_are_held_to(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {"pinned_packages": ["pytorch=2.1", "numpy<2"]}
    found = plan(shop, "pytorch")
    assert found["packages"]["pytorch"] == "2.1.2"
    assert "conda's pinned specs are in force: pytorch=2.1." in found["notes"][-1]["message"]
    shop.settings = {"pinned_packages": ["pytorch=2.1", "pytorch-cuda=11.8"]}
    assert plan(shop, "pytorch")["cuda"] == "11.8"


def test_pins_that_leave_nothing(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {"pinned_packages": ["pytorch=2.1"]}
    done = shop.run("cuda-install", "pytorch=2.2", "-y", "--offline")
    assert done.returncode == 3
    assert "[pinned-spec]" in done.stderr


def test_a_forbidden_channel_is_not_planned(shop: Workshop) -> None:
    shop.put_driver("575.51.03", "12.9")
    denied = f"{shop.channels.root.as_uri()}/pytorch"
    shop.settings = {"denylist_channels": [denied]}
    probe = shop.run("config", "--show", "denylist_channels")
    if "denylist_channels:" not in probe.stdout:
        pytest.skip(f"conda {shop.conda.version} has no denylist")
    found = plan(shop, "pytorch")
    assert found["channels"] == ["conda-forge"]
    assert "channel-forbidden" in [note["code"] for note in found["notes"]]


@pytest.mark.parametrize("priority", ["strict", "flexible"])
def test_priority_that_hides_the_cuda_builds_is_named(shop: Workshop, priority: str) -> None:
    shop.put_driver("575.51.03", "12.9")
    shop.configured = ["defaults", "conda-forge"]
    shop.settings = {"channel_priority": priority}
    done = shop.run("install", "pytorch=2.5.1", "--dry-run", "--json")
    assert "[cpu-build-chosen]" in done.stderr
    assert "[channel-priority-hides-cuda]" in done.stderr
    assert "Put conda-forge before" in done.stderr


def test_a_closed_channel_and_an_open_address_are_named(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {
        "default_channels": [f"{TUNA}/pkgs/main", "http://mirrors.example.com/anaconda/pkgs/free"]
    }
    done = shop.run("cuda-install", "pytorch==2.1.1", "--plan")
    assert "[mirror-retired]" in done.stdout
    assert "[insecure-index]" in done.stdout


def test_anacondas_own_channel_has_cuda_builds_too(shop: Workshop) -> None:
    shop.put_driver("575.51.03", "12.9")
    packages = [*pythons("main")]
    for cuda in ("12.8", "13.0"):
        digits, next_major = cuda.replace(".", ""), int(cuda[:2]) + 1
        needs = (on_python("3.11"), "__cuda", f"cuda-version >={cuda},<{next_major}")
        build = f"gpu_cuda{digits}_py311h1_303"
        packages += [
            CondaPackage("cuda-version", cuda, "h1_0", subdir="noarch"),
            CondaPackage("pytorch", "2.10.0", build, 303, depends=needs),
        ]
    cpu = (on_python("3.11"),)
    packages.append(CondaPackage("pytorch", "2.10.0", "cpu_mkl_py311h1_103", 103, depends=cpu))
    own = shop.channels.add("anaconda/main", packages)
    shop.settings = {"default_channels": [own]}
    done = shop.run("cuda-install", "pytorch=2.10", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    (torch,) = [one for one in done.json["actions"]["LINK"] if one["name"] == "pytorch"]
    assert torch["build_string"].startswith("gpu_cuda128")
    assert torch["base_url"] == own
    plan = shop.run("cuda-install", "pytorch=2.10", "--plan", "--json").json
    assert (plan["source"], plan["channels"]) == ("defaults", [])
    typed = shop.run("install", "pytorch=2.10=cpu*", "--dry-run", "--json")
    assert "'pytorch==2.10.0[build=gpu_cuda128*]' cuda-version=12.8" in typed.stderr
