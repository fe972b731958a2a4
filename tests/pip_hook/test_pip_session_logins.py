"""Certificates, credentials and proxies are pip's when indexes are asked by its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.support.pips import PIP_VERSIONS
from tests.support.self_signed import self_signed
from tests.support.tools import ToolUnavailableError
from tests.support.wheel_index import CREDENTIALS, WheelFile, WheelServer

from .session_asking import FOUND, PASSWORD, WHEEL, Asking, files_hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate that nobody has signed."""
    try:
        return self_signed(tmp_path_factory.mktemp("certificate"))
    except ToolUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[WheelServer]:
    """Return a server with that certificate."""
    with WheelServer([WheelFile("whl/cu121/torch", WHEEL)], certificate=certificate) as server:
        yield server


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_an_unsigned_certificate(
    version: str, with_pip: Callable[[str], Asking], secure_server: WheelServer, certificate: Path
) -> None:
    asking = with_pip(version)
    # By name: some pips (24.3, 25.3) cannot verify an address that is a number.
    host = f"localhost:{secure_server.port}"
    page = f"https://{host}/whl/torch/"
    result = asking.run(
        (["install"], [page]),
        (["install", "--cert", str(certificate)], [page]),
        (["install", "--trusted-host", host], [page]),
        (["--cert", str(certificate / "nowhere"), "install"], [page]),
    )
    assert result.stderr == ""
    answers = [done["answers"][0] for done in result.json]
    assert [problem for problem, _, _ in answers] == ["certificate", "", "", "certificate"]
    assert result.json[0]["seconds"] < result.json[0]["limit"] + 1


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_credentials_in_the_address(version: str, with_pip: Callable[[str], Asking]) -> None:
    asking = with_pip(version)
    asking.server.fault("/whl", "auth")
    page = asking.server.with_credentials(asking.page)
    wrong = asking.server.with_credentials(asking.page, f"user:{PASSWORD}")
    cache = asking.home / "pages"
    right, *others = asking.answers(urls=[page, wrong], cache=str(cache))
    assert right == FOUND
    assert others == [["login-needed", "HTTP 401", 0]]
    assert files_hold(cache, "2.1.2")
    assert not files_hold(cache, CREDENTIALS.partition(":")[2])


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_credentials_of_a_configured_index(version: str, with_pip: Callable[[str], Asking]) -> None:
    """Those that are written in the index's address are good for all of its pages."""
    asking = with_pip(version)
    asking.server.fault("/whl", "auth")
    index = asking.server.with_credentials(asking.server.base)
    assert asking.answers("--extra-index-url", index) == [FOUND]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_what_a_configuration_file_says(version: str, with_pip: Callable[[str], Asking]) -> None:
    asking = with_pip(version)
    asking.server.fault("/whl", "auth")
    config = asking.home / "pip.conf"
    index = asking.server.with_credentials(asking.server.base)
    config.write_text(f"[install]\nextra-index-url = {index}\n", "utf-8")
    variables = {"PIP_CONFIG_FILE": str(config)}
    assert asking.answers(variables=variables) == [FOUND]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_nobody_is_asked_for_a_password(version: str, with_pip: Callable[[str], Asking]) -> None:
    asking = with_pip(version)
    asking.server.fault("/whl", "auth")
    found = asking.answers(variables={"PIP_NO_INPUT": "0"})
    assert found == [["login-needed", "HTTP 401", 0]]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_netrc(version: str, with_pip: Callable[[str], Asking]) -> None:
    asking = with_pip(version)
    asking.server.fault("/whl", "auth")
    netrc = asking.home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login user password password\n", "utf-8")
    netrc.chmod(0o600)
    assert asking.answers() == [FOUND]


@pytest.mark.parametrize("version", PIP_VERSIONS)
@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param((), FOUND, id="as pip would"),
        pytest.param(("--no-input",), ["login-needed", "HTTP 401", 0], id="not by --no-input"),
    ],
)
def test_keyring(
    version: str, words: tuple[str, ...], answer: list[Any], with_pip: Callable[[str], Asking]
) -> None:
    asking = with_pip(version)
    asking.server.fault("/whl", "auth")
    (asking.home / "keyring.py").write_text(
        "from collections import namedtuple\n"
        "Credential = namedtuple('Credential', 'username password')\n"
        "def get_credential(service, user):\n"
        "    return Credential('user', 'password')\n",
        "utf-8",
    )
    found = asking.answers(*words, variables={"PYTHONPATH": str(asking.home), "PIP_NO_INPUT": "0"})
    assert found == [answer]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_proxy(version: str, with_pip: Callable[[str], Asking]) -> None:
    asking = with_pip(version)
    proxy = asking.server.with_credentials(asking.server.root, f"me:{PASSWORD}")
    page = "http://index.test/whl/torch/"
    words = ["install", "--trusted-host", "index.test"]
    result = asking.run(([*words, "--proxy", proxy], [page]), (words, [page]))
    assert result.stderr == ""
    through, direct = (done["answers"][0] for done in result.json)
    assert through == FOUND
    assert asking.server.asked_for(page)
    assert direct[0] in ("unreachable", "timeout")


def test_a_proxy_that_wants_a_login(asking: Asking) -> None:
    asking.server.fault("/whl", "407")
    page = "http://index.test/whl/torch/"
    words = ("--trusted-host", "index.test", "--proxy", asking.server.root)
    assert asking.answers(*words, urls=[page]) == [["login-needed", "HTTP 407", 0]]
