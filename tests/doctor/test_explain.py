"""`pipcuda explain`: every rule, its advice, and the rules of other packages."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.doctor import gather_rules, match
from pip_hook import command_line
from tests.support.clocks import worked

from .samples import MORE, NOTHING, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda

RULES = gather_rules().rules
COMMANDS = sorted({command for rule in RULES.values() for command in rule.commands})
PLUGIN = """
import pluggy

@pluggy.HookimplMarker("conda_cuda_guard")
def cuda_guard_rules():
    return [{entry}]
"""
ENTRY = {
    "code": "frobnicator-cold", "patterns": ["the frobnicator is cold"], "evidence": ["gpu"],
    "explanation": "It has to be warmed.", "commands": ["frob --warm"],
    "source": "https://frob.example/",
}  # fmt: skip


def explain(*words: str, given: bytes = b"", path: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pip_hook", "explain", *words],
        input=given, capture_output=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": path},
    )  # fmt: skip


def installed(folder: Path, name: str, code: str, *, module: str = "") -> None:
    """Install a package with our entry point, by files as pip leaves them."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[conda_cuda_guard]\n{name} = {module or name}\n")


def test_every_rule_has_a_sample_and_there_are_enough() -> None:
    assert set(SAMPLES) == set(RULES)
    assert len(RULES) >= 30


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sample_is_matched_first_by_its_own_rule(code: str) -> None:
    found = match(RULES.values(), f"Traceback (most recent call last):\n  {SAMPLES[code]}\n")
    assert [one.rule.code for one in found][:1] == [code]


@pytest.mark.parametrize(("text", "codes"), MORE)
def test_what_else_people_paste(text: str, codes: list[str]) -> None:
    assert [one.rule.code for one in match(RULES.values(), text)] == codes


@pytest.mark.parametrize("text", NOTHING)
def test_other_texts_are_not_taken_for_a_known_failure(text: str) -> None:
    assert match(RULES.values(), text) == ()


@pytest.mark.parametrize(
    ("text", "package"),
    [
        (SAMPLES["extension-torch-mismatch"], "flash-attn"),
        ("/env/torch_scatter/_scatter_cuda.so: undefined symbol: _ZN5torch", "torch-scatter"),
        ("ImportError: /env/x.so: undefined symbol: _ZN3c105Error", "PACKAGE"),
        (
            ("No module named 'torch'\nerror: Failed to build 'xformers' when getting requirements "
            "to build wheel"),
            "xformers",
        ),
    ],
)  # fmt: skip
def test_commands_name_the_package_of_the_text(text: str, package: str) -> None:
    first = match(RULES.values(), text)[0]
    assert any(command.endswith(f" {package}") for command in first.commands)


