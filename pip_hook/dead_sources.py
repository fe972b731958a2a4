"""Indexes and pages in force that a family's files cannot be had from now: pip is not sent there.

It would try each of them several times for each package. What a person has for other packages is
left to pip, whatever it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model.addresses import heard_dead, is_below, place

from .files.file_roots import keep_private, set_in_environment
from .pip_settings import default_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conda_cuda_guard.model import Catalogue, Sources
    from conda_cuda_guard.model.addresses import Place

    from .command_line import CommandLine, OptionUse
    from .files.file_lines import LineOption

_MAIN, _EXTRA, _PAGES = "--index-url", "--extra-index-url", "--find-links"


@dataclass(frozen=True)
class DeadSources:
    """The places of families that did not answer when they were asked for a plan.

    `bases` are wheel indexes, of which all folders are dead; `others` as in `Catalogue.dead`.
    """

    bases: tuple[Place, ...]
    others: Mapping[Place, tuple[str, str]]

    @classmethod
    def of(cls, catalogue: Catalogue, sources: Sources) -> DeadSources:
        """Return what a catalogue's indexes answered."""
        bases = (catalogue.unreachable, *(one.base for one in sources.wheel_indexes))
        known = bases if catalogue.unreachable else ()
        return cls(tuple(filter(None, map(place, known))), catalogue.dead)

    def has(self, url: str) -> bool:
        """Return whether an address is one of them."""
        where = place(url)
        below = any(is_below(where, base) for base in self.bases)
        return below or heard_dead(url, self.others) is not None

    def is_named_by(self, option: OptionUse | LineOption) -> bool:
        """Return whether an option puts one of them in force."""
        return option.name in (_MAIN, _EXTRA, _PAGES) and self.has(option.value or "")


def without_dead(line: CommandLine, dead: DeadSources, settings: Mapping[str, str]) -> CommandLine:
    """Return a line that is carried out without these sources, in this process and its children.

    pip's settings that name one are overridden by its variables.
    """
    _override(settings, dead, line)
    return without_options(line, dead)


def without_options(line: CommandLine, dead: DeadSources) -> CommandLine:
    """Return a line without the options that put one of these sources in force."""
    words = list(line.words)
    for use in reversed(line.options):
        if dead.is_named_by(use):
            del words[use.start : use.end]
    return line if words == line.words else line.reread(words)


def _override(settings: Mapping[str, str], dead: DeadSources, line: CommandLine) -> None:
    """Set pip's variables in the place of settings that name a dead source.

    pip ignores an empty one: the main index stands for no further index, an empty page for none.
    """
    if line.count("--isolated"):
        return  # pip reads no variables then
    main = [*line.values(_MAIN)[-1:], *settings.get(_MAIN[2:], "").split()]
    living = next((one for one in main if not dead.has(one)), default_index() or "")
    for option in (_MAIN, _EXTRA, _PAGES):
        urls = settings.get(option[2:], "").split()
        kept = [one for one in urls if not dead.has(one)]
        if kept == urls:
            continue
        if not kept and option == _PAGES:
            kept = [keep_private("nothing.html", b"<!doctype html>\n")]
        set_in_environment(option, kept or [living])
