"""ITU-R P.1812 on one profile, compiled and plain: every point is looked at. The exact stage of area runs."""

from __future__ import annotations

import math

import numpy as np

from hatangso.radio.compiled import compiled
from hatangso.radio.formulas import (
    AB,
    AE,
    CB,
    CE,
    FREE_SPACE,
    HALF_TIME,
    LOG_P,
    ROOT_WAVE,
    SCATTER,
    Conditions,
    bullington_loss,
    ducting_loss,
    horizon_angle,
    log_beta0,
    log_mu1_of,
    mix_loss,
    run_constants,
    sphere_loss,
    time_share,
)  # fmt: skip
from hatangso.radio.pathloss import path_centre_latitude
from hatangso.radio.profile import INLAND, SEA, Link, Profile


def compiled_path_loss(profile: Profile, link: Link) -> float:
    """Return Lb in dB for half of the places: what :func:`hatangso.radio.pathloss.path_loss` gives, compiled."""
    conditions = Conditions(
        time_percent=link.time_percent, delta_n=link.delta_n, n0=link.n0, polarisation=link.polarisation,
        frequencies_ghz=(link.frequency_ghz,),
    )  # fmt: skip
    earth, bands = run_constants(conditions)
    losses = np.empty(1)
    ends = (link.tx_height_m, link.rx_height_m, abs(path_centre_latitude(link, profile.length_km)))
    coast = (link.tx_coast_km, link.rx_coast_km)
    surface = profile.height_m + profile.clutter_height_m
    terrain = (profile.distance_km, profile.height_m, surface, profile.zone.astype(np.uint8))
    profile_loss(terrain, profile.distance_km.size, ends, coast, earth, bands, losses)
    return float(losses[0])


@compiled
def profile_loss(
    terrain: tuple,
    count: int,
    ends: tuple,
    coast: tuple,
    earth: np.ndarray,
    bands: np.ndarray,
    losses: np.ndarray,
) -> float:
    """Fill ``losses`` (bands,) for the first ``count`` points; return 1.0 when the ends see each other, else 0.0.

    ``terrain`` = distance, ground, surface (ground + clutter), zone; ``ends`` = antenna heights above ground and
    latitude of the path's middle.
    """
    d, h, g, zone = terrain
    hts, hrs, length = h[0] + ends[0], h[count - 1] + ends[1], d[count - 1]
    nu_e = obstacle_nu(d, g, count, hts, hrs, earth[CE])
    nu_b = nu_e
    if earth[HALF_TIME] == 0:
        nu_b = obstacle_nu(d, g, count, hts, hrs, earth[CB])
    sight, left, right, slope_t, slope_r = _horizon_points(d, h, count, hts, hrs, earth[CE])
    hst, hsr, hobs, gain_t, gain_r = _smooth_heights(d, h, count, hts, hrs)
    hte, hre = hts - min(hst, h[0]), hrs - min(hsr, h[count - 1])
    hts_s = hts - min(hst - max(hobs, 0.0) * gain_t, h[0])
    hrs_s = hrs - min(hsr - max(hobs, 0.0) * gain_r, h[count - 1])
    hm = 0.0
    if left > 0:
        base, slope = hts - hte, (hrs - hre - hts + hte) / length
        hm = -1e9
        for i in range(left, right + 1):
            hm = max(hm, h[i] - base - slope * d[i])
    sea, land, inland = zone_lengths(d, zone, count)
    log_mu1, tau = log_mu1_of(land, inland)
    log_b0 = log_beta0(log_mu1, ends[2])
    dlt = d[left] if left > 0 else 0.5 * length
    dlr = length - (d[right] if left > 0 else dlt)
    theta_t, theta_r = horizon_angle(slope_t), horizon_angle(slope_r)
    theta = 2 * earth[CE] * length + theta_t + theta_r
    time_terms = (log_b0, tau, length**1.13, length**3.1)
    fi = time_share(log_b0, earth)
    slant = 10 * math.log10(length * length + ((hts - hrs) * 0.001) ** 2)
    multipath = 2.6 * (1 - math.exp(-0.1 * (dlt + dlr)))
    for row in range(bands.shape[0]):
        band = bands[row]
        free = band[FREE_SPACE] + slant
        ld50 = delta_loss(nu_e, (d, count), (hts_s, hrs_s), sea, earth[AE], band)
        ldp = ld50
        if earth[HALF_TIME] == 0:
            ldp += fi * (delta_loss(nu_b, (d, count), (hts_s, hrs_s), sea, earth[AB], band) - ld50)
        ducting = ducting_loss(
            length, (dlt, dlr, theta_t, theta_r), (hts, hrs, hte, hre, hm), (sea, coast[0], coast[1]), time_terms,
            earth, band,
        )  # fmt: skip
        scatter = band[SCATTER] + 20 * math.log10(length) + 0.573 * theta
        lb0p = free + multipath * (earth[LOG_P] - 1.6989700043360187)
        lb0b = free + multipath * (log_b0 - 1.6989700043360187)
        losses[row] = mix_loss(
            (free, lb0p, lb0b), (ld50, ldp, fi), (sea, length, theta), log_b0, ducting, scatter, earth
        )
    return 1.0 if sight else 0.0


@compiled
def delta_loss(
    nu: float, points: tuple, heights: tuple, sea: float, radius: float, band: np.ndarray
) -> float:
    """Equation (39); ``nu`` is ν·√λ of the real surface."""
    d, count = points
    length = d[count - 1]
    actual = bullington_loss(nu / band[ROOT_WAVE], length)
    sphere = sphere_loss(length, heights[0], heights[1], radius, sea, band)
    if sphere <= 0:
        return actual
    smooth = smooth_nu_scan(d, count, heights[0], heights[1], 500 / radius)
    return actual + max(sphere - bullington_loss(smooth / band[ROOT_WAVE], length), 0.0)


