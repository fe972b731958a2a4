"""The end of a constrained run: mend a mismatched set; print what was installed, or what failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from conda_cuda_guard.host.packages import find_set, find_versions
from conda_cuda_guard.model.versions import Range, public_version
from conda_cuda_guard.planner.lead_bounds import (
    conflict_bounds,
    conflicts_present,
    newest_beside,
)
from conda_cuda_guard.planner.pip_parse import name_of
from conda_cuda_guard.planner.ranking import judge
from conda_cuda_guard.planner.refusal import cause_of
from conda_cuda_guard.planner.same_file import rivals_of_page
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.output import err, err_found, trace
from pip_hook.command_line import installer_of
from pip_hook.files.file_roots import keep_private
from pip_hook.pip_settings import is_set, times
from pip_hook.target import installed_torch, present_versions, versions_of

from .mending import mend, torn_by_run, with_lead, without_conflicts
from .pip_report import lead_in, written_report
from .spelt_bounds import SpeltBounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conda_cuda_guard.model import Catalogue, Installed, Note
    from conda_cuda_guard.planner.problem import Problem
    from pip_hook.command_line import CommandLine
    from pip_hook.run_pip import Run

    from .constraints import Bounds


@dataclass(frozen=True)
class RunEnd:
    """What the end of a run is judged by: what was there `before`, and what was `planned`.

    `others` are the bounds on other families, `unbound` the words without any bounds where these
    are not the line's own.
    """

    line: CommandLine
    settings: Mapping[str, str]
    problem: Problem
    catalogue: Catalogue
    before: Installed | None
    planned: str | None = None
    others: SpeltBounds = field(default_factory=SpeltBounds)
    unbound: Sequence[str] = ()

    @property
    def target(self) -> str:
        """The folder that is installed into in the place of an environment; empty for none."""
        return (self.line.values("--target") or [self.settings.get("target", "")])[-1]

    def find(self) -> Installed | None:
        """Return the lead that an install left there."""
        if self.line.command != "install":
            return None
        if self.target:
            return find_set([self.target], self.catalogue.family)
        return installed_torch(self.line, self.settings)

    @property
    def is_dry(self) -> bool:
        """Whether pip installs nothing and can report what it would."""
        return is_set(self.line, self.settings, "dry-run") and installer_of(self.line) == "pip"

    def companions(self) -> dict[str, str]:
        """Return the versions of the lead's companions that an install left there, or found."""
        if self.line.command != "install" or is_set(self.line, self.settings, "no-deps"):
            return {}
        names = self.catalogue.family.moving
        if self.target:
            return find_versions([self.target], names)
        return versions_of(names, self.line, self.settings)

    def brought_against(self, after: Installed) -> dict[str, str]:
        """Return the dependencies that do not work with the lead, with the bounds against them.

        That is what is known not to, and followers whose metadata name no release of the lead.
        """
        bounds = conflict_bounds([after.release], self.problem)
        known = {name_of(bound): bound for bound in bounds}
        newest = newest_beside(
            [(after.release, after.cuda)], self.problem.family, self.problem.companions
        )
        followers = {name: f"{name}<={number}" for name, number in newest.items()}
        before = {**self._followers(self.before), **self.problem.request.present}
        present = {**self._followers(after), **present_versions(self.line, self.settings)}
        return {
            f"{package} {version}": bound
            for package, bound in {**followers, **known}.items()
            if (version := present.get(package)) not in (None, before.get(package))
            and version not in Range((bound[len(package) :],))
        }

    def _followers(self, there: Installed | None) -> dict[str, str]:
        """Return the versions of the followers beside a lead."""
        beside = there.beside if there is not None else ()
        followers = self.problem.family.followers
        return {one.name: one.version for one in beside if one.name in followers}

    def came_in(self, after: Installed | None, notes: tuple[Note, ...]) -> list[str]:
        """Return the lines about the lead that is there now, where it is not what was announced."""
        if times(self.line, self.settings, "quiet") or self.target:
            return []
        before, planned = self.before, self.planned
        if after is not None and after == before and set(after.beside) != set(before.beside):
            kept = [note for note in notes if note.code == "installed-cuda-build-kept"]
            return note_lines(kept)
        if after is None or after == before or after.version == planned:
            return []
        # One that is older than the newest which runs here is held by who asks for it.
        of_it = (None, after.release)
        held = [n for n in notes if n.code == "held-back" and n.facts.get("release") in of_it]
        told = translated("pipcuda: {package} {version} was installed as a dependency of {names}")
        if self.is_dry and planned is None:
            told = translated(
                "pipcuda: {package} {version} would be installed as a dependency of {names}"
            )
        elif self.is_dry:
            told = translated(
                "pipcuda: {package} {version} would be installed: other packages of the request "
                "ask for it ({names})"
            )
        elif planned is not None:
            told = translated(
                "pipcuda: {package} {version} was installed: other packages of the request ask for "
                "it ({names})"
            )
        family = self.catalogue.family
        names = ", ".join(dict.fromkeys(self._asking(after))) or translated("another package")
        told = told.format(package=family.lead.pip, version=after.version, names=names)
        present = present_versions(self.line, self.settings)
        broken = conflicts_present(after.release, present, family)
        # The lead's version in sources that pip prefers to the page of ours.
        rivals = rivals_of_page({family.lead.pip: after.version}, self.problem, self.catalogue)
        notes = (*(held if planned is None else ()), *rivals, *broken)
        return [told, *note_lines(notes)]

    def _asking(self, after: Installed) -> list[str]:
        """Return the packages that came with a lead and ask for it, companions for want of others.

        Those that another version would do for as well have no part in which one it is.
        """
        before = self.before.beside if self.before is not None else ()
        new = [one for one in after.beside if one not in before]
        others = [one for one in new if one.name not in self.catalogue.family.companions]
        instead = self.planned and public_version(self.planned)
        strict = [
            one
            for one in others
            if instead and any(instead not in Range((need,)) for need in one.needs)
        ]
        return [one.name for one in strict or others or new]


