"""The table of distances as a file, written some points at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import parquet

from hatangso.access.points import Points
from hatangso.errors import InputError

_METRES = {b"unit": b"m"}


@dataclass(frozen=True)
class TableCount:
    """pairs : rows written; unreachable : pairs no road connects, not written; beyond : pairs farther than the limit."""

    pairs: int
    unreachable: int
    beyond: int


def write_distances(
    path: Path,
    blocks: Iterable[tuple[int, np.ndarray]],
    *,
    ends: tuple[Points, Points],
    limit_m: float = np.inf,
) -> TableCount:
    """Write ``point_id, demand_id, distance_m`` (metres, to the decimetre), one row per pair within the limit.

    Parameters
    ----------
    path : .parquet (column ``distance_m`` says its unit) or .csv
    blocks : as :func:`hatangso.access.distances.distance_blocks` yields them
    ends : service points and people

    Raises
    ------
    InputError
        for another kind of file.
    """
    points, people = ends
    suffix = path.suffix.lower()
    if suffix not in (".parquet", ".csv"):
        raise InputError(
            f"Tệp kết quả '{path.name}'", found=f"đuôi '{suffix}'", expected=".parquet hoặc .csv"
        )
    pairs = unreachable = beyond = 0
    with _parquet(path, points, people) if suffix == ".parquet" else _csv(path, points, people) as write:
        for first, table in blocks:
            point, person = np.nonzero(table <= limit_m if np.isfinite(limit_m) else np.isfinite(table))
            distance = np.round(table[point, person], 1)
            write(point + first, person, distance)
            reached = int(np.isfinite(table).sum())
            pairs, unreachable = pairs + len(distance), unreachable + table.size - reached
            beyond += reached - len(distance)
    return TableCount(pairs, unreachable, beyond)


_Writer = Callable[[np.ndarray, np.ndarray, np.ndarray], None]


@contextmanager
def _parquet(path: Path, points: Points, people: Points) -> Iterator[_Writer]:
    names = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [
            pa.field("point_id", names),
            pa.field("demand_id", names),
            pa.field("distance_m", pa.float32(), metadata=_METRES),
        ]
    )
    of_points, of_people = pa.array(points.ids, pa.string()), pa.array(people.ids, pa.string())
    with parquet.ParquetWriter(path, schema, compression="zstd") as file:

        def write(point: np.ndarray, person: np.ndarray, distance: np.ndarray) -> None:
            columns = [
                pa.DictionaryArray.from_arrays(point.astype(np.int32), of_points),
                pa.DictionaryArray.from_arrays(person.astype(np.int32), of_people),
                pa.array(distance.astype(np.float32)),
            ]
            file.write_table(pa.Table.from_arrays(columns, schema=schema))

        yield write


@contextmanager
def _csv(path: Path, points: Points, people: Points) -> Iterator[_Writer]:
    of_points, of_people = np.array(points.ids, dtype=object), np.array(people.ids, dtype=object)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("point_id,demand_id,distance_m\n")

        def write(point: np.ndarray, person: np.ndarray, distance: np.ndarray) -> None:
            rows = pl.DataFrame(
                {
                    "point_id": of_points[point].tolist(),
                    "demand_id": of_people[person].tolist(),
                    "distance_m": distance,
                },
                schema={"point_id": pl.String, "demand_id": pl.String, "distance_m": pl.Float32},
            )
            file.write(rows.write_csv(include_header=False, float_precision=1))

        yield write
