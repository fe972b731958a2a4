"""The tool's own time limits, and the factor that lengthens them."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model.time_limit import VARIABLE, time_limit


@pytest.mark.parametrize(
    ("factor", "seconds"),
    [("1", 2), ("20", 40), ("0.5", 1), ("", 2), ("x", 2), ("0", 2), ("-3", 2), ("inf", 2),
     ("nan", 2)],
)  # fmt: skip
def test_a_factor_that_is_none_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, factor: str, seconds: float
) -> None:
    monkeypatch.setenv(VARIABLE, factor)
    assert time_limit(2) == seconds


def test_without_a_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    assert time_limit(2) == 2
