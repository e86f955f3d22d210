"""An empty database of either kind for processes that are killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Site, environment_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Return a site on an empty database, a server for PostgreSQL included."""
    found = environment_of(tmp_path)
    if request.param == "sqlite":
        yield Site(found)
        return
    starter = Path(__file__).resolve().parents[2] / "tools" / "with_postgresql"
    with subprocess.Popen(
        [str(starter), "sh", "-c", 'echo "at $DATABASE_URL"; cat >/dev/null'],
        env=found,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None and server.stdin is not None
        address = next((line[3:].strip() for line in server.stdout if line.startswith("at ")), "")
        if not address:
            pytest.skip("không có PostgreSQL")
        yield Site(found | {"DATABASE_URL": address})
        server.stdin.close()
        server.wait(timeout=60)
