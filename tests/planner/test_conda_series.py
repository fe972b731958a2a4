"""What is built against torch on conda, by the catalogue alone: the torch that it comes with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conda_cuda_guard.catalogue import families_on_conda
from conda_cuda_guard.model import Host, Request, Sources
from conda_cuda_guard.model.conda import ChannelAnswer
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.rendering import plan_text
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, AARCH64, FORGE, LINUX, OFFICIAL, ask, codes, machine, words

OLD = machine("470.82.01", None, "8.0")
NEW = machine("580.65.06", None, "8.0")
ARM = machine("580.65.06", None, "9.0", platform=AARCH64)


@pytest.mark.parametrize(
    ("specs", "host", "right"),
    [
        (
            ("xformers",),
            NEW,
            ("xformers[build=*cuda*]", "pytorch==2.10.0[build=cuda130*]", "cuda-version=13.0"),
        ),
        (
            ("xformers",),
            A100,
            ("xformers[build=*cuda*]", "pytorch==2.10.0[build=cuda129*]", "cuda-version=12.9"),
        ),
        (
            ("xformers",),
            OLD,
            ("xformers[build=*cuda*]", "pytorch==2.5.1[build=cuda118*]", "cuda-version=11.8"),
        ),
        (
            ("pytorch=2.7", "xformers"),
            NEW,
            ("pytorch==2.7.1[build=cuda129*]", "xformers[build=*cuda*]", "cuda-version=12.9"),
        ),
        (
            ("flash-attn",),
            NEW,
            ("flash-attn", "pytorch==2.12.1[build=cuda130*]", "cuda-version=13.0"),
        ),
        (
            ("flash-attn",),
            ARM,
            ("flash-attn", "pytorch==2.12.1[build=cuda130*]", "cuda-version=13.0"),
        ),
        (
            ("torch-cluster=1.6",),
            NEW,
            (
                "pytorch_cluster[version='=1.6']",
                "pytorch==2.11.0[build=cuda130*]",
                "cuda-version=13.0",
            ),
        ),
        (
            ("apex",),
            NEW,
            ("nvidia-apex", "pytorch==2.10.0[build=cuda129*]", "cuda-version=12.9"),
        ),
        (
            ("triton=3.4", "pytorch"),
            NEW,
            ("triton=3.4", "pytorch==2.8.0[build=cuda129*]", "cuda-version=12.9"),
        ),
        (("triton",), NEW, ("triton", "cuda-version<=13.0")),
        (
            ("bitsandbytes",),
            NEW,
            ("bitsandbytes[build=*cuda*]", "pytorch==2.13.0[build=cuda129*]", "cuda-version=12.9"),
        ),
        (
            ("xformers", "flash-attn", "torchvision"),
            NEW,
            (
                "xformers[build=*cuda*]",
                "flash-attn",
                "torchvision=0.25.0",
                "pytorch==2.10.0[build=cuda130*]",
                "cuda-version=13.0",
            ),
        ),
        (
            ("xformers", "cuda-version=12.9"),
            NEW,
            ("xformers[build=*cuda*]", "cuda-version=12.9", "pytorch==2.10.0[build=cuda129*]"),
        ),
        (("llama-cpp-python",), A100, (
            "llama-cpp-python", "llama.cpp[build=*cuda*]", "cuda-version<13",
        )),
    ],
)  # fmt: skip
def test_torch_is_the_newest_that_all_have_builds_for(
    specs: tuple[str, ...], host: Host, right: tuple[str, ...]
) -> None:
    plan = ask("conda", specs, host, channels=FORGE)
    assert (plan.status, plan.requirements) == ("ok", right)


@pytest.mark.parametrize(
    ("specs", "channels", "right", "added"),
    [
        (
            ("pytorch-scatter",),
            ("pyg", *OFFICIAL),
            (
                "pytorch-scatter[build=*_cu*]",
                "pytorch==2.5.1[build=*cuda12.4*]",
                "pytorch-cuda=12.4",
            ),
            (),
        ),
        (
            ("pyg", "pytorch=2.3"),
            ("pyg", *OFFICIAL),
            None,
            (),
        ),
        (
            ("pytorch-sparse", "pytorch=2.3"),
            ("defaults",),
            (
                "pytorch-sparse[build=*_cu*]",
                "pytorch==2.3.1[build=*cuda12.1*]",
                "pytorch-cuda=12.1",
            ),
            ("pytorch", "nvidia", "pyg"),
        ),
    ],
)
def test_the_pyg_channel_goes_with_the_torch_of_channel_pytorch(
    specs: tuple[str, ...],
    channels: tuple[str, ...],
    right: tuple[str, ...] | None,
    added: tuple[str, ...],
) -> None:
    plan = ask("conda", specs, NEW, channels=channels)
    assert plan.requirements == (right or ())
    assert plan.channels == added


def test_the_plan_tells_both_families() -> None:
    plan = ask("conda", ("xformers",), NEW, channels=FORGE)
    assert plan.packages == {"pytorch": "2.10.0", "xformers": "0.0.34"}
    assert [one.family for one in plan.families] == ["torch", "xformers"]


def test_for_the_cpu_they_are_held_alike() -> None:
    plan = ask("conda", ("xformers",), NEW, channels=FORGE, cpu=True)
    assert plan.requirements == ("xformers[build=cpu_*]", "pytorch==2.10.0[build=cpu*]")
    wish = ask("conda", ("xformers=*=cpu_*",), NEW, channels=FORGE)
    assert (wish.status, wish.requirements) == ("unchanged", ("xformers=*=cpu_*",))


def test_macos_has_nothing_to_choose() -> None:
    plan = ask("conda", ("xformers",), machine(platform="macos-arm64"), channels=FORGE)
    assert (plan.status, plan.notes) == ("unchanged", ())


def test_without_a_driver_it_is_refused() -> None:
    assert codes(ask("conda", ("xformers",), machine(), channels=FORGE)) == {"no-driver"}


def test_what_conda_forge_builds_goes_with_its_own_torch_alone() -> None:
    plan = ask("conda", ("flash-attn",), A100, channels=(*OFFICIAL, *FORGE))
    assert plan.requirements[1] == "pytorch==2.12.1[build=cuda129*]"
    assert plan.channels == ()
    strict = ask("conda", ("flash-attn",), A100, channels=(*OFFICIAL, *FORGE), priority="strict")
    assert strict.channels == FORGE
    assert ask("conda", ("flash-attn",), A100, channels=("defaults",)).channels == FORGE


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (
            "xformers|pytorch=2.13",
            "No build of xformers is for pytorch=2.13. xformers pytorch=2.10",
        ),
        ("pyg-lib|xformers=0.0.34", "none for the same"),
        ("pytorch-scatter|pytorch_cluster", "none for the same"),
        ("xformers=9", "No CUDA build of xformers=9 is known"),
    ],
)
def test_what_has_no_torch_in_common_is_refused(specs: str, said: str) -> None:
    plan = ask("conda", tuple(specs.split("|")), NEW, channels=FORGE)
    assert plan.status == "refused"
    assert said in words(plan)


def test_a_driver_that_is_too_old_for_all_is_named() -> None:
    plan = ask("conda", ("vllm",), machine("470.82.01", None, "8.0"), channels=FORGE)
    assert (plan.status, codes(plan)) == ("refused", {"no-variant-fits"})
    assert "525.60.13" in words(plan)


def _with(*answers: ChannelAnswer) -> list[str]:
    known = replace(from_catalogue("conda", LINUX), listed=answers)
    request = Request("conda", ("xformers",), (NEW,), sources=Sources(channels=FORGE))
    return list(make_plan(request, known).requirements)


NAME = ("xformers", "0.0.99", "cuda_130py310h1_0")


@pytest.mark.parametrize(
    ("needs", "torch"),
    [
        (("pytorch >=2.13.0,<2.14.0a0", "pytorch * cuda*"), "2.13.0"),
        (("pytorch 2.11.*", "pytorch * [build=cuda*]"), "2.11.0"),
        (("pytorch ==2.12.0",), "2.12.0"),
    ],
)
def test_a_record_in_a_channel_goes_before_what_is_known(
    needs: tuple[str, ...], torch: str
) -> None:
    found = _with(ChannelAnswer("conda-forge", (NAME,), needs={"-".join(NAME): needs}))
    assert found[1].startswith(f"pytorch=={torch[:4]}")


def test_what_neither_its_record_nor_the_catalogue_bounds_is_the_solvers_to_judge() -> None:
    found = _with(ChannelAnswer("conda-forge", (NAME,)))
    assert found[:2] == ["xformers[build=*cuda*]", "pytorch==2.13.0[build=cuda130*]"]


@pytest.mark.parametrize("lead", ["pytorch", "pytorch=2.10"])
def test_what_goes_with_any_torch_holds_that_to_nothing(lead: str) -> None:
    alone = ask("conda", (lead,), NEW, channels=FORGE)
    plan = ask("conda", ("bitsandbytes", lead), NEW, channels=FORGE)
    assert plan.packages["pytorch"] == alone.packages["pytorch"]
    assert plan.requirements[0] == "bitsandbytes[build=*cuda*]"
    assert len(plan.requirements) == len(dict.fromkeys(plan.requirements))


@pytest.mark.parametrize("name", ["sageattention", "torch-tensorrt", "fbgemm-gpu", "sglang"])
def test_what_is_on_pip_alone_is_left_as_typed_with_the_way(name: str) -> None:
    plan = ask("conda", (name, "pytorch", "numpy"), NEW, channels=FORGE)
    assert plan.requirements[0] == name
    assert (codes(plan), plan.unknown) == ({"not-on-conda"}, ("numpy",))
    alone = plan_text(ask("conda", (name,), NEW, channels=FORGE)).splitlines()
    assert alone[0] == "Unchanged: of the families in the request no build for conda is known."
    assert f"pipcuda install {name}" in words(plan)


def test_every_series_that_is_named_is_one_of_torchs_on_conda() -> None:
    known = from_catalogue("conda", LINUX)
    every = {".".join(one.release.split(".")[:2]) for one in known.builds}
    for family in families_on_conda():
        for release, cudas, series in family.series:
            assert set(series) <= every, (family.name, release)
            assert family.series_of(release, cudas[0]) >= set(series)
