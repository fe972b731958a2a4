"""The rooms of the house: which may know which, and that no circle of modules is in it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("conda_cuda_guard", "pip_hook")
# Each room, and the rooms that it may import from (docs/develop.md).
SHARED = {"model", "catalogue", "host", "sources", "planner"}
MAY_IMPORT: dict[str, set[str]] = {
    "guard_options": set(),  # not in `model`, whose import every conda command would pay
    "model": set(),
    "catalogue": {"model"},
    "host": {"model", "catalogue", "guard_options"},
    "planner": {"model"},
    "sources": {"model", "catalogue", "host", "planner"},
    "verify": {"model", "host"},
    "doctor": {*SHARED, "verify"},
    "rendering": {*SHARED, "guard_options", "verify", "doctor"},
    "batch": {*SHARED, "rendering"},
    "conda_plugin": {*SHARED, "guard_options", "verify", "doctor", "rendering", "batch"},
    "plugin": {*SHARED, "rendering", "conda_plugin"},
    "pip_hook": {*SHARED, "guard_options", "verify", "doctor", "rendering", "batch"},
}
# The rooms that alone may import the code of pip and of conda.
OWNERS = {"pip": {"pip_hook"}, "conda": {"conda_plugin", "plugin"}}


@cache
def modules() -> dict[str, Path]:
    """Return every module of the product by its dotted name."""
    paths = (path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")))
    return {_name(path): path for path in paths}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(module: str) -> frozenset[str]:
    """Return what a module imports, by dotted name: late imports and those for types too."""
    path = modules()[module]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, path)
            found |= {_imported(base, alias.name) for alias in node.names}
    return frozenset(found)


def _absolute(node: ast.ImportFrom, module: str, path: Path) -> str:
    if not node.level:
        return node.module or ""
    levels = module.split(".")[: None if path.name == "__init__.py" else -1]
    return ".".join([*levels[: len(levels) - node.level + 1], *filter(None, [node.module])])


def _imported(base: str, name: str) -> str:
    return f"{base}.{name}" if f"{base}.{name}" in modules() else base


def room(module: str) -> str:
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == PACKAGES[0] else first


@pytest.mark.parametrize("name", sorted({room(module) for module in modules()} - {""}))
def test_a_room_imports_from_those_below_it_alone(name: str) -> None:
    wrong = {
        f"{module} imports {other}"
        for module in modules()
        if room(module) == name
        for other in imports(module)
        if other in modules() and room(other) not in {name, "", *MAY_IMPORT[name]}
    }
    assert wrong == set()


def test_the_table_of_rooms_has_no_circle() -> None:
    known: set[str] = set()
    for name, others in MAY_IMPORT.items():
        assert others <= known, name
        known.add(name)


@pytest.mark.parametrize("tool", OWNERS)
def test_the_code_of_pip_and_of_conda_is_known_to_its_own_rooms_alone(tool: str) -> None:
    wrong = {
        module
        for module in modules()
        if room(module) not in OWNERS[tool]
        and any(other.partition(".")[0] == tool for other in imports(module))
    }
    assert wrong == set()


def test_no_circle_of_modules() -> None:
    waiting = {module: imports(module) & modules().keys() for module in modules()}
    while free := {module for module, needed in waiting.items() if not needed & waiting.keys()}:
        waiting = {module: needed for module, needed in waiting.items() if module not in free}
    assert waiting == {}
