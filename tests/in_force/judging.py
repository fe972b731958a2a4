"""What must hold after a run: the property, judged from what lies in the environment."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from packaging.version import Version

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Gpu, Host, Request
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.ranking import judge
from conda_cuda_guard.sources.builtin import from_catalogue
from tests.support.wheel_file import WheelFile

from .cases import MACHINES, SETS, Case
from .world import FAMILY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conda_cuda_guard.model import Build
    from tests.pip_hook.running import Machine
    from tests.support.tools import Result

    from .world import World

PLATFORM = "linux-x86_64"
_LEAD = FAMILY[0]


@cache
def running_here(machine: str) -> dict[tuple[str, str], Build]:
    """Return the builds that run on a machine, by release and variant."""
    driver, cuda, (name, capability) = MACHINES[machine]
    host = Host(PLATFORM, "3.11", driver, cuda, (Gpu(name, capability),))
    known = from_catalogue("pip", PLATFORM)
    problem = read_problem(Request("pip", (_LEAD,), (host,)), known)
    return {
        (one.release, one.variant): one
        for one in known.builds
        if judge(one, problem, known).reason is None
    }


def variant_of(lead: str) -> str:
    """Return the variant of a version of the lead; that of a plain one is in the catalogue."""
    release, _, label = lead.partition("+")
    return label or catalogue.plain(PLATFORM).get(release, "")


def faults(case: Case, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with an environment after a successful run."""
    was, now = _family(before), _family(after)
    if was == now or _is_left(case):
        return
    lead = now.get(_LEAD)
    if lead is None:
        yield f"companions without their torch: {now}"
        return
    variant, release = variant_of(lead), lead.partition("+")[0]
    touched = was.get(_LEAD) != lead
    if touched:
        yield from _unfit(case, release, variant, was)
    yield from _apart(now, release, variant)
    yield from _condemned(case, release, before, after, touched=touched)


def _family(packages: Mapping[str, str]) -> dict[str, str]:
    return {name: packages[name] for name in FAMILY if name in packages}


def _unfit(case: Case, release: str, variant: str, was: Mapping[str, str]) -> Iterator[str]:
    if variant == "cpu":
        wished = "cpu" in (case.main, *case.extras) or variant_of(was.get(_LEAD, "")) == "cpu"
        if not wished:
            yield "a CPU build that nobody asked for"
    elif (release, variant) not in running_here(case.machine):
        yield f"{_LEAD} {release} ({variant}) does not run here"


def _apart(now: Mapping[str, str], release: str, variant: str) -> Iterator[str]:
    known = next((one for one in catalogue.releases() if one.version == release), None)
    for name, number in now.items():
        if name == _LEAD:
            continue
        public, _, label = number.partition("+")
        companion = known.pip.get(name) if known is not None else None
        if companion is None or public not in companion.versions:
            yield f"{name} {number} does not belong to {_LEAD} {release}"
        elif label and label != variant:
            yield f"{name} {number} beside a {_LEAD} of {variant}"
        elif not label and companion.labelled and catalogue.plain(PLATFORM)[release] != variant:
            yield f"a plain {name} {number} beside a {_LEAD} of {variant}"


def _condemned(
    case: Case, release: str, before: Mapping[str, str], after: Mapping[str, str], *, touched: bool
) -> Iterator[str]:
    numpy = after.get("numpy")
    asked = any("numpy" in one and "2" in one for one in (*case.words, *case.constraints))
    came_in = numpy != before.get("numpy") or touched
    if (
        numpy
        and came_in
        and not asked
        and Version(release) < Version("2.3")
        and Version(numpy) >= Version("2")
    ):
        yield f"numpy {numpy} beside {_LEAD} {release}"


def solvable(case: Case, world: World, machine: Machine) -> list[str]:
    """Return the variants with which plain pip finds a solution among the builds that run here."""
    variants = sorted({variant for _, variant in running_here(case.machine)} - {"cpu"})
    # Nearly always there is none even of mixed variants, which one run shows.
    if not _solves(case, world, machine, variants):
        return []
    return [one for one in variants if _solves(case, world, machine, [one])]


