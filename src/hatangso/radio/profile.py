"""A path to be judged: its terrain profile and the two ends, checked when built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from hatangso.errors import InputError

SEA, COASTAL, INLAND = 1, 3, 4
EARTH_RADIUS_KM = 6371.0
Polarisation = Literal["h", "v"]


@dataclass(frozen=True)
class Profile:
    """Terrain under one path, transmitter first.

    Parameters
    ----------
    distance_km : float array (n,), from 0, strictly increasing
    height_m : float array (n,), ground above sea level
    clutter_height_m : float array (n,), representative clutter height; zeros when not given. The heights at the
        two ends are not obstacles of the path (the Recommendation adds clutter to intermediate points only).
    zone : int array (n,), ``SEA``, ``COASTAL`` or ``INLAND``; inland when not given
    """

    distance_km: np.ndarray
    height_m: np.ndarray
    clutter_height_m: np.ndarray = field(default_factory=lambda: np.zeros(0))
    zone: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        distance = np.asarray(self.distance_km, dtype=np.float64)
        height = np.asarray(self.height_m, dtype=np.float64)
        clutter = np.asarray(self.clutter_height_m, dtype=np.float64)
        zone = np.asarray(self.zone, dtype=np.int64)
        count = distance.size
        clutter = clutter if clutter.size else np.zeros(count)
        zone = zone if zone.size else np.full(count, INLAND)
        if count < 2:
            raise InputError("Mặt cắt địa hình", found=f"{count} điểm", expected="ít nhất 2 điểm")
        if not height.size == clutter.size == zone.size == count:
            raise InputError(
                "Mặt cắt địa hình: các cột dài ngắn khác nhau", expected=f"mỗi cột {count} giá trị"
            )
        self._check_numbers(distance, height, clutter)
        if not np.isin(zone, (SEA, COASTAL, INLAND)).all():
            raise InputError("Mặt cắt địa hình, cột zone", expected="sea, coastal hoặc inland")
        for name, values in (
            ("distance_km", distance),
            ("height_m", height),
            ("clutter_height_m", clutter),
            ("zone", zone),
        ):
            object.__setattr__(self, name, values)

    @staticmethod
    def _check_numbers(distance: np.ndarray, height: np.ndarray, clutter: np.ndarray) -> None:
        for name, values in (("distance_km", distance), ("height_m", height), ("clutter_height_m", clutter)):
            if not np.isfinite(values).all():
                row = int(np.flatnonzero(~np.isfinite(values))[0])
                raise InputError(
                    f"Mặt cắt địa hình, điểm {row + 1}, cột {name}: không phải số hữu hạn",
                    remedy="Bổ sung giá trị hoặc bỏ điểm này",
                )
        steps = np.diff(distance)
        if (steps <= 0).any():
            row = int(np.flatnonzero(steps <= 0)[0]) + 2
            raise InputError(
                f"Mặt cắt địa hình, điểm {row}, cột distance_km: {distance[row - 1]:g}",
                expected=f"lớn hơn điểm trước ({distance[row - 2]:g})",
                remedy="Sắp xếp các điểm từ trạm phát ra, bỏ điểm trùng",
            )
        if abs(distance[0]) > 1e-9:
            raise InputError(f"Mặt cắt địa hình bắt đầu ở {distance[0]:g} km", expected="0 km tại trạm phát")
        if (clutter < 0).any():
            raise InputError("Mặt cắt địa hình, cột clutter_height_m có số âm", expected="từ 0 m trở lên")
        if (height < -500).any() or (height > 9000).any():
            raise InputError(
                "Mặt cắt địa hình, cột height_m",
                found=f"từ {height.min():g} đến {height.max():g}",
                expected="từ -500 đến 9000 m",
                remedy="Kiểm tra đơn vị: có thể độ cao đang ghi bằng feet",
            )

    @property
    def length_km(self) -> float:
        """Length of the path in km."""
        return float(self.distance_km[-1])


@dataclass(frozen=True)
class Link:
    """The two ends of a path and for what share of time and places the loss is wanted.

    ``delta_n`` is the average lapse rate of refractivity through the lowest km (N-units/km, positive),
    ``n0`` the sea-level surface refractivity; both from the office's own copy of the ITU-R P.452/P.1812 maps.
    ``tx_coast_km``/``rx_coast_km`` are the distances over land from each end to the coast along the path (500 = far).
    ``resolution_m`` is the width of the square over which locations vary.
    """

    frequency_ghz: float
    tx_height_m: float
    rx_height_m: float
    time_percent: float = 50.0
    location_percent: float = 50.0
    polarisation: Polarisation = "v"
    delta_n: float = 45.0
    n0: float = 325.0
    tx_lat: float = 16.0
    tx_lon: float = 108.0
    rx_lat: float = 16.0
    rx_lon: float = 108.0
    tx_coast_km: float = 500.0
    rx_coast_km: float = 500.0
    resolution_m: float = 50.0

    def __post_init__(self) -> None:
        for name, low, high, unit in _LINK_RANGES:
            value = getattr(self, name)
            if not (isinstance(value, int | float | np.number) and low <= value <= high):
                raise InputError(
                    f"Tham số {name}", found=f"{value}", expected=f"từ {low:g} đến {high:g} {unit}"
                )
        if self.polarisation not in ("h", "v"):
            raise InputError(
                "Tham số polarisation", found=repr(self.polarisation), expected="h (ngang) hoặc v (đứng)"
            )


_LINK_RANGES = (
    ("frequency_ghz", 0.03, 100.0, "GHz"),
    ("tx_height_m", 0.5, 3000.0, "m trên mặt đất"),
    ("rx_height_m", 0.5, 3000.0, "m trên mặt đất"),
    ("time_percent", 1.0, 50.0, "% thời gian"),
    ("location_percent", 1.0, 99.0, "% vị trí"),
    ("delta_n", 1.0, 150.0, "đơn vị N/km"),
    ("n0", 200.0, 450.0, "đơn vị N"),
    ("tx_lat", -90.0, 90.0, "độ"),
    ("rx_lat", -90.0, 90.0, "độ"),
    ("tx_lon", -180.0, 180.0, "độ"),
    ("rx_lon", -180.0, 180.0, "độ"),
    ("tx_coast_km", 0.0, 20000.0, "km"),
    ("rx_coast_km", 0.0, 20000.0, "km"),
    ("resolution_m", 1.0, 5000.0, "m"),
)
