"""English and Chinese: no message lacks its translation, codes and keys have none."""

from __future__ import annotations

import copy
import re
import shutil
import sys
from html import unescape
from pathlib import Path
from string import Formatter

import polib
import pytest

from conda_cuda_guard.model import Phrase, joined
from conda_cuda_guard.rendering.language import FOLDER, language
from tests.support.pips import run_pipcuda
from tests.support.tools import Result, isolated_environment, run

from .compile_catalogue import compiled
from .translatable import CATALOGUE, ROOT, texts

CHINESE = {"CUDA_GUARD_LANG": "zh"}
A100 = ("--cuda", "12.1", "--gpu", "A100", "--offline")
DRIVER = "驱动"


@pytest.fixture(scope="module")
def entries() -> dict[str, polib.POEntry]:
    return {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))}


def pipcuda(*words: str, **variables: str) -> Result:
    """Run pipcuda in a language."""
    home = CATALOGUE.parent
    env = {**isolated_environment(home), "PIP_CONFIG_FILE": "/dev/null", **variables}
    env = {name: value for name, value in env.items() if value}
    return run_pipcuda(Path(sys.executable), *words, env=env)


def test_every_text_has_a_translation_and_none_is_left_over(
    entries: dict[str, polib.POEntry],
) -> None:
    assert sorted(texts() - set(entries)) == []
    assert sorted(set(entries) - texts()) == []
    assert [one.msgid for one in entries.values() if one.fuzzy or not one.msgstr] == []


def test_translations_have_the_same_facts(entries: dict[str, polib.POEntry]) -> None:
    def fields(text: str) -> list[str]:
        braces = {name for _, name, _, _ in Formatter().parse(text) if name}
        return sorted(braces | set(re.findall(r"%\(\w+\)[.\w]+", text)))

    wrong = [one.msgid for one in entries.values() if fields(one.msgid) != fields(one.msgstr)]
    assert wrong == []


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    # Where it is not: python -m tests.rendering.compile_catalogue
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled()


@pytest.mark.parametrize(
    ("variables", "chosen"),
    [
        ({}, None),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW"}, "zh_CN"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, None),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh_CN"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, None),
        ({"LANG": "zh_CN.UTF-8", "CUDA_GUARD_LANG": "en"}, None),
        ({"LANG": "xx_XX.UTF-8", "CUDA_GUARD_LANG": "zh"}, "zh_CN"),
        ({"LANG": "xx_XX.UTF-8"}, None),
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there the system is asked too")
def test_which_language(variables: dict[str, str], chosen: str | None) -> None:
    assert language(variables) == chosen


@pytest.mark.parametrize("variables", [CHINESE, {"LANG": "zh_CN.UTF-8", "LC_ALL": ""}])
def test_a_plan_in_chinese(variables: dict[str, str]) -> None:
    done = pipcuda("plan", "torch==2.9.0+cu130", *A100, **variables)
    assert "警告: +cu130 已被替换" in done.stdout
    assert "[explicit-variant-replaced]" in done.stdout
    english = pipcuda("plan", "torch==2.9.0+cu130", *A100)
    assert english.returncode == done.returncode == 0
    assert "warning: +cu130 was replaced" in english.stdout
    # Nothing but the words differs: the command to type is the same.
    commands = [text.split("pip install", 1)[1] for text in (done.stdout, english.stdout)]
    assert commands[0].splitlines()[0] == commands[1].splitlines()[0]


def test_codes_keys_and_numbers_of_json_are_the_same() -> None:
    words = ("plan", "torch==2.9.0+cu130", "--json", *A100)
    chinese, english = pipcuda(*words, **CHINESE).json, pipcuda(*words).json
    assert DRIVER in chinese["notes"][0]["message"]
    for note in (*chinese["notes"], *english["notes"]):
        del note["message"], note["hint"]
    assert chinese == english


def test_a_refusal_has_the_same_exit_status() -> None:
    done = pipcuda("plan", "torch==99", *A100, **CHINESE)
    assert done.returncode == pipcuda("plan", "torch==99", *A100).returncode == 3
    assert "已拒绝" in done.stdout
    assert "[release-unknown]" in done.stdout


def test_an_error_in_chinese() -> None:
    done = pipcuda("plan", "torch", "--cuda", "twelve", "--offline", **CHINESE)
    assert done.returncode == 2
    first, why, following = done.stderr.splitlines()
    assert first == "错误: --cuda：'twelve' 不是 CUDA 版本"  # noqa: RUF001
    assert why.startswith("  原因: 它是驱动支持的最新 CUDA")
    assert following == "  下一步: --cuda 12.1；没有 CUDA 的机器用空值"  # noqa: RUF001


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("doctor", "nonsense"), "无法识别的参数：nonsense"),  # noqa: RUF001
        (("doctor", "--nonsense"), "pipcuda doctor 没有这个选项"),
        (("mirrors", "--use"), "参数 --use：需要一个值"),  # noqa: RUF001
        (("verify", "--timeout", "x"), "参数 --timeout：x 不是不超过 3600 秒的时间"),  # noqa: RUF001
        (("doctor", "--json=1"), "参数 --json：不接受值 '1'"),  # noqa: RUF001
    ],
)
def test_what_argparse_refuses_in_chinese(words: tuple[str, ...], why: str) -> None:
    done = pipcuda(*words, **CHINESE)
    assert done.returncode == pipcuda(*words).returncode == 2
    assert f"  原因: {why}\n" in done.stderr


