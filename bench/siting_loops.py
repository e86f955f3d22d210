"""What counting references costs: one merging run, inner loops compiled with and without it, same answers.

    python bench/siting_loops.py [--sites N] INSTANCE.npz

The candidates are those of some short runs (what merging searches); each way compiles anew in a process of its own.
Prints seconds, microseconds a step, and the ratio. See docs/decisions/0008-loops-without-counting.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numba import njit

import hatangso.siting.compiled

WAYS = ("counted", "uncounted")


def run(path: Path, sites: int, way: str) -> tuple[float, float, float]:
    """Return the seconds of one merging run, its steps and the weight it serves."""
    if way == "counted":
        hatangso.siting.compiled.inner_loop = partial(njit, nogil=True)
    from siting_instances import read_covering

    from hatangso.siting.annealing import MERGING, QUICK, Cooling, cool, cooling_steps
    from hatangso.siting.reductions import keep_sites, reduce_problem

    problem = read_covering(path)
    problem = replace(problem, cost=np.ones(len(problem.cost)))
    reduced = reduce_problem(problem, every_demand=False, whole_service=True)

    def rules(seed: int, pace: object) -> Cooling:
        return Cooling(room=float(sites), seed=seed, partial=False, pace=pace)  # type: ignore[arg-type]

    found = [cool(reduced, rules(seed, QUICK), lambda: False) for seed in range(6)]
    part = keep_sites(reduced, np.any([chosen for _, chosen in found], axis=0))
    cool(part, rules(9, replace(MERGING, most_steps=1000)), lambda: False)  # compiles
    begin = time.perf_counter()
    value, _ = cool(part, rules(9, MERGING), lambda: False)
    return time.perf_counter() - begin, float(cooling_steps(part, rules(9, MERGING))), value


def main() -> None:
    """Run both ways and print the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--sites", type=int, default=100)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(*run(options.instance, options.sites, options.way))
        return
    seconds = {}
    for way in WAYS:
        command = [
            sys.executable,
            __file__,
            str(options.instance),
            "--sites",
            str(options.sites),
            "--way",
            way,
        ]
        with tempfile.TemporaryDirectory() as fresh:  # what was compiled otherwise must not come back
            around = {**os.environ, "NUMBA_CACHE_DIR": fresh}
            words = subprocess.run(
                command, check=True, capture_output=True, text=True, env=around
            ).stdout.split()
        seconds[way], steps, value = map(float, words)
        print(
            f"{way:10s} {seconds[way]:7.2f} s  {steps:,.0f} steps  {1e6 * seconds[way] / steps:6.3f} µs each"
            f"  serves {value:,.0f}"
        )
    print(f"uncounted is {seconds['counted'] / seconds['uncounted']:.1f} times as fast")


if __name__ == "__main__":
    main()
