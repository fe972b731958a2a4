"""Commands that rules are filled with: for this environment, and for what is wrong beside torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.host.programs import interpreter_of
from conda_cuda_guard.model import Request, quoted
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.host.packages import Packages
    from conda_cuda_guard.model import FoundPackage, Host, Plan

    from .report import Environment


def torch_set(packages: Packages, *, conda: bool) -> tuple[str, ...]:
    """Return the names of torch and of its companions that are installed with it."""
    torch, there = family(), packages.by_conda if conda else packages.versions
    names = [(one.conda if conda else one.pip) for one in map(torch.member, torch.own_names[1:])]
    lead = torch.lead.conda if conda else torch.lead.pip
    return (lead, *(name for name in names if name in there))


def environment_slots(environment: Environment, packages: Packages) -> dict[str, str]:
    """Return the commands that change this environment, by the manager that installed torch."""
    torch = packages.torch
    conda = torch.by_conda if torch else environment.manager == "conda"
    members = torch_set(packages, conda=conda)
    is_condas = (environment.prefix / "conda-meta").is_dir()
    named = ["-p", str(environment.prefix)] if is_condas else []
    python = ["--python", str(environment.interpreter)] if environment.interpreter else []
    again = ["--force-reinstall"] if torch else []
    machine = machine_options(environment)
    by_conda = ["conda", "cuda-install"]
    install = [*by_conda, *named, *machine] if conda else ["pipcuda", "install", *python, *machine]
    newest = [] if conda or not torch else ["--upgrade"]
    by_pip = ["pipcuda", "plan", *python]
    plan = [*([*by_conda, "--plan", *named] if conda else by_pip), *machine]
    return {
        "reinstall": quoted([*install, *again, *members]),
        "upgrade": quoted([*install, *newest, *again, *members]),
        "plan": quoted([*plan, *members]),
        "verify": quoted(["pipcuda", "verify", *python]),
        "pip": quoted(pip_beginning(environment)),
        "conda_install": quoted(["conda", "install", *named]),
        "conda_list": quoted(["conda", "list", *named]),
        "torch_set": quoted(torch_set(packages, conda=False)),
    }


def machine_options(environment: Environment) -> list[str]:
    """Return the options that declare its machine, for commands that plan for it too."""
    declared = environment.declared
    if declared is None:
        return []
    known = [("--driver", declared.driver)] if declared.driver else [("--cuda", declared.cuda)]
    known += [("--gpu", one.name or one.compute_capability) for one in declared.gpus]
    return [word for option, value in known if value for word in (option, value)]


def pip_beginning(environment: Environment) -> list[str]:
    """Return the beginning of a command of the pip that belongs to an environment."""
    named = environment.interpreter
    return [str(interpreter_of(named)), "-m", "pip"] if named else ["pip"]


def install_beginning(environment: Environment) -> list[str]:
    """Return the beginning of a command that installs into an environment."""
    python = ["--python", str(environment.interpreter)] if environment.interpreter else []
    return ["pipcuda", "install", *python, *machine_options(environment)]


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
