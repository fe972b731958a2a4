"""Every note that the planner can make has words, and they say all that they should."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from conda_cuda_guard import planner
from conda_cuda_guard.model import Note
from conda_cuda_guard.rendering import headline, note_lines, plan_text, plan_to_json
from conda_cuda_guard.rendering.messages import WORDS, hint, message

from .machines import A100, GTX_1080, NO_DRIVER, conda, pip

SOURCES = sorted(Path(planner.__file__).parent.glob("*.py"))
CODES = {
    "cpu-build-chosen",
    "cuda-newer-than-driver",
    "driver-minor-compatible",
    "gpu-not-covered",
    "no-driver",
    "driver-fails",
    "driver-gives-no-gpu",
    "no-gpu-known",
    "no-variant-fits",
    "companion-mismatch",
    "explicit-variant-replaced",
    "python-not-covered",
    "libc-too-old",
    "release-unknown",
    "channel-ended",
    "channel-missing-on-mirror",
    "channel-priority-hides-cuda",
    "index-unreachable",
    "index-lacks-variant",
    "other-source-wins",
    "insecure-index",
    "mirror-retired",
    "name-is-of-conda",
    "name-is-pytorch-on-conda",
    "pip-conda-mix",
    "installed-cuda-build-kept",
    "installed-build-replaced",
    "installed-set-moved",
    "installed-set-breaks",
    "known-conflict",
    "request-invalid",
    "spec-not-read",
    "pinned-spec",
    "cannot-lock",
    "variant-wheel",
    "channel-forbidden",
    "held-back",
    "families-agree",
    "families-disagree",
    "cannot-live-together",
    "family-unknown",
    "family-ended",
    "nothing-to-choose",
    "not-on-conda",
    "built-from-source",
    "built-again",
    "user-index-serves-it",
    # reasons of the matrix
    "variant-not-made",
    "platform-not-covered",
    "cpu-build",
    "driver-direct",
    "gpu-covered",
}


def _notes() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.name}:{node.lineno}", node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Note"
    ]


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_the_planner_makes_notes() -> None:
    assert len(_notes()) > 20


def test_every_code_and_case_in_the_source_has_words() -> None:
    wrong = []
    for place, call in _notes():
        code = _text(call.args[0])
        case = _text(call.args[2]) if len(call.args) > 2 else ""
        if code is None or code not in CODES:
            wrong.append((place, code))
        elif case is None:  # decided elsewhere: at least the code has words
            if not any(known == code for known, _ in WORDS):
                wrong.append((place, code))
        elif (code, case) not in WORDS:
            wrong.append((place, f"{code}/{case}"))
    assert wrong == []


def test_every_severity_is_one_of_three() -> None:
    wrong = []
    for place, call in _notes():
        severity = _text(call.args[1])
        named = getattr(call.args[1], "id", None)
        if severity not in ("info", "warning", "error") and named not in ("ERROR", "severity"):
            wrong.append((place, severity))
    assert wrong == []


def test_every_reason_for_a_replacement_has_words() -> None:
    for reason in ("absent", "companion", "driver", "gpu", "macos"):
        assert ("explicit-variant-replaced", reason) in WORDS


def test_codes_are_kebab_case() -> None:
    for code, _ in WORDS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert code in CODES


@pytest.mark.parametrize(("code", "case"), WORDS, ids=lambda value: value or "-")
def test_a_hint_without_its_facts_is_left_out(code: str, case: str) -> None:
    template, sentences = WORDS[code, case]
    fields = set(re.findall(r"\{(\w+)\}", template + "".join(sentences)))
    full = Note(code, "info", case, dict.fromkeys(fields, "X"))
    assert message(full)
    assert "{" not in message(full) + hint(full)
    bare = Note(code, "info", case, dict.fromkeys(re.findall(r"\{(\w+)\}", template), "X"))
    assert "{" not in message(bare) + hint(bare)
    if "limit" not in fields and "machine" not in fields:  # phrases that say what is known
        assert message(bare) == message(full)


def test_text_for_people() -> None:
    plan = pip("torch", GTX_1080)
    text = plan_text(plan)
    assert headline(plan) in text
    assert "torch 2.14.1+cu126" in text
    assert "[driver-minor-compatible]" in text
    assert note_lines(plan.notes, least="error") == []


def test_text_of_a_refusal_shows_no_command() -> None:
    plan = conda("pytorch", NO_DRIVER)
    assert "command" not in plan_text(plan)
    assert headline(plan).startswith("Refused")


def test_credentials_are_never_shown() -> None:
    url = "https://user:s3cret@wheels.example/whl/cu118"
    plan = pip("torch==2.1.2", A100, index_urls=(url,))
    assert plan.index_urls == (url,)
    shown = str(plan_to_json(plan)) + plan_text(plan)
    assert "s3cret" not in shown
    assert "****" in shown
    token = conda("pytorch=2.2", channels=("https://conda.example/t/tk-s3cret/conda-forge",))
    assert "s3cret" not in str(plan_to_json(token)) + plan_text(token)


def test_a_credential_in_a_wish_that_is_replaced_is_not_shown() -> None:
    url = "https://user:s3cret@wheels.example/whl/cu113"
    plan = pip("torch==2.1.2", A100, index_urls=(url,))
    assert "s3cret" not in str(plan_to_json(plan)) + plan_text(plan)
