"""Many units send at the same time over HTTP, each twice: every one is there once (the whole country: bench/collection.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_none_is_lost_or_doubled_when_all_send_at_once(tmp_path: Path, vendor: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    starter = [str(_ROOT / "tools" / "with_postgresql")] if vendor == "postgresql" else []
    bench = [sys.executable, str(_ROOT / "bench" / "collection.py")]
    run = subprocess.run(
        [*starter, *bench, "--units", "24", "--at-once", "12", "--rounds", "2"],
        env={**environment, "HATANGSO_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=360,
    )
    if "Không có PostgreSQL" in run.stdout:
        pytest.skip("không có PostgreSQL")
    assert run.returncode == 0, run.stdout + run.stderr
    told = "sent 24, steps 24, cells 96, second sendings that changed anything 0, faults 0"
    assert told in run.stdout and f"{vendor}: 24 units" in run.stdout
