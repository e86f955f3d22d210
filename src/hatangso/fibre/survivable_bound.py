"""Bounds of networks in which key sites keep their link when any one edge is cut.

With T the places to be joined, K ⊆ T the key sites and r the super source:
  min Σ c(e) x(e), x(δ(S)) ≥ 1 for every S with a place and without r, x(δ(S)) ≥ 2 for every S with a key site.
The bound looks at directed arcs: what is twice joined can be oriented so that ways lead from r to each key site and back
(H. E. Robbins, Amer. Math. Monthly 46 (1939)), the rest away from r. So with y the arcs and x(e) = y(ij) + y(ji) ≤ 1:
  min Σ c(e) (y(ij) + y(ji)), y(δ⁻(S)) ≥ 1 for every S with a place, y(δ⁺(S)) ≥ 1 for every S with a key site.
Sources: A. Balakrishnan, T. L. Magnanti, P. Mirchandani, Networks 43 (2004) for the directed model; R. T. Wong 1984 for the
ascent; T. Koch, A. Martin, Networks 32 (1998) for the rows of what passes a node; an edge that may be used twice (at a source) has y(ij) ≤ x(e), y(ji) ≤ x(e).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from hatangso.fibre.dual_ascent import dual_ascent, raise_cuts
from hatangso.fibre.exact import violated_cuts
from hatangso.fibre.graph import Graph


@dataclass(frozen=True)
class TwoWayProblem:
    """What must hang together, and how well.

    terminals : int array, nodes to be joined to ``root``; keys : int array, nodes that need two ways without a common edge
    twice : bool (m,), edges both ways may use (at the super source and the entrances of a source)
    """

    graph: Graph
    root: int
    terminals: np.ndarray
    keys: np.ndarray
    twice: np.ndarray

    def places(self) -> np.ndarray:
        """Return all nodes to be joined, the key ones among them; int32."""
        return np.union1d(self.terminals, self.keys).astype(np.int32)


def quick_bound(problem: TwoWayProblem) -> float:
    """Bound by two dual ascents: towards all places, then, with what is left of the costs, from the key sites back."""
    cost = np.repeat(problem.graph.cost, 2)
    cost[_upward(problem)] = 0.0  # the second use of such an edge costs nothing
    there, left = dual_ascent(problem.graph, problem.root, problem.places(), arc_cost=cost)
    turned = left.reshape(-1, 2)[:, ::-1].ravel()
    back, _ = dual_ascent(problem.graph, problem.root, problem.keys, arc_cost=turned)
    return there + back


def relaxed_bound(
    problem: TwoWayProblem, look: Callable[[np.ndarray], float], *, time_left: Callable[[], float]
) -> tuple[float, np.ndarray]:
    """Solve the directed relaxation with cuts, then in whole numbers; returns the bound and the use of each edge, float64 (m,).

    Every round is a bound, so that running out of ``time_left`` only makes it weaker.

    Parameters
    ----------
    look : sees the use of the edges after each round and returns the cost of the cheapest network known; what no cheaper
        one can use is closed
    """
    model = _CutModel(problem)
    bound, used = 0.0, np.zeros(problem.graph.edges)
    upper = look(used)
    while time_left() > 0:
        found = model.solve(time_left(), upper)
        if found is None:
            break
        value, bound = found[0], max(bound, found[1])
        if len(value) == 0:  # time is out, or nothing cheaper than ``upper`` is left
            break
        used = np.minimum(value.reshape(-1, 2).sum(axis=1), 1.0)
        upper = look(used)
        if bound >= upper * (1 - 1e-9):
            break
        if model.separate(value) == 0:
            if model.whole:
                break
            model.demand_whole_numbers()
    return bound, used


def _upward(problem: TwoWayProblem) -> np.ndarray:
    """Of each edge that may be used twice the arc that leads to the root's side: numbers of arcs."""
    graph, twice = problem.graph, np.flatnonzero(problem.twice)
    at_root = graph.tail[twice] == problem.root
    return np.where(at_root | (graph.head[twice] != problem.root), 2 * twice + 1, 2 * twice)


