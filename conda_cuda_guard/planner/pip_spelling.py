"""Spell a choice for pip: requirements, the index or page they come from, a command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan

from .asking import COMPANIONS, TORCH
from .companions import companion, companion_version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue

    from .asking import Ask
    from .decide import Choice
    from .situation import Situation

_VARIANT_FOLDER = re.compile(r"/(?:cu\d{2,4}|cpu)/?(?:torch_stable\.html)?$", re.IGNORECASE)


def spell_pip(situation: Situation, choice: Choice, catalogue: Catalogue) -> Plan:
    """Write the plan that pip can carry out."""
    build = choice.build
    requirements = [_spell(ask, situation, choice) for ask in situation.asks]
    requirements.extend(_torch_behind(situation, choice))
    index_urls, find_links = _sources(build, situation)
    typed = list(situation.request.requirements)
    sources = situation.request.sources
    in_place = set(index_urls) <= set(sources.index_urls) and set(find_links) <= set(
        sources.find_links
    )
    return Plan(
        id=situation.request.id,
        manager="pip",
        status="unchanged" if requirements == typed and in_place else "ok",
        variant=build.variant,
        cuda=build.cuda,
        level=choice.level,
        source=build.source,
        packages=_packages(situation, choice),
        requirements=tuple(requirements),
        index_urls=index_urls,
        find_links=find_links,
        command=_command(requirements, index_urls, find_links, situation),
        notes=(*choice.notes, *_same_version_elsewhere(build, catalogue)),
    )


def _spell(ask: Ask, situation: Situation, choice: Choice) -> str:
    """Pin one requirement, keeping its extras and marker; leave what is not ours as typed."""
    if ask.role not in (TORCH, *COMPANIONS):
        return ask.text
    if choice.build.platform.startswith("macos") and ask.wish is None:
        return ask.text  # one build for all: nothing to choose
    pinned = (
        ask.head + _equals(ask.role, choice.build) + _version(ask, situation, choice) + ask.tail
    )
    return ask.text if _squeezed(pinned) == _squeezed(ask.text) else pinned


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace('"', "'")


def _equals(role: str, build: Build) -> str:
    # `==1.7.1` matches 1.7.1+cpu and prefers it; only `===` asks for the file without a label.
    plain = build.page is not None and not build.label
    return "===" if plain and role in (TORCH, "torchvision") else "=="


def _version(ask: Ask, situation: Situation, choice: Choice) -> str:
    """Give the version with the label that the package's files carry."""
    if ask.role == TORCH:
        return choice.release.version + choice.build.label
    known = companion(choice.release, ask.role or "", situation)
    number = companion_version(choice.release, ask, situation) or ""
    return number + (choice.build.label if known is not None and known.labelled else "")


def _torch_behind(situation: Situation, choice: Choice) -> list[str]:
    """Pin torch beside a torchvision that would take any newer one (0.29.1 and later)."""
    if situation.of(TORCH) or not situation.of("torchvision"):
        return []
    vision = companion(choice.release, "torchvision", situation)
    if vision is None or vision.pins_torch or choice.build.platform.startswith("macos"):
        return []
    return [f"torch{_equals(TORCH, choice.build)}{choice.release.version}{choice.build.label}"]


def _packages(situation: Situation, choice: Choice) -> dict[str, str]:
    packages = {}
    for ask in situation.family:
        packages[ask.role or ""] = _version(ask, situation, choice)
    if _torch_behind(situation, choice):
        packages[TORCH] = choice.release.version + choice.build.label
    return packages


def _sources(build: Build, situation: Situation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the index URLs and the pages that hold the build, on the mirror in use if one is."""
    sources = situation.request.sources
    named = situation.named_index
    base = _VARIANT_FOLDER.sub("", named) if named else sources.wheel_index.rstrip("/")
    if build.page is not None:
        return (), (f"{base}/{build.page}",)
    if build.index is None:
        return (), ()
    url = f"{base}/{build.index}"
    if named and named.rstrip("/") == url:
        url = named  # as typed, with its slash
    if named is not None and named in sources.find_links:
        return (), (url,)
    return (url,), ()


def _command(
    requirements: list[str],
    index_urls: tuple[str, ...],
    find_links: tuple[str, ...],
    situation: Situation,
) -> tuple[str, ...]:
    sources = situation.request.sources
    command = ["pip", "install", *requirements]
    for url in index_urls:
        if url not in sources.index_urls:
            command += ["--extra-index-url", url]
    for url in find_links:
        if url not in sources.find_links:
            command += ["--find-links", url]
    return tuple(command)


def _same_version_elsewhere(build: Build, catalogue: Catalogue) -> tuple[Note, ...]:
    """Warn where the default index serves another build under the very same version."""
    plain = catalogue.plain.get(build.release)
    if build.label or build.source == "user-index" or plain in (None, build.variant):
        return ()
    facts = {"release": build.release, "plain": plain or "", "variant": build.variant}
    return (Note("other-source-wins", "warning", "", facts),)