def test_rules_say_what_a_person_needs() -> None:
    for rule in RULES.values():
        assert rule.explanation.endswith("."), rule.code
        assert rule.source.startswith("https://"), rule.code


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith(("pip ", "pipcuda "))])
def test_advice_for_pip_is_what_pip_takes(command: str) -> None:
    tool, name, *words = shlex.split(command)
    if tool == "pipcuda" and name not in ("install", "plan"):
        done = subprocess.run(
            [sys.executable, "-m", "pip_hook", name, *words, "--help"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        usage = " ".join(done.stdout.lower().split())
        assert (done.returncode, f"usage: pipcuda {name}" in usage) == (0, True)
        return
    line = command_line.read_command_line(["install" if name == "plan" else name, *words])
    checked = (
        "import sys; from pip._internal.commands import create_command as c; "
        "print(c(sys.argv[1]).parse_args(sys.argv[2:])[1])"
    )
    rest = line.words if tool == "pipcuda" else [name, *words]
    subprocess.run([sys.executable, "-c", checked, *rest], check=True, capture_output=True)


def test_advice_for_conda_is_what_conda_takes(conda: Conda) -> None:
    lines = [shlex.split(c)[1:] for c in COMMANDS if c.startswith("conda ")]
    assert lines
    own = [words for words in lines if words[0] != "cuda-install"]
    own += [["install", *words[1:]] for words in lines if words[0] == "cuda-install"]
    parse = (
        "import json, sys; from conda.cli.conda_argparse import generate_parser; "
        "[generate_parser().parse_args(words) for words in json.load(sys.stdin)]"
    )
    done = subprocess.run(
        [conda.python, "-c", parse], input=json.dumps(own), env=conda.environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_known_error_is_explained_and_the_status_tells() -> None:
    done = explain("AssertionError: Torch not compiled with CUDA enabled")
    assert done.returncode == 0
    assert done.stdout.startswith(b"cpu-build\n")
    assert b"\n    pipcuda install --force-reinstall torch\n" in done.stdout
    unknown = explain("it is raining")
    assert (unknown.returncode, unknown.stderr) == (1, b"")
    assert b"No known failure" in unknown.stdout


def test_json_holds_the_rules_best_first() -> None:
    text = SAMPLES["no-kernel-image"] + "\n" + SAMPLES["torch-not-in-kernel"]
    found = json.loads(explain("--json", "-", given=text.encode()).stdout)
    codes = [one["code"] for one in found["matches"]]
    assert codes == ["no-kernel-image", "torch-not-in-kernel"]
    assert found["matches"][0]["commands"] == list(RULES["no-kernel-image"].commands)


def test_any_bytes_and_any_size_are_read() -> None:
    given = b"\xff\xfe\x00" * 3_000_000 + b"\x1b[31mCUDA out\x1b[0m of\r\n\xe2\x94\x82 memory\xff"
    begin = worked()
    done = explain("-", given=given)
    assert (done.returncode, done.stdout[:13]) == (0, b"out-of-memory")
    assert worked() - begin < 10


def test_what_powershell_wrote_is_read() -> None:
    done = explain("-", given=(SAMPLES["no-kernel-image"] + "\r\n").encode("utf-16"))
    assert (done.returncode, done.stdout[:15]) == (0, b"no-kernel-image")


def test_nothing_of_the_text_is_repeated() -> None:
    secret = "https://me:hunter2@index.example/simple"
    known = explain(f"{secret} No matching distribution found for torch", "--json")
    refused = explain("--password=hunter2", "x")
    assert (known.returncode, refused.returncode) == (0, 2)
    assert b"hunter2" not in known.stdout + known.stderr + refused.stdout + refused.stderr


@pytest.mark.parametrize("words", [[], [""], ["-"]])
def test_no_text_is_a_clear_refusal(words: list[str]) -> None:
    done = explain(*words)
    assert done.returncode == 2
    assert b"pipcuda explain" in done.stderr
    assert b"Traceback" not in done.stderr


def test_another_package_adds_its_rule(tmp_path: Path) -> None:
    installed(tmp_path, "frob", PLUGIN.format(entry=ENTRY))
    done = explain("RuntimeError: the frobnicator is cold", path=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"frob --warm" in done.stdout


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('broken at https://u:hunter2@x.example')", b"cannot be loaded"),
        (PLUGIN.format(entry="{}"), b"unexpected form"),
        (PLUGIN.format(entry="1 / 0"), b"gives no rules"),
        (PLUGIN.format(entry={**ENTRY, "patterns": ["("]}), b"not a regular expression"),
        (PLUGIN.format(entry={**ENTRY, "evidence": ["moon"]}), b"unknown facts moon"),
        (PLUGIN.format(entry={**ENTRY, "code": "cpu-build"}), b"a rule cpu-build already"),
    ],
)
def test_a_broken_rule_is_one_warning_line(tmp_path: Path, code: str, said: bytes) -> None:
    installed(tmp_path, "frob", code)
    done = explain("Torch not compiled with CUDA enabled", path=str(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith(b"cpu-build\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith(b"warning: rules of another package: frob: ")
    assert said in line
    assert b"hunter2" not in line


@pytest.mark.parametrize(
    "part", ["flash_attn", "libcudnn_", "feature:", "build_meta ", "undefined symbol: _ZN"]
)
def test_a_text_made_to_be_slow_is_not(part: str) -> None:
    begin = worked()
    match(RULES.values(), part * 100_000)
    assert worked() - begin < 4
