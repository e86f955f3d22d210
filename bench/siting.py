"""Siting beside its peers: value, bound, optimum where known and seconds for each instance given.

    python bench/siting.py INSTANCE… [--sites N] [--time-limit S] [--peers [NAME…]]
    python bench/siting.py --generate 100000 20000 --seed 7 --out big.npz

An instance is a covering problem (`.npz` with p, i, w, c: candidate j covers demand i[p[j]:p[j+1]], weights w, costs
c) or an OR-Library p-median (`pmedN.txt`; optimum read from `pmedopt.txt` beside it). ``--peers`` also runs HiGHS,
OR-tools CP-SAT and spopt, each in a process of its own (OR-tools cannot share one with highspy) with the same time
limit; ``--peer-python`` names a Python that has OR-tools and spopt. A peer that is not installed is named in a line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import cKDTree

from hatangso.siting.distances import Distances
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_median import p_median
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem, problem_from_arrays
from hatangso.siting.set_cover import fewest_sites, set_cover

PEER_SCRIPT = Path(__file__).with_name("siting_peers.py")
PEERS = ("highs", "ortools", "spopt")
Row = tuple[str, str, str, float | None, float | None, float | None, float, str]


def read_covering(path: Path) -> SitingProblem:
    """Read a covering instance."""
    arrays = np.load(path)
    return problem_from_arrays(arrays["p"], demand=arrays["i"], weight=arrays["w"], cost=arrays["c"])


def read_p_median(path: Path) -> tuple[Distances, int]:
    """Read an OR-Library p-median: nodes, edges, p, then edges; of a repeated edge the last cost counts."""
    numbers = [int(word) for word in path.read_text().split()]
    count, edges, sites = numbers[:3]
    length = np.zeros((count, count))
    for first, second, cost in np.array(numbers[3 : 3 + 3 * edges]).reshape(-1, 3):
        length[first - 1, second - 1] = length[second - 1, first - 1] = cost
    far = shortest_path(csr_matrix(length), directed=False)
    every = problem_from_arrays(
        np.arange(0, count * count + 1, count), demand=np.tile(np.arange(count), count), weight=np.ones(count)
    )
    return Distances(every, far.ravel()), sites


def generate_covering(demand: int, candidates: int, seed: int) -> dict[str, np.ndarray]:
    """Invent an instance of the kind of covering_*.npz: clustered people, discs with 12 sectors blocked at random.

    Fitted to the two given: land of 100 × 80 km, radius 2 to 6 km, sectors seen to 1, 0.8, 0.5 or 0.25 of it, a third
    of the candidates around the middle of a cluster, one in seven on a standing mast.
    """
    chance = np.random.default_rng(seed)
    land, clusters = np.array([100.0, 80.0]), max(5, demand // 100)
    centre, spread = chance.uniform(0, 1, (clusters, 2)) * land, chance.uniform(0.3, 2.0, clusters)
    member = chance.choice(clusters, demand, p=chance.dirichlet(np.full(clusters, 3.0)))
    people = np.clip(centre[member] + chance.normal(size=(demand, 2)) * spread[member][:, None], 0, land)
    weight = np.maximum(1, np.round(np.exp(chance.normal(np.log(55), 1, demand))))
    beside = centre[chance.integers(0, clusters, candidates // 3)]
    far_out = chance.uniform(0, 1, (candidates - len(beside), 2)) * land
    site = np.clip(np.vstack([far_out, beside + chance.normal(size=beside.shape) * 2]), 0, land)
    radius = chance.uniform(2, 6, candidates)
    seen = chance.choice([1, 0.8, 0.5, 0.25], (candidates, 12), p=[0.35, 0.3, 0.2, 0.15])
    tree, start, covered = cKDTree(people), [0], []
    for j in range(candidates):
        near = np.array(sorted(tree.query_ball_point(site[j], radius[j])), dtype=np.int32)
        way = people[near] - site[j]
        sector = ((np.degrees(np.arctan2(way[:, 1], way[:, 0])) % 360) // 30).astype(int) % 12
        near = near[np.hypot(way[:, 0], way[:, 1]) <= radius[j] * seen[j, sector]]
        covered.append(near)
        start.append(start[-1] + len(near))
    cost = np.where(chance.random(candidates) < 0.15, 1.0, chance.integers(3, 6, candidates))
    return {
        "p": np.array(start),
        "i": np.concatenate(covered),
        "w": weight,
        "c": cost,
        "D": people,
        "C": site,
    }


def only_reachable(problem: SitingProblem) -> SitingProblem:
    """Return the problem without the demand that no candidate covers (set cover needs that)."""
    reachable = np.bincount(problem.demand, minlength=len(problem.weight)) > 0
    number = np.cumsum(reachable) - 1
    return problem_from_arrays(
        problem.start, demand=number[problem.demand], weight=problem.weight[reachable], cost=problem.cost
    )


def covering_rows(path: Path, options: argparse.Namespace) -> list[Row]:
    """Run the three covering questions on one instance."""
    problem = read_covering(path)
    sites = options.sites or {500: 30, 5000: 100, 20000: 150}.get(
        len(problem.cost), max(1, len(problem.cost) // 50)
    )
    whole = only_reachable(problem)
    questions: list[tuple[str, Callable[[SearchLimits], SitingAnswer]]] = [
        (f"maximal, {sites} sites", lambda limits: maximal_covering(problem, sites=sites, limits=limits)),
        ("set cover, fewest", lambda limits: set_cover(fewest_sites(whole), limits=limits)),
        ("set cover, cost", lambda limits: set_cover(whole, limits=limits)),
    ]
    rows: list[Row] = []
    for name, solve in questions:
        if options.only and options.only not in name:
            continue
        answer = solve(SearchLimits(seed=options.seed, time_limit_s=options.time_limit))
        rows.append(
            (path.name, name, "hatangso", answer.value, answer.bound, None, answer.seconds, answer.status)
        )
        show(rows[-1])
        if options.peers:
            asked = (
                problem
                if name.startswith("maximal")
                else (fewest_sites(whole) if "fewest" in name else whole)
            )
            rows += peer_rows(path.name, name, asked, sites if name.startswith("maximal") else None, options)
    return rows


def peer_rows(
    instance: str, name: str, problem: SitingProblem, sites: int | None, options: argparse.Namespace
) -> list[Row]:
    """Run HiGHS, CP-SAT and spopt on one question, each with the time limit."""
    rows: list[Row] = []
    file = Path(f"/tmp/hatangso_bench_{os.getpid()}.npz")
    np.savez(file, p=problem.start, i=problem.demand, w=problem.weight, c=problem.cost, sites=sites or 0)
    for peer in options.peers:
        python = sys.executable if peer == "highs" else options.peer_python
        started = time.perf_counter()
        answer, word = ask_peer([python, str(PEER_SCRIPT), peer, str(file)], options.time_limit)
        seconds = time.perf_counter() - started
        if answer is None:
            rows.append((instance, name, peer, None, None, None, seconds, word))
        else:
            rows.append(
                (instance, name, peer, answer["value"], answer["bound"], None, seconds, answer["status"])
            )
        show(rows[-1])
    file.unlink()
    return rows


def ask_peer(command: list[str], time_limit: float) -> tuple[dict[str, Any] | None, str]:
    """Run one peer in a process of its own; return its answer, or None and why there is none."""
    most = 2 * time_limit + 30
    try:
        done = subprocess.run(
            [*command, str(time_limit)], capture_output=True, text=True, timeout=most, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, f"no answer in {most:.0f} s (building the model counts)"
    lines = done.stderr.strip().splitlines()
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1]), ""
    if lines and "ModuleNotFoundError" in lines[-1]:
        return None, f"not installed in {command[0]}"
    if done.returncode < 0:
        return None, f"process died of signal {-done.returncode}"
    return None, (lines or ["no word"])[-1][:90]


def median_row(path: Path, options: argparse.Namespace) -> Row:
    """Run one p-median."""
    distances, sites = read_p_median(path)
    answer = p_median(
        distances, sites=sites, limits=SearchLimits(seed=options.seed, time_limit_s=options.time_limit)
    )
    known = path.with_name("pmedopt.txt")
    optima = (
        dict(line.split() for line in known.read_text().splitlines()[1:] if line.strip())
        if known.exists()
        else {}
    )
    optimum = float(optima[path.stem]) if path.stem in optima else None
    row: Row = (
        path.name,
        f"p-median, {sites}",
        "hatangso",
        answer.value,
        answer.bound,
        optimum,
        answer.seconds,
        answer.status,
    )
    show(row)
    return row


def show(row: Row) -> None:
    """Print one line of the table."""
    instance, question, solver, value, bound, optimum, seconds, status = row
    numbers = ["" if x is None else f"{x:,.1f}" for x in (value, bound, optimum)]
    gap = (
        ""
        if value is None or bound is None or not max(value, bound)
        else f"{abs(value - bound) / max(value, bound):.3%}"
    )
    print(
        f"{instance:24s} {question:22s} {solver:9s} {numbers[0]:>14s} {numbers[1]:>14s} {numbers[2]:>10s} {gap:>9s} "
        f"{seconds:8.2f} s  {status}",
        flush=True,
    )


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instances", nargs="*", type=Path)
    parser.add_argument("--sites", type=int, help="sites of maximal covering")
    parser.add_argument("--only", help="only questions whose name holds this")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="which peers too; all when none is named")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python with ortools and spopt")
    parser.add_argument("--generate", nargs=2, type=int, metavar=("DEMAND", "CANDIDATES"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.peers = PEERS if options.peers == [] else options.peers
    if options.generate:
        target = options.out or Path(f"covering_{options.generate[0]}x{options.generate[1]}.npz")
        arrays = generate_covering(*options.generate, options.seed)
        np.savez_compressed(target, **arrays)
        print(f"{target}: {len(arrays['i']):,} pairs")
        return
    if not options.instances:
        parser.error("name at least one instance")
    print(
        "instance                 question               solver             value          bound    optimum       gap   seconds"
    )
    for path in options.instances:
        if path.suffix == ".npz":
            covering_rows(path, options)
        elif path.stem != "pmedopt":
            median_row(path, options)


if __name__ == "__main__":
    main()
