"""Networks in which key sites keep their link when any one edge is cut: completed from a tree, improved as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.second_path import add_second_paths
from hatangso.fibre.survivable_bound import TwoWayProblem, quick_bound, relaxed_bound
from hatangso.fibre.trees import insert_vertices, shortest_path_tree, spanning_tree_of

MOST_RELAXED_EDGES = 8000
ROUNDS = 24


@dataclass(frozen=True)
class TwoWayNetwork:
    """built, tree : bool (m,), a network that does it and a tree of it to all places; cost : of ``built``; bound : no such
    network costs less."""

    built: np.ndarray
    tree: np.ndarray
    cost: float
    bound: float


def two_way_network(
    problem: TwoWayProblem, tree: np.ndarray, *, seed: int, time_left: Callable[[], float]
) -> TwoWayNetwork:
    """Complete a tree to a network with two ways for the key sites, improve it as a whole, and bound it.

    Parameters
    ----------
    tree : bool (m,), joins all places with the root; key sites that no two ways reach must not be in ``problem``
    time_left : seconds; the first network and the quick bound are made whatever it says
    """
    smaller = shrink(problem)
    search = _Search(smaller.problem, smaller.kept(tree), np.random.default_rng(seed))
    bound, guide = quick_bound(smaller.problem), None
    if smaller.problem.graph.edges <= MOST_RELAXED_EDGES:
        relaxed, guide = relaxed_bound(smaller.problem, search.look, time_left=time_left)
        bound = max(bound, relaxed)
    search.vary(bound, guide, time_left)
    best = smaller.original(search.best)
    places = np.append(problem.places(), problem.root)
    inside = np.zeros(problem.graph.nodes, np.bool_)
    inside[problem.graph.tail[best]] = inside[problem.graph.head[best]] = True
    within, real = _only(problem.graph, best)
    joined = np.zeros(problem.graph.edges, np.bool_)
    joined[real[spanning_tree_of(within, inside, places)]] = True
    return TwoWayNetwork(best, joined, search.cost, min(bound, search.cost))


@dataclass(frozen=True)
class Shrunk:
    """A smaller problem of the same optimum; ``parts`` : the edges of the larger one that each of its edges stands for."""

    problem: TwoWayProblem
    parts: list[list[int]]
    edges: int

    def original(self, built: np.ndarray) -> np.ndarray:
        """Return the edges of the larger graph that edges of the smaller one stand for, bool (m,)."""
        found = np.zeros(self.edges, np.bool_)
        for edge in np.flatnonzero(built):
            found[self.parts[edge]] = True
        return found

    def kept(self, built: np.ndarray) -> np.ndarray:
        """Return the edges of the smaller graph all of whose parts are built, bool."""
        return np.array([bool(built[part].all()) for part in self.parts], np.bool_)


def shrink(problem: TwoWayProblem) -> Shrunk:
    """Cut off dead ends and join the two edges at a node where nobody lives, which changes no best network."""
    graph = problem.graph
    ends = [[int(tail), int(head)] for tail, head in zip(graph.tail, graph.head, strict=True)]
    parts: list[list[int]] = [[edge] for edge in range(graph.edges)]
    at: list[set[int]] = [set() for _ in range(graph.nodes)]
    for edge, (left, right) in enumerate(ends):
        at[left].add(edge)
        at[right].add(edge)
    stays = np.zeros(graph.nodes, np.bool_)
    stays[np.append(problem.places(), problem.root)] = True
    stays[graph.tail[problem.twice]] = stays[graph.head[problem.twice]] = True
    waiting = np.flatnonzero(~stays).tolist()
    while waiting:
        node = waiting.pop()
        if len(at[node]) not in (1, 2) or stays[node]:
            continue
        others = [(edge, sum(ends[edge]) - node) for edge in at[node]]
        for edge, other in others:
            at[other].discard(edge)
        at[node].clear()
        if len(others) == 2 and others[0][1] != others[1][1]:
            (first, left), (second, right) = others
            ends[first] = [left, right]
            parts[first] = parts[first] + parts[second]
            at[left].add(first)
            at[right].add(first)
        else:
            waiting += [other for _, other in others]
    kept = sorted({edge for edges in at for edge in edges})
    tail = np.array([ends[edge][0] for edge in kept], np.int64)
    head = np.array([ends[edge][1] for edge in kept], np.int64)
    cost = np.array([graph.cost[parts[edge]].sum() for edge in kept])
    smaller = make_graph(graph.nodes, tail, head, cost)
    twice = problem.twice[[parts[edge][0] for edge in kept]]
    return Shrunk(replace(problem, graph=smaller, twice=twice), [parts[edge] for edge in kept], graph.edges)


def two_ways_hold(problem: TwoWayProblem, built: np.ndarray) -> bool:
    """Say whether the edges ``built`` join all places and join the key sites twice."""
    graph = problem.graph
    needed = np.zeros(graph.nodes, np.int8)
    needed[problem.places()] = 1
    needed[problem.keys] = 2
    return bool(
        _holds(graph.nodes, graph.first, graph.arcs, graph.ends(), built, problem.twice, problem.root, needed)
    )


def _only(graph: Graph, edges: np.ndarray) -> tuple[Graph, np.ndarray]:
    real = np.flatnonzero(edges)
    return make_graph(graph.nodes, graph.tail[real], graph.head[real], graph.cost[real]), real


class _Search:
    """The cheapest network found so far."""

    def __init__(self, problem: TwoWayProblem, tree: np.ndarray, generator: np.random.Generator) -> None:
        self.problem, self.generator = problem, generator
        self.best, self.cost = tree, np.inf
        self._offer(self._complete(tree, problem.graph.cost))

    def look(self, used: np.ndarray) -> float:
        """Try what a relaxation uses, whole where it is whole; returns the cost of the best network."""
        if used.any():
            likely = used > 0.5
            if two_ways_hold(self.problem, likely):
                self._offer(self._without_needless(likely))
            self.try_again(used, 0)
        return self.cost

    def vary(self, bound: float, guide: np.ndarray | None, time_left: Callable[[], float]) -> None:
        """Try other trees until the bound is met or time is out."""
        for number in range(ROUNDS):
            if self.cost <= bound * (1 + 1e-9) + 1e-9 or time_left() <= 0:
                return
            self.try_again(guide, number)

    def try_again(self, guide: np.ndarray | None, number: int) -> None:
        """Grow another tree along disturbed costs, cheaper where the relaxation builds, and complete it."""
        graph = self.problem.graph
        noise = self.generator.uniform(1.0, 1.0 + (0.1, 0.3, 0.6)[number % 3], graph.edges)
        favour = 1.0 if guide is None else 1.0 - 0.9 * guide * (number % 2 == 0 or number % 3 == 0)
        if number % 4 == 3:
            favour = np.where(self.best, 0.5, 1.0) * favour
        cost = graph.cost * noise * favour
        disturbed = make_graph(graph.nodes, graph.tail, graph.head, cost)
        places = np.append(self.problem.places(), self.problem.root).astype(np.int32)
        tree = shortest_path_tree(disturbed, places, self.problem.root)
        tree = insert_vertices(disturbed, tree, places, seed=int(self.generator.integers(2**31)))
        self._offer(self._complete(tree, cost))

    def _complete(self, tree: np.ndarray, cost: np.ndarray) -> np.ndarray:
        problem = self.problem
        graph = make_graph(problem.graph.nodes, problem.graph.tail, problem.graph.head, cost)
        twice = np.flatnonzero(problem.twice)
        second = add_second_paths(graph, tree, problem.keys, root=problem.root, twice=twice)
        return self._without_needless(tree | second.edges)

    def _without_needless(self, built: np.ndarray) -> np.ndarray:
        """Take out every edge the network can do without, dearest first."""
        built = built.copy()
        edges = np.flatnonzero(built)
        for edge in edges[np.argsort(-self.problem.graph.cost[edges], kind="stable")]:
            built[edge] = False
            if not two_ways_hold(self.problem, built):
                built[edge] = True
        return built

    def _offer(self, built: np.ndarray) -> None:
        cost = float(self.problem.graph.cost[built].sum())
        if cost < self.cost - 1e-9:
            self.best, self.cost = built, cost


@njit(cache=True, nogil=True)
def _holds(nodes, first, arcs, ends, built, twice, root, needed):  # pragma: no cover - compiled
    """Search from the root for bridges (R. Tarjan 1974): a node below one hangs on by a single edge."""
    entered, low = np.full(nodes, -1, np.int64), np.empty(nodes, np.int64)
    above, place = np.full(nodes, -1, np.int32), first[:-1].copy()
    order = np.empty(nodes, np.int32)
    entered[root], low[root], count, node = 0, 0, 1, root
    order[0] = root
    while True:
        if place[node] < first[node + 1]:
            arc = arcs[place[node]]
            place[node] += 1
            other = ends[arc]
            if not built[arc >> 1]:
                continue
            if entered[other] < 0:
                entered[other], low[other], above[other] = count, count, arc
                order[count] = other
                count += 1
                node = other
            elif arc >> 1 != above[node] >> 1 or (above[node] >= 0 and twice[arc >> 1]):
                low[node] = min(low[node], entered[other])
        elif node == root:
            break
        else:
            up = ends[above[node] ^ 1]
            low[up] = min(low[up], low[node])
            node = up
    single = np.zeros(nodes, np.bool_)
    for index in range(1, count):
        node = order[index]
        single[node] = single[ends[above[node] ^ 1]] or low[node] == entered[node]
    for node in range(nodes):
        if needed[node] > 0 and entered[node] < 0:
            return False
        if needed[node] > 1 and single[node]:
            return False
    return True
