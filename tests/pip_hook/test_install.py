"""`pipcuda install` end to end: the real pip, a stub driver, the wheels of a local index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest

from tests.support.pips import PIP_VERSIONS, bare_environment

from .running import A100, GTX_1080, RTX_5090, Machine, installed, python_of

if TYPE_CHECKING:
    from pathlib import Path


# 2.2.2 has builds for Python 3.8 to 3.12; the newest torch of each Python, and the newest before
# CUDA 12 went.
NEWEST = {"3.9": "2.8.0", "3.10": "2.14.1"}
NEWEST_FOR_CUDA_12 = {"3.9": "2.8.0"}


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_the_pinned_release_comes_in_the_variant_that_runs(
    version: str, make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(version).with_driver(stub_driver, "535.104.05", "12.2")
    done = machine.pipcuda("install", "torch==2.2.2", "torchvision", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "t")
    assert found["torch"] == "2.2.2+cu121"
    assert found["torchvision"] == "0.17.2+cu121"
    assert "torchaudio" not in found
    assert "torch 2.2.2+cu121, torchvision 0.17.2+cu121 for CUDA 12.1, direct" in done.stderr
    assert "pipcuda" not in done.stdout


def test_the_example_of_the_readme(machine: Machine, stub_driver: Path, tmp_path: Path) -> None:
    if python_of(machine) == "3.12":
        pytest.skip("torch 2.1.2 has no build for Python 3.12")
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    done = machine.pipcuda("install", "torch==2.1.2", "torchvision", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    found = installed(tmp_path / "t")
    assert (found["torch"], found["torchvision"]) == ("2.1.2+cu121", "0.16.2+cu121")


def test_an_older_driver_gets_the_older_cuda(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "520.61.05", "11.8")
    done = machine.pipcuda("install", "torch==2.2.2", "torchvision", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu118"
    assert installed(tmp_path / "t")["torchvision"] == "0.17.2+cu118"


def test_an_old_driver_and_a_new_card_are_refused(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "470.82.01", "11.4", RTX_5090)
    done = machine.pipcuda("install", "torch", "--target", tmp_path / "t")
    assert done.returncode == 3
    assert not (tmp_path / "t").exists()
    assert not machine.server.asked_for(".whl")
    assert "nothing was installed" in done.stderr
    assert "RTX 5090" in done.stderr
    assert "Driver 570.26 or newer" in done.stderr
    assert done.stdout == ""


def test_pascal_gets_the_newest_torch_that_has_code_for_it(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "550.54.14", "12.4", GTX_1080)
    done = machine.pipcuda("install", "torch", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    newest = NEWEST_FOR_CUDA_12.get(python_of(machine), "2.14.1")
    assert installed(tmp_path / "t")["torch"] == f"{newest}+cu126"
    assert "driver-minor-compatible" in done.stderr


def test_a_release_that_the_driver_cannot_run_is_refused(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "550.54.14", "12.4")
    done = machine.pipcuda(
        "install", "torch>=2.15", "--target", tmp_path / "t", "--python-version", "3.11"
    )
    assert done.returncode == 3
    assert not (tmp_path / "t").exists()
    assert "torch 2.14.1 (cu126) would run here" in done.stderr


def test_several_gpus_are_all_served(machine: Machine, stub_driver: Path, tmp_path: Path) -> None:
    machine = machine.with_driver(stub_driver, "580.65.06", "13.0", A100, GTX_1080)
    done = machine.pipcuda("install", "torch", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    # CUDA 13 has nothing for Pascal; 2.14 is the last torch with a build for CUDA 12.
    newest = NEWEST_FOR_CUDA_12.get(python_of(machine), "2.14.1")
    assert installed(tmp_path / "t")["torch"] == f"{newest}+cu126"


def test_without_a_driver_the_cpu_build_comes_with_a_warning(
    machine: Machine, tmp_path: Path
) -> None:
    done = machine.pipcuda("install", "torch", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    newest = NEWEST.get(python_of(machine), "2.15.0")
    assert installed(tmp_path / "t")["torch"] == f"{newest}+cpu"
    assert "warning" in done.stderr
    assert "[cpu-build-chosen]" in done.stderr


def test_cpu_is_the_explicit_way(machine: Machine, stub_driver: Path, tmp_path: Path) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    done = machine.pipcuda("install", "torch", "--cpu", "--target", tmp_path / "t")
    newest = NEWEST.get(python_of(machine), "2.15.0")
    assert installed(tmp_path / "t")["torch"] == f"{newest}+cpu"
    assert "warning" not in done.stderr


@pytest.mark.parametrize("form", ["option", "environment", "pip.conf"])
def test_an_index_of_one_variant_is_a_wish(
    machine: Machine, stub_driver: Path, tmp_path: Path, form: str
) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    url = f"{machine.server.base}/cu118"
    words, more = ["install", "--no-deps", "torch==2.2.2", "--target", str(tmp_path / "t")], {}
    if form == "option":
        words += ["--index-url", url]
    elif form == "environment":
        more = {"PIP_INDEX_URL": url}
    else:
        (tmp_path / "pip.conf").write_text(f"[global]\nextra-index-url = {url}\n")
        more = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    done = machine.pipcuda(*words, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu118"


def test_a_wish_that_cannot_run_is_replaced_with_a_warning(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "520.61.05", "11.8")
    old = f"{machine.server.base}/cu121"
    done = machine.pipcuda(
        "install", "torch==2.2.2", "numpy<2", "--index-url", old, "--target", tmp_path / "t"
    )
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu118"
    assert "[explicit-variant-replaced]" in done.stderr
    # The index that was named is not asked any more; numpy comes from the user's own.
    assert not machine.server.asked_for("/whl/cu121/")
    assert installed(tmp_path / "t")["numpy"] == "1.26.4"


def test_the_users_own_index_stays_in_force(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    machine.pipcuda("install", "torch==2.2.2", "--target", tmp_path / "t")
    assert machine.server.asked_for("/simple/typing-extensions/")
    assert machine.server.asked_for("/simple/torch/")


def test_a_password_in_the_index_is_used_and_never_printed(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    machine.server.fault("/whl", "auth")
    secret = machine.server.with_credentials(machine.server.base)
    done = machine.pipcuda(
        "install", "torch==2.2.2", "--target", tmp_path / "t",
        more={"CUDA_GUARD_WHEEL_INDEX": secret},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.2.2+cu121"
    assert "password" not in done.stdout + done.stderr
    plan = machine.pipcuda(
        "plan", "torch==2.2.2", "--json", more={"CUDA_GUARD_WHEEL_INDEX": secret}
    )
    assert "****@127.0.0.1" in plan.json["index_urls"][0]
    assert "password" not in plan.stdout + plan.stderr


def test_quiet_is_quiet(machine: Machine, stub_driver: Path, tmp_path: Path) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    done = machine.pipcuda("install", "-q", "torch==2.2.2", "--target", tmp_path / "t")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_as_is_warns_and_changes_nothing(
    machine: Machine, stub_driver: Path, tmp_path: Path
) -> None:
    machine = machine.with_driver(stub_driver, "520.61.05", "11.8")
    done = machine.pipcuda("install", "--as-is", "torch==2.2.2", "--target", tmp_path / "t")
    assert installed(tmp_path / "t")["torch"] == "2.2.2"
    assert "[cuda-newer-than-driver]" in done.stderr
    assert not machine.server.asked_for("/whl/")


@pytest.mark.parametrize("form", ["interpreter", "folder"])
def test_another_interpreter_is_installed_into(
    machine: Machine, stub_driver: Path, tmp_path: Path, form: str
) -> None:
    machine = machine.with_driver(stub_driver, "535.104.05", "12.2")
    python = bare_environment(machine.python, tmp_path / "env")
    named = python if form == "interpreter" else tmp_path / "env"
    done = machine.pipcuda("--python", named, "install", "torch==2.2.2")
    assert done.returncode == 0, done.stderr
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    assert installed(site)["torch"] == "2.2.2+cu121"
