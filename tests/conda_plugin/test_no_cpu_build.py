"""A planned CUDA build cannot end as a CPU build: by conda's solver, and by another one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Host, Plan, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue
from tests.support.conda_package import CondaPackage
from tests.support.tools import isolated_environment, run

if TYPE_CHECKING:
    from tests.support.channels import Channels
    from tests.support.real_conda import Conda

    from .conftest import Workshop

STRAY = CondaPackage("stray", "1.0", "0", depends=("pytorch 2.1.2",), subdir="noarch")

# Runs in conda's environment, where py-rattler is.
_SOLVE = """
import asyncio, json, os, sys
import rattler
specs, channels, cuda = json.load(sys.stdin)
build = getattr(rattler, "BuildString", str)("0")  # a plain text in older versions
def virtual(name, version):
    return rattler.GenericVirtualPackage(
        rattler.PackageName(name), rattler.Version(version), build
    )
async def solve():
    records = await rattler.solve(
        [rattler.Channel(url) for url in channels],
        specs,
        platforms=["linux-64", "noarch"],
        virtual_packages=[virtual("__glibc", "2.36"), virtual("__cuda", cuda)],
    )
    return {r.name.source: [str(r.version), str(r.build)] for r in records}
try:
    print(json.dumps(asyncio.run(solve())))
except Exception as error:
    print(json.dumps({"error": str(error)}))
sys.stdout.flush()
os._exit(0)  # its threads may not have ended, and abort an orderly exit
"""


def _rattler(conda: Conda, specs: list[str], channels: list[str], cuda: str) -> dict[str, Any]:
    """Solve by the py-rattler beside conda: `{name: [version, build]}`, or an error."""
    environment = isolated_environment(conda.home)
    if run([str(conda.python), "-c", "import rattler"], env=environment).returncode:
        pytest.skip("py-rattler is not installed beside this conda")
    question = json.dumps([specs, channels, cuda])
    done = run([str(conda.python), "-c", _SOLVE], env=environment, stdin=question)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = done.json
    return answer


def _plan(requirements: list[str], cuda: str, channels: list[str]) -> Plan:
    host = Host("linux-x86_64", "3.11", None, cuda)
    sources = Sources(channels=tuple(channels))
    request = Request("conda", tuple(requirements), (host,), sources=sources)
    return make_plan(request, from_catalogue("conda", "linux-x86_64"))


@pytest.mark.parametrize(
    ("requirements", "cuda", "channels_of"),
    [
        (["pytorch==2.1.1"], "12.1", ["defaults"]),
        (["pytorch==2.1.1"], "11.8", ["defaults"]),
        (["pytorch==2.1.2", "torchvision", "torchaudio"], "12.2", ["defaults"]),
        (["pytorch==2.5.1", "torchvision"], "12.4", ["defaults"]),
        (["pytorch==2.5.1"], "12.6", ["conda-forge"]),
        (["pytorch==2.13.0"], "12.9", ["defaults"]),
        (["pytorch"], "13.0", ["conda-forge"]),
        (["pytorch-gpu"], "12.9", ["conda-forge"]),
        (["torchvision", "pytorch==2.13.0"], "12.9", ["conda-forge"]),
    ],
)
def test_another_solver_agrees(
    conda: Conda, channels: Channels, requirements: list[str], cuda: str, channels_of: list[str]
) -> None:
    plan = _plan(requirements, cuda, channels_of)
    assert plan.status == "ok"
    names = list(dict.fromkeys([*plan.channels, *channels_of]))
    urls = [channels.url(name.replace("defaults", "main")) for name in names]
    found = _rattler(conda, [*plan.requirements, "python=3.11"], urls, cuda)
    assert "error" not in found, found
    version, build = found["pytorch"]
    assert version == plan.packages["pytorch"]
    assert (plan.cuda or "").replace(".", "") in build.replace(".", "")
    assert "cpu" not in build


def test_the_spec_itself_forbids_the_cpu_build(conda: Conda, channels: Channels) -> None:
    plan = _plan(["pytorch==2.1.1"], "12.1", ["defaults"])
    # Without channel nvidia only the CPU build can be installed.
    urls = [channels.url("pytorch"), channels.url("main")]
    plain = _rattler(conda, ["pytorch==2.1.1", "python=3.11"], urls, "12.1")
    assert plain["pytorch"][1] == "py3.11_cpu_0"
    ours = _rattler(conda, [*plan.requirements, "python=3.11"], urls, "12.1")
    assert "error" in ours


def test_conda_fails_rather_than_take_the_cpu_build(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    shop.configured = ["pytorch", "defaults"]
    plain = shop.run("install", "pytorch==2.1.1", "--dry-run", "--json", plugin=False).json
    builds = {link["name"]: link["build_string"] for link in plain["actions"]["LINK"]}
    assert builds["pytorch"] == "py3.11_cpu_0"
    # A mirror whose nvidia is missing: the channel is there by name, and empty.
    empty = shop.channels.add("empty/nvidia")
    done = shop.run("cuda-install", "pytorch==2.1.1", "-c", empty, "--dry-run", "--json")
    assert done.returncode == 1
    assert "actions" not in done.json


def test_a_declared_machine_is_promised_the_same(shop: Workshop) -> None:
    url = shop.channels.add("stray", [STRAY])
    words = ("stray", "-c", url, "--cuda", "12.1", "--gpu", "A100")
    done = shop.run("cuda-install", *words, "-y")
    assert done.returncode == 3
    assert shop.record("stray") is None
    assert shop.run("cuda-install", *words[:3], "-y").returncode == 0


# Spellings that only conda understands, and files that only conda reads.
NOT_READ = ["pytorch[version='(>=2.1,<2.2)']", "pytorch[version='^2.1.*$']", "pyt*ch=2.1.1"]


@pytest.mark.parametrize("spec", NOT_READ)
def test_what_is_not_understood_is_refused(shop: Workshop, spec: str) -> None:
    shop.put_driver("535.104.05", "12.2")
    done = shop.run("cuda-install", "-c", "pytorch", spec, "-y", "-q")
    assert done.returncode == 3
    assert "[spec-not-read]" in done.stderr
    assert shop.record("pytorch") is None


def test_a_cpu_build_that_comes_in_all_the_same_is_stopped(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2")
    shop.settings = {"plugins": {"cuda_guard": "off"}}
    # conda alone knows what depends on pytorch.
    empty = shop.channels.add("stray", [STRAY])
    done = shop.run("cuda-install", "stray", "-c", empty, "-y", "-q")
    assert done.returncode == 3
    assert "is a CPU build" in done.stderr
    assert shop.record("stray") is None


@pytest.mark.parametrize("form", ["url", "comment", "pipe"])
def test_files_of_specs_in_every_form(shop: Workshop, tmp_path: Path, form: str) -> None:
    shop.put_driver("535.104.05", "12.2")
    file = tmp_path / "specs.txt"
    file.write_text(
        "# not @EXPLICIT\npytorch==2.1.1\n" if form == "comment" else "pytorch==2.1.1\n"
    )
    name = file.as_uri() if form == "url" else str(file)
    if form == "pipe":
        name = str(tmp_path / "pipe")
        os.mkfifo(name)
        Thread(target=lambda: Path(name).write_text(file.read_text()), daemon=True).start()
    done = shop.run("cuda-install", "--file", name, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    builds = {link["name"]: link["build_string"] for link in done.json["actions"]["LINK"]}
    assert "cuda12.1" in builds["pytorch"]
