"""A fibre plan as files: GeoPackage, Open Fibre Data Standard 0.3, workbook of materials, pictures."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import shapely
import xlsxwriter

from hatangso.fibre.costs import METHOD_WORDS
from hatangso.fibre.dig_once import Overlap
from hatangso.fibre.lines import Lines
from hatangso.fibre.materials import SURFACE_WORDS, carrier_words
from hatangso.fibre.plan import FibrePlan
from hatangso.maps.drawing import draw_map, draw_map_png
from hatangso.maps.layers import Layer, LineLayer, MapSheet, PointLayer
from hatangso.tables import defuse_formula

_LINK = "https://raw.githubusercontent.com/Open-Telecoms-Data/open-fibre-data-standard/0__3__0/schema/network-schema.json"
_NODE_KIND = {"station": "cellSite", "school": "customerPremises", "office": "customerPremises"}


def route_rows(plan: FibrePlan) -> pl.DataFrame:
    """Return one row per segment: stage, method, surface, length, cost, fibres, second path."""
    first = [int(segment.edges[0]) for segment in plan.segments]
    return pl.DataFrame(
        {
            "segment": list(range(1, len(first) + 1)),
            "stage": [segment.stage for segment in plan.segments],
            "follows": [carrier_words(str(plan.network.carrier[edge])) for edge in first],
            "method": [METHOD_WORDS[str(plan.network.method[edge])] for edge in first],
            "surface": [SURFACE_WORDS[str(plan.network.surface[edge])] for edge in first],
            "length_m": [round(segment.length_m, 1) for segment in plan.segments],
            "cost_vnd": [round(segment.cost_vnd) for segment in plan.segments],
            "fibres": [segment.fibres for segment in plan.segments],
            "second_path": [segment.second for segment in plan.segments],
        }
    )


def place_rows(plan: FibrePlan, places: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Return one row per place: whether it is joined, from which source, distance to its line, stage, or why not."""
    stage = np.zeros(places.height, np.int64)
    for part in plan.stages:
        stage[part.places] = part.number
    joined = np.isin(np.arange(places.height), plan.joined)
    names = sources["source_id"].to_list()
    reason = np.where(joined, "", np.where(plan.network.places < 0, "không nối được", "không chọn"))
    return pl.DataFrame(
        {
            "place_id": places["place_id"],
            "name": places["name"],
            "households": plan.needs.households,
            "fibres": plan.needs.fibres,
            "joined": joined,
            "source_id": [
                names[number] if ok else None for number, ok in zip(plan.source_of, joined, strict=True)
            ],
            "snapped_m": [round(d, 1) if np.isfinite(d) else None for d in plan.network.snapped_m],
            "stage": [int(number) if ok else None for number, ok in zip(stage, joined, strict=True)],
            "reason": reason.tolist(),
        }
    )


def stage_rows(plan: FibrePlan) -> pl.DataFrame:
    """Return one row per stage of building with running sums."""
    stages = plan.stages
    households = np.array([stage.households for stage in stages], np.int64)
    cost = np.array([round(stage.cost_vnd) for stage in stages], np.int64)
    return pl.DataFrame(
        {
            "stage": [stage.number for stage in stages],
            "places": [len(stage.places) for stage in stages],
            "households": households,
            "cost_vnd": cost,
            "households_so_far": np.cumsum(households),
            "cost_so_far_vnd": np.cumsum(cost),
        }
    )


def material_rows(plan: FibrePlan) -> pl.DataFrame:
    """Return the list of materials and works."""
    return pl.DataFrame(
        {
            "group": [row.group for row in plan.materials],
            "item": [row.words for row in plan.materials],
            "quantity": [round(row.quantity, 1) for row in plan.materials],
            "unit": [row.unit for row in plan.materials],
            "cost_vnd": [round(row.cost_vnd) for row in plan.materials],
        }
    )


def overlap_rows(overlaps: Sequence[Overlap]) -> pl.DataFrame:
    """Return one row per planned work that routes run along."""
    return pl.DataFrame(
        {
            "work": [overlap.work for overlap in overlaps],
            "start": [overlap.start for overlap in overlaps],
            "end": [overlap.end for overlap in overlaps],
            "length_m": [round(overlap.length_m, 1) for overlap in overlaps],
            "cost_vnd": [round(overlap.cost_vnd) for overlap in overlaps],
            "stages": [", ".join(map(str, overlap.stages)) for overlap in overlaps],
        },
        schema_overrides={"work": pl.String, "start": pl.Date, "end": pl.Date, "length_m": pl.Float64, "cost_vnd": pl.Int64, "stages": pl.String},
    )  # fmt: skip


