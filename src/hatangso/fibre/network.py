"""The network a cable can follow: edges with length, method and cost; sources and places joined to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from hatangso.errors import InputError
from hatangso.fibre.cables import Cables, cables_of
from hatangso.fibre.costs import BARRIERS, ROAD_METHODS, FibreCosts
from hatangso.fibre.graph import Graph, components, make_graph
from hatangso.fibre.lines import Lines
from hatangso.fibre.noding import Edges, cut_at_nodes, foot_on, meeting_points, node_at, put_in
from hatangso.geo import LocalMetres, geodesic_distance_m
from hatangso.vietnamese import format_number

SAME_SPOT_M = 0.01
LEAST_PART = 0.05  # a source stands on no piece of road shorter than this share of the largest connected part
LONG_DROP_M = 300.0  # a way beside every line longer than this is told
ONE_GO_M = 40.0  # crossings of one kind no farther apart than this are one piece of work


@dataclass(frozen=True)
class LayingRules:
    """What may be done.

    methods : ways of laying along roads (new_poles, trench, micro_trench)
    join_m : poles, ducts and cables within this distance of a road are joined to it
    farthest_m : a place farther than this from every line is not joined
    """

    methods: tuple[str, ...] = ROAD_METHODS
    join_m: float = 20.0
    farthest_m: float = 2000.0

    def __post_init__(self) -> None:
        if not self.methods or set(self.methods) - set(ROAD_METHODS):
            raise InputError(
                "Cách làm tuyến", found=", ".join(self.methods), expected=" hoặc ".join(ROAD_METHODS)
            )
        if not (0 <= self.join_m <= 1000 and 0 < self.farthest_m <= 100_000):
            raise InputError(
                "Khoảng cách nối", expected="nối hạ tầng 0–1000 m, nối điểm lớn hơn 0 đến 100000 m"
            )


@dataclass(frozen=True)
class Spots:
    """Points to be joined: names for messages, longitude and latitude in degrees WGS 84."""

    names: list[str]
    longitude: np.ndarray
    latitude: np.ndarray

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Network:
    """A graph whose costs are đồng for laying with the smallest cable, and what its edges are on the ground.

    points : float64 (k, 2), degrees, of all edges one after the other; first : int64 (m + 1,)
    length_m : float64 (m,); carrier, method, surface : object (m,); crossings : float64 (m, 3) in the order of BARRIERS
    sources, places : int64, node of each, -1 for those not joined; snapped_m : distance of each place to its line
    """

    graph: Graph
    points: np.ndarray
    first: np.ndarray
    node_degrees: np.ndarray
    length_m: np.ndarray
    carrier: np.ndarray
    method: np.ndarray
    surface: np.ndarray
    crossings: np.ndarray
    sources: np.ndarray
    places: np.ndarray
    snapped_m: np.ndarray
    source_snapped_m: np.ndarray
    cables: Cables
    notes: list[str] = field(default_factory=list)

    def geometry(self, edge: int) -> shapely.LineString:
        """Return the way of an edge in degrees WGS 84."""
        return shapely.LineString(self.points[self.first[edge] : self.first[edge + 1]])


def build_network(
    lines: Lines, *, sources: Spots, places: Spots, costs: FibreCosts, rules: LayingRules | None = None
) -> Network:
    """Cut the lines into a graph and join sources and places to it.

    A source stands on the nearest line of a connected part that is no mere stump (a twentieth of the largest, by length), a
    place on the nearest line that hangs together with some source; the way from the line to the place is an edge of its
    own. What lies too far or hangs together with no source is not joined (node -1) and named in ``notes``, and so is who
    needs a long way beside every line.

    Raises
    ------
    InputError
        when there is no line to follow, or no source can be joined.
    """
    rules = rules or LayingRules()
    carried = np.flatnonzero(lines.carrier != "")
    if len(carried) == 0 or len(sources) == 0:
        raise InputError("Mạng cáp", found="không có tuyến nào hoặc không có nguồn", expected="cả hai")
    bounds = shapely.total_bounds(lines.geometry[carried])
    plane = LocalMetres(float(bounds[0] + bounds[2]) / 2, float(bounds[1] + bounds[3]) / 2)
    ground = _Ground(lines, carried, plane, rules)
    source_xy = np.column_stack(plane.to_metres(sources.longitude, sources.latitude))
    place_xy = np.column_stack(plane.to_metres(places.longitude, places.latitude)).reshape(-1, 2)
    parts = ground.parts()
    metres = np.bincount(parts, weights=shapely.length(ground.lines))
    at_source = ground.snap(source_xy, usable=metres[parts] >= LEAST_PART * metres.max())
    if np.all(at_source[0] < 0):
        raise InputError(
            "Nguồn",
            found=f"không nguồn nào trong {rules.farthest_m:g} m quanh mạng tuyến",
            expected="ít nhất một nguồn gần tuyến",
            remedy="Kiểm tra tọa độ nguồn hoặc bản đồ tuyến",
        )
    fed = parts[at_source[0][at_source[0] >= 0]]
    at_place = ground.snap(place_xy, usable=np.isin(parts, fed))
    notes = [*lines.notes, *_notes(((sources, at_source), (places, at_place)), ground.gaps(place_xy))]
    edges, carrier, surface, line = ground.cut([(source_xy, at_source), (place_xy, at_place)])
    network = _priced(
        (edges, carrier, surface, line),
        lines,
        plane,
        (costs, rules),
        spots=((source_xy, at_source), (place_xy, at_place)),
    )
    return replace(network, notes=notes)


class _Ground:
    """The carrying lines in metres, made to meet."""

    def __init__(self, lines: Lines, carried: np.ndarray, plane: LocalMetres, rules: LayingRules) -> None:
        self.rules = rules
        flat = shapely.transform(
            lines.geometry[carried], lambda xy: np.column_stack(plane.to_metres(xy[:, 0], xy[:, 1]))
        )
        carrier = lines.carrier[carried]
        infrastructure = np.where(carrier == "road", "", carrier).astype(object)
        cuts, links = meeting_points(flat, lines.noded[carried], infrastructure, join_m=rules.join_m)
        joined = [shapely.LineString(link) for link in links]
        self.lines = np.append(put_in(flat, cuts), np.array(joined, dtype=object))
        self.carrier = np.append(carrier, np.full(len(links), "join", dtype=object))
        self.surface = np.append(lines.surface[carried], np.full(len(links), "unknown", dtype=object))
        self.source_line = np.append(carried, np.full(len(links), -1))

    def parts(self) -> np.ndarray:
        """Return the number of the connected part of each line."""
        edges = cut_at_nodes(self.lines)
        label = components(make_graph(len(edges.nodes), edges.tail, edges.head, np.zeros(len(edges.tail))))
        parts = np.zeros(len(self.lines), np.int64)
        parts[edges.line] = label[edges.tail]
        return parts

    def snap(self, points: np.ndarray, *, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return line (-1 when too far), foot on it and distance of each point, over the usable lines."""
        chosen = np.flatnonzero(usable & (self.carrier != "join"))
        line, distance = np.full(len(points), -1), np.full(len(points), np.inf)
        foot = np.zeros((len(points), 2))
        if len(points) == 0 or len(chosen) == 0:
            return line, foot, distance
        tree = shapely.STRtree(self.lines[chosen])
        which, found = tree.query_nearest(shapely.points(points), all_matches=False)
        for point, index in zip(which, found, strict=True):
            nearest = chosen[index]
            foot[point] = foot_on(self.lines[nearest], points[point])
            distance[point] = float(np.hypot(*(foot[point] - points[point])))
            if distance[point] <= self.rules.farthest_m:
                line[point] = nearest
        return line, foot, distance

    def gaps(self, points: np.ndarray) -> np.ndarray:
        """Return how far the nearest line of any part is from each point, metres."""
        tree = shapely.STRtree(self.lines)
        found = np.full(len(points), np.inf)
        which, far = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)
        found[which[0]] = far
        return found

    def cut(
        self, joined: list[tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]]
    ) -> tuple[Edges, np.ndarray, np.ndarray, np.ndarray]:
        """Return edges with carrier, surface and original line after putting in the points with their drops."""
        cuts, drops = [], []
        for points, (line, foot, distance) in joined:
            for number in np.flatnonzero(line >= 0):
                cuts.append((int(line[number]), foot[number]))
                if distance[number] > SAME_SPOT_M:
                    drops.append(shapely.LineString([foot[number], points[number]]))
                else:  # stands on the line: a stub, so that every place is an end
                    drops.append(
                        shapely.LineString([foot[number], foot[number] + np.array([0.0, SAME_SPOT_M])])
                    )
        count = len(drops)
        every = np.append(put_in(self.lines, cuts), np.array(drops, dtype=object))
        edges = cut_at_nodes(every)
        carrier = np.append(self.carrier, np.full(count, "drop", dtype=object))[edges.line]
        surface = np.append(self.surface, np.full(count, "unknown", dtype=object))[edges.line]
        return edges, carrier, surface, np.append(self.source_line, np.full(count, -1))[edges.line]


