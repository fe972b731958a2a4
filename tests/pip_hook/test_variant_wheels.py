"""An index of variant wheels (PEP 825): what it has is read, and the file that fits is named.

No pip takes a file whose name has a variant's label, by the index or by its address: it is fetched
for it, and given to it without the label. uv takes it, with its preview of variant wheels.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pips import PIP_VERSIONS, run_pip
from tests.support.tools import run

from .running import Machine, add_packages, installed
from .test_uv import with_uv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.tools import Result

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
    """A folder of variant wheels, served over HTTP; `asked` are the paths of the requests.

    What ends in `short` is broken off.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.short = folder, list[str](), ""
        asked = self.asked

        index = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                asked.append(self.path)

            def copyfile(self, source: Any, outputfile: Any) -> None:
                if index.short and self.path.endswith(index.short):
                    outputfile.write(source.read(20))
                    self.close_connection = True
                else:
                    super().copyfile(source, outputfile)

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


def test_for_pip_the_command_is_ours_as_pip_takes_no_such_file(
    machine: Machine, index: Index
) -> None:
    words = (f"torch=={TORCH}", "--driver", "570.26", *H100)
    found = plan(machine, index, *words, uv=False)
    assert found["status"] == "ok"
    assert found["requirements"] == [f"torch @ {index.file('torch', TORCH, 'cu128')}"]
    assert found["command"][:3] == ["pipcuda", "install", f"torch=={TORCH}"]
    (note,) = [one for one in found["notes"] if one["code"] == "variant-wheel"]
    assert "pipcuda fetches it" in note["message"]


def test_a_file_is_not_rewritten_to_what_pip_does_not_take(machine: Machine, index: Index) -> None:
    """What is written there is for pip itself."""
    path = machine.home / "requirements.txt"
    path.write_text(f"torch=={TORCH}\n")
    words = ("rewrite", path, "--extra-index-url", index.url, "--driver", "570.26", *H100)
    done = machine.pipcuda(*words)
    assert (done.returncode, done.stdout) == (3, "")
    assert "[variant-wheel]" in done.stderr
    assert f"pipcuda does: pipcuda install torch=={TORCH}" in done.stderr


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


@pytest.mark.parametrize(
    ("number", "status"), [("0.2.0", "ok"), ("1.1.0", "ok"), ("2.0.0", "refused")]
)
def test_a_later_form_of_the_description_is_not_guessed_at(
    number: str, status: str, machine: Machine, index: Index
) -> None:
    path = index.folder / "torch" / f"torch-{TORCH}-variants.json"
    path.write_text(path.read_text().replace("v0.1.1", f"v{number}"))
    found = plan(machine, index, f"torch=={TORCH}", "--driver", "570.26", *H100)
    assert found["status"] == status


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


class Place:
    """A machine on which pip installs from the index into a folder."""

    def __init__(self, machine: Machine, index: Index, folder: Path) -> None:
        self.machine, self.index, self.folder = machine, index, folder
        self.room = folder.parent / "temporary"
        self.room.mkdir()
        add_packages(machine, {"askstorch": {"1.0": (f"torch=={TORCH}", "sixlike")}})
        add_packages(machine, {"sixlike": {"1.0": ()}})

    def run(self, command: str, *words: str | Path, more: dict[str, str] | None = None) -> Result:
        options = ("--extra-index-url", self.index.url, "--driver", "570.26", *H100)
        env = {"TMPDIR": str(self.room), **(more or {})}
        return self.machine.pipcuda(command, *words, *options, more=env)

    def install(self, *words: str | Path) -> Result:
        return self.run("install", *words, "--target", self.folder)

    @property
    def variant(self) -> str:
        return (self.folder / "torch" / "__init__.py").read_text()

    @property
    def leaves_nothing(self) -> bool:
        return not [path for path in self.room.rglob("*") if path.suffix == ".whl"]


@pytest.fixture
def place(machine: Machine, index: Index, tmp_path: Path) -> Place:
    """Give a place to install into by the newest pip."""
    return Place(machine, index, tmp_path / "there")


@pytest.mark.parametrize("version", PIP_VERSIONS)
def test_pip_installs_it_with_what_depends_on_it(
    version: str, make_machine: Callable[[str], Machine], index: Index, tmp_path: Path
) -> None:
    place = Place(make_machine(version), index, tmp_path / "there")
    done = place.install(f"torch=={TORCH}", "torchvision", "askstorch")
    assert done.returncode == 0, done.stderr
    assert installed(place.folder) == {
        "torch": TORCH, "torchvision": VISION, "askstorch": "1.0", "sixlike": "1.0"
    }  # fmt: skip
    assert "cu128" in place.variant
    assert f"pipcuda: fetching torch-{TORCH}-py3-none-any-cu128.whl (0.0 MB)" in done.stderr
    assert place.leaves_nothing


def test_the_planned_command_does_it(place: Place) -> None:
    words = (f"torch=={TORCH}", "--extra-index-url", place.index.url, "--driver", "570.26", *H100)
    command = place.machine.pipcuda("plan", "--json", *words).json["command"]
    done = place.machine.pipcuda(*command[1:], "--target", place.folder)
    assert done.returncode == 0, done.stderr
    assert "cu128" in place.variant


