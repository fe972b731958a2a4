"""The guard's own options, as the command line gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.host.overrides import Options

if TYPE_CHECKING:
    from collections.abc import Iterable


def read_options(pairs: Iterable[tuple[str, str]]) -> Options:
    """Turn (option, value) pairs into the fields of `Options`; a later one wins, --gpu adds up."""
    fields: dict[str, str] = {}
    gpus: list[str] = []
    for name, value in pairs:
        if name == "--gpu":
            gpus.append(value)
        else:
            fields[name[2:].replace("-", "_")] = value
    return Options(
        cuda=fields.get("cuda"),
        driver=fields.get("driver"),
        gpu=tuple(gpus),
        host=fields.get("host"),
        cpu=True if "cpu" in fields else None,
        policy=fields.get("policy"),
        as_is=True if "as_is" in fields else None,
        offline=True if "offline" in fields else None,
        prefer_index=True if "prefer_index" in fields else None,
        locked=True if "locked" in fields else None,
    )
