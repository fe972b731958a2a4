"""What writes, where few files come: found as lines that no other test reached."""

from __future__ import annotations

import errno
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from conda_cuda_guard.model import GuardError, UsageError
from pip_hook.command_line import read_command_line
from pip_hook.deciding import decide_line
from pip_hook.env import site_file
from pip_hook.env.site_file import Site, change_of, file_settings, site_of
from pip_hook.files.file_edits import use_copies
from pip_hook.mirrors import backups
from pip_hook.mirrors.backups import (
    Change,
    apply_change,
    content,
    last_backup,
    restore,
    write_with_backup,
)
from tests.fuzz.running import DONE, MACHINE, REFUSED, UNUSABLE, place, said

if TYPE_CHECKING:
    from collections.abc import Mapping

# --- requirements files ---------------------------------------------------------------------------

INDEX = "https://download.pytorch.org/whl"
REWRITTEN = [
    ("torch==2.1.2\n", "--extra-index-url {index}/cu121\ntorch==2.1.2+cu121\n"),
    ("torch==2.1.2", "--extra-index-url {index}/cu121\ntorch==2.1.2+cu121\n"),
    (
        "  torch==2.1.2 # a comment\r\nnumpy\r\n",
        "--extra-index-url {index}/cu121\r\n  torch==2.1.2+cu121 # a comment\r\nnumpy\r\n",
    ),
    (
        "torch==\\\n2.1.2 # a comment\nnumpy\n",
        "--extra-index-url {index}/cu121\ntorch==2.1.2+cu121 # a comment\n\nnumpy\n",
    ),
    (
        "--index-url https://own.example/simple\ntorch==2.1.2\n",
        (
            "--index-url https://own.example/simple\n--extra-index-url {index}/cu121\n"
            "torch==2.1.2+cu121\n"
        ),
    ),
    ("torchvision==0.16.2\n", None),
    ("numpy\n", "numpy\n"),
    ("torch-scatter\n", None),
]


@pytest.mark.parametrize(("text", "new"), REWRITTEN)
def test_a_requirements_file(text: str, new: str | None) -> None:
    with place() as folder:
        path = folder / "r.txt"
        path.write_bytes(text.encode())
        done = said("rewrite", "r.txt", *MACHINE, "--python-version", "3.11")
        assert done.status == DONE, done
        if new is not None:
            assert done.out.decode() == new.format(index=INDEX)
        path.write_bytes(done.out)
        again = said("rewrite", "r.txt", *MACHINE, "--python-version", "3.11")
        assert again.out == done.out


def test_a_files_lines_that_another_file_has_are_told_of() -> None:
    with place() as folder:
        (folder / "other.txt").write_text("torch==2.1.2\n")
        (folder / "r.txt").write_text("-r other.txt\nnumpy\n")
        done = said("rewrite", "r.txt", *MACHINE)
        assert f"pipcuda rewrite {folder / 'other.txt'}" in done.err


