"""Files that people name: pipes, devices, folders and floods are read, or end in a reason."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.host import files as module
from conda_cuda_guard.host.files import NotAFileError, is_stream, opened, read_file, write_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and devices have no names there")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """Return a pipe with a name."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def later(do: Callable[[], object]) -> threading.Thread:
    """Do something beside the test."""
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    return thread


def test_a_file_and_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"torch\n" * 1000)
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link") == b"torch\n" * 1000
    assert read_file(os.devnull) == b""
    assert not is_stream(tmp_path / "link")
    assert not is_stream(tmp_path / "absent")
    assert not is_stream("a\0b")


def test_a_pipe_with_a_writer_is_read_to_its_end(pipe: Path) -> None:
    thread = later(lambda: pipe.write_bytes(b"torch\n" * 50_000))
    assert is_stream(pipe)
    assert read_file(pipe) == b"torch\n" * 50_000
    thread.join()


def test_a_writer_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT", 0.0)
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as writer, opened(f"/dev/fd/{reading}") as file:
        writer.write(b"torch\n")
        writer.flush()
        assert file.readline() == b"torch\n"
    os.close(reading)


def test_what_was_written_before_is_read_from_its_first_byte() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"torch\n")
    os.close(writing)
    assert read_file(f"/dev/fd/{reading}") == b"torch\n"
    os.close(reading)


def test_a_terminal_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    with opened("/dev/zero") as file:
        assert file.read(1) == b"\0"


def test_a_pipe_of_a_shell_may_be_empty() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    assert read_file(f"/dev/fd/{reading}") == b""
    os.close(reading)


def test_a_pipe_that_nothing_writes_into(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT", 0.05)
    with pytest.raises(NotAFileError, match="nothing writes into"):
        read_file(pipe)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_a_device_is_not_read(device: str) -> None:
    with pytest.raises(NotAFileError, match="a device"):
        read_file(device)


def test_devices_of_windows_have_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(NotAFileError, match="a device"):
        read_file("/dev/null")


def test_folders_floods_and_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "absent")
    (tmp_path / "file").write_bytes(bytes(2**20 + 1))
    with pytest.raises(NotAFileError, match="more than 1 MB"):
        read_file(tmp_path / "file", 2**20)


def test_a_pipe_that_nothing_reads_is_not_waited_for(pipe: Path) -> None:
    with pytest.raises(OSError, match="No such device"):
        write_file(pipe, b"torch\n")


def test_a_pipe_is_written_to(pipe: Path) -> None:
    found: list[bytes] = []
    thread = later(lambda: found.append(pipe.read_bytes()))
    while True:
        try:
            write_file(pipe, b"torch\n" * 50_000)
            break
        except OSError:  # it is not being read yet
            continue
    thread.join()
    assert found == [b"torch\n" * 50_000]


def test_the_pipe_of_standard_output_is_written_to() -> None:
    reading, writing = os.pipe()
    from pathlib import Path

    write_file(Path(f"/dev/fd/{writing}"), b"torch\n")
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert file.read() == b"torch\n"
