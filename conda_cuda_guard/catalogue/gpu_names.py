"""Keys of GPU names, as drivers print them, clouds sell them and people type them."""

from __future__ import annotations

import re

# What says who sold a card, or how it is packaged, and never which chip it is.
# fmt: off
NOISE = frozenset((
    "nvidia", "geforce", "tesla", "gpu", "graphics", "card", "laptop", "mobile", "notebook",
    "with", "design", "generation", "edition", "workstation", "server", "sff", "blackwell",
    "lovelace", "pcie", "pci", "nvl", "dgxs", "ac", "hbm2", "hbm2e", "hbm3", "hbm3e", "embedded",
    "collectors", "ceo",
))
# fmt: on
# After its memory a data centre's card may name the customer's model: `V100-SXM2-32GB-LS`.
_PACKAGE = re.compile(
    r"\bmig\b.*|max-?q\b|\bsxm\d?\b|\b\d+\s*(?:gib|gb|g)(?:-[a-z]{1,2})?\b|\((?:r|tm)\)",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"\b(rtx|gtx|gts|gt)(?=a?\d)")
_SUFFIX = re.compile(r"(?<=\d)(?=ti(?:super)?\b|super\b)|(?<=ti)(?=super\b)|(?<=[45]090)(?=d\b)")
_WORD = re.compile(r"[a-z0-9]+")
_PARENTHESES = re.compile(r"\([^)]*\)")
_SHORT = re.compile(r"(?:rtx|gtx|gts|gt) (\d.*|a\d+|pro \d.*)|quadro ((?!rtx )[a-z].*)")
# A profile of NVIDIA's vGPU: a card, slices of it (MIG), memory in GB, series, and what follows it.
_PROFILE = re.compile(r"(?:grid |nvidia )*(\S+?)(?:-\d)?-\d+[abcq](?:me|gfx|\d)?", re.IGNORECASE)
# In profiles letters behind these tell the memory and the socket of the same chip.
_MEMORY = re.compile(r"(a100|a800|h100|h200|h800|p100|v100)(?:[dsx]|dx|[cl]|x[lm])")
_IN_PROFILES = {
    f"rtx {number}{passive}": f"quadro rtx {number}"
    for number in ("6000", "8000")
    for passive in ("", "p")
}


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
    profile = _PROFILE.fullmatch(name.strip())
    if profile is not None:
        return _of_profile(canonical(profile[1]))
    keys = own_keys(name)
    # People say "Quadro" of cards whose name has lost it ("Quadro T1000", "Quadro RTX A6000").
    return (*keys, keys[-1].removeprefix("quadro "))


def _of_profile(card: str) -> tuple[str, ...]:
    """Return the keys of the card that a vGPU profile names: `A40-48Q`, `GRID A100DX-4C`."""
    chip = _MEMORY.fullmatch(card)
    return (card, _IN_PROFILES.get(card, card), chip[1] if chip else card)
