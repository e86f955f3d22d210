"""Point in polygon by counting the borders to the left of the point, one edge at a time, in exact fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction

import shapely


def holds_by_hand(polygon: shapely.Geometry, x: float, y: float) -> bool:
    """Say whether the polygon has the point: borders on the left and below belong to the area beyond them."""
    inside = False
    for part in shapely.get_parts(polygon):
        for ring in [part.exterior, *part.interiors]:
            corners = [(Fraction(a), Fraction(b)) for a, b in ring.coords]
            for (ax, ay), (bx, by) in itertools.pairwise(corners):
                if (ay > y) != (by > y):
                    crossing = ax + (Fraction(y) - ay) * (bx - ax) / (by - ay)
                    inside ^= crossing < x
    return inside


def assign_by_hand(polygons: list[shapely.Geometry], x: float, y: float) -> int:
    """Return the first polygon that has the point, −1 for none."""
    return next((number for number, polygon in enumerate(polygons) if holds_by_hand(polygon, x, y)), -1)
