"""`pipcuda matrix`: what a person sees in a terminal, a pipe, and after a mistake."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.support.pips import pip_environment
from tests.support.tools import REPO_ROOT, run

from .matrix_running import OLD_DRIVER, Home, as_json, matrix
from .running import A100

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine

ESCAPE = "\x1b"


@pytest.fixture
def home(pip_env: Callable[[str], Path], tmp_path: Path) -> Home:
    return Home(pip_env("newest"), tmp_path)


def cell(found: Any, release: str, variant: str) -> Any:
    row = next(row for row in found["releases"] if row["release"] == release)
    return next(one for one in row["cells"] if one["variant"] == variant)


def on_terminal(
    home: Home, *words: str, width: int = 80, more: dict[str, str] | None = None
) -> str:
    """Run it on a terminal of this width, and give all that it sent there."""
    if sys.platform == "win32":
        pytest.skip("a POSIX terminal")
    import fcntl
    import pty
    import struct
    import termios

    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    env = {**pip_environment(home.path), "CUDA_GUARD_OFFLINE": "1", "TERM": "xterm", **(more or {})}
    command = [str(home.python), "-m", "pip_hook", "matrix", *words]
    with subprocess.Popen(
        command, env=env, cwd=home.path, stdin=its, stdout=its, stderr=its
    ) as child:
        os.close(its)
        sent = bytearray()
        while block := _block(ours):
            sent += block
        assert child.wait(timeout=60) == 0, sent.decode()
    os.close(ours)
    return sent.decode().replace("\r\n", "\n")


def _block(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # what Linux says of a terminal whose program has ended
        return b""


def tables(text: str) -> list[str]:
    """Return the lines down to the end of the legend; the plan's sentences are after it."""
    return text.partition("\npipcuda install")[0].splitlines()


def rows(text: str) -> dict[str, list[str]]:
    """Read the tables back: the cells by release, in the order of the columns."""
    found: dict[str, list[str]] = {}
    for line in tables(text):
        if re.match(r"\d+\.\d+\.\d+", line):
            name, _, cells = line.partition(" ") if " " in line else line.partition(">")
            found[name] = re.findall(r"([>*]?(?:yes~?|cpu|-|no [A-Z]+))", cells)
    return found


def test_the_table_of_an_old_driver(home: Home) -> None:
    done = matrix(home, "2.5", *OLD_DRIVER)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[0] == "linux-x86_64, Python 3.11, driver 535.104.05 (CUDA 12.2), A100 (8.0)"
    assert lines[2].split() == ["torch", "cu124", "cu121", "cu118", "cpu"]
    assert lines[4].split() == ["2.5.1", "yes~", ">yes", "yes", "cpu"]
    assert lines[5].split() == ["2.5.0", "yes~", "*yes", "yes", "cpu"]
    legend = [line.split()[0] for line in lines[7:12]]
    assert legend == [">", "*", "yes", "yes~", "cpu"]
    assert lines[-1] == "pipcuda install 'torch==2.5.*': torch 2.5.1+cu121 for CUDA 12.1, direct"


def test_every_letter_has_its_reason_below(home: Home) -> None:
    text = matrix(home, "--all", *OLD_DRIVER).stdout
    found = rows(text)
    used = {
        letter for cells in found.values() for one in cells for letter in one.partition("no ")[2]
    }
    assert used == {"D", "G", "P", "S"}
    legend = {
        line.split()[0] for line in text.rpartition("\n\n>")[2].splitlines() if line[:1].strip()
    }
    assert used <= legend
    assert "I" not in legend
    assert found["1.12.1"][-1] == "no P"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_it_keeps_to_the_width_of_the_terminal(home: Home, width: int) -> None:
    text = on_terminal(home, "--all", *OLD_DRIVER, width=width, more={"NO_COLOR": "1"})
    assert ESCAPE not in text
    assert max(map(len, tables(text))) <= width
    assert list(rows(text)) == [row["release"] for row in as_json(home, "--all")["releases"]]
    heads = [line.split()[1:] for line in tables(text) if line.startswith("torch ")]
    assert {"cu132", "cu126", "cu118", "cu92", "cu80", "cpu"} <= {one for h in heads for one in h}


