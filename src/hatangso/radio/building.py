"""Loss on the way into a building, Recommendation ITU-R P.2109."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

from hatangso.errors import InputError

Building = Literal["traditional", "efficient"]
# r, s, t, u, v, w, x, y, z of Table 1
_COEFFICIENTS: dict[str, tuple[float, ...]] = {
    "traditional": (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "efficient": (28.19, -3.00, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}


def building_entry_loss(
    frequency_ghz: float,
    *,
    percent: float = 50.0,
    building: Building = "traditional",
    elevation_deg: float = 0.0,
) -> float:
    """Return the building entry loss in dB not exceeded in ``percent`` of buildings and places inside.

    Two lognormal ways in (through the facade, round it) and a floor of -3 dB, added as powers.

    Parameters
    ----------
    frequency_ghz : 0.08 to 100 GHz
    percent : above 0, below 100
    elevation_deg : angle of the path above the horizon at the facade

    Raises
    ------
    InputError
        when a parameter lies outside those ranges.

    Source: Recommendation ITU-R P.2109, Annex 1, section 3, equations (1)-(9), Table 1.
    """
    if not 0.08 <= frequency_ghz <= 100:
        raise InputError(
            "Suy hao vào nhà: tần số", found=f"{frequency_ghz:g} GHz", expected="từ 0,08 đến 100 GHz"
        )
    if not 0 < percent < 100:
        raise InputError(
            "Suy hao vào nhà: tỷ lệ", found=f"{percent:g} %", expected="lớn hơn 0, nhỏ hơn 100 %"
        )
    if building not in _COEFFICIENTS:
        raise InputError(
            "Suy hao vào nhà: loại nhà", found=repr(building), expected=" hoặc ".join(_COEFFICIENTS)
        )
    r, s, t, u, v, w, x, y, z = _COEFFICIENTS[building]
    log_f = math.log10(frequency_ghz)
    straight = r + s * log_f + t * log_f**2 + 0.212 * abs(elevation_deg)
    quantile = NormalDist().inv_cdf(percent / 100)
    through = quantile * (u + v * log_f) + straight
    around = quantile * (y + z * log_f) + w + x * log_f
    return 10 * math.log10(10 ** (0.1 * through) + 10 ** (0.1 * around) + 10 ** (0.1 * -3.0))