@compiled
def obstacle_nu(d: np.ndarray, g: np.ndarray, count: int, ht: float, hr: float, c: float) -> float:
    """ν·√λ of the Bullington construction over a surface, equations (13)-(20)."""
    length = d[count - 1]
    ground = (hr - ht) / length
    steepest = -1e18
    for i in range(1, count - 1):
        steepest = max(steepest, (g[i] - ht) / d[i] + c * (length - d[i]))
    if steepest < ground:
        best = -1e18
        for i in range(1, count - 1):
            rise = g[i] - ht - ground * d[i] + c * d[i] * (length - d[i])
            best = max(best, rise / math.sqrt(d[i] * (length - d[i])))
        return best * math.sqrt(0.002 * length)
    back = -1e18
    for i in range(1, count - 1):
        back = max(back, (g[i] - hr) / (length - d[i]) + c * d[i])
    return crossing_nu(length, ht, hr, steepest, back)


@compiled
def crossing_nu(length: float, ht: float, hr: float, slope_t: float, slope_r: float) -> float:
    """ν·√λ of the edge where the two horizon lines meet, equations (18)-(20)."""
    point = (hr - ht + slope_r * length) / (slope_t + slope_r)
    rise = ht + slope_t * point - (ht * (length - point) + hr * point) / length
    return rise * math.sqrt(0.002 * length / (point * (length - point)))


@compiled
def smooth_nu_scan(d: np.ndarray, count: int, ht: float, hr: float, c: float) -> float:
    """ν·√λ over a smooth earth, looking at every point."""
    length = d[count - 1]
    steepest, back, best = -1e18, -1e18, -1e18
    for i in range(1, count - 1):
        rest = length - d[i]
        steepest = max(steepest, c * rest - ht / d[i])
        back = max(back, c * d[i] - hr / rest)
        best = max(best, (c * d[i] * rest - (ht * rest + hr * d[i]) / length) / math.sqrt(d[i] * rest))
    if steepest < (hr - ht) / length:
        return best * math.sqrt(0.002 * length)
    return crossing_nu(length, ht, hr, steepest, back)


@compiled
def _horizon_points(
    d: np.ndarray, h: np.ndarray, count: int, hts: float, hrs: float, c: float
) -> tuple[bool, int, int, float, float]:
    """Sight, horizon points (0, 0 when there are no inner points) and horizon slopes in m/km (Attachment 1)."""
    length = d[count - 1]
    direct = (hrs - hts) / length
    left, right, out, back, best = 0, 0, -1e18, -1e18, -1e18
    for i in range(1, count - 1):
        seen = (h[i] - hts) / d[i] - c * d[i]
        if seen > out:
            out, left = seen, i
        seen = (h[i] - hrs) / (length - d[i]) - c * (length - d[i])
        if seen >= back:
            back, right = seen, i
    if left > 0 and out > direct - c * length:
        return False, left, right, out, back
    for i in range(1, count - 1):
        rise = h[i] - hts - direct * d[i] + c * d[i] * (length - d[i])
        nu = rise / math.sqrt(d[i] * (length - d[i]))
        if nu > best:
            best, left = nu, i
    return True, left, left, direct - c * length, -direct - c * length


@compiled
def _smooth_heights(
    d: np.ndarray, h: np.ndarray, count: int, hts: float, hrs: float
) -> tuple[float, float, float, float, float]:
    """Raw smooth-earth heights, hobs and the two weights of equation (88)."""
    length = d[count - 1]
    v1, v2, hobs, out, back = 0.0, 0.0, -1e18, -1e18, -1e18
    slope = (hrs - hts) / length
    for i in range(1, count):
        step = d[i] - d[i - 1]
        v1 += step * (h[i] + h[i - 1])
        v2 += step * (h[i] * (2 * d[i] + d[i - 1]) + h[i - 1] * (d[i] + 2 * d[i - 1]))
        if i < count - 1:
            rise = h[i] - hts - slope * d[i]
            hobs = max(hobs, rise)
            out = max(out, rise / d[i])
            back = max(back, rise / (length - d[i]))
    hst, hsr = (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2
    if hobs <= 0:
        return hst, hsr, 0.0, 0.0, 0.0
    return hst, hsr, hobs, out / (out + back), back / (out + back)


@compiled
def zone_lengths(d: np.ndarray, zone: np.ndarray, count: int) -> tuple[float, float, float]:
    """ω, dtm, dlm: share over sea, longest run of land, longest run inland (a run reaches half-way on)."""
    length = d[count - 1]
    sea, land, inland, run_land, run_inland = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(count):
        before = 0.5 * (d[i] - d[i - 1]) if i > 0 else 0.0
        after = 0.5 * (d[i + 1] - d[i]) if i < count - 1 else 0.0
        own = before + after
        if zone[i] == SEA:
            sea += own
            run_land = 0.0
        else:
            run_land += own
            land = max(land, run_land)
        run_inland = run_inland + own if zone[i] == INLAND else 0.0
        inland = max(inland, run_inland)
    return sea / length, land, inland


@compiled
def coast_distances(d: np.ndarray, zone: np.ndarray, count: int) -> tuple[float, float]:
    """Distances from both ends to the first and the last point at sea; 500 km when there is none."""
    to_sea_t, to_sea_r = 500.0, 500.0
    for i in range(count):
        if zone[i] == SEA:
            to_sea_t, to_sea_r = min(to_sea_t, d[i]), d[count - 1] - d[i]
    return to_sea_t, to_sea_r
