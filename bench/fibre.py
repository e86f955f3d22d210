"""Steiner trees of the fibre engine, beside networkx, rustworkx and pcst_fast on the same instances in one run.

python bench/fibre.py [--folder DIR] [--time-limit 5] [--gap 0.1] [--seed 0] [--invented 1] [--grid 50000] [--alone] [file.gr …]

Without files and folder: the PACE 2018 instances of ../shared. `--folder` reads every .gr below it; `--invented seed`
makes maps like the Vienna telecom graphs and the fst instances of PACE's heuristic track, `--grid` a lattice (either
alone, when no file is named). One line for each instance: value, bound, optimum where a track*.csv beside its folder
knows it, processor seconds. At the end one line for each folder and one for all: how many reach the optimum, how many
are proven, mean and worst distance from the optimum and from the bound, seconds in all.
A library that is not installed is named and left out (pcst_fast answers only with NumPy below 2: run in an environment
of its own). A bound above a known optimum or a tree that leaves out a terminal stops the run.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fibre_maps as maps
import numpy as np

from hatangso.fibre.graph import Graph
from hatangso.fibre.steiner import Effort, SteinerTree, steiner_tree
from hatangso.fibre.steinlib import read_steinlib
from hatangso.fibre.trees import nodes_of, spanning_tree_of

PACE = Path(__file__).resolve().parents[2] / "shared" / "data" / "graph" / "steiner_pace2018"


def by_networkx(graph: Graph, terminals: np.ndarray) -> float:
    """Mehlhorn's approximation."""
    import networkx
    from networkx.algorithms.approximation import steiner_tree as networkx_tree

    network = networkx.Graph()
    for tail, head, cost in sorted(
        zip(graph.tail.tolist(), graph.head.tolist(), graph.cost.tolist(), strict=True), key=lambda e: -e[2]
    ):
        network.add_edge(tail, head, weight=cost)
    return networkx_tree(network, terminals.tolist(), method="mehlhorn").size(weight="weight")


def by_rustworkx(graph: Graph, terminals: np.ndarray) -> float:
    """Mehlhorn's approximation in Rust."""
    import rustworkx

    network = rustworkx.PyGraph(multigraph=False)
    network.add_nodes_from(range(graph.nodes))
    rows = sorted(
        zip(graph.tail.tolist(), graph.head.tolist(), graph.cost.tolist(), strict=True), key=lambda e: -e[2]
    )
    network.add_edges_from(rows)
    return sum(rustworkx.steiner_tree(network, terminals.tolist(), float).edges())


def by_pcst_fast(graph: Graph, terminals: np.ndarray) -> float:
    """Goemans-Williamson with strong pruning and prizes so high that all terminals are joined, then spanning tree and cut ends."""
    from pcst_fast import pcst_fast

    prizes = np.zeros(graph.nodes)
    prizes[terminals] = graph.cost.sum() + 1
    edges = np.column_stack([graph.tail, graph.head]).astype(np.int64)
    _, chosen = pcst_fast(edges, prizes, graph.cost, int(terminals[0]), 1, "strong", 0)
    tree = np.zeros(graph.edges, np.bool_)
    tree[chosen] = True
    if not nodes_of(graph, tree)[terminals].all():
        return float("nan")
    return float(graph.cost[spanning_tree_of(graph, nodes_of(graph, tree), terminals)].sum())


PEERS = {"networkx": by_networkx, "rustworkx": by_rustworkx, "pcst_fast": by_pcst_fast}
INVENTED = {  # what is made for --invented
    "geo": lambda seed: maps.sparse_roads(50_000, 65_200, terminals=400, seed=seed),
    "geo-hai-le": lambda seed: maps.two_sided_streets(50_000, 65_200, terminals=400, seed=seed),
    "vien-thong": lambda seed: maps.sparse_roads(33_200, 53_700, terminals=1263, seed=seed),
    "vien-thong-hai-le": lambda seed: maps.two_sided_streets(33_200, 53_700, terminals=1263, seed=seed),
    "fst": lambda seed: maps.full_trees(4461, seed=seed),
}


def known_optima(folder: Path) -> dict[str, float]:
    """Optimum (or best known) by file name, of the track csv beside an instance's folder."""
    table = folder.parent / f"{folder.name.lower()}.csv"
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8") as file:
        return {
            row[0].strip(): float(row[-1]) for row in csv.reader(file) if row and row[-1].strip().isdigit()
        }


def measured(solve: Callable[[], float]) -> tuple[float, float]:
    """Value and processor seconds; a fault of a library stops the run, so that no figure is missing unseen."""
    started = time.process_time()
    return solve(), time.process_time() - started


@dataclass(frozen=True)
class Instance:
    """A problem to solve: where it comes from, its name, and its optimum where it is known."""

    folder: str
    name: str
    graph: Graph
    terminals: np.ndarray
    optimum: float | None = None


@dataclass(frozen=True)
class Row:
    """What came of an instance: from the optimum (nan when unknown), from the bound, proven, processor seconds."""

    folder: str
    from_optimum: float
    gap: float
    optimal: bool
    seconds: float


def wanted_of_us() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, help="every .gr below this folder")
    parser.add_argument("--time-limit", type=float, default=5.0, help="processor seconds for each instance")
    parser.add_argument("--gap", type=float, default=0.0, help="stop at this proven gap, percent")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--invented", type=int, help="also invented maps like Vienna's, of this seed")
    parser.add_argument("--grid", type=int, default=0, help="also a lattice of this many nodes")
    parser.add_argument("--terminals", type=int, default=700, help="of the lattice")
    parser.add_argument("--alone", action="store_true", help="without the libraries")
    return parser.parse_args()


