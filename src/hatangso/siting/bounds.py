"""Bounds no answer can pass: the linear relaxation of a covering problem, solved by a first-order method.

The problem is min c·x + Σ u_i·(b_i − (A x)_i)⁺ over 0 ≤ x ≤ 1 and, where given, h·x ≤ B. Its Lagrangian dual at any
prices 0 ≤ λ ≤ u is Σ b_i λ_i + min_x (c − Aᵀλ)·x, which is a true bound whatever the prices are, so the method may
stop at any time. Prices and x move by the primal-dual hybrid gradient with averaging, and restart from the average
when their gap has shrunk. After some iterations only candidates that are used or nearly pay take part (sifting); the
bound is always taken over all of them. Sums are our own loops: the threads of BLAS would wait for each other here.

Source: Chambolle and Pock 2011 (the step); Pock and Chambolle 2011 (diagonal steps); Applegate and others 2021
(restarts, primal weight). The relaxation of covering and of maximal covering: Church and ReVelle 1974.
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
    """``value``: no x does better; ``reduced_cost`` c − Aᵀλ at the best prices; ``fraction``: the averaged x;
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
    return int(np.clip(3e10 / max(pairs, 1), 2000, 5000) * effort)


class _Walk:
    """One run of the method: x, prices, their sums since the last restart, and the candidates that take part."""

    def __init__(self, relaxation: Relaxation, warm: Bound | None) -> None:
        self.relaxation = relaxation
        self.full = _light(relaxation.matrix)
        self.unit = relaxation.is_unit
        columns, rows = len(relaxation.cost), len(relaxation.needed)
        self.column_step = _column_steps(self.full)
        self.fraction = np.zeros(columns) if warm is None else warm.fraction
        self.price = np.minimum(np.zeros(rows) if warm is None else warm.price, relaxation.upper)
        typical = relaxation.upper[relaxation.needed > 0]
        first = max(float(np.sqrt(np.mean(typical**2))) if len(typical) else 1.0, 1e-9)
        self.balance = first if warm is None else warm.balance
        self.total = 0
        self.best, self.best_primal = -np.inf, np.inf
        self.best_reduced, self.best_price = relaxation.cost.copy(), self.price
        self.gap = self.last_gap = self.restart_gap = np.inf
        self.next_sifting = ITERATIONS_BEFORE_SIFTING
        active = np.arange(columns) if warm is None else self.sift(warm.fraction, warm.reduced_cost)
        self.x = self.fraction[active]
        self.sums = (np.zeros(len(active)), np.zeros(rows))
        self.multiplier = np.zeros(1)
        self.let_in(active)
        self.mark(self.x, self.price)

    def let_in(self, active: np.ndarray) -> None:
        """Make these candidates, numbers rising, the ones that take part."""
        self.active = active
        every = len(active) == len(self.relaxation.cost)
        self.part = self.full if every else _only_columns(self.full, active)
        self.row_step = _row_steps(self.part, len(self.relaxation.needed))

    def mark(self, x: np.ndarray, price: np.ndarray) -> None:
        """Begin new sums from here."""
        self.x, self.price = x.copy(), price.copy()
        self.anchor_x, self.anchor_price = x.copy(), price.copy()
        self.sums = (np.zeros(len(x)), np.zeros(len(price)))
        self.steps = 0

    def advance(self, iterations: int) -> None:
        problem, active = self.relaxation, self.active
        _iterate(
            self.part, (problem.cost[active], problem.needed, problem.upper, problem.use[active], problem.budget),
            (self.x, self.price, *self.sums, self.multiplier),
            (self.column_step[active] / self.balance, self.row_step * self.balance), iterations, self.unit,
        )  # fmt: skip
        self.steps += iterations
        self.total += iterations
        x, price = self.sums[0] / self.steps, self.sums[1] / self.steps
        reduced = problem.cost - _sums(self.full, price, self.unit)
        least, money = least_choice(reduced, problem.use, problem.budget)
        dual = _dot(price, problem.needed) + least
        covered = np.empty(len(price))
        _spread_sums(self.part, x, covered, self.unit)
        short = np.maximum(problem.needed - covered, 0)
        primal = _dot(problem.cost[active], x) + _dot(problem.upper, short)
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
        """Let in who would pay at the averaged prices."""
        outside = np.ones(len(owed), bool)
        outside[self.active] = False
        paying = outside & (owed < -1e-9 * self.balance)
        if not paying.any():
            return
        x, anchor, sums = self.spread(self.x), self.spread(self.anchor_x), self.spread(self.sums[0])
        self.let_in(np.flatnonzero(paying | ~outside))
        self.x, self.anchor_x = x[self.active], anchor[self.active]
        self.sums = (sums[self.active], self.sums[1])

    def restart_or_go_on(self, x: np.ndarray, price: np.ndarray) -> None:
        """Begin anew from the averages when the gap has shrunk enough, or nothing has happened for long."""
        long = self.steps > 0.36 * self.total and self.total > 1000
        shrunk = self.gap < 0.4 * self.restart_gap
        if not (shrunk or long or (self.gap < 0.8 * self.restart_gap and self.gap > self.last_gap)):
            self.last_gap = self.gap
            return
        moved_x = float(np.sum((x - self.anchor_x) ** 2 / self.column_step[self.active]))
        moved_price = float(np.sum((price - self.anchor_price) ** 2 / self.row_step))
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


