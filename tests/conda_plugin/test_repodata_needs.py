"""What a record says that its package needs of torch, in both forms of repodata."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conda_cuda_guard.conda_plugin.repodata_parse import (
    LONGEST_RECORD,
    needs_in_json,
    needs_in_msgpack,
)

from .sharded import pack

TORCH = "pytorch >=2.10.0,<2.11.0a0"
RECORDS: list[tuple[list[Any], tuple[str, ...]]] = [
    ([TORCH], (TORCH,)),
    (["python", TORCH, "pytorch * cuda*"], (TORCH, "pytorch * cuda*")),
    (["pytorch==2.5.*", "pytorch[build=cuda*]"], ("pytorch==2.5.*", "pytorch[build=cuda*]")),
    (["pytorch-cuda 12.4.*", "pytorch_cluster", "libtorch 2.10.*"], ()),
    ([*(f"p{n} >=1" for n in range(20)), TORCH], (TORCH,)),
    (["x" * 60, TORCH, "y" * 200], (TORCH,)),
    ([], ()),
]


@pytest.mark.parametrize(("depends", "right"), RECORDS)
@pytest.mark.parametrize("indent", [None, 2])
def test_json(depends: list[str], right: tuple[str, ...], indent: int | None) -> None:
    record = {"build": "a_0", "depends": depends, "name": "x", "constrains": ["pytorch 9"]}
    other = {"y-1-0.conda": {"depends": ["pytorch 1"]}}
    text = json.dumps({"x-1-0.conda": record, **other}, indent=indent)
    at = text.index("x-1-0.conda") + len("x-1-0.conda")
    assert needs_in_json(text[at:].encode()) == right


@pytest.mark.parametrize(("depends", "right"), RECORDS)
def test_msgpack(depends: list[str], right: tuple[str, ...]) -> None:
    record = {"build": "a_0", "depends": depends, "name": "x"}
    assert needs_in_msgpack(pack(record)) == right


@pytest.mark.parametrize("text", [b"\xa9pytorch 2", b"\xd9\x09pytorch 2", b"\xda\x00\x09pytorch 2"])
def test_a_short_list_and_strings_of_every_size(text: bytes) -> None:
    assert needs_in_msgpack(b"\xa7depends\x92\xa1x" + text) == ("pytorch 2",)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b": {",
        b': {"depends": [',
        b': {"depends": ["pytorch 2',
        b': {"depends": {"pytorch": 1}}',
        b': {"depends": 3}, "y": {"depends": ["pytorch 1"]}',
        b': {"name": "x"}, "y": {"depends": ["pytorch 1"]}',
        b': {"x": "' + b"-" * LONGEST_RECORD + b'", "depends": ["pytorch 1"]}',
        b': {"depends": ["\xff", 1, null]}',
    ],
)
def test_what_cannot_be_read_is_nothing(text: bytes) -> None:
    assert needs_in_json(text) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xa7depends",
        b"\xa7depends\x92\xa9pytorch 2",
        b"\xa7depends\x91\x01",
        b"\xa7depends\xdc\xff\xff\xa1x",
        b"\xa7depends\x91\xa2\xff\xfe",
        b"\xa7depends\xa7pytorch",
    ],
)
def test_damaged_msgpack_is_nothing(data: bytes) -> None:
    assert needs_in_msgpack(data) == ()
