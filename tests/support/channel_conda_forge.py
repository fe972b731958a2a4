"""conda-forge and the `main` channel of the defaults, in small.

Their traps: conda-forge's CPU builds carry no track feature, so only `__cuda` decides between
them and the CUDA builds; the `main` channel has nothing but CPU builds.
"""

from __future__ import annotations

from dataclasses import dataclass

from .channel_parts import numpy, on_python, pythons, short_hash, tag, torch_files
from .conda_package import CondaPackage

_PYTHONS = ("3.10", "3.11")
_CUDA_VERSIONS = ("11.2", "11.8", "12.0", "12.6", "12.8", "12.9", "13.0")
_CUDATOOLKITS = ("10.2.89", "11.2.2", "11.3.1", "11.6.2", "11.8.0")
_MAIN_CUDATOOLKITS = ("10.2.89", "11.3.1")
_MAIN_TORCHES = {"1.12.1": ("3.10",), "2.1.2": _PYTHONS, "2.5.1": _PYTHONS}
# CUDA builds get 200 on their build number, those with MKL 100: without a driver the solver falls
# back to the CPU build, with one it prefers CUDA.
_CUDA_OFFSET = 200
_MKL_OFFSET = 100


@dataclass(frozen=True)
class _Feedstock:
    """One torch release, the CUDA versions that its last build number has, and its torchvision."""

    torch: str
    build: int
    cuda: tuple[str, ...]
    vision: str

    @property
    def new_style(self) -> bool:
        """Whether its build strings name the BLAS in CUDA builds too."""
        return not self.torch.startswith("2.1.")


_RELEASES = (
    _Feedstock("2.1.2", 3, ("11.2", "11.8", "12.0"), "0.16.1"),
    _Feedstock("2.5.1", 8, ("12.6",), "0.20.1"),
    _Feedstock("2.6.0", 4, ("12.6",), "0.21.0"),
    _Feedstock("2.7.1", 1, ("12.9",), "0.22.0"),
    _Feedstock("2.10.0", 1, ("12.9", "13.0"), "0.25.0"),
    _Feedstock("2.13.0", 1, ("12.9", "13.0"), "0.28.0"),
)


def conda_forge_channel() -> list[CondaPackage]:
    """List the packages of the channel `conda-forge`."""
    packages = [
        *pythons("conda-forge"),
        *numpy("conda-forge"),
        *(_cuda_version(cuda) for cuda in _CUDA_VERSIONS),
        *(CondaPackage("cudatoolkit", version, "h4ba93d1_13") for version in _CUDATOOLKITS),
    ]
    packages += [_jaxlib(python, cuda) for python in _PYTHONS for cuda in ("11.8", "12.6", None)]
    for release in _RELEASES:
        packages += [_metapackage(release, cuda) for cuda in (*release.cuda, None)]
        for python in _PYTHONS:
            for cuda in (*release.cuda, None):
                packages += [_torch(release, python, cuda), _vision(release, python, cuda)]
    return packages


def main_channel() -> list[CondaPackage]:
    """List the packages of the channel `main`, which `defaults` stands for."""
    torches = [
        CondaPackage(
            "pytorch",
            version,
            f"cpu_{tag(python)}{short_hash('main', version, python)}_0",
            depends=(on_python(python), "numpy"),
            files=torch_files(version, python, None, ".dist-info"),
        )
        for version, built_for in _MAIN_TORCHES.items()
        for python in built_for
    ]
    toolkits = [CondaPackage("cudatoolkit", v, "hfd86e86_1") for v in _MAIN_CUDATOOLKITS]
    jaxlibs = [_jaxlib(python, None) for python in _PYTHONS]
    return [*pythons("main"), *numpy("main"), *toolkits, *torches, *jaxlibs]


