"""Our reading of MatchSpecs, without conda, against conda's own over every release."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue import releases
from conda_cuda_guard.planner.conda_parse import read_conda
from tests.support.tools import run

if TYPE_CHECKING:
    from tests.support.real_conda import Conda

SPECS = (
    "pytorch", "pytorch=2.1", "pytorch==2.1", "pytorch==2.1.1", "pytorch>=2.0,<2.2",
    "pytorch 2.1.*", "pytorch=2.1.*", "pytorch<2", "pytorch>1.13", "pytorch!=2.1.1",
    "pytorch=2.1|2.2", "pytorch>=2.1.*", "pytorch~=2.1.0", "pytorch ~=2.1",
    "pytorch[version='>=2.3']", "pytorch[version='2.1.1']", "pytorch 2.1.1",
    "pytorch=2.1.1=*cuda*", "pytorch==2.1.1[build=*cuda12.1*]", "pytorch=1.1", "pytorch=1.1*",
    "pytorch==1.10", "pytorch=1.10.*", "pytorch>=1.8,!=1.8.1,<1.10", "pytorch<=2.1", "pytorch=2",
    "pytorch==2.*", "pytorch!=2.1.*", "pytorch!=2.*", "pytorch *", "pytorch >=2.5 *cuda*",
    "pytorch=2.*", "pytorch>=2.1,<2.2|==1.13.1", "pytorch=2.1.*=*cuda*", "pytorch 2.1.1|2.1.2",
    "pytorch=2.1,!=2.1.1", "pytorch=1|>2.5", "conda-forge::pytorch=2.1", "PyTorch=2.1",
    "pytorch=*=*cuda*", "pytorch=*=*cpu*",
    "pytorch[version='>=2.1,<2.3',build=cuda*]", "pytorch =2.1", "pytorch == 2.1.1",
)  # fmt: skip

_ASK_CONDA = """
import json, sys
from conda.models.match_spec import MatchSpec
from conda.models.version import VersionSpec
specs, versions = json.load(sys.stdin)
def allowed(text):
    spec = MatchSpec(text)
    asked = spec.get("version")
    matches = VersionSpec(str(asked)).match if asked is not None else lambda _: True
    return spec.name, str(spec), [version for version in versions if matches(version)]
print(json.dumps([allowed(text) for text in specs]))
"""

FAMILY = catalogue.family()


@pytest.fixture(scope="session")
def by_conda(conda: Conda) -> dict[str, tuple[str, str, list[str]]]:
    """Ask conda what each spec allows."""
    versions = [release.version for release in releases()]
    question = json.dumps([SPECS, versions])
    asked = run([str(conda.python), "-c", _ASK_CONDA], env=conda.environment(), stdin=question)
    assert asked.returncode == 0, asked.stderr
    return dict(zip(SPECS, asked.json))


@pytest.mark.parametrize("text", SPECS)
def test_it_allows_the_same_releases(
    by_conda: dict[str, tuple[str, str, list[str]]], text: str
) -> None:
    name, written, allowed = by_conda[text]
    # As typed; and as conda writes it, which is what the hooks see.
    for ask in (read_conda(text, FAMILY), read_conda(written, FAMILY)):
        assert (ask.package, name) == ("torch", "pytorch")
        assert [one.version for one in releases() if one.version in ask.allows] == allowed
        assert (ask.wish is None) == (read_conda(text, FAMILY).wish is None)
