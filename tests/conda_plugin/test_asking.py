"""`conda cuda-install` asks the channel of its plan: its word goes before the catalogue's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.channels import write_channel
from tests.support.clocks import worked
from tests.support.conda_package import CondaPackage
from tests.support.tools import REAL_TIME

from .channel_server import SECRETS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .conftest import Workshop
    from .serving import Serve

DRIVER = ("575.51.03", "12.9")


def torch(version: str, build: str, *needs: str) -> CondaPackage:
    """Make a pytorch for Python 3.11 in conda-forge's form."""
    return CondaPackage("pytorch", version, build, 300, depends=("python 3.11.*", *needs))


def forge(shop: Workshop, root: Path, packages: Sequence[CondaPackage]) -> None:
    """Let conda-forge, the one channel in force, hold these packages."""
    versions = (CondaPackage("cuda-version", one, "h0_0") for one in ("12.6", "12.9"))
    write_channel(root / "conda-forge", [*packages, *versions])
    shop.configured = ["conda-forge"]
    shop.settings = {"channel_alias": root.as_uri()}


def plan(shop: Workshop, *words: str) -> dict[str, Any]:
    """Give the plan for these words."""
    found: dict[str, Any] = shop.run("cuda-install", *words, "--plan", "--json").json
    return found


def test_a_release_that_nobody_has_heard_of(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    new = torch("2.97.0", "cuda129_mkl_py311_h1234567_300", "cuda-version >=12.9,<13")
    older = torch("2.97.0", "cuda126_mkl_py311_h1234567_300", "cuda-version >=12.6,<13")
    cpu = torch("2.97.0", "cpu_mkl_py311_h1234567_100")
    forge(shop, tmp_path / "channels", [new, older, cpu])
    found = plan(shop, "pytorch")
    assert (found["packages"], found["cuda"]) == ({"pytorch": "2.97.0"}, "12.9")
    assert found["requirements"] == ["pytorch==2.97.0[build=cuda129*]", "cuda-version=12.9"]
    assert plan(shop, "pytorch>=2.90")["packages"] == {"pytorch": "2.97.0"}
    shop.put_driver("560.35.03", "12.6")
    assert plan(shop, "pytorch", "--policy", "strict")["cuda"] == "12.6"


def test_what_the_channel_does_not_have_is_not_planned(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    old = torch("2.6.0", "cuda126_mkl_py311_h1234567_300", "cuda-version >=12.6,<13")
    forge(shop, tmp_path / "channels", [old])
    found = plan(shop, "pytorch")
    assert (found["packages"], found["cuda"]) == ({"pytorch": "2.6.0"}, "12.6")


def test_offline_is_the_catalogue_alone(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    forge(shop, tmp_path / "channels", [torch("2.97.0", "cuda129_mkl_py311_h1234567_300")])
    assert plan(shop, "pytorch", "--offline")["packages"] == {"pytorch": "2.13.0"}


@pytest.mark.parametrize("place", ["http://127.0.0.1:9", "file:///surely/not/there"])
def test_a_channel_that_does_not_answer(shop: Workshop, place: str) -> None:
    shop.put_driver(*DRIVER)
    shop.configured = ["conda-forge"]
    shop.settings = {"channel_alias": place}
    began = worked()
    found = plan(shop, "pytorch")
    assert worked() - began < 6  # the start of conda itself among it
    assert found["packages"] == {"pytorch": "2.13.0"}
    assert [note["code"] for note in found["notes"]].count("index-unreachable") == 1


@pytest.mark.parametrize(
    "fault", ["slow", "drip", 500, "truncated", "login", "gzip", 401, 403, 407, 404]
)
def test_a_channel_with_a_fault_is_told_of_once_and_costs_two_seconds(
    shop: Workshop, serve: Serve, fault: str | int
) -> None:
    shop.put_driver(*DRIVER)
    server = serve()
    server.faults["conda-forge"] = fault
    shop.configured = [f"{server.base_with_password}/conda-forge"]
    # Such a server is never done while this runs: it is left when two seconds are over.
    hangs = fault in ("slow", "drip")
    shop.variables |= REAL_TIME if hangs else {}
    done = shop.run("cuda-install", "pytorch", "--plan", "--json")
    found = done.json
    assert found["packages"] == {"pytorch": "2.13.0"}
    (note,) = (note for note in found["notes"] if note["code"] == "index-unreachable")
    assert ("did not send its page in time" in note["message"]) == hangs
    assert not [secret for secret in SECRETS if secret in done.stdout + done.stderr]


def test_a_channel_behind_a_password(shop: Workshop, serve: Serve) -> None:
    shop.put_driver(*DRIVER)
    server = serve()
    server.faults["conda-forge"] = "basic"
    shop.configured = [f"{server.base_with_password}/conda-forge"]
    done = shop.run("cuda-install", "pytorch", "--plan", "--json")
    assert "index-unreachable" not in [note["code"] for note in done.json["notes"]]
    assert any(one.status == 200 and "conda-forge" in one.path for one in server.seen)
    assert not [secret for secret in SECRETS if secret in done.stdout + done.stderr]
