"""What conda installed beside torch, judged by its records and the rows of its families."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.host.packages import conda_records
from conda_cuda_guard.model import Phrase, Request, quoted
from conda_cuda_guard.planner.check_other_packages import cuda_of_package
from conda_cuda_guard.planner.compatibility import level
from conda_cuda_guard.planner.conda_asks import range_of_lead
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.sources.builtin import from_catalogue

from .commands import machine_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import Catalogue, CondaFamily, Host, Package
    from conda_cuda_guard.planner.problem import Problem

    from .report import Environment

# The facts that tell of packages on the wrong machine, on the CPU, and beside another torch.
UNFIT, ON_CPU, ASTRAY = "families_on_machine", "families_on_cpu", "followers_for_torch"


@dataclass(frozen=True)
class CondaPackages:
    """The packages of families that conda installed, and what is wrong with them.

    `named` are texts for people, `told` maps facts to what is wrong, `slots` hold the command that
    installs what fits.
    """

    named: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)


def conda_packages(environment: Environment, host: Host, packages: Packages) -> CondaPackages:
    """Return the packages of families that conda installed, judged for a machine."""
    known = from_catalogue("conda", host.platform)
    problem = read_problem(Request("conda", (), (host,)), known)
    there = packages.by_conda
    by_name = {name: one for one in known.on_conda for name in one.packages if name in there}
    found = [(one, by_name[one.name]) for one in conda_records(environment.prefix, sorted(by_name))]
    told: dict[str, list[str]] = defaultdict(list)
    wrong: dict[str, None] = {}
    for one, its_family in found:
        for fact, text in _faults(one, its_family, packages, problem, known):
            told[fact].append(text)
            wrong[one.name] = None
    slots = _slots(tuple(wrong), any(by_name[one].with_lead for one in wrong), environment)
    return CondaPackages(
        tuple(f"{one.name} {one.version} ({one.build})" for one, _ in found),
        {fact: tuple(texts) for fact, texts in told.items()},
        slots if wrong else {},
    )


def _slots(names: tuple[str, ...], with_lead: bool, environment: Environment) -> dict[str, str]:
    lead = [family().lead.conda] if with_lead else []
    machine = machine_options(environment)
    install = ["conda", "cuda-install", "-p", str(environment.prefix), *machine, *lead, *names]
    return {"family_install": quoted(install), "followers": quoted(install)}


def _faults(
    one: Package,
    its_family: CondaFamily,
    packages: Packages,
    problem: Problem,
    known: Catalogue,
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a package: the fact that tells it, and a text."""
    host, torch = problem.request.hosts[0], packages.torch
    allows = range_of_lead(one.depends, family().lead.conda)
    if torch is not None and allows is not None and torch.release not in allows:
        told = Phrase(
            "another: {package} belongs to torch {needs}, {torch} is there",
            package=one.described,
            needs=allows,
            torch=torch.version,
        )
        yield ASTRAY, told
    if not host.has_cuda or (its_family.platforms and host.platform not in its_family.platforms):
        return
    if its_family.is_cpu_build(one.build):
        yield ON_CPU, Phrase("{package} has no CUDA here", package=one.described)
        return
    own = cuda_of_package(one, problem)
    cudas = (own,) if own else its_family.cudas_of(one.version, one.build)
    levels = [level(cuda, problem.hosts[0], known.drivers) for cuda in cudas]
    if levels and not any(levels):
        told = Phrase(
            "too new: {package} is built for CUDA {cuda}, the driver runs up to CUDA {newest}",
            package=one.described,
            cuda=cudas[-1],
            newest=host.cuda,
        )
        yield UNFIT, told
