"""The pages of the wheel index: PEP 503, PEP 691, pages of links, and a web server's listing."""

from __future__ import annotations

import hashlib
import html
import json
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from .wheel_file import wheel_bytes
from .wheel_server_http import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .wheel_file import WheelFile

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


def html_page(files: Iterable[WheelFile], host: str = "", *, metadata: bool = False) -> Reply:
    """Make the page of a package, or a flat one; links lead to the host, if one is given.

    With `metadata` it says that there is a metadata file beside each (PEP 658).
    """
    links = (_link(file, host) for file in files)
    return link_page(links, ' data-core-metadata="true"' if metadata else "")


def link_page(links: Iterable[tuple[str, str]], attributes: str = "") -> Reply:
    """Make a page of links, each an address and a text."""
    rows = "".join(
        f'<a href="{href}"{attributes}>{html.escape(text)}</a><br>\n' for href, text in links
    )
    return Reply(200, f"<!DOCTYPE html>\n<html><body>\n{rows}</body></html>\n".encode())


def json_page(
    name: str, files: Iterable[WheelFile], host: str = "", *, metadata: bool = False
) -> Reply:
    """Make the page of a package as PEP 691 has it."""
    entries = [
        {
            "filename": file.basename,
            "url": f"{host}/{quote(file.path)}",
            "hashes": {"sha256": _digest(file)},
            **({"core-metadata": True} if metadata else {}),
        }
        for file in files
    ]
    page = {"meta": {"api-version": "1.0"}, "name": name, "files": entries}
    return Reply(200, json.dumps(page).encode(), SIMPLE_JSON)


def folder_listing(path: str, names: Iterable[str]) -> Reply:
    """List a folder as nginx does: a line of a table for each file, long names cut short."""
    lines = ['<a href="../">../</a>']
    for name in names:
        shown = html.escape(name if len(name) <= 50 else f"{name[:47]}..>")
        lines.append(f'<a href="{quote(name)}">{shown}</a>  05-Feb-2024 10:11      2200661851')
    title = f"Index of /{path}/"
    body = "\r\n".join(lines)
    return Reply(
        200,
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<h1>{title}</h1><hr>"
        f"<pre>{body}\r\n</pre><hr></body>\r\n</html>\r\n".encode(),
    )


def _link(file: WheelFile, host: str) -> tuple[str, str]:
    """Link as the real pages do: flat ones relative and bare, the others with a checksum."""
    if file.is_flat and not host:
        return quote(file.filename), file.filename
    address = f"{host}/{quote(file.path)}"
    if file.is_flat:
        return address, file.filename
    return f"{address}#sha256={_digest(file)}", file.basename


@lru_cache(maxsize=8192)
def _digest(file: WheelFile) -> str:
    return hashlib.sha256(wheel_bytes(file)).hexdigest()
