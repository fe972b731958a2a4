"""What kept a page from being had: one table of HTTP statuses for indexes and channels."""

from __future__ import annotations

import pytest

from conda_cuda_guard.sources.fetching import problem_of_status


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (401, "login-needed"),
        (403, "login-needed"),
        (404, "absent"),
        (407, "login-needed"),
        (410, "absent"),
        (429, "server-error"),
        (500, "server-error"),
        (503, "server-error"),
    ],
)
def test_the_problem_of_a_status(status: int, problem: str) -> None:
    assert problem_of_status(status) == problem
