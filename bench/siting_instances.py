"""Instances of the siting bench: covering problems and p-medians, read from files or invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import cKDTree

from hatangso.siting.distances import Distances
from hatangso.siting.problem import SitingProblem, problem_from_arrays

# OR-Library's pmed1-40: number of nodes and the sites asked of each graph of that size
PMED_SIZES = {
    100: (5, 10, 10, 20, 33), 200: (5, 10, 20, 40, 67), 300: (5, 10, 30, 60, 100), 400: (5, 10, 40, 80, 133),
    500: (5, 10, 50, 100, 167), 600: (5, 10, 60, 120, 200), 700: (5, 10, 70, 140), 800: (5, 10, 80),
    900: (5, 10, 90),
}  # fmt: skip


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
    return _all_pairs(far), sites


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


def some_need_two(problem: SitingProblem, part: float, seed: int = 5) -> SitingProblem:
    """Return the problem where this part of the demand, drawn at random, needs two covers."""
    twice = np.random.default_rng(seed).random(len(problem.weight)) < part
    return replace(problem, needed=np.where(twice, 2, 1))


def with_chances(problem: SitingProblem, seed: int = 5) -> SitingProblem:
    """Return the problem where every pair serves with a chance of its own, 0.5 to 1."""
    return replace(problem, share=np.random.default_rng(seed).uniform(0.5, 1, len(problem.share)))


def nearest_distances(path: Path, nearest: int) -> Distances:
    """Return the distances between each demand of a covering instance (its D, C) and its nearest candidates."""
    arrays = np.load(path)
    far, site = cKDTree(arrays["C"]).query(arrays["D"], nearest)
    place = np.repeat(np.arange(len(arrays["D"])), nearest)
    order = np.lexsort((place, site.ravel()))
    start = np.concatenate([[0], np.cumsum(np.bincount(site.ravel(), minlength=len(arrays["C"])))])
    every = problem_from_arrays(start, demand=place[order], weight=arrays["w"])
    return Distances(every, far.ravel()[order])


def generate_medians(seeds: int) -> Iterator[tuple[str, Distances, int]]:
    """Invent p-medians in the sizes of pmed1-40, each so many times: name, distances, number of sites.

    A connected graph of n nodes and n²/50 edges of length 1 to 100, as in OR-Library.
    """
    for seed in range(1, seeds + 1):
        number = 0
        for nodes, asked in PMED_SIZES.items():
            for sites in asked:
                number += 1
                yield (
                    f"pmed{number} seed {seed}",
                    _random_median(nodes, np.random.default_rng((seed, number))),
                    sites,
                )


def _random_median(nodes: int, chance: np.random.Generator) -> Distances:
    order = chance.permutation(nodes)
    joined = np.stack([order[1:], order[(chance.random(nodes - 1) * np.arange(1, nodes)).astype(int)]])
    more = chance.integers(0, nodes, (2, nodes * nodes // 50 - nodes + 1))
    more = more[:, more[0] != more[1]]
    ends = np.sort(np.hstack([joined, more]), axis=0)
    ends = ends[:, np.unique(ends[0] * nodes + ends[1], return_index=True)[1]]
    length = coo_matrix((chance.integers(1, 101, ends.shape[1]), (ends[0], ends[1])), shape=(nodes, nodes))
    return _all_pairs(shortest_path(length.tocsr().astype(float), directed=False))


def _all_pairs(far: np.ndarray) -> Distances:
    count = len(far)
    every = problem_from_arrays(
        np.arange(0, count * count + 1, count), demand=np.tile(np.arange(count), count), weight=np.ones(count)
    )
    return Distances(every, far.ravel())
