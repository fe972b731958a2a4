"""The decision for one package of a family beside torch's on conda (contract, section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.versions import cuda_in_build, cuda_major, version

from .alternatives import gpu_facts
from .compatibility import MINOR_COMPATIBLE, least_driver, level
from .conda_asks import builds_of, judge_on_conda
from .explicit_variant import replaced
from .ranking import best_verdict
from .requirement import CUDA_VERSION, VariantWish

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue, CondaFamily

    from .conda_asks import CondaAsk
    from .problem import Problem
    from .ranking import Verdict
    from .requirement import Requirement


@dataclass(frozen=True)
class Beside:
    """What bounds the CUDA version of a package from outside of its own specs.

    `major` is that of the other families of the request, `cuda` the version that the lead's plan
    chooses for the environment, `series` the lead's series in that plan; `selectors` are
    requirements on CUDA versions.
    """

    major: int | None = None
    cuda: str | None = None
    selectors: tuple[Requirement, ...] = ()
    series: str = ""


@dataclass(frozen=True)
class CondaChoice:
    """The specs of one package, and the build that the solver may choose by them.

    `build` is None for a CPU build that was asked for, and for what is left as typed. `wishes` are
    the requirements on CUDA versions that were heeded.
    """

    family: CondaFamily
    package: str
    texts: tuple[str, ...]
    build: Build | None = None
    level: str | None = None
    is_cpu: bool = False
    wishes: tuple[Requirement, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def major(self) -> int | None:
        """The CUDA major version of the build."""
        return cuda_major(self.build.cuda) if self.build and self.build.cuda else None


@dataclass(frozen=True)
class CondaRefusal:
    """Why no build of a package can be taken."""

    notes: tuple[Note, ...]


def decide_on_conda(
    package: str,
    asks: tuple[CondaAsk, ...],
    problem: Problem,
    catalogue: Catalogue,
    beside: Beside,
) -> CondaChoice | CondaRefusal:
    """Return what the specs of one package become, by the rules of contract, section 4."""
    family, request = asks[0].family, problem.request
    typed = tuple(one.text for one in asks)
    if all(one.wants_cpu for one in asks):
        return CondaChoice(family, package, typed, is_cpu=True)
    if problem.platform.startswith("macos"):
        # There is no other build, so none is named but in the place of one for CUDA.
        if any("cuda" in one.build for one in asks):
            return _for_the_cpu(package, asks, Note("cpu-build-chosen", "info", "macos"))
        return CondaChoice(family, package, typed, is_cpu=True)
    if request.cpu or (problem.wish is not None and problem.wish.cpu):
        return _for_the_cpu(package, asks)
    if not problem.with_driver:
        return CondaRefusal((_without_driver(problem),))
    return _with_cuda(package, asks, problem, catalogue, beside)


def _for_the_cpu(
    package: str, asks: tuple[CondaAsk, ...], *notes: Note
) -> CondaChoice | CondaRefusal:
    family = asks[0].family
    if not family.cpu_builds:
        facts = {"family": family.name, "asked": asked_line(asks)}
        return CondaRefusal((Note("no-variant-fits", "error", "no-cpu", facts),))
    texts = tuple(
        one.text if one.wants_cpu else one.without_build().as_built(family.cpu_builds[0])
        for one in asks
    )
    needed = [f"{package}[build={family.cpu_builds[0]}]"] if _only_needed(asks) else []
    return CondaChoice(family, package, (*texts, *needed), is_cpu=True, notes=notes)


def _without_driver(problem: Problem) -> Note:
    if problem.driver_failure:
        return Note("driver-fails", "error", "", {"failure": problem.driver_failure})
    return Note("no-driver", "error", "conda")


def _with_cuda(
    package: str,
    asks: tuple[CondaAsk, ...],
    problem: Problem,
    catalogue: Catalogue,
    beside: Beside,
) -> CondaChoice | CondaRefusal:
    family = asks[0].family
    everything = builds_of(family, package, asks, problem, catalogue, series=beside.series)
    of_others = [
        judge_on_conda(one, family, problem, catalogue)
        for one in everything
        if _agrees(one, beside)
    ]
    verdicts = [one for one in of_others if all(one.build.release in ask.allows for ask in asks)]
    near = _near(package, best_verdict(of_others))
    if not verdicts:
        return CondaRefusal((_none(asks, near, problem),))
    wishes = _wishes(family, asks, beside)
    meant = [
        one
        for one in verdicts
        if all(_grants(wish, one.build, problem, catalogue) for wish in wishes)
    ]
    best = best_verdict(meant)
    notes: tuple[Note, ...] = ()
    if best is None:
        best = best_verdict(verdicts)
        if best is not None:
            notes = (_not_kept(wishes, meant, problem, catalogue),)
            asks, wishes = tuple(one.without_build() for one in asks), []
    if best is None:
        return CondaRefusal((_nothing_runs(asks, verdicts, near, problem, catalogue),))
    texts = tuple(one.as_built(family.build) for one in asks)
    needed = [f"{package}[build={family.build}]"] if family.build and _only_needed(asks) else []
    kept = tuple(one for one in wishes if not isinstance(one, VariantWish))
    return CondaChoice(
        family, package, (*texts, *needed), best.build, best.level, wishes=kept, notes=notes
    )


def _only_needed(asks: tuple[CondaAsk, ...]) -> bool:
    """Return whether the package that has the builds is not named itself."""
    return all(one.name in one.family.needs for one in asks)


def _agrees(build: Build, beside: Beside) -> bool:
    """Return whether a build is for the CUDA version of the other families of the request."""
    cuda = build.cuda or ""
    if beside.major is not None and cuda_major(cuda) != beside.major:
        return False
    if beside.cuda is None:
        return True
    same = cuda_major(cuda) == cuda_major(beside.cuda)
    return same and version(cuda) <= version(beside.cuda)


def _wishes(
    family: CondaFamily, asks: tuple[CondaAsk, ...], beside: Beside
) -> list[Requirement | VariantWish]:
    """Return what was typed of CUDA versions: by the package that chooses one, or a build."""
    names = {CUDA_VERSION, "cudatoolkit", *(name for _, name in family.selectors)}
    found: list[Requirement | VariantWish] = [
        one for one in beside.selectors if one.bare_name in names and not one.allows.is_any
    ]
    for one in asks:
        cuda = cuda_in_build(one.build)
        if cuda is not None:
            found.append(VariantWish(one.text, cuda=cuda.range))
    return found


def _grants(
    wish: Requirement | VariantWish, build: Build, problem: Problem, catalogue: Catalogue
) -> bool:
    """Return whether a build is what a wish asks for.

    A CUDA version that is chosen for the environment is one that the build runs with: the build's
    own, or a newer one of the same major version.
    """
    if isinstance(wish, VariantWish):
        return wish.grants(build.cuda)
    cuda = build.cuda or ""
    return any(
        cuda_major(one) == cuda_major(cuda) and version(one) >= version(cuda)
        for one in cudas_that_run(problem, catalogue)
        if one in wish.allows
    )


def cudas_that_run(problem: Problem, catalogue: Catalogue) -> list[str]:
    """Return the CUDA versions that the drivers of all machines run, newest first."""
    strict = problem.request.policy == "strict"
    found = []
    for row in catalogue.drivers.rows:
        levels = [level(row.cuda, host, catalogue.drivers) for host in problem.with_driver]
        if all(one is not None and not (strict and one == MINOR_COMPATIBLE) for one in levels):
            found.append(row.cuda)
    return found


def _not_kept(
    wishes: list[Requirement | VariantWish],
    meant: list[Verdict],
    problem: Problem,
    catalogue: Catalogue,
) -> Note:
    """Return the note that a CUDA version which was typed is replaced, with the reason."""
    text = " ".join(one.text for one in wishes)
    failed = next((one for one in meant if one.reason), None)
    if failed is not None and failed.reason:
        return replaced(VariantWish(text), failed.reason, problem, failed)
    allowed = [row.cuda for row in catalogue.drivers.rows if all(
        row.cuda in (one.cuda if isinstance(one, VariantWish) else one.allows) for one in wishes
    )]  # fmt: skip
    runs = cudas_that_run(problem, catalogue)
    if allowed and not set(allowed) & set(runs):
        host = problem.with_driver[0]
        facts = {
            "wish": text,
            "platform": problem.platform,
            "cuda": allowed[-1],
            **host.as_facts,
        }
        return Note("explicit-variant-replaced", "warning", "driver", facts)
    return replaced(VariantWish(text), "absent", problem)


def asked_line(asks: tuple[CondaAsk, ...]) -> str:
    """Return what is asked for, in one line."""
    return " ".join(one.text for one in asks)


def _near(package: str, best: Verdict | None) -> dict[str, str]:
    """Return the nearest request that runs here, whatever version was typed."""
    return {"near": f"{package}={best.build.release}"} if best else {}


def _none(asks: tuple[CondaAsk, ...], near: dict[str, str], problem: Problem) -> Note:
    facts = {"asked": asked_line(asks), "platform": problem.platform, **near}
    return Note("no-variant-fits", "error", "conda-none", facts)


def _nothing_runs(
    asks: tuple[CondaAsk, ...],
    verdicts: list[Verdict],
    near: dict[str, str],
    problem: Problem,
    catalogue: Catalogue,
) -> Note:
    """Return why every build fails on the machine, and the driver that would do."""
    facts = {"asked": asked_line(asks), **near}
    late = [one for one in verdicts if one.reason == "driver"]
    if late:
        least = min(late, key=lambda one: version(one.build.cuda or "0"))
        host, cuda = least.host or problem.hosts[0], least.build.cuda or ""
        facts.update(cuda=cuda, **host.as_facts)
        facts["driver_needed"] = least_driver(cuda, host, catalogue.drivers) or ""
        return Note("no-variant-fits", "error", "family", facts)
    gpu = verdicts[0].gpu
    assert gpu is not None  # noqa: S101 - a verdict fails by its driver or a GPU
    facts.update(gpu_facts(gpu))
    return Note("no-variant-fits", "error", "family-gpu", facts)
