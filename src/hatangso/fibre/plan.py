"""A fibre plan: which places are joined along which ways, for how much, in which order, and how good that is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from hatangso.errors import InfeasibleError, InputError
from hatangso.fibre.branches import RootedTree, root_tree
from hatangso.fibre.cables import Shortage, cable_notes, find_shortages
from hatangso.fibre.capacity import Supply, drop_for_fibres, most_for_fibres, respect_spare_fibres
from hatangso.fibre.costs import FibreCosts
from hatangso.fibre.materials import MaterialRow, list_beside, list_equipment, list_materials
from hatangso.fibre.model import Model, foot_of, make_model, supply_of
from hatangso.fibre.network import Network
from hatangso.fibre.places import Needs, needs_of
from hatangso.fibre.prizes import PrizeProblem, prize_tree
from hatangso.fibre.second_path import SecondPaths, add_second_paths, ways_within
from hatangso.fibre.segments import Segment, Stage, make_segments, order_of_building
from hatangso.fibre.steiner import Effort, steiner_tree
from hatangso.fibre.survivable import two_way_network
from hatangso.fibre.survivable_bound import TwoWayProblem


@dataclass(frozen=True)
class PlanRequest:
    """What is asked: all places (neither set), the most households within ``budget_vnd``, or every place whose
    households × ``subsidy_vnd`` pay for it. ``reserve`` : share of spare fibres in the cables, 0–4.
    ``joint_vnd`` : reckoned for each place when places are chosen within a budget; the bound is then left to the caller.
    """

    budget_vnd: float | None = None
    subsidy_vnd: float | None = None
    two_paths: bool = False
    reserve: float = 0.2
    effort: Effort = field(default_factory=Effort)
    joint_vnd: float = 0.0

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
    shortages : existing cables with too few spare fibres; what is laid beside them is among the materials
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
    shortages: list[Shortage] = field(default_factory=list)

    @property
    def cost_vnd(self) -> float:
        return sum(row.cost_vnd for row in self.materials)

    @property
    def households(self) -> int:
        return int(self.needs.households[self.joined].sum())

    @property
    def length_m(self) -> float:
        return float(self.network.length_m[self.built].sum())


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
    model = make_model(network, needs, costs)
    if np.all(model.twins < 0):
        raise InfeasibleError("Không điểm nào nối được với nguồn", network.notes)
    _check_households(needs, model, request)
    tree, answer = _choose(model, needs, request)
    supply = supply_of(network, sources, model)
    tree, joined, dropped = _fed(model, tree, needs, (supply, request))
    demand = model.demand(needs, joined)
    started = time.monotonic()
    ways, tree, second_bound = _two_ways((model, network, supply), tree, needs, (joined, request, answer))
    answer = replace(answer, seconds=answer.seconds + time.monotonic() - started)
    answer = _settle(answer, (model, needs, request), (tree, ways, joined), (supply, second_bound))
    plan = _assemble(model, network, (tree, ways, joined, demand), needs, terms=(costs, request, answer))
    return replace(plan, notes=plan.notes + _fibre_notes(dropped, network, places))


@dataclass(frozen=True)
class _Answer:
    question: str
    value: float
    bound: float
    gap: float
    seconds: float


def _check_households(needs: Needs, model: Model, request: PlanRequest) -> None:
    asked = "--budget" if request.budget_vnd is not None else "--subsidy"
    if request.budget_vnd is None and request.subsidy_vnd is None:
        return
    if not needs.households[model.twins >= 0].any():
        raise InputError(
            "Bảng điểm cần nối",
            found="không điểm nào nối được có số hộ lớn hơn 0",
            expected="số hộ để chọn điểm theo ngân sách hoặc mức hỗ trợ",
            remedy=f"Điền cột households (Số hộ), hoặc bỏ {asked} để nối mọi điểm",
        )


def _choose(model: Model, needs: Needs, request: PlanRequest) -> tuple[np.ndarray, _Answer]:
    tree = np.zeros(model.graph.edges, np.bool_)
    if request.budget_vnd is None and request.subsidy_vnd is None:
        best = steiner_tree(model.graph, model.terminals(), effort=request.effort)
        tree[best.edges] = True
        return tree, _Answer("all", best.cost, best.bound, best.gap, best.seconds)
    problem = prize_problem(model, needs, request)
    if request.joint_vnd:
        graph = model.graph
        joints = np.isin(graph.head, model.twins) * request.joint_vnd
        problem = replace(problem, graph=replace(graph, cost=graph.cost + joints))
    chosen = prize_tree(problem, effort=request.effort)
    tree[chosen.edges] = True
    question = "budget" if request.budget_vnd is not None else "subsidy"
    bound = float(problem.prizes.sum()) if request.joint_vnd else chosen.bound
    return tree, _Answer(question, chosen.value, bound, chosen.gap, chosen.seconds)


def prize_problem(model: Model, needs: Needs, request: PlanRequest) -> PrizeProblem:
    """Return the choice of places for a budget, whose prizes are households, or at a subsidy, whose prizes are đồng."""
    prizes = np.zeros(model.graph.nodes)
    known = model.twins >= 0
    worth = request.subsidy_vnd if request.subsidy_vnd is not None else 1.0
    prizes[model.twins[known]] = needs.households[known] * worth
    return PrizeProblem(model.graph, model.root, prizes, request.budget_vnd)


def _fed(
    model: Model, tree: np.ndarray, needs: Needs, terms: tuple[Supply, PlanRequest]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Respect the spare fibres: the tree, the places joined and, where there is a choice, those let go for lack of fibres."""
    supply, request = terms
    joined = model.joined(tree)
    demand = model.demand(needs, joined)
    if request.budget_vnd is None and request.subsidy_vnd is None:
        return respect_spare_fibres(model.graph, tree, demand, supply=supply), joined, joined[:0]
    worth = np.zeros(model.graph.nodes)
    worth[model.twins[joined]] = needs.households[joined]
    tree = drop_for_fibres(model.graph, tree, demand, worth=worth, supply=supply)
    left = model.joined(tree)
    return tree, left, np.setdiff1d(joined, left)


