"""Channels of families beside torch's, in small: conda-forge's others, rapidsai, paddle.

The build strings and dependencies are those of the feedstocks: some builds name their CUDA version,
some only that they are for CUDA, cupy's say nothing at all; CPU twins have the lower build number.
"""

from __future__ import annotations

from typing import Optional

from .channel_conda_forge import conda_forge_channel
from .channel_parts import on_python, short_hash, tag
from .conda_package import CondaPackage

_PYTHON = "3.11"
_Releases = tuple[tuple[str, tuple[Optional[str], ...]], ...]
_JAX: _Releases = (("0.4.31", ("11.8", "12.6", None)), ("0.4.26", ("11.8", "12.0", None)))
_TENSORFLOW: _Releases = (("2.19.1", ("12.9", None)), ("2.15.0", ("11.8", "12.0", None)))
_ONNXRUNTIME: _Releases = (("1.22.0", ("12.6", None)), ("1.18.0", ("11.8", "12.0", None)))
_FAISS: _Releases = (("1.14.3", ("12.9", "13.0", None)), ("1.9.0", ("11.8", "12.6", None)))
_XGBOOST: _Releases = (("3.3.0", ("12.9", "13.3", None)), ("2.1.4", ("11.8", "12.8", None)))


def forge_with_families() -> list[CondaPackage]:
    """List conda-forge with the families beside torch's."""
    rest = [one for one in conda_forge_channel() if one.name != "jaxlib"]
    return [
        *rest,
        *_jax(),
        *_tensorflow(),
        *_onnxruntime(),
        *_faiss(),
        *_xgboost(),
        *(_cupy(release, major) for release, major in (("14.1.1", 12), ("14.1.1", 13))),
        *(_cupy("13.6.0", major) for major in (11, 12, 13)),
    ]


def rapidsai_channel() -> list[CondaPackage]:
    """List `rapidsai`: every build is for CUDA, by its major version."""
    found = []
    for release, majors in (("25.10.00", (12, 13)), ("25.04.00", (11, 12))):
        for major in majors:
            build = f"cuda{major}_py311_251009_g1_0"
            needs = (on_python(_PYTHON), f"cuda-version >={major},<{major + 1}.0a0")
            found.append(CondaPackage("cudf", release, build, depends=needs))
            whole = (*needs, f"cudf {release}")
            found.append(CondaPackage("rapids", release, build, depends=whole))
    return found


def paddle_channel() -> list[CondaPackage]:
    """List `paddle`, whose own package chooses the CUDA version."""
    found = [CondaPackage("paddlepaddle", "3.0.0", "py311_0", depends=(on_python(_PYTHON),))]
    for cuda in ("11.8", "12.6"):
        needs = (on_python(_PYTHON), f"paddlepaddle-cuda {cuda}.*")
        build = f"py3.11_gpu_cuda{cuda}_many_linux"
        found.append(CondaPackage("paddlepaddle-gpu", "3.0.0", build, depends=needs))
        found.append(CondaPackage("paddlepaddle-cuda", cuda, "h1_0", subdir="noarch"))
    return found


def _needs(cuda: str | None) -> tuple[str, ...]:
    if cuda is None:
        return ()
    return ("__cuda", f"cuda-version >={cuda},<{int(cuda.split('.')[0]) + 1}.0a0")


def _flavour(cuda: str | None) -> str:
    return "cpu" if cuda is None else "cuda" + cuda.replace(".", "")


def _offset(cuda: str | None) -> int:
    return 0 if cuda is None else 200


def _jax() -> list[CondaPackage]:
    found = []
    for release, cudas in _JAX:
        for cuda in cudas:
            digest = short_hash("jaxlib", release, _flavour(cuda))
            build = f"{_flavour(cuda)}_{tag(_PYTHON)}{digest}_{_offset(cuda)}"
            needs = (on_python(_PYTHON), *_needs(cuda))
            found.append(CondaPackage("jaxlib", release, build, _offset(cuda), depends=needs))
        found.append(
            CondaPackage("jax", release, "pyhd_0", depends=(f"jaxlib {release}",), subdir="noarch")
        )
    return found


