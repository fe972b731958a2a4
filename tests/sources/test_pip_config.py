"""What `pip config list` and pip's help say of the indexes in force."""

from __future__ import annotations

import pytest

from conda_cuda_guard.sources.pip_config import (
    addresses,
    default_index,
    effective,
    parse_config_list,
)


def test_the_lines_of_pip_config_list() -> None:
    lines = [
        "global.index-url='https://own.example/simple'",
        ":env:.find-links='a b'",
        "install.extra-index-url='https://one.example\\nhttps://two.example'",
        "a line that is none",
        "global.broken=no string",
    ]
    assert parse_config_list(lines) == {
        "global.index-url": "https://own.example/simple",
        ":env:.find-links": "a b",
        "install.extra-index-url": "https://one.example\nhttps://two.example",
    }


def test_what_is_in_force_is_merged_in_pips_order() -> None:
    found = {
        "global.index-url": "https://one.example",
        "global.extra-index-url": "https://kept.example",
        "install.index-url": "https://two.example",
        "download.index-url": "https://other.example",
        ":env:.find_links": "/srv/a /srv/b",
        "install.extra-index-url": "",
        "cuda-guard.wheel-index": "https://own.example/whl",
    }
    merged = effective(found, "install")
    assert merged["cuda-guard.wheel-index"] == "https://own.example/whl"
    assert addresses(merged) == [
        ("index-url", "https://two.example"),
        ("extra-index-url", "https://kept.example"),
        ("find-links", "/srv/a"),
        ("find-links", "/srv/b"),
    ]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("Base URL of the Python Package Index (default\n https://own.example/simple). This", 1),
        ("Base URL of something else", 0),
    ],
)
def test_the_default_index_is_read_from_pips_help(text: str, index: int) -> None:
    assert default_index(text) == ("https://own.example/simple" if index else None)
