"""Constraints on the family as a dependency of other packages: what runs here (rule 9)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conda_cuda_guard.model import (
    Note,
    cuda_major,
    cuda_of,
    is_version,
    public_version,
    variant_of,
    version,
)

from .address_kind import url_wish
from .candidates import companion, find_candidates, lacks_cpu_build
from .installed_set import labelled_as
from .lead_bounds import newest_beside
from .ranking import best_verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conda_cuda_guard.model import Build, Catalogue, Companion, Installed, Release

    from .problem import Problem
    from .ranking import Verdict
    from .requirement import VariantWish


@dataclass(frozen=True)
class Admissible:
    """Versions, with their labels, of the family's packages that may be installed here.

    `versions` maps a package to them, newest first; `known` maps it to every public version.
    `at_most` are packages of which newer versions do not run beside these.
    """

    versions: Mapping[str, tuple[str, ...]]
    known: Mapping[str, tuple[str, ...]]
    at_most: Mapping[str, str] = field(default_factory=dict)

    def lines(self, problem: Problem, catalogue: Catalogue) -> list[str]:
        """Return the lines of a constraints file that admit these versions and no others.

        A label that another source in force has for an admitted version is excluded by name, as
        pip would take whichever sorts highest, and so is what is installed and goes.
        """
        others = _labelled_elsewhere(problem, catalogue)
        lines = [
            _bounds(name, allowed, self.known[name], others[name])
            for name, allowed in self.versions.items()
            if allowed
        ]
        return [*lines, *(f"{name}<={number}" for name, number in self.at_most.items())]


def admissible(
    problem: Problem,
    catalogue: Catalogue,
    *,
    wish: VariantWish | None = None,
    variant: str | None = None,
    beside: str | None = None,
) -> Admissible:
    """Return the best build of each release, and what belongs to it.

    `beside` is the CUDA version of other families on the line: builds of another major version
    cannot share a process with these, and are left out where there are any of the same.

    With a `wish` only its variant is admitted; where an index named it, other variants too, of the
    releases that are older than its newest and that it lacks: pip then takes that newest unless
    another package asks for less. Where a release has `variant`, that goes before the others, so
    that packages installed together are of one variant.
    """
    lead, *others = names = _bounded_names(problem)
    versions: dict[str, list[str]] = {name: [] for name in names}
    releases = {release.version: release for release in catalogue.releases}
    fitting = list(_fitting(problem, catalogue, wish, variant, beside))
    for build in fitting:
        versions[lead].append(build.release + build.label)
        for name in others:
            found = companion(releases[build.release], name, problem)
            if found is not None:
                versions[name] += _of_build(found, build.variant, build.label)
    return Admissible(
        {name: tuple(dict.fromkeys(found)) for name, found in versions.items()},
        _known(catalogue, names),
        newest_beside(
            ((one.release, one.cuda) for one in fitting), problem.family, problem.companions
        ),
    )


def admissible_around(there: Installed, problem: Problem, catalogue: Catalogue) -> Admissible:
    """Return the lead that is installed, and what belongs to it."""
    lead, *others = names = _bounded_names(problem)
    versions: dict[str, tuple[str, ...]] = {lead: (there.version,)}
    variant = variant_of(there.cuda)
    release = next((r for r in catalogue.releases if r.version == there.release), None)
    if release is not None:
        for name in others:
            found = companion(release, name, problem)
            if there.is_other:
                versions[name] = tuple(labelled_as(there, name, catalogue))
            elif found is not None:
                versions[name] = tuple(_of_build(found, variant, "+" + variant))
    kept = () if there.is_other else ((there.release, there.cuda),)
    newest = newest_beside(kept, problem.family, problem.companions)
    return Admissible(versions, _known(catalogue, names), newest)


def _bounded_names(problem: Problem) -> tuple[str, ...]:
    """Return the packages whose files are chosen: followers only where they are named.

    The files of the others were not asked for; `newest_beside` bounds those that need it.
    """
    family = problem.family
    named = [name for name in problem.companions if name in family.followers]
    return (*family.own_names, *named)


def _of_build(found: Companion, variant: str, label: str) -> list[str]:
    """Return a companion's versions beside a build, with labels; none of other indexes."""
    versions = []
    for number in found.of(variant):
        place = found.place(number, variant)
        if place is None or not place.index:
            versions.append(number + found.label(number, variant, label))
    return versions


