"""What conda's solver chose, and what is typed for conda: the notes on either, without a conda."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conda_cuda_guard.model import Request, Sources
from conda_cuda_guard.model.conda import Package
from conda_cuda_guard.planner.check_other_packages import cpu_builds, swapped, too_new, twins
from conda_cuda_guard.planner.check_solution import check_solution, cpu_asker
from conda_cuda_guard.planner.check_specs import check_specs, cuda_requirements, named_plainly
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.rendering.messages import message
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, GTX_1080, LINUX, NO_DRIVER, RTX_5090, machine

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Note
    from conda_cuda_guard.planner.problem import Problem

KNOWN = from_catalogue("conda", LINUX)
OLD = machine("470.82.01", None, "8.0")
FAILING = replace(NO_DRIVER, driver_failure="NVML: error 9")
UNKNOWN = machine("unknown", None, "8.0")
FORGE_URL = "https://conda.anaconda.org/conda-forge"


def problem(specs: str = "", *hosts: Host, **sources: Any) -> Problem:
    asked = tuple(specs.split("|") if "|" in specs else specs.split())
    request = Request("conda", asked, hosts or (A100,), sources=Sources(**sources))
    return read_problem(request, KNOWN)


def package(text: str, *depends: str, channel: str = "conda-forge") -> Package:
    name, version, build = text.split()
    return Package(name, version, build, channel, depends)


def told(notes: tuple[Note, ...]) -> list[tuple[str, str]]:
    assert all("{" not in message(one) for one in notes)  # every fact that the words need
    return [(one.code, one.case) for one in notes]


CUDA_121 = package("pytorch 2.1.1 py3.11_cuda12.1_cudnn8.9.2_0", channel="pytorch")
FORGE_126 = package("pytorch 2.6.0 cuda126_py311h1_200", channel=FORGE_URL)
NEWER = package("pytorch 2.99.0 cuda130_py311h1_200")
CPU = package("pytorch 2.1.1 py3.11_cpu_0", channel="pytorch")
FORGE_CPU = package("pytorch 2.6.0 cpu_generic_py311h1_0")
UNTOLD = package("pytorch 2.6.0 py311h1_0")
NUMPY = package("numpy 1.26 py311h1_0")

# linked, removed, host → the notes
SOLVED = [
    ((NUMPY,), (), A100, []),
    ((CUDA_121,), (), NO_DRIVER, []),
    ((CUDA_121,), (), A100, []),
    ((UNTOLD,), (), A100, []),
    ((NEWER,), (), A100, [("cuda-newer-than-driver", "solved")]),
    ((FORGE_126,), (), OLD, [("cuda-newer-than-driver", "solved")]),
    ((CUDA_121,), (), RTX_5090, [("gpu-not-covered", "solved")]),
    ((FORGE_CPU,), (), A100, [("cpu-build-chosen", "solved")]),
    ((CPU,), (CUDA_121,), A100, [("cpu-build-chosen", "swapped")]),
    ((CPU,), (FORGE_CPU,), A100, [("cpu-build-chosen", "solved")]),
]


@pytest.mark.parametrize(("linked", "removed", "host", "notes"), SOLVED)
def test_the_lead_that_was_solved(
    linked: tuple[Package, ...],
    removed: tuple[Package, ...],
    host: Host,
    notes: list[tuple[str, str]],
) -> None:
    found = check_solution(linked, removed, problem("", host), KNOWN)
    assert told(found) == notes
    wanted = check_solution(linked, removed, problem("", host), KNOWN, cpu_wanted=True)
    assert told(wanted) == [one for one in notes if one[0] != "cpu-build-chosen"]


@pytest.mark.parametrize(
    ("channels", "priority", "hidden"),
    [
        (("defaults", "conda-forge"), "strict", True),
        (("defaults", "conda-forge"), "disabled", False),
        (("defaults",), "strict", False),
    ],
)
def test_a_channel_that_hides_cuda_builds_is_named(
    channels: tuple[str, ...], priority: str, *, hidden: bool
) -> None:
    of_defaults = package("pytorch 2.3.0 cpu_py311h1_0", channel="pkgs/main")
    asked = problem("", channels=channels, priority=priority)
    found = check_solution((of_defaults,), (), asked, KNOWN)
    assert [one.code for one in found][1:] == (["channel-priority-hides-cuda"] if hidden else [])


@pytest.mark.parametrize(
    ("other", "asker"),
    [
        (package("torchmetrics 1.0 py_0", "python", "cpuonly"), "torchmetrics 1.0 (cpuonly)"),
        (package("thing 1.0 0", "pytorch 2.1.1 cpu*"), "thing 1.0 (pytorch 2.1.1 cpu*)"),
        (package("thing 1.0 0", "pytorch-cpu"), "thing 1.0 (pytorch-cpu)"),
        (package("cpuonly 2.0 0", "pytorch-mutex 1.0 cpu"), ""),
        (package("thing 1.0 0", "numpy"), ""),
        (package("xformers 0.0.34 cpu_py310h1_0", "pytorch * cpu*"), ""),  # planned with the lead
    ],
)
def test_who_asks_for_the_cpu_build(other: Package, asker: str) -> None:
    assert cpu_asker((CPU, other), problem(), KNOWN) == asker


# --- packages beside the lead --------------------------------------------------------------------

JAXLIB = package("jaxlib 0.4.31 cuda126py311h1_200")
JAXLIB_CPU = package("jaxlib 0.4.31 cpu_py311h1_0")
CUDA_VERSION = package("cuda-version 12.6 h1_3")
CUDNN = package("cudnn 9.1 h1_0", "libgcc", "cuda-version >=12,<13")


@pytest.mark.parametrize(
    ("linked", "host", "specs", "named", "instead"),
    [
        ((JAXLIB,), OLD, "jaxlib", "jaxlib 0.4.31 (cuda126py311h1_200)", ""),
        ((CUDA_VERSION, JAXLIB), OLD, "numpy", "jaxlib", "numpy 'cuda-version<=11.4'"),
        ((CUDA_VERSION,), OLD, "numpy", "cuda-version", "numpy 'cuda-version<=11.4'"),
        ((CUDNN, JAXLIB), OLD, "cudnn", "cudnn", "cudnn 'cuda-version<=11.4'"),
        ((CUDA_121,), OLD, "pytorch", "", ""),
        ((JAXLIB, NUMPY), A100, "jaxlib", "", ""),
        ((JAXLIB,), NO_DRIVER, "jaxlib", "", ""),
        ((JAXLIB,), machine("418.39", None, "7.0"), "numpy", "jaxlib", "numpy cuda-version<=10.1"),
    ],
)
def test_a_cuda_that_no_driver_here_runs(
    linked: tuple[Package, ...], host: Host, specs: str, named: str, instead: str
) -> None:
    found = too_new(linked, problem(specs, host), KNOWN)
    assert told(found) == ([("cuda-newer-than-driver", "solved")] if named else [])
    for one in found:
        assert one.facts["build"].startswith(named)
        assert one.facts["specs"].replace("'", "") == instead.replace("'", "")


@pytest.mark.parametrize(
    ("linked", "specs", "found"),
    [
        ((JAXLIB_CPU, NUMPY), "jaxlib", ["jaxlib"]),
        ((JAXLIB_CPU,), "jax", ["jaxlib"]),
        ((JAXLIB_CPU,), "jaxlib=*=cpu*", []),
        ((JAXLIB,), "jaxlib", []),
        ((CPU,), "pytorch", []),
        ((package("b 1 cpu_0"), package("a 1 cpu_0")), "numpy", ["a"]),
        ((package("b 1 cpu_0"), package("a 1 cpu_0", "c >1"), package("c 1 0", "b")), "a-cpu", []),
    ],
)
def test_cpu_builds_that_nobody_asked_for(
    linked: tuple[Package, ...], specs: str, found: list[str]
) -> None:
    if specs == "a-cpu":
        linked = (*linked, package("a-cpu 1 0", "a"))
    assert [one.name for one in cpu_builds(linked, problem(specs), KNOWN)] == found


@pytest.mark.parametrize(
    ("removed", "notes"),
    [
        ((JAXLIB,), [("cpu-build-chosen", "swapped")]),
        ((package("jaxlib 0.4.30 cpu_py311h1_1"),), []),
        ((package("thing 1.0 cuda118_0"),), [("cpu-build-chosen", "swapped")]),
        ((package("thing 1.0 h1_0"),), []),
        ((), []),
    ],
)
def test_a_cuda_build_that_became_one_for_the_cpu(
    removed: tuple[Package, ...], notes: list[tuple[str, str]]
) -> None:
    linked = (JAXLIB_CPU, package("thing 1.0 cpu_0"))
    assert told(swapped(linked, removed, problem("numpy"), KNOWN)) == notes


BUILDS = {"jaxlib": [("0.4.31", "cuda126py311h1_200"), ("0.4.31", "cuda118py311h1_200")]}
THING = package("thing 1.0 cpu_0")
OF_THING = {"thing": [("1.0", "cuda126_0"), ("1.0", "cpu_0"), ("0.9", "cuda118_0")]}


@pytest.mark.parametrize(
    ("suspect", "offered", "host", "specs", "case", "instead"),
    [
        (JAXLIB_CPU, BUILDS, A100, "jaxlib", "twin", ""),
        (THING, OF_THING, A100, "thing", "twin", "thing==1.0[build=*cuda126*]"),
        (THING, OF_THING, A100, "numpy", "twin", "numpy thing==1.0[build=*cuda126*]"),
        (THING, OF_THING, OLD, "thing", "driver", "thing[build=*cuda*] cuda-version<=11.4"),
        (JAXLIB_CPU, BUILDS, machine("418.39", None, "7.0"), "jaxlib", "driver", ""),
        (JAXLIB_CPU, {}, A100, "jaxlib", "", ""),
        (THING, {"thing": [("1.0", "cpu_1")]}, A100, "thing", "", ""),
        (JAXLIB_CPU, {"jaxlib": [("0.4.31", "cpu_py310_0")]}, A100, "jaxlib", "", ""),
    ],
)
def test_a_cpu_build_that_has_cuda_twins(  # noqa: PLR0913
    suspect: Package,
    offered: dict[str, list[tuple[str, str]]],
    host: Host,
    specs: str,
    *,
    case: str,
    instead: str,
) -> None:
    found = twins((suspect,), offered, problem(specs, host), KNOWN)
    assert told(found) == ([("cpu-build-chosen", case)] if case else [])
    for one in found:
        assert one.facts["specs"].replace("'", "") == instead


def test_without_a_cuda_of_the_driver_no_specs_are_made_up() -> None:
    (note,) = twins((THING,), OF_THING, problem("thing", UNKNOWN), KNOWN)
    assert (note.case, note.facts["specs"]) == ("driver", "")


# --- what is typed --------------------------------------------------------------------------------

OFFICIAL = ("pytorch", "nvidia")
TYPED = [
    ("torch", A100, (), [("name-is-pytorch-on-conda", "typed")]),
    ("pytorch==2.1.2+cu121", A100, (), [("name-is-pytorch-on-conda", "label")]),
    ("pytorch=2.1.1|torchvision=0.14", A100, OFFICIAL, [("companion-mismatch", "")]),
    ("pytorch=2.7", A100, OFFICIAL, [("channel-ended", "typed")]),
    ("pytorch=2.7|torchvision=0.1", A100, OFFICIAL, [("companion-mismatch", "")]),
    ("pytorch=2.7", A100, (*OFFICIAL, "conda-forge"), []),
    ("pytorch=2.1", A100, OFFICIAL, []),
    ("pytorch=2.1.1|pytorch-cuda=12.1", A100, OFFICIAL, []),
    (
        "pytorch=2.1.1|pytorch-cuda=12.1",
        OLD,
        OFFICIAL,
        [("cuda-newer-than-driver", "typed")],
    ),
    ("pytorch=2.1.1=*cuda12.1*", RTX_5090, OFFICIAL, [("gpu-not-covered", "typed")]),
    ("pytorch=*=*cuda12*", GTX_1080, ("conda-forge",), [("driver-minor-compatible", "typed")]),
    ("pytorch|pytorch-cuda=12.1", NO_DRIVER, OFFICIAL, []),
    ("pytorch|pytorch-cuda=12.1", FAILING, OFFICIAL, [("driver-fails", "")]),
    ("pytorch|cpuonly", FAILING, OFFICIAL, []),
    ("torch|pytorch-cuda=12.1", OLD, OFFICIAL, [("name-is-pytorch-on-conda", "typed")]),
    ("cuda-version=12.6", OLD, (), [("cuda-newer-than-driver", "typed")]),
]


@pytest.mark.parametrize(("specs", "host", "channels", "notes"), TYPED)
def test_what_was_typed(
    specs: str, host: Host, channels: tuple[str, ...], notes: list[tuple[str, str]]
) -> None:
    request = Request("conda", tuple(specs.split("|")), (host,), sources=Sources(channels=channels))
    assert told(check_specs(request, KNOWN)) == notes


@pytest.mark.parametrize(
    ("specs", "about"),
    [
        ("pytorch numpy jaxlib cuda-version=12", "pytorch cuda-version=12 jaxlib"),
        ("cudnn=9.1=cuda12* numpy", "cudnn=9.1=cuda12*"),
        ("numpy", ""),
    ],
)
def test_the_specs_that_are_about_cuda(specs: str, about: str) -> None:
    found = cuda_requirements(problem(specs), KNOWN)
    assert [one.text for one in found] == about.split()


@pytest.mark.parametrize(
    ("specs", "versions", "plain"),
    [
        ("pytorch=2.1=*cuda*|pytorch-cuda=12.1|numpy", True, ["pytorch[version='==2.1']", "numpy"]),
        ("torch|numpy<2", True, ["pytorch", "numpy<2"]),
        ("conda-forge::pytorch==2.4+cu121", True, ["conda-forge::pytorch[version='==2.4']"]),
        ("conda-forge::pytorch=2.4", False, ["pytorch"]),
    ],
)
def test_specs_without_their_variant(specs: str, plain: list[str], *, versions: bool) -> None:
    found = named_plainly(problem(specs), versions=versions)
    assert list(found) == plain