def run_within(
    run: Run,
    words: list[str],
    bounds: Bounds,
    ended: RunEnd,
    of_variant: Callable[[str], int] | None = None,
) -> int:
    """Run pip, mend a mismatched set, print what happened; return the exit status.

    `of_variant` runs it once more, for the builds of one variant: where another package pins a
    build that runs here, and another variant was bounded to.
    """
    if ended.is_dry:
        return _dry_run(run, words, bounds, ended)
    pinned: list[str] = []
    before = ended.find() if ended.target else ended.before
    companions = ended.companions() if before is None else {}
    status = run(words)
    told: list[str] = []
    try:
        if status:
            told = _explained(ended, bounds, pinned)
        else:
            after = ended.find()
            torn = torn_by_run(before, after, ended.catalogue)
            options = (*bounds.options, *ended.others.options)
            status = mend(torn, after, ended.line, options, run)
            if after is None:
                alone = {k: v for k, v in ended.companions().items() if companions.get(k) != v}
                status = with_lead(
                    alone, bounds.allowed, ended.line, options, catalogue=ended.catalogue, run=run
                )
                after = ended.find()
            if after is not None and not status:
                lead = f"{ended.catalogue.family.lead.pip} {after.version}"
                brought = ended.brought_against(after)
                status = without_conflicts(brought, lead, words, ended.line, run)
            told = [*ended.came_in(after, bounds.notes), *ended.others.told()]
    except Exception as error:  # noqa: BLE001 - pip is done, and its exit status stands
        trace(error)
    again = of_variant if pinned else None
    for text in told[:1] if again else told:
        err(text)
    if again is None:
        return status
    told_again = translated("pipcuda: once more, with the builds of {variant} alone")
    err(told_again.format(variant=pinned[0]))
    return again(pinned[0])


def _dry_run(run: Run, words: list[str], bounds: Bounds, ended: RunEnd) -> int:
    """Run pip, which installs nothing, print what it would install; return the exit status."""
    named = ended.line.values("--report") or ended.settings.get("report", "").split()
    place = named[-1] if named else keep_private("report.json", b"")
    status = run(words if named else ended.line.with_options(("--report", place), words))

    def told() -> list[str]:
        if status:
            return _explained(ended, bounds, [])
        report = written_report(Path(place)) or ()
        after = lead_in(report, ended.catalogue.family.lead.pip)
        return ended.came_in(after, bounds.notes)

    err_found(told)
    return status


def _explained(ended: RunEnd, bounds: Bounds, pinned: list[str]) -> list[str]:
    from .explain_failure import explain  # late: not needed where pip succeeds

    words = ended.unbound or ended.line.words
    return explain(ended.line, words, bounds, partial(_about, ended, pinned))


def _about(ended: RunEnd, pinned: list[str], number: str) -> list[str]:
    """Return why a labelled build of the lead that others ask for is kept out, or how to get it.

    The variant of one that runs here is put into `pinned`.
    """
    release, _, label = number.partition("+")
    builds = ended.catalogue.builds
    build = next((b for b in builds if (b.release, b.variant) == (release, label)), None)
    if build is None:
        return []
    verdict = judge(build, ended.problem, ended.catalogue)
    if verdict.reason is not None:
        return note_lines([cause_of((verdict,), ended.problem, ended.catalogue)])
    lead = ended.catalogue.family.lead.pip
    pinned.append(label)
    told = translated("  {lead} {version} runs here; to take its builds alone: --variant {variant}")
    return [told.format(lead=lead, version=number, variant=label)]
