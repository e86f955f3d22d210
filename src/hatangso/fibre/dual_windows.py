"""Raising the bound of a large Steiner problem window by window: the dual values of the cuts within it chosen anew.

A dual solution gives each of some node sets S without the root (each with a terminal) a value y(S) ≥ 0 such that no arc
pays more than its cost: Σ c(a) x(a) ≥ Σ y(S) + Σ r(a) x(a), r what is left of the costs. The sets that lie wholly in a
window can be taken back and chosen best of all by the cut relaxation of the window alone, everything outside being its
root and r plus what was taken back its costs. The bound never falls; with the window as large as the graph it is that
of the whole relaxation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from numba import njit

from hatangso.fibre.dual_ascent import ascent_sets
from hatangso.fibre.exact import violated_cuts
from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.windows import nearest

_NOTHING = 1e-9
_MOST_ROUNDS = 60
_TAIL = 1e-3  # a round of cuts that raises a window by less than this share of its rise ends it


@dataclass(frozen=True)
class _Cutout:
    """The small problem: node 0 stands for everything outside; arc a of ``graph`` is arc ``arc_of[a]`` of the whole.

    cost : float64, infinite = closed; sets : numbers of the sets taken back, their arcs in CSR form, what they are worth
    """

    graph: Graph
    arc_of: np.ndarray
    cost: np.ndarray
    terminals: np.ndarray
    nodes: np.ndarray
    sets: np.ndarray
    first: np.ndarray
    arcs: np.ndarray
    worth: float


class DualWindows:
    """A dual solution over a graph, kept between windows; ``bound`` and ``reduced`` (float64 (2m,)) stand for it."""

    def __init__(self, graph: Graph, root: int, terminals: np.ndarray) -> None:
        self.graph, self.root = graph, int(root)
        raised = ascent_sets(graph, root, terminals)
        self.bound, self.reduced = raised.bound, raised.reduced
        self.sets = np.split(raised.nodes, raised.first[1:-1]) if len(raised.amount) else []
        self.amount = raised.amount.tolist()
        self.of_terminal: dict[int, list[int]] = {int(node): [] for node in terminals}
        for number, nodes in enumerate(self.sets):
            self.of_terminal[int(nodes[0])].append(number)
        self.ends = graph.ends()
        self.is_terminal = np.zeros(graph.nodes, np.bool_)
        self.is_terminal[terminals] = True
        self.steps = np.ones(graph.edges)
        self.distance = np.full(graph.nodes, np.inf)
        self.number, self.mark = np.full(graph.nodes, -1, np.int32), np.full(graph.nodes, -1, np.int32)
        self.place = np.zeros(graph.edges, np.int64)

    def improve(
        self, tree: np.ndarray, *, size: int, stop: Callable[[float], bool], generator: np.random.Generator
    ) -> None:
        """Solve windows of ``size`` nodes wherever the bound leaves the ``tree`` (bool (m,)) something to pay.

        ``stop`` is asked before every window, with the bound.
        """
        slack = self.slack(tree)
        covered = np.zeros(self.graph.nodes, np.bool_)
        chosen = np.flatnonzero(slack > _NOTHING)
        order = chosen[np.argsort(-slack[chosen] * generator.uniform(0.5, 1.0, len(chosen)), kind="stable")]
        for centre in order:
            if covered[centre]:
                continue
            if stop(self.bound):
                return
            nodes = nearest(
                self.graph.first, self.graph.arcs, self.ends, self.steps, self.distance, int(centre), size
            )
            covered[nodes[: max(1, len(nodes) // 3)]] = True
            self.solve(nodes)

    def cuts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the arcs that enter each set of some value: ``arcs[first[k]:first[k + 1]]``."""
        first, nodes = _joined([self.sets[k] for k in range(len(self.sets)) if self.amount[k] > _NOTHING])
        every = np.arange(self.graph.edges)
        network = (self.graph.first, self.graph.arcs, self.ends)
        first, arcs = _set_arcs(network, first, nodes, (2 * every).astype(np.int32), (every, self.mark))
        return first, arcs.astype(np.int32)

    def slack(self, tree: np.ndarray) -> np.ndarray:
        """Return, per node, what a tree pays beyond the bound: left-over costs, sets it enters more than once."""
        entering = _entering(self.graph.first, self.graph.arcs, self.ends, tree, self.root)
        inside = np.flatnonzero(entering >= 0)
        slack = np.zeros(self.graph.nodes)
        slack[inside] = self.reduced[entering[inside]]
        valued = [k for k in range(len(self.sets)) if self.amount[k] > _NOTHING]
        first, nodes = _joined([self.sets[k] for k in valued])
        self.mark[:] = -1
        _times_entered(
            self.ends, entering, self.mark, first, nodes, np.array([self.amount[k] for k in valued]), slack
        )
        return slack

    def solve(self, nodes: np.ndarray) -> None:
        """Choose the values of the sets within ``nodes`` anew."""
        cutout = self._cut_out(nodes[nodes != self.root])
        if cutout is None:
            return
        solved = _relax(cutout)
        if solved is None:
            return
        first, cuts, worth = solved
        left = cutout.cost.copy()
        np.subtract.at(left, cuts, np.repeat(worth, np.diff(first)))
        usable = np.isfinite(left)
        overpaid = float(np.maximum(-left[usable], 0.0).sum())  # by rounding; no arc is used more than once
        rise = float(worth.sum()) - cutout.worth - overpaid
        if rise <= 0:
            return
        self.bound += rise
        self.reduced[cutout.arc_of[usable]] = np.maximum(left[usable], 0.0)
        for index, number in enumerate(cutout.sets):
            self.amount[number] = float(worth[index])
        for index in range(len(cutout.sets), len(worth)):
            if worth[index] > _NOTHING:
                self._remember(cutout, cuts[first[index] : first[index + 1]], float(worth[index]))
        for terminal in cutout.terminals:
            node = int(cutout.nodes[terminal - 1])
            self.of_terminal[node] = [k for k in self.of_terminal[node] if self.amount[k] > _NOTHING]

    def _remember(self, cutout: _Cutout, cut: np.ndarray, worth: float) -> None:
        small = cutout.graph
        within = _within(small.first, small.arcs, small.ends(), cut, cutout.terminals)
        nodes = cutout.nodes[within - 1]
        self.of_terminal[int(nodes[0])].append(len(self.sets))
        self.sets.append(nodes)
        self.amount.append(worth)

    def _cut_out(self, nodes: np.ndarray) -> _Cutout | None:
        terminals = nodes[self.is_terminal[nodes]]
        if len(terminals) == 0:
            return None
        graph, number = self.graph, self.number
        number[nodes] = np.arange(1, len(nodes) + 1)
        near = [k for terminal in terminals for k in self.of_terminal[int(terminal)]]
        sets = [k for k in near if (number[self.sets[k]] > 0).all()]
        entering = _entering_arcs(graph.first, graph.arcs, self.ends, number, nodes)
        tail = number[self.ends[entering ^ 1]]
        small = make_graph(
            len(nodes) + 1, np.maximum(tail, 0), number[self.ends[entering]], np.zeros(len(entering))
        )
        local_terminals = number[terminals]
        number[nodes] = -1
        self.place[entering >> 1] = np.arange(len(entering))
        first, members = _joined([self.sets[k] for k in sets])
        first, arcs = _set_arcs(
            (graph.first, graph.arcs, self.ends), first, members, entering, (self.place, self.mark)
        )
        arc_of = np.stack([entering, entering ^ 1], axis=1).ravel()
        cost = self.reduced[arc_of]
        cost[1::2][tail < 0] = np.inf
        amount = np.array([self.amount[k] for k in sets], np.float64)
        np.add.at(cost, arcs, np.repeat(amount, np.diff(first)))
        return _Cutout(
            small, arc_of, cost, local_terminals, nodes, np.array(sets, np.int64), first, arcs, amount.sum()
        )


