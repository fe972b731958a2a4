"""Tiny but valid wheels, made from nothing but their file name."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LABELLED_CUDA = re.compile(r"\+cu(\d+)(\d)(?:\.|$)")
_EXTRA = re.compile(r"extra == ['\"]([^'\"]+)['\"]")
_WHEN = (2023, 11, 14, 0, 0, 0)


@dataclass(frozen=True)
class WheelFile:
    """One wheel and the page that lists it.

    `index_path` is the page, from the root of the server: the folder of a package
    (`"whl/cu121/torch"`, `"simple/torch"`) or a flat page (`"whl/torch_stable.html"`). `filename`
    may start with a folder on a flat page (`"cu102/torch-1.7.1-….whl"`). `cuda` is what
    `torch.version.cuda` says; left out, the file's label tells.
    """

    index_path: str
    filename: str
    requires: tuple[str, ...] = ()
    cuda: str | None = None

    @property
    def basename(self) -> str:
        """The file's name alone."""
        return self.filename.rsplit("/", 1)[-1]

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.basename.split("-")[0]

    @property
    def version(self) -> str:
        """The distribution's version, with its label."""
        return self.basename.split("-")[1]

    @property
    def is_flat(self) -> bool:
        """Whether a flat page lists it."""
        return self.index_path.endswith(".html")

    @property
    def path(self) -> str:
        """Where the server has it: beside the folders of the packages, or below a flat page."""
        above = self.index_path.rsplit("/", 1)[0]
        return posixpath.normpath(f"{above}/{self.filename}")


@functools.lru_cache(maxsize=8192)
def wheel_bytes(wheel: WheelFile) -> bytes:
    """Make the wheel; the same one every time, so that its checksum can be published."""
    info = f"{wheel.name}-{wheel.version}.dist-info"
    files = {
        **_modules(wheel),
        f"{info}/METADATA": metadata_of(wheel),
        f"{info}/WHEEL": _wheel(wheel),
    }
    record = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, _WHEN), text)
    return buffer.getvalue()


def unpack(wheel: WheelFile, site: Path) -> None:
    """Put a wheel into a folder of packages, as pip leaves it there."""
    with zipfile.ZipFile(io.BytesIO(wheel_bytes(wheel))) as archive:
        archive.extractall(site)
    info = f"{wheel.name}-{wheel.version}.dist-info"
    more = {f"{info}/INSTALLER": "pip\n", f"{info}/REQUESTED": ""}
    for path, text in more.items():
        (site / path).write_text(text, "utf-8")
    with (site / info / "RECORD").open("a", encoding="utf-8") as record:
        record.writelines(f"{path},,\n" for path in more)


def _modules(wheel: WheelFile) -> dict[str, str]:
    package = wheel.name.replace("-", "_")
    if package != "torch":
        return {f"{package}/__init__.py": f"__version__ = {wheel.version!r}\n"}
    labelled = _LABELLED_CUDA.search(wheel.version)
    cuda = wheel.cuda or (f"{labelled[1]}.{labelled[2]}" if labelled else None)
    return {
        "torch/__init__.py": "from .version import __version__\n",
        "torch/version.py": f"__version__ = {wheel.version!r}\ncuda = {cuda!r}\n",
    }


def metadata_of(wheel: WheelFile) -> str:
    """Return the content of a wheel's METADATA."""
    extras = sorted({found[1] for one in wheel.requires if (found := _EXTRA.search(one))})
    requires = "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    requires += "".join(f"Requires-Dist: {requirement}\n" for requirement in wheel.requires)
    return f"Metadata-Version: 2.1\nName: {wheel.name}\nVersion: {wheel.version}\n{requires}"


def _wheel(wheel: WheelFile) -> str:
    python, abi, systems = wheel.basename[: -len(".whl")].split("-")[-3:]
    tags = "".join(f"Tag: {python}-{abi}-{system}\n" for system in systems.split("."))
    pure = "true" if systems == "any" else "false"
    return f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\n{tags}"


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
