"""The radial sweep: loss to every pixel round a transmitter, each ray's terrain walked once.

Every pixel is a receiver of its own, with its own distance and ground; only the ground between comes from the nearest
ray. On that profile the answer is P.1812's (held against `pathloss` to 1e-4 dB).
"""

from __future__ import annotations

import math

import numpy as np

from hatangso.radio.compiled import compiled
from hatangso.radio.formulas import (
    AB,
    AE,
    CB,
    CE,
    CUBE_ROOT,
    DUCT_BASE,
    DUCT_BEND,
    FREE_SPACE,
    HALF_TIME,
    LOG_P,
    ROOT_WAVE,
    SCATTER,
    TABLE_STEP_KM,
    bullington_loss,
    ducting_loss,
    horizon_angle,
    log_beta0,
    log_mu1_of,
    mix_loss,
    sphere_loss,
    time_share,
)  # fmt: skip
from hatangso.radio.path_kernel import crossing_nu
from hatangso.radio.ray_memory import (
    AT_OUT,
    GROUND,
    HULL_B,
    HULL_E,
    HULL_H,
    HULL_RAW,
    LINE_B,
    LINE_E,
    LINE_H,
    LOW_B,
    LOW_E,
    LOW_H,
    OUT_B,
    OUT_E,
    OUT_H,
    OUT_RAW,
    SIZES,
    SUM_1,
    SUM_2,
    ZONE,
    fill_block_lines,
    fill_block_tops,
    fill_horizon,
    fill_prefixes,
    fill_zones,
    furthest_above,
    nearest_to_sight,
    push,
    roughness,
    smooth_nu,
    tangent,
    zones_at,
)  # fmt: skip

_LOG_50 = 1.6989700043360187
_DB = 10 / math.log(10)
# flags of a run: clutter above the ground, zones other than inland
RAISED, ZONED = 0, 1
# facts[...] of one receiver
(
    D, K, HN, HTS, HRS, NU_E, NU_B, SIGHT, OUT_SLOPE, BACK_SLOPE, LEFT, RIGHT, HST, HSR, HTS_S, HRS_S, LAT, GAP_T,
    GAP_R, SEA_SHARE, DTM, DLM, COUNT_FACTS,
) = range(23)  # fmt: skip


@compiled
def sample_ray(
    terrain: tuple, path: np.ndarray, step: float, work: np.ndarray, stack: np.ndarray, count: int
) -> int:
    """Fill ground, surface and zone along one ray; return how many samples lie on the terrain.

    ``terrain`` = ground, clutter, zone (the latter two may be 1×1); ``path`` = cubic coefficients of row and column.
    """
    ground, clutter, zone = terrain
    rows, columns = ground.shape
    raised, zoned = clutter.shape[0] > 1, zone.shape[0] > 1
    for i in range(1, count + 1):
        t = i * step
        y = path[0] + t * (path[1] + t * (path[2] + t * path[3]))
        x = path[4] + t * (path[5] + t * (path[6] + t * path[7]))
        if not (0 <= y <= rows - 1 and 0 <= x <= columns - 1):
            return i - 1
        r, c = min(int(y), rows - 2), min(int(x), columns - 2)
        fy, fx = y - r, x - c
        upper = ground[r, c] + fx * (ground[r, c + 1] - ground[r, c])
        lower = ground[r + 1, c] + fx * (ground[r + 1, c + 1] - ground[r + 1, c])
        work[GROUND, i] = upper + fy * (lower - upper)
        if raised:
            work[LOW_H, i] = clutter[int(y + 0.5), int(x + 0.5)]
        if zoned:
            stack[ZONE, i] = zone[int(y + 0.5), int(x + 0.5)]
    return count


