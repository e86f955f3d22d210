"""The formulas of the catalogue by name: pure functions of parts that were summed before.

Shapes: numerator and denominator are float arrays of one shape, NaN = unknown; the result has that shape. Dividing by
zero gives NaN: nothing to measure is not zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]


def share(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return 100 × numerator / denominator, percent."""
    return 100.0 * ratio(numerator, denominator)


def per_100_people(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return numerator per 100 people; may exceed 100 and is no percentage."""
    return 100.0 * ratio(numerator, denominator)


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return numerator / denominator."""
    safe = np.where(denominator == 0, np.nan, denominator)
    return numerator / safe


def service_radius(area_km2: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return √(area / (points × π)), km: the radius of the circle each point would serve alone."""
    return np.sqrt(ratio(area_km2, points * np.pi))


def count(numerator: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Return the count itself."""
    return numerator


def mean(total: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Return the sum of the samples' values / number of samples."""
    return ratio(total, samples)


FORMULAS: dict[str, Formula] = {
    "share": share, "per_100_people": per_100_people, "ratio": ratio, "service_radius": service_radius,
    "count": count, "mean": mean,
}  # fmt: skip
