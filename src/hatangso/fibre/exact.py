"""Small Steiner problems to the end: the directed cut relaxation by linear programming, then whole numbers.

min Σ c(a) x(a), x(δ⁻(S)) ≥ 1 for every S that holds a terminal but not the root; cuts are found by maximum flows.
Sources: R. T. Wong 1984; T. Koch, A. Martin, Networks 32 (1998) for the flow-balance rows and the separation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from numba import njit

from hatangso.fibre.graph import Graph
from hatangso.fibre.trees import find

_VIOLATED = 1e-5
_ENOUGH = 400  # cuts sought in one round
MANY_ROWS = 1000  # cuts known beforehand; from there on an interior point comes sooner than the simplex method from nothing
MOST_ARC_ROWS = 2000  # edges; on larger graphs a row for every arc slows the relaxation more than it helps


@dataclass(frozen=True)
class Relaxation:
    """bound : of the linear relaxation (or of the whole-number problem when ``tree`` is proven)
    reduced : reduced costs of the arcs, float64 (2m,); tree : bool (m,) when the solution is a tree, else None
    finished : whether the relaxation was solved to its end
    """

    bound: float
    reduced: np.ndarray
    tree: np.ndarray | None
    finished: bool


class CutModel:
    """The relaxation over a graph, kept warm between rounds of cuts.

    ``arc_cost`` : float64 (2m,), infinite = closed; the edges' costs both ways when omitted
    """

    def __init__(
        self, graph: Graph, root: int, terminals: np.ndarray, *, arc_cost: np.ndarray | None = None
    ) -> None:
        self.graph, self.root = graph, root
        self.cost = np.repeat(graph.cost, 2) if arc_cost is None else np.array(arc_cost, np.float64)
        self.closed = ~np.isfinite(self.cost)
        self.cost[self.closed] = 0.0
        self.terminals = np.array([node for node in terminals if node != root], np.int32)
        self.ends = graph.ends()
        self.solver = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
            self.solver.setOptionValue(option, value)
        self._columns()
        self._degree_rows()

    def add_cuts(self, first: np.ndarray, cuts: np.ndarray) -> None:
        """Add rows x(cut) ≥ 1; arcs of cut k are ``cuts[first[k]:first[k + 1]]``."""
        count = len(first) - 1
        if count:
            self.solver.addRows(
                count, np.ones(count), np.full(count, highspy.kHighsInf), len(cuts), first[:-1].astype(np.int32),
                cuts.astype(np.int32), np.ones(len(cuts)),
            )  # fmt: skip
        if count > MANY_ROWS:
            self.solver.setOptionValue("solver", "ipm")

    def solve(
        self,
        *,
        upper: float,
        time_left: Callable[[], float],
        look: Callable[[np.ndarray], float] | None = None,
    ) -> Relaxation:
        """Add violated cuts until none is left, the bound reaches ``upper`` or time is out.

        ``look`` : sees the values of the arcs after every round (a tree may grow along them) and returns the present
        ``upper``. Arcs that no tree cheaper than ``upper`` can use are closed on the way.
        """
        finished = False
        bound, reduced, value = 0.0, self.cost, np.zeros(2 * self.graph.edges)
        while time_left() > 0:
            self.solver.setOptionValue("time_limit", self.solver.getRunTime() + time_left())
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:  # every tree would need a closed arc
                return Relaxation(max(bound, upper), reduced, None, True)
            if status == highspy.HighsModelStatus.kTimeLimit:
                continue  # the solver counts wall time, the caller perhaps another
            if status != highspy.HighsModelStatus.kOptimal:
                break
            self.solver.setOptionValue("solver", "simplex")  # goes on from the last basis
            solution = self.solver.getSolution()
            value, reduced = np.array(solution.col_value), np.array(solution.col_dual)
            bound = self.solver.getInfo().objective_function_value
            upper = min(upper, look(value)) if look else upper
            self._close(bound + reduced > upper + 1e-6 * max(1.0, abs(upper)))
            if bound >= upper or self._separate(value) == 0:
                finished = True
                break
        return Relaxation(bound, np.maximum(reduced, 0.0), self._tree(value) if finished else None, finished)

    def solve_whole(
        self,
        *,
        upper: float,
        time_left: Callable[[], float],
        look: Callable[[np.ndarray], float] | None = None,
    ) -> Relaxation:
        """Ask for whole numbers, adding cuts while the answer falls apart. Proven when ``finished``.

        ``upper`` : only trees cheaper than this are wanted; a bound of ``upper`` without tree says there is none.
        ``look`` : sees every answer, also those that fall apart.
        """
        arcs = 2 * self.graph.edges
        self.solver.changeColsIntegrality(
            arcs, np.arange(arcs, dtype=np.int32), np.full(arcs, highspy.HighsVarType.kInteger)
        )
        cost = self.cost
        self.solver.addRow(-highspy.kHighsInf, upper, arcs, np.arange(arcs, dtype=np.int32), cost)
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        bound = 0.0
        while time_left() > 0.05:
            self.solver.setOptionValue("time_limit", self.solver.getRunTime() + time_left())
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return Relaxation(upper, cost, None, True)
            bound = (
                max(bound, self.solver.getInfo().mip_dual_bound)
                if np.isfinite(self.solver.getInfo().mip_dual_bound)
                else bound
            )
            value = np.rint(np.array(self.solver.getSolution().col_value))
            if look and self.solver.getSolution().value_valid:
                look(np.maximum(value, 0.0))
            if status != highspy.HighsModelStatus.kOptimal:
                break
            if self._separate(value) == 0:
                return Relaxation(
                    self.solver.getInfo().objective_function_value, cost, self._tree(value), True
                )
        return Relaxation(bound, cost, None, False)

    def _columns(self) -> None:
        arcs = 2 * self.graph.edges
        top = np.ones(arcs)
        top[(self.ends == self.root) | self.closed] = 0.0  # nothing flows into the root
        self.solver.addVars(arcs, np.zeros(arcs), top)
        self.solver.changeColsCost(arcs, np.arange(arcs, dtype=np.int32), self.cost)

    def limit(self, weight: np.ndarray, most: float) -> None:
        """Demand that the chosen arcs weigh (float64 (2m,)) no more than ``most``."""
        used = np.flatnonzero(np.isfinite(weight) & (weight > 0)).astype(np.int32)
        self.solver.addRow(-highspy.kHighsInf, most, len(used), used, weight[used])

    def _degree_rows(self) -> None:
        graph, is_terminal = self.graph, np.zeros(self.graph.nodes, np.bool_)
        is_terminal[self.terminals] = True
        for node in range(graph.nodes):
            if node == self.root:
                continue
            leaving = graph.arcs[graph.first[node] : graph.first[node + 1]]
            entering = leaving ^ 1
            ones = np.ones(len(entering))
            if is_terminal[node]:
                self.solver.addRow(1.0, 1.0, len(entering), entering, ones)
                continue
            self.solver.addRow(-highspy.kHighsInf, 1.0, len(entering), entering, ones)
            # What enters a node that is no terminal must leave it; and no single arc leaves with more than what enters.
            self.solver.addRow(
                0.0,
                highspy.kHighsInf,
                2 * len(leaving),
                np.concatenate([leaving, entering]),
                np.concatenate([ones, -ones]),
            )
            for arc in leaving if graph.edges <= MOST_ARC_ROWS else ():
                others = entering[entering != (arc ^ 1)]
                self.solver.addRow(
                    0.0,
                    highspy.kHighsInf,
                    len(others) + 1,
                    np.append(others, arc).astype(np.int32),
                    np.append(np.ones(len(others)), -1.0),
                )

    def _close(self, needless: np.ndarray) -> None:
        fresh = np.flatnonzero(needless & ~self.closed).astype(np.int32)
        if len(fresh):
            self.closed[fresh] = True
            self.solver.changeColsBounds(len(fresh), fresh, np.zeros(len(fresh)), np.zeros(len(fresh)))

    def _separate(self, value: np.ndarray) -> int:
        """Add the violated cuts of all terminals; returns how many."""
        self.terminals = np.roll(self.terminals, len(self.terminals) // 3)  # others come first the next time
        first, cuts = violated_cuts(
            self.graph,
            np.maximum(value, 0.0),
            root=self.root,
            terminals=self.terminals,
            closed=self.closed,
            once=True,
        )
        self.add_cuts(first, cuts)
        return len(first) - 1

    def _tree(self, value: np.ndarray) -> np.ndarray | None:
        if np.any(np.abs(value - np.rint(value)) > 1e-6):
            return None
        used = value > 0.5
        return used[0::2] | used[1::2]


def violated_cuts(
    graph: Graph,
    value: np.ndarray,
    *,
    root: int,
    terminals: np.ndarray,
    closed: np.ndarray | None = None,
    once: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return cuts between the root and terminals whose arcs are worth less than one (``value``, float64 (2m,)).

    Arcs of cut k are ``cuts[first[k]:first[k + 1]]``.

    Parameters
    ----------
    closed : bool (2m,), arcs that are left out of the cuts
    once : no more than one in sum enters a node; then nodes joined by an arc of value one lie on the same side of
        every such cut and are made one node first; and no more than a few hundred cuts are sought
    """
    wanted = np.asarray(terminals, np.int32)
    open_arc = np.ones(2 * graph.edges, np.bool_) if closed is None else ~closed
    whole = 1.0 - 1e-7 if once else np.inf
    network = (graph.first, graph.arcs, graph.ends())
    found = _violated_cuts(network, np.where(open_arc, value, 0.0), open_arc, int(root), wanted, whole)
    return found[0], found[1]


