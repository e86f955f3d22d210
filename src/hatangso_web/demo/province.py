"""A seeded generator of an invented province of any size: communes, villages, people, offices and their places."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import shapely

from hatangso_web.demo.names import INVENTED, PROVINCE_NAME, place_names

PROVINCE_CODE = "VD"  # official codes are digits only: nothing invented can be taken for a real unit
VALID_FROM = datetime.date(2025, 7, 1)
CENTRE_LON, CENTRE_LAT = 107.70, 12.60
KM_PER_DEGREE = 110.6
VILLAGE_KINDS = ("thôn", "thôn", "thôn", "bon", "buôn")
OPERATORS = ("Viễn thông Sao Mai", "Viễn thông Đồng Xanh", "Viễn thông Núi Biếc")


@dataclass(frozen=True)
class Village:
    """A village of an invented commune; ``lon``/``lat`` in degrees WGS 84 are those of its culture house."""

    code: str
    name: str
    commune_code: str
    lon: float
    lat: float
    households: int
    people: int
    has_electricity: bool
    specially_difficult: bool


@dataclass(frozen=True)
class Commune:
    """An invented commune; ``outline`` is a polygon in degrees WGS 84."""

    code: str
    name: str
    kind: str  # xã · phường
    outline: shapely.Polygon
    villages: tuple[Village, ...]

    @property
    def full_name(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def people(self) -> int:
        return sum(village.people for village in self.villages)

    @property
    def households(self) -> int:
        return sum(village.households for village in self.villages)


@dataclass(frozen=True)
class Province:
    """The invented province. ``seed`` and ``size`` make it again, to the last household."""

    seed: int
    size: int
    communes: tuple[Commune, ...]
    code: str = PROVINCE_CODE
    name: str = PROVINCE_NAME

    @property
    def full_name(self) -> str:
        return f"tỉnh {self.name}"

    @property
    def marked_name(self) -> str:
        """The name with the word that says it is invented."""
        return f"tỉnh {self.name} ({INVENTED})"

    @property
    def villages(self) -> tuple[Village, ...]:
        return tuple(village for commune in self.communes for village in commune.villages)

    @property
    def people(self) -> int:
        return sum(commune.people for commune in self.communes)


def make_province(*, seed: int = 2026, size: int = 24) -> Province:
    """Make an invented province of ``size`` communes (1–5,000). The same seed and size give the same province.

    Communes are Voronoi cells of scattered seats, cut by an irregular outline; about one in six is a ward. Villages
    lie inside their commune, thinner and poorer away from the provincial town.

    Raises
    ------
    ValueError
        when ``size`` is out of range.
    """
    if not 1 <= size <= 5000:
        raise ValueError("size must be from 1 to 5000 communes")
    generator = np.random.default_rng([seed, size])
    outline = _province_outline(size, generator)
    seats = _scatter_inside(outline, size, generator)
    cells = _cells(seats, outline)
    names = place_names(size, generator=generator)
    centre = np.array([CENTRE_LON, CENTRE_LAT])
    distance = np.hypot(*(seats - centre).T)
    wards = set(np.argsort(distance)[: max(1, size // 6)].tolist())
    reach = float(distance.max()) or 1.0
    communes = tuple(
        _make_commune(
            number, names[number], cells[number], number in wards, float(distance[number]) / reach, generator
        )
        for number in range(size)
    )
    return Province(seed=seed, size=size, communes=communes)


def _province_outline(size: int, generator: np.random.Generator) -> shapely.Polygon:
    radius = 0.0635 * np.sqrt(size)  # about 150 km2 a commune
    angles = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    ripple = 1 + sum(
        generator.normal(0, 0.16 / order) * np.cos(order * angles + generator.uniform(0, 2 * np.pi))
        for order in range(2, 9)
    )
    ripple = np.clip(ripple, 0.55, 1.6)
    lon = CENTRE_LON + radius * ripple * np.cos(angles) / np.cos(np.radians(CENTRE_LAT))
    lat = CENTRE_LAT + radius * ripple * np.sin(angles)
    return shapely.make_valid(shapely.Polygon(np.column_stack([lon, lat])))


def _scatter_inside(outline: shapely.Geometry, count: int, generator: np.random.Generator) -> np.ndarray:
    """Points inside ``outline``, shape (count, 2), kept apart by two rounds of moving each to its cell's centre."""
    low_lon, low_lat, high_lon, high_lat = outline.bounds
    points = np.empty((0, 2))
    while len(points) < count:
        drawn = generator.uniform([low_lon, low_lat], [high_lon, high_lat], size=(4 * count + 8, 2))
        points = np.vstack([points, drawn[shapely.contains_xy(outline, drawn[:, 0], drawn[:, 1])]])
    points = points[:count]
    for _ in range(2):
        centres = shapely.centroid(_cells(points, outline))
        points = np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])
    return points


def _cells(points: np.ndarray, outline: shapely.Geometry) -> np.ndarray:
    """One cell per point, in the order of the points, cut to ``outline``; object array of geometries."""
    if len(points) == 1:
        return np.array([outline])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=outline))
    tree = shapely.STRtree(cells)
    pairs = tree.query(shapely.points(points), predicate="within")
    owner = np.full(len(points), -1)
    owner[pairs[0]] = pairs[1]
    return shapely.intersection(cells[owner], outline)


def _make_commune(
    number: int,
    name: str,
    outline: shapely.Polygon,
    is_ward: bool,
    remoteness: float,
    generator: np.random.Generator,
) -> Commune:
    code = f"{PROVINCE_CODE}{number + 1:04d}"
    count = int(generator.integers(6, 14))
    places = _scatter_inside(outline, count, generator)
    villages = []
    for index, (lon, lat) in enumerate(places):
        households = int(generator.lognormal(np.log(420 if is_ward else 230 - 120 * remoteness), 0.35))
        difficult = bool(not is_ward and generator.random() < 0.45 * remoteness)
        villages.append(
            Village(
                code=f"{code}-{index + 1:02d}",
                name=_village_name(index, is_ward, difficult, generator),
                commune_code=code,
                lon=round(float(lon), 6),
                lat=round(float(lat), 6),
                households=max(18, households),
                people=max(70, int(households * generator.uniform(3.4, 4.3))),
                has_electricity=bool(is_ward or generator.random() > 0.08 * remoteness),
                specially_difficult=difficult,
            )
        )
    return Commune(
        code=code, name=name, kind="phường" if is_ward else "xã", outline=outline, villages=tuple(villages)
    )


def _village_name(index: int, is_ward: bool, difficult: bool, generator: np.random.Generator) -> str:
    if is_ward:
        return f"tổ dân phố {index + 1}"
    kind = str(generator.choice(VILLAGE_KINDS[3:] if difficult else VILLAGE_KINDS))
    return f"{kind} {index + 1}" if kind == "thôn" else f"{kind} {place_names(1, generator=generator)[0]}"
