"""Basic transmission loss along one path by Recommendation ITU-R P.1812-6/-7/-8: plain, complete, explained.

This is the readable form, against which the compiled ones (`path_kernel`, `sweep`) are held. Symbols in the result
are the Recommendation's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hatangso.errors import InputError
from hatangso.radio.profile import EARTH_RADIUS_KM, INLAND, SEA, Link, Profile

LOWEST_GHZ, HIGHEST_GHZ = 0.03, 6.0
SHORTEST_KM, LONGEST_KM = 0.25, 3000.0
EDITION = "ITU-R P.1812-6/-7/-8"
_LAND, _SEA_WATER = (22.0, 0.003), (80.0, 5.0)


@dataclass(frozen=True)
class PathLoss:
    """Loss of one path in dB and how it came about.

    ``steps`` maps the Recommendation's symbols to values (km, m, mrad, %, dB as there). ``field_strength_dbuvm`` is
    for 1 kW effective radiated power.
    """

    loss_db: float
    field_strength_dbuvm: float
    model: str
    steps: dict[str, float]


def path_loss(profile: Profile, link: Link) -> PathLoss:
    """Return the loss not exceeded for ``time_percent`` of time and ``location_percent`` of places.

    Raises
    ------
    InputError
        outside 30 MHz-6 GHz or 0.25-3000 km; :func:`hatangso.radio.shortrange.any_path_loss` has an answer there
        that says which other model it used.

    Source: Recommendation ITU-R P.1812, Annex 1, sections 3 and 4, Attachment 1.
    """
    if not LOWEST_GHZ <= link.frequency_ghz <= HIGHEST_GHZ:
        raise InputError(
            f"Tần số {link.frequency_ghz:g} GHz nằm ngoài khuyến nghị P.1812", expected="từ 0,03 đến 6 GHz"
        )
    if not SHORTEST_KM <= profile.length_km <= LONGEST_KM:
        raise InputError(
            f"Đường truyền dài {profile.length_km:g} km nằm ngoài khuyến nghị P.1812",
            expected="từ 0,25 đến 3000 km",
        )
    steps = _zones_and_radii(profile, link)
    _horizons(profile, link, steps)
    _smooth_surface(profile, steps)
    _free_space(link, steps)
    _diffraction(profile, link, steps)
    _ducting(link, steps)
    _troposcatter(link, steps)
    _combine(link, steps)
    _locations(profile, link, steps)
    loss = max(steps["Lb0p"], steps["Lbc"] + steps["Lloc"])
    steps["Lb"] = loss
    strength = 199.36 + 20 * math.log10(link.frequency_ghz) - loss
    steps["Ep"] = strength
    return PathLoss(loss, strength, EDITION, steps)


def inverse_normal(share: float) -> float:
    """Return I(x), the approximation to the inverse complementary normal distribution (section 4.3.3 and Att. 2)."""
    x = max(share, 1e-6)
    if x > 0.5:
        return -inverse_normal(1 - min(x, 1 - 1e-6))
    t = math.sqrt(-2 * math.log(x))
    top = (0.010328 * t + 0.802853) * t + 2.515516698
    bottom = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    return t - top / bottom


def knife_edge(nu: float) -> float:
    """Return J(ν) in dB, equation (12): 0 for ν ≤ -0.78."""
    if nu <= -0.78:
        return 0.0
    return 6.9 + 20 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)


def path_centre_latitude(link: Link, length_km: float) -> float:
    """Return the latitude in degrees half the profile's length along the great circle (spherical earth)."""
    lat_t, lat_r = math.radians(link.tx_lat), math.radians(link.rx_lat)
    difference = math.radians(link.rx_lon - link.tx_lon)
    east = math.cos(lat_r) * math.sin(difference)
    north = math.cos(lat_t) * math.sin(lat_r) - math.sin(lat_t) * math.cos(lat_r) * math.cos(difference)
    bearing = math.atan2(east, north)
    half = length_km / 2 / EARTH_RADIUS_KM
    sine = math.sin(lat_t) * math.cos(half) + math.cos(lat_t) * math.sin(half) * math.cos(bearing)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def _zones_and_radii(profile: Profile, link: Link) -> dict[str, float]:
    """Sections 3.2, 3.5-3.8: ω, dtm, dlm, β0, the effective earth radii, antenna heights above sea level."""
    d, zone = profile.distance_km, profile.zone
    length = profile.length_km
    runs_sea = _run_lengths(d, zone == SEA)
    land = max(_run_lengths(d, zone != SEA), default=0.0)
    inland = max(_run_lengths(d, zone == INLAND), default=0.0)
    latitude = abs(path_centre_latitude(link, length))
    tau = 1 - math.exp(-4.12e-4 * inland**2.41)
    mu1 = min(1.0, (10 ** (-land / (16 - 6.6 * tau)) + 10 ** (-5 * (0.496 + 0.354 * tau))) ** 0.2)
    if latitude <= 70:
        mu4 = mu1 ** (-0.935 + 0.0176 * latitude)
        b0 = 10 ** (-0.015 * latitude + 1.67) * mu1 * mu4
    else:
        b0 = 4.17 * mu1 * mu1**0.3
    hts, hrs = profile.height_m[0] + link.tx_height_m, profile.height_m[-1] + link.rx_height_m
    return {
        "d": length, "w": sum(runs_sea) / length, "dtm": land, "dlm": inland, "phi": latitude,
        "tau": tau, "mu1": mu1, "b0": b0, "hts": float(hts), "hrs": float(hrs), "htc": float(hts), "hrc": float(hrs),
        "k50": 157 / (157 - link.delta_n), "ae": EARTH_RADIUS_KM * 157 / (157 - link.delta_n),
        "ab": EARTH_RADIUS_KM * 3.0,
    }  # fmt: skip


