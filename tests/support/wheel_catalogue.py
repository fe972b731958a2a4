"""What the real wheel index and the default index hold, according to the built-in catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def from_catalogue(platform: str = "linux-x86_64") -> list[WheelFile]:
    """List the wheels of the wheel index, and the unlabelled ones of a default index."""
    releases = {release.version: release for release in catalogue.releases()}
    plain = catalogue.plain(platform)
    files = common_packages()
    for build in catalogue.wheels(platform):
        release = releases[build.release]
        files += _on_wheel_index(build, release)
        if plain.get(build.release) == build.variant:
            files += [file for _, file in _files(build, release, "simple/{package}", "", plain=True)]
    return list(dict.fromkeys(files))


def common_packages() -> list[WheelFile]:
    """List what torch and its companions need, and two packages that need torch."""
    return [
        WheelFile(f"simple/{name.split('-')[0].replace('_', '-')}", name, requires)
        for name, requires in _OTHERS
    ]


def _on_wheel_index(build: Build, release: Release) -> list[WheelFile]:
    files: list[WheelFile] = []
    if build.index is not None:
        pages = _files(build, release, f"whl/{build.index}/{{package}}", "")
        files += [file for _, file in pages]
    if build.page is not None:
        # The page of one variant lies in its folder, the common one above all folders.
        folder = "" if "/" in build.page else f"{build.variant}/"
        files += [file for _, file in _files(build, release, f"whl/{build.page}", folder)]
    elif version_key(build.release) < _END_OF_FLAT_PAGE and build.index == build.variant:
        flat = _files(build, release, "whl/torch_stable.html", f"{build.variant}/")
        files += [file for _, file in flat]
    return files


def _files(
    build: Build, release: Release, page: str, folder: str, *, plain: bool = False
) -> Iterator[tuple[str, WheelFile]]:
    """Make a build's wheels and its companions' for every Python, each with its package."""
    label = "" if plain else build.label
    for python in sorted(build.pythons):
        ending = f"{_python_tag(python)}-{_system_tag(build)}.whl"
        torch = f"{folder}torch-{build.release}{label}-{ending}"
        yield "torch", WheelFile(page.format(package="torch"), torch, _TORCH_NEEDS, build.cuda)
        for package, companion in release.pip.items():
            yield from _companion_files(package, companion, release, label, page, folder, ending)


def _companion_files(
    package: str,
    companion: Companion,
    release: Release,
    label: str,
    page: str,
    folder: str,
    ending: str,
) -> Iterator[tuple[str, WheelFile]]:
    pin = f"torch=={release.version}" if companion.pins_torch else "torch"
    own_label = label if companion.labelled else ""
    for version in companion.versions:
        name = f"{folder}{package}-{version}{own_label}-{ending}"
        needs = (pin, *_COMPANIONS_NEED)
        yield package, WheelFile(page.format(package=package), name, needs)


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
