"""Write the compiled catalogue beside its source: `python -m tests.rendering.compile_catalogue`."""

from __future__ import annotations

import polib

from .translatable import CATALOGUE


def compiled() -> bytes:
    """Compile the catalogue's source."""
    content: bytes = polib.pofile(str(CATALOGUE)).to_binary()
    return content


if __name__ == "__main__":
    CATALOGUE.with_suffix(".mo").write_bytes(compiled())
