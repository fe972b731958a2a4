"""Names of variant wheels, and the file that describes those of a version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_cuda_guard.model.sources import DESCRIPTION, WheelVariant
from conda_cuda_guard.sources.index_page import NotAnIndexError, wheels_on
from conda_cuda_guard.sources.page_cache import wheel_rows, wheels_from
from conda_cuda_guard.sources.wheel_descriptions import read_variants
from conda_cuda_guard.sources.wheel_filename import wheel_of

TAGS = "cp311-cp311-manylinux_2_28_x86_64"
URL = "https://index.example/whl/torch/"


@pytest.mark.parametrize(
    ("name", "version", "variant"),
    [
        (f"torch-2.16.0-{TAGS}-cu128.whl", "2.16.0", "cu128"),
        (f"torch-2.16.0-{TAGS}-null.whl", "2.16.0", "null"),
        (f"torch-2.16.0-{TAGS}-{'a' * 40}.whl", "2.16.0", "a" * 40),
        (f"torch-2.16.0-1-{TAGS}-x86_64_v3.whl", "2.16.0", "x86_64_v3"),
        (f"torch-2.16.0+cu128-{TAGS}.whl", "2.16.0+cu128", ""),
        (f"torch-2.16.0-1-{TAGS}.whl", "2.16.0", ""),
        ("torch-2.16.0-variants.json", "2.16.0", DESCRIPTION),
    ],
)
def test_a_label_is_a_further_part_of_the_name(name: str, version: str, variant: str) -> None:
    wheel = wheel_of(name, URL + name)
    assert wheel is not None
    assert (wheel.version, wheel.variant, wheel.url) == (version, variant, URL + name)


@pytest.mark.parametrize("label", ["CU128", "x-y", "", "é"])
def test_what_is_no_label_makes_no_wheel(label: str) -> None:
    assert wheel_of(f"torch-2.16.0-{TAGS}-{label}.whl", URL) is None


def test_a_page_lists_them_and_the_cache_keeps_them() -> None:
    names = [f"torch-2.16.0-{TAGS}-cu128.whl", "torch-2.16.0-variants.json"]
    page = "<html><body>" + "".join(f'<a href="{one}">{one}</a>' for one in names)
    wheels = wheels_on(page.encode(), "text/html", URL)
    assert [wheel.variant for wheel in wheels] == ["cu128", DESCRIPTION]
    assert wheels_from(wheel_rows(wheels, URL), URL) == wheels


def read(**variants: Any) -> list[WheelVariant]:
    head = {"$schema": "https://example.org/v0.1.json", "default-priorities": {"namespace": []}}
    return list(read_variants(json.dumps({**head, "variants": variants}).encode()))


def of(**features: Any) -> dict[str, Any]:
    return {"nvidia": features}


@pytest.mark.parametrize(
    ("variant", "right"),
    [
        ({}, WheelVariant("x")),
        (of(cuda_version_lower_bound=["12.8"]), WheelVariant("x", "12.8")),
        (of(cuda_version_lower_bound=["12.8", "12"]), WheelVariant("x", "12.0")),
        (
            of(cuda_version_lower_bound=["12.8"], cuda_version_upper_bound=["13"]),
            WheelVariant("x", "12.8", "13.0"),
        ),
        (
            of(cuda_version_lower_bound=["12.8"], sm_arch=["120_real", "80_virtual", "90_real"]),
            WheelVariant("x", "12.8", None, ("8.0", "9.0", "12.0")),
        ),
    ],
)
def test_what_a_variant_asks_for(variant: dict[str, Any], right: WheelVariant) -> None:
    assert read(x=variant) == [right]


@pytest.mark.parametrize(
    "variant",
    [
        {"amd": {"gfx_arch": ["gfx90a"]}},
        {**of(cuda_version_lower_bound=["12.8"]), "x86_64": {"level": ["v3"]}},
        of(something_new=["1"]),
        of(sm_arch=["one"]),
        of(cuda_version_lower_bound="12.8"),
        of(cuda_version_lower_bound=["cu128"]),
        of(cuda_version_upper_bound=["13"]),
        {"nvidia": []},
        [],
    ],
)
def test_what_is_not_understood_is_left_out(variant: Any) -> None:
    assert read(x=variant, y=of(cuda_version_lower_bound=["12.8"])) == [WheelVariant("y", "12.8")]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"variants": []}', b"[" * 100_000, b"\xff"])
def test_what_is_no_description_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotAnIndexError):
        read_variants(body)


@pytest.mark.parametrize(("form", "known"), [("v0.1", True), ("v1.7", True), ("v2.0", False)])
def test_a_later_form_is_said_not_to_be_known(form: str, *, known: bool) -> None:
    body = json.dumps({"$schema": f"https://example.org/{form}.json", "variants": {"x": {}}})
    if known:
        assert read_variants(body.encode()) == (WheelVariant("x"),)
    else:
        with pytest.raises(NotAnIndexError, match="later form"):
            read_variants(body.encode())


values = st.recursive(
    st.none() | st.integers() | st.sampled_from(["12.8", "13", "90_real", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["nvidia", "cuda_version_lower_bound", "cuda_version_upper_bound", "sm_arch", "a"]
            ),
            inner,
            max_size=3,
        )
    ),
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=3))
def test_any_description_is_read_or_left(variants: dict[str, Any]) -> None:
    for one in read(**{f"l{number}": value for number, value in enumerate(variants.values())}):
        assert one.label