def _jaxlib(python: str, cuda: str | None) -> CondaPackage:
    """Make a package that is not of torch's family, with a CPU build and CUDA builds."""
    flavour = "cpu_" if cuda is None else _compact(cuda)
    digest = short_hash("jaxlib", python, flavour)
    number = _CUDA_OFFSET if cuda else 0
    needs = (on_python(python), "numpy >=1.19", *_on_cuda(cuda))
    build = f"{flavour}{tag(python)}{digest}_{number}"
    return CondaPackage("jaxlib", "0.4.31", build, number, depends=needs)


def _compact(cuda: str | None) -> str:
    return "cpu" if cuda is None else "cuda" + cuda.replace(".", "")


def _on_cuda(cuda: str | None) -> tuple[str, ...]:
    if cuda is None:
        return ()
    major = int(cuda.split(".", maxsplit=1)[0])
    needs = ("__cuda", f"cuda-version >={cuda},<{major + 1}")
    toolkit = (f"cudatoolkit >={cuda},<{major + 1}",) if major < 12 else ()
    # CUDA 13 builds ask for a newer C library than the others.
    return (*needs, *toolkit, *(("__glibc >=2.28,<3.0.a0",) if major >= 13 else ()))


def _build_number(release: _Feedstock, cuda: str | None) -> int:
    return release.build + _MKL_OFFSET + (_CUDA_OFFSET if cuda else 0)


def _torch(release: _Feedstock, python: str, cuda: str | None) -> CondaPackage:
    number = _build_number(release, cuda)
    flavour = _compact(cuda)
    digest = short_hash("conda-forge", release.torch, python, flavour)
    # The build strings of 2025: cuda129_mkl_py311_h<hash>_301; before: cuda118_py311h<hash>_303.
    if release.new_style:
        build = f"{flavour}_mkl_{tag(python)}_{digest}_{number}"
    else:
        build = f"{flavour}{'' if cuda else '_mkl'}_{tag(python)}{digest}_{number}"
    opposite = "pytorch-gpu" if cuda is None else "pytorch-cpu"
    same = "pytorch-cpu" if cuda is None else "pytorch-gpu"
    return CondaPackage(
        "pytorch",
        release.torch,
        build,
        number,
        depends=(on_python(python), "numpy >=1.19", *_on_cuda(cuda)),
        constrains=(f"{opposite} <0.0a0", f"{same} {release.torch}"),
        files=torch_files(release.torch, python, cuda, ".dist-info"),
    )


def _metapackage(release: _Feedstock, cuda: str | None) -> CondaPackage:
    """Make `pytorch-gpu` or `pytorch-cpu`, which only ask for a build of pytorch."""
    number = _build_number(release, cuda)
    flavour = _compact(cuda)
    return CondaPackage(
        "pytorch-cpu" if cuda is None else "pytorch-gpu",
        release.torch,
        f"{flavour}_mkl_{short_hash('meta', release.torch, flavour)}_{number}",
        number,
        depends=(f"pytorch {release.torch} {flavour}*{number}",),
    )


def _vision(release: _Feedstock, python: str, cuda: str | None) -> CondaPackage:
    flavour = _compact(cuda)
    digest = short_hash("vision", release.vision, python, flavour)
    return CondaPackage(
        "torchvision",
        release.vision,
        f"{flavour}_{tag(python)}_{digest}_0"
        if cuda is None
        else f"{flavour}{tag(python)}{digest}_0",
        depends=(
            on_python(python),
            "numpy >=1.23",
            *_on_cuda(cuda),
            f"pytorch {release.torch.rsplit('.', 1)[0]}.*",
            f"pytorch * {flavour}*",
        ),
        constrains=(),
    )


def _cuda_version(cuda: str) -> CondaPackage:
    major = cuda.split(".", maxsplit=1)[0]
    return CondaPackage(
        "cuda-version",
        cuda,
        f"{short_hash('cuda-version', cuda)}_3",
        3,
        constrains=(f"__cuda >={major}", f"cudatoolkit {cuda}|{cuda}.*"),
        subdir="noarch",
    )
