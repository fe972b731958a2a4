"""Kinds of addresses in force, by data and by the place in the URL (contract, section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from conda_cuda_guard.model import Range, cuda_of
from conda_cuda_guard.model.addresses import is_below, place

from .requirement import VariantWish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Family

# What an address is.
WHEELS = "wheels"  # the family's wheel index or a mirror of it, the folder of one variant
TREE = "tree"  # its nightly or test builds: left as they are
ACCELERATOR = "accelerator"  # builds for another accelerator: the line is left alone
BOARD = "board"  # wheels for NVIDIA's boards, without labels: the line is left alone
PROJECT = "project"  # another project's: never rewritten
OTHER = "other"  # anything else: it stays, and may serve the family

# The folder of one variant, at the end of an index's or a page's URL.
VARIANT_FOLDER = re.compile(
    r"(?:/lts/1\.8)?/(cu\d{2,4}|cpu)/?(torch_stable\.html|stable)?$", re.IGNORECASE
)
_ACCELERATOR = re.compile(r"/(rocm\d[\d.]*|xpu)/?(?:[\w.]+\.html)?$", re.IGNORECASE)
_BOARD = re.compile(r"/(?:jp|jetpack)/?v?\d+(?:/(cu\d+))?/?(?:\+simple/?)?$", re.IGNORECASE)
_VARIANT = re.compile(r"(?:^|[+/])(cu\d{2,4}|cpu)(?=$|[/.])", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """An address in force.

    `variant` is the one that it names (`cu118`, `rocm6.4`), `base` what lies above the variant's
    folder of a wheel index, `release` the version of the lead that another project's page is for.
    """

    url: str
    kind: str
    variant: str = ""
    base: str = ""
    release: str = ""

    @property
    def is_left(self) -> bool:
        """Whether a line with it is left as typed."""
        return self.kind in (TREE, ACCELERATOR, BOARD)


@lru_cache(maxsize=512)
def classify(url: str, family: Family, foreign: frozenset[str] = frozenset()) -> Address:
    """Return what an address is; `foreign` are those that were seen to list none of the family."""
    where = place(url)
    if any(is_below(where, place(base)) for base in family.addresses.boards):
        return Address(url, BOARD, _variant_in(url))
    if any(is_below(where, place(base)) for base in family.addresses.accelerators):
        return Address(url, ACCELERATOR)
    if any(is_below(where, place(base)) for base in family.addresses.projects):
        return _of_project(url, family)
    path = unquote(urlsplit(url).path) if "://" in url else ""
    if _BOARD.search(path):
        return Address(url, BOARD, _variant_in(path))
    tree = _tree(where, family)
    accelerator = _ACCELERATOR.search(path)
    if accelerator:
        return Address(url, ACCELERATOR, accelerator[1].lower())
    if tree:
        return Address(url, TREE, _variant_in(path))
    release = _release_in(path, family)
    if release:
        return _of_project(url, family)
    folder = VARIANT_FOLDER.search(url)
    if folder is None:
        return Address(url, OTHER)
    if url in foreign:
        return Address(url, PROJECT)
    return Address(url, WHEELS, folder.group(1).lower(), VARIANT_FOLDER.sub("", url))


def _tree(where: tuple[str, ...], family: Family) -> bool:
    """Return whether a place is in a tree of the wheel index: right below it, not further down."""
    rules = family.addresses
    for base in map(place, rules.bases):
        if is_below(where, base):
            return where[len(base) : len(base) + 1] != () and where[len(base)] in rules.trees
    # A mirror has the folders of the index itself: `…/whl/nightly/cu126`.
    named = [at for at, one in enumerate(where) if one == rules.folder]
    return any(where[at + 1 : at + 2] and where[at + 1] in rules.trees for at in named)


def _release_in(path: str, family: Family) -> str:
    """Return the lead's version that a path names (`torch-2.1.0+cu118.html`, `torch2.1`)."""
    name = re.escape(family.lead.pip)
    found = re.search(rf"(?:^|[/_-]){name}[-_]?(\d+\.\d+(?:\.\d+)?)(?=$|[/+_]|\.html)", path)
    return found[1] if found else ""


def _variant_in(text: str) -> str:
    found = _VARIANT.findall(text)
    return str(found[-1]).lower() if found else ""


def _of_project(url: str, family: Family) -> Address:
    """Return another project's address; it binds a plan where it names a release of the lead."""
    path = unquote(urlsplit(url).path)
    release = _release_in(path, family)
    variant = _variant_in(path.removesuffix(".html")) if release else ""
    return Address(url, PROJECT, variant, release=release)


def url_wish(
    urls: Iterable[str], family: Family, foreign: frozenset[str] = frozenset()
) -> VariantWish | None:
    """Return the wish for the variants that wheel indexes in force name by their last folder.

    Where several name a CUDA variant, any of those is allowed.
    """
    found = [one for url in urls if (one := classify(url, family, foreign)).kind == WHEELS]
    cuda = [(one.url, number) for one in found if (number := cuda_of(one.variant))]
    if cuda:
        url = cuda[0][0]
        return VariantWish(url, cuda=Range(tuple(f"=={number}" for _, number in cuda)), url=url)
    return next(
        (VariantWish(one.url, cpu=True, url=one.url) for one in found if one.variant == "cpu"), None
    )
