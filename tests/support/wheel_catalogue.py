"""What the real wheel index and the default index hold, according to the built-in catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue

from .tools import version_key
from .wheel_file import WheelFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Build, Companion, Release

_TORCH_NEEDS = ("typing-extensions",)
_COMPANIONS_NEED = ("numpy",)
_SYSTEM_TAGS = {
    "linux-aarch64": "manylinux2014_aarch64",
    "windows-amd64": "win_amd64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x86_64": "macosx_10_9_x86_64",
}
_FIRST_NEWER_LINUX = (2, 7)
# The real flat page goes on after this, but thousands of links make each pip run slow.
_END_OF_FLAT_PAGE = (2, 0)
_OTHERS = (
    ("typing_extensions-4.12.2-py3-none-any.whl", ()),
    ("numpy-1.26.4-py3-none-any.whl", ()),
    ("numpy-2.2.0-py3-none-any.whl", ()),
    # A package that asks for torch without saying which, and one that asks for an old one.
    ("lightning-2.4.0-py3-none-any.whl", ("torch>=2.1", "numpy")),
    ("timm-0.9.12-py3-none-any.whl", ("torch>=1.7", "torchvision")),
)


@dataclass(frozen=True)
class _Shelf:
    """Where a build's wheels are listed: `{package}` in `page` stands for the package's name."""

    page: str
    label: str = ""
    folder: str = ""

    def file(self, package: str, version: str, ending: str, **more: Any) -> WheelFile:
        """List one wheel here."""
        name = f"{self.folder}{package}-{version}{ending}"
        return WheelFile(self.page.format(package=package), name, **more)


@cache
def from_catalogue(platform: str = "linux-x86_64") -> tuple[WheelFile, ...]:
    """List the wheels of the wheel index, and the unlabelled ones of a default index."""
    releases = {release.version: release for release in catalogue.releases()}
    plain = catalogue.plain(platform)
    files = common_packages()
    for build in catalogue.wheels(platform):
        shelves = _shelves(build)
        if plain.get(build.release) == build.variant:
            shelves.append(_Shelf("simple/{package}"))
        for shelf in shelves:
            files += _files(build, releases[build.release], shelf)
    # A companion of several releases is one file.
    return tuple({(file.index_path, file.filename): file for file in files}.values())


def common_packages() -> list[WheelFile]:
    """List what torch and its companions need, and two packages that need torch."""
    return [
        WheelFile(f"simple/{name.split('-', 1)[0].replace('_', '-')}", name, requires)
        for name, requires in _OTHERS
    ]


def _shelves(build: Build) -> list[_Shelf]:
    """Say which pages of the wheel index list a build."""
    shelves: list[_Shelf] = []
    if build.index is not None:
        shelves.append(_Shelf(f"whl/{build.index}/{{package}}", build.label))
    if build.page is not None:
        # The page of one variant lies in its folder, the common one above all folders.
        folder = "" if "/" in build.page else f"{build.variant}/"
        shelves.append(_Shelf(f"whl/{build.page}", build.label, folder))
    elif version_key(build.release) < _END_OF_FLAT_PAGE and build.index == build.variant:
        shelves.append(_Shelf("whl/torch_stable.html", build.label, f"{build.variant}/"))
    return shelves


def _files(build: Build, release: Release, shelf: _Shelf) -> Iterator[WheelFile]:
    """Make a build's wheels and its companions' for every Python."""
    for python in sorted(build.pythons):
        tags = f"-{_python_tag(python)}-{_system_tag(build)}.whl"
        yield shelf.file(
            "torch", build.release, shelf.label + tags, requires=_TORCH_NEEDS, cuda=build.cuda
        )
        for companion in release.pip.values():
            ending = (shelf.label if companion.labelled else "") + tags
            for version in companion.versions:
                needs = (*_torch_of(companion, version, release), *_COMPANIONS_NEED)
                yield shelf.file(companion.package, version, ending, requires=needs)


def _torch_of(companion: Companion, version: str, release: Release) -> tuple[str, ...]:
    """Return what the metadata of a companion's version asks for, as on the real index."""
    if companion.pins(version):
        return (f"torch=={release.version}",)
    if version not in companion.ranged:
        return ("torch",)
    # Of a file of several releases the last row counts, which is that of the oldest.
    return () if companion.package == "torchaudio" else (f"torch>={release.version}",)


def _python_tag(python: str) -> str:
    plain = python.rstrip("t")
    interpreter = "cp" + plain.replace(".", "")
    abi = "mu" if plain == "2.7" else "m" if version_key(plain) < (3, 8) else ""
    return f"{interpreter}-{interpreter}{abi}{python[len(plain) :]}"


def _system_tag(build: Build) -> str:
    if build.platform == "linux-x86_64":
        newer = version_key(build.release) >= _FIRST_NEWER_LINUX
        return "manylinux_2_28_x86_64" if newer else "linux_x86_64"
    return _SYSTEM_TAGS[build.platform]
