"""The plan follows what the indexes really have: real pip, local indexes, every kind of fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest

from conda_cuda_guard.model.time_limit import VARIABLE
from conda_cuda_guard.sources import index_client
from conda_cuda_guard.sources.index_client import SECONDS
from pip_hook import command_line, sources_in_force
from tests.support.clocks import FakeClock
from tests.support.pips import PIP_VERSIONS
from tests.support.tools import REAL_TIME
from tests.support.wheel_file import WheelFile

from .running import A100, Machine, installed, python_of

if TYPE_CHECKING:
    from pathlib import Path

    from conda_cuda_guard.model import Question

DRIVER = ("575.51.03", "12.9", A100)


@pytest.fixture
def with_gpu(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine with a driver for CUDA 12.9."""
    return machine.with_driver(stub_driver, *DRIVER)


def plan(machine: Machine, *words: str | Path, **more: str) -> dict[str, Any]:
    """Return the plan for these words."""
    done = machine.pipcuda("plan", "--json", *words, more=more)
    found: dict[str, Any] = done.json
    return found


def told(found: dict[str, Any]) -> list[str]:
    """Return the codes of a plan's warnings."""
    return [note["code"] for note in found["notes"] if note["severity"] == "warning"]


def wheel(machine: Machine, version: str, page: str, folder: str = "") -> WheelFile:
    """Make a wheel of torch for the machine's Python."""
    tag = "cp" + python_of(machine).replace(".", "")
    name = f"{folder}torch-{version}-{tag}-{tag}-manylinux_2_28_x86_64.whl"
    return WheelFile(page, name, ("typing-extensions",))


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_release_and_a_variant_that_nobody_has_heard_of(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "999.10.01", "14.9", A100)
    machine.server.add([wheel(machine, "2.99.0+cu147", "whl/cu147/torch")])
    # The GPU code of a build that nobody has heard of is judged by its toolkit.
    done = machine.pipcuda("install", "torch", "--no-deps", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.99.0+cu147"


def test_what_the_index_does_not_have_is_not_planned(with_gpu: Machine) -> None:
    server = with_gpu.server
    server.reset()
    server.add([wheel(with_gpu, "2.5.1+cu118", "whl/cu118/torch")])
    found = plan(with_gpu, "torch")
    assert (found["packages"], found["variant"]) == ({"torch": "2.5.1+cu118"}, "cu118")


def test_an_index_without_a_common_page(with_gpu: Machine) -> None:
    with_gpu.server.fault("whl/torch", "404")
    found = plan(with_gpu, "torch==2.2.2")
    assert (found["variant"], told(found)) == ("cu121", [])
    assert with_gpu.server.asked_for("/whl/cu121/torch/")


def test_a_mirror_of_listed_folders(with_gpu: Machine, tmp_path: Path) -> None:
    variables = {"CUDA_GUARD_WHEEL_INDEX": with_gpu.server.mirror}
    found = plan(with_gpu, "torch==2.2.2", **variables)
    assert found["find_links"] == [f"{with_gpu.server.mirror}/cu121/"]
    done = with_gpu.pipcuda("install", "torch==2.2.2", "--target", tmp_path / "t", more=variables)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"


def test_the_wheel_index_of_pips_own_configuration(with_gpu: Machine) -> None:
    config = with_gpu.home / "pip.conf"
    config.write_text(f"[cuda-guard]\nwheel-index = {with_gpu.server.mirror}\n", encoding="utf-8")
    variables = {"CUDA_GUARD_WHEEL_INDEX": "", "PIP_CONFIG_FILE": str(config)}
    found = plan(with_gpu, "torch==2.2.2", **variables)
    assert found["find_links"] == [f"{with_gpu.server.mirror}/cu121/"]


FAULTS = {
    "slow": "did not send its page in time",
    "drip": "did not send its page in time",
    "endless": "",
    "500": "answered with a server error",
    "503": "answered with a server error",
    "401": "asks for a login",
    "403": "asks for a login",
    "407": "",
    "truncated": "",
    "login": "is not an index page",
    "redirect-login": "is not an index page",
    "gzip": "",
    "garbage": "is not an index page",
    "json": "",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_index_with_a_fault_is_told_of_once_and_costs_two_seconds(
    with_gpu: Machine, fault: str
) -> None:
    # Such a server is never done while this runs: it is left when two seconds are over.
    hangs = fault in ("slow", "drip", "endless")
    with_gpu.server.fault("whl", fault)
    found = plan(with_gpu, "torch==2.2.2", "torchvision", **(REAL_TIME if hangs else {}))
    for factor in ("4", "16") if hangs else ():
        # On a busy machine two seconds may pass before the other index is heard: then the same must
        # come of limits that are longer.
        if told(found).count("index-unreachable") == 1 and found["index_urls"]:
            break
        found = plan(with_gpu, "torch==2.2.2", "torchvision", **{VARIABLE: factor})
    assert told(found).count("index-unreachable") == 1
    (note,) = (one for one in found["notes"] if one["code"] == "index-unreachable")
    assert FAULTS[fault] in note["message"]
    late = "did not send its page in time" in note["message"]
    assert late == hangs or fault == "endless"  # of which there may be too much first
    if late or fault == "endless":  # slow is not dead: pip may have more patience
        assert found["packages"] == {"torch": "2.2.2+cu121", "torchvision": "0.17.2+cu121"}
        assert found["index_urls"] == [f"{with_gpu.server.base}/cu121"]
    else:
        assert found["packages"] == {"torch": "2.2.2", "torchvision": "0.17.2"}
        assert found["index_urls"] == []


def test_several_rounds_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    given: list[float] = []

    def ask(questions: tuple[Question, ...], *_: object, seconds: float, **__: object) -> Any:
        given.append(seconds)
        clock.now += seconds / 4
        return questions

    monkeypatch.setattr(sources_in_force, "time", clock)
    monkeypatch.setattr(index_client, "ask_indexes", ask)
    round_of = sources_in_force.asker(command_line.read_command_line(["install", "torch"]))
    for _ in range(3):
        assert round_of(()) == ()
    assert given == pytest.approx([SECONDS, SECONDS * 3 / 4, SECONDS * 9 / 16])
    clock.now += SECONDS
    round_of(())
    assert given[-1] == pytest.approx(0.05)  # for folders and files, which are no network


def test_nothing_there_is_the_end_of_it(with_gpu: Machine) -> None:
    dead = "http://127.0.0.1:9/whl"
    found = plan(with_gpu, "torch==2.2.2", CUDA_GUARD_WHEEL_INDEX=dead)
    assert told(found) == ["index-unreachable"]
    assert (found["packages"], found["index_urls"]) == ({"torch": "2.2.2"}, [])


def test_credentials_are_used_and_never_shown(with_gpu: Machine, tmp_path: Path) -> None:
    server = with_gpu.server
    server.fault("whl", "auth")
    secret = server.with_credentials(server.base, "user:password")
    variables = {"CUDA_GUARD_WHEEL_INDEX": secret}
    shown = with_gpu.pipcuda("plan", "torch==2.2.2", more=variables)
    in_json = with_gpu.pipcuda("plan", "--json", "torch==2.2.2", more=variables)
    assert told(in_json.json) == []
    assert in_json.json["variant"] == "cu121"
    done = with_gpu.pipcuda(
        "install", "torch==2.2.2", "--no-deps", "--target", tmp_path / "t", more=variables
    )
    assert done.returncode == 0, done.stderr
    wrong = {"CUDA_GUARD_WHEEL_INDEX": server.with_credentials(server.base, "user:passwort-2")}
    refused = with_gpu.pipcuda("plan", "torch==2.2.2", more=wrong)
    assert "[index-unreachable]" in refused.stdout
    # What pip itself prints is pip's.
    said = shown.stdout + shown.stderr + in_json.stdout + in_json.stderr + refused.stdout
    assert "passwor" not in said + refused.stderr
    for file in with_gpu.home.rglob("*"):
        if file.is_file() and "conda-cuda-guard" in str(file):
            assert b"passwor" not in file.read_bytes()


def test_the_second_time_the_page_is_not_sent_again(with_gpu: Machine) -> None:
    first = plan(with_gpu, "torch==2.2.2")
    sent = with_gpu.server.count(304)
    assert plan(with_gpu, "torch==2.2.2") == first
    assert with_gpu.server.count(304) > sent


def test_offline_asks_nobody(with_gpu: Machine) -> None:
    found = plan(with_gpu, "torch==2.2.2", "--offline")
    assert (found["variant"], told(found)) == ("cu121", [])
    assert with_gpu.server.requests == []


def test_what_pip_would_take_as_typed(with_gpu: Machine) -> None:
    server = with_gpu.server
    server.add([wheel(with_gpu, "2.98.0", "simple/torch")])
    found = plan(with_gpu, "torch")
    assert found["as_typed"]["version"] == "2.98.0"
    assert found["as_typed"]["source"] == server.simple
    text = with_gpu.pipcuda("plan", "torch").stdout
    assert f"as typed torch 2.98.0 from {server.simple}" in text


def test_an_extra_index_does_not_win_over_the_plan(with_gpu: Machine, tmp_path: Path) -> None:
    server = with_gpu.server
    server.add(
        [wheel(with_gpu, "2.2.2.post1", "other/torch"), wheel(with_gpu, "99.0", "other/torch")]
    )
    variables = {"PIP_EXTRA_INDEX_URL": f"{server.root}/other"}
    found = plan(with_gpu, "torch>=2.2,<2.3", **variables)
    assert found["as_typed"]["version"] == "2.2.2.post1"
    done = with_gpu.pipcuda(
        "install", "torch>=2.2,<2.3", "--no-deps", "--target", tmp_path / "t", more=variables
    )
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"


@pytest.mark.parametrize("prefer", [True, False])
def test_the_plain_wheel_of_the_own_index(
    machine: Machine, stub_driver: Path, tmp_path: Path, *, prefer: bool
) -> None:
    if python_of(machine) == "3.9":
        pytest.skip("torch 2.9.1 has no build for Python 3.9")
    # The plain wheel of 2.9.1 is for CUDA 12.8; with 12.9 the build for that would go before it.
    driver = machine.with_driver(stub_driver, "570.26", "12.8")
    options = ["--prefer-index"] if prefer else []
    done = driver.pipcuda(
        "install", *options, "torch==2.9.1", "--no-deps", "--target", tmp_path / "t"
    )
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == ("2.9.1" if prefer else "2.9.1+cu128")
    assert ("[user-index-serves-it]" in done.stderr) is not prefer


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_by_hand_for_a_machine_without_a_network(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version)
    python = python_of(machine)
    node = tmp_path / "node.json"
    node.write_text(
        f'{{"python": "{python}", "driver": "535.104.05", "gpus": ["8.0"]}}', encoding="utf-8"
    )
    fetched = machine.pipcuda(
        "download", "torch==2.2.2", "torchvision", "--host", node, "-d", tmp_path / "wheels"
    )
    assert fetched.returncode == 0, fetched.stderr
    machine.server.reset()
    there = machine.with_driver(stub_driver, "535.104.05", "12.2")
    words = ("--no-index", "--find-links", tmp_path / "wheels", "torch", "torchvision")
    done = there.pipcuda("install", *words, "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"
    assert machine.server.requests == []
    assert plan(there, *words)["source"] == "user-index"


def test_files_for_another_platform_and_python(machine: Machine, tmp_path: Path) -> None:
    from tests.support.wheel_catalogue import from_catalogue

    machine.server.add(from_catalogue("windows-amd64"))
    node = tmp_path / "node.json"
    node.write_text(
        '{"platform": "windows-amd64", "python": "3.12", "cuda": "12.1", "gpus": ["8.6"]}',
        encoding="utf-8",
    )
    done = machine.pipcuda("download", "torch==2.2.2", "--host", node, "-d", tmp_path / "wheels")
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "wheels").iterdir()}
    assert "torch-2.2.2+cu121-cp312-cp312-win_amd64.whl" in names


def test_a_folder_without_what_runs_here_is_refused(with_gpu: Machine, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    words = ("--no-index", "--find-links", tmp_path / "wheels", "torch")
    done = with_gpu.pipcuda("install", *words, "--target", tmp_path / "t")
    assert done.returncode == 3
    assert "Refused: nothing was installed." in done.stderr


def test_a_folder_that_is_not_there_is_the_reason(with_gpu: Machine) -> None:
    done = with_gpu.pipcuda("install", "--no-index", "--find-links", "nosuch", "torch")
    assert done.returncode == 3
    assert "nosuch does not exist" in done.stderr
    assert "1.8.2" not in done.stderr  # a build of a tree that is not asked is not there


def test_retired_and_open_addresses_are_named(with_gpu: Machine) -> None:
    douban = "http://pypi.douban.com/simple"
    found = plan(with_gpu, "torch==2.2.2", "--offline", PIP_INDEX_URL=douban)
    assert {"mirror-retired", "insecure-index"} <= set(told(found))


def test_locked_is_by_address_and_hash(with_gpu: Machine, tmp_path: Path) -> None:
    found = plan(with_gpu, "--locked", "torch==2.2.2", "torchvision", "numpy<2")
    torch, vision, numpy = found["requirements"]
    assert torch.startswith(f"torch @ {with_gpu.server.base}/cu121/torch-2.2.2%2Bcu121-cp")
    assert "#sha256=" in torch
    assert "#sha256=" in vision
    assert numpy == "numpy<2"
    done = with_gpu.pipcuda(
        "install", "--locked", "torch==2.2.2", "--no-deps", "--target", tmp_path / "t"
    )
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"


def test_what_cannot_be_locked_is_refused(with_gpu: Machine) -> None:
    done = with_gpu.pipcuda("plan", "--locked", "--offline", "torch==2.2.2")
    assert done.returncode == 3
    assert "[cannot-lock]" in done.stdout
