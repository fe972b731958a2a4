"""`pipcuda env --write` and `--undo`, with real pips and environments of their own."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Callable

import pytest

from pip_hook.env.site_file import site_path
from tests.support.pips import NEWEST, bare_environment, run_pip, run_pipcuda

from .running import A100, RTX_5090, Machine, installed

if TYPE_CHECKING:
    from tests.support.tools import Result

posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal and permissions")


@dataclass
class Environment:
    """A machine, and an environment on it that the tests write to."""

    machine: Machine
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a run: pip reads its files, of which there are only those here."""
        found = {**self.machine.environment, "XDG_STATE_HOME": str(self.machine.home / "state")}
        del found["PIP_CONFIG_FILE"]
        return found

    @property
    def file(self) -> Path:
        """The environment's configuration of pip."""
        return site_path(self.folder, os.name)

    def env(self, *words: str, more: dict[str, str] | None = None) -> Result:
        """Run `pipcuda env` for it."""
        words = ("--python", str(self.folder), "env", *words)
        env = {**self.variables, **(more or {})}
        return run_pipcuda(self.machine.python, *words, env=env, cwd=self.folder)

    def pip(self, *words: str | Path) -> Result:
        """Run pip for it."""
        return run_pip(self.machine.python, "--python", self.folder, *words, env=self.variables)

    @property
    def installed(self) -> dict[str, str]:
        """What is in it."""
        (site,) = self.folder.glob("[Ll]ib/**/site-packages")
        return installed(site)


