"""p-median: open p service points so that people travel least in sum."""

from __future__ import annotations

import numpy as np

from hatangso.siting.answers import Stopwatch, make_answer
from hatangso.siting.distances import (
    Distances,
    filled_up,
    first_status,
    reaching_choice,
    refuse_lonely,
    sorted_rows,
)
from hatangso.siting.median_exact import Rows, cut_rows, solve_by_radii
from hatangso.siting.median_search import (
    CLOSED,
    FREE,
    LEAST_PACE,
    ascend,
    branch,
    interchange,
    round_prices,
    settle,
    two_nearest,
    wander,
)
from hatangso.siting.problem import SearchLimits, SitingAnswer

TRIES = 400
ROOT_ITERATIONS = 4000
NODE_ITERATIONS = 100
MOST_NODES = 200_000
NODES_BETWEEN_LOOKS = 50
MANY_PAIRS = 1_000_000
RADII_AT_ONCE = 12_000
RADII_NODES = 2_000


def p_median(distances: Distances, *, sites: int, limits: SearchLimits | None = None) -> SitingAnswer:
    """Open ``sites`` candidates (fixed ones included) so that the sum of weight × distance to the nearest is least.

    Returns
    -------
    SitingAnswer, ``value`` = least sum found, ``bound`` ≤ any sum possible; small and middle problems are solved to
    proven optimality by branch and bound over the Lagrangian of the assignment

    Raises
    ------
    InfeasibleError
        when more sites are fixed than may be open, too few candidates exist, or demand reaches no candidate.

    Source: Hakimi 1964; ReVelle and Swain 1970; docs/methods/siting.md.
    """
    watch = Stopwatch(limits or SearchLimits())
    problem = distances.problem
    status = first_status(problem, sites)
    rows = sorted_rows(distances, status)
    refuse_lonely(problem, rows)
    search = _MedianSearch(distances, rows, status.copy(), sites, watch)
    value, bound = search.run()
    if search.unserved():
        start = filled_up(reaching_choice(distances, sites, watch), status, sites)
        search = _MedianSearch(distances, rows, status, sites, watch)
        search.is_open = start
        value, bound = search.run()
    served = np.ones(len(problem.weight))
    return make_answer(problem, search.is_open, value=value, bound=bound, watch=watch, served=served)


