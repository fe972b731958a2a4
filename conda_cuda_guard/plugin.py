"""conda's hooks. Every conda command imports this module: hooks only, everything else is lazy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda.plugins import hookimpl
from conda.plugins.types import CondaSubcommand

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable


def _configure(parser: ArgumentParser) -> None:
    from .conda_plugin.options import configure

    configure(parser)


def _install(args: Namespace) -> int:
    from .conda_plugin.cuda_install import run

    return run(args)


@hookimpl  # type: ignore[untyped-decorator]
def conda_subcommands() -> Iterable[CondaSubcommand]:
    """Add `conda cuda-install`."""
    yield CondaSubcommand(
        name="cuda-install",
        summary="Install packages in the CUDA build that this machine's driver and GPUs run.",
        action=_install,
        configure_parser=_configure,
    )