def _column_steps(part: Columns) -> np.ndarray:
    filled = np.concatenate([[0.0], np.cumsum(np.abs(part[2]))])
    return np.asarray(1 / np.maximum(np.diff(filled[part[0]]), 1e-3))


def _row_steps(part: Columns, rows: int) -> np.ndarray:
    return np.asarray(1 / np.maximum(np.bincount(part[1], np.abs(part[2]), rows), 1e-3))


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
def _project(wanted, weight, use, budget, multiplier):  # type: ignore[no-untyped-def]
    """Return the price m ≥ 0 at which the choice wanted − m · weight, kept in the box, uses the budget or less.

    Newton's steps from the last price, halving where they leave what is known.
    """
    price, low, high = multiplier, 0.0, np.inf
    for _ in range(60):
        total, slope = 0.0, 0.0
        for j in range(len(wanted)):
            value = wanted[j] - price * weight[j]
            total += use[j] * min(1.0, max(0.0, value))
            slope += use[j] * weight[j] if (value > 0.0) & (value < 1.0) else 0.0
        over = total - budget
        if abs(over) <= 1e-9 * budget or (over < 0.0 and price == 0.0):
            break
        if over > 0.0:
            low = price
        else:
            high = price
        if high - low <= 1e-13 * (1.0 + low):
            break
        price = max(price + over / slope, 0.0) if slope > 0.0 else np.inf
        if not low <= price <= high or price == np.inf:
            price = 0.5 * (low + high) if high < np.inf else 2.0 * low + 1e-9
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
def _move(x, wanted, column_step, use, budget, multiplier, ahead, sum_x):  # type: ignore[no-untyped-def]
    """Move x to the nearest choice within the budget; ``ahead`` is as far again beyond it."""
    weight = column_step * use
    multiplier[0] = _project(wanted, weight, use, budget, multiplier[0])
    for j in range(len(x)):
        nearest = min(1.0, max(0.0, wanted[j] - multiplier[0] * weight[j]))
        ahead[j] = 2.0 * nearest - x[j]
        x[j] = nearest
        sum_x[j] += nearest


@njit(cache=True, nogil=True, fastmath=True)
def _iterate(columns, rules, walk, steps, iterations, unit):  # type: ignore[no-untyped-def]
    cost, needed, upper, use, budget = rules
    x, price, sum_x, sum_price, multiplier = walk
    column_step, row_step = steps
    ahead, covered = np.empty(len(x)), np.empty(len(price))
    for _ in range(iterations):
        wanted = x - column_step * (cost - _sums(columns, price, unit))
        _move(x, wanted, column_step, use, budget, multiplier, ahead, sum_x)
        _spread_sums(columns, ahead, covered, unit)
        for i in range(len(price)):
            sum_price[i] += price[i]
            price[i] = min(upper[i], max(0.0, price[i] + row_step[i] * (needed[i] - covered[i])))