def write_geopackage(
    plan: FibrePlan,
    path: Path,
    *,
    tables: tuple[pl.DataFrame, pl.DataFrame],
    overlaps: Sequence[Overlap] = (),
) -> None:
    """Write layers routes, places, sources and, where there are any, shared_works; ``tables`` = (sources, places)."""
    sources, places = tables
    path.unlink(missing_ok=True)
    lines = np.array([segment.geometry for segment in plan.segments], dtype=object)
    _write_layer(path, "routes", lines, route_rows(plan), "LineString")
    points = shapely.points(places["lon"].to_numpy(), places["lat"].to_numpy())
    _write_layer(path, "places", points, place_rows(plan, places, sources), "Point")
    points = shapely.points(sources["lon"].to_numpy(), sources["lat"].to_numpy())
    _write_layer(path, "sources", points, sources.select("source_id", "name", "spare_fibres"), "Point")
    if overlaps:
        shapes = np.array(
            [shapely.multilinestrings(_lines_of(item.geometry)) for item in overlaps], dtype=object
        )
        rows = overlap_rows(overlaps).with_columns(pl.col("start", "end").cast(pl.String))
        _write_layer(path, "shared_works", shapes, rows, "MultiLineString")


def _lines_of(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString"]


def _write_layer(path: Path, layer: str, shapes: np.ndarray, rows: pl.DataFrame, kind: str) -> None:
    columns = [
        column.to_numpy() if column.null_count() == 0 else _with_gaps(column) for column in rows.get_columns()
    ]
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(shapes), field_data=columns, fields=rows.columns, geometry_type=kind,
        crs="EPSG:4326", layer=layer, driver="GPKG", append=path.exists(),
    )  # fmt: skip


def _with_gaps(column: pl.Series) -> np.ndarray:
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.array(column.to_list(), dtype=object)


def write_workbook(
    plan: FibrePlan,
    path: Path,
    *,
    tables: tuple[pl.DataFrame, pl.DataFrame],
    overlaps: Sequence[Overlap] = (),
) -> None:
    """Write materials, stages, places, segments and shared works, one sheet each; ``tables`` = (sources, places)."""
    sources, places = tables
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    formats = (
        book.add_format({"bold": True, "text_wrap": True, "border": 1}),
        book.add_format({"num_format": "dd/mm/yyyy"}),
    )
    sheets = {
        "Vật tư": material_rows(plan), "Thứ tự xây dựng": stage_rows(plan), "Điểm": place_rows(plan, places, sources),
        "Đoạn tuyến": route_rows(plan), "Làm chung": overlap_rows(overlaps),
    }  # fmt: skip
    for title, rows in sheets.items():
        _write_sheet(book, title, rows, formats)
    notes = book.add_worksheet("Ghi chú")
    for number, note in enumerate(plan.notes):
        notes.write_string(number, 0, note)
    book.close()


_TITLES = {
    "group": "Nhóm", "item": "Hạng mục", "quantity": "Khối lượng", "unit": "Đơn vị", "cost_vnd": "Chi phí (đồng)",
    "stage": "Giai đoạn", "places": "Số điểm", "households": "Số hộ", "households_so_far": "Số hộ lũy kế",
    "cost_so_far_vnd": "Chi phí lũy kế (đồng)", "place_id": "Mã điểm", "name": "Tên", "fibres": "Số sợi", "joined": "Được nối",
    "source_id": "Nguồn", "snapped_m": "Cách tuyến (m)", "reason": "Lý do", "segment": "Đoạn", "follows": "Theo", "method": "Cách làm",
    "surface": "Mặt", "length_m": "Chiều dài (m)", "second_path": "Đường thứ hai", "work": "Công trình", "start": "Bắt đầu",
    "end": "Kết thúc", "stages": "Giai đoạn liên quan",
}  # fmt: skip


def _write_sheet(book: Any, title: str, rows: pl.DataFrame, formats: tuple[Any, Any]) -> None:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for index, name in enumerate(rows.columns):
        sheet.write_string(0, index, _TITLES[name], formats[0])
        sheet.set_column(index, index, 40 if name in {"item", "name", "work"} else 16)
        for row, cell in enumerate(rows[name].to_list(), start=1):
            if isinstance(cell, bool):
                sheet.write_string(row, index, "có" if cell else "không")
            elif isinstance(cell, str):
                sheet.write_string(row, index, defuse_formula(cell))
            elif rows.schema[name] == pl.Date and cell is not None:
                sheet.write_datetime(row, index, cell, formats[1])
            elif cell is not None:
                sheet.write_number(row, index, cell)


