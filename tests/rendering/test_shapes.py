"""Every shape that an answer has: text, JSON, Markdown and HTML, without a command around them."""

from __future__ import annotations

import argparse
import io
import locale
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from rich.text import Text

from conda_cuda_guard.catalogue import spelt_families
from conda_cuda_guard.catalogue.third_party import Unusable
from conda_cuda_guard.doctor import Match
from conda_cuda_guard.doctor.report import Link, Report
from conda_cuda_guard.doctor.rules import Evidence, rule_from
from conda_cuda_guard.model import PLATFORMS, Gpu, Host, Installed, Note, Request, Sources
from conda_cuda_guard.model.spelt_found import FoundPackage
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.matrix import make_matrix
from conda_cuda_guard.planner.matrix_built import make_built_matrix
from conda_cuda_guard.planner.matrix_follower import make_follower_matrix
from conda_cuda_guard.rendering import help_text, language, output, wrapping
from conda_cuda_guard.rendering.doctor_text import matches_text, matches_to_json, report_text
from conda_cuda_guard.rendering.doctor_text import report_to_json as report_json
from conda_cuda_guard.rendering.help_text import error_of_argparse
from conda_cuda_guard.rendering.matrix_formats import matrix_html, matrix_markdown, matrix_to_json
from conda_cuda_guard.rendering.matrix_text import (
    machine_lines,
    matrix_tables,
    plan_lines,
    why_text,
)
from conda_cuda_guard.rendering.plan_text import note_lines, plan_text, unusable_lines
from conda_cuda_guard.rendering.verify_text import verdict_link, verdict_text, verdict_to_json
from conda_cuda_guard.rendering.wrapping import COMMAND, print_part, wrapped
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.verify.run_probe import Findings
from conda_cuda_guard.verify.verdict import FamilyVerdict, Machine, Verification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.planner.matrix import Matrix

LINUX = "linux-x86_64"
KNOWN = from_catalogue("pip", LINUX)
EVERYWHERE = tuple(build for name in PLATFORMS for build in from_catalogue("pip", name).builds)
A100 = Host(LINUX, "3.11", "535.104.05", "12.2", (Gpu("NVIDIA A100", "8.0"),))


# --- the matrix -----------------------------------------------------------------------------------


def lead(host: Host = A100, asked: str = "torch==2.1.*") -> Matrix:
    return make_matrix(Request("pip", (asked,), (host,)), KNOWN, EVERYWHERE)


def follower() -> Matrix:
    request = Request("pip", ("torchdata",), (A100,))
    return make_follower_matrix("torchdata", request, KNOWN, EVERYWHERE, every_patch=False)


def built() -> Matrix:
    return make_built_matrix(Request("pip", ("mmcv",), (A100,)), KNOWN, EVERYWHERE)


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (lead(), "torch releases and CUDA variants for this machine"),
        (follower(), "torchdata releases and CUDA variants for this machine"),
        (built(), "mmcv by release and variant of torch"),
    ],
)
def test_a_page_says_whose_releases_its_rows_are(found: Matrix, title: str) -> None:
    assert f"<title>{title}</title>" in matrix_html(found)


@pytest.mark.parametrize(("found", "belongs"), [(lead(), False), (follower(), True)])
def test_a_matrix_is_the_same_in_every_form(found: Matrix, *, belongs: bool) -> None:
    shown = matrix_to_json(found)
    assert [row["release"] for row in shown["releases"]] == [row.release for row in found.rows]
    assert all(("belongs_to" in row) is belongs for row in shown["releases"])
    assert shown.get("package") == ("torchdata" if belongs else None)
    table = matrix_markdown(found)
    page = matrix_html(found)
    text = printed(*matrix_tables(found, 200))
    for row in found.rows:
        assert f"| {row.release} |" in table
        assert row.release in page
        assert row.release in text
    assert ("2.0.0 - " in text) is belongs  # many releases of the lead, in short


