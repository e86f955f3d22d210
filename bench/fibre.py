"""Steiner trees of the fibre engine beside networkx, rustworkx and pcst_fast, on the same instances in one run.

`python bench/fibre.py [--seconds 5] [--gap 0.1] [--invented 1] [--grid 50000] [file.gr …]`; without files: the PACE
2018 instances of ../shared. `--invented seed` adds (alone, without files: only) invented maps like the Vienna telecom
graphs and the fst instances of PACE's heuristic track, `--grid` a lattice. Prints
value, bound, optimum where a track*.csv beside the folder knows it, and processor seconds for each; a library that is
not installed is named and left out (pcst_fast answers only with NumPy below 2: run in an environment of its own). Mean gaps at the end are over the instances of this run.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import fibre_maps as maps
import numpy as np

from hatangso.fibre.graph import Graph
from hatangso.fibre.steiner import Effort, steiner_tree
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


def wanted_of_us() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0, help="processor seconds for each instance")
    parser.add_argument("--gap", type=float, default=0.0, help="stop at this proven gap, percent")
    parser.add_argument("--invented", type=int, help="also invented maps like Vienna's, of this seed")
    parser.add_argument("--grid", type=int, default=0, help="also a lattice of this many nodes")
    parser.add_argument("--alone", action="store_true", help="without the libraries")
    parser.add_argument("--terminals", type=int, default=700)
    return parser.parse_args()


def problems_of(chosen: argparse.Namespace) -> list[tuple[str, Graph, np.ndarray, float | None]]:
    """Read the instances named, and make the invented ones asked for; without either, all of PACE at hand."""
    made = chosen.invented is not None or chosen.grid
    files = chosen.files or ([] if made else sorted(PACE.glob("Track*/*.gr")))
    problems = [
        (f"{path.parent.name}/{path.stem}", *read_steinlib(path), known_optima(path.parent).get(path.name))
        for path in files
    ]
    if chosen.grid:
        problems.append((f"lưới {chosen.grid}", *maps.lattice(chosen.grid, terminals=chosen.terminals), None))
    if chosen.invented is not None:
        problems += [(name, *make(chosen.invented), None) for name, make in INVENTED.items()]
    return problems


def installed_peers() -> dict[str, Callable[[Graph, np.ndarray], float]]:
    peers = {"networkx": by_networkx, "rustworkx": by_rustworkx, "pcst_fast": by_pcst_fast}
    for name in list(peers):
        try:
            __import__(name)
        except ImportError:
            print(f"{name}: chưa cài, bỏ qua")
            peers.pop(name)
    return peers


def main() -> None:
    chosen = wanted_of_us()
    problems = problems_of(chosen)
    peers = {} if chosen.alone else installed_peers()
    warm, wanted = maps.lattice(100, terminals=10)
    steiner_tree(warm, wanted, effort=Effort(time_limit_s=5))  # compiles
    gaps: dict[str, list[float]] = {name: [] for name in ("hatangso", *peers)}
    best_count = proven = 0
    effort = Effort(time_limit_s=chosen.seconds, gap=chosen.gap / 100)
    for name, graph, terminals, optimum in problems:
        answer = steiner_tree(graph, terminals, effort=effort, clock=time.process_time)
        reference = optimum or answer.bound
        gaps["hatangso"].append(answer.cost / reference - 1)
        best_count += optimum is not None and answer.cost <= optimum * (1 + 1e-9)
        proven += answer.optimal
        shown = (
            f"{answer.cost:.0f} (cận {answer.bound:.0f}, {100 * answer.gap:.4f} %, {answer.seconds:.2f} s)"
        )
        for peer, solve in peers.items():
            value, seconds = measured(partial(solve, graph, terminals))
            gaps[peer].append(value / reference - 1)
            if not np.isfinite(value):
                shown += f" | {peer} không nối đủ các điểm"
                continue
            shown += f" | {peer} {value:.0f} (+{100 * (value / reference - 1):.2f} %, {seconds:.2f} s)"
        print(
            f"{name} n={graph.nodes} m={graph.edges} k={len(terminals)} tối ưu {optimum or 'chưa biết'}: {shown}",
            flush=True,
        )
    print(f"{len(problems)} bài: đúng tối ưu {best_count}, chứng minh được {proven}")
    for name, values in gaps.items():
        usable = [value for value in values if np.isfinite(value)]
        if usable:
            print(
                f"{name}: lệch trung bình {100 * np.mean(usable):.4f} %, lớn nhất {100 * max(usable):.3f} %, {len(usable)} bài"
            )
        else:
            print(f"{name}: không trả lời nào nối đủ các điểm (pcst_fast hỏng với NumPy 2)")


if __name__ == "__main__":
    main()
