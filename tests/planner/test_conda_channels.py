"""Where conda's pytorch comes from, by the channels in force."""

from __future__ import annotations

import pytest

from .machines import A100, codes, conda, machine

PY39 = machine("535.104.05", "12.2", "8.0", python="3.9")
TUNA = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
OFFICIAL, FORGE = "pytorch-channel", "conda-forge"

# channels in force, spec → source, CUDA, channels to add
TIERS = [
    ((), "pytorch", FORGE, "12.9", ("conda-forge",)),
    (("defaults",), "pytorch", FORGE, "12.9", ("conda-forge",)),
    (("defaults",), "pytorch=2.1.1", OFFICIAL, "12.1", ("pytorch", "nvidia")),
    (("defaults",), "pytorch=2.5", OFFICIAL, "12.1", ("pytorch", "nvidia")),
    (("defaults",), "pytorch=2.6", FORGE, "12.6", ("conda-forge",)),
    (("conda-forge",), "pytorch", FORGE, "12.9", ()),
    (("conda-forge",), "pytorch=2.4", FORGE, "12.0", ()),
    (("conda-forge", "defaults"), "pytorch=2.4", FORGE, "12.0", ()),
    (("defaults", "conda-forge"), "pytorch=2.4", FORGE, "12.0", ("conda-forge",)),
    (("bioconda", "conda-forge"), "pytorch=2.4", FORGE, "12.0", ()),
    (("conda-forge", "nodefaults"), "pytorch=2.4", FORGE, "12.0", ()),
    (("pytorch",), "pytorch", OFFICIAL, "12.1", ("nvidia",)),
    (("pytorch", "nvidia"), "pytorch", OFFICIAL, "12.1", ()),
    (("pytorch", "nvidia", "conda-forge"), "pytorch=2.4", OFFICIAL, "12.1", ()),
    (("pytorch", "nvidia"), "pytorch=2.7", FORGE, "12.9", ("conda-forge",)),
    (("conda-forge", "pytorch"), "pytorch=2.4", OFFICIAL, "12.1", ("pytorch", "nvidia")),
    ((f"{TUNA}/conda-forge",), "pytorch=2.4", FORGE, "12.0", ()),
    ((f"{TUNA}/conda-forge/",), "pytorch=2.4", FORGE, "12.0", ()),
    ((f"{TUNA}/conda-forge/linux-64",), "pytorch=2.4", FORGE, "12.0", ()),
    ((f"{TUNA}/pytorch",), "pytorch", OFFICIAL, "12.1", ("nvidia",)),
    ((f"{TUNA}/pytorch/",), "pytorch", OFFICIAL, "12.1", ("nvidia",)),
    ((f"{TUNA}/pytorch/linux-64",), "pytorch", OFFICIAL, "12.1", ("nvidia",)),
    (("conda-forge/label/main",), "pytorch=2.4", FORGE, "12.0", ()),
    (("https://conda.anaconda.org/conda-forge/label/dev",), "pytorch=2.4", FORGE, "12.0", ()),
    (("https://conda.anaconda.org/t/tk-1/conda-forge",), "pytorch=2.4", FORGE, "12.0", ()),
]
IDS = [f"{' '.join(one[0]) or 'none'}: {one[1]}".replace(TUNA, "tuna") for one in TIERS]


@pytest.mark.parametrize(("channels", "spec", "source", "cuda", "added"), TIERS, ids=IDS)
def test_tiers(
    channels: tuple[str, ...], spec: str, source: str, cuda: str, added: tuple[str, ...]
) -> None:
    plan = conda(spec, A100, channels=channels)
    assert (plan.source, plan.cuda, plan.channels) == (source, cuda, added)


def test_the_end_of_channel_pytorch_is_told() -> None:
    stays = conda("pytorch", channels=("pytorch", "nvidia"))
    assert [(n.code, n.severity) for n in stays.notes] == [("channel-ended", "info")]
    leaves = conda("pytorch=2.7", channels=("pytorch", "nvidia"))
    assert ("channel-ended", "warning") in [(n.code, n.severity) for n in leaves.notes]
    assert conda("pytorch=2.1", channels=("pytorch", "nvidia")).notes == ()