def _run_lengths(d: np.ndarray, inside: np.ndarray) -> list[float]:
    """Lengths of the runs of points that are inside; a run reaches half-way to the neighbours outside."""
    padded = np.concatenate(([False], inside, [False]))
    starts = np.flatnonzero(~padded[:-1] & padded[1:])
    stops = np.flatnonzero(padded[:-1] & ~padded[1:]) - 1
    lengths = []
    for start, stop in zip(starts, stops, strict=True):
        length = d[stop] - d[start]
        if start > 0:
            length += (d[start] - d[start - 1]) / 2
        if stop < d.size - 1:
            length += (d[stop + 1] - d[stop]) / 2
        lengths.append(float(length))
    return lengths


def _horizons(profile: Profile, link: Link, s: dict[str, float]) -> None:
    """Attachment 1, sections 4 and 5.1-5.3: line of sight or not, horizon angles (mrad) and distances (km)."""
    d, h = profile.distance_km[1:-1], profile.height_m[1:-1]
    length, ae = s["d"], s["ae"]
    theta_td = 1000 * math.atan((s["hrs"] - s["hts"]) / (1000 * length) - length / (2 * ae))
    theta_rd = 1000 * math.atan((s["hts"] - s["hrs"]) / (1000 * length) - length / (2 * ae))
    seen = 1000 * np.arctan((h - s["hts"]) / (1000 * d) - d / (2 * ae))
    s["los"] = float(not (d.size and seen.max() > theta_td))
    if s["los"]:
        s["th_t"], s["th_r"] = theta_td, theta_rd
        if d.size:
            clearance = h + 500 / ae * d * (length - d) - (s["hts"] * (length - d) + s["hrs"] * d) / length
            wave = 0.2998 / link.frequency_ghz
            nu = clearance * np.sqrt(0.002 * length / (wave * d * (length - d)))
            left = right = int(np.argmax(nu))
        else:  # no point between the ends: the middle of the path stands for it
            left = right = 0
        s["dlt"] = float(d[left]) if d.size else length / 2
        s["dlr"] = length - s["dlt"]
    else:
        back = 1000 * np.arctan((h - s["hrs"]) / (1000 * (length - d)) - (length - d) / (2 * ae))
        left = int(np.argmax(seen))
        right = int(back.size - 1 - np.argmax(back[::-1]))
        s["th_t"], s["th_r"] = float(seen[left]), float(back[right])
        s["dlt"], s["dlr"] = float(d[left]), float(length - d[right])
    s["ilt"], s["ilr"] = left + 1, right + 1
    s["th"] = 1000 * length / ae + s["th_t"] + s["th_r"]


