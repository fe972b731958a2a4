"""`pipcuda mirrors --use` and `--undo`, with a real pip and a real conda."""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import TYPE_CHECKING, Callable

import pytest

from conda_cuda_guard.model import GuardError
from pip_hook.mirrors.backups import Change, last_backup, write_with_backup
from tests.support.pips import PIP_VERSIONS

from .mirroring import TUNA, Home, at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda

CLOUD = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
PIP_CONF = "[global]\ntimeout = 60\nindex-url = https://me:secret@wheels.example/simple\n"
CONDARC = """\
# what I like
channels:
  - conda-forge  # first
  - defaults
channel_alias: https://channels.example
default_channels:
  - https://channels.example/main
custom_channels:
  # ours
  own: https://channels.example/own
  pytorch: https://channels.example
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal and permissions")


@pytest.fixture
def make_home(pip_env: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Home]:
    (tmp_path / "home").mkdir()
    return lambda version: Home(pip_env(version), tmp_path / "home")


@pytest.fixture
def home(make_home: Callable[[str], Home]) -> Home:
    return make_home("newest")


@pytest.fixture
def with_conda(home: Home, conda: Conda) -> Home:
    home.put_conda(conda)
    return home


def conda_config(home: Home) -> dict[str, object]:
    from conda_cuda_guard.host.child import run_bounded

    command = [str(home.path.parent / "bin" / "conda"), "config", "--show", "--json"]
    found: dict[str, object] = json.loads(
        run_bounded(command, environ=home.environment, limit=60).output
    )
    return found


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_pip_uses_the_mirror_and_goes_back(version: str, make_home: Callable[[str], Home]) -> None:
    home = make_home(version)
    home.write(home.pip_conf, PIP_CONF)
    done = home.mirrors("--use", "tuna", "--yes")
    assert done.returncode == 0
    assert f"+index-url = {TUNA}" in done.stdout.splitlines()
    assert "secret" not in done.stdout + done.stderr
    assert "conda is left as it is: no conda on PATH." in done.stderr
    assert home.pip("config", "get", "global.index-url").stdout.strip() == TUNA
    assert home.pip("config", "get", "global.timeout").stdout.strip() == "60"
    back = home.mirrors("--undo")
    assert (back.returncode, back.stderr) == (0, "")
    assert home.files == {"pip.conf": PIP_CONF}


def test_conda_uses_what_the_mirror_has(with_conda: Home) -> None:
    home = with_conda
    home.write(home.condarc, CONDARC)
    done = home.mirrors("--use", "TUNA", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    text = home.files[".condarc"]
    assert "# what I like" in text
    assert "conda-forge  # first" in text
    assert "channel_alias: https://channels.example\n" in text
    assert "  own: https://channels.example/own" in text
    for channel in ("conda-forge", "pytorch", "pytorch-lts", "bioconda"):
        assert f"  {channel}: {CLOUD}\n" in text
    assert "nvidia" not in text
    assert "https://channels.example/main" not in text
    found = conda_config(home)
    assert isinstance(found["default_channels"], list)
    assert [one["name"] for one in found["default_channels"]] == [
        "anaconda/pkgs/main",
        "anaconda/pkgs/r",
        "anaconda/pkgs/msys2",
    ]
    assert home.mirrors("--undo").returncode == 0
    assert home.files == {".condarc": CONDARC}


def test_files_that_were_not_there_are_removed_again(with_conda: Home) -> None:
    home = with_conda
    assert home.mirrors("--use", "NJU", "--yes").returncode == 0
    assert set(home.files) == {"pip.conf", ".condarc"}
    done = home.mirrors("--undo")
    assert done.stdout.count("Removed: ") == 2
    assert home.files == {}
    again = home.mirrors("--undo")
    assert (again.returncode, again.stdout) == (0, "Nothing to undo.\n")


def test_the_mirror_of_nvidias_channel(with_conda: Home) -> None:
    home = with_conda
    done = home.mirrors("--use", "sustech", "--yes")
    assert "pip is left as it is: SUSTech runs no package index." in done.stderr
    assert home.files == {
        ".condarc": "custom_channels:\n  nvidia: https://mirrors.sustech.edu.cn/anaconda-extra/cloud\n"
    }


def test_a_mirror_of_which_no_channel_is_known(with_conda: Home) -> None:
    done = with_conda.mirrors("--use", "PKU", "--yes")
    assert "conda is left as it is: which channels PKU has is not known." in done.stderr
    assert set(with_conda.files) == {"pip.conf"}


def test_a_channel_that_is_not_there_for_the_platform_is_left_alone(with_conda: Home) -> None:
    with_conda.variables["CONDA_SUBDIR"] = "osx-arm64"
    assert with_conda.mirrors("--use", "SJTUG", "--yes").returncode == 0
    text = with_conda.files[".condarc"]
    assert "  conda-forge: https://mirror.sjtu.edu.cn/anaconda/cloud\n" in text
    assert "  pytorch:" not in text


def test_one_mirror_after_the_other_is_undone_one_by_one(with_conda: Home) -> None:
    home = with_conda
    home.mirrors("--use", "TUNA", "--yes")
    first = home.files
    home.mirrors("--use", "ZJU", "--yes")
    assert "  nvidia: https://mirrors.zju.edu.cn/anaconda-r\n" in home.files[".condarc"]
    home.mirrors("--undo")
    assert home.files == first
    home.mirrors("--undo")
    assert home.files == {}


def test_what_is_already_so_is_not_written(with_conda: Home) -> None:
    with_conda.mirrors("--use", "BFSU", "--yes")
    done = with_conda.mirrors("--use", "BFSU")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Nothing to change.\n", "")
    with_conda.mirrors("--undo")
    assert with_conda.mirrors("--undo").stdout == "Nothing to undo.\n"


def test_without_a_terminal_nothing_is_written(home: Home) -> None:
    done = home.mirrors("--use", "Huawei Cloud")
    assert done.returncode == 2
    assert "+index-url = https://mirrors.huaweicloud.com/repository/pypi/simple" in done.stdout
    assert done.stderr.endswith('next: pipcuda mirrors --use "Huawei Cloud" --yes\n')
    assert home.files == {}
    assert not (home.path / "state").exists()


@posix
@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_at_a_terminal_it_asks(home: Home, answer: str, written: bool) -> None:
    shown = at_a_terminal(home, "--use", "TUNA", answer=answer)
    assert "Write this? [y/N]" in shown
    assert "\x1b[" in shown
    assert ("Nothing was written." not in shown) is written
    assert bool(home.files) is written


def test_json_says_what_would_change_and_what_did(home: Home) -> None:
    home.write(home.pip_conf, PIP_CONF)
    would = home.mirrors("--use", "TUNA", "--json")
    assert (would.returncode, would.stderr, would.json["written"]) == (2, "", False)
    assert home.files == {"pip.conf": PIP_CONF}
    did = home.mirrors("--use", "TUNA", "--json", "--yes")
    assert (did.returncode, did.json["written"], did.json["mirror"]) == (0, True, "TUNA")
    assert did.json["changes"] == would.json["changes"]
    assert [change["path"] for change in did.json["changes"]] == [str(home.pip_conf)]
    assert "secret" not in did.stdout
    undone = home.mirrors("--undo", "--json")
    assert undone.json == {"schema": 1, "restored": [str(home.pip_conf)], "removed": []}


def test_a_file_that_has_changed_since_is_left_alone(home: Home) -> None:
    home.mirrors("--use", "TUNA", "--yes")
    home.write(home.pip_conf, "[global]\nretries = 1\n")
    done = home.mirrors("--undo")
    assert done.returncode == 3
    assert str(home.pip_conf) in done.stderr
    assert "--undo --yes" in done.stderr
    assert home.files == {"pip.conf": "[global]\nretries = 1\n"}
    assert home.mirrors("--undo", "--yes").returncode == 0
    assert home.files == {}


@pytest.mark.parametrize(
    ("name", "message", "why"),
    [
        ("huawei", "no mirror is called huawei", "Huawei Cloud"),
        ("tunaa", "no mirror is called tunaa", "the closest names are TUNA"),
        ("???", "no mirror is called ???", "no name is like it"),
        ("JLU", "JLU cannot be used", "is retired"),
    ],
)
def test_names_that_cannot_be_used(home: Home, name: str, message: str, why: str) -> None:
    done = home.mirrors("--use", name, "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {message}\n  why:  ")
    assert why in done.stderr
    assert home.files == {}


def test_a_doubtful_mirror_is_warned_about(home: Home) -> None:
    done = home.mirrors("--use", "Douban")
    assert done.stderr.startswith("warning: https://pypi.doubanio.com/simple is doubtful: stale")


def test_a_campus_mirror_changes_nothing(with_conda: Home) -> None:
    done = with_conda.mirrors("--use", "westlake univ", "--yes")
    assert "is not known" in done.stderr
    assert with_conda.files == {}


def test_a_stronger_setting_is_told_of(home: Home) -> None:
    home.variables["PIP_INDEX_URL"] = "https://me:secret@wheels.example/simple"
    done = home.mirrors("--use", "TUNA", "--yes")
    assert done.returncode == 0
    assert f"warning: pip's index-url is not {TUNA} even so" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_a_stronger_setting_of_conda_is_told_of(with_conda: Home) -> None:
    prefix = with_conda.path / "environment"
    with_conda.write(prefix / ".condarc", "custom_channels: {pytorch: https://channels.example}\n")
    with_conda.variables["CONDA_PREFIX"] = str(prefix)
    done = with_conda.mirrors("--use", "TUNA", "--yes")
    assert f"warning: conda's custom_channels.pytorch is not {CLOUD}/pytorch even so" in done.stderr
    assert done.stderr.count("warning: ") == 1


@posix
def test_links_and_permissions_are_kept(home: Home) -> None:
    real = home.path / "dotfiles" / "pip.conf"
    home.write(real, PIP_CONF)
    real.chmod(0o600)
    home.pip_conf.parent.mkdir(parents=True)
    home.pip_conf.symlink_to(real)
    assert home.mirrors("--use", "TUNA", "--yes").returncode == 0
    assert home.pip_conf.is_symlink()
    assert TUNA in real.read_text("utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    folders = list((home.path / "state").rglob("backups/*"))
    assert [stat.S_IMODE(one.stat().st_mode) for one in folders if one.is_dir()] == [0o700]
    home.mirrors("--undo")
    assert real.read_text("utf-8") == PIP_CONF
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_file_that_cannot_be_written(home: Home) -> None:
    home.write(home.pip_conf, PIP_CONF)
    home.pip_conf.parent.chmod(0o500)
    done = home.mirrors("--use", "TUNA", "--yes")
    assert done.returncode == 3
    assert f"cannot write {home.pip_conf}" in done.stderr
    home.pip_conf.parent.chmod(0o700)
    assert home.files == {"pip.conf": PIP_CONF}


def test_no_place_for_a_backup_no_change(home: Home) -> None:
    home.write(home.path / "state", "a file where the folder should be")
    done = home.mirrors("--use", "TUNA", "--yes")
    assert done.returncode == 3
    assert "no backup can be kept, so nothing was written" in done.stderr
    assert home.files == {}


def test_a_damaged_backup_is_one_message(home: Home) -> None:
    home.mirrors("--use", "TUNA", "--yes")
    (manifest,) = (home.path / "state").rglob("manifest.json")
    manifest.write_text("{", "utf-8")
    done = home.mirrors("--undo")
    assert done.returncode == 3
    assert str(manifest.parent) in done.stderr
    assert "Traceback" not in done.stderr
    assert set(home.files) == {"pip.conf"}


def test_a_second_file_that_fails_takes_the_first_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    first, second = tmp_path / "first", tmp_path / "second"
    second.write_text("somebody else's", "utf-8")
    changes = [Change(first, None, b"ours"), Change(second, b"as it was", b"ours")]
    with pytest.raises(GuardError, match="was left as it is"):
        write_with_backup(changes, "TUNA")
    assert not first.exists()
    assert second.read_text("utf-8") == "somebody else's"
    assert last_backup() is None
