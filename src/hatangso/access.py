"""People within reach of service points, by air and by road, and where the next points go."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import shapely
from numba import njit
from scipy.spatial import cKDTree

from hatangso.errors import InputError
from hatangso.fibre.noding import meeting_points, put_in
from hatangso.geo import LocalMetres, geodesic_distance_m
from hatangso.road_tables import build_hierarchy, fill_table
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem

EARTH_RADIUS_M = 6_371_008.8
LONGEST_EDGE_DEG = 0.001
RADII_M = (500.0, 1000.0, 3000.0)
FARTHEST_SNAP_M = 2000.0
MANY_POINTS = 64  # from here on ordering the whole network pays


@dataclass(frozen=True)
class Points:
    """Named points: people (with weights) or service points.

    Parameters
    ----------
    ids : names, none twice
    longitude, latitude : shape (n,), degrees WGS 84
    people : shape (n,), not negative; empty array for service points
    area_code : commune of each point; empty when not known
    """

    ids: tuple[str, ...]
    longitude: np.ndarray
    latitude: np.ndarray
    people: np.ndarray = field(default_factory=lambda: np.zeros(0))
    area_code: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            twice = next(name for k, name in enumerate(self.ids) if name in self.ids[:k])
            raise InputError(f"Điểm '{twice}'", found="mã lặp lại", expected="mỗi mã một dòng")
        good = (np.abs(self.longitude) <= 180) & (np.abs(self.latitude) <= 90)
        if not np.all(good):
            worst = int(np.flatnonzero(~good)[0])
            raise InputError(
                f"Điểm '{self.ids[worst]}'", found=f"tọa độ ({self.longitude[worst]}, {self.latitude[worst]})",
                expected="kinh độ -180 đến 180, vĩ độ -90 đến 90",
            )  # fmt: skip
        if len(self.people) and (not np.all(self.people >= 0) or not np.any(self.people > 0)):
            raise InputError(
                "Cột people",
                found="số âm, trống hoặc tổng bằng 0",
                expected="số dân không âm, tổng lớn hơn 0",
            )

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class RoadGraph:
    """Roads as compressed rows: node ``k`` leads to ``target[start[k]:start[k+1]]`` over ``length_m`` metres each."""

    longitude: np.ndarray
    latitude: np.ndarray
    start: np.ndarray
    target: np.ndarray
    length_m: np.ndarray


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


@dataclass(frozen=True)
class Pairs:
    """Which people points each service point reaches: compressed rows and distances, metres."""

    start: np.ndarray
    people_point: np.ndarray
    distance_m: np.ndarray


def build_graph(
    nodes: tuple[np.ndarray, np.ndarray], *, edges: tuple[np.ndarray, np.ndarray], length_m: np.ndarray
) -> RoadGraph:
    """Build the graph, both ways along every edge.

    Parameters
    ----------
    nodes : longitude and latitude, degrees, shape (n,) each
    edges : node numbers at both ends, shape (e,) each
    length_m : shape (e,), not negative
    """
    bad = np.flatnonzero(~(np.isfinite(length_m) & (length_m >= 0)))
    if len(bad):
        raise InputError(
            f"Cạnh đường thứ {bad[0] + 1}", found=f"dài {length_m[bad[0]]}", expected="số mét không âm"
        )
    count = len(nodes[0])
    ends = np.concatenate([edges[0], edges[1]]).astype(np.int64)
    if len(ends) and (ends.min() < 0 or ends.max() >= count):
        raise InputError(
            "Cạnh đường", found="nút không có trong bảng nút", expected=f"số nút từ 0 đến {count - 1}"
        )
    other = np.concatenate([edges[1], edges[0]])
    order = np.argsort(ends, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=count))]).astype(np.int64)
    both = np.concatenate([length_m, length_m]).astype(np.float64)
    return RoadGraph(
        np.asarray(nodes[0], float),
        np.asarray(nodes[1], float),
        start,
        other[order].astype(np.int32),
        both[order],
    )


def graph_from_lines(lines: np.ndarray, *, crossings: bool = False) -> RoadGraph:
    """Build the graph from road lines in degrees WGS 84.

    Every vertex is a node and lines join where they share a vertex, as OpenStreetMap roads do; stretches longer
    than 0.001° get vertices in between, so that houses snap to the middle of a road too.

    Parameters
    ----------
    lines : LineString or MultiLineString, other kinds are left out
    crossings : whether lines also join where they cross or one ends on another (within 0.5 m) without a shared
        vertex, as drawn roads mean it; then a road over a bridge joins the one below
    """
    parts = shapely.get_parts(np.asarray(lines, dtype=object))
    parts = parts[(shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)]
    if not len(parts):
        raise InputError(
            "Tệp đường", found="không có đường nào", expected="hình LineString hoặc MultiLineString"
        )
    parts = shapely.segmentize(_joined(parts) if crossings else parts, LONGEST_EDGE_DEG)
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    unique, node = np.unique(np.round(coordinates, 7), axis=0, return_inverse=True)
    node = node.ravel()
    joined = line[1:] == line[:-1]
    first, second = node[:-1][joined], node[1:][joined]
    length = geodesic_distance_m((unique[first, 0], unique[second, 0]), (unique[first, 1], unique[second, 1]))
    return build_graph((unique[:, 0], unique[:, 1]), edges=(first, second), length_m=length)


def _joined(lines: np.ndarray) -> np.ndarray:
    """Return the lines with a vertex wherever two of them meet."""
    west, south, east, north = shapely.total_bounds(lines)
    plane = LocalMetres(float(west + east) / 2, float(south + north) / 2)
    flat = shapely.transform(lines, lambda xy: np.column_stack(plane.to_metres(xy[:, 0], xy[:, 1])))
    nothing = np.full(len(lines), "", dtype=object)
    cuts, _ = meeting_points(flat, np.zeros(len(lines), bool), nothing, join_m=0.0)
    return shapely.transform(
        put_in(flat, cuts), lambda xy: np.column_stack(plane.to_degrees(xy[:, 0], xy[:, 1]))
    )


def nearest_by_air(people: Points, *, points: Points) -> Nearest:
    """Return the nearest service point of each people point along the straight line on the ellipsoid."""
    if not len(points):
        return Nearest(np.full(len(people), np.inf), np.full(len(people), -1), np.zeros(len(people)))
    several = min(
        3, len(points)
    )  # the sphere orders nearly as the ellipsoid does; the exact distance decides
    _, found = cKDTree(_on_sphere(points)).query(_on_sphere(people), k=several)
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
    distance, owner = _spread(graph.start, graph.target, graph.length_m, from_node[usable], from_m[usable])
    total = np.where(to_m <= farthest_snap_m, distance[to_node] + to_m, np.inf)
    point = np.where(np.isfinite(total), usable[owner[to_node]] if len(usable) else -1, -1)
    return Nearest(total, point, to_m)


def snap(points: Points, *, graph: RoadGraph) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest road node of each point and the distance to it, metres."""
    if not len(graph.longitude):
        raise InputError("Mạng đường", found="không có nút nào", expected="ít nhất một đường")
    nodes = _unit(graph.longitude, graph.latitude)
    _, node = cKDTree(nodes).query(_on_sphere(points))
    distance = geodesic_distance_m(
        (points.longitude, graph.longitude[node]), (points.latitude, graph.latitude[node])
    )
    return node.astype(np.int64), distance


