"""A fault in any layer of ours is logged, and conda goes on as if the plugin were not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.tools import run

if TYPE_CHECKING:
    from tests.support.tools import Result

    from .conftest import Workshop

# Where to break: a function of each layer that a warned-about install comes through.
LAYERS = [
    "conda_cuda_guard.host.detection:detect",
    "conda_cuda_guard.host.assemble:resolve_hosts",
    "conda_cuda_guard.host.overrides:read_overrides",
    "conda_cuda_guard.catalogue.loader:read_table",
    "conda_cuda_guard.sources.builtin:from_catalogue",
    "conda_cuda_guard.planner.problem:read_problem",
    "conda_cuda_guard.planner.check_specs:find_candidates",
    "conda_cuda_guard.planner.check_solution:judge",
    "conda_cuda_guard.planner.pipeline:plan_problem",
    "conda_cuda_guard.rendering:note_lines",
    "conda_cuda_guard.conda_plugin.environment:typed_channels",
    "conda_cuda_guard.conda_plugin.environment:command_to_type",
    "conda_cuda_guard.conda_plugin.guard:check_specs",
    "conda_cuda_guard.conda_plugin.guard:check_records",
    "conda_cuda_guard.conda_plugin.failing:watch",
]
# Replaces one function before anything else of ours is imported, then is conda itself.
_BREAK = """
import importlib, sys
def broken(*args, **keywords):
    sys.stderr.write("BROKEN WAS CALLED\\n")
    raise RuntimeError("broken on purpose")
if __name__ == "__main__":  # conda's own detection starts a child that imports this file
    module, _, name = sys.argv.pop(1).partition(":")
    module = importlib.import_module(module)
    whole = getattr(module, name)
    assert callable(whole)
    for one in list(sys.modules.values()):  # the modules that have imported it already, too
        if one is module or one.__name__.startswith("conda_cuda_guard"):
            if getattr(one, name, None) is whole:
                setattr(one, name, broken)
    from conda.cli import main
    sys.exit(main())
"""
WRONG = ("pytorch=2.1.2", "pytorch-cuda=12.1", "-c", "pytorch", "-c", "nvidia")


def conda_with(shop: Workshop, broken: str, *words: str) -> Result:
    """Run conda with one of our functions broken."""
    script = shop.prefix.parent / "broken_conda.py"
    script.write_text(_BREAK, encoding="utf-8")
    condarc = shop.channels.condarc(shop.configured, **shop.settings)
    env = {**shop.conda.environment(condarc=condarc), **shop.variables}
    command = [str(shop.conda.python), str(script), broken, *words, "-p", str(shop.prefix)]
    return run(command, env=env, cwd=shop.prefix.parent)


@pytest.mark.all_cases_with(mode="warn")
@pytest.mark.parametrize("mode", ["warn", "rewrite"])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_broken_layer_breaks_no_install(shop: Workshop, layer: str, mode: str) -> None:
    shop.put_driver("520.61.05", "11.8")
    shop.settings = {"plugins": {"cuda_guard": mode}}
    done = conda_with(shop, layer, "install", *WRONG, "--dry-run", "--json")
    assert done.returncode == 0
    torch = next(one for one in done.json["actions"]["LINK"] if one["name"] == "pytorch")
    if mode == "warn":
        assert "BROKEN WAS CALLED" in done.stderr
        assert "cuda12.1" in torch["build_string"]
    else:  # as typed; or as planned, where what is broken is not needed for a plan
        assert any(build in torch["build_string"] for build in ("cuda12.1", "cuda11.8"))
    assert "Traceback" not in done.stderr
    assert "broken on purpose" not in done.stdout + done.stderr


def test_the_fault_can_be_seen(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    done = conda_with(shop, LAYERS[5], "install", *WRONG, "--dry-run", "-vvv")
    assert "conda-cuda-guard could not check the specs" in done.stderr
    assert "broken on purpose" in done.stderr
