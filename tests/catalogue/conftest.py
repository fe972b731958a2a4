from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[3] / "shared" / "facts"


@pytest.fixture
def facts_folder() -> Path:
    """Find the facts tables that the data files were made from; only maintainers have them."""
    folder = Path(os.environ.get("CUDA_GUARD_FACTS") or BESIDE_THE_REPOSITORY)
    if not folder.is_dir():
        pytest.skip(f"no facts tables: CUDA_GUARD_FACTS is not set and {folder} is not there")
    return folder