@pytest.fixture
def make_environment(
    make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> Callable[[str], Environment]:
    def make(version: str) -> Environment:
        machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2", A100)
        # A folder of the command's own name, as people have.
        bare_environment(machine.python, tmp_path / "env")
        return Environment(machine, tmp_path / "env")

    return make


@pytest.fixture
def place(make_environment: Callable[[str], Environment]) -> Environment:
    return make_environment("newest")


@pytest.mark.parametrize(
    "version", [*(pytest.param(one, marks=pytest.mark.nightly) for one in ("22.3", "24.3")), NEWEST]
)
def test_plain_pip_takes_the_planned_build_from_then_on(
    version: str, make_environment: Callable[[str], Environment]
) -> None:
    place = make_environment(version)
    place.file.write_text("[global]\ntimeout = 6\n", "utf-8")
    done = place.env("torch==2.2.2", "--write", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"+extra-index-url = {place.machine.server.base}/cu121" in done.stdout.splitlines()
    assert place.pip("config", "get", "global.timeout").stdout.strip() == "6"
    got = place.pip("install", "timm")
    assert got.returncode == 0, got.stderr
    assert place.installed["torch"] == "2.2.2+cu121"
    assert place.installed["torchvision"] == "0.17.2+cu121"
    assert place.env("--undo").stdout == f"Restored: {place.file}\n"
    assert place.file.read_text("utf-8") == "[global]\ntimeout = 6\n"


def test_what_pips_files_say_stays_and_variables_are_not_copied(place: Environment) -> None:
    mine = place.folder / "mine.txt"
    mine.write_text("numpy<2\n", "utf-8")
    other = "https://me:hidden@wheels.example/simple"
    user = place.machine.home / ".config" / "pip" / "pip.conf"
    user.parent.mkdir(parents=True)
    user.write_text(
        f"[global]\nconstraint = {mine}\nfind-links = {place.folder}\n"
        f"extra-index-url = {place.machine.server.simple}\n",
        "utf-8",
    )
    done = place.env(
        "torch==2.2.2", "--write", "--yes", "--offline", more={"PIP_EXTRA_INDEX_URL": other}
    )
    assert done.returncode == 0, done.stderr
    text = place.file.read_text("utf-8")
    assert f"constraint = {mine} " in text
    assert f"extra-index-url = {place.machine.server.simple} " in text
    assert "find-links" not in text
    assert "hidden" not in text + done.stdout + done.stderr
    assert "PIP_EXTRA_INDEX_URL is set, and stronger than the file" in done.stderr


def test_another_plan_takes_the_place_and_undo_goes_back_step_by_step(place: Environment) -> None:
    place.env("torch==2.2.2", "--write", "--yes")
    first = place.file.read_text("utf-8")
    assert place.env("torch==2.2.2", "--write", "--yes").stdout == "Nothing to change.\n"
    place.env("torch==2.2.2", "--write", "--yes", "--cuda", "11.8")
    second = place.file.read_text("utf-8")
    assert "cu118" in second
    assert "cu121" not in second
    assert place.env("--undo").returncode == 0
    assert place.file.read_text("utf-8") == first
    assert place.env("--undo").stdout == f"Removed: {place.file} (it was not there before)\n"
    assert not place.file.exists()
    assert place.env("--undo").stdout == "Nothing to undo.\n"


def test_a_file_that_has_changed_since_is_left_alone(place: Environment) -> None:
    place.env("torch==2.2.2", "--write", "--yes", "--offline")
    place.file.write_text("[global]\nretries = 1\n", "utf-8")
    done = place.env("--undo")
    assert done.returncode == 3
    assert "has changed since it was written" in done.stderr
    assert place.file.read_text("utf-8") == "[global]\nretries = 1\n"
    assert place.env("--undo", "--yes").returncode == 0
    assert not place.file.exists()


def test_each_environment_has_its_own_undo(place: Environment, tmp_path: Path) -> None:
    bare_environment(place.machine.python, tmp_path / "other")
    other = Environment(place.machine, tmp_path / "other")
    place.env("torch==2.2.2", "--write", "--yes", "--offline")
    other.env("torch==2.2.2", "--write", "--yes", "--offline")
    assert place.env("--undo").returncode == 0
    assert (place.file.exists(), other.file.exists()) == (False, True)
    assert "Nothing to undo." in run_pipcuda(
        place.machine.python, "mirrors", "--undo", env=place.variables
    ).stdout  # fmt: skip


def test_without_a_terminal_nothing_is_written(place: Environment) -> None:
    done = place.env("torch==2.2.2", "--write", "--offline")
    assert done.returncode == 2
    assert "+[global]" in done.stdout
    assert done.stderr.endswith("next: the same command with --yes\n")
    assert not place.file.exists()
    assert not (place.machine.home / "state").exists()


def test_a_refused_plan_writes_nothing(place: Environment, stub_driver: Path) -> None:
    place.machine = place.machine.with_driver(stub_driver, "470.82.01", "11.4", RTX_5090)
    done = place.env("--write", "--yes")
    assert (done.returncode, done.stdout) == (3, "")
    assert not place.file.exists()


def test_a_file_that_pip_could_not_read_is_one_message(place: Environment) -> None:
    place.file.write_text("no section\n", "utf-8")
    done = place.env("torch==2.2.2", "--write", "--yes", "--offline")
    assert done.returncode == 3
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert place.file.read_text("utf-8") == "no section\n"


def test_no_environment_no_change(place: Environment) -> None:
    base = os.path.realpath(place.machine.python)
    env = {**place.variables, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = run_pipcuda(Path(base), "env", "--undo", env=env, cwd=place.folder)
    assert done.returncode == 2
    assert "is no environment" in done.stderr
    assert "pipcuda --python .venv env --write" in done.stderr


@posix
def test_credentials_go_where_only_the_owner_reads(place: Environment) -> None:
    place.machine.server.fault("/whl", "auth")
    secret = place.machine.server.with_credentials(place.machine.server.base)
    done = place.env("torch==2.2.2", "--write", "--yes", more={"CUDA_GUARD_WHEEL_INDEX": secret})
    text = place.file.read_text("utf-8")
    assert "password" not in text + done.stdout + done.stderr
    word = text.partition("constraint = ")[2].split()[0]
    assert secret in Path(word).read_text("utf-8")
    assert stat.S_IMODE(Path(word).stat().st_mode) == 0o600
    got = place.pip("install", "timm")
    assert got.returncode == 0, got.stderr
    assert place.installed["torch"] == "2.2.2+cu121"


def test_windows_has_pip_ini() -> None:
    folder = PureWindowsPath("C:/Users/John Doe/env")
    assert site_path(folder, "nt") == folder / "pip.ini"
    assert site_path(Path("/env"), "posix") == Path("/env/pip.conf")
