"""The nearest service point of people, by air and by road, and what share of them is within reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from hatangso.access.points import Points, on_sphere
from hatangso.access.roads import RoadGraph, snap
from hatangso.access.shortest import spread
from hatangso.errors import InputError
from hatangso.geo import geodesic_distance_m

RADII_M = (500.0, 1000.0, 3000.0)
FARTHEST_SNAP_M = 2000.0


@dataclass(frozen=True)
class Nearest:
    """Nearest service point of each people point.

    ``distance_m`` is infinite and ``point`` -1 where none can be reached; ``snap_m`` is the way from each people
    point to the road (0 by air), part of the distance.
    """

    distance_m: np.ndarray
    point: np.ndarray
    snap_m: np.ndarray


@dataclass(frozen=True)
class Reach:
    """How many people are within each radius, and the usual averages.

    ``people_within`` and ``share_within`` follow ``radii_m``; ``mean_service_radius_m`` = √(area / (π · points)),
    None when the area is not given; ``mean_distance_m`` weighs by people and leaves out the unreachable, whose
    number is ``people_unreachable``.
    """

    radii_m: tuple[float, ...]
    people: float
    people_within: tuple[float, ...]
    share_within: tuple[float, ...]
    points: int
    people_per_point: float | None
    mean_distance_m: float | None
    mean_service_radius_m: float | None
    people_unreachable: float
    unreachable: tuple[str, ...]


def nearest_by_air(people: Points, *, points: Points) -> Nearest:
    """Return the nearest service point of each people point along the straight line on the ellipsoid."""
    if not len(points):
        return Nearest(np.full(len(people), np.inf), np.full(len(people), -1), np.zeros(len(people)))
    several = min(
        3, len(points)
    )  # the sphere orders nearly as the ellipsoid does; the exact distance decides
    _, found = cKDTree(on_sphere(points)).query(on_sphere(people), k=several)
    found = found.reshape(len(people), several)
    exact = geodesic_distance_m(
        (people.longitude[:, None], points.longitude[found]),
        (people.latitude[:, None], points.latitude[found]),
    )
    best = np.argmin(exact, axis=1)
    rows = np.arange(len(people))
    return Nearest(exact[rows, best], found[rows, best], np.zeros(len(people)))


def nearest_by_road(
    people: Points, *, points: Points, graph: RoadGraph, farthest_snap_m: float = FARTHEST_SNAP_M
) -> Nearest:
    """Return the nearest service point of each people point along the roads, the ways to the road included.

    A point farther than ``farthest_snap_m`` from every road node cannot be reached.
    """
    from_node, from_m = snap(points, graph=graph)
    to_node, to_m = snap(people, graph=graph)
    usable = np.flatnonzero(from_m <= farthest_snap_m)
    distance, owner = spread(graph.start, graph.target, graph.length_m, from_node[usable], from_m[usable])
    total = np.where(to_m <= farthest_snap_m, distance[to_node] + to_m, np.inf)
    point = np.where(np.isfinite(total), usable[owner[to_node]] if len(usable) else -1, -1)
    return Nearest(total, point, to_m)


def summarise_reach(people: Points, *, nearest: Nearest, points: int, area_km2: float | None = None) -> Reach:
    """Count people within :data:`RADII_M` and average; see :class:`Reach`."""
    total = float(people.people.sum())
    reached = np.isfinite(nearest.distance_m)
    within = tuple(float(people.people[nearest.distance_m <= radius].sum()) for radius in RADII_M)
    reached_people = float(people.people[reached].sum())
    mean = (
        float(people.people[reached] @ nearest.distance_m[reached]) / reached_people
        if reached_people
        else None
    )
    radius = None if area_km2 is None or not points else float(np.sqrt(area_km2 * 1e6 / (np.pi * points)))
    return Reach(
        radii_m=RADII_M, people=total, people_within=within, share_within=tuple(part / total for part in within),
        points=points, people_per_point=total / points if points else None, mean_distance_m=mean,
        mean_service_radius_m=radius, people_unreachable=total - reached_people,
        unreachable=tuple(people.ids[i] for i in np.flatnonzero(~reached)),
    )  # fmt: skip


@dataclass(frozen=True)
class ServiceAreas:
    """Of each service point who has it as the nearest: people, shape (points,), those within each radius of
    :data:`RADII_M`, shape (points, radii), and the farthest of them, metres (NaN when it is nobody's nearest)."""

    people: np.ndarray
    people_within: np.ndarray
    farthest_m: np.ndarray


def service_areas(people: Points, *, nearest: Nearest, points: int) -> ServiceAreas:
    """Give everybody who can be reached to the nearest of ``points`` service points."""
    reached = np.flatnonzero(nearest.point >= 0)
    owner, distance = nearest.point[reached], nearest.distance_m[reached]
    weight = people.people[reached]
    within = [np.bincount(owner, weight * (distance <= radius), minlength=points) for radius in RADII_M]
    farthest = np.full(points, np.nan)
    np.fmax.at(farthest, owner, distance)
    return ServiceAreas(np.bincount(owner, weight, minlength=points), np.column_stack(within), farthest)


def areas_without_point(areas: Sequence[str], *, points: Points, staffed: np.ndarray) -> tuple[str, ...]:
    """Return the codes of ``areas`` in which no staffed point stands, in the order given.

    Parameters
    ----------
    staffed : shape (points,), whether somebody serves there
    """
    if not points.area_code:
        raise InputError("Bảng điểm phục vụ", found="không có cột area_code", expected="mã xã của mỗi điểm")
    served = {code for code, here in zip(points.area_code, staffed, strict=True) if here}
    return tuple(code for code in areas if code not in served)
