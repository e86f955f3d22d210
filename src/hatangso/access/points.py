"""Named points on the ground: where people live, where they are served."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hatangso.errors import InputError


@dataclass(frozen=True)
class Points:
    """Named points: people (with weights) or service points.

    Parameters
    ----------
    ids : names, none twice
    longitude, latitude : shape (n,), degrees WGS 84
    people : shape (n,), not negative; empty array for service points
    area_code : commune of each point; empty when not known
    """

    ids: tuple[str, ...]
    longitude: np.ndarray
    latitude: np.ndarray
    people: np.ndarray = field(default_factory=lambda: np.zeros(0))
    area_code: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            twice = next(name for k, name in enumerate(self.ids) if name in self.ids[:k])
            raise InputError(f"Điểm '{twice}'", found="mã lặp lại", expected="mỗi mã một dòng")
        good = (np.abs(self.longitude) <= 180) & (np.abs(self.latitude) <= 90)
        if not np.all(good):
            worst = int(np.flatnonzero(~good)[0])
            raise InputError(
                f"Điểm '{self.ids[worst]}'", found=f"tọa độ ({self.longitude[worst]}, {self.latitude[worst]})",
                expected="kinh độ -180 đến 180, vĩ độ -90 đến 90",
            )  # fmt: skip
        if len(self.people) and (not np.all(self.people >= 0) or not np.any(self.people > 0)):
            raise InputError(
                "Cột people",
                found="số âm, trống hoặc tổng bằng 0",
                expected="số dân không âm, tổng lớn hơn 0",
            )

    def __len__(self) -> int:
        return len(self.ids)


def unit_vectors(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return degrees as vectors of length one, shape (n, 3): their nearest neighbours are those on the sphere."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def on_sphere(points: Points) -> np.ndarray:
    """Return where points lie on the unit sphere, shape (n, 3)."""
    return unit_vectors(points.longitude, points.latitude)
