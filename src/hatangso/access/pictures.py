"""The reach of service points as a map: people by radius, points, and the roads beneath."""

from __future__ import annotations

import numpy as np
import shapely

from hatangso.access.points import Points
from hatangso.access.reach import RADII_M
from hatangso.access.roads import RoadGraph
from hatangso.maps.layers import Layer, LineLayer, PointLayer
from hatangso.siting.pictures import MOST_NAMED, MOST_POINTS, Spots, reach_layers
from hatangso.vietnamese import format_number

MOST_ROADS = 60_000  # edges; more would make the picture heavy and grey all over
_SHAPES = (0, 1, 3)


def draw_reach_layers(
    people: Points, *, points: Points, distance_m: np.ndarray, graph: RoadGraph | None
) -> list[Layer]:
    """Return the layers: roads thin and grey, people beyond and within each radius of :data:`RADII_M`, service points.

    Parameters
    ----------
    distance_m : shape (people,), to the nearest service point; infinite when none is reached
    """
    ground = road_layers(graph)
    if len(people) > MOST_POINTS:  # too many to be told apart: cells
        crowd, posts = (
            Spots(each.longitude, each.latitude, each.ids if each is points else ())
            for each in (people, points)
        )
        return ground + reach_layers(crowd, distance_m=distance_m, points=posts, radii_m=RADII_M)
    layers = list(ground)
    beyond = ~(distance_m <= max(RADII_M))
    classes = [(beyond, f"dân cư ngoài {_kilometres(max(RADII_M))}", 4)]
    for number in reversed(range(len(RADII_M))):
        inner = RADII_M[number - 1] if number else -1.0
        here = (distance_m <= RADII_M[number]) & (distance_m > inner)
        words = (
            f"dân cư {'hơn ' + _kilometres(inner) + ' ' if number else ''}đến {_kilometres(RADII_M[number])}"
        )
        classes.append((here, words, _SHAPES[number]))
    for chosen, words, shape in classes:
        if chosen.any():
            words = f"{words} ({format_number(int(chosen.sum()))})"
            layers.append(
                PointLayer(people.longitude[chosen].tolist(), people.latitude[chosen].tolist(), words, shape)
            )
    if len(points):
        names = points.ids if len(points) <= MOST_NAMED else ()
        words = f"điểm phục vụ ({format_number(len(points))})"
        layers.append(PointLayer(points.longitude.tolist(), points.latitude.tolist(), words, 2, names))
    return layers


def road_layers(graph: RoadGraph | None) -> list[Layer]:
    """Return the roads as a ground to find one's way by; nothing for networks too large to be seen."""
    if graph is None or len(graph.target) // 2 > MOST_ROADS:
        return []
    begin = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    once = begin < graph.target
    ends = np.stack([begin[once], graph.target[once]], axis=1)
    lines = shapely.linestrings(np.stack([graph.longitude[ends], graph.latitude[ends]], axis=2))
    return [LineLayer([shapely.line_merge(shapely.multilinestrings(lines))], "đường", 5)]


def _kilometres(metres: float) -> str:
    return f"{format_number(metres / 1000)} km"
