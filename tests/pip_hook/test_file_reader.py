"""pip's own parser, of several versions, reads requirement files as we do."""

from __future__ import annotations

import json
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.pips import PIP_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = 150

# Runs inside the environment of the pip in question, for each folder that stands on its input.
_BOTH = """
import json, os, sys
from pip._internal.req.req_file import parse_requirements
from pip._internal.network.session import PipSession
from conda_cuda_guard.model import UsageError
from pip_hook.files.requirement_file import FileReader, UnreadableFileError, RequirementLine
session = PipSession()
def place(number, path):  # old pips name a nested file from where they stand
    return f"{number} {os.path.basename(path)}"
for name in sys.stdin:
    os.chdir(name.strip())
    try:
        pips = [
            [one.requirement.strip(), bool(one.constraint),
             place(*one.line_source[5:].split(" of "))]
            for one in parse_requirements("r.txt", session)
            if not one.is_editable and "torch" in one.requirement.lower()
        ]
    except Exception as error:
        pips = None
    try:
        file = FileReader().read("r.txt", is_constraint=False)
        ours = [
            [one.requirement, one.file.is_constraint,
             place(one.line.first + 1, one.file.path)]
            for one in file.in_order() if isinstance(one, RequirementLine)
            # A line whose options say torch is none that asks for it.
            if "torch" in one.requirement.lower()
        ]
    except (UnreadableFileError, UsageError):
        ours = None
    print(json.dumps([pips, ours]))
"""

_PARTS = (
    "torch", "torch==2.1.2", "TorchVision >= 0.16 ; python_version > '3'", "numpy<2", "", "  ",
    "# torch", "torch # why", "torch#no", "\\", "torch \\", "  ==2.1 \\", "torch\\\\", "-r a.txt",
    "--requirement=b.txt", "-c a.txt", "-ca.txt -r b.txt", "--con b.txt", "${WANTED}",
    "torch==${NUMBER}", "${NONE}torch", "torch --hash=sha256:00", "--pre", "-i http://h/torch",
    "-e ./torch", "torch[x,y]==1", "torch @ http://h/torch-1-py3-none-any.whl", "  torch",
    "\ttorch\t", "-f ./torch", "é torch", "torch -", "--no-binary torch", "# \\", " # \\ torch",
    "--extra-index-url http://h/s # x", "torch\x0cnumpy", "torch\u2028torch",
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "cookie")


def _write(chance: random.Random, path: Path) -> None:
    ends = chance.choice(["\n", "\r\n"])
    text = ends.join(chance.choices(_PARTS, k=chance.randint(0, 8)))
    if chance.random() < 0.8:  # else most files would name each other in a circle
        text = text.replace("a.txt", "c.txt").replace("b.txt", "c.txt")
    encoding = chance.choice(_ENCODINGS)
    if encoding == "cookie":
        cookie = "# -*- coding: latin-1 -*-" + ends
        path.write_bytes((cookie + text).encode("latin-1", errors="replace"))
    else:
        path.write_bytes(text.encode(encoding))


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_the_same_file_reads_the_same(
    version: str, pip_env: Callable[[str], Path], tmp_path: Path
) -> None:
    chance = random.Random(version)
    folders = [tmp_path / str(number) for number in range(FILES)]
    for folder in folders:
        folder.mkdir()
        for name in ("r.txt", "a.txt", "b.txt"):
            _write(chance, folder / name)
        (folder / "c.txt").write_text("torch<3\n-f ./here\n")
    done = subprocess.run(
        [str(pip_env(version)), "-W", "ignore", "-c", _BOTH],
        input="\n".join(map(str, folders)), capture_output=True, text=True, check=True,
        env={"WANTED": "torchaudio", "NUMBER": "2.1", "PIP_CONFIG_FILE": "/dev/null", "PATH": ""},
    )  # fmt: skip
    compared = 0
    for folder, answer in zip(folders, map(json.loads, done.stdout.splitlines())):
        pips, ours = answer
        if pips is not None:  # where pip refuses the file, it will say so
            assert ours == pips, (folder / "r.txt").read_bytes()
            compared += bool(pips)
    assert compared > FILES / 5
