"""A million tests as CSV through `hatangso speed summarise`, every rule checked: processor seconds and memory.

    python bench/speed_csv.py [--rows 1000000] [--areas BOUNDARIES] [--folder /tmp/hatangso-speed]

The way an office goes: a text file of single tests with devices, borders read from their file, duplicates and dominating
devices looked for. Compiled code is warmed up by a small run first. Processor time stands beside the clock: on a busy
machine it is the figure to trust.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from speed import SHARED, invented_areas, sample_files


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--areas", type=Path, default=SHARED if SHARED.exists() else None)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hatangso-speed"))
    options = parser.parse_args()
    areas_file = options.areas or invented_areas(options.folder)
    for rows in (min(1_000, options.rows), options.rows):
        path = csv_file(options.folder, rows, areas_file)
        wall, processor, said = summarised(path, areas_file)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"{options.rows:,} tests, {path.stat().st_size / 1e6:.0f} MB of CSV")
    print(said)
    print(f"{processor:.1f} processor seconds, {wall:.1f} by the clock, at most {peak:.2f} GB")


def summarised(path: Path, areas_file: Path) -> tuple[float, float, str]:
    """Run the verb; return seconds by the clock, processor seconds, and what it printed."""
    command = [
        sys.executable, "-m", "hatangso", "speed", "summarise", str(path), "--areas", str(areas_file), "--tool", "i-Speed",
        "--out", str(path.with_suffix(".summary.parquet")), "--as-of", "2026-04-01",
    ]  # fmt: skip
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor, done.stdout.strip()


def csv_file(folder: Path, rows: int, areas_file: Path) -> Path:
    """Write the tests of the parquet bench as CSV, each with a device, once."""
    path = folder / f"samples-{rows}.csv"
    if not path.exists():
        table = pl.read_parquet(sample_files(folder, rows, areas_file)[0])
        devices = np.random.default_rng(2026).integers(0, max(1, rows // 8), rows)
        table.with_columns(pl.Series("device", devices).cast(pl.String)).write_csv(path)
    return path


if __name__ == "__main__":
    main()
