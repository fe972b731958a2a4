"""MatchSpecs in all their spellings, read without conda."""

from __future__ import annotations

import pytest

from .machines import A100, FORGE, OFFICIAL, ask, codes, conda, machine

# What is typed → the release and the variant, for a user of channel pytorch on CUDA 12.2.
SPECS = [
    ("pytorch", "2.5.1", "cu121"),
    ("pytorch=*", "2.5.1", "cu121"),
    ("pytorch 2.1.*", "2.1.2", "cu121"),
    ("pytorch 2.1", "2.1.0", "cu121"),
    ("pytorch 2.1.1", "2.1.1", "cu121"),
    ("pytorch=2.1", "2.1.2", "cu121"),
    ("pytorch=2.1.*", "2.1.2", "cu121"),
    ("pytorch = 2.1", "2.1.2", "cu121"),
    ("pytorch==2.1.1", "2.1.1", "cu121"),
    ("pytorch==2.1", "2.1.0", "cu121"),
    ("pytorch==2.1.*", "2.1.2", "cu121"),
    ("pytorch>=2.0,<2.2", "2.1.2", "cu121"),
    ("pytorch >=2.0, <2.2", "2.1.2", "cu121"),
    ("pytorch<=2.1", "2.1.0", "cu121"),
    ("pytorch>2.1,<2.2a0", "2.1.2", "cu121"),
    ("pytorch~=2.1.0", "2.1.2", "cu121"),
    ("pytorch!=2.5.1", "2.5.0", "cu121"),
    ("pytorch!=2.5.*", "2.4.1", "cu121"),
    ("pytorch=2.1|=2.2", "2.2.2", "cu121"),
    ("pytorch 2.1.1|2.0.1", "2.1.1", "cu121"),
    ("pytorch>=2.0,<2.1|2.1.1", "2.1.1", "cu121"),
    ("pytorch[version='>=2,<2.2']", "2.1.2", "cu121"),
    ('pytorch[version=">=2,<2.2"]', "2.1.2", "cu121"),
    ("pytorch[version=2.1.1]", "2.1.1", "cu121"),
    ("pytorch[version='>=2,<2.2',build=*cuda11.8*]", "2.1.2", "cu118"),
    ("pytorch[version='2.1.*', build='py3.11_cuda11.8*']", "2.1.2", "cu118"),
    ("pytorch=2.1.1=py3.11_cuda11.8*", "2.1.1", "cu118"),
    ("pytorch=2.1.1=py3.11_cuda11.8_cudnn8.7.0_0", "2.1.1", "cu118"),
    ("pytorch==2.1.1=py3.11_cuda11.8_cudnn8.7.0_0", "2.1.1", "cu118"),
    ("pytorch 2.1.1 py3.11_cuda11.8*", "2.1.1", "cu118"),
    ("pytorch 2.1.* *cuda11.8*", "2.1.2", "cu118"),
    ("pytorch=2.1.*=*cuda11.8*", "2.1.2", "cu118"),
    ("pytorch=*=*cuda*", "2.5.1", "cu121"),
    ("pytorch=*=*cuda11.8*", "2.5.1", "cu118"),
    ("pytorch=[build=*cuda11.8*]", "2.5.1", "cu118"),
    ("pytorch * *cuda11.8*", "2.5.1", "cu118"),
    ("pytorch=2.1=*cuda11.8*", "2.1.0", "cu118"),
    ("pytorch>=2.0,<2.2=*cuda11.8*", "2.1.2", "cu118"),
    ("pytorch~=2.1.0=*cuda11.8*", "2.1.2", "cu118"),
    ("pytorch<=2.1=*cuda11.8*", "2.1.0", "cu118"),
    ("pytorch=2.1,>2.1.0=*cuda11.8*", "2.1.2", "cu118"),
    ("PyTorch=2.1", "2.1.2", "cu121"),
    ("pytorch::pytorch=2.1", "2.1.2", "cu121"),
    ("pytorch/linux-64::pytorch=2.1", "2.1.2", "cu121"),
    ("https://conda.anaconda.org/pytorch::pytorch=2.1", "2.1.2", "cu121"),
]


@pytest.mark.parametrize(("spec", "release", "variant"), SPECS, ids=[one[0] for one in SPECS])
def test_what_a_spec_allows(spec: str, release: str, variant: str) -> None:
    plan = ask("conda", (spec,), A100, channels=OFFICIAL)
    assert (plan.packages.get("pytorch"), plan.variant) == (release, variant)
    assert plan.requirements[0] == f"pytorch=={release}[build=*cuda{plan.cuda}*]"


CPU = [
    "pytorch=2.1.1=*cpu*",
    "pytorch 2.1.1 py3.11_cpu_0",
    "pytorch[version=2.1.1,build=*cpu*]",
    "pytorch==2.1.1=py3.11_cpu_0",
]


