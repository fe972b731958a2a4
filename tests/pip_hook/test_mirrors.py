"""`pipcuda mirrors`: what is known and in force, and how the mirrors do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable

import pytest

from conda_cuda_guard import __version__, catalogue
from tests.support.pips import run_pipcuda
from tests.support.self_signed import self_signed
from tests.support.tools import ToolUnavailableError
from tests.support.wheel_index import WheelFile, WheelServer

from .mirroring import TUNA, Home, at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda
    from tests.support.tools import Result

CLOUD = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
CONDARC = f"""\
channels: [defaults, https://me:secret@private.example/t/tk-1/our]
default_channels: [https://mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs/main]
custom_channels: {{pytorch: {CLOUD}}}
"""


@pytest.fixture
def home(pip_env: Callable[[str], Path], tmp_path: Path) -> Home:
    place = tmp_path / "home"
    place.mkdir()
    return Home(pip_env("newest"), place)


@pytest.fixture
def server(wheel_server: WheelServer) -> WheelServer:
    names = ("simple/torch", "whl/cu121/torch", "whl/cu121/torch_stable.html")
    wheel_server.add(WheelFile(name, "torch-2.2.2+cu121-py3-none-any.whl") for name in names)
    return wheel_server


def in_force(done: Result, tool: str) -> dict[str, tuple[str, str | None]]:
    rows = [row for row in done.json["in_force"] if row["tool"] == tool]
    return {row["setting"]: (row["value"], row["mirror"]) for row in rows}


def probes(done: Result) -> dict[str, Any]:
    return {row["name"]: row["probe"] for row in done.json["mirrors"]}


def test_all_that_is_known_is_listed(home: Home) -> None:
    done = home.mirrors("--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.json["schema"] == 1
    listed = [(row["name"], row["kind"], row["url"]) for row in done.json["mirrors"]]
    assert listed == [(one.name, one.kind, one.base) for one in catalogue.mirrors()]
    assert not [row for row in done.json["mirrors"] if row["in_force"] or row["probe"]]


def test_without_settings_the_defaults_are_in_force(home: Home) -> None:
    done = home.mirrors("--json")
    assert in_force(done, "pip") == {"index-url": ("pip's default index", None)}
    assert in_force(done, "conda") == {}
    assert done.json["conda_problem"] == "no conda on PATH"
    assert done.json["notes"] == []


def test_the_list_for_people(home: Home) -> None:
    home.write(home.pip_conf, f"[global]\nindex-url = {TUNA}\n")
    done = home.mirrors()
    assert (done.returncode, done.stderr) == (0, "")
    rows = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert f"* TUNA pip index alive {TUNA}" in rows
    assert f"pip index-url {TUNA} TUNA" in rows
    assert "conda no conda on PATH" in rows
    assert "\x1b" not in done.stdout


def test_pips_sources_in_force(home: Home) -> None:
    home.write(home.pip_conf, "[global]\nindex-url = https://mirrors.aliyun.com/pypi/simple/\n")
    home.variables["PIP_EXTRA_INDEX_URL"] = "https://me:secret@wheels.example/simple"
    home.variables["CUDA_GUARD_WHEEL_INDEX"] = "https://mirror.nju.edu.cn/pytorch/whl"
    done = home.mirrors("--json")
    assert in_force(done, "pip") == {
        "index-url": ("https://mirrors.aliyun.com/pypi/simple/", "Aliyun"),
        "extra-index-url": ("https://****@wheels.example/simple", None),
        "CUDA_GUARD_WHEEL_INDEX": ("https://mirror.nju.edu.cn/pytorch/whl", "NJU"),
    }
    used = {(row["name"], row["kind"]) for row in done.json["mirrors"] if row["in_force"]}
    assert used == {("Aliyun", "pypi"), ("NJU", "wheels")}


def test_condas_sources_in_force(home: Home, conda: Conda) -> None:
    home.put_conda(conda)
    home.write(home.condarc, CONDARC)
    done = home.mirrors("--json")
    assert done.json["conda_problem"] is None
    found = in_force(done, "conda")
    assert found["custom_channels.pytorch"] == (f"{CLOUD}/pytorch", "TUNA")
    assert found["default_channels"][1] == "TUNA"
    assert found["channel_alias"] == ("https://conda.anaconda.org", None)
    assert "secret" not in done.stdout
    assert "tk-1" not in done.stdout


def test_a_conda_that_does_not_work_is_told_of(home: Home) -> None:
    (home.path.parent / "bin").mkdir()
    script = home.path.parent / "bin" / "conda"
    script.write_text("#!/bin/sh\nexit 4\n", "utf-8")
    script.chmod(0o755)
    done = home.mirrors("--json")
    assert done.returncode == 0
    assert "status 4" in done.json["conda_problem"]


def test_what_is_wrong_with_a_source_in_force(home: Home) -> None:
    home.write(home.pip_conf, "[global]\nindex-url = http://pypi.douban.com/simple\n")
    done = home.mirrors("--json")
    assert [note["code"] for note in done.json["notes"]] == ["mirror-retired", "insecure-index"]
    text = home.mirrors().stdout
    assert f"Use instead: {TUNA}" in text
    assert "[insecure-index]" in text


def test_reachability_and_speed(home: Home, server: WheelServer) -> None:
    server.fault("/broken", "500")
    server.fault("/slow", "slow")
    home.know(
        {"name": "Index", "kind": "pypi", "base": server.simple},
        {"name": "Wheels", "kind": "wheels", "base": server.base, "variants": ["cpu", "cu121"]},
        {"name": "Pages", "kind": "wheels", "base": f"{server.root}/pages", "flat": True},
        {"name": "Broken", "kind": "pypi", "base": f"{server.root}/broken"},
        {"name": "Slow", "kind": "pypi", "base": f"{server.root}/slow"},
        {"name": "Gone", "kind": "pypi", "base": "http://127.0.0.1:9/simple"},
        {"name": "Nowhere", "kind": "pypi", "base": "http://nowhere.invalid/simple"},
        {"name": "Channels", "kind": "channels", "base": f"{server.root}/cloud",
         "carries": {"pytorch": [], "conda-forge": []}},
        {"name": "Retired", "kind": "pypi", "base": f"{server.root}/old", "status": "retired"},
    )  # fmt: skip
    done = home.mirrors("--test", "--timeout", "3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = probes(done)
    for name, url in (
        ("Index", f"{server.simple}/torch/"),
        ("Wheels", f"{server.base}/cu121/torch/"),
    ):
        assert found[name]["url"] == url
        assert found[name]["reachable"] is True
        assert 0 < found[name]["first_byte_seconds"] < 3
        assert found[name]["bytes_per_second"] > 0
    problems = {name: probe["problem"] for name, probe in found.items() if probe}
    assert problems["Broken"] == "HTTP 500"
    assert problems["Slow"] == "no answer in time"
    assert problems["Gone"] == "connection refused"
    assert problems["Nowhere"]
    assert problems["Channels"] == "HTTP 404"
    assert found["Channels"]["url"] == f"{server.root}/cloud/conda-forge/noarch/repodata.json"
    assert found["Pages"]["url"] == f"{server.root}/pages/"
    assert found["Retired"] is None
    agents = {seen.agent for seen in server.requests}
    assert agents == {f"pipcuda/{__version__}"}


def test_the_list_with_answers_for_people(home: Home, server: WheelServer) -> None:
    home.know(
        {"name": "Index", "kind": "pypi", "base": server.simple},
        {"name": "Gone", "kind": "pypi", "base": "http://127.0.0.1:9/simple"},
    )
    done = home.mirrors("--test")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines() if "pip index" in line]
    assert " ms " in lines[0]
    assert "MB/s" in lines[0]
    assert "connection refused" in lines[1]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal")
def test_a_bar_shows_how_far_it_is(home: Home, server: WheelServer) -> None:
    home.know({"name": "Index", "kind": "pypi", "base": server.simple})
    shown = at_a_terminal(home, "--test", answer="")
    assert "asking the mirrors" in shown
    assert "MB/s" in shown


def test_asking_goes_through_the_proxy_of_pip(home: Home, server: WheelServer) -> None:
    home.know({"name": "Far", "kind": "pypi", "base": "http://far.invalid/simple"})
    home.write(home.pip_conf, f"[global]\nproxy = {server.root}\n")
    assert probes(home.mirrors("--test", "--json"))["Far"]["reachable"] is True
    assert server.asked_for("http://far.invalid/simple/torch/")


def test_asking_trusts_the_certificates_of_pip(home: Home, tmp_path: Path) -> None:
    try:
        certificate = self_signed(tmp_path)
    except ToolUnavailableError as error:
        pytest.skip(str(error))
    wheel = WheelFile("simple/torch", "torch-2.2.2+cu121-py3-none-any.whl")
    with WheelServer([wheel], certificate=certificate) as secure:
        home.know(
            {"name": "Own", "kind": "pypi", "base": f"https://localhost:{secure.port}/simple"}
        )
        untrusted = probes(home.mirrors("--test", "--json"))["Own"]
        assert untrusted["problem"].startswith("certificate: ")
        home.write(home.pip_conf, f"[global]\ncert = {certificate}\n")
        assert probes(home.mirrors("--test", "--json"))["Own"]["reachable"] is True


def test_the_list_asks_nobody(home: Home, server: WheelServer) -> None:
    home.know({"name": "Index", "kind": "pypi", "base": server.simple})
    home.write(home.pip_conf, f"[global]\nindex-url = {server.simple}\n")
    done = home.mirrors("--json")
    assert in_force(done, "pip")["index-url"] == (server.simple, "Index")
    assert server.requests == []


def test_certificates_that_cannot_be_read(home: Home) -> None:
    home.variables["PIP_CERT"] = str(home.path / "none.pem")
    done = home.mirrors("--test")
    assert done.returncode == 2
    assert done.stderr.startswith("error: the certificates cannot be read: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [["--use"], ["--use", "TUNA", "--undo"], ["--timeout", "x"],
     ["--timeout", "-1"], ["torch"]],
    ids=" ".join,
)  # fmt: skip
def test_arguments_that_cannot_be_used(home: Home, words: list[str]) -> None:
    done = home.mirrors(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: these arguments cannot be used\n  why:  ")
    assert "next: pipcuda mirrors --help" in done.stderr


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(home: Home, option: str) -> None:
    done = home.mirrors(option)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: pipcuda mirrors")
    assert "--undo" in done.stdout


def test_a_damaged_table_is_one_message(home: Home) -> None:
    home.know({"name": 1})
    done = home.mirrors()
    assert done.returncode == 3
    assert "mirrors.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_called_mirrors_is_pips(home: Home) -> None:
    ours = run_pipcuda(home.python, "show", "mirrors", env=home.environment)
    assert ours == home.pip("show", "mirrors")