def test_it_may_be_asked_for_by_a_file(place: Place) -> None:
    file = place.machine.home / "requirements.txt"
    file.write_text(f"torch=={TORCH}  # the new one\nsixlike\n")
    done = place.install("-r", file)
    assert done.returncode == 0, done.stderr
    assert installed(place.folder) == {"torch": TORCH, "sixlike": "1.0"}
    assert "cu128" in place.variant


@pytest.mark.parametrize("command", ["download", "wheel"])
def test_a_file_that_is_kept_has_a_name_that_pip_takes(command: str, place: Place) -> None:
    folder = "--dest" if command == "download" else "--wheel-dir"
    done = place.run(command, f"torch=={TORCH}", folder, place.folder)
    assert done.returncode == 0, done.stderr
    name = f"torch-{TORCH}-py3-none-any.whl"
    assert [path.name for path in place.folder.iterdir()] == [name]
    again = ("install", "--no-index", "--target", place.folder, place.folder / name)
    assert place.machine.pip(*again).returncode == 0
    assert "cu128" in place.variant


def test_a_dry_run_installs_nothing(place: Place) -> None:
    done = place.install(f"torch=={TORCH}", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"Would install torch-{TORCH}" in done.stdout
    assert not place.folder.exists()


def test_files_of_a_folder_are_given_to_pip_as_well(place: Place) -> None:
    words = ("--no-index", "--find-links", place.index.folder / "torch")
    done = place.install(f"torch=={TORCH}", *words)
    assert done.returncode == 0, done.stderr
    assert "cu128" in place.variant


def test_quiet_is_quiet(place: Place) -> None:
    done = place.install("--quiet", f"torch=={TORCH}")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_hash_that_the_index_gives_is_held(place: Place) -> None:
    wheel = place.index.folder / "torch" / f"torch-{TORCH}-py3-none-any-cu128.whl"
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    page = place.index.folder / "torch" / "index.html"
    text = page.read_text()
    link = f'href="{wheel.name}'
    page.write_text(text.replace(link, f"{link}#sha256={right}"))
    words = ("--extra-index-url", place.index.url, "--driver", "570.26", *H100)
    found = place.machine.pipcuda("plan", "--json", "--locked", f"torch=={TORCH}", *words).json
    assert found["requirements"] == [
        f"torch @ {place.index.file('torch', TORCH, 'cu128')}#sha256={right}"
    ]
    assert place.install(f"torch=={TORCH}").returncode == 0

    page.write_text(text.replace(link, f"{link}#sha256={'0' * 64}"))
    later = page.stat().st_mtime + 10  # a server tells the time of a file in whole seconds
    os.utime(page, (later, later))
    shutil.rmtree(place.folder)
    done = place.install(f"torch=={TORCH}")
    assert _is_refused(done, place)
    assert f"its sha256 is {right}" in done.stderr


def _is_refused(done: Result, place: Place) -> bool:
    """Return whether one message came of it, and nothing else."""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1
    assert "nothing was installed" in done.stderr
    return done.returncode == 3 and not place.folder.exists() and place.leaves_nothing


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is listed and not there: HTTP 404"),
        (b"<html>", "is no variant wheel"),
        ("cu130", "says that it is another variant than its index says"),
    ],
)
def test_what_is_not_as_the_index_says_is_not_installed(
    content: str | bytes | None, why: str, place: Place
) -> None:
    folder = place.index.folder / "torch"
    wheel = folder / f"torch-{TORCH}-py3-none-any-cu128.whl"
    wheel.unlink()
    if isinstance(content, bytes):
        wheel.write_bytes(content)
    elif content:
        (folder / f"torch-{TORCH}-py3-none-any-{content}.whl").rename(wheel)
    done = place.install(f"torch=={TORCH}")
    assert _is_refused(done, place)
    assert why in done.stderr


def test_one_that_breaks_off_is_not_installed(place: Place) -> None:
    place.index.short = ".whl"
    done = place.install(f"torch=={TORCH}")
    assert _is_refused(done, place)
    assert "broke off" in done.stderr


def test_a_disk_that_is_full_is_named(place: Place) -> None:
    """A limit on the size of files is what a test can have; the system's words differ."""
    words = ("install", f"torch=={TORCH}", "--target", place.folder)
    options = ("--extra-index-url", place.index.url, "--driver", "570.26", *H100)
    command = shlex.join([str(place.machine.python), "-m", "pip_hook", *map(str, words + options)])
    env = {**place.machine.environment, "TMPDIR": str(place.room)}
    wheel = place.index.folder / "torch" / f"torch-{TORCH}-py3-none-any-cu128.whl"
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("torch/large.bin", bytes(3 * 2**20))
    done = run(["bash", "-c", f"ulimit -f 2048; {command}"], env=env)
    assert _is_refused(done, place)
    assert "TMPDIR=" in done.stderr


def test_offline_no_such_file_is_known(place: Place) -> None:
    done = place.install(f"torch=={TORCH}", "--offline")
    assert done.returncode == 3
    assert not place.folder.exists()
    assert not place.index.asked