def _joined(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the parts one behind the other and where each begins."""
    first = np.concatenate([[0], np.cumsum([len(part) for part in parts], dtype=np.int64)])
    return first.astype(np.int64), np.concatenate([np.empty(0, np.int32), *parts]).astype(np.int32)


def _relax(cutout: _Cutout) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Solve the cut relaxation of a window: cuts (first, arcs) and their values; None when nothing is gained."""
    graph, cost = cutout.graph, cutout.cost
    closed = ~np.isfinite(cost)
    columns = 2 * graph.edges
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
        solver.setOptionValue(option, value)
    endless = np.full(columns, highspy.kHighsInf)
    solver.addVars(columns, np.zeros(columns), np.where(closed, 0.0, endless))
    solver.changeColsCost(columns, np.arange(columns, dtype=np.int32), np.where(closed, 0.0, cost))
    rows, first, cuts = [(cutout.first, cutout.arcs)], cutout.first, cutout.arcs
    last = cutout.worth
    for _ in range(_MOST_ROUNDS):
        count = len(first) - 1
        solver.addRows(
            count, np.ones(count), np.full(count, highspy.kHighsInf), len(cuts), first[:-1].astype(np.int32),
            cuts.astype(np.int32), np.ones(len(cuts)),
        )  # fmt: skip
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution, worth = solver.getSolution(), solver.getInfo().objective_function_value
        if len(rows) > 3 and worth - last <= _TAIL * (worth - cutout.worth):
            break
        last = worth
        found = np.maximum(np.array(solution.col_value), 0.0)
        first, cuts = violated_cuts(graph, found, root=0, terminals=cutout.terminals, closed=closed)
        if len(first) == 1:
            break
        rows.append((first, cuts))
    if worth <= cutout.worth + 1e-7 * max(1.0, cutout.worth):
        return None
    lengths = np.concatenate([np.diff(first) for first, _ in rows])
    every = np.concatenate([cuts for _, cuts in rows]).astype(np.int64)
    values = np.zeros(len(lengths))
    duals = np.maximum(np.array(solution.row_dual), 0.0)
    values[: len(duals)] = duals
    return np.concatenate([[0], np.cumsum(lengths)]), every, values


@njit(cache=True, nogil=True)
def _entering(first, arcs, ends, tree, root):  # pragma: no cover - compiled
    """The arc by which a tree grown from the root enters each node, -1 at the root and outside."""
    entering = np.full(first.shape[0] - 1, -1, np.int32)
    stack = np.empty(first.shape[0] - 1, np.int32)
    stack[0], size = root, 1
    while size > 0:
        size -= 1
        node = stack[size]
        for place in range(first[node], first[node + 1]):
            arc = arcs[place]
            other = ends[arc]
            if tree[arc >> 1] and other != root and entering[other] < 0:
                entering[other] = arc
                stack[size] = other
                size += 1
    return entering


@njit(cache=True, nogil=True)
def _times_entered(ends, entering, mark, first, nodes, amount, slack):  # pragma: no cover - compiled
    """Add to ``slack`` of its first node what a set is worth for each time but one that the tree enters it."""
    for number in range(amount.shape[0]):
        times = 0
        for index in range(first[number], first[number + 1]):
            mark[nodes[index]] = number
        for index in range(first[number], first[number + 1]):
            arc = entering[nodes[index]]
            if arc >= 0 and mark[ends[arc ^ 1]] != number:
                times += 1
        slack[nodes[first[number]]] += amount[number] * max(times - 1, 0)


@njit(cache=True, nogil=True)
def _entering_arcs(first, arcs, ends, number, nodes):  # pragma: no cover - compiled
    """One arc of each edge that touches the window: into it where the other end lies outside."""
    found, filled = np.empty(64, np.int32), 0
    for node in nodes:
        for place in range(first[node], first[node + 1]):
            arc = arcs[place] ^ 1
            if number[ends[arcs[place]]] >= 0 and arc & 1 == 1:
                continue
            if filled == found.shape[0]:
                wider = np.empty(2 * filled, np.int32)
                wider[:filled] = found
                found = wider
            found[filled] = arc
            filled += 1
    return found[:filled].copy()


@njit(cache=True, nogil=True)
def _set_arcs(network, set_first, members, entering, scratch):  # pragma: no cover - compiled
    """Arcs of the window that enter each set, in CSR form."""
    first, arcs, ends = network
    place, mark = scratch
    mark[:] = -1
    out_first, found, filled = np.zeros(set_first.shape[0], np.int64), np.empty(64, np.int64), 0
    for number in range(set_first.shape[0] - 1):
        for index in range(set_first[number], set_first[number + 1]):
            mark[members[index]] = number
        for index in range(set_first[number], set_first[number + 1]):
            node = members[index]
            for leaving in range(first[node], first[node + 1]):
                arc = arcs[leaving] ^ 1
                if mark[ends[arcs[leaving]]] == number:
                    continue
                if filled == found.shape[0]:
                    wider = np.empty(2 * filled, np.int64)
                    wider[:filled] = found
                    found = wider
                here = place[arc >> 1]
                found[filled] = 2 * here + (entering[here] != arc)
                filled += 1
        out_first[number + 1] = filled
    return out_first, found[:filled].copy()


@njit(cache=True, nogil=True)
def _within(first, arcs, ends, cut, terminals):  # pragma: no cover - compiled
    """Nodes that reach a terminal behind a cut without crossing it, that terminal first.

    The terminal is one that the root (node 0) cannot reach without the cut.
    """
    nodes = first.shape[0] - 1
    crossed = np.zeros(ends.shape[0], np.bool_)
    for arc in cut:
        crossed[arc] = True
    stack = np.empty(nodes, np.int32)
    seen = np.zeros(nodes, np.bool_)
    for terminal in terminals:
        seen[:] = False
        seen[terminal] = True
        stack[0], size, scanned = terminal, 1, 0
        while scanned < size and not seen[0]:
            node = stack[scanned]
            scanned += 1
            for place in range(first[node], first[node + 1]):
                arc = arcs[place] ^ 1
                other = ends[arcs[place]]
                if not seen[other] and not crossed[arc]:
                    seen[other] = True
                    stack[size] = other
                    size += 1
        if not seen[0]:
            return stack[:size].copy()
    return stack[:0].copy()
