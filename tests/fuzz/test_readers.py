"""Random metadata and settings: they are read, or said to be none."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from conda_cuda_guard.model.companions import needs_of
from conda_cuda_guard.sources.pip_config import (
    SWITCH,
    addresses,
    default_index,
    effective,
    parse_config_list,
)
from conda_cuda_guard.sources.wheel_descriptions import NotMetadataError, requires_of

from .pieces import addresses as places
from .pieces import odd, pip_texts

URL = "https://example.org/x/xformers-0.0.36%2Bcu126-py39-none-any.whl.metadata"
_heads = st.sampled_from(
    [
        "Name: xformers",
        "Version: 0.0.36",
        "Name: other",
        "Requires-Dist",
        "Description:",
        "",
        " ",
        ":",
    ]
)
_metadata = st.lists(
    st.one_of(_heads, st.builds("Requires-Dist: {}".format, pip_texts | odd), st.text(max_size=8)),
    max_size=6,
).map(
    lambda lines: "\n".join(["Name: xFormers", "Version: 0.0.36", *lines]).encode(
        "utf-8", "replace"
    )
)


@given(_metadata | st.binary(max_size=60), st.sampled_from([URL, URL[:-20], "x", ""]))
def test_metadata(body: bytes, url: str) -> None:
    with suppress(NotMetadataError):
        asked = requires_of(body, url, "true")
        assert url == URL
        needs_of(asked, "torch")


_keys = st.builds(
    "{}.{}".format,
    st.sampled_from(["global", "install", ":env:", "cuda-guard", "x"]),
    st.sampled_from(["index-url", "extra_index_url", "find-links", "no-index", "wheel-index", ""]),
)
_settings = st.builds(
    "{}={}".format,
    _keys,
    st.one_of(places, odd, st.sampled_from([*SWITCH]), st.text(max_size=8)).map(repr)
    | st.text(max_size=8)
    | st.sampled_from(
        ["[" * 300, "(" * 300 + ")" * 300, "9" * 5000, "-" * 5000 + "1", "'\\x'", "'\\ud800'"]
    ),
)


@given(st.lists(_settings | st.text(max_size=10), max_size=5), st.text(max_size=30))
def test_settings_of_pip(lines: list[str], text: str) -> None:
    found = effective(parse_config_list(lines), "install")
    for name, url in addresses(found):
        assert name in ("index-url", "extra-index-url", "find-links")
        assert url.strip()
    default_index(f"Base URL {text} (default {text})")
