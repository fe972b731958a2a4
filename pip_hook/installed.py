"""The torch of the environment that is installed into, read from its files, not imported."""

from __future__ import annotations

import re
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Installed
from conda_cuda_guard.planner.asking import cuda_of

from .target import paths_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import Distribution

    from .command_line import CommandLine

# With these, what is installed is not looked at, or lies elsewhere.
_ELSEWHERE = ("target", "prefix", "root", "platform", "python-version", "ignore-installed")
_CUDA = re.compile(r"^cuda\b[^=\n]*=\s*['\"](\d+\.\d+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:hip|rocm|xpu)\b[^=\n]*=\s*['\"]\d", re.MULTILINE)
_OFF = ("", "0", "false", "no", "off")


def installed_torch(line: CommandLine, settings: Mapping[str, str]) -> Installed | None:
    """Find the torch that pip would find there; None where there is none, or it does not count."""
    for name in _ELSEWHERE:
        if line.count(f"--{name}") or settings.get(name, "").lower() not in _OFF:
            return None
    python = (line.values("--python") or [settings.get("python", "")])[-1]
    paths = paths_of(python) if python else sys.path
    found = next(iter(distributions(name="torch", path=paths)), None)
    return None if found is None else _read(found)


def _read(found: Distribution) -> Installed:
    """Read its variant: by its local version label, or what the package says of itself."""
    version = found.version.lower()
    label = version.partition("+")[2]
    by_conda = (found.read_text("INSTALLER") or "").strip() == "conda"
    if label == "cpu" or cuda_of(label):
        return Installed(version, cuda_of(label), by_conda=by_conda)
    own = _version_file(found)
    cuda = _CUDA.search(own)
    other = bool(_OTHER.search(own)) or label.startswith(("rocm", "xpu"))
    return Installed(version, cuda[1] if cuda else None, is_other=other, by_conda=by_conda)


def _version_file(found: Distribution) -> str:
    try:
        return Path(str(found.locate_file("torch/version.py"))).read_text("utf-8", "replace")
    except OSError:
        return ""


def wants_upgrade(line: CommandLine, settings: Mapping[str, str]) -> bool:
    """Tell whether what is named is to be renewed though it is there."""
    names = ("upgrade", "force-reinstall")
    return any(
        line.count(f"--{name}") or settings.get(name, "").lower() not in _OFF for name in names
    )
