"""Variant wheels for pip: fetched by their addresses, given to it under their usual names."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING
from urllib.parse import unquote

from conda_cuda_guard.host.private_folder import run_folder
from conda_cuda_guard.model import GuardError, Phrase, redact
from conda_cuda_guard.rendering.language import said
from conda_cuda_guard.rendering.output import err
from conda_cuda_guard.sources.fetching import FetchError
from conda_cuda_guard.sources.index_page import NotAnIndexError, local_path
from conda_cuda_guard.sources.wheel_descriptions import read_variants
from conda_cuda_guard.sources.wheel_filename import without_label

from .pip_session import PipFetch
from .pip_settings import times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conda_cuda_guard.model import Wheel

    from .command_line import CommandLine
    from .deciding import LineDecision

_CHUNK = 2**20
_MB = 10**6
# No wheel is as large: a server that does not say how much it sends may not fill the disk.
_LARGEST = 32 * 2**30
# Of a wheel's own description of its variant.
_LARGEST_DESCRIPTION = 2**20
_OWN_DESCRIPTION = ".dist-info/variant.json"


def fetched(line: CommandLine, decision: LineDecision) -> LineDecision:
    """Return a decision whose variant wheels lie in a private folder, under names that pip takes.

    They are removed with this process. Raises a GuardError for one that cannot be had whole.
    """
    plan = decision.plan
    named = {
        wheel.address: wheel
        for wheel in decision.catalogue.variant_files
        if any(f" @ {wheel.address}" in text for text in plan.pins)
    }
    session = PipFetch(line.words, line.command or "install")
    quiet = bool(times(line, decision.settings, "quiet"))
    places = {
        address: _Fetching(wheel, plan.cuda, session, quiet=quiet).place().as_uri()
        for address, wheel in named.items()
    }

    def local(text: str) -> str:
        for address, place in places.items():
            text = text.replace(f" @ {address}", f" @ {place}")
        return text

    plan = replace(
        plan,
        pins=tuple(map(local, plan.pins)),
        requirements=tuple(map(local, plan.requirements)),
    )
    pins = tuple((at, local(text)) for at, text in decision.pins)
    return replace(decision, plan=plan, pins=pins)


class _Fetching:
    """Fetches one variant wheel, of a plan for a CUDA version."""

    def __init__(self, wheel: Wheel, cuda: str | None, session: PipFetch, *, quiet: bool) -> None:
        self.wheel, self.cuda, self.session, self.quiet = wheel, cuda, session, quiet
        self.name = unquote(wheel.url.rpartition("/")[2])
        self.address = redact(wheel.url)

    def place(self) -> Path:
        """Return the path of the file, whole and checked."""
        folder = gettempdir()
        try:
            folder = mkdtemp(dir=run_folder())
            path = Path(folder, without_label(self.name)[0])
            digest = self._written(path)
        except FetchError as error:
            raise self._failed(_why(error.problem, self.address, error.detail)) from None
        except OSError as error:
            raise GuardError(
                Phrase("{file} cannot be kept; nothing was installed", file=self.name),
                why=f"{folder}: {error.strerror or error}",
                hint="make room there, or name another folder: TMPDIR=/large/folder pipcuda ...",
            ) from None
        if self.wheel.sha256 and digest != self.wheel.sha256:
            raise self._failed(
                Phrase(
                    "{address} is not the file that its index lists: its sha256 is {digest}",
                    address=self.address,
                    digest=digest,
                )
            )
        self._require_variant(path)
        return path

    def _written(self, path: Path) -> str:
        """Return the sha256 of the file, which is written in pieces."""
        here = local_path(self.wheel.url)
        size, pieces = _pieces_of(here) if here else self.session.whole(self.wheel.url)
        if size is not None and size > disk_usage(path.parent).free:
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        if not self.quiet:
            self._tell(size)
        digest = hashlib.sha256()
        with path.open("xb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
                if file.tell() > _LARGEST:
                    raise FetchError("too-large", Phrase("more than {size} bytes", size=_LARGEST))
        return digest.hexdigest()

    def _tell(self, size: int | None) -> None:
        large = f" ({size / _MB:.1f} MB)" if size is not None else ""
        text = Phrase("pipcuda: fetching {file}{size}", file=self.name, size=large)
        err(said(text))

    def _require_variant(self, path: Path) -> None:
        """Raise a GuardError for what is no variant wheel, or another than the index says."""
        try:
            with zipfile.ZipFile(path) as archive:
                names = [one for one in archive.namelist() if one.endswith(_OWN_DESCRIPTION)]
                with archive.open(names[0]) as file:
                    told = read_variants(file.read(_LARGEST_DESCRIPTION))
        except (zipfile.BadZipFile, OSError, IndexError, NotAnIndexError):
            none = Phrase("{address} is no variant wheel", address=self.address)
            raise self._failed(none) from None
        if not any((one.label, one.cuda) == (self.wheel.variant, self.cuda) for one in told):
            raise self._failed(
                Phrase(
                    "{address} says that it is another variant than its index says",
                    address=self.address,
                )
            )

    def _failed(self, why: str) -> GuardError:
        return GuardError(
            Phrase("{file} cannot be used; nothing was installed", file=self.name),
            why=why,
            hint="try again, or leave the variant wheels out: name another index, or release",
        )


def _pieces_of(path: Path) -> tuple[int, Iterator[bytes]]:
    """Return the size and the pieces of a file of this machine."""

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_CHUNK), b"")

    try:
        return path.stat().st_size, pieces()
    except OSError as error:
        raise FetchError("absent", error.strerror or "") from None


def _why(problem: str, address: str, detail: str) -> Phrase:
    """Return why a file cannot be had, by the problem of fetching it."""
    if problem == "absent":
        return Phrase("{address} is listed and not there: {detail}", address=address, detail=detail)
    if problem == "login-needed":
        return Phrase("{address} wants a login: {detail}", address=address, detail=detail)
    if problem == "truncated":
        return Phrase("{address} broke off: {detail}", address=address, detail=detail)
    return Phrase("{address} cannot be fetched: {detail}", address=address, detail=detail)
