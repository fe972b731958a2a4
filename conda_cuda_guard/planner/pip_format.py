"""Where a build's wheels lie: index, flat page or file, on the mirror in use if there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan
from conda_cuda_guard.model.versions import version

from .candidates import companion, companion_version
from .own_index import about_indexes, as_typed, plain_twin
from .pip_parse import VARIANT_FOLDER, url_wish
from .requirement import COMPANIONS, TORCH, TORCH_BY_ADDRESS, Requirement

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue, Sources, Wheel

    from .decision import Choice
    from .problem import Problem

_FILE_PLATFORMS = {"linux-x86_64": "linux_x86_64", "windows-amd64": "win_amd64"}
_FIRST_PLAIN_ABI = "3.8"  # before it, the ABI tag has an m for pymalloc


def base_url(problem: Problem) -> str:
    """Give the base of the wheel index: that of a mirror whose URL is in force, or the set one."""
    named = problem.named_index
    if named:
        return VARIANT_FOLDER.sub("", named)
    return problem.request.sources.wheel_indexes[0].base.rstrip("/")


def sources_of(build: Build, problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the index URLs and the pages that hold the build."""
    sources = problem.request.sources
    base, named = build.base or base_url(problem), problem.named_index or ""
    if build.page is not None:
        return (), (f"{base}/{build.page}",)
    if build.index is None:
        return (), ()
    named_one = url_wish((named,)) if named else None
    if named in sources.find_links and named_one is not None:
        if named_one.grants(build.cuda):
            return (), (named,)  # a page of this variant, in whatever form it has
        if not named.endswith(".html") and build.base is None:
            return (), (f"{base}/{build.index}",)  # a mirror of flat folders
    if build.flat and base.endswith(".html"):
        return (), (base,)
    if build.flat:
        return (), (f"{base}/{build.index}/",)
    url = f"{base}/{build.index}"
    typed = next((one for one in sources.index_urls if one.rstrip("/") == url), url)
    return (typed,), ()


def missing_options(
    index_urls: tuple[str, ...], find_links: tuple[str, ...], in_force: Sources
) -> list[str]:
    """Give pip's options for the sources that are not in force yet."""
    options = []
    for url in index_urls:
        if url not in in_force.index_urls:
            options += ["--extra-index-url", url]
    for url in find_links:
        if url not in in_force.find_links:
            options += ["--find-links", url]
    return options


def is_ambiguous(build: Build, catalogue: Catalogue) -> bool:
    """Tell whether the default index serves another build under the very same version.

    By its order of sources pip then takes the index's file before the page's: on Windows, where
    the plain 1.7.1 is a CPU build, and for the variants of 1.0 and 1.1, which have no labels.
    """
    if build.label or build.page is None:
        return False
    return catalogue.plain.get(build.release, build.variant) != build.variant


def direct_url(package: str, number: str, build: Build, problem: Problem) -> str | None:
    """Give the address of the file itself; None where the Python is not known.

    The names are regular for these releases: torch_stable.html lists them all.
    """
    python, tag = problem.hosts[0].python, _FILE_PLATFORMS.get(build.platform)
    if python is None or tag is None:
        return None
    interpreter = "cp" + python.replace(".", "")
    abi = "" if version(python) >= version(_FIRST_PLAIN_ABI) else "m"
    name = f"{package}-{number}-{interpreter}-{interpreter}{abi}-{tag}.whl"
    return f"{base_url(problem)}/{build.variant}/{name}"


def lock(
    plan: Plan, parsed: tuple[Requirement, ...], problem: Problem, catalogue: Catalogue
) -> Plan:
    """Name every planned file by its address and sha256; refuse where the index gives none."""
    requirements = list(plan.requirements)
    for at, requirement in enumerate(parsed):
        if requirement.role not in (TORCH, *COMPANIONS):
            continue
        number = plan.packages[requirement.role or ""]
        wheel = _file(requirement.role or "", number, problem, catalogue)
        if wheel is None or not wheel.sha256:
            facts = {
                "file": f"{requirement.role} {number}",
                "what": "address" if wheel is None else "hash",
            }
            note = Note("cannot-lock", "error", "", facts)
            return Plan(plan.id, "pip", "refused", notes=(note, *plan.notes))
        requirements[at] = (
            f"{requirement.head} @ {wheel.url}#sha256={wheel.sha256}{requirement.tail}"
        )
    options = plan.command[2 + len(plan.requirements) :]
    command = ("pip", "install", *requirements, *options)
    return replace(plan, status="ok", requirements=tuple(requirements), command=command)


def _file(package: str, number: str, problem: Problem, catalogue: Catalogue) -> Wheel | None:
    """Find the file that pip would take for these machines: one, or none where they differ."""
    pythons = {host.python for host in problem.hosts}
    for wheel in catalogue.files:
        if (wheel.package, wheel.version) != (package, number) or wheel.yanked:
            continue
        fits = not wheel.pythons or pythons <= wheel.pythons
        if problem.platform in wheel.platforms and fits:
            return wheel
    return None


# torchvision's files had a variant each from 0.3.0 on; before, one served all.
_FIRST_TORCHVISION = "0.3.0"


