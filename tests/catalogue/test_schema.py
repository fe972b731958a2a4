from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from conda_cuda_guard.catalogue.files import folder
from conda_cuda_guard.model import PLATFORMS

from .schemas import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(folder().glob("*.json"))
SINGLE = (
    "releases", "plain", "conda-pytorch", "conda-forge", "drivers", "toolkits", "gpus", "mirrors",
    "names",
)  # fmt: skip


def test_every_data_file_is_there_and_no_other() -> None:
    expected = {f"{name}.json" for name in SINGLE}
    expected |= {f"wheels-{platform}.json" for platform in PLATFORMS}
    assert {path.name for path in FILES} == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_data_file_keeps_its_schema(path: Path) -> None:
    content = json.loads(path.read_bytes())
    Draft202012Validator(SCHEMAS[content["table"]]).validate(content)
    assert path.stem.startswith(content["table"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_data_file_begins_with_its_head(path: Path) -> None:
    assert list(json.loads(path.read_bytes()))[:4] == ["table", "schema", "sources", "date"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_data_file_names_no_package_registry(path: Path) -> None:
    hosts = ("pypi." + "org", "files.python" + "hosted", "registry.npm" + "js", "deb." + "debian")
    assert not [host for host in hosts if host in path.read_text(encoding="utf-8")]
