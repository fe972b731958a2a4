"""The `pytorch` channel and its `nvidia` sister, in small.

Their trap: a CPU build stands in for every CUDA build, held back only by a track feature, so it
is taken as soon as the CUDA build cannot be had (no `nvidia` channel, for one).
"""

from __future__ import annotations

from dataclasses import dataclass

from .channel_parts import on_python, tag, torch_files, within
from .conda_package import CondaPackage


@dataclass(frozen=True)
class _Line:
    """One torch release: its CUDA versions with their cuDNN, its Pythons and companions."""

    torch: str
    cuda: dict[str, str]
    pythons: tuple[str, ...]
    vision: str
    audio: str

    @property
    def selector(self) -> str:
        """The package that chooses the CUDA version."""
        return "cudatoolkit" if self.torch.startswith("1.12") else "pytorch-cuda"


_LINES = (
    _Line(
        "1.12.1",
        {"10.2": "7.6.5", "11.3": "8.3.2", "11.6": "8.3.2"},
        ("3.10",),
        vision="0.13.1",
        audio="0.12.1",
    ),
    _Line("1.13.1", {"11.6": "8.3.2", "11.7": "8.5.0"}, ("3.10",), "0.14.1", "0.13.1"),
    _Line("2.1.1", {"11.8": "8.7.0", "12.1": "8.9.2"}, ("3.10", "3.11"), "0.16.1", "2.1.1"),
    _Line("2.1.2", {"11.8": "8.7.0", "12.1": "8.9.2"}, ("3.10", "3.11"), "0.16.2", "2.1.2"),
    _Line(
        "2.5.1",
        {"11.8": "9.1.0", "12.1": "9.1.0", "12.4": "9.1.0"},
        ("3.10", "3.11", "3.12"),
        vision="0.20.1",
        audio="2.5.1",
    ),
)

_CUDA_MUTEX = "pytorch-mutex 1.0 cuda"
_CPU_MUTEX = "pytorch-mutex 1.0 cpu"

# pytorch-cuda: its build, the bound of its CUDA libraries, and the libnvjpeg of that CUDA.
_METAPACKAGES = {
    "11.6": ("h867d48c_1", ">=11.6,<11.7", "11.6.2.124"),
    "11.7": ("h778d358_5", ">=11.7,<11.8", "11.8.0.2"),
    "11.8": ("h7e8668a_6", ">=11.8,<12.0", "11.9.0.86"),
    "12.1": ("ha16c6d3_6", ">=12.1,<12.2", "12.1.1.14"),
    "12.4": ("hc786d27_7", ">=12.4,<12.5", "12.3.1.117"),
}

# The nvidia channel: CUDA release and its libcublas.
_TOOLKITS = {
    "11.6": ("11.6.1", "11.9.2.110"),
    "11.7": ("11.7.1", "11.10.3.66"),
    "11.8": ("11.8.0", "11.11.3.6"),
    "12.1": ("12.1.0", "12.1.0.26"),
    "12.4": ("12.4.1", "12.4.5.8"),
}
_NVIDIA_CUDATOOLKITS = ("11.3.1", "11.6.0", "11.7.0", "11.8.0")


def pytorch_channel() -> list[CondaPackage]:
    """List the packages of the channel `pytorch`."""
    packages = [*_mutexes(), *_pytorch_cuda()]
    for line in _LINES:
        for python in line.pythons:
            packages += [_torch(line, python, cuda) for cuda in (*line.cuda, None)]
            for name, version in (("torchvision", line.vision), ("torchaudio", line.audio)):
                packages += [
                    _companion(name, version, line, python, cuda) for cuda in (*line.cuda, None)
                ]
    return packages


def nvidia_channel() -> list[CondaPackage]:
    """List the packages of the channel `nvidia`: what `pytorch-cuda` needs, and cudatoolkit."""
    packages = [
        CondaPackage("cudatoolkit", version, "hd8887f6_10") for version in _NVIDIA_CUDATOOLKITS
    ]
    for cuda, (release, cublas) in _TOOLKITS.items():
        nvjpeg = _METAPACKAGES[cuda][2]
        packages += [
            CondaPackage("cuda-cudart", f"{release}.105", "0"),
            CondaPackage("cuda-nvtx", f"{release}.105", "0"),
            CondaPackage("libcublas", cublas, "0"),
            CondaPackage("libnvjpeg", nvjpeg, "0"),
            CondaPackage("libnvjpeg-dev", nvjpeg, "0"),
            CondaPackage(
                "cuda-libraries",
                release,
                "0",
                depends=(f"cuda-cudart {within(release)}", f"libcublas >={cublas}"),
            ),
        ]
    return packages


def _torch(line: _Line, python: str, cuda: str | None) -> CondaPackage:
    depends: tuple[str, ...]
    if cuda is None:
        build, depends, constrains = f"py{python}_cpu_0", (_CPU_MUTEX,), ("cpuonly",)
    else:
        build = f"py{python}_cuda{cuda}_cudnn{line.cuda[cuda]}_0"
        depends = (_CUDA_MUTEX, f"{line.selector} {within(cuda)}")
        constrains = ("cpuonly <0",)
    return CondaPackage(
        "pytorch",
        line.torch,
        build,
        depends=(on_python(python), *depends),
        constrains=constrains,
        files=torch_files(line.torch, python, cuda, f"-py{python}.egg-info"),
    )


def _companion(name: str, version: str, line: _Line, python: str, cuda: str | None) -> CondaPackage:
    base = (on_python(python), f"pytorch {line.torch}", "numpy >=1.11")
    if cuda is None:
        return CondaPackage(
            name,
            version,
            f"{tag(python)}_cpu",
            depends=(*base, _CPU_MUTEX),
            constrains=("cpuonly",),
        )
    return CondaPackage(
        name,
        version,
        f"{tag(python)}_cu{cuda.replace('.', '')}",
        depends=(*base, _CUDA_MUTEX, f"{line.selector} {cuda}.*"),
        constrains=("cpuonly <0",),
    )


def _mutexes() -> list[CondaPackage]:
    return [
        CondaPackage(
            "pytorch-mutex", "1.0", "cpu", track_features="pytorch-mutex", subdir="noarch"
        ),
        CondaPackage("pytorch-mutex", "1.0", "cuda", number=100, subdir="noarch"),
        CondaPackage(
            "cpuonly",
            "2.0",
            "0",
            depends=(_CPU_MUTEX,),
            track_features="cpuonly",
            subdir="noarch",
        ),
    ]


def _pytorch_cuda() -> list[CondaPackage]:
    return [
        CondaPackage(
            "pytorch-cuda",
            cuda,
            build,
            int(build.rsplit("_", 1)[1]),
            depends=(
                f"cuda-libraries {bounds}",
                f"cuda-nvtx {bounds}",
                f"libnvjpeg {nvjpeg}",
                f"libnvjpeg-dev {nvjpeg}",
            ),
            constrains=(f"cuda-cudart {bounds}",),
            subdir="noarch",
        )
        for cuda, (build, bounds, nvjpeg) in _METAPACKAGES.items()
    ]