def pairs_by_air(points: Points, *, people: Points, limit_m: float) -> Pairs:
    """Return every people point within ``limit_m`` of each point in a straight line."""
    found = cKDTree(_on_sphere(people)).query_ball_point(
        _on_sphere(points), limit_m / EARTH_RADIUS_M * 1.01, return_sorted=True
    )
    counts = np.array([len(part) for part in found], dtype=np.int64)
    place = (
        np.concatenate([np.asarray(part, dtype=np.int64) for part in found])
        if counts.sum()
        else np.zeros(0, int)
    )
    site = np.repeat(np.arange(len(points)), counts)
    distance = geodesic_distance_m(
        (points.longitude[site], people.longitude[place]), (points.latitude[site], people.latitude[place])
    )
    near = distance <= limit_m
    start = np.concatenate([[0], np.cumsum(np.bincount(site[near], minlength=len(points)))]).astype(np.int64)
    return Pairs(start, place[near], distance[near])


def pairs_by_road(points: Points, *, people: Points, graph: RoadGraph, limit_m: float = np.inf) -> Pairs:
    """Return every people point within ``limit_m`` of each point along the roads (infinite: all that connect).

    One bounded shortest-path tree per point, two at a time, in compiled code.
    """
    from_node, from_m = snap(points, graph=graph)
    to_node, to_m = snap(people, graph=graph)
    order = np.argsort(to_node, kind="stable").astype(np.int64)
    here = np.concatenate([[0], np.cumsum(np.bincount(to_node, minlength=len(graph.longitude)))]).astype(
        np.int64
    )
    halves = np.array_split(np.arange(len(points)), 2)
    roads = (graph.start, graph.target, graph.length_m)
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(
                lambda half: _trees(roads, (from_node[half], from_m[half]), (here, order, to_m), limit_m),
                halves,
            )
        )
    counts = np.concatenate([part[0] for part in found])
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Pairs(
        start, np.concatenate([part[1] for part in found]), np.concatenate([part[2] for part in found])
    )


