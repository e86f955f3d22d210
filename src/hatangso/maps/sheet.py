"""Lays a map out: projects the layers, frames them, and sets title, legend, scale bar, north arrow and source."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from hatangso.errors import InputError
from hatangso.geo import LocalMetres
from hatangso.maps.layers import NO_DATA, AreaLayer, GridLayer, Layer, LineLayer, MapSheet, PointLayer
from hatangso.maps.shapes import NOTHING, Drawing, Fill, Mark, Picture, Shape, Stroke, Words, fills
from hatangso.vietnamese import format_number

_MARGIN_MM = 4.0
_LINE_MM = 5.0
_SWATCH_MM = (7.0, 3.6)
_LETTER_WIDTH = 0.56
_LINE_STYLES: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0.7, ()),
    (0.7, (3.0, 1.5)),
    (0.8, (0.8, 1.0)),
    (0.7, (3.0, 1.0, 0.8, 1.0)),
    (1.4, ()),
    (0.22, ()),
    (0.3, (1.6, 1.0)),
)
_LINE_COLOURS = ("#a3123a", "#14508c", "#111111", "#6b3fa0", "#b35900", "#b8b8b8", "#8a8a8a")
_POINT_COLOURS = ("#a3123a", "#14508c", "#111111", "#6b3fa0", "#b35900")


@dataclass(frozen=True)
class _Frame:
    """Where the map stands on the sheet, and how degrees become millimetres."""

    x: float
    y: float
    width: float
    height: float
    metres: LocalMetres
    metres_per_mm: float
    middle_m: tuple[float, float]

    def place(self, points: np.ndarray) -> np.ndarray:
        """Return degrees (n, 2) as millimetres on the sheet."""
        east, north = self.metres.to_metres(points[:, 0], points[:, 1])
        x = self.x + self.width / 2 + (np.asarray(east) - self.middle_m[0]) / self.metres_per_mm
        y = self.y + self.height / 2 - (np.asarray(north) - self.middle_m[1]) / self.metres_per_mm
        return np.column_stack([x, y])


def lay_out(layers: Sequence[Layer], sheet: MapSheet) -> Drawing:
    """Return the drawn sheet: the layers from back to front in their order, then the furniture.

    The sheet's height is the most it may take; a wide land leaves the rest of the page to the letter.

    Raises
    ------
    InputError
        when the layers hold nothing to draw.
    """
    heading = _heading(sheet)
    legend = [row for layer in layers for row in _legend_rows(layer)]
    columns = 2 if len(legend) > 3 and sheet.width_mm >= 100 else 1
    foot_mm = math.ceil(len(legend) / columns) * _LINE_MM + 8.2 + 3.8 * len(_source_lines(sheet))
    top = _MARGIN_MM + sum(words.size_mm * 1.45 for words in heading) + 1.5
    bottom = sheet.height_mm - _MARGIN_MM - foot_mm
    if bottom - top < 25:
        raise InputError(
            "Khổ bản đồ", found="không còn chỗ cho bản đồ", expected="khổ cao hơn hoặc chú giải ngắn hơn"
        )
    frame = _frame(layers, sheet, (top, bottom))
    sheet = replace(sheet, height_mm=max(sheet.height_mm - (bottom - top) + frame.height, 60.0))
    marks = [mark for layer in layers for mark in _layer_marks(layer, frame)]
    marks += _names(layers, frame)
    furniture: list[Mark] = [*heading, _border(frame), *_north_arrow(frame)]
    furniture += _foot(legend, columns, (frame, sheet))
    return Drawing(
        sheet.width_mm,
        sheet.height_mm,
        sheet.title,
        f"{sheet.title}. Chú giải: {'; '.join(words for words, _ in legend)}. Nguồn: {sheet.source}",
        (frame.x, frame.y, frame.width, frame.height),
        tuple(marks),
        tuple(furniture),
    )


def wrap(text: str, width_mm: float, size_mm: float) -> list[str]:
    """Break a text into lines that fit a width, by the mean width of a letter."""
    most = max(int(width_mm / (size_mm * _LETTER_WIDTH)), 4)
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _heading(sheet: MapSheet) -> list[Words]:
    lines = [(line, 4.6, True) for line in wrap(sheet.title, sheet.width_mm - 2 * _MARGIN_MM, 4.6)]
    lines += [(line, 3.4, False) for line in wrap(sheet.subtitle, sheet.width_mm - 2 * _MARGIN_MM, 3.4)]
    words, y = [], _MARGIN_MM
    for text, size, bold in lines:
        y += size * 1.45
        words.append(Words(sheet.width_mm / 2, y - size * 0.4, text, size, "middle", bold))
    return words


def _frame(layers: Sequence[Layer], sheet: MapSheet, rows: tuple[float, float]) -> _Frame:
    corners = np.array([corner for layer in layers for corner in _corners(layer)])
    if not corners.size or not np.isfinite(corners).all():
        raise InputError(
            "Bản đồ", found="không có hình nào để vẽ", expected="ít nhất một vùng, tuyến hoặc điểm"
        )
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    metres = LocalMetres(float((west + east) / 2), float((south + north) / 2))
    edge = np.linspace(0, 1, 9)
    along, across = west + (east - west) * edge, south + (north - south) * edge
    grid_east, grid_north = np.meshgrid(along, across)
    xs, ys = metres.to_metres(grid_east.ravel(), grid_north.ravel())
    width, height = sheet.width_mm - 2 * _MARGIN_MM, rows[1] - rows[0]
    span = (max(float(np.ptp(xs)), 200.0), max(float(np.ptp(ys)), 200.0))
    scale = max(span[0] / (width * 0.94), span[1] / (height * 0.94))
    height = max(min(height, span[1] / scale / 0.94), 25.0)
    middle = (float(np.max(xs) + np.min(xs)) / 2, float(np.max(ys) + np.min(ys)) / 2)
    return _Frame(_MARGIN_MM, rows[0], width, height, metres, scale, middle)


def _corners(layer: Layer) -> Iterator[tuple[float, float]]:
    match layer:
        case AreaLayer():
            shapes = np.asarray(layer.polygons, dtype=object)
        case LineLayer():
            shapes = np.asarray([] if layer.ground else layer.lines, dtype=object)
        case GridLayer():
            yield (layer.window.west, layer.window.south)
            yield (layer.window.east, layer.window.north)
            return
        case _:
            shapes = shapely.points(np.asarray(layer.longitudes, float), np.asarray(layer.latitudes, float))
    if np.size(shapes):
        west, south, east, north = shapely.total_bounds(shapes)
        if np.isfinite(west):
            yield (west, south)
            yield (east, north)


def _layer_marks(layer: Layer, frame: _Frame) -> Iterator[Mark]:
    match layer:
        case AreaLayer():
            yield from _area_marks(layer, frame)
        case GridLayer():
            yield _grid_mark(layer, frame)
        case LineLayer():
            width, dashes = _LINE_STYLES[layer.style]
            placed = _within(layer.lines, frame) if layer.ground else map(frame.place, _lines_of(layer.lines))
            for points in placed:
                yield Stroke(points, _LINE_COLOURS[layer.style], width, dashes)
        case PointLayer():
            places = frame.place(np.column_stack([layer.longitudes, layer.latitudes]))
            names = layer.names or [""] * len(places)
            for (x, y), name in zip(places, names, strict=True):
                yield _point_mark((float(x), float(y)), layer.shape, name)


def _area_marks(layer: AreaLayer, frame: _Frame) -> Iterator[Shape]:
    colours = fills(layer.palette, len(layer.legend))
    names = layer.names or [""] * len(layer.classes)
    words = [*layer.legend, layer.no_data_words]
    simplified = _simplified(layer.polygons, frame)
    for polygon, number, name in zip(simplified, layer.classes, names, strict=True):
        rings = tuple(frame.place(ring) for ring in _rings_of(polygon))
        if rings:
            fill = NOTHING if number == NO_DATA else colours[number]
            yield Shape(rings, fill, hint=f"{name}: {words[number]}" if name else words[number])


def _simplified(polygons: Sequence[shapely.Geometry], frame: _Frame) -> np.ndarray:
    """Leave out what is finer than a twentieth of a millimetre; a polygon that would vanish stays as it is."""
    shapes = np.asarray(polygons, dtype=object)
    simpler = shapely.simplify(shapes, 0.05 * frame.metres_per_mm / 111_000)
    return np.where(shapely.is_empty(simpler), shapes, simpler)


def _rings_of(polygon: shapely.Geometry) -> Iterator[np.ndarray]:
    for part in shapely.get_parts(polygon):
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON and not shapely.is_empty(part):
            for ring in shapely.get_rings(part):
                yield shapely.get_coordinates(ring)


def _lines_of(lines: Sequence[shapely.Geometry]) -> Iterator[np.ndarray]:
    for part in shapely.get_parts(np.asarray(lines, dtype=object)):
        points = shapely.get_coordinates(part)
        if len(points) > 1:
            yield points


def _within(lines: Sequence[shapely.Geometry], frame: _Frame) -> Iterator[np.ndarray]:
    """Return lines in millimetres, cut at the frame and without what is finer than a twentieth of a millimetre."""
    shapes = shapely.transform(np.asarray(lines, dtype=object), frame.place)
    right, bottom = frame.x + frame.width, frame.y + frame.height
    inside = shapely.clip_by_rect(shapes, frame.x, frame.y, right, bottom)
    yield from _lines_of(shapely.simplify(shapely.line_merge(shapely.get_parts(inside)), 0.05))


def _grid_mark(layer: GridLayer, frame: _Frame) -> Picture:
    """Colour a grid; its patterns are drawn into the pixels so that a photocopy still shows them."""
    window = layer.window
    corners = np.array([(window.west, window.north), (window.east, window.south)])
    (x1, y1), (x2, y2) = frame.place(corners)
    wide, high = float(x2 - x1), float(y2 - y1)
    rows = min(max(int(high * 8), 1), 2400)
    columns = min(max(int(wide * 8), 1), 2400)
    take_row = (np.arange(rows) * layer.classes.shape[0] / rows).astype(int)
    take_column = (np.arange(columns) * layer.classes.shape[1] / columns).astype(int)
    classes = layer.classes[np.ix_(take_row, take_column)]
    pixels = np.zeros((rows, columns, 4), dtype=np.uint8)
    row, column = np.arange(rows)[:, None], np.arange(columns)[None, :]
    for number, fill in enumerate(fills(layer.palette, len(layer.legend))):
        here = classes == number
        inked = here & _PATTERNS[fill.pattern](row, column)
        pixels[here] = (*_bytes(fill.colour), 255)
        pixels[inked] = (*_bytes(fill.ink), 255)
    return Picture(float(x1), float(y1), wide, high, pixels)


_PATTERNS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "plain": lambda row, column: np.zeros((len(row), column.size), bool),
    "dots": lambda row, column: (row % 10 < 2) & (column % 10 < 2),
    "rising": lambda row, column: (row + column) % 12 < 2,
    "falling": lambda row, column: (row - column) % 10 < 2,
    "crossed": lambda row, column: ((row + column) % 12 < 2) | ((row - column) % 12 < 2),
    "dense": lambda row, column: (row + column) % 6 < 2,
    "empty": lambda row, column: (row % 16 < 1) & (column % 16 < 1),
}


def _bytes(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _point_mark(place: tuple[float, float], shape: int, hint: str, size: float = 1.25) -> Shape:
    turn = np.linspace(0, 2 * math.pi, 17)[:-1]
    outlines = (
        np.column_stack([np.cos(turn), np.sin(turn)]),
        np.array([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        np.array([(0, -1.15), (1.05, 0.8), (-1.05, 0.8)]),
        np.array([(0, -1.25), (1.0, 0), (0, 1.25), (-1.0, 0)]),
        np.array(_CROSS),
    )
    ring = outlines[shape] * size + np.array(place)
    return Shape((ring,), Fill(_POINT_COLOURS[shape]), "#ffffff", 0.25, hint)


_CROSS = [
    (-0.35, -1.1), (0.35, -1.1), (0.35, -0.35), (1.1, -0.35), (1.1, 0.35), (0.35, 0.35),
    (0.35, 1.1), (-0.35, 1.1), (-0.35, 0.35), (-1.1, 0.35), (-1.1, -0.35), (-0.35, -0.35),
]  # fmt: skip


def _names(layers: Sequence[Layer], frame: _Frame) -> list[Words]:
    """Write the names that fit, the largest area first, none over another."""
    wanted: list[tuple[float, float, float, str]] = []
    for layer in layers:
        if isinstance(layer, AreaLayer) and layer.names:
            inside = shapely.get_coordinates(
                shapely.point_on_surface(np.asarray(layer.polygons, dtype=object))
            )
            places = frame.place(inside) if len(inside) == len(layer.names) else np.empty((0, 2))
            boxes = shapely.bounds(np.asarray(layer.polygons, dtype=object))
            widths = (boxes[:, 2] - boxes[:, 0]) * 111_000 / frame.metres_per_mm
            wanted += [
                (float(width), float(x), float(y), name)
                for width, (x, y), name in zip(widths, places, layer.names, strict=False)
            ]
    taken: list[tuple[float, float, float, float]] = []
    written = []
    for width, x, y, name in sorted(wanted, key=lambda item: (-item[0], item[3])):
        half = len(name) * 2.2 * _LETTER_WIDTH / 2
        box = (x - half, y - 2.4, x + half, y + 0.6)
        if name and 2 * half <= width and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            written.append(Words(x, y, name, 2.2, "middle", halo=True))
    return written


def _overlap(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _border(frame: _Frame) -> Shape:
    corners = np.array([(0, 0), (frame.width, 0), (frame.width, frame.height), (0, frame.height)])
    return Shape((corners + np.array([frame.x, frame.y]),), None, "#222222", 0.25)


def _north_arrow(frame: _Frame) -> list[Mark]:
    x, y = frame.x + frame.width - 7, frame.y + 4
    left = np.array([(x, y), (x - 2.2, y + 8), (x, y + 6.2)])
    right = np.array([(x, y), (x + 2.2, y + 8), (x, y + 6.2)])
    return [
        Shape((left,), Fill("#ffffff"), "#222222", 0.25),
        Shape((right,), Fill("#222222"), "#222222", 0.25),
        Words(x, y + 12.2, "B", 3.6, "middle", bold=True, halo=True),
    ]


def _legend_rows(layer: Layer) -> Iterator[tuple[str, Layer | Fill]]:
    if isinstance(layer, AreaLayer | GridLayer):
        yield from zip(layer.legend, fills(layer.palette, len(layer.legend)), strict=True)
        if isinstance(layer, AreaLayer) and NO_DATA in layer.classes:
            yield layer.no_data_words, NOTHING
    else:
        yield layer.legend, layer


def _foot(
    legend: Sequence[tuple[str, Layer | Fill]], columns: int, on: tuple[_Frame, MapSheet]
) -> Iterator[Mark]:
    frame, sheet = on
    top = frame.y + frame.height + 2.5
    rows = math.ceil(len(legend) / columns)
    for index, (words, sample) in enumerate(legend):
        x = frame.x + (index // rows) * frame.width / columns
        y = top + (index % rows) * _LINE_MM
        yield from _sample(sample, x, y)
        yield Words(x + _SWATCH_MM[0] + 2, y + 3.0, words, 3.2)
    yield from _scale_bar(frame, sheet, top + rows * _LINE_MM + 1.5)
    lines = _source_lines(sheet)
    for index, line in enumerate(lines):
        yield Words(frame.x, sheet.height_mm - _MARGIN_MM - (len(lines) - 1 - index) * 3.8, line, 2.8)


def _source_lines(sheet: MapSheet) -> list[str]:
    return wrap(f"Nguồn: {sheet.source}", sheet.width_mm - 2 * _MARGIN_MM, 2.8)


def _sample(sample: Layer | Fill, x: float, y: float) -> Iterator[Mark]:
    wide, high = _SWATCH_MM
    if isinstance(sample, Fill):
        box = np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)])
        yield Shape((box,), sample, "#222222", 0.2)
    elif isinstance(sample, LineLayer):
        width, dashes = _LINE_STYLES[sample.style]
        ends = np.array([(x, y + high / 2), (x + wide, y + high / 2)])
        yield Stroke(ends, _LINE_COLOURS[sample.style], width, dashes)
    elif isinstance(sample, PointLayer):
        yield _point_mark((x + wide / 2, y + high / 2), sample.shape, "")


def _scale_bar(frame: _Frame, sheet: MapSheet, y: float) -> Iterator[Mark]:
    """Draw a bar of a round length, a fifth to half of the map's width; true at the middle of the map."""
    length_m = round_length_m(frame.width * frame.metres_per_mm * 0.4)
    long = length_m / frame.metres_per_mm
    for part in range(4):
        x = frame.x + part * long / 4
        box = np.array([(x, y), (x + long / 4, y), (x + long / 4, y + 1.4), (x, y + 1.4)])
        yield Shape((box,), Fill("#222222" if part % 2 == 0 else "#ffffff"), "#222222", 0.2)
    kilometres = format_number(length_m / 1000)
    yield Words(frame.x + long + 2, y + 1.8, f"{kilometres} {sheet.words_of_scale}", 3.0)


def round_length_m(most_m: float) -> float:
    """Return the largest of 1, 2, 5 × a power of ten that is not above ``most_m``."""
    power = 10.0 ** math.floor(math.log10(most_m))
    return max(step * power for step in (1, 2, 5) if step * power <= most_m)
