"""Maximal covering: serve the most weight within a budget of money or a number of sites."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from hatangso.errors import InfeasibleError, InputError
from hatangso.siting.annealing import Cooling, cool, cooling_steps, work_per_step
from hatangso.siting.answers import (
    Stopwatch,
    make_answer,
    possible_covers,
    refuse_uncovered,
    round_bound,
    served_shares,
)
from hatangso.siting.blocks import USED, Blocks, block_bound
from hatangso.siting.bounds import (
    Bound,
    Relaxation,
    default_iterations,
    least_choice,
    solve_relaxation,
    with_group_rows,
)
from hatangso.siting.exact import Question, solve_core
from hatangso.siting.partial_bound import partial_relaxation, tightened
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem
from hatangso.siting.reductions import ReducedProblem, keep_sites, reduce_problem
from hatangso.siting.set_cover import set_cover
from hatangso.siting.splicing import splice

RUNS, SPLICED = 4, 16
LEAST_PAIRS, MOST_PAIRS, VAIN_PAIRS = 3, 10, 4
WORK_OF_PAIRS, MATRIX_OF_PAIR = 1.35e10, 20_000
FIRST_PART = 0.15
POOL_WIDTH = 3.0
LEAST_POOL, MOST_POOL = 7, 24
SITES_PER_BLOCK = 1.5
SMALL_PAIRS = 40_000


def maximal_covering(
    problem: SitingProblem,
    *,
    budget: float | None = None,
    sites: int | None = None,
    limits: SearchLimits | None = None,
) -> SitingAnswer:
    """Choose what serves the most weight.

    Give ``budget`` (money, fixed sites included) or ``sites`` (how many, fixed ones included). A demand that needs
    two covers counts when two chosen candidates serve it; with shares below 1 it counts with 1 − Π(1 − share), the
    chance that at least one serves it. The bound is that of the linear relaxation.

    Returns
    -------
    SitingAnswer, ``value`` = served weight, ``bound`` ≥ any served weight possible

    Raises
    ------
    InfeasibleError
        when the fixed sites alone cost more than the budget, or must-serve demand cannot be served within it.

    Source: Church and ReVelle 1974 (model); docs/methods/siting.md.
    """
    watch = Stopwatch(limits or SearchLimits())
    price = _priced(problem, budget, sites)
    room = _room_after_fixed(problem, price, budget if budget is not None else float(sites or 0))
    partial = problem.is_partial
    if partial and np.any(problem.needed > 1):
        raise InputError("needed = 2 cùng với share dưới 1", found="cả hai", expected="chỉ một trong hai")
    refuse_uncovered(problem, problem.must_serve, possible_covers(problem))
    counted = replace(problem, cost=price, share=np.where(problem.share < 1, problem.share, 1.0))
    reduced = reduce_problem(counted, every_demand=False, whole_service=not partial)
    start = _must_start(counted, reduced, room, watch)
    search = _MaximalSearch(reduced, room, partial, watch)
    chosen, upper = search.run(start)
    flags = np.zeros(len(problem.cost), bool)
    flags[reduced.chosen] = True
    flags[reduced.sites[chosen]] = True
    served = served_shares(problem, flags, whole_service=not partial)
    value = float(problem.weight @ served)
    bound = min(upper + reduced.settled_weight, problem.total_weight)
    if not partial:
        bound = round_bound(bound, problem.weight, up=False)
    return make_answer(
        problem, flags, value=value, bound=max(bound, value), watch=watch, served=served,
        notes=search.notes,
    )  # fmt: skip


def _priced(problem: SitingProblem, budget: float | None, sites: int | None) -> np.ndarray:
    if (budget is None) == (sites is None):
        raise InputError(
            "Ngân sách", found="cả budget lẫn sites, hoặc không có gì", expected="đúng một trong hai"
        )
    limit = budget if budget is not None else sites
    if limit is None or not np.isfinite(limit) or limit < 0:
        raise InputError("Ngân sách", found=str(limit), expected="số không âm")
    if sites is not None and sites < 1:
        raise InputError("Số vị trí", found=str(sites), expected="số nguyên từ 1")
    return problem.cost if budget is not None else np.ones(len(problem.cost))


def _room_after_fixed(problem: SitingProblem, price: np.ndarray, limit: float) -> float:
    room = limit - float(price[problem.fixed].sum())
    if room < -1e-9 * max(1.0, limit):
        reasons = [
            f"vị trí '{problem.candidate_ids[j]}': {price[j]:g}" for j in np.flatnonzero(problem.fixed)
        ]
        raise InfeasibleError(
            f"Ngân sách {limit:g} nhỏ hơn tổng {limit - room:g} của các vị trí bắt buộc. "
            "Tăng ngân sách hoặc bỏ bớt vị trí bắt buộc.",
            reasons,
        )
    return max(room, 0.0)


def _must_start(
    problem: SitingProblem, reduced: ReducedProblem, room: float, watch: Stopwatch
) -> np.ndarray | None:
    """Return flags of candidates that serve all must-serve rows within the room; None when there are none."""
    if not np.any(reduced.must_serve):
        return None
    rows = reduced.must_serve
    site = np.repeat(np.arange(len(reduced.sites)), np.diff(reduced.matrix[0]))
    keep = rows[reduced.matrix[1]]
    start = np.concatenate([[0], np.cumsum(np.bincount(site[keep], minlength=len(reduced.sites)))])
    names = tuple(problem.candidate_ids[j] for j in reduced.sites)
    count = int(rows.sum())
    sub = SitingProblem(
        candidate_ids=names, demand_ids=tuple(str(i) for i in range(count)), cost=reduced.cost,
        weight=np.ones(count), start=start, demand=(np.cumsum(rows) - 1)[reduced.matrix[1][keep]],
        share=np.ones(int(keep.sum())), group=reduced.group, fixed=np.zeros(len(names), bool),
        excluded=np.zeros(len(names), bool), must_serve=rows[rows], needed=reduced.needed[rows],
    )  # fmt: skip
    answer = set_cover(
        sub, limits=replace(watch.limits, time_limit_s=max(0.5, watch.left / 3), progress=None)
    )
    if answer.value > room + 1e-9:
        proven = answer.bound > room + 1e-9
        names_of = [f"điểm '{problem.demand_ids[i]}'" for i in np.flatnonzero(problem.must_serve)]
        raise InfeasibleError(
            f"Phục vụ hết các điểm bắt buộc cần ít nhất {answer.bound:g}, tốt nhất đã tìm thấy {answer.value:g}, "
            f"còn lại {room:g}" + ("." if proven else " (chưa chứng minh là không thể)."),
            names_of,
        )
    return np.isin(names, answer.chosen)


@dataclass
class _Elite:
    value: float
    chosen: np.ndarray


class _MaximalSearch:
    """The search over one reduced problem: bound, cooling runs, splicing of what they found, exact end."""

    def __init__(self, reduced: ReducedProblem, room: float, partial: bool, watch: Stopwatch) -> None:
        self.reduced, self.room, self.partial, self.watch = reduced, room, partial, watch
        heavy = float(reduced.weight.sum()) + 1.0
        self.weight = reduced.weight + heavy * reduced.must_serve
        self.elites: list[_Elite] = []
        self.notes: tuple[str, ...] = ()

    def run(self, start: np.ndarray | None) -> tuple[np.ndarray, float]:
        """Return the chosen flags over the reduced candidates and the upper bound of the served weight."""
        reduced, watch = self.reduced, self.watch
        everything = np.arange(len(reduced.sites))
        if not len(everything) or not len(reduced.weight):
            return np.zeros(len(everything), bool), 0.0
        with ThreadPoolExecutor(2) as pool:
            relaxation = self.relaxation()
            iterations = default_iterations(len(relaxation.matrix[1]), watch.limits.effort)
            bounding = pool.submit(
                solve_relaxation, relaxation, iterations=int(FIRST_PART * iterations), deadline=watch.deadline
            )
            self.elites.append(self.cool_once(self.part_of(everything), 0, start))
            watch.limits.advance(10)
            bound = bounding.result()
            upper = self.upper_of(bound)
            if not self.is_proven(upper):
                better = pool.submit(
                    solve_relaxation, relaxation, iterations=iterations - int(FIRST_PART * iterations),
                    deadline=watch.deadline, warm=bound,
                )  # fmt: skip
                part = self.part_of(self.promising(bound, start))
                self.cool_and_splice(pool, part, start, range(1, RUNS + 1))
                bound = better.result()
                upper = min(upper, self.upper_of(bound))
                self.go_on_from_best(pool, self.promising(bound, start), upper)
            watch.cut = watch.cut or bound.cut
        upper = min(upper, self.whole_upper(bound, upper))
        if not self.partial and reduced.pairs <= SMALL_PAIRS and not self.is_proven(upper):
            upper = min(upper, self.finish_exactly())
        return self.best.chosen, upper

    def whole_upper(self, bound: Bound, upper: float) -> float:
        """Return the bound of blocks in whole sites where the linear one is not enough and blocks can be cut."""
        reduced = self.reduced
        plain = not self.partial and np.all(reduced.needed <= 1) and np.all(reduced.group < 0)
        if not plain or reduced.pairs <= SMALL_PAIRS or self.is_proven(upper) or self.watch.is_over():
            return upper
        value = self.plain_value
        money = (least_choice(bound.reduced_cost, reduced.cost, self.room)[1], self.room)
        rules = Blocks(deadline=self.watch.deadline, gap=upper - value)
        used = int((bound.fraction > USED).sum())
        if float(bound.fraction.sum()) * rules.size < SITES_PER_BLOCK * used:
            return upper
        better, cut = block_bound(
            reduced, prices=bound.price, fraction=bound.fraction, money=money, rules=rules
        )
        self.watch.cut = self.watch.cut or cut
        return better

    @property
    def best(self) -> _Elite:
        return max(self.elites, key=lambda elite: elite.value)

    @property
    def plain_value(self) -> float:
        """The best value without what is heavy."""
        return self.best.value - float((self.weight - self.reduced.weight).sum())

    def is_proven(self, upper: float) -> bool:
        whole = bool(np.all(self.reduced.weight == np.round(self.reduced.weight))) and not self.partial
        return self.plain_value >= upper - (1 - 1e-6 if whole else 1e-6)

    def upper_of(self, bound: Bound) -> float:
        """Return the most weight that the relaxation leaves possible."""
        if self.partial:
            return tightened(self.reduced, bound)
        return float(self.reduced.weight.sum()) - bound.value

    def relaxation(self) -> Relaxation:
        reduced = self.reduced
        total = float(reduced.weight.sum())
        if self.partial:
            return with_group_rows(partial_relaxation(reduced, self.room), reduced.group, upper=total)
        upper = np.where(reduced.must_serve, total + 1, reduced.weight / reduced.needed)
        plain = Relaxation(
            matrix=reduced.matrix, cost=np.zeros(len(reduced.sites)), needed=reduced.needed.astype(float),
            upper=upper, use=reduced.cost, budget=self.room,
        )  # fmt: skip
        return with_group_rows(plain, reduced.group, upper=total)

    def promising(self, bound: Bound, start: np.ndarray | None) -> np.ndarray:
        """Return the candidates worth trying: those that gain most at the bound's prices, and the best answer's.

        The farther the bound is from the best value, the less its prices tell, and the more candidates stay.
        """
        money = least_choice(bound.reduced_cost, self.reduced.cost, self.room)[1]
        gain = -bound.reduced_cost - money * self.reduced.cost
        chosen = max(int(self.best.chosen.sum()), 1)
        open_gap = self.upper_of(bound) - self.plain_value
        wide = int((gain >= -POOL_WIDTH * open_gap / chosen).sum())
        count = int(np.clip(wide, max(400, LEAST_POOL * chosen), max(400, MOST_POOL * chosen)))
        if count >= len(gain):
            return np.arange(len(gain))
        kept = np.zeros(len(gain), bool)
        kept[np.argsort(-gain, kind="stable")[:count]] = True
        return np.flatnonzero(kept | self.best.chosen if start is None else kept | self.best.chosen | start)

    def cool_and_splice(
        self, pool: ThreadPoolExecutor, part: ReducedProblem, start: np.ndarray | None, numbers: range
    ) -> None:
        """Cool so many times among these candidates, and make one answer of the best parts of all."""
        runs = [pool.submit(self.cool_once, part, number, start) for number in numbers]
        self.elites += [run.result() for run in runs]
        if self.partial:
            return
        best, *others = sorted(self.elites, key=lambda elite: -elite.value)[:SPLICED]
        for other in others:
            spliced = splice(self.reduced, best.chosen, other.chosen, weight=self.weight, room=self.room)
            best = _Elite(self.worth(spliced), spliced)
        self.elites.append(best)

    def go_on_from_best(self, pool: ThreadPoolExecutor, sites: np.ndarray, upper: float) -> None:
        """Warm the best answer a little, twice side by side, cool it and splice; until that was in vain some times."""
        chosen = np.any([elite.chosen for elite in self.elites], axis=0)
        part = self.part_of(np.union1d(sites, np.flatnonzero(chosen)))
        work = cooling_steps(part, self.rules(RUNS + 1, None)) * work_per_step(part, self.partial)
        most = min(WORK_OF_PAIRS * self.watch.limits.effort / work, part.pairs / MATRIX_OF_PAIR)
        pairs = int(np.clip(most, LEAST_PAIRS, MOST_PAIRS))
        vain = 0
        for number in range(RUNS + 1, RUNS + 1 + 2 * pairs, 2):
            if self.is_proven(upper) or self.watch.is_over() or vain == VAIN_PAIRS:
                break
            known = self.best
            self.cool_and_splice(pool, part, known.chosen, range(number, number + 2))
            vain = 0 if self.best.value > known.value else vain + 1
            self.watch.limits.advance(60 / pairs)

    def part_of(self, sites: np.ndarray) -> ReducedProblem:
        """Return the problem among these candidates, must-serve rows with their heavy weight."""
        kept = np.zeros(len(self.reduced.sites), bool)
        kept[sites] = True
        heavy = replace(self.reduced, weight=self.weight)
        return heavy if kept.all() else keep_sites(heavy, kept)

    def rules(self, number: int, start: np.ndarray | None) -> Cooling:
        """Return the rules of one run; 0 is a quick one, those over RUNS start warm."""
        limits = self.watch.limits
        return Cooling(
            room=self.room, seed=limits.seed * 1000 + number, partial=self.partial, short=number == 0,
            warm=number > RUNS, heavy=float((self.weight - self.reduced.weight).sum()), effort=limits.effort,
            start=start,
        )  # fmt: skip

    def cool_once(self, part: ReducedProblem, number: int, start: np.ndarray | None) -> _Elite:
        """Cool once over some of the candidates; the run's number and the seed decide the chance."""
        sites = np.searchsorted(self.reduced.sites, part.sites)
        rules = self.rules(number, None if start is None else start[sites])
        value, chosen = cool(part, rules, self.watch.is_over)
        flags = np.zeros(len(self.reduced.sites), bool)
        flags[sites[chosen]] = True
        return _Elite(value, flags)

    def finish_exactly(self) -> float:
        """Ask HiGHS for the best choice; return its bound."""
        question = Question(self.reduced, self.reduced.cost, self.reduced.must_serve, budget=self.room)
        answer = solve_core(question, time_limit_s=self.watch.left, nodes=20_000, start=self.best.chosen)
        self.watch.is_over()
        if answer.chosen is not None:
            self.elites.append(_Elite(self.worth(answer.chosen), answer.chosen))
        return answer.bound

    def worth(self, flags: np.ndarray) -> float:
        site = np.repeat(np.arange(len(flags)), np.diff(self.reduced.matrix[0]))
        covers = np.bincount(self.reduced.matrix[1][flags[site]], minlength=len(self.weight))
        return float(self.weight @ (covers >= self.reduced.needed))