def test_where_the_new_content_goes() -> None:
    with place() as folder:
        (folder / "r.txt").write_text("torch==2.1.2\n")
        done = said("rewrite", "r.txt", *MACHINE, "-o", "new.txt")
        assert (done.status, done.out) == (DONE, b"")
        assert "torch==2.1.2+cu121" in (folder / "new.txt").read_text()
        done = said("rewrite", "r.txt", *MACHINE, "-o", "gone/new.txt")
        assert done.status == UNUSABLE
        assert "gone/new.txt cannot be written" in done.err
        (folder / "r.txt").write_text("torch==9.9.9\n")
        assert said("rewrite", "r.txt", *MACHINE).status == REFUSED


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("--extra-index-url {index}/cu118", ""),
        ("--extra-index-url {index}/cu118 --pre", "--pre"),
        ("--pre --extra-index-url ${{OLD}}", "--pre"),
        ("${{BOTH}}", "--pre"),
    ],
)
def test_the_index_of_another_variant_goes_however_it_is_written(
    options: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place() as folder:
        monkeypatch.setenv("OLD", f"{INDEX}/cu118")
        monkeypatch.setenv("BOTH", f"--pre --extra-index-url {INDEX}/cu118")
        text = f"{options.format(index=INDEX)}\ntorch==2.1.2+cu121\n"
        (folder / "r.txt").write_text(text)
        done = said("rewrite", "r.txt", *MACHINE)
        assert done.status == DONE
        first = done.out.decode().splitlines()
        assert f"{INDEX}/cu118" not in done.out.decode()
        assert kept in first


def test_a_file_at_an_address_is_not_rewritten() -> None:
    with place():
        done = said("rewrite", "https://127.0.0.1:9/r.txt", *MACHINE)
        assert (done.status, done.out) == (UNUSABLE, b"")
        assert "it is an address" in done.err


def test_the_command_of_a_line_that_stays_is_the_line() -> None:
    with place():
        done = said("plan", "numpy", "--json", *MACHINE)
        assert done.json["command"] == ["pip", "install", "numpy"]


def test_the_index_of_another_variant_goes_from_the_line() -> None:
    with place():
        line = ["torch==2.1.2+cu121", "--extra-index-url", f"{INDEX}/cu118", "--pre"]
        done = said("plan", *line, "--json", *MACHINE, "--python-version", "3.11")
        command = done.json["command"]
        assert f"{INDEX}/cu118" not in command
        assert f"{INDEX}/cu121" in command
        assert "--pre" in command


# --- environment.yml ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "new"),
    [
        (
            ["--extra-index-url {index}/cu118", "torch==2.2.2+cu121"],
            ["--extra-index-url {index}/cu121", "torch==2.2.2+cu121"],
        ),
        (
            ["torch==2.2.2", "--index-url https://own.example/simple"],
            [
                "torch==2.2.2+cu121",
                "--index-url https://own.example/simple",
                "--extra-index-url {index}/cu121",
            ],
        ),
    ],
)
def test_options_in_a_pip_list(items: list[str], new: list[str]) -> None:
    listed = "".join(f"    - {one.format(index=INDEX)}\n" for one in items)
    with place() as folder:
        path = folder / "environment.yml"
        path.write_text(f"dependencies:\n  - pip:\n{listed}  - zlib\n")
        done = said("rewrite", "environment.yml", *MACHINE, "--python-version", "3.11")
        assert done.status == DONE, done
        found = yaml.safe_load(done.out)["dependencies"]
        assert found == [{"pip": [one.format(index=INDEX) for one in new]}, "zlib"]


def test_a_number_without_an_end_is_unusable() -> None:
    with place() as folder:
        (folder / "environment.yml").write_text(f"dependencies: [pytorch=2.{'1' * 5000}]\n")
        done = said("rewrite", "environment.yml", *MACHINE)
        assert (done.status, done.out) == (UNUSABLE, b"")
        assert "a number in dependencies has" in done.err


# --- copies for one run of pip --------------------------------------------------------------------


GUARD = (("--driver", "535.104.05"), ("--gpu", "A100"), ("--offline", ""))


def copied(files: Mapping[str, str], *words: str) -> dict[str, str]:
    """Return the texts of the files that pip is given, by the option that names them."""
    with place() as folder:
        for name, text in files.items():
            (folder / name).write_text(text)
        line = read_command_line(["install", *words])
        line.guard = [*GUARD]
        decision = decide_line(line)
        use_copies(line, decision)
        given = dict(zip(line.words[1::2], line.words[2::2]))  # each option has one file
        return {name: Path(path).read_text("utf-8-sig") for name, path in given.items()}


def test_pip_gets_copies_of_the_files_that_change() -> None:
    found = copied({"r.txt": "-r other.txt\nnumpy\n", "other.txt": "torch==2.1.2\n"}, "-r", "r.txt")
    first, second = found["-r"].splitlines()
    assert second == "numpy"
    assert first.startswith("--requirement /")
    assert first.endswith("/other.txt")


