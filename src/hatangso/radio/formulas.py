"""Formulas of ITU-R P.1812 as compiled scalars, shared by the path kernel and the radial sweep.

Numbers travel in two plain arrays so that compiled loops can take them: ``earth`` (what holds for the whole run,
indexed by ``AE``…) and one row of ``bands`` per frequency (indexed by ``FREQUENCY``…). Both come from
:func:`run_constants`. Distances are km, heights m, angles mrad, losses dB.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from hatangso.errors import InputError
from hatangso.radio.compiled import compiled
from hatangso.radio.pathloss import HIGHEST_GHZ, LOWEST_GHZ, inverse_normal
from hatangso.radio.profile import EARTH_RADIUS_KM

# earth[...]
AE, AB, CE, CB, P, LOG_P, I_P, HALF_TIME, COUNT_EARTH = range(9)
# bands[row, ...]
(
    FREQUENCY, ROOT_WAVE, FREE_SPACE, DUCT_BASE, CUBE_ROOT, SCATTER, DUCT_BEND, ROOT_FREQUENCY,
    K_LAND, K_SEA, X_FACTOR, Y_FACTOR, COUNT_BAND,
) = range(13)  # fmt: skip
TABLE_STEP_KM = 0.01
_TO_DB = 20 / math.log(10)
_LN10 = math.log(10)


@dataclass(frozen=True)
class Conditions:
    """What holds for a whole coverage run: share of time, refractivity, polarisation.

    ``delta_n`` and ``n0`` as in :class:`hatangso.radio.profile.Link`.
    """

    time_percent: float = 50.0
    delta_n: float = 45.0
    n0: float = 325.0
    polarisation: str = "v"
    frequencies_ghz: tuple[float, ...] = field(default=(1.8,))

    def __post_init__(self) -> None:
        if not 1 <= self.time_percent <= 50:
            raise InputError("time_percent", found=f"{self.time_percent}", expected="từ 1 đến 50 % thời gian")
        if not 1 <= self.delta_n < 157:
            raise InputError("delta_n", found=f"{self.delta_n}", expected="từ 1 đến 156 đơn vị N/km")
        if self.polarisation not in ("h", "v"):
            raise InputError("polarisation", found=repr(self.polarisation), expected="h hoặc v")
        for frequency in self.frequencies_ghz:
            if not LOWEST_GHZ <= frequency <= HIGHEST_GHZ:
                raise InputError(
                    "Tần số", found=f"{frequency:g} GHz", expected="từ 0,03 đến 6 GHz cho P.1812"
                )


def run_constants(conditions: Conditions) -> tuple[np.ndarray, np.ndarray]:
    """Return ``earth`` (COUNT_EARTH,) and ``bands`` (frequencies, COUNT_BAND) for the compiled loops."""
    earth = np.zeros(COUNT_EARTH)
    earth[AE] = EARTH_RADIUS_KM * 157 / (157 - conditions.delta_n)
    earth[AB] = EARTH_RADIUS_KM * 3
    earth[CE], earth[CB] = 500 / earth[AE], 500 / earth[AB]
    earth[P], earth[LOG_P] = conditions.time_percent, math.log10(conditions.time_percent)
    earth[I_P] = inverse_normal(conditions.time_percent / 100)
    earth[HALF_TIME] = float(conditions.time_percent == 50)
    bands = np.zeros((len(conditions.frequencies_ghz), COUNT_BAND))
    for row, f in zip(bands, conditions.frequencies_ghz, strict=True):
        log_f = math.log10(f)
        row[FREQUENCY], row[ROOT_WAVE] = f, math.sqrt(0.2998 / f)
        row[FREE_SPACE] = 92.4 + 20 * log_f
        low = 45.375 - 137.0 * f + 92.5 * f**2 if f < 0.5 else 0.0
        row[DUCT_BASE] = 102.45 + 20 * log_f + low
        row[CUBE_ROOT], row[ROOT_FREQUENCY] = f ** (1 / 3), math.sqrt(f)
        frequency_term = 25 * log_f - 2.5 * math.log10(f / 2) ** 2
        time_term = 10.125 * math.log10(50 / conditions.time_percent) ** 0.7
        row[SCATTER] = 190.1 + frequency_term - 0.15 * conditions.n0 - time_term
        row[DUCT_BEND] = 5e-5 * earth[AE] * f ** (1 / 3)
        row[K_LAND] = _admittance(f, 22.0, 0.003, conditions.polarisation)
        row[K_SEA] = _admittance(f, 80.0, 5.0, conditions.polarisation)
        row[X_FACTOR], row[Y_FACTOR] = 21.88 * f ** (1 / 3), 0.9575 * f ** (2 / 3)
    return earth, bands


def time_tables(radius_km: float, *, latitude: float, earth: np.ndarray) -> np.ndarray:
    """Return log10 μ1, τ, d^1.13, d^3.1 and the least A(p) for inland paths, every 10 m out to the radius.

    Shape (steps, 5). The least A(p) is over every β that μ2 and μ3 may leave of β0; it serves only to tell where
    ducting cannot matter, and is lowered by 1 dB for latitudes up to 2° away.
    """
    d = np.arange(int(radius_km / TABLE_STEP_KM) + 3) * TABLE_STEP_KM
    tau = 1 - np.exp(-4.12e-4 * d**2.41)
    mu1 = np.minimum(1.0, (10 ** (-d / (16 - 6.6 * tau)) + 10 ** (-5 * (0.496 + 0.354 * tau))) ** 0.2)
    log_b0 = -0.015 * latitude + 1.67 + np.log10(mu1) * (0.065 + 0.0176 * latitude)
    below = np.concatenate((np.linspace(0, 3, 61), np.linspace(3.2, 40, 93)))
    log_beta = log_b0[:, None] - below
    gamma = 1.076 / (2.0058 - log_beta) ** 1.012
    gamma = gamma * np.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * (d**1.13)[:, None])
    ratio = earth[LOG_P] - log_beta
    least = (-12 + (1.2 + 3.7e-3 * d[:, None]) * ratio + 12 * 10 ** (gamma * ratio)).min(axis=1) - 1.0
    return np.ascontiguousarray(np.stack([np.log10(mu1), tau, d**1.13, d**3.1, least], axis=1))


def _admittance(f: float, permittivity: float, conductivity: float, polarisation: str) -> float:
    """K of equations (30) without its factor radius^(-1/3)."""
    loss_tangent = (18 * conductivity / f) ** 2
    k = 0.036 * f ** (-1 / 3) * ((permittivity - 1) ** 2 + loss_tangent) ** (-1 / 4)
    return k * math.sqrt(permittivity**2 + loss_tangent) if polarisation == "v" else k


@compiled
def log_mu1_of(dtm: float, dlm: float) -> tuple[float, float]:
    """Return log10 μ1 and τ of a path with sea or coast: equations (2)-(3)."""
    tau = 1 - math.exp(-4.12e-4 * dlm**2.41)
    mu1 = (10 ** (-dtm / (16 - 6.6 * tau)) + 10 ** (-5 * (0.496 + 0.354 * tau))) ** 0.2
    return math.log10(min(1.0, mu1)), tau


@compiled
def log_beta0(log_mu1: float, latitude: float) -> float:
    """Return log10 β0, equations (4)-(5)."""
    if latitude <= 70:
        return -0.015 * latitude + 1.67 + log_mu1 * (1 - 0.935 + 0.0176 * latitude)
    return 0.6201360549737576 + 1.3 * log_mu1


@compiled
def _inverse_normal(x: float) -> float:
    """I(x) for 1e-6 ≤ x ≤ 0.5."""
    t = math.sqrt(-2 * math.log(max(x, 1e-6)))
    top = (0.010328 * t + 0.802853) * t + 2.515516698
    return t - top / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)


@compiled
def bullington_loss(nu: float, d: float) -> float:
    """Loss of the equivalent edge with its correction, equations (12) and (21)."""
    if nu <= -0.78:
        return 0.0
    x = nu - 0.1
    edge = 6.9 + _TO_DB * math.log(math.sqrt(x * x + 1) + x)
    return edge + (1 - math.exp(-edge / 6)) * (10 + 0.02 * d)


@compiled
def sphere_loss(d: float, h1: float, h2: float, radius: float, sea: float, band: np.ndarray) -> float:
    """Spherical-earth diffraction, equations (22)-(27)."""
    root1, root2 = math.sqrt(h1), math.sqrt(h2)
    wave_root = band[ROOT_WAVE]
    # clear at every point: h1(1-t) + h2·t ≥ 2√(h1·h2·t(1-t)), and t(1-t) of the bulge is at most ½√(t(1-t))
    if 2 * root1 * root2 - 250 * d * d / radius > 17.456 * wave_root * math.sqrt(d):
        return 0.0
    horizon = math.sqrt(0.002 * radius) * (root1 + root2)
    if d >= horizon:
        return _first_term(d, h1, h2, radius, sea, band)
    total = h1 + h2
    b = _lowest_point((h1 - h2) / total, 250 * d * d / (radius * total))
    d1 = 0.5 * d * (1 + b)
    d2 = d - d1
    above = ((h1 - 500 * d1 * d1 / radius) * d2 + (h2 - 500 * d2 * d2 / radius) * d1) / d
    needed = 17.456 * wave_root * math.sqrt(d1 * d2 / d)
    if above > needed:
        return 0.0
    ratio = d / (root1 + root2)
    return max((1 - above / needed) * _first_term(d, h1, h2, 500 * ratio * ratio, sea, band), 0.0)


@compiled
def _lowest_point(c: float, m: float) -> float:
    """b of equations (24): the root in (-1, 1) of m·b³ - (m + 1)·b + c, whose closed form the Recommendation prints.

    Newton from b = c/(m + 1), outside the root on the side where the cubic is convex: it cannot overshoot.
    """
    b = c / (m + 1)
    for _ in range(30):
        step = (m * b * b * b - (m + 1) * b + c) / (m + 1 - 3 * m * b * b)
        b += step
        if abs(step) < 1e-13:
            break
    return b


@compiled
def _first_term(d: float, h1: float, h2: float, radius: float, sea: float, band: np.ndarray) -> float:
    """Equation (28)."""
    shrink = math.exp(-math.log(radius) / 3)
    loss = 0.0
    if sea < 1:
        loss += (1 - sea) * _residue(d, h1, h2, shrink, band[K_LAND], band[X_FACTOR], band[Y_FACTOR])
    if sea > 0:
        loss += sea * _residue(d, h1, h2, shrink, band[K_SEA], band[X_FACTOR], band[Y_FACTOR])
    return loss


@compiled
def _residue(
    d: float, h1: float, h2: float, shrink: float, k_factor: float, x_factor: float, y_factor: float
) -> float:
    """Equations (29)-(36); ``shrink`` is radius^(-1/3)."""
    k = k_factor * shrink
    k2 = k * k
    beta = (1 + k2 * (1.6 + 0.67 * k2)) / (1 + k2 * (4.5 + 1.53 * k2))
    x = x_factor * beta * shrink * shrink * d
    log_x = math.log(x)
    if x >= 1.6:
        by_distance = 11 + 0.5 * _TO_DB * log_x - 17.6 * x
    else:
        by_distance = -_TO_DB * log_x - 5.6488 * math.exp(1.425 * log_x)
    scale = y_factor * beta * beta * shrink
    return -by_distance - _height_gain(scale * h1, k) - _height_gain(scale * h2, k)


@compiled
def _height_gain(b: float, k: float) -> float:
    """Equation (35), limited from below by 2 + 20 log K."""
    if b > 2:
        gain = 17.6 * math.sqrt(b - 1.1) - 0.25 * _TO_DB * math.log(b - 1.1) - 8
    else:
        gain = _TO_DB * math.log(b + 0.1 * b * b * b)
        if b > 1.3 * k:  # 20 log b alone is above the limit
            return gain
    return max(gain, 2 + _TO_DB * math.log(k))


@compiled
def horizon_angle(slope_m_per_km: float) -> float:
    """Angle in mrad of a slope in m/km; a series where it is exact to 1e-9 mrad, the library's elsewhere."""
    x = 0.001 * slope_m_per_km
    if abs(x) < 0.1:
        s = x * x
        return 1000 * x * (1 - s * (1 / 3 - s * (1 / 5 - s * (1 / 7 - s * (1 / 9 - s / 11)))))
    return 1000 * math.atan(x)


