"""Settings, silence and safety of the hooks."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.catalogue import families_on_conda, family, names_off_conda
from conda_cuda_guard.planner.requirement import CUDA_PACKAGES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.real_conda import Conda

    from .conftest import Workshop

DRIVER = ("520.61.05", "11.8")
WRONG = ("-c", "pytorch", "-c", "nvidia", "pytorch==2.1.1", "pytorch-cuda=12.1")


def test_off_says_nothing(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {"plugins": {"cuda_guard": "off"}}
    assert shop.run("install", *WRONG, "--dry-run", "--json").stderr == ""


@pytest.mark.parametrize("value", [False, "OFF"])
def test_off_in_other_words(shop: Workshop, value: object) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {"plugins": {"cuda_guard": value}}
    assert shop.run("install", *WRONG, "--dry-run", "--json").stderr == ""


def test_enforce_stops_cleanly(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    done = shop.run("install", *WRONG, "-y")
    assert done.returncode == 3
    assert "[cuda-newer-than-driver]" in done.stderr
    assert "Traceback" not in done.stderr
    assert shop.record("pytorch") is None
    in_json = shop.run("install", *WRONG, "-y", "--json")
    assert in_json.returncode == 3
    assert in_json.json["exception_name"] == "CudaGuardError"


def test_enforce_lets_good_requests_through(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shop.settings = {"plugins": {"cuda_guard": "enforce"}}
    done = shop.run("cuda-install", "pytorch==2.1.1", "-y")
    assert done.returncode == 0, done.stderr


def test_quiet_is_quiet(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = shop.run("install", *WRONG, "--dry-run", "-q")
    assert "DryRunExit" in done.stderr
    assert "cuda" not in done.stderr.lower()


@pytest.mark.parametrize("words", [WRONG, ("numpy",), ("surely-not-there",)])
def test_json_is_the_same_with_and_without(shop: Workshop, words: tuple[str, ...]) -> None:
    shop.put_driver(*DRIVER)
    with_plugin = shop.run("install", *words, "--dry-run", "--json")
    without = shop.run("install", *words, "--dry-run", "--json", plugin=False)
    assert with_plugin.stdout == without.stdout
    assert with_plugin.returncode == without.returncode


def test_a_fault_of_ours_does_not_break_the_install(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    (tmp_path / "data").mkdir()
    shop.variables["CUDA_GUARD_CATALOGUE"] = str(tmp_path / "data")
    done = shop.run("install", *WRONG, "--dry-run", "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    loud = shop.run("install", *WRONG, "--dry-run", "-vvv")
    assert "conda-cuda-guard could not check the specs" in loud.stderr


def test_bad_overrides_do_not_break_it_either(shop: Workshop) -> None:
    shop.variables = {"CONDA_OVERRIDE_CUDA": "twelve"}
    shop.variables["CUDA_GUARD_GPU"] = "no such card"
    done = shop.run("install", "numpy", "pytorch=2.1.2", "--dry-run", "--json")
    assert done.stderr == ""


def test_conda_shows_the_setting(conda: Conda) -> None:
    shown = conda.run("config", "--show")
    if "\nplugins:" not in shown.stdout:
        pytest.skip(f"conda {conda.version} does not show the settings of plugins")
    assert "cuda_guard: warn" in shown.stdout
    assert "would not use this machine's GPU" in conda.run("config", "--describe").stdout


HEAVY = (
    "pynvml",
    "packaging",
    "conda_cuda_guard.model",
    "conda_cuda_guard.planner",
    "conda_cuda_guard.host",
    "conda_cuda_guard.catalogue",
    "conda_cuda_guard.rendering",
    "conda_cuda_guard.conda_plugin.guard",
)


def test_importing_the_plugin_loads_nothing_heavy(conda: Conda) -> None:
    code = (
        "import sys, conda.plugins.types, conda.common.configuration, conda.cli.main_install;"
        "before = set(sys.modules);"
        "import conda_cuda_guard.plugin;"
        "print('\\n'.join(set(sys.modules) - before))"
    )
    asked = subprocess.run(
        [str(conda.python), "-c", code], env=conda.environment(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = asked.stdout.split()
    assert "conda_cuda_guard.plugin" in loaded
    assert [name for name in loaded if name in HEAVY] == []


def test_a_command_that_has_nothing_to_do_with_it_loads_nothing_heavy(conda: Conda) -> None:
    # conda fills the parsers of all subcommands, ours too, for whatever is asked.
    done = conda.run("config", "--show", "channels", env={"PYTHONVERBOSE": "1"})
    assert done.returncode == 0
    assert "import 'conda_cuda_guard.conda_plugin.options'" in done.stderr
    ours = [name for name in HEAVY if name.startswith("conda_cuda_guard")]
    assert [name for name in ours if f"import '{name}'" in done.stderr] == []


def test_a_request_without_cuda_loads_nothing_more(shop: Workshop) -> None:
    shop.variables = {"PYTHONVERBOSE": "1"}
    done = shop.run("install", "numpy", "--dry-run", "--json")
    assert "conda_cuda_guard.plugin" in done.stderr
    for name in ("conda_cuda_guard.conda_plugin.guard", "conda_cuda_guard.host", "pynvml"):
        assert f"import '{name}'" not in done.stderr


def test_the_names_that_load_the_guard_are_those_of_the_planner(conda: Conda) -> None:
    code = "from conda_cuda_guard.conda_plugin.hook_entry import cuda_names; print(*cuda_names())"
    asked = subprocess.run(
        [str(conda.python), "-c", code], env=conda.environment(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    torch = family()
    lead = {torch.lead.pip, *torch.by_conda_name}  # `torch` is typed, though conda has no such
    others = {name for one in families_on_conda() for name in one.names}
    assert set(asked.stdout.split()) == {
        *lead, *torch.conda.selectors, *CUDA_PACKAGES, *others, *names_off_conda(),
    }  # fmt: skip