def _priced(
    cut: tuple[Edges, np.ndarray, np.ndarray, np.ndarray],
    lines: Lines,
    plane: LocalMetres,
    terms: tuple[FibreCosts, LayingRules],
    *,
    spots: tuple[tuple[np.ndarray, tuple], tuple[np.ndarray, tuple]],
) -> Network:
    edges, carrier, surface, line = cut
    costs, rules = terms
    degrees = np.column_stack(plane.to_degrees(edges.points[:, 0], edges.points[:, 1]))
    length = _lengths(degrees, edges.first)
    crossings = _crossings(edges, line, lines, plane)
    method = np.empty(len(length), dtype=object)
    per_metre = np.zeros(len(length))
    for kind in set(zip(carrier, surface, strict=True)):
        chosen = (carrier == kind[0]) & (surface == kind[1])
        name, price = costs.cheapest_method(*kind, methods=rules.methods)
        method[chosen] = name
        per_metre[chosen] = price + (0.0 if kind[0] == "cable" else costs.smallest_cable)
    crossing = np.array([costs.crossings.get(name, 0.0) for name in BARRIERS])
    total = length * per_metre + np.where(carrier == "cable", 0.0, crossings @ crossing)
    proper = edges.tail != edges.head
    if not proper.all():
        edges, kept = _without_loops(edges, proper)
        degrees = degrees[kept]
        length, carrier, method, surface = (column[proper] for column in (length, carrier, method, surface))
        crossings, total, line = crossings[proper], total[proper], line[proper]
    nodes = [_nodes(edges, points, at) for points, at in spots]
    node_degrees = np.column_stack(plane.to_degrees(edges.nodes[:, 0], edges.nodes[:, 1]))
    return Network(
        make_graph(len(edges.nodes), edges.tail, edges.head, total),
        degrees,
        edges.first,
        node_degrees,
        length,
        carrier,
        method,
        surface,
        crossings,
        nodes[0],
        nodes[1],
        spots[1][1][2],
        spots[0][1][2],
        cables_of(lines, line),
    )


