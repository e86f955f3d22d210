"""Calibration from measured samples: offset and slope by land cover, with the error on places not used."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from hatangso.errors import InputError
from hatangso.radio.clutter import UNKNOWN, LandCover
from hatangso.radio.coverage import NOTHING_DBM, UNCALIBRATED, CarrierLayer, Coverage
from hatangso.tables import Column, TableSpec
from hatangso.vietnamese import format_number

LEAST_SAMPLES = 20
NEAREST_KM = 0.05
SAMPLE_SPEC = TableSpec(
    "mẫu đo",
    (
        Column("lon", "number", "Kinh độ", "độ", minimum=102, maximum=118, aliases=("kinh do", "longitude", "x")),
        Column("lat", "number", "Vĩ độ", "độ", minimum=6, maximum=24, aliases=("vi do", "latitude", "y")),
        Column(
            "signal_dbm", "number", "Mức tín hiệu", "dBm", minimum=-160, maximum=0,
            aliases=("rsrp", "rsrp_dbm", "muc tin hieu", "tin hieu"),
        ),
        Column("operator", "text", "Nhà mạng", required=False, nullable=True, aliases=("nha mang", "doanh nghiep")),
        Column("technology", "text", "Công nghệ", required=False, nullable=True, aliases=("cong nghe",)),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """What a coverage run says at measured places: signal (dBm), distance to the server (km), cover, place's block.

    ``used`` tells which rows of the samples these are; the others lie outside the area or where nothing is heard.
    """

    used: np.ndarray
    signal_dbm: np.ndarray
    distance_km: np.ndarray
    cover: np.ndarray
    block: np.ndarray


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

    def __post_init__(self) -> None:
        numbers = [*self.offsets_db.values(), self.slope_db, self.error_before_db, self.error_after_db]
        if not self.offsets_db or not all(math.isfinite(number) for number in numbers):
            raise InputError(
                "Hiệu chỉnh", found="thiếu số bù hoặc có số không hữu hạn", expected="bù theo lớp phủ"
            )

    @property
    def worth_it(self) -> bool:
        """Whether it lessens the error on places it has not seen."""
        return self.error_after_db < self.error_before_db

    def corrected(self, signal_dbm: np.ndarray, distance_km: np.ndarray, cover: np.ndarray) -> np.ndarray:
        """Return the corrected signal; land covers without samples take the mean offset."""
        kinds, which = np.unique(np.asarray(cover).astype(str), return_inverse=True)
        offset = np.array([self.offset_of(str(kind)) for kind in kinds])[which].reshape(np.shape(cover))
        return signal_dbm + offset + self.slope_db * np.log10(np.maximum(distance_km, NEAREST_KM))

    def offset_of(self, cover: str) -> float:
        """Return the offset of a land cover in dB, the mean of all for one without samples."""
        return self.offsets_db.get(cover, float(np.mean(list(self.offsets_db.values()))))


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


def predict_at(samples: pl.DataFrame, *, coverage: Coverage, cover: LandCover | None) -> Prediction:
    """Return what a run predicts at the samples of ``SAMPLE_SPEC``, each against its own operator and technology.

    An empty operator takes the strongest of all; an empty technology is allowed when the run has one only. Blocks are
    squares of 0.01 degree, about a kilometre.

    Raises
    ------
    InputError
        for a technology or operator the run does not have, or an empty one among several.
    """
    rows, columns = coverage.grid.indices(samples["lon"].to_numpy(), samples["lat"].to_numpy())
    r, c = np.rint(rows).astype(int), np.rint(columns).astype(int)
    inside = (r >= 0) & (c >= 0) & (r < coverage.grid.shape[0]) & (c < coverage.grid.shape[1])
    signal, distance = np.full(r.size, NOTHING_DBM), np.full(r.size, np.nan)
    for operator, technology in samples.select("operator", "technology").unique().iter_rows():
        own = pl.lit(True)
        for name, value in (("operator", operator), ("technology", technology)):
            own = own & (pl.col(name).is_null() if value is None else pl.col(name) == value)
        mine = samples.select(own).to_series().to_numpy() & inside
        best, server = coverage.best_of(*_known(operator, technology, coverage))
        signal[mine] = best[r[mine], c[mine]]
        distance[mine] = _server_distance_km(coverage, server, r[mine], c[mine])
    used = np.flatnonzero(inside & (signal > NOTHING_DBM))
    kinds = np.full(used.size, UNKNOWN) if cover is None else cover.names_at(r[used], c[used])
    west, south = (np.floor(samples[name].to_numpy()[used] * 100) for name in ("lon", "lat"))
    return Prediction(used, signal[used], distance[used], kinds, south * 100_000 + west)


def calibrated(
    coverage: Coverage, calibration: Calibration, *, cover: LandCover | None, source: str
) -> Coverage:
    """Return the run with every signal corrected, and a note that says by what; the stations serving stay.

    Interference is moved by as much as the signal of its cell, so that SINR changes by noise alone.
    """
    rows, columns = np.indices(coverage.grid.shape, dtype=np.int32)
    table = np.array([calibration.offset_of(name) for name in (cover.names if cover else (UNKNOWN,))])
    offset = table[cover.number] if cover else np.full(coverage.grid.shape, table[0])
    layers = {}
    for key, layer in coverage.layers.items():
        away = _server_distance_km(coverage, layer.server.ravel(), rows.ravel(), columns.ravel())
        bend = calibration.slope_db * np.log10(np.maximum(away, NEAREST_KM)).reshape(coverage.grid.shape)
        shift = np.where(layer.server >= 0, offset + bend, 0.0)
        heard = layer.heard
        if heard.shape == shift.shape:
            heard = (heard.astype(np.float64) * 10 ** (shift / 10)).astype(np.uint64)
        layers[key] = CarrierLayer((layer.best_dbm + shift).astype(np.float32), layer.server, heard)
    notes = [note for note in coverage.notes if note != UNCALIBRATED]
    notes.append(
        f"Đã hiệu chỉnh theo '{source}': {calibration.samples} mẫu, sai số kiểm tra chéo "
        f"{format_number(round(calibration.error_before_db, 1))} → {format_number(round(calibration.error_after_db, 1))} dB."
    )
    return replace(coverage, layers=layers, notes=tuple(notes))


def read_calibration(path: Path) -> Calibration:
    """Read what :func:`write_calibration` wrote."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(
            {str(name): float(value) for name, value in data["offsets_db"].items()}, float(data["slope_db"]),
            int(data["samples"]), float(data["error_before_db"]), float(data["error_after_db"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise InputError(
            f"Tệp hiệu chỉnh '{path.name}' không đọc được ({fault})", expected="tệp do coverage-calibrate ghi"
        ) from fault


def write_calibration(calibration: Calibration, path: Path, **said: object) -> None:
    """Write a calibration as JSON with whatever else is to be said of it (files, parameters)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {**asdict(calibration), "worth_it": calibration.worth_it, **said}, ensure_ascii=False, indent=1
    )
    path.write_text(text + "\n", encoding="utf-8")


def _known(operator: str | None, technology: str | None, coverage: Coverage) -> tuple[str | None, str]:
    if operator is not None and operator not in coverage.operators:
        raise InputError(
            f"Bảng 'mẫu đo', cột operator: '{operator}'",
            expected="một trong: " + ", ".join(coverage.operators),
        )
    if technology is None and len(coverage.technologies) == 1:
        return operator, coverage.technologies[0]
    if technology not in coverage.technologies:
        raise InputError(
            f"Bảng 'mẫu đo', cột technology: '{technology or 'trống'}'",
            expected="một trong: " + ", ".join(coverage.technologies),
        )
    return operator, technology


def _server_distance_km(coverage: Coverage, server: np.ndarray, r: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Distance from cells to the station that serves them there; NaN without one. ``server`` by cell or by grid."""
    number = server[r, c] if server.ndim == 2 else server
    lon, lat = coverage.grid.positions(r, c)
    places = np.array([(cell.lon, cell.lat) for cell in coverage.cells] + [(np.nan, np.nan)])
    east = np.radians(lon - places[number, 0]) * np.cos(np.radians((lat + places[number, 1]) / 2))
    north = np.radians(lat - places[number, 1])
    return 6371.0 * np.hypot(east, north)


def _design(kinds: np.ndarray, names: list[str], distance_km: np.ndarray) -> np.ndarray:
    columns = [(kinds == name).astype(float) for name in names]
    return np.stack([*columns, np.log10(np.maximum(distance_km, NEAREST_KM))], axis=1)


def _fit(design: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Least squares with a little ridge, so that a cover missing from a fold keeps a small offset."""
    ridge = 1e-3 * np.eye(design.shape[1])
    return np.linalg.solve(design.T @ design + ridge, design.T @ residual)
