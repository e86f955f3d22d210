"""Bounds no answer can pass: the linear relaxation of a covering problem, solved by a first-order method.

The problem is min c·x + Σ u_i·(b_i − (A x)_i)⁺ over 0 ≤ x ≤ 1 and, where given, h·x ≤ B. Its Lagrangian dual at any
prices 0 ≤ λ ≤ u is Σ b_i λ_i + min_x (c − Aᵀλ)·x, which is a true bound whatever the prices are, so the method may
stop at any time. Prices and x move by the primal-dual hybrid gradient with averaging, and restart from the average
when their gap has shrunk.

Source: Chambolle and Pock 2011 (the step); Pock and Chambolle 2011 (diagonal steps); Applegate and others 2021
(restarts, primal weight). The relaxation of covering and of maximal covering: Church and ReVelle 1974.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.siting.reductions import Matrix

ITERATIONS_BETWEEN_CHECKS = 20


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
    return int(np.clip(8e8 / max(pairs, 1), 1000, 4000) * effort)


class _Walk:
    """One run of the method: x, prices, their sums since the last restart."""

    def __init__(self, relaxation: Relaxation, warm: Bound | None) -> None:
        self.relaxation = relaxation
        start, _, share, row_start, _, row_share = relaxation.matrix
        columns, rows = len(start) - 1, len(row_start) - 1
        site = np.repeat(np.arange(columns), np.diff(start))
        row = np.repeat(np.arange(rows), np.diff(row_start))
        self.column_step = 1 / np.maximum(np.bincount(site, weights=np.abs(share), minlength=columns), 1e-3)
        self.row_step = 1 / np.maximum(np.bincount(row, weights=np.abs(row_share), minlength=rows), 1e-3)
        self.unit = relaxation.is_unit
        self.x = np.zeros(columns) if warm is None else warm.fraction.copy()
        self.price = np.zeros(rows) if warm is None else warm.price.copy()
        self.price = np.minimum(self.price, relaxation.upper)
        self.anchor_x, self.anchor_price = self.x.copy(), self.price.copy()
        self.sums = (np.zeros(columns), np.zeros(rows), np.zeros(columns))
        self.steps = 0
        self.total = 0
        typical = relaxation.upper[relaxation.needed > 0]
        self.balance = max(float(np.sqrt(np.mean(typical**2))) if len(typical) else 1.0, 1e-9)
        if warm is not None:
            self.balance = warm.balance
        self.best, self.best_primal = -np.inf, np.inf
        self.best_reduced, self.best_price = relaxation.cost.copy(), self.price
        self.fraction = self.x
        self.gap = self.last_gap = self.restart_gap = np.inf

    def advance(self, iterations: int) -> None:
        problem = self.relaxation
        _iterate(
            problem.matrix, (problem.cost, problem.needed, problem.upper, problem.use, problem.budget),
            (self.x, self.price, *self.sums), (self.column_step, self.row_step, self.balance), iterations, self.unit,
        )  # fmt: skip
        self.steps += iterations
        self.total += iterations
        x, price, reduced = (part / self.steps for part in self.sums)
        dual = float(price @ problem.needed) + _least(reduced, problem.use, problem.budget)
        short = np.maximum(problem.needed - _row_sums(problem.matrix, x, self.unit), 0)
        primal = float(problem.cost @ x + problem.upper @ short)
        if dual > self.best:
            self.best, self.best_reduced, self.best_price = dual, reduced, price
        if primal < self.best_primal:
            self.best_primal, self.fraction = primal, x
        self.gap = primal - dual
        long = self.steps > 0.36 * self.total and self.total > 1000
        if (
            self.gap < 0.4 * self.restart_gap
            or (self.gap < 0.8 * self.restart_gap and self.gap > self.last_gap)
            or long
        ):
            self._restart(x, price)
        else:
            self.last_gap = self.gap

    def _restart(self, x: np.ndarray, price: np.ndarray) -> None:
        moved_x = float(np.sum((x - self.anchor_x) ** 2 / self.column_step))
        moved_price = float(np.sum((price - self.anchor_price) ** 2 / self.row_step))
        if moved_x > 1e-20 and moved_price > 1e-20:
            self.balance = float(np.sqrt(np.sqrt(moved_price / moved_x) * self.balance))
        self.x[:], self.price[:] = x, price
        self.anchor_x, self.anchor_price = x, price
        for part in self.sums:
            part[:] = 0
        self.steps = 0
        self.restart_gap, self.last_gap = self.gap, np.inf


def _least(reduced: np.ndarray, use: np.ndarray, budget: float) -> float:
    """Return min reduced·x over 0 ≤ x ≤ 1 and use·x ≤ budget."""
    gains = np.flatnonzero(reduced < 0)
    if float(use[gains].sum()) <= budget:
        return float(reduced[gains].sum())
    order = gains[np.argsort(reduced[gains] / np.maximum(use[gains], 1e-300), kind="stable")]
    filled = np.cumsum(use[order])
    whole = int(np.searchsorted(filled, budget, side="right"))
    value = float(reduced[order[:whole]].sum())
    if whole < len(order):
        left = budget - (filled[whole - 1] if whole else 0.0)
        value += float(reduced[order[whole]] * left / use[order[whole]])
    return value


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _column_sum(start, demand, share, price, j, unit):  # type: ignore[no-untyped-def]
    total = 0.0
    if unit:
        for e in range(start[j], start[j + 1]):
            total += price[demand[e]]
    else:
        for e in range(start[j], start[j + 1]):
            total += price[demand[e]] * share[e]
    return total


@njit(cache=True, nogil=True)
def _row_sums(matrix, x, unit):  # type: ignore[no-untyped-def]
    sums = np.empty(len(matrix[3]) - 1)
    for i in range(len(sums)):
        sums[i] = _column_sum(matrix[3], matrix[4], matrix[5], x, i, unit)
    return sums


@njit(cache=True, nogil=True)
def _project(wanted, step, use, budget, nearest):  # type: ignore[no-untyped-def]
    """Put into ``nearest`` the point of the box and budget nearest to ``wanted`` in the metric of the steps."""
    total, high = 0.0, 1e-12
    for j in range(len(wanted)):
        nearest[j] = min(1.0, max(0.0, wanted[j]))
        total += use[j] * nearest[j]
        if use[j] > 0:
            high = max(high, wanted[j] / (step[j] * use[j]))
    if total <= budget:
        return
    low = 0.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        total = 0.0
        for j in range(len(wanted)):
            total += use[j] * min(1.0, max(0.0, wanted[j] - middle * step[j] * use[j]))
        if total > budget:
            low = middle
        else:
            high = middle
        if high - low <= 1e-13 * (1.0 + high):
            break
    for j in range(len(wanted)):
        nearest[j] = min(1.0, max(0.0, wanted[j] - high * step[j] * use[j]))


@njit(cache=True, nogil=True, fastmath=True)
def _iterate(matrix, rules, walk, steps, iterations, unit):  # type: ignore[no-untyped-def]
    start, demand, share, row_start, candidate, row_share = matrix
    cost, needed, upper, use, budget = rules
    x, price, sum_x, sum_price, sum_reduced = walk
    column_step, row_step, balance = steps
    wanted, nearest, ahead = np.empty(len(x)), np.empty(len(x)), np.empty(len(x))
    step = column_step / balance
    for _ in range(iterations):
        for j in range(len(x)):
            reduced = cost[j] - _column_sum(start, demand, share, price, j, unit)
            sum_reduced[j] += reduced
            wanted[j] = x[j] - step[j] * reduced
        _project(wanted, step, use, budget, nearest)
        for j in range(len(x)):
            ahead[j] = 2.0 * nearest[j] - x[j]
            x[j] = nearest[j]
            sum_x[j] += x[j]
        for i in range(len(price)):
            sum_price[i] += price[i]
            short = needed[i] - _column_sum(row_start, candidate, row_share, ahead, i, unit)
            price[i] = min(upper[i], max(0.0, price[i] + balance * row_step[i] * short))
