"""The companions around a lead: those that move with it, and those that a run left mismatched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue as built_in
from conda_cuda_guard.model import Note
from conda_cuda_guard.model.errors import DONE
from conda_cuda_guard.model.versions import exactly, public_version
from conda_cuda_guard.planner.dependency_constraints import admissible_beside
from conda_cuda_guard.planner.installed_set import disagreeing
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err
from pip_hook.files.file_roots import constraints_option
from pip_hook.run_pip import once_more

# Now, as pip lets no module be loaded after it has installed something.
from .pip_report import would_install

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Installed
    from conda_cuda_guard.model.request import Dependent
    from pip_hook.command_line import CommandLine
    from pip_hook.run_pip import Run

# What names packages, or would replace more than these.
_ALL_AGAIN = ("--force-reinstall", "--ignore-installed")
_LEFT_OUT = ("--requirement", "--editable", "--group", "--no-deps", "--report")


def torn_by_run(
    before: Installed | None, after: Installed | None, catalogue: Catalogue
) -> Mapping[Dependent, str]:
    """Return the companions that do not belong to the lead beside them, and the right versions.

    The metadata of some names no release of the lead, so pip takes their newest beside any. What
    the run did not touch stays as it was.
    """
    if after is None:
        return {}
    untouched = before.beside if before is not None and before == after else ()
    found = disagreeing(after, catalogue)
    return {one: right for one, right in found.items() if one not in untouched}


def mend(
    torn: Mapping[Dependent, str],
    after: Installed | None,
    line: CommandLine,
    options: Sequence[str],
    run: Run,
) -> int:
    """Install the companions that belong to the lead in the place of those that do not.

    `options` are the bounds of the run that left them, `run` carried it out. Return the exit status
    of a second run; 0 where none is needed.
    """
    if not torn or after is None:
        return DONE
    lead = f"{built_in.family().lead.pip} {after.version}"
    for one, right in torn.items():
        told = translated("pipcuda: {package} does not belong to {lead}: {right} takes its place")
        if not right:
            told = translated(
                "pipcuda: {package} does not belong to {lead}; none is known that does"
            )
        err(told.format(package=f"{one.name} {one.version}", lead=lead, right=right))
    pins = [one.name + exactly(right) for one, right in torn.items() if right]
    if not pins:
        return DONE
    return once_more(run)(_words(line, ("--no-deps", *options), pins))


def with_lead(  # noqa: PLR0913
    alone: Mapping[str, str],
    allowed: Sequence[str],
    line: CommandLine,
    options: Sequence[str],
    *,
    catalogue: Catalogue,
    run: Run,
) -> int:
    """Install the lead of companions that were installed as dependencies without it.

    `alone` maps these to their versions; `allowed` are the versions of the lead that run here, the
    best first. Return the exit status of a second run; 0 where there is none.
    """
    lead = catalogue.family.lead.pip
    releases = {one.version: one for one in catalogue.releases}

    def serves(version: str) -> bool:
        number, _, label = version.partition("+")
        beside = releases[number].pip if number in releases else {}
        return all(
            name in beside
            and public_version(one) in beside[name].versions
            and one.partition("+")[2] in ("", label)
            for name, one in alone.items()
        )

    version = next(filter(serves, allowed), None)
    if not alone or version is None:
        return DONE
    told = translated("pipcuda: {package} cannot work without {lead}: {lead} {version} comes too")
    names = ", ".join(alone)
    err(told.format(package=names, lead=lead, version=version))
    return once_more(run)(_words(line, options, [lead + exactly(version)]))


def without_conflicts(
    brought: Mapping[str, str], lead: str, words: Sequence[str], line: CommandLine, run: Run
) -> int:
    """Run once more, where that works, without dependencies that the lead does not work with.

    `brought` maps each such package, with its version, to the bound that keeps it out; `words` and
    `run` are those of the run. Return the exit status; 0 where there is no second run.
    """
    if not brought or any(line.count(one) for one in _ALL_AGAIN):
        return DONE
    bounded = line.with_options(constraints_option(brought.values()), words)
    followers = built_in.family().followers
    if not would_install(bounded, line):
        told = translated(
            "pipcuda: {package} does not belong to {lead}, beside which {bound} goes; another "
            "package asks for it"
        )
        for package, bound in brought.items():
            # What is known not to is told as what is there.
            if package.partition(" ")[0] in followers:
                err(told.format(package=package, lead=lead, bound=bound))
        return DONE
    for package, bound in brought.items():
        told = translated("pipcuda: {package} does not work with {lead}: once more, with {bound}")
        if package.partition(" ")[0] in followers:
            told = translated(
                "pipcuda: {package} does not belong to {lead}: once more, with {bound}"
            )
        err(told.format(package=package, lead=lead, bound=bound))
    return once_more(run)(bounded)


def moved_with(
    taken: Mapping[str, str],
    moved: Sequence[str],
    there: Installed,
    catalogue: Catalogue,
    *,
    named: bool,
) -> list[str]:
    """Return the pins of the companions that are to move with an installed lead.

    `taken` are the versions that pip would install, by name: which lead it takes it alone knows,
    and not every companion says which one it belongs to. `named`: the lead is to be replaced, and
    that was said.
    """
    lead = catalogue.family.lead.pip
    version = taken.get(lead)
    if version is None:
        return [*moved] if named else []
    if version == there.version:
        return []
    followers = [name for name in moved if name in catalogue.family.followers]
    beside = admissible_beside(version, (), catalogue, followers).versions
    taken_with = {name: beside[name][0] for name in moved if name in beside}
    if taken_with and not named:
        facts = {
            "installed": f"{lead} {there.version}",
            "planned": f"{lead} {version}",
            "moved": ", ".join(f"{name}=={number}" for name, number in taken_with.items()),
        }
        note = Note("installed-set-moved", "info", "unfit", facts)
        err("\n".join(note_lines([note])))
    return [name + exactly(number) for name, number in taken_with.items()]


def _words(line: CommandLine, options: Sequence[str], pins: Sequence[str]) -> list[str]:
    """Return the words that install these alone, from the same sources into the same place."""
    gone = set(line.requirements)
    for use in line.options:
        if use.name in _LEFT_OUT:
            gone.update(range(use.start, use.end))
    at = 1 + (line.command_at or 0)
    start = [word for number, word in enumerate(line.words[:at]) if number not in gone]
    end = [word for number, word in enumerate(line.words[at:], at) if number not in gone]
    # Without --upgrade pip replaces nothing in a target folder.
    return [*start, *options, "--upgrade", *end, *pins]
