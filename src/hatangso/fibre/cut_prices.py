"""Raising the bound of a Steiner problem as a whole: the prices of many cuts chosen anew by first-order steps.

A cut is a set S of nodes that holds a terminal and not the root. Prices y(S) ≥ 0 such that no arc pays more than its cost
for the cuts it enters are worth a bound: Σ c(a) x(a) ≥ Σ y(S). A dual ascent only ever raises prices and comes to a stand.
Here, in every round, (1) prices y and uses x of the arcs take primal-dual steps on min c x, x(δ⁻(S)) ≥ 1, 0 ≤ x ≤ 1 over the
cuts known by now, and their averages are kept; (2) where an arc pays too much, prices are lowered; (3) a dual ascent over
what is left of the costs raises them again and finds new cuts; (4) cuts of next to no price are forgotten. So each round
ends with true prices, and the best of them is kept. Sources: R. T. Wong 1984 (ascent); A. Chambolle, T. Pock, J. Math.
Imaging and Vision 40 (2011), T. Pock, A. Chambolle, ICCV 2011 (steps of an own length for each row and column).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hatangso.fibre.dual_ascent import arc_distances, raise_cuts
from hatangso.fibre.graph import Graph

STEPS = 60  # in a round
FORGOTTEN = 3e-3  # of the mean cost: a cut of a smaller price is forgotten
_PACE = 0.3  # how far prices move against uses


class CutPrices:
    """True prices of cuts: ``bound`` and ``reduced`` (float64 (2m,), what they leave of the costs), and their pool.

    use : float64 (2m,), what the steps make of the arcs: a near-optimal solution of the relaxation
    closed : bool (2m,), arcs that no tree cheaper than the best can use; the bound holds for such trees alone
    """

    def __init__(
        self, graph: Graph, root: int, terminals: np.ndarray, *, arc_cost: np.ndarray | None = None
    ) -> None:
        """``arc_cost`` : float64 (2m,), infinite = closed; the edges' costs both ways when omitted"""
        self.graph, self.root, self.terminals = graph, int(root), terminals
        self.cost = np.repeat(graph.cost, 2) if arc_cost is None else np.array(arc_cost, np.float64)
        self.ends, self.use = graph.ends(), np.zeros(2 * graph.edges)
        self.closed = ~np.isfinite(self.cost)
        raised = raise_cuts(graph, self.root, terminals, left=self.cost)
        self.bound, self.reduced = raised.bound, raised.left
        self._first, self._arcs, self._price = raised.first, raised.arcs, raised.amount
        self._forgotten = FORGOTTEN * self.cost[~self.closed].mean()
        self._weight = _PACE * np.sqrt((self._price**2).sum() / len(terminals))
        self._without_closed()

    def improve(self, generator: np.random.Generator) -> float:
        """Go one round; returns the best bound so far, infinite when every tree would need a closed arc."""
        if not np.isfinite(self.bound) or self._weight == 0.0:
            return self.bound
        columns = np.bincount(self._arcs, minlength=len(self.cost)).astype(np.float64)
        cuts = (self._first.astype(np.uint64), self._arcs.astype(np.uint32))
        self.use, price = _steps(cuts, self.cost, (self.use, self._price), columns, self._weight, STEPS)
        left = _lower(cuts, self.cost, price)
        raised = raise_cuts(
            self.graph,
            self.root,
            generator.permutation(self.terminals),
            left=np.where(self.closed, np.inf, left),
        )
        bound = float(price.sum()) + raised.bound
        if bound > self.bound:
            self.bound, self.reduced = bound, raised.left
        if not np.isfinite(bound):
            return self.bound
        kept = price > self._forgotten
        parts = [_kept(self._first, self._arcs, kept), (raised.first, raised.arcs)]
        self._first, self._arcs = _joined(parts)
        self._price = np.concatenate([price[kept], raised.amount])
        self._without_closed()
        return self.bound

    def close(self, most: float) -> None:
        """Close the arcs that only trees dearer than ``most`` can use."""
        from_root, to_terminal = arc_distances(self.graph, self.reduced, self.root, self.terminals)
        tails = self.ends[np.arange(len(self.ends)) ^ 1]
        needless = self.bound + from_root[tails] + self.reduced + to_terminal[self.ends] > most
        if np.any(needless & ~self.closed):
            self.closed |= needless
            self.use[self.closed] = 0.0
            self._without_closed()

    def open_edges(self) -> np.ndarray:
        """Return which edges are open at least one way, bool (m,)."""
        return ~(self.closed[0::2] & self.closed[1::2])

    def cuts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the cuts known: arcs of cut k are ``arcs[first[k]:first[k + 1]]``."""
        return self._first, self._arcs

    def _without_closed(self) -> None:
        if not self.closed.any():
            return
        stays = ~self.closed[self._arcs]
        before = np.concatenate([[0], np.cumsum(stays)])
        self._first, self._arcs = before[self._first], self._arcs[stays]
        if np.any(np.diff(self._first) == 0):  # a cut without any way through
            self.bound = np.inf


def _kept(first: np.ndarray, arcs: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sizes = np.diff(first)
    return np.concatenate([[0], np.cumsum(sizes[kept])]), arcs[np.repeat(kept, sizes)]


def _joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    sizes = np.concatenate([np.diff(first) for first, _ in parts])
    return np.concatenate([[0], np.cumsum(sizes)]), np.concatenate([arcs for _, arcs in parts])


@njit(cache=True, nogil=True)
def _steps(cuts, cost, start, columns, weight, count):  # pragma: no cover - compiled
    """Primal-dual steps; returns the averages of the uses and of the prices. Unsigned numbers: no look for negative ones."""
    first, arcs = cuts
    use, price = start[0].copy(), start[1].copy()
    mean_use, mean_price = np.zeros(use.shape[0]), np.zeros(price.shape[0])
    paid, ahead = np.empty(use.shape[0]), np.empty(use.shape[0])
    for _ in range(count):
        paid[:] = 0.0
        for cut in range(price.shape[0]):
            worth = price[cut]
            if worth > 0.0:
                for place in range(first[cut], first[cut + 1]):
                    paid[arcs[place]] += worth
        for arc in range(use.shape[0]):
            if columns[arc] > 0.0:
                new = min(1.0, max(0.0, use[arc] - (cost[arc] - paid[arc]) / (weight * columns[arc])))
                ahead[arc] = 2.0 * new - use[arc]
                use[arc] = new
                mean_use[arc] += new
        for cut in range(price.shape[0]):
            entered = 0.0
            for place in range(first[cut], first[cut + 1]):
                entered += ahead[arcs[place]]
            size = float(first[cut + 1] - first[cut])
            price[cut] = max(0.0, price[cut] + weight * (1.0 - entered) / size)
            mean_price[cut] += price[cut]
    return mean_use / count, mean_price / count


@njit(cache=True, nogil=True)
def _lower(cuts, cost, price):  # pragma: no cover - compiled
    """Lower prices until no arc pays more than its cost; returns what is left of the costs."""
    first, arcs = cuts
    left = cost.copy()
    for cut in range(price.shape[0]):
        for place in range(first[cut], first[cut + 1]):
            left[arcs[place]] -= price[cut]
    for cut in range(price.shape[0]):
        missing = 0.0
        for place in range(first[cut], first[cut + 1]):
            missing = max(missing, -left[arcs[place]])
        missing = min(missing, price[cut])
        if missing > 0.0:
            price[cut] -= missing
            for place in range(first[cut], first[cut + 1]):
                left[arcs[place]] += missing
    return np.maximum(left, 0.0)
