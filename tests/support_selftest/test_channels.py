from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.channel_parts import within
from tests.support.channels import make_channels
from tests.support.conda_package import CondaPackage
from tests.support.working_tree import entry_points

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.channels import Channels

MUTEX = CondaPackage("pytorch-mutex", "1.0", "cpu", track_features="x", subdir="noarch")


@pytest.mark.parametrize("name", ["pytorch", "nvidia", "conda-forge", "main"])
def test_every_record_describes_its_file(channels: Channels, name: str) -> None:
    for subdir in ("linux-64", "noarch"):
        folder = channels.path(name) / subdir
        records = json.loads((folder / "repodata.json").read_text("utf-8"))["packages"]
        for filename, record in records.items():
            data = (folder / filename).read_bytes()
            assert hashlib.sha256(data).hexdigest() == record["sha256"]
            assert len(data) == record["size"]


def test_a_package_is_the_same_in_every_session(tmp_path: Path) -> None:
    for channel in ("a", "b"):
        (tmp_path / channel / "noarch").mkdir(parents=True)
    assert MUTEX.write(tmp_path / "a") == MUTEX.write(tmp_path / "b")


def test_track_features_only_where_they_are_in_reality(channels: Channels) -> None:
    def tracked(name: str) -> set[str]:
        text = (channels.path(name) / "noarch/repodata.json").read_text("utf-8")
        packages = json.loads(text)["packages"].values()
        return {record["name"] for record in packages if "track_features" in record}

    assert tracked("pytorch") == {"pytorch-mutex", "cpuonly"}
    assert tracked("conda-forge") == set()


def test_a_folder_that_reads_as_a_token_is_turned_down(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder named t"):
        make_channels(tmp_path / "t" / "channels")


def test_a_channel_can_be_added(tmp_path: Path) -> None:
    made = make_channels(tmp_path).add("mirror", [MUTEX])
    assert made == (tmp_path / "mirror").as_uri()
    assert (tmp_path / "mirror/noarch/pytorch-mutex-1.0-cpu.tar.bz2").is_file()


def test_bounds_of_a_minor_version() -> None:
    assert within("12.1.0") == ">=12.1,<12.2"


def test_entry_points_are_read_from_a_pyproject() -> None:
    text = """
[project]
name = "x"
[project.scripts]
pipcuda = "pip_hook.cli:main"

[project.entry-points.conda]
conda-cuda-guard = "conda_cuda_guard.plugin"
[tool.other]
key = "value"
"""
    assert entry_points(text).splitlines() == [
        "[console_scripts]",
        "pipcuda = pip_hook.cli:main",
        "[conda]",
        "conda-cuda-guard = conda_cuda_guard.plugin",
    ]
