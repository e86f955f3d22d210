"""What a map shows: classed areas, classed grids, lines and points, each with the words of its legend."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely

from hatangso.errors import InputError
from hatangso.geo import Window
from hatangso.vietnamese import format_number

NO_DATA = -1
MOST_CLASSES = 6
Palette = Literal["sequential", "verdicts"]


@dataclass(frozen=True)
class AreaLayer:
    """Polygons in classes: a choropleth.

    Parameters
    ----------
    polygons : geometries in degrees WGS 84
    classes : class number of each polygon, 0 up; -1 = no data (drawn as such, never as the lowest class)
    legend : words of each class, at most six
    names : written on the polygon where it fits and shown when pointed at; may be empty
    palette : ``sequential`` from light to dark, or ``verdicts`` for unlike classes
    no_data_words : words of the legend for -1
    """

    polygons: Sequence[shapely.Geometry]
    classes: Sequence[int]
    legend: Sequence[str]
    names: Sequence[str] = ()
    palette: Palette = "sequential"
    no_data_words: str = "chưa có số liệu"

    def __post_init__(self) -> None:
        _check_classes(np.asarray(self.classes), self.legend)
        if len(self.polygons) != len(self.classes) or (self.names and len(self.names) != len(self.classes)):
            raise InputError(
                "Lớp vùng của bản đồ",
                found=f"{len(self.polygons)} vùng, {len(self.classes)} giá trị, {len(self.names)} tên",
                expected="số lượng bằng nhau",
            )


@dataclass(frozen=True)
class GridLayer:
    """A grid in classes, such as a coverage map.

    Parameters
    ----------
    classes : rows × columns, first row north; class numbers, -1 = nothing is drawn
    window : degrees the grid covers
    legend : words of each class, at most six
    """

    classes: np.ndarray
    window: Window
    legend: Sequence[str]
    palette: Palette = "sequential"

    def __post_init__(self) -> None:
        if self.classes.ndim != 2 or not self.classes.size:
            raise InputError(
                "Lưới của bản đồ", found=f"mảng {self.classes.shape}", expected="mảng hàng × cột"
            )
        _check_classes(self.classes, self.legend)


@dataclass(frozen=True)
class LineLayer:
    """Routes in degrees WGS 84; ``style`` 0–4 is solid, long dashes, dots, dash-dot, double width.

    5 and 6 are a ground to find one's way by: thin light grey, and grey dashes. They do not widen the map and are cut at
    its frame.
    """

    lines: Sequence[shapely.Geometry]
    legend: str
    style: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.style <= 6:
            raise InputError("Kiểu đường của bản đồ", found=str(self.style), expected="số từ 0 đến 6")

    @property
    def ground(self) -> bool:
        """Whether the lines only lie beneath what the map shows."""
        return self.style >= 5


@dataclass(frozen=True)
class PointLayer:
    """Points; ``shape`` 0–4 is circle, square, triangle, diamond, cross. ``names`` may be empty."""

    longitudes: Sequence[float]
    latitudes: Sequence[float]
    legend: str
    shape: int = 0
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.shape <= 4:
            raise InputError("Hình điểm của bản đồ", found=str(self.shape), expected="số từ 0 đến 4")
        if len(self.longitudes) != len(self.latitudes) or (
            self.names and len(self.names) != len(self.longitudes)
        ):
            raise InputError(
                "Lớp điểm của bản đồ", found="số kinh độ, vĩ độ, tên khác nhau", expected="bằng nhau"
            )
        if not (np.isfinite(self.longitudes).all() and np.isfinite(self.latitudes).all()):
            raise InputError("Lớp điểm của bản đồ", found="toạ độ trống", expected="toạ độ là số")


Layer = AreaLayer | GridLayer | LineLayer | PointLayer


@dataclass(frozen=True)
class MapSheet:
    """The sheet and its words.

    ``width_mm`` 60–400 and ``height_mm`` 60–600 (170 × 220 fills an A4 page of a letter); ``source`` is the line
    every printed map must carry: whose figures, of which day.
    """

    title: str
    source: str
    subtitle: str = ""
    width_mm: float = 170.0
    height_mm: float = 220.0
    words_of_scale: str = field(default="km")

    def __post_init__(self) -> None:
        if not (60 <= self.width_mm <= 400 and 60 <= self.height_mm <= 600):
            raise InputError(
                "Khổ bản đồ",
                found=f"{format_number(self.width_mm)} × {format_number(self.height_mm)} mm",
                expected="rộng 60–400 mm, cao 60–600 mm",
            )
        if not self.title.strip() or not self.source.strip():
            raise InputError(
                "Bản đồ",
                found="thiếu tên hoặc nguồn số liệu",
                expected="cả hai",
                remedy="Ghi nguồn và ngày số liệu",
            )


def classify(
    values: Sequence[float | None], breaks: Sequence[float], *, unit: str = ""
) -> tuple[list[int], list[str]]:
    """Put values into classes and word the legend.

    Parameters
    ----------
    values : one per area; None or NaN = no data
    breaks : rising bounds between classes; a value equal to a bound belongs to the class above
    unit : written after the numbers

    Returns
    -------
    Class of each value (-1 for no data) and the words of each class: "dưới 80 %", "80 đến dưới 90 %", "từ 90 %".
    """
    if not breaks or any(low >= high for low, high in itertools.pairwise(breaks)):
        raise InputError("Mốc phân lớp của bản đồ", found=str(list(breaks)), expected="các số tăng dần")
    if len(breaks) + 1 > MOST_CLASSES:
        raise InputError(
            "Mốc phân lớp của bản đồ", found=f"{len(breaks)} mốc", expected=f"nhiều nhất {MOST_CLASSES - 1}"
        )
    tail = f" {unit}" if unit else ""
    shown = [format_number(bound) for bound in breaks]
    words = [f"dưới {shown[0]}{tail}"]
    words += [f"{low} đến dưới {high}{tail}" for low, high in itertools.pairwise(shown)]
    words += [f"từ {shown[-1]}{tail} trở lên"]
    numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
    classes = np.where(np.isnan(numbers), NO_DATA, np.searchsorted(breaks, numbers, side="right"))
    return [int(number) for number in classes], words


def _check_classes(classes: np.ndarray, legend: Sequence[str]) -> None:
    if not 1 <= len(legend) <= MOST_CLASSES:
        raise InputError(
            "Chú giải bản đồ", found=f"{len(legend)} lớp", expected=f"từ 1 đến {MOST_CLASSES} lớp"
        )
    if classes.size and (classes.min() < NO_DATA or classes.max() >= len(legend)):
        raise InputError(
            "Lớp của bản đồ",
            found=f"số từ {classes.min()} đến {classes.max()}",
            expected=f"số từ 0 đến {len(legend) - 1}, hoặc -1 khi chưa có số liệu",
        )
