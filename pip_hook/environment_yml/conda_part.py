"""Rewrite the conda part of an environment.yml, companions from its pip list included."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import GuardError, Phrase, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.planner.conda_parse import read_conda, split_spec
from conda_cuda_guard.planner.pip_parse import read_pip
from conda_cuda_guard.planner.requirement import ADDRESS, LEAD, MEMBER, PYTHON, SELECTOR
from conda_cuda_guard.planner.requirement import Requirement as FamilyRequirement
from conda_cuda_guard.sources.builtin import from_catalogue
from conda_cuda_guard.sources.channels import spell_channels
from conda_cuda_guard.sources.mirrors import about_addresses
from pip_hook.files.requirement_file import RequirementLine

from .editing import Edit, ListEditor, scalar

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Plan
    from pip_hook.deciding import Circumstances
    from pip_hook.files.requirement_file import RequirementFile

    from .reading import EnvironmentFile


def companions_to_move(listed: RequirementFile, host: Host) -> list[RequirementLine]:
    """Return the companions in a pip list beside conda's pytorch; raise for torch itself there."""
    lines = [one for one in listed.in_order() if isinstance(one, RequirementLine)]
    family = catalogue.family()
    kinds = [read_pip(one.requirement, host.platform, host.python, family).kind for one in lines]
    for one, kind in zip(lines, kinds):
        if kind in (LEAD, ADDRESS):
            raise _both(listed, one)
    moved = [one for one, kind in zip(lines, kinds) if kind == MEMBER]
    for one in moved:
        parsed = Requirement(one.requirement)
        if one.file is not listed or one.hashes or parsed.extras or parsed.marker:
            raise _not_moved(listed, one)
    return moved


def as_spec(line: RequirementLine) -> str:
    """Return a requirement of pip as a spec of conda: `torchvision==0.16.2`."""
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
        why="pip's torch would overwrite the one of conda's pytorch and its companions",
        hint="remove torch from the pip list, or pytorch and its companions from the conda part",
    )


def _not_moved(listed: RequirementFile, line: RequirementLine) -> GuardError:
    return GuardError(
        Phrase(
            "{requirement} ({path}) cannot be moved beside conda's pytorch in {path2}; "
            "nothing was written",
            requirement=line.requirement,
            path=line.file.path,
            path2=listed.path,
        ),
        why="pip would install another torch for it; conda has no markers, extras or hashes, and a "
        "file that the pip list names is not changed",
        hint="remove it there, and add its name to the conda part",
    )


# More patch releases than any minor version of Python has had.
_PATCHES = range(40)


def names_torch(file: EnvironmentFile) -> bool:
    """Return whether the conda part asks for pytorch or a companion."""
    return any(_read(one.value).kind in (LEAD, MEMBER) for one in file.specs)


def python_of(file: EnvironmentFile) -> str | None:
    """Return the minor version of the file's Python, None where it is left open."""
    asks = [one for one in (_read(spec.value) for spec in file.specs) if one.kind == PYTHON]
    builds = catalogue.wheels("linux-x86_64")  # the platform with wheels for every Python
    known = {python for build in builds for python in build.pythons if not python.endswith("t")}
    fitting = {
        minor
        for minor in known
        if asks and all(any(f"{minor}.{n}" in ask.allows for n in _PATCHES) for ask in asks)
    }
    return fitting.pop() if len(fitting) == 1 else None


def plan_conda(file: EnvironmentFile, more: list[str], around: Circumstances) -> Plan:
    """Return the plan of the specs, and of `more` from the pip list, with the file's channels."""
    platform, overrides = around.hosts[0].platform, around.overrides
    channels = tuple(os.path.expandvars(node.value) for node in file.channel_names)
    urls = tuple(channel for channel in channels if "://" in channel)
    spelling = spell_channels(urls, {}, catalogue.mirrors(), platform) if urls else {}
    request = Request(
        manager="conda",
        requirements=(*(node.value for node in file.specs), *more),
        hosts=around.hosts,
        policy=overrides.policy or "auto",
        sources=Sources(channels=channels, spelling=spelling, addresses=urls),
        cpu=bool(overrides.cpu),
        variant=overrides.variant,
        as_is=bool(overrides.as_is),
    )
    known = replace(from_catalogue("conda", platform), notes=about_addresses(request))
    return make_plan(request, known)


def conda_edits(file: EnvironmentFile, plan: Plan) -> list[Edit]:
    """Return the edits of the specs and channels."""
    if plan.status != "ok":
        return []
    editor = ListEditor(file.content.text, file.dependencies)
    kept, added = _aligned([node.value for node in file.specs], plan.requirements)
    for node, text in zip(file.specs, kept):
        if text is None:
            editor.remove(node)
        elif text != node.value:
            editor.replace(node, text)
    ours = [node for node, text in zip(file.specs, kept) if text and _is_ours(text)]
    if added:
        editor.add_after((ours or file.specs)[-1], added)
    return [*editor.edits, *_channel_edits(file, plan.channels)]


def _aligned(texts: list[str], requirements: tuple[str, ...]) -> tuple[list[str | None], list[str]]:
    """Return the replacement of each spec (None: removed), and the specs that are new."""
    left = list(requirements)
    kept: list[str | None] = [None] * len(texts)
    for at, text in enumerate(texts):
        if text in left:
            kept[at] = text
            left.remove(text)
    for at, text in enumerate(texts):
        if kept[at] is None:
            kept[at] = next((one for one in left if _stands_for(one, text)), None)
            if kept[at] is not None:
                left.remove(kept[at] or "")
    return kept, left


def _stands_for(new: str, old: str) -> bool:
    """Return whether two specs are about the same thing: torch, a companion, or a CUDA version.

    Or a package of another family, by whichever of its names.
    """
    package = _package(old)
    if package:
        return package == _package(new)
    first, second = _read(new), _read(old)
    same = (first.kind, first.package) == (second.kind, second.package)
    return _is_ours(old) and (same or first.kind == second.kind == SELECTOR)


def _is_ours(text: str) -> bool:
    return _read(text).kind in (LEAD, MEMBER, SELECTOR) or bool(_package(text))


def _package(text: str) -> str:
    """Return the package of another family that a spec is about; empty where it is none."""
    parts = split_spec(text)
    name = parts[1] if parts else ""
    families = catalogue.families_on_conda()
    return next((one.package_of(name) for one in families if name in one.names), "")


def _read(text: str) -> FamilyRequirement:
    return read_conda(text, catalogue.family())


def _channel_edits(file: EnvironmentFile, names: tuple[str, ...]) -> list[Edit]:
    """Return edits that put channels first: strict priority must not hide the CUDA builds."""
    text = file.content.text
    if not names:
        return []
    if file.channel_names:
        editor = ListEditor(text, file.channels)
        editor.add_before(file.channel_names[0], names)
        return editor.edits
    as_list = f"[{', '.join(scalar(name, flow=True) for name in names)}]"
    if file.channels is not None:
        start, end = file.channels.start_mark.index, file.channels.end_mark.index
        return [Edit(start, end, as_list if end > start else f" {as_list}")]
    key = next(key for key, _ in file.root.value if key.value == "dependencies")
    at = key.start_mark.index
    behind = ", " if file.root.flow_style else "\n" + " " * key.start_mark.column
    return [Edit(at, at, f"channels: {as_list}{behind}")]
