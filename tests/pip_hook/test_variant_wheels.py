"""An index of variant wheels (PEP 825): what it has is read, and the file that fits is named.

No pip takes a file whose name has a variant's label, by the index or by its address; uv does, with
its preview of variant wheels.
"""

from __future__ import annotations

import json
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pips import PIP_VERSIONS, run_pip
from tests.support.tools import run

from .running import Machine, installed
from .test_uv import with_uv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

H100 = ("--gpu", "H100")
# torch 2.16.0 and what belongs to it are nowhere else.
TORCH, VISION = "2.16.0", "0.31.0"
PROVIDERS = {
    "nvidia": {
        "requires": ["nvidia-variant-provider>=0.0.1"],
        "plugin-api": "nvidia_variant_provider.plugin:NvidiaVariantPlugin",
    },
    "amd": {"requires": ["amd-variant-provider"], "plugin-api": "amd_variant_provider.plugin:AMD"},
}
VARIANTS: dict[str, Any] = {
    "cu128": {"nvidia": {"cuda_version_lower_bound": ["12.8"], "sm_arch": ["80_real", "90_real"]}},
    "cu130": {"nvidia": {"cuda_version_lower_bound": ["13.0"], "sm_arch": ["75_real", "90_real"]}},
    "rocm": {"amd": {"gfx_arch": ["gfx90a"]}},
    "null": {},
}


