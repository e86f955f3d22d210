"""The one place that reprojects: WGS 84 and VN-2000, written coordinates, distances, local metres, windows."""

from __future__ import annotations

import csv
import datetime
import functools
import importlib.resources
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike

from hatangso.errors import InputError
from hatangso.vietnamese import format_number, nfc

# Land, islands and sea areas of Vietnam, degrees; longitudes and latitudes never share a value.
LONGITUDES, LATITUDES = (102.0, 118.0), (6.0, 24.0)
# Eastings and northings of 3° zones within Vietnam, metres; they never share a value either.
EASTINGS, NORTHINGS = (200_000.0, 800_000.0), (650_000.0, 2_700_000.0)
_GEOD = pyproj.Geod(ellps="WGS84")
# VN-2000 to WGS 84, EPSG coordinate operation 6960 (the parameters of Quyết định 05/2007/QĐ-BTNMT).
_TO_WGS84 = (
    "+proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 +rx=-0.00928836 +ry=0.01975479 "
    "+rz=-0.00427372 +s=0.252906278 +convention=coordinate_frame"
)
_SCALE = {3: 0.9999, 6: 0.9996}
_DEGREES = re.compile(
    r"^\s*(?P<d>\d{1,3})\s*[°ºo˚d:\s]\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['’′‘p:\s]?\s*"
    r"(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|”|″|''|’’|s)?)?\s*(?P<h>[A-Za-zĐđ]*)\.?\s*$"
)
_DECIMAL = re.compile(r"^\s*[+]?(?P<whole>\d{1,7})(?:[.,](?P<part>\d+))?\s*°?\s*(?P<h>[A-Za-zĐđ]*)\s*$")
_EAST, _NORTH = {"e", "đ", "d", "đông", "east"}, {"n", "b", "bắc", "north"}
Form = Literal["wgs84", "vn2000", "unknown"]


@dataclass(frozen=True)
class Meridian:
    """The central meridian of a province's 3° zone during a time, with its source."""

    province_code: str
    central_meridian_deg: float
    valid_from: datetime.date | None
    valid_until: datetime.date | None
    from_province: str
    source: str
    unverified: str


@dataclass(frozen=True)
class Coordinates:
    """A written pair of coordinates, understood: degrees WGS 84, or None with the reason in ``notes``.

    ``form`` is what was written; ``uncertainty_m`` how far the point may lie off because digits are missing.
    """

    longitude: float | None
    latitude: float | None
    form: Form
    notes: tuple[str, ...] = ()
    uncertainty_m: float = 0.0


@dataclass(frozen=True)
class Window:
    """A rectangle in degrees, ``west <= east`` and ``south <= north``."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (self.west <= self.east and self.south <= self.north):
            raise InputError(
                "Khung bản đồ",
                found=f"tây {self.west}, nam {self.south}, đông {self.east}, bắc {self.north}",
                expected="tây không quá đông, nam không quá bắc",
            )

    def contains(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Say for each point whether it lies inside or on the rim."""
        return (
            (longitude >= self.west)
            & (longitude <= self.east)
            & (latitude >= self.south)
            & (latitude <= self.north)
        )

    def meets(self, other: Window) -> bool:
        """Say whether two windows share a point."""
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )

    def grown(self, distance_m: float) -> Window:
        """Return the window that also holds everything within a distance of it."""
        south_west = window_around(self.west, self.south, distance_m=distance_m)
        north_east = window_around(self.east, self.north, distance_m=distance_m)
        return Window(
            min(south_west.west, north_east.west + self.west - self.east),
            south_west.south,
            max(north_east.east, south_west.east + self.east - self.west),
            north_east.north,
        )