def spell_pip(problem: Problem, choice: Choice, catalogue: Catalogue) -> Plan:
    """Write the plan that pip can carry out."""
    own = plain_twin(problem, choice, catalogue)
    if own is not None and problem.request.sources.prefer_index:
        choice = replace(choice, build=own)
    build = choice.build
    parsed = (*problem.parsed, *_torch_behind(problem, choice))
    requirements = tuple(_spell(requirement, problem, choice, catalogue) for requirement in parsed)
    index_urls, find_links = sources_of(build, problem)
    sources = problem.request.sources
    in_place = set(index_urls) <= set(sources.index_urls)
    in_place &= set(find_links) <= set(sources.find_links)
    same = requirements == problem.request.requirements
    plan = Plan(
        id=problem.request.id,
        manager="pip",
        status="unchanged" if same and in_place else "ok",
        variant=build.variant,
        cuda=build.cuda,
        level=choice.level,
        source=build.source,
        packages={
            requirement.role or "": _version(requirement, problem, choice)
            for requirement in parsed
            if _is_ours(requirement)
        },
        requirements=requirements,
        index_urls=index_urls,
        find_links=find_links,
        command=_command(requirements, index_urls, find_links, problem),
        notes=(
            *choice.notes,
            *_same_version_elsewhere(problem, choice, catalogue),
            *about_indexes(problem, choice, catalogue),
        ),
        as_typed=as_typed(problem, catalogue),
    )
    return lock(plan, parsed, problem, catalogue) if sources.locked else plan


def _is_ours(requirement: Requirement) -> bool:
    return requirement.role in (TORCH, *COMPANIONS)


def _spell(requirement: Requirement, problem: Problem, choice: Choice, catalogue: Catalogue) -> str:
    """Pin one requirement, keeping its extras and marker; leave what is not ours as typed."""
    if not _is_ours(requirement):
        return requirement.text
    if choice.build.platform.startswith("macos") and requirement.wish is None:
        return requirement.text  # one build for all: nothing to choose
    number = _version(requirement, problem, choice)
    if is_ambiguous(choice.build, catalogue) and _has_variants(requirement.role or "", number):
        url = direct_url(requirement.role or "", number, choice.build, problem)
        if url:
            return f"{requirement.head} @ {url}{requirement.tail}"
    pinned = (
        f"{requirement.head}{_equals(requirement.role or '', choice)}{number}{requirement.tail}"
    )
    return requirement.text if _squeezed(pinned) == _squeezed(requirement.text) else pinned


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace('"', "'")


def _equals(role: str, choice: Choice) -> str:
    # `==1.7.1` matches 1.7.1+cpu and prefers it; only `===` asks for the file without a label.
    plain = choice.build.page is not None and not choice.build.label
    return "===" if plain and role in (TORCH, "torchvision") else "=="


def _has_variants(role: str, number: str) -> bool:
    if role == "torchvision":
        return version(number) >= version(_FIRST_TORCHVISION)
    return role == TORCH


def _version(requirement: Requirement, problem: Problem, choice: Choice) -> str:
    """Give the version with the label that the package's files carry."""
    if requirement.role == TORCH:
        return choice.release.version + choice.build.label
    known = companion(choice.release, requirement.role or "", problem)
    number = _companion_version(requirement, problem, choice)
    return number + (choice.build.label if known is not None and known.labelled else "")


def _companion_version(requirement: Requirement, problem: Problem, choice: Choice) -> str:
    variant = choice.build.variant
    return companion_version(choice.release, requirement, problem, variant=variant) or ""


def _torch_behind(problem: Problem, choice: Choice) -> tuple[Requirement, ...]:
    """Pin torch beside companions that would take another one.

    Those whose metadata names no torch (torchvision from 0.29.1, torchaudio 2.11.0) take the newest
    of the default index; on the flat page of all variants, the highest label wins (`+cu92`).
    """
    parsed = problem.of(*COMPANIONS)
    if (
        problem.of(TORCH, TORCH_BY_ADDRESS)
        or not parsed
        or choice.build.platform.startswith("macos")
    ):
        return ()
    pinned = any(
        known.pins(_companion_version(one, problem, choice))
        for one in parsed
        if (known := companion(choice.release, one.role or "", problem))
    )
    if pinned and choice.build.page is None:
        return ()
    return (Requirement(TORCH, TORCH, head=TORCH),)


def _command(
    requirements: tuple[str, ...],
    index_urls: tuple[str, ...],
    find_links: tuple[str, ...],
    problem: Problem,
) -> tuple[str, ...]:
    options = missing_options(index_urls, find_links, problem.request.sources)
    return ("pip", "install", *requirements, *options)


def _same_version_elsewhere(
    problem: Problem, choice: Choice, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Warn where the default index serves another build under the very same version."""
    build = choice.build
    if not is_ambiguous(build, catalogue):
        return ()
    facts = {
        "plain": catalogue.plain[build.release],
        "variant": build.variant,
        "release": build.release,
    }
    if direct_url(TORCH, build.release, build, problem) is not None:
        return (Note("other-source-wins", "info", "avoided", facts),)
    return (Note("other-source-wins", "warning", "", facts),)
