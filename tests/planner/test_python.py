"""Rule 1: builds for the Python that is installed into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .machines import FORGE, codes, conda, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host


def _py(python: str | None) -> Host:
    return machine("535.104.05", "12.2", "8.0", python=python)


FITS = [
    ("3.9", "torch", "2.8.0+cu129"),
    ("3.8", "torch", "2.4.1+cu121"),
    ("3.7", "torch", "1.13.1+cu117"),
    ("3.6", "torch", "1.10.2+cu113"),
    ("3.12", "torch", "2.14.1+cu126"),
    ("3.13t", "torch", "2.12.0+cu126"),
    ("3.14t", "torch", "2.14.1+cu126"),
    (None, "torch", "2.14.1+cu126"),
    ("3.9", "torch torchvision", "2.8.0+cu129"),
]


@pytest.mark.parametrize(("python", "text", "torch"), FITS)
def test_the_newest_torch_for_a_python(python: str | None, text: str, torch: str) -> None:
    plan = pip(text, _py(python))
    assert (plan.status, plan.packages["torch"]) == ("ok", torch)


MISSING = [
    ("3.12", "torch==1.13.1", "3.7, 3.8, 3.9, 3.10"),
    ("3.13t", "torch==2.4.0", "3.8, 3.9, 3.10, 3.11, 3.12"),
    ("3.8", "torch==2.5.1", "3.9, 3.10, 3.11, 3.12"),
    ("3.11", "torch==1.7.1", "3.6, 3.7, 3.8, 3.9"),
]


@pytest.mark.parametrize(("python", "text", "pythons"), MISSING)
def test_a_python_without_builds_is_refused(python: str, text: str, pythons: str) -> None:
    plan = pip(text, _py(python))
    assert (plan.status, codes(plan)) == ("refused", {"python-not-covered"})
    assert f"Python {python}" in words(plan)
    assert pythons in words(plan)


def test_the_other_request_that_is_named_works() -> None:
    said = words(pip("torch==1.13.1", _py("3.12")))
    other = said.partition("Or ask for ")[2].split(",")[0]
    assert pip(other, machine("580.65.06", None, "8.0", python="3.12")).status == "ok"


@pytest.mark.parametrize("text", ["torch<2", "torch"])
def test_the_pythons_named_are_those_of_the_release_named(text: str) -> None:
    """PyTorch 1.13.1 was never made for 3.6, nor 2.15.0 for 2.7."""
    plan = pip(text, _py("3.99"))
    assert codes(plan) == {"python-not-covered"}
    assert "3.6," not in words(plan)
    assert "2.7," not in words(plan)


def test_a_full_version_means_its_minor_version() -> None:
    assert pip("torch==2.1.2", _py("3.11.4")).status == "ok"


def test_all_machines_pythons_must_have_a_build() -> None:
    newer, older = (
        machine("550.54.14", None, "8.0"),
        machine("550.54.14", None, "8.0", python="3.8"),
    )
    assert pip("torch", newer, older).packages["torch"].startswith("2.4.1")
    assert pip("torch", machine("550.54.14", None, "8.0", python="3.13"), older).status == "refused"


def test_a_python_beside_it_counts_on_conda() -> None:
    host = _py("3.13")
    assert conda("pytorch=2.1", host).status == "refused"
    plan = conda("python=3.10 pytorch=2.1", host)
    assert plan.status == "ok"
    assert plan.requirements[0] == "python=3.10"


def test_the_python_that_was_asked_for_is_the_one_named() -> None:
    plan = conda("python=3.13 pytorch=2.1", _py("3.11"))
    assert codes(plan) == {"python-not-covered"}
    assert "3.13" in words(plan)
    assert "no build for Python 3.11" not in words(plan)


def test_conda_forge_user_with_a_newer_python() -> None:
    plan = conda("pytorch", _py("3.14"), channels=FORGE)
    assert (plan.status, plan.source) == ("ok", "conda-forge")
