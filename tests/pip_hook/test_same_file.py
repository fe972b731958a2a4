"""The planned file is the one that pip takes, or it is said which other one it takes."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import NEWEST, PIP_VERSIONS
from tests.support.wheel_file import WheelFile, wheel_bytes

from .running import Machine, installed, python_of
from .test_installed import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THEIRS = "9.9"  # what torch.version.cuda says of a file that is not the planned one
SAYS = "[other-source-wins]"


def torch(machine: Machine, page: str, version: str = "2.2.2+cu121", build: str = "") -> WheelFile:
    """Return another file of the planned version, for the machine's Python."""
    tag = "cp" + python_of(machine).replace(".", "")
    name = f"torch-{version}{build and '-'}{build}-{tag}-{tag}-linux_x86_64.whl"
    return WheelFile(page, name, cuda=THEIRS)


def install(machine: Machine, folder: Path, *words: str, **more: str) -> tuple[str, str]:
    """Install what is typed; return the CUDA of the torch that came, and all that was said."""
    done = machine.pipcuda(
        "install", *words, "--target", folder / "t", "--driver", "535.104.05",
        "--gpu", "8.0", more=more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    came = (folder / "t" / "torch" / "version.py").read_text(encoding="utf-8")
    return came.rpartition("cuda = ")[2].strip().strip("'"), done.stderr


OTHERS = {
    "a build tag": ("1", "typed", True),
    "a build tag in pip's settings": ("1", "set", True),
    "the same file name, named later": ("", "typed", True),
    "the same file name, named earlier": ("", "set", False),
}


@pytest.mark.all_cases_with(version=NEWEST)
@pytest.mark.parametrize("version", PIP_VERSIONS)
@pytest.mark.parametrize("case", OTHERS)
def test_another_index_has_the_planned_version_too(
    version: str, case: str, make_machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    build, where, wins = OTHERS[case]
    machine = make_machine(version)
    other = f"{machine.server.root}/other"
    machine.server.add([torch(machine, "other/torch", build=build)])
    words = [
        "torch==2.2.2",
        "--no-deps",
        *(["--extra-index-url", other] if where == "typed" else []),
    ]
    variables = {"PIP_EXTRA_INDEX_URL": other} if where == "set" else {}
    came, told = install(machine, tmp_path, *words, **variables)
    assert came == (THEIRS if wins else "12.1")
    assert (SAYS in told) is wins
    if wins:
        assert f"{other} has torch 2.2.2+cu121 as well" in " ".join(told.split())
        assert f"{machine.server.base}/cu121" in told


@pytest.mark.parametrize("version", PIP_VERSIONS)
@pytest.mark.parametrize("build", ["1", ""])
def test_a_folder_has_the_planned_version_too(
    version: str, build: str, make_machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = make_machine(version)
    file = torch(machine, "other/torch", build=build)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / file.basename).write_bytes(wheel_bytes(file))
    words = ("torch==2.2.2", "--no-deps", "-f", str(tmp_path / "wheels"))
    came, told = install(machine, tmp_path, *words)
    assert came == (THEIRS if build else "12.1")
    assert (SAYS in told) is bool(build)


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_line_that_others_have_a_say_in(
    version: str, make_machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = make_machine(version)
    machine.server.add([torch(machine, "other/torch", "2.5.1+cu121")])
    machine.server.add([WheelFile("simple/alpha", "alpha-1-py3-none-any.whl", ("torch<2.6",))])
    other = {"PIP_EXTRA_INDEX_URL": f"{machine.server.root}/other"}
    came, told = install(machine, tmp_path, "torch<2.6", "alpha", **other)
    assert (came, told.count(SAYS)) == (THEIRS, 1)


def test_a_line_that_does_not_name_it(machine: Machine, stub_driver: Path, tmp_path: Path) -> None:
    machine.server.add([torch(machine, "other/torch", "2.5.1+cu121")])
    machine.server.add([WheelFile("simple/alpha", "alpha-1-py3-none-any.whl", ("torch<2.6",))])
    place = Place(machine.with_driver(stub_driver, "535.104.05", "12.2"), tmp_path / "venv")
    done = place.pipcuda("alpha", "--extra-index-url", f"{machine.server.root}/other")
    assert place.has()["torch"] == "2.5.1+cu121"
    came = (place.packages / "torch" / "version.py").read_text(encoding="utf-8")
    assert (THEIRS in came, done.stderr.count(SAYS)) == (True, 1)


def test_locked_takes_the_planned_file(machine: Machine, tmp_path: Path) -> None:
    machine.server.add([torch(machine, "other/torch", build="1")])
    other = {"PIP_EXTRA_INDEX_URL": f"{machine.server.root}/other"}
    came, told = install(machine, tmp_path, "--no-deps", "--locked", "torch==2.2.2", **other)
    assert (came, SAYS in told) == ("12.1", False)


def test_the_very_same_file_elsewhere_is_no_news(machine: Machine, tmp_path: Path) -> None:
    tag = "cp" + python_of(machine).replace(".", "")
    name = f"torch-2.99.0+cu121-{tag}-{tag}-linux_x86_64.whl"
    machine.server.add([WheelFile(page, name) for page in ("whl/cu121/torch", "other/torch")])
    other = f"{machine.server.root}/other"
    words = ("torch==2.99.0", "--no-deps", "--extra-index-url", other)
    _, told = install(machine, tmp_path, *words)
    assert SAYS not in told


def test_a_label_does_not_win_over_a_plain_wheel(machine: Machine, tmp_path: Path) -> None:
    if python_of(machine) == "3.9":
        pytest.skip("torch 2.9.1 has no build for Python 3.9")
    machine.server.add([torch(machine, "other/torch", "2.9.1+cpu")])
    words = ("--prefer-index", "torch==2.9.1", "--no-deps", "--target", tmp_path / "t")
    other = {"PIP_EXTRA_INDEX_URL": f"{machine.server.root}/other"}
    driver = ("--driver", "570.26", "--cuda", "12.8", "--gpu", "8.0")
    done = machine.pipcuda("install", *words, *driver, more=other)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.9.1"


def locked(machine: Machine, more: dict[str, str] | None = None) -> str:
    """Plan with --locked and return what was said."""
    host = ("--driver", "535.104.05", "--gpu", "8.0")
    done = machine.pipcuda("plan", "--locked", "torch==2.2.2", *host, more=more)
    assert done.returncode in (0, 3), done.stderr
    return " ".join(done.stdout.split())


def test_locked_takes_no_file_of_another_host(machine: Machine) -> None:
    machine.server.fault("whl", "foreign")
    told = locked(machine)
    assert "[cannot-lock]" in told
    assert f"{machine.server.base} leads to http://localhost:" in told


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and yield its address."""
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))
    ) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("local", [True, False])
def test_locked_takes_a_file_of_this_machine_from_this_machine_alone(
    machine: Machine, tmp_path: Path, *, local: bool
) -> None:
    tag = "cp" + python_of(machine).replace(".", "")
    name = f"torch-2.2.2+cu121-{tag}-{tag}-linux_x86_64.whl"
    place = (tmp_path / name).as_uri()
    page = tmp_path / "page.html"
    page.write_text(f'<a href="{place}#sha256={"0" * 64}">{name}</a>', encoding="utf-8")
    with serving(tmp_path) as root:
        index = page.as_uri() if local else f"{root}/page.html"
        told = locked(machine, {"CUDA_GUARD_WHEEL_INDEX": index})
    assert ("[cannot-lock]" in told) is not local, told
