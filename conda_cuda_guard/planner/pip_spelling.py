"""Spell a choice for pip: requirements, the index or page they come from, a command."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Plan

from .asking import COMPANIONS, TORCH, TORCH_BY_ADDRESS, Ask
from .companions import companion, companion_version
from .locking import lock
from .own_index import about_indexes, as_typed, plain_twin
from .pip_sources import direct_url, is_ambiguous, missing_options, sources_of
from .versions import version

if TYPE_CHECKING:
    from conda_cuda_guard.model import Catalogue

    from .decide import Choice
    from .situation import Situation

# torchvision's files had a variant each from 0.3.0 on; before, one served all.
_FIRST_TORCHVISION = "0.3.0"


def spell_pip(situation: Situation, choice: Choice, catalogue: Catalogue) -> Plan:
    """Write the plan that pip can carry out."""
    own = plain_twin(situation, choice, catalogue)
    if own is not None and situation.request.sources.prefer_index:
        choice = replace(choice, build=own)
    build = choice.build
    asks = (*situation.asks, *_torch_behind(situation, choice))
    requirements = tuple(_spell(ask, situation, choice, catalogue) for ask in asks)
    index_urls, find_links = sources_of(build, situation)
    sources = situation.request.sources
    in_place = set(index_urls) <= set(sources.index_urls)
    in_place &= set(find_links) <= set(sources.find_links)
    same = requirements == situation.request.requirements
    plan = Plan(
        id=situation.request.id,
        manager="pip",
        status="unchanged" if same and in_place else "ok",
        variant=build.variant,
        cuda=build.cuda,
        level=choice.level,
        source=build.source,
        packages={
            ask.role or "": _version(ask, situation, choice) for ask in asks if _is_ours(ask)
        },
        requirements=requirements,
        index_urls=index_urls,
        find_links=find_links,
        command=_command(requirements, index_urls, find_links, situation),
        notes=(
            *choice.notes,
            *_same_version_elsewhere(situation, choice, catalogue),
            *about_indexes(situation, choice, catalogue),
        ),
        as_typed=as_typed(situation, catalogue),
    )
    return lock(plan, asks, situation, catalogue) if sources.locked else plan


def _is_ours(ask: Ask) -> bool:
    return ask.role in (TORCH, *COMPANIONS)


def _spell(ask: Ask, situation: Situation, choice: Choice, catalogue: Catalogue) -> str:
    """Pin one requirement, keeping its extras and marker; leave what is not ours as typed."""
    if not _is_ours(ask):
        return ask.text
    if choice.build.platform.startswith("macos") and ask.wish is None:
        return ask.text  # one build for all: nothing to choose
    number = _version(ask, situation, choice)
    if is_ambiguous(choice.build, catalogue) and _has_variants(ask.role or "", number):
        url = direct_url(ask.role or "", number, choice.build, situation)
        if url:
            return f"{ask.head} @ {url}{ask.tail}"
    pinned = f"{ask.head}{_equals(ask.role or '', choice)}{number}{ask.tail}"
    return ask.text if _squeezed(pinned) == _squeezed(ask.text) else pinned


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


def _version(ask: Ask, situation: Situation, choice: Choice) -> str:
    """Give the version with the label that the package's files carry."""
    if ask.role == TORCH:
        return choice.release.version + choice.build.label
    known = companion(choice.release, ask.role or "", situation)
    number = companion_version(choice.release, ask, situation) or ""
    return number + (choice.build.label if known is not None and known.labelled else "")


def _torch_behind(situation: Situation, choice: Choice) -> tuple[Ask, ...]:
    """Pin torch beside companions that would take another one.

    Those whose metadata names no torch (torchvision from 0.29.1, torchaudio 2.11.0) take the newest
    of the default index; on the flat page of all variants, the highest label wins (`+cu92`).
    """
    asks = situation.of(*COMPANIONS)
    if (
        situation.of(TORCH, TORCH_BY_ADDRESS)
        or not asks
        or choice.build.platform.startswith("macos")
    ):
        return ()
    known = [companion(choice.release, ask.role or "", situation) for ask in asks]
    pinned = any(one is not None and one.pins_torch for one in known)
    if pinned and choice.build.page is None:
        return ()
    return (Ask(TORCH, TORCH, head=TORCH),)


def _command(
    requirements: tuple[str, ...],
    index_urls: tuple[str, ...],
    find_links: tuple[str, ...],
    situation: Situation,
) -> tuple[str, ...]:
    options = missing_options(index_urls, find_links, situation.request.sources)
    return ("pip", "install", *requirements, *options)


def _same_version_elsewhere(
    situation: Situation, choice: Choice, catalogue: Catalogue
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
    if direct_url(TORCH, build.release, build, situation) is not None:
        return (Note("other-source-wins", "info", "avoided", facts),)
    return (Note("other-source-wins", "warning", "", facts),)