def _solves(case: Case, world: World, machine: Machine, variants: Sequence[str]) -> bool:
    """Return whether pip solves a line with the builds of variants, on a page, and other packages.

    Of one variant the solution has to agree too.
    """
    page = f"only/{machine.home.name}-{'-'.join(variants)}.html"
    world.server.add(_on_page(page, case, world, variants))
    words = ["--no-index", "--find-links", f"{world.server.root}/{page}"]
    if case.constraints:
        words += ["-c", str(machine.home / "c.txt")]
    report = machine.home / "report.json"
    asking = ("--dry-run", "--quiet", "--report", report, "--target", machine.home / "none")
    if machine.pip("install", *asking, *words, *case.words).returncode:
        return False
    taken = [one["metadata"] for one in json.loads(report.read_text("utf-8"))["install"]]
    now = _family({one["name"]: one["version"] for one in taken})
    if len(variants) > 1 or _LEAD not in now:
        return True
    return not any(_apart(now, now[_LEAD].partition("+")[0], variants[0]))


def _on_page(page: str, case: Case, world: World, variants: Sequence[str]) -> Iterator[WheelFile]:
    """Yield the files of a page: those of PyTorch's index, and of the sources in force."""
    runs = running_here(case.machine)
    plain = catalogue.plain(PLATFORM)
    mine = (case.main, *case.extras)
    places = [f"whl/{one}" if f"whl/{one}" in _folders(world) else one for one in mine]
    if not case.dead:
        places += [one for one in _folders(world) if one.startswith("whl/")]
    for one in world.files:
        above = one.index_path.rpartition("/")[0]
        if one.is_flat or (case.dead and above.startswith("whl/")) or above not in places:
            continue
        if one.name not in FAMILY:
            # Others' packages never come from an index of variants.
            yield WheelFile(page, one.basename, one.requires)
            continue
        public, _, label = one.version.partition("+")
        if one.name == _LEAD:
            variant = label or plain.get(public)
            fits = variant in variants and (public, variant) in runs
        else:
            fits = not label or label in variants
        if fits:
            yield WheelFile(page, one.basename, one.requires)


def _folders(world: World) -> set[str]:
    return {one.index_path.rpartition("/")[0] for one in world.files}


def complaint(case: Case, world: World) -> str:
    """Run a case and return what is wrong with it; empty where nothing is."""
    machine = world.prepare(case)
    before = world.has()
    done = world.run(case, machine)
    after = world.has()
    if "internal error" in done.stderr or "Traceback" in done.stderr:
        return _told(["a fault of ours"], done)
    if done.returncode == 0:
        found = list(faults(case, before, after))
        # Which torch pip took is known afterwards alone, and then it is said.
        said = "[known-conflict]" in done.stderr
        return _told([one for one in found if not (said and one.startswith("numpy"))], done)
    if before != after:
        return _told([f"it failed and left {after}"], done)
    if _is_left(case) or _is_held(case, done):
        return ""
    found = solvable(case, world, machine)
    return _told([f"pip finds a solution with {', '.join(found)}"] if found else [], done)


def _is_left(case: Case) -> bool:
    """Return whether the line is left alone: an index for another accelerator is in force."""
    return any(one.startswith("rocm") for one in case.extras)


def _is_held(case: Case, done: Result) -> bool:
    """Return whether it failed for what is to bind it: a page, an installed torch, an index, numpy.

    A torch is kept where nobody named it, and where its builds are for another accelerator. No
    build for a GPU takes the place of a CPU build that was asked for and cannot be had. An old
    torch and numpy 2 do not work together.
    """
    named = any(word.startswith(_LEAD) for word in case.words)
    kept = bool(SETS[case.before]) and (not named or "installed here" in done.stderr)
    said = (
        "asks for the CPU build",
        "does not work with it and needs numpy<2",
        "for this run it is held to numpy<2",
    )
    return case.page == "project" or kept or any(one in done.stderr for one in said)


def _told(found: list[str], done: Result) -> str:
    if not found:
        return ""
    return "\n".join([*found, f"exit {done.returncode}", done.stderr])
