"""Real pips on local indexes in the projects' layouts: what is installed is what was planned."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.pips import NEWEST, PIP_VERSIONS
from tests.support.tools import REAL_TIME
from tests.support.wheel_file import wheel_bytes
from tests.support.wheel_index import WheelFile

from .running import Machine, add_packages, installed
from .test_installed import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What pip's default index has: names, versions, and what each needs.
DEFAULT: dict[str, dict[str, tuple[str, ...]]] = {
    "cupy-cuda11x": {"13.6.0": ()},
    "cupy-cuda12x": {"13.6.0": (), "14.2.0": ()},
    "cupy-cuda13x": {"14.2.0": ()},
    "cudf-cu12": {"26.10.2": ()},
    "cudf-cu13": {"26.10.2": ()},
    "onnxruntime": {"1.32.0": ()},
    "onnxruntime-gpu": {"1.21.0": (), "1.26.0": (), "1.27.0": (), "1.31.1": ()},
    "jax": {
        number: (
            f"jax-cuda12-plugin=={number} ; extra == 'cuda12'",
            f"jax-cuda13-plugin=={number} ; extra == 'cuda13'",
        )
        for number in ("0.9.2", "0.10.2")
    },
    "jax-cuda12-plugin": {"0.9.2": (), "0.10.2": ()},
    "jax-cuda13-plugin": {"0.9.2": (), "0.10.2": ()},
    "tensorflow": {"2.21.0": ("nvidia-cudnn-cu12>=9 ; extra == 'and-cuda'",)},
    "nvidia-cudnn-cu12": {"9.10.2.21": ()},
    "numba-cuda": {"0.30.4": ("cuda-bindings<13 ; extra == 'cu12'", "pathlib2 ; extra == 'cu13'")},
    "cuda-bindings": {"12.9.4": (), "13.4.4": ()},
    "paddlepaddle-gpu": {"2.6.2": ()},
    "paddlepaddle": {"3.3.1": ()},
    "llama-cpp-python": {"0.3.36": ()},  # in the place of the archive that builds for the CPU
    "ctranslate2": {"4.4.0": (), "4.8.5": ()},
    "needs-ort": {"1.0": ("onnxruntime-gpu",)},
    "needs-new-ort": {"1.0": ("onnxruntime-gpu>=1.27",)},
    "needs-ct2": {"1.0": ("ctranslate2",)},
}
# What the families' own indexes have, by the folder that stands for each here.
OWN: dict[str, dict[str, tuple[str, ...]]] = {
    "paddle/cu118": {"paddlepaddle-gpu": ("3.0.0", "3.3.1")},
    "paddle/cu120": {"paddlepaddle-gpu": ("2.6.2.post120",)},
    "paddle/cu130": {"paddlepaddle-gpu": ("3.3.1",)},
    "llama/cu122": {"llama-cpp-python": ("0.3.34", "0.3.35")},
    "nvidia": {"cudf-cu12": ("26.6.0",), "cudf-cu13": ("26.6.0",)},
}
ADDRESSES = {
    "https://www.paddlepaddle.org.cn/packages/stable/": "paddle/",
    "https://abetlen.github.io/llama-cpp-python/whl/": "llama/",
    "https://pypi.nvidia.com": "nvidia",
}


@pytest.fixture
def with_families(
    make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> Callable[[str], Machine]:
    """Return a function that makes a machine of CUDA 12.2 whose families lie on a local index."""

    def make(pip: str = "newest") -> Machine:
        machine = make_machine(pip)
        add_packages(machine, DEFAULT)
        for place, packages in OWN.items():
            machine.server.add(
                WheelFile(f"{place}/{name}", f"{name.replace('-', '_')}-{number}-py3-none-any.whl")
                for name, numbers in packages.items()
                for number in numbers
            )
        there = machine.with_driver(stub_driver, "535.104.05", "12.2")
        return there.with_families_at(tmp_path / "data", ADDRESSES)

    return make


@pytest.mark.all_cases_with(version=NEWEST)
@pytest.mark.parametrize("version", PIP_VERSIONS)
@pytest.mark.parametrize(
    ("words", "right"),
    [
        (("cupy",), {"cupy_cuda12x": "14.2.0"}),
        (
            ("cupy-cuda13x<14.3", "onnxruntime-gpu"),
            {"cupy_cuda12x": "14.2.0", "onnxruntime_gpu": "1.26.0"},
        ),
        (("jax[cuda13]",), {"jax": "0.10.2", "jax_cuda12_plugin": "0.10.2"}),
        (("tensorflow",), {"tensorflow": "2.21.0", "nvidia_cudnn_cu12": "9.10.2.21"}),
        (("numba-cuda",), {"numba_cuda": "0.30.4", "cuda_bindings": "12.9.4"}),
        (("paddlepaddle-gpu",), {"paddlepaddle_gpu": "3.3.1"}),
        (("llama-cpp-python",), {"llama_cpp_python": "0.3.35"}),
        (("cudf",), {"cudf_cu12": "26.10.2"}),
        (("cudf<26.8",), {"cudf_cu12": "26.6.0"}),
        (("onnxruntime-gpu", "--cpu"), {"onnxruntime": "1.32.0"}),
        (
            ("torch==2.3.1", "ctranslate2", "cupy"),
            {"torch": "2.3.1+cu121", "ctranslate2": "4.4.0", "cupy_cuda12x": "14.2.0"},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_installed_is_what_was_planned(
    version: str,
    words: tuple[str, ...],
    right: dict[str, str],
    with_families: Callable[[str], Machine],
    tmp_path: Path,
) -> None:
    machine = with_families(version)
    planned = machine.pipcuda("plan", *words, "--json").json["packages"]
    done = machine.pipcuda("install", *words, "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    there = installed(tmp_path / "t")
    assert {name: there[name] for name in there if name != "typing_extensions"} == right
    for name, number in planned.items():
        assert there[name.replace("-", "_")] == number


def test_pip_does_not_go_back_to_a_torch_of_another_cuda(
    with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    """It would, from release to release, where it finds no newer one that all agree with."""
    machine = with_families("newest")
    add_packages(machine, {"needs-old-torch": {"1.0": ("torch<2.1",)}})
    words = ("install", "--target", tmp_path / "t")
    done = machine.pipcuda(*words, "torch", "cupy", "needs-old-torch")
    assert done.returncode == 1
    assert "needs_old_torch 1.0 needs torch<2.1" in done.stderr
    assert "only builds for CUDA 12 are taken, as other packages of the line" in done.stderr
    assert not (tmp_path / "t").exists()
    done = machine.pipcuda(*words, "cupy", "needs-old-torch")
    assert done.returncode == 1
    assert "only builds for CUDA 12 are taken" in done.stderr
    done = machine.pipcuda(*words, "torch", "needs-old-torch")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["torch"] == "2.0.1+cu118"


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_requirement_file_with_several_families(
    version: str, with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families(version)
    file = machine.home / "requirements.txt"
    file.write_text("cupy-cuda13x\nonnxruntime-gpu\njax[cuda13]<0.10\n", "utf-8")
    done = machine.pipcuda("install", "-r", file, "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == {
        "cupy_cuda12x": "14.2.0",
        "onnxruntime_gpu": "1.26.0",
        "jax": "0.9.2",
        "jax_cuda12_plugin": "0.9.2",
    }
    assert file.read_text("utf-8").startswith("cupy-cuda13x\n")


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_a_dependency_of_others_is_bounded(
    version: str, with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families(version)
    done = machine.pipcuda("install", "needs-ort", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["onnxruntime_gpu"] == "1.26.0"


def test_what_a_bound_held_back_is_said_once(
    with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    place = Place(with_families("newest"), tmp_path / "venv")
    done = place.pipcuda("needs-ort")
    assert installed(place.packages)["onnxruntime_gpu"] == "1.26.0"
    assert "onnxruntime-gpu is held to 1.26.0" in done.stderr
    assert "held to" not in place.pipcuda("needs-ort").stderr


def test_a_dependency_agrees_with_the_torch_beside_it(
    with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families("newest")
    done = machine.pipcuda("install", "torch==2.3.1", "needs-ct2", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t")["ctranslate2"] == "4.4.0"


def test_a_dependency_that_cannot_run_here_is_not_installed(
    with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families("newest")
    done = machine.pipcuda("install", "needs-new-ort", "--target", tmp_path / "t")
    assert done.returncode == 1
    assert "onnxruntime-gpu<1.27" in done.stdout + done.stderr
    done = machine.pipcuda("install", "needs-new-ort", "--as-is", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr


def test_where_nothing_is_bounded_nothing_is_said(
    with_families: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = with_families("newest").with_driver(stub_driver, "580.95.05", "13.0")
    place = Place(machine, tmp_path / "venv")
    assert place.pipcuda("needs-ort").stderr == ""
    assert installed(place.packages)["onnxruntime_gpu"] == "1.31.1"


def test_hashes_are_never_changed(with_families: Callable[[str], Machine], tmp_path: Path) -> None:
    machine = with_families("newest")
    lines = {}
    for name in ("cupy-cuda12x", "cupy-cuda13x"):
        wheel = WheelFile(f"simple/{name}", f"{name.replace('-', '_')}-14.2.0-py3-none-any.whl")
        digest = hashlib.sha256(wheel_bytes(wheel)).hexdigest()
        lines[name] = f"{name}==14.2.0 --hash=sha256:{digest}\n"
    file = machine.home / "requirements.txt"
    file.write_text(lines["cupy-cuda12x"], "utf-8")
    done = machine.pipcuda("install", "-r", file, "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == {"cupy_cuda12x": "14.2.0"}
    file.write_text(lines["cupy-cuda13x"], "utf-8")
    done = machine.pipcuda("install", "-r", file, "--target", tmp_path / "u")
    assert (done.returncode, "has hashes" in done.stderr) == (3, True)
    assert not (tmp_path / "u").exists()


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Driver 580 or newer runs it."), ("zh", "驱动 580 或更新版本可以运行它。")],
)
def test_a_refusal_is_said_in_both_languages_and_nothing_is_installed(
    language: str, says: str, with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families("newest")
    words = ("install", "onnxruntime-gpu==1.27.0", "--target", tmp_path / "t")
    done = machine.pipcuda(*words, more={"CUDA_GUARD_LANG": language})
    assert (done.returncode, says in done.stderr) == (3, True)
    assert not (tmp_path / "t").exists()


def test_the_plan_in_json_has_a_part_for_each_family(
    with_families: Callable[[str], Machine],
) -> None:
    value = with_families("newest").pipcuda("plan", "torch==2.5.1", "cupy", "--json").json
    assert [one["family"] for one in value["families"]] == ["torch", "cupy"]
    assert json.dumps(value).isascii()


def test_the_index_of_another_project_that_has_the_package_serves_it(
    with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families("newest")
    name = "llama_cpp_python-0.3.4-py3-none-any.whl"
    machine.server.add([WheelFile("fork/whl/cu124/llama-cpp-python", name)])
    places = (f"{machine.server.base}/cu118", f"{machine.server.root}/fork/whl/cu124")
    words = [word for place in places for word in ("--extra-index-url", place)]
    asked = ("torch", "llama-cpp-python<0.3.10", *words)
    done = machine.pipcuda("install", *asked, "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    there = installed(tmp_path / "t")
    assert (there["torch"], there["llama_cpp_python"]) == ("2.7.1+cu118", "0.3.4")
    assert "[user-index-serves-it]" in done.stderr


def kill(machine: Machine, folder: Path, *names: str) -> None:
    """Let these addresses of families lead to a host where nothing listens."""
    for path in (folder / "families").glob("*.json"):
        text = path.read_text("utf-8")
        for name in names:
            text = text.replace(f"{machine.server.root}/{name}", f"http://127.0.0.1:9/{name}")
        path.write_text(text, "utf-8")


def test_a_dead_index_of_a_family_is_not_handed_to_pip(
    with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    """What pip's own index has is taken in its place, and is said to be."""
    machine = with_families("newest")
    kill(machine, tmp_path / "data", "paddle/")
    done = machine.pipcuda("install", "paddlepaddle-gpu", "--target", tmp_path / "t")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "t") == {"paddlepaddle_gpu": "2.6.2"}
    assert done.stderr.count("[index-unreachable]") == 1
    assert "127.0.0.1:9" in done.stderr
    assert "Retrying" not in done.stdout + done.stderr


