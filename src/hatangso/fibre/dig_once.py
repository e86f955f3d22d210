"""Planned works that a fibre plan can share: where the routes run along them, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from hatangso.errors import InputError
from hatangso.fibre.plan import FibrePlan
from hatangso.geo import LocalMetres, line_length_m, window_of
from hatangso.map_tables import read_map
from hatangso.tables import Column, TableSpec, check_table

WORKS_SPEC = TableSpec(
    "công trình sắp làm",
    (
        Column("name", "text", "Tên công trình", aliases=("ten", "ten cong trinh")),
        Column("start", "date", "Ngày bắt đầu", required=False, nullable=True, aliases=("tu ngay", "bat dau", "from")),
        Column("end", "date", "Ngày kết thúc", required=False, nullable=True, aliases=("den ngay", "ket thuc", "until")),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Overlap:
    """A stretch of route within reach of a planned work: its geometry, metres, đồng of laying there, days of the work."""

    work: str
    start: date | None
    end: date | None
    geometry: shapely.Geometry
    length_m: float
    cost_vnd: float
    stages: tuple[int, ...]


def read_works(path: Path) -> tuple[pl.DataFrame, np.ndarray]:
    """Read planned works (lines or areas): name, start, end. Returns the table and geometries in degrees WGS 84."""
    frame, geometry = read_map(path)
    table = check_table(frame, WORKS_SPEC, source=path.name, first_row=1)
    for row, shape in enumerate(geometry, start=1):
        if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
            raise InputError(
                f"Tệp '{path.name}', đối tượng {row}", found="không có hình", expected="đường hoặc vùng"
            )
    wrong = [
        row
        for row, (start, end) in enumerate(zip(table["start"], table["end"], strict=True), start=1)
        if start and end and end < start
    ]
    if wrong:
        raise InputError(f"Tệp '{path.name}', đối tượng {wrong[0]}", found="ngày kết thúc trước ngày bắt đầu")
    return table, geometry


def find_overlaps(
    plan: FibrePlan, works: pl.DataFrame, geometry: np.ndarray, *, reach_m: float = 15.0
) -> list[Overlap]:
    """Find where what must be laid anew runs within ``reach_m`` of a planned work, longest first."""
    segments = [
        segment
        for segment in plan.segments
        if str(plan.network.carrier[segment.edges[0]]) not in {"cable", "duct"}
    ]
    if not segments or len(geometry) == 0:
        return []
    window = window_of([segment.geometry for segment in segments])
    plane = LocalMetres((window.west + window.east) / 2, (window.south + window.north) / 2)

    def flat(shape: np.ndarray) -> np.ndarray:
        return shapely.transform(shape, lambda xy: np.column_stack(plane.to_metres(xy[:, 0], xy[:, 1])))

    routes = flat(np.array([segment.geometry for segment in segments], dtype=object))
    zones = shapely.buffer(flat(geometry), reach_m)
    found = []
    for number, zone in enumerate(zones):
        near = np.flatnonzero(shapely.intersects(routes, zone))
        parts = shapely.intersection(routes[near], zone)
        lengths = shapely.length(parts)
        near, parts, lengths = near[lengths > 0], parts[lengths > 0], lengths[lengths > 0]
        if len(near) == 0:
            continue
        shared = shapely.line_merge(shapely.union_all(parts))
        back = shapely.transform(shared, lambda xy: np.column_stack(plane.to_degrees(xy[:, 0], xy[:, 1])))
        share = lengths / shapely.length(routes[near])
        cost = sum(segments[index].cost_vnd * part for index, part in zip(near, share, strict=True))
        stages = tuple(sorted({segments[index].stage for index in near}))
        row = works.row(number, named=True)
        found.append(
            Overlap(
                row["name"],
                row["start"],
                row["end"],
                back,
                float(line_length_m([back])[0]),
                float(cost),
                stages,
            )
        )
    return sorted(found, key=lambda overlap: -overlap.length_m)
