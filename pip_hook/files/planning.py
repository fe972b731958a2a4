"""What the files add to a request, and what its plan makes of each of their lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.planner.asking import COMPANIONS, TORCH, TORCH_BY_ADDRESS
from conda_cuda_guard.planner.pip_asking import read_pip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conda_cuda_guard.model import Host, Plan, Wheel

    from .reading import RequirementLine
    from .roots import Files


@dataclass(frozen=True)
class Asked:
    """All that is asked for: on the line, and by the lines of files, constraints last."""

    typed: tuple[str, ...]
    lines: tuple[RequirementLine, ...]
    texts: tuple[str, ...]


def asked(typed: Sequence[str], files: Files, host: Host) -> Asked:
    """Bring the line's requirements and those of the files together.

    A constraint counts where its package is asked for; one on torch counts with any companion.
    """
    lines = files.requirement_lines(constraints=False)
    roles = {_role(text, host) for text in (*typed, *(one.requirement for one in lines))}
    wanted = roles.intersection((TORCH, TORCH_BY_ADDRESS, *COMPANIONS))
    if wanted:
        wanted |= {TORCH, TORCH_BY_ADDRESS}
    bounds = files.requirement_lines(constraints=True)
    lines += [one for one in bounds if _role(one.requirement, host) in wanted]
    texts = [*typed, *(one.requirement for one in lines)]
    return Asked(tuple(typed), tuple(lines), tuple(_narrowed(texts, host)))


def _role(text: str, host: Host) -> str | None:
    return read_pip(text, host.platform, host.python).role


def _narrowed(texts: list[str], host: Host) -> list[str]:
    """Let all requirements for one companion say what they say together.

    The planner finds a version for each of them by itself; those for torch it takes together.
    """
    same: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        role = _role(text, host)
        if role in COMPANIONS:
            same[role].append(at)
    result = list(texts)
    for places in same.values():
        if len(places) > 1:
            for at in places:
                result[at] = _with_all(texts[at], [texts[other] for other in places])
    return result


def _with_all(text: str, others: Iterable[str]) -> str:
    requirement = Requirement(text)
    for other in others:
        requirement.specifier &= Requirement(other).specifier
    return str(requirement)


def pins(asks: Asked, plan: Plan) -> list[tuple[RequirementLine, str]]:
    """Give what is to stand on the lines that the plan changes."""
    if plan.status != "ok":
        return []
    start = len(asks.typed)
    rows = zip(asks.lines, asks.texts[start:], plan.requirements[start:])
    return [(one, pin) for one, text, pin in rows if pin != text and not one.hashes]


def check_hashes(asks: Asked, plan: Plan, files: Iterable[Wheel]) -> None:
    """Refuse a plan that would take a file whose hash a line does not have."""
    if plan.status != "ok":
        return
    known = {(one.package, one.version, f"sha256:{one.sha256}") for one in files if one.sha256}
    start = len(asks.typed)
    for one, text, pin in zip(asks.lines, asks.texts[start:], plan.requirements[start:]):
        if one.hashes and pin != text and not _has_hash(one, pin, known):
            raise _other_file(one, pin)


def _has_hash(line: RequirementLine, pin: str, known: set[tuple[str, str, str]]) -> bool:
    """Tell whether a line's hashes are those of the very file that is planned."""
    try:
        requirement = Requirement(pin)
    except InvalidRequirement:
        return False
    version = next((one.version for one in requirement.specifier), "")
    return any((requirement.name.lower(), version, one) in known for one in line.hashes)


def _other_file(line: RequirementLine, pin: str) -> GuardError:
    place = f"{line.file.path} line {line.line.first + 1}"
    return GuardError(
        Phrase(
            "{requirement} ({place}) has hashes, and {pin} is what runs here; "
            "nothing was installed",
            requirement=line.requirement,
            place=place,
            pin=pin,
        ),
        why="a hash is never changed or left out, and none of these is known to be of that file",
        hint=Phrase(
            "write {pin} and its hash there (pipcuda plan --locked shows it), or --as-is to "
            "install what the file says",
            pin=pin,
        ),
    )
