"""Siting beside its peers: value, bound, optimum where known and seconds for each instance given.

    python bench/siting.py INSTANCE… [--sites N] [--only WORD] [--time-limit S] [--peers [NAME…]]
    python bench/siting.py --generate 100000 20000 --seed 7 --out big.npz
    python bench/siting.py --generate-pmed 2

An instance is a covering problem (`.npz` with p, i, w, c: candidate j covers demand i[p[j]:p[j+1]], weights w, costs
c) or an OR-Library p-median (`pmedN.txt`; optimum read from `pmedopt.txt` beside it). ``--peers`` also runs HiGHS,
OR-tools CP-SAT and spopt, each in a process of its own (OR-tools cannot share one with highspy) with the same time
limit; ``--peer-python`` names a Python that has OR-tools and spopt. A peer that is not installed is named in a line.
``--variants`` asks instead: maximal covering where a fifth of the demand needs two covers, where service is a chance,
and the p-median among the 300 nearest sites. ``--generate-pmed N`` invents N p-medians in each of the sizes of
pmed1-40 and answers them. The last line tells how many were proven, the longest and all seconds, processor seconds and
the most memory held.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from siting_instances import (
    generate_covering,
    generate_medians,
    nearest_distances,
    only_reachable,
    read_covering,
    read_p_median,
    some_need_two,
    with_chances,
)

from hatangso.siting.distances import Distances
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.p_median import p_median
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem
from hatangso.siting.set_cover import fewest_sites, set_cover

PEER_SCRIPT = Path(__file__).with_name("siting_peers.py")
PEERS = ("highs", "ortools", "spopt")
USUAL_SITES = {500: 30, 5000: 100, 20000: 150}
Row = tuple[str, str, str, float | None, float | None, float | None, float, str]


def covering_rows(path: Path, options: argparse.Namespace) -> list[Row]:
    """Run the three covering questions on one instance."""
    problem = read_covering(path)
    count = len(problem.cost)
    sites = options.sites or USUAL_SITES.get(count, max(1, count // 50))
    whole = only_reachable(problem)
    fewest = fewest_sites(whole)
    questions: list[tuple[str, SitingProblem, int | None, Callable[[SearchLimits], SitingAnswer]]] = [
        (f"maximal, {sites} sites", problem, sites, lambda limits: maximal_covering(problem, sites=sites, limits=limits)),
        ("set cover, fewest", fewest, None, lambda limits: set_cover(fewest, limits=limits)),
        ("set cover, cost", whole, None, lambda limits: set_cover(whole, limits=limits)),
    ]  # fmt: skip
    if options.variants:
        double, chances = some_need_two(problem, 0.2), with_chances(problem)
        questions = [
            ("a fifth needs two", double, sites, lambda limits: maximal_covering(double, sites=sites, limits=limits)),
            ("chances", chances, sites, lambda limits: maximal_covering(chances, sites=sites, limits=limits)),
            ("p-median, 300 nearest", problem, sites, lambda limits: p_median(nearest_distances(path, 300), sites=sites, limits=limits)),
        ]  # fmt: skip
    rows: list[Row] = []
    for name, asked, number, solve in questions:
        if options.only and options.only not in name:
            continue
        answer = solve(SearchLimits(seed=options.seed, time_limit_s=options.time_limit))
        rows.append(our_row(path.name, name, answer))
        if options.peers and not options.variants:
            rows += peer_rows(path.name, name, asked, number, options)
    return rows


def our_row(instance: str, question: str, answer: SitingAnswer, optimum: float | None = None) -> Row:
    """Print and return the line of one of our answers."""
    row = (instance, question, "hatangso", answer.value, answer.bound, optimum, answer.seconds, answer.status)
    show(row)
    return row


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


def median_row(name: str, distances: Distances, sites: int, options: argparse.Namespace) -> Row:
    """Run one p-median; the optimum where one is known."""
    limits = SearchLimits(seed=options.seed, time_limit_s=options.time_limit)
    answer = p_median(distances, sites=sites, limits=limits)
    return our_row(name, f"p-median, {sites}", answer, options.optima.get(name))


def known_optima(paths: list[Path]) -> dict[str, float]:
    """Return the optima told by ``pmedopt.txt`` beside the instances, by file name."""
    optima: dict[str, float] = {}
    for known in {path.with_name("pmedopt.txt") for path in paths}:
        if known.exists():
            words = [line.split() for line in known.read_text().splitlines()[1:] if line.strip()]
            optima |= {f"{name}.txt": float(value) for name, value in words}
    return optima


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


def show_total(rows: list[Row]) -> None:
    """Print the line under the table: ours only."""
    ours = [row for row in rows if row[2] == "hatangso"]
    proven = sum(row[7] == "optimal" for row in ours)
    wrong = sum(row[5] is not None and row[3] != row[5] for row in ours)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{len(ours)} answers, {proven} proven, {wrong} not the known optimum; longest {max(row[6] for row in ours):.2f} s,"
        f" all {sum(row[6] for row in ours):.2f} s (processor {used.ru_utime + used.ru_stime:.1f} s with reading),"
        f" memory {used.ru_maxrss / 1e6:.2f} GB"
    )


def arguments() -> argparse.ArgumentParser:
    """Return what may be asked of the bench."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instances", nargs="*", type=Path)
    parser.add_argument("--sites", type=int, help="sites of maximal covering")
    parser.add_argument("--variants", action="store_true", help="double cover, chances and p-median instead")
    parser.add_argument("--only", help="only questions whose name holds this")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", nargs="*", choices=PEERS, help="which peers too; all when none is named")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python with ortools and spopt")
    parser.add_argument("--generate", nargs=2, type=int, metavar=("DEMAND", "CANDIDATES"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--generate-pmed", type=int, default=0, metavar="SEEDS")
    return parser


def main() -> None:
    """Read the arguments and print the table."""
    parser = arguments()
    options = parser.parse_args()
    options.peers = PEERS if options.peers == [] else options.peers
    options.optima = known_optima(options.instances)
    if options.generate:
        target = options.out or Path(f"covering_{options.generate[0]}x{options.generate[1]}.npz")
        arrays = generate_covering(*options.generate, options.seed)
        np.savez_compressed(target, **arrays)
        print(f"{target}: {len(arrays['i']):,} pairs")
        return
    if not options.instances and not options.generate_pmed:
        parser.error("name at least one instance")
    print(
        "instance                 question               solver             value          bound    optimum       gap   seconds"
    )
    rows: list[Row] = []
    for path in options.instances:
        if path.suffix == ".npz":
            rows += covering_rows(path, options)
        elif path.stem != "pmedopt":
            rows.append(median_row(path.name, *read_p_median(path), options))
    for name, distances, sites in generate_medians(options.generate_pmed):
        rows.append(median_row(name, distances, sites, options))
    if not rows:
        parser.error(f"no question of these instances holds '{options.only}' in its name")
    show_total(rows)


if __name__ == "__main__":
    main()