def open_fibre_network(
    plan: FibrePlan, *, tables: tuple[pl.DataFrame, pl.DataFrame], name: str
) -> dict[str, Any]:
    """Return the plan as a network package of the Open Fibre Data Standard 0.3: nodes and spans, status proposed.

    Identifiers follow from the name and the routes, so that the same plan gives the same file.
    """
    sources, places = tables
    degrees = plan.network.node_degrees
    known: dict[int, dict[str, Any]] = {}
    for row, node in enumerate(plan.network.sources.tolist()):
        if node >= 0:
            known[node] = {"name": str(sources["name"][row]), "type": ["pop"], "status": "operational"}
    for row in plan.joined.tolist():
        kind = _NODE_KIND.get(places["kind"][row] or "", "splitterBox")
        known[int(plan.network.places[row])] = {
            "name": str(places["name"][row]),
            "type": [kind],
            "status": "proposed",
        }
    ends = sorted({node for segment in plan.segments for node in (segment.start, segment.end)})
    nodes = [
        {
            "id": str(node),
            **known.get(node, {"type": ["other"], "status": "proposed"}),
            "location": {"type": "Point", "coordinates": [round(float(value), 7) for value in degrees[node]]},
        }
        for node in ends
    ]
    spans = [_span(plan, number) for number in range(len(plan.segments))]
    network = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, name + json.dumps(spans, sort_keys=True))),
        "name": name,
        "nodes": nodes,
        "spans": spans,
        "crs": {"name": "urn:ogc:def:crs:OGC::CRS84", "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
        "links": [{"href": _LINK, "rel": "describedby"}],
    }
    return {"networks": [network]}


def _span(plan: FibrePlan, number: int) -> dict[str, Any]:
    segment = plan.segments[number]
    carrier = str(plan.network.carrier[segment.edges[0]])
    method = str(plan.network.method[segment.edges[0]])
    buried = method in {"trench", "micro_trench", "pull"}
    route = np.round(shapely.get_coordinates(segment.geometry), 7).tolist()
    span = {
        "id": str(number + 1),
        "status": "operational" if carrier == "cable" else "proposed",
        "start": str(segment.start),
        "end": str(segment.end),
        "route": {"type": "LineString", "coordinates": route},
        "transmissionMedium": ["fibre"],
        "deployment": ["belowGround" if buried else "aboveGround"],
        "fibreLength": round(segment.length_m / 1000, 4),
    }
    if carrier != "cable":
        span["fibreCount"] = max(1, segment.fibres)
    else:
        del span["deployment"]  # how the existing cable lies is not known
    return span


def draw_plan(
    plan: FibrePlan,
    *,
    tables: tuple[pl.DataFrame, pl.DataFrame],
    sheet: MapSheet,
    ground: Lines | None = None,
) -> tuple[str, bytes]:
    """Return the picture for the letter as SVG and PNG: routes by kind, sources, places joined and not.

    ``ground`` : the lines of the map, drawn thin and grey beneath.
    """
    layers = ground_layers(ground) + plan_layers(plan, tables=tables)
    return draw_map(layers, sheet=sheet), draw_map_png(layers, sheet=sheet)


def ground_layers(lines: Lines | None) -> list[Layer]:
    """Return what lies beneath the routes: roads and other lines a cable can follow, and what must be crossed."""
    if lines is None:
        return []
    groups = (
        ("đường, tuyến có trên bản đồ", 5, lines.carrier != ""),
        ("sông, đường sắt phải vượt", 6, np.isin(lines.barrier, ("river", "rail"))),
    )
    return [
        LineLayer(list(lines.geometry[chosen]), words, style)
        for words, style, chosen in groups
        if chosen.any()
    ]


def plan_layers(plan: FibrePlan, *, tables: tuple[pl.DataFrame, pl.DataFrame]) -> list[Layer]:
    """Return the layers of the picture."""
    sources, places = tables
    layers: list[Layer] = []
    reuse = [
        str(plan.network.carrier[segment.edges[0]]) in {"cable", "duct", "poles"} for segment in plan.segments
    ]
    groups = (
        ("tuyến làm mới", 0, [s for s, old in zip(plan.segments, reuse, strict=True) if not old and not s.second]),
        ("theo cột, cống bể, cáp có sẵn", 1, [s for s, old in zip(plan.segments, reuse, strict=True) if old and not s.second]),
        ("đường thứ hai", 3, [s for s in plan.segments if s.second]),
    )  # fmt: skip
    for words, style, segments in groups:
        if segments:
            layers.append(LineLayer([segment.geometry for segment in segments], words, style))
    joined = np.isin(np.arange(places.height), plan.joined)
    few = places.height <= 40
    for words, shape, mask in (("điểm được nối", 0, joined), ("điểm không nối", 4, ~joined)):
        chosen = places.filter(pl.Series(mask))
        if chosen.height:
            names = chosen["name"].to_list() if few else []
            layers.append(PointLayer(chosen["lon"].to_list(), chosen["lat"].to_list(), words, shape, names))
    layers.append(
        PointLayer(
            sources["lon"].to_list(), sources["lat"].to_list(), "nguồn cáp", 2, sources["name"].to_list()
        )
    )
    return layers
