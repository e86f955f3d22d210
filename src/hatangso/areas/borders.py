"""Where borders of neighbouring areas do not meet: overlaps and holes of a set of polygons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from hatangso.geo import area_km2
from hatangso.vietnamese import format_number

_LEAST_KM2 = 1e-6  # one square metre; below it is rounding of coordinates

# Where to look instead when the first point inside a face lies on a border, degrees: a centimetre to a metre.
_STEPS = ((0.0, 0.0), (1.3e-7, 0.7e-7), (-0.9e-7, 1.7e-7), (3.1e-6, -5.3e-6), (-7.1e-6, -2.3e-6))


@dataclass(frozen=True, slots=True)
class Fault:
    """A piece of land that several areas claim, or none: the areas round it, its size and a point in it."""

    codes: tuple[str, ...]
    size_km2: float
    longitude: float
    latitude: float

    def sentence(self) -> str:
        """Say where and how big it is."""
        size = f"{format_number(self.size_km2, 4)} km²"
        return f"{' và '.join(self.codes)} tại {self.longitude:.5f}, {self.latitude:.5f}: {size}"


def border_faults(codes: Sequence[str], polygons: np.ndarray) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Return overlaps and holes, biggest first.

    Borders that two polygons share edge by edge cancel out. What is left is the outer rim and the borders that
    do not fit; the faces these enclose are held by one area (in order), by several (an overlap) or by none (a
    hole). Work grows with the borders that do not fit, not with the whole map.
    """
    lines = _unshared_edges(polygons)
    if not len(lines):
        return (), ()
    noded = shapely.node(shapely.multilinestrings([lines]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    if not len(faces):
        return (), ()
    tree = shapely.STRtree(polygons)
    inner, holders = _holders(faces, tree)
    wanted = np.array([len(held) != 1 for held in holders])
    size = np.zeros(len(faces))
    size[wanted] = area_km2(faces[wanted]) if wanted.any() else 0.0
    overlaps: list[Fault] = []
    holes: list[Fault] = []
    for at in np.flatnonzero(wanted & (size > _LEAST_KM2)):
        around = holders[at] or np.sort(tree.query(faces[at], predicate="intersects")).tolist()
        fault = Fault(
            tuple(codes[number] for number in sorted(around)),
            float(size[at]),
            float(shapely.get_x(inner[at])),
            float(shapely.get_y(inner[at])),
        )
        (overlaps if holders[at] else holes).append(fault)
    return tuple(sorted(overlaps, key=_size)), tuple(sorted(holes, key=_size))


def _holders(faces: np.ndarray, tree: shapely.STRtree) -> tuple[np.ndarray, list[list[int]]]:
    """Return a point inside each face and the polygons that hold it, moving the point off any border."""
    inner = shapely.point_on_surface(faces)
    strict: list[list[int]] = [[] for _ in faces]
    pending = np.arange(len(faces))
    for step_x, step_y in _STEPS:
        moved = shapely.points(shapely.get_x(inner[pending]) + step_x, shapely.get_y(inner[pending]) + step_y)
        usable = shapely.contains_properly(faces[pending], moved)
        inside, touched = (_query(tree, moved, predicate) for predicate in ("within", "intersects"))
        done = np.array([a == b for a, b in zip(inside, touched, strict=True)], dtype=bool) & usable
        for at in np.flatnonzero(done):
            strict[pending[at]] = inside[at]
            inner[pending[at]] = moved[at]
        pending = pending[~done]
        if not pending.size:
            break
    for face, held in zip(pending.tolist(), _query(tree, inner[pending], "intersects"), strict=True):
        strict[face] = held[:1]
    return inner, strict


def _query(tree: shapely.STRtree, points: np.ndarray, predicate: str) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in points]
    for at, number in zip(*(side.tolist() for side in tree.query(points, predicate=predicate)), strict=True):
        found[at].append(number)
    return [sorted(numbers) for numbers in found]


def _size(fault: Fault) -> tuple[float, tuple[str, ...]]:
    return -fault.size_km2, fault.codes


def _unshared_edges(polygons: np.ndarray) -> np.ndarray:
    """Return the edges (m, 2, 2) that do not have exactly one polygon on either side."""
    parts = shapely.get_parts(polygons)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    hole = np.concatenate([[False], of_part[1:] == of_part[:-1]])
    inside_left = shapely.is_ccw(rings) != hole
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    same = (of_ring[1:] == of_ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    first, second = points[:-1][same], points[1:][same]
    turned = (first[:, 0] > second[:, 0]) | ((first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1]))
    left = inside_left[of_ring[:-1][same]] != turned
    edges = np.where(turned[:, None], np.hstack([second, first]), np.hstack([first, second])) + 0.0
    keys = np.ascontiguousarray(edges).view(np.dtype((np.void, 32))).ravel()
    _, index, group = np.unique(keys, return_index=True, return_inverse=True)
    fits = (np.bincount(group, weights=left) == 1) & (np.bincount(group, weights=~left) == 1)
    return edges[np.sort(index[~fits])].reshape(-1, 2, 2)
