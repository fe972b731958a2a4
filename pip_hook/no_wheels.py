"""`--no-binary` for a package that has wheels alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from conda_cuda_guard.model import Phrase, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .command_line import CommandLine
    from .deciding import LineDecision

_NO, _ONLY = "no-binary", "only-binary"
_ALL, _NONE = ":all:", ":none:"


def require_wheels(line: CommandLine, decision: LineDecision) -> None:
    """Raise a UsageError where the wheels of a planned package are ruled out: it has no others."""
    there = decision.request.installed
    for package, number in decision.plan.packages.items():
        if there is not None and number == there.version:
            continue
        if _ruled_out(package, line, decision.settings):
            raise UsageError(
                Phrase("{package} has no source distribution", package=package),
                why=Phrase("{option} rules its wheels out", option=f"--{_NO}"),
                hint=Phrase("leave its wheels in: --only-binary {package}", package=package),
            )


def _ruled_out(package: str, line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Return whether pip would take no wheel of a package; a later option counts, as with pip."""
    used = [(name, settings.get(name, "")) for name in (_NO, _ONLY)]
    used += [
        (use.name[2:], use.value or "") for use in line.options if use.name[2:] in (_NO, _ONLY)
    ]
    named: dict[str, set[str]] = {_NO: set(), _ONLY: set()}
    for option, value in used:
        other = _ONLY if option == _NO else _NO
        for word in filter(None, value.split(",")):
            if word == _ALL:
                named = {option: {_ALL}, other: set()}
            elif word == _NONE:
                named[option].clear()
            else:
                named[option].add(canonicalize_name(word))
                named[other].discard(canonicalize_name(word))
    if package in named[_NO] or package in named[_ONLY]:
        return package in named[_NO]
    return _ALL in named[_NO] and _ALL not in named[_ONLY]