def admissible_beside(
    planned: str, named: Iterable[str], catalogue: Catalogue, followers: Iterable[str] = ()
) -> Admissible:
    """Return the companions of a planned lead that the request does not name, with its label.

    The metadata of most names their release; that of torchvision from 0.29.1 on and of torchaudio
    2.11.0 does not, and pip would take the newest. None names a label: an index in force may have
    one that sorts higher. So it is with what named packages bring (torchrec's fbgemm-gpu);
    `followers` are those beside these.
    """
    number, family = public_version(planned), catalogue.family
    release = next((r for r in catalogue.releases if r.version == number), None)
    brought = (
        one for name in named if name in family.followers for one in family.member(name).beside
    )
    more = {name: family.followers[name].companion(number) for name in (*brought, *followers)}
    companions = {name: one for name, one in more.items() if one is not None}
    companions = {**(release.pip if release is not None else {}), **companions}
    label = planned[len(number) :]
    versions = {
        name: tuple(numbers)
        for name, found in companions.items()
        if name not in named and (numbers := _of_build(found, label[1:], label))
        if all(map(is_version, numbers))
    }
    newest = newest_beside(((number, cuda_of(label[1:])),), family, {*named, *versions})
    return Admissible(versions, _known(catalogue, versions), newest)


def held_back(
    release: str,
    problem: Problem,
    catalogue: Catalogue,
    *,
    severity: str = "info",
    slow: bool = False,
) -> tuple[Note, ...]:
    """Return the note that a release is older than the newest allowed one; none where it is not.

    The reason is that the newer does not run here, that an index is unreachable, or `slow`.
    """
    allowed = find_candidates(problem, catalogue).releases
    newest = allowed[0].version if allowed else release
    if version(public_version(release)) >= version(newest):
        return ()
    facts = {
        "package": problem.family.lead.pip,
        "release": public_version(release),
        "newest": newest,
        "index": catalogue.unreachable,
    }
    if slow:
        return (Note("held-back", severity, "slow", facts),)
    if catalogue.unreachable:
        return (Note("held-back", severity, "unreachable", facts),)
    return (Note("held-back", severity, "", facts),)