@compiled
def _shielding(angle: float, reach: float, band: np.ndarray) -> float:
    """Site shielding, equation (48)."""
    excess = angle - 0.1 * reach
    if excess <= 0:
        return 0.0
    root = band[ROOT_FREQUENCY] * math.sqrt(reach)
    return _TO_DB * math.log(1 + 0.361 * excess * root) + 0.264 * excess * band[CUBE_ROOT]


@compiled
def _coast_coupling(to_sea: float, reach: float, height: float) -> float:
    """Over-sea surface-duct coupling, equation (49)."""
    if to_sea > reach or to_sea > 5:
        return 0.0
    return -3 * math.exp(-0.25 * to_sea * to_sea) * (1 + math.tanh(0.07 * (50 - height)))


@compiled
def ducting_loss(
    d: float, horizons: tuple, heights: tuple, sea_terms: tuple, time_terms: tuple, earth: np.ndarray,
    band: np.ndarray,
) -> float:  # fmt: skip
    """Return Lba, equations (46)-(56).

    ``horizons`` = dlt, dlr, θt, θr; ``heights`` = hts, hrs, hte, hre, hm; ``sea_terms`` = ω, dct, dcr;
    ``time_terms`` = log10 β0, τ, d^1.13, d^3.1.
    """
    dlt, dlr, theta_t, theta_r = horizons
    hts, hrs, hte, hre, hm = heights
    sea, to_sea_t, to_sea_r = sea_terms
    log_b0, tau, d113, d31 = time_terms
    fixed = band[DUCT_BASE] + _TO_DB * math.log(dlt + dlr)
    fixed += _shielding(theta_t, dlt, band) + _shielding(theta_r, dlr, band)
    if sea >= 0.75:
        fixed += _coast_coupling(to_sea_t, dlt, hts) + _coast_coupling(to_sea_r, dlr, hrs)
    alpha = max(-0.6 - 3.5e-9 * d31 * tau, -3.4)
    reach = math.sqrt(hte) + math.sqrt(hre)
    log_mu2 = min(0.0, alpha * math.log(earth[CE] * d * d / (reach * reach)) / _LN10)
    log_beta = log_b0 + log_mu2
    if hm > 10:
        log_beta -= 4.6e-5 * (hm - 10) * (43 + 6 * min(d - dlt - dlr, 40.0)) / _LN10
    bent = 2 * earth[CE] * d + min(theta_t, 0.1 * dlt) + min(theta_r, 0.1 * dlr)
    return fixed + band[DUCT_BEND] * bent + _duct_time(d, log_beta, d113, earth)