@pytest.mark.parametrize("spec", ["pytorch=2.1.1", "pytorch=2.2", "conda-forge::pytorch=2.2"])
def test_what_conda_forge_lacks_comes_from_channel_pytorch(spec: str) -> None:
    plan = conda(spec, channels=("conda-forge",))
    assert (plan.status, plan.source) == ("ok", OFFICIAL)
    assert plan.channels == ("pytorch", "nvidia")
    assert "index-lacks-variant" in codes(plan)


HEADS = [
    ("conda-forge::pytorch", FORGE),
    ("conda-forge::pytorch=2.4", FORGE),
    ("conda-forge/linux-64::pytorch=2.4", FORGE),
    ("https://conda.anaconda.org/conda-forge::pytorch=2.4", FORGE),
    ("pytorch[channel=conda-forge,version=2.4.1]", FORGE),
    ("conda-forge::torchvision=0.19", FORGE),
    ("pytorch::pytorch", OFFICIAL),
    ("pytorch::torchvision", OFFICIAL),
    ("pytorch/linux-64::pytorch", OFFICIAL),
]


@pytest.mark.parametrize(("spec", "source"), HEADS)
def test_a_channel_in_a_spec_counts(spec: str, source: str) -> None:
    assert conda(spec, channels=("defaults",)).source == source


def test_a_companions_channel_stays_in_its_spec() -> None:
    plan = conda("conda-forge::pytorch=2.4 conda-forge::torchvision")
    assert plan.requirements[1] == "conda-forge::torchvision=0.19.1"


SELECTED = [
    ("pytorch==1.10.1", "cu113", ("pytorch==1.10.1[build=*cuda11.3*]", "cudatoolkit=11.3")),
    ("pytorch=1.12.1", "cu116", ("pytorch==1.12.1[build=*cuda11.6*]", "cudatoolkit=11.6")),
    ("pytorch=1.13.1", "cu117", ("pytorch==1.13.1[build=*cuda11.7*]", "pytorch-cuda=11.7")),
    ("pytorch=2.5.1", "cu121", ("pytorch==2.5.1[build=*cuda12.1*]", "pytorch-cuda=12.1")),
    ("pytorch=2.6.0", "cu126", ("pytorch==2.6.0[build=cuda126*]", "cuda-version=12.6")),
]


@pytest.mark.parametrize(("spec", "variant", "spelled"), SELECTED)
def test_the_selector_of_each_time(spec: str, variant: str, spelled: tuple[str, ...]) -> None:
    plan = conda(spec, PY39)
    assert (plan.variant, plan.requirements) == (variant, spelled)


def test_where_a_cudatoolkit_lives_is_added() -> None:
    assert conda("pytorch=1.10.1 cudatoolkit=11.3", PY39).channels == ("pytorch",)
    assert conda("pytorch=1.12.1", PY39).channels == ("pytorch", "conda-forge")
    assert conda("pytorch=1.9.1", PY39).channels == ("pytorch", "nvidia")
    assert conda("pytorch=1.8.2", PY39).channels == ("pytorch-lts", "nvidia")


def test_channels_that_are_in_force_are_not_added_again() -> None:
    plan = conda("pytorch=1.8.2", PY39, channels=("pytorch-lts", "nvidia", "pytorch"))
    assert plan.channels == ()


def test_the_command_holds_the_channels_in_order() -> None:
    plan = conda("pytorch=2.1.1", A100)
    assert plan.command[:6] == ("conda", "install", "-c", "pytorch", "-c", "nvidia")
    assert plan.command[6:] == plan.requirements


def test_channels_that_are_fixed_are_not_added_to() -> None:
    plan = conda("pytorch=2.1.1", A100, channels=("defaults",), channels_fixed=True)
    assert (plan.requirements[0], plan.channels) == ("pytorch==2.1.1[build=*cuda12.1*]", ())


def test_a_channel_that_the_spec_itself_names_is_not_added() -> None:
    spec = "mine::pytorch=2.1.1"
    plan = conda(spec, A100, channels=("defaults",))
    assert plan.requirements[0] == "mine::pytorch==2.1.1[build=*cuda12.1*]"
    assert plan.channels == ("nvidia",)
