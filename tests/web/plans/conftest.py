"""Fixtures of plans: the invented plan stored as read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hatangso_web.accounts.models import User
from hatangso_web.plans.models import Finding, Version
from tests.web.plans.sample import REAL_TEXT, Store


@pytest.fixture
def store(specialist: User) -> Store:
    """Return the way to store plans, in the name of the specialist."""
    return Store(specialist)


@pytest.fixture
def read_version(store: Store, places: Any) -> Version:
    """Return the invented plan of the province, read and waiting for people."""
    return store(places.province)


@pytest.fixture
def finding(read_version: Version) -> Callable[..., Finding]:
    """Return a function that finds a finding of the invented plan by kind and order."""

    def pick(kind: str, number: int = 0, version: Version | None = None) -> Finding:
        found = (version or read_version).findings.select_related(
            "version__plan__area", "former", "decided_by"
        )
        return found.filter(kind=kind)[number]

    return pick


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    """Return a small plan as a text file that the engine itself reads."""
    path = tmp_path / "ke-hoach.txt"
    path.write_text(REAL_TEXT, encoding="utf-8")
    return path
