"""Formatting a decision for pip: requirements, the index or page they come from, a command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Phrase, Plan, redact, variant_of, version

from . import pip_sources
from .candidates import companion, companion_version
from .requirement import ADDRESS, LEAD, MEMBER, Requirement
from .same_file import file_of, is_known_host, is_outlabelled, planned_file, rivals, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Build, Catalogue, Sources, Wheel

    from .decision import Choice
    from .installed import Kept, Replaced
    from .problem import Problem


def format_plan(problem: Problem, choice: Choice, catalogue: Catalogue, replaced: Replaced) -> Plan:
    """Return the plan that pip can carry out, without its command."""
    writer = _Writer(problem, choice, catalogue, exact=replaced.exact)
    added = (*_lead_behind(problem, choice), *replaced.moved)
    plan = writer.plan((*problem.requirements, *added))
    taken = choice.build.wheel_variant and plan.status != "refused"
    notes = (
        *plan.notes,
        *((Note("variant-wheel", "info", problem.request.variants_by),) if taken else ()),
        *_same_version_elsewhere(problem, choice, catalogue),
        *_rivals(plan, problem, catalogue),
        *pip_sources.about_indexes(problem, choice, catalogue),
        *replaced.notes,
    )
    return replace(plan, notes=notes, breaks=replaced.broken)


def command(plan: Plan, sources: Sources) -> tuple[str, ...]:
    """Return the command that carries a plan out beside the sources in force."""
    options = pip_sources.missing_options(plan.index_urls, plan.find_links, sources)
    # pip alone would build without the lead.
    program = "pipcuda" if plan.from_source else "pip"
    return (program, "install", *plan.requirements, *options)


def format_kept(kept: Kept, catalogue: Catalogue) -> Plan:
    """Return the plan that keeps an installed lead, with the companions that were asked for."""
    there, problem = kept.installed, kept.problem
    if kept.choice is not None:
        plan = _Writer(problem, kept.choice, catalogue, held=there.version).plan(
            problem.requirements
        )
        return replace(plan, notes=(*kept.notes, *plan.notes))
    request, lead = problem.request, {problem.lead_name: there.version}
    taken = {**(lead if problem.of(LEAD) else {}), **kept.beside.versions}
    texts = tuple(
        f"{one.head}=={taken[one.package]}{one.tail}"
        if one.kind in (LEAD, MEMBER) and one.package in taken
        else one.text
        for one in problem.requirements
    )
    return Plan(
        request.id,
        request.manager,
        "unchanged" if texts == request.requirements else "ok",
        variant=None if there.is_other else variant_of(there.cuda),
        cuda=there.cuda,
        packages=taken,
        requirements=_without_bounds(problem.requirements, texts),
        pins=texts,
        index_urls=kept.beside.index_urls,
        notes=kept.notes,
    )


class _Writer:
    """Formats one choice.

    `held` is the full version of an installed lead that stays; with `exact` the file without a
    label is asked for and no other.
    """

    def __init__(
        self,
        problem: Problem,
        choice: Choice,
        catalogue: Catalogue,
        *,
        held: str = "",
        exact: bool = False,
    ) -> None:
        self.problem, self.choice, self.catalogue = problem, choice, catalogue
        self.held, self.exact = held, exact

    def plan(self, requirements: tuple[Requirement, ...]) -> Plan:
        """Return the plan for these requirements, or a refusal where it cannot be locked."""
        request, build = self.problem.request, self.choice.build
        ours = [one for one in requirements if one.kind in (LEAD, MEMBER)]
        packages = {one.package: self._version(one.package) for one in ours}
        lacking = [*self._not_taken(packages), *self._not_lockable(packages)]
        if lacking:
            return Plan(request.id, "pip", "refused", notes=(*lacking, *self.choice.notes))
        texts = tuple(map(self._text, requirements))
        index_urls, find_links = pip_sources.sources_of(build, self.problem)
        own_indexes = tuple(dict.fromkeys(self._own_indexes(packages)))
        index_urls = (*own_indexes, *index_urls)
        in_place = set(index_urls) <= set(request.sources.index_urls)
        in_place &= set(find_links) <= set(request.sources.find_links)
        same = texts == request.requirements and (in_place or bool(self.held))
        return Plan(
            id=request.id,
            manager="pip",
            status="unchanged" if same and not request.sources.locked else "ok",
            variant=build.variant,
            cuda=build.cuda,
            level=self.choice.level,
            source=build.source,
            packages=packages,
            requirements=_without_bounds(requirements, texts),
            pins=texts,
            index_urls=index_urls,
            find_links=find_links,
            notes=self.choice.notes,
            as_typed=pip_sources.as_typed(self.problem, self.catalogue),
            own_indexes=own_indexes,
        )

    def _version(self, package: str) -> str:
        """Return the version with the label that the package's files carry."""
        release, build = self.choice.release, self.choice.build
        label = build.label
        if package == self.problem.family.lead.pip:
            return self.held or release.version + label
        known = companion(release, package, self.problem)
        number = companion_version(release, package, self.problem, variant=build.variant) or ""
        return number + (known.label(number, build.variant, label) if known is not None else "")

    def _own_indexes(self, packages: Iterable[str]) -> Iterator[str]:
        """Yield the addresses of the planned companions that lie in an index of their own."""
        variant = self.choice.build.variant
        for package in packages:
            known = companion(self.choice.release, package, self.problem)
            number = companion_version(self.choice.release, package, self.problem, variant=variant)
            place = known.place(number, variant) if known is not None and number else None
            if place is not None and place.index:
                yield place.index.format(version=number, variant=variant)

    def _text(self, requirement: Requirement) -> str:
        """Return a requirement pinned, with extras and marker; as typed if not the family's."""
        package, build = requirement.package, self.choice.build
        if requirement.kind not in (LEAD, MEMBER):
            return requirement.text
        if build.platform.startswith("macos") and requirement.wish is None and not self.held:
            return requirement.text  # there is one build: nothing to choose
        number = self._version(package)
        variant = self._variant_file(package, number)
        if variant is not None:
            return f"{requirement.head} @ {variant.address}{requirement.tail}"
        if self.problem.request.sources.locked:
            wheel = self._file(package, number)
            assert wheel is not None  # noqa: S101 - `_not_lockable` has looked
            return f"{requirement.head} @ {wheel.address}{requirement.tail}"
        if pip_sources.is_ambiguous(build, self.catalogue) and self._has_variants(package, number):
            url = pip_sources.direct_url(package, number, build, self.problem)
            if url:
                return f"{requirement.head} @ {url}{requirement.tail}"
        pinned = f"{requirement.head}{self._equals(requirement)}{number}{requirement.tail}"
        return requirement.text if _squeezed(pinned) == _squeezed(requirement.text) else pinned

    def _equals(self, requirement: Requirement) -> str:
        # `==1.7.1` matches 1.7.1+cpu and prefers it; only `===` asks for the file without a label.
        plain = self.choice.build.page is not None and not self.choice.build.label
        varied = self.problem.family.member(requirement.package).variants_since is not None
        exact = self.exact if requirement.kind == LEAD else self._is_there_labelled(requirement)
        if exact or (plain and varied):
            return "==="
        name, number = requirement.package, self._version(requirement.package)
        return "===" if is_outlabelled(name, number, self.problem, self.catalogue) else "=="

    def _is_there_labelled(self, requirement: Requirement) -> bool:
        """Return whether a companion is installed that differs from the planned by its label."""
        there = self.problem.request.installed
        planned = self._version(requirement.package)
        beside = there.beside if there is not None else ()
        return any(
            one.name == requirement.package and one.version.startswith(f"{planned}+")
            for one in beside
        )

    def _has_variants(self, package: str, number: str) -> bool:
        since = self.problem.family.member(package).variants_since
        return since is not None and version(number) >= version(since)

    def _not_taken(self, packages: dict[str, str]) -> Iterator[Note]:
        """Yield a note for a planned file that what installs does not take."""
        for package, number in packages.items():
            file = self._variant_file(package, number)
            if file is not None and not self.problem.request.variants_by:
                facts = {"package": package, "release": number, "file": redact(file.url)}
                yield Note("variant-wheel", "error", "", facts)
                return

    def _variant_file(self, package: str, number: str) -> Wheel | None:
        """Return the variant wheel of the build for these machines, where it is one."""
        label = self.choice.build.wheel_variant
        found = self.catalogue.variant_files if label else ()
        python_known = all(host.python for host in self.problem.hosts)
        of_label = (o for o in found if o.variant == label and (python_known or not o.pythons))
        return file_of(of_label, package, number, self.problem)

    def _not_lockable(self, packages: dict[str, str]) -> Iterator[Note]:
        """Yield a note for the first planned file whose address or hash the index does not give."""
        if not self.problem.request.sources.locked:
            return
        index = self.choice.build.base or pip_sources.base_url(self.problem)
        for package, number in packages.items():
            wheel = self._file(package, number)
            facts = {"file": f"{package} {number}"}
            if wheel is None or not wheel.sha256:
                what = Phrase("address") if wheel is None else Phrase("hash")
                yield Note("cannot-lock", "error", "", {**facts, "what": what})
                return
            source = source_of(wheel, index, self.catalogue)
            if not is_known_host(wheel, source, self.problem):
                facts |= {"index": source, "address": wheel.url}
                yield Note("cannot-lock", "error", "host", facts)
                return

    def _file(self, package: str, number: str) -> Wheel | None:
        """Return the file that pip would take for these machines; None where they differ."""
        variant = self._variant_file(package, number)
        if variant is not None:
            return variant
        wheel = planned_file(package, number, self.problem, self.catalogue)
        python_known = all(host.python for host in self.problem.hosts)
        return wheel if wheel is not None and (python_known or not wheel.pythons) else None


