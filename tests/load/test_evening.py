"""Many units send at the same time, each twice: every one is there once (the whole country by bench/collection.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_BENCH = Path(__file__).resolve().parents[2] / "bench" / "collection.py"


def test_none_is_lost_or_doubled_when_all_send_at_once(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    run = subprocess.run(
        [sys.executable, str(_BENCH), "--units", "40", "--threads", "6"],
        env={**environment, "HATANGSO_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "sent 40, steps 40, cells 160, second sendings refused 40, faults 0" in run.stdout
