"""What all tests share: where the real data lie, and that no test is timed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault
settings.load_profile("untimed")
REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("HATANGSO_SHARED", REPOSITORY.parent / "shared"))


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Return the path of a file or folder below ../shared; the test is skipped, with a word, where it is absent."""

    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"không có dữ liệu thật ở {path}")
        return path

    return find
