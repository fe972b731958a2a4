"""Rule 7, the way out: another torch, a newer driver, or a build of conda-forge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .choose import best, judge
from .driver_needed import newer_driver
from .recommending import (
    askable,
    asked_release,
    describe,
    fitting_of,
    nearest,
    plainly,
    pythons_of,
    spec_with_companions,
)
from .supply import supply

if TYPE_CHECKING:
    from conda_cuda_guard.model import Build, Catalogue

    from .situation import Situation
    from .supply import Supply


def alternatives(situation: Situation, catalogue: Catalogue, stock: Supply) -> dict[str, str]:
    """Look for another torch, a newer driver, or a conda-forge build that would do."""
    found = another_release(situation, catalogue)
    others = supply(situation, catalogue, any_version=True).builds
    found.update(newer_driver(situation, catalogue, stock.builds, others))
    elsewhere = supply(situation, catalogue, elsewhere=True).builds
    forge = best(judge(build, situation, catalogue) for build in elsewhere if build.cuda)
    if forge:
        spec = f"pytorch=={forge.build.release}[build={forge.build.build_glob}]"
        found["forge"] = f"'{spec}' {' '.join(forge.build.selectors)}"
    return found


def another_release(situation: Situation, catalogue: Catalogue) -> dict[str, str]:
    """Find the newest torch, and the one nearest to what was asked for, of which a build runs here.

    Where only CPU builds are left, they are offered as what `--cpu` would take; where none is, a
    build for another Python is.
    """
    cpu_meant = situation.request.cpu or (situation.wish is not None and situation.wish.cpu)
    without_driver = not situation.with_driver and not cpu_meant
    if without_driver and (situation.gpus or not situation.is_pip):
        return {}  # refused whatever the release: no driver is known
    situation = plainly(situation)
    builds = askable(situation, catalogue)
    fitting = fitting_of(builds, situation, catalogue)
    other = best(fitting)
    if other:
        near = nearest(fitting, asked_release(situation, catalogue)) or other
        found = _named("other", other.build, situation, catalogue)
        if near.build.release != other.build.release:
            found.update(_named("near", near.build, situation, catalogue))
        return found
    cpu = next((build for build in builds if build.cuda is None), None)
    found = {"cpu_other": describe(cpu)} if cpu and not situation.wants_cpu else {}
    return {**found, **_for_another_python(situation, catalogue)}


def _named(what: str, build: Build, situation: Situation, catalogue: Catalogue) -> dict[str, str]:
    spec = spec_with_companions(build, situation, catalogue)
    return {what: describe(build), f"{what}_spec": spec}


def _for_another_python(situation: Situation, catalogue: Catalogue) -> dict[str, str]:
    """Find the newest torch that would run here, were the Python another one."""
    hosts = tuple(replace(host, python=None) for host in situation.hosts)
    asks = tuple(ask for ask in situation.asks if ask.role != "python")
    anywhere = replace(situation, hosts=hosts, asks=asks)
    found = best(fitting_of(askable(anywhere, catalogue), anywhere, catalogue))
    if found is None:
        return {}
    facts = _named("python_other", found.build, anywhere, catalogue)
    return {**facts, "other_pythons": pythons_of((found.build,))}
