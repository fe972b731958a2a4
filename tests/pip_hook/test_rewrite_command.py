"""`pipcuda rewrite`: the file with nothing changed but the family's lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .running import Machine, installed

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = ("--driver", "520.61.05", "--gpu", "A100", "--offline", "--python-version", "3.11")


def rewritten(machine: Machine, data: bytes, *more: str) -> bytes:
    """Rewrite a file into another."""
    (machine.home / "r.txt").write_bytes(data)
    done = machine.pipcuda("rewrite", "r.txt", "-o", "out.txt", *OPTIONS, *more)
    assert done.returncode == 0, done.stderr
    assert (machine.home / "r.txt").read_bytes() == data
    assert done.stdout == ""
    return (machine.home / "out.txt").read_bytes()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comments_order_and_line_ends_stay(machine: Machine, end: str) -> None:
    before = [
        "# ours",
        "",
        "numpy<2",
        "  torch>=2.1,<2.3  # why",
        'torchvision ; python_version > "3"',
        "",
    ]
    after = [*before]
    after[3:5] = [
        f"--extra-index-url {machine.server.base}/cu118",
        "  torch==2.2.2+cu118  # why",
        'torchvision==0.17.2+cu118 ; python_version > "3"',
    ]
    assert rewritten(machine, end.join(before).encode()) == end.join(after).encode()


def test_what_was_rewritten_is_right_already(machine: Machine) -> None:
    once = rewritten(machine, b"torch\nnumpy")
    assert rewritten(machine, once) == once


def test_the_index_of_another_variant_goes(machine: Machine) -> None:
    before = f"-i {machine.server.simple}\n-f {machine.server.base}/cu121\ntorch==2.2.2+cu121\n"
    after = rewritten(machine, before.encode()).decode()
    assert (
        after.splitlines()
        == [
            f"-i {machine.server.simple}",
            f"--extra-index-url {machine.server.base}/cu118",
            "",
            "torch==2.2.2+cu118",
        ]
        or "cu121" not in after
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_the_encoding_stays(machine: Machine, encoding: str) -> None:
    text = "# coding: latin-1 é\ntorch==2.2.2\n"
    after = rewritten(machine, text.encode(encoding)).decode(encoding)
    assert after.splitlines()[0] == "# coding: latin-1 é"
    assert "torch==2.2.2+cu118" in after


def test_it_is_printed_without_an_output(machine: Machine) -> None:
    (machine.home / "r.txt").write_text("torch==2.2.2\n-r more.txt\n")
    (machine.home / "more.txt").write_text("torchvision\n")
    done = machine.pipcuda("rewrite", "r.txt", *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "torch==2.2.2+cu118\n-r more.txt\n" in done.stdout
    assert "pipcuda rewrite" in done.stderr
    assert "more.txt" in done.stderr


def test_pip_installs_what_was_written(machine: Machine, tmp_path: Path) -> None:
    words = ("--driver", "520.61.05", "--gpu", "A100")
    (machine.home / "r.txt").write_text("torch==2.2.2\ntorchvision\n")
    machine.pipcuda("rewrite", "r.txt", "-o", machine.home / "out.txt", *words)
    machine.pip("install", "-r", machine.home / "out.txt", "--target", tmp_path / "t")
    found = installed(tmp_path / "t")
    assert (found["torch"], found["torchvision"]) == ("2.2.2+cu118", "0.17.2+cu118")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "one requirements or environment file"),
        (["a.txt", "b.txt"], "2 were named"),
        (["missing.txt"], "cannot be read"),
        (["r.txt", "--output="], "--output needs a value"),
        (["r.txt", "-o", "no/such/folder"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(machine: Machine, words: list[str], said: str) -> None:
    (machine.home / "r.txt").write_text("torch\n")
    done = machine.pipcuda("rewrite", *words, *OPTIONS)
    assert done.returncode == 2
    assert said in done.stderr
    assert "next:" in done.stderr
    assert done.stdout == ""


def test_a_refusal_writes_nothing(machine: Machine) -> None:
    (machine.home / "r.txt").write_text("torch>=2.13\n")
    done = machine.pipcuda("rewrite", "r.txt", "-o", "out.txt", *OPTIONS)
    assert done.returncode == 3
    assert not (machine.home / "out.txt").exists()