@compiled
def prepare_ray(
    work: np.ndarray, stack: np.ndarray, count: int, step: float, tops: tuple, earth: np.ndarray, raised: bool
) -> None:
    """Fill everything that does not depend on the receiver. ``tops`` = ground and antenna height of the station."""
    base, top = tops
    ce, cb = earth[CE], earth[CB]
    work[GROUND, 0] = base
    for i in range(1, count + 1):
        d2 = (i * step) ** 2
        height = work[GROUND, i]
        surface = height
        if raised:
            surface += work[LOW_H, i]
            work[LOW_H, i] = height - ce * d2
        work[LOW_E, i] = surface - ce * d2
        work[LOW_B, i] = surface - cb * d2
    fill_prefixes(work, stack, count, step, top, raised)
    fill_block_lines(work, LOW_E, LINE_E, count, step)
    fill_block_tops(work, count)
    if raised:
        fill_horizon(work, LOW_E, OUT_E, count, step, top)
        fill_block_lines(work, LOW_H, LINE_H, count, step)
    if earth[HALF_TIME] == 0:
        fill_horizon(work, LOW_B, OUT_B, count, step, top)
        fill_block_lines(work, LOW_B, LINE_B, count, step)
    for hull in range(SIZES):
        stack[SIZES, hull] = 0


@compiled
def advance(work: np.ndarray, stack: np.ndarray, done: int, k: int, earth: np.ndarray, raised: bool) -> None:
    """Push the samples up to ``k`` on the hulls."""
    for i in range(done + 1, k + 1):
        push(work, stack, LOW_E, HULL_E, i)
        push(work, stack, GROUND, HULL_RAW, i)
        if raised:
            push(work, stack, LOW_H, HULL_H, i)
        if earth[HALF_TIME] == 0:
            push(work, stack, LOW_B, HULL_B, i)


@compiled
def _surface_nu(
    work: np.ndarray, stack: np.ndarray, facts: np.ndarray, step: float, rows: tuple, c: float, floor: float
) -> tuple[float, bool, float, int, float, float]:
    """ν·√λ of the Bullington edge over one lowered surface; sight, back slope, its sample, gaps to the sight line.

    ``rows`` = lowered heights, hull, horizon slopes, block lines; results at or below ``floor`` are not sharpened.
    """
    low, hull, out, lines = rows
    d, k, hts, hrs = facts[D], int(facts[K]), facts[HTS], facts[HRS]
    if k < 1:
        return floor, True, 0.0, 0, 1.0, 1.0
    y = hrs - c * d * d
    slope = (y - hts) / d
    back, at = tangent(work, stack, low, hull, step, d, y)
    steepest = work[out, k]
    if steepest >= slope:
        return crossing_nu(d, hts, hrs, steepest + c * d, back - c * d), False, back, at, 0.0, 0.0
    gap_t, gap_r = slope - steepest, max(-slope - back, 1e-12)
    spread = math.sqrt(0.002 * d)
    known = floor / spread
    for point in (at, int(stack[AT_OUT, k])):  # the two horizon points are near the answer
        x = point * step
        below = min(work[low, point] - hts - slope * x, -1e-12)
        known = max(known, below / math.sqrt(x * (d - x)))
    best, _ = nearest_to_sight(work, (low, lines), k, step, (d, hts, slope), (gap_t, gap_r), known)
    return best * spread, True, back, at, gap_t, gap_r


