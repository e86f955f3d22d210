"""The cheapest tree joining given nodes (Steiner tree), with a bound: reductions, heuristics, dual ascent, cuts in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hatangso.errors import InfeasibleError, InputError
from hatangso.fibre.graph import Graph, components
from hatangso.fibre.search import Effort, Search

__all__ = ["Effort", "SteinerTree", "steiner_tree"]


@dataclass(frozen=True)
class SteinerTree:
    """A tree and how good it is.

    edges : int64, the chosen edges of the graph, ascending
    cost : their sum; bound : no tree costs less; gap = (cost − bound) / bound
    """

    edges: np.ndarray
    cost: float
    bound: float
    seconds: float
    seed: int
    rounds: int

    @property
    def gap(self) -> float:
        return (
            0.0
            if self.cost <= self.bound
            else (self.cost - self.bound) / self.bound
            if self.bound > 0
            else float("inf")
        )

    @property
    def optimal(self) -> bool:
        return self.gap <= 1e-9


def steiner_tree(
    graph: Graph,
    terminals: np.ndarray,
    *,
    effort: Effort | None = None,
    clock: Callable[[], float] = time.monotonic,
    names: Sequence[str] | None = None,
) -> SteinerTree:
    """Find a cheapest tree that joins all ``terminals``.

    min Σ c(e) x(e) over connected subgraphs that contain every terminal; the bound is that of the directed cut
    relaxation raised by dual ascent from many roots, over a graph made smaller by tests that keep every better tree.

    Parameters
    ----------
    terminals : int array of nodes; repeated ones count once
    names : of every node, as the user knows it; their numbers when left out

    Raises
    ------
    InfeasibleError
        when terminals lie in different parts of the network; names those outside the largest part.
    """
    effort = effort or Effort()
    started = clock()
    wanted = np.unique(np.asarray(terminals, np.int64)).astype(np.int32)
    _check_connected(graph, wanted, names)
    search = Search(graph, wanted, effort, lambda: clock() - started)
    search.run()
    edges = np.unique(search.best_edges)
    return SteinerTree(
        edges, float(graph.cost[edges].sum()), search.bound(), clock() - started, effort.seed, search.round
    )


def _check_connected(graph: Graph, terminals: np.ndarray, names: Sequence[str] | None) -> None:
    if len(terminals) == 0:
        raise InputError("Không có điểm nào cần nối")
    if terminals[0] < 0 or terminals[-1] >= graph.nodes:
        raise InputError(
            "Điểm cần nối", found=f"nút {terminals[-1]}", expected=f"nút từ 0 đến {graph.nodes - 1}"
        )
    label = components(graph)[terminals]
    main = np.bincount(label).argmax()
    if np.any(label != main):
        outside = terminals[label != main]
        raise InfeasibleError(
            f"Mạng không liên thông: {len(outside)} điểm không nối được với phần lớn nhất. "
            "Thêm cạnh còn thiếu hoặc bỏ các điểm ấy.",
            [f"nút {node}" if names is None else f"nút '{names[node]}'" for node in outside[:50]],
        )