def _smooth_surface(profile: Profile, s: dict[str, float]) -> None:
    """Attachment 1, section 5.6: smooth-earth heights, effective heights, terrain roughness."""
    d, h, length = profile.distance_km, profile.height_m, s["d"]
    step = np.diff(d)
    v1 = float(np.sum(step * (h[1:] + h[:-1])))
    v2 = float(np.sum(step * (h[1:] * (2 * d[1:] + d[:-1]) + h[:-1] * (d[1:] + 2 * d[:-1]))))
    hst, hsr = (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2
    inner, ground = d[1:-1], h[1:-1]
    obstacle = ground - (s["hts"] * (length - inner) + s["hrs"] * inner) / length
    hobs = float(obstacle.max()) if inner.size else -1.0
    hstp, hsrp = hst, hsr
    if hobs > 0:
        aobt, aobr = float((obstacle / inner).max()), float((obstacle / (length - inner)).max())
        hstp, hsrp = hst - hobs * aobt / (aobt + aobr), hsr - hobs * aobr / (aobt + aobr)
    s["hst_raw"], s["hsr_raw"], s["hobs"] = hst, hsr, hobs
    s["hstd"], s["hsrd"] = min(hstp, float(h[0])), min(hsrp, float(h[-1]))
    s["hst"], s["hsr"] = min(hst, float(h[0])), min(hsr, float(h[-1]))
    s["hts_smooth"], s["hrs_smooth"] = s["hts"] - s["hstd"], s["hrs"] - s["hsrd"]
    s["hte"], s["hre"] = s["hts"] - s["hst"], s["hrs"] - s["hsr"]
    slope = (s["hsr"] - s["hst"]) / length
    first, last = int(s["ilt"]), int(s["ilr"])
    if first < d.size - 1 and first <= last:
        s["hm"] = float((h[first : last + 1] - (s["hst"] + slope * d[first : last + 1])).max())
    else:
        s["hm"] = 0.0


def _free_space(link: Link, s: dict[str, float]) -> None:
    """Section 4.2, equations (8)-(11)."""
    slant = math.hypot(s["d"], (s["hts"] - s["hrs"]) / 1000)
    s["Lbfs"] = 92.4 + 20 * math.log10(link.frequency_ghz) + 20 * math.log10(slant)
    multipath = 2.6 * (1 - math.exp(-0.1 * (s["dlt"] + s["dlr"])))
    s["Esp"] = multipath * math.log10(link.time_percent / 50)
    s["Esb"] = multipath * math.log10(s["b0"] / 50)
    s["Lb0p"], s["Lb0b"] = s["Lbfs"] + s["Esp"], s["Lbfs"] + s["Esb"]


def _diffraction(profile: Profile, link: Link, s: dict[str, float]) -> None:
    """Section 4.3: delta-Bullington for the median and the β0 % earth, interpolated to ``time_percent``."""
    s["Ld50"] = _delta_bullington(profile, link, s, radius_km=s["ae"])
    s["Ldb"] = _delta_bullington(profile, link, s, radius_km=s["ab"])
    p = link.time_percent
    s["Fi"] = 1.0 if p <= s["b0"] else inverse_normal(p / 100) / inverse_normal(s["b0"] / 100)
    s["Ldp"] = s["Ld50"] if p == 50 else s["Ld50"] + s["Fi"] * (s["Ldb"] - s["Ld50"])
    s["Lbd50"] = s["Lbfs"] + s["Ld50"]
    s["Lbd"] = s["Lb0p"] + s["Ldp"]


def _delta_bullington(profile: Profile, link: Link, s: dict[str, float], *, radius_km: float) -> float:
    """Equation (39): Bullington of the real surface, corrected by what it misses on a smooth one."""
    d = profile.distance_km[1:-1]
    surface = profile.height_m[1:-1] + profile.clutter_height_m[1:-1]
    wave = 0.2998 / link.frequency_ghz
    actual = bullington(d, surface, ends=(s["d"], s["htc"], s["hrc"]), earth=(radius_km, wave))
    heights = (s["hts_smooth"], s["hrs_smooth"])
    smooth = bullington(d, np.zeros(d.size), ends=(s["d"], *heights), earth=(radius_km, wave))
    sphere = spherical_earth(s["d"], heights, radius_km=radius_km, ground=(s["w"], link))
    s["Lbulla"], s["Lbulls"], s["Ldsph"] = actual, smooth, sphere
    return actual + max(sphere - smooth, 0.0)


def bullington(
    d: np.ndarray, surface: np.ndarray, *, ends: tuple[float, float, float], earth: tuple[float, float]
) -> float:
    """Return the Bullington loss in dB, equations (13)-(21).

    ``ends`` is path length (km) and the two antenna heights (m), ``earth`` effective radius (km) and wavelength (m).
    """
    length, ht, hr = ends
    radius, wave = earth
    loss = 0.0
    if d.size:
        bulge = surface + 500 / radius * d * (length - d)
        slope_t, slope_tr = float(((bulge - ht) / d).max()), (hr - ht) / length
        if slope_t < slope_tr:
            line = (ht * (length - d) + hr * d) / length
            loss = knife_edge(
                float(((bulge - line) * np.sqrt(0.002 * length / (wave * d * (length - d)))).max())
            )
        else:
            slope_r = float(((bulge - hr) / (length - d)).max())
            point = (hr - ht + slope_r * length) / (slope_t + slope_r)
            line_there = (ht * (length - point) + hr * point) / length
            rise = ht + slope_t * point - line_there
            loss = knife_edge(rise * math.sqrt(0.002 * length / (wave * point * (length - point))))
    return loss + (1 - math.exp(-loss / 6)) * (10 + 0.02 * length)


def spherical_earth(
    length: float, heights: tuple[float, float], *, radius_km: float, ground: tuple[float, Link]
) -> float:
    """Return the spherical-earth diffraction loss in dB, section 4.3.2 equations (22)-(27)."""
    h1, h2 = heights
    horizon = math.sqrt(2 * radius_km) * (math.sqrt(0.001 * h1) + math.sqrt(0.001 * h2))
    if length >= horizon:
        return _first_term(length, heights, radius_km=radius_km, ground=ground)
    c = (h1 - h2) / (h1 + h2)
    m = 250 * length**2 / (radius_km * (h1 + h2))
    angle = math.acos(max(-1.0, min(1.0, 3 * c / 2 * math.sqrt(3 * m / (m + 1) ** 3))))
    b = 2 * math.sqrt((m + 1) / (3 * m)) * math.cos(math.pi / 3 + angle / 3)
    d1 = length / 2 * (1 + b)
    d2 = length - d1
    above = ((h1 - 500 * d1**2 / radius_km) * d2 + (h2 - 500 * d2**2 / radius_km) * d1) / length
    needed = 17.456 * math.sqrt(d1 * d2 * (0.2998 / ground[1].frequency_ghz) / length)
    if above > needed:
        return 0.0
    grazing = 500 * (length / (math.sqrt(h1) + math.sqrt(h2))) ** 2
    return max((1 - above / needed) * _first_term(length, heights, radius_km=grazing, ground=ground), 0.0)


def _first_term(
    length: float, heights: tuple[float, float], *, radius_km: float, ground: tuple[float, Link]
) -> float:
    """Equation (28): first term of the residue series, mixed by the share of the path over sea."""
    sea_share, link = ground
    land = (
        _first_term_over(length, heights, radius_km=radius_km, soil=(*_LAND, link)) if sea_share < 1 else 0.0
    )
    sea = (
        _first_term_over(length, heights, radius_km=radius_km, soil=(*_SEA_WATER, link))
        if sea_share > 0
        else 0.0
    )
    return sea_share * sea + (1 - sea_share) * land


def _first_term_over(
    length: float, heights: tuple[float, float], *, radius_km: float, soil: tuple[float, float, Link]
) -> float:
    """Equations (29)-(36) for one kind of ground."""
    permittivity, conductivity, link = soil
    f = link.frequency_ghz
    loss_tangent = (18 * conductivity / f) ** 2
    k = 0.036 * (radius_km * f) ** (-1 / 3) * ((permittivity - 1) ** 2 + loss_tangent) ** (-1 / 4)
    if link.polarisation == "v":
        k *= math.sqrt(permittivity**2 + loss_tangent)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * (f / radius_km**2) ** (1 / 3) * length
    distance_term = (
        11 + 10 * math.log10(x) - 17.6 * x if x >= 1.6 else -20 * math.log10(x) - 5.6488 * x**1.425
    )
    gains = 0.0
    for height in heights:
        b = beta * 0.9575 * beta * (f**2 / radius_km) ** (1 / 3) * height
        if b > 2:
            gain = 17.6 * math.sqrt(b - 1.1) - 5 * math.log10(b - 1.1) - 8
        else:
            gain = 20 * math.log10(b + 0.1 * b**3)
        gains += max(gain, 2 + 20 * math.log10(k))
    return -distance_term - gains


def _ducting(link: Link, s: dict[str, float]) -> None:
    """Section 4.5, equations (46)-(56): anomalous propagation by ducting and layer reflection."""
    f, p, length = link.frequency_ghz, link.time_percent, s["d"]
    low = 45.375 - 137.0 * f + 92.5 * f**2 if f < 0.5 else 0.0
    shield = 0.0
    for angle, reach in ((s["th_t"], s["dlt"]), (s["th_r"], s["dlr"])):
        excess = angle - 0.1 * reach
        if excess > 0:
            shield += 20 * math.log10(1 + 0.361 * excess * math.sqrt(f * reach)) + 0.264 * excess * f ** (
                1 / 3
            )
    coast = 0.0
    if s["w"] >= 0.75:
        for to_sea, reach, height in (
            (link.tx_coast_km, s["dlt"], s["hts"]),
            (link.rx_coast_km, s["dlr"], s["hrs"]),
        ):
            if to_sea <= reach and to_sea <= 5:
                coast -= 3 * math.exp(-0.25 * to_sea**2) * (1 + math.tanh(0.07 * (50 - height)))
    s["Af"] = 102.45 + 20 * math.log10(f) + 20 * math.log10(s["dlt"] + s["dlr"]) + low + shield + coast
    alpha = max(-0.6 - 3.5e-9 * length**3.1 * s["tau"], -3.4)
    mu2 = min(1.0, (500 / s["ae"] * length**2 / (math.sqrt(s["hte"]) + math.sqrt(s["hre"])) ** 2) ** alpha)
    between = min(length - s["dlt"] - s["dlr"], 40.0)
    mu3 = math.exp(-4.6e-5 * (s["hm"] - 10) * (43 + 6 * between)) if s["hm"] > 10 else 1.0
    beta = s["b0"] * mu2 * mu3
    log_beta = math.log10(beta)
    gamma = 1.076 / (2.0058 - log_beta) ** 1.012
    gamma *= math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * length**1.13)
    s["beta"], s["Gamma"], s["mu2"], s["mu3"] = beta, gamma, mu2, mu3
    time = -12 + (1.2 + 3.7e-3 * length) * math.log10(p / beta) + 12 * (p / beta) ** gamma
    bent = 1000 * length / s["ae"] + min(s["th_t"], 0.1 * s["dlt"]) + min(s["th_r"], 0.1 * s["dlr"])
    s["Ad"] = 5e-5 * s["ae"] * f ** (1 / 3) * bent + time
    s["Lba"] = s["Af"] + s["Ad"]


