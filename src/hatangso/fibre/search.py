"""The search for a cheapest Steiner tree and its bound: what is tried, in which order, on a problem growing smaller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hatangso.errors import InputError
from hatangso.fibre.cut_prices import CutPrices
from hatangso.fibre.dual_ascent import arc_distances, dual_ascent
from hatangso.fibre.eliminations import eliminate
from hatangso.fibre.exact import CutModel
from hatangso.fibre.exchange import exchange_paths
from hatangso.fibre.graph import Graph, components, make_graph
from hatangso.fibre.reductions import reduce_degrees, untouched
from hatangso.fibre.trees import insert_vertices, nodes_of, shortest_path_tree, spanning_tree_of
from hatangso.fibre.windows import Window, Windows, improve_windows

POOL_SIZE = 10
MOST_EXACT_EDGES = 12_000  # the linear relaxation is solved on smaller problems only
STALLED = 4
ROUNDS_BEFORE_PROOF = 12
SWEEPS_BEFORE_PROOF = 2
BOUNDS_BETWEEN_SWEEPS = 12  # a bound costs a fraction of a sweep over the windows
PRICE_ROUNDS = 12  # between two sweeps or proofs
ROOTS = 8  # tried for the prices; that of the highest ascent is taken
LEAST_OPEN = (
    0.6  # share of the edges: when prices close more, the problem is made smaller and they begin anew
)
MOST_FIRST_ARCS = 250_000  # larger sets of first cuts slow the relaxation more than they help
MOST_VARIED_EDGES = 12_000  # a disturbed search of the whole is too dear on larger problems
MOST_LEFT = 0.985  # share of the edges of a large problem; when more is left nothing is cut away
LEAST_WINDOWED = 1000  # nodes; smaller problems are searched as a whole
WINDOW_TERMINALS = (6, 12, 20, 9, 16, 30)  # how many terminals a window holds on average, sweep by sweep


@dataclass(frozen=True)
class Effort:
    """How long to try. ``time_limit_s`` cuts; with the same seed and ``rounds`` reached, the answer is the same."""

    time_limit_s: float = 30.0
    rounds: int = 400
    gap: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.time_limit_s <= 0 or self.rounds < 1 or self.gap < 0:
            raise InputError(
                "Giới hạn tính toán", expected="thời gian lớn hơn 0, số vòng từ 1, sai lệch không âm"
            )


class Search:
    """The present smaller problem, the best tree found (in edges of the original graph) and the best bound."""

    def __init__(
        self, graph: Graph, terminals: np.ndarray, effort: Effort, elapsed: Callable[[], float]
    ) -> None:
        self.original, self.effort, self.elapsed = graph, effort, elapsed
        self.terminals = terminals
        self.thorough = True  # not so for the small problem of a window: neither windows nor prices nor proof
        self.generator = np.random.default_rng(effort.seed)
        self.whole_numbers = bool(np.all(graph.cost == np.rint(graph.cost)))
        self.best_cost, self.best_edges = np.inf, np.empty(0, np.int64)
        self.lower, self.round = 0.0, 0
        self.swept_edges = self.best_edges  # what the last sweep left, better or not
        self.pool: list[np.ndarray] = []  # good trees as original edges
        self.prices: CutPrices | None = None
        self.problem = eliminate(eliminate(reduce_degrees(untouched(graph, terminals))))

    def bound(self) -> float:
        """The proven bound: whatever was cut away, a better tree would still be there."""
        lower = np.ceil(self.lower - 1e-6) if self.whole_numbers else self.lower
        return float(min(self.best_cost, lower))

    def done(self) -> bool:
        return (
            self.best_cost <= self.bound() * (1 + self.effort.gap) + 1e-9
            or self.elapsed() > self.effort.time_limit_s
        )

    def run(self) -> None:
        """Bounds and trees in turn until proven, tried enough or out of time."""
        if self._trivial():
            return
        if not self.pool:
            self._begin()
        stalled = 0  # bounds in which little was gained
        proved_edges = np.inf  # size of the problem at the last proof that came to no end
        while not self.done() and self.round < self.effort.rounds:
            tries = BOUNDS_BETWEEN_SWEEPS if self._windowed() else 1
            while stalled < STALLED and tries > 0 and not self._priced():
                stalled = 0 if self._bound_and_cut() else stalled + 1
                tries -= 1
                if self._trivial() or self.done():
                    return
            if self._windowed() and self.round >= 1 and (stalled >= STALLED or self._priced()):
                self._raise_prices()
            if self._trivial() or self.done():
                return
            ready = stalled >= STALLED and self._ready_to_prove()
            if ready and self.problem.graph.edges < 0.7 * proved_edges and self._prove():
                proved_edges = self.problem.graph.edges
            if self._trivial() or self.done():
                return
            cost = self.best_cost
            if self._windowed():
                self._sweep()
            if self.problem.graph.edges <= MOST_VARIED_EDGES and not self.done():
                self._vary()
            if self.best_cost < cost - 1e-9:
                stalled = 0  # a better tree lets the bound cut more away
            self.round += 1

    def _ready_to_prove(self) -> bool:
        tried = self.round >= (SWEEPS_BEFORE_PROOF if self._windowed() else ROUNDS_BEFORE_PROOF)
        return self.thorough and tried and self.problem.graph.edges <= MOST_EXACT_EDGES

    def _begin(self) -> None:
        """Have a tree and a bound before time can run out."""
        tree = self._first_tree()
        self._offer(self.problem.original_edges(tree))
        bound, _ = dual_ascent(self.problem.graph, int(self.problem.terminals[0]), self.problem.terminals)
        self.lower = bound + self.problem.fixed_cost
        if not self.done():
            self._improve(tree, rounds=1 if self._windowed() else 10)

    def _trivial(self) -> bool:
        """Take the answer when nothing is left to choose."""
        if len(self.problem.terminals) > 1 and self.problem.graph.edges > 0:
            return False
        if len(self.problem.terminals) <= 1:
            self._offer(self.problem.original_edges(np.zeros(self.problem.graph.edges, np.bool_)))
        self.lower = max(self.lower, self.best_cost)
        return True

    def _offer(self, edges: np.ndarray) -> None:
        edges = self._without_circles(edges)
        cost = float(self.original.cost[edges].sum())
        if cost < self.best_cost - 1e-9:
            self.best_cost, self.best_edges = cost, edges
        self.pool.append(edges)
        if len(self.pool) > POOL_SIZE:
            worst = max(
                range(len(self.pool)), key=lambda index: float(self.original.cost[self.pool[index]].sum())
            )
            self.pool.pop(worst)

    def _without_circles(self, edges: np.ndarray) -> np.ndarray:
        """Original edges of a tree; two edges that stand for the same ones may have closed a circle."""
        marked = np.zeros(self.original.edges, np.bool_)
        marked[edges] = True
        inside = nodes_of(self.original, marked)
        if len(edges) < inside.sum():
            return edges
        chosen = Graph(
            self.original.nodes,
            self.original.tail[edges],
            self.original.head[edges],
            self.original.cost[edges],
            self.original.first,
            self.original.arcs,
        )
        return edges[spanning_tree_of(chosen, inside, self.terminals)]

    def _improve(self, tree: np.ndarray, rounds: int = 10) -> None:
        graph, terminals = self.problem.graph, self.problem.terminals
        if not tree.any():
            return
        seed = int(self.generator.integers(2**31))
        tree = insert_vertices(
            graph, spanning_tree_of(graph, nodes_of(graph, tree), terminals), terminals, seed=seed
        )
        tree = exchange_paths(graph, tree, terminals, seed=seed, rounds=rounds)
        tree = insert_vertices(graph, tree, terminals, seed=seed)
        self._offer(self.problem.original_edges(tree))

    def _first_tree(self) -> np.ndarray:
        graph, terminals = self.problem.graph, self.problem.terminals
        starts = self.generator.choice(terminals, min(4, len(terminals)), replace=False)
        trees = [shortest_path_tree(graph, terminals, int(start)) for start in starts]
        return min(trees, key=lambda tree: float(graph.cost[tree].sum()))

    def _bound_and_cut(self) -> bool:
        """Raise the bound from a random root, grow a tree over what it left for free, cut away what cannot help.

        Returns whether the bound rose or the problem shrank by enough to go on.
        """
        problem, lower = self.problem, self.lower
        graph, terminals = problem.graph, problem.terminals
        root = int(self.generator.choice(terminals))
        bound, reduced = dual_ascent(graph, root, terminals)
        self.lower = max(self.lower, bound + problem.fixed_cost)
        if not self._windowed():
            free = np.minimum(reduced[0::2], reduced[1::2]) <= 1e-9
            self._improve(
                shortest_path_tree(graph, terminals, root, length=np.where(free, graph.cost, np.inf)),
                rounds=3,
            )
        self._cut_away(root, bound, reduced)
        rise = 1e-4 * max(1.0, self.best_cost - lower)
        return self.problem.graph.edges < 0.97 * graph.edges or self.lower > lower + rise

    def _cut_away(self, root: int, bound: float, reduced: np.ndarray) -> None:
        """Drop the edges that every tree cheaper than the best must do without, for it would cost more than that."""
        problem, graph = self.problem, self.problem.graph
        from_root, to_terminal = arc_distances(graph, reduced, root, problem.terminals)
        tails = graph.ends()[np.arange(2 * graph.edges) ^ 1]
        through = bound + problem.fixed_cost + from_root[tails] + reduced + to_terminal[graph.ends()]
        margin = (1 - 1e-6) if self.whole_numbers else 1e-9 * max(1.0, self.best_cost)
        keep = np.minimum(through[0::2], through[1::2]) <= self.best_cost - margin
        if not keep.any():  # nothing cheaper is left: the best tree is proven
            self.lower = max(self.lower, self.best_cost)
            return
        self._shrink(keep)

    def _priced(self) -> bool:
        """Whether there are prices of cuts for the present problem."""
        return self.prices is not None and self.prices.graph is self.problem.graph

    def _raise_prices(self) -> CutPrices:
        """Raise the bound by prices of cuts, close edges by it, grow trees along what the prices leave; the prices."""
        graph, terminals = self.problem.graph, self.problem.terminals
        if self.prices is None or not self._priced():
            roots = self.generator.choice(terminals, min(len(terminals), ROOTS), replace=False)
            root = max(roots, key=lambda node: dual_ascent(graph, int(node), terminals)[0])
            self.prices = CutPrices(graph, int(root), terminals)
        prices = self.prices
        for number in range(1, PRICE_ROUNDS + 1):
            self._raise(prices.improve(self.generator))
            if self.done():
                return prices
            if number % 4 == 0:
                self._grow_along(prices.use)
                prices.close(self._wanted() + 1e-7 * self.best_cost)
        if prices.open_edges().mean() < LEAST_OPEN:
            self._shrink(prices.open_edges())
        return prices

    def _prove(self) -> bool:
        """Solve the cut relaxation, cut away by its reduced costs, again on what is left, at last in whole numbers.

        Returns whether it was tried: where a dual ascent raises too many large cuts the relaxation would be too slow.
        """
        model, problem = None, self.problem
        for _ in range(6):
            prices = self._raise_prices()
            if self._trivial() or self.done():
                return True
            if not self._priced():
                continue  # much was closed: the prices begin anew on what is left
            if len(prices.cuts()[1]) > MOST_FIRST_ARCS:
                return False
            problem, model = self.problem, self._model(prices)
            relaxed = model.solve(upper=self._wanted(), time_left=self._time_left, look=self._grow_along)
            self._raise(relaxed.bound)
            if self.done() or not relaxed.finished:
                return True
            if relaxed.tree is not None:
                self._take(relaxed.tree)
                return True
            self._shrink(~(model.closed[0::2] & model.closed[1::2]))
            if self._trivial() or self.done():
                return True
            if self.problem.graph.edges > 0.9 * problem.graph.edges:
                break
        if model is None:
            return False
        self.problem = problem  # the model at hand is of this one; little was cut away since
        relaxed = model.solve_whole(upper=self._wanted(), time_left=self._time_left, look=self._grow_along)
        self._raise(relaxed.bound)
        if relaxed.finished and relaxed.tree is None:
            self.lower = self.best_cost
        elif relaxed.tree is not None:
            self._take(relaxed.tree)
        return True

    def _model(self, prices: CutPrices) -> CutModel:
        graph = self.problem.graph
        cost = np.where(prices.closed, np.inf, prices.cost)
        model = CutModel(graph, prices.root, self.problem.terminals, arc_cost=cost)
        model.add_cuts(*prices.cuts())
        return model

    def _time_left(self) -> float:
        return self.effort.time_limit_s - self.elapsed()

    def _wanted(self) -> float:
        """A tree of the smaller problem must cost no more than this to be better than the best."""
        unit = 1 - 1e-6 if self.whole_numbers else 1e-9 * max(1.0, self.best_cost)
        return self.best_cost - self.problem.fixed_cost - unit

    def _raise(self, bound: float) -> None:
        """Take a bound of the smaller problem, less what rounding may have added."""
        lower = bound + self.problem.fixed_cost - 1e-7 * self.best_cost
        self.lower = max(self.lower, min(self.best_cost, lower))
        if bound >= self._wanted():
            self.lower = self.best_cost

    def _take(self, tree: np.ndarray) -> None:
        """Take the proven best tree of the smaller problem."""
        graph, terminals = self.problem.graph, self.problem.terminals
        tree = spanning_tree_of(graph, nodes_of(graph, tree), terminals)
        self._offer(self.problem.original_edges(tree))
        self.lower = self.best_cost

    def _grow_along(self, value: np.ndarray) -> float:
        """Grow a tree along the arcs that the relaxation uses; returns what a better tree may cost."""
        graph, terminals = self.problem.graph, self.problem.terminals
        used = np.minimum(1.0, value[0::2] + value[1::2])
        noise = self.generator.uniform(1.0, 1.05, graph.edges)
        start = int(self.generator.choice(terminals))
        tree = shortest_path_tree(graph, terminals, start, length=graph.cost * (1.001 - used) * noise)
        self._improve(tree, rounds=3)
        return self._wanted()

    def _shrink(self, keep: np.ndarray) -> None:
        problem = self.problem
        if keep.mean() > MOST_LEFT and problem.graph.edges > LEAST_WINDOWED:
            return  # not worth losing what is known of this problem
        label = components(_kept(problem.graph, keep))[problem.terminals]
        if np.any(label != label[0]):  # every better tree would need an edge that is gone
            self.lower = max(self.lower, self.best_cost)
            return
        self.problem = reduce_degrees(problem, keep_edge=keep)
        if self.problem.graph.edges < 0.98 * problem.graph.edges:
            self.problem = eliminate(self.problem)

    def _windowed(self) -> bool:
        """Whether the problem is large enough to be searched window by window."""
        return self.thorough and self.problem.graph.nodes >= LEAST_WINDOWED

    def _sweep(self) -> None:
        """Solve the best tree anew window by window; the windows are of another size from sweep to sweep."""
        graph, terminals = self.problem.graph, self.problem.terminals
        tree = self._standing_tree()
        held = WINDOW_TERMINALS[self.round % len(WINDOW_TERMINALS)]
        size = int(min(held * max(25, graph.nodes / len(terminals)), 0.5 * graph.nodes, 4000))
        cost = float(graph.cost[tree].sum()) + self.problem.fixed_cost
        enough = self.bound() * (1 + self.effort.gap)

        def solve(window: Window) -> np.ndarray:
            effort = Effort(
                time_limit_s=self.effort.time_limit_s,
                rounds=4 + self.round,
                seed=int(self.generator.integers(2**31)),
            )
            search = Search(window.graph, window.terminals, effort, self.elapsed)
            search.thorough = False
            search._offer(np.flatnonzero(window.tree))
            search.run()
            answer = np.zeros(window.graph.edges, np.bool_)
            answer[search.best_edges] = True
            return answer

        better = improve_windows(
            Windows(graph, terminals, by_steps=self.round % 2 == 0), tree, solve=solve, size=size, generator=self.generator,
            stop=lambda saved: cost - saved <= enough or self.elapsed() > self.effort.time_limit_s,
        )  # fmt: skip
        if not self.done():
            seed = int(self.generator.integers(2**31))
            better = exchange_paths(
                graph, better, terminals, seed=seed, rounds=2
            )  # what no window holds as a whole
        self.swept_edges = self.problem.original_edges(better)
        self._offer(self.swept_edges)

    def _standing_tree(self) -> np.ndarray:
        """The best tree in the smaller problem; where bounds have cut it away, a tree grown along what is left of it."""
        graph, terminals = self.problem.graph, self.problem.terminals
        for edges in (self.best_edges, self.swept_edges):
            present = self._present(edges)
            tree = spanning_tree_of(graph, nodes_of(graph, present), terminals)
            if nodes_of(graph, tree)[terminals].all():
                return tree
        length = np.where(present, 0.01 * graph.cost, graph.cost)
        tree = shortest_path_tree(graph, terminals, int(terminals[0]), length=length)
        tree = spanning_tree_of(graph, nodes_of(graph, tree), terminals)
        return exchange_paths(graph, tree, terminals, seed=0, rounds=2)

    def _vary(self) -> None:
        """A new tree: by disturbed costs, or by joining two good trees of the pool and searching in their union."""
        problem = self.problem
        graph, terminals = problem.graph, problem.terminals
        if len(self.pool) >= 3 and self.generator.random() < 0.5:
            one, two = self.generator.choice(len(self.pool), 2, replace=False)
            union = self._present(np.concatenate([self.pool[one], self.pool[two]]))
            length = graph.cost * np.where(union, self.generator.uniform(1.0, 1.1, graph.edges), 2.5)
        else:
            spread = self.generator.choice([0.1, 0.2, 0.4])
            length = graph.cost * self.generator.uniform(1.0, 1.0 + spread, graph.edges)
            present = self._present(self.best_edges)
            length = np.where(present, length * self.generator.uniform(1.0, 1.0 + 2 * spread), length)
        tree = shortest_path_tree(graph, terminals, int(self.generator.choice(terminals)), length=length)
        disturbed = Graph(graph.nodes, graph.tail, graph.head, length, graph.first, graph.arcs)
        if tree.any() and graph.edges < 20_000:
            tree = exchange_paths(
                disturbed, tree, terminals, seed=int(self.generator.integers(2**31)), rounds=2
            )
        self._improve(tree)

    def _present(self, edges: np.ndarray) -> np.ndarray:
        """Which edges of the smaller problem stand wholly in ``edges`` of the original graph; bool (m,)."""
        chosen = np.zeros(self.original.edges, np.bool_)
        chosen[edges] = True
        if self.problem.graph.edges == 0:
            return np.zeros(0, np.bool_)
        return np.logical_and.reduceat(chosen[self.problem.parts], self.problem.parts_first[:-1])


def _kept(graph: Graph, keep: np.ndarray) -> Graph:
    return make_graph(graph.nodes, graph.tail[keep], graph.head[keep], graph.cost[keep])
