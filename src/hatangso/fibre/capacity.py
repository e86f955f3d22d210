"""Spare fibres of the sources are respected: branches of an overloaded source move to one that has fibres left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hatangso.errors import InfeasibleError
from hatangso.fibre.branches import RootedTree, root_tree, worthy_part
from hatangso.fibre.graph import Graph
from hatangso.fibre.paths import cheapest_ways, way_to

MOST_MOVES = 500
MOST_CANDIDATES = 40


@dataclass(frozen=True)
class Supply:
    """The super source (a node of the graph), the sources behind it, their spare fibres (infinite = not limited), names."""

    root: int
    sources: np.ndarray
    spare: np.ndarray
    names: tuple[str, ...] = ()

    def name(self, number: int) -> str:
        """Return what people call a source."""
        return f"nguồn '{self.names[number]}'" if self.names else f"nguồn thứ {number + 1}"


@dataclass(frozen=True)
class _Move:
    edges_out: np.ndarray
    edges_in: np.ndarray
    worth: float
    nodes: np.ndarray  # with demand, that move


def respect_spare_fibres(graph: Graph, tree: np.ndarray, demand: np.ndarray, *, supply: Supply) -> np.ndarray:
    """Change a tree until no source feeds more fibres than it has; returns bool (m,).

    Each step takes the branch of an overloaded source whose move costs least per fibre relieved and joins it by the
    cheapest way to the tree of a source that can feed all of it; when there is none, to one that in turn gives up
    another branch. What has left a source does not come back, so that this ends.

    Parameters
    ----------
    tree : bool (m,), joins the super source with all demand; demand : float64 (n,), fibres

    Raises
    ------
    InfeasibleError
        when the spare fibres do not suffice, or no branch can be moved any more: ways of two sources may not share
        an edge here, so that a source can be shut in by the ways of others. Names the sources.
    """
    needed = float(demand.sum())
    if needed > supply.spare.sum():
        raise InfeasibleError(
            f"Cần {needed:.0f} sợi nhưng các nguồn chỉ còn {supply.spare.sum():.0f} sợi. Thêm nguồn, thêm sợi ở nguồn, "
            "hoặc dùng --budget hay --subsidy để chọn bớt điểm",
            [f"{supply.name(number)}: {spare:.0f} sợi" for number, spare in enumerate(supply.spare)],
        )
    tree = tree.copy()
    left: set[tuple[int, int]] = set()
    for _ in range(MOST_MOVES):
        rooted = root_tree(graph, tree, supply.root)
        below = rooted.below(demand)
        fed = np.where(rooted.parent[supply.sources] == supply.root, below[supply.sources], 0.0)
        over = fed - supply.spare
        if over.max() <= 1e-9:
            return worthy_part(graph, tree, supply.root, prizes=demand * 1e18)  # bare ends go
        worst = int(np.argmax(over))
        cases = ((strict, left) for strict in (True, False))
        moves = (_best_move(rooted, (below, demand), supply, fed, case=(worst, *case)) for case in cases)
        move = next((move for move in moves if move is not None), None)
        if move is None:
            break
        left |= {(int(node), worst) for node in move.nodes}
        tree[move.edges_out] = False
        tree[move.edges_in] = True
    raise InfeasibleError(
        "Không chia được các điểm cho đúng số sợi còn dư của nguồn",
        [f"{supply.name(int(number))}: thiếu {over[number]:.0f} sợi" for number in np.flatnonzero(over > 0)],
    )


def drop_for_fibres(
    graph: Graph, tree: np.ndarray, demand: np.ndarray, *, worth: np.ndarray, supply: Supply
) -> np.ndarray:
    """Let go the nodes least worth their fibres until the sources can feed the rest.

    Parameters
    ----------
    worth : float64 (n,), of the nodes with demand, such as households

    Returns
    -------
    bool (m,), a tree in which no source feeds more than it has
    """
    kept = demand.copy()
    wanted = np.flatnonzero(demand > 0)
    order = wanted[np.argsort(-worth[wanted] / demand[wanted], kind="stable")]
    left = float(supply.spare.sum())
    for node in order:
        if kept[node] > left:
            kept[node] = 0.0
        left -= kept[node]
    while True:
        part = worthy_part(graph, tree, supply.root, prizes=kept * 1e18)
        try:
            return respect_spare_fibres(graph, part, kept, supply=supply)
        except InfeasibleError:
            standing = order[kept[order] > 0]
            kept[standing[-max(1, len(standing) // 20) :]] = 0.0


def most_for_fibres(worth: np.ndarray, fibres: np.ndarray, *, spare: float) -> float:
    """Return a bound of what ``spare`` fibres can bring: the best worth per fibre first, the last one in part."""
    order = np.argsort(-worth / np.maximum(fibres, 1e-9), kind="stable")
    before = np.cumsum(fibres[order]) - fibres[order]
    taken = np.clip((spare - before) / np.maximum(fibres[order], 1e-9), 0.0, 1.0)
    return float((worth[order] * taken).sum())


def _best_move(
    rooted: RootedTree,
    amounts: tuple[np.ndarray, np.ndarray],
    supply: Supply,
    fed: np.ndarray,
    *,
    case: tuple[int, bool, set[tuple[int, int]]],
) -> _Move | None:
    graph, parent = rooted.graph, rooted.parent
    below, worst = amounts[0], case[0]
    feeder = np.full(graph.nodes, -1)  # the source each tree node hangs on
    number = {int(node): index for index, node in enumerate(supply.sources)}
    for node in rooted.order[1:]:
        feeder[node] = number.get(int(node), -1) if parent[node] == supply.root else feeder[parent[node]]
    children = np.bincount(parent[rooted.order[1:]], minlength=graph.nodes)
    mine = rooted.order[(feeder[rooted.order] == worst) & (below[rooted.order] > 0)]
    branching = (children > 1) | (amounts[1] > 0)
    branching[supply.sources] = True
    tops = [int(node) for node in mine if parent[node] != supply.root and branching[parent[node]]]
    excess = fed[worst] - supply.spare[worst]
    tops.sort(key=lambda node: (abs(below[node] - excess), node))
    moves = [
        move
        for top in tops[:MOST_CANDIDATES]
        if (move := _move(rooted, amounts, supply, fed, (top, feeder, float(excess), case))) is not None
    ]
    return min(moves, key=lambda move: move.worth, default=None)


def _move(
    rooted: RootedTree, amounts: tuple[np.ndarray, np.ndarray], supply: Supply, fed: np.ndarray, at: tuple
) -> _Move | None:
    """The cheapest way for the branch below ``top`` to hang on another source."""
    top, feeder, excess, (worst, strict, left) = at
    graph, (below, demand) = rooted.graph, amounts
    inside = np.zeros(graph.nodes, np.bool_)
    for node in rooted.order:
        inside[node] = node == top or (rooted.parent[node] >= 0 and inside[rooted.parent[node]])
    moving = np.flatnonzero(inside & (demand > 0))
    able = supply.spare - (fed if strict else 0.0) >= below[top] - 1e-9
    able &= [not any((int(node), number) in left for node in moving) for number in range(len(fed))]
    able[worst] = False
    starts = (feeder >= 0) & able[feeder]
    unused = supply.sources[able & (feeder[supply.sources] < 0)]
    starts[unused] = True
    blocked = (feeder >= 0) & ~starts & ~inside
    blocked[supply.root] = True
    if not starts.any():
        return None
    length = np.repeat(graph.cost, 2)
    ends = graph.ends()
    length[blocked[ends]] = np.inf
    distance, via = cheapest_ways(graph, np.flatnonzero(starts), length=length)
    goal = int(np.argmin(np.where(inside, distance, np.inf)))
    if not inside[goal] or not np.isfinite(distance[goal]):
        return None
    way = way_to(graph, via, goal)
    edges_in = way >> 1
    first_node = int(ends[way[-1] ^ 1]) if len(way) else goal
    extra = 0.0
    if first_node in set(unused.tolist()):  # this source is opened: its edge from the super source
        opening = [
            int(arc) >> 1
            for arc in graph.arcs[graph.first[supply.root] : graph.first[supply.root + 1]]
            if ends[arc] == first_node
        ][:1]
        edges_in = np.append(edges_in, opening)
        extra = float(graph.cost[opening].sum())
    out = int(rooted.up[top]) >> 1
    cost = float(distance[goal]) + extra - float(graph.cost[out])
    relief = min(float(below[top]), excess)
    return _Move(np.array([out]), edges_in, cost / relief if cost > 0 else cost * relief, moving)
