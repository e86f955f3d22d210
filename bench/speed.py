"""Speed tests to summaries: seconds, memory and ratios in one run.

    python bench/speed.py [--rows 10000000] [--areas BOUNDARIES] [--folder /tmp/hatangso-speed] [--cluster]

Invented samples (seeded) are written once as parquet files of five million rows. Then in one run: the time just to read
the columns, by the fastest of three readers (the limit), our one pass, and on the part they can hold geopandas + pandas and duckdb +
shapely, where they are installed (`pip install geopandas duckdb`); a peer that is missing is skipped with a word.
Readers and pass run twice in their process and the faster run is compared; the first run of the pass, which meets
memory that nobody has touched before, stands beside it.
Processor time stands beside the clock: on a busy machine it is the figure to trust.
"""

from __future__ import annotations

import argparse
import datetime
import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numba import get_num_threads

from hatangso.speed.one_pass import Pass, summarise_files
from hatangso.speed.placing import read_areas
from hatangso.speed.repeats import find_repeats
from hatangso.speed.validity import validity_rules
from hatangso.tables import read_features

FILE_ROWS = 5_000_000
SHARED = Path(__file__).resolve().parents[2] / "shared/data/boundaries/communes_2025_simplified20m.parquet"
OPERATORS = np.array(["Sao Mai", "Đồng Xanh", "Núi Biếc"])
TECHNOLOGIES = np.array(["4G", "5G", "FTTH"])
NAMES = ["operator", "technology"]
COLUMNS = ["time", "lon", "lat", "operator", "technology", "download_mbps", "upload_mbps", "latency_ms"]


def wanted_of_us() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--areas", type=Path, default=SHARED if SHARED.exists() else None)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/hatangso-speed"))
    parser.add_argument("--peer-rows", type=int, default=500_000)
    parser.add_argument(
        "--only", choices=["pass", "repeats"], help="print one line of JSON: one part of ours"
    )
    return parser.parse_args()


def main() -> None:
    options = wanted_of_us()
    areas_file = options.areas or invented_areas(options.folder)
    files = sample_files(options.folder, options.rows, areas_file)
    if options.only:
        print(json.dumps(ours(files, areas_file) if options.only == "pass" else repeats(files)))
        return
    read_in_batches(files)  # brings the files into memory
    readers = {
        "pyarrow, columns side by side": read_in_batches,
        "pyarrow, a file a thread": read_files,
        "polars": read_with_polars,
    }
    read = {name: min(reader(files) for _ in range(2)) for name, reader in readers.items()}
    fastest = min(read, key=lambda name: read[name])
    read_s, read_cpu_s = read[fastest]
    own = in_own_process("pass", options, areas_file)
    million = options.rows / 1e6
    print(
        f"{options.rows:,} samples, {own['areas']} areas, {own['groups']} groups, {get_num_threads()} threads"
    )
    print(f"{'what':52} {'seconds':>9} {'processor s':>12} {'s per million':>14} {'against ours':>13}")
    for name, spent in read.items():
        limit = " (the limit)" if name == fastest else ""
        row(f"reading, {name}{limit}", spent, million, own["seconds"] / million)
    row("hatangso one pass, in a new process", own["first"], million, own["seconds"] / million)
    row("hatangso one pass", (own["seconds"], own["cpu_s"]), million, own["seconds"] / million)
    first = own["first"]
    print(
        f"  of the limit: {first[0] / read_s:.2f} x by the clock, {first[1] / read_cpu_s:.2f} x by processor time in a new process"
    )
    print(
        f"  of the limit: {own['seconds'] / read_s:.2f} x by the clock, {own['cpu_s'] / read_cpu_s:.2f} x by processor time; "
        f"area assignment {own['assign_s']:.2f} processor s; last fold {own['fold_s']:.2f} s; peak memory {own['peak_gb']:.2f} GB; "
        f"before that once: borders read and indexed in {own['areas_s']:.1f} s"
    )
    looked = in_own_process("repeats", options, areas_file)
    row("hatangso, rows that repeat others", looked["spent"], million, own["seconds"] / million)
    print(f"  a look before the pass; peak memory {looked['peak_gb']:.2f} GB, mapped files included")
    for name, peer in (("geopandas + pandas", geopandas_peer), ("duckdb + shapely", duckdb_peer)):
        try:
            rows, seconds = peer(files[0], areas_file, options.peer_rows)
        except ImportError as fault:
            print(f"{name:52} skipped: {fault}")
            continue
        row(f"{name} ({rows:,} rows)", seconds, rows / 1e6, own["seconds"] / million)