def _without_bounds(asked: tuple[Requirement, ...], texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts of what is asked for; a constraint asks for nothing."""
    return tuple(text for one, text in zip(asked, texts) if not one.origin.is_bound)


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace('"', "'")


def _lead_behind(problem: Problem, choice: Choice) -> tuple[Requirement, ...]:
    """Return the lead as a requirement, where companions alone would make pip install another.

    Those whose metadata names none (torchvision from 0.29.1, torchaudio 2.11.0) take the newest of
    the default index; on the flat page of all variants, the highest label wins (`+cu92`). What
    follows the lead gets it always: its metadata may say less than is known of it.
    """
    named = problem.of(LEAD, ADDRESS)
    if any(not one.origin.is_bound for one in named) or not problem.companions:
        return ()
    if choice.build.platform.startswith("macos"):
        return ()
    pinned = any(_pins_lead(package, problem, choice) for package in problem.companions)
    follows = any(package in problem.family.followers for package in problem.companions)
    if follows and not problem.request.closed:
        pinned = False
    if pinned and choice.build.page is None and not named:
        return ()
    name = problem.family.lead.pip
    return (Requirement(name, LEAD, name, head=name),)


def _pins_lead(package: str, problem: Problem, choice: Choice) -> bool:
    """Return whether the metadata of a planned companion asks for exactly the planned lead."""
    known = companion(choice.release, package, problem)
    number = companion_version(choice.release, package, problem, variant=choice.build.variant)
    return known is not None and number is not None and known.pins(number)


def _same_version_elsewhere(
    problem: Problem, choice: Choice, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Return a note where the default index serves another build under the same version."""
    build: Build = choice.build
    if not pip_sources.is_ambiguous(build, catalogue):
        return ()
    facts = {
        "plain": catalogue.plain[build.release],
        "variant": build.variant,
        "release": build.release,
    }
    if pip_sources.direct_url(build.package, build.release, build, problem) is not None:
        return (Note("other-source-wins", "info", "avoided", facts),)
    return (Note("other-source-wins", "warning", "", facts),)


def _rivals(plan: Plan, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return notes on files that pip prefers; an address has no rival."""
    return () if problem.request.sources.locked else rivals(plan, problem, catalogue)