def _two_ways(
    on: tuple[Model, Network, Supply],
    tree: np.ndarray,
    needs: Needs,
    case: tuple[np.ndarray, PlanRequest, _Answer],
) -> tuple[SecondPaths | None, np.ndarray, float]:
    """Complete the tree by second ways; the bound counts both ways at once, 0 when the question is not to join all."""
    (model, network, supply), (joined, request, answer) = on, case
    keys = joined[needs.second_path[joined]]
    if not request.two_paths or len(keys) == 0:
        return None, tree, 0.0
    feet, twice = (
        np.array([foot_of(network, int(network.places[place])) for place in keys]),
        model.twice(network),
    )
    ways = add_second_paths(model.graph, tree, feet, root=model.root, twice=np.flatnonzero(twice))
    able = feet[[way is not None for way in ways.ways]]
    if len(able) == 0:
        return ways, tree, 0.0
    problem = TwoWayProblem(model.graph, model.root, model.twins[joined], np.unique(able), twice)
    limit, started = request.effort.time_limit_s, time.monotonic()
    allowed = max(limit - answer.seconds, limit / 3) if answer.question == "all" else limit / 10

    def time_left() -> float:
        return allowed - (time.monotonic() - started)

    whole = two_way_network(problem, tree, seed=request.effort.seed, time_left=time_left)
    fed = respect_spare_fibres(model.graph, whole.tree, model.demand(needs, joined), supply=supply)
    bound = whole.bound if answer.question == "all" else 0.0
    extra = whole.built & ~fed
    if np.any(fed & ~whole.built):  # branches moved to another source: the second ways are sought anew
        again = add_second_paths(model.graph, fed, feet, root=model.root, twice=np.flatnonzero(twice))
        return again, fed, bound
    found = ways_within(model.graph, whole.built, feet, root=model.root, twice=np.flatnonzero(twice))
    return SecondPaths(extra, found, bound), fed, bound


