"""The search of maximal covering over one reduced problem: bound, cooling runs, merging of what they found, exact end."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from hatangso.siting.annealing import (
    COLD,
    LONG_MERGING,
    MERGING,
    QUICK,
    SLOW_COLD,
    SLOW_MERGING,
    WARM,
    Cooling,
    Pace,
    cool,
    is_plain,
)
from hatangso.siting.answers import Stopwatch
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
from hatangso.siting.reductions import ReducedProblem, keep_sites

# cooling runs beside the linear bound, then on each island, and islands: large problems, others, slow or small ones
LARGE, USUAL, LITTLE = (2, 6, 3), (2, 4, 1), (2, 2, 1)
LARGE_PAIRS, SMALL_PAIRS = 200_000, 40_000
# merged by cooling: how many of the best choices; by HiGHS: the first of these that leaves few enough pairs
MERGED_COOLING, MERGED_EXACTLY = 8, (16, 11, 8, 6, 4, 3, 2)
EXACT_PAIRS, EXACT_NODES = 4500, 200
MERGING_RUNS, WARM_RUNS = 4, 2
MOST_ROUNDS, LARGE_ROUNDS, SLOW_ROUNDS, VAIN_ROUNDS = 7, 4, 3, 3
KEPT = 32
FIRST_PART = 0.15
POOL_WIDTH = 3.0
LEAST_POOL, MOST_POOL, SLOW_POOL = 7, 32, 24
SITES_PER_BLOCK = 1.5


@dataclass
class _Elite:
    value: float
    chosen: np.ndarray


class MaximalSearch:
    """One search. ``elites`` are the best choices found, the best first, as flags over the reduced candidates."""

    def __init__(self, reduced: ReducedProblem, room: float, partial: bool, watch: Stopwatch) -> None:
        self.reduced, self.room, self.partial, self.watch = reduced, room, partial, watch
        heavy = float(reduced.weight.sum()) + 1.0
        self.weight = reduced.weight + heavy * reduced.must_serve
        self.elites: list[_Elite] = []
        self.runs = 0
        self.notes: tuple[str, ...] = ()

    def run(self, start: np.ndarray | None) -> tuple[np.ndarray, float]:
        """Return the chosen flags over the reduced candidates and the upper bound of the served weight.

        ``start``: flags of candidates that serve all must-serve demand, or None.
        """
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
            self.cool_side_by_side(pool, self.part_of(everything), QUICK, [start])
            watch.limits.advance(10)
            bound = bounding.result()
            upper = self.upper_of(bound)
            if not self.is_proven(upper):
                better = pool.submit(
                    solve_relaxation, relaxation, iterations=iterations - int(FIRST_PART * iterations),
                    deadline=watch.deadline, warm=bound,
                )  # fmt: skip
                early = self.part_of(self.promising(bound, start))
                beside, runs, islands = self.effort(early)
                self.cool_side_by_side(pool, early, self.cold, [start] * beside)
                bound = better.result()
                upper = min(upper, self.upper_of(bound))
                watch.limits.advance(10)
                part = self.part_of(self.promising(bound, start))
                self.settle_islands(pool, part, start, (runs, islands))
                self.go_on_from_best(pool, part, upper)
                unmerged = part.pairs > LARGE_PAIRS and not self.partial
                if unmerged and not self.is_proven(upper) and not watch.is_over():
                    self.join([self.merge_exactly(self.elites)])
            watch.cut = watch.cut or bound.cut
        upper = min(upper, self.whole_upper(bound, upper))
        if not self.partial and reduced.pairs <= SMALL_PAIRS and not self.is_proven(upper):
            upper = min(upper, self.finish_exactly())
        return self.best.chosen, upper

    def whole_upper(self, bound: Bound, upper: float) -> float:
        """Return the bound of blocks in whole sites where the linear one is not enough and blocks can be cut."""
        reduced = self.reduced
        if not self.plain or np.any(reduced.group >= 0):
            return upper
        if reduced.pairs <= SMALL_PAIRS or self.is_proven(upper) or self.watch.is_over():
            return upper
        money = (least_choice(bound.reduced_cost, reduced.cost, self.room)[1], self.room)
        rules = Blocks(deadline=self.watch.deadline, gap=upper - self.plain_value)
        used = int((bound.fraction > USED).sum())
        if float(bound.fraction.sum()) * rules.size < SITES_PER_BLOCK * used:
            return upper
        better, cut = block_bound(
            reduced, prices=bound.price, fraction=bound.fraction, money=money, rules=rules
        )
        self.watch.cut = self.watch.cut or cut
        return better

    @property
    def plain(self) -> bool:
        """Whether every demand needs one cover and shares count in full; steps are quick then."""
        return is_plain(self.reduced, self.partial)

    @property
    def cold(self) -> Pace:
        """The pace of runs from the greedy start."""
        return COLD if self.plain else SLOW_COLD

    @property
    def best(self) -> _Elite:
        return self.elites[0]

    @property
    def plain_value(self) -> float:
        """The best value without what is heavy."""
        return self.best.value - self.heavy

    @property
    def heavy(self) -> float:
        return float((self.weight - self.reduced.weight).sum())

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
        most = MOST_POOL if self.plain else SLOW_POOL
        count = int(np.clip(wide, max(400, LEAST_POOL * chosen), max(400, most * chosen)))
        if count >= len(gain):
            return np.arange(len(gain))
        kept = np.zeros(len(gain), bool)
        kept[np.argsort(-gain, kind="stable")[:count]] = True
        return np.flatnonzero(kept | self.best.chosen if start is None else kept | self.best.chosen | start)

    def effort(self, part: ReducedProblem) -> tuple[int, int, int]:
        """Return how many cooling runs there are beside the linear bound, on each island, and islands."""
        if not self.plain or self.reduced.pairs <= SMALL_PAIRS:
            return LITTLE
        return LARGE if part.pairs > LARGE_PAIRS else USUAL

    def settle_islands(
        self,
        pool: ThreadPoolExecutor,
        part: ReducedProblem,
        start: np.ndarray | None,
        effort: tuple[int, int],
    ) -> None:
        """Cool some times and merge that and what there was; begin again without what was found; the best of all stay."""
        runs, islands = effort
        begun, found = self.elites, list[_Elite]()
        for island in range(islands):
            self.elites = begun
            cold = self.cool_side_by_side(pool, part, self.cold, [start] * runs)
            self.merge(pool, cold if island else [*cold, *begun], LONG_MERGING)
            found += self.elites
            self.watch.limits.advance(40 / islands)
        self.elites = []
        self.join(found)

    def go_on_from_best(self, pool: ThreadPoolExecutor, part: ReducedProblem, upper: float) -> None:
        """Merge the best choices, warm the best ones a little, and again; until it was in vain some times.

        Beside the warm runs more choices are merged exactly, but for large problems: there it makes them alike too early.
        """
        vain, fresh = 0, list[_Elite]()
        large = part.pairs > LARGE_PAIRS
        rounds = (LARGE_ROUNDS if large else MOST_ROUNDS) if self.plain else SLOW_ROUNDS
        for _ in range(rounds):
            known = self.best.value
            self.merge(pool, [*self.elites[:MERGED_COOLING], *fresh], MERGING)
            if self.is_proven(upper) or self.watch.is_over():
                return
            wide = np.union1d(np.searchsorted(self.reduced.sites, part.sites), self.sites_of(self.elites))
            starts: list[np.ndarray | None] = [elite.chosen for elite in self.elites[:WARM_RUNS]]
            exact = None if self.partial or large else pool.submit(self.merge_exactly, self.elites)
            fresh = self.cool_side_by_side(pool, self.part_of(wide), WARM, starts)
            if exact is not None:
                self.join([exact.result()])
            vain = 0 if self.best.value > known else vain + 1
            if vain == VAIN_ROUNDS or self.is_proven(upper) or self.watch.is_over():
                return

    def merge(self, pool: ThreadPoolExecutor, elites: list[_Elite], pace: Pace) -> None:
        """Find the best choice among the candidates that at least one of these chooses: by cooling unless HiGHS can."""
        if self.watch.is_over():
            return
        part = self.part_of(self.sites_of(elites))
        if not self.partial and part.pairs <= EXACT_PAIRS:
            self.join([self.merge_exactly(elites)])
        else:
            self.cool_side_by_side(pool, part, pace if self.plain else SLOW_MERGING, [None] * MERGING_RUNS)

    def merge_exactly(self, elites: list[_Elite]) -> _Elite:
        """Return the best choice among the candidates of as many of these as HiGHS can settle quickly."""
        best = max(elites, key=lambda elite: elite.value)
        for most in sorted({len(elites), *MERGED_EXACTLY}, reverse=True):
            part = self.part_of(self.sites_of(elites[:most]))
            if part.pairs <= EXACT_PAIRS:
                break
        if not 0 < part.pairs <= EXACT_PAIRS:
            return best
        sites = np.searchsorted(self.reduced.sites, part.sites)
        question = Question(part, part.cost, part.must_serve, budget=self.room)
        answer = solve_core(
            question, time_limit_s=self.watch.left, nodes=EXACT_NODES, start=best.chosen[sites]
        )
        if answer.chosen is None:
            return best
        flags = np.zeros(len(self.reduced.sites), bool)
        flags[sites[answer.chosen]] = True
        return _Elite(self.worth(flags), flags)

    def sites_of(self, elites: Iterable[_Elite]) -> np.ndarray:
        """Return the candidates that at least one of these chooses."""
        return np.flatnonzero(np.any([elite.chosen for elite in elites], axis=0))

    def part_of(self, sites: np.ndarray) -> ReducedProblem:
        """Return the problem among these candidates, must-serve rows with their heavy weight."""
        kept = np.zeros(len(self.reduced.sites), bool)
        kept[sites] = True
        heavy = replace(self.reduced, weight=self.weight)
        return heavy if kept.all() else keep_sites(heavy, kept)

    def cool_side_by_side(
        self, pool: ThreadPoolExecutor, part: ReducedProblem, pace: Pace, starts: list[np.ndarray | None]
    ) -> list[_Elite]:
        """Cool once from each start among the candidates of ``part``; what is found joins the elites."""
        if not len(part.sites):
            return []
        number, self.runs = self.runs, self.runs + len(starts)
        known = (self.best.value, int(self.best.chosen.sum())) if self.elites else None
        runs = [
            pool.submit(self.cool_once, part, pace, number + place, known, start)
            for place, start in enumerate(starts)
        ]
        found = [run.result() for run in runs]
        self.join(found)
        return found

    def join(self, found: list[_Elite]) -> None:
        """Take what is new among the elites."""
        every = list(self.elites)
        for one in found:
            if not any(
                one.value == other.value and np.array_equal(one.chosen, other.chosen) for other in every
            ):
                every.append(one)
        self.elites = sorted(every, key=lambda elite: -elite.value)[:KEPT]

    def cool_once(
        self, part: ReducedProblem, pace: Pace, number: int, known: tuple[float, int] | None,
        start: np.ndarray | None,
    ) -> _Elite:  # fmt: skip
        """Cool once over some of the candidates; the run's number and the seed decide the chance.

        When the time is over, the best choice known comes back at once.
        """
        if self.elites and self.watch.is_over():
            return self.best
        sites = np.searchsorted(self.reduced.sites, part.sites)
        limits = self.watch.limits
        rules = Cooling(
            room=self.room, seed=limits.seed * 1000 + number, partial=self.partial, pace=pace, heavy=self.heavy,
            start=None if start is None else start[sites], effort=limits.effort, known=known,
        )  # fmt: skip
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
            self.elites.insert(0, _Elite(self.worth(answer.chosen), answer.chosen))
            self.elites.sort(key=lambda elite: -elite.value)
        return answer.bound

    def worth(self, flags: np.ndarray) -> float:
        site = np.repeat(np.arange(len(flags)), np.diff(self.reduced.matrix[0]))
        covers = np.bincount(self.reduced.matrix[1][flags[site]], minlength=len(self.weight))
        return float(self.weight @ (covers >= self.reduced.needed))
