from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.files import FOLDER_VARIABLE, folder
from conda_cuda_guard.model import GuardError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READERS: dict[str, Callable[[], object]] = {
    "releases.json": catalogue.releases,
    "plain.json": lambda: catalogue.plain("linux-x86_64"),
    "wheels-linux-x86_64.json": lambda: catalogue.wheels("linux-x86_64"),
    "conda-pytorch.json": lambda: catalogue.conda_builds("pytorch-channel", "linux-x86_64"),
    "conda-forge.json": lambda: catalogue.conda_builds("conda-forge", "linux-x86_64"),
    "drivers.json": catalogue.drivers,
    "toolkits.json": catalogue.toolkits,
    "gpus.json": lambda: catalogue.gpu_capability("A100"),
    "mirrors.json": catalogue.mirrors,
}
EVERY_FILE = pytest.mark.parametrize("name", READERS)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the data folder, and have the loader read the copy."""
    target = tmp_path / "data"
    shutil.copytree(folder(), target)
    monkeypatch.setenv(FOLDER_VARIABLE, str(target))
    return target


def change(path: Path, **fields: Any) -> None:
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({**content, **fields}), encoding="utf-8")


def refuse(name: str) -> str:
    with pytest.raises(catalogue.CatalogueError) as caught:
        READERS[name]()
    message = str(caught.value)
    assert isinstance(caught.value, GuardError)
    assert name in message
    assert "pip install --force-reinstall conda-cuda-guard" in message
    return caught.value.reason


@EVERY_FILE
def test_whole_copy_is_read(copy: Path, name: str) -> None:
    assert (copy / name).is_file()
    assert READERS[name]()


@EVERY_FILE
def test_truncated_file(copy: Path, name: str) -> None:
    path = copy / name
    path.write_bytes(path.read_bytes()[:-40])
    assert "not valid JSON" in refuse(name)


@EVERY_FILE
def test_not_text(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"\xff\xfe\x00\xd8\x00")
    assert "not valid JSON" in refuse(name)


@EVERY_FILE
def test_other_schema(copy: Path, name: str) -> None:
    change(copy / name, schema=2)
    assert refuse(name) == "its schema is 2; this version reads 1"


@EVERY_FILE
def test_other_table(copy: Path, name: str) -> None:
    (copy / name).write_text('["a list"]', encoding="utf-8")
    assert "not the table" in refuse(name)


@EVERY_FILE
def test_missing_file(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert refuse(name) == "the file is missing"


@EVERY_FILE
def test_rows_of_another_form(copy: Path, name: str) -> None:
    change(copy / name, rows=[[1], None], first=[], keys=None)
    assert "unexpected form" in refuse(name)


def test_missing_file_leaves_other_questions_alone(copy: Path) -> None:
    (copy / "wheels-linux-x86_64.json").unlink()
    assert catalogue.wheels("windows-amd64")
    assert catalogue.releases()
