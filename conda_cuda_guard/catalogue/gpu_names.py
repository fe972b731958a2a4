"""Reduce a GPU's marketing name, as NVML prints it or a person types it, to a key."""

from __future__ import annotations

import re

# What says who sold a card, or how it is packaged, and never which chip it is.
# fmt: off
NOISE = frozenset((
    "nvidia", "geforce", "tesla", "gpu", "graphics", "card", "laptop", "mobile", "notebook",
    "with", "design", "generation", "edition", "workstation", "server", "sff", "blackwell",
    "lovelace", "pcie", "pci", "nvl", "dgxs", "ac", "hbm2", "hbm2e", "hbm3", "hbm3e",
))
# fmt: on
_PACKAGE = re.compile(
    r"\bmig\b.*|max-?q\b|\bsxm\d?\b|\b\d+\s*(?:gib|gb|g)\b|\((?:r|tm)\)", re.IGNORECASE
)
_PREFIX = re.compile(r"\b(rtx|gtx|gts|gt)(?=a?\d)")
_SUFFIX = re.compile(r"(?<=\d)(?=ti(?:super)?\b|super\b)|(?<=ti)(?=super\b)")
_WORD = re.compile(r"[a-z0-9]+")
_PARENTHESES = re.compile(r"\([^)]*\)")
_SHORT = re.compile(r"(?:rtx|gtx|gts|gt) (\d.*|a\d+)|quadro ((?!rtx )[a-z].*)")


def canonical(name: str) -> str:
    """Return the key of a name: what tells chips apart, in lower case, single-spaced."""
    text = _PACKAGE.sub(" ", name).lower()
    text = _SUFFIX.sub(" ", _PREFIX.sub(r"\1 ", text))
    return " ".join(word for word in _WORD.findall(text) if word not in NOISE)


def own_keys(name: str) -> tuple[str, ...]:
    """Return the keys of a full name, with what stands in parentheses and without."""
    return tuple(dict.fromkeys((canonical(name), canonical(_PARENTHESES.sub(" ", name)))))


def short_keys(name: str) -> tuple[str, ...]:
    """Return the key under which people leave the brand out: `1080 ti`, `a6000`, `p620`."""
    match = _SHORT.fullmatch(own_keys(name)[-1])
    if match is None:
        return ()
    short = match[1] or match[2]
    # "RTX 6000" alone may be a Quadro or an Ada card, so a bare number is a GeForce or nothing.
    if short[0].isdigit() and "GeForce" not in name and not short.endswith(" ada"):
        return ()
    return (short,)


def candidates(name: str) -> tuple[str, ...]:
    """Return the keys to try for a name that was asked for, the most exact first."""
    keys = own_keys(name)
    # People say "Quadro" of cards whose name has lost it ("Quadro T1000", "Quadro RTX A6000").
    return (*keys, keys[-1].removeprefix("quadro "))
