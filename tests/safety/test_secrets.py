"""Known secrets in every place that takes an address, and every byte that any command writes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import run_pipcuda
from tests.support.tools import Result, isolated_environment

from .test_redaction import SECRET

if TYPE_CHECKING:
    from pathlib import Path

# Where each shape is an address that nothing answers at once. (Port 9 is closed everywhere.)
HOST = "127.0.0.1:9"
_SHAPES = (
    f"http://me:{SECRET}@{HOST}/simple",
    f"http://{HOST}/t/{SECRET}/simple",
    f"http://me:it's\"{SECRET}@{HOST}/simple",
    f"http://me:x/{SECRET}@{HOST}/simple",
    f"http:/me:{SECRET}@{HOST}/simple",
    f"//me:{SECRET}@{HOST}/simple",
    f"http://{HOST}/simple?token={SECRET}",
    f"http://{HOST}/simple#token={SECRET}",
)
# The others show the same of every place; test_redaction.py has all shapes by themselves.
SHAPES = (
    # By numbers, as the names of folders are made of ids.
    *(pytest.param(one, id=str(number)) for number, one in enumerate(_SHAPES[:2])),
    *(
        pytest.param(one, id=str(number), marks=pytest.mark.nightly)
        for number, one in enumerate(_SHAPES[2:], start=2)
    ),
)
MACHINE = ("--driver", "535.104.05", "--gpu", "A100")
PLAN = ("plan", "torch==2.1.2", *MACHINE)
ENV = ("env", "torch==2.1.2", *MACHINE)
MATRIX = ("matrix", *MACHINE)


class Place:
    """A home with secrets in it; `run` returns all that a command wrote."""

    def __init__(self, python: Path, home: Path) -> None:
        self.python = python
        self.home = home
        self.variables: dict[str, str] = {}
        self.mine: set[Path] = set()

    def put(self, name: str, text: str) -> Path:
        """Write a file of the user's."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        self.mine.add(path)
        return path

    def run(self, *words: str) -> Result:
        """Run pipcuda here."""
        env = {
            **isolated_environment(self.home),
            "PIP_RETRIES": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "TMPDIR": str(self.home),
            **self.variables,
        }
        return run_pipcuda(self.python, *words, env=env, cwd=self.home)

    def is_silent(self, *words: str) -> None:
        """Run a command, and fail where it shows the secret anywhere."""
        done = self.run(*words)
        assert SECRET not in done.stdout + done.stderr, (words, done)
        assert "Traceback" not in done.stderr
        # What is written on request is the user's own file with its lines.
        self.mine |= {self.home / words[at + 1] for at, word in enumerate(words) if word == "-o"}
        for path in self.home.rglob("*"):
            if path.is_file() and path not in self.mine:
                readable_by_others = path.stat().st_mode & 0o077
                assert SECRET not in str(path.relative_to(self.home))
                assert not (SECRET.encode() in path.read_bytes() and readable_by_others), path


@pytest.fixture
def place(pip_env: Callable[[str], Path], tmp_path: Path) -> Place:
    home = tmp_path / "home"
    home.mkdir()
    return Place(pip_env("newest"), home)


def each(place: Place, *commands: tuple[str, ...]) -> None:
    for words in commands:
        place.is_silent(*words)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("option", ["--index-url", "--extra-index-url", "--find-links", "--proxy"])
def test_options(option: str, shape: str, place: Place) -> None:
    each(place, (*PLAN, option, shape), (*PLAN, "--json", f"{option}={shape}"))


