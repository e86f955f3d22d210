"""Set cover: the fewest or cheapest sites that serve all demand, or a given percentage of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from hatangso.errors import InfeasibleError, InputError
from hatangso.siting.answers import (
    Stopwatch,
    least_saving,
    make_answer,
    possible_covers,
    refuse_uncovered,
    round_bound,
    served_shares,
    whole_shares,
)
from hatangso.siting.bounds import Bound, Relaxation, default_iterations, solve_relaxation, with_group_rows
from hatangso.siting.cover_search import search_cover
from hatangso.siting.exact import Question, solve_core
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem
from hatangso.siting.reductions import ReducedProblem, keep_sites, reduce_core, reduce_problem
from hatangso.siting.search import State, anneal, choose_greedily, first_scores, new_state

RUNS = 6
STEPS_PER_RUN = 400_000
FIRST_STEPS = 20_000
PAIRS_AT_FULL_STEPS = 800_000
FEW_CANDIDATES = 300
CHUNK_STEPS = 2000
SMALL_PAIRS = 60_000
MERGED_CANDIDATES = 500
PRICE_ROUNDS = 8
CORE_WIDTH = 5.0


def set_cover(
    problem: SitingProblem, *, cover_percent: float = 100.0, least_share: float = 0.5,
    limits: SearchLimits | None = None,
) -> SitingAnswer:  # fmt: skip
    """Choose the cheapest candidates that serve the demand; with every cost 1, the fewest.

    Parameters
    ----------
    cover_percent : over 0 to 100, percent of the weight to serve; below 100 must-serve demand is served in any case
    least_share : a pair serves in full when its share is at least this, and not at all below

    Returns
    -------
    SitingAnswer, ``value`` = cost with the fixed sites, ``bound`` ≤ any cost possible

    Raises
    ------
    InfeasibleError
        naming the demand that no, or too few, candidates can serve.

    Source: Toregas and others 1971 (model); docs/methods/siting.md.
    """
    watch = Stopwatch(limits or SearchLimits())
    if not (np.isfinite(cover_percent) and 0 < cover_percent <= 100):
        raise InputError(
            "Phần trăm dân phải phủ", found=str(cover_percent), expected="số lớn hơn 0, không quá 100"
        )
    whole = whole_shares(problem, least_share)
    covers = possible_covers(whole)
    full = cover_percent >= 100
    refuse_uncovered(whole, np.ones(len(covers), bool) if full else problem.must_serve, covers)
    reduced = reduce_problem(whole, every_demand=full, whole_service=True)
    target = problem.total_weight * cover_percent / 100 - reduced.settled_weight
    _refuse_far_target(whole, covers, cover_percent)
    search = _CoverSearch(reduced, None if full else target, watch)
    chosen, lower = search.run()
    flags = np.zeros(len(problem.cost), bool)
    flags[reduced.chosen] = True
    flags[reduced.sites[chosen]] = True
    _refuse_incomplete(whole, flags, search)
    settled = float(problem.cost[reduced.chosen].sum())
    value = float(problem.cost[flags].sum())
    bound = min(round_bound(lower + settled, problem.cost, up=True), value)
    served = served_shares(whole, flags, whole_service=True)
    return make_answer(problem, flags, value=value, bound=bound, watch=watch, served=served)


def _refuse_far_target(problem: SitingProblem, covers: np.ndarray, percent: float) -> None:
    able = float(problem.weight[covers >= problem.needed].sum())
    if able < problem.total_weight * percent / 100 - 1e-9 * problem.total_weight:
        reasons = [
            f"điểm '{problem.demand_ids[i]}' (trọng số {problem.weight[i]:g}) không đủ vị trí phủ"
            for i in np.flatnonzero(covers < problem.needed)
        ]
        raise InfeasibleError(
            f"Không thể phủ {percent:g} %: mọi vị trí cộng lại chỉ phủ {100 * able / problem.total_weight:.4g} %.",
            reasons,
        )


def _refuse_incomplete(problem: SitingProblem, flags: np.ndarray, search: _CoverSearch) -> None:
    if search.found:
        return
    served = served_shares(problem, flags, whole_service=True)
    reasons = [f"điểm '{problem.demand_ids[i]}'" for i in np.flatnonzero(served < 1)]
    sure = "" if search.is_infeasible else " (chưa chứng minh là không thể; thử tăng thời gian)"
    raise InfeasibleError(
        "Không tìm được phương án: mỗi nhóm chỉ được chọn một vị trí nên còn các điểm sau chưa phủ đồng thời được"
        + sure + ".",
        reasons,
    )  # fmt: skip


class _CoverSearch:
    """The search over one reduced problem; ``target`` None means every row."""

    def __init__(self, reduced: ReducedProblem, target: float | None, watch: Stopwatch) -> None:
        self.reduced, self.watch = reduced, watch
        heavy = (float(reduced.weight.sum()) + 1.0) * reduced.must_serve
        self.full = target is None
        self.weight = np.ones(len(reduced.weight)) if self.full else reduced.weight + heavy
        self.plain_target = None if target is None else target
        self.target = np.inf if target is None else target + float(heavy.sum())
        self.saving = least_saving(reduced.cost)
        self.elites: list[tuple[float, np.ndarray]] = []
        self.is_infeasible = False
        self.relaxed: Bound | None = None
        self.last_try = np.zeros(len(reduced.sites), bool)

    @property
    def found(self) -> bool:
        return bool(self.elites)

    @property
    def best(self) -> tuple[float, np.ndarray]:
        return min(self.elites, key=lambda elite: elite[0]) if self.elites else (np.inf, self.last_try)

    def run(self) -> tuple[np.ndarray, float]:
        """Return the chosen flags over the reduced candidates and the lower bound of their cost."""
        reduced = self.reduced
        nothing = np.zeros(len(reduced.sites), bool)
        if not len(reduced.weight) or (not self.full and self.target <= 1e-9):
            self.elites.append((0.0, nothing))
            return nothing, 0.0
        with ThreadPoolExecutor(2) as pool:
            bounding = pool.submit(self.lower_bound)
            if self.full:
                self.take(*self.search_full(reduced, 0, FIRST_STEPS))
                lower = bounding.result()
                self.search_core(pool, lower)
            else:
                runs = [pool.submit(self.search_target, number, STEPS_PER_RUN) for number in range(RUNS)]
                for run in runs:
                    self.take(*run.result())
                    self.watch.limits.advance(80 / RUNS)
                lower = bounding.result()
        if not self.is_proven(lower):
            self.merge()
        if reduced.pairs <= SMALL_PAIRS and not self.is_proven(lower):
            lower = max(lower, self.ask(np.ones(len(nothing), bool), nodes=20_000))
        return self.best[1], lower

    def is_proven(self, lower: float) -> bool:
        return self.found and self.best[0] < lower + self.saving * (1 - 1e-6)

    def take(self, cost: float, flags: np.ndarray) -> None:
        if np.isfinite(cost):
            self.elites.append((cost, flags))
        else:
            self.last_try = flags

    def search_core(self, pool: ThreadPoolExecutor, lower: float) -> None:
        """Run several searches among the candidates of small reduced cost and those of the best answer."""
        if self.is_proven(lower) or self.watch.is_over():
            return
        core = self.core(lower)
        runs = [pool.submit(self.search_full, core, number, STEPS_PER_RUN) for number in range(1, RUNS)]
        for run in runs:
            self.take(*run.result())
            self.watch.limits.advance(80 / RUNS)

    def core(self, lower: float) -> ReducedProblem:
        """Return the problem with candidates whose reduced cost is small beside what the best answer's cost above
        the bound, spread over its sites; reduced again, which shrinks the rows too."""
        reduced = self.reduced
        if not self.found or self.relaxed is None or len(reduced.sites) <= FEW_CANDIDATES:
            return reduced
        value, chosen = self.best
        least = CORE_WIDTH * (value - lower) / max(int(chosen.sum()), 1)
        kept = chosen | (self.relaxed.reduced_cost <= least)
        return reduced if kept.mean() > 0.9 else reduce_core(reduced, kept)

    def lower_bound(self) -> float:
        """Return the value of the linear relaxation, or a little less."""
        reduced, watch = self.reduced, self.watch
        iterations = default_iterations(reduced.pairs, watch.limits.effort)
        if not self.full:
            return self.partial_lower_bound(iterations)
        self.relaxed = solve_relaxation(self.relaxation(None), iterations=iterations, deadline=watch.deadline)
        watch.cut = watch.cut or self.relaxed.cut
        return max(self.relaxed.value, 0.0)

    def relaxation(self, price: float | None) -> Relaxation:
        """Return the relaxation; ``price`` is what a unit of unserved weight costs (None: every row is a must)."""
        reduced = self.reduced
        sites = len(reduced.sites)
        plain = bool(np.all(reduced.group < 0) and np.all(reduced.needed <= 1))
        high = float(reduced.cost.max()) * (1 if plain else 10)
        upper = np.full(len(reduced.weight), high)
        if plain:
            row_start, candidate = reduced.matrix[3], reduced.matrix[4]
            filled = np.diff(row_start) > 0
            upper[filled] = np.minimum.reduceat(reduced.cost[candidate], row_start[:-1][filled])
        if price is not None:
            free = ~reduced.must_serve
            upper[free] = np.minimum(upper, price * reduced.weight / reduced.needed)[free]
        relaxation = Relaxation(
            matrix=reduced.matrix, cost=reduced.cost, needed=reduced.needed.astype(float), upper=upper,
            use=np.zeros(sites), budget=1.0,
        )  # fmt: skip
        return with_group_rows(relaxation, reduced.group, upper=10 * float(reduced.cost.max()))

    def partial_lower_bound(self, iterations: int) -> float:
        """Return the best bound over prices of unserved weight: value(price) − price · weight allowed unserved."""
        reduced, watch = self.reduced, self.watch
        allowed = float(reduced.weight.sum()) - float(self.plain_target or 0.0)
        low, high, best = 0.0, np.inf, 0.0
        price = float(reduced.cost.sum()) / max(float(reduced.weight.sum()), 1e-12)
        warm: Bound | None = None
        for _ in range(PRICE_ROUNDS):
            bound = solve_relaxation(
                self.relaxation(price), iterations=max(iterations // PRICE_ROUNDS, 200), deadline=watch.deadline,
                warm=warm,
            )  # fmt: skip
            best = max(best, bound.value - price * allowed)
            if bound.cut:
                watch.cut = True
                break
            start, demand, share, *_ = reduced.matrix
            covered = np.bincount(
                demand, np.repeat(bound.fraction, np.diff(start)) * share, len(reduced.weight)
            )
            unserved = float(reduced.weight @ np.maximum(0, 1 - covered / reduced.needed))
            low, high = (price, high) if unserved > allowed else (low, price)
            price = price * 4 if np.isinf(high) else (price / 4 if low == 0 else float(np.sqrt(low * high)))
            warm = bound
        return best

    def greedy_state(self, part: ReducedProblem, number: int, weight: np.ndarray) -> State:
        """Return the memory of a search that begins with the greedy answer; the seed and the number decide its chance."""
        first = 0.5 if self.full else 0.3
        state = new_state(
            part.matrix,
            weight,
            seed=self.watch.limits.seed * 1000 + number,
            groups=int(part.group.max(initial=-1)) + 1,
        )
        first_scores(part.matrix, part.needed, state, first, False)
        choose_greedily(
            part.matrix, part.needed, part.cost, part.group, state, np.inf, True, first, False, self.target
        )
        return state

    def search_full(self, part: ReducedProblem, number: int, steps: int) -> tuple[float, np.ndarray]:
        """Run once over ``part``; returns the cost (infinite when nothing was found) and flags over all candidates."""
        flags = np.isin(self.reduced.sites, part.chosen)
        if not len(part.weight):
            return float(self.reduced.cost[flags].sum()), flags
        state = self.greedy_state(part, number, np.ones(len(part.weight)))
        scale = min(1.0, part.pairs / 50_000, max(0.25, PAIRS_AT_FULL_STEPS / part.pairs))
        steps = int(max(steps * scale, 2000) * self.watch.limits.effort)
        for begin in range(0, steps, CHUNK_STEPS):
            if begin and self.watch.is_over():
                break
            span = (begin, min(begin + CHUNK_STEPS, steps))
            search_cover(part.matrix, part.needed, part.cost, part.group, state, span, self.saving)
        found = bool(np.isfinite(state[17][2]))
        flags |= np.isin(self.reduced.sites, part.sites[state[8] if found else state[0]])
        return (float(self.reduced.cost[flags].sum()) if found else np.inf), flags

    def search_target(self, number: int, steps: int) -> tuple[float, np.ndarray]:
        """Lower the budget below the best cost whenever the target is met; cool anew when it is not."""
        reduced, watch = self.reduced, self.watch
        state = self.greedy_state(reduced, number, self.weight)
        steps = int(steps * watch.limits.effort)
        covered = float(self.weight @ (state[1] >= reduced.needed))
        if covered < self.target - 1e-7:
            return np.inf, state[0].copy()
        best, flags = float(reduced.cost[state[0]].sum()), state[0].copy()
        count = max(int(state[0].sum()), 1)
        typical = float(reduced.weight.sum()) / count
        steps_left, rounds = steps // 5, int(np.clip(300 * count, 1000, 20_000))
        while steps_left > 0 and best > self.saving and not watch.is_over():
            budget = best - self.saving + 1e-9
            state[17][2] = -np.inf
            plan = (budget, 0.015 * typical, 0.003 * typical, 0.0, self.target, 0.3, 0.0)
            met = False
            for begin in range(0, rounds, CHUNK_STEPS):
                span = (begin, min(begin + CHUNK_STEPS, rounds), rounds)
                met = anneal(
                    reduced.matrix, reduced.needed, reduced.cost, reduced.group, state, plan, span
                )  # fmt: skip
                steps_left -= CHUNK_STEPS
                if met or watch.is_over():
                    break
            if met:
                best, flags = float(reduced.cost[state[8]].sum()), state[8].copy()
        return best, flags

    def merge(self) -> None:
        """Ask for the best choice among the candidates that the runs chose."""
        if self.watch.is_over() or not self.elites:
            return
        kept = np.zeros(len(self.reduced.sites), bool)
        for _, flags in sorted(self.elites, key=lambda elite: elite[0]):
            if (kept | flags).sum() > MERGED_CANDIDATES and kept.any():
                break
            kept |= flags
        self.ask(kept, nodes=150)

    def ask(self, kept: np.ndarray, *, nodes: int) -> float:
        part = keep_sites(self.reduced, kept)
        question = Question(part, part.cost, part.must_serve, target=self.plain_target)
        start = self.best[1][kept] if self.found else None
        answer = solve_core(question, time_limit_s=self.watch.left, nodes=nodes, start=start)
        self.watch.is_over()
        if answer.chosen is not None:
            flags = np.zeros(len(kept), bool)
            flags[np.flatnonzero(kept)[answer.chosen]] = True
            self.elites.append((float(self.reduced.cost[flags].sum()), flags))
        self.is_infeasible = answer.infeasible and bool(kept.all())
        return answer.bound if np.isfinite(answer.bound) else 0.0


def fewest_sites(problem: SitingProblem) -> SitingProblem:
    """Return the problem with every cost 1, so that the cheapest choice is the one of fewest sites."""
    return replace(problem, cost=np.ones(len(problem.cost)))
