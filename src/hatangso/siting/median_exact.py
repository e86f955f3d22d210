"""p-median in whole numbers, for what is left once most candidates are settled (HiGHS).

Row i has the distances D_1 < D_2 < … < D_K, the last one to a candidate that is open in any case (or the cost of
reaching none). With z_ik = 1 when nothing is open within D_k, the row costs D_1 + Σ_k (D_{k+1} − D_k) z_ik, where
z_i1 + Σ_{d_ij ≤ D_1} x_j ≥ 1 and z_ik + Σ_{d_ij = D_k} x_j ≥ z_{i,k−1}. Its linear relaxation is as good as that of
the model of ReVelle and Swain, with a row for each distance in place of one for each pair.

Source: Cornuéjols, Nemhauser and Wolsey 1980; García, Labbé and Marín 2011.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csc_matrix

from hatangso.siting.median_search import CLOSED, OPENED

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class MedianAnswer:
    """Open flags (None: nothing found), proven bound of the sum, and whether the flags are proven best."""

    is_open: np.ndarray | None
    bound: float
    proven: bool


def cut_rows(rows: Rows, status: np.ndarray) -> Rows:
    """Return the rows without closed candidates and without what lies beyond the nearest one that is open for good."""
    start, site, far = rows
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    reach = np.full(len(start) - 1, np.inf)
    sure = status[site] == OPENED
    np.minimum.at(reach, row[sure], far[sure])
    use = (status[site] != CLOSED) & (far <= reach[row])
    ends = np.concatenate([[0], np.cumsum(np.bincount(row[use], minlength=len(start) - 1))]).astype(np.int64)
    return ends, site[use], far[use]


def solve_by_radii(
    rows: Rows, *, none: np.ndarray, status: np.ndarray, sites: int, limits: tuple[float, int]
) -> MedianAnswer:
    """Solve the p-median over cut rows.

    Parameters
    ----------
    rows : start, candidate and cost per demand, nearest first, as :func:`cut_rows` leaves them
    none : shape (demands,), the cost of a row that reaches nothing
    status : shape (candidates,), 0 free, 1 open for good, 2 closed for good
    limits : most seconds, most branching nodes
    """
    model = _model(rows, none, status, sites)
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False), ("threads", 1), ("random_seed", 1), ("mip_rel_gap", 0.0),
        ("time_limit", max(limits[0], 0.1)), ("mip_max_nodes", limits[1]),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    figures = solver.getInfo()
    found = figures.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    is_open = np.asarray(solver.getSolution().col_value)[: len(status)] > 0.5 if found else None
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return MedianAnswer(is_open, float(figures.mip_dual_bound), proven)


def _model(rows: Rows, none: np.ndarray, status: np.ndarray, sites: int) -> highspy.HighsLp:
    step, first, matrix = _radii(rows, none, status)
    candidates, nearest = len(status), rows[2][rows[0][:-1][np.diff(rows[0]) > 0]]
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.concatenate([np.zeros(candidates), step])
    model.offset_ = float(nearest.sum() + none[np.diff(rows[0]) == 0].sum())
    model.col_lower_ = np.concatenate([status == OPENED, np.zeros(len(step))]).astype(float)
    model.col_upper_ = np.concatenate([status != CLOSED, np.ones(len(step))]).astype(float)
    model.row_lower_ = np.concatenate([first, [sites]]).astype(float)
    model.row_upper_ = np.concatenate([np.full(len(step), np.inf), [float(sites)]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        matrix.indptr, matrix.indices, matrix.data,
    )  # fmt: skip
    whole, continuous = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * candidates + [continuous] * len(step)
    return model


def _radii(rows: Rows, none: np.ndarray, status: np.ndarray) -> tuple[np.ndarray, np.ndarray, csc_matrix]:
    """Return per z what it adds to the cost, whether it is its row's first, and the matrix of the model."""
    start, site, far = rows
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    new = np.concatenate([[True], (row[1:] != row[:-1]) | (far[1:] != far[:-1])])[: len(row)]
    group = np.cumsum(new) - 1
    of_row, radius = row[new], far[new]
    open_there = np.bincount(group, status[site] == OPENED, len(radius)) > 0
    last = np.concatenate([of_row[1:] != of_row[:-1], [True]])[: len(radius)]
    beyond = np.where(last, none[of_row], np.concatenate([radius[1:], [0.0]])[: len(radius)])
    first = np.concatenate([[True], of_row[1:] != of_row[:-1]])[: len(radius)]
    kept = ~open_there
    number = np.cumsum(kept) - 1
    count, candidates = int(kept.sum()), len(status)
    member = kept[group]
    z = np.arange(count)
    later = z[~first[kept]]
    ones = (
        np.concatenate([number[group[member]], z, np.full(candidates, count)]),
        np.concatenate([site[member], candidates + z, np.arange(candidates)]),
    )
    values = np.concatenate([np.ones(len(ones[0])), np.full(len(later), -1.0)])
    place = (np.concatenate([ones[0], later]), np.concatenate([ones[1], candidates + later - 1]))
    matrix = csc_matrix((values, place), shape=(count + 1, candidates + count))
    return (beyond - radius)[kept], first[kept], matrix
