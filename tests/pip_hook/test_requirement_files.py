"""Requirement and constraint files: planned with the line, rewritten for the run, untouched."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import NEWEST, PIP_VERSIONS

from .running import Machine, installed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result


@pytest.fixture
def cuda_machine(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver has CUDA 11.8."""
    return machine.with_driver(stub_driver, "520.61.05", "11.8")


def install(machine: Machine, target: Path, *words: str | Path) -> dict[str, str]:
    """Install into a folder, and read what came."""
    done = machine.pipcuda("install", "--target", target, *words)
    assert done.returncode == 0, done.stderr
    assert not list(machine.home.glob("**/pipcuda-*"))
    return installed(target)


def refused(done: Result) -> str:
    """Check that a run was refused by us, and give its message."""
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.all_cases_with(version=NEWEST)
@pytest.mark.parametrize("version", PIP_VERSIONS)
@pytest.mark.parametrize("form", ["-r FILE", "-rFILE", "--requirement=FILE", "-qr FILE"])
def test_a_file_is_put_right_and_stays_as_it_is(
    version: str,
    form: str,
    make_machine: Callable[[str], Machine],
    stub_driver: Path,
    tmp_path: Path,
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "520.61.05", "11.8")
    file = machine.home / "requirements.txt"
    file.write_bytes(b"# ours\r\ntorch == 2.2.2  # pinned\r\ntorchvision\r\nnumpy<2\r\n")
    before = file.read_bytes()
    found = install(machine, tmp_path / "t", *form.replace("FILE", str(file)).split(" "))
    assert found["torch"] == "2.2.2+cu118"
    assert found["torchvision"] == "0.17.2+cu118"
    assert found["numpy"] == "1.26.4"
    assert file.read_bytes() == before


@pytest.mark.parametrize("option", ["-r", "-c"])
def test_a_frozen_file_with_nvidia_s_libraries_keeps_their_variant(
    machine: Machine, stub_driver: Path, option: str
) -> None:
    here = machine.with_driver(stub_driver, "535.104.05", "12.2")
    file = machine.home / "frozen.txt"
    file.write_text("filelock==3.13.1\nnvidia-cuda-runtime-cu12==12.4.127\ntorch==2.5.1\n")
    planned = here.pipcuda("plan", "torch", option, file)
    assert planned.returncode == 0, planned.stderr
    assert "torch 2.5.1+cu124 for CUDA 12.4" in planned.stdout
    assert "12.4.127 (" in planned.stdout
    assert "frozen.txt, line 2" in planned.stdout


def test_line_and_nested_files_are_one_plan(cuda_machine: Machine, tmp_path: Path) -> None:
    folder = cuda_machine.home / "deep"
    folder.mkdir()
    (cuda_machine.home / "all.txt").write_text("-r deep/vision.txt\nnumpy<2\n")
    (folder / "vision.txt").write_text('torchvision ; python_version > "3"\n-c bounds.txt\n')
    (folder / "bounds.txt").write_text("torch==2.2.1\n")
    found = install(cuda_machine, tmp_path / "t", "torch", "-r", "all.txt")
    assert found["torch"] == "2.2.1+cu118"
    assert found["torchvision"] == "0.17.1+cu118"


@pytest.mark.all_cases_with(form="option")
@pytest.mark.parametrize("bound", ["torch==2.2.1", "torch===2.2.1", "torch==2.2.1+cu121"])
@pytest.mark.parametrize("form", ["option", "environment", "pip.conf"])
def test_a_constraint_narrows_the_plan(
    cuda_machine: Machine, tmp_path: Path, form: str, bound: str
) -> None:
    file = cuda_machine.home / "c.txt"
    file.write_text(f"{bound}\ntorchaudio==0.1\n")
    words, more = ["install", "torchvision", "--target", str(tmp_path / "t")], {}
    if form == "option":
        words += ["--constraint", str(file)]
    elif form == "environment":
        more = {"PIP_CONSTRAINT": str(file)}
    else:
        (tmp_path / "pip.conf").write_text(f"[install]\nconstraint = {file}\n")
        more = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    done = cuda_machine.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.1+cu118"
    assert installed(tmp_path / "t")["torchvision"] == "0.17.1+cu118"


def test_files_named_by_the_environment_count(cuda_machine: Machine, tmp_path: Path) -> None:
    (cuda_machine.home / "r.txt").write_text("torch==2.2.2\n")
    done = cuda_machine.pipcuda(
        "install", "numpy", "--target", tmp_path / "t", more={"PIP_REQUIREMENT": "r.txt"}
    )
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu118"


