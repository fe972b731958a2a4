"""Random requests on random machines: no exception, and plans that hold what they promise."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from conda_cuda_guard.catalogue import families_on_conda
from conda_cuda_guard.model import Host, Plan, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.rendering import plan_text, plan_to_json
from conda_cuda_guard.rendering.output import shown
from conda_cuda_guard.sources.builtin import from_catalogue
from tests.planner.machines import WHEELS
from tests.safety.test_redaction import SECRET

from .pieces import (
    DRIVERS,
    LEADS,
    addresses,
    conda_texts,
    hosts,
    odd,
    pip_texts,
    platforms,
)

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue

few = settings(max_examples=max(100, settings().max_examples), derandomize=True)


def _request(manager: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Request]:
    urls = st.lists(addresses, max_size=1).map(tuple)
    pages = st.lists(st.sampled_from([f"{WHEELS}/torch_stable.html", "./wheels"]), max_size=1).map(
        tuple
    )
    channels = st.lists(
        st.sampled_from(["defaults", "conda-forge", "pytorch", "nvidia", "", "/"]), max_size=3
    ).map(tuple)
    sources = st.builds(Sources, index_urls=urls, find_links=pages, channels=channels)
    return platforms.flatmap(
        lambda platform: st.builds(
            Request,
            st.just(manager),
            st.lists(st.one_of(texts, texts, texts, odd), max_size=4).map(tuple),
            hosts(platform),
            st.sampled_from(["auto", "strict"]),
            sources,
            cpu=st.sampled_from([False, False, True]),
            as_is=st.sampled_from([False, False, True]),
        )
    )


pip_requests = _request("pip", pip_texts)
conda_requests = _request("conda", conda_texts)


def _plan(request: Request, known: Catalogue | None = None) -> Plan:
    return make_plan(request, known or from_catalogue(request.manager, request.hosts[0].platform))


def _check(request: Request) -> None:
    plan = _plan(request)
    given_out: dict[str, Any] = plan_to_json(plan)
    assert json.loads(json.dumps(given_out)) == given_out
    assert SECRET not in shown(plan_text(plan))
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
        # Of what was asked for, and of Macs, which have no other, torch's plan alone says so.
        assert plan.notes or request.cpu or _on_macs(request) or _is_named_so(request)
    if plan.status == "unchanged":
        assert plan.requirements == request.requirements
    assert _plan(request) == plan


def _is_named_so(request: Request) -> bool:
    """Return whether a name or a build asks for the CPU (`paddlepaddle`, `faiss=*=*_cpu`)."""
    names = [name for family in families_on_conda() for name in family.cpu_names]
    texts = (*request.requirements, *request.sources.index_urls)
    return any(name in text for text in texts for name in ("cpu", *names))


def _on_macs(request: Request) -> bool:
    return request.hosts[0].platform.startswith("macos")


@few
@given(pip_requests)
def test_pip(request: Request) -> None:
    _check(request)


@few
@given(conda_requests)
def test_conda(request: Request) -> None:
    _check(request)


@few
@given(pip_requests)
def test_what_is_not_of_a_family_stays(request: Request) -> None:
    plan = _plan(request)
    if plan.status == "refused":
        return
    for before, after in zip(request.requirements, plan.requirements):
        try:
            name = Requirement(before).name.lower()
        except ValueError:
            name = ""
        if name in ("", "numpy", "warpdrive"):
            assert after == before


def _again(request: Request, plan: Plan) -> Request:
    """Return what a plan says to type."""
    was = request.sources
    sources = replace(
        was,
        index_urls=(*was.index_urls, *plan.index_urls),
        extra_only=not was.index_urls,
        find_links=(*was.find_links, *plan.find_links),
        channels=tuple(dict.fromkeys((*plan.channels, *was.channels))),
    )
    return replace(request, requirements=plan.requirements, sources=sources)


def _names_another_channel(request: Request) -> bool:
    """Return whether another family is asked for from a channel: whether that has it is not known.

    The solver says it. A plan is made for one that does, from where torch is then, once planned.
    """
    names = [name for family in families_on_conda() for name in family.names]
    return any(f"::{name}" in text for text in request.requirements for name in names)


def _is_planned_again(request: Request) -> None:
    plan = _plan(request)
    if plan.status == "ok" and not _names_another_channel(request):
        again = _plan(_again(request, plan))
        assert again.requirements == plan.requirements
        # A package that has CPU builds alone, as faiss-cpu, has no plan of its own.
        assert again.packages.items() <= plan.packages.items()
        assert again.cuda == plan.cuda or not again.packages


@few
@given(pip_requests)
def test_a_plan_of_a_plan_is_the_same_with_pip(request: Request) -> None:
    _is_planned_again(request)


@few
@given(conda_requests)
def test_a_plan_of_a_plan_is_the_same_with_conda(request: Request) -> None:
    _is_planned_again(request)


def _newer(host: Host, step: int) -> Host:
    """Return a machine with a newer driver, of which the table says what CUDA it has."""
    later = [one for one in DRIVERS if Version(one) > Version(host.driver or "0")]
    return replace(host, driver=later[step % len(later)], cuda=None) if later else host


def _fits(plan: Plan) -> bool:
    return plan.status != "refused"


with_drivers = st.one_of(pip_requests, conda_requests).filter(
    lambda request: not request.cpu and all(host.driver for host in request.hosts)
)


@few
@given(with_drivers, st.integers(0, 9))
def test_a_newer_driver_loses_no_fit(request: Request, step: int) -> None:
    request = replace(request, hosts=tuple(replace(one, cuda=None) for one in request.hosts))
    newer = replace(request, hosts=tuple(_newer(one, step) for one in request.hosts))
    assert _fits(_plan(newer)) or not _fits(_plan(request))


@few
@given(with_drivers, st.integers(0, 9))
def test_fewer_gpus_lose_no_fit(request: Request, which: int) -> None:
    """Of a machine with several GPUs, one is taken out; and one of several machines."""
    fewer = tuple(
        replace(one, gpus=one.gpus[: which % len(one.gpus)] + one.gpus[which % len(one.gpus) + 1 :])
        if len(one.gpus) > 1
        else one
        for one in request.hosts
    )
    if _fits(_plan(request)):
        assert _fits(_plan(replace(request, hosts=fewer)))
        assert _fits(_plan(replace(request, hosts=request.hosts[:1])))


@few
@given(with_drivers, st.integers(0, 2**32))
def test_more_builds_lose_no_fit(request: Request, seed: int) -> None:
    whole = from_catalogue(request.manager, request.hosts[0].platform)
    chance = random.Random(seed)
    part = replace(
        whole, builds=tuple(one for one in whole.builds if chance.random() < 0.5), plain={}
    )
    assert _fits(_plan(request)) or not _fits(_plan(request, part))


def _wishes_cpu(request: Request) -> bool:
    texts = (*request.requirements, *request.sources.index_urls, *request.sources.find_links)
    return any("cpu" in text for text in texts)


@few
@given(with_drivers.filter(lambda one: not _wishes_cpu(one) and not _on_macs(one)))
def test_no_cpu_build_is_taken_silently(request: Request) -> None:
    plan = _plan(request)
    if "cpu" in (plan.variant, *(one.variant for one in plan.families)):
        assert any(note.severity == "warning" for note in plan.notes)


def test_every_name_of_the_family_is_generated() -> None:
    assert {"torch", "torchvision", "torchao", "torchcodec"} <= set(LEADS)
