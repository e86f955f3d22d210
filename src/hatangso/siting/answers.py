"""Turn chosen candidates into an answer; what an answer needs beside them: clock, roundings, service, reasons."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from hatangso.errors import InfeasibleError
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem, relative_gap

CUT_NOTE = "Hết thời gian trước khi đủ số bước: chạy lại trên máy khác có thể cho kết quả khác"


@dataclass
class Stopwatch:
    """Seconds since the start of a search, its deadline, and whether the deadline cut anything."""

    limits: SearchLimits
    started: float = field(default_factory=time.perf_counter)
    cut: bool = False

    @property
    def deadline(self) -> float:
        """Moment of ``time.perf_counter`` when the search must end."""
        return self.started + self.limits.time_limit_s

    @property
    def seconds(self) -> float:
        """Seconds gone."""
        return time.perf_counter() - self.started

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.deadline - time.perf_counter())

    def is_over(self) -> bool:
        """Say whether the time is up, and remember that it was."""
        self.cut = self.cut or time.perf_counter() > self.deadline
        return self.cut


def served_shares(problem: SitingProblem, chosen: np.ndarray, *, whole_service: bool) -> np.ndarray:
    """Return the served part of each demand, shape (m,): 0 or 1, or 1 − Π(1 − share) where service is partial."""
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    mine = chosen[site]
    if whole_service:
        covers = np.bincount(problem.demand[mine], minlength=len(problem.weight))
        return (covers >= problem.needed).astype(np.float64)
    missed = np.ones(len(problem.weight))
    np.multiply.at(missed, problem.demand[mine], 1 - problem.share[mine])
    return 1 - missed


def make_answer(
    problem: SitingProblem, chosen: np.ndarray, *, value: float, bound: float, watch: Stopwatch,
    served: np.ndarray, notes: tuple[str, ...] = (),
) -> SitingAnswer:  # fmt: skip
    """Return the answer for the flags ``chosen``, shape (n,)."""
    close = abs(value - bound) <= 1e-6 * max(1.0, abs(value))
    if close:
        bound = value
    status = "optimal" if close else ("time_limit" if watch.cut else "bounded")
    if status == "time_limit":
        notes = (*notes, CUT_NOTE)
    return SitingAnswer(
        value=value, bound=bound, gap=relative_gap(value, bound), seconds=watch.seconds, seed=watch.limits.seed,
        status=status, chosen=tuple(problem.candidate_ids[j] for j in np.flatnonzero(chosen)),
        cost=float(problem.cost[chosen].sum()), served_weight=float(problem.weight @ served), served=served,
        notes=notes,
    )  # fmt: skip


def whole_shares(problem: SitingProblem, least_share: float) -> SitingProblem:
    """Return the problem where a share of ``least_share`` or more serves in full and a smaller one not at all."""
    if not problem.is_partial:
        return problem
    kept = problem.share >= least_share
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))[kept]
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(problem.cost)))]).astype(np.int64)
    return replace(problem, start=start, demand=problem.demand[kept], share=np.ones(int(kept.sum())))


def possible_covers(problem: SitingProblem) -> np.ndarray:
    """Return how many candidates that are not excluded serve each demand; of one group only one counts."""
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    use = ~problem.excluded[site]
    site, row = site[use], problem.demand[use]
    alone = np.where(problem.group < 0, np.arange(len(problem.cost)) + problem.group.max() + 1, problem.group)
    pairs = np.unique(np.stack([row, alone[site]]), axis=1)[0] if np.any(problem.group >= 0) else row
    return np.bincount(pairs, minlength=len(problem.weight))


def refuse_uncovered(problem: SitingProblem, rows: np.ndarray, covers: np.ndarray) -> None:
    """Raise InfeasibleError naming the demands of the mask ``rows`` that too few candidates can serve."""
    short = np.flatnonzero(rows & (covers < problem.needed))
    if len(short):
        reasons = [
            f"điểm '{problem.demand_ids[i]}': cần {problem.needed[i]} vị trí phủ, chỉ có {covers[i]}"
            for i in short
        ]
        raise InfeasibleError(
            f"Không có phương án: {len(short)} điểm không đủ vị trí phủ. Thêm vị trí đề xuất hoặc bỏ yêu cầu.",
            reasons,
        )


def round_bound(bound: float, values: np.ndarray, *, up: bool) -> float:
    """Round a bound to the next multiple of 1 when every value that adds up to the answer is whole."""
    if np.all(values == np.round(values)):
        return float(np.ceil(bound - 1e-6)) if up else float(np.floor(bound + 1e-6))
    return bound


def least_saving(cost: np.ndarray) -> float:
    """Return the smallest amount by which two choices can differ in cost: 1 for whole costs, else a hair."""
    if np.all(cost == np.round(cost)):
        return max(1.0, float(np.gcd.reduce(cost.astype(np.int64))) if len(cost) else 1.0)
    return 1e-7 * max(float(cost.sum()), 1e-9) / max(len(cost), 1)
