"""Parsing of wheel file names: package, version, Pythons, platforms and C library."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Wheel
from conda_cuda_guard.model.host import oldest_libc, read_tag
from conda_cuda_guard.model.shown_text import redact
from conda_cuda_guard.model.sources import DESCRIPTION, LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.tags import Tag

# Nothing else is ever in a wheel's name; a path, a control character or a `%` left over is a trick.
_PLAIN_NAME = re.compile(r"[\w.+!-]{1,255}", re.ASCII)
_INTERPRETER = re.compile(r"(?P<kind>cp|py)(?P<major>[23])(?P<minor>\d{0,2})", re.ASCII)
_ABI = re.compile(r"cp\d+(?P<flags>t|m|mu)?", re.ASCII)
# A wheel of the stable ABI is for its Python and every later one: these, as far as can be planned.
_LAST_MINOR = 20
_AFTER_PATH = re.compile(r"[?#]")
_SLASHES_BEFORE_PATH = 2


def is_family(filename: str) -> bool:
    """Return quickly whether a file's name is one of a family's packages."""
    return _family_name(family_names()).match(filename) is not None


def family_names() -> tuple[str, ...]:
    """Return the names on pip of every family's packages."""
    leads = (name for family in catalogue.families() for name in family.pip_names)
    return (*leads, *sorted(catalogue.names().built))


def family_words() -> tuple[str, ...]:
    """Return words of which each file's name holds one, as few as will do."""
    words = [name.replace("-", "_") for name in family_names()]
    return tuple(word for word in words if not any(one != word and one in word for one in words))


@lru_cache(maxsize=4)
def _family_name(names: tuple[str, ...]) -> re.Pattern[str]:
    spelt = "|".join(re.escape(name).replace(r"\-", "[-_.]") for name in names)
    return re.compile(rf"(?:{spelt})-[^-]", re.IGNORECASE)


def wheel_of(
    filename: str, url: str, *, sha256: str = "", yanked: bool = False, metadata: str = ""
) -> Wheel | None:
    """Return the wheel that a name means; None where it is none, or for no supported tags."""
    if not _PLAIN_NAME.fullmatch(filename) or ".." in filename:
        return None
    plain, label = without_label(filename)
    try:
        package, version, _, tags = parse_wheel_filename(plain)
        address = without_secrets(url)
    except (InvalidWheelFilename, ValueError):
        return None
    if label == DESCRIPTION:
        nothing = frozenset[str]()
        return Wheel(package, str(version), nothing, nothing, address, sha256, variant=label)
    platforms, pythons, libc = _read_tags(tags)
    if not platforms or pythons is None:
        return None
    return Wheel(
        package, str(version), pythons, platforms, address, sha256, yanked, metadata, libc, label
    )


_VARIANT = re.compile(
    r"(?P<plain>[^-]+-[^-]+-(?:\d[^-]*-)?\D[^-]*-[^-]+-[^-]+)-(?P<label>[^-]+)\.whl"
)
_DESCRIPTION = "-variants.json"


def without_label(filename: str) -> tuple[str, str]:
    """Return a wheel's name without the label of its variant, and the label.

    The file that describes the variants of a version has the name of a wheel for anything.
    """
    if filename.endswith(_DESCRIPTION):
        return filename[: -len(_DESCRIPTION)] + "-py3-none-any.whl", DESCRIPTION
    found = _VARIANT.fullmatch(filename)
    if found and LABEL.fullmatch(found["label"]):
        return f"{found['plain']}.whl", found["label"]
    return filename, ""


def wheels_in(folder: Path) -> tuple[Wheel, ...]:
    """Return the families' wheels in a folder; raise OSError where it cannot be read."""
    files = sorted(file for file in folder.iterdir() if is_family(file.name))
    found = (wheel_of(file.name, file.absolute().as_uri()) for file in files)
    return tuple(wheel for wheel in found if wheel is not None)


@lru_cache(maxsize=4096)  # the few tags there are come again on every line of a page
def _read_tags(tags: frozenset[Tag]) -> tuple[frozenset[str], frozenset[str] | None, str | None]:
    """Return platforms, Pythons (an empty set: any Python 3; None: none of them) and C library."""
    readings = {read_tag(tag.platform) for tag in tags}
    # PyTorch has nothing for musl, and another project's file is not compared with glibc's.
    usable = [one for one in readings if not (one.libc or "").startswith("musl")]
    platforms = frozenset[str]().union(*(one.platforms for one in usable))
    libc = oldest_libc(one.libc for one in usable)
    pythons: set[str] = set()
    for interpreter, abi in {(tag.interpreter, tag.abi) for tag in tags}:
        if interpreter == "py3" and abi == "none":
            return platforms, frozenset(), libc
        pythons.update(_pythons(interpreter, abi))
    return platforms, frozenset(pythons) or None, libc


def _pythons(interpreter: str, abi: str) -> Iterable[str]:
    """Return the Pythons of a pair of tags: `cp311-cp311`, `cp313-cp313t`, `cp39-abi3`."""
    found = _INTERPRETER.fullmatch(interpreter)
    if found is None or not found["minor"]:
        return ()
    kind, major, first = found["kind"], found["major"], int(found["minor"])
    later = range(first, _LAST_MINOR + 1) if major == "3" else range(first, first + 1)
    if kind == "py":
        return [f"{major}.{minor}" for minor in later] if abi == "none" else ()
    if abi in ("abi3", "abi3t"):
        return [f"{major}.{minor}{abi[4:]}" for minor in later]
    if abi == "none":
        return (f"{major}.{first}", f"{major}.{first}t")
    exact = _ABI.fullmatch(abi)
    return (f"{major}.{first}{'t' if exact['flags'] == 't' else ''}",) if exact else ()


def without_secrets(url: str) -> str:
    """Return a URL without the parts that may hold credentials."""
    folder, _, name = _AFTER_PATH.split(url, maxsplit=1)[0].rpartition("/")
    if folder.count("/") < _SLASHES_BEFORE_PATH:
        return _clean_folder(url)
    return f"{_clean_folder(folder)}/{name}"


@lru_cache(maxsize=256)  # a page's files lie in few folders
def _clean_folder(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return redact(urlunsplit((parts.scheme, host, parts.path, "", "")))