def test_explain_and_doctor_in_chinese() -> None:
    done = pipcuda("explain", "Torch not compiled with CUDA enabled", **CHINESE)
    assert done.stdout.startswith("cpu-build\n  已安装的 torch 是 CPU 版")
    assert "\n    pipcuda install --force-reinstall torch\n" in done.stdout
    report = pipcuda("doctor", "--json", **CHINESE).json
    assert [one["name"] for one in report["links"]][:2] == ["GPU", "driver"]
    shown = pipcuda("doctor", **CHINESE).stdout
    assert "驱动: " in shown
    assert "pip 的默认索引" in shown
    assert "GiB 可用" in shown
    assert "ok       pip 的索引: pip 的默认索引  [pip 的配置]" in shown
    # The trail of what was asked of the driver.
    assert re.search(r"nvml：.*（\d+ 毫秒）", shown)  # noqa: RUF001


def test_matrix_in_chinese() -> None:
    shown = pipcuda("matrix", "--gpu", "8.0", *A100[:2], "--offline", **CHINESE).stdout
    assert "计算能力为 8.0 的 GPU" in shown
    page = unescape(pipcuda("matrix", "--html", *A100, **CHINESE).stdout)
    assert '<html lang="zh-CN">' in page
    assert "<h2>图例</h2>" in page
    english = unescape(pipcuda("matrix", "--html", *A100).stdout)
    assert '<html lang="en">' in english
    assert not re.search("[\u4e00-\u9fff]", english)


def test_verify_in_chinese() -> None:
    done = pipcuda("verify", PATH="/nonexistent", **CHINESE)
    assert re.search(r"^  驱动 {9}\S", done.stdout, re.MULTILINE)
    assert "  driver " not in done.stdout


def test_mirrors_in_chinese() -> None:
    shown = pipcuda("mirrors", PATH="/nonexistent", **CHINESE).stdout
    assert "已知的镜像" in shown
    assert "当前使用" in shown
    assert "PATH 上没有 conda" in shown
    assert "Known mirrors" in pipcuda("mirrors").stdout


@pytest.mark.parametrize(
    "command", ["plan", "env", "matrix", "rewrite", "verify", "mirrors", "explain", "doctor"]
)
def test_help_in_chinese_names_the_same_options(command: str) -> None:
    chinese, english = pipcuda(command, "--help", **CHINESE), pipcuda(command, "--help")
    assert chinese.returncode == english.returncode == 0
    assert re.search("[\u4e00-\u9fff]", chinese.stdout)
    assert not re.search(r"^(usage|options|positional)|show this", chinese.stdout, re.MULTILINE)
    options = [
        sorted(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", one.stdout)) for one in (chinese, english)
    ]
    assert options[0] == options[1]


def test_a_phrase_says_its_facts_in_the_language_and_may_be_copied() -> None:
    one = joined("; ", (Phrase("no torch"), "{braces}", Phrase("{free:.1f} GiB free", free=2.04)))
    assert one == copy.deepcopy(one) == "no torch; {braces}; 2.0 GiB free"
    assert copy.deepcopy(one).facts == one.facts
    # A package that is called as a word of ours keeps its name.
    asked = "from conda_cuda_guard.model import *;from conda_cuda_guard.rendering.language import *"
    shown = 'print(said(joined("; ", (Phrase("no torch"), "{braces}", "driver"))))'
    done = run(
        [sys.executable, "-c", f"{asked};{shown}"], env={**isolated_environment(ROOT), **CHINESE}
    )
    assert done.stdout.strip() == "没有 torch; {braces}; driver"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_chinese_gets_english(encoding: str) -> None:
    variables = {**CHINESE, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = pipcuda("plan", "torch==2.9.0+cu130", *A100, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning: +cu130 was replaced" in done.stdout


def test_a_terminal_with_another_chinese_encoding() -> None:
    variables = {**CHINESE, "PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}
    done = pipcuda("plan", "torch==2.9.0+cu130", *A100, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning" not in done.stdout


def test_both_readmes_have_the_same_commands() -> None:
    def commands(name: str) -> list[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]

    def named(name: str) -> set[str]:
        return set(re.findall(r"`(--[a-z-]+|CUDA_GUARD_\w+)", (ROOT / name).read_text("utf-8")))

    assert commands("README.zh-CN.md") == commands("README.md")
    assert len(commands("README.md")) > 5
    assert named("README.zh-CN.md") == named("README.md")


def test_a_language_is_a_folder_with_a_catalogue(tmp_path: Path) -> None:
    """As docs/languages.md tells to add one."""
    there = tmp_path / "locale"
    shutil.copytree(FOLDER, there)
    messages = there / "fr" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    french = polib.POFile()
    french.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    french.append(polib.POEntry(msgid="driver", msgstr="pilote"))
    french.append(polib.POEntry(msgid="warning", msgstr="avertissement"))
    french.save_as_mofile(str(messages / "conda_cuda_guard.mo"))
    code = (
        "from pathlib import Path; from conda_cuda_guard.rendering import language; "
        f"language.FOLDER = Path({str(there)!r}); "
        "print(language.translated('warning'), language.translated('error'))"
    )
    for name in ("fr", "fr_FR.UTF-8", "fr-CA"):
        env = {**isolated_environment(tmp_path), "CUDA_GUARD_LANG": name}
        assert run([sys.executable, "-c", code], env=env).stdout.split() == [
            "avertissement",
            "error",
        ]
