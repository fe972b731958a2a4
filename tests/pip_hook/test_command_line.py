"""Finding the requirements in a pip command line."""

from __future__ import annotations

import shlex

import pytest

from conda_cuda_guard.model import UsageError
from pip_hook.cli import _may_be_ours
from pip_hook.command_line import read_command_line


@pytest.mark.parametrize(
    ("line", "requirements"),
    [
        ("install torch", ["torch"]),
        ("install torch torchvision==0.16", ["torch", "torchvision==0.16"]),
        ("install -r torch", []),
        ("install -rtorch numpy", ["numpy"]),
        ("install --requirement torch", []),
        ("install --requirement=torch", []),
        ("install --requirem torch numpy", ["numpy"]),
        ("install -U torch", ["torch"]),
        ("install -qqU torch", ["torch"]),
        ("install -qqt torch numpy", ["numpy"]),
        ("install -Ut here torch", ["torch"]),
        ("install -c torch==2.0 torch", ["torch"]),
        ("install --pre torch", ["torch"]),
        ("install --no-index --find-links torch torch", ["torch"]),
        ("install -- torch --pre", ["torch", "--pre"]),
        ("install torch -- -e", ["torch", "-e"]),
        ("install -e torch", []),
        ("install --no-binary torch torch", ["torch"]),
        ("--proxy torch install torch", ["torch"]),
        ("-q --log torch install --upgrade torch", ["torch"]),
        ("install --config-settings torch=1 torch", ["torch"]),
        ("download -d torch torch", ["torch"]),
        ("wheel -w torch torch", ["torch"]),
        ("install", []),
        ("install --target", []),
        ("install ''", [""]),
    ],
)
def test_the_requirements_are_found(line: str, requirements: list[str]) -> None:
    words = shlex.split(line)
    found = read_command_line(words)
    assert [found.words[at] for at in found.requirements] == requirements
    assert found.words == words


@pytest.mark.parametrize("line", ["list torch", "config set install.torch x", "torch", "", "-V"])
def test_other_commands_are_not_read(line: str) -> None:
    words = shlex.split(line)
    found = read_command_line(words)
    assert found.requirements == []
    assert found.words == words


@pytest.mark.parametrize(
    ("line", "left", "guard"),
    [
        ("install torch --cuda 12.1", "install torch", [("--cuda", "12.1")]),
        ("install --cuda=12.1 torch", "install torch", [("--cuda", "12.1")]),
        ("--cuda 12.1 install torch", "install torch", [("--cuda", "12.1")]),
        ("install --cpu torch --as-is", "install torch", [("--cpu", ""), ("--as-is", "")]),
        ("install --gpu A100 --gpu 8.6 x", "install x", [("--gpu", "A100"), ("--gpu", "8.6")]),
        ("install --cuda '' torch", "install torch", [("--cuda", "")]),
        # A value of pip's that looks like ours, and what follows `--`, stay pip's.
        ("install --target --cpu torch", "install --target --cpu torch", []),
        ("install -- --cpu", "install -- --cpu", []),
        # `plan` alone has these.
        ("install --json torch", "install --json torch", []),
    ],
)
def test_our_options_are_taken_out(line: str, left: str, guard: list[tuple[str, str]]) -> None:
    found = read_command_line(shlex.split(line))
    assert found.words == shlex.split(left)
    assert found.guard == guard


@pytest.mark.parametrize("line", ["install torch --cuda", "install --cpu=yes torch"])
def test_our_options_are_checked(line: str) -> None:
    with pytest.raises(UsageError, match="value"):
        read_command_line(shlex.split(line))


def test_values_of_options_are_found_under_their_first_name() -> None:
    line = "install -i A --index-url=B --pypi-url C --extra-index D -f E -fF --find-links=G x"
    found = read_command_line(line.split())
    assert found.values("--index-url") == ["A", "B", "C"]
    assert found.values("--extra-index-url") == ["D"]
    assert found.values("--find-links") == ["E", "F", "G"]
    assert found.count("--quiet") == 0


def test_an_option_that_no_table_knows_is_asked_of_pip() -> None:
    found = read_command_line(["install", "--surely-no-option-of-pip", "torch"])
    assert [found.words[at] for at in found.requirements] == ["torch"]


def test_the_quick_look_knows_the_commands_of_ours() -> None:
    for command in ("install", "download", "wheel", "plan", "rewrite", "env", "verify", "mirrors"):
        assert _may_be_ours([command])
    assert not _may_be_ours(["list", "torch"])