@compiled
def gather(
    work: np.ndarray,
    stack: np.ndarray,
    facts: np.ndarray,
    step: float,
    earth: np.ndarray,
    floor: float,
    raised: bool,
) -> None:
    """Fill ``facts`` with the geometry of one receiver whose D, K, HN, HTS, HRS stand there already."""
    d, k, hn, hts, hrs = facts[D], int(facts[K]), facts[HN], facts[HTS], facts[HRS]
    out_row = OUT_E if raised else OUT_H
    nu, sight, back, at, gap_t, gap_r = _surface_nu(
        work, stack, facts, step, (LOW_E, HULL_E, out_row, LINE_E), earth[CE], floor
    )
    facts[NU_E] = facts[NU_B] = nu
    if earth[HALF_TIME] == 0:
        facts[NU_B] = _surface_nu(work, stack, facts, step, (LOW_B, HULL_B, OUT_B, LINE_B), earth[CB], floor)[
            0
        ]
    lowered = hrs - earth[CE] * d * d
    straight = (lowered - hts) / d
    if raised and k > 0:
        back, at = tangent(work, stack, LOW_H, HULL_H, step, d, lowered)
        sight = not work[OUT_H, k] > straight
        gap_t, gap_r = straight - work[OUT_H, k], max(-straight - back, 1e-12)
    facts[SIGHT], facts[GAP_T], facts[GAP_R] = 1.0 if sight else 0.0, gap_t, gap_r
    if sight:
        facts[OUT_SLOPE] = straight
        facts[BACK_SLOPE] = (hts - hrs) / d - earth[CE] * d
        facts[LEFT] = facts[RIGHT] = -1.0
    else:
        facts[OUT_SLOPE], facts[BACK_SLOPE] = work[OUT_H, k], back - 2 * earth[CE] * d
        facts[LEFT], facts[RIGHT] = stack[AT_OUT, k], at
    near, gap = work[GROUND, k], d - k * step
    v1 = work[SUM_1, k] + gap * (hn + near)
    v2 = work[SUM_2, k] + gap * (hn * (2 * d + k * step) + near * (d + 2 * k * step))
    hst, hsr = (2 * v1 * d - v2) / (d * d), (v2 - v1 * d) / (d * d)
    facts[HST], facts[HSR] = min(hst, work[GROUND, 0]), min(hsr, hn)
    direct = (hrs - hts) / d
    out = work[OUT_RAW, k] - direct
    if out > 0:
        rear = tangent(work, stack, GROUND, HULL_RAW, step, d, hrs)[0] + direct
        above = furthest_above(work, stack, step, direct) - hts
        hst, hsr = hst - above * out / (out + rear), hsr - above * rear / (out + rear)
    facts[HTS_S], facts[HRS_S] = hts - min(hst, work[GROUND, 0]), hrs - min(hsr, hn)


@compiled
def _delta(facts: np.ndarray, nu: float, step: float, radius: float, band: np.ndarray) -> float:
    """Equation (39) on an even ray."""
    d, wave = facts[D], band[ROOT_WAVE]
    actual = bullington_loss(nu / wave, d)
    sphere = sphere_loss(d, facts[HTS_S], facts[HRS_S], radius, facts[SEA_SHARE], band)
    if sphere <= 0:
        return actual
    c = 500 / radius
    ht, hr = facts[HTS_S], facts[HRS_S]
    most = math.sqrt(0.002 * d) * (0.5 * c * d - 2 * math.sqrt(ht * hr) / d)
    if most <= -0.78 * wave:
        return actual + sphere
    smooth = smooth_nu(d, int(facts[K]), step, ht, hr, c)
    return actual + max(sphere - bullington_loss(smooth / wave, d), 0.0)


@compiled
def _duct(
    work: np.ndarray, facts: np.ndarray, step: float, times: tuple, coast: tuple, earth: np.ndarray,
    band: np.ndarray, lines: tuple,
) -> float:  # fmt: skip
    """Lba in full: the dominant point of a path in sight is looked for only here."""
    d, k = facts[D], int(facts[K])
    left, right = int(facts[LEFT]), int(facts[RIGHT])
    if left < 0:
        left = right = _dominant(work, facts, step, earth, lines)
        facts[LEFT] = facts[RIGHT] = left
    if k < 1:
        dlt, dlr, hm = 0.5 * d, 0.5 * d, 0.0
    else:
        dlt, dlr = left * step, d - right * step
        hm = roughness(work, left, right, step, facts[HST], (facts[HSR] - facts[HST]) / d)
    heights = (facts[HTS], facts[HRS], facts[HTS] - facts[HST], facts[HRS] - facts[HSR], hm)
    angles = (horizon_angle(facts[OUT_SLOPE]), horizon_angle(facts[BACK_SLOPE]))
    return ducting_loss(
        d,
        (dlt, dlr, angles[0], angles[1]),
        heights,
        (facts[SEA_SHARE], coast[0], coast[1]),
        times,
        earth,
        band,
    )


