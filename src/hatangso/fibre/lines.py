"""Lines a cable can follow (roads, poles, ducts, cables) and lines it must cross, read from maps."""

from __future__ import annotations

import itertools
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
from hatangso.map_tables import read_map
from hatangso.tables import header_key

CARRIERS = ("road", "poles", "duct", "cable")
BARRIER_WORDS = {"river": "sông, kênh", "rail": "đường sắt", "national_road": "quốc lộ, cao tốc"}
_SURFACE_WORDS = {
    "nhua": "asphalt", "asphalt": "asphalt", "paved": "asphalt", "be tong": "concrete", "concrete": "concrete",
    "xi mang": "concrete", "paving stones": "concrete", "sett": "concrete", "dat": "earth", "dirt": "earth", "earth": "earth",
    "ground": "earth", "unpaved": "earth", "gravel": "earth", "fine gravel": "earth", "compacted": "earth", "sand": "earth",
    "cap phoi": "earth", "grass": "earth", "da": "rock", "rock": "rock",
}  # fmt: skip
_SURFACE_PARTS = (  # of words no table knows the first part found in them decides
    ("be tong nhua", "asphalt"), ("nhua", "asphalt"), ("asphalt", "asphalt"), ("be tong", "concrete"), ("btxm", "concrete"),
    ("xi mang", "concrete"), ("concrete", "concrete"), ("cap phoi", "earth"), ("da dam", "earth"), ("soi", "earth"),
    ("dat", "earth"), ("gravel", "earth"), ("rock", "rock"),
)  # fmt: skip
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
    name : what people call the line, such as "cáp 'C1'"; spare_fibres : float64, NaN where not told
    notes : what a person should know of the maps
    """

    geometry: np.ndarray
    carrier: np.ndarray
    barrier: np.ndarray
    surface: np.ndarray
    noded: np.ndarray
    name: np.ndarray
    spare_fibres: np.ndarray
    notes: tuple[str, ...] = ()

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
        np.concatenate([part.name for part in parts]),
        np.concatenate([part.spare_fibres for part in parts]),
        tuple(note for part in parts for note in part.notes),
    )


def make_lines(
    geometry: Iterable[shapely.Geometry],
    *,
    carrier: str = "road",
    surface: str = "unknown",
    spare_fibres: float | None = None,
) -> Lines:
    """Make lines of one kind that meet where they cross; ``carrier`` may also name a barrier."""
    shapes = np.array(list(geometry), dtype=object)
    count = len(shapes)
    carries, blocks = _kind_of(carrier)
    carriers, barriers, surfaces = (np.full(count, word, dtype=object) for word in (carries, blocks, surface))
    names = np.array([f"đường {number}" for number in range(1, count + 1)], dtype=object)
    spare = np.full(count, np.nan if spare_fibres is None else spare_fibres)
    return Lines(shapes, carriers, barriers, surfaces, np.zeros(count, np.bool_), names, spare)


def read_lines(path: str | Path, *, kind: str = "road") -> Lines:
    """Read lines of one kind from .osm.pbf, GeoPackage, GeoJSON, Shapefile or GeoParquet.

    Columns ``kind``/``loại``, ``surface``/``mặt đường``, ``name``/``tên`` and ``spare_fibres``/``số sợi còn dư`` (of
    existing cables) of a vector file are obeyed where they stand; of OpenStreetMap roads, waterways, railways and minor power lines are taken, whatever ``kind`` says.

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
    if path.name.lower().endswith((".pbf", ".osm")):
        return _read_osm(path)
    frame, shapes = read_map(path)
    faults = _geometry_faults(shapes, path.name)
    kinds = _kinds(frame, path.name, faults) or [kind] * len(shapes)
    told, notes = _surfaces(frame, path.name)
    spare = _spare_fibres((frame, len(shapes)), path.name, faults)
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)
    single, origin = shapely.get_parts(shapes, return_index=True)
    pairs = [_kind_of(kinds[row] or kind) for row in origin]
    told = told or ["unknown"] * len(shapes)
    return Lines(
        single,
        np.array([carries for carries, _ in pairs], dtype=object),
        np.array([blocks for _, blocks in pairs], dtype=object),
        np.array([told[row] for row in origin], dtype=object),
        np.zeros(len(single), np.bool_),
        _names(frame, path.name, len(shapes))[origin],
        spare[origin],
        notes,
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


def _kinds(frame: pl.DataFrame, name: str, faults: list[InputError]) -> list[str | None] | None:
    column = _header(frame, ("kind", "loai"))
    if column is None:
        return None
    found: list[str | None] = []
    for row, cell in enumerate(frame[column].to_list(), start=1):
        text = header_key(str(cell)) if cell is not None else ""
        found.append(_KIND_WORDS.get(text))
        if text and found[-1] is None:
            faults.append(
                InputError(
                    f"Tệp '{name}', đối tượng {row}, cột {column}",
                    found=f"'{cell}'",
                    expected="đường, cột, cống bể, cáp, sông, đường sắt hoặc quốc lộ",
                )
            )
    return found


def _surfaces(frame: pl.DataFrame, name: str) -> tuple[list[str] | None, tuple[str, ...]]:
    """Return the surface of each row, None without such a column, and a note of the words nobody knows."""
    column = _header(frame, ("surface", "mat duong", "mat"))
    if column is None:
        return None, ()
    cells = ["" if cell is None else str(cell) for cell in frame[column].to_list()]
    found = {cell: surface_of(cell) for cell in set(cells)}
    strange = [cell for cell in cells if cell.strip() and found[cell] == "unknown"]
    strange = [cell for cell in strange if header_key(cell) not in {"unknown", "chua ro"}]
    if not strange:
        return [found[cell] for cell in cells], ()
    words = ", ".join(f"'{cell}'" for cell in sorted(set(strange))[:5])
    note = f"Tệp '{name}', cột {column}: {len(strange)} đối tượng ghi {words}: tính giá mặt đường chưa rõ"
    return [found[cell] for cell in cells], (note,)


def _spare_fibres(table: tuple[pl.DataFrame, int], name: str, faults: list[InputError]) -> np.ndarray:
    """Return the spare fibres of each of so many rows, NaN where not told."""
    frame, count = table
    column = _header(frame, ("spare fibres", "so soi con du", "soi du"))
    spare = np.full(count, np.nan)
    for row, cell in enumerate(frame[column].to_list() if column else [], start=1):
        if cell is None or cell != cell or not str(cell).strip():  # a gap in a column of numbers is NaN
            continue
        try:
            number = float(cell)
        except ValueError:
            number = -1.0
        if number == number // 1 and number >= 0:
            spare[row - 1] = number
            continue
        where = f"Tệp '{name}', đối tượng {row}, cột {column}"
        faults.append(
            InputError(where, found=f"'{cell}'", expected="số sợi nguyên không âm, để trống nếu không rõ")
        )
    return spare


def _names(frame: pl.DataFrame, file: str, count: int) -> np.ndarray:
    """Return what to call each row: its name, or its number in the file."""
    column = _header(frame, ("name", "ten", "id", "ma"))
    told = frame[column].to_list() if column else [None] * count
    names = [
        f"'{cell}'" if cell is not None and str(cell).strip() else f"đối tượng {row} của '{file}'"
        for row, cell in enumerate(told, start=1)
    ]
    return np.array(names, dtype=object)


def surface_of(written: str) -> str:
    """Return the surface a person's or OpenStreetMap's words mean, "unknown" when they say none of SURFACES."""
    text = header_key(written)
    if text in SURFACES or text in _SURFACE_WORDS:
        return _SURFACE_WORDS.get(text, text)
    return next((surface for part, surface in _SURFACE_PARTS if part in text), "unknown")


def _header(frame: pl.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((header for header in frame.columns if header_key(header) in names), None)


def _read_osm(path: Path) -> Lines:
    if not path.exists():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
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
            for known, nodes in itertools.groupby(entity.nodes, lambda node: node.location.valid()):
                points = [(node.lon, node.lat) for node in nodes] if known else []
                if len(points) >= 2:  # an extract may lack nodes of a way that leaves it
                    shapes.append(shapely.LineString(points))
                    rows.append(told)
    except (RuntimeError, OSError) as fault:
        raise InputError(f"Tệp '{path.name}' không đọc được như OpenStreetMap ({fault})") from fault
    if not shapes:
        raise InputError(
            f"Tệp '{path.name}'", found="không có đường nào", expected="bản trích OpenStreetMap có đường"
        )
    carrier, barrier, surface = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    count = len(shapes)
    names, spare = np.full(count, "", dtype=object), np.full(count, np.nan)
    return Lines(
        np.array(shapes, dtype=object), carrier, barrier, surface, np.ones(count, np.bool_), names, spare
    )


def _osm_kind(tag: Callable[[str], str | None]) -> tuple[str, str, str] | None:
    """Return carrier, barrier and surface of a way by its tags; None when it is of no use."""
    surface = surface_of(tag("surface") or "")
    highway = tag("highway")
    if highway == "service" and tag("tunnel") == "yes":
        return None  # a cellar below the town: nothing on the ground joins it where it passes
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
