"""`conda doctor` looks at the environment's PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Workshop

DRIVER = ("535.104.05", "12.2")
OFFICIAL = ("-c", "pytorch", "-c", "nvidia")


def doctor(shop: Workshop) -> str:
    """Run conda doctor and return all that it said."""
    done = shop.run("doctor")
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_an_environment_without_pytorch(shop: Workshop) -> None:
    assert "no PyTorch of conda's" in doctor(shop)


def test_a_build_that_runs_here(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    assert shop.run("cuda-install", "pytorch==2.1.1", "-y").returncode == 0
    assert "runs on this machine's GPU" in doctor(shop)
    shop.put_driver("520.61.05", "11.8")
    assert "[cuda-newer-than-driver]" in doctor(shop)


@pytest.mark.parametrize("driver", [True, False])
def test_a_cpu_build(shop: Workshop, driver: bool) -> None:
    assert shop.run("cuda-install", "pytorch==2.1.1", "--cpu", "-y").returncode == 0
    if driver:
        shop.put_driver(*DRIVER)
    said = doctor(shop)
    assert ("[cpu-build-chosen]" in said) is driver
    assert ("No NVIDIA driver here" in said) is not driver


def test_pip_over_conda(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    assert shop.run("cuda-install", "pytorch==2.1.1", "-y").returncode == 0
    info = shop.prefix / "lib/python3.11/site-packages/torch-2.2.2.dist-info"
    info.mkdir(parents=True)
    (info / "INSTALLER").write_text("pip\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.2.2\n")
    (info / "RECORD").write_text("")
    assert "[pip-conda-mix]" in doctor(shop)


def test_cuda_doctor_reports_the_chain(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    assert shop.run("cuda-install", "pytorch==2.1.1", "-y").returncode == 0
    done = shop.run("cuda-doctor", "--json")
    report = done.json
    assert (done.returncode, report["healthy"]) == (0, True), report
    names = [one["name"] for one in report["links"]]
    assert names[:3] == ["GPU", "driver", "newest CUDA of the driver"]
    assert names[-2:] == ["pip's indexes", "conda's channels"]
    text = shop.run("cuda-doctor").stdout
    assert "No problem found." in text


def test_cuda_doctor_finds_what_is_wrong(shop: Workshop) -> None:
    assert shop.run("cuda-install", "pytorch==2.1.1", "--cuda", "12.1", "-y").returncode == 0
    shop.put_driver(*DRIVER)
    (info,) = shop.prefix.glob("lib/python3.*/site-packages/torch-2.1.1-*egg-info")
    info = info.rename(info.with_name("torch-2.1.1.dist-info"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.1.1+cpu\n")
    (info / "INSTALLER").write_text("pip\n")
    done = shop.run("cuda-doctor")
    assert done.returncode == 1
    assert "PROBLEM cpu-build" in done.stdout
    assert "PROBLEM pip-over-conda" in done.stdout


def test_cuda_doctor_mends_condas_torch_by_a_command_that_solves(shop: Workshop) -> None:
    assert shop.run("cuda-install", "pytorch==2.1.1", "--cpu", "-y").returncode == 0
    shop.put_driver(*DRIVER)
    report = shop.run("cuda-doctor", "--json").json
    (problem,) = (one for one in report["problems"] if one["code"] == "cpu-build")
    again = problem["commands"][0]
    assert again == f"conda cuda-install -p {shop.prefix} --force-reinstall pytorch"
    done = shop.run(*again.split()[1:], "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    builds = {link["name"]: link["build_string"] for link in done.json["actions"]["LINK"]}
    assert "cuda" in builds["pytorch"]


def test_cuda_doctor_judges_for_another_machine(shop: Workshop) -> None:
    assert shop.run("cuda-install", "pytorch==2.1.1", "--cuda", "12.1", "-y").returncode == 0
    done = shop.run("cuda-doctor", "--json", "--driver", "470.82.01")
    assert done.returncode == 1
    (problem,) = done.json["problems"]
    assert problem["code"] == "driver-too-old"
    again = f"conda cuda-install -p {shop.prefix} --driver 470.82.01 --force-reinstall pytorch"
    assert again in problem["commands"]
    assert shop.run("cuda-doctor", "--json", "--driver", "535.104.05").returncode == 0


def test_cuda_doctor_names_the_channel_that_a_mirror_lacks(shop: Workshop) -> None:
    cloud = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
    shop.settings["custom_channels"] = {"nvidia": cloud}
    report = shop.run("cuda-doctor", "--json").json
    (problem,) = (one for one in report["problems"] if one["code"] == "channel-not-on-mirror")
    assert problem["evidence"]["missing_channels"] == f"{cloud}/nvidia (TUNA)"
    assert problem["evidence"]["custom_channels"] == f"nvidia: {cloud}/nvidia"


def test_cuda_doctor_of_no_environment(shop: Workshop) -> None:
    done = shop.run("cuda-doctor", "-p", shop.prefix.with_name("nowhere"))
    assert done.returncode != 0
    assert "no such environment" in done.stderr


def test_conda_in_chinese(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    shop.variables["CUDA_GUARD_LANG"] = "zh"
    words = (*OFFICIAL, "pytorch==2.1.1", "pytorch-cuda=12.1", "--dry-run")
    done = shop.run("install", *words)
    assert "最多支持 CUDA 11.8" in done.stderr
    assert "[cuda-newer-than-driver]" in done.stderr
    assert "驱动: 520.61.05" in shop.run("cuda-doctor").stdout
