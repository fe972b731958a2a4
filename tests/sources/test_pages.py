"""Pages of all kinds, and what is none."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_cuda_guard.sources.index_page import NotAnIndexError, wheels_on
from tests.support.clocks import worked

HTML, JSON = "text/html", "application/vnd.pypi.simple.v1+json"
PAGE = "https://host.test/whl/cu121/torch/"
NAME = "torch-2.1.2+cu121-cp311-cp311-linux_x86_64.whl"
QUOTED = NAME.replace("+", "%2B")
SHA = "0123456789abcdef" * 4


def links(*anchors: str, head: str = "") -> bytes:
    body = "<br/>\n".join(anchors)
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def urls(page: bytes, kind: str = HTML, url: str = PAGE) -> list[str]:
    return [wheel.url for wheel in wheels_on(page, kind, url)]


@pytest.mark.parametrize(
    ("anchor", "url"),
    [
        pytest.param(
            f'<a href="/whl/cu121/{QUOTED}">x</a>', f"https://host.test/whl/cu121/{QUOTED}",
            id="from the root",
        ),
        pytest.param(f'<a href="{QUOTED}">x</a>', f"{PAGE}{QUOTED}", id="relative"),
        pytest.param(
            f'<a href="../../cu121/{QUOTED}">x</a>', f"https://host.test/whl/cu121/{QUOTED}",
            id="upwards",
        ),
        pytest.param(
            f'<a href="https://files.test/{QUOTED}">x</a>', f"https://files.test/{QUOTED}",
            id="another host",
        ),
        pytest.param(
            f'<a href="//files.test/{QUOTED}">x</a>', f"https://files.test/{QUOTED}",
            id="another host, same scheme",
        ),
        pytest.param(f'<a href="{NAME}">x</a>', f"{PAGE}{NAME}", id="a bare plus"),
        pytest.param(f"<A class=x HREF='{QUOTED}'>x</A>", f"{PAGE}{QUOTED}", id="capitals"),
        pytest.param(f"<a href={QUOTED}>x</a>", f"{PAGE}{QUOTED}", id="no quotes"),
        pytest.param(f'<a\n href = " {QUOTED} ">x</a>', f"{PAGE}{QUOTED}", id="white space"),
        pytest.param(
            f'<a href="&#x74;orch{QUOTED[5:]}?a=1&amp;b=2">torch</a>', f"{PAGE}{QUOTED}",
            id="entities and a query",
        ),
        pytest.param(
            f'<a data-requires-python=">=3.9" href="{QUOTED}">x</a>', f"{PAGE}{QUOTED}",
            id="a bare > in an attribute",
        ),
        pytest.param(
            f'<a href="https://me:secret@host.test/{QUOTED}">x</a>', f"https://host.test/{QUOTED}",
            id="credentials",
        ),
    ],
)  # fmt: skip
def test_links(anchor: str, url: str) -> None:
    (wheel,) = wheels_on(links(anchor), HTML, PAGE)
    assert (wheel.version, wheel.url) == ("2.1.2+cu121", url)


@pytest.mark.parametrize(
    ("rest", "sha256", "yanked"),
    [
        pytest.param(f'#sha256={SHA}"', SHA, False, id="checksum"),
        pytest.param(f'#egg=torch&sha256={SHA.upper()}"', SHA, False, id="among others"),
        pytest.param('#sha256=12"', "", False, id="too short"),
        pytest.param('" data-yanked', "", True, id="yanked"),
        pytest.param('" data-yanked="a reason"', "", True, id="yanked with a reason"),
    ],
)
def test_what_a_link_says_besides(rest: str, sha256: str, yanked: bool) -> None:
    (wheel,) = wheels_on(links(f'<a href="{QUOTED}{rest}>x</a>'), HTML, PAGE)
    assert (wheel.sha256, wheel.yanked) == (sha256, yanked)


def test_a_base_for_relative_links() -> None:
    page = links(f'<a href="{QUOTED}">x</a>', head='<base href="https://files.test/a/">')
    assert urls(page) == [f"https://files.test/a/{QUOTED}"]


def test_links_that_count_once_or_not_at_all() -> None:
    page = links(
        f'<!-- <a href="torch-9.9.9-py3-none-any.whl">x</a> --><a href="{QUOTED}">x</a>',
        f'<a href="{QUOTED}">x</a>',
        '<a href="numpy-2.0.0-py3-none-any.whl">torch</a>',
        '<a href="ftp://host.test/torch-9.9.9-py3-none-any.whl">x</a>',
        '<a href="https://[host/torch-9.9.9-py3-none-any.whl">x</a>',
        '<a href="javascript:torch-9.9.9-py3-none-any.whl">x</a>',
        '<a href="a%2Ftorch-9.9.9-py3-none-any.whl">x</a>',
        '<a title="torch-9.9.9-py3-none-any.whl">x</a>',
    )
    assert urls(page) == [f"{PAGE}{QUOTED}"]


def test_a_web_servers_listing() -> None:
    page = (
        "<html>\r\n<head><title>Index of /cu121/</title></head>\r\n<body><h1>Index of /cu121/</h1>"
        f'<hr><pre><a href="../">../</a>\r\n<a href="{QUOTED}">torch-2.1.2+cu121-cp311-..&gt;</a>'
        "  05-Feb-2024 10:11  2200661851\r\n</pre><hr></body></html>"
    ).encode()
    assert urls(page, url="https://mirror.test/cu121/") == [f"https://mirror.test/cu121/{QUOTED}"]


def _entry(**changes: object) -> dict[str, object]:
    return {"filename": NAME, "url": f"../{QUOTED}", "hashes": {"sha256": SHA}, **changes}


def _json(*files: object) -> bytes:
    page = {"meta": {"api-version": "1.3"}, "name": "torch", "files": files}
    return json.dumps(page).encode()


@pytest.mark.parametrize(
    ("entry", "sha256", "yanked"),
    [
        pytest.param(_entry(), SHA, False, id="plain"),
        pytest.param(_entry(yanked=False), SHA, False, id="not yanked"),
        pytest.param(_entry(yanked="a reason"), SHA, True, id="yanked"),
        pytest.param(_entry(hashes={}), "", False, id="no checksum"),
        pytest.param(_entry(hashes=None), "", False, id="no checksums"),
    ],
)
def test_json(entry: dict[str, object], sha256: str, yanked: bool) -> None:
    (wheel,) = wheels_on(_json(entry), JSON, PAGE)
    assert wheel.url == f"https://host.test/whl/cu121/{QUOTED}"
    assert (wheel.sha256, wheel.yanked) == (sha256, yanked)


def test_json_that_is_wrong_in_places() -> None:
    others = [None, 1, {}, {"filename": NAME}, _entry(url=3), _entry(filename=["x"])]
    others += [_entry(filename="numpy-2.0.0-py3-none-any.whl")]
    assert len(wheels_on(_json(*others, _entry()), JSON, PAGE)) == 1


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        pytest.param(links(), HTML, id="no links"),
        pytest.param(links('<a href="numpy/">numpy</a>'), HTML, id="other packages"),
        pytest.param(links('<a href="x.tar.gz">x</a>', "<form></form>"), HTML, id="a search form"),
        pytest.param(_json(), JSON, id="json"),
    ],
)
def test_an_index_without_torch(page: bytes, kind: str) -> None:
    assert wheels_on(page, kind, PAGE) == ()


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        pytest.param(links("<form>Sign in</form>"), HTML, id="a login page"),
        pytest.param(links('<a href="/help">Help</a><form>'), HTML, id="with a link"),
        pytest.param(links("<script>go()</script>"), HTML, id="a script"),
        pytest.param(b"", HTML, id="nothing"),
        pytest.param(b"Service is fine", HTML, id="words"),
        pytest.param(bytes(range(256)) * 9, HTML, id="garbage"),
        pytest.param(gzip.compress(links(f'<a href="{QUOTED}">x</a>')), HTML, id="gzip"),
        pytest.param(b"{", JSON, id="broken json"),
        pytest.param(b'{"error": "x"}', HTML, id="other json"),
        pytest.param(b"[]", JSON, id="a list"),
        pytest.param(b"[" * 100_000, JSON, id="deep json"),
        pytest.param(b'{"files": {}}', JSON, id="files that are no list"),
        pytest.param(b"<html></html>", JSON, id="html that is said to be json"),
    ],
)
def test_what_is_no_index(page: bytes, kind: str) -> None:
    with pytest.raises(NotAnIndexError):
        wheels_on(page, kind, PAGE)


def test_a_very_long_page_takes_no_time() -> None:
    other = '<a href="/whl/other-{0}-py3-none-any.whl#sha256={0:064x}">other-{0}</a><br>\n'
    page = links(*map(other.format, range(100_000)), f'<a href="{QUOTED}">x</a>')
    start = worked()
    assert len(wheels_on(page, HTML, PAGE)) == 1
    assert worked() - start < 2  # a fifth of a second where nothing else runs


@pytest.mark.parametrize(
    "piece",
    [b"<a ", b"<a href='torch-", b"<!--", b"<base ", b"<a torch =\"'", b"<a torch <![CDATA["],
)
def test_a_hostile_page_takes_no_time(piece: bytes) -> None:
    start = worked()
    with suppress(NotAnIndexError):
        assert wheels_on(b"<html>" + piece * 100_000, HTML, PAGE) == ()
    assert worked() - start < 5


_PIECES = st.sampled_from(
    [f'<a href="{QUOTED}">', "<a ", "href=", '"', "'", ">", "<!--", "-->", "</a>", "<base href='",
     "torch-", ".whl", "http://[", "#sha256=", "&#x", "data-yanked", "\x00", "//", "%", "{", "["]
)  # fmt: skip


@given(st.one_of(st.binary(), st.lists(_PIECES).map(lambda parts: "".join(parts).encode())))
def test_no_page_is_too_odd(page: bytes) -> None:
    for kind in (HTML, JSON):
        with suppress(NotAnIndexError):
            wheels_on(page, kind, PAGE)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.just(NAME),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["filename", "url", "hashes", "sha256", "yanked"]), inner
    ),
)  # fmt: skip


@given(st.lists(_VALUES))
def test_no_json_is_too_odd(files: list[object]) -> None:
    wheels_on(_json(*files), JSON, PAGE)


@pytest.mark.parametrize(
    ("said", "metadata"),
    [
        (f"sha256={SHA}", f"sha256={SHA}"),
        ("true", "true"),
        ("sha512=12", ""),
        ("", ""),
    ],
)
def test_what_a_link_says_of_the_metadata(said: str, metadata: str) -> None:
    (wheel,) = wheels_on(links(f'<a href="{QUOTED}" data-core-metadata="{said}">x</a>'), HTML, PAGE)
    assert wheel.metadata == metadata


@pytest.mark.parametrize(
    ("said", "metadata"),
    [
        ({"sha256": SHA}, f"sha256={SHA}"),
        ({"md5": "12"}, "true"),
        (True, "true"),
        (False, ""),
        (7, ""),
    ],
)
def test_what_json_says_of_the_metadata(said: object, metadata: str) -> None:
    (wheel,) = wheels_on(_json(_entry(**{"core-metadata": said})), JSON, PAGE)
    assert wheel.metadata == metadata


def test_a_base_that_is_no_address_is_left_out() -> None:
    page = links(f'<a href="{QUOTED}">x</a>', head='<base href="http://[">')
    assert urls(page) == [f"{PAGE}{QUOTED}"]
