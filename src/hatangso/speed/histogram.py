"""One scale of bins for speeds and latencies, on which summaries of parts add up to the summary of the whole.

A value is kept as a bin number of 16 bits. Bins are 0.01 wide up to 500 (Mb/s or ms), where every floor in the rules
lies, and grow by the same ratio from there to 10,000: no value above 500 moves by more than 0.02 %.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

FINE_STEP = 0.01
FINE_BINS = 50_000
FINE_TOP = FINE_STEP * FINE_BINS
COARSE_BINS = 15_535
FLOAT32_ROUNDING = 1.2e-7
TOP = 10_000.0
NOTHING = 65_535  # the code of a missing value
_LOG_STEP = np.log(TOP / FINE_TOP) / COARSE_BINS
_PER_LOG = 1.0 / _LOG_STEP


def bin_of(values: np.ndarray) -> np.ndarray:
    """Return the bin number of each value.

    Parameters
    ----------
    values : float array (n,), Mb/s or ms; NaN or negative gives :data:`NOTHING`

    Returns
    -------
    uint16 array (n,). Bin k below 50,000 holds the values from k/100 up to but not including (k+1)/100, so that
    counting the samples at or above a floor given to 0.01 is exact.
    """
    codes = np.empty(len(values), dtype=np.uint16)
    _encode(np.ascontiguousarray(values, dtype=np.float64), codes)
    return codes


def value_of(bins: np.ndarray) -> np.ndarray:
    """Return the value that stands for each bin: its lower end up to 500 (less than 0.01 low), its middle above."""
    numbers = np.asarray(bins, dtype=np.float64)
    coarse = FINE_TOP * np.exp((numbers - FINE_BINS + 0.5) * _LOG_STEP)
    return np.where(numbers <= FINE_BINS, numbers * FINE_STEP, coarse)


def first_bin_reaching(floor: float) -> int:
    """Return the smallest bin whose values reach ``floor``: counting from it on gives the samples ≥ floor."""
    if floor <= 0:
        return 0
    if floor <= FINE_TOP:
        return int(np.ceil(round(floor / FINE_STEP, 6)))
    return int(FINE_BINS + np.floor(np.log(floor / FINE_TOP) / _LOG_STEP) + 1)


@njit(cache=True, inline="always")
def code_of(value, tolerance):  # pragma: no cover - compiled
    """Return the bin of one value; 65,535 for one that is missing.

    ``tolerance`` is the rounding of the number format: 12.29 must fall in its own hundredth although the nearest
    float32 lies a hair below it.
    """
    if not (value >= 0.0):
        return np.uint16(65_535)
    if value <= 500.0:
        return np.uint16(value * 100.0 * (1.0 + tolerance) + 1e-6)
    number = 50_000 + int(np.log(value / 500.0) * _PER_LOG)
    return np.uint16(min(max(number, 50_001), 65_534))


@njit(cache=True, parallel=True)
def _encode(values, codes):  # pragma: no cover - compiled
    for index in prange(values.shape[0]):
        codes[index] = code_of(values[index], 0.0)
