"""A fibre plan: which places are joined along which ways, for how much, in which order, and how good that is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from hatangso.errors import InfeasibleError, InputError
from hatangso.fibre.branches import RootedTree, root_tree
from hatangso.fibre.capacity import Supply, respect_spare_fibres
from hatangso.fibre.costs import FibreCosts
from hatangso.fibre.graph import Graph, make_graph
from hatangso.fibre.materials import MaterialRow, list_equipment, list_materials
from hatangso.fibre.network import Network
from hatangso.fibre.places import Needs, needs_of
from hatangso.fibre.prizes import PrizeProblem, prize_tree
from hatangso.fibre.second_path import SecondPaths, add_second_paths
from hatangso.fibre.segments import Segment, Stage, make_segments, order_of_building
from hatangso.fibre.steiner import Effort, steiner_tree

MOST_BUDGET_ROUNDS = 10


@dataclass(frozen=True)
class PlanRequest:
    """What is asked: all places (neither set), the most households within ``budget_vnd``, or every place whose
    households × ``subsidy_vnd`` pay for it. ``reserve`` : share of spare fibres in the cables, 0–4."""

    budget_vnd: float | None = None
    subsidy_vnd: float | None = None
    two_paths: bool = False
    reserve: float = 0.2
    effort: Effort = field(default_factory=Effort)

    def __post_init__(self) -> None:
        if self.budget_vnd is not None and self.subsidy_vnd is not None:
            raise InputError(
                "Phương án cáp", found="cả ngân sách và mức hỗ trợ", expected="chỉ một trong hai"
            )
        for words, amount in (("Ngân sách", self.budget_vnd), ("Mức hỗ trợ", self.subsidy_vnd)):
            if amount is not None and not (np.isfinite(amount) and amount >= 0):
                raise InputError(words, found=f"{amount:g}", expected="số đồng không âm")
        if not 0 <= self.reserve <= 4:
            raise InputError("Dự phòng sợi", found=f"{self.reserve:g}", expected="tỷ lệ từ 0 đến 4")


@dataclass(frozen=True)
class FibrePlan:
    """The answer.

    joined : int64, numbers of the places that are connected; source_of : int64 (k,), source of each place, -1 if none
    built : bool (m,) of the network's edges; second : bool (m,), those of second paths only; fibres : int64 (m,)
    route_vnd : laying with the smallest cable, place and source equipment: what was minimised; bound : of it
    value, bound, gap : in the unit of the question (đồng, households, or đồng of subsidy left over)
    """

    network: Network
    needs: Needs
    joined: np.ndarray
    source_of: np.ndarray
    built: np.ndarray
    second: np.ndarray
    fibres: np.ndarray
    segments: list[Segment]
    stages: list[Stage]
    materials: list[MaterialRow]
    question: str
    value: float
    bound: float
    gap: float
    seconds: float
    notes: list[str]

    @property
    def cost_vnd(self) -> float:
        return sum(row.cost_vnd for row in self.materials)

    @property
    def households(self) -> int:
        return int(self.needs.households[self.joined].sum())

    @property
    def length_m(self) -> float:
        return float(self.network.length_m[self.built].sum())


@dataclass(frozen=True)
class _Model:
    """The network with a super source before the sources and a twin behind each place that carries its equipment."""

    graph: Graph
    root: int
    twins: np.ndarray  # node of each place's twin, -1 when it cannot be joined
    edges: int  # of the network; the model's further edges come behind

    def terminals(self) -> np.ndarray:
        return np.append(self.twins[self.twins >= 0], self.root)


def plan_fibre(
    network: Network,
    *,
    sources: pl.DataFrame,
    places: pl.DataFrame,
    costs: FibreCosts,
    request: PlanRequest | None = None,
) -> FibrePlan:
    """Plan the cheapest network for the places, or the most worthwhile part of it.

    Raises
    ------
    InfeasibleError
        when no place can be joined, or the sources' spare fibres do not suffice.
    """
    request = request or PlanRequest()
    needs = needs_of(places, capacities=costs.splitters)
    model = _model(network, needs, costs)
    if np.all(model.twins < 0):
        raise InfeasibleError("Không điểm nào nối được với nguồn", network.notes)
    tree, answer = _choose(model, needs, request)
    demand = np.zeros(model.graph.nodes)
    inside = root_tree(model.graph, tree, model.root)
    known = model.twins >= 0
    joined = np.flatnonzero(known & (inside.up[np.maximum(model.twins, 0)] >= 0))
    np.add.at(demand, model.twins[joined], needs.fibres[joined].astype(float))
    tree = respect_spare_fibres(model.graph, tree, demand, supply=_supply(network, sources, model))
    second = _second(model, network, tree, needs, (joined, request))
    return _assemble(model, network, (tree, second, joined, demand), needs, terms=(costs, request, answer))


@dataclass(frozen=True)
class _Answer:
    question: str
    value: float
    bound: float
    gap: float
    seconds: float


def _model(network: Network, needs: Needs, costs: FibreCosts) -> _Model:
    graph, nodes = network.graph, network.graph.nodes
    usable = np.unique(network.sources[network.sources >= 0])
    root = nodes
    places = np.flatnonzero(network.places >= 0)
    twins = np.full(len(network.places), -1, np.int64)
    twins[places] = nodes + 1 + np.arange(len(places))
    equipment = np.array(
        [
            costs.nodes.get("place", 0.0)
            + sum(number * costs.splitters[size] for size, number in needs.splitters[place].items())
            for place in places
        ]
    )
    opening = np.full(len(usable), costs.nodes.get("source", 0.0))
    whole = make_graph(
        nodes + 1 + len(places),
        np.concatenate([graph.tail, np.full(len(usable), root), network.places[places]]),
        np.concatenate([graph.head, usable, twins[places]]),
        np.concatenate([graph.cost, opening, equipment]),
    )
    return _Model(whole, root, twins, graph.edges)


def _supply(network: Network, sources: pl.DataFrame, model: _Model) -> Supply:
    """Sources that stand on the same node lend their fibres together; an empty cell is no limit."""
    spare = sources["spare_fibres"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    nodes = np.unique(network.sources[network.sources >= 0])
    together = np.array([spare[network.sources == node].sum() for node in nodes])
    return Supply(model.root, nodes, together)


def _choose(model: _Model, needs: Needs, request: PlanRequest) -> tuple[np.ndarray, _Answer]:
    tree = np.zeros(model.graph.edges, np.bool_)
    if request.budget_vnd is None and request.subsidy_vnd is None:
        best = steiner_tree(model.graph, model.terminals(), effort=request.effort)
        tree[best.edges] = True
        return tree, _Answer("all", best.cost, best.bound, best.gap, best.seconds)
    prizes = np.zeros(model.graph.nodes)
    known = model.twins >= 0
    worth = request.subsidy_vnd if request.subsidy_vnd is not None else 1.0
    prizes[model.twins[known]] = needs.households[known] * worth
    problem = PrizeProblem(model.graph, model.root, prizes, request.budget_vnd)
    chosen = prize_tree(problem, effort=request.effort)
    tree[chosen.edges] = True
    question = "budget" if request.budget_vnd is not None else "subsidy"
    return tree, _Answer(question, chosen.value, chosen.bound, chosen.gap, chosen.seconds)


def _second(
    model: _Model, network: Network, tree: np.ndarray, needs: Needs, case: tuple
) -> SecondPaths | None:
    joined, request = case
    keys = joined[needs.second_path[joined]]
    if not request.two_paths or len(keys) == 0:
        return None
    feet = np.array([_foot_of(network, int(network.places[place])) for place in keys])
    at_source = np.isin(network.graph.tail, network.sources) | np.isin(network.graph.head, network.sources)
    entrances = np.flatnonzero(at_source & (network.carrier == "drop"))
    return add_second_paths(model.graph, tree, feet, root=model.root, entrances=entrances)


def _foot_of(network: Network, node: int) -> int:
    """The node on the line from which the drop to a place leaves."""
    graph = network.graph
    arcs = graph.arcs[graph.first[node] : graph.first[node + 1]]
    drops = [int(arc) for arc in arcs if network.carrier[arc >> 1] == "drop"]
    return int(graph.ends()[drops[0]]) if drops else node


def _assemble(model: _Model, network: Network, found: tuple, needs: Needs, *, terms: tuple) -> FibrePlan:
    tree, second, joined, demand = found
    costs, request, answer = terms
    rooted = root_tree(model.graph, tree, model.root)
    carried = _carried(model, rooted, demand, second, (joined, needs))
    fibres = np.ceil(carried * (1 + request.reserve) - 1e-9).astype(np.int64)[: model.edges]
    extra = second.edges[: model.edges] if second else np.zeros(model.edges, np.bool_)
    built = tree[: model.edges] | extra
    step = np.zeros(model.graph.nodes)
    step[rooted.order[1:]] = model.graph.cost[rooted.up[rooted.order[1:]] >> 1]
    twins = np.where(np.isin(np.arange(len(model.twins)), joined), model.twins, -1)
    stages = order_of_building(
        rooted, households=needs.households.astype(float), cost=step, place_nodes=twins
    )
    stage = np.zeros(model.graph.edges, np.int64)
    for part in stages:
        stage[part.edges] = part.number
    degree = np.bincount(
        np.concatenate([network.graph.tail[built], network.graph.head[built]]), minlength=network.graph.nodes
    )
    used = int(tree[model.edges : model.edges + len(np.unique(network.sources[network.sources >= 0]))].sum())
    materials = list_materials(network, built, fibres=fibres, costs=costs)
    materials += list_equipment(needs, joined, joints=int((degree >= 3).sum()), sources=used, costs=costs)
    return FibrePlan(
        network,
        needs,
        joined,
        _source_of(model, network, rooted),
        built,
        extra,
        fibres,
        make_segments(network, built, fibres=fibres, second=extra, stage=stage[: model.edges]),
        stages,
        materials,
        answer.question,
        answer.value,
        answer.bound,
        answer.gap,
        answer.seconds,
        network.notes + _notes(needs, second, joined, costs),
    )


def _carried(
    model: _Model, rooted: RootedTree, demand: np.ndarray, second: SecondPaths | None, case: tuple
) -> np.ndarray:
    """Fibres each edge carries: all below it, and those of each second way over the edges the first does not use."""
    joined, needs = case
    carried = np.zeros(model.graph.edges)
    below = rooted.below(demand)
    nodes = rooted.order[1:]
    carried[rooted.up[nodes] >> 1] = below[nodes]
    if second is None:
        return carried
    keys = joined[needs.second_path[joined]]
    for place, way in zip(keys, second.ways, strict=True):
        if way is None:
            continue
        node, own = int(model.twins[place]), set()
        while rooted.up[node] >= 0:
            own.add(int(rooted.up[node]) >> 1)
            node = int(rooted.parent[node])
        carried[[edge for edge in way if int(edge) not in own]] += needs.fibres[place]
    return carried


def _source_of(model: _Model, network: Network, rooted: RootedTree) -> np.ndarray:
    """Number of the source that feeds each place, -1 for none."""
    feeder = np.full(model.graph.nodes, -1)
    number = {int(node): index for index, node in reversed(list(enumerate(network.sources))) if node >= 0}
    for node in rooted.order[1:]:
        above = int(rooted.parent[node])
        feeder[node] = number[int(node)] if above == model.root else feeder[above]
    return np.where(model.twins >= 0, feeder[np.maximum(model.twins, 0)], -1)


def _notes(needs: Needs, second: SecondPaths | None, joined: np.ndarray, costs: FibreCosts) -> list[str]:
    notes = []
    if costs.unverified:
        notes.append("Chi phí là giá trị quy hoạch chưa đối chiếu với đơn giá địa phương")
    if second is not None:
        keys = joined[needs.second_path[joined]]
        missing = [int(place) for place, way in zip(keys, second.ways, strict=True) if way is None]
        notes += [
            f"Điểm thứ {place + 1}: bản đồ không có đường thứ hai không trùng đường thứ nhất"
            for place in missing
        ]
    return notes


def within_budget(
    network: Network, *, sources: pl.DataFrame, places: pl.DataFrame, costs: FibreCosts, request: PlanRequest
) -> FibrePlan:
    """Plan so that the whole cost, with larger cables, joints and second paths, stays within the budget.

    The choice is made with the smallest cable; what the rest costs is taken off the budget and the choice made again,
    at most ten times, each with a third of the time.
    """
    budget = float(request.budget_vnd or 0.0)
    allowed, bound = budget, float("inf")
    effort = replace(request.effort, time_limit_s=request.effort.time_limit_s / 3)
    for attempt in range(MOST_BUDGET_ROUNDS):
        plan = plan_fibre(
            network,
            sources=sources,
            places=places,
            costs=costs,
            request=replace(request, budget_vnd=allowed, effort=effort),
        )
        bound = min(bound, plan.bound) if attempt == 0 else bound  # only the whole budget bounds every plan
        if plan.cost_vnd <= budget + 1.0 or len(plan.joined) == 0:
            gap = 0.0 if bound <= plan.value + 1e-9 else (bound - plan.value) / bound
            return replace(plan, bound=bound, gap=gap)
        less = 0.99 * allowed * budget / plan.cost_vnd
        allowed = max(0.0, min(less, allowed - 1.05 * (plan.cost_vnd - budget)))
        if attempt >= 3:
            allowed *= 0.85
    raise InfeasibleError(
        "Không tìm được phương án trong ngân sách",
        [f"phương án rẻ nhất đã thử tốn {plan.cost_vnd:,.0f} đồng"],
    )
