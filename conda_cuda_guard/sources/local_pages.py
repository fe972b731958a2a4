"""Pages and folders on this machine, which pip reads where it is given a path or a file:// URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .fetching import FetchError
from .listing import wheel_of, wheels_in
from .pages import wheels_on

if TYPE_CHECKING:
    from conda_cuda_guard.model import Wheel


def local_path(url: str) -> Path | None:
    """Give the path that a path or file:// URL means; None for other addresses."""
    if url.lower().startswith("file:"):
        from urllib.request import url2pathname  # loads much, and is needed for few

        parts = urlsplit(url)
        host = "" if parts.netloc in ("", "localhost") else f"//{parts.netloc}"
        return Path(url2pathname(host + parts.path))
    return None if "://" in url else Path(url).expanduser()


def wheels_at(path: Path, limit: int, *, flat: bool) -> tuple[Wheel, ...]:
    """List the wheels of a folder, of a page in a file, or that are the file; raises FetchError."""
    try:
        if path.is_dir():
            # pip lists the files only of a --find-links folder; in an index it reads the page.
            return wheels_in(path) if flat else _page(path / "index.html", limit)
        if path.suffix == ".whl" and path.is_file():
            wheel = wheel_of(path.name, path.absolute().as_uri())
            return (wheel,) if wheel else ()
        return _page(path, limit)
    except FileNotFoundError:
        raise FetchError("absent", "no such file") from None
    except OSError as error:
        raise FetchError("unreachable", type(error).__name__) from None


def _page(path: Path, limit: int) -> tuple[Wheel, ...]:
    with path.open("rb") as file:
        body = file.read(limit + 1)
    if len(body) > limit:
        raise FetchError("too-large")
    return wheels_on(body, "", path.absolute().as_uri())