def _settle(answer: _Answer, problem: tuple, found: tuple, limits: tuple[Supply, float]) -> _Answer:
    """Value the plan as it stands after fibres and second ways, and take the best bound known for it."""
    (model, needs, request), (tree, ways, joined), (supply, second_bound) = problem, found, limits
    route = float(model.graph.cost[tree].sum())
    if ways is not None:
        route += float(model.graph.cost[ways.edges & ~tree].sum())
    if answer.question == "all":
        bound = max(answer.bound, second_bound)
        gap = 0.0 if route <= bound * (1 + 1e-9) else (route - bound) / bound if bound > 0 else float("inf")
        return replace(answer, value=route, bound=min(bound, route), gap=gap)
    known = model.twins >= 0
    worth = needs.households[known] * (request.subsidy_vnd if answer.question == "subsidy" else 1.0)
    value = needs.households[joined].sum() * 1.0
    if answer.question == "subsidy":
        value = value * request.subsidy_vnd - route
    most = most_for_fibres(worth, needs.fibres[known].astype(float), spare=float(supply.spare.sum()))
    bound = max(min(answer.bound, most), value)
    gap = 0.0 if bound <= value * (1 + 1e-9) + 1e-9 else (bound - value) / bound
    return replace(answer, value=float(value), bound=float(bound), gap=float(gap))


def _fibre_notes(dropped: np.ndarray, network: Network, places: pl.DataFrame) -> list[str]:
    if len(dropped) == 0:
        return []
    names = ", ".join(f"'{places['name'][int(row)]}'" for row in dropped[:20])
    return [f"Nguồn hết sợi: không nối {len(dropped)} điểm đáng nối khác: {names}"]


def _assemble(model: Model, network: Network, found: tuple, needs: Needs, *, terms: tuple) -> FibrePlan:
    tree, second, joined, demand = found
    costs, request, answer = terms
    rooted = root_tree(model.graph, tree, model.root)
    carried = _carried(model, rooted, demand, second, (joined, needs))[: model.edges]
    fibres = np.ceil(carried * (1 + request.reserve) - 1e-9).astype(np.int64)
    shortages = find_shortages(network.cables, carried, length_m=network.length_m, costs=costs)
    extra = second.edges[: model.edges] if second else np.zeros(model.edges, np.bool_)
    built = tree[: model.edges] | extra
    step = np.zeros(model.graph.nodes)
    step[rooted.order[1:]] = model.graph.cost[rooted.up[rooted.order[1:]] >> 1]
    twins = np.where(np.isin(np.arange(len(model.twins)), joined), model.twins, -1)
    stages = order_of_building(
        rooted, households=needs.households.astype(float), cost=step, place_nodes=twins
    )
    if extra.any():  # second ways come last
        cost = float(model.graph.cost[second.edges].sum())
        stages.append(Stage(len(stages) + 1, np.flatnonzero(second.edges), joined[:0], 0, cost))
    stage = np.zeros(model.graph.edges, np.int64)
    for part in stages:
        stage[part.edges] = part.number
    degree = np.bincount(
        np.concatenate([network.graph.tail[built], network.graph.head[built]]), minlength=network.graph.nodes
    )
    opened = tree | second.edges if second else tree
    used = int(opened[model.edges :][model.graph.tail[model.edges :] == model.root].sum())
    materials = list_materials(network, built, fibres=fibres, costs=costs)
    materials += list_beside(shortages)
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
        network.notes
        + _notes(needs, second, joined, costs)
        + cable_notes(network.cables, carried, shortages),
        shortages,
    )


def _carried(
    model: Model, rooted: RootedTree, demand: np.ndarray, second: SecondPaths | None, case: tuple
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


def _source_of(model: Model, network: Network, rooted: RootedTree) -> np.ndarray:
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
