"""Whether the planned file is the one that pip takes: rivals under the same version, and hosts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from conda_cuda_guard.model import Note
from conda_cuda_guard.model.addresses import is_below, place
from conda_cuda_guard.model.host import libc_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Answer, Catalogue, Plan, Sources, Wheel

    from .problem import Problem

# Among equal files pip takes the one that it lists last: files of folders, then those of pages,
# then those of indexes, each in the order in which they are named.
_FOLDER, _PAGE, _INDEX = range(3)
_Rank = tuple[int, float]


def rivals(plan: Plan, problem: Problem, catalogue: Catalogue) -> tuple[Note, ...]:
    """Return notes on files of other sources that pip takes in the place of the planned ones.

    They have the same version and label, and a build tag, a tag that pip prefers or a later source.
    Only pages that were read are looked at.
    """
    named = _planned_source(plan, problem.request.sources)
    return _told(plan.packages, *named, problem, catalogue) if named is not None else ()


def rivals_of_page(
    packages: Mapping[str, str], problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    """Return such notes where pip gets the files by a page that is added to the line."""
    sources = problem.request.sources
    index = sources.wheel_indexes[0].base
    return _told(packages, index, (_PAGE, sources.pages_ahead - 0.5), problem, catalogue)


def _told(
    packages: Mapping[str, str], source: str, rank: _Rank, problem: Problem, catalogue: Catalogue
) -> tuple[Note, ...]:
    if not catalogue.heard or not all(host.python for host in problem.hosts):
        return ()
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for package, number in packages.items():
        rival = _rival(package, number, rank, problem, catalogue)
        if rival is not None:
            wheel, other = rival
            found[other].append((f"{package} {number}", _name(wheel)))
    return tuple(
        Note(
            "other-source-wins",
            "warning",
            "listed",
            {
                "files": ", ".join(file for file, _ in pairs),
                "found": ", ".join(name for _, name in pairs),
                "other": other,
                "index": source,
            },
        )
        for other, pairs in found.items()
    )


def planned_file(package: str, number: str, problem: Problem, catalogue: Catalogue) -> Wheel | None:
    """Return the first listed file of a version for the machines in question."""
    return file_of(catalogue.files, package, number, problem)


def file_of(files: Iterable[Wheel], package: str, number: str, problem: Problem) -> Wheel | None:
    """Return the first of these files that is of a version, and for the machines in question."""
    found = (one for one in files if _is_of(one, package, number) and problem.is_for(one))
    return next(found, None)


def is_outlabelled(package: str, number: str, problem: Problem, catalogue: Catalogue) -> bool:
    """Return whether a file that carries a label is listed beside the planned one without.

    `==2.5.1` matches 2.5.1+cpu as well, and pip prefers that.
    """
    return "+" not in number and any(
        wheel.version.startswith(f"{number}+")
        and _is_of(wheel, package, wheel.version)
        and problem.is_for(wheel)
        for answer in catalogue.heard
        for wheel in answer.wheels
    )


def source_of(wheel: Wheel, index: str, catalogue: Catalogue) -> str:
    """Return the source that listed a file; it is the wheel index where no other one did."""
    return next((a.question.source for a in catalogue.heard if wheel in a.wheels), index)


def is_known_host(wheel: Wheel, source: str, problem: Problem) -> bool:
    """Return whether a file lies where its source may have files: there, or on hosts of its own.

    A folder or page of this machine may name any place.
    """
    where = place(source)
    if not where:
        return True
    if wheel.url.lower().startswith("file:"):
        return False
    own = [base for base in map(place, problem.family.addresses.bases) if base]
    hosts = {where[0]}
    if any(is_below(where, base) for base in own):
        hosts |= {base[0] for base in own}
    return place(wheel.url)[:1] in {(host,) for host in hosts}


def _is_of(wheel: Wheel, package: str, number: str) -> bool:
    return (wheel.package, wheel.version) == (package, number) and not wheel.yanked


def _planned_source(plan: Plan, sources: Sources) -> tuple[str, _Rank] | None:
    """Return where pip finds the planned files, and its rank; None where no place is meant."""
    for url in plan.index_urls:
        if url in sources.index_urls:
            return url, (_INDEX, sources.index_urls.index(url))
        return url, (_INDEX, sources.indexes_ahead - 0.5)
    for url in plan.find_links:
        if url in sources.find_links:
            return url, (_PAGE, sources.find_links.index(url))
        return url, (_PAGE, sources.pages_ahead - 0.5)
    return None


def _rival(
    package: str, number: str, rank: _Rank, problem: Problem, catalogue: Catalogue
) -> tuple[Wheel, str] | None:
    """Return the file that pip prefers to the planned one, and its source."""
    ours = planned_file(package, number, problem, catalogue)
    sources = problem.request.sources
    found = [
        (_preference(wheel, _rank(answer, sources)), wheel, answer.question.source)
        for answer in catalogue.heard
        for wheel in answer.wheels
        if _is_of(wheel, package, number)
        and problem.is_for(wheel)
        and (ours is None or not _is_same(wheel, ours))
    ]
    if not found:
        return None
    best, wheel, source = max(found, key=lambda each: each[0])
    least = _preference(ours, rank) if ours is not None else (best[0], (), rank)
    return (wheel, source) if best > least else None


def _is_same(wheel: Wheel, ours: Wheel) -> bool:
    return wheel.url == ours.url or (bool(ours.sha256) and wheel.sha256 == ours.sha256)


def _rank(answer: Answer, sources: Sources) -> _Rank:
    source = answer.question.source
    if not answer.question.flat:
        known = sources.index_urls
        return _INDEX, known.index(source) if source in known else 0
    if not place(source) and not source.lower().endswith((".html", ".htm")):
        return _FOLDER, 0
    return _PAGE, sources.find_links.index(source) if source in sources.find_links else 0


def _preference(wheel: Wheel, rank: _Rank) -> tuple[object, ...]:
    """Return what pip orders files of one version by: the system's tag, the build tag, the rank."""
    libc = libc_parts(wheel.libc)[1] if wheel.libc else ()
    try:
        build = parse_wheel_filename(_name(wheel))[2]
    except InvalidWheelFilename:
        build = ()
    return libc, build, rank


def _name(wheel: Wheel) -> str:
    return unquote(wheel.url.rpartition("/")[2])