def distances_by_road(points: Points, *, people: Points, graph: RoadGraph) -> np.ndarray:
    """Return the distance from every point to every people point along the roads.

    Few points: a shortest-path tree each; from :data:`MANY_POINTS` on: :mod:`hatangso.road_tables`. The same distances.

    Returns
    -------
    float32 array, shape (points, people), metres, infinite where no road connects; four bytes per pair of memory
    """
    from_node, from_m = snap(points, graph=graph)
    to_node, to_m = snap(people, graph=graph)
    table = np.empty((len(points), len(people)), np.float32)
    roads = (graph.start, graph.target, graph.length_m)
    if len(points) >= MANY_POINTS:
        hierarchy = build_hierarchy(
            graph.longitude, graph.latitude, start=graph.start, target=graph.target, length_m=graph.length_m
        )
        if hierarchy is not None:
            fill_table(hierarchy, sources=(from_node, from_m), targets=(to_node, to_m), table=table)
            return table
    halves = np.array_split(np.arange(len(points)), 2)
    with ThreadPoolExecutor(2) as pool:
        parts = [
            pool.submit(
                _table, roads, (from_node[half], from_m[half]), to_node, to_m, table[half[0] : half[-1] + 1]
            )
            for half in halves
            if len(half)
        ]
    for part in parts:
        part.result()
    return table


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


def next_points(
    people: Points,
    *,
    standing: Pairs,
    candidates: tuple[Points, Pairs],
    count: int,
    limits: SearchLimits | None = None,
) -> SitingAnswer:
    """Choose the next ``count`` points so that most people come within the radius of the pairs.

    Parameters
    ----------
    standing : pairs of the points that stand already
    candidates : possible points and their pairs, within the same radius

    Returns
    -------
    SitingAnswer; ``value`` and ``bound`` are people within reach of old and new points; ``chosen`` are new points
    """
    points, reach = candidates
    near = np.zeros(len(people), bool)
    near[standing.people_point] = True
    names, sites = ("\0standing", *points.ids), len(points) + 1
    first = np.flatnonzero(near)
    fixed = np.zeros(sites, bool)
    fixed[0] = True
    problem = SitingProblem(
        candidate_ids=names, demand_ids=people.ids, cost=np.ones(sites), weight=people.people,
        start=np.concatenate([[0], len(first) + reach.start]), demand=np.concatenate([first, reach.people_point]),
        share=np.ones(len(first) + len(reach.people_point)), group=np.full(sites, -1), fixed=fixed,
        excluded=np.zeros(sites, bool), must_serve=np.zeros(len(people), bool),
        needed=np.ones(len(people), np.int64),
    )  # fmt: skip
    answer = maximal_covering(problem, sites=count + 1, limits=limits)
    return _without_standing(answer)


def _without_standing(answer: SitingAnswer) -> SitingAnswer:
    fields = {name: getattr(answer, name) for name in answer.__dataclass_fields__}
    fields["chosen"] = tuple(name for name in answer.chosen if name != "\0standing")
    fields["cost"] = answer.cost - 1.0
    return SitingAnswer(**fields)


