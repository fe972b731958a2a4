"""What every hook does before anything is loaded: look at the names, and contain faults of ours."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda.exceptions import CondaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda.models.match_spec import MatchSpec

log = logging.getLogger(__name__)

# What the planner calls CUDA_PACKAGES, which is too dear to load for every command.
_CUDA_PACKAGES = ("cuda-toolkit", "cuda", "cuda-runtime", "cuda-libraries", "cuda-compiler")
# Read as a file: the catalogue is too dear too.
_NAMES = Path(__file__).parent.parent / "catalogue" / "data" / "names.json"
# Where families of third parties are named, as the catalogue has it.
FAMILIES_VARIABLE = "CUDA_GUARD_FAMILIES"
FAMILIES_FOLDER = ("share", "conda-cuda-guard", "families")
_GPU_NAME = "-gpu"  # faiss-gpu, tensorflow-gpu: names that nobody types for a CPU
_ENVIRONMENT_FILE = (".yml", ".yaml")


@dataclass
class LastSolve:
    """The solve that conda is at, kept even where it does not look like CUDA.

    `specs` are what it was asked for, `finished` says whether it came to its end.
    """

    specs: list[MatchSpec] = field(default_factory=list)
    finished: bool = False


last_solve = LastSolve()


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_NAMES.read_bytes())
    return table


@lru_cache(maxsize=1)
def cuda_names() -> frozenset[str]:
    """Return the names that have to do with CUDA: every family's on conda, and CUDA's own.

    Names that are on pip alone are among them: a request with such a name is told of it.

    One look tells whether there may be families of third parties, which are read where there are.
    """
    names = frozenset((*_table()["conda"], *_table()["off_conda"], *_CUDA_PACKAGES))
    folder = os.path.join(sys.prefix, *FAMILIES_FOLDER)  # noqa: PTH118 - as it is quick
    if not (os.environ.get(FAMILIES_VARIABLE) or os.path.isdir(folder)):  # noqa: PTH112
        return names
    others: list[str] = []
    with safely("read the families of others"):
        from conda_cuda_guard.catalogue import families_on_conda, family

        others += family().by_conda_name
        others += (name for one in families_on_conda() for name in one.names)
    return names.union(others)


def specs_concern_cuda(specs: Iterable[MatchSpec]) -> bool:
    """Return whether a MatchSpec has one of the names, or a build of a CUDA version."""
    return any(_concerns_cuda(spec) for spec in specs)


def _concerns_cuda(spec: MatchSpec) -> bool:
    name = str(getattr(spec, "name", None))
    build = str(spec.get_raw_value("build") or "")
    return name in cuda_names() or name.endswith(_GPU_NAME) or "cuda" in build


def records_concern_cuda(records: Iterable[object]) -> bool:
    """Return whether a record has one of the names, or is a build for CUDA or for the CPU."""
    for record in records:
        build = str(getattr(record, "build", ""))
        if getattr(record, "name", None) in cuda_names() or "cuda" in build or "cpu" in build:
            return True
    return False


def environment_files(typed: Mapping[str, Any] | None) -> list[str]:
    """Return the environment files (YAML) that a command line as conda has read it names."""
    files = typed.get("file") if typed else None
    named = [files] if isinstance(files, str) else list(files or ())
    return [name for name in map(str, named) if name.endswith(_ENVIRONMENT_FILE)]


def files_concern_cuda(files: Iterable[str]) -> bool:
    """Return whether an environment file names the lead; its pip section is in no spec."""
    for name in files:
        from conda_cuda_guard.host.files import is_stream, read_file

        with suppress(OSError, ValueError):
            # A pipe is conda's to read.
            if not is_stream(name) and _table()["lead"][0].encode() in read_file(name):
                return True
    return False


@contextmanager
def safely(what: str) -> Iterator[None]:
    """Log a fault of ours at debug level and go on; what is meant to stop conda passes."""
    try:
        yield
    except CondaError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is
        from traceback import format_exc

        from conda_cuda_guard.rendering.output import shown

        log.debug("conda-cuda-guard could not %s\n%s", what, shown(format_exc()))
