"""Variant wheels: what an index says of the files that differ by more than their tags (PEP 825)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# In the place of a label, of the file that describes all variants of a version.
DESCRIPTION = "*"
LABEL = re.compile(r"[0-9a-z_.]+", re.ASCII)


@dataclass(frozen=True)
class WheelVariant:
    """One label of a version, and what a machine must have for its files.

    `cuda` is the oldest CUDA version of a driver that runs them (None: they ask for no CUDA),
    `below` the first that does not. `machine_code` are the compute capabilities that they are made
    for, empty where they do not say.
    """

    label: str
    cuda: str | None = None
    below: str | None = None
    machine_code: tuple[str, ...] = ()
