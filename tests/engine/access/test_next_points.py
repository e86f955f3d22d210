"""Where the next points go."""

from __future__ import annotations

import numpy as np

from hatangso.access.distances import pairs_by_air
from hatangso.access.next_points import next_points
from hatangso.access.points import Points
from tests.engine.access.small_roads import KM, at


def test_next_points_reach_the_most_people_not_yet_reached():
    people = Points(("a", "b", "c"), np.full(3, 108.0), np.array([0, 10, 20]) * KM, np.array([5.0, 9.0, 7.0]))
    possible = at(0, 10, 20)
    answer = next_points(
        people, standing=pairs_by_air(at(10), people=people, limit_m=3000),
        candidates=(possible, pairs_by_air(possible, people=people, limit_m=3000)), count=1,
    )  # fmt: skip
    assert answer.chosen == ("20",)
    assert answer.value == answer.bound == 16
