"""Exact answers for small covering problems and for the few candidates that good answers share (HiGHS)."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csr_matrix, diags, hstack, vstack

from hatangso.siting.reductions import ReducedProblem


@dataclass(frozen=True)
class Question:
    """What is asked of a reduced problem.

    ``budget`` given: most served weight within it; else the cheapest choice that serves ``target`` of the weight
    (None = every row). Rows of ``must`` are served in any case.
    """

    reduced: ReducedProblem
    cost: np.ndarray
    must: np.ndarray
    budget: float | None = None
    target: float | None = None


@dataclass(frozen=True)
class CoreAnswer:
    """Chosen flags (None: nothing found), proven bound of the question's value, and whether it is infeasible."""

    chosen: np.ndarray | None
    bound: float
    infeasible: bool
    proven: bool


def solve_core(
    question: Question, *, time_limit_s: float, nodes: int = 20000, start: np.ndarray | None = None
) -> CoreAnswer:
    """Solve the question as a mixed-integer program.

    Parameters
    ----------
    time_limit_s, nodes : where to stop; stopping by nodes leaves the same answer on every machine
    start : flags of a known answer, shape (candidates,)
    """
    model, candidates, sign = _model(question)
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False), ("threads", 1), ("random_seed", 1), ("mip_rel_gap", 0.0),
        ("time_limit", max(float(time_limit_s), 0.1)), ("mip_max_nodes", int(nodes)),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    solver.passModel(model)
    if start is not None:
        flags = np.flatnonzero(start)
        every = np.arange(candidates, dtype=np.int32)
        solver.setSolution(candidates, every, np.isin(every, flags).astype(np.float64))
    solver.run()
    status, figures = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return CoreAnswer(None, np.inf * -sign, True, True)
    found = figures.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    chosen = np.asarray(solver.getSolution().col_value)[:candidates] > 0.5 if found else None
    return CoreAnswer(
        chosen, sign * figures.mip_dual_bound, False, status == highspy.HighsModelStatus.kOptimal
    )


def _model(question: Question) -> tuple[highspy.HighsLp, int, float]:
    """Return the model (always minimising), the number of candidates, and the sign that undoes the turning."""
    reduced = question.reduced
    start, demand, share, *_ = reduced.matrix
    shape = (len(start) - 1, len(reduced.weight))
    covers = csr_matrix((np.ones(len(share)), demand, start), shape=shape).T.tocsr()
    candidates, rows = shape
    whole = question.budget is None and question.target is None
    served = 0 if whole else rows
    hard = np.ones(rows, bool) if whole else question.must
    blocks = [_beside(covers[hard], served)]
    lower, upper = [reduced.needed[hard].astype(float)], [np.full(int(hard.sum()), np.inf)]
    if not whole:
        blocks.append(hstack([covers, -diags(reduced.needed.astype(float))]).tocsr())
        lower.append(np.zeros(rows))
        upper.append(np.full(rows, np.inf))
    if question.budget is not None:
        blocks.append(_beside(csr_matrix(question.cost[None, :]), served))
        lower.append(np.array([-np.inf]))
        upper.append(np.array([question.budget + 1e-7]))
    elif question.target is not None:
        blocks.append(csr_matrix(np.concatenate([np.zeros(candidates), reduced.weight])[None, :]))
        lower.append(np.array([question.target - 1e-7]))
        upper.append(np.array([np.inf]))
    names, number = np.unique(reduced.group, return_inverse=True)
    if np.any(names >= 0):
        grouped = np.flatnonzero(reduced.group >= 0)
        mates = csr_matrix(
            (np.ones(len(grouped)), (number[grouped], grouped)), shape=(len(names), candidates)
        )
        blocks.append(_beside(mates, served))
        lower.append(np.full(len(names), -np.inf))
        upper.append(np.ones(len(names)))
    maximise = question.budget is not None
    objective = np.concatenate([question.cost * (not maximise), -reduced.weight * maximise if served else []])
    binary = candidates + (served if np.any(reduced.needed > 1) else 0)
    return (
        _program(vstack(blocks).tocsc(), objective, (np.concatenate(lower), np.concatenate(upper)), binary),
        candidates, -1.0 if maximise else 1.0,
    )  # fmt: skip


def _beside(block: csr_matrix, columns: int) -> csr_matrix:
    return hstack([block, csr_matrix((block.shape[0], columns))]).tocsr() if columns else block


def _program(
    matrix: csr_matrix, objective: np.ndarray, limits: tuple[np.ndarray, np.ndarray], binary: int
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = objective
    model.col_lower_, model.col_upper_ = np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])
    model.row_lower_, model.row_upper_ = limits
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        matrix.indptr, matrix.indices, matrix.data,
    )  # fmt: skip
    kinds = [highspy.HighsVarType.kInteger] * binary
    model.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (matrix.shape[1] - binary)
    return model
