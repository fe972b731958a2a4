"""The advice of a refusal is true: what it says to ask for, or to have, is planned."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import product

import pytest

from conda_cuda_guard.model import Gpu, Host, Plan, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue

DRIVERS = ("390.46", "418.39", "450.51.05", "470.82.01", "515.43.04", "535.104.05", "580.65.06")
GPUS = (None, "3.7", "5.2", "6.1", "7.0", "8.0", "8.9", "9.0", "10.3", "12.0")
PYTHONS = ("3.6", "3.8", "3.9", "3.11", "3.13", "3.14t")
VERSIONS = ("", "==1.1.0", "==1.7.1", "<1.9", "==2.1.2", ">=2.6", "==2.12.0", ">=2.15")
COMPANIONS = ("", "torchvision", "torchaudio", "torchvision==0.16.2", "torchtext")
PLATFORMS = ("linux-x86_64", "linux-x86_64", "windows-amd64", "linux-aarch64")


def _plan(manager: str, words: str, host: Host, policy: str = "auto") -> Plan:
    sources = Sources(channels=("defaults",) if manager == "conda" else ())
    request = Request(manager, tuple(words.split()), (host,), policy, sources)
    return make_plan(request, from_catalogue(manager, host.platform))


@cache
def _refusals(manager: str, count: int) -> list[tuple[str, Host, str, Plan]]:
    chance = random.Random(manager)
    torch = "torch" if manager == "pip" else "pytorch"
    found = []
    combinations = list(product(VERSIONS, COMPANIONS))
    for _ in range(count):
        version, companion = chance.choice(combinations)
        capability = chance.choice(GPUS)
        gpus = (Gpu(None, capability),) if capability else ()
        platform, python = chance.choice(PLATFORMS), chance.choice(PYTHONS)
        host = Host(platform, python, chance.choice(DRIVERS), None, gpus)
        policy = chance.choice(("auto", "strict"))
        words = f"{torch}{version} {companion}".strip()
        plan = _plan(manager, words, host, policy)
        if plan.status == "refused":
            found.append((words, host, policy, plan))
    return found


@pytest.mark.parametrize("manager", ["pip", "conda"])
def test_what_it_says_to_ask_for_is_planned(manager: str) -> None:
    wrong, followed = [], 0
    for words, host, policy, plan in _refusals(manager, 1500):
        for note in plan.notes:
            spec = note.facts.get("other_spec")
            if spec:
                followed += 1
                again = _plan(manager, spec, host, policy)
                if again.status == "refused":
                    wrong.append((words, host, policy, spec))
    assert wrong == []
    assert followed > 100


@pytest.mark.parametrize("manager", ["pip", "conda"])
def test_the_driver_that_it_names_would_do(manager: str) -> None:
    wrong, followed = [], 0
    torch = "torch" if manager == "pip" else "pytorch"
    for words, host, policy, plan in _refusals(manager, 1500):
        for note in plan.notes:
            driver = note.facts.get("driver_needed")
            named = re.search(r"torch (\S+)", note.facts.get("driver_for", ""))
            if driver and named:
                followed += 1
                newer = Host(host.platform, host.python, driver, None, host.gpus)
                again = _plan(manager, f"{torch}=={named[1]}", newer, policy)
                if again.status == "refused":
                    wrong.append((words, host, policy, driver, named[1]))
    assert wrong == []
    assert followed > 50


def test_a_looser_policy_is_advised_only_where_it_helps() -> None:
    wrong = []
    for words, host, policy, plan in _refusals("pip", 2500):
        cases = {note.case for note in plan.notes}
        if "strict" in cases and _plan("pip", words, host).status == "refused":
            wrong.append((words, host, policy))
    assert wrong == []