def _troposcatter(link: Link, s: dict[str, float]) -> None:
    """Section 4.4, equation (44) of edition 6, to which the ITU site sends the users of edition 7."""
    f = link.frequency_ghz
    frequency_term = 25 * math.log10(f) - 2.5 * math.log10(f / 2) ** 2
    s["Lbs"] = (
        190.1 + frequency_term + 20 * math.log10(s["d"]) + 0.573 * s["th"] - 0.15 * link.n0
        - 10.125 * math.log10(50 / link.time_percent) ** 0.7
    )  # fmt: skip


def _combine(link: Link, s: dict[str, float]) -> None:
    """Section 4.6, equations (57)-(63)."""
    s["Fj"] = 1 - 0.5 * (1 + math.tanh(3 * 0.8 * (s["th"] - 0.3) / 0.3))
    s["Fk"] = 1 - 0.5 * (1 + math.tanh(3 * 0.5 * (s["d"] - 20) / 20))
    over_land = (1 - s["w"]) * s["Ldp"]
    if link.time_percent < s["b0"]:
        s["Lminb0p"] = s["Lb0p"] + over_land
    else:
        s["Lminb0p"] = s["Lbd50"] + (s["Lb0b"] + over_land - s["Lbd50"]) * s["Fi"]
    high, low = max(s["Lba"], s["Lb0p"]), min(s["Lba"], s["Lb0p"])
    s["Lminbap"] = high + 2.5 * math.log1p(math.exp((low - high) / 2.5))
    s["Lbda"] = s["Lbd"]
    if s["Lminbap"] <= s["Lbd"]:
        s["Lbda"] = s["Lminbap"] + (s["Lbd"] - s["Lminbap"]) * s["Fk"]
    s["Lbam"] = s["Lbda"] + (s["Lminb0p"] - s["Lbda"]) * s["Fj"]
    high, low = max(-0.2 * s["Lbs"], -0.2 * s["Lbam"]), min(-0.2 * s["Lbs"], -0.2 * s["Lbam"])
    s["Lbc"] = -5 * (high + math.log10(1 + 10 ** (low - high)))


def _locations(profile: Profile, link: Link, s: dict[str, float]) -> None:
    """Section 4.7-4.8: how much a place differs from the middle of its square; nothing for a receiver at sea."""
    s["sigmaL"] = location_sigma(link, clutter_m=float(profile.clutter_height_m[-1]))
    s["Lloc"] = 0.0
    if profile.zone[-1] != SEA and link.location_percent != 50:
        s["Lloc"] = -inverse_normal(link.location_percent / 100) * s["sigmaL"]


def location_sigma(link: Link, *, clutter_m: float) -> float:
    """Return the standard deviation of loss over places of one square, in dB.

    (0.52 + 0.024 f)·w^0.28, taken back linearly to 0 over the 10 m above the clutter. Equations (64)-(66).
    """
    above = link.rx_height_m - clutter_m
    height_factor = 1.0 if above < 0 else max(0.0, 1 - above / 10)
    return height_factor * (0.52 + 0.024 * link.frequency_ghz) * link.resolution_m**0.28