def _unit(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _on_sphere(points: Points) -> np.ndarray:
    return _unit(points.longitude, points.latitude)


# ------------------------------------------------------------------------------------ compiled shortest paths
@njit(cache=True, nogil=True, inline="always")
def _push(heap, keys, size, node, key):  # type: ignore[no-untyped-def]
    """Put a node into the four-way heap and return the new size."""
    at = size
    while at > 0:
        up = (at - 1) >> 2
        if keys[up] <= key:
            break
        heap[at], keys[at] = heap[up], keys[up]
        at = up
    heap[at], keys[at] = node, key
    return size + 1


@njit(cache=True, nogil=True)
def _sink(heap, keys, size):  # type: ignore[no-untyped-def]
    """Take the top out of a heap of ``size`` + 1: its last entry sinks to its place."""
    node, key = heap[size], keys[size]
    at = 0
    while True:
        low = 4 * at + 1
        if low >= size:
            break
        best = low
        for child in range(low + 1, min(low + 4, size)):
            if keys[child] < keys[best]:
                best = child
        if keys[best] >= key:
            break
        heap[at], keys[at] = heap[best], keys[best]
        at = best
    heap[at], keys[at] = node, key


@njit(cache=True, nogil=True)
def _spread(start, target, length, sources, offsets):  # type: ignore[no-untyped-def]
    """Dijkstra from all sources at once: distance of every node and the source it belongs to (-1: unreached)."""
    count = len(start) - 1
    distance, owner = np.full(count, np.inf), np.full(count, -1, np.int64)
    room = len(target) + len(sources) + 1
    heap, keys, size = np.empty(room, np.int32), np.empty(room), 0
    for s in range(len(sources)):
        if offsets[s] < distance[sources[s]]:
            distance[sources[s]], owner[sources[s]] = offsets[s], s
            size = _push(heap, keys, size, sources[s], offsets[s])
    while size > 0:
        node, key = heap[0], keys[0]
        size -= 1
        _sink(heap, keys, size)
        if key > distance[node]:
            continue
        for e in range(start[node], start[node + 1]):
            new = key + length[e]
            if new < distance[target[e]]:
                distance[target[e]], owner[target[e]] = new, owner[node]
                size = _push(heap, keys, size, target[e], new)
    return distance, owner


@njit(cache=True, nogil=True)
def _grow(roads, source, offset, limit, distance, heap, keys, settled):  # type: ignore[no-untyped-def]
    """Grow one tree up to ``limit``; list the settled nodes and return how many; ``distance`` must be infinite before."""
    start, target, length = roads
    size, done = 0, 0
    if offset <= limit:
        distance[source] = offset
        size = _push(heap, keys, size, source, offset)
    while size > 0:
        node, key = heap[0], keys[0]
        size -= 1
        _sink(heap, keys, size)
        if key > distance[node]:
            continue
        settled[done] = node
        done += 1
        for e in range(start[node], start[node + 1]):
            new, to = key + length[e], target[e]
            if new < distance[to] and new <= limit:
                distance[to] = new
                size = _push(heap, keys, size, to, new)
    return done


@njit(cache=True, nogil=True)
def _trees(roads, origins, houses, limit):  # type: ignore[no-untyped-def]
    """Grow one bounded tree per origin; return houses reached per origin, their numbers and distances."""
    sources, offsets = origins
    here, order, way = houses
    count, room = len(roads[0]) - 1, len(roads[1]) + 2
    distance, settled = np.full(count, np.inf), np.empty(count, np.int64)
    heap, keys = np.empty(room, np.int32), np.empty(room)
    counts = np.zeros(len(sources), np.int64)
    found, far, filled = np.empty(1024, np.int64), np.empty(1024), 0
    for s in range(len(sources)):
        done = _grow(roads, sources[s], offsets[s], limit, distance, heap, keys, settled)
        for q in range(done):
            node = settled[q]
            for h in range(here[node], here[node + 1]):
                total = distance[node] + way[order[h]]
                if total <= limit:
                    if filled == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                        far = np.concatenate((far, np.empty_like(far)))
                    found[filled], far[filled] = order[h], total
                    filled += 1
                    counts[s] += 1
            distance[node] = np.inf
    return counts, found[:filled], far[:filled]


@njit(cache=True, nogil=True)
def _table(roads, origins, nodes, way, rows):  # type: ignore[no-untyped-def]
    """Fill one row of distances to every house per origin."""
    sources, offsets = origins
    count, room = len(roads[0]) - 1, len(roads[1]) + 2
    distance, settled = np.full(count, np.inf), np.empty(count, np.int64)
    heap, keys = np.empty(room, np.int32), np.empty(room)
    for s in range(len(sources)):
        done = _grow(roads, sources[s], offsets[s], np.inf, distance, heap, keys, settled)
        for h in range(len(nodes)):
            rows[s, h] = distance[nodes[h]] + way[h]
        for q in range(done):
            distance[settled[q]] = np.inf
