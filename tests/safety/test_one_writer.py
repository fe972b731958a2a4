"""Text leaves the product in one place, where credentials are hidden: nothing else prints."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from conda_cuda_guard.rendering.output import err, out, out_json
from tests.test_rooms import ROOT, modules

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WRITER = "conda_cuda_guard.rendering.output"
# What prints besides, and what it prints. All else goes through the writer.
OTHERS = {
    "conda_cuda_guard.rendering.wrapping": "rich's console, with parts that the writer has cleaned",
    "conda_cuda_guard.sources.reach_probe": "a child's answers to its parent",
    "conda_cuda_guard.host.probe_cuda": "a child's answers to its parent",
    "conda_cuda_guard.host.probe_nvml": "a child's answers to its parent",
    "conda_cuda_guard.host.__main__": "this machine, for who develops the detection",
    "conda_cuda_guard.catalogue.rebuilding.__main__": "names of data files, for the maintainer",
    "pip_hook.completion": "scripts that are part of the product, and names of commands",
    "pip_hook.run_pip": "the text with which pip ends",
    "pip_hook.rewrite_command": "the user's own file, which is what was asked for",
}


def test_only_the_writer_prints() -> None:
    found = {name for name, path in modules().items() if _prints(path)}
    assert found == {WRITER, *OTHERS}


def _prints(path: Path) -> bool:
    tree = ast.parse(path.read_text("utf-8"))
    return any(isinstance(node, ast.Call) and _is_print(node.func) for node in ast.walk(tree))


def _is_print(function: ast.expr) -> bool:
    text = ast.unparse(function)
    streams = ("sys.stdout", "sys.stderr")
    return text in ("print", "console.print") or (
        text.startswith(streams) and text.endswith((".write", ".writelines"))
    )


def test_the_exceptions_are_there() -> None:
    assert ROOT.is_dir()
    assert set(OTHERS) <= set(modules())


def test_only_the_writer_shows_where_a_fault_is() -> None:
    asking = 'environ.get("CUDA_GUARD_DEBUG")'
    found = {name for name, path in modules().items() if asking in path.read_text("utf-8")}
    assert found == {WRITER}


def test_the_writer_itself_hides(capsys: pytest.CaptureFixture[str]) -> None:
    # Texts that were made by rendering are clean before; the writer asks nobody.
    raw = "https://me:PASS@host/x\x1b[2J"
    out(raw)
    err(raw)
    out_json({"at": [raw]})
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == shown.err.strip() == "https://****@host/x\\x1b[2J"
    assert "PASS" not in shown.out
    assert "\x1b" not in shown.out
