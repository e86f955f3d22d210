"""Lines a cable can follow (roads, poles, ducts, cables) and lines it must cross, read from maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import polars as pl
import shapely

from hatangso.errors import InputError, ManyInputErrors
from hatangso.fibre.costs import BARRIERS, SURFACES
from hatangso.geo import to_wgs84
from hatangso.tables import header_key, read_features

CARRIERS = ("road", "poles", "duct", "cable")
BARRIER_WORDS = {"river": "sông, kênh", "rail": "đường sắt", "national_road": "quốc lộ, cao tốc"}
_SURFACE_WORDS = {
    "nhua": "asphalt", "asphalt": "asphalt", "paved": "asphalt", "be tong": "concrete", "concrete": "concrete",
    "xi mang": "concrete", "paving stones": "concrete", "sett": "concrete", "dat": "earth", "dirt": "earth", "earth": "earth",
    "ground": "earth", "unpaved": "earth", "gravel": "earth", "fine gravel": "earth", "compacted": "earth", "sand": "earth",
    "cap phoi": "earth", "grass": "earth", "da": "rock", "rock": "rock",
}  # fmt: skip
_KIND_WORDS = {
    "duong": "road", "road": "road", "cot": "poles", "tuyen cot": "poles", "poles": "poles", "cong be": "duct", "duct": "duct",
    "cap": "cable", "cable": "cable", "song": "river", "kenh": "river", "river": "river", "duong sat": "rail", "rail": "rail",
    "quoc lo": "national_road", "national road": "national_road",
}  # fmt: skip
_ROADS = {
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "service",
    "track", "path", "road", "pedestrian", "cycleway", "footway", "trunk_link", "primary_link", "secondary_link",
    "tertiary_link", "motorway_link",
}  # fmt: skip
_NO_WORKS = {"motorway", "motorway_link"}  # no cable along these; they are crossed only


@dataclass(frozen=True)
class Lines:
    """Lines of a map.

    geometry : object array of LineString, degrees WGS 84
    carrier : road, poles, duct, cable, or "" for what is only crossed
    barrier : river, rail, national_road, or ""
    surface : one of SURFACES
    noded : whether lines meet only at shared vertices (as in OpenStreetMap); otherwise they meet where they cross
    """

    geometry: np.ndarray
    carrier: np.ndarray
    barrier: np.ndarray
    surface: np.ndarray
    noded: np.ndarray

    def __len__(self) -> int:
        return len(self.geometry)


def join_lines(parts: Sequence[Lines]) -> Lines:
    """Put lines of several maps together."""
    if not parts:
        raise InputError("Không có bản đồ tuyến nào", expected="ít nhất một tệp đường, cột, cống bể hoặc cáp")
    return Lines(
        np.concatenate([part.geometry for part in parts]),
        np.concatenate([part.carrier for part in parts]),
        np.concatenate([part.barrier for part in parts]),
        np.concatenate([part.surface for part in parts]),
        np.concatenate([part.noded for part in parts]),
    )


def make_lines(
    geometry: Iterable[shapely.Geometry],
    *,
    carrier: str = "road",
    surface: str = "unknown",
    noded: bool = False,
) -> Lines:
    """Make lines of one kind; ``carrier`` may also name a barrier."""
    shapes = np.array(list(geometry), dtype=object)
    count = len(shapes)
    carries, blocks = _kind_of(carrier)
    carriers, barriers, surfaces = (np.full(count, word, dtype=object) for word in (carries, blocks, surface))
    return Lines(shapes, carriers, barriers, surfaces, np.full(count, noded))


def read_lines(path: str | Path, *, kind: str = "road") -> Lines:
    """Read lines of one kind from .osm.pbf, GeoPackage, GeoJSON, Shapefile or GeoParquet.

    Columns ``kind``/``loại`` and ``surface``/``mặt đường`` of a vector file are obeyed where they stand; of
    OpenStreetMap roads, waterways, railways and minor power lines are taken, whatever ``kind`` says.

    Parameters
    ----------
    kind : road, poles, duct, cable, river, rail or national_road, for rows that do not say

    Raises
    ------
    InputError, ManyInputErrors
        naming the file and each row whose geometry or kind cannot be used.
    """
    path = Path(path)
    if kind not in CARRIERS + BARRIERS:
        raise InputError("Loại tuyến", found=kind, expected=", ".join(CARRIERS + BARRIERS))
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    if path.name.lower().endswith((".pbf", ".osm")):
        return _read_osm(path)
    frame, geometry, crs = read_features(path)
    faults = _geometry_faults(geometry, path.name)
    kinds = _column(frame, ("kind", "loai"), _KIND_WORDS, path.name, faults) or [kind] * len(geometry)
    surfaces = _column(frame, ("surface", "mat duong", "mat"), _SURFACE_WORDS, path.name, faults)
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    shapes = shapely.force_2d(to_wgs84(geometry, crs))
    single, origin = shapely.get_parts(shapes, return_index=True)
    pairs = [_kind_of(kinds[row] or kind) for row in origin]
    told = surfaces or [None] * len(geometry)
    return Lines(
        single,
        np.array([carries for carries, _ in pairs], dtype=object),
        np.array([blocks for _, blocks in pairs], dtype=object),
        np.array([told[row] or "unknown" for row in origin], dtype=object),
        np.zeros(len(single), np.bool_),
    )


def _kind_of(kind: str) -> tuple[str, str]:
    if kind == "national_road":
        return "road", "national_road"
    return (kind, "") if kind in CARRIERS else ("", kind)


def _geometry_faults(geometry: np.ndarray, name: str) -> list[InputError]:
    faults = []
    for row, shape in enumerate(geometry, start=1):
        found = ""
        if shape is None or shape.is_empty:
            found = "không có hình"
        elif shape.geom_type not in {"LineString", "MultiLineString"}:
            found = shape.geom_type
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            found = "tọa độ không phải số"
        if found:
            faults.append(
                InputError(f"Tệp '{name}', đối tượng {row}", found=found, expected="đường (LineString)")
            )
    if len(geometry) == 0:
        faults.append(InputError(f"Tệp '{name}'", found="không có đối tượng nào", expected="các đường"))
    return faults


def _column(
    frame: pl.DataFrame,
    names: tuple[str, ...],
    known: dict[str, str],
    name: str,
    faults: list[InputError],
) -> list[str | None] | None:
    column = next((header for header in frame.columns if header_key(header) in names), None)
    if column is None:
        return None
    found: list[str | None] = []
    for row, cell in enumerate(frame[column].to_list(), start=1):
        text = header_key(str(cell)) if cell is not None else ""
        found.append(known.get(text) or (text if text in SURFACES else None))
        if text and found[-1] is None and known is _KIND_WORDS:
            faults.append(
                InputError(
                    f"Tệp '{name}', đối tượng {row}, cột {column}",
                    found=f"'{cell}'",
                    expected="đường, cột, cống bể, cáp, sông, đường sắt hoặc quốc lộ",
                )
            )
    return found


def _read_osm(path: Path) -> Lines:
    shapes: list[shapely.Geometry] = []
    rows: list[tuple[str, str, str]] = []
    try:
        ways: Any = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
        for entity in ways:
            if not entity.is_way():
                continue
            told = _osm_kind(entity.tags.get)
            if told is None:
                continue
            points = [(node.lon, node.lat) for node in entity.nodes if node.location.valid()]
            if len(points) >= 2 and len(points) == len(entity.nodes):
                shapes.append(shapely.LineString(points))
                rows.append(told)
    except (RuntimeError, OSError) as fault:
        raise InputError(f"Tệp '{path.name}' không đọc được như OpenStreetMap ({fault})") from fault
    if not shapes:
        raise InputError(
            f"Tệp '{path.name}'", found="không có đường nào", expected="bản trích OpenStreetMap có đường"
        )
    carrier, barrier, surface = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    return Lines(np.array(shapes, dtype=object), carrier, barrier, surface, np.ones(len(shapes), np.bool_))


def _osm_kind(tag: Callable[[str], str | None]) -> tuple[str, str, str] | None:
    """Return carrier, barrier and surface of a way by its tags; None when it is of no use."""
    surface = _SURFACE_WORDS.get(header_key(tag("surface") or ""), "unknown")
    highway = tag("highway")
    if highway in _ROADS and tag("area") != "yes":
        national = highway in {"motorway", "trunk"} or (tag("ref") or "").upper().startswith("QL")
        return ("" if highway in _NO_WORKS else "road", "national_road" if national else "", surface)
    if tag("tunnel") not in {None, "no"}:
        return None  # runs below the road
    if tag("waterway") in {"river", "canal"}:
        return "", "river", surface
    if tag("railway") == "rail":
        return "", "rail", surface
    if tag("power") == "minor_line":
        return "poles", "", surface
    return None
