"""The link of CUDA packages beside torch, judged by the rows of their families (metadata alone)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.host.packages import CUDNN_OF_PIP, by_conda
from conda_cuda_guard.model import Build, Phrase, Request, joined, quoted
from conda_cuda_guard.model.spelling import CUDA_EXACT
from conda_cuda_guard.model.spelt_found import found_in, not_together
from conda_cuda_guard.model.versions import cuda_major, public_version
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.spelt_candidates import Candidate, judge_spelt
from conda_cuda_guard.planner.spelt_question import SpeltQuestion
from conda_cuda_guard.sources.builtin import from_catalogue

from .check_conda_families import conda_packages
from .commands import family_commands, install_beginning
from .report import CheckResult, Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import FoundPackage, Host
    from conda_cuda_guard.planner.ranking import Verdict

    from .report import DetectedMachine, Environment


@dataclass(frozen=True)
class _Trouble:
    """What is wrong with packages: a text for each, and the packages themselves."""

    told: tuple[str, ...] = ()
    packages: tuple[FoundPackage, ...] = ()

    @property
    def fact(self) -> str | None:
        return joined("; ", self.told) if self.told else None


def other_families(
    environment: Environment, detected: DetectedMachine, packages: Packages
) -> CheckResult:
    """Return the link of packages of other families; none where no such package is there."""
    versions = packages.versions
    known = [
        one
        for family in sorted(catalogue.spelt_families(), key=lambda one: one.name)
        for one in found_in(family, versions)
        if family.builds
    ]
    following = _followers(versions)
    # What conda installed has builds of its own, under the same names or others.
    condas = {*packages.by_conda}
    condas |= by_conda(environment.paths, [*(one.name for one in known), *following])
    found = [one for one in known if one.name not in condas]
    following = {name: number for name, number in following.items() if name not in condas}
    own = conda_packages(environment, detected.host, packages)
    if not found and not following and not own.named:
        return CheckResult()
    troubles = {
        "families_on_machine": _unfit(found, detected.host),
        "families_on_cpu": _on_cpu(found, detected.host, environment.python),
        "families_for_torch": _apart(found, packages),
        "families_cudnn": _of_other_cudnn(found, versions),
        "families_together": _together(found, versions),
        "followers_for_torch": _astray(following, packages),
    }
    troubles = {
        name: _Trouble((*one.told, *own.told.get(name, ())), one.packages)
        for name, one in troubles.items()
    }
    named = [*map(_named, found), *(" ".join(one) for one in following.items()), *own.named]
    facts = {"families": ", ".join(named)}
    facts.update({name: one.fact for name, one in troubles.items() if one.fact})
    told = [text for one in troubles.values() for text in one.told]
    told += [_meant(one) for one in found if one.is_other_name and detected.host.has_cuda]
    link = Link("CUDA packages", facts["families"], "package metadata", tuple(facts), tuple(told))
    wrong = dict.fromkeys(one for trouble in troubles.values() for one in trouble.packages)
    slots = family_commands(tuple(wrong), packages, environment, detected.host) if wrong else {}
    if _astray(following, packages).told:
        lead = catalogue.family().lead.pip
        slots["followers"] = quoted(
            [*install_beginning(environment), "--upgrade", lead, *following]
        )
    return CheckResult((link,), facts, {**own.slots, **slots})


def _followers(versions: Mapping[str, str]) -> dict[str, str]:
    """Return the installed packages that follow torch's releases, but for those it brings."""
    family = catalogue.family()
    names = (name for name in family.followers if name in family.moving)
    return {name: versions[name] for name in names if name in versions}


def _astray(following: Mapping[str, str], packages: Packages) -> _Trouble:
    """Return the followers that belong to another torch than the one that is there."""
    there = packages.torch
    if there is None:
        return _Trouble()
    told = []
    for name, number in following.items():
        follower = catalogue.family().followers[name]
        needs = dict(follower.versions).get(public_version(number))
        own = follower.companion(there.release)
        if needs is None or (own is not None and public_version(number) in own.versions):
            continue
        told.append(
            Phrase(
                "another: {package} belongs to torch {needs}, {torch} is there",
                package=f"{name} {number}",
                needs=needs,
                torch=there.version,
            )
        )
    return _Trouble(tuple(told))


def _named(one: FoundPackage) -> str:
    what = "CPU" if one.is_cpu else f"CUDA {one.cuda}" if one.cuda else ""
    return f"{one.title} ({what})" if what else one.title