def row(name: str, spent: tuple[float, float], million: float, ours_per_million: float) -> None:
    seconds, cpu_s = spent
    ratio = seconds / million / ours_per_million
    print(f"{name:52} {seconds:9.2f} {cpu_s:12.2f} {seconds / million:14.4f} {ratio:12.2f}x")


def in_own_process(part: str, options: argparse.Namespace, areas_file: Path) -> dict:
    """Run a part of ours in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--rows", str(options.rows), "--areas", str(areas_file)]
    command += ["--folder", str(options.folder), "--only", part]
    return json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    )


class Watch:
    """Seconds by the clock and of the processor since it was made."""

    def __init__(self) -> None:
        self.began, self.cpu = time.perf_counter(), time.process_time()

    def spent(self) -> tuple[float, float]:
        return time.perf_counter() - self.began, time.process_time() - self.cpu


def ours(files: list[Path], areas_file: Path) -> dict:
    watch = Watch()
    areas = read_areas(areas_file)
    areas_s, _ = watch.spent()
    spent: list[float] = []

    def assign(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        began = time.thread_time()
        result = areas.assign(lon, lat)
        spent.append(time.thread_time() - began)
        return result

    plan = Pass(assign, areas.codes, "invented")
    warm = files[0].with_name("warm.parquet")
    pq.write_table(pq.read_table(files[0]).slice(0, 1000), warm)
    summarise_files([warm], plan)  # compile
    spent.clear()
    first = Watch()
    summarise_files(files, plan)
    first_spent = first.spent()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    spent.clear()
    watch, last = Watch(), [0.0]

    def told(_rows: int) -> None:
        last[0] = watch.spent()[0]

    result = summarise_files(files, plan, advance=told)
    seconds, cpu_s = watch.spent()
    return {
        "first": first_spent,
        "seconds": seconds,
        "cpu_s": cpu_s,
        "areas_s": areas_s,
        "fold_s": seconds - last[0],
        "assign_s": sum(spent),
        "peak_gb": peak,
        "areas": len(areas.codes),
        "groups": len(result.summaries),
        "received": result.received,
    }


def repeats(files: list[Path]) -> dict:
    day = datetime.date(2026, 11, 1)
    watch = Watch()
    find_repeats(files, validity_rules(on=day), as_of=day, tool="invented")
    return {
        "spent": watch.spent(),
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def read_in_batches(files: list[Path]) -> tuple[float, float]:
    watch = Watch()
    for path in files:
        file = pq.ParquetFile(path, read_dictionary=NAMES, memory_map=True)
        for batch in file.iter_batches(batch_size=4_000_000, columns=COLUMNS, use_threads=True):
            batch.num_rows  # noqa: B018
    return watch.spent()


def read_files(files: list[Path]) -> tuple[float, float]:
    def read(path: Path) -> None:
        file = pq.ParquetFile(path, read_dictionary=NAMES, memory_map=True)
        for batch in file.iter_batches(batch_size=1_000_000, columns=COLUMNS, use_threads=False):
            batch.num_rows  # noqa: B018

    watch = Watch()
    with ThreadPoolExecutor(get_num_threads()) as pool:
        list(pool.map(read, files))
    return watch.spent()


def read_with_polars(files: list[Path]) -> tuple[float, float]:
    watch = Watch()
    for path in files:
        polars.read_parquet(path, columns=COLUMNS)
    return watch.spent()


def sample_files(folder: Path, rows: int, areas_file: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    _, polygons, _ = read_features(areas_file)
    low_x, low_y, high_x, high_y = shapely.total_bounds(polygons)
    centres = shapely.get_coordinates(shapely.point_on_surface(polygons))
    files = []
    for number in range(-(-rows // FILE_ROWS)):
        count = min(FILE_ROWS, rows - number * FILE_ROWS)
        path = folder / f"samples-{number:03d}-{count}.parquet"
        files.append(path)
        if path.exists():
            continue
        generator = np.random.default_rng([2026, number])
        near = centres[generator.integers(0, len(centres), count)] + generator.normal(0, 0.08, (count, 2))
        lon, lat = np.clip(near[:, 0], low_x, high_x), np.clip(near[:, 1], low_y, high_y)
        start = np.datetime64("2026-01-01", "us")
        table = pa.table(
            {
                "time": start
                + (generator.integers(0, 90 * 86_400, count) * 1_000_000).astype("timedelta64[us]"),
                "lon": lon,
                "lat": lat,
                "operator": pa.DictionaryArray.from_arrays(
                    generator.integers(0, 3, count).astype(np.int8), OPERATORS
                ),
                "technology": pa.DictionaryArray.from_arrays(
                    generator.integers(0, 3, count).astype(np.int8), TECHNOLOGIES
                ),
                "download_mbps": generator.lognormal(3.9, 0.7, count).astype(np.float32),
                "upload_mbps": generator.lognormal(3.1, 0.7, count).astype(np.float32),
                "latency_ms": generator.lognormal(3.3, 0.4, count).astype(np.float32),
            }
        )
        pq.write_table(table, path, compression="zstd", row_group_size=1_000_000)
    return files


def invented_areas(folder: Path) -> Path:
    """Voronoi cells when the real boundaries are not at hand."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "areas.geojson"
    if not path.exists():
        points = np.random.default_rng(1).uniform([102, 8], [110, 23], (3321, 2))
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
        features = [
            {
                "type": "Feature",
                "properties": {"code": f"V{i:04d}"},
                "geometry": json.loads(shapely.to_geojson(c)),
            }
            for i, c in enumerate(cells)
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def geopandas_peer(path: Path, areas_file: Path, rows: int) -> tuple[int, tuple[float, float]]:
    import geopandas
    import pandas

    attributes, polygons, _ = read_features(areas_file)
    frame = geopandas.GeoDataFrame({"code": attributes["code"].to_list()}, geometry=polygons, crs=4326)
    table = pq.read_table(path).slice(0, rows)
    watch = Watch()
    samples = table.to_pandas()
    points = geopandas.GeoDataFrame(
        samples, geometry=geopandas.points_from_xy(samples.lon, samples.lat), crs=4326
    )
    joined = geopandas.sjoin(points, frame, predicate="within")
    grouped = pandas.DataFrame(joined).groupby(["code", "operator", "technology"], observed=True)[
        "download_mbps"
    ]
    grouped.agg(["count", "mean", "median", lambda speed: (speed >= 40).mean()])
    return len(samples), watch.spent()


def duckdb_peer(path: Path, areas_file: Path, rows: int) -> tuple[int, tuple[float, float]]:
    import duckdb

    attributes, polygons, _ = read_features(areas_file)
    table = pq.read_table(path).slice(0, rows)
    watch = Watch()
    tree = shapely.STRtree(polygons)
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    which, area = tree.query(points, predicate="within")
    codes = np.full(table.num_rows, None, dtype=object)
    codes[which] = np.array(attributes["code"].to_list(), dtype=object)[area]
    placed = table.append_column("code", pa.array(codes, pa.string()))
    connection = duckdb.connect()
    connection.register("placed", placed)
    connection.execute(
        "SELECT code, operator, technology, count(*), avg(download_mbps), median(download_mbps), avg(CAST(download_mbps >= 40 AS INT)) "
        "FROM placed GROUP BY ALL"
    ).fetchall()
    return table.num_rows, watch.spent()


if __name__ == "__main__":
    main()
