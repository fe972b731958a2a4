"""Every option of conda install works on `cuda-install`, and so do the guard's own."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Workshop

DRIVER = ("535.104.05", "12.2")


def test_json_is_one_document_of_condas(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = shop.run("cuda-install", "pytorch==2.1.1", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    builds = {link["name"]: link["build_string"] for link in done.json["actions"]["LINK"]}
    assert "cuda12.1" in builds["pytorch"]


def test_a_refusal_in_json_carries_the_plan(shop: Workshop) -> None:
    done = shop.run("cuda-install", "pytorch", "--json", "-y")
    assert done.returncode == 3
    assert done.json["plan"]["status"] == "refused"
    assert done.json["plan"]["notes"][0]["code"] == "no-driver"


def test_plan_prints_the_decision_and_stops(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    done = shop.run("cuda-install", "pytorch==2.1.1", "--plan")
    assert done.returncode == 0
    assert done.stdout.startswith("pytorch 2.1.1 for CUDA 12.1, direct\n")
    assert f"conda install -p {shop.prefix} -c pytorch -c nvidia" in done.stdout
    assert shop.record("pytorch") is None


def test_plan_in_json_is_one_plan(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    plan = shop.run("cuda-install", "pytorch==2.1.1", "--plan", "--json").json
    assert plan["manager"] == "conda"
    assert plan["variant"] == "cu121"
    assert plan["requirements"] == ["pytorch==2.1.1[build=*cuda12.1*]", "pytorch-cuda=12.1"]
    assert plan["channels"] == ["pytorch", "nvidia"]


def test_the_command_of_a_plan_does_the_same(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    plan = shop.run("cuda-install", "pytorch==2.1.1", "--plan", "--json").json
    program, command, *words = plan["command"]
    assert (program, command) == ("conda", "install")
    typed = shop.run("install", *words, "--dry-run", "--json").json["actions"]["LINK"]
    ours = shop.run("cuda-install", "pytorch==2.1.1", "--dry-run", "--json").json["actions"]["LINK"]
    assert typed == ours


def test_a_named_environment(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    missing = shop.run("cuda-install", "pytorch==2.1.1", "-n", "surely-not-there", "-y")
    assert missing.returncode == 1
    assert "EnvironmentLocationNotFound" in missing.stderr
    named = shop.conda.home / "envs" / "named"
    if not named.exists():
        shop.conda.prefix(named)
    done = shop.run("cuda-install", "pytorch==2.1.1", "python=3.11", "-n", "named", "-y")
    assert done.returncode == 0, done.stderr
    assert list((named / "conda-meta").glob("pytorch-2.1.1-py3.11_cuda12.1*.json"))


def test_specs_of_files_are_planned_too(shop: Workshop, tmp_path: Path) -> None:
    shop.put_driver(*DRIVER)
    (tmp_path / "specs.txt").write_text("# mine\npytorch==2.1.1\ntorchvision\n")
    done = shop.run("cuda-install", "--file", tmp_path / "specs.txt", "numpy", "-y")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert "cuda12.1" in torch["build"]
    assert shop.record("numpy") is not None


def test_channels_named_by_address_are_enough(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    urls = [shop.channels.url(name) for name in ("pytorch", "nvidia", "main")]
    options = [part for url in urls for part in ("-c", url)]
    words = ("pytorch==2.1.1", "--override-channels", *options)
    assert shop.run("cuda-install", *words, "--plan", "--json").json["channels"] == []
    done = shop.run("cuda-install", *words, "-y", "-q")
    assert done.returncode == 0, done.stderr
    torch = shop.record("pytorch")
    assert torch is not None
    assert "cuda12.1" in torch["build"]
    assert "cuda-install" not in done.stderr


@pytest.mark.parametrize("words", [["numpy"], ["numpy", "--dry-run"], ["surely-not-there"], []])
def test_a_request_without_cuda_is_condas_own(shop: Workshop, words: list[str]) -> None:
    ours = shop.run("cuda-install", *words, "--json", "-y")
    conda = shop.run("install", *words, "--json", "-y")
    assert ours.returncode == conda.returncode
    if not ours.returncode and "--dry-run" not in words:
        assert shop.record("numpy") is not None
    elif ours.returncode and conda.stdout:
        assert ours.json["exception_name"] == conda.json["exception_name"]
    elif ours.returncode:  # conda 25.9 fails to write the JSON of a package that is not there
        assert ours.stdout == ""
        assert ours.stderr.splitlines()[-1] == conda.stderr.splitlines()[-1]


def test_as_is_changes_nothing(shop: Workshop) -> None:
    shop.put_driver("520.61.05", "11.8")
    done = shop.run(
        "cuda-install", "--as-is", "pytorch==2.1.1", "pytorch-cuda=12.1",
        "-c", "pytorch", "-c", "nvidia", "--dry-run", "--json",
    )  # fmt: skip
    builds = {link["name"]: link["build_string"] for link in done.json["actions"]["LINK"]}
    assert "cuda12.1" in builds["pytorch"]
    assert "[cuda-newer-than-driver]" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pytorch", "--cuda", "twelve"], "is not a CUDA version"),
        (["pytorch", "--gpu", "GTX 9999"], "--gpu"),
        (["pytorch", "--policy", "lax"], "--policy"),
        (["pytorch", "--host", "surely-no-file"], "cannot read"),
        (["pytorch", "--surely-no-option"], "unrecognized arguments"),
    ],
)
def test_unusable_arguments(shop: Workshop, words: list[str], said: str) -> None:
    done = shop.run("cuda-install", *words, "-y")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert shop.record("pytorch") is None


def test_help_tells_the_options_of_both(shop: Workshop) -> None:
    text = shop.conda.run("cuda-install", "--help").stdout
    for option in ("--override-channels", "--file", "--dry-run", "--cuda", "--gpu", "--plan"):
        assert option in text


@pytest.mark.parametrize(
    ("command", "said"), [("cuda-install", "CUDA 选项"), ("cuda-doctor", "做一次计算")]
)
def test_help_in_chinese_as_far_as_it_is_ours(shop: Workshop, command: str, said: str) -> None:
    english = shop.conda.run(command, "--help").stdout
    chinese = shop.conda.run(command, "--help", env={"CUDA_GUARD_LANG": "zh"}).stdout
    assert said in chinese
    assert said not in english
    options = [re.findall(r"(?<![\w-])--[a-z][a-z-]*", one) for one in (chinese, english)]
    assert options[0] == options[1]
    # What is conda's own stays in its words.
    assert "path to environment location" in chinese


def test_a_channel_that_a_spec_names_is_kept(shop: Workshop) -> None:
    shop.put_driver(*DRIVER)
    shutil.copytree(shop.channels.path("pytorch"), shop.channels.path("mychan"), dirs_exist_ok=True)
    words = ("-c", "mychan", "-c", "nvidia", "mychan::pytorch==2.1.1")
    done = shop.run("cuda-install", *words, "--dry-run", "--json")
    links = {link["name"]: link for link in done.json["actions"]["LINK"]}
    assert "cuda12.1" in links["pytorch"]["build_string"]
    assert links["pytorch"]["channel"] == "mychan"
    alone = ("--override-channels", "-c", "mychan", "-c", "nvidia", "-c", "defaults")
    plan = shop.run("cuda-install", *alone, "pytorch==2.1.1", "--plan", "--json").json
    assert plan["channels"] == []


def test_a_host_file_of_another_platform_is_not_installed_for(
    shop: Workshop, tmp_path: Path
) -> None:
    (tmp_path / "host").write_text('{"platform": "macos-arm64"}')
    done = shop.run("cuda-install", "pytorch", "--host", tmp_path / "host", "-y")
    assert done.returncode == 2
    assert "the host is macos-arm64" in done.stderr
