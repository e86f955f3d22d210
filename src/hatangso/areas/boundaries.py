"""Boundaries of areas: import with a report of faults, simplify with shared borders kept, areas at points."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from hatangso.areas import lineage
from hatangso.areas.borders import Fault, border_faults
from hatangso.areas.locating import Locator, build_locator
from hatangso.areas.register import Area, Register
from hatangso.errors import InputError
from hatangso.geo import to_wgs84
from hatangso.tables import read_features
from hatangso.vietnamese import fold, format_number, nfc

_PROVINCE_HEADERS = (
    "province_code",
    "ma_tinh",
    "matinh",
    "province",
    "tinh",
    "ten_tinh",
    "tentinh",
    "tinh_thanh",
)
_NAME_HEADERS = (
    "full_name",
    "name",
    "ten",
    "ten_xa",
    "tenxa",
    "tenhc",
    "ten_dvhc",
    "ward",
    "ward_name",
    "xa",
)
_KIND = re.compile(r"^(thành phố|tỉnh|quận|huyện|thị xã|phường|xã|thị trấn|đặc khu)\s+", re.IGNORECASE)
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class BoundarySet:
    """The borders of areas of one level on one day: ``codes[i]`` belongs to ``polygons[i]``, degrees WGS 84."""

    codes: tuple[str, ...]
    polygons: np.ndarray
    on: datetime.date

    @functools.cached_property
    def locator(self) -> Locator:
        """Return the index for points, built when first asked for."""
        return build_locator(self.polygons)

    def codes_at(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Return for each point, degrees, the code of the area it lies in, "" for none; see :class:`Locator`."""
        numbers = self.locator.assign(longitude, latitude)
        return np.array([*self.codes, ""])[numbers]

    def simplified(self, *, tolerance_m: float) -> BoundarySet:
        """Return the set with fewer corners for maps; neighbours keep one common border.

        ``tolerance_m`` is about the size of detail that may go, metres.
        """
        if tolerance_m <= 0:
            raise InputError("Mức đơn giản hoá", found=str(tolerance_m), expected="số mét lớn hơn 0")
        polygons = shapely.coverage_simplify(self.polygons, tolerance_m / _METRES_PER_DEGREE)
        return BoundarySet(self.codes, polygons, self.on)


@dataclass(frozen=True)
class BoundaryReport:
    """What was found in a file of boundaries.

    ``joined_by`` names the column that gave the areas; ``joined_by_name`` are rows whose code no area has but
    whose name and province are those of an area without a polygon; ``unknown`` are its values no area has; ``missing`` the
    areas without a polygon; ``repeated`` areas given by several polygons, which were joined; ``wrong_parents``
    (code, province in the file, province in the register); ``mended`` areas whose polygon was not valid.
    """

    joined_by: str
    joined_by_name: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[Area, ...]
    repeated: tuple[str, ...]
    wrong_parents: tuple[tuple[str, str, str], ...]
    mended: tuple[str, ...]
    overlaps: tuple[Fault, ...]
    holes: tuple[Fault, ...]

    def sentences(self, *, most: int = 5) -> list[str]:
        """Return the report for a reader, each kind with its first examples."""
        lines = [f"Nối với danh mục theo cột {self.joined_by}."]
        listed: list[tuple[str, Sequence[str]]] = [
            ("mã lạ, nối được theo tên và tỉnh", self.joined_by_name),
            ("giá trị không có trong danh mục", self.unknown),
            ("đơn vị chưa có ranh giới", [f"{area.full_name} ({area.code})" for area in self.missing]),
            ("đơn vị có nhiều vùng, đã gộp", self.repeated),
            ("ghi sai tỉnh", [f"{code}: tệp ghi '{said}', danh mục {known}" for code, said, known in self.wrong_parents]),
            ("vùng lỗi hình học, đã sửa", self.mended),
            ("chỗ chồng nhau", [fault.sentence() for fault in self.overlaps]),
            ("chỗ hở", [fault.sentence() for fault in self.holes]),
        ]  # fmt: skip
        for title, items in listed:
            if items:
                more = " …" if len(items) > most else ""
                lines.append(f"{format_number(len(items))} {title}: {'; '.join(items[:most])}{more}")
        return lines


