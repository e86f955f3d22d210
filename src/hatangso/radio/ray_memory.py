"""What a sweep remembers of the terrain behind it on one ray, so that each receiver costs next to nothing.

Heights are kept "lowered" by the parabola 500·d²/a of an effective earth radius a, in which the earth's bulge between
two ends becomes a straight line; then horizons are tangents to the upper hull of the points passed so far, and the
hull is a stack. One float table ``work`` and one integer table ``stack`` hold everything, a row per quantity.
"""

from __future__ import annotations

import math

import numpy as np

from hatangso.radio.compiled import compiled
from hatangso.radio.profile import INLAND, SEA

# rows of work: ground, surface, then lowered heights (median earth, β0 earth, bare ground), prefix sums and maxima
(
    GROUND, LOW_E, LOW_B, LOW_H, SUM_1, SUM_2, OUT_E, OUT_B, OUT_H, OUT_RAW,
    LINE_E, TILT_E, LINE_B, TILT_B, LINE_H, TILT_H, TOP,
    SEA_SUM, RUN_LAND, MOST_LAND, RUN_INLAND, MOST_INLAND, FIRST_SEA, LAST_SEA, WORK_ROWS,
) = range(25)  # fmt: skip
# rows of stack: hulls of the lowered surfaces and of the raw ground, and where the horizon of the bare ground is
HULL_E, HULL_B, HULL_H, HULL_RAW, AT_OUT, SIZES, ZONE, STACK_ROWS = range(8)
BLOCK = 16
_NEVER = -1e18


@compiled
def fill_prefixes(
    work: np.ndarray, stack: np.ndarray, count: int, step: float, top: float, raised: bool
) -> None:
    """Fill prefix sums, running horizon slopes and block lines for ``count`` samples; ``top`` is the antenna's height.

    The lowered rows are filled already; ``raised`` says that clutter makes the surface differ from the ground.
    """
    sum_1, sum_2 = 0.0, 0.0
    out_raw, out_h, at = _NEVER, _NEVER, 0
    work[OUT_RAW, 0] = work[OUT_H, 0] = _NEVER
    work[SUM_1, 0] = work[SUM_2, 0] = 0.0
    bare = LOW_H if raised else LOW_E
    for i in range(1, count + 1):
        near, here = work[GROUND, i - 1], work[GROUND, i]
        sum_1 += here + near
        sum_2 += here * (3 * i - 1) + near * (3 * i - 2)
        work[SUM_1, i], work[SUM_2, i] = sum_1 * step, sum_2 * step * step
        inverse = 1 / (i * step)
        out_raw = max(out_raw, (here - top) * inverse)
        slope = (work[bare, i] - top) * inverse
        if slope > out_h:
            out_h, at = slope, i
        work[OUT_RAW, i], work[OUT_H, i] = out_raw, out_h
        stack[AT_OUT, i] = at


@compiled
def fill_horizon(work: np.ndarray, low: int, out: int, count: int, step: float, top: float) -> None:
    """Fill the running steepest slope (m/km) from the antenna to the lowered heights of row ``low``."""
    steepest = _NEVER
    work[out, 0] = _NEVER
    for i in range(1, count + 1):
        steepest = max(steepest, (work[low, i] - top) / (i * step))
        work[out, i] = steepest


