"""What is not understood is one message and exit status 2: what, where, why, and what to type.

`plan`, `rewrite`, `matrix` and `env` have no pip after them that would complain; `install`,
`download` and `wheel` leave pip's own complaints to pip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pip_hook.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine

FILES = {
    "good.txt": "torch==2.1.2 ; python_version > '3'\n./here\nnumpy[extra]<2  # why\n-e ./here\n",
    "two.txt": "# requirements\nnumpy\ntorch==2.3.1 torchvision\n",
    "outer.txt": "numpy\n-r inner.txt\n",
    "inner.txt": "\ntorch=2.3.1\n",
    "circle.txt": "-c no-such-constraints.txt\n",
    "options.txt": "numpy\n--no-such-option x\n",
    "binary.txt": "torch\udcff\n",
}


@pytest.fixture(autouse=True)
def _folder(plain_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del plain_environment
    for name, value in (("CUDA", "12.1"), ("GPU", "8.0")):
        monkeypatch.setenv(f"CUDA_GUARD_{name}", value)
    (tmp_path / "here").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))


def message(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that is to be refused as unusable; return its message."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert "\n  next: " in captured.err
    assert captured.err.count("error: ") == 1
    return captured.err


@pytest.mark.parametrize(
    ("words", "said", "following"),
    [
        (["plan", "torch", "--polcy", "strict"], "no option --polcy", "--policy auto|strict"),
        (["plan", "torch", "--gpus", "A100"], "no option --gpus", "--gpu NAME|X.Y"),
        (["plan", "torch", "--jsn"], "no option --jsn", "--json"),
        (["plan", "torch", "--upgrad3"], "no option --upgrad3", "--upgrade"),
        (["plan", "torch", "--surely-no-option"], "no option --surely", "pipcuda plan --help"),
        (["plan", "torch", "-Z"], "no option -Z", "pipcuda plan --help"),
        (["plan", "torch", "--no"], "--no is short for several", "write the one that is meant"),
        (["plan", "torch", "--pre=yes"], "--pre takes no value", "pipcuda plan --help"),
        (["plan", "torch", "--target"], "--target needs a value", "pipcuda plan --help"),
        (["plan", "torch", "--markdown"], "--markdown does nothing here", "pipcuda plan --help"),
        (["plan", "torch", "--verify"], "--verify does nothing here", "pipcuda plan --help"),
        (["rewrite", "r.txt", "--verify"], "--verify does nothing here", "pipcuda rewrite --help"),
        (["env", "--verify"], "--verify does nothing here", "pipcuda env --help"),
        (["rewrite", "good.txt", "--otput", "x"], "no option --otput", "--output OUT"),
        (["matrix", "--markdwn"], "no option --markdwn", "--markdown"),
        (["env", "--writ"], "no option --writ", "--write"),
    ],
)
def test_an_option(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str, following: str
) -> None:
    text = message(words, capsys)
    assert said in text.splitlines()[0]
    assert f"next: {following}" in text


@pytest.mark.parametrize(
    ("typed", "why", "following"),
    [
        ("torch==2.3.1==", "", "torch==2.3.1"),
        ("torch=2.3.1", "", "torch==2.3.1"),
        ("torch=>2.3", "", "torch>=2.3"),
        ("torch 2.3.1", "", "torch==2.3.1"),
        ("torch torchvision==0.18", "several requirements", "torch torchvision==0.18"),
        ("torch]", "", "NAME==VERSION"),
        ("torch@2.3.1", "begins with its scheme", "torch==2.3.1"),
        ("torch @ some.whl", "begins with its scheme", "NAME==VERSION"),
        ("", "", "NAME==VERSION"),
        ("./surely-no-folder", "No such file", "NAME==VERSION"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "env"])
def test_a_requirement(
    capsys: pytest.CaptureFixture[str], command: str, typed: str, why: str, following: str
) -> None:
    text = message([command, typed], capsys)
    assert (typed or "''") in text.splitlines()[0]
    assert why in text.splitlines()[1]
    assert text.rstrip().endswith(following)


@pytest.mark.parametrize(
    ("option", "name", "said", "why"),
    [
        ("-r", "surely-no-file.txt", "surely-no-file.txt cannot be read", "No such file"),
        ("-c", "surely-no-file.txt", "surely-no-file.txt cannot be read", "No such file"),
        ("-r", "here", "here cannot be read", "Is a directory"),
        ("-r", "two.txt", "two.txt, line 3: cannot parse", "several requirements"),
        ("-r", "outer.txt", "inner.txt, line 2: cannot parse", "Expected"),
        ("-r", "circle.txt", "no-such-constraints.txt cannot be read", "circle.txt, line 1 names"),
        ("-r", "options.txt", "options.txt, line 2: cannot parse the options", "no such options"),
    ],
)
def test_a_file(
    capsys: pytest.CaptureFixture[str], option: str, name: str, said: str, why: str
) -> None:
    text = message(["plan", "torch", option, name], capsys)
    assert said in text.splitlines()[0]
    assert why in text.splitlines()[1]
    if option == "-r":
        assert said in message(["rewrite", name], capsys).splitlines()[0]


def test_a_file_of_pips_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONSTRAINT", "surely-no-file.txt")
    text = message(["plan", "torch"], capsys)
    assert "surely-no-file.txt cannot be read" in text
    assert "pip's setting constraint names it" in text


def test_an_environment_file_is_no_requirements_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "environment.yml"
    file.write_text("name: x\ndependencies:\n  - pytorch\n")
    text = message(["plan", "-r", str(file)], capsys)
    assert f"{file} is no requirements file" in text
    assert f"pipcuda rewrite {file}" in text
    (tmp_path / "x.txt").write_text("name: x\n")
    assert "cannot parse the requirement 'name: x'" in message(
        ["plan", "-r", str(tmp_path / "x.txt")], capsys
    )


def test_what_is_editable_or_named_by_a_variable_is_something_to_plan(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["plan", "-e", "here", "--cuda", "12.4", "--offline"]) == 0
    monkeypatch.setenv("PIP_REQUIREMENT", "good.txt")
    assert main(["plan", "--cuda", "12.4", "--offline"]) == 0
    assert "nothing to plan" not in capsys.readouterr().err


def test_what_pip_takes_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["torch @ https://example.org/torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl", "./here"]
    more = ["git+https://example.org/x.git", "here[extra]", "numpy>=1,<2; python_version > '3'"]
    assert main(["plan", *words, *more, "-r", "good.txt", "-e", "surely-not-there"]) == 0
    assert capsys.readouterr().err == ""


def test_a_password_is_not_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("torch http://me:secret@example.org/x\n")
    text = message(["plan", "-r", "r.txt"], capsys)
    assert "secret" not in text
    assert "****" in text


@pytest.mark.parametrize("command", ["install", "download", "wheel"])
@pytest.mark.parametrize("package", ["torch", "numpy"])
def test_an_option_close_to_one_of_ours_is_suggested(
    capsys: pytest.CaptureFixture[str], command: str, package: str
) -> None:
    text = message([command, package, "--polcy", "strict"], capsys)
    assert "there is no option --polcy" in text
    assert "next: --policy auto|strict" in text


@pytest.mark.parametrize(
    "words",
    [
        ["install", "--surely-no-option", "numpy"],
        ["install", "--no", "numpy"],
        ["install", "--pre=yes", "numpy"],
        ["install", "numpy=2"],
        ["install", "-r", "surely-no-file.txt"],
        ["install", "--target"],
    ],
    ids=" ".join,
)
def test_other_complaints_are_pips(machine: Machine, words: list[str]) -> None:
    assert machine.pipcuda(*words) == machine.pip(*words)


@pytest.mark.parametrize(
    ("words", "following"),
    [
        (["doctor", "--jsn"], "--json"),
        (["doctor", "--hots=x"], "--host FILE"),
        (["verify", "--timeuot", "3"], "--timeout S"),
        (["mirrors", "--tst"], "--test"),
        (["mirrors", "--surely-no-option"], "pipcuda mirrors --help"),
    ],
)
def test_an_option_of_a_command_that_takes_none_of_pips(
    capsys: pytest.CaptureFixture[str], words: list[str], following: str
) -> None:
    text = message(words, capsys)
    assert f"there is no option {words[1].partition('=')[0]}" in text.splitlines()[0]
    assert text.rstrip().endswith(f"next: {following}")


def test_a_long_option_has_its_help_on_the_next_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("  --variant cuXXX|cpu|auto")
    assert lines[at + 1] == f"{'':<23}The build to take, as if its label had been typed."
    assert f"  {'--driver V':<20} The driver's version." in lines
