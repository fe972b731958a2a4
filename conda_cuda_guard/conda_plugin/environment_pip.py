"""The pip section of an environment file: what pip will take after conda's part is solved."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Request, Sources
from conda_cuda_guard.model.shown_text import quoted
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue

from . import environment

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host, Note

_TOLD = ("cuda-newer-than-driver", "gpu-not-covered")
_INDEXES = ("-i", "--index-url", "--extra-index-url")
_PAGES = ("-f", "--find-links")


def check_pip_section(hosts: tuple[Host, ...]) -> tuple[Note, ...]:
    """Return what is wrong with the torch that pip will take, by the built-in catalogue.

    The cure rewrites the file, which stays in force: the whole of it, not one install.
    """
    file = environment.environment_file()
    if file is None or not file.pip or not any(host.has_cuda for host in hosts):
        return ()
    wanted = tuple(one for one in file.pip if not one.startswith("-"))
    sources = Sources(
        index_urls=_options(file.pip, _INDEXES), find_links=_options(file.pip, _PAGES)
    )
    request = Request("pip", wanted, hosts, sources=sources, as_is=True)
    plan = make_plan(request, from_catalogue("pip", hosts[0].platform))
    command = quoted(("pipcuda", "rewrite", file.path))
    return tuple(
        replace(
            note, case="pip-section", facts={**note.facts, "file": file.path, "command": command}
        )
        for note in plan.notes
        if note.code in _TOLD
    )


def _options(lines: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of pip's options that stand on lines of their own."""
    pairs = (re.split(r"[\s=]+", line, maxsplit=1) for line in lines if line.startswith("-"))
    return tuple(pair[1].strip() for pair in pairs if pair[0] in names and len(pair) > 1)
