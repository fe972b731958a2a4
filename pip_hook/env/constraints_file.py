"""The constraints file of `pipcuda env`: content-addressed, readable by its owner only."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_dir

from conda_cuda_guard.host.files import write_file
from conda_cuda_guard.model import GuardError, Phrase
from pip_hook.pip_settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePath


# Prefixes of lines that a later plan reads: nested files that it keeps, sources that it drops.
NESTED, FROM = "-c ", "# from "


_HEAD = "# Written by `pipcuda env`; its name is made from its content."


def constraints_folder() -> Path:
    """Return the folder of the constraints files."""
    return Path(user_data_dir("conda-cuda-guard", appauthor=False)).absolute() / "constraints"


def store(lines: Iterable[str]) -> Path:
    """Write a file with these lines, unless it is there, and return its path."""
    text = "\n".join([_HEAD, *lines, ""]).encode()
    path = constraints_folder() / f"torch-{hashlib.sha256(text).hexdigest()[:16]}.txt"
    try:
        if not path.is_file() or path.read_bytes() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, text, private=True)
    except OSError as error:
        raise GuardError(
            Phrase("cannot write {path}", path=path),
            why=error.strerror or str(error),
            hint="check the permissions of that folder, then run the same command again",
        ) from None
    return path


def as_word(path: PurePath) -> str:
    """Return a path as one word of a list that is split at spaces: as a file URL if necessary."""
    text = str(path)
    return text if re.fullmatch(r"[\x21-\x7e]+", text) else path.as_uri()


def is_ours(word: str) -> bool:
    """Return whether a word of such a list is a file of ours."""
    return word.startswith((str(constraints_folder()), constraints_folder().as_uri()))


def recorded(word: str, start: str) -> list[str]:
    """Return what follows this prefix in the lines of a file of ours, in order."""
    path = constraints_folder() / re.split(r"[/\\]", word)[-1]
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return []
    return [line[len(start) :] for line in lines if line.startswith(start)]


NAME = re.compile(r"([A-Za-z0-9._-]+)(\[[^]]*\])?\s*")


_SOURCES = {"extra-index-url": "PIP_EXTRA_INDEX_URL", "find-links": "PIP_FIND_LINKS"}


@contextmanager
def without_earlier() -> Iterator[None]:
    """Hide an earlier plan's constraints file and sources from pip's settings during a plan.

    By variables, as these are stronger than the files that may say it; an empty one is none to pip,
    so an empty list is written as a space.
    """
    found = settings("install")
    words = found.get("constraint", "").split()
    ours = [word for word in words if is_ours(word)]
    if not ours:
        yield
        return
    kept = [word for word in words if word not in ours]
    kept += [file for word in ours for file in recorded(word, NESTED)]
    changed = {"PIP_CONSTRAINT": " ".join(kept) or " "}
    sources = {url for word in ours for url in recorded(word, FROM)}
    for option, name in _SOURCES.items():
        urls = [url for url in found.get(option, "").split() if url not in sources]
        changed[name] = " ".join(urls) or " "
    before = {name: environ.get(name) for name in changed}
    environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del environ[name]
            else:
                environ[name] = value
