"""Commands for packages beside torch that are wrong: what goes, what comes, what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Request
from conda_cuda_guard.model.shown_text import quoted
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue

from .commands import install_beginning, machine_options, pip_beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import Host, Plan
    from conda_cuda_guard.model.spelt_found import FoundPackage

    from .report import Environment


def family_commands(
    wrong: tuple[FoundPackage, ...],
    packages: Packages,
    environment: Environment,
    host: Host,
) -> dict[str, str]:
    """Return the commands that take away what is wrong and install what fits, where any does."""
    stems = tuple(dict.fromkeys(one.stem for one in wrong))
    matrix = ["pipcuda", "matrix", *machine_options(environment), stems[0]]
    commands = {"family_matrix": quoted(matrix)}
    request = Request("pip", stems, (host,), installed=packages.torch)
    plan = make_plan(request, from_catalogue("pip", host.platform))
    if plan.status == "refused":
        return commands
    gone = tuple(dict.fromkeys(_in_the_way(wrong, plan, packages.versions)))
    if gone:
        pip = pip_beginning(environment)
        commands["family_remove"] = quoted([*pip, "uninstall", *gone])
    commands["family_install"] = quoted([*install_beginning(environment), *stems])
    return commands


def _in_the_way(
    wrong: Iterable[FoundPackage], plan: Plan, versions: Mapping[str, str]
) -> Iterator[str]:
    """Yield the installed packages that would stay beside the planned ones."""
    planned = {name for one in plan.families for name in one.packages}
    variants = {one.family: one.variant for one in plan.families}
    for one in wrong:
        names = {name for name in one.family.one_of if name in versions}
        if one.name not in planned or len(names) > 1:
            yield from sorted(names | {one.name})
        chosen = variants.get(one.family.name)
        for build in one.family.cuda_builds:
            if build.extra and build.variant != chosen:
                yield from (n for n in one.family.brings.get(build.extra, ()) if n in versions)
