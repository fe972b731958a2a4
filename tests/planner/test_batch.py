"""JSON Lines of requests, answered without asking this machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conda_cuda_guard.batch import Defaults, answer
from conda_cuda_guard.rendering import plan_to_json

from .machines import A100

HOST = {
    "platform": "linux-x86_64",
    "python": "3.11",
    "driver": "535.104.05",
    "cuda": "12.2",
    "gpus": [{"name": "NVIDIA A100-SXM4-40GB", "compute_capability": "8.0"}],
}
DEFAULTS = Defaults(here=lambda: (A100,))


def _ask(**request: Any) -> tuple[dict[str, Any], bool]:
    plan, usable = answer(json.dumps(request), 1, DEFAULTS)
    return plan_to_json(plan), usable


def test_the_contracts_request() -> None:
    plan, usable = _ask(
        id=7,
        manager="pip",
        requirements=["torch==2.1.2"],
        host=HOST,
        policy="auto",
        unknown="field",
    )
    assert usable
    assert (plan["id"], plan["requirements"]) == (7, ["torch==2.1.2+cu121"])


def test_channels_and_policy() -> None:
    plan, _ = _ask(
        manager="conda",
        requirements=["pytorch"],
        host=HOST,
        policy="strict",
        channels=["conda-forge"],
    )
    assert (plan["source"], plan["level"], plan["channels"]) == ("conda-forge", "direct", [])


@pytest.mark.parametrize(
    "extra",
    [{"host": None}, {}, {"policy": "auto"}, {"channels": None}, {"channels": []}, {"id": [1]}],
    ids=str,
)
def test_all_but_manager_and_requirements_is_optional(extra: dict[str, Any]) -> None:
    plan, usable = _ask(manager="pip", requirements=["torch==2.1.2"], **extra)
    assert (usable, plan["variant"]) == (True, "cu121")


GPUS: list[Any] = [
    [{"name": "NVIDIA GeForce GTX 1080", "compute_capability": None}],
    [{"name": "NVIDIA GeForce GTX 1080"}],
    [{"compute_capability": "6.1"}],
]


@pytest.mark.parametrize("gpus", GPUS, ids=str)
def test_a_gpu_is_known_by_name_or_capability(gpus: object) -> None:
    host = {**HOST, "driver": "580.65.06", "cuda": None, "gpus": gpus}
    plan, _ = _ask(manager="pip", requirements=["torch"], host=host)
    assert plan["variant"] == "cu126"


@pytest.mark.parametrize("python", ["3.11", "3.11.4", "3.11.4+", None])
def test_pythons_as_people_write_them(python: str | None) -> None:
    plan, _ = _ask(manager="pip", requirements=["torch==2.1.2"], host={**HOST, "python": python})
    assert plan["status"] == "ok"


BAD = [
    "",
    "{",
    "[]",
    "null",
    "1",
    '"torch"',
    "{}",
    '{"manager": "pip"}',
    '{"manager": "npm", "requirements": []}',
    '{"manager": "pip", "requirements": "torch"}',
    '{"manager": "pip", "requirements": [1]}',
    '{"manager": "pip", "requirements": [], "policy": "x"}',
    '{"manager": ["pip"], "requirements": []}',
    '{"manager": "pip", "requirements": [], "host": 1}',
    '{"manager": "pip", "requirements": [], "host": {"platform": "amiga"}}',
    '{"manager": "pip", "requirements": [], "host": {"driver": "abc"}}',
    '{"manager": "pip", "requirements": [], "host": {"gpus": {}}}',
    '{"manager": "conda", "requirements": [], "channels": "x"}',
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_request_gets_a_refusal_that_says_why(text: str) -> None:
    plan, usable = answer(text, 3, DEFAULTS)
    given = plan_to_json(plan)
    assert not usable
    assert given["status"] == "refused"
    (note,) = given["notes"]
    assert note["code"] == "request-invalid"
    assert "line 3" in note["message"]


def test_a_bad_request_keeps_its_id() -> None:
    plan, _ = answer('{"id": "x", "manager": "conda"}', 1, DEFAULTS)
    assert plan.id == "x"
    assert plan.manager == "conda"


def test_a_mirror_user_stays_on_the_mirror() -> None:
    tuna = "https://mirrors.tuna.tsinghua.edu.cn/anaconda"
    plan, _ = _ask(
        manager="conda",
        requirements=["pytorch==2.1.1"],
        host=HOST,
        channels=[f"{tuna}/pkgs/main"],
    )
    assert plan["channels"] == [f"{tuna}/cloud/pytorch", "nvidia"]
    assert [note["code"] for note in plan["notes"]] == ["channel-missing-on-mirror"]