def releases_of(packages: Mapping[str, str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the releases that planned packages are of: the lead's own, or those they belong to."""
    lead, *_ = catalogue.family.pip_names
    if lead in packages:
        return (public_version(packages[lead]),)
    numbers = {name: public_version(one) for name, one in packages.items()}
    return tuple(
        release.version
        for release in catalogue.releases
        if numbers
        and all(
            found is not None and number in found.versions
            for name, number in numbers.items()
            for found in (release.on_pip(name, catalogue.family),)
        )
    )


def _known(catalogue: Catalogue, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return every public version of these packages."""
    known = {}
    for name in names:
        if name == catalogue.family.lead.pip:
            known[name] = tuple(one.version for one in catalogue.releases)
            continue
        found = (one.on_pip(name, catalogue.family) for one in catalogue.releases)
        numbers = (number for one in found if one is not None for number in one.versions)
        known[name] = tuple(dict.fromkeys(numbers))
    return known


def _fitting(
    problem: Problem,
    catalogue: Catalogue,
    wish: VariantWish | None,
    variant: str | None,
    beside: str | None,
) -> Iterator[Build]:
    builds = list(find_candidates(problem, catalogue).builds)
    if beside is not None:
        major = cuda_major(beside)
        builds = [b for b in builds if b.cuda and cuda_major(b.cuda) == major] or builds
    # Without a driver any build runs, on the CPU; where no index is reachable, any is taken.
    if problem.with_driver or not catalogue.unreachable:
        of_kind = [b for b in builds if (b.cuda is None) == problem.wants_cpu]
        builds = builds if lacks_cpu_build(problem, builds) else of_kind
    judged = [judge(build, problem, catalogue) for build in builds]
    if wish is not None:
        judged = list(_wished(judged, wish))
    for release in dict.fromkeys(one.build.release for one in judged):
        same = [one for one in judged if one.build.release == release]
        wanted = [one for one in same if one.build.variant == variant and one.reason is None]
        chosen = best_verdict(wanted or same)
        if chosen is not None:
            yield chosen.build


def runs_with(wish: VariantWish, problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether a build of the variant that is wished runs here."""
    builds = (b for b in find_candidates(problem, catalogue).builds if wish.grants(b.cuda))
    return any(judge(build, problem, catalogue).reason is None for build in builds)


def _wished(judged: list[Verdict], wish: VariantWish) -> Iterator[Verdict]:
    """Yield the verdicts on the builds that a wish admits."""
    granted = [one for one in judged if wish.grants(one.build.cuda)]
    running = {one.build.release for one in granted if one.reason is None}
    newest = max(map(version, running), default=None)
    for one in judged:
        release = one.build.release
        older = wish.url is not None and newest is not None and version(release) < newest
        if one in granted or (older and release not in running):
            yield one


def _labelled_elsewhere(problem: Problem, catalogue: Catalogue) -> dict[str, set[str]]:
    """Return, by package, the versions with a label that pip could find in the sources in force."""
    sources = problem.request.sources
    found = _installed(problem)
    heard = [wheel for answer in catalogue.heard for wheel in answer.wheels]
    bases = {index.base.rstrip("/") for index in sources.wheel_indexes}
    if any(url.rstrip("/") in bases for url in sources.index_urls):
        heard += catalogue.files
    for wheel in heard:
        if "+" in wheel.version:
            found[wheel.package].add(wheel.version)
    wish = url_wish(problem.urls, problem.family, sources.foreign)
    for build in catalogue.builds if wish is not None else ():
        if build.label and wish is not None and wish.grants(build.cuda):
            _add_labelled(found, build, catalogue.releases)
    return found


def _installed(problem: Problem) -> dict[str, set[str]]:
    """Return the versions of the family that are installed: pip is content with one of them."""
    found: dict[str, set[str]] = defaultdict(set)
    there = problem.request.installed
    if there is not None:
        found[problem.family.lead.pip].add(there.version)
        for one in there.beside:
            if "+" in one.version:
                found[one.name].add(one.version)
    return found


def _add_labelled(found: dict[str, set[str]], build: Build, releases: Iterable[Release]) -> None:
    found[build.package].add(build.release + build.label)
    for release in releases:
        if release.version == build.release:
            for name, one in release.pip.items():
                found[name].update(number + build.label for number in one.versions)


def _bounds(name: str, allowed: Sequence[str], known: Sequence[str], others: Iterable[str]) -> str:
    """Return the constraint that admits these versions of those that are known.

    A label sorts above the same version without one, so pip takes the file of the page.
    """
    public = sorted({public_version(one) for one in allowed}, key=version)
    labelled = {one for one in others if public_version(one) in public and one not in allowed}
    if len(allowed) == 1:
        # A label is named by `==`, which admits any where it names none.
        without = labelled if allowed[0] == public[0] else ()
        return name + ",".join([f"=={allowed[0]}", *(f"!={one}" for one in sorted(without))])
    first, last = version(public[0]), version(public[-1])
    between = sorted((one for one in set(known) if first < version(one) < last), key=version)
    excluded = [one for one in between if one not in public]
    texts = (f"!={one}" for one in (*excluded, *sorted(labelled)))
    return name + ",".join([f">={public[0]}", f"<={public[-1]}", *texts])
