"""Random requests on random machines: no exception, and plans that hold what they promise."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PLATFORMS, Gpu, Host, Plan, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.rendering import plan_text, plan_to_json
from conda_cuda_guard.sources import from_catalogue

from .machines import WHEELS

RELEASES = [release.version for release in catalogue.releases()]
few = settings(max_examples=max(150, settings().max_examples), derandomize=True)

labels = st.sampled_from(["", "", "", "+cu118", "+cu121", "+cu126", "+cpu", "+rocm6", "+cu", "+x"])
versions = st.one_of(
    st.sampled_from(RELEASES), st.sampled_from(["2", "2.1", "2.1.*", "1!2", "0", "99", "x", ""])
)
pip_texts = st.builds(
    lambda name, op, number, label, tail: f"{name}{op}{number}{label}{tail}",
    st.sampled_from(["torch", "torchvision", "torchaudio", "torchtext", "Torch", "numpy"]),
    st.sampled_from(["", "==", ">=", "<", "!=", "~=", "===", "=", "=="]),
    versions,
    labels,
    st.sampled_from(["", "", " ; python_version >= '3.9'", " ; sys_platform == 'win32'", ";"]),
)
conda_texts = st.builds(
    lambda channel, name, op, number, build: f"{channel}{name}{op}{number}{build}",
    st.sampled_from(["", "", "conda-forge::", "pytorch::", "::", "defaults::"]),
    st.sampled_from(
        [
            "pytorch",
            "torch",
            "pytorch-gpu",
            "pytorch-cuda",
            "cudatoolkit",
            "cuda-version",
            "cpuonly",
            "torchvision",
            "python",
            "numpy",
            "pytorch-cpu",
        ]
    ),
    st.sampled_from(["", "=", "==", ">=", "<", " ", "~=", "!="]),
    st.one_of(versions, st.sampled_from(["12.1", "11.8", "13", "3.10", "2.1|2.2", ">=2,<3"])),
    st.sampled_from(["", "", "=*cuda*", "=cpu*", " *cuda11.8*", "[build=cuda12*]", "[", "=*=*"]),
)
odd = st.text(st.sampled_from("torch=<>!~*.[]:;,|+0129 'cuda\"@/^$()"), max_size=14)
drivers = st.sampled_from(
    [
        None,
        "340.108",
        "450.80.02",
        "470.42.01",
        "525.60.13",
        "535",
        "550.54",
        "580.65.06",
        "615.10",
        "999",
    ]
)
cudas = st.sampled_from([None, None, "9.0", "10.2", "11.8", "12.2", "12.7", "13.0", "13.4", "14.0"])
gpus = st.lists(
    st.builds(
        Gpu,
        st.sampled_from([None, "Some GPU"]),
        st.sampled_from([None, "3.5", "6.1", "7.0", "8.0", "8.9", "10.0", "12.0", "13.0"]),
    ),
    max_size=3,
)
PYTHONS = [None, "2.7", "3.6", "3.9", "3.11", "3.12", "3.13t", "3.15", "4.0"]


def _hosts(platform: str) -> st.SearchStrategy[tuple[Host, ...]]:
    one = st.builds(
        Host, st.just(platform), st.sampled_from(PYTHONS), drivers, cudas, gpus.map(tuple)
    )
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def _request(manager: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Request]:
    urls = st.lists(
        st.sampled_from(
            [
                f"{WHEELS}/cu118",
                f"{WHEELS}/cpu",
                f"{WHEELS}/nightly/cu121",
                "https://index.example/simple",
                "x",
            ]
        ),
        max_size=1,
    ).map(tuple)
    pages = st.lists(st.sampled_from([f"{WHEELS}/torch_stable.html", "./wheels"]), max_size=1).map(
        tuple
    )
    channels = st.lists(
        st.sampled_from(["defaults", "conda-forge", "pytorch", "nvidia", "", "/"]), max_size=3
    ).map(tuple)
    sources = st.builds(Sources, index_urls=urls, find_links=pages, channels=channels)
    return st.sampled_from(PLATFORMS).flatmap(
        lambda platform: st.builds(
            Request,
            st.just(manager),
            st.lists(st.one_of(texts, texts, odd), max_size=4).map(tuple),
            _hosts(platform),
            st.sampled_from(["auto", "strict"]),
            sources,
            cpu=st.sampled_from([False, False, True]),
            as_is=st.sampled_from([False, False, True]),
        )
    )


def _plan(request: Request) -> Plan:
    return make_plan(request, from_catalogue(request.manager, request.hosts[0].platform))


def _check(request: Request) -> None:
    plan = _plan(request)
    given_out: dict[str, Any] = plan_to_json(plan)
    assert json.loads(json.dumps(given_out)) == given_out
    assert plan_text(plan)
    severities = {note.severity for note in plan.notes}
    assert severities <= {"info", "warning", "error"}
    assert ("error" in severities) == (plan.status == "refused")
    if plan.status == "refused":
        assert (plan.requirements, plan.command, plan.variant) == ((), (), None)
        return
    if request.as_is:
        assert (plan.status, plan.requirements) == ("unchanged", request.requirements)
        return
    has_driver = any(host.has_cuda for host in request.hosts)
    assert not request.cpu or plan.cuda is None
    if plan.variant not in (None, "cpu"):
        assert plan.cuda is not None
        assert (plan.level is not None) == has_driver
        assert request.policy == "auto" or plan.level != "minor-compatible"
    if plan.variant == "cpu":
        assert plan.level is None
        assert plan.notes
    if plan.status == "unchanged":
        assert plan.requirements == request.requirements
    assert _plan(request) == plan


@few
@given(_request("pip", pip_texts))
def test_pip(request: Request) -> None:
    _check(request)


@few
@given(_request("conda", conda_texts))
def test_conda(request: Request) -> None:
    _check(request)


@few
@given(_request("pip", pip_texts))
def test_what_is_not_of_the_family_stays(request: Request) -> None:
    plan = _plan(request)
    if plan.status == "refused":
        return
    for before, after in zip(request.requirements, plan.requirements):
        try:
            name = Requirement(before).name.lower()
        except ValueError:
            name = ""
        if name not in ("torch", "torchvision", "torchaudio", "torchtext"):
            assert after == before