def _meant(one: FoundPackage) -> str:
    """Return what there is to know of a CPU build that has a name of its own."""
    return Phrase(
        "{package} is the build for the CPU; {other} is for CUDA",
        package=one.title,
        other=one.stem,
    )


def _unfit(found: Iterable[FoundPackage], host: Host) -> _Trouble:
    """Return the packages of which no build runs on the driver and GPU, and why."""
    if not host.has_cuda:
        return _Trouble()
    wrong = [(one, failed) for one in found if (failed := _failure(one, host)) is not None]
    return _Trouble(
        tuple(_why(one, failed, host) for one, failed in wrong), tuple(one for one, _ in wrong)
    )


def _failure(one: FoundPackage, host: Host) -> Verdict | None:
    """Return the verdict on a package of which nothing runs; None where something does."""
    known = from_catalogue("pip", host.platform)
    problem = read_problem(Request("pip", (), (host,)), known)
    question = SpeltQuestion(one.family, (), problem, known)
    failed = None
    for build in one.builds:
        if build.cuda is None:
            return None
        as_build = Build(one.version, build.variant, build.cuda, host.platform, "")
        verdict = judge_spelt(Candidate(build, one.version, as_build), question)
        if verdict.reason is None:
            return None
        failed = failed or verdict
    return failed


def _why(one: FoundPackage, failed: Verdict, host: Host) -> str:
    if failed.gpu is not None:
        return Phrase(
            "no code for the GPU: {package} on {gpu} ({capability})",
            package=one.title,
            gpu=failed.gpu.name or Phrase("the GPU"),
            capability=failed.gpu.compute_capability,
        )
    return Phrase(
        "too new: {package} is built for CUDA {cuda}, the driver runs up to CUDA {newest}",
        package=one.title,
        cuda=one.cuda,
        newest=host.cuda,
    )


def _on_cpu(found: Iterable[FoundPackage], host: Host, python: str | None) -> _Trouble:
    """Return the CPU builds under names that have CUDA builds for this system too."""
    wrong = [
        one
        for one in found
        if host.has_cuda
        and one.is_cpu
        and not one.is_other_name
        and any(build.is_for(host.platform, python) for build in one.family.cuda_builds)
    ]
    told = (Phrase("{package} has no CUDA here", package=one.title) for one in wrong)
    return _Trouble(tuple(told), tuple(wrong))


def _apart(found: Iterable[FoundPackage], packages: Packages) -> _Trouble:
    """Return the packages for another CUDA than torch's, where they must share it."""
    cuda = packages.torch.cuda if packages.torch else None
    if cuda is None:
        return _Trouble()
    wrong = [one for one in found if not _shares(one, cuda)]
    told = (
        Phrase(
            "another: {package} is built for CUDA {own}, torch for CUDA {cuda}",
            package=one.title,
            own=one.cuda,
            cuda=cuda,
        )
        for one in wrong
    )
    return _Trouble(tuple(told), tuple(wrong))


def _shares(one: FoundPackage, cuda: str) -> bool:
    if CUDA_EXACT in one.family.shares and one.cuda:
        return any(build.cuda == cuda for build in one.builds)
    return not one.majors or cuda_major(cuda) in one.majors


def _of_other_cudnn(found: Iterable[FoundPackage], versions: Mapping[str, str]) -> _Trouble:
    """Return the packages that load another major version of cuDNN than is there for their CUDA."""
    wrong = []
    for one in found:
        there = [f"{CUDNN_OF_PIP}{major}" for major in sorted(one.majors)]
        own = [f"{name} {versions[name]}" for name in there if name in versions]
        majors = {versions[name].partition(".")[0] for name in there if name in versions}
        if majors and one.cudnns and not majors & one.cudnns:
            wrong.append((one, ", ".join(own)))
    told = (
        Phrase(
            "another: {package} is for cuDNN {wanted}, {there} is there",
            package=one.title,
            wanted=", ".join(sorted(one.cudnns)),
            there=there,
        )
        for one, there in wrong
    )
    return _Trouble(tuple(told), tuple(one for one, _ in wrong))


def _together(found: Iterable[FoundPackage], versions: Mapping[str, str]) -> _Trouble:
    """Return the packages that cannot be in one environment with others that are there."""
    known = list(found)
    names = not_together(known, versions)
    wrong = tuple(one for one in known if one.name in names)
    return _Trouble((", ".join(names),) if names else (), wrong)