def test_a_pipe_has_the_width_of_a_page_and_no_escapes(home: Home) -> None:
    text = matrix(home, *OLD_DRIVER, more={"TERM": "xterm-256color"}).stdout
    assert ESCAPE not in text
    assert max(map(len, tables(text))) <= 80


def test_nothing_is_cut_off_where_the_terminal_is_too_narrow(home: Home) -> None:
    text = on_terminal(home, "2.5", *OLD_DRIVER, width=20, more={"NO_COLOR": "1"})
    assert rows(text)["2.5.1"] == ["yes~", ">yes", "yes", "cpu"]


def test_colours_add_nothing_that_the_words_do_not_say(home: Home) -> None:
    coloured = on_terminal(home, *OLD_DRIVER)
    assert ESCAPE in coloured
    for colour in (31, 32, 33, 36):
        assert f"{colour}m" in coloured
    plain = on_terminal(home, *OLD_DRIVER, more={"NO_COLOR": "1"})
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_an_encoding_without_lines(home: Home) -> None:
    env = {**pip_environment(home.path), "CUDA_GUARD_OFFLINE": "1", "PYTHONIOENCODING": "ascii"}
    command = [str(home.python), "-m", "pip_hook", "matrix", "2.5", *OLD_DRIVER]
    done = run(command, env={**env, "PYTHONUTF8": "0"}, cwd=home.path)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "\\u" not in done.stdout


def test_the_reasons_are_in_full_words(home: Home) -> None:
    found = as_json(home, "--driver", "470.82.01", "--gpu", "GTX 1080", "--python-version", "3.9")
    said = [note["message"] for note in cell(found, "2.13.0", "cu130")["reasons"]]
    assert said == [
        "torch 2.13.0 (cu130) needs CUDA 13.0; driver 470.82.01 runs CUDA 11.4 at most.",
        "torch 2.13.0 (cu130) has no code for GTX 1080 (compute capability 6.1).",
        "torch 2.13.0 (cu130) was made for Python 3.10, 3.11, 3.12, 3.13, 3.14, 3.15, not for 3.9.",
    ]
    assert cell(found, "2.13.0", "cu130")["letters"] == "DGP"


def test_why(home: Home) -> None:
    done = matrix(home, "--why", "2.1.0+cu118", *OLD_DRIVER)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "torch 2.1.0 (cu118): direct",
        "  The driver has CUDA 12.2; torch 2.1.0 (cu118) needs 11.8. [driver-direct]",
        "  torch 2.1.0 (cu118) has code for A100 (compute capability 8.0). [gpu-covered]",
    ]
    row = as_json(home, "--why", "2.1.0", *OLD_DRIVER)
    assert [one["variant"] for one in row] == ["cu121", "cu118", "cpu"]


@pytest.mark.parametrize(
    ("spec", "releases"),
    [
        ("2.1", ["2.1.2", "2.1.1", "2.1.0"]),
        ("2.1.1", ["2.1.1"]),
        (">=2.14.1", ["2.15.0", "2.14.1"]),
        ("torch>=2.4,<2.5", ["2.4.1", "2.4.0"]),
        ("torch==2.0.*", ["2.0.1", "2.0.0"]),
    ],
)
def test_a_spec_chooses_the_releases(home: Home, spec: str, releases: list[str]) -> None:
    found = as_json(home, spec, *OLD_DRIVER)
    assert [row["release"] for row in found["releases"]] == releases


