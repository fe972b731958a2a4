"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from conda_cuda_guard.host.files import write_file

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX's")
OLD, NEW = b"old\n", b"new\n" * 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with something in it."""
    path = tmp_path / "file.conf"
    path.write_bytes(OLD)
    return path


def test_the_new_content_takes_the_place_of_the_old(file: Path) -> None:
    write_file(file, NEW)
    assert file.read_bytes() == NEW
    assert [*file.parent.iterdir()] == [file]


def test_a_file_that_was_not_there(tmp_path: Path) -> None:
    write_file(tmp_path / "new", NEW)
    assert (tmp_path / "new").read_bytes() == NEW


def _full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fault", [_full, _interrupted])
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_fault_half_way_leaves_the_old_file_and_nothing_else(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: object
) -> None:
    monkeypatch.setattr(step, fault)
    with pytest.raises((OSError, KeyboardInterrupt)):
        write_file(file, NEW)
    monkeypatch.undo()
    assert file.read_bytes() == OLD
    assert [*file.parent.iterdir()] == [file]


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("sync", [True, False])
def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_else(file: Path, sync: bool) -> None:
    code = f"""
import pathlib, resource
from conda_cuda_guard.host.files import write_file
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    write_file(pathlib.Path({str(file)!r}), {NEW!r}, sync={sync})
except OSError as error:
    print(error.strerror)
"""
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == os.strerror(errno.EFBIG)
    assert file.read_bytes() == OLD
    assert [*file.parent.iterdir()] == [file]


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755])
def test_the_mode_is_kept(file: Path, mode: int) -> None:
    file.chmod(mode)
    write_file(file, NEW)
    assert stat.S_IMODE(file.stat().st_mode) == mode


@POSIX
def test_a_new_file_has_the_mode_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "new", NEW)
        write_file(tmp_path / "private", NEW, private=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600


@POSIX
def test_a_private_one_is_for_its_owner_alone(file: Path) -> None:
    file.chmod(0o644)
    write_file(file, NEW, private=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@POSIX
def test_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    write_file(link, NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW


@POSIX
def test_what_is_no_plain_file_is_written_to() -> None:
    write_file(Path(os.devnull), NEW)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
