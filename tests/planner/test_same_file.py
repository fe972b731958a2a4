"""Which hosts' files an index may name for `--locked`."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model import Host, Request, Wheel
from conda_cuda_guard.planner.problem import read_problem
from conda_cuda_guard.planner.same_file import is_known_host
from conda_cuda_guard.sources.builtin import from_catalogue

PYTORCH = "https://download.pytorch.org/whl"

PLACES = [
    (PYTORCH, "https://download.pytorch.org/whl/cu121/torch.whl", True),
    (PYTORCH, "https://download-r2.pytorch.org/whl/cu121/torch.whl", True),
    (f"{PYTORCH}/cu121/", "https://download-r2.pytorch.org/whl/cu121/torch.whl", True),
    (PYTORCH, "https://elsewhere.example/whl/cu121/torch.whl", False),
    ("https://mirror.example/whl", "https://mirror.example/files/torch.whl", True),
    ("https://user:pass@mirror.example/whl", "https://mirror.example/files/torch.whl", True),
    ("https://mirror.example/whl", "https://mirror.example:8443/files/torch.whl", False),
    ("https://mirror.example/whl", "https://download-r2.pytorch.org/whl/torch.whl", False),
    ("https://mirror.example/whl", "file:///home/me/torch.whl", False),
    ("https://mirror.example/whl", "file://mirror.example/torch.whl", False),
    ("/srv/wheels", "file:///srv/wheels/torch.whl", True),
    ("file:///srv/page.html", "https://mirror.example/files/torch.whl", True),
]


@pytest.mark.parametrize(("source", "url", "known"), PLACES)
def test_hosts_of_an_index(source: str, url: str, *, known: bool) -> None:
    platform = "linux-x86_64"
    catalogue = from_catalogue("pip", platform)
    problem = read_problem(Request("pip", ("torch",), (Host(platform),)), catalogue)
    wheel = Wheel("torch", "2.2.2+cu121", frozenset(), frozenset({platform}), url)
    assert is_known_host(wheel, source, problem) is known
