"""Which places are worth a cable: the tree that collects most prizes for its cost, or most within a budget.

Prize-collecting Steiner tree with a root. With a prize p(v) for each place v:
  at a subsidy:  max Σ p(v) y(v) − Σ c(e) x(e)
  in a budget:   max Σ p(v) y(v), Σ c(e) x(e) ≤ B
The bound comes from the Steiner arborescence in which every place gets a twin that is reached from the place for
nothing or from the root for its prize (what is lost); in a budget, for a price μ of money: Σ p y ≤ max(Σ p y − μ Σ c x) + μ B.
Sources: I. Ljubić et al., Math. Programming B 105 (2006); the bound at a price by `cut_prices`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hatangso.errors import InputError, ManyInputErrors
from hatangso.fibre.branches import root_tree, worthy_part
from hatangso.fibre.cut_prices import CutPrices
from hatangso.fibre.exact import CutModel
from hatangso.fibre.exchange import exchange_paths
from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.paths import cheapest_ways, way_to
from hatangso.fibre.steiner import Effort
from hatangso.fibre.trees import insert_vertices, shortest_path_tree

MOST_EXACT_EDGES = 3000
MOST_EXACT_PLACES = 300
PRICES = 14
RAISED = 40  # rounds by which the bound is raised at the last price


@dataclass(frozen=True)
class PrizeProblem:
    """A graph, the root (source of fibre), prizes of the nodes, float64 (n,), and the budget in the graph's costs.

    Without a budget prizes are in the unit of the costs; with one they may be anything, such as households.
    """

    graph: Graph
    root: int
    prizes: np.ndarray
    budget: float | None = None

    def __post_init__(self) -> None:
        prizes = np.asarray(self.prizes, np.float64)
        if not 0 <= self.root < self.graph.nodes or len(prizes) != self.graph.nodes:
            raise InputError("Bài toán chọn thôn", expected="gốc và giá trị của mọi nút trong mạng")
        wrong = np.flatnonzero(~np.isfinite(prizes) | (prizes < 0))
        if len(wrong):
            raise ManyInputErrors(
                [
                    InputError(f"Nút {node}", found=f"giá trị {prizes[node]:g}", expected="số không âm")
                    for node in wrong[:50]
                ]
            )
        if self.budget is not None and not (np.isfinite(self.budget) and self.budget >= 0):
            raise InputError("Ngân sách", found=f"{self.budget:g}", expected="số không âm")


@dataclass(frozen=True)
class PrizeTree:
    """A tree with the root and how good it is.

    edges : int64; chosen : int64, nodes with a prize that are joined; cost, prize : their sums
    value : prize − cost, or prize when there is a budget; bound : no tree has more
    """

    edges: np.ndarray
    chosen: np.ndarray
    cost: float
    prize: float
    value: float
    bound: float
    seconds: float
    seed: int

    @property
    def gap(self) -> float:
        """(bound − value) / bound, 0 when the value is proven."""
        return 0.0 if self.bound <= self.value * (1 + 1e-9) + 1e-9 else (self.bound - self.value) / self.bound


def budget_bound(problem: PrizeProblem, arc_cost: np.ndarray) -> float:
    """Bound the prizes of a budget when an arc costs ``arc_cost`` (float64 (2m,), used away from the root).

    The price of money at which the bound is least is sought twice around the best of ten, then the bound raised there.
    """
    distance, _ = cheapest_ways(problem.graph, np.array([problem.root]), length=arc_cost)
    reached = np.isfinite(distance)
    reached[problem.root] = False
    prizes = np.where(reached, problem.prizes, 0.0)
    given, budget = float(problem.prizes[problem.root]), float(problem.budget or 0.0)
    places = np.flatnonzero(prizes > 0)
    best = float(prizes.sum())
    if len(places) == 0 or budget <= 0:
        return given + best
    twins = _Twins(problem.graph, problem.root, places, arc_cost=arc_cost)
    low, high = 0.01 * best / budget, 100.0 * best / budget
    for _ in range(2):
        prices = np.geomspace(low, high, 10)
        bounds = [twins.most(prizes, float(price), rounds=0) + price * budget for price in prices]
        least = int(np.argmin(bounds))
        low, high = prices[max(least - 1, 0)], prices[min(least + 1, 9)]
    price = float(prices[least])
    raised = twins.most(prizes, price, rounds=RAISED) + price * budget
    return given + min(best, bounds[least], raised)


def prize_tree(
    problem: PrizeProblem, *, effort: Effort | None = None, clock: Callable[[], float] = time.monotonic
) -> PrizeTree:
    """Find the places worth joining to the root and the tree that joins them.

    Nodes the root cannot reach are left out. The same seed gives the same answer when time is not what ends it.
    """
    effort = effort or Effort()
    started = clock()
    search = _Search(problem, effort, lambda: clock() - started)
    search.run()
    edges = np.flatnonzero(search.best)
    joined = search.joined(search.best)
    cost, prize = float(problem.graph.cost[edges].sum()), float(problem.prizes[joined].sum())
    value = prize if problem.budget is not None else prize - cost
    bound = max(value, search.upper)
    chosen = np.flatnonzero(joined & (problem.prizes > 0))
    return PrizeTree(edges, chosen, cost, prize, value, bound, clock() - started, effort.seed)


class _Search:
    def __init__(self, problem: PrizeProblem, effort: Effort, elapsed: Callable[[], float]) -> None:
        self.problem, self.effort, self.elapsed = problem, effort, elapsed
        self.graph, self.root = problem.graph, problem.root
        distance, _ = cheapest_ways(self.graph, np.array([problem.root]))
        self.prizes = np.where(np.isfinite(distance), problem.prizes, 0.0)
        self.prizes[problem.root] = 0.0
        self.places = np.flatnonzero(self.prizes > 0)
        self.given = float(problem.prizes[problem.root])
        self.generator = np.random.default_rng(effort.seed)
        self.best = np.zeros(self.graph.edges, np.bool_)
        self.best_value = self.value(self.best)
        self.upper = self.given + float(self.prizes.sum())
        self.price = 1.0
        self.twins = _Twins(self.graph, self.root, self.places)

    def run(self) -> None:
        if len(self.places) == 0:
            return
        if self.problem.budget is None:
            self._bound(1.0)
            self._offer(self.grow(self.places, 1.0))
            self._bound(1.0, rounds=RAISED)
        else:
            self._prices()
            self._bound(self.price, rounds=RAISED)
        exact = self.graph.edges <= MOST_EXACT_EDGES and len(self.places) <= MOST_EXACT_PLACES
        for number in range(self.effort.rounds):
            if self.done():
                return
            if exact and number == 12:
                self._prove()
                return
            self._vary()

    def done(self) -> bool:
        missing = self.upper - self.best_value
        return missing <= 1e-9 + self.effort.gap * abs(self.upper) or self._late()

    def joined(self, tree: np.ndarray) -> np.ndarray:
        """Nodes of the tree and the root, bool (n,)."""
        inside = np.zeros(self.graph.nodes, np.bool_)
        inside[self.root] = True
        inside[self.graph.tail[tree]] = inside[self.graph.head[tree]] = True
        return inside

    def value(self, tree: np.ndarray) -> float:
        cost = float(self.graph.cost[tree].sum())
        prize = self.given + float(self.prizes[self.joined(tree)].sum())
        if self.problem.budget is None:
            return prize - cost
        return prize if cost <= self.problem.budget + 1e-9 else -np.inf

    def grow(self, places: np.ndarray, price: float) -> np.ndarray:
        """Join places cheaply, cut off what is not worth it at a price of money, take in what is."""
        if len(places) == 0:
            return np.zeros(self.graph.edges, np.bool_)
        prizes = self.prizes / price
        tree = self._join(places)
        for _ in range(6):
            tree = worthy_part(self.graph, tree, self.root, prizes=prizes)
            tree, more = self._take_in(tree, prizes)
            if not more:
                break
            kept = np.flatnonzero(self.joined(tree) & (self.prizes > 0))
            if len(kept):
                again = self._join(kept)
                tree = again if self.graph.cost[again].sum() < self.graph.cost[tree].sum() else tree
        return worthy_part(self.graph, tree, self.root, prizes=prizes)

    def _join(self, places: np.ndarray) -> np.ndarray:
        terminals = np.unique(np.append(places, self.root)).astype(np.int32)
        tree = shortest_path_tree(self.graph, terminals, self.root)
        seed = int(self.generator.integers(2**31))
        tree = insert_vertices(self.graph, tree, terminals, seed=seed)
        return exchange_paths(self.graph, tree, terminals, seed=seed, rounds=4)

    def _take_in(self, tree: np.ndarray, prizes: np.ndarray, most: float = np.inf) -> tuple[np.ndarray, bool]:
        """Add ways to places outside that bring more than they cost, in all no dearer than ``most``."""
        tree, changed = tree.copy(), False
        ratio = np.isfinite(most)
        while not self._late():
            inside = self.joined(tree)
            distance, via = cheapest_ways(self.graph, np.flatnonzero(inside))
            gain = np.where(inside | (prizes <= 0) | (distance > most), -np.inf, prizes - distance)
            if ratio:
                gain = np.where(np.isfinite(gain), prizes / np.maximum(distance, 1e-9), -np.inf)
            taken = 0
            for node in np.argsort(-gain, kind="stable")[:64]:
                if gain[node] <= 1e-9 or (ratio and taken):
                    break
                way = way_to(self.graph, via, int(node)) >> 1
                if self._touches(way, tree, inside):
                    continue  # part of it is built by now: measured anew in the next round
                tree[way] = True
                most -= distance[node]
                taken += 1
            changed |= taken > 0
            if taken == 0:
                break
        return tree, changed

    def _touches(self, way: np.ndarray, tree: np.ndarray, inside: np.ndarray) -> bool:
        """Say whether a way meets the tree elsewhere than at its start (by ways added in this round)."""
        nodes = np.unique(np.concatenate([self.graph.tail[way], self.graph.head[way]]))
        now = self.joined(tree)
        return int((now[nodes] & ~inside[nodes]).sum()) > 0

    def _offer(self, tree: np.ndarray) -> None:
        if self.problem.budget is not None:
            tree = self._fit(tree)
        value = self.value(tree)
        cheaper = value == self.best_value and self.graph.cost[tree].sum() < self.graph.cost[self.best].sum()
        if value > self.best_value or cheaper:
            self.best, self.best_value = tree, value

    def _fit(self, tree: np.ndarray) -> np.ndarray:
        """Bring a tree within the budget by cutting the poorest branches, then spend what is left."""
        budget = float(self.problem.budget or 0.0)
        tree = tree.copy()
        over = float(self.graph.cost[tree].sum()) - budget
        while over > 1e-9:
            for branch in self._end_branches(tree):
                tree[branch] = False
                over -= float(self.graph.cost[branch].sum())
                if over <= 1e-9:
                    break
        left = budget - float(self.graph.cost[tree].sum())
        return self._take_in(tree, self.prizes, left)[0]

    def _end_branches(self, tree: np.ndarray) -> list[np.ndarray]:
        """Edges of each end branch (down from the last junction or place), least prize per cost first."""
        rooted = root_tree(self.graph, tree, self.root)
        children = np.bincount(rooted.parent[rooted.order[1:]], minlength=self.graph.nodes)
        found = []
        for leaf in rooted.order[1:][children[rooted.order[1:]] == 0]:
            node, branch = int(leaf), []
            while True:
                branch.append(int(rooted.up[node]) >> 1)
                node = int(rooted.parent[node])
                if children[node] > 1 or self.prizes[node] > 0 or node == self.root:
                    break
            density = self.prizes[leaf] / max(float(self.graph.cost[branch].sum()), 1e-9)
            found.append((density, int(leaf), np.array(branch)))
        return [branch for _, _, branch in sorted(found, key=lambda item: item[:2])]

    def _vary(self) -> None:
        """Leave out some places and try some others from the best tree's."""
        chosen = self.joined(self.best)[self.places]
        change = self.generator.random(len(self.places)) < self.generator.choice([0.05, 0.15, 0.3])
        wanted = self.places[chosen ^ change]
        price = 1.0
        if self.problem.budget is not None:
            price = self.price * float(self.generator.uniform(0.6, 1.4))
        tree = self.grow(wanted, price)
        self._offer(tree)

    def _bound(self, price: float, rounds: int = 0) -> None:
        """Upper bound at a price μ of money (1 = prizes are money), raised for some rounds."""
        if rounds and self.done():
            return
        worth = self.twins.most(self.prizes, price, rounds=rounds, stop=self._late)
        if self.problem.budget is not None:
            worth += price * self.problem.budget
        self.upper = min(self.upper, self.given + worth)

    def _late(self) -> bool:
        return self.elapsed() > self.effort.time_limit_s

    def _prices(self) -> None:
        """Halve the interval of prices of money between all and nothing affordable."""
        cheapest = float(self.graph.cost[self.graph.cost > 0].min(initial=np.inf))
        high = float(self.prizes.sum()) / cheapest if np.isfinite(cheapest) else 1.0
        low = float(self.prizes[self.places].min()) / max(float(self.graph.cost.sum()), 1e-9)
        self.price = high
        for _ in range(PRICES):
            price = float(np.sqrt(low * high))
            tree = self.grow(self.places, price)
            self._offer(tree)
            self._bound(price)
            if self.graph.cost[tree].sum() > float(self.problem.budget or 0.0):
                low = price
            else:
                high = price
            self.price = price
            # Late or not, something affordable comes first: an empty answer helps nobody.
            if self.done() and (self.best_value > self.given or not self._late()):
                return

    def _prove(self) -> None:
        """Whole numbers over cuts: what is lost, at least."""
        graph, arc_cost, twins = self.twins.at(self.prizes)
        budget = self.problem.budget
        weight = arc_cost.copy()
        if budget is not None:
            weight[2 * (graph.edges - len(self.places)) :] = np.inf  # what is lost costs no money
            real = slice(0, 2 * self.graph.edges)
            arc_cost[real] = 0.0
        model = CutModel(graph, self.root, twins, arc_cost=arc_cost)
        if budget is not None:
            model.limit(weight, budget)
        total = self.given + float(self.prizes.sum())
        lost = total - self.best_value
        relaxed = model.solve(upper=lost, time_left=lambda: self.effort.time_limit_s - self.elapsed())
        self.upper = min(self.upper, total - relaxed.bound + 1e-7 * abs(total))
        if not relaxed.finished or self.done():
            return
        if relaxed.tree is None:
            relaxed = model.solve_whole(
                upper=lost + 1e-6 * max(1.0, lost),
                time_left=lambda: self.effort.time_limit_s - self.elapsed(),
            )
        if relaxed.tree is not None:
            tree = relaxed.tree[: self.graph.edges]
            tree = worthy_part(self.graph, _acyclic(self.graph, tree), self.root, prizes=self.prizes * 1e9)
            self._offer(tree)
        if relaxed.finished:
            self.upper = min(self.upper, max(self.best_value, total - relaxed.bound))


