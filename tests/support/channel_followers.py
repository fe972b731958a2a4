"""What conda-forge builds against its torch, in small: by the recipes of their feedstocks.

Build strings are of every kind that these have: `cuda_129py310h…` and `cpu_py310h…` of xformers,
which is one file for all Pythons; `cuda129_py311_h…`; and `py311h…` of pytorch_cluster and
flash-attn, which say nothing. What ties a build to torch's is a dependency or a constraint on
`pytorch * cuda*`, and the bounds that torch's own recipe exports.
"""

from __future__ import annotations

from .channel_parts import on_python, short_hash, tag
from .conda_package import CondaPackage

_PYTHON = "3.11"


def followers() -> list[CondaPackage]:
    """List the packages."""
    return [
        *_xformers("0.0.34", "2.10", ("12.9", "13.0", None)),
        *_xformers("0.0.31.post1", "2.7", ("12.9", None)),
        *_flash_attn("2.8.3", 3, "2.10", ("12.9", "13.0")),
        *_flash_attn("2.8.3", 0, "2.7", ("12.9",)),
        *_flash_attn("2.5.8", 0, "2.1", ("12.0", "11.8")),
        *_scatter("2.1.2", "2.10", ("12.9", "13.0", None)),
        *_cluster("1.6.3", 11, "2.10", ("12.9", "13.0", None)),
        *_cluster("1.6.3", 9, "2.7", ("12.9", None)),
        *_vllm("0.19.1", "2.10.0", ("12.9", None)),
        *_bitsandbytes("0.49.2", ("12.9", None)),
    ]


def pyg_channel() -> list[CondaPackage]:
    """List `pyg`, which is built against the torch of channel pytorch, by its own recipe."""
    found = []
    for torch, cudas in (("2.5", ("11.8", "12.1", "12.4", None)), ("2.3", ("11.8", "12.1", None))):
        for cuda in cudas:
            word = "cpu" if cuda is None else f"cu{_digits(cuda)}"
            tied = "cpuonly" if cuda is None else f"pytorch-cuda {cuda}.*"
            build = f"{tag(_PYTHON)}_torch_{torch}.0_{word}"
            needs = (on_python(_PYTHON), f"pytorch {torch}.*", tied)
            found.append(CondaPackage("pytorch-scatter", "2.1.2", build, depends=needs))
    return found


def exported(torch: str) -> str:
    """Give the bounds that a package gets that was built against a series of torch."""
    major, minor = torch.split(".")
    return f"pytorch >={torch}.0,<{major}.{int(minor) + 1}.0a0"


def on_cuda(cuda: str | None) -> tuple[str, ...]:
    """Give what a build for CUDA needs by its compiler; a build for the CPU needs nothing."""
    if cuda is None:
        return ()
    major = int(cuda.partition(".")[0])
    return (f"cuda-version >={cuda},<{major + 1}.0a0", "__cuda")


def _kind(cuda: str | None) -> str:
    return "cpu" if cuda is None else "cuda"


def _digits(cuda: str | None) -> str:
    return "" if cuda is None else cuda.replace(".", "")


def _xformers(release: str, torch: str, cudas: tuple[str | None, ...]) -> list[CondaPackage]:
    found = []
    for cuda in cudas:
        word = "cpu_" if cuda is None else f"cuda_{_digits(cuda)}"
        build = f"{word}py310{short_hash('xformers', release, word)}_0"
        needs = ("python >=3.10", exported(torch), f"pytorch * {_kind(cuda)}*", *on_cuda(cuda))
        found.append(CondaPackage("xformers", release, build, depends=needs))
    return found


def _flash_attn(
    release: str, number: int, torch: str, cudas: tuple[str, ...]
) -> list[CondaPackage]:
    return [
        CondaPackage(
            "flash-attn",
            release,
            f"{tag(_PYTHON)}{short_hash('flash', release, torch, cuda)}_{number}",
            number,
            depends=(on_python(_PYTHON), exported(torch), "pytorch * cuda*", *on_cuda(cuda)),
        )
        for cuda in cudas
    ]


def _scatter(release: str, torch: str, cudas: tuple[str | None, ...]) -> list[CondaPackage]:
    found = []
    for cuda in cudas:
        word = f"{_kind(cuda)}{_digits(cuda)}"
        build = f"{word}_{tag(_PYTHON)}_{short_hash('scatter', release, word)}_18"
        needs = (on_python(_PYTHON), exported(torch), f"pytorch * {_kind(cuda)}*", *on_cuda(cuda))
        found.append(CondaPackage("pytorch_scatter", release, build, 18, depends=needs))
    return found


def _cluster(
    release: str, number: int, torch: str, cudas: tuple[str | None, ...]
) -> list[CondaPackage]:
    return [
        CondaPackage(
            "pytorch_cluster",
            release,
            f"{tag(_PYTHON)}{short_hash('cluster', release, torch, str(cuda))}_{number}",
            number,
            depends=(on_python(_PYTHON), exported(torch), *on_cuda(cuda)),
            constrains=(f"pytorch * {_kind(cuda)}*",),
        )
        for cuda in cudas
    ]


def _vllm(release: str, torch: str, cudas: tuple[str | None, ...]) -> list[CondaPackage]:
    found = []
    for cuda in cudas:
        word = f"{_kind(cuda)}{_digits(cuda)}"
        build = f"{word}_{tag(_PYTHON)}{short_hash('vllm', release, word)}_0"
        tied = (f"pytorch =={torch}", *(("pytorch * cuda*",) if cuda else ()))
        needs = (on_python(_PYTHON), *tied, *on_cuda(cuda))
        found.append(CondaPackage("vllm", release, build, depends=needs))
    return found


def _bitsandbytes(release: str, cudas: tuple[str | None, ...]) -> list[CondaPackage]:
    found = []
    for cuda in cudas:
        number = 0 if cuda is None else 200
        word = f"{_kind(cuda)}{_digits(cuda)}"
        build = f"{word}_{tag(_PYTHON)}{short_hash('bnb', release, word)}_{number}"
        needs = (on_python(_PYTHON), "pytorch", *on_cuda(cuda))
        found.append(CondaPackage("bitsandbytes", release, build, number, depends=needs))
    return found
