"""Where the next service points go: maximal covering of the people not yet within reach."""

from __future__ import annotations

import numpy as np

from hatangso.access.distances import Pairs
from hatangso.access.points import Points
from hatangso.siting.maximal import maximal_covering
from hatangso.siting.problem import SearchLimits, SitingAnswer, SitingProblem


def next_points(
    people: Points,
    *,
    standing: Pairs,
    candidates: tuple[Points, Pairs],
    count: int,
    limits: SearchLimits | None = None,
) -> SitingAnswer:
    """Choose the next ``count`` points so that most people come within the radius of the pairs.

    Parameters
    ----------
    standing : pairs of the points that stand already
    candidates : possible points and their pairs, within the same radius

    Returns
    -------
    SitingAnswer; ``value`` and ``bound`` are people within reach of old and new points; ``chosen`` are new points
    """
    points, reach = candidates
    near = np.zeros(len(people), bool)
    near[standing.people_point] = True
    names, sites = ("\0standing", *points.ids), len(points) + 1
    first = np.flatnonzero(near)
    fixed = np.zeros(sites, bool)
    fixed[0] = True
    problem = SitingProblem(
        candidate_ids=names, demand_ids=people.ids, cost=np.ones(sites), weight=people.people,
        start=np.concatenate([[0], len(first) + reach.start]), demand=np.concatenate([first, reach.people_point]),
        share=np.ones(len(first) + len(reach.people_point)), group=np.full(sites, -1), fixed=fixed,
        excluded=np.zeros(sites, bool), must_serve=np.zeros(len(people), bool),
        needed=np.ones(len(people), np.int64),
    )  # fmt: skip
    answer = maximal_covering(problem, sites=count + 1, limits=limits)
    return _without_standing(answer)


def _without_standing(answer: SitingAnswer) -> SitingAnswer:
    fields = {name: getattr(answer, name) for name in answer.__dataclass_fields__}
    fields["chosen"] = tuple(name for name in answer.chosen if name != "\0standing")
    fields["cost"] = answer.cost - 1.0
    return SitingAnswer(**fields)
