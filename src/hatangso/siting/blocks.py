"""A bound better than the linear one: the demand is cut into blocks and each block answered in whole sites.

At row prices λ the linear bound of maximal covering is Σ (w_i − λ_i) + μ B + Σ_j s_j, where g_j = Σ_i a_ij λ_i,
μ is the price of money and s_j = (g_j − μ h_j)⁺. Every candidate may be chosen anew in each block r if it pays there
p_jr = g_jr (μ h_j + s_j) / g_j, its part of the price; so no choice of whole sites serves more than

    μ B + Σ_j s_j + Σ_r max { Σ_{i in r} w_i y_i − Σ_j p_jr x_jr : y_i ≤ Σ_j a_ij x_jr, x_jr whole },

and each block is worth at most Σ_{i in r} (w_i − λ_i), its part of the linear bound.

A candidate whose choice in a block costs more than δ (p_jr − g_jr > δ) is left out there: with it the block is worth
at most its linear part less δ, so the larger of that and the answer without it stands.

Source: Lagrangian decomposition (Guignard and Kim 1987) on clusters of demand; the blocks by HiGHS.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, hstack, identity, triu

from hatangso.siting.reductions import ReducedProblem

USED = 0.02


@dataclass(frozen=True)
class Blocks:
    """How far to go: most used candidates in a block, branching nodes of a block, the moment of
    ``time.perf_counter`` from which blocks keep their linear part, and the gap (bound less
    best value known), which all blocks share as the δ of the head of the file."""

    size: int = 11
    nodes: int = 1
    deadline: float = np.inf
    gap: float = np.inf


def block_bound(
    reduced: ReducedProblem, *, prices: np.ndarray, fraction: np.ndarray, money: tuple[float, float],
    rules: Blocks,
) -> tuple[float, bool]:  # fmt: skip
    """Return a number no served weight can pass, and whether the time limit cut a block short.

    Parameters
    ----------
    prices : shape (rows,), price of each row, 0 to its weight; every row needs one cover, shares are whole
    fraction : shape (candidates,), the linear answer, by which rows are put into blocks
    money : price of a unit of the budget, and the budget
    """
    shape = (len(reduced.weight), len(reduced.sites))
    covers = csr_matrix((np.ones(len(reduced.matrix[4])), reduced.matrix[4], reduced.matrix[3]), shape=shape)
    gain = covers.T @ prices
    paid = np.maximum(gain, money[0] * reduced.cost)
    block = _row_blocks(covers, prices, fraction, rules.size)
    blocks = int(block.max()) + 1
    scale = np.divide(paid, gain, out=np.zeros_like(paid), where=gain > 0)

    def answer(number: int) -> tuple[float, bool]:
        rows = np.flatnonzero(block == number)
        part = covers[rows].tocsc()
        own = part.T @ prices[rows]
        price = own * scale
        useful = part.T @ reduced.weight[rows] > price
        near = price - own <= rules.gap / blocks
        kept = np.flatnonzero(useful & near)
        linear = float((reduced.weight - prices)[rows].sum())
        least = max(0.0, linear - rules.gap / blocks) if np.any(useful & ~near) else 0.0
        if not len(kept):
            return least, False
        if time.perf_counter() > rules.deadline - 0.1:
            return linear, True
        value, cut = _whole_value(*_without_twins(part[:, kept], reduced.weight[rows]), price[kept], rules)
        return min(max(value, least), linear), cut

    with ThreadPoolExecutor(2) as pool:
        values = list(pool.map(answer, range(blocks)))
    constant = money[0] * money[1] + float(np.maximum(gain - money[0] * reduced.cost, 0).sum())
    return float(constant + sum(value for value, _ in values)), any(cut for _, cut in values)


def _row_blocks(covers: csr_matrix, prices: np.ndarray, fraction: np.ndarray, size: int) -> np.ndarray:
    """Put candidates that share much priced demand together, up to so many used ones; rows follow their candidates."""
    used = np.flatnonzero(fraction > USED)
    if not len(used):
        return np.zeros(covers.shape[0], np.int64)
    inside = covers[:, used]
    strength = triu(inside.T @ inside.multiply(prices[:, None]).tocsr(), k=1).tocoo()
    shared = strength.data * fraction[used[strength.row]] * fraction[used[strength.col]]
    member, count = np.arange(len(used)), np.ones(len(used), np.int64)
    for pair in np.argsort(-shared, kind="stable"):
        one, two = member[strength.row[pair]], member[strength.col[pair]]
        if one != two and count[one] + count[two] <= size:
            member[member == two] = one
            count[one] += count[two]
    names, number = np.unique(member, return_inverse=True)
    held = inside @ csr_matrix(
        (fraction[used], (np.arange(len(used)), number)), shape=(len(used), len(names))
    )
    return np.asarray(np.argmax(held.toarray(), axis=1), dtype=np.int64)


def _without_twins(part: csc_matrix, weight: np.ndarray) -> tuple[csc_matrix, np.ndarray]:
    """Return one row, with the weight of all, for rows of the same candidates; rows of none are left out."""
    flags = np.packbits(part.toarray().astype(bool), axis=1)
    _, first, twin = np.unique(flags, axis=0, return_index=True, return_inverse=True)
    total = np.bincount(twin.ravel(), weight, len(first))
    some = flags[first].any(axis=1)
    return part.tocsr()[first[some]].tocsc(), total[some]


def _whole_value(
    part: csc_matrix, weight: np.ndarray, price: np.ndarray, rules: Blocks
) -> tuple[float, bool]:
    """Return the bound of most weight served less prices paid, and whether the time limit cut it."""
    rows, sites = part.shape
    matrix = hstack([part, -identity(rows)]).tocsc()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows, sites + rows
    model.col_cost_ = np.concatenate([price, -weight])
    model.col_lower_, model.col_upper_ = np.zeros(sites + rows), np.ones(sites + rows)
    model.row_lower_, model.row_upper_ = np.zeros(rows), np.full(rows, np.inf)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        matrix.indptr, matrix.indices, matrix.data,
    )  # fmt: skip
    model.integrality_ = [highspy.HighsVarType.kInteger] * sites + [highspy.HighsVarType.kContinuous] * rows
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False), ("threads", 1), ("random_seed", 1), ("mip_max_nodes", rules.nodes),
        ("mip_heuristic_effort", 0.0),
        ("time_limit", min(max(rules.deadline - time.perf_counter(), 0.1), 1e6)),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    bound = -solver.getInfo().mip_dual_bound
    cut = solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
    return (bound if np.isfinite(bound) else np.inf), cut
