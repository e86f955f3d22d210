"""Where ITU-R P.1812 has no answer (above 6 GHz, nearer than 250 m): 3GPP TR 38.901, and always said so."""

from __future__ import annotations

import math

import numpy as np

from hatangso.errors import InputError
from hatangso.radio.pathloss import HIGHEST_GHZ, SHORTEST_KM, PathLoss, inverse_normal, path_loss
from hatangso.radio.profile import Link, Profile

LONGEST_KM = 5.0
STREET_BELOW_M = 20.0
MODEL_NAMES = ("không gian tự do", "3GPP TR 38.901 UMi", "3GPP TR 38.901 UMa")


def any_path_loss(profile: Profile, link: Link) -> PathLoss:
    """Return the loss by P.1812 where it applies, else by 3GPP TR 38.901; ``model`` names the one used.

    Above 6 GHz or nearer than 250 m the street model (UMi) serves antennas below 20 m, the roof model (UMa) others;
    below 0.5 GHz, where 38.901 has no formula, the loss is that of free space. Sight is judged on the profile with
    its clutter. Time and refraction play no part in 38.901; places vary by its own shadow-fading deviation.

    Raises
    ------
    InputError
        above 6 GHz beyond 5 km, where neither model holds.
    """
    if link.frequency_ghz <= HIGHEST_GHZ and profile.length_km >= SHORTEST_KM:
        return path_loss(profile, link)
    if profile.length_km > LONGEST_KM:
        raise InputError(
            f"Tần số {link.frequency_ghz:g} GHz trên đường truyền {profile.length_km:g} km: không mô hình nào áp dụng",
            expected="tối đa 5 km khi tần số trên 6 GHz",
        )
    clear = sight_is_clear(profile, link)
    rise = profile.height_m[0] + link.tx_height_m - profile.height_m[-1] - link.rx_height_m
    loss, sigma, model = short_range_loss(
        profile.length_km * 1000, rise, link.frequency_ghz, link.tx_height_m, link.rx_height_m, clear
    )
    shift = 0.0 if link.location_percent == 50 else -inverse_normal(link.location_percent / 100) * sigma
    free = (
        32.4
        + 20 * math.log10(link.frequency_ghz)
        + 20 * math.log10(math.hypot(profile.length_km * 1000, rise))
    )
    total = max(loss + shift, free)
    steps = {
        "d": profile.length_km,
        "los": float(clear),
        "PL": loss,
        "sigma_SF": sigma,
        "Lloc": shift,
        "Lbfs": free,
    }
    return PathLoss(total, 199.36 + 20 * math.log10(link.frequency_ghz) - total, MODEL_NAMES[model], steps)


def sight_is_clear(profile: Profile, link: Link) -> bool:
    """Tell whether no ground or clutter between the ends rises above the straight line between the antennas."""
    d = profile.distance_km[1:-1]
    if d.size == 0:
        return True
    start = profile.height_m[0] + link.tx_height_m
    end = profile.height_m[-1] + link.rx_height_m
    line = start + (end - start) * d / profile.length_km
    return bool(np.all(profile.height_m[1:-1] + profile.clutter_height_m[1:-1] <= line))


def short_range_loss(
    ground_m: float, rise_m: float, frequency_ghz: float, tx_m: float, rx_m: float, clear: bool
) -> tuple[float, float, int]:
    """Return median loss (dB), shadow fading deviation (dB) and index into ``MODEL_NAMES``.

    ``ground_m`` is the horizontal distance, ``rise_m`` the height of one antenna above the other.
    Source: 3GPP TR 38.901 table 7.4.1-1 (UMi-Street Canyon, UMa), effective environment height 1 m.
    """
    slant = max(math.sqrt(ground_m * ground_m + rise_m * rise_m), 1.0)
    log_d, log_f = math.log10(slant), math.log10(frequency_ghz)
    if frequency_ghz < 0.5:
        return 32.4 + 20 * log_f + 20 * log_d, 4.0, 0
    base_m, user_m = max(tx_m - 1.0, 0.5), max(rx_m - 1.0, 0.5)
    turn = 4 * base_m * user_m * frequency_ghz * 1e9 / 299792458.0
    spread = math.log10(turn * turn + (tx_m - rx_m) ** 2)
    if tx_m < STREET_BELOW_M:
        sight = 32.4 + 21 * log_d + 20 * log_f
        if ground_m > turn:
            sight = 32.4 + 40 * log_d + 20 * log_f - 9.5 * spread
        if clear:
            return sight, 4.0, 1
        hidden = 22.4 + 35.3 * log_d + 21.3 * log_f - 0.3 * (rx_m - 1.5)
        return max(sight, hidden), 7.82, 1
    sight = 28.0 + 22 * log_d + 20 * log_f
    if ground_m > turn:
        sight = 28.0 + 40 * log_d + 20 * log_f - 9 * spread
    if clear:
        return sight, 4.0, 2
    hidden = 13.54 + 39.08 * log_d + 20 * log_f - 0.6 * (rx_m - 1.5)
    return max(sight, hidden), 6.0, 2