class _MedianSearch:
    def __init__(
        self,
        distances: Distances,
        rows: tuple[np.ndarray, ...],
        status: np.ndarray,
        sites: int,
        watch: Stopwatch,
    ) -> None:
        self.rows, self.status, self.sites, self.watch = rows, status, sites, watch
        last = rows[2][rows[0][1:] - 1]
        self.none = np.full(len(last), 1.0 + float(last.sum()))
        self.saving = 1 - 1e-6 if distances.is_whole else 1e-9 * max(1.0, float(last.sum()))
        self.random = np.array([watch.limits.seed * 0x9E3779B97F4A7C15 % 2**64 or 1], dtype=np.uint64)
        self.is_open = self.first_choice()

    def first_choice(self) -> np.ndarray:
        free = np.flatnonzero(self.status == 0)
        is_open = self.status == 1
        drawn = np.random.default_rng(self.watch.limits.seed).permutation(free)
        is_open[drawn[: self.sites - int(is_open.sum())]] = True
        return is_open

    def run(self) -> tuple[float, float]:
        """Return value and bound; ``is_open`` becomes the best choice."""
        value = self.wandered()
        price = two_nearest(self.rows, self.none, self.is_open)[2].copy()
        price = np.minimum(price, np.repeat(self.rows[2].max(initial=0.0), len(price)))
        value, bound = self.root(price, value)
        if bound >= value - self.saving:
            return value, value
        settle(self.rows, price, self.status, self.sites, value - self.saving)
        return self.finish(price, value, bound)

    def wandered(self) -> float:
        """Interchange, then shake and interchange again many times; return the best total."""
        pairs = max(len(self.rows[1]), 1)
        value = float(interchange(self.rows, self.none, self.is_open, self.status))
        tries = max(10, int(TRIES * self.watch.limits.effort * min(1.0, 2e6 / pairs)))
        at_once = 5 if pairs < MANY_PAIRS else 1
        for _ in range(0, tries, at_once):
            if self.watch.is_over():
                break
            value = float(wander(self.rows, self.none, self.is_open, self.status, self.random, at_once))
            self.watch.limits.advance(50 / -(-tries // at_once))
        return value

    def root(self, price: np.ndarray, value: float) -> tuple[float, float]:
        """Raise the bound over all candidates, trying what its prices pick as an answer; return value and bound."""
        often, pace, bound = np.zeros(len(self.status)), np.ones(1), -np.inf
        at_once = 500 if len(self.rows[1]) < MANY_PAIRS else 50
        gains: list[float] = []
        for _ in range(0, ROOT_ITERATIONS, at_once):
            rules = (at_once, value - self.saving, 40)
            raised = float(ascend(self.rows, self.none, price, self.status, self.sites, rules, pace, often))
            gains.append(max(raised - bound, 0.0))
            bound = max(bound, raised)
            if self.watch.is_over() or bound >= value - self.saving or pace[0] < LEAST_PACE:
                break
            if len(gains) % (500 // at_once) == 0:
                value = self.rounded(price, value)
                if sum(gains[-(500 // at_once) :]) < 1e-5 * abs(value):
                    break
        return value, bound

    def rounded(self, price: np.ndarray, value: float) -> float:
        """Try what the prices pick as an answer; return the best total."""
        picked, total = round_prices(self.rows, self.none, price, self.status, self.sites)
        if total < value - 1e-9 * max(1.0, value):
            self.is_open = picked
            return float(total)
        return value

    def finish(self, price: np.ndarray, value: float, bound: float) -> tuple[float, float]:
        """Ask HiGHS when few radii are left to decide on, else branch."""
        kept = np.flatnonzero(self.status != CLOSED)
        status = self.status[kept]
        rows = cut_rows(self.only(kept), status)
        if len(rows[1]) <= RADII_AT_ONCE:
            limits = (self.watch.left, RADII_NODES)
            answer = solve_by_radii(rows, none=self.none, status=status, sites=self.sites, limits=limits)
            self.watch.is_over()
            value = self.take(kept, answer.is_open, value)
            bound = max(bound, min(answer.bound, value))
            if answer.proven or bound >= value - self.saving:
                return value, value
        return self.climb((kept, rows, status), price, (value, bound))

    def take(self, kept: np.ndarray, is_open: np.ndarray | None, value: float) -> float:
        """Keep a choice among ``kept`` when it is better; return the best total."""
        if is_open is None:
            return value
        flags = np.zeros(len(self.status), bool)
        flags[kept[is_open]] = True
        total = float(two_nearest(self.rows, self.none, flags)[1].sum())
        if int(flags.sum()) == self.sites and total < value - 1e-9 * max(1.0, value):
            self.is_open = flags
            return total
        return value

    def climb(
        self, left: tuple[np.ndarray, Rows, np.ndarray], price: np.ndarray, between: tuple[float, float]
    ) -> tuple[float, float]:
        """Branch over what is still free; the bound becomes the value when the tree is done."""
        kept, rows, status = left
        value, bound = between
        levels = int((status == FREE).sum()) + 3
        statuses, prices = np.zeros((levels, len(kept)), np.int8), np.zeros((levels, len(price)))
        statuses[0], prices[0] = status, price
        tree = (statuses, prices, np.array([0.0, value]), np.zeros(levels, np.int8))
        is_open = self.is_open[kept]
        most = int(MOST_NODES * self.watch.limits.effort)
        look = NODES_BETWEEN_LOOKS if len(rows[1]) < MANY_PAIRS else 1
        used = 0
        while tree[2][0] >= 0 and used < most and not self.watch.is_over():
            used += branch(
                rows, self.none, tree, self.sites, (look, self.saving, NODE_ITERATIONS), is_open
            )  # fmt: skip
        value = self.take(kept, is_open, value)
        return value, value if tree[2][0] < 0 else min(bound, value)

    def only(self, kept: np.ndarray) -> Rows:
        """Return the rows of these candidates, renumbered."""
        start, site, far = self.rows
        position = np.full(len(self.status), -1)
        position[kept] = np.arange(len(kept))
        use = position[site] >= 0
        row = np.repeat(np.arange(len(start) - 1), np.diff(start))[use]
        ends = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(start) - 1))]).astype(np.int64)
        return ends, position[site[use]], far[use]

    def unserved(self) -> list[int]:
        nearest = two_nearest(self.rows, self.none, self.is_open)[0]
        return [int(i) for i in np.flatnonzero(nearest < 0)]