@compiled
def _dominant(work: np.ndarray, facts: np.ndarray, step: float, earth: np.ndarray, lines: tuple) -> int:
    """Sample of greatest ν of the bare ground on a path in sight."""
    d, k = facts[D], int(facts[K])
    if k < 1:
        return 0
    low, line = lines
    slope = (facts[HRS] - earth[CE] * d * d - facts[HTS]) / d
    best, found = -1e18, 1
    for j in range(5):  # a first value from a handful of samples
        start = 1 + j * (k - 1) // 4
        x = start * step
        value = min(work[low, start] - facts[HTS] - slope * x, -1e-12) / math.sqrt(x * (d - x))
        if value > best:
            best, found = value, start
    gaps = (max(facts[GAP_T], 1e-12), facts[GAP_R])
    better = nearest_to_sight(work, (low, line), k, step, (d, facts[HTS], slope), gaps, best)[1]
    return better if better > 0 else found


@compiled
def _time_start(facts: np.ndarray, table: np.ndarray, zoned: bool) -> tuple[float, float]:
    """log10 β0 and the least A(p) (nothing known about it where sea or coast takes part)."""
    if zoned:
        return log_beta0(log_mu1_of(facts[DTM], facts[DLM])[0], facts[LAT]), -1e9
    place = facts[D] / TABLE_STEP_KM
    at = min(int(place), table.shape[0] - 2)
    log_mu1 = table[at, 0] + (place - at) * (table[at + 1, 0] - table[at, 0])
    return log_beta0(log_mu1, facts[LAT]), min(table[at, 4], table[at + 1, 4])


@compiled
def _time_terms(
    facts: np.ndarray, table: np.ndarray, zoned: bool, log_b0: float
) -> tuple[float, float, float, float]:
    """log10 β0, τ, d^1.13 and d^3.1, for ducting in full."""
    place = facts[D] / TABLE_STEP_KM
    at = min(int(place), table.shape[0] - 2)
    part = place - at
    d113 = table[at, 2] + part * (table[at + 1, 2] - table[at, 2])
    d31 = table[at, 3] + part * (table[at + 1, 3] - table[at, 3])
    tau = table[at, 1] + part * (table[at + 1, 1] - table[at, 1])
    if zoned:
        tau = log_mu1_of(facts[DTM], facts[DLM])[1]
    return log_b0, tau, d113, d31