# ------------------------------------------------------------------------------------------------ VN-2000
def to_vn2000(
    longitude: ArrayLike, latitude: ArrayLike, *, meridian_deg: float, zone_width_deg: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Project WGS 84 degrees to VN-2000 metres.

    Parameters
    ----------
    longitude, latitude : (n,) degrees
    meridian_deg : central meridian of the zone
    zone_width_deg : 3 (scale 0.9999) or 6 (scale 0.9996)

    Returns
    -------
    easting, northing : (n,) metres. On Vietnamese papers the northing is called X and the easting Y

    Source: Thông tư 973/2001/TT-TCĐC; EPSG operation 6960 for the datum.
    """
    return _vn2000(meridian_deg, zone_width_deg).transform(longitude, latitude, direction="INVERSE")


def from_vn2000(
    easting: ArrayLike, northing: ArrayLike, *, meridian_deg: float, zone_width_deg: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude, degrees WGS 84, of VN-2000 metres; see :func:`to_vn2000`."""
    return _vn2000(meridian_deg, zone_width_deg).transform(easting, northing)


def meridians_of(province_code: str, *, on: datetime.date | None = None) -> tuple[Meridian, ...]:
    """Return the central meridians in use in a province on a day, its own first; all times without a day.

    A province merged in 2025 has those of the provinces it was formed from, for no text seen so far sets one
    for the whole; such rows say so in ``unverified``.

    Raises
    ------
    InputError
        for a code without a row.
    """
    rows = [row for row in _meridians() if row.province_code == province_code]
    if not rows:
        raise InputError(
            f"Mã tỉnh '{province_code}'", found="không có kinh tuyến trục", expected="mã tỉnh hai chữ số"
        )
    return tuple(row for row in rows if on is None or _holds(row, on))


@functools.cache
def _meridians() -> tuple[Meridian, ...]:
    text = importlib.resources.files("hatangso").joinpath("law", "geo", "meridians.csv").read_text("utf-8")
    return tuple(
        Meridian(
            row["province_code"],
            float(row["central_meridian_deg"]),
            datetime.date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            datetime.date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
            row["from_province"],
            row["source"],
            row["unverified"],
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def _holds(row: Meridian, on: datetime.date) -> bool:
    return (row.valid_from is None or row.valid_from <= on) and (
        row.valid_until is None or on < row.valid_until
    )


@functools.lru_cache(maxsize=64)
def _vn2000(meridian_deg: float, zone_width_deg: int) -> pyproj.Transformer:
    if zone_width_deg not in _SCALE or not 100 <= meridian_deg <= 120:
        raise InputError(
            "Múi chiếu VN-2000",
            found=f"kinh tuyến trục {meridian_deg}, múi {zone_width_deg}°",
            expected="kinh tuyến trục từ 100 đến 120, múi 3° hoặc 6°",
        )
    return pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0={meridian_deg} +k={_SCALE[zone_width_deg]} "
        "+x_0=500000 +y_0=0 +ellps=WGS84 +step +proj=cart +ellps=WGS84 "
        f"+step {_TO_WGS84} +step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


# ------------------------------------------------------------------------------------ written coordinates
def read_coordinates(
    first: object,
    second: object,
    *,
    meridians_deg: Sequence[float] = (),
    window: Window | None = None,
) -> Coordinates:
    """Understand a pair of coordinates as people write them.

    Degrees with decimals (point or comma), degrees-minutes-seconds, VN-2000 metres or kilometres, in either
    order, are told apart by their size, for in Vietnam no longitude is also a latitude and no easting a
    northing. Swapped, lost decimal points and truncated digits are mended or reported, never in silence.

    Parameters
    ----------
    first, second : number or text
    meridians_deg : central meridians that may apply to metres (see :func:`meridians_of`)
    window : where the point must lie; decides between several meridians and flags points outside

    Returns
    -------
    Coordinates in degrees WGS 84
    """
    one, other = _read_number(first), _read_number(second)
    if one is None or other is None:
        return Coordinates(None, None, "unknown", (f"không đọc được toạ độ '{first}', '{second}'",))
    notes: list[str] = []
    if one.restored or other.restored:
        notes.append("mất dấu thập phân, đã đặt lại")
    if _within(one.value, LATITUDES) and _within(other.value, LONGITUDES):
        one, other = other, one
        notes.append("đảo kinh độ và vĩ độ, đã đổi lại")
    if _within(one.value, LONGITUDES) and _within(other.value, LATITUDES):
        return _degrees(one, other, notes, window)
    scale = 1000.0 if max(one.value, other.value) < 10_000 else 1.0
    east, north = one.value * scale, other.value * scale
    if not _within(east, EASTINGS):
        east, north = north, east
    if _within(east, EASTINGS) and _within(north, NORTHINGS) and not _within(north, EASTINGS):
        if scale != 1.0:
            notes.append("đơn vị km, đã đổi ra m")
        return _metres((east, north), notes, meridians_deg, window)
    return Coordinates(
        None,
        None,
        "unknown",
        (*notes, f"toạ độ '{first}', '{second}' không phải độ trong Việt Nam, cũng không phải mét VN-2000: "
         "có thể bị cụt chữ số đầu"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Number:
    value: float
    decimals: int
    restored: bool = False


def _read_number(written: object) -> _Number | None:
    if written is None or isinstance(written, bool):
        return None
    if isinstance(written, int | float | np.integer | np.floating):
        if not math.isfinite(written):
            return None
        written = repr(float(written)) if not float(written).is_integer() else str(int(written))
    text = nfc(str(written)).strip()
    decimal = _DECIMAL.match(text)
    if decimal:
        whole, part = decimal["whole"], decimal["part"] or ""
        return _restore(_Number(float(f"{whole}.{part or 0}"), len(part)))
    digits = re.match(r"^\d{8,12}$", text)
    if digits:
        return _restore(_Number(float(text), 0))
    found = _DEGREES.match(text) or _DEGREES.match(re.sub(r"^([A-Za-zĐđ]+)\s*(.*)$", r"\2 \1", text))
    if found and float((found["m"]).replace(",", ".")) < 60:
        seconds = float((found["s"] or "0").replace(",", "."))
        if seconds < 60:
            value = int(found["d"]) + float(found["m"].replace(",", ".")) / 60 + seconds / 3600
            return _Number(value, 5 if found["s"] else 4 if re.search("[.,]", found["m"]) else 2)
    grouped = re.match(r"^\d{1,3}(?:[.\s]\d{3})+(?:,\d+)?$", text)
    if grouped:
        return _Number(float(re.sub(r"[.\s]", "", text).replace(",", ".")), 0)
    return None


def _restore(number: _Number) -> _Number:
    """Put back the decimal point of degrees that lost it: 108234567 is 108.234567, 12345678 is 12.345678."""
    if number.decimals or number.value < 10_000_000:
        return number
    digits = str(int(number.value))
    for width in (3, 2):
        value = float(f"{digits[:width]}.{digits[width:]}")
        if _within(value, LONGITUDES if width == 3 else LATITUDES):
            return _Number(value, len(digits) - width, True)
    return number


def _degrees(longitude: _Number, latitude: _Number, notes: list[str], window: Window | None) -> Coordinates:
    decimals = max(longitude.decimals, latitude.decimals)  # a lone round value is no sign of lost digits
    uncertainty = 0.0
    if decimals <= 2:
        uncertainty = 0.5 * 10.0**-decimals * 111_000
        notes.append(
            f"chỉ còn {decimals} chữ số thập phân, điểm có thể lệch {format_number(uncertainty, 0)} m"
        )
    if window and not window.contains(np.array(longitude.value), np.array(latitude.value)):
        notes.append("nằm ngoài khung của địa bàn")
    return Coordinates(longitude.value, latitude.value, "wgs84", tuple(notes), uncertainty)


def _metres(
    metres: tuple[float, float], notes: list[str], meridians: Sequence[float], window: Window | None
) -> Coordinates:
    easting, northing = metres
    candidates = list(dict.fromkeys(meridians))
    points = {meridian: from_vn2000(easting, northing, meridian_deg=meridian) for meridian in candidates}
    fitting = [
        meridian
        for meridian, (lon, lat) in points.items()
        if window is None or window.contains(np.array(lon), np.array(lat))
    ]
    if len(fitting) != 1:
        listed = ", ".join(format_number(meridian, 2) for meridian in (fitting or candidates))
        reason = f"chưa rõ kinh tuyến trục trong: {listed}" if listed else "chưa biết kinh tuyến trục"
        if candidates and not fitting:
            reason = f"không kinh tuyến trục nào ({listed}) cho điểm nằm trong địa bàn"
        return Coordinates(None, None, "vn2000", (*notes, f"toạ độ VN-2000, {reason}"))
    longitude, latitude = points[fitting[0]]
    text = f"VN-2000 múi 3°, kinh tuyến trục {format_number(fitting[0], 2)}°, đã chuyển sang WGS 84"
    return Coordinates(float(longitude), float(latitude), "vn2000", (*notes, text))


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


# ------------------------------------------------------------------------------------ distances and metres
def geodesic_distance_m(
    longitudes: tuple[ArrayLike, ArrayLike], latitudes: tuple[ArrayLike, ArrayLike]
) -> np.ndarray:
    """Return the shortest distance on the ellipsoid, metres, from the first points of each pair to the second."""
    lon_1, lat_1, lon_2, lat_2 = np.broadcast_arrays(longitudes[0], latitudes[0], longitudes[1], latitudes[1])
    return _GEOD.inv(lon_1, lat_1, lon_2, lat_2)[2]


def line_length_m(lines: Sequence[shapely.Geometry] | np.ndarray) -> np.ndarray:
    """Return the length of each line along the ellipsoid, metres; lines in degrees WGS 84."""
    return np.array([_GEOD.geometry_length(line) for line in np.asarray(lines, dtype=object)])


def area_km2(polygons: Sequence[shapely.Geometry] | np.ndarray) -> np.ndarray:
    """Return the area of each polygon, km², measured in an equal-area projection of the ellipsoid (EASE 2.0)."""
    projected = shapely.transform(np.asarray(polygons, dtype=object), _equal_area)
    return shapely.area(projected) / 1e6


@functools.cache
def _equal_area_transformer() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4326, 6933, always_xy=True)


def _equal_area(points: np.ndarray) -> np.ndarray:
    return np.column_stack(_equal_area_transformer().transform(points[:, 0], points[:, 1]))


@dataclass(frozen=True)
class LocalMetres:
    """Flat metres round a point: true distance and direction from it, errors below 1 m within 50 km.

    Azimuthal equidistant projection of the ellipsoid centred on ``longitude``, ``latitude`` (degrees).
    """

    longitude: float
    latitude: float

    def __post_init__(self) -> None:
        if not (-180 <= self.longitude <= 180 and -90 <= self.latitude <= 90):
            raise InputError(
                "Gốc toạ độ",
                found=f"{self.longitude}, {self.latitude}",
                expected="kinh độ, vĩ độ tính bằng độ",
            )

    def to_metres(self, longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return x east and y north of the centre, metres."""
        return _local(self.longitude, self.latitude).transform(longitude, latitude)

    def to_degrees(self, x_m: np.ndarray, y_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude and latitude of metres east and north of the centre."""
        return _local(self.longitude, self.latitude).transform(x_m, y_m, direction="INVERSE")


@functools.lru_cache(maxsize=256)
def _local(longitude: float, latitude: float) -> pyproj.Transformer:
    target = f"+proj=aeqd +lon_0={longitude!r} +lat_0={latitude!r} +ellps=WGS84 +units=m"
    return pyproj.Transformer.from_crs("+proj=longlat +ellps=WGS84", target, always_xy=True)


def window_around(longitude: float, latitude: float, *, distance_m: float) -> Window:
    """Return the smallest window that holds every point within a distance, metres, of a point."""
    east, _, _ = _GEOD.fwd(longitude, latitude, 90.0, distance_m)
    _, north, _ = _GEOD.fwd(longitude, latitude, 0.0, distance_m)
    _, south, _ = _GEOD.fwd(longitude, latitude, 180.0, distance_m)
    # The easternmost point of the circle lies a little poleward of due east.
    reach = (
        (east - longitude)
        * math.cos(math.radians(latitude))
        / math.cos(math.radians(max(abs(north), abs(south))))
    )
    return Window(longitude - reach, float(south), longitude + reach, float(north))


def window_of(geometries: Sequence[shapely.Geometry] | np.ndarray) -> Window:
    """Return the smallest window that holds all geometries. Raises InputError when there is nothing."""
    hulls = np.asarray(geometries, dtype=object)
    bounds = shapely.total_bounds(hulls) if hulls.size else np.full(4, np.nan)
    if not np.isfinite(bounds).all():
        raise InputError("Hình trên bản đồ", found="không có hình nào", expected="ít nhất một hình")
    return Window(*map(float, bounds))


@functools.lru_cache(maxsize=64)
def is_geographic(crs: str) -> bool:
    """Say whether a coordinate system is in degrees."""
    return bool(pyproj.CRS.from_user_input(crs).is_geographic)


def project(longitude: ArrayLike, latitude: ArrayLike, *, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return x east and y north in a coordinate system of degrees WGS 84, in the unit of the system."""
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(longitude, latitude)


def unproject(x: ArrayLike, y: ArrayLike, *, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude, degrees WGS 84, of x east and y north in a coordinate system."""
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)


def convergence_deg(longitude: float, latitude: float, *, crs: str) -> float:
    """Return the angle from the north of a projected system's grid to true north at a place, degrees."""
    return float(pyproj.Proj(crs).get_factors(longitude, latitude).meridian_convergence)


def points_at(
    longitude: ArrayLike, latitude: ArrayLike, azimuth_deg: ArrayLike, *, distance_m: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of the ends of geodesics; arguments broadcast against each other."""
    lon, lat, azimuth, distance = np.broadcast_arrays(longitude, latitude, azimuth_deg, distance_m)
    east, north, _ = _GEOD.fwd(lon, lat, azimuth, distance)
    return np.asarray(east), np.asarray(north)


def into_crs(geometries: np.ndarray, *, crs: str) -> np.ndarray:
    """Return geometries in degrees WGS 84 in another coordinate system."""
    if crs in ("EPSG:4326", "OGC:CRS84", "CRS84"):
        return geometries

    def moved(points: np.ndarray) -> np.ndarray:
        return np.column_stack(project(points[:, 0], points[:, 1], crs=crs))

    return shapely.transform(geometries, moved)


def to_wgs84(geometries: np.ndarray, crs: str | None) -> np.ndarray:
    """Return geometries in degrees WGS 84 from the coordinate system a file names (None is taken as WGS 84).

    VN-2000 systems are converted with the national parameters; others with PROJ's best.

    Raises
    ------
    InputError
        for a system PROJ does not know.
    """
    if crs in (None, "EPSG:4326", "OGC:CRS84", "CRS84"):
        return geometries
    try:
        source = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as fault:
        raise InputError(
            f"Hệ toạ độ '{str(crs)[:60]}'", found="không nhận ra", expected="mã như EPSG:4326 hoặc EPSG:9218"
        ) from fault
    move = pyproj.Transformer.from_crs(source, 4326, always_xy=True).transform
    return shapely.transform(geometries, lambda points: np.column_stack(move(points[:, 0], points[:, 1])))
