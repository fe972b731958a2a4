"""`pipcuda rewrite environment.yml`: conda part and pip list by one plan, all else as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pip_hook.cli import main
from tests.support.fixtures import conda
from tests.support.tools import run

if TYPE_CHECKING:
    from tests.support.real_conda import Conda
    from tests.support.tools import Result

    from .running import Machine

__all__ = ["conda"]

OPTIONS = ("--driver", "535.104.05", "--gpu", "A100", "--offline")
INDEX = "--extra-index-url {base}/cu121"
_READ = """\
import json, sys
from conda.env.env import from_file
read = from_file(sys.argv[1])
print(json.dumps([read.channels, dict(read.dependencies)]))
"""


def rewrite(machine: Machine, text: str | bytes, *more: str) -> Result:
    """Rewrite an environment file into another."""
    data = text if isinstance(text, bytes) else text.encode()
    (machine.home / "environment.yml").write_bytes(data)
    (machine.home / "out.yml").unlink(missing_ok=True)
    done = machine.pipcuda("rewrite", "environment.yml", "-o", "out.yml", *OPTIONS, *more)
    assert (machine.home / "environment.yml").read_bytes() == data
    assert done.stdout == ""
    return done


def rewritten(machine: Machine, text: str, *more: str) -> str:
    """Return the new text, which is itself right already."""
    done = rewrite(machine, text, *more)
    assert done.returncode == 0, done.stderr
    new = (machine.home / "out.yml").read_bytes()
    again = rewrite(machine, new, *more)
    assert again.returncode == 0, again.stderr
    assert (machine.home / "out.yml").read_bytes() == new
    return new.decode()


CONDA = """\
# ours
name: vision   # the name
channels:
  # the lab's first
  - bioconda
dependencies:
  - python=3.11  # as on the cluster
  - "pytorch>=2.1,<2.2"   # [linux] why
  # a comment between
  - 'torchvision'
  - numpy<2
variables: {A: "1"}
"""
CONDA_AFTER = """\
# ours
name: vision   # the name
channels:
  # the lab's first
  - pytorch
  - nvidia
  - bioconda
dependencies:
  - python=3.11  # as on the cluster
  - "pytorch==2.1.2[build=*cuda12.1*]"   # [linux] why
  # a comment between
  - 'torchvision=0.16.2'
  - pytorch-cuda=12.1
  - numpy<2
variables: {A: "1"}
"""
PIP = """\
name: vision
dependencies:
- python=3.11
- pip:
  # wheels
  - numpy<2
  - 'torch==2.2.2'   # here
  - torchvision ; python_version > "3"
- zlib
"""
PIP_AFTER = """\
name: vision
dependencies:
- python=3.11
- pip:
  # wheels
  - numpy<2
  - {index}
  - 'torch==2.2.2+cu121'   # here
  - torchvision==0.17.2+cu121 ; python_version > "3"
- zlib
"""
BOTH = """\
channels: [conda-forge]
dependencies:
  - python=3.11
  - pytorch=2.4
  - pip
  - pip:
      - requests  # stays
      - torchvision  # goes
"""
BOTH_AFTER = """\
channels: [conda-forge]
dependencies:
  - python=3.11
  - pytorch==2.4.1[build=cuda120*]
  - torchvision=0.19.1
  - cuda-version=12.0
  - pip
  - pip:
      - requests  # stays
