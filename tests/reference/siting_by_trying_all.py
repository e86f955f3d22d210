"""Slow plain twins of siting: try every choice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

import numpy as np

from hatangso.siting.problem import SitingProblem


def every_choice(problem: SitingProblem) -> Iterator[tuple[int, ...]]:
    """Yield every allowed set of candidates: fixed ones in, excluded ones out, one of each group at most."""
    numbers = range(len(problem.cost))
    for choice in chain.from_iterable(combinations(numbers, size) for size in range(len(problem.cost) + 1)):
        if any(problem.excluded[j] for j in choice) or any(
            problem.fixed[j] and j not in choice for j in numbers
        ):
            continue
        groups = [problem.group[j] for j in choice if problem.group[j] >= 0]
        if len(groups) == len(set(groups)):
            yield choice


def served_parts(problem: SitingProblem, choice: tuple[int, ...]) -> np.ndarray:
    """Return the part of each demand that the choice serves."""
    parts = []
    for i in range(len(problem.weight)):
        shares = [
            float(problem.share[e])
            for j in choice
            for e in range(problem.start[j], problem.start[j + 1])
            if problem.demand[e] == i
        ]
        if problem.is_partial:
            parts.append(1 - float(np.prod([1 - share for share in shares])))
        else:
            parts.append(float(len(shares) >= problem.needed[i]))
    return np.array(parts)


def most_served(problem: SitingProblem, budget: float) -> float | None:
    """Return the most weight served within the budget; None when no choice is allowed."""
    best = None
    for choice in every_choice(problem):
        parts = served_parts(problem, choice)
        if sum(problem.cost[j] for j in choice) > budget + 1e-9 or np.any(parts[problem.must_serve] < 1):
            continue
        value = float(problem.weight @ parts)
        best = value if best is None else max(best, value)
    return best


def cheapest_cover(problem: SitingProblem, percent: float) -> float | None:
    """Return the least cost that serves ``percent`` of the weight (100: every demand); None when impossible."""
    best = None
    for choice in every_choice(problem):
        parts = served_parts(problem, choice)
        enough = (
            np.all(parts >= 1)
            if percent >= 100
            else problem.weight @ parts >= problem.weight.sum() * percent / 100 - 1e-9
        )
        if not enough or np.any(parts[problem.must_serve] < 1):
            continue
        cost = float(sum(problem.cost[j] for j in choice))
        best = cost if best is None else min(best, cost)
    return best


def least_travel(distance: np.ndarray, weight: np.ndarray, sites: int) -> tuple[float, float]:
    """Return the least sum of weight × distance and the least longest distance with ``sites`` rows open."""
    sums, longest = [], []
    for choice in combinations(range(len(distance)), sites):
        nearest = distance[list(choice)].min(axis=0)
        sums.append(float(weight @ nearest))
        longest.append(float(nearest.max()))
    return min(sums), min(longest)
