"""conda's hooks. Every conda command imports this module: hooks only, everything else is lazy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from conda.base.context import context
from conda.common.configuration import PrimitiveParameter
from conda.plugins import hookimpl, types

from .conda_plugin import hook_entry

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from conda.models.match_spec import MatchSpec
    from conda.models.records import PackageRecord


def _configure(parser: ArgumentParser) -> None:
    from .conda_plugin.options import configure

    configure(parser)


def _install(args: Namespace) -> int:
    from .conda_plugin.cuda_install import run_cuda_install

    return run_cuda_install(args)


def _configure_doctor(parser: ArgumentParser) -> None:
    from .conda_plugin.options import configure_doctor

    configure_doctor(parser)


def _examine(args: Namespace) -> int:
    from .conda_plugin.cuda_doctor import run_cuda_doctor

    return run_cuda_doctor(args)


@hookimpl  # type: ignore[untyped-decorator]
def conda_subcommands() -> Iterable[types.CondaSubcommand]:
    """Add `conda cuda-install` and `conda cuda-doctor`."""
    yield types.CondaSubcommand(
        name="cuda-install",
        summary="Install packages in the CUDA build that this machine's driver and GPUs run.",
        action=_install,
        configure_parser=_configure,
    )
    yield types.CondaSubcommand(
        name="cuda-doctor",
        summary="Find out why PyTorch does not use this machine's GPU, from driver to tensor.",
        action=_examine,
        configure_parser=_configure_doctor,
    )


def _before_command(_command: str) -> None:
    with hook_entry.safely("rewrite this"):
        if str(context.plugins.cuda_guard).lower() == "rewrite":
            from .conda_plugin.rewriting import rewrite_command

            rewrite_command()


@hookimpl  # type: ignore[untyped-decorator]
def conda_pre_commands() -> Iterable[types.CondaPreCommand]:
    """Rewrite the command line, where the setting says so."""
    yield types.CondaPreCommand(
        name="cuda-guard", action=_before_command, run_for={"install", "create"}
    )


def _before_solve(
    specs_to_add: frozenset[MatchSpec], _specs_to_remove: frozenset[MatchSpec]
) -> None:
    with hook_entry.safely("check the specs"):
        hook_entry.last_solve.specs, hook_entry.last_solve.finished = list(specs_to_add), False
        files = hook_entry.environment_files(context._argparse_args)  # noqa: SLF001 - conda keeps it nowhere else
        if hook_entry.specs_concern_cuda(specs_to_add) or hook_entry.files_concern_cuda(files):
            from .conda_plugin.guard import before_solve

            before_solve()


def _after_solve(
    _repodata_fn: str, unlinked: tuple[PackageRecord, ...], linked: tuple[PackageRecord, ...]
) -> None:
    with hook_entry.safely("check the solution"):
        hook_entry.last_solve.finished = True
        if hook_entry.records_concern_cuda(linked):
            from .conda_plugin.guard import after_solve

            after_solve(unlinked, linked)


@hookimpl  # type: ignore[untyped-decorator]
def conda_pre_solves() -> Iterable[types.CondaPreSolve]:
    """Check the specs: warn of those that cannot give a build that runs here."""
    yield types.CondaPreSolve(name="cuda-guard", action=_before_solve)


@hookimpl  # type: ignore[untyped-decorator]
def conda_post_solves() -> Iterable[types.CondaPostSolve]:
    """Warn of builds that do not run here, before the prompt."""
    yield types.CondaPostSolve(name="cuda-guard", action=_after_solve)


@hookimpl  # type: ignore[untyped-decorator]
def conda_settings() -> Iterable[types.CondaSetting]:
    """Add `plugins: cuda_guard:`."""
    yield types.CondaSetting(
        name="cuda_guard",
        description=(
            "What to do when an install would not use this machine's GPU: "
            "warn (the default), enforce (stop it), rewrite (plan install and create), or off."
        ),
        parameter=PrimitiveParameter("warn", element_type=(str, bool)),
    )


def _check_health(prefix: str, verbose: bool) -> None:
    from .conda_plugin.cuda_doctor import check_health

    check_health(prefix, verbose)


@hookimpl  # type: ignore[untyped-decorator]
def conda_health_checks() -> Iterable[types.CondaHealthCheck]:
    """Check the environment's PyTorch against driver and GPUs, for `conda doctor`."""
    yield types.CondaHealthCheck(name="cuda-guard", action=_check_health)


@hookimpl(optionalhook=True)  # type: ignore[untyped-decorator]
def conda_error_hints(error: Exception) -> Iterable[object]:
    """Yield what would solve, when a request with CUDA in it does not (conda 26.7 and later)."""
    seen = "conda_cuda_guard.conda_plugin.guard" in sys.modules
    if not seen and "__cuda" not in str(error):
        return  # no hook has seen a request of ours, and conda says nothing of the driver
    from .conda_plugin.failing import hints

    yield from hints(error)