def _without_loops(edges: Edges, proper: np.ndarray) -> tuple[Edges, np.ndarray]:
    sizes = np.diff(edges.first)
    kept = np.repeat(proper, sizes)
    first = np.concatenate([[0], np.cumsum(sizes[proper])])
    return (
        Edges(
            edges.tail[proper],
            edges.head[proper],
            edges.line[proper],
            edges.points[kept],
            first,
            edges.nodes,
        ),
        kept,
    )


def _nodes(edges: Edges, points: np.ndarray, at: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    line, foot, distance = at
    spot = np.where((distance > SAME_SPOT_M)[:, None], points, foot + np.array([0.0, SAME_SPOT_M]))
    return np.where(line >= 0, node_at(edges, spot), -1)


def _notes(spots: tuple[tuple[Spots, tuple], ...], gaps: np.ndarray) -> list[str]:
    """Name who is not joined or only by a long way beside every line; ``gaps`` : of the places to any line at all."""
    notes = []
    for (spot, (line, _, distance)), word in zip(spots, ("Nguồn", "Điểm"), strict=True):
        for number in np.flatnonzero((line < 0) | (distance > LONG_DROP_M)).tolist():
            told = f"{word} '{spot.names[number]}' cách tuyến gần nhất {format_number(round(float(distance[number])))} m"
            if not np.isfinite(distance[number]):
                told = f"{word} '{spot.names[number]}' không có tuyến nào liền với nguồn"
            near = word == "Điểm" and gaps[number] < distance[number] - 1.0
            told += ": không nối được" if line[number] < 0 else ": phải kéo cáp thẳng ngoài tuyến"
            if near:
                told += f" (có tuyến cách {format_number(round(float(gaps[number])))} m nhưng không liền với nguồn nào)"
            notes.append(told)
    return notes


def _lengths(degrees: np.ndarray, first: np.ndarray) -> np.ndarray:
    steps = geodesic_distance_m((degrees[:-1, 0], degrees[1:, 0]), (degrees[:-1, 1], degrees[1:, 1]))
    running = np.concatenate([[0.0], np.cumsum(steps)])
    return running[first[1:] - 1] - running[first[:-1]]


def _crossings(edges: Edges, line: np.ndarray, lines: Lines, plane: LocalMetres) -> np.ndarray:
    """Count how often each edge crosses each kind of barrier.

    An edge that only ends on a national road counts half: a way across it has two such edges.
    """
    count = np.zeros((len(edges.tail), len(BARRIERS)))
    blocking = np.flatnonzero(lines.barrier != "")
    if len(blocking) == 0:
        return count
    flat = shapely.transform(
        lines.geometry[blocking], lambda xy: np.column_stack(plane.to_metres(xy[:, 0], xy[:, 1]))
    )
    sizes = np.diff(edges.first)
    shapes = shapely.linestrings(edges.points, indices=np.repeat(np.arange(len(sizes)), sizes))
    edge, block = shapely.STRtree(flat).query(shapes, predicate="crosses")
    kind = np.array([BARRIERS.index(name) for name in lines.barrier[blocking]])
    own = line[edge] == blocking[block]
    edge, block = edge[~own], block[~own]
    points, pair = shapely.get_coordinates(shapely.intersection(shapes[edge], flat[block]), return_index=True)
    at = shapely.line_locate_point(shapes[edge[pair]], shapely.points(points))
    _count_groups(count, edge[pair], kind[block[pair]], at)
    national = (line >= 0) & (lines.barrier[np.maximum(line, 0)] == "national_road")
    touched = np.zeros(len(edges.nodes), np.bool_)
    touched[edges.tail[national]] = touched[edges.head[national]] = True
    halves = 0.5 * (touched[edges.tail].astype(float) + touched[edges.head])
    count[:, BARRIERS.index("national_road")] += np.where(national, 0.0, halves)
    return count


def _count_groups(count: np.ndarray, edge: np.ndarray, kind: np.ndarray, at: np.ndarray) -> None:
    """Add one for every group of crossings of an edge: parallel tracks or carriageways are crossed at one go."""
    order = np.lexsort((at, kind, edge))
    edge, kind, at = edge[order], kind[order], at[order]
    fresh = np.ones(len(edge), np.bool_)
    fresh[1:] = (edge[1:] != edge[:-1]) | (kind[1:] != kind[:-1]) | (np.diff(at) > ONE_GO_M)
    np.add.at(count, (edge[fresh], kind[fresh]), 1.0)