@pytest.mark.parametrize("spec", CPU)
def test_a_cpu_build_string_is_a_wish_that_is_warned_about(spec: str) -> None:
    plan = ask("conda", (spec,), A100, channels=OFFICIAL)
    assert (plan.status, plan.variant) == ("ok", "cpu")
    assert "cpu-build-chosen" in codes(plan)


NOT_OURS = [
    "pytorch^2.1",
    "pytorch(2.1",
    "pytorch=2.1.1rc1",
    "https://host/pytorch-2.1-py_0.tar.bz2",
    "numpy",
    "pytorch-lightning",
    "pytorch-mutex=1.0=cuda",
    "",
    "=2.1",
    "[build=x]",
    "pytorch[",
    "*",
    "::",
    "pytorch-geometric>=2",
    "libtorch",
    "pytorch-lightning=2.1",
    "pytorch=^2\\.1$",
]


@pytest.mark.parametrize("spec", NOT_OURS)
def test_what_is_not_understood_stays_as_typed(spec: str) -> None:
    plan = ask("conda", (spec, "scipy"), A100)
    assert plan.status in ("unchanged", "refused")
    if plan.status == "unchanged":
        assert plan.requirements == (spec, "scipy")


def test_what_is_not_understood_stays_beside_what_is() -> None:
    plan = ask(
        "conda",
        ("pytorch=2.1.1", "pytorch-geometric", "numpy<2", "gpulib[version='>=12']"),
        A100,
        channels=OFFICIAL,
    )
    assert plan.requirements == (
        "pytorch==2.1.1[build=*cuda12.1*]",
        "pytorch-geometric",
        "numpy<2",
        "gpulib[version='>=12']",
        "pytorch-cuda=12.1",
    )


@pytest.mark.parametrize("spec", ["torch", "Torch", "torch=2.1", "torch==2.1.1", "torch>=2"])
def test_torch_is_read_as_pytorch_and_said(spec: str) -> None:
    plan = ask("conda", (spec,), A100)
    assert plan.requirements[0].startswith("pytorch==")
    assert "name-is-pytorch-on-conda" in codes(plan)


FORGE_SPECS = [
    ("pytorch=2.4", "2.4.1", "cu120"),
    ("pytorch=2.4.*=cuda118*", "2.4.1", "cu118"),
    ("pytorch[version=2.5.1,build='cuda126_generic*']", "2.5.1", "cu126"),
    ("pytorch=2.4.*=*cuda12*", "2.4.1", "cu120"),
    ("pytorch=2.7.*=cuda*", "2.7.1", "cu129"),
]


@pytest.mark.parametrize(("spec", "release", "variant"), FORGE_SPECS)
def test_build_strings_of_conda_forge(spec: str, release: str, variant: str) -> None:
    plan = ask("conda", (spec,), A100, channels=FORGE)
    assert (plan.packages.get("pytorch"), plan.variant) == (release, variant)
    assert plan.source == "conda-forge"
    assert "explicit-variant-replaced" not in codes(plan)


@pytest.mark.parametrize("channels", [(), ("defaults",)], ids=["none", "defaults"])
@pytest.mark.parametrize(
    ("spec", "variant"), [("pytorch=2.4.1=cuda120*", "cu120"), ("pytorch=2.5.1=cuda126*", "cu126")]
)
def test_a_build_that_only_conda_forge_has_exists(
    spec: str, variant: str, channels: tuple[str, ...]
) -> None:
    plan = ask("conda", (spec,), A100, channels=channels)
    assert (plan.source, plan.variant) == ("conda-forge", variant)
    assert "explicit-variant-replaced" not in codes(plan)


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("pytorch=2.1.2+cu118", "cu118"),
        ("pytorch==2.1.2+cu121", "cu121"),
        ("torch==2.1.2+cu118", "cu118"),
        ("pytorch=2.1.2+cpu", "cpu"),
    ],
)
def test_pips_labels_are_understood(text: str, variant: str) -> None:
    assert conda(text, A100).variant == variant


@pytest.mark.parametrize(
    "selector", ["cudatoolkit=11.3.1", "cudatoolkit==11.3.1", "cudatoolkit=11.3"]
)
def test_a_cuda_version_counts_to_its_minor_number(selector: str) -> None:
    plan = conda(f"pytorch=1.12.1 {selector}", machine("535.104.05", None, "8.0", python="3.9"))
    assert (plan.variant, "explicit-variant-replaced" in codes(plan)) == ("cu113", False)
    assert selector in plan.requirements


@pytest.mark.parametrize("name", ["cuda-toolkit", "cuda", "cuda-runtime"])
def test_metapackages_are_checked_against_the_driver(name: str) -> None:
    assert conda(f"{name}=13.0.1", A100).status == "refused"
    assert conda(f"{name}=12.9", A100).status == "unchanged"
    assert conda(name, A100).status == "unchanged"