def test_a_narrow_terminal_gets_blocks() -> None:
    found = lead(asked="torch>=2.0,<2.12")
    assert len(matrix_tables(found, 40)) > len(matrix_tables(found, 300))


def test_markdown_has_the_warnings_and_escapes_what_is_foreign() -> None:
    found = lead(replace(A100, gpus=(Gpu("a|b*c", "8.0"),)), "torch==2.5.1+cu124")
    table = matrix_markdown(found)
    assert r"a\|b\*c" in table
    assert "driver-minor-compatible" in table
    assert "\n- " in matrix_markdown(lead()).rpartition("`pipcuda install")[0]


def test_the_reasons_of_a_cell_with_their_codes() -> None:
    found = lead()
    text = str(why_text(found.rows[0].cells[:1], found))
    assert text.startswith(f"torch 2.1.2 ({found.rows[0].cells[0].variant}): ")
    assert f"[{found.rows[0].cells[0].reasons[0].code}]" in text
    assert "pipcuda install" in str(plan_lines(found))


@pytest.mark.parametrize(
    ("host", "said"),
    [
        (Host(LINUX, None), "any Python, no NVIDIA driver, no GPU known"),
        (Host(LINUX, "3.11", driver_failure="NVML: error 9"), "NVML: error 9"),
        (Host(LINUX, "3.11", None, "12.2"), "driver unknown (CUDA 12.2)"),
        (Host(LINUX, "3.11", "535.1", None, (Gpu(None, None),)), "driver 535.1, GPU of compute"),
        (A100, "driver 535.104.05 (CUDA 12.2), NVIDIA A100 (8.0)"),
    ],
)
def test_a_machine_in_a_line(host: Host, said: str) -> None:
    (line,) = machine_lines((host, host))
    assert said in line


def printed(*parts: Any, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width)
    for part in parts:
        print_part(console, part)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


# --- plans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "index", "ending"),
    [
        (Installed("2.1.2+cu121", "12.1"), (), " (already satisfied)"),
        (None, ("https://download.pytorch.org/whl/cu121",), " (as typed)"),
        (None, (), ", direct"),
    ],
)
def test_a_plan_says_whether_it_changes_anything(
    there: Installed | None, index: tuple[str, ...], ending: str
) -> None:
    request = Request(
        "pip", ("torch==2.1.2+cu121",), (A100,), installed=there, sources=Sources(index_urls=index)
    )
    assert plan_text(make_plan(request, KNOWN)).splitlines()[0].endswith(ending)


# --- verdicts -------------------------------------------------------------------------------------

REPORT = {
    "version": "3.11.7",
    "torch": {"version": "2.1.2+cu121", "cuda": "12.1", "file": "/x/torch"},
    "torchvision": {"version": "0.16.2"},
    "cuda": {
        "available": True,
        "devices": [{"name": "NVIDIA A100", "compute_capability": "8.0"}],
    },
    "done": True,
}


def package() -> FoundPackage:
    family = next(one for one in spelt_families() if "cupy" in one.stems)
    return FoundPackage(family, "cupy", "cupy-cuda12x", "13.6.0", family.cuda_builds[:1])


def verdict(status: str = "works", **more: Any) -> Verification:
    fields = {"ok": True, "findings": Findings("/x/python", REPORT), **more}
    return Verification(status, machine=Machine("535.104.05", "12.2"), **fields)


@pytest.mark.parametrize(
    ("status", "ok", "said"),
    [
        ("works", True, "works: torch 2.1.2+cu121 computes on the GPU."),
        ("cpu-only", True, "computes on the CPU alone, as it should here."),
        ("cpu-only", False, "computes on the CPU alone."),
        ("timeout", False, "did not answer in time."),
        ("broken", False, "does not work."),
        ("no-torch", False, "torch is not installed."),
    ],
)
def test_a_verdict_in_a_line(status: str, said: str, *, ok: bool) -> None:
    found = verdict(status, ok=ok)
    assert said in verdict_text(found).splitlines()[0]
    link = verdict_link(found).links[0]
    assert (link.verdict, said in (link.value or "")) == ("ok" if ok else "error", True)


