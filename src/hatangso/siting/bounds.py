"""Bounds no answer can pass: the linear relaxation of a covering problem, solved by a first-order method.

The problem is min c·x + Σ u_i·(b_i − (A x)_i)⁺ over 0 ≤ x ≤ 1 and, where given, h·x ≤ B. Its Lagrangian dual at any
prices 0 ≤ λ ≤ u is Σ b_i λ_i + min_x (c − Aᵀλ)·x, which is a true bound whatever the prices are, so the method may
stop at any time. With T one step of the primal-dual hybrid gradient, the point z = (x, λ) moves by Halpern's rule with
reflection, z ← (k+1)/(k+2) · (2 T(z) − z) + 1/(k+2) · anchor; the bound is taken at T(z), and when its gap has shrunk
T(z) becomes the next anchor. The steps are diagonal: with any p > 0 of the columns and q > 0 of the rows,
p_j / Σ_i |a_ij| q_i and q_i / Σ_j |a_ij| p_j are short enough to converge. At each restart p is made large for candidates
in use and q for prices strictly between 0 and u, so that what still has to move is not slowed by what does not.
After some iterations only candidates that are used or nearly pay take part (sifting); the bound is always taken over
all of them. Sums are our own loops: the threads of BLAS would wait for each other here.

Source: Chambolle and Pock 2011 (the step); Pock and Chambolle 2011, lemma 2 (diagonal steps); Applegate and others
2021 (restarts, primal weight); Lu and Yang 2024, Restarted Halpern PDHG for linear programming (Halpern's rule with
reflection). The scales p and q are ours. The relaxation of covering and of maximal covering: Church and ReVelle 1974.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.siting.reductions import Matrix

ITERATIONS_BETWEEN_CHECKS = 40
ITERATIONS_BEFORE_SIFTING = 200
FEW_COLUMNS = 500
UNKNOWN, LEAST_SLOPE = 1e250, 1e-40
AT_REST = (
    0.1  # the scale of a candidate not in use, or of a price at 0 or u, where that of the others is up to 1
)
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Relaxation:
    """The linear problem: rows (b, u) and columns (c, h ≤ budget) around one matrix; see the head of the file."""

    matrix: Matrix
    cost: np.ndarray
    needed: np.ndarray
    upper: np.ndarray
    use: np.ndarray
    budget: float

    @property
    def is_unit(self) -> bool:
        """Whether every coefficient of the matrix is 1."""
        return bool(np.all(self.matrix[2] == 1))


@dataclass(frozen=True)
class Bound:
    """``value``: no x does better; ``reduced_cost`` c − Aᵀλ at the best prices; ``fraction``: the best x;
    ``balance``: the weight between prices and x, for going on from here."""

    value: float
    reduced_cost: np.ndarray
    price: np.ndarray
    fraction: np.ndarray
    primal: float
    cut: bool
    balance: float


def with_group_rows(relaxation: Relaxation, group: np.ndarray, *, upper: float) -> Relaxation:
    """Add a row −Σ x ≥ −1 for every group of two or more candidates."""
    names, counts = np.unique(group[group >= 0], return_counts=True)
    names = names[counts > 1]
    if not len(names):
        return relaxation
    start, demand, share, row_start, candidate, row_share = relaxation.matrix
    members = np.flatnonzero(np.isin(group, names))
    members = members[np.argsort(group[members], kind="stable")]
    number = np.searchsorted(names, group[members])
    rows = len(relaxation.needed)
    site = np.concatenate([np.repeat(np.arange(len(start) - 1), np.diff(start)), members])
    row = np.concatenate([demand, rows + number])
    value = np.concatenate([share, np.full(len(members), -1.0)])
    order = np.lexsort((row, site))
    by_site = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(start) - 1))]).astype(np.int64)
    ends = np.cumsum(np.bincount(number, minlength=len(names))) + row_start[-1]
    matrix = (
        by_site, row[order].astype(np.int32), value[order], np.concatenate([row_start, ends]).astype(np.int64),
        np.concatenate([candidate, members]).astype(np.int32), np.concatenate([row_share, np.full(len(members), -1.0)]),
    )  # fmt: skip
    return Relaxation(
        matrix=matrix, cost=relaxation.cost, use=relaxation.use, budget=relaxation.budget,
        needed=np.concatenate([relaxation.needed, np.full(len(names), -1.0)]),
        upper=np.concatenate([relaxation.upper, np.full(len(names), upper)]),
    )  # fmt: skip


def solve_relaxation(
    relaxation: Relaxation, *, iterations: int, deadline: float = np.inf, warm: Bound | None = None
) -> Bound:
    """Return the best bound found in so many iterations (or at the deadline of ``time.perf_counter``)."""
    walk = _Walk(relaxation, warm)
    cut = False
    for done in range(0, iterations, ITERATIONS_BETWEEN_CHECKS):
        if done and time.perf_counter() > deadline:
            cut = True
            break
        walk.advance(ITERATIONS_BETWEEN_CHECKS)
        if walk.gap <= 1e-7 * max(1.0, abs(walk.best)):
            break
    return Bound(
        walk.best, walk.best_reduced, walk.best_price, walk.fraction, walk.best_primal, cut, walk.balance
    )


def default_iterations(pairs: int, effort: float) -> int:
    """Return how many iterations a matrix of so many pairs is given."""
    return int(np.clip(1.2e10 / max(pairs, 1), 2000, 5000) * effort)


class _Walk:
    """One run of the method: the point, its anchor and its step T (each x, prices and A x), and who takes part."""

    def __init__(self, relaxation: Relaxation, warm: Bound | None) -> None:
        self.relaxation = relaxation
        self.full = _light(relaxation.matrix)
        self.unit = relaxation.is_unit
        columns, rows = len(relaxation.cost), len(relaxation.needed)
        self.fraction = np.zeros(columns) if warm is None else warm.fraction
        price = np.minimum(np.zeros(rows) if warm is None else warm.price, relaxation.upper)
        typical = relaxation.upper[relaxation.needed > 0]
        first = max(float(np.sqrt(np.mean(typical**2))) if len(typical) else 1.0, 1e-9)
        self.balance = first if warm is None else warm.balance
        self.total = 0
        self.best, self.best_primal = -np.inf, np.inf
        self.best_reduced, self.best_price = relaxation.cost.copy(), price
        self.gap = self.last_gap = self.restart_gap = np.inf
        self.next_sifting = ITERATIONS_BEFORE_SIFTING
        self.multiplier = np.zeros(1)
        self.active = np.arange(columns) if warm is None else self.sift(warm.fraction, warm.reduced_cost)
        self.part = self.part_of(self.active)
        self.scale(self.fraction, price)
        self.mark(self.fraction[self.active], price)

    def part_of(self, active: np.ndarray) -> Columns:
        """Return the columns of these candidates, numbers rising."""
        return self.full if len(active) == len(self.relaxation.cost) else _only_columns(self.full, active)

    def let_in(self, active: np.ndarray) -> None:
        """Make these candidates the ones that take part."""
        self.active, self.part = active, self.part_of(active)
        self.row_step = self.row_scale / self.row_sizes()

    def row_sizes(self) -> np.ndarray:
        """Return Σ |share| · scale of the candidates that take part, over each row."""
        sizes = np.empty(len(self.relaxation.needed))
        _spread_sums(_without_signs(self.part, self.unit), self.column_scale[self.active], sizes, self.unit)
        return np.maximum(sizes, 1e-3 * AT_REST)

    def scale(self, fraction: np.ndarray, price: np.ndarray) -> None:
        """Choose the scales and the steps by what is in use and which prices lie between their ends."""
        upper = self.relaxation.upper
        near = 1e-3 * np.minimum(upper, np.median(upper) if len(upper) else 1.0)
        free = (price > near) & (price < upper - near)
        self.column_scale = AT_REST + (1 - AT_REST) * np.clip(fraction, 0.0, 1.0)
        self.row_scale = np.where(free, 1.0, AT_REST)
        sizes = _sums(_without_signs(self.full, self.unit), self.row_scale, self.unit)
        self.column_step = self.column_scale / np.maximum(sizes, 1e-3 * AT_REST)
        self.row_step = self.row_scale / self.row_sizes()

    def mark(self, x: np.ndarray, price: np.ndarray) -> None:
        """Make this the point and its anchor."""
        covered = np.empty(len(price))
        _spread_sums(self.part, x, covered, self.unit)
        self.anchor = (x, price, covered)
        self.point = (x.copy(), price.copy(), covered.copy())
        self.moved = (x.copy(), price.copy(), covered.copy())
        self.steps = 0

    def advance(self, iterations: int) -> None:
        problem, active = self.relaxation, self.active
        _iterate(
            self.part, (problem.cost[active], problem.needed, problem.upper, problem.use[active], problem.budget),
            (self.point, self.anchor, self.moved, self.multiplier),
            (self.column_step[active] / self.balance, self.row_step * self.balance),
            (self.steps, self.steps + iterations), self.unit,
        )  # fmt: skip
        self.steps += iterations
        self.total += iterations
        x, price, covered = self.moved[0].copy(), self.moved[1].copy(), self.moved[2]
        reduced = problem.cost - _sums(self.full, price, self.unit)
        least, money = least_choice(reduced, problem.use, problem.budget)
        dual = _dot(price, problem.needed) + least
        primal = _dot(problem.cost[active], x) + _dot(problem.upper, np.maximum(problem.needed - covered, 0))
        if dual > self.best:
            self.best, self.best_reduced, self.best_price = dual, reduced, price
        if primal < self.best_primal:
            self.best_primal, self.fraction = primal, self.spread(x)
        self.gap = primal - dual
        self.restart_or_go_on(x, price)
        if self.total >= self.next_sifting and self.steps == 0:
            self.next_sifting *= 2
            fraction = self.spread(x)
            self.let_in(self.sift(fraction, reduced))
            self.mark(fraction[self.active], price)
        else:
            self.widen(reduced + money * problem.use)

    def spread(self, x: np.ndarray) -> np.ndarray:
        """Return the numbers of those that take part as numbers of all candidates, 0 for the others."""
        every = np.zeros(len(self.relaxation.cost))
        every[self.active] = x
        return every

    def sift(self, fraction: np.ndarray, reduced: np.ndarray) -> np.ndarray:
        """Return who is used or nearest to paying."""
        use = self.relaxation.use
        owed = reduced + least_choice(reduced, use, self.relaxation.budget)[1] * use
        used = fraction > 1e-3
        count = max(FEW_COLUMNS, 3 * int(used.sum()) // 2)
        if count >= 0.8 * len(owed):
            return np.arange(len(owed))
        return np.flatnonzero(used | (owed <= np.partition(owed, count)[count]))

    def widen(self, owed: np.ndarray) -> None:
        """Let in who would pay at these prices."""
        outside = np.ones(len(owed), bool)
        outside[self.active] = False
        paying = outside & (owed < -1e-9 * self.balance)
        if not paying.any():
            return
        every = [
            (self.spread(x), price, covered) for x, price, covered in (self.point, self.anchor, self.moved)
        ]
        self.let_in(np.flatnonzero(paying | ~outside))
        self.point, self.anchor, self.moved = (
            (x[self.active], price, covered) for x, price, covered in every
        )

    def restart_or_go_on(self, x: np.ndarray, price: np.ndarray) -> None:
        """Begin anew from here when the gap has shrunk enough, or nothing has happened for long."""
        long = self.steps > 0.36 * self.total and self.total > 1000
        shrunk = self.gap < 0.4 * self.restart_gap
        if not (shrunk or long or (self.gap < 0.8 * self.restart_gap and self.gap > self.last_gap)):
            self.last_gap = self.gap
            return
        self.scale(self.spread(x), price)
        moved_x = float(np.sum((x - self.anchor[0]) ** 2 / self.column_step[self.active]))
        moved_price = float(np.sum((price - self.anchor[1]) ** 2 / self.row_step))
        if moved_x > 1e-20 and moved_price > 1e-20:
            self.balance = float(np.sqrt(np.sqrt(moved_price / moved_x) * self.balance))
        self.mark(x, price)
        self.restart_gap, self.last_gap = self.gap, np.inf


def least_choice(reduced: np.ndarray, use: np.ndarray, budget: float) -> tuple[float, float]:
    """Return min reduced·x over 0 ≤ x ≤ 1 and use·x ≤ budget, and the price of a unit of the budget there."""
    gains = np.flatnonzero(reduced < 0)
    if float(use[gains].sum()) <= budget:
        return float(reduced[gains].sum()), 0.0
    ratio = reduced[gains] / np.maximum(use[gains], 1e-300)
    order = np.argsort(ratio, kind="stable")
    filled = np.cumsum(use[gains][order])
    whole = int(np.searchsorted(filled, budget, side="right"))
    left = budget - (filled[whole - 1] if whole else 0.0)
    last = float(ratio[order[whole]])
    return float(reduced[gains][order[:whole]].sum()) + last * left, -last


def _dot(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.sum(first * second))


def _light(matrix: Matrix) -> Columns:
    """Return the columns with indices that compiled loops read fastest."""
    return matrix[0].astype(np.uint32), matrix[1].astype(np.uint32), matrix[2]


def _without_signs(part: Columns, unit: bool) -> Columns:
    return part if unit else (part[0], part[1], np.abs(part[2]))


@njit(cache=True, nogil=True)
def _only_columns(matrix, active):  # type: ignore[no-untyped-def]
    """Return the columns of some candidates, renumbered in their order; all rows stay."""
    start, demand, share = matrix
    new_start = np.zeros(len(active) + 1, np.uint32)
    for k in range(len(active)):
        new_start[k + 1] = new_start[k] + (start[active[k] + 1] - start[active[k]])
    pairs = np.int64(new_start[len(active)])
    new_demand, new_share = np.empty(pairs, np.uint32), np.empty(pairs)
    for k in range(len(active)):
        new_demand[new_start[k] : new_start[k + 1]] = demand[start[active[k]] : start[active[k] + 1]]
        new_share[new_start[k] : new_start[k + 1]] = share[start[active[k]] : start[active[k] + 1]]
    return new_start, new_demand, new_share


@njit(cache=True, nogil=True, fastmath=True)
def _sums(columns, price, unit):  # type: ignore[no-untyped-def]
    """Return Σ share · price over each column."""
    start, demand, share = columns
    sums = np.empty(len(start) - 1)
    for j in range(len(sums)):
        total = 0.0
        if unit:
            for e in range(start[j], start[j + 1]):
                total += price[demand[e]]
        else:
            for e in range(start[j], start[j + 1]):
                total += price[demand[e]] * share[e]
        sums[j] = total
    return sums


@njit(cache=True, nogil=True, fastmath=True)
def _used(wanted, weight, use, price):  # type: ignore[no-untyped-def]
    """Return what the choice wanted − price · weight, kept in the box, uses, and how fast that falls."""
    total, slope = 0.0, 0.0
    for j in range(len(wanted)):
        value = wanted[j] - price * weight[j]
        total += use[j] * min(1.0, max(0.0, value))
        slope += use[j] * weight[j] if (value > 0.0) & (value < 1.0) else 0.0
    return total, slope


@njit(cache=True, nogil=True)
def _project(wanted, weight, use, budget, multiplier):  # type: ignore[no-untyped-def]
    """Return the price m ≥ 0 at which the choice wanted − m · weight, kept in the box, uses the budget or less.

    Newton's steps from the last price, halving where they leave what is known. No number here is infinite, since
    compiled from a function with fastmath this one has it too, whatever its own line says.
    """
    price, low, high = multiplier, 0.0, UNKNOWN
    for _ in range(60):
        total, slope = _used(wanted, weight, use, price)
        over = total - budget
        if abs(over) <= 1e-9 * budget or (over < 0.0 and price == 0.0):
            break
        if over > 0.0:
            low = price
        else:
            high = price
        if high - low <= 1e-13 * (1.0 + low):
            break
        price = max(price + over / slope, 0.0) if slope > LEAST_SLOPE else -1.0
        if not low <= price <= high:
            price = 0.5 * (low + high) if high < UNKNOWN else 2.0 * low + 1e-9
    return price


@njit(cache=True, nogil=True, fastmath=True)
def _spread_sums(columns, x, sums, unit):  # type: ignore[no-untyped-def]
    """Fill ``sums`` with Σ share · x over each row, passing over candidates whose x is 0 (nearly all)."""
    start, demand, share = columns
    sums[:] = 0.0
    for j in range(len(x)):
        value = x[j]
        if value != 0.0:
            for e in range(start[j], start[j + 1]):
                sums[demand[e]] += value if unit else value * share[e]


@njit(cache=True, nogil=True, fastmath=True)
def _approach(point, moved, anchor, share):  # type: ignore[no-untyped-def]
    """Reflect the point at where it was moved to, and draw it towards the anchor."""
    for i in range(len(point)):
        point[i] = share * (2.0 * moved[i] - point[i]) + (1.0 - share) * anchor[i]


@njit(cache=True, nogil=True, fastmath=True)
def _iterate(columns, rules, walk, steps, span, unit):  # type: ignore[no-untyped-def]
    """Do the iterations of ``span`` since the anchor. A x is kept by the same rule as x, so that only T's x, which
    is nearly all 0, is ever summed over rows."""
    cost, needed, upper, use, budget = rules
    (
        (x, price, covered),
        (anchor_x, anchor_price, anchor_covered),
        (new_x, new_price, new_covered),
        multiplier,
    ) = walk
    column_step, row_step = steps
    weight = column_step * use
    for k in range(span[0], span[1]):
        wanted = x - column_step * (cost - _sums(columns, price, unit))
        multiplier[0] = _project(wanted, weight, use, budget, multiplier[0])
        for j in range(len(x)):
            new_x[j] = min(1.0, max(0.0, wanted[j] - multiplier[0] * weight[j]))
        _spread_sums(columns, new_x, new_covered, unit)
        for i in range(len(price)):
            ahead = 2.0 * new_covered[i] - covered[i]
            new_price[i] = min(upper[i], max(0.0, price[i] + row_step[i] * (needed[i] - ahead)))
        share = (k + 1.0) / (k + 2.0)
        _approach(x, new_x, anchor_x, share)
        _approach(price, new_price, anchor_price, share)
        _approach(covered, new_covered, anchor_covered, share)