def read_boundaries(
    path: str | Path, *, register: Register, on: datetime.date, level: str = "commune"
) -> tuple[BoundarySet, BoundaryReport]:
    """Read boundaries and join them to the areas of a day.

    The column whose values are codes of areas in force is used; without one, the name together with the
    province. Coordinates are brought to WGS 84.

    Parameters
    ----------
    path : GeoJSON, GeoPackage, Shapefile or GeoParquet of polygons
    register : the areas
    on : the day of the map
    level : level of the areas the polygons stand for

    Raises
    ------
    InputError
        when the file has no polygons or nothing in it can be joined.
    """
    attributes, geometries, crs = read_features(path)
    geometries = to_wgs84(geometries, crs)
    name = Path(path).name
    polygonal = np.isin(shapely.get_type_id(geometries), (3, 6))
    if not polygonal.any():
        raise InputError(f"Tệp '{name}'", found="không có vùng nào", expected="polygon hoặc multipolygon")
    attributes, geometries = attributes.filter(polygonal), geometries[polygonal]
    areas = {area.code: area for area in register.in_force(on, level=level)}
    joined_by, codes = _join(attributes, areas, register, where=name)
    by_name = _join_rest(attributes, codes, areas, register)
    codes = [code or by_name.get(row, "") for row, code in enumerate(codes)]
    mended = ~shapely.is_valid(geometries)
    geometries = np.where(mended, _valid(geometries), geometries)
    known = np.array([code in areas for code in codes])
    said = attributes[joined_by.split(" + ")[0]].cast(pl.String).fill_null("").to_list()
    kept, polygons, repeated = _one_per_code([code for code in codes if code in areas], geometries[known])
    boundaries = BoundarySet(kept, polygons, on)
    overlaps, holes = border_faults(boundaries.codes, boundaries.polygons)
    report = BoundaryReport(
        joined_by=joined_by,
        joined_by_name=tuple(f"{said[row]} → {code}" for row, code in sorted(by_name.items())),
        unknown=tuple(text for text, hit in zip(said, known, strict=True) if not hit),
        missing=tuple(area for code, area in areas.items() if code not in set(kept)),
        repeated=repeated,
        wrong_parents=_wrong_parents(attributes, codes, areas, register),
        mended=tuple(codes[row] or said[row] for row in np.flatnonzero(mended)),
        overlaps=overlaps,
        holes=holes,
    )
    return boundaries, report


def codes_on(boundaries: BoundarySet, register: Register, *, on: datetime.date) -> dict[str, tuple[str, str]]:
    """Return for each code of a map its code on another day and, where there is none, why.

    A point in an area that went whole into another lies in that other; a point in an area that was cut could
    lie in any of its successors, so no code is given.
    """
    found: dict[str, tuple[str, str]] = {}
    for code in boundaries.codes:
        if on >= boundaries.on:
            relatives = lineage.successors(register, code, since=boundaries.on, to=on)
        else:
            relatives = lineage.predecessors(register, code, since=boundaries.on, to=on)
        if len(relatives) == 1:
            found[code] = (relatives[0].area.code, "")
        else:
            names = ", ".join(f"{relative.area.full_name} ({relative.area.code})" for relative in relatives)
            found[code] = ("", f"có thể thuộc {names}" if names else "không có đơn vị kế tục")
    return found


# ---------------------------------------------------------------------------------------------- joining
def _join(
    attributes: pl.DataFrame, areas: Mapping[str, Area], register: Register, *, where: str
) -> tuple[str, list[str]]:
    """Return the column used and, for each row, the code of an area or ""."""
    width = max((len(code) for code in areas), default=5)
    best, column, codes = 0, "", [""] * attributes.height
    for header in attributes.columns:
        values = [_code_text(value, width) for value in attributes[header].to_list()]
        hits = sum(value in areas for value in values)
        if hits > best:
            best, column, codes = hits, header, values
    if best * 2 >= attributes.height:
        return column, [code if code in areas else "" for code in codes]
    joined = _join_by_name(attributes, areas, register)
    if joined is None:
        raise InputError(
            f"Tệp '{where}'",
            found="không cột nào là mã đơn vị hành chính, cũng không nối được theo tên và tỉnh",
            expected="cột mã 5 số (xã) hoặc 2 số (tỉnh), hay cột tên cùng cột tỉnh",
            remedy="Kiểm tra --on: mã phải là mã của ngày lập bản đồ",
        )
    return joined