def _tensorflow() -> list[CondaPackage]:
    found: list[CondaPackage] = []
    cudas: tuple[str | None, ...]
    for release, cudas in _TENSORFLOW:
        for cuda in cudas:
            number = _offset(cuda)
            flavour = "cpu_" if cuda is None else _flavour(cuda)
            base = f"{flavour}{tag(_PYTHON)}{short_hash('tf', release, flavour)}_{number}"
            needs = (on_python(_PYTHON), *_needs(cuda))
            found += [
                CondaPackage("tensorflow-base", release, base, number, depends=needs),
                CondaPackage(
                    "tensorflow", release, base, number,
                    depends=(*needs, f"tensorflow-base {release} {base}"),
                ),
            ]  # fmt: skip
        found.append(
            CondaPackage(
                "tensorflow-cpu", release, "cpu_h1_0", depends=(f"tensorflow {release} cpu*",)
            )
        )
        found.append(
            CondaPackage(
                "tensorflow-gpu", release, "h1_0", depends=(f"tensorflow {release} cuda*",)
            )
        )
    return found


def _onnxruntime() -> list[CondaPackage]:
    """List builds that say that they are for CUDA, not for which: `py311h…_201_cuda`."""
    found: list[CondaPackage] = []
    cudas: tuple[str | None, ...]
    for release, cudas in _ONNXRUNTIME:
        for cuda in cudas:
            digest = short_hash("ort", release, _flavour(cuda))
            word = "cpu" if cuda is None else "cuda"
            build = f"{tag(_PYTHON)}{digest}_{_offset(cuda)}_{word}"
            needs = (on_python(_PYTHON), *_needs(cuda))
            found.append(CondaPackage("onnxruntime", release, build, _offset(cuda), depends=needs))
    return found


def _faiss() -> list[CondaPackage]:
    found: list[CondaPackage] = []
    cudas: tuple[str | None, ...]
    for release, cudas in _FAISS:
        for cuda in cudas:
            digest = short_hash("faiss", release, _flavour(cuda))
            flavour, word = ("", "cpu") if cuda is None else (_flavour(cuda), "cuda")
            number = 0 if cuda is None else 1
            build = f"{tag(_PYTHON)}{flavour}{digest}_{number}_{word}"
            needs = (on_python(_PYTHON), *_needs(cuda))
            found.append(CondaPackage("faiss", release, build, number, depends=needs))
        for name, word in (("faiss-gpu", "cuda"), ("faiss-cpu", "cpu")):
            needs = (f"faiss {release} *_{word}",)
            found.append(CondaPackage(name, release, f"h1_0_{word}", depends=needs))
    return found


def _xgboost() -> list[CondaPackage]:
    found: list[CondaPackage] = []
    cudas: tuple[str | None, ...]
    for release, cudas in _XGBOOST:
        for cuda in cudas:
            digest = short_hash("xgb", release, _flavour(cuda))
            build = f"{_flavour(cuda)}_pyh{digest}_{_offset(cuda)}"
            for name, more in (("py-xgboost", ()), ("xgboost", (f"py-xgboost {release} {build}",))):
                needs = (on_python(_PYTHON), *_needs(cuda), *more)
                found.append(CondaPackage(name, release, build, _offset(cuda), depends=needs))
    return found


def _cupy(release: str, major: int) -> CondaPackage:
    digest = short_hash("cupy", release, str(major))
    least = "11.2" if major == 11 else str(major)
    needs = (on_python(_PYTHON), f"cuda-version >={least},<{major + 1}.0a0")
    return CondaPackage("cupy", release, f"{tag(_PYTHON)}{digest}_0", depends=needs)