@compiled
def fill_block_lines(work: np.ndarray, low: int, line: int, count: int, step: float) -> None:
    """Lay one straight line over each full block of samples: no height of the block rises above it."""
    for block in range((count - 1) // BLOCK + 1 if count > 0 else 0):
        first = block * BLOCK + 1
        last = first + BLOCK - 1
        if last > count:
            return
        tilt = (work[low, last] - work[low, first]) / ((last - first) * step)
        above = _NEVER
        for i in range(first, last + 1):
            above = max(above, work[low, i] - tilt * i * step)
        work[line, block], work[line + 1, block] = above, tilt


@compiled
def fill_block_tops(work: np.ndarray, count: int) -> None:
    """Greatest ground height of each full block."""
    for block in range(count // BLOCK):
        highest = _NEVER
        for i in range(block * BLOCK + 1, block * BLOCK + BLOCK + 1):
            highest = max(highest, work[GROUND, i])
        work[TOP, block] = highest


@compiled
def fill_zones(work: np.ndarray, stack: np.ndarray, count: int, step: float) -> None:
    """Fill, up to and with each sample, km over sea, current and longest runs of land and inland, coasts met.

    ``stack[ZONE, 0]`` is the station's own zone. Each sample owns half a step on both sides.
    """
    sea, land, most_land, inland, most_inland, first, last = 0.0, 0.0, 0.0, 0.0, 0.0, 500.0, -500.0
    for i in range(count + 1):
        own = step if i > 0 else 0.5 * step
        if stack[ZONE, i] == SEA:
            sea += own
            land = 0.0
            first, last = min(first, i * step), i * step
        else:
            land += own
            most_land = max(most_land, land)
        inland = inland + own if stack[ZONE, i] == INLAND else 0.0
        most_inland = max(most_inland, inland)
        work[SEA_SUM, i], work[RUN_LAND, i], work[MOST_LAND, i] = sea, land, most_land
        work[RUN_INLAND, i], work[MOST_INLAND, i] = inland, most_inland
        work[FIRST_SEA, i], work[LAST_SEA, i] = first, last


@compiled
def zones_at(
    work: np.ndarray, stack: np.ndarray, k: int, step: float, d: float, zone: int
) -> tuple[float, float, float, float, float]:
    """Return ω, dtm, dlm and the distances of both ends to the coast, for a receiver of ``zone`` at ``d``."""
    gap = 0.5 * (d - k * step)
    before = 0.5 * step if k > 0 else 0.0
    sea, land, most_land, inland, most_inland = 0.0, 0.0, 0.0, 0.0, 0.0
    if k > 0:
        sea, land, most_land = work[SEA_SUM, k - 1], work[RUN_LAND, k - 1], work[MOST_LAND, k - 1]
        inland, most_inland = work[RUN_INLAND, k - 1], work[MOST_INLAND, k - 1]
    for last in range(2):
        own, kind = (gap, np.int64(zone)) if last else (before + gap, np.int64(stack[ZONE, k]))
        if kind == SEA:
            sea += own
            land = 0.0
        else:
            land += own
            most_land = max(most_land, land)
        inland = inland + own if kind == INLAND else 0.0
        most_inland = max(most_inland, inland)
    to_sea_r = 0.0 if zone == SEA else min(500.0, d - work[LAST_SEA, k])
    to_sea_t = work[FIRST_SEA, k]
    return sea / d, most_land, most_inland, min(to_sea_t, d if zone == SEA else 500.0), to_sea_r


@compiled
def push(work: np.ndarray, stack: np.ndarray, low: int, hull: int, i: int) -> None:
    """Add sample ``i`` of row ``low`` to the upper hull ``hull``."""
    size = stack[SIZES, hull]
    y = work[low, i]
    while size >= 2:
        b, a = stack[hull, size - 1], stack[hull, size - 2]
        yb, ya = work[low, b], work[low, a]
        if (yb - ya) * (i - b) > (y - yb) * (b - a):
            break
        size -= 1
    stack[hull, size] = i
    stack[SIZES, hull] = size + 1


@compiled
def tangent(
    work: np.ndarray, stack: np.ndarray, low: int, hull: int, step: float, d: float, y: float
) -> tuple[float, int]:
    """Return the steepest slope (m/km) back from (d, y) to the hull, and the sample it touches."""
    last = stack[SIZES, hull] - 1
    at = stack[hull, last]
    slope = (work[low, at] - y) / (d - at * step)
    tries = 0
    while last > 0:
        before = stack[hull, last - 1]
        other = (work[low, before] - y) / (d - before * step)
        if other <= slope:
            return slope, at
        slope, at = other, before
        last -= 1
        tries += 1
        if tries == 6:
            break
    low_end, high_end = 0, last
    while low_end < high_end:  # first vertex from which the next one no longer looks steeper
        middle = (low_end + high_end) // 2
        here, after = stack[hull, middle], stack[hull, middle + 1]
        if (work[low, after] - y) * (d - here * step) > (work[low, here] - y) * (d - after * step):
            low_end = middle + 1
        else:
            high_end = middle
    at = stack[hull, low_end]
    return (work[low, at] - y) / (d - at * step), at


@compiled
def furthest_above(work: np.ndarray, stack: np.ndarray, step: float, slope: float) -> float:
    """Return max(h - slope·d) over the hull of the raw ground."""
    low_end, high_end = 0, stack[SIZES, HULL_RAW] - 1
    while low_end < high_end:
        middle = (low_end + high_end) // 2
        here, after = stack[HULL_RAW, middle], stack[HULL_RAW, middle + 1]
        if work[GROUND, after] - work[GROUND, here] > slope * (after - here) * step:
            low_end = middle + 1
        else:
            high_end = middle
    at = stack[HULL_RAW, low_end]
    return work[GROUND, at] - slope * at * step


@compiled
def nearest_to_sight(
    work: np.ndarray, rows: tuple, k: int, step: float, line: tuple, gaps: tuple, best: float
) -> tuple[float, int]:
    """Return max of (height above the sight line)/√(d(D-d)) where everything lies below it, and its sample.

    ``rows`` = lowered heights and their block lines; ``line`` = D, transmitter height, slope of the sight line in
    lowered heights; ``gaps`` = by how much the two horizons lie below the sight line (m/km). Values at or below
    ``best`` are of no interest: then (best, 0) comes back. A point is at most -max(gap_t·x, gap_r/x), x = √(d/(D-d)),
    which leaves an interval; in it whole blocks are passed over by their lines.
    """
    low, lines = rows
    d_end, top, slope = line
    gap_t, gap_r = gaps
    found = 0
    if gap_t * gap_r >= best * best:
        return best, found
    near, far = (gap_r / best) ** 2, (best / gap_t) ** 2
    first = max(1, int(d_end * near / (1 + near) / step))
    final = min(k, int(d_end * far / (1 + far) / step) + 1)
    i = first
    while i <= final:
        block = (i - 1) // BLOCK
        start, stop = block * BLOCK + 1, block * BLOCK + BLOCK
        if stop <= k:
            da, db = start * step, stop * step
            tilt = work[lines + 1, block] - slope
            level = work[lines, block] - top
            under = level + max(tilt * da, tilt * db)
            middle = min(max(0.5 * d_end, da), db)
            if under < 0 and under * under >= best * best * middle * (d_end - middle):
                i = stop + 1
                continue
        until = min(stop, final)
        while i <= until:
            d = i * step
            below = min(work[low, i] - top - slope * d, -1e-12)
            room = d * (d_end - d)
            if below * below < best * best * room:
                best, found = below / math.sqrt(room), i
            i += 1
    return best, found


@compiled
def roughness(work: np.ndarray, first: int, last: int, step: float, base: float, slope: float) -> float:
    """hm: greatest ground height above the smooth surface base + slope·d between two samples."""
    best = _NEVER
    i = first
    while i <= last:
        block = (i - 1) // BLOCK
        start, stop = block * BLOCK + 1, block * BLOCK + BLOCK
        if i == start and stop <= last:
            lowest = base + min(slope * start * step, slope * stop * step)
            if work[TOP, block] - lowest <= best:
                i = stop + 1
                continue
        until = min(stop, last)
        while i <= until:
            best = max(best, work[GROUND, i] - base - slope * i * step)
            i += 1
    return best


@compiled
def smooth_nu(d_end: float, k: int, step: float, ht: float, hr: float, c: float) -> float:
    """ν·√λ over a smooth earth at samples 1…k: peaks of closed forms, tried at the samples beside them."""
    if k < 1:
        return _NEVER
    i = min(max(int(math.sqrt(ht / c) / step), 1), k)
    j = min(i + 1, k)
    steepest = max(c * (d_end - i * step) - ht / (i * step), c * (d_end - j * step) - ht / (j * step))
    spread = math.sqrt(0.002 * d_end)
    if steepest >= (hr - ht) / d_end:
        i = min(max(int((d_end - math.sqrt(hr / c)) / step), 1), k)
        j = min(i + 1, k)
        back = max(c * i * step - hr / (d_end - i * step), c * j * step - hr / (d_end - j * step))
        point = (hr - ht + back * d_end) / (steepest + back)
        rise = ht + steepest * point - (ht * (d_end - point) + hr * point) / d_end
        return rise * math.sqrt(0.002 * d_end / (point * (d_end - point)))
    return spread * _smooth_clearance(d_end, k, step, ht, hr, c)


@compiled
def _smooth_value(d: float, d_end: float, ht: float, hr: float, c: float) -> float:
    rest = d_end - d
    return (c * d * rest - (ht * rest + hr * d) / d_end) / math.sqrt(d * rest)


@compiled
def _smooth_clearance(d_end: float, k: int, step: float, ht: float, hr: float, c: float) -> float:
    """Greatest clearance ratio over a smooth earth in sight: its peaks lie between t = 1 and t = √(ht/hr)."""
    edge = 0.5 * math.log(ht / hr)
    best = _NEVER
    pieces = 8
    for piece in range(pieces):  # in each piece, halve on the sign of the derivative
        a, b = edge * piece / pieces, edge * (piece + 1) / pieces
        if _smooth_rising(a, d_end, ht, hr, c) * edge < 0 or _smooth_rising(b, d_end, ht, hr, c) * edge > 0:
            continue
        for _ in range(40):
            middle = 0.5 * (a + b)
            if _smooth_rising(middle, d_end, ht, hr, c) * edge > 0:
                a = middle
            else:
                b = middle
            if abs(b - a) < 1e-4:
                break
        t2 = math.exp(a + b)
        i = int(d_end * t2 / (1 + t2) / step)
        for near in range(i - 1, i + 3):
            at = min(max(near, 1), k)
            best = max(best, _smooth_value(at * step, d_end, ht, hr, c))
    return max(best, _smooth_value(k * step, d_end, ht, hr, c), _smooth_value(step, d_end, ht, hr, c))


@compiled
def _smooth_rising(log_t: float, d_end: float, ht: float, hr: float, c: float) -> float:
    """Derivative of the clearance ratio by t = √(d/(D-d)), at t = exp(log_t)."""
    t = math.exp(log_t)
    t2 = t * t
    return c * d_end * (1 - t2) / ((1 + t2) * (1 + t2)) + (ht / t2 - hr) / d_end
