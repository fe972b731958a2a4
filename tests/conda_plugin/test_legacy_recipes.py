"""Command lines of old posts, given to `conda cuda-install`: what conda would link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import RTX_5090

if TYPE_CHECKING:
    from .conftest import Workshop

RTX_3090 = ("NVIDIA GeForce RTX 3090", "8.6")

LINKED = [
    (
        "pytorch==1.12.1 torchvision==0.13.1 torchaudio==0.12.1 cudatoolkit=11.3 -c pytorch",
        ("1.12.1", "cuda11.3", "cudatoolkit", "11.3"),
    ),
    (
        "pytorch torchvision torchaudio cudatoolkit=11.6 -c pytorch -c conda-forge",
        ("1.12.1", "cuda11.6", "cudatoolkit", "11.6"),
    ),
    # From before the card.
    ("pytorch==1.12.1 cudatoolkit=10.2 -c pytorch", ("1.12.1", "cuda11.6", "cudatoolkit", "11.6")),
    # The package of another time.
    (
        "pytorch==1.13.1 torchvision==0.14.1 cudatoolkit=11.7 -c pytorch",
        ("1.13.1", "cuda11.7", "pytorch-cuda", "11.7"),
    ),
    (
        "pytorch=1.12.1=py3.10_cuda11.3_cudnn8.3.2_0 -c pytorch",
        ("1.12.1", "cuda11.3", "cudatoolkit", "11.3"),
    ),
    # Tutorials name a mirror's folder of one system.
    (
        "pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3 -c MIRROR/pytorch/linux-64/",
        ("1.12.1", "cuda11.3", "cudatoolkit", "11.3"),
    ),
]


def _words(shop: Workshop, line: str) -> list[str]:
    return line.replace("MIRROR", shop.channels.root.as_uri()).split()


@pytest.mark.parametrize(("line", "expected"), LINKED, ids=[line for line, _ in LINKED])
def test_what_would_be_linked(shop: Workshop, line: str, expected: tuple[str, ...]) -> None:
    shop.put_driver("535.104.05", "12.2", RTX_3090)
    done = shop.run("cuda-install", "python=3.10", *_words(shop, line), "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    links = {link["name"]: link for link in done.json["actions"]["LINK"]}
    release, build, selector, cuda = expected
    assert links["pytorch"]["version"] == release
    assert build in links["pytorch"]["build_string"]
    assert links[selector]["version"].startswith(cuda)


def test_a_cuda_that_ended_is_replaced_and_its_last_release_named(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2", RTX_3090)
    line = "pytorch==1.13.1 torchvision==0.14.1 cudatoolkit=11.3 -c pytorch"
    done = shop.run("cuda-install", "python=3.10", *_words(shop, line), "--dry-run")
    assert "CUDA 11.3's last release is 1.12.1 (channel pytorch)" in done.stderr
    kept = "pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3"
    assert f"ask for {kept}." in done.stderr
    words = ["python=3.10", *kept.split(), "-c", "pytorch"]
    again = shop.run("cuda-install", *words, "--dry-run", "--json")
    assert again.returncode == 0, again.stderr
    links = {link["name"]: link for link in again.json["actions"]["LINK"]}
    assert "cuda11.3" in links["pytorch"]["build_string"]


def test_a_card_from_after_the_channel_is_sent_to_conda_forge(shop: Workshop) -> None:
    shop.put_driver("575.51.03", "12.9", RTX_5090)
    line = "pytorch==2.1.1 pytorch-cuda=12.1 -c pytorch -c nvidia"
    done = shop.run("cuda-install", *_words(shop, line), "--dry-run")
    assert done.returncode == 3
    assert "nearest that would run here: ask for pytorch==2.7.1" in done.stderr
    words = ["pytorch==2.7.1", "-c", "pytorch", "-c", "nvidia", "--dry-run", "--json"]
    again = shop.run("cuda-install", *words)
    assert again.returncode == 0, again.stderr
    links = {link["name"]: link for link in again.json["actions"]["LINK"]}
    assert "cuda129" in links["pytorch"]["build_string"]


def test_a_newer_python_is_told_which_ones_there_are(shop: Workshop) -> None:
    shop.put_driver("535.104.05", "12.2", RTX_3090)
    line = "pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3 -c pytorch"
    done = shop.run("cuda-install", *_words(shop, line), "--dry-run")
    assert done.returncode == 3
    assert "Use an environment with Python 3.7, 3.8, 3.9, 3.10." in done.stderr