class _CutModel:
    """The directed relaxation, kept warm between rounds of cuts. Columns: 2m arcs, then x of the edges used twice."""

    def __init__(self, problem: TwoWayProblem) -> None:
        self.problem, self.graph = problem, problem.graph
        arcs, self.twice = 2 * self.graph.edges, np.flatnonzero(problem.twice)
        self.solver = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
            self.solver.setOptionValue(option, value)
        cost = np.repeat(self.graph.cost, 2)
        cost[2 * self.twice] = cost[2 * self.twice + 1] = 0.0
        cost = np.append(cost, self.graph.cost[self.twice])
        self.solver.addVars(len(cost), np.zeros(len(cost)), np.ones(len(cost)))
        self.solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        self.closed, self.whole = np.zeros(len(cost), np.bool_), False
        self._once(np.flatnonzero(~problem.twice))
        column = arcs + np.arange(len(self.twice))
        for arc in (2 * self.twice, 2 * self.twice + 1):  # y ≤ x
            self._pairs(arc, column, np.tile([1.0, -1.0], len(column)), 0.0)
        self._through_rows()
        self._first_cuts()

    def solve(self, seconds: float, upper: float) -> tuple[np.ndarray, float] | None:
        """Return the arcs' values and the bound; None when time is out without a bound.

        The values are empty when only a bound is known: ``upper`` itself when no network cheaper than that is left. Columns
        that none such can use are closed.
        """
        allowed = 0.7 * seconds if self.whole else seconds  # branching looks at the clock less often
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + allowed)
        self.solver.run()
        status, found = self.solver.getModelStatus(), self.solver.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return np.empty(0), upper
        if status != highspy.HighsModelStatus.kOptimal:
            known = self.whole and np.isfinite(found.mip_dual_bound)
            return (np.empty(0), found.mip_dual_bound) if known else None
        solution = self.solver.getSolution()
        value, bound = np.array(solution.col_value), found.objective_function_value
        if self.whole:
            return np.rint(value[: 2 * self.graph.edges]), bound
        useless = bound + np.array(solution.col_dual) > upper * (1 + 1e-9) + 1e-6
        fresh = np.flatnonzero(useless & ~self.closed).astype(np.int32)
        if len(fresh):
            self.closed[fresh] = True
            self.solver.changeColsBounds(len(fresh), fresh, np.zeros(len(fresh)), np.zeros(len(fresh)))
        return np.maximum(value[: 2 * self.graph.edges], 0.0), bound

    def demand_whole_numbers(self) -> None:
        """From now on every edge is built or not."""
        self.whole = True
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        columns = np.arange(len(self.closed), dtype=np.int32)
        kinds = np.full(len(columns), highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(len(columns), columns, kinds)

    def separate(self, value: np.ndarray) -> int:
        """Add the violated cuts, there and back; returns how many."""
        first, cuts = violated_cuts(
            self.graph, value, root=self.problem.root, terminals=self.problem.places()
        )
        turned = np.ascontiguousarray(value.reshape(-1, 2)[:, ::-1]).ravel()
        first_back, back = violated_cuts(
            self.graph, turned, root=self.problem.root, terminals=self.problem.keys
        )
        self._add(first, cuts)
        self._add(first_back, back ^ 1)
        return len(first) + len(first_back) - 2

    def _through_rows(self) -> None:
        """What leaves a node has come into it by another edge; what enters one where nobody lives leaves by another.

        So it is in every best network: a ring that is oriented round, and trees that lead away from it.
        """
        graph, ends = self.graph, np.zeros(self.graph.nodes, np.bool_)
        ends[np.append(self.problem.places(), self.problem.root)] = True
        rows: list[np.ndarray] = []
        for node in range(graph.nodes):
            leaving = graph.arcs[graph.first[node] : graph.first[node + 1]]
            entering = leaving ^ 1
            single = ~self.problem.twice[leaving >> 1]
            if node != self.problem.root:
                rows += [np.append(entering[entering != arc ^ 1], arc) for arc in leaving[single]]
            if not ends[node]:
                rows += [np.append(leaving[leaving != arc ^ 1], arc) for arc in entering[single]]
        if rows:
            sizes = np.array([len(row) for row in rows])
            weight = np.ones(sizes.sum())
            weight[np.cumsum(sizes) - 1] = -1.0
            starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
            low, high = np.zeros(len(rows)), np.full(len(rows), highspy.kHighsInf)
            columns = np.concatenate(rows).astype(np.int32)
            self.solver.addRows(len(rows), low, high, len(columns), starts, columns, weight)

    def _first_cuts(self) -> None:
        there = raise_cuts(self.graph, self.problem.root, self.problem.places())
        self._add(there.first, there.arcs)
        back = raise_cuts(self.graph, self.problem.root, self.problem.keys)
        self._add(back.first, back.arcs ^ 1)

    def _once(self, edges: np.ndarray) -> None:
        self._pairs(2 * edges, 2 * edges + 1, np.ones(2 * len(edges)), 1.0)

    def _pairs(self, left: np.ndarray, right: np.ndarray, weight: np.ndarray, most: float) -> None:
        columns = np.column_stack([left, right]).ravel().astype(np.int32)
        starts = np.arange(0, len(columns), 2, dtype=np.int32)
        low, high = np.full(len(starts), -highspy.kHighsInf), np.full(len(starts), most)
        if len(starts):
            self.solver.addRows(len(starts), low, high, len(columns), starts, columns, weight)

    def _add(self, first: np.ndarray, cuts: np.ndarray) -> None:
        count = len(first) - 1
        if count:
            self.solver.addRows(
                count, np.ones(count), np.full(count, highspy.kHighsInf), len(cuts), first[:-1].astype(np.int32),
                cuts.astype(np.int32), np.ones(len(cuts)),
            )  # fmt: skip