@compiled
def judge(
    work: np.ndarray, facts: np.ndarray, step: float, table: np.ndarray, coast: tuple, earth: np.ndarray,
    bands: np.ndarray, losses: np.ndarray, flags: tuple,
) -> None:  # fmt: skip
    """Turn the geometry of one receiver into losses, one per band; ducting is worked out only where it can matter."""
    d = facts[D]
    raised, zoned = flags
    log_b0, least_time = _time_start(facts, table, zoned)
    rise = 0.001 * (facts[HTS] - facts[HRS])
    slant = _DB * math.log(d * d + rise * rise)
    log_d = 2 * _DB * math.log(d)
    lines = (LOW_H, LINE_H) if raised else (LOW_E, LINE_E)
    sight = facts[SIGHT] > 0
    reach, log_reach = d, log_d
    if not sight:
        reach = d - (facts[RIGHT] - facts[LEFT]) * step
        log_reach = 2 * _DB * math.log(reach)
    theta_t, theta_r = horizon_angle(facts[OUT_SLOPE]), horizon_angle(facts[BACK_SLOPE])
    theta = 2 * earth[CE] * d + theta_t + theta_r
    half = earth[HALF_TIME] > 0
    fi = 0.0 if half else time_share(log_b0, earth)
    multipath = 0.0 if half else 2.6 * (1 - math.exp(-0.1 * reach))
    edge_t = facts[LEFT] * step if not sight else 0.0
    edge_r = d - facts[RIGHT] * step if not sight else 0.0
    bent = 2 * earth[CE] * d + min(theta_t, 0.1 * edge_t) + min(theta_r, 0.1 * edge_r)
    excess = max(theta_t - 0.1 * edge_t, 0.0) + max(theta_r - 0.1 * edge_r, 0.0) if not sight else 0.0
    for row in range(bands.shape[0]):
        band = bands[row]
        free = band[FREE_SPACE] + slant
        ld50 = _delta(facts, facts[NU_E], step, earth[AE], band)
        ldp = ld50
        if not half:
            ldp += fi * (_delta(facts, facts[NU_B], step, earth[AB], band) - ld50)
        lb0p = free + multipath * (earth[LOG_P] - _LOG_50)
        lb0b = free + multipath * (log_b0 - _LOG_50)
        ducting = (
            band[DUCT_BASE]
            + log_reach
            + band[DUCT_BEND] * bent
            + 0.264 * band[CUBE_ROOT] * excess
            + least_time
        )
        if ldp <= 0:
            ducting = 1e9  # the soft maximum with Lb0p is above Lbd = Lb0p whatever Lba is
        elif ducting < lb0p + ldp + 1:
            ducting = _duct(
                work, facts, step, _time_terms(facts, table, zoned, log_b0), coast, earth, band, lines
            )
        scatter = band[SCATTER] + log_d + 0.573 * theta
        losses[row] = mix_loss(
            (free, lb0p, lb0b),
            (ld50, ldp, fi),
            (facts[SEA_SHARE], d, theta),
            log_b0,
            ducting,
            scatter,
            earth,
        )


@compiled
def sweep_ray(
    terrain: tuple, pixels: np.ndarray, order: np.ndarray, plane: tuple, station: tuple, run: tuple, room: tuple,
    losses: np.ndarray,
) -> None:  # fmt: skip
    """Fill ``losses`` (bands, pixels of the window) for the pixels of one ray, nearest first.

    ``pixels`` = flat indices, ``order`` = their order by distance with how many samples lie before each (pairs of
    rows); ``plane`` = per row km north, km east per column, mid latitude; ``station`` = column, ground, antenna above
    ground, receiver above ground, samples on this ray; ``run`` = step, table, earth, bands, raised, zoned;
    ``room`` = work, stack, facts, losses of one receiver.
    """
    ground, _, zone = terrain
    north, east, latitude = plane
    column, base, mast, rx_height, count = station
    step, table, earth, bands, raised, zoned = run
    work, stack, facts, one = room
    floor = -0.8 * bands[:, ROOT_WAVE].max()
    prepare_ray(work, stack, count, step, (base, base + mast), earth, raised)
    if zoned:
        fill_zones(work, stack, count, step)
    columns = ground.shape[1]
    coast, done = (500.0, 500.0), 0
    facts[HTS] = base + mast
    for j in range(pixels.size):
        pixel = pixels[order[0, j]]
        k = min(order[1, j], count)
        r, c = pixel // columns, pixel % columns
        x = east[r] * (c - column)
        d = math.sqrt(north[r] * north[r] + x * x)
        if k > done:
            advance(work, stack, done, k, earth, raised)
            done = k
        hn = float(ground[r, c])
        facts[D], facts[K], facts[HN], facts[HRS], facts[LAT] = d, k, hn, hn + rx_height, latitude[r]
        if zoned:
            sea, land, inland, to_sea_t, to_sea_r = zones_at(work, stack, k, step, d, zone[r, c])
            facts[SEA_SHARE], facts[DTM], facts[DLM] = sea, land, inland
            coast = (to_sea_t, to_sea_r)
        gather(work, stack, facts, step, earth, floor, raised)
        judge(work, facts, step, table, coast, earth, bands, one, (raised, zoned and facts[DLM] < d))
        for row in range(bands.shape[0]):
            losses[row, pixel] = one[row]