"""
FLOW = 'dependencies: [python=3.11, {pip: [requests, "torch==2.2.2"]}]  # one line'
FLOW_AFTER = (
    'dependencies: [python=3.11, {{pip: [requests, {index}, "torch==2.2.2+cu121"]}}]  # one line'
)
CASES = {
    "conda": (CONDA, CONDA_AFTER),
    "pip": (PIP, PIP_AFTER),
    "moved": (BOTH, BOTH_AFTER),
    "flow": (FLOW, FLOW_AFTER),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_all_but_the_family_stays(machine: Machine, case: str, end: str) -> None:
    before, after = (text.replace("\n", end) for text in CASES[case])
    index = INDEX.format(base=machine.server.base)
    expected = after if case in ("conda", "moved") else after.format(index=index)
    assert rewritten(machine, before) == expected


@pytest.mark.parametrize("case", CASES)
def test_conda_reads_what_was_written(machine: Machine, conda: Conda, case: str) -> None:
    text = rewritten(machine, CASES[case][0])
    read = run(
        [str(conda.python), "-c", _READ, str(machine.home / "out.yml")],
        env=conda.environment(plugin=False),
        cwd=machine.home,
    )
    assert read.returncode == 0, read.stderr
    channels, parts = json.loads(read.stdout.splitlines()[-1])
    if case == "conda":
        assert channels == ["pytorch", "nvidia", "bioconda"]
        assert "pytorch==2.1.2[build=*cuda12.1*]" in parts["conda"]
        assert "pip" not in parts
    elif case == "moved":
        assert "pytorch==2.4.1[build=cuda120*]" in parts["conda"]
        assert parts["pip"] == ["requests"]
    else:
        assert INDEX.format(base=machine.server.base) in parts["pip"]
        assert "torch==2.2.2+cu121" in parts["pip"], text


def test_a_moved_companion_is_told(machine: Machine) -> None:
    done = rewrite(machine, BOTH)
    assert "[pip-conda-mix]" in done.stderr
    assert "torchvision" in done.stderr


def test_an_empty_pip_list_goes(machine: Machine) -> None:
    text = "channels: [conda-forge]\ndependencies:\n  - pytorch=2.4\n  - pip:\n    - torchvision\n"
    new = rewritten(machine, text)
    assert "pip" not in new
    assert "  - torchvision=0.19.1\n" in new


def test_channels_are_written_where_there_are_none(machine: Machine) -> None:
    new = rewritten(machine, "name: x\ndependencies:\n  - python=3.11\n  - pytorch=2.1")
    assert new.splitlines()[:3] == ["name: x", "channels: [pytorch, nvidia]", "dependencies:"]
    new = rewritten(machine, "channels:\ndependencies:\n  - python=3.11\n  - pytorch=2.1\n")
    assert new.splitlines()[0] == "channels: [pytorch, nvidia]"


def test_a_selector_of_another_channel_is_replaced(machine: Machine) -> None:
    text = "channels:\n- conda-forge\ndependencies:\n- cudatoolkit=11.8  # old\n- pytorch=2.4\n"
    new = rewritten(machine, text)
    assert "- cuda-version=11.8  # old\n- pytorch==2.4.1[build=cuda118*]\n" in new
    assert "cudatoolkit" not in new


def test_the_pip_list_is_planned_for_the_files_python(machine: Machine) -> None:
    text = "dependencies:\n- python={}\n- pip:\n  - torch<2.3\n"
    assert "torch==2.2.2+cu121" in rewritten(machine, text.format("3.11"))
    # The last torch for Python 3.7.
    assert "torch==1.13.1+cu117" in rewritten(machine, text.format("3.7.12"))


def test_the_index_is_asked_for_the_pip_list(machine: Machine) -> None:
    text = "dependencies:\n- python=3.11\n- pip:\n  - torch==2.2.2\n"
    (machine.home / "environment.yml").write_text(text)
    done = machine.pipcuda("rewrite", "environment.yml", *OPTIONS[:4])
    assert done.returncode == 0, done.stderr
    assert "torch==2.2.2+cu121" in done.stdout
    assert "[index-unreachable]" not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "# nothing of CUDA\ndependencies: [numpy, zlib]",
        "dependencies:\n- &one numpy\n- *one\n",
        "dependencies:\n- torchmetrics\n- pip:\n  - torchmetrics\n",
    ],
)
def test_without_the_family_nothing_changes(machine: Machine, text: str) -> None:
    done = rewrite(machine, text)
    assert (machine.home / "out.yml").read_text("utf-8") == text
    assert "Unchanged" in done.stderr


def test_as_is_changes_nothing(machine: Machine) -> None:
    assert rewritten(machine, BOTH, "--as-is") == BOTH


REFUSED = [
    (
        "dependencies: [pytorch, {pip: [torch]}]",
        "asks for torch twice: by pip (torch)",
    ),
    ("dependencies: [torchvision, {pip: ['torch>=2']}]", "asks for torch twice"),
    ("dependencies: [pytorch, {pip: ['torchvision[scipy]']}]", "beside conda's pytorch"),
    ("dependencies: ['pytorch>=99']", "Refused"),
    ("dependencies: [python=3.11, {pip: ['torch>=99']}]", "Refused"),
    ("dependencies: [numpy, cuda-version=13]", "Refused"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_cannot_be_planned_is_refused(machine: Machine, text: str, said: str) -> None:
    done = rewrite(machine, text)
    assert done.returncode == 3
    assert said in done.stderr
    assert not (machine.home / "out.yml").exists()


UNUSABLE = [
    (b"", "it is empty"),
    (b"# only this\n", "it is empty"),
    (b"- torch\n", "no mapping"),
    (b"name: x\n", "no dependencies"),
    (b"dependencies:\n", "no dependencies"),
    (b"dependencies: []\n", "no dependencies"),
    (b"dependencies: pytorch\n", "(line 1)"),
    (b"dependencies: {pytorch: 2}\n", "dependencies is no list"),
    (b"dependencies:\n- pytorch\n- [a]\n", "(line 3)"),
    (b"dependencies:\n- pytorch\n-\n", "is no text"),
    (b"dependencies:\n- conda:\n  - torch\n", "one list, that of pip"),
    (b"dependencies:\n- pip: [a]\n- pip: [torch]\n", "one list, that of pip"),
    (b"dependencies:\n- pip: torch\n", "pip is no list"),
    (b"dependencies:\n- pip:\n  - torch: 2\n", "an item of pip is no text"),
    (b"dependencies:\n- pip:\n  - |\n    torch\n", "several lines"),
    (b"dependencies:\n- pip:\n  - torch \\\n  - numpy\n", "without the backslash"),
    (b"dependencies:\n- pip:\n  - -r gone.txt\n", "gone.txt"),
    (b"channels: pytorch\ndependencies: [pytorch]\n", "channels is no list"),
    (b"dependencies: [a]\ndependencies: [pytorch]\n", "dependencies twice"),
    (b"dependencies:\n\t- pytorch\n", "no YAML"),
    (b"dependencies: [pytorch\n", "no YAML"),
    (b"dependencies: [pytorch]\n---\na: b\n", "no YAML"),
    (b"dependencies: [pytorch, \x00]\n", "no YAML"),
    (b"dependencies: [pytorch] # \xff\n", "not UTF-8"),
    (b"dependencies: " + b"[" * 5000, "no environment file"),
    (b"dependencies:\n- &one pytorch\n- python=3.11\n", "has anchors (line 2)"),
]


@pytest.mark.parametrize(("data", "said"), UNUSABLE, ids=[str(one[0][:40]) for one in UNUSABLE])
def test_a_file_that_is_none_is_said_to_be(
    data: bytes,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("environment.yml").write_bytes(data)
    assert main(["rewrite", "environment.yml", "-o", "out.yml", *OPTIONS]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "next:" in printed.err
    assert "Traceback" not in printed.err
    assert Path("environment.yml").read_bytes() == data
    assert not Path("out.yml").exists()


def test_a_missing_file_is_said_to_be(machine: Machine) -> None:
    done = machine.pipcuda("rewrite", "gone.yaml", *OPTIONS)
    assert done.returncode == 2
    assert "gone.yaml cannot be read" in done.stderr


def test_a_file_that_the_list_names_is_rewritten_by_itself(machine: Machine) -> None:
    (machine.home / "more.txt").write_text("torch==2.2.2\n")
    done = rewrite(machine, "dependencies:\n- python=3.11\n- pip:\n  - -r more.txt\n")
    assert done.returncode == 0, done.stderr
    assert "more.txt must be rewritten too" in done.stderr
    assert (machine.home / "more.txt").read_text() == "torch==2.2.2\n"


def test_a_channels_password_is_not_shown(machine: Machine) -> None:
    text = "channels: ['http://me:hush@example.org/conda']\ndependencies: [python=3.11, pytorch]\n"
    done = rewrite(machine, text)
    assert "hush" not in done.stderr
    assert "[insecure-index]" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_encoding_stays(machine: Machine, encoding: str) -> None:
    text = "# é\ndependencies:\n- python=3.11\n- pip: [torch==2.2.2]\n"
    done = rewrite(machine, text.encode(encoding))
    assert done.returncode == 0, done.stderr
    new = (machine.home / "out.yml").read_bytes().decode(encoding)
    assert new.startswith("# é\n")
    assert "torch==2.2.2+cu121" in new


FAMILIES = """\
channels: [defaults]
dependencies:
  - python=3.11
  - jaxlib >=0.4   # ours
  - faiss-gpu
"""


def test_families_beside_torch_get_builds_that_run_here(machine: Machine) -> None:
    new = rewritten(machine, FAMILIES)
    assert "  - jaxlib>=0.4[build=*cuda*]   # ours\n" in new
    assert "  - faiss[build=*cuda*]\n" in new
    assert "  - cuda-version<13\n" in new
    assert "channels: [conda-forge, defaults]" in new


def test_a_refusal_names_the_lines_of_the_file(machine: Machine) -> None:
    text = (
        "dependencies:\n  - python=3.11\n  - pip:\n    - torch==2.5.1\n    - torchvision==0.19.0\n"
    )
    done = rewrite(machine, text.replace("2.5.1", "9.9"))
    assert done.returncode == 3
    assert "torch==9.9 (environment.yml, line 4)" in done.stderr
