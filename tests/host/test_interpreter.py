"""An environment may be named by its folder or by its interpreter, on every system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.host.programs import environment_of, interpreter_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("inside", ["bin/python", "Scripts/python.exe", "python.exe"])
def test_a_folder_and_its_interpreter_name_the_same_environment(
    tmp_path: Path, inside: str
) -> None:
    python = tmp_path / inside
    python.parent.mkdir(exist_ok=True)
    python.touch()
    assert interpreter_of(tmp_path) == interpreter_of(str(python)) == python
    assert environment_of(tmp_path) == environment_of(str(python)) == tmp_path


def test_an_interpreter_that_is_a_link_stays_in_its_environment(tmp_path: Path) -> None:
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "python").touch()
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python").symlink_to(tmp_path / "system" / "python")
    assert environment_of(tmp_path / "env" / "bin" / "python") == tmp_path / "env"


def test_a_folder_without_an_interpreter_has_the_usual_one(tmp_path: Path) -> None:
    assert interpreter_of(tmp_path) == tmp_path / "bin" / "python"
