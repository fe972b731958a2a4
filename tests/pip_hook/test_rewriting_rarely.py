"""`pipcuda rewrite` where few files come: found as lines that no other test reached."""

from __future__ import annotations

import pytest
import yaml

from tests.fuzz.running import DONE, MACHINE, UNUSABLE, place, said


def rewritten(text: str, *more: str) -> str:
    """Return the new text of an environment file, which is itself right already."""
    with place() as folder:
        path = folder / "environment.yml"
        path.write_text(text, "utf-8")
        done = said("rewrite", "environment.yml", *(more or MACHINE))
        assert done.status == DONE, done
        path.write_bytes(done.out)
        assert said("rewrite", "environment.yml", *(more or MACHINE)).out == done.out
        return done.out.decode()


@pytest.mark.parametrize(
    "specs",
    [
        ["pytorch=2.1.2", "pytorch-cuda=12.1", "cudatoolkit=11.8"],
        ["cudatoolkit=11.8", "pytorch-cuda=12.1", "pytorch=2.1.2"],
        ["cudatoolkit=11.8", "pytorch-cuda=12.1", "pytorch=2.1.2", "numpy"],
    ],
)
def test_a_spec_is_taken_out_of_a_list_in_brackets(specs: list[str]) -> None:
    new = rewritten(f"channels: [pytorch, nvidia]\ndependencies: [{', '.join(specs)}]\n")
    kept = yaml.safe_load(new)["dependencies"]
    assert len(kept) == len(specs) - 1
    assert {one.partition("=")[0] for one in kept} >= {"pytorch", "pytorch-cuda"}


def test_an_empty_pip_list_asks_for_nothing() -> None:
    text = "channels: [conda-forge]\ndependencies: [numpy, {pip: }]\n"
    assert rewritten(text) == text


@pytest.mark.parametrize("words", [("a.txt", "b.txt"), (), ("gone.txt",)])
def test_what_cannot_be_rewritten_is_unusable(words: tuple[str, ...]) -> None:
    with place():
        done = said("rewrite", *words, *MACHINE)
        assert (done.status, done.out) == (UNUSABLE, b"")


def test_its_help_is_printed() -> None:
    with place():
        done = said("rewrite", "--help")
        assert done.status == DONE
        assert b"pipcuda rewrite" in done.out
