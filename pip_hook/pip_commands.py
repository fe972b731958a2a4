"""pip's install, download and wheel: their CUDA requests decided, and what is left to run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pip_hook.dependencies.late_run import late_run
from pip_hook.files.file_roots import named_families, save_streams, with_groups

from .command_line import installer_of
from .pip_settings import InvalidSettingError
from .run_pip import run_pip

if TYPE_CHECKING:
    from .command_line import CommandLine
    from .run_pip import Next, Run


def prepared(line: CommandLine) -> Next:
    """Return what is left to do for a line of pip's."""
    if not line.count("--help"):
        line = _for_environment(line)
    try:
        if ("--verify", "") in line.guard and not line.count("--help"):
            return _verified(line)
        return _rewritten(line)
    except InvalidSettingError:
        return line.words  # pip reports the invalid value itself


def _for_environment(line: CommandLine) -> CommandLine:
    """Return the line for the active environment where pipcuda runs from a tool environment."""
    from .active_environment import into_active

    line, active = into_active(line)
    if active is not None and not line.count("--quiet"):
        from conda_cuda_guard.rendering.language import translated
        from conda_cuda_guard.rendering.output import err

        told = translated("pipcuda: for the active environment, {folder} ({variable})")
        err(told.format(folder=active.folder, variable=active.variable))
    return line


def _verified(line: CommandLine) -> Next:
    """Return what is left to do for an install with --verify."""
    from .verify_command import install_and_verify, python_to_verify

    python = python_to_verify(line)
    left = _rewritten(line)
    if isinstance(left, int):
        return left
    install = partial(run_pip, left) if isinstance(left, list) else left
    return partial(install_and_verify, install, python)


def _rewritten(line: CommandLine) -> Next:
    if line.count("--help"):
        from .about import run_with_help

        return partial(run_with_help, line.words)
    line = with_groups(line)
    run = _installer(line)
    save_streams(line)
    named = named_families(line)
    if not (named.lead or named.spelt or named.built):
        return late_run(line, run)
    from .family_line import decided

    return decided(line, named, run)


def _installer(line: CommandLine) -> Run:
    if installer_of(line) == "pip":
        return run_pip
    from .uv import is_asked, run_uv

    return run_uv if is_asked(line) else run_pip
