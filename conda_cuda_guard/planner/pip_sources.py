"""Locations of a build's wheels: index, page or file URL, on the mirror in use if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.platforms import platform_named
from conda_cuda_guard.model.versions import version

from .address_kind import VARIANT_FOLDER, url_wish

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue, Sources

    from .problem import Problem

_FIRST_PLAIN_ABI = "3.8"  # before it, the ABI tag has an m for pymalloc


def base_url(problem: Problem) -> str:
    """Return the base of the wheel index: of a variant's URL in force, or the configured one."""
    named = problem.named_index
    if named:
        return VARIANT_FOLDER.sub("", named)
    return problem.request.sources.wheel_indexes[0].base.rstrip("/")


def sources_of(build: Build, problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the index URLs and the find-links pages that have the build."""
    sources = problem.request.sources
    base, named = build.base or base_url(problem), problem.named_index or ""
    if build.page is not None:
        return (), (f"{base}/{build.page}",)
    if build.index is None:
        return (), ()
    named_one = url_wish((named,), problem.family, sources.foreign) if named else None
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
    """Return pip's options for the sources that are not in force yet."""
    options = []
    for url in index_urls:
        if url not in in_force.index_urls:
            options += ["--extra-index-url", url]
    for url in find_links:
        if url not in in_force.find_links:
            options += ["--find-links", url]
    return options


def not_used(index: str, detail: str) -> Note:
    """Return the warning that an index or page of a family cannot be had, and is not used."""
    facts = {"index": index, "detail": detail}
    return Note("index-unreachable", "warning", "family", facts)


def is_ambiguous(build: Build, catalogue: Catalogue) -> bool:
    """Return whether the default index serves another build under the same version.

    By its order of sources pip then takes the index's file before the page's: on Windows, where
    the plain 1.7.1 is a CPU build, and for the variants of 1.0 and 1.1, which have no labels.
    """
    if build.label or build.page is None:
        return False
    return catalogue.plain.get(build.release, build.variant) != build.variant


def direct_url(package: str, number: str, build: Build, problem: Problem) -> str | None:
    """Return the URL of the file itself; None where the Python is not known.

    The file names of these releases follow a pattern, as torch_stable.html shows.
    """
    python = problem.hosts[0].python
    if python is None:
        return None
    interpreter = "cp" + python.replace(".", "")
    abi = "" if version(python) >= version(_FIRST_PLAIN_ABI) else "m"
    tag = platform_named(build.platform).tags[-1]  # as old as these files are
    name = f"{package}-{number}-{interpreter}-{interpreter}{abi}-{tag}.whl"
    return f"{base_url(problem)}/{build.variant}/{name}"
