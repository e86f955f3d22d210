"""p-centre: open p service points so that nobody travels far."""

from __future__ import annotations

import numpy as np

from hatangso.siting.answers import Stopwatch, make_answer
from hatangso.siting.distances import (
    Distances,
    cover_within,
    filled_up,
    first_status,
    reaching_choice,
    refuse_lonely,
    sorted_rows,
)
from hatangso.siting.problem import SearchLimits, SitingAnswer


def p_centre(distances: Distances, *, sites: int, limits: SearchLimits | None = None) -> SitingAnswer:
    """Open ``sites`` candidates so that the longest distance to the nearest open one is least.

    The radius is searched among the distances that occur; each trial asks for the fewest sites that cover everybody
    within it. ``bound``: with any smaller radius more sites are needed, as proven by the bound of the set cover.

    Raises
    ------
    InfeasibleError
        as in :func:`p_median`.

    Source: Minieka 1970; docs/methods/siting.md.
    """
    watch = Stopwatch(limits or SearchLimits())
    problem = distances.problem
    status = first_status(problem, sites)
    rows = sorted_rows(distances, status)
    refuse_lonely(problem, rows)
    radii = np.unique(distances.distance)
    nearest = np.full(len(problem.weight), np.inf)
    np.minimum.at(nearest, problem.demand, distances.distance)
    least = int(np.searchsorted(radii, nearest.max()))
    best, proven = _halve(distances, radii[least:], sites, watch)
    if best is None:
        best = reaching_choice(distances, sites, watch)
    found = filled_up(best, status, sites)
    value = _radius(distances, found)
    bound = min(float(radii[min(least + proven + 1, len(radii) - 1)]), value)
    served = np.ones(len(problem.weight))
    return make_answer(problem, found, value=value, bound=bound, watch=watch, served=served)


def _halve(
    distances: Distances, radii: np.ndarray, sites: int, watch: Stopwatch
) -> tuple[np.ndarray | None, int]:
    """Halve the range of radii; return the choice for the least one met (or None) and the largest proven too small."""
    best: np.ndarray | None = None
    low, high, proven = 0, len(radii) - 1, -1
    while low <= high:
        middle = (low + high) // 2
        watch.limits.advance(100 / np.log2(len(radii) + 1))
        chosen, fewest = cover_within(distances, float(radii[middle]), sites, watch)
        if chosen is not None:
            best, high = chosen, middle - 1
            continue
        if fewest > sites:
            proven = max(proven, middle)
        low = middle + 1
    return best, proven


def _radius(distances: Distances, is_open: np.ndarray) -> float:
    site = np.repeat(np.arange(len(is_open)), np.diff(distances.problem.start))
    mine = is_open[site]
    nearest = np.full(len(distances.problem.weight), np.inf)
    np.minimum.at(nearest, distances.problem.demand[mine], distances.distance[mine])
    return float(nearest.max())
