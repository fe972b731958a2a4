"""Folders of one run alone: private, removed by the next run, and never another user's."""

from __future__ import annotations

import atexit
import os
import stat
import sys
import tempfile
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.host import private_folder
from conda_cuda_guard.host.private_folder import remove_left_behind, run_folder, scratch_folder

if sys.platform == "win32":
    pytest.skip("Windows has its user's own folder", allow_module_level=True)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="room")
def _room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user's room in a temporary folder of its own, for a run that has made none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(private_folder, "run_folder", run_folder.__wrapped__)
    monkeypatch.setattr(atexit, "register", lambda *_args, **_more: None)
    return tmp_path / f"pipcuda-of-{os.getuid()}"


def made() -> Path:
    return private_folder.run_folder()


def test_a_runs_folder_is_its_users_alone(room: Path) -> None:
    folder = made()
    assert folder.parent == room
    assert stat.S_IMODE(room.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode) == 0o700
    with scratch_folder() as scratch:
        assert scratch.is_dir()
    assert not scratch.exists()


def test_what_a_killed_run_left_is_removed_and_what_runs_stays(room: Path) -> None:
    runs = made()
    ended, unlocked = room / "ended", room / "unlocked"
    for folder in (ended, unlocked):
        folder.mkdir()
    (ended / ".lock").touch()
    odd = room / "odd"
    (odd / ".lock").mkdir(parents=True)  # no lock that could be asked
    (room / "a file").touch()
    remove_left_behind()
    assert {one.name for one in room.iterdir()} == {runs.name, "odd", ".lock", "a file"}


def _as_link(room: Path) -> None:
    room.with_name("elsewhere").mkdir(mode=0o700)
    room.symlink_to("elsewhere")


def _as_file(room: Path) -> None:
    room.touch(mode=0o600)


def _open_to_all(room: Path) -> None:
    room.mkdir()
    room.chmod(0o777)


@pytest.mark.parametrize("spoiled", [_as_link, _as_file, _open_to_all])
def test_a_room_that_may_be_anothers_is_not_used(
    room: Path, spoiled: Callable[[Path], None]
) -> None:
    spoiled(room)
    folder = made()
    assert folder.parent == room.parent
    assert folder.name.startswith("pipcuda-")
    if room.is_dir():
        (room / "left").mkdir()
        remove_left_behind()
        assert (room / "left").exists()


def test_where_no_run_was_nothing_is_removed(room: Path) -> None:
    remove_left_behind()
    assert not room.exists()


def test_a_folder_that_is_held_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows one is with a file in it that another program has open."""

    def held(*_: object, **__: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    with scratch_folder() as folder:
        monkeypatch.setattr(os, "rmdir", held)
    assert folder.exists()
    monkeypatch.undo()
    folder.rmdir()
