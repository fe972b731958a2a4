"""The Plan object of the contract, section 3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from conda_cuda_guard.model.shown_text import redact
from conda_cuda_guard.rendering import plan_to_json

from .machines import A100, NO_DRIVER, RTX_5090, conda, machine, pip

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Plan

TEXTS = {"type": "array", "items": {"type": "string"}}
PLAN = {
    "type": "object",
    "required": [
        "schema",
        "id",
        "manager",
        "status",
        "variant",
        "cuda",
        "level",
        "source",
        "packages",
        "requirements",
        "index_urls",
        "find_links",
        "channels",
        "command",
        "notes",
    ],
    "properties": {
        "schema": {"const": 1},
        "manager": {"enum": ["pip", "conda"]},
        "status": {"enum": ["ok", "unchanged", "refused"]},
        "variant": {"type": ["string", "null"], "pattern": "^(cu[0-9]{2,3}|cpu)$"},
        "cuda": {"type": ["string", "null"], "pattern": "^[0-9]+\\.[0-9]$"},
        "level": {"enum": ["direct", "minor-compatible", None]},
        "source": {"enum": ["pytorch-index", "user-index", "pytorch-channel", "conda-forge", None]},
        "packages": {"type": "object", "additionalProperties": {"type": "string"}},
        "requirements": TEXTS,
        "index_urls": TEXTS,
        "find_links": TEXTS,
        "channels": TEXTS,
        "command": TEXTS,
        "notes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "severity", "message", "hint"],
                "properties": {
                    "code": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
                    "severity": {"enum": ["info", "warning", "error"]},
                    "message": {"type": "string", "minLength": 1},
                    "hint": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
}

HOSTS: list[Host] = [A100, NO_DRIVER, RTX_5090, machine("340.108"), machine(platform="macos-arm64")]
PIP = [
    "torch",
    "torch==2.1.2 torchvision numpy<2",
    "torch>=2.15",
    "torch==9.9",
    "numpy",
    "torch==2.1.2+cu118",
    "torch==2.2.0 torchvision==0.16.2",
    "torch==1.7.1",
]
CONDA = [
    "pytorch",
    "pytorch=2.1.1 torchvision",
    "pytorch cpuonly",
    "numpy",
    "pytorch=9.9",
    "cuda-version=13.0",
    "pytorch=2.1 pytorch-cuda=11.3",
    "torch",
]


def _plans(host: Host) -> list[Plan]:
    return [pip(text, host) for text in PIP] + [conda(text, host) for text in CONDA]


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: f"{host.platform} {host.driver}")
def test_every_plan_is_a_plan_object(host: Host) -> None:
    for plan in _plans(host):
        jsonschema.validate(plan_to_json(plan), PLAN)


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: f"{host.platform} {host.driver}")
def test_there_and_back(host: Host) -> None:
    for plan in _plans(host):
        given = plan_to_json(plan)
        assert json.loads(json.dumps(given)) == given


def test_the_contracts_example() -> None:
    given = plan_to_json(pip("torch==2.1.2 torchvision numpy<2"))
    given.pop("command")
    assert given == {
        "schema": 1,
        "id": None,
        "manager": "pip",
        "status": "ok",
        "variant": "cu121",
        "cuda": "12.1",
        "level": "direct",
        "source": "pytorch-index",
        "packages": {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"},
        "requirements": ["torch==2.1.2+cu121", "torchvision==0.16.2+cu121", "numpy<2"],
        "index_urls": ["https://download.pytorch.org/whl/cu121"],
        "find_links": [],
        "channels": [],
        "notes": [],
        "as_typed": {"package": "torch", "version": "2.1.2", "variant": "cu121", "source": None},
        "families": [
            {
                "family": "torch",
                "variant": "cu121",
                "cuda": "12.1",
                "level": "direct",
                "packages": {"torch": "2.1.2+cu121", "torchvision": "0.16.2+cu121"},
                "source": "pytorch-index",
            }
        ],
        "unknown": ["numpy"],
    }


def test_the_command_has_what_is_in_the_plan() -> None:
    for plan in (pip("torch==2.1.2 numpy"), conda("pytorch=2.1.1 numpy")):
        given = plan_to_json(plan)
        assert given["command"][:2] == [given["manager"], "install"]
        for field in ("requirements", "index_urls", "channels"):
            assert set(given[field]) <= set(given["command"])


@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@h.example/whl/cu118",
        "https://s3cret@h.example/whl/cu118",
        "https://user:p@s3cret@h.example/whl/cu118",
    ],
)
def test_no_secret_leaves(url: str) -> None:
    given = json.dumps(plan_to_json(pip("torch==2.1.2", A100, index_urls=(url,))))
    assert "s3cret" not in given


@pytest.mark.parametrize(
    "text",
    [
        "https://m.example/whl?access_token=s3cret",
        "https://m.example/whl?a=1&X-Amz-Signature=s3cret&b=2",
        "https://m.example/whl?api_key=s3cret",
        "--proxy user:s3cret@proxy.example:80",
        "https://m.example/t/s3cret",
        "https://m.example/t/s3cret/channel",
    ],
)
def test_secrets_in_every_place_are_hidden(text: str) -> None:
    assert "s3cret" not in redact(text)
    assert redact("torch @ https://m.example/torch.whl") == "torch @ https://m.example/torch.whl"
    assert redact("git+ssh://git@m.example/x") == "git+ssh://****@m.example/x"
