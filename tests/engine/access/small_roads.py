"""Points and a straight road on one meridian, at whole kilometres from the equator."""

from __future__ import annotations

import numpy as np

from hatangso.access.points import Points
from hatangso.access.roads import build_graph

KM = 1 / 110.574  # one kilometre in degrees of latitude at the equator, nearly


def at(*kilometres: float, people: float | None = None) -> Points:
    """Return points so many kilometres north of the equator on one meridian."""
    count = len(kilometres)
    weights = np.zeros(0) if people is None else np.full(count, people)
    names = tuple(f"{km:g}" for km in kilometres)
    return Points(names, np.full(count, 108.0), np.array(kilometres) * KM, weights)


def road(*kilometres: float):
    """Return a straight road with nodes at these kilometres."""
    place = np.array(kilometres)
    numbers = np.arange(len(place))
    return build_graph(
        (np.full(len(place), 108.0), place * KM),
        edges=(numbers[:-1], numbers[1:]),
        length_m=np.diff(place) * 1000,
    )
