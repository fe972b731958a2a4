"""What pip's options are called in uv (`uv pip install --help`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import UsageError

if TYPE_CHECKING:
    from pip_hook.command_line import CommandLine

# Told to uv by its environment or by another way: `running`.
_ELSEWHERE = {"--index-url", "--extra-index-url", "--find-links", "--no-index", "--python"}
_SAME = {
    "--requirement", "--constraint", "--editable", "--no-deps", "--target", "--prefix",
    "--dry-run", "--quiet", "--verbose", "--require-hashes", "--no-binary", "--only-binary",
    "--no-build-isolation", "--python-version", "--break-system-packages",
}  # fmt: skip
_RENAMED = {
    "--force-reinstall": "--reinstall",
    "--no-cache-dir": "--no-cache",
    "--pre": "--prerelease=allow",
}


def translated(line: CommandLine) -> list[str]:
    """Give uv's options for those of a line; raises UsageError for one that uv has not."""
    words: list[str] = []
    for use in line.options:
        if use.name in _ELSEWHERE:
            continue
        name = use.name if use.name in _SAME else _RENAMED.get(use.name)
        if name is None:
            raise UsageError(
                f"{use.name} cannot be passed on to uv",
                why="uv pip install has no option that does the same",
                hint=f"leave {use.name} out, or take pip: --installer pip",
            )
        words.append(name if use.value is None else f"{name}={use.value}")
    return words