@pytest.mark.parametrize("shape", SHAPES)
def test_options_that_name_a_file(shape: str, place: Place) -> None:
    for option in ("-r", "-c", "--host", "--python", "--target", "--cert"):
        place.is_silent(*PLAN, option, shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_requirements_and_names(shape: str, place: Place) -> None:
    each(
        place,
        ("plan", f"torch @ {shape}", *MACHINE),
        ("plan", f"torch {shape}", *MACHINE),
        ("plan", shape, "torch", *MACHINE),
        ("plan", "--batch", shape),
        ("rewrite", shape),
        ("explain", f"No matching distribution found for torch at {shape}", "--json"),
        ("matrix", shape),
        ("matrix", "--why", shape),
        ("mirrors", "--use", shape),
        ("doctor", "--python", shape),
        ("verify", "--python", shape),
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_variables(shape: str, place: Place) -> None:
    for name in ("PIP_INDEX_URL", "CUDA_GUARD_WHEEL_INDEX", "CUDA_GUARD_DRIVER"):
        place.variables = {name: shape}
        each(place, PLAN, (*PLAN, "--json"), ENV)
    place.variables = {"PIP_FIND_LINKS": shape, "HTTPS_PROXY": shape, "PIP_CONSTRAINT": shape}
    each(place, PLAN, MATRIX, ("doctor", "--offline"), ("doctor", "--json"), ("mirrors",))


def _family(**changes: object) -> str:
    """Write the file of a family."""
    build = {"cuda": "12", "known": ["2.0"]}
    own = {"family": "warpdrive", "stems": ["warpdrive"], "builds": [build]}
    return json.dumps(
        {"table": "family", "schema": 1, "sources": ["x"], "date": "2026-11-26", **own, **changes}
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_families_of_others(shape: str, place: Place) -> None:
    place.variables = {"CUDA_GUARD_FAMILIES": shape}
    done = place.run(*PLAN)
    each(place, PLAN, (*PLAN, "--json"), ("doctor", "--offline"))
    assert "CUDA_GUARD_FAMILIES is left out" in done.stderr or not shape.startswith("http")
    build = {"cuda": "12", "known": ["2.0"]}
    for changes in (
        {"builds": [{**build, "index": shape}]},
        {"builds": [{**build, "page": shape}]},
        {"builds": [{"cuda": "13", "known": ["2.0"]}], "from_source": shape},
        {"family": shape},
        {"stems": [shape]},
        {shape: 1},
    ):
        place.put("warpdrive.json", _family(**changes))
        place.variables = {"CUDA_GUARD_FAMILIES": "warpdrive.json"}
        each(place, ("plan", "warpdrive", *MACHINE), ("plan", "warpdrive", "--json", *MACHINE))


@pytest.mark.parametrize("shape", SHAPES)
def test_configuration_of_pip(shape: str, place: Place) -> None:
    text = f"[global]\nindex-url = {shape}\nextra-index-url = {shape}\nproxy = {shape}\n"
    place.put(".config/pip/pip.conf", text.replace("%", "%%"))
    each(
        place,
        PLAN,
        (*PLAN, "--json"),
        ENV,
        (*ENV, "--json"),
        (*MATRIX, "--html"),
        (*MATRIX, "--markdown"),
        (*MATRIX, "--json"),
        ("doctor",),
        ("doctor", "--json"),
        ("mirrors", "--json"),
        ("mirrors", "--use", "tuna", "--json"),
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_files(shape: str, place: Place) -> None:
    place.put("r.txt", f"--extra-index-url {shape}\n-r {shape}\ntorch==2.1.2\n")
    place.put("bad.txt", f"torch {shape}\n--nonsense {shape}\n")
    place.put("c.txt", f"torch @ {shape}\n")
    yml = json.dumps([shape, "pytorch"])
    pip = json.dumps({"pip": [f"--extra-index-url {shape}", "torch==2.1.2", f"x @ {shape}"]})
    place.put("environment.yml", f"channels: {yml}\ndependencies: [python=3.11, {pip}]\n")
    place.put("broken.yml", f"channels: {yml}\ndependencies: [{json.dumps(shape)}, pytorch]\n")
    place.put("host.json", json.dumps({"platform": shape, "driver": shape, "gpus": [shape]}))
    place.put("batch.jsonl", json.dumps({"requirements": [f"torch @ {shape}", shape]}) + "\n")
    each(
        place,
        ("plan", "-r", "r.txt", *MACHINE),
        ("plan", "-r", "bad.txt", *MACHINE),
        ("plan", "torch", "-c", "c.txt", *MACHINE),
        ("rewrite", "r.txt", "-o", "-out.txt", *MACHINE),
        ("rewrite", "broken.yml", "-o", "out.yml", *MACHINE),
        ("plan", "torch", "--host", "host.json"),
        ("plan", "--batch", "batch.jsonl"),
    )
    done = place.run("rewrite", "environment.yml", *MACHINE)
    # Standard output is the user's own file with its lines; that is what was asked for.
    assert SECRET not in done.stderr


def test_netrc_and_keyring(place: Place) -> None:
    place.put(".netrc", f"machine 127.0.0.1 login me password {SECRET}\n").chmod(0o600)
    place.variables = {"PIP_INDEX_URL": f"http://{HOST}/simple"}
    each(place, PLAN, (*PLAN, "--json"), ("doctor", "--json"), ENV)


@pytest.mark.parametrize("shape", SHAPES)
def test_configuration_of_conda(shape: str, place: Place) -> None:
    """As the doctor and the mirrors read it, by a conda on PATH."""
    told = json.dumps({"channels": [shape], "channel_alias": shape, "default_channels": [shape],
                       "custom_channels": {"pytorch": shape}})  # fmt: skip
    for words, status in ((told, 0), (f"cannot use {shape}", 1)):
        conda = place.put("bin/conda", f"#!/bin/sh\ncat <<'END'\n{words}\nEND\nexit {status}\n")
        conda.chmod(0o755)
        place.variables = {"PATH": f"{conda.parent}{os.pathsep}{os.environ['PATH']}"}
        each(place, ("doctor", "--json"), ("mirrors",), ("mirrors", "--use", "tuna"))
