"""Indexes are asked by pip's own session, of every pip there is, whatever they answer."""

from __future__ import annotations

import json
import shutil
from typing import Callable

import pytest

from conda_cuda_guard.model.time_limit import VARIABLE
from tests.support.pips import NEWEST, OLDEST, PIP_VERSIONS
from tests.support.tools import REAL_TIME
from tests.support.wheel_index import WheelFile

from .session_asking import FOUND, PASSWORD, WHEEL, Asking, files_hold

# Fault, and the problem that is told of it.
PROBLEMS = {
    "slow": "timeout",
    "drip": "timeout",
    "drip-head": "timeout",
    "401": "login-needed",
    "403": "login-needed",
    "407": "login-needed",
    "404": "absent",
    "denied": "absent",
    "500": "server-error",
    "503": "server-error",
    "redirect-loop": "server-error",
    "truncated": "truncated",
    "login": "not-an-index",
    "redirect-login": "not-an-index",
    "garbage": "not-an-index",
    "gzip": "not-an-index",
    "json": "not-an-index",
    "auth": "login-needed",
    "foreign": "",
    "path": "",
}


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_every_fault_has_its_problem_in_time(
    version: str, with_pip: Callable[[str], Asking]
) -> None:
    asking = with_pip(version)
    for kind in PROBLEMS:
        asking.server.add([WheelFile(f"{kind}/torch", WHEEL)])
        asking.server.fault(f"/{kind}/", kind)
    root = asking.server.with_credentials(asking.server.root, f"me:{PASSWORD}")
    urls = [f"{root}/{kind}/torch/" for kind in PROBLEMS]
    cache = asking.home / "pages"
    # Twice as long as it is: the others are to be read beside those that never end.
    factor = {VARIABLE: "2"}
    answers = asking.answers("--index-url", root, urls=urls, cache=str(cache), variables=factor)
    told = {kind: problem for kind, (problem, _, _) in zip(PROBLEMS, answers)}
    assert told == PROBLEMS
    assert all(count == (not problem) for problem, _, count in answers)
    assert PASSWORD not in json.dumps(answers)
    assert not files_hold(asking.home, PASSWORD)
    assert any(cache.iterdir())


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_very_much_is_read_in_time_or_not_at_all(
    version: str, with_pip: Callable[[str], Asking]
) -> None:
    asking = with_pip(version)
    urls = []
    for kind in ("many", "endless"):
        asking.server.add([WheelFile(f"{kind}/torch", WHEEL)])
        asking.server.fault(f"/{kind}/", kind)
        urls.append(f"{asking.server.root}/{kind}/torch/")
    result = asking.run(*((["install"], [url]) for url in urls), variables=REAL_TIME)
    many, endless = (done["answers"][0] for done in result.json)
    # On a machine that is busy with other things it may be too late.
    assert many == FOUND or many[0] == "timeout"
    assert endless[0] in ("too-large", "timeout")
    assert all(done["seconds"] < 3 for done in result.json)


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_addresses_that_lead_nowhere(version: str, with_pip: Callable[[str], Asking]) -> None:
    problems = {
        "http://127.0.0.1:9/torch/": "unreachable",
        "http://index.test/torch/": "untrusted",  # pip ignores a host that it cannot trust
        "ftp://127.0.0.1/torch/": "not-asked",
        "http://[bad/torch/": "not-asked",
        "http://127.0.0.1:x/torch/": "not-asked",
    }
    answers = with_pip(version).answers(urls=list(problems))
    assert [problem for problem, _, _ in answers] == list(problems.values())


def test_the_second_time_it_has_not_changed(asking: Asking) -> None:
    cache = str(asking.home / "pages")
    assert asking.answers(cache=cache) == asking.answers(cache=cache) == [FOUND]
    assert [seen.status for seen in asking.server.requests] == [200, 304]


def test_an_index_that_speaks_json(asking: Asking) -> None:
    assert asking.answers(urls=[f"{asking.server.simple}/torch/"]) == [FOUND]


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_the_pip_that_runs_afterwards_is_none_the_wiser(
    version: str, with_pip: Callable[[str], Asking]
) -> None:
    asking = with_pip(version)
    words = [
        "download", "--no-deps", "--dest", "got", "--extra-index-url", asking.server.base,
        "--find-links", str(asking.home), "--trusted-host", "index.test",
        "--no-binary", "numpy", "--only-binary", "torch", "--no-cache-dir",
        "--platform", "linux_x86_64", "--python-version", "3.11", "torch",
    ]  # fmt: skip
    alone = asking.run(then=words, variables=REAL_TIME)
    shutil.rmtree(asking.home / "got")
    asking.server.fault("/whl/drip", "drip")
    pages = [asking.page, f"{asking.server.base}/drip/torch/"]
    asked = asking.run((words, pages), then=words, variables=REAL_TIME)
    assert (alone.returncode, asked.returncode) == (0, 0)
    # The first line is the script's.
    assert asked.stdout.partition("\n")[2] == alone.stdout.partition("\n")[2]
    assert asked.stderr == alone.stderr


@pytest.mark.parametrize("what", ["function", "import", "session", "methods"])
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_a_pip_whose_internals_are_others(
    version: str, what: str, with_pip: Callable[[str], Asking]
) -> None:
    asking = with_pip(version)
    ((problem, _, _),) = asking.answers(broken=what)
    assert problem == "not-asked"
    assert asking.server.requests == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--no-such-option",), id="unknown option"),
        pytest.param(("--timeout", "soon"), id="a bad value"),
        pytest.param(("--help",), id="help"),
    ],
)
def test_a_line_that_pip_will_turn_down(asking: Asking, words: tuple[str, ...]) -> None:
    ((problem, _, _),) = asking.answers(*words)
    assert problem == "not-asked"
