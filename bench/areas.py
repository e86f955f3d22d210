"""Areas: load, carry the country, find places with noise, import the polygons, locate a million points.

Usage: NUMBA_NUM_THREADS=2 .venv/bin/python bench/areas.py [--shared ../shared] [--points 1000000]

Peers (geopandas, shapely STRtree) are measured in the same run where they are installed; put geopandas into a
private environment and give its interpreter with --geopandas /path/to/python.
"""

from __future__ import annotations

import argparse
import datetime
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely
from placename_noise import noisy_place

from hatangso.areas.boundaries import read_boundaries
from hatangso.areas.carrying import Carrier
from hatangso.areas.locating import build_locator
from hatangso.areas.register import national_register
from hatangso.placenames.search import find

OLD, NEW, NOW = datetime.date(2025, 6, 30), datetime.date(2025, 7, 1), datetime.date(2026, 7, 25)
GEOPANDAS = """
import sys, time, numpy as np, geopandas
areas = geopandas.read_parquet(sys.argv[1]); xy = np.load(sys.argv[2])
points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(xy[0], xy[1]), crs=areas.crs)
begin = time.perf_counter()
joined = geopandas.sjoin(points, areas[["code", "geometry"]], predicate="within")
print(time.perf_counter() - begin, len(joined))
"""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments.add_argument("--points", type=int, default=1_000_000)
    arguments.add_argument("--geopandas", default=sys.executable)
    given = arguments.parse_args()
    print(f"{'what':<64}{'seconds':>10}  note")
    national_register.cache_clear()
    row("load the register (14,150 rows, 11,330 changes)", *timed(national_register))
    carry_country()
    find_places()
    path = given.shared / "data/boundaries/communes_2025_simplified20m.parquet"
    if path.exists():
        locate(path, given)


def carry_country() -> None:
    """80 variables × 40 periods of every commune before the reform, carried to the map of 2026."""
    register = national_register()
    codes = [area.code for area in register.in_force(OLD, level="commune")]
    values = np.random.default_rng(1).integers(0, 10_000, (len(codes), 80 * 40)).astype(float)
    seconds, carrier = timed(lambda: Carrier(register, since=OLD, to=NOW))
    row("the way from the map of 30/6/2025 to that of 2026", seconds)
    seconds, result = timed(lambda: carrier.carry_array(codes, values))
    balance = abs(result.known.sum() + result.lost.sum() - values.sum())
    row(
        f"carry {len(codes):,} communes × {values.shape[1]:,} columns",
        seconds,
        f"out of balance by {balance:g}",
    )


def find_places() -> None:
    """Every area of the official lists with noise; the units above are given, as in official letters."""
    register = national_register()
    find("Huế")
    for on, level, sample in ((NOW, "commune", 3321), (OLD, "commune", 3000), (OLD, "district", 696)):
        source = random.Random(11)
        areas = register.in_force(on, level=level)
        areas = source.sample(areas, min(sample, len(areas)))
        texts = [noisy_place(area, register, source=source) for area in areas]
        begin = time.perf_counter()
        found = [find(text, on=on, limit=1) for text in texts]
        seconds = time.perf_counter() - begin
        hits = sum(
            bool(match) and match[0].area.code == area.code for match, area in zip(found, areas, strict=True)
        )
        note = f"top-1 {hits / len(areas):.4f}, {1000 * seconds / len(areas):.2f} ms each"
        row(f"find {len(areas):,} places of level {level} on {on}", seconds, note)


def locate(path: Path, given: argparse.Namespace) -> None:
    seconds, (boundaries, report) = timed(lambda: read_boundaries(path, register=national_register(), on=NOW))
    note = f"{len(report.overlaps)} overlaps, {len(report.holes)} holes"
    row(f"import {len(boundaries.codes):,} polygons with all checks", seconds, note)
    row("simplify to 200 m, borders kept", timed(lambda: boundaries.simplified(tolerance_m=200))[0])
    build_locator(boundaries.polygons[:5]).assign(np.zeros(2), np.zeros(2))
    seconds, locator = timed(lambda: build_locator(boundaries.polygons))
    row("build the point index", seconds)
    random_numbers = np.random.default_rng(1)
    bounds, size = shapely.bounds(boundaries.polygons), shapely.area(boundaries.polygons)
    pick = random_numbers.choice(size.size, given.points, p=size / size.sum())
    x = random_numbers.uniform(bounds[pick, 0], bounds[pick, 2])
    y = random_numbers.uniform(bounds[pick, 1], bounds[pick, 3])
    out = np.empty(given.points, dtype=np.int32)
    ours = min(timed(lambda: locator.assign(x, y, out=out))[0] for _ in range(3))
    row(f"locate {given.points:,} points", ours, f"{1e9 * ours / given.points:.1f} ns a point")
    peers(path, boundaries.polygons, (x, y, out, ours), given.geopandas)


def peers(
    path: Path, polygons: np.ndarray, done: tuple[np.ndarray, np.ndarray, np.ndarray, float], python: str
) -> None:
    x, y, out, ours = done
    few = min(300_000, x.size)
    tree = shapely.STRtree(polygons)
    seconds, (point, polygon) = timed(
        lambda: tree.query(shapely.points(x[:few], y[:few]), predicate="within")
    )
    first = np.full(few, -1)
    order = np.argsort(-polygon, kind="stable")
    first[point[order]] = polygon[order]
    ratio = seconds / few / (ours / x.size)
    row(
        f"shapely STRtree within, {few:,} points",
        seconds,
        f"{ratio:.0f} × ours; {(first != out[:few]).sum()} differ",
    )
    np.save("/tmp/bench_points.npy", np.vstack([x, y]))
    run = subprocess.run(
        [python, "-c", GEOPANDAS, str(path), "/tmp/bench_points.npy"],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        print("geopandas not measured: " + (run.stderr.strip().splitlines() or ["?"])[-1])
        return
    seconds = float(run.stdout.split()[0])
    row(f"geopandas sjoin within, {x.size:,} points", seconds, f"{seconds / ours:.0f} × ours")


def timed(work: Callable) -> tuple[float, object]:
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def row(what: str, seconds: float, note: object = "") -> None:
    print(f"{what:<64}{seconds:>10.3f}  {note if isinstance(note, str) else ''}", flush=True)


if __name__ == "__main__":
    main()
