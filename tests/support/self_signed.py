"""A certificate for this machine that nobody has signed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from .tools import ToolUnavailableError, build_step

if TYPE_CHECKING:
    from pathlib import Path


def self_signed(folder: Path) -> Path:
    """Make the certificate, with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise ToolUnavailableError("openssl is not installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    build_step(
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        "-keyout", key, "-out", certificate,
    )  # fmt: skip
    with certificate.open("a", encoding="ascii") as file:
        file.write(key.read_text("ascii"))
    return certificate
