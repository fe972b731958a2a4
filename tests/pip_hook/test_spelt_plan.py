"""The table of the contract's section 8, as a user sees it: `pipcuda plan`, `rewrite` and `env`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pip_hook.cli import main

A100_535 = ("--driver", "535.104.05", "--gpu", "A100", "--python-version", "3.11")
H100_580 = ("--driver", "580.95.05", "--gpu", "H100", "--python-version", "3.11")
OLD_470 = ("--driver", "470.256.02", "--gpu", "A100", "--python-version", "3.11")


@pytest.fixture(autouse=True)
def _own_folders(plain_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del plain_environment
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def plan(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    status = main(["plan", "--json", *words])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("typed", "machine", "becomes", "code"),
    [
        ("cupy", A100_535, ["cupy-cuda12x"], None),
        ("cupy-cuda13x", A100_535, ["cupy-cuda12x"], "explicit-variant-replaced"),
        ("jax[cuda13]", A100_535, ["jax[cuda12]"], "explicit-variant-replaced"),
        ("onnxruntime-gpu", A100_535, ["onnxruntime-gpu<1.27"], "held-back"),
        ("paddlepaddle-gpu", A100_535, ["paddlepaddle-gpu"], None),
    ],
)
def test_the_table_of_the_contract(
    typed: str,
    machine: tuple[str, ...],
    becomes: list[str],
    code: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, value = plan(capsys, typed, *machine)
    assert (status, value["status"], value["requirements"]) == (0, "ok", becomes)
    assert value["command"][:2] == ["pip", "install"]
    assert code is None or code in [note["code"] for note in value["notes"]]
    (family,) = value["families"]
    assert set(family) == {"family", "variant", "cuda", "level", "packages", "source"}
    assert family["level"] == "direct"


def test_paddle_comes_from_its_own_index(capsys: pytest.CaptureFixture[str]) -> None:
    _, value = plan(capsys, "paddlepaddle-gpu", *A100_535)
    (url,) = value["index_urls"]
    assert (url.endswith("/stable/cu118/"), value["families"][0]["cuda"]) == (True, "11.8")
    assert ["--extra-index-url", url] == [
        w for w in value["command"] if w in ("--extra-index-url", url)
    ]


def test_a_driver_that_is_too_old_is_refused_with_the_driver_and_the_release(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, value = plan(capsys, "tensorflow[and-cuda]", *OLD_470)
    assert (status, value["status"]) == (3, "refused")
    (note,) = value["notes"]
    assert "driver 470.256.02" in note["message"]
    assert "525.60.13" in note["hint"]
    assert "tensorflow[and-cuda]==2.14.1" in note["hint"]


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        (("cupy", "--cpu"), None),
        (("onnxruntime-gpu", "--cpu"), ["onnxruntime"]),
        (("cupy", "--variant", "cu118"), ["cupy-cuda11x"]),
        (("cupy-cuda13x", "--as-is"), ["cupy-cuda13x"]),
        (("torch==2.8.0", "cupy", "--variant", "cu126"), ["torch==2.8.0+cu126", "cupy-cuda12x"]),
    ],
)
def test_our_options_hold_for_every_family(
    words: tuple[str, ...], becomes: list[str] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    status, value = plan(capsys, *words, *A100_535)
    assert status == (3 if becomes is None else 0)
    assert value["requirements"] == (becomes or [])


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        (
            ("torch", "cupy-cuda13x", "onnxruntime-gpu"),
            ["torch==2.14.1+cu126", "cupy-cuda12x", "onnxruntime-gpu<1.27"],
        ),
        (
            ("torch==2.3.1", "ctranslate2", "xgboost"),
            ["torch==2.3.1+cu121", "ctranslate2<4.5", "xgboost"],
        ),
        (
            ("cudf-cu13", "cuml", "jax[cuda13,k8s]", "numba-cuda"),
            ["cudf-cu12", "cuml-cu12", "jax[cuda12,k8s]", "numba-cuda[cu12]"],
        ),
    ],
)
def test_a_line_that_mixes_families_is_one_plan(
    words: tuple[str, ...], becomes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, value = plan(capsys, *words, *A100_535)
    assert (status, value["requirements"]) == (0, becomes)
    assert len({family["cuda"].partition(".")[0] for family in value["families"]}) == 1


FILE = """\
# several families
torch==2.5.1
cupy-cuda13x>=13   # the newest
onnxruntime-gpu
jax[cuda13] ; sys_platform == "linux"
requests
"""
REWRITTEN = """\
# several families
torch==2.5.1+cu121
cupy-cuda12x>=13   # the newest
onnxruntime-gpu<1.27
jax[cuda12] ; sys_platform == "linux"
requests
"""


def test_rewrite_spells_every_family(capsys: pytest.CaptureFixture[str]) -> None:
    Path("requirements.txt").write_text(FILE, "utf-8")
    assert main(["rewrite", "requirements.txt", *A100_535[:4]]) == 0
    lines = capsys.readouterr().out.splitlines(keepends=True)
    index = [line for line in lines if line.startswith("--extra-index-url")]
    assert "".join(line for line in lines if line not in index) == REWRITTEN
    assert index == ["--extra-index-url https://download.pytorch.org/whl/cu121\n"]


def test_rewrite_adds_a_family_s_own_index(capsys: pytest.CaptureFixture[str]) -> None:
    Path("requirements.txt").write_text("rmm-cu13<26.8\n", "utf-8")
    assert main(["rewrite", "requirements.txt", *A100_535[:4]]) == 0
    assert capsys.readouterr().out == "--extra-index-url https://pypi.nvidia.com\nrmm-cu12<26.8\n"


def test_rewrite_reads_the_pip_section_of_an_environment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    head = "name: x\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
    Path("environment.yml").write_text(
        f"{head}    - cupy-cuda13x\n    - onnxruntime-gpu\n", "utf-8"
    )
    assert main(["rewrite", "environment.yml", *A100_535[:4]]) == 0
    out = capsys.readouterr().out
    assert out == f"{head}    - cupy-cuda12x\n    - onnxruntime-gpu<1.27\n"


def test_a_file_whose_package_gets_another_name_is_installed_by_pipcuda(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("r.txt").write_text("cupy-cuda13x\n", "utf-8")
    _, value = plan(capsys, "-r", "r.txt", *A100_535)
    assert value["command"][:4] == ["pipcuda", "install", "-r", "r.txt"]
    assert value["command"][-4:] == ["--driver", "535.104.05", "--gpu", "A100"]


def test_constraint_files_bound_every_spelling(capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.txt").write_text("onnxruntime-gpu<1.22\ncupy-cuda12x<14\n", "utf-8")
    status, value = plan(capsys, "onnxruntime-gpu", "cupy", "-c", "c.txt", *A100_535)
    assert status == 0
    assert value["packages"] == {"onnxruntime-gpu": "1.21.1", "cupy-cuda12x": "13.6.0"}
    assert value["requirements"] == ["onnxruntime-gpu", "cupy-cuda12x"]


def test_env_bounds_what_later_packages_bring_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--json", "torch==2.5.1", "cupy<14", *A100_535[:4]]) == 0
    value = json.loads(capsys.readouterr().out)
    lines = Path(value["PIP_CONSTRAINT"]).read_text("utf-8").splitlines()
    assert "cupy-cuda12x<14" in lines
    assert {"onnxruntime-gpu<1.27", "cuda-python<13"} <= set(lines)