def test_a_verdict_has_what_was_seen() -> None:
    text = verdict_text(verdict())
    assert "NVIDIA A100 (8.0)" in text
    assert "0.16.2" in text
    shown = verdict_to_json(verdict())
    assert shown["torch"]["cuda"] == "12.1"
    nothing = Findings("/x/python", {})
    empty = verdict("broken", ok=False, findings=nothing)
    assert verdict_to_json(empty)["torch"] is None
    without = replace(empty, machine=Machine())
    assert "none found" in verdict_text(without)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("works", "computes on the GPU"),
        ("cpu-only", "computes on the CPU alone"),
        ("timeout", "did not answer in time"),
        ("not-tried", "was not tried"),
        ("broken", "does not work"),
    ],
)
def test_the_verdict_on_a_package_of_another_family(status: str, said: str) -> None:
    findings = None if status == "not-tried" else Findings("/x/python", {"family": {"told": "7"}})
    note = Note("torch-not-installed", "error", facts={"python": "/x/python"})
    told = note if status == "broken" else None
    found = verdict(families=(FamilyVerdict(package(), status, told, findings),))
    assert f"cupy-cuda12x 13.6.0 {said}" in verdict_text(found)
    (shown,) = verdict_to_json(found)["families"]
    assert (shown["status"], shown["ok"]) == (status, status != "broken")
    assert len(shown["notes"]) == (status == "broken")
    assert shown["reports"] == (None if findings is None else "7")


# --- the doctor -----------------------------------------------------------------------------------

RULE = rule_from(
    {
        "code": "driver-too-old",
        "patterns": ["the driver is old"],
        "evidence": ["driver", "torch_cuda"],
        "explanation": "The driver is too old.",
        "commands": ["pipcuda plan torch"],
        "source": "https://own.example/user:secret@x",
        "when": {"driver": "470.*", "torch_cuda": None},
        "severity": "error",
    }
)


def report(*links: Link, shown: bool = True) -> Report:
    evidence = replace(Evidence(), driver="470.82.01")
    return Report(links, evidence, (RULE,) if shown else ())


def test_a_report_names_the_problem_with_its_facts_and_what_to_type() -> None:
    text = str(report_text(report(Link("driver", "470.82.01"))))
    assert "driver-too-old" in text
    assert "= 470.82.01" in text
    assert "pipcuda plan torch" in text
    assert text.rstrip().endswith("1 problem(s) found.")
    (problem,) = report_json(report())["problems"]
    assert (problem["code"], problem["severity"]) == ("driver-too-old", "error")


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ((Link("driver", "580", verdict="ok"),), "No problem found."),
        ((Link("driver", None, verdict="unknown"),), "this could not: driver."),
        ((Link("torch", "broken", verdict="error"),), "1 problem(s) found."),
    ],
)
def test_a_report_comes_to_an_end(links: tuple[Link, ...], said: str) -> None:
    assert str(report_text(report(*links, shown=False))).rstrip().endswith(said)


def test_an_explanation_in_both_forms() -> None:
    found = [Match(RULE, 7), Match(replace(RULE, evidence=()), 5)]
    text = str(matches_text(found))
    assert text.count("driver-too-old") == 2
    assert text.count("depends on") == 1
    shown = matches_to_json(found, ["a file of rules is broken"])
    assert [one["evidence"] for one in shown["matches"]] == [["driver", "torch_cuda"], []]
    assert shown["problems"] == ["a file of rules is broken"]