class _Twins:
    """The graph with a twin behind every place: from the place for nothing, from the root for its prize.

    ``arc_cost`` : float64 (2m,), the edges' costs both ways when omitted
    """

    def __init__(
        self, graph: Graph, root: int, places: np.ndarray, *, arc_cost: np.ndarray | None = None
    ) -> None:
        self.edges, self.places, self.root = graph.edges, places, root
        self.real_cost = np.repeat(graph.cost, 2) if arc_cost is None else arc_cost
        count = len(places)
        self.twins = np.arange(graph.nodes, graph.nodes + count, dtype=np.int32)
        tail = np.concatenate([graph.tail, places, np.full(count, root)])
        head = np.concatenate([graph.head, self.twins, self.twins])
        cost = np.concatenate([graph.cost, np.zeros(2 * count)])
        self.graph = make_graph(graph.nodes + count, tail, head, cost)

    def at(self, prizes: np.ndarray) -> tuple[Graph, np.ndarray, np.ndarray]:
        """Return the graph, its arcs' costs (infinite = closed) and the twins to be joined."""
        count = len(self.places)
        behind = np.zeros(4 * count)
        behind[1::2] = np.inf
        behind[2 * count :: 2] = prizes[self.places]
        return self.graph, np.concatenate([self.real_cost, behind]), self.twins

    def most(
        self, prizes: np.ndarray, price: float, *, rounds: int, stop: Callable[[], bool] = lambda: False
    ) -> float:
        """Return a bound of prizes − price × cost over all trees, raised for some rounds."""
        graph, arc_cost, twins = self.at(prizes / price)
        lost = CutPrices(graph, self.root, twins, arc_cost=arc_cost)
        generator = np.random.default_rng(0)
        for _ in range(rounds):
            if stop():
                break
            lost.improve(generator)
        total = float(prizes.sum())
        return total - price * lost.bound + (1e-9 * total if rounds else 0.0)  # what rounding may have added


def _acyclic(graph: Graph, edges: np.ndarray) -> np.ndarray:
    """A cheapest forest within a set of edges."""
    above = list(range(graph.nodes))

    def top(node: int) -> int:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    forest = np.zeros(graph.edges, np.bool_)
    for edge in sorted(np.flatnonzero(edges), key=lambda number: graph.cost[number]):
        left, right = top(int(graph.tail[edge])), top(int(graph.head[edge]))
        if left != right:
            above[left] = right
            forest[edge] = True
    return forest
