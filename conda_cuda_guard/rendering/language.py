"""The user's language: English, or one that has a gettext catalogue."""

from __future__ import annotations

import gettext
import locale
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.errors import shown_facts

_Fact = TypeVar("_Fact")

DOMAIN = "conda_cuda_guard"
FOLDER = Path(__file__).parent / "locale"
VARIABLE = "CUDA_GUARD_LANG"
# A word whose translation a stream has to be able to show.
_SAMPLE = "driver"


def translated(text: str) -> str:
    """Return a text in the user's language; unchanged where it has no translation.

    Templates are translated before their facts are put in.
    """
    found = _catalogue()
    return found.gettext(text) if found and text else text


def said(text: str) -> str:
    """Return a text or phrase in the user's language.

    Phrases among its facts are translated too; other facts are names and numbers, and stay.
    """
    if not isinstance(text, Phrase):
        return translated(text)
    return translated(text.template).format(**facts_said(text.facts))


def facts_said(facts: Mapping[str, _Fact]) -> dict[str, _Fact | str]:
    """Return facts with the phrases among them in the user's language."""
    shown = shown_facts(facts)
    return {name: said(one) if isinstance(one, Phrase) else one for name, one in shown.items()}


def language(environ: Mapping[str, str]) -> str | None:
    """Return the name of a catalogue (`"zh_CN"`), or None for English.

    CUDA_GUARD_LANG decides, then the variables of the locale in gettext's order; where none is set,
    as on Windows, the system's own locale does.
    """
    asked = environ.get(VARIABLE)
    if asked:
        return _known(asked)
    names = [environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    in_force = next(filter(None, names), None)
    if in_force is None:
        return _known(_of_system()) if sys.platform in ("win32", "darwin") else None
    if in_force.partition(".")[0] in ("C", "POSIX"):
        return None
    first = environ.get("LANGUAGE", "").partition(":")[0]
    return _known(first or in_force)


def _known(name: str) -> str | None:
    """Return the catalogue of a locale, the first of its language where it has none itself."""
    asked = name.lower().partition(".")[0].replace("-", "_")
    there = sorted(one.name for one in FOLDER.iterdir() if (one / "LC_MESSAGES").is_dir())
    exact = (one for one in there if one.lower() == asked)
    alike = (one for one in there if _language_of(one) == _language_of(asked))
    return next(iter((*exact, *alike)), None)


def _language_of(name: str) -> str:
    return name.lower().partition("_")[0]


def _of_system() -> str:
    try:
        return locale.getlocale()[0] or ""
    except ValueError:
        return ""


@cache
def _catalogue() -> gettext.NullTranslations | None:
    """Return the catalogue; None for English, and where the terminal cannot show its letters."""
    chosen = language(os.environ)
    if chosen is None:
        return None
    found = gettext.translation(DOMAIN, FOLDER, [chosen], fallback=True)
    sample = found.gettext(_SAMPLE)
    return found if all(_shows(one, sample) for one in (sys.stdout, sys.stderr)) else None


def _shows(stream: object, sample: str) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        sample.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True