def instances_of(chosen: argparse.Namespace) -> Iterator[Instance]:
    """Read the instances named, and make the invented ones asked for; without either, all of PACE at hand."""
    made = chosen.invented is not None or chosen.grid
    folder = chosen.folder or (None if made or chosen.files else PACE)
    files = [*chosen.files, *(sorted(folder.rglob("*.gr")) if folder else [])]
    if folder and len(files) == len(chosen.files):
        sys.exit(f"Không có tệp .gr nào trong '{folder}': vắng dữ liệu, không đo gì")
    for path in files:
        optimum = known_optima(path.resolve().parent).get(path.name)
        yield Instance(path.resolve().parent.name, path.stem, *read_steinlib(path), optimum)
    if chosen.grid:
        graph, terminals = maps.lattice(chosen.grid, terminals=chosen.terminals, seed=1 + chosen.seed)
        yield Instance("lưới", f"{chosen.grid}", graph, terminals)
    if chosen.invented is not None:
        for name, make in INVENTED.items():
            yield Instance("bịa", name, *make(chosen.invented))


def installed_peers() -> list[str]:
    missing = [name for name in PEERS if importlib.util.find_spec(name) is None]
    for name in missing:
        print(f"{name}: chưa cài, bỏ qua")
    return [name for name in PEERS if name not in missing]


def check(instance: Instance, answer: SteinerTree) -> None:
    """Stop at an answer that cannot be true."""
    tree = np.zeros(instance.graph.edges, np.bool_)
    tree[answer.edges] = True
    one = spanning_tree_of(instance.graph, nodes_of(instance.graph, tree), instance.terminals)
    if not nodes_of(instance.graph, one)[instance.terminals].all() and len(instance.terminals) > 1:
        sys.exit(f"{instance.name}: cây không nối đủ các điểm")
    if instance.optimum is not None and answer.bound > instance.optimum * (1 + 1e-9):
        sys.exit(f"{instance.name}: cận {answer.bound} lớn hơn tối ưu {instance.optimum}")


def solve(instance: Instance, effort: Effort, peers: dict[str, list[float]]) -> Row:
    """Solve one instance, by the libraries too, and print its line; the libraries' distances are put to ``peers``."""
    answer = steiner_tree(instance.graph, instance.terminals, effort=effort, clock=time.process_time)
    check(instance, answer)
    reference = instance.optimum or answer.bound
    shown = f"{answer.cost:.0f} (cận {answer.bound:.0f}, {100 * answer.gap:.4f} %, {answer.seconds:.2f} s)"
    for name, gaps in peers.items():
        value, seconds = measured(partial(PEERS[name], instance.graph, instance.terminals))
        gaps.append(value / reference - 1)
        shown += f" | {name} {value:.0f} (+{100 * gaps[-1]:.2f} %, {seconds:.2f} s)"
    graph, known = instance.graph, instance.optimum or "chưa biết"
    print(
        f"{instance.folder}/{instance.name} n={graph.nodes} m={graph.edges} k={len(instance.terminals)} "
        f"tối ưu {known}: {shown}",
        flush=True,
    )
    above = answer.cost / instance.optimum - 1 if instance.optimum else np.nan
    return Row(instance.folder, above, answer.gap, answer.optimal, answer.seconds)


def tell(title: str, rows: list[Row]) -> None:
    """Print the figures of some instances."""
    known = np.array([row.from_optimum for row in rows if np.isfinite(row.from_optimum)])
    gaps = np.array([row.gap for row in rows])
    line = f"{title}: {len(rows)} bài"
    if len(known):
        line += (
            f", đúng tối ưu {int((known <= 1e-9).sum())}/{len(known)} (lệch trung bình {100 * known.mean():.4f} %, "
            f"lớn nhất {100 * known.max():.3f} %)"
        )
    print(
        f"{line}, chứng minh được {sum(row.optimal for row in rows)} (cách cận trung bình {100 * gaps.mean():.4f} %, "
        f"lớn nhất {100 * gaps.max():.3f} %), cả thảy {sum(row.seconds for row in rows):.0f} s, "
        f"lâu nhất {max(row.seconds for row in rows):.1f} s",
        flush=True,
    )


def main() -> None:
    chosen = wanted_of_us()
    peers: dict[str, list[float]] = {} if chosen.alone else {name: [] for name in installed_peers()}
    warm, wanted = maps.lattice(100, terminals=10)
    steiner_tree(warm, wanted, effort=Effort(time_limit_s=5))  # compiles
    effort = Effort(time_limit_s=chosen.time_limit, gap=chosen.gap / 100, seed=chosen.seed)
    rows = [solve(instance, effort, peers) for instance in instances_of(chosen)]
    folders = list(dict.fromkeys(row.folder for row in rows))
    for folder in folders if len(folders) > 1 else []:
        tell(folder, [row for row in rows if row.folder == folder])
    tell("Tất cả", rows)
    for name, values in peers.items():
        usable = [value for value in values if np.isfinite(value)]
        if not usable:
            print(f"{name}: không trả lời nào nối đủ các điểm (pcst_fast hỏng với NumPy 2)")
            continue
        print(
            f"{name}: lệch trung bình {100 * np.mean(usable):.4f} %, lớn nhất {100 * max(usable):.3f} %, {len(usable)} bài"
        )


if __name__ == "__main__":
    main()