def _join_by_name(
    attributes: pl.DataFrame, areas: Mapping[str, Area], register: Register
) -> tuple[str, list[str]] | None:
    headers = {fold(header).replace(" ", "_"): header for header in attributes.columns}
    name = next((headers[known] for known in _NAME_HEADERS if known in headers), None)
    province = next((headers[known] for known in _PROVINCE_HEADERS if known in headers), None)
    if name is None:
        return None
    exact: dict[tuple[str, str], list[str]] = {}
    loose: dict[tuple[str, str], list[str]] = {}
    for area in areas.values():
        upper = register.parent(area)
        for key in {"", *((upper.code, fold(upper.name)) if upper and province else ())}:
            exact.setdefault((_bare(area.name), key), []).append(area.code)
            loose.setdefault((fold(area.name), key), []).append(area.code)
    codes = []
    for row in attributes.iter_rows(named=True):
        place = _bare(str(row[name] or ""))
        above = fold(_bare(str(row[province] or ""))) if province else ""
        for key in dict.fromkeys((above, _code_text(above, 2))):
            found = exact.get((place, key)) or loose.get((fold(place), key)) or []
            if len(found) == 1:
                break
        codes.append(found[0] if len(found) == 1 else "")
    if sum(map(bool, codes)) * 2 < len(codes):
        return None
    return f"{name} + {province}" if province else name, codes


def _join_rest(
    attributes: pl.DataFrame, codes: Sequence[str], areas: Mapping[str, Area], register: Register
) -> dict[int, str]:
    """Return row → area for rows without an area whose name and province name an area nobody has yet."""
    rest = [row for row, code in enumerate(codes) if not code]
    free = {code: area for code, area in areas.items() if code not in set(codes)}
    if not rest or not free:
        return {}
    joined = _join_by_name(attributes[rest], free, register)
    if joined is None or " + " not in joined[0]:
        return {}
    return {row: code for row, code in zip(rest, joined[1], strict=True) if code}


def _code_text(value: object, width: int) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value if value is not None else "").strip()
    return text.zfill(width) if text.isdigit() else text


def _bare(name: str) -> str:
    return _KIND.sub("", " ".join(nfc(name).split())).casefold()


def _one_per_code(
    codes: list[str], geometries: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        rows.setdefault(code, []).append(row)
    kept = tuple(sorted(rows))
    polygons = np.array(
        [
            geometries[rows[code][0]] if len(rows[code]) == 1 else shapely.union_all(geometries[rows[code]])
            for code in kept
        ],
        dtype=object,
    )
    return kept, polygons, tuple(code for code in kept if len(rows[code]) > 1)


def _valid(geometries: np.ndarray) -> np.ndarray:
    """Return valid polygons: crossings cut, lines and points that are left over dropped."""
    result = geometries.copy()
    for row in np.flatnonzero(~shapely.is_valid(geometries)):
        parts = shapely.get_parts(
            shapely.make_valid(geometries[row], method="structure", keep_collapsed=False)
        )
        polygons = [part for part in parts if isinstance(part, shapely.Polygon | shapely.MultiPolygon)]
        result[row] = shapely.union_all(polygons)
    return result


def _wrong_parents(
    attributes: pl.DataFrame, codes: Sequence[str], areas: Mapping[str, Area], register: Register
) -> tuple[tuple[str, str, str], ...]:
    headers = {fold(header).replace(" ", "_"): header for header in attributes.columns}
    column = next((headers[known] for known in _PROVINCE_HEADERS if known in headers), None)
    if column is None:
        return ()
    wrong = []
    for code, value in zip(codes, attributes[column].to_list(), strict=True):
        upper = register.parent(areas[code]) if code in areas else None
        if upper is None or value is None:
            continue
        said = str(value).strip()
        if _code_text(value, 2) != upper.code and fold(_bare(said)) != fold(upper.name):
            wrong.append((code, said, f"{upper.full_name} ({upper.code})"))
    return tuple(wrong)
