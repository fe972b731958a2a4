"""`pipcuda doctor`: where packages come from, as the real pip and the real conda tell it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

from conda_cuda_guard.doctor import check_sources
from conda_cuda_guard.doctor.check_sources import default_index_of
from conda_cuda_guard.doctor.examination import examine
from conda_cuda_guard.doctor.report import CheckResult, Environment, Link
from pip_hook import doctor_command
from pip_hook.pip_settings import default_index
from tests.support.clocks import FOREVER
from tests.support.tools import REAL_TIME

if TYPE_CHECKING:
    from tests.support.real_conda import Conda

    from .patients import Patient

CLOUD = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"


def link(report: Any, name: str) -> Any:
    return next(one for one in report["links"] if one["name"] == name)


def put_conda(patient: Patient, command: str, condarc: str = "") -> None:
    """Put a conda on the machine's PATH, and its user's configuration."""
    script = patient.home / "bin" / "conda"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\n{command}\n", "utf-8")
    script.chmod(0o755)
    (patient.home / ".condarc").write_text(condarc, "utf-8")


def test_pips_indexes_and_whose_they_are(bare: Patient) -> None:
    bare.variables["PIP_INDEX_URL"] = "https://pypi.tuna.tsinghua.edu.cn/simple"
    bare.variables["PIP_FIND_LINKS"] = "https://download.pytorch.org/whl/torch_stable.html /wheels"
    told = link(bare.report(), "pip's indexes")["value"]
    assert told.startswith("index-url: https://pypi.tuna.tsinghua.edu.cn/simple (TUNA); find-links")
    assert told.endswith("find-links: /wheels")


def test_where_no_index_is_set_pip_names_its_own() -> None:
    """The help of pip is documented, and says the same as its internals."""
    python = Path(sys.executable)
    asked = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    said = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    assert default_index_of(python, os.environ) == said.stdout.strip() == default_index()
    assert default_index_of(python.with_name("none"), os.environ) is None


def test_pip_is_asked_for_its_default_index_where_that_is_to_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its help is a second interpreter, half of the time that the doctor takes."""
    asked: list[str] = []
    monkeypatch.setattr(check_sources, "default_index_of", lambda *_: asked.append("default"))
    environ = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
    for name in [one for one in environ if one.startswith("PIP_") and one.endswith("_URL")]:
        del environ[name]
    python = Path(sys.executable)
    check_sources.indexes_of_pip(python, environ, offline=True)()
    assert asked == []
    check_sources.indexes_of_pip(python, environ)()
    assert asked == ["default"]
    monkeypatch.setattr(doctor_command, "settings", lambda _: {})
    assert doctor_command.indexes_of_this_pip().addresses[0].url.startswith(default_index() or "?")
    assert asked == ["default"]


def test_constraints_in_force_are_named(bare: Patient) -> None:
    assert link(bare.report(), "pip's indexes")["details"] == []
    bare.variables["PIP_CONSTRAINT"] = "/site/caps.txt https://me:s3cr3t@example.org/more.txt"
    details = link(bare.report(), "pip's indexes")["details"]
    assert details == ["constraints: /site/caps.txt https://****@example.org/more.txt"]


def test_a_proxy_of_the_machine_is_shown_without_its_password(bare: Patient) -> None:
    bare.variables["HTTPS_PROXY"] = "http://me:s3cr3t@proxy.example:3128"
    facts = bare.report()["facts"]
    assert facts["proxy"] == "http://****@proxy.example:3128"


def test_nothing_is_examined_in_another_thread() -> None:
    # Imports in two threads at once locked up, one run in some hundreds.
    threads: list[threading.Thread] = []

    def end() -> CheckResult:
        threads.append(threading.current_thread())
        return CheckResult((Link("source", "seen"),))

    def start() -> Callable[[], CheckResult]:
        threads.append(threading.current_thread())
        return end

    def broken() -> Callable[[], CheckResult]:
        raise OSError("no such thing")

    place = Path(sys.prefix)
    before = set(threading.enumerate())  # servers of other tests of this worker
    report = examine(
        Environment("pip", "3.11", place, (), {}, {"a": start, "b": broken}, place / "no")
    )
    assert threads == [threading.main_thread()] * 2
    assert set(threading.enumerate()) <= before
    told = {one.name: one.value for one in report.links}
    assert told["source"] == "seen"
    assert told["b"] == "could not be examined: OSError: no such thing"


def test_without_conda_there_are_no_channels(bare: Patient) -> None:
    assert link(bare.report(), "conda's channels")["verdict"] == "absent"


def test_a_channel_that_the_mirror_lacks(bare: Patient, conda: Conda) -> None:
    mapped = f"custom_channels:\n  nvidia: {CLOUD}\n  pytorch: {CLOUD}\n"
    put_conda(bare, f'exec "{conda.python}" -m conda "$@"', f"channels: [pytorch]\n{mapped}")
    report = bare.report()
    assert report["healthy"]
    found = link(report, "conda's channels")
    assert (found["value"], found["verdict"]) == ("pytorch (TUNA)", "warning")
    assert f"the mirror TUNA does not have {CLOUD}/nvidia" in found["details"]
    assert "channel priority: flexible" in found["details"]
    (problem,) = report["problems"]
    assert problem["code"] == "channel-not-on-mirror"
    assert problem["evidence"]["missing_channels"] == f"{CLOUD}/nvidia (TUNA)"
    assert f"nvidia: {CLOUD}/nvidia" in problem["evidence"]["custom_channels"]


def test_strict_priority_is_seen_by_pips_doctor_too(bare: Patient, conda: Conda) -> None:
    condarc = "channels: [conda-forge, pytorch]\nchannel_priority: strict\n"
    put_conda(bare, f'exec "{conda.python}" -m conda "$@"', condarc)
    assert bare.codes() == ["strict-priority"]


@pytest.mark.parametrize("answer", ["exit 3", "echo no JSON"])
def test_a_conda_that_does_not_answer_is_a_line(bare: Patient, answer: str) -> None:
    put_conda(bare, answer)
    report = bare.report()
    assert link(report, "conda's channels")["verdict"] == "unknown"
    assert report["healthy"]


def test_a_conda_that_hangs_is_left_alone(bare: Patient) -> None:
    put_conda(bare, f'exec {sys.executable} -c "import time; time.sleep({FOREVER})"')
    bare.variables |= REAL_TIME
    done = bare.doctor("--json")
    found = link(done.json, "conda's channels")
    assert (found["value"], found["verdict"]) == ("no answer within 5.0 s: ", "unknown")
    assert "still looking" in done.stderr