@njit(cache=True, nogil=True)
def _violated_cuts(network, value, open_arc, root, terminals, whole):  # pragma: no cover - compiled
    """Cuts of value below one, up to three nested ones per terminal, each seen from the terminal and from the root."""
    group, small, arc_of = _contract(network, value, open_arc, whole)
    cut_first, cuts = [0], [np.int32(0) for _ in range(0)]
    worth, usable = value[arc_of], open_arc[arc_of]
    base = worth + 1e-6 * usable  # a preference for cuts of few arcs
    capacity, flow = np.empty(worth.shape[0]), np.empty(worth.shape[0])
    done = np.zeros(small[0].shape[0], np.bool_)
    done[group[root]] = True
    for terminal in terminals:
        sink = group[terminal]
        if done[sink]:
            continue
        done[sink] = True
        if len(cut_first) > _ENOUGH and whole < 2.0:
            break
        flow[:] = 0.0
        if _max_flow(small, worth, flow, group[root], sink) >= 1.0 - _VIOLATED:
            continue
        capacity[:] = base
        for _ in range(3):
            flow[:] = 0.0
            if _max_flow(small, capacity, flow, group[root], sink) >= 1.0 - _VIOLATED:
                break
            near = _reached(small, capacity, flow, sink, True)
            far = ~_reached(small, capacity, flow, group[root], False)
            _add_cut(small[2], worth, near, usable, arc_of, cut_first, cuts)
            if np.any(near != far):
                _add_cut(small[2], worth, far, usable, arc_of, cut_first, cuts)
            for arc in range(capacity.shape[0]):
                if near[small[2][arc]] and not near[small[2][arc ^ 1]]:
                    capacity[arc] = 1.0
    found = np.empty(len(cuts), np.int32)
    for index in range(len(cuts)):
        found[index] = cuts[index]
    return np.array(cut_first), found