def test_files_of_pips_settings_are_copied_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with place() as folder:
        (folder / "r.txt").write_text("torch==2.1.2\n")
        (folder / "c.txt").write_text("numpy<2\n")
        monkeypatch.setenv("PIP_REQUIREMENT", "r.txt")
        monkeypatch.setenv("PIP_CONSTRAINT", "c.txt")
        line = read_command_line(["install", "scipy"])
        line.guard = [*GUARD]
        use_copies(line, decide_line(line))
        path = os.environ["PIP_REQUIREMENT"]
        assert Path(path).read_text("utf-8-sig").startswith("torch==2.1.2+cu121")
        assert os.environ["PIP_CONSTRAINT"] == "c.txt"


@pytest.mark.parametrize("named", ["r.txt", "other.txt"])
def test_a_file_that_is_named_twice_has_one_copy(named: str) -> None:
    files = {"r.txt": "-r other.txt\n", "other.txt": "torch==2.1.2\n"}
    found = copied(files, "-r", "r.txt", "--requirement", named)
    assert found["-r"].startswith("--requirement /")
    assert found["--requirement"] == (found["-r"] if named == "r.txt" else "torch==2.1.2+cu121\n")


def test_an_index_of_the_file_has_the_planned_one_after_it() -> None:
    text = "--index-url https://own.example/simple\ntorch==2.1.2\n"
    found = copied({"r.txt": text}, "-r", "r.txt")
    assert found["-r"].splitlines()[-1] == f"--extra-index-url {INDEX}/cu121"
    assert "torch==2.1.2+cu121" in found["-r"]


def test_pages_in_a_file_are_found_from_the_copys_folder() -> None:
    text = f"--find-links wheels\n--extra-index-url {INDEX}/cu118\ntorch==2.1.2+cu121\n"
    found = copied({"r.txt": text, "wheels": ""}, "-r", "r.txt")
    first, second, *_ = found["-r"].splitlines()
    assert first.startswith("--find-links ")
    assert first.endswith("/wheels")
    assert first != "--find-links wheels"
    assert second == ""


def test_a_plan_without_a_change_copies_nothing() -> None:
    assert copied({"r.txt": "numpy\n"}, "-r", "r.txt") == {"-r": "numpy\n"}


def test_a_file_without_a_change_is_read_where_it_is() -> None:
    found = copied({"r.txt": "torch==2.1.2\n", "c.txt": "numpy<2\n"}, "-r", "r.txt", "-c", "c.txt")
    assert found["-r"].startswith("torch==2.1.2+cu121")
    assert found["-c"] == "numpy<2\n"


# --- files with backups ---------------------------------------------------------------------------


@pytest.fixture(name="room")
def _room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(backups, "user_state_dir", lambda *_args, **_more: str(tmp_path / "state"))
    return tmp_path / "state" / backups.MIRRORS


