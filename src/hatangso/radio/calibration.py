"""Calibration from measured samples: offset and slope by land cover, with the error on places not used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hatangso.errors import InputError

LEAST_SAMPLES = 20


@dataclass(frozen=True)
class Calibration:
    """Correction of predicted signal: measured ≈ predicted + offset(cover) + slope·log10(distance/1 km).

    ``error_before_db`` and ``error_after_db`` are root mean squares on samples left out in turn (cross-validation by
    blocks of place); it is applied only by :meth:`corrected`, which a person has to call.
    """

    offsets_db: dict[str, float]
    slope_db: float
    samples: int
    error_before_db: float
    error_after_db: float

    @property
    def worth_it(self) -> bool:
        """Whether it lessens the error on places it has not seen."""
        return self.error_after_db < self.error_before_db

    def corrected(self, signal_dbm: np.ndarray, distance_km: np.ndarray, cover: np.ndarray) -> np.ndarray:
        """Return the corrected signal; land covers without samples take the mean offset."""
        mean = float(np.mean(list(self.offsets_db.values())))
        offset = np.array([self.offsets_db.get(str(kind), mean) for kind in np.ravel(cover)]).reshape(
            np.shape(cover)
        )
        return signal_dbm + offset + self.slope_db * np.log10(np.maximum(distance_km, 0.05))


def calibrate(
    measured_dbm: np.ndarray,
    predicted_dbm: np.ndarray,
    *,
    distance_km: np.ndarray,
    cover: np.ndarray,
    **options: object,
) -> Calibration:
    """Fit offset by land cover and one slope of distance by least squares.

    Options: ``block`` (array naming the place of each sample; samples of one block are left out together, so that
    neighbours on the same street do not vouch for each other), ``folds`` (5), ``seed`` (0).

    Raises
    ------
    InputError
        with fewer than 20 samples, or arrays of different length.
    """
    arrays = [np.asarray(a, dtype=np.float64) for a in (measured_dbm, predicted_dbm, distance_km)]
    kinds = np.asarray(cover).astype(str)
    if len({a.size for a in arrays} | {kinds.size}) != 1:
        raise InputError("Mẫu đo: các cột dài ngắn khác nhau")
    if kinds.size < LEAST_SAMPLES:
        raise InputError(
            "Mẫu đo", found=f"{kinds.size} mẫu", expected=f"ít nhất {LEAST_SAMPLES} mẫu để hiệu chỉnh"
        )
    residual = arrays[0] - arrays[1]
    names = sorted(set(kinds.tolist()))
    design = _design(kinds, names, arrays[2])
    block = np.asarray(options.get("block", np.arange(kinds.size)))
    order = np.unique(block)
    np.random.default_rng(int(options.get("seed", 0))).shuffle(order)  # type: ignore[call-overload]
    folds = np.array_split(order, min(int(options.get("folds", 5)), order.size))  # type: ignore[call-overload]
    left = np.empty(kinds.size)
    for fold in folds:
        out = np.isin(block, fold)
        left[out] = residual[out] - design[out] @ _fit(design[~out], residual[~out])
    whole = _fit(design, residual)
    return Calibration(
        dict(zip(names, whole[:-1].tolist(), strict=True)), float(whole[-1]), kinds.size,
        float(np.sqrt(np.mean(residual**2))), float(np.sqrt(np.mean(left**2))),
    )  # fmt: skip


def _design(kinds: np.ndarray, names: list[str], distance_km: np.ndarray) -> np.ndarray:
    columns = [(kinds == name).astype(float) for name in names]
    return np.stack([*columns, np.log10(np.maximum(distance_km, 0.05))], axis=1)


def _fit(design: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Least squares with a little ridge, so that a cover missing from a fold keeps a small offset."""
    ridge = 1e-3 * np.eye(design.shape[1])
    return np.linalg.solve(design.T @ design + ridge, design.T @ residual)
