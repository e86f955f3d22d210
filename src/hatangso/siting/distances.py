"""How far demand is from the candidates it can reach: what p-median and p-centre begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hatangso.errors import InfeasibleError, InputError
from hatangso.siting.answers import Stopwatch, refuse_uncovered
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.problem import SitingProblem
from hatangso.siting.set_cover import set_cover

EFFORT_OF_A_TRIAL = 0.4


@dataclass(frozen=True)
class Distances:
    """How far each demand is from the candidates it can reach.

    Parameters
    ----------
    problem : candidates and demand; its pairs are those that can be reached
    distance : shape (pairs,), metres (or any unit), not negative, in the order of the problem's pairs
    """

    problem: SitingProblem
    distance: np.ndarray

    def __post_init__(self) -> None:
        if np.shape(self.distance) != np.shape(self.problem.demand):
            raise InputError(
                "distance", found=f"{np.shape(self.distance)}", expected=f"{self.problem.demand.shape}"
            )
        bad = np.flatnonzero(~(np.isfinite(self.distance) & (self.distance >= 0)))
        if len(bad):
            site = int(np.searchsorted(self.problem.start, bad[0], side="right")) - 1
            raise InputError(
                f"Khoảng cách từ vị trí '{self.problem.candidate_ids[site]}' "
                f"đến điểm '{self.problem.demand_ids[self.problem.demand[bad[0]]]}'",
                found=f"{self.distance[bad[0]]}", expected="số không âm",
            )  # fmt: skip

    @property
    def is_whole(self) -> bool:
        """Whether every weighted distance is a whole number."""
        weighted = self.distance * self.problem.weight[self.problem.demand]
        return bool(np.all(weighted == np.round(weighted)))


def first_status(problem: SitingProblem, sites: int) -> np.ndarray:
    """Return 0 free, 1 open, 2 closed per candidate."""
    if np.any(problem.group >= 0) or np.any(problem.needed > 1):
        raise InputError(
            "Bài toán p-median và p-centre", found="cột group hoặc needed", expected="không dùng hai cột này"
        )
    fixed, possible = int(problem.fixed.sum()), int((~problem.excluded).sum())
    if not fixed <= sites <= possible or sites < 1:
        names = [f"vị trí '{problem.candidate_ids[j]}'" for j in np.flatnonzero(problem.fixed)]
        raise InfeasibleError(
            f"Số vị trí mở là {sites}, nhưng có {fixed} vị trí bắt buộc và {possible} vị trí được phép; "
            "cần một số nằm giữa.",
            names,
        )
    return np.where(problem.fixed, 1, np.where(problem.excluded, 2, 0)).astype(np.int8)


def sorted_rows(distances: Distances, status: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (start, candidate, weighted distance) per demand, nearest first, closed candidates left out."""
    problem = distances.problem
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))
    kept = status[site] != 2
    site, row, far = site[kept], problem.demand[kept].astype(np.int64), distances.distance[kept]
    order = np.lexsort((site, far, row))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(problem.weight)))]).astype(np.int64)
    return start, site[order], far[order] * problem.weight[row[order]]


def refuse_lonely(problem: SitingProblem, rows: tuple[np.ndarray, ...]) -> None:
    """Raise InfeasibleError naming the demand that reaches no candidate."""
    once = replace(problem, needed=np.ones(len(problem.weight), np.int64))
    refuse_uncovered(once, np.ones(len(problem.weight), bool), np.diff(rows[0]))


def cover_within(
    distances: Distances, radius: float, sites: int, watch: Stopwatch
) -> tuple[np.ndarray | None, float]:
    """Return flags of at most ``sites`` candidates within the radius of everybody (None: not found), and the fewest
    candidates that could do it, as far as proven."""
    problem = distances.problem
    kept = distances.distance <= radius
    site = np.repeat(np.arange(len(problem.cost)), np.diff(problem.start))[kept]
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(problem.cost)))]).astype(np.int64)
    within = replace(
        problem, cost=np.ones(len(problem.cost)), start=start, demand=problem.demand[kept],
        share=np.ones(int(kept.sum())), needed=np.ones(len(problem.weight), np.int64),
    )  # fmt: skip
    limits = replace(
        watch.limits,
        time_limit_s=max(0.2, watch.left / 2),
        effort=watch.limits.effort * EFFORT_OF_A_TRIAL,
        progress=None,
    )
    try:
        answer = set_cover(within, limits=limits)
    except InfeasibleError:
        return None, np.inf
    watch.cut = watch.cut or answer.status == "time_limit"
    chosen = np.isin(problem.candidate_ids, answer.chosen) if answer.value <= sites else None
    return chosen, answer.bound


def reaching_choice(distances: Distances, sites: int, watch: Stopwatch) -> np.ndarray:
    """Return flags of at most ``sites`` candidates that everybody can reach.

    Raises
    ------
    InfeasibleError
        when none is found, naming who is left out by those that reach most, and whether that is proven.
    """
    chosen, least = cover_within(distances, np.inf, sites, watch)
    if chosen is not None:
        return chosen
    if least > sites:
        why = (
            f"Không có phương án: cần ít nhất {least:g} vị trí để mọi điểm đều tới được, chỉ được mở {sites}."
        )
    else:
        why = f"Chưa tìm được {sites} vị trí mà mọi điểm đều tới được (chưa chứng minh là không thể)."
    problem = replace(distances.problem, share=np.ones(len(distances.distance)))
    most = maximal_covering(problem, sites=sites, limits=replace(watch.limits, effort=0.1, progress=None))
    left_out = [f"điểm '{problem.demand_ids[i]}'" for i in np.flatnonzero(most.served < 1)]
    raise InfeasibleError(
        f"{why} Tăng số vị trí hoặc thêm cặp khoảng cách. Phương án phủ nhiều nhất còn bỏ lại:", left_out
    )


def filled_up(is_open: np.ndarray, status: np.ndarray, sites: int) -> np.ndarray:
    """Return ``is_open`` with free candidates added until so many are open."""
    filled = is_open.copy()
    spare = np.flatnonzero((status == 0) & ~filled)[: max(0, sites - int(filled.sum()))]
    filled[spare] = True
    return filled
