"""The mixes: a machine, what is installed on it, sources and constraints in force, a request."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

# A driver, the CUDA that it reports, a GPU.
MACHINES = {
    "pascal-11": ("470.82.01", "11.4", ("NVIDIA GeForce GTX 1080", "6.1")),
    "pascal-12": ("535.104.05", "12.2", ("NVIDIA GeForce GTX 1080", "6.1")),
    "ampere-11": ("450.80.02", "11.0", ("NVIDIA A100-SXM4-40GB", "8.0")),
    "ampere-12": ("535.104.05", "12.2", ("NVIDIA A100-SXM4-40GB", "8.0")),
    "volta-13": ("580.65.06", "13.0", ("Tesla V100-SXM2-16GB", "7.0")),
    "ampere-13": ("580.65.06", "13.0", ("NVIDIA A100-SXM4-40GB", "8.0")),
    "blackwell-12": ("570.86.10", "12.8", ("NVIDIA GeForce RTX 5090", "12.0")),
}
# Sets that are installed before; what others installed may be unfit for the machine.
SETS: dict[str, tuple[str, ...]] = {
    "none": (),
    "old-cu118": ("torch==2.2.2+cu118", "torchvision==0.17.2+cu118", "torchaudio==2.2.2+cu118"),
    "torch-cu121": ("torch==2.5.1+cu121",),
    "torch-and-vision-cu130": ("torch==2.9.1+cu130", "torchvision==0.24.1+cu130"),
    "plain": ("torch==2.6.0", "torchvision==0.21.0"),
    "cpu": ("torch==2.5.1+cpu", "torchvision==0.20.1+cpu"),
    "rocm": ("torch==2.5.1+rocm6.2", "torchvision==0.20.1+rocm6.2"),
}
# Other people's packages on the main index: versions, and what each asks for.
PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "any-torch": {"1.0": ("torch",)},
    "any-vision": {"1.0": ("torchvision", "numpy")},
    "any-audio": {"1.0": ("torchaudio",)},
    "pins-torch": {"1.0": ("torch==2.2.2",)},
    "pins-new": {"1.0": ("torch==2.9.1",)},
    "pins-set": {"1.0": ("torch==2.5.1", "torchvision==0.20.1", "torchaudio==2.5.1")},
    "at-least": {"1.0": ("torch>=2.4",)},
    "below": {"1.0": ("torch<2.3", "numpy")},
    "grows": {"1.0": ("torch>=2.0",), "2.0": ("torch>=2.6",), "3.0": ("torch>=3",)},
    "needs-numpy-2": {"1.0": ("numpy>=2",)},
    "needs-none": {"1.0": ()},
}
VARIANTS = ("cu118", "cu121", "cu126", "cu128", "cu130", "cpu")


@dataclass(frozen=True)
class Case:
    """What a user has in force and types.

    `main` is the main index, `extras` are further ones, `way` is how they are said: on the line, in
    the requirements file, in pip's configuration or its variables. `dead`: PyTorch's index refuses.
    """

    machine: str = "ampere-12"
    before: str = "none"
    main: str = "simple"
    extras: tuple[str, ...] = ()
    way: str = "line"
    dead: bool = False
    page: str = ""
    constraints: tuple[str, ...] = ()
    words: tuple[str, ...] = ("torch",)
    switches: tuple[str, ...] = ()
    installer: str = "pip"


_FAMILY = (
    "torch", "torch", "torchvision", "torchaudio", "torch==2.5.1", "torch>=2.3", "torch<2.5",
    "torch==2.2.2", "torch==2.9.1", "torch~=2.6.0", "torch==2.5.1+cu118", "torch==2.9.1+cu130",
    "torchvision==0.20.1", "torchvision<0.20", "torchaudio==2.11.0", "torch!=2.14.1",
)  # fmt: skip
_SOME_CONSTRAINTS = (
    "torch<2.6", "torch==2.5.1", "torch==2.2.2", "torchvision<0.21", "numpy<2", "numpy>=2",
    "torch>=2.9", "torchaudio==2.5.1", "torch!=2.5.1",
)  # fmt: skip
_EXTRAS = (*VARIANTS, "simple", "company", "company-pinned", "project/cu121", "rocm6.2")


def _few(choices: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(choices), max_size=most, unique=True).map(tuple)


def _words() -> st.SearchStrategy[tuple[str, ...]]:
    family = _few(_FAMILY, 2)
    others = _few((*PACKAGES, "numpy"), 2)
    return st.tuples(family, others).map(lambda two: (*two[0], *two[1])).filter(bool)


CASES = st.builds(
    Case,
    machine=st.sampled_from(sorted(MACHINES)),
    before=st.one_of(st.just("none"), st.sampled_from(sorted(SETS))),
    main=st.sampled_from(("simple", "simple", "simple", "cu118", "cu121", "cu130", "company")),
    extras=_few(_EXTRAS, 2),
    way=st.sampled_from(("line", "file", "configuration", "variables")),
    dead=st.sampled_from((False, False, False, True)),
    page=st.sampled_from(("", "", "", "", "torch_stable.html", "project")),
    constraints=st.one_of(st.just(()), _few(_SOME_CONSTRAINTS, 2)),
    words=_words(),
    switches=st.sampled_from(((), (), (), ("--upgrade",), ("--force-reinstall",))),
    installer=st.sampled_from(("pip", "pip", "pip", "uv")),
)
