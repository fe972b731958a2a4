"""`pipcuda env`: real pips and a real uv take the planned build by what it prints."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Callable

import pytest

from pip_hook.env.constraints_file import as_word
from pip_hook.env.variables import lines, usual_shell
from tests.support.pips import PIP_VERSIONS, run_pip
from tests.support.tools import run
from tests.support.wheel_file import WheelFile

from .running import RTX_5090, Machine, installed

if TYPE_CHECKING:
    from tests.support.tools import Result

posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell and permissions")
# What the driver runs of other families that packages may bring in.
CUDA_12 = (
    "cuda-python<13",
    "cuda-bindings<13",
    "onnxruntime-genai-cuda<0.15.0",
    "onnxruntime-gpu<1.27",
)
SECRET = "https://me:secret@wheels.example/simple"


@pytest.fixture
def old_driver(machine: Machine, stub_driver: Path) -> Machine:
    """Return a machine whose driver has CUDA 12.2, torch 2.2.2 being asked for throughout."""
    return machine.with_driver(stub_driver, "535.104.05", "12.2")


def exported(machine: Machine, *words: str, more: dict[str, str] | None = None) -> dict[str, str]:
    done = machine.pipcuda("env", "--json", *(words or ("torch==2.2.2",)), more=more)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = done.json
    return found


def pip(machine: Machine, variables: dict[str, str], *words: str | Path) -> Result:
    return run_pip(machine.python, *words, env={**machine.environment, **variables})


def constraints(variables: dict[str, str]) -> list[str]:
    text = Path(variables["PIP_CONSTRAINT"].split()[-1]).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_plain_pip_takes_the_planned_build(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    found = exported(machine)
    done = pip(machine, found, "install", "timm", "lightning", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    there = installed(tmp_path / "t")
    assert (there["torch"], there["torchvision"]) == ("2.2.2+cu121", "0.17.2+cu121")
    assert there["numpy"] == "1.26.4"
    assert "torchaudio" not in there


def test_what_is_constrained_is_torch_and_what_belongs_to_it(old_driver: Machine) -> None:
    found = exported(old_driver)
    assert constraints(found) == [
        "torch==2.2.2+cu121",
        "torchvision==0.17.2+cu121",
        "torchaudio==2.2.2+cu121",
        "torchtext==0.17.2",
        "numpy<2",
        "fbgemm-gpu<=0.6.0",  # these two do not say which torch they are for
        "torchrec<=0.6.0",
        "ctranslate2<4.5",  # cuDNN 8, as torch 2.2 has
        *CUDA_12,
    ]
    assert found["PIP_EXTRA_INDEX_URL"] == f"{old_driver.server.base}/cu121"
    assert found["UV_INDEX"] == f"{old_driver.server.base}/cu121"
    assert len({found[f"{who}_CONSTRAINT"] for who in ("PIP", "UV", "UV_BUILD")}) == 1
    others = exported(old_driver, "torch[opt]", "numpy<2", "--python-version", "3.11")
    # 2.14 has no torchtext any more.
    assert constraints(others) == [
        "torch==2.14.1+cu126",
        "torchvision==0.29.1+cu126",
        "torchaudio==2.11.0+cu126",
        *CUDA_12,
    ]


def test_without_a_requirement_it_is_torch(old_driver: Machine) -> None:
    assert constraints(exported(old_driver, "--offline"))[0].startswith("torch==")
    only = constraints(exported(old_driver, "torchvision==0.17.2"))
    assert {"torchvision==0.17.2+cu121", "torch==2.2.2+cu121"} <= set(only)


def test_builds_in_isolation_take_it_too(old_driver: Machine, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["torch"]\nbuild-backend = "own"\nbackend-path = ["."]\n'
        '[project]\nname = "own"\nversion = "1"\n',
        "utf-8",
    )
    (project / "own.py").write_text(
        "import pathlib, torch.version\n"
        "def build_wheel(*_, **__):\n"
        "    pathlib.Path(__file__).with_name('seen').write_text(torch.version.__version__)\n"
        "    raise SystemExit('seen')\n",
        "utf-8",
    )
    found = exported(old_driver)
    pip(old_driver, found, "wheel", "--no-deps", "-w", tmp_path / "w", project)
    assert (project / "seen").read_text("utf-8") == "2.2.2+cu121"


@pytest.mark.parametrize("secret", [False, True])
def test_uv_takes_the_planned_build(
    secret: bool, old_driver: Machine, uv: Path, tmp_path: Path
) -> None:
    more = {}
    if secret:
        old_driver.server.fault("/whl", "auth")
        more["CUDA_GUARD_WHEEL_INDEX"] = old_driver.server.with_credentials(old_driver.server.base)
    # As the real index does: it has a package of everybody's, and only an old one.
    old_driver.server.add(
        [
            WheelFile("whl/cu121/numpy", "numpy-1.0.0-py3-none-any.whl"),
            WheelFile("simple/modern", "modern-1.0-py3-none-any.whl", ("timm", "numpy>=1.26")),
        ]
    )
    found = exported(old_driver, more=more)
    assert ("UV_INDEX" in found) is not secret
    env = {
        **old_driver.environment,
        **found,
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_DEFAULT_INDEX": old_driver.server.simple,
        "UV_NO_CONFIG": "1",
    }
    words = ["pip", "install", "modern", "--python", old_driver.python, "--target", tmp_path / "t"]
    done = run([str(uv), *map(str, words)], env=env)
    assert done.returncode == 0, done.stderr
    there = installed(tmp_path / "t")
    assert (there["torch"], there["torchvision"]) == ("2.2.2+cu121", "0.17.2+cu121")


def test_credentials_are_used_and_not_printed(old_driver: Machine, tmp_path: Path) -> None:
    old_driver.server.fault("/whl", "auth")
    secret = old_driver.server.with_credentials(old_driver.server.base)
    more = {"CUDA_GUARD_WHEEL_INDEX": secret}
    done = old_driver.pipcuda("env", "torch==2.2.2", "--json", more=more)
    assert "password" not in done.stdout + done.stderr
    assert done.returncode == 0
    assert "PIP_EXTRA_INDEX_URL" not in done.json
    file = Path(done.json["PIP_CONSTRAINT"])
    assert f"--extra-index-url {secret}/cu121" in constraints(done.json)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    got = pip(old_driver, done.json, "install", "timm", "--target", tmp_path / "t")
    assert got.returncode == 0, got.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"


def test_what_is_in_force_stays(old_driver: Machine, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("numpy<2\n", "utf-8")
    old = f"{old_driver.server.base}/cu118"
    more = {"PIP_CONSTRAINT": str(mine), "PIP_EXTRA_INDEX_URL": old_driver.server.simple}
    first = exported(old_driver, more=more)
    assert first["PIP_CONSTRAINT"].split()[0] == str(mine)
    assert first["PIP_EXTRA_INDEX_URL"].split()[0] == old_driver.server.simple
    # Once more in the same shell: the plan of before makes room.
    again = exported(old_driver, "torch==2.1.1", more={**more, **first})
    assert len(again["PIP_CONSTRAINT"].split()) == 2
    assert constraints(again)[0] == "torch==2.1.1+cu121"
    assert again["PIP_EXTRA_INDEX_URL"] == first["PIP_EXTRA_INDEX_URL"]
    older = exported(old_driver, "torch==2.2.2", "--cuda", "11.8", more={**more, **first})
    assert constraints(older)[0] == "torch==2.2.2+cu118"
    assert older["PIP_EXTRA_INDEX_URL"].split() == [old_driver.server.simple, old]
    plain = exported(old_driver, "torch==2.2.2", "--cpu", more={"PIP_FIND_LINKS": str(tmp_path)})
    assert "PIP_FIND_LINKS" not in plain  # nothing is added to it
    assert old not in exported(old_driver, "--cpu", more={"UV_INDEX": old})["UV_INDEX"]


def test_private_constraints_in_force_survive_two_runs(old_driver: Machine) -> None:
    more = {"PIP_CONSTRAINT": f"{SECRET}/c.txt"}
    first = exported(old_driver, "--offline", "torch==2.2.2", more=more)
    again = exported(old_driver, "--offline", "torch==2.2.1", more=first)
    for found in (first, again):
        assert f"-c {SECRET}/c.txt" in constraints(found)
        assert "secret" not in json.dumps(found)


def test_a_refusal_prints_nothing(machine: Machine, stub_driver: Path) -> None:
    machine = machine.with_driver(stub_driver, "470.82.01", "11.4", RTX_5090)
    done = machine.pipcuda("env")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Driver 570.26 or newer" in done.stderr
    assert not list(machine.home.rglob("constraints"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--shell", "tcsh"], "the shells are sh, fish"),
        (["--write", "--undo"], "two jobs"),
        (["--write", "--json"], "--json does nothing here"),
        (["--batch", "x"], "--batch does nothing here"),
        (["--as-is"], "there is no build"),
        (["./torch-2.2.2-cp311-cp311-linux_x86_64.whl", "--cpu"], "there is no build"),
    ],
)
def test_arguments_that_cannot_be_used(machine: Machine, words: list[str], why: str) -> None:
    done = machine.pipcuda("env", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr


def test_only_the_command_is_ours(machine: Machine) -> None:
    assert "No matching distribution found for env" in machine.pipcuda("download", "env").stderr
    assert "pipcuda env" in machine.pipcuda("env", "--help").stdout


@posix
def test_a_home_with_a_space(old_driver: Machine, tmp_path: Path) -> None:
    home = tmp_path / "my own höme"
    home.mkdir()
    spaced = Machine(old_driver.python, home, old_driver.server, old_driver.variables)
    found = exported(spaced)
    assert found["PIP_CONSTRAINT"].startswith("file:///")
    assert len(found["PIP_CONSTRAINT"].split()) == 1
    done = pip(spaced, found, "install", "timm", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"
    again = exported(spaced, "torch==2.1.1", more=found)
    assert len(again["PIP_CONSTRAINT"].split()) == 1


HARD = {"A": "a b 'c' \"d\" $HOME %PATH% `x` \\ & | !", "B": "plain"}


@posix
@pytest.mark.parametrize(
    ("program", "shell"), [("sh", "sh"), ("bash", "sh"), ("fish", "fish"), ("pwsh", "powershell")]
)
def test_the_shell_gets_the_values(program: str, shell: str, tmp_path: Path) -> None:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} here")
    show = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    script = tmp_path / ("script.ps1" if shell == "powershell" else "script")
    script.write_text("\n".join([*lines(shell, HARD), show]), "utf-8")
    done = run([found, str(script)], env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert {name: done.json[name] for name in HARD} == HARD


@posix
def test_sh_evaluates_what_is_printed(old_driver: Machine, tmp_path: Path) -> None:
    pipcuda = f"{old_driver.python} -m pip_hook env torch==2.2.2"
    script = f'eval "$({pipcuda})" && {old_driver.python} -m pip install timm --target "$1"'
    words = ["/bin/sh", "-c", script, "sh", str(tmp_path / "t")]
    done = run(words, env=old_driver.environment, cwd=old_driver.home)
    assert done.returncode == 0, done.stderr
    assert "torch 2.2.2+cu121 for CUDA 12.1, direct" in done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"


def test_the_words_of_each_shell() -> None:
    value = {"A": "it's \\ 50% \u2019"}
    assert lines("fish", value) == ["set -gx A 'it\\'s \\\\ 50% \u2019'"]
    assert lines("powershell", value) == ["$env:A = 'it''s \\ 50% \u2019\u2019'"]
    assert lines("cmd", value) == ['set "A=it\'s \\ 50%% \u2019"']
    assert lines("cmd", {"A": 'a "b" & c'}) == ['set A=a ^"b^" ^& c']


def test_windows() -> None:
    assert as_word(PureWindowsPath("C:/Users/me/c.txt")) == "C:\\Users\\me\\c.txt"
    spaced = as_word(PureWindowsPath("C:/Users/John Doe/c.txt"))
    assert spaced == "file:///C:/Users/John%20Doe/c.txt"
    assert lines("cmd", {"A": spaced}) == ['set "A=file:///C:/Users/John%%20Doe/c.txt"']
    assert usual_shell("nt", {}) == "powershell"
    assert usual_shell("nt", {"SHELL": "/usr/bin/bash"}) == "sh"
    assert usual_shell("posix", {}) == "sh"


DECLARED = (
    "NV_VARIANT_PROVIDER_FORCE_CUDA_DRIVER_VERSION",
    "NV_VARIANT_PROVIDER_FORCE_SM_ARCH",
    "CONDA_OVERRIDE_CUDA",
    "CONDA_OVERRIDE_CUDA_ARCH",
)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("--cuda", "12.2", "--gpu", "A100"), ("12.2", "8.0", "12.2", "8.0")),
        (("--driver", "550.54.14"), ("12.4", "8.0", "12.4", "8.0")),  # the GPU was detected
        (("--cuda", "12.8", "--gpu", "A100", "--gpu", "T4"), ("12.8", "7.5", "12.8", "7.5")),
        (("--cuda", ""), (None, None, "", None)),
        ((), (None, None, None, None)),  # the providers detect what we have detected
    ],
    ids=str,
)
def test_a_machine_that_is_declared_is_declared_to_others(
    words: tuple[str, ...], values: tuple[str | None, ...], old_driver: Machine
) -> None:
    found = exported(old_driver, "torch==2.2.2", *words)
    assert tuple(found.get(name) for name in DECLARED) == values
