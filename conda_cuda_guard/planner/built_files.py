"""The file of a package that agrees with a build of the lead, by the data or by what was heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conda_cuda_guard.model.platforms import platform_named
from conda_cuda_guard.model.versions import public_version, version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Catalogue, Wheel
    from conda_cuda_guard.model.built import Against, BuiltFiles

    from .built_parse import BuiltAsk
    from .problem import Problem


@dataclass(frozen=True)
class BuiltFile:
    """A file for a build of the lead: its version, and where it lies.

    `version` has the label that the file is known to carry. `address` is the file's own, `page` or
    `index` that of the page or index that lists it; none: pip's default index has it.
    """

    version: str
    page: str = ""
    index: str = ""
    address: str = ""

    @property
    def place(self) -> str:
        """The address that tells whether the file is there."""
        return self.address or self.page


def find_file(
    ask: BuiltAsk, against: Against, problem: Problem, catalogue: Catalogue
) -> BuiltFile | None:
    """Return the newest file of what is asked for that agrees with a build of the lead."""
    known = (
        one
        for one in files_known(ask, against, problem)
        if problem.dead(one.place or one.index) is None
        and ((heard := catalogue.heard_of_built.get(one.place)) is None or (one.address and heard))
    )
    found = (*known, *_listed(ask, against, problem, catalogue))
    return max(found, key=lambda one: version(public_version(one.version)), default=None)


def files_known(ask: BuiltAsk, against: Against, problem: Problem) -> Iterator[BuiltFile]:
    """Yield the files that, by the data, agree with a build of the lead."""
    for row in ask.family.files:
        if not row.agrees(against) or not _is_for(row, problem):
            continue
        for number in row.versions.get(ask.package, ()):
            one = _of_row(row, number, against, problem)
            if one is not None and ask.allows(one.version):
                yield one


def _listed(
    ask: BuiltAsk, against: Against, problem: Problem, catalogue: Catalogue
) -> Iterator[BuiltFile]:
    """Yield the files on the pages that were heard."""
    templates = [row.page for row in ask.family.files if row.page and row.agrees(against)]
    for page in dict.fromkeys(against.of(one) for one in (ask.family.page, *templates)):
        for wheel in catalogue.heard_of_built.get(page, ()):
            if _agrees(wheel, ask, against) and problem.is_for(wheel) and not wheel.yanked:
                yield BuiltFile(wheel.version, page)


def _is_for(row: BuiltFiles, problem: Problem) -> bool:
    if row.platforms and problem.platform not in row.platforms:
        return False
    return not row.pythons or problem.pythons <= set(row.pythons)


def _of_row(row: BuiltFiles, number: str, against: Against, problem: Problem) -> BuiltFile | None:
    if not row.file:
        label = against.of(next(iter(row.labels), "")) if row.page else ""
        return BuiltFile(number + label, against.of(row.page), against.of(row.index))
    if len(problem.pythons) != 1 or not against.abi:
        return None  # the name of a file names one Python and one ABI
    python = "cp" + next(iter(problem.pythons)).replace(".", "")
    arch = platform_named(problem.platform).markers[3]
    address = against.of(row.file).replace("{version}", number)
    address = address.replace("{python}", python).replace("{arch}", arch)
    return BuiltFile(address.rpartition("/")[2].split("-")[1], address=address)


def _agrees(wheel: Wheel, ask: BuiltAsk, against: Against) -> bool:
    """Return whether a listed file is of the package and, by its label, for the lead's build."""
    label = wheel.version.partition("+")[2]
    if wheel.package != ask.package or not ask.allows(wheel.version):
        return False
    labels = {against.of(one).lstrip("+").lower() for one in ask.family.labels}
    return not label or not labels or label.lower() in labels
