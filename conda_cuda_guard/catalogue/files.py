"""The catalogue's data files, and the one error for a file that cannot be used."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conda_cuda_guard.model import GuardError, Phrase

REINSTALL = "pip install --force-reinstall conda-cuda-guard"


class CatalogueError(GuardError):
    """A catalogue file that is missing, damaged, or of another version of the package."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            Phrase("the built-in catalogue cannot be used: {path}", path=path),
            why=reason,
            hint=REINSTALL,
        )
        self.path = path
        self.reason = reason


SCHEMA = 1
FOLDER_VARIABLE = "CUDA_GUARD_CATALOGUE"
SHIPPED = Path(__file__).parent / "data"


def folder() -> Path:
    """Return the folder of the data files: beside this module, or where the variable says."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else SHIPPED


def is_shipped(where: Path) -> bool:
    """Return whether a folder is the one that this package brings, made by its maintainers."""
    return where == SHIPPED


def read_table(path: Path, table: str) -> dict[str, Any]:
    """Return one data file; raise where it is not the table and schema that it should be."""
    content = _parse(path)
    if not isinstance(content, dict) or content.get("table") != table:
        raise CatalogueError(path, Phrase('it is not the table "{table}"', table=table))
    if content.get("schema") != SCHEMA:
        found = content.get("schema")
        raise CatalogueError(
            path,
            Phrase(
                "its schema is {found!r}; this version reads {schema}", found=found, schema=SCHEMA
            ),
        )
    return content


def _parse(path: Path) -> object:
    """Return the JSON in a file."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise CatalogueError(path, "the file is missing") from error
    except OSError as error:
        raise CatalogueError(
            path, Phrase("it cannot be read: {strerror}", strerror=error.strerror or error)
        ) from error
    except ValueError as error:
        raise CatalogueError(path, Phrase("it is not valid JSON: {error}", error=error)) from error


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Raise what goes wrong while rows become objects as an error of their file."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        reason = f"a row has an unexpected form ({type(error).__name__}: {error})"
        raise CatalogueError(path, reason) from error
