"""The conda recipe, rendered by rattler-build, says what the project's other files say."""

from __future__ import annotations

import importlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from conda_cuda_guard import __version__

# The bindings need Python 3.10. Rendering is all that is asked of them here: no solve, no network.
rattler_build = pytest.importorskip(
    "rattler_build", reason="py-rattler-build is missing (it needs Python 3.10 or newer)"
)
# pytest itself requires tomli where Python has no tomllib.
tomllib = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")

ROOT = Path(__file__).resolve().parents[2]
CONDA_FLOOR = "conda >=24.3"


def _render(platform: str) -> dict[str, Any]:
    config = rattler_build.RenderConfig(
        platform=rattler_build.PlatformConfig(
            target_platform=platform, build_platform=platform, host_platform=platform
        )
    )
    recipe = rattler_build.Stage0Recipe.from_file(ROOT / "recipe" / "recipe.yaml")
    (variant,) = recipe.render(rattler_build.VariantConfig(), config)
    rendered: dict[str, Any] = variant.recipe.to_dict()
    return rendered


@pytest.fixture(scope="module")
def rendered() -> dict[str, Any]:
    return _render("linux-64")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return loaded


def _as_conda(requirement: str) -> str:
    """Spell a requirement of pyproject.toml the way that conda does."""
    parsed = Requirement(requirement)
    if parsed.extras or parsed.marker or parsed.url:
        pytest.fail(f"the recipe has no spelling yet for {requirement}")
    return f"{parsed.name} {parsed.specifier}".strip()


def test_the_package_has_the_projects_name_and_version(
    rendered: dict[str, Any], pyproject: dict[str, Any]
) -> None:
    assert rendered["schema_version"] == 1
    assert rendered["package"] == {"name": pyproject["project"]["name"], "version": __version__}


@pytest.mark.parametrize("platform", ["linux-aarch64", "osx-arm64", "win-64"])
def test_one_noarch_package_serves_every_platform(platform: str, rendered: dict[str, Any]) -> None:
    assert rendered["build"]["noarch"] == "python"
    assert rendered["build"]["number"] == 0
    assert _render(platform) == rendered


def test_the_build_installs_the_checkout_and_fetches_nothing(rendered: dict[str, Any]) -> None:
    # Rendering leaves out what is the default, use_gitignore: true among it.
    assert rendered["source"] == [{"path": ".."}]
    script = shlex.split(rendered["build"]["script"].replace("${{ PYTHON }}", "python"))
    assert script[:5] == ["python", "-m", "pip", "install", "."]
    assert {"--no-deps", "--no-build-isolation"} <= set(script)


def test_the_host_has_what_the_wheel_is_built_with(
    rendered: dict[str, Any], pyproject: dict[str, Any]
) -> None:
    assert sorted(rendered["requirements"]["host"]) == sorted(
        [
            f"python {pyproject['project']['requires-python']}",
            "pip",
            *map(_as_conda, pyproject["build-system"]["requires"]),
        ]
    )


def test_it_runs_with_the_projects_dependencies_and_a_conda_that_knows_plugins(
    rendered: dict[str, Any], pyproject: dict[str, Any]
) -> None:
    assert sorted(rendered["requirements"]["run"]) == sorted(
        [
            f"python {pyproject['project']['requires-python']}",
            CONDA_FLOOR,
            *map(_as_conda, pyproject["project"]["dependencies"]),
        ]
    )


def test_the_scripts_come_from_the_recipe_and_the_plugin_from_the_wheel(
    rendered: dict[str, Any], pyproject: dict[str, Any]
) -> None:
    project = pyproject["project"]
    assert rendered["build"]["python"]["entry_points"] == [
        f"{name} = {target}" for name, target in project["scripts"].items()
    ]
    assert project["entry-points"]["conda"] == {"conda-cuda-guard": "conda_cuda_guard.plugin"}


def test_the_built_package_is_imported_checked_and_run(rendered: dict[str, Any]) -> None:
    python, commands = rendered["tests"]
    assert python["python"].get("pip_check", True) is True
    assert python["python"]["imports"] == [
        "conda_cuda_guard",
        "conda_cuda_guard.planner",
        "pip_hook",
    ]
    for module in python["python"]["imports"]:
        importlib.import_module(module)
    assert commands["script"] == [
        "pipcuda plan torch --cuda 12.1 --gpu A100 --json",
        "conda cuda-install --help",
    ]


def test_the_packages_own_test_of_pipcuda_passes(rendered: dict[str, Any]) -> None:
    (entry_point,) = rendered["build"]["python"]["entry_points"]
    script, target = entry_point.split(" = ")
    module, function = target.split(":")
    command, *words = shlex.split(rendered["tests"][1]["script"][0])
    assert command == script
    code = f"import sys; from {module} import {function} as main; sys.exit(main())"
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "CUDA" not in name},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr


def test_it_is_described_as_the_project_is(
    rendered: dict[str, Any], pyproject: dict[str, Any]
) -> None:
    about = rendered["about"]
    assert about["license"] == pyproject["project"]["license"]["text"]
    assert about["license_file"] == ["LICENSE"]
    assert (ROOT / "LICENSE").is_file()
    assert about["summary"]
    assert about["description"]
    # No address is known to be the project's: none is given.
    assert not {"homepage", "repository", "documentation"} & set(about)