@pytest.mark.parametrize("option", ["--extra-index-url", "-i", "--index-url"])
def test_an_index_of_another_variant_in_the_file_is_replaced(
    cuda_machine: Machine, tmp_path: Path, option: str
) -> None:
    url = f"{cuda_machine.server.base}/cu121"
    (cuda_machine.home / "r.txt").write_text(f"{option} {url}\ntorch==2.2.2+cu121\nnumpy<2\n")
    done = cuda_machine.pipcuda("install", "-r", "r.txt", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu118"
    assert "[explicit-variant-replaced]" in done.stderr
    assert not cuda_machine.server.asked_for("/whl/cu121/")


def test_a_main_index_in_the_file_stays_and_the_wheel_index_joins_it(
    cuda_machine: Machine, tmp_path: Path
) -> None:
    (cuda_machine.home / "r.txt").write_text(
        f"--index-url {cuda_machine.server.simple}\n--pre\ntorch==2.2.2"
    )
    assert install(cuda_machine, tmp_path / "t", "-r", "r.txt")["torch"] == "2.2.2+cu118"


def test_paths_keep_their_meaning(cuda_machine: Machine, tmp_path: Path) -> None:
    folder = cuda_machine.home / "sub"
    (folder / "wheels").mkdir(parents=True)
    cuda_machine.pip("download", "--no-deps", "-d", folder / "wheels", "numpy<2")
    (wheel,) = (folder / "wheels").glob("*.whl")
    (folder / "more.txt").write_text("typing-extensions\n")
    (folder / "r.txt").write_text(
        f"-f wheels\n-r more.txt\n./sub/wheels/{wheel.name}\ntorch==2.2.2\n"
    )
    found = install(cuda_machine, tmp_path / "t", "-r", "sub/r.txt")
    assert (found["torch"], found["numpy"]) == ("2.2.2+cu118", "1.26.4")


@pytest.mark.parametrize(
    "data",
    [
        "# -*- coding: latin-1 -*-\n# é\ntorch==${WANTED}\n".encode("latin-1"),
        b"\xef\xbb\xbf# \xc3\xa9\ntorch \\\n  ==2.2.2 \\\n  # why\n",
        "torch==2.2.2 # é".encode("utf-16"),
    ],
)
def test_encodings_variables_and_continuations(
    cuda_machine: Machine, tmp_path: Path, data: bytes
) -> None:
    cuda_machine.variables["WANTED"] = "2.2.2"
    (cuda_machine.home / "r.txt").write_bytes(data)
    assert install(cuda_machine, tmp_path / "t", "-r", "r.txt")["torch"] == "2.2.2+cu118"


def _hash_of(machine: Machine, folder: Path, variant: str, spec: str) -> str:
    index = f"{machine.server.base}/{variant}" if variant else machine.server.simple
    machine.pip("download", "--no-deps", "-d", folder, "-i", index, spec)
    (wheel,) = folder.glob("*.whl")
    words = [str(machine.python), "-m", "pip", "hash", str(wheel)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("=", 1)[1]


def test_a_file_with_the_hash_of_another_build_is_refused(
    cuda_machine: Machine, tmp_path: Path
) -> None:
    digest = _hash_of(cuda_machine, tmp_path / "w", "", "torch==2.2.2")
    (cuda_machine.home / "r.txt").write_text(f"torch==2.2.2 \\\n    --hash={digest}")
    done = cuda_machine.pipcuda("install", "-r", "r.txt", "--target", tmp_path / "t")
    message = refused(done)
    assert "torch==2.2.2 (r.txt, line 1) has hashes" in message
    assert "torch==2.2.2+cu118" in message
    assert "--as-is" in message
    assert not (tmp_path / "t").exists()


def test_a_file_with_the_hash_of_the_planned_build_goes_on(
    cuda_machine: Machine, tmp_path: Path
) -> None:
    digest = _hash_of(cuda_machine, tmp_path / "w", "cu118", "torch==2.2.2+cu118").strip()
    (cuda_machine.home / "r.txt").write_text(f"torch==2.2.2+cu118 --hash={digest}\n")
    found = install(cuda_machine, tmp_path / "t", "-r", "r.txt", "--no-deps")
    assert found == {"torch": "2.2.2+cu118"}


def test_a_refusal_installs_nothing(cuda_machine: Machine, tmp_path: Path) -> None:
    (cuda_machine.home / "r.txt").write_text("numpy\ntorch>=2.13\n")
    done = cuda_machine.pipcuda("install", "-r", "r.txt", "--target", tmp_path / "t")
    assert "nothing was installed" in refused(done)
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("version", PIP_VERSIONS)
@pytest.mark.parametrize("name", ["torch", "six"])
def test_files_that_go_round_in_a_circle(
    version: str, name: str, make_machine: Callable[[str], Machine]
) -> None:
    machine = make_machine(version)
    (machine.home / "a.txt").write_text(f"-r b.txt\n{name}\n")
    (machine.home / "b.txt").write_text("-c a.txt\n")
    done = machine.pipcuda("install", "-r", "a.txt")
    assert (done.returncode, done.stdout) == (2, "")
    first, *more = done.stderr.splitlines()
    assert first == f"error: {machine.home / 'a.txt'} names itself"
    assert "a.txt -> b.txt -> a.txt" in more[0]


@pytest.mark.parametrize("text", ["-r missing.txt\ntorch\n", "# coding: none-such\ntorch\n"])
def test_what_pip_cannot_read_is_left_to_pip(cuda_machine: Machine, text: str) -> None:
    (cuda_machine.home / "r.txt").write_text(text)
    ours = cuda_machine.pipcuda("install", "--dry-run", "-r", "r.txt")
    words = [str(cuda_machine.python), "-m", "pip", "install", "--dry-run", "-r", "r.txt"]
    pips = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        cwd=cuda_machine.home,
        env=cuda_machine.environment,
    )
    assert ours.returncode == pips.returncode != 0
    assert ours.stderr.splitlines()[-1] == pips.stderr.splitlines()[-1]
    assert "pipcuda:" not in ours.stderr


@pytest.mark.skipif(os.name == "nt", reason="no /dev/stdin")
@pytest.mark.parametrize("text", ["torch==2.2.2\n", "numpy<2\n"])
def test_a_pipe_is_read_once(cuda_machine: Machine, tmp_path: Path, text: str) -> None:
    words = ["install", "--target", str(tmp_path / "t"), "-r", "/dev/stdin"]
    done = subprocess.run(
        [str(cuda_machine.python), "-m", "pip_hook", *words],
        input=text, capture_output=True, text=True, check=False,
        cwd=cuda_machine.home, env=cuda_machine.environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "t")
    assert found.get("torch", "2.2.2+cu118") == "2.2.2+cu118"
    assert found.get("numpy", "1.26.4") == "1.26.4"


def test_a_password_in_a_file_is_not_printed(cuda_machine: Machine, tmp_path: Path) -> None:
    server = cuda_machine.server
    server.fault("/whl", "auth")
    url = server.with_credentials(f"{server.base}/cu118")
    (cuda_machine.home / "r.txt").write_text(f"--extra-index-url {url}\ntorch==2.2.2\n")
    done = cuda_machine.pipcuda("install", "-r", "r.txt", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu118"
    assert "password" not in done.stdout + done.stderr


def test_a_hundred_thousand_lines_are_read_in_no_time(tmp_path: Path) -> None:
    from pip_hook.files.requirement_file import FileReader

    lines = [f"package-{at}==1.{at} \\\n    --hash=sha256:{at:064}" for at in range(50_000)]
    (tmp_path / "r.txt").write_text("\n".join(lines))
    began = time.process_time()
    assert FileReader().read(str(tmp_path / "r.txt"), is_constraint=False) is not None
    assert time.process_time() - began < 1.0


def test_files_that_name_each_other_over_and_over(tmp_path: Path) -> None:
    from conda_cuda_guard.model import UsageError
    from pip_hook.files.requirement_file import FileReader

    for at in range(60):
        before = "".join(f"-r r{at - back}.txt\n" for back in (1, 2) if at >= back)
        (tmp_path / f"r{at}.txt").write_text(before or "torch\n")
    few = FileReader().read(str(tmp_path / "r15.txt"), is_constraint=False)
    assert few is not None
    assert few.readings == 2583
    began = time.process_time()
    with pytest.raises(UsageError, match=r"r18.txt, line 2: more than 10000 files"):
        FileReader().read(str(tmp_path / "r59.txt"), is_constraint=False)
    assert time.process_time() - began < 2