# --- the terminal ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        (
            "one two three four five six seven eight nine ten",
            ["one two three four five six", "         seven eight nine ten"],
        ),
        (
            "  one two three four five six seven eight nine",
            ["  one two three four five six seven", "  eight nine"],
        ),
        (f"{'x' * 50} and more", ["x" * 50, "         and more"]),
        (
            "驱动程序太旧\uff0c" * 4,
            [
                "驱动程序太旧\uff0c驱动程序太旧\uff0c驱",
                "         动程序太旧\uff0c驱动程序太旧\uff0c",
            ],
        ),
    ],
)
def test_lines_are_wrapped_at_words(text: str, lines: list[str]) -> None:
    assert str(wrapped(Text(text), Console(width=40))).split("\n") == lines


def test_a_command_goes_on_behind_a_backslash() -> None:
    command = Text("    pip install torch==2.1.2+cu121 --index-url https://own.example")
    command.stylize(COMMAND)
    first, *rest = str(wrapped(command, Console(width=40))).split("\n")
    assert first.endswith(" \\")
    assert all(one.startswith("      ") for one in rest)
    assert not rest[-1].endswith("\\")


def test_at_a_terminal_lines_are_wrapped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Console(force_terminal=True, width=40, highlight=False)
    monkeypatch.setattr(wrapping, "console_of", lambda **_: made)
    wrapping.show("word " * 20)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 40


def test_a_console_that_is_none_wide_has_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    assert wrapping.console_of().width > 0


# --- what is printed ------------------------------------------------------------------------------


def test_where_an_error_came_from_is_told_on_demand_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ValueError("https://user:secret@own.example")
    monkeypatch.delenv("CUDA_GUARD_DEBUG", raising=False)
    output.trace(error)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("CUDA_GUARD_DEBUG", "1")
    output.trace(error)
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "secret" not in told


def test_what_is_found_once_the_work_is_done_is_printed_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Iterator[str]:
        yield "half"
        raise ValueError("of ours")

    monkeypatch.delenv("CUDA_GUARD_DEBUG", raising=False)
    output.err_found(broken)
    assert capsys.readouterr().err == ""
    output.err_found(lambda: ["one", "two"])
    assert capsys.readouterr().err == "one\ntwo\n"


def test_an_error_of_argparse_that_is_not_known_stays() -> None:
    assert error_of_argparse("something new") == "something new"
    assert error_of_argparse("argument --x: expected one argument").startswith("argument --x")


@pytest.mark.parametrize(("answer", "name"), [(("zh_CN", "UTF-8"), "zh_CN"), ((None, None), "")])
def test_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[str | None, str | None], name: str
) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: answer)
    assert language._of_system() == name  # noqa: SLF001 - which only Windows and macOS reach


def test_a_locale_that_python_does_not_know_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> tuple[str, str]:
        raise ValueError("unknown locale: UTF-8")

    monkeypatch.setattr(locale, "getlocale", unknown)
    assert language._of_system() == ""  # noqa: SLF001


def test_options_without_help_or_hidden_stay_so() -> None:
    parser = argparse.ArgumentParser(formatter_class=help_text.Formatter)
    parser.add_argument("--silent")
    parser.add_argument("--hidden", help=argparse.SUPPRESS)
    parser.add_argument("--known", help="what it does")
    told = parser.format_help()
    assert "--silent" in told
    assert "--hidden" not in told
    assert "what it does" in told


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Unusable("a.json", "it is no JSON"), "warning: a.json is left out: it is no JSON"),
        (
            Unusable("a.json", "it is no JSON", line=3),
            "warning: a.json is left out (line 3): it is no JSON",
        ),
        (
            Unusable("a.json", "it is no text", line=3, field="stems"),
            "warning: a.json is left out (line 3, stems): it is no text",
        ),
    ],
)
def test_a_family_file_that_is_left_out_in_a_line(found: Unusable, text: str) -> None:
    assert unusable_lines([found]) == [text]


def test_notes_below_a_severity_are_left_out() -> None:
    notes = make_plan(Request("pip", ("torch",), (A100,), cpu=True), KNOWN).notes
    assert [one.severity for one in notes] == ["info"]
    assert len(note_lines(notes)) > 0
    assert note_lines(notes, least="warning") == []