class Index:
    """A folder of variant wheels, served over HTTP; `asked` are the paths of the requests."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, list[str]()
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                asked.append(self.path)

        handler = partial(Handler, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def add(self, package: str, number: str, variants: dict[str, Any] | None = None) -> None:
        there = self.folder / package
        there.mkdir(exist_ok=True)
        given = VARIANTS if variants is None else variants
        for label in given:
            _write_wheel(there, package, number, label, given)
        described = there / f"{package}-{number}-variants.json"
        described.write_text(json.dumps(_description(given)), "utf-8")
        links = (f'<a href="{one.name}">{one.name}</a>' for one in sorted(there.iterdir()))
        page = f"<!DOCTYPE html><html><body>{' '.join(links)}</body></html>"
        (there / "index.html").write_text(page, "utf-8")

    def file(self, package: str, number: str, label: str) -> str:
        return f"{self.url}/{package}/{package}-{number}-py3-none-any-{label}.whl"


def _description(variants: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://variants-schema.wheelnext.dev/peps/825/v0.1.1.json",
        "default-priorities": {"namespace": ["nvidia", "amd"]},
        "providers": PROVIDERS,
        "variants": variants,
    }


def _write_wheel(
    folder: Path, package: str, number: str, label: str, variants: dict[str, Any]
) -> None:
    info = f"{package}-{number}.dist-info"
    described = _description({label: variants[label]})
    files = {
        f"{package}/__init__.py": f"VARIANT = {label!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {number}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/variant.json": json.dumps(described),
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    path = folder / f"{package}-{number}-py3-none-any-{label}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """Give an index that has torch and torchvision as variant wheels."""
    folder = tmp_path / "index"
    folder.mkdir()
    found = Index(folder)
    found.add("torch", TORCH)
    found.add("torchvision", VISION)
    thread = threading.Thread(target=found.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def plan(machine: Machine, index: Index, *words: str, uv: bool = True) -> dict[str, Any]:
    more = {"CUDA_GUARD_INSTALLER": "uv" if uv else "pip"}
    line = ("plan", "--json", *words, "--extra-index-url", index.url, "--python-version", "3.11")
    found: dict[str, Any] = machine.pipcuda(*line, more=more).json
    return found


@pytest.mark.parametrize(
    ("driver", "gpu", "label"),
    [("570.26", "H100", "cu128"), ("580.95.05", "H100", "cu130"), ("580.95.05", "T4", "cu130")],
)
def test_the_file_that_fits_is_named_by_its_address(
    driver: str, gpu: str, label: str, machine: Machine, index: Index
) -> None:
    words = (f"torch=={TORCH}", "torchvision", "numpy", "--driver", driver, "--gpu", gpu)
    found = plan(machine, index, *words)
    assert found["requirements"] == [
        f"torch @ {index.file('torch', TORCH, label)}",
        f"torchvision @ {index.file('torchvision', VISION, label)}",
        "numpy",
    ]
    assert found["packages"] == {"torch": TORCH, "torchvision": VISION}
    assert (found["variant"], found["source"]) == (label, "user-index")
    assert found["command"][:5] == ["uv", "pip", "install", "--preview-features", "wheel-variants"]
    described = [path for path in index.asked if path.endswith(".json")]
    assert described == [f"/torch/torch-{TORCH}-variants.json"]  # and no other, once


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--driver", "535.104.05", *H100), "cuda-newer-than-driver", "needs CUDA 12.8"),
        (("--driver", "570.26", "--gpu", "V100"), "no-variant-fits", "V100"),
    ],
)
def test_what_does_not_run_is_refused_by_driver_and_gpu(
    words: tuple[str, ...], code: str, why: str, machine: Machine, index: Index
) -> None:
    """A driver of the same major version is not enough: the file says what it must have."""
    found = plan(machine, index, f"torch=={TORCH}", *words)
    assert found["status"] == "refused"
    assert code in [note["code"] for note in found["notes"]]
    assert why in json.dumps(found["notes"])


def test_a_build_of_a_usual_index_goes_first(machine: Machine, index: Index) -> None:
    found = plan(machine, index, "torch", "--driver", "570.26", *H100)
    assert "+cu" in found["packages"]["torch"]
    assert "@" not in found["requirements"][0]


def test_for_pip_it_is_refused_with_what_takes_it(machine: Machine, index: Index) -> None:
    words = (f"torch=={TORCH}", "--driver", "570.26", *H100)
    found = plan(machine, index, *words, uv=False)
    assert found["status"] == "refused"
    (note,) = [one for one in found["notes"] if one["code"] == "variant-wheel"]
    assert index.file("torch", TORCH, "cu128") in note["message"]
    assert note["hint"] == f"uv does: pipcuda install --installer uv torch=={TORCH}"


def test_an_index_without_variants_is_asked_nothing_more(machine: Machine, index: Index) -> None:
    for path in (index.folder / "torch").glob("*.whl"):
        path.unlink()
    index.add("torch", TORCH, {})
    found = plan(machine, index, "torch", "--driver", "570.26", *H100)
    assert "+cu" in found["packages"]["torch"]
    assert not [path for path in index.asked if path.endswith(".json")]


@pytest.mark.parametrize("content", ["", "[]", '{"variants": {"cu128": 7}}', "<html>"])
def test_a_description_that_is_none_leaves_what_there_was(
    content: str, machine: Machine, index: Index
) -> None:
    (index.folder / "torch" / f"torch-{TORCH}-variants.json").write_text(content)
    found = plan(machine, index, "torch", "--driver", "570.26", *H100)
    assert "+cu" in found["packages"]["torch"]


def test_uv_installs_it_on_a_machine_without_a_gpu(
    machine: Machine, index: Index, uv: Path, tmp_path: Path
) -> None:
    more = with_uv(machine, uv, tmp_path / "cache")
    words = (f"torch=={TORCH}", "torchvision", "--driver", "570.26", *H100)
    place = tmp_path / "there"
    line = ("install", *words, "--extra-index-url", index.url, "--target", place)
    done = machine.pipcuda(*line, more=more)
    assert done.returncode == 0, done.stderr
    assert installed(place) == {"torch": TORCH, "torchvision": VISION}
    assert "cu128" in (place / "torch" / "__init__.py").read_text()


def test_uv_chooses_the_same_by_what_env_says(
    machine: Machine, index: Index, uv: Path, tmp_path: Path
) -> None:
    words = ("env", "--json", "torch==2.2.2", "--cuda", "12.8", *H100)
    said = machine.pipcuda(*words).json
    names = [name for name in said if name.startswith("NV_")]
    env = {**machine.environment, **{name: said[name] for name in names}}
    options = ("--preview-features", "wheel-variants", "--no-deps", "--no-config")
    command = [str(uv), "pip", "install", *options, "--default-index", index.url]
    env["UV_CACHE_DIR"] = str(tmp_path / "cache")
    done = run([*command, "--target", str(tmp_path / "there"), "torch"], env=env)
    assert done.returncode == 0, done.stderr
    assert "cu128" in (tmp_path / "there" / "torch" / "__init__.py").read_text()


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_no_pip_takes_one_by_its_address(
    version: str, make_machine: Callable[[str], Machine], index: Index, tmp_path: Path
) -> None:
    machine = make_machine(version)
    words = ("install", "--no-deps", "--no-index", "--target", tmp_path / "there")
    address = index.file("torch", TORCH, "cu128")
    done = run_pip(machine.python, *words, f"torch @ {address}", env=machine.environment)
    assert done.returncode != 0
    assert not (tmp_path / "there" / "torch").exists()


@pytest.mark.parametrize("place", ["file:///srv/wheels", "http://127.0.0.1:9/elsewhere"])
def test_a_page_cannot_have_a_file_of_elsewhere_named(
    place: str, machine: Machine, index: Index
) -> None:
    name = f"torch-{TORCH}-py3-none-any-cu128.whl"
    page = index.folder / "torch" / "index.html"
    page.write_text(page.read_text().replace(f'href="{name}"', f'href="{place}/{name}"'))
    found = plan(machine, index, f"torch=={TORCH}", "--driver", "570.26", *H100)
    assert found["status"] == "refused"
    assert "elsewhere" not in json.dumps(found["notes"])
    assert "file:" not in json.dumps(found["notes"])