def test_machines_are_declared_as_for_a_plan(home: Home) -> None:
    hosts = home.path / "hosts"
    hosts.write_text('{"cuda": "12.4", "gpus": ["9.0"]}\n{"cuda": "11.8", "gpus": ["7.0"]}\n')
    both = as_json(home, "--host", str(hosts), "--python-version", "3.11")
    assert both["choice"] == {"release": "2.7.1", "variant": "cu118"}
    assert len(both["hosts"]) == 2
    variables = {"CONDA_OVERRIDE_CUDA": "11.4", "CUDA_GUARD_GPU": "8.0"}
    declared = as_json(home, "2.1", "--python-version", "3.11", more=variables)
    assert declared["hosts"][0]["cuda"] == "11.4"
    assert cell(declared, "2.1.2", "cu121")["letters"] == "D"
    assert cell(declared, "2.1.2", "cu118")["state"] == "minor-compatible"
    windows = as_json(home, "2.1", "--platform", "win_amd64", *OLD_DRIVER)
    assert windows["hosts"][0]["platform"] == "windows-amd64"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["foo"], "there is no matrix of foo"),
        (["torchvison"], "next: pipcuda matrix torchvision"),
        (["torch==a"], "cannot parse the requirement 'torch==a'"),
        (["torch torchvision"], "these are several requirements"),
        (["torch==2.9+rocm6.4"], "names no releases of torch"),
        (["9"], "no torch release satisfies torch==9.*"),
        (["2.1", "2.2"], "one SPEC"),
        (["2.1.0+cu118"], "names one build"),
        (["torchvision==0.16.2+cu121"], "next: pipcuda matrix torchvision --why 0.16.2+cu121"),
        (["--why"], "--why needs a value"),
        (["--why", "torch"], "--why takes a release"),
        (["--why", "2.1"], "2.1 is not a release of torch"),
        (["--why", "2.1.0+cu999"], "never made for cu999"),
        (["--why", "2.1.0", "2.1"], "--why names its release itself"),
        (["--why", "2.1.0", "--html"], "--why does nothing with --html"),
        (["--html", "--json"], "two forms"),
        (["--batch", "x"], "--batch does nothing here"),
        (["--as-is"], "--as-is does nothing here"),
        (["-r", "x"], "--requirement does nothing here"),
        (["--nonsense"], "no option --nonsense"),
        (["--cuda", "twelve"], "is not a CUDA version"),
        (["--gpu", "GTX 9999"], "--gpu"),
        (["--platform", "linux_ppc64le"], "PyTorch has no builds for"),
    ],
)
def test_unusable_arguments_get_one_message(home: Home, words: list[str], said: str) -> None:
    done = matrix(home, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "next:" in done.stderr


def test_help(home: Home) -> None:
    done = matrix(home, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--markdown" in done.stdout


def test_the_driver_found_and_the_index_in_use(machine: Machine, stub_driver: Path) -> None:
    here = machine.with_driver(stub_driver, "535.104.05", "12.2")
    words = ("matrix", "--json", "--python-version", "3.11")
    found = here.pipcuda(*words, "2.2").json
    assert found["hosts"][0]["gpus"] == [{"name": A100[0], "compute_capability": "8.0"}]
    assert found["choice"] == {"release": "2.2.2", "variant": "cu121"}
    assert any(seen.path.startswith("/whl/torch") for seen in here.server.requests)
    assert "index-unreachable" not in {note["code"] for note in found["notes"]}
    here.server.fault("/whl", "500")
    broken = here.pipcuda(*words, "2.2").json
    assert "index-unreachable" in {note["code"] for note in broken["notes"]}
    assert broken["choice"] == found["choice"]


def test_the_documentation_shows_what_it_prints(home: Home) -> None:
    text = (REPO_ROOT / "docs" / "matrix.md").read_text("utf-8")
    shown = re.findall(r"```console\n\$ pipcuda matrix (--.*?)\n(.*?)```", text, re.DOTALL)
    assert len(shown) == 2
    for words, output in shown:
        done = matrix(home, *shlex.split(words))
        assert [line.rstrip() for line in done.stdout.splitlines()] == output.splitlines()
