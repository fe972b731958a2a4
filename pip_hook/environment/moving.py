"""Companions in the pip list beside conda's pytorch: they belong into the conda part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from conda_cuda_guard.model import GuardError, Phrase
from conda_cuda_guard.planner.asking import COMPANIONS, TORCH, TORCH_BY_ADDRESS
from conda_cuda_guard.planner.pip_asking import read_pip
from pip_hook.files.reading import RequirementLine

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host
    from pip_hook.files.reading import RequirementFile


def companions_to_move(listed: RequirementFile, host: Host) -> list[RequirementLine]:
    """Give the companions of a pip list beside conda's pytorch; torch itself there is refused."""
    lines = [one for one in listed.in_order() if isinstance(one, RequirementLine)]
    roles = [read_pip(one.requirement, host.platform, host.python).role for one in lines]
    for one, role in zip(lines, roles):
        if role in (TORCH, TORCH_BY_ADDRESS):
            raise _both(listed, one)
    moved = [one for one, role in zip(lines, roles) if role in COMPANIONS]
    for one in moved:
        parsed = Requirement(one.requirement)
        if one.file is not listed or one.hashes or parsed.extras or parsed.marker:
            raise _not_moved(listed, one)
    return moved


def as_spec(line: RequirementLine) -> str:
    """Write a requirement of pip as conda has it: `torchvision==0.16.2`."""
    parsed = Requirement(line.requirement)
    return f"{parsed.name}{parsed.specifier}".replace("===", "==")


def _both(listed: RequirementFile, line: RequirementLine) -> GuardError:
    return GuardError(
        Phrase(
            "{path} asks for torch twice: by pip ({requirement}) and by its conda part; "
            "nothing was written",
            path=listed.path,
            requirement=line.requirement,
        ),
        why="conda's pytorch and its companions bring a torch that pip's would overwrite",
        hint="take torch out of the pip list, or pytorch and its companions out of the conda part",
    )


def _not_moved(listed: RequirementFile, line: RequirementLine) -> GuardError:
    return GuardError(
        Phrase(
            "{requirement} ({path}) is pip's, beside conda's pytorch of {path2}; "
            "nothing was written",
            requirement=line.requirement,
            path=line.file.path,
            path2=listed.path,
        ),
        why="it would bring another torch, and conda has no way to say its marker, extras or hash, "
        "or it stands in a file of its own",
        hint="take it out there, and write its name into the conda part",
    )
