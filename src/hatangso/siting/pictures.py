"""The picture of a choice of places: what is chosen, who is served and who is not, with legend and scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hatangso.errors import InputError
from hatangso.geo import Window
from hatangso.maps.drawing import draw_map, draw_map_png
from hatangso.maps.layers import GridLayer, Layer, MapSheet, PointLayer
from hatangso.vietnamese import format_number

MOST_POINTS = 4000
MOST_NAMED = 40
GRID_ROWS = 120


@dataclass(frozen=True)
class Spots:
    """Places on the map.

    Parameters
    ----------
    longitude, latitude : shape (n,), degrees WGS 84
    names : written beside the places where there is room; may be empty
    """

    longitude: np.ndarray
    latitude: np.ndarray
    names: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.longitude)

    def only(self, kept: np.ndarray) -> Spots:
        """Return the places of a mask."""
        names = [self.names[int(k)] for k in np.flatnonzero(kept)] if len(self.names) else ()
        return Spots(self.longitude[kept], self.latitude[kept], names)


def choice_layers(
    demand: Spots, *, served: np.ndarray, chosen: Spots, standing: Spots | None = None, legend: str = ""
) -> list[Layer]:
    """Return the layers of a choice.

    Up to 4,000 demand points are drawn one by one, more as a grid of cells by how many of their points are served.

    Parameters
    ----------
    demand : places of people
    served : shape (n,), served part of each, 0 to 1
    chosen : places chosen
    standing : places that stood before, drawn apart
    legend : words for the chosen places
    """
    layers = _crowd(demand, np.asarray(served, dtype=np.float64))
    for spots, words, shape in ((standing, "đã có", 1), (chosen, legend or "vị trí được chọn", 2)):
        if spots is not None and len(spots):
            names = spots.names if len(spots) <= MOST_NAMED else ()
            layers.append(_points(spots, words, shape, names))
    return layers


def reach_layers(
    people: Spots, *, distance_m: np.ndarray, points: Spots, radii_m: Sequence[float]
) -> list[Layer]:
    """Return the layers of a reach: people within the widest radius and beyond it, and the service points."""
    widest = max(radii_m)
    layers = _crowd(people, (distance_m <= widest).astype(np.float64), f"{format_number(widest / 1000)} km")
    if len(points):
        names = points.names if len(points) <= MOST_NAMED else ()
        layers.append(_points(points, "điểm phục vụ", 2, names))
    return layers


def write_picture(layers: Sequence[Layer], path: Path, *, sheet: MapSheet) -> None:
    """Write the picture as ``.svg`` or ``.png``, whichever the path ends with."""
    kind = path.suffix.lower()
    if kind not in (".svg", ".png"):
        raise InputError("Tệp bản đồ", found=path.name, expected="tên kết thúc bằng .svg hoặc .png")
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == ".svg":
        path.write_text(draw_map(layers, sheet=sheet), encoding="utf-8")
    else:
        path.write_bytes(draw_map_png(layers, sheet=sheet))


def _crowd(people: Spots, served: np.ndarray, radius: str = "") -> list[Layer]:
    inside, outside = ("được phủ", "chưa được phủ")
    if radius:
        inside, outside = f"trong {radius}", f"ngoài {radius}"
    if len(people) > MOST_POINTS:
        return [_cells(people, served, inside, outside)]
    full, none = served >= 1 - 1e-9, served <= 1e-9
    parts = (
        (none, f"dân cư {outside}", 4),
        (~full & ~none, f"dân cư {inside} một phần", 3),
        (full, f"dân cư {inside}", 0),
    )
    return [_points(people.only(mask), words, shape) for mask, words, shape in parts if mask.any()]


def _points(spots: Spots, words: str, shape: int, names: Sequence[str] = ()) -> PointLayer:
    return PointLayer(
        spots.longitude.tolist(), spots.latitude.tolist(), f"{words} ({format_number(len(spots))})", shape, names
    )  # fmt: skip


def _cells(people: Spots, served: np.ndarray, inside: str, outside: str) -> GridLayer:
    """Return a grid of the served part of the points in each cell, north row first."""
    west, east = float(people.longitude.min()), float(people.longitude.max())
    south, north = float(people.latitude.min()), float(people.latitude.max())
    flat = max(np.cos(np.radians((south + north) / 2)), 1e-6)
    side = max(north - south, (east - west) * flat, 1e-6) / GRID_ROWS
    rows, columns = int((north - south) / side) + 1, int((east - west) * flat / side) + 1
    row = np.clip(((north - people.latitude) / side).astype(int), 0, rows - 1)
    column = np.clip(((people.longitude - west) * flat / side).astype(int), 0, columns - 1)
    cell = row * columns + column
    count = np.bincount(cell, minlength=rows * columns)
    part = np.bincount(cell, served, rows * columns) / np.maximum(count, 1)
    classes = np.where(count == 0, -1, np.searchsorted([1e-9, 0.5, 1 - 1e-9], part, side="right"))
    legend = (f"dân cư {outside}", f"dưới một nửa {inside}", f"từ một nửa {inside}", f"tất cả {inside}")
    window = Window(west, north - rows * side, west + columns * side / flat, north)
    return GridLayer(classes.reshape(rows, columns), window, legend)
