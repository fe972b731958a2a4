"""`pipcuda matrix FAMILY`: the releases of packages beside torch, and what an install takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.support.pips import pip_environment, run_pipcuda

from .matrix_running import OLD_DRIVER, Home, as_json, matrix

if TYPE_CHECKING:
    from pathlib import Path

NEW_DRIVER = ("--driver", "580.95.05", "--gpu", "H100", "--python-version", "3.12")


@pytest.fixture
def home(pip_env: Callable[[str], Path], tmp_path: Path) -> Home:
    return Home(pip_env("newest"), tmp_path)


def row(found: Any, release: str) -> Any:
    return next(one for one in found["releases"] if one["release"] == release)


def states(found: Any, release: str) -> dict[str, str]:
    return {one["variant"]: one["state"] for one in row(found, release)["cells"]}


@pytest.mark.parametrize("name", ["cupy", "cupy-cuda12x", "CuPy_cuda13x"])
def test_the_builds_of_a_name_with_suffixes(home: Home, name: str) -> None:
    found = as_json(home, name, *OLD_DRIVER)
    assert (found["package"], found["belongs_to"]) == ("cupy", None)
    assert found["requirements"] == [name]
    assert found["choice"] == {"release": "14.2.0", "variant": "cu12"}
    assert states(found, "14.2.0") == {"cu13": "no", "cu12": "direct", "cu11": "absent"}
    assert row(found, "13.6.0")["choice"] == "cu12"
    assert row(found, "14.2.0")["cells"][0]["letters"] == "D"


def test_what_is_marked_is_what_a_plan_takes(home: Home) -> None:
    for name in ("jax", "onnxruntime-gpu", "tensorflow", "xgboost"):
        for machine in (OLD_DRIVER, NEW_DRIVER):
            found = as_json(home, name, *machine)
            chosen = found["choice"]
            states_of_it = states(found, chosen["release"])
            assert states_of_it[chosen["variant"]] in ("direct", "minor-compatible"), name
            assert row(found, chosen["release"])["choice"] == chosen["variant"]


def test_a_family_by_ranges_of_versions(home: Home) -> None:
    found = as_json(home, "onnxruntime-gpu", *OLD_DRIVER)
    assert found["choice"] == {"release": "1.26.0", "variant": "cu12"}
    assert states(found, "1.30.0")["cu13"] == "no"
    assert states(found, "1.30.0")["cu12"] == "absent"
    newer = as_json(home, "onnxruntime-gpu>=1.27,<1.28", *NEW_DRIVER)
    assert [one["release"] for one in newer["releases"]] == ["1.27.0"]
    assert newer["choice"] == {"release": "1.27.0", "variant": "cu13"}


def test_a_family_by_extras_tells_the_extra(home: Home) -> None:
    done = matrix(home, "jax", "--why", "0.11.2+cu13", *OLD_DRIVER)
    title, driver, python = done.stdout.splitlines()
    assert title == "jax 0.11.2 (cu13): no"
    needs = "  jax[cuda13] 0.11.2 (cu13) needs CUDA 13; driver 535.104.05 runs CUDA 12.2 at most."
    assert driver == f"{needs} [cuda-newer-than-driver]"
    made = "  jax[cuda13] 0.11.2 (cu13) was made for Python >=3.12,<3.16, not for 3.11."
    assert python == f"{made} [python-not-covered]"


def test_as_text_and_markdown_and_html(home: Home) -> None:
    text = matrix(home, "cupy>=14", *OLD_DRIVER).stdout.splitlines()
    assert text[2].split() == ["cupy", "cu13", "cu12"]
    assert text[4].split() == ["14.2.0", "no", "D", ">yes"]
    assert text[-1] == "pipcuda install 'cupy>=14': cupy-cuda12x 14.2.0 for CUDA 12.0, direct"
    markdown = matrix(home, "cupy>=14", "--markdown", *OLD_DRIVER).stdout
    assert "| cupy | cu13 | cu12 |" in markdown
    page = matrix(home, "cupy>=14", "--html", *OLD_DRIVER).stdout
    assert "<title>cupy releases and CUDA variants for this machine</title>" in page
    assert '<tr><th scope="col">cupy</th><th scope="col">cu13</th>' in page
    assert "torch" not in page


def test_a_follower_shows_the_torch_that_it_belongs_to(home: Home) -> None:
    found = as_json(home, "torchvision", *OLD_DRIVER)
    assert (found["package"], found["belongs_to"]) == ("torchvision", "torch")
    assert row(found, "0.28.0")["belongs_to"] == ["2.13.0"]
    assert states(found, "0.20.1")["cu124"] == "minor-compatible"
    chosen = found["choice"]
    assert row(found, chosen["release"])["choice"] == chosen["variant"]
    text = matrix(home, "torchvision==0.20.1", *OLD_DRIVER).stdout.splitlines()
    assert text[2].split() == ["torchvision", "torch", "cu124", "cu121", "cu118", "cpu"]
    assert text[4].split() == ["0.20.1", "2.5.1", "yes~", ">yes", "yes", "cpu"]
    markdown = matrix(home, "torchvision==0.20.1", "--markdown", *OLD_DRIVER).stdout
    assert "| 0.20.1 | 2.5.1 | yes\\~ |" in markdown
    page = matrix(home, "torchvision==0.20.1", "--html", *OLD_DRIVER).stdout
    assert '<th scope="row">0.20.1</th><td>2.5.1</td>' in page


def test_the_newest_of_each_release_where_all_are_of_one_minor_version(home: Home) -> None:
    found = as_json(home, "xformers", *NEW_DRIVER)
    releases = [one["release"] for one in found["releases"]]
    assert releases[:4] == ["0.0.35", "0.0.34", "0.0.33.post2", "0.0.32.post2"]
    assert row(found, "0.0.34")["belongs_to"] == ["2.10.0"]
    assert row(found, "0.0.34")["choice"] == "cu130"
    assert found["choice"]["release"] == "0.0.35"


def test_what_the_files_of_a_follower_need_themselves(home: Home) -> None:
    old = ("--driver", "580.95.05", "--gpu", "V100", "--python-version", "3.10")
    done = matrix(home, "vllm", "--why", "0.33.0+cu130", *old)
    codes = [line.rpartition("[")[2].rstrip("]") for line in done.stdout.splitlines()[1:]]
    assert sorted(codes) == ["gpu-not-covered", "python-not-covered"]
    assert "vllm 0.33.0 (cu130) was made for Python >=3.11" in done.stdout
    mac = as_json(home, "xformers", "--platform", "linux_aarch64", "--driver", "580.95.05")
    assert {"S"} <= {one["letters"][-1:] for one in row(mac, "0.0.34")["cells"]}
    assert mac["choice"] is None


def test_what_is_built_against_torch_by_its_series(home: Home) -> None:
    found = as_json(home, "flash-attn", *OLD_DRIVER)
    assert (found["package"], found["belongs_to"], found["against"]) == (
        "flash-attn", None, "torch"
    )  # fmt: skip
    assert found["choice"] == {"release": "2.8", "variant": "cu129"}
    assert row(found, "2.8")["versions"] == ["2.8.3.post1"]
    assert states(found, "2.8")["cu129"] == "minor-compatible"
    assert states(found, "2.5") | {"cu121": "direct", "cu124": "minor-compatible"} == states(
        found, "2.5"
    )
    assert row(found, "2.5")["choice"] == "cu121"
    assert row(found, "2.9")["versions"] == []  # its files are for Python 3.12
    assert {one["letters"] for one in row(found, "2.9")["cells"]} == {"P", ""}
    newer = as_json(home, "flash-attn", *NEW_DRIVER)
    assert newer["choice"] == {"release": "2.10", "variant": "cu130"}
    assert "2.14" not in [one["release"] for one in newer["releases"]]
    every = as_json(home, "flash-attn", "--all", *NEW_DRIVER)
    assert set(states(every, "2.14").values()) == {"absent"}


def test_what_stands_in_the_way_of_a_file(home: Home) -> None:
    here = ("--driver", "535.104.05", "--python-version", "3.11")
    words = ("flash-attn", "--why", "2.8+cu129", "--gpu", "V100", *here)
    title, *reasons = matrix(home, *words).stdout.splitlines()
    assert title == "flash-attn (torch) 2.8 (cu129): no"
    assert [line.rpartition("[")[2] for line in reasons] == ["gpu-not-covered]"]
    other = ("mmcv", "--why", "2.4+cu121", "--platform", "win_amd64", *here)
    title, reason = matrix(home, *other).stdout.splitlines()
    assert title == "mmcv (torch) 2.4 (cu121): no"
    made = "  mmcv for torch 2.4 (cu121) was made for linux-x86_64, not for windows-amd64."
    assert reason == f"{made} [platform-not-covered]"
    old = ("torch-scatter", "--why", "2.4+cu124", "--driver", "470.57.02", "--gpu", "A100")
    assert "[cuda-newer-than-driver]" in matrix(home, *old).stdout


@pytest.mark.parametrize("name", ["flash-attn", "torch-scatter", "mmcv", "natten", "mamba-ssm"])
def test_the_file_that_is_marked_is_what_a_plan_takes(name: str, home: Home) -> None:
    found = as_json(home, name, *OLD_DRIVER)
    chosen = found["choice"]
    assert states(found, chosen["release"])[chosen["variant"]] in ("direct", "minor-compatible")
    line = ("plan", "--json", name, "--offline", *OLD_DRIVER)
    planned = run_pipcuda(home.python, *line, env=pip_environment(home.path)).json
    assert planned["packages"]["torch"].startswith(chosen["release"] + ".")
    assert planned["variant"] == chosen["variant"]
    taken = planned["packages"][name].partition("+")[0]
    assert taken in row(found, chosen["release"])["versions"]


def test_what_is_built_against_torch_in_other_forms(home: Home) -> None:
    text = matrix(home, "mmcv", *OLD_DRIVER).stdout.splitlines()
    assert text[2].split() == ["torch", "mmcv", "cu121", "cu118", "cu117", "cu116", "cpu"]
    assert text[4].split() == ["2.4", "2.2.0", ">yes", "yes", "-", "-", "cpu"]
    assert "| torch | mmcv | cu121 |" in matrix(home, "mmcv", "--markdown", *OLD_DRIVER).stdout
    page = matrix(home, "mmcv", "--html", *OLD_DRIVER).stdout
    assert "<title>mmcv by release and variant of torch</title>" in page
    assert '<th scope="row">2.4</th><td>2.2.0</td>' in page
    assert "torch 2.4</summary>" in page


def test_no_line_is_cut_off(home: Home) -> None:
    for name in ("flash-attn", "torchvision", "torch-scatter"):
        assert "…" not in matrix(home, name, *OLD_DRIVER).stdout


@pytest.mark.parametrize(
    ("words", "said", "following"),
    [
        (["pytorch"], "there is no matrix of pytorch", "pipcuda matrix torch"),
        (["cuppy"], "there is no matrix of cuppy", "pipcuda matrix cupy"),
        (["onnxruntime"], "there is no matrix of onnxruntime", "pipcuda matrix onnxruntime-gpu"),
        (["flash-atn"], "there is no matrix of flash-atn", "pipcuda matrix flash-attn"),
        (["apex"], "apex has no builds to choose among", "pipcuda plan apex"),
        (["flash-attn>=99"], "no flash-attn release satisfies", "pipcuda matrix flash-attn"),
        (["mmcv", "--why", "1.5"], "mmcv has no file for torch 1.5", "pipcuda matrix mmcv --why"),
        (["mmcv", "--why", "2.4+cu90"], "mmcv 2.4 was never made for cu90", "matrix mmcv --"),
        (["requests"], "there is no matrix of requests", "pipcuda matrix 2.1"),
        (["cupy==99"], "no cupy release satisfies cupy==99", "pipcuda matrix cupy"),
        (["cupy", "jax"], "matrix takes one SPEC", "pipcuda matrix 2.1"),
        (["cupy>=12", "--why", "14.2.0"], "--why names its release itself", "--why 14.2.0"),
        (["cupy", "--why", "14.2"], "14.2 is not a release of cupy", "pipcuda matrix cupy --why"),
        (["cupy", "--why", "14.2.0+cu9"], "cupy 14.2.0 was never made for cu9", "matrix cupy --"),
        (["tensorflow-gpu"], "no builds to choose among", "pipcuda install tensorflow[and-cuda]"),
        (["lightgbm"], "no builds to choose among", "pipcuda install lightgbm"),
    ],
)
def test_bad_input_gets_one_message(
    home: Home, words: list[str], said: str, following: str
) -> None:
    done = matrix(home, *words, *OLD_DRIVER)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert f"next: {following}" in done.stderr or following in done.stderr.split("next:")[1]


def test_in_chinese(home: Home) -> None:
    done = matrix(home, "cuppy", more={"CUDA_GUARD_LANG": "zh"})
    assert "没有 cuppy 的对照表" in done.stderr