@njit(cache=True, nogil=True)
def _contract(network, value, open_arc, whole):  # pragma: no cover - compiled
    """Make one node of the ends of every arc of value one: group of each node, small network, arcs it keeps."""
    first, _, ends = network
    nodes = first.shape[0] - 1
    above = np.arange(nodes).astype(np.int32)
    for arc in range(ends.shape[0]):
        if value[arc] >= whole:
            above[find(above, ends[arc])] = find(above, ends[arc ^ 1])
    group, count = np.full(nodes, -1, np.int32), 0
    for node in range(nodes):
        main = find(above, node)
        if group[main] < 0:
            group[main] = count
            count += 1
        group[node] = group[main]
    arc_of, kept = np.empty(ends.shape[0], np.int32), 0
    for edge in range(ends.shape[0] // 2):
        arc = 2 * edge
        if group[ends[arc]] != group[ends[arc + 1]] and (open_arc[arc] or open_arc[arc + 1]):
            arc_of[kept], arc_of[kept + 1] = arc, arc + 1
            kept += 2
    arc_of = arc_of[:kept].copy()
    heads = np.empty(kept, np.int32)
    for arc in range(kept):
        heads[arc] = group[ends[arc_of[arc]]]
    starts = np.zeros(count + 1, np.int64)
    for arc in range(kept):
        starts[heads[arc ^ 1] + 1] += 1
    for node in range(count):
        starts[node + 1] += starts[node]
    place, leaving = starts[:-1].copy(), np.empty(kept, np.int32)
    for arc in range(kept):
        tail = heads[arc ^ 1]
        leaving[place[tail]] = arc
        place[tail] += 1
    return group, (starts, leaving, heads), arc_of


@njit(cache=True, nogil=True)
def _add_cut(heads, worth, inside, usable, arc_of, cut_first, cuts):  # pragma: no cover - compiled
    """Add the open arcs that enter ``inside`` when together they are worth less than one."""
    start, total = len(cuts), 0.0
    for arc in range(worth.shape[0]):
        if inside[heads[arc]] and not inside[heads[arc ^ 1]] and usable[arc]:
            cuts.append(np.int32(arc_of[arc]))
            total += worth[arc]
    if total < 1.0 - _VIOLATED:
        cut_first.append(len(cuts))
        return
    while len(cuts) > start:
        cuts.pop()


@njit(cache=True, nogil=True)
def _max_flow(network, capacity, flow, source, sink):  # pragma: no cover - compiled
    """Maximum flow by blocking flows (Dinic), stopped at one. An arc and its reverse share their residual."""
    first, arcs, ends = network
    nodes = first.shape[0] - 1
    level, queue = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    place, path = np.empty(nodes, np.int64), np.empty(nodes + 1, np.int32)
    total = 0.0
    while total < 1.0 and _layers(first, arcs, ends, capacity, flow, source, sink, level, queue):
        place[:] = first[:-1]
        node, length = source, 0
        while True:
            if node == sink:
                total += _send(capacity, flow, path, length)
                if total >= 1.0:
                    return total
                node, length = source, 0
                continue
            if place[node] < first[node + 1]:
                arc = arcs[place[node]]
                if level[ends[arc]] == level[node] + 1 and capacity[arc] - flow[arc] + flow[arc ^ 1] > 1e-9:
                    path[length] = arc
                    length += 1
                    node = ends[arc]
                else:
                    place[node] += 1
            elif length == 0:
                break
            else:
                length -= 1
                node = ends[path[length] ^ 1]
                place[node] += 1
    return total


@njit(cache=True, nogil=True)
def _layers(first, arcs, ends, capacity, flow, source, sink, level, queue):  # pragma: no cover - compiled
    """Number the nodes by their steps from the source over residual arcs; says whether the sink is reached."""
    level[:] = -1
    level[source] = 0
    queue[0], head, tail = source, 0, 1
    while head < tail and level[sink] < 0:
        node = queue[head]
        head += 1
        for index in range(first[node], first[node + 1]):
            arc = arcs[index]
            if level[ends[arc]] < 0 and capacity[arc] - flow[arc] + flow[arc ^ 1] > 1e-9:
                level[ends[arc]] = level[node] + 1
                queue[tail] = ends[arc]
                tail += 1
    return level[sink] >= 0


@njit(cache=True, nogil=True)
def _send(capacity, flow, path, length):  # pragma: no cover - compiled
    amount = 1.0
    for index in range(length):
        arc = path[index]
        amount = min(amount, capacity[arc] - flow[arc] + flow[arc ^ 1])
    for index in range(length):
        arc = path[index]
        back = min(flow[arc ^ 1], amount)
        flow[arc ^ 1] -= back
        flow[arc] += amount - back
    return amount


@njit(cache=True, nogil=True)
def _reached(network, capacity, flow, start, backwards):  # pragma: no cover - compiled
    """Nodes that reach ``start`` (backwards) or are reached from it over residual capacity."""
    first, arcs, ends = network
    nodes = first.shape[0] - 1
    seen = np.zeros(nodes, np.bool_)
    stack = np.empty(nodes, np.int32)
    stack[0], size = start, 1
    seen[start] = True
    while size > 0:
        size -= 1
        node = stack[size]
        for index in range(first[node], first[node + 1]):
            arc = arcs[index] ^ 1 if backwards else arcs[index]
            other = ends[arcs[index]]
            if not seen[other] and capacity[arc] - flow[arc] + flow[arc ^ 1] > 1e-9:
                seen[other] = True
                stack[size] = other
                size += 1
    return seen