@compiled
def _duct_time(d: float, log_beta: float, d113: float, earth: np.ndarray) -> float:
    """A(p), equation (53)."""
    gamma = 1.076 / (2.0058 - log_beta) ** 1.012
    gamma *= math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta * log_beta) * 1e-6 * d113)
    ratio = earth[LOG_P] - log_beta
    return -12 + (1.2 + 3.7e-3 * d) * ratio + 12 * math.exp(_LN10 * gamma * ratio)


@compiled
def mix_loss(
    free: tuple, diffraction: tuple, shares: tuple, log_b0: float, ducting: float, scatter: float,
    earth: np.ndarray,
) -> float:  # fmt: skip
    """Return Lb for half of the places, equations (57)-(63) and (69).

    ``free`` = Lbfs, Lb0p, Lb0β; ``diffraction`` = Ld50, Ldp, Fi; ``shares`` = ω, d, θ (mrad).
    """
    lbfs, lb0p, lb0b = free
    ld50, ldp, fi = diffraction
    sea, d, theta = shares
    lbd = lb0p + ldp
    over_land = (1 - sea) * ldp
    if earth[LOG_P] < log_b0:
        lminb0p = lb0p + over_land
    else:
        lminb0p = lbfs + ld50 + (lb0b + over_land - lbfs - ld50) * fi
    lbda = lbd
    if ducting < lbd + 1:  # otherwise the soft maximum is above Lbd as well
        high, low = max(ducting, lb0p), min(ducting, lb0p)
        lminbap = high + 2.5 * math.log1p(math.exp((low - high) / 2.5))
        if lminbap <= lbd:
            far = 0.5 * (1 + math.tanh(1.5 * (d - 20) / 20))
            lbda = lminbap + (lbd - lminbap) * (1 - far)
    lbam = lbda
    if theta < 3.0 and lminb0p != lbda:  # Fj is below 1e-9 beyond
        lbam += (lminb0p - lbda) * 0.5 * (1 - math.tanh(8 * (theta - 0.3)))
    gap = scatter - lbam
    if gap > 40:
        return max(lb0p, lbam)
    if gap >= 0:
        return max(lb0p, lbam - 5 / _LN10 * math.log1p(math.exp(-0.2 * _LN10 * gap)))
    return max(lb0p, scatter - 5 / _LN10 * math.log1p(math.exp(0.2 * _LN10 * gap)))


@compiled
def time_share(log_b0: float, earth: np.ndarray) -> float:
    """Fi, equation (40)."""
    if earth[LOG_P] <= log_b0:
        return 1.0
    return earth[I_P] / _inverse_normal(0.01 * math.exp(_LN10 * log_b0))