def test_a_change_is_undone_step_by_step(room: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "pip.conf", tmp_path / "sub" / "new.conf"
    file.write_bytes(b"one")
    write_with_backup([Change(file, b"one", b"two"), Change(new, None, b"new")], "A")
    write_with_backup([Change(file, b"two", b"three")], "B")
    assert len(list(room.iterdir())) == 2
    newest = last_backup()
    assert newest is not None
    assert (newest.mirror, newest.changed_since) == ("B", ())
    file.write_bytes(b"changed since")
    assert newest.changed_since == (file,)
    restore(newest)
    assert file.read_bytes() == b"two"
    first = last_backup(path=new)
    assert first is not None
    assert first.mirror == "A"
    restore(first)
    assert (file.read_bytes(), new.exists()) == (b"one", False)
    assert last_backup() is None
    assert last_backup(path=tmp_path / "other") is None


def test_what_was_restored_already_is_left_alone(room: Path, tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_bytes(b"one")
    write_with_backup([Change(file, b"one", b"two")], "A")
    file.write_bytes(b"one")
    backup = last_backup()
    assert backup is not None
    restore(backup)
    assert file.read_bytes() == b"one"
    assert list(room.iterdir()) == []


def test_a_file_of_which_a_backup_says_nothing_is_not_its(room: Path, tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    write_with_backup([Change(file, None, b"two")], "A")
    assert last_backup(path=tmp_path / "other") is None
    assert len(list(room.iterdir())) == 1


def test_a_change_that_fails_half_way_is_taken_back(room: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "one.conf", tmp_path / "two.conf"
    first.write_bytes(b"one")
    second.write_bytes(b"has changed")
    with pytest.raises(GuardError):
        write_with_backup([Change(first, b"one", b"new"), Change(second, b"two", b"new")], "A")
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"has changed")
    assert list(room.iterdir()) == []


def test_without_a_place_for_a_backup_nothing_is_written(room: Path, tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    room.parent.write_text("a file in the place of the folder")
    with pytest.raises(GuardError, match="no backup can be kept"):
        write_with_backup([Change(file, None, b"new")], "A")
    assert not file.exists()


@pytest.mark.parametrize("manifest", ["{", "[]", json.dumps({"mirror": "A", "files": [{}]})])
def test_a_damaged_backup_is_one_message(room: Path, manifest: str) -> None:
    (room / "1").mkdir(parents=True)
    (room / "1" / "manifest.json").write_text(manifest)
    with pytest.raises(GuardError, match="cannot be read; nothing was changed"):
        last_backup()


def test_a_change_is_shown_with_what_is_not_there(tmp_path: Path) -> None:
    made = Change(tmp_path / "x", None, b"new\n")
    assert made.diff.splitlines()[:2] == ["--- /dev/null", f"+++ {tmp_path / 'x'}"]
    gone = replace(made, before=b"old\n", after=None)
    assert gone.diff.splitlines()[1] == "+++ /dev/null"


def test_a_file_that_cannot_be_read_or_written_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(GuardError, match="cannot read"):
        content(tmp_path)
    monkeypatch.setattr(backups, "write_file", full)
    with pytest.raises(GuardError, match="cannot write") as told:
        apply_change(Change(tmp_path / "x", None, b"x"))
    assert told.value.why == "No space left on device"


# --- an environment's own file --------------------------------------------------------------------


def test_the_file_of_an_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = site_of(read_command_line(["--python", sys.executable, "env"]))
    assert named.path == site_file.site_path(Path(sys.prefix), os.name)
    assert named.pip[-2:] == ("--python", sys.executable)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "own"))
    assert site_of(read_command_line(["env"])).path.parent == tmp_path / "own"
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    with pytest.raises(UsageError, match="nothing was written"):
        site_of(read_command_line(["env"]))
    (tmp_path / "own" / "conda-meta").mkdir(parents=True)
    assert site_of(read_command_line(["env"])).path.parent == tmp_path / "own"


def test_what_pips_files_say_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.conf").write_text("[global]\ntimeout = 7\n[install]\nno-deps = yes\n")
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    say = f"print(open({str(tmp_path / 'said')!r}).read())"
    (tmp_path / "said").write_text("global.timeout='7'\n:env:.no='x'\ninstall.no-deps='yes'\n")
    site = Site(tmp_path / "pip.conf", (sys.executable, "-c", say))
    assert file_settings(site) == {"timeout": "7", "no-deps": "yes", "no": "x"}
    with pytest.raises(GuardError, match="did not answer"):
        file_settings(Site(tmp_path / "pip.conf", (sys.executable, "-c", "raise SystemExit(3)")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "[global]\nindex-url = x\n\n"),
        ("[global]\ntimeout = 7\n", "[global]\ntimeout = 7\nindex-url = x\n\n"),
        ("no section = 1\n", ""),
        ("\udcff", ""),
    ],
)
def test_the_change_of_an_environments_file(tmp_path: Path, before: str | None, after: str) -> None:
    path = tmp_path / "pip.conf"
    if before is not None:
        path.write_bytes(before.encode("utf-8", "surrogateescape"))
    if after:
        assert change_of(Site(path, ()), {"index-url": "x"}).after == after.encode()
    else:
        with pytest.raises(GuardError, match="cannot be read; nothing was written"):
            change_of(Site(path, ()), {"index-url": "x"})
