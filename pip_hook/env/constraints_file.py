"""The constraints file: named by its content, for its owner alone."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_dir

from conda_cuda_guard.model import GuardError, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

# How lines begin that a later plan reads: nested files that it keeps, sources that it drops.
NESTED, FROM = "-c ", "# from "
_HEAD = "# Written by `pipcuda env`; its name is made from its content."


def folder() -> Path:
    """Give the folder of the constraints files."""
    return Path(user_data_dir("conda-cuda-guard", appauthor=False)).absolute() / "constraints"


def store(lines: Iterable[str]) -> Path:
    """Write a file with these lines, unless it is there, and return its path."""
    text = "\n".join([_HEAD, *lines, ""]).encode()
    path = folder() / f"torch-{hashlib.sha256(text).hexdigest()[:16]}.txt"
    try:
        if not path.is_file() or path.read_bytes() != text:
            _write(path, text)
    except OSError as error:
        raise GuardError(
            Phrase("cannot write {path}", path=path),
            why=error.strerror or str(error),
            hint="see to the permissions of that folder, then type the same again",
        ) from None
    return path


def _write(path: Path, text: bytes) -> None:
    """Put the whole file in its place at once; `mkstemp` makes it mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def as_word(path: PurePath) -> str:
    """Write a path as one word of a list that is split at spaces, in ASCII: as an address."""
    text = str(path)
    return text if re.fullmatch(r"[\x21-\x7e]+", text) else path.as_uri()


def is_ours(word: str) -> bool:
    """Tell whether a word of such a list is a file of ours."""
    return word.startswith((str(folder()), folder().as_uri()))


def recorded(word: str, start: str) -> list[str]:
    """Give what follows this start in the lines of a file of ours, in the order of the lines."""
    path = folder() / re.split(r"[/\\]", word)[-1]
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return []
    return [line[len(start) :] for line in lines if line.startswith(start)]
