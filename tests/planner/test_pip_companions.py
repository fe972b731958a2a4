"""Rule 5 for pip: companions belong to the chosen torch and carry its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from .machines import A100, NEWEST, WINDOWS, ask, codes, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

PAIRS = [
    ("torch==2.1.2 torchvision torchaudio", "2.1.2+cu121", "0.16.2+cu121", "2.1.2+cu121"),
    ("torch==2.0.1 torchvision torchaudio", "2.0.1+cu118", "0.15.2+cu118", "2.0.2+cu118"),
    ("torch==2.11.0 torchvision torchaudio", "2.11.0+cu129", "0.26.0+cu129", "2.11.0+cu129"),
    ("torch torchvision torchaudio", "2.14.1+cu126", "0.29.1+cu126", "2.11.0+cu126"),
    ("torchvision==0.16.2 torch torchaudio", "2.1.2+cu121", "0.16.2+cu121", "2.1.2+cu121"),
    ("torchaudio==2.1.2 torch torchvision", "2.1.2+cu121", "0.16.2+cu121", "2.1.2+cu121"),
    ("torchvision<0.17 torch torchaudio", "2.1.2+cu121", "0.16.2+cu121", "2.1.2+cu121"),
]


@pytest.mark.parametrize(("text", "torch", "vision", "audio"), PAIRS)
def test_the_three_together(text: str, torch: str, vision: str, audio: str) -> None:
    plan = pip(text, A100)
    assert dict(plan.packages) == {"torch": torch, "torchvision": vision, "torchaudio": audio}
    names = [Requirement(text).name for text in plan.requirements]
    assert names == [Requirement(one).name for one in text.split()]


def test_old_companions_have_no_label_of_their_own() -> None:
    plan = pip(
        "torch==1.8.1 torchvision torchaudio torchtext",
        machine("535.104.05", None, "8.0", python="3.9"),
    )
    assert dict(plan.packages) == {
        "torch": "1.8.1+cu111",
        "torchvision": "0.9.1+cu111",
        "torchaudio": "0.8.1",
        "torchtext": "0.9.1",
    }


def test_torchtext_never_has_a_label() -> None:
    plan = pip("torch==2.3.1 torchtext", A100)
    assert plan.requirements == ("torch==2.3.1+cu121", "torchtext==0.18.0")


VISION_29 = [
    ("torch==2.15.0 torchvision", "0.29.2+cu132"),
    ("torch==2.14.1 torchvision", "0.29.1+cu132"),
    ("torch==2.14.0 torchvision", "0.29.0+cu132"),
    ("torch==2.14.1 torchvision==0.29.2", "0.29.2+cu132"),
    ("torch==2.14.0 torchvision==0.29.1", "0.29.1+cu132"),
    ("torch==2.15.0 torchvision==0.29.1", "0.29.1+cu132"),
]


@pytest.mark.parametrize(("text", "vision"), VISION_29)
def test_torchvision_0_29_goes_with_several_torches(text: str, vision: str) -> None:
    plan = pip(text, NEWEST)
    assert (plan.status, plan.packages["torchvision"]) == ("ok", vision)


@pytest.mark.parametrize(
    "text", ["torch==2.15.0 torchvision==0.29.0", "torch==2.13.0 torchvision==0.29.1"]
)
def test_but_not_with_all(text: str) -> None:
    assert codes(pip(text, NEWEST)) == {"companion-mismatch"}


AUDIO_SINCE = [
    ("torch==2.12.0 torchaudio", "2.12.0+cu130"),
    ("torch>=2.12 torchaudio==2.11.0", "2.15.0+cu130"),
    ("torch torchaudio", "2.15.0+cu130"),
    ("torchaudio", "2.15.0+cu130"),
]


@pytest.mark.parametrize(("text", "torch"), AUDIO_SINCE)
def test_torchaudio_2_11_serves_every_torch_since(text: str, torch: str) -> None:
    """In the variant of that torch: there is no 2.11.0+cu132, so torch is taken for CUDA 13.0."""
    plan = pip(text, NEWEST)
    assert plan.packages == {"torch": torch, "torchaudio": "2.11.0+cu130"}


def test_torchaudio_2_11_does_not_serve_an_older_torch() -> None:
    plan = pip("torch==2.10.0 torchaudio==2.11.0", NEWEST)
    assert (plan.status, codes(plan)) == ("refused", {"companion-mismatch"})
    assert "torchaudio==2.10.0" in words(plan)


MISMATCHES = [
    ("torch==2.2.0 torchvision==0.16.2", ("torchvision==0.17.0", "2.1.2")),
    ("torch==2.1.2 torchaudio==2.1.1", ("torchaudio==2.1.2", "2.1.1")),
    ("torch==2.0.1 torchvision torchaudio==2.0.1", ("torchaudio==2.0.2", "2.0.0")),
]


@pytest.mark.parametrize(("text", "named"), MISMATCHES)
def test_a_mismatch_is_refused_and_the_right_pair_named(text: str, named: tuple[str, ...]) -> None:
    plan = pip(text, A100)
    assert (plan.status, codes(plan)) == ("refused", {"companion-mismatch"})
    assert plan.requirements == ()
    for one in named:
        assert one in words(plan)


LABELS = [
    "torch==2.1.2+cu118 torchvision==0.16.2+cu121",
    "torch==2.1.2+cu121 torchvision==0.16.2+cpu",
    "torch==2.1.2+cpu torchvision==0.16.2+cu121",
    "torch==2.1.2+cu118 torch==2.1.2+cu121",
]


@pytest.mark.parametrize("text", LABELS)
def test_labels_that_contradict_each_other_are_told(text: str) -> None:
    """Rule 5 refuses the pair, or rule 6 says which wish was replaced: never without a word."""
    plan = pip(text, A100)
    assert codes(plan) & {"companion-mismatch", "explicit-variant-replaced"}


def test_only_what_was_asked_for_is_added() -> None:
    plan = pip("torchvision==0.16.2 numpy", A100)
    assert plan.requirements == ("torchvision==0.16.2+cu121", "numpy")
    assert dict(plan.packages) == {"torchvision": "0.16.2+cu121"}
    assert dict(pip("torchaudio==2.1.2", A100).packages) == {"torchaudio": "2.1.2+cu121"}
    assert dict(pip("torch numpy", A100).packages) == {"torch": "2.14.1+cu126"}


V100 = machine("535.104.05", "12.2", "7.0", python="3.8")
# Their metadata takes any torch, or the page holds every variant of the one that they take.
LOOSE = [
    ("torchvision", A100),
    ("torchvision==0.29.2", NEWEST),
    ("torchaudio", A100),
    ("torchaudio==2.11.0", NEWEST),
    ("torchtext", A100),
    ("torchtext==0.18.0", A100),
    ("torchaudio", machine("537.13", None, "8.0", platform=WINDOWS)),
    ("torchvision==0.8.2", V100),
    ("torchaudio==0.7.2", V100),
    ("torchvision==0.8.2", machine("440.33", "10.2", "7.0", python="3.8")),
    ("torchtext==0.9.1", machine("535.104.05", "12.2", "7.0", python="3.8")),
]


@pytest.mark.parametrize(("text", "host"), LOOSE)
def test_a_companion_that_pins_no_torch_brings_the_right_one(text: str, host: Host) -> None:
    """Otherwise pip takes the default index's newest torch: another CUDA, or a CPU build."""
    plan = pip(text, host)
    assert plan.status == "ok"
    torch = [one for one in plan.requirements if Requirement(one).name == "torch"]
    assert torch, plan.requirements
    assert plan.variant is not None


@pytest.mark.parametrize(
    "file",
    [
        "torch-2.1.2+cu118-cp311-cp311-linux_x86_64.whl",
        "./wheels/torch-2.1.2+cu118-cp311-cp311-linux_x86_64.whl",
        "https://files.example/torch-2.1.2%2Bcu118-cp311-cp311-linux_x86_64.whl",
        "torch @ https://files.example/torch-2.1.2%2Bcu118-cp311-cp311-linux_x86_64.whl#sha256=ab",
    ],
)
def test_companions_of_a_file_belong_to_it(file: str) -> None:
    plan = ask("pip", (file, "torchvision"), A100)
    assert plan.requirements == (file, "torchvision==0.16.2+cu118")