@pytest.mark.parametrize("words", [("llama-cpp-python",), ("cudf<26.8", "cupy")])
def test_what_lies_in_a_dead_index_alone_is_refused(
    words: tuple[str, ...], with_families: Callable[[str], Machine], tmp_path: Path
) -> None:
    machine = with_families("newest")
    kill(machine, tmp_path / "data", "llama/", "nvidia")
    done = machine.pipcuda("install", *words, "--target", tmp_path / "t")
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("error: ") == 1
    assert f"The build of {words[0]} that runs here is at http://127.0.0.1:9/" in done.stderr
    assert "--extra-index-url ADDRESS" in done.stderr
    assert "Retrying" not in done.stdout + done.stderr
    offline = machine.pipcuda("plan", "--offline", *words)
    assert offline.returncode == 0
    assert "127.0.0.1:9" in offline.stdout


def test_an_index_without_the_package_is_passed_over(
    with_families: Callable[[str], Machine],
) -> None:
    """The newest CUDA's has none of it, which its data cannot know."""
    machine = with_families("newest")
    machine.server.fault("paddle/cu118/paddlepaddle-gpu", "404")
    found = machine.pipcuda("plan", "paddlepaddle-gpu", "--json").json
    assert found["packages"] == {"paddlepaddle-gpu": "2.6.2.post120"}
    assert [note["code"] for note in found["notes"]].count("index-unreachable") == 1
    other = machine.pipcuda("plan", "cupy", "--json").json
    assert "index-unreachable" not in str(other["notes"])


def test_a_slow_index_of_a_family_is_believed(with_families: Callable[[str], Machine]) -> None:
    machine = with_families("newest")
    machine.server.fault("llama/", "slow")
    found = machine.pipcuda("plan", "llama-cpp-python", "--json", more=REAL_TIME).json
    assert found["packages"] == {"llama-cpp-python": "0.3.35"}
