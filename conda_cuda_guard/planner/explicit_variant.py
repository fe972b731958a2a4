"""Explicitly named variants: the builds they mean, and notes where they are replaced (rule 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Phrase, variant_of, version

from . import alternatives
from .address_kind import url_wish
from .candidates import FORGE, companion_version, find_candidates, uses_family_channel
from .ranking import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue, CondaNames

    from .candidates import Candidates
    from .problem import Problem
    from .ranking import Verdict
    from .requirement import VariantWish

_CHANNELS = {"pytorch-channel": Phrase("channel pytorch"), "conda-forge": "conda-forge"}


def granted(wish: VariantWish, candidates: Candidates, problem: Problem) -> tuple[Build, ...]:
    """Return the builds of the variant named, from the source in use, else from another one.

    They are found by the CUDA version alone where the selector that named it chooses none
    (`pytorch=2.1 cudatoolkit=11.8`). Where the family's own channel is in force, that goes before
    builds for an older CUDA version than the environment's.
    """
    names, sources = problem.family.conda, (candidates.builds, candidates.others)
    own_channel = not problem.is_pip and uses_family_channel(problem)
    for selects, exactly in ((_selects, own_channel), (_any, True), (_any, False)):
        for builds in sources:
            meant = tuple(
                b
                for b in builds
                if wish.grants(b.cuda, exactly=exactly) and selects(wish.selector, b, names)
            )
            if meant:
                return meant
    return ()


def _any(_selector: str | None, _build: Build, _names: CondaNames) -> bool:
    return True


def _selects(selector: str | None, build: Build, names: CondaNames) -> bool:
    """Return whether a conda selector package can choose a build."""
    if selector in (None, names.cpu_selector):
        return True
    if selector in names.metapackages and names.other_names[selector].variant == "cuda":
        return build.source == FORGE
    return any(one.split("=")[0] == selector for one in build.selectors)


def replaced(
    wish: VariantWish, reason: str, problem: Problem, failed: Verdict | None = None
) -> Note:
    """Return the note that a variant named was replaced, with the reason."""
    facts = {"wish": wish.text, "platform": problem.platform}
    if failed is not None:
        host = failed.host or problem.hosts[0]
        facts.update(cuda=failed.build.cuda or "", **host.as_facts)
        if failed.gpu is not None:
            facts.update(alternatives.gpu_facts(failed.gpu))
    return Note("explicit-variant-replaced", "warning", reason, facts)


def why_not(
    wish: VariantWish, builds: Iterable[Build], problem: Problem, catalogue: Catalogue
) -> Note:
    """Return the note why none of the builds of the variant named can be taken."""
    failed = next((judge(build, problem, catalogue) for build in builds), None)
    if failed is not None and failed.reason:
        return replaced(wish, failed.reason, problem, failed)
    lagging = _companion_without(wish, problem, catalogue)
    if lagging is not None:
        note = replaced(wish, "companion", problem)
        return replace(note, facts={**note.facts, "companion": lagging})
    if catalogue.unreachable:
        note = replaced(wish, "unavailable", problem, failed)
        return replace(note, facts={**note.facts, "index": catalogue.unreachable})
    note = replaced(wish, "absent", problem, failed)
    return replace(note, facts={**note.facts, **_when(wish, problem, catalogue)})


def _companion_without(wish: VariantWish, problem: Problem, catalogue: Catalogue) -> str | None:
    """Return the companion that was asked for and has no files for the variant named."""
    releases = {one.version: one for one in find_candidates(problem, catalogue).paired}
    for build in _meant(wish, catalogue.builds, problem):
        release = releases.get(build.release)
        for one in problem.companions:
            if release and not companion_version(release, one, problem, variant=build.variant):
                return f"{one} {companion_version(release, one, problem)}"
    return None


def _when(wish: VariantWish, problem: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Return facts about a variant: its last (or first) release, and what to ask for to keep it."""
    made = _meant(wish, catalogue.builds, problem)
    if not made:
        return {"nowhere": wish.text}
    facts = {"variant": _name(wish, made, problem)}
    asked = alternatives.asked_release(problem, catalogue)
    first, last = (pick(made, key=lambda b: version(b.release)) for pick in (min, max))
    if asked is not None and version(first.release) > version(asked):
        facts["first"] = _release(first, problem)
    else:
        facts["last"] = _release(last, problem)
        if all(host.python and host.python not in last.pythons for host in problem.hosts):
            facts["last_pythons"] = alternatives.pythons_of((last,))
    plain = alternatives.plainly(problem)
    fitting = alternatives.fitting_of(
        _meant(wish, alternatives.askable(plain, catalogue), problem), plain, catalogue
    )
    near = alternatives.nearest(fitting, asked)
    if near is not None and _is_found(near.build, plain, wish, catalogue):
        facts["keep_spec"] = _keeping(near.build, problem, catalogue)
    return facts


def _is_found(build: Build, problem: Problem, wish: VariantWish, catalogue: Catalogue) -> bool:
    """Return whether a request with a build's own selector would get it from its source."""
    selector = build.selectors[0].split("=")[0] if build.selectors else None
    again = replace(problem, wish=replace(wish, selector=selector))
    return build in alternatives.askable(again, catalogue)


def _meant(wish: VariantWish, builds: tuple[Build, ...], problem: Problem) -> tuple[Build, ...]:
    """Return the builds of the variant named, whatever their release."""
    meant = tuple(build for build in builds if wish.grants(build.cuda))
    names = problem.family.conda
    return tuple(build for build in meant if _selects(wish.selector, build, names)) or meant


def _name(wish: VariantWish, made: tuple[Build, ...], problem: Problem) -> str:
    """Return a variant's name as usual for the manager: `cu113`, `CUDA 11.3`."""
    cuda = {build.cuda for build in made}
    if len(cuda) > 1:
        return wish.text
    return variant_of(made[0].cuda) if problem.is_pip else f"CUDA {made[0].cuda}"


def _release(build: Build, problem: Problem) -> str:
    if problem.is_pip:
        return build.release
    channel = _CHANNELS.get(build.source, build.source)
    return Phrase("{release} ({channel})", release=build.release, channel=channel)


def _keeping(build: Build, problem: Problem, catalogue: Catalogue) -> str:
    """Return the requirements that ask for exactly this build."""
    torch, *companions = alternatives.spec_with_companions(build, problem, catalogue).split()
    if problem.is_pip:
        return " ".join([f"{torch}+{build.variant}", *companions])
    return " ".join([torch, *companions, *build.selectors])


def contradicted(build: Build, problem: Problem) -> tuple[Note, ...]:
    """Return notes on variants dropped for the one that was kept (`cpuonly pytorch-cuda=12.1`)."""
    kept = problem.wish
    if kept is None or not kept.grants(build.cuda):
        return ()
    named = [one.wish for one in problem.requirements]
    if problem.is_pip:
        named.append(url_wish(problem.urls, problem.family, problem.request.sources.foreign))
    others = dict.fromkeys(wish for wish in named if wish is not None)
    return tuple(
        Note(
            "explicit-variant-replaced",
            "warning",
            "contradicted",
            {"wish": other.text, "kept": kept.text},
        )
        for other in others
        if not other.grants(build.cuda)
    )
