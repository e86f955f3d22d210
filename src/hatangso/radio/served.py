"""Who is served: people, villages, roads and key sites, with the band of model uncertainty and reasons for hollows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely
from rasterio.features import rasterize
from scipy.special import ndtr, ndtri

from hatangso.errors import InputError
from hatangso.radio.bands import Thresholds
from hatangso.radio.building import building_entry_loss
from hatangso.radio.clutter import grid_transform
from hatangso.radio.coverage import NOTHING_DBM, Coverage, CoverageParameters
from hatangso.radio.pathloss import HIGHEST_GHZ, location_sigma
from hatangso.radio.profile import Link
from hatangso.tables import Column, TableSpec

PLACE_SPEC = TableSpec(
    "điểm dân cư",
    (
        Column("place_id", "text", "Mã", aliases=("ma", "ma thon", "village_id", "id", "site_id")),
        Column("name", "text", "Tên", required=False, nullable=True, aliases=("ten", "ten thon", "thon")),
        Column("lon", "number", "Kinh độ", "độ", minimum=102, maximum=118, aliases=("kinh do", "longitude", "x")),
        Column("lat", "number", "Vĩ độ", "độ", minimum=6, maximum=24, aliases=("vi do", "latitude", "y")),
        Column("people", "integer", "Số dân", "người", required=False, nullable=True, minimum=0, aliases=("dan so", "so dan")),
    ),
    key=("place_id",),
)  # fmt: skip
REASONS = {
    "served": "có sóng", "none_near": "không có trạm nào trong tầm", "distance": "quá xa trạm gần nhất",
    "terrain": "bị địa hình hoặc vật che phủ chắn", "outside": "nằm ngoài khu vực tính",
}  # fmt: skip
VARYING_SQUARE_M = 50.0


@dataclass(frozen=True)
class Service:
    """One question: which technology, whose network (None = any), in which situation."""

    technology: str
    operator: str | None = None
    situation: str = "outdoor"

    def __post_init__(self) -> None:
        if self.situation not in ("outdoor", "vehicle", "indoor"):
            raise InputError("Tình huống", found=self.situation, expected="outdoor, vehicle hoặc indoor")


@dataclass(frozen=True)
class Need:
    """What a service needs: median signal outdoors (dBm), how it spreads over places (dB), at how many of them.

    A cell counts as served when ``location_percent`` of its points have service.
    """

    signal_dbm: float
    sigma_db: float
    location_percent: float = 50.0

    @property
    def floor_dbm(self) -> float:
        """Median signal from which a cell counts as served; at 50 % it is ``signal_dbm`` itself."""
        return self.signal_dbm + float(ndtri(self.location_percent / 100)) * self.sigma_db


def need_of(service: Service, *, coverage: Coverage, thresholds: Thresholds) -> Need:
    """Return what a service needs in a coverage run, at the median frequency of its stations; see :func:`need_at`."""
    frequencies = [
        c.band.frequency_mhz / 1000 for c in coverage.cells if c.band.technology == service.technology
    ]
    if service.technology in thresholds.signal_dbm and not frequencies:
        raise InputError(f"Không có trạm {service.technology} nào trong bảng trạm")
    frequency = float(np.median(frequencies)) if frequencies else 1.0
    return need_at(service, frequency_ghz=frequency, parameters=coverage.parameters, thresholds=thresholds)


def need_at(
    service: Service, *, frequency_ghz: float, parameters: CoverageParameters, thresholds: Thresholds
) -> Need:
    """Return the outdoor signal a service needs: threshold + what the situation adds; indoor adds P.2109's median.

    Places spread by P.1812's location variability (squares of 50 m), indoors together with P.2109's own spread (root
    of squares).
    """
    if service.technology not in thresholds.signal_dbm:
        raise InputError(
            f"Không có ngưỡng cho công nghệ '{service.technology}'", expected=", ".join(thresholds.signal_dbm)
        )
    frequency = min(frequency_ghz, HIGHEST_GHZ)
    link = Link(frequency, 30.0, parameters.rx_height_m, resolution_m=VARYING_SQUARE_M)
    sigma = location_sigma(link, clutter_m=parameters.rx_height_m)
    needed = thresholds.signal_dbm[service.technology] + thresholds.extra_db[service.situation]
    kind = thresholds.entry_loss[service.situation]
    if kind != "none":
        low, middle, high = (
            building_entry_loss(frequency, percent=p, building=kind)  # type: ignore[arg-type]
            for p in (15.87, 50, 84.13)
        )
        needed += middle
        sigma = math.hypot(sigma, (high - low) / 2)
    return Need(needed, sigma, parameters.location_percent)


def service_probability(signal_dbm: np.ndarray, need: Need, *, shift_db: float = 0.0) -> np.ndarray:
    """Return for each median signal the share of places (0-1) that are served: Φ((signal + shift - need)/σ)."""
    return ndtr((np.asarray(signal_dbm, dtype=np.float64) + shift_db - need.signal_dbm) / need.sigma_db)


def places_served(
    places: pl.DataFrame, service: Service, *, coverage: Coverage, thresholds: Thresholds
) -> pl.DataFrame:
    """Return one row per place: signal, serving station, probability with its band, people served, reason.

    ``low`` and ``high`` shift the signal by the model's deviation (``model_sigma_db``) either way.
    """
    need = need_of(service, coverage=coverage, thresholds=thresholds)
    best, server = coverage.best_of(service.operator, service.technology)
    lon, lat = places["lon"].to_numpy(), places["lat"].to_numpy()
    rows, columns = coverage.grid.indices(lon, lat)
    r, c = np.rint(rows).astype(int), np.rint(columns).astype(int)
    inside = (r >= 0) & (c >= 0) & (r < coverage.grid.shape[0]) & (c < coverage.grid.shape[1])
    r, c = np.where(inside, r, 0), np.where(inside, c, 0)
    signal = np.where(inside, best[r, c], NOTHING_DBM)
    by = np.where(inside, server[r, c], -1)
    sigma = thresholds.model_sigma_db
    middle, low, high = (service_probability(signal, need, shift_db=s) for s in (0.0, -sigma, sigma))
    people = places["people"].fill_null(0).to_numpy().astype(np.float64)
    reasons = _reasons(
        places, signal >= need.floor_dbm, inside, service=service, coverage=coverage, need=need
    )
    names = [coverage.cells[number].station_id if number >= 0 else None for number in by]
    return places.with_columns(
        pl.Series("technology", [service.technology] * len(by)),
        pl.Series("situation", [service.situation] * len(by)),
        pl.Series("signal_dbm", [float(v) if v > NOTHING_DBM else None for v in signal], dtype=pl.Float64),
        pl.Series("station_id", names, dtype=pl.String),
        pl.Series("served_share", middle),
        pl.Series("served_share_low", low),
        pl.Series("served_share_high", high),
        pl.Series("people_served", middle * people),
        pl.Series("hollow", signal < need.floor_dbm),
        pl.Series("reason", [REASONS[reason] for reason in reasons]),
    )


def _reasons(
    places: pl.DataFrame,
    served: np.ndarray,
    inside: np.ndarray,
    *,
    service: Service,
    coverage: Coverage,
    need: Need,
) -> list[str]:
    """Why a place is hollow: no station in reach; too far even in free space; else what stands between."""
    cells = [
        c for c in coverage.cells
        if c.band.technology == service.technology and service.operator in (None, c.operator)
    ]  # fmt: skip
    where = np.radians(np.array([(c.lon, c.lat) for c in cells]))
    strength = np.array(
        [c.sector.element_eirp_dbm - 32.4 - 20 * math.log10(c.band.frequency_mhz / 1000) for c in cells]
    )
    reasons = []
    for lon, lat, good, within in zip(places["lon"], places["lat"], served, inside, strict=True):
        if not within:
            reasons.append("outside")
            continue
        if good:
            reasons.append("served")
            continue
        away = _distance_m(where, math.radians(lon), math.radians(lat))
        near = away <= coverage.parameters.radius_km * 1000
        if not near.any():
            reasons.append("none_near")
            continue
        free = strength[near] - 20 * np.log10(np.maximum(away[near], 1.0))
        reasons.append("terrain" if free.max() >= need.floor_dbm else "distance")
    return reasons


def _distance_m(where: np.ndarray, lon: float, lat: float) -> np.ndarray:
    x = (where[:, 0] - lon) * np.cos((where[:, 1] + lat) / 2)
    return 6371000.0 * np.hypot(x, where[:, 1] - lat)


def total_served(table: pl.DataFrame) -> dict[str, float | None]:
    """Return people in all, served, and the band: never a bare share without its denominator."""
    people = table["people"].fill_null(0.0).to_numpy()
    total = float(people.sum())
    shares = {
        name: float((table[name].to_numpy() * people).sum())
        for name in ("served_share", "served_share_low", "served_share_high")
    }
    return {
        "places": float(table.height), "hollow_places": float(table["hollow"].sum()), "people": total,
        "people_served": shares["served_share"], "people_served_low": shares["served_share_low"],
        "people_served_high": shares["served_share_high"],
        "percent": 100 * shares["served_share"] / total if total else None,
    }  # fmt: skip


def raster_served(
    people: np.ndarray, service: Service, *, coverage: Coverage, thresholds: Thresholds
) -> dict[str, float | None]:
    """Return people in all and served where people are counted per cell of the grid (same shape)."""
    if people.shape != coverage.grid.shape:
        raise InputError(
            "Lưới dân số", found=str(people.shape), expected=f"{coverage.grid.shape}, cùng lưới địa hình"
        )
    need = need_of(service, coverage=coverage, thresholds=thresholds)
    best, _ = coverage.best_of(service.operator, service.technology)
    count = np.nan_to_num(np.maximum(people, 0))
    total = float(count.sum())
    sums = [
        float((service_probability(best, need, shift_db=shift) * count).sum())
        for shift in (0.0, -thresholds.model_sigma_db, thresholds.model_sigma_db)
    ]
    return {
        "people": total, "people_served": sums[0], "people_served_low": sums[1], "people_served_high": sums[2],
        "percent": 100 * sums[0] / total if total else None,
    }  # fmt: skip


def areas_served(
    codes: list[str],
    polygons: np.ndarray,
    service: Service,
    *,
    coverage: Coverage,
    thresholds: Thresholds,
    people: np.ndarray | None = None,
) -> pl.DataFrame:
    """Return per area (polygons in the grid's coordinates): share of its ground served, with the band; people too.

    A cell belongs to the area its centre lies in; ``cells`` tells how many were looked at, 0 for an area outside the
    terrain (its shares are then empty, not zero). ``people`` counts people per cell of the grid.
    """
    need = need_of(service, coverage=coverage, thresholds=thresholds)
    best, _ = coverage.best_of(service.operator, service.technology)
    number = rasterize(
        [(polygon, index + 1) for index, polygon in enumerate(polygons)],
        out_shape=coverage.grid.shape, transform=grid_transform(coverage.grid), fill=0, dtype=np.int32,
    ).ravel()  # fmt: skip
    size = len(codes) + 1
    cells = np.bincount(number, minlength=size)[1:]
    columns: dict[str, object] = {"area": codes, "technology": [service.technology] * len(codes),
                                  "situation": [service.situation] * len(codes), "cells": cells}  # fmt: skip
    sigma = thresholds.model_sigma_db
    for name, shift in (("", 0.0), ("_low", -sigma), ("_high", sigma)):
        probability = service_probability(best, need, shift_db=shift).ravel()
        served = np.bincount(number, probability, minlength=size)[1:]
        columns["served_share" + name] = [
            float(a / b) if b else None for a, b in zip(served, cells, strict=True)
        ]
        if people is not None:
            count = np.nan_to_num(np.maximum(people, 0)).ravel()
            columns["people_served" + name] = np.bincount(number, probability * count, minlength=size)[1:]
            columns["people"] = np.bincount(number, count, minlength=size)[1:]
    return pl.DataFrame(columns)


def roads_served(
    names: list[str], lines: np.ndarray, service: Service, *, coverage: Coverage, thresholds: Thresholds
) -> pl.DataFrame:
    """Return per road (lines in degrees): length inside the area, length served (km), share, longest stretch without.

    The line is looked at every half cell.
    """
    need = need_of(service, coverage=coverage, thresholds=thresholds)
    best, _ = coverage.best_of(service.operator, service.technology)
    records = []
    step_m = coverage.grid.cell_m() / 2
    for name, line in zip(names, lines, strict=True):
        for piece in shapely.get_parts(line):
            records.append((name, *_along(piece, best, need, coverage, step_m)))
    table = pl.DataFrame(records, schema=["name", "length_km", "served_km", "longest_gap_km"], orient="row")
    joined = table.group_by("name", maintain_order=True).agg(
        pl.col("length_km").sum(), pl.col("served_km").sum(), pl.col("longest_gap_km").max()
    )
    return joined.with_columns((pl.col("served_km") / pl.col("length_km")).alias("served_share"))


def _along(
    line: shapely.Geometry, best: np.ndarray, need: Need, coverage: Coverage, step_m: float
) -> tuple[float, float, float]:
    xy = shapely.get_coordinates(line)
    middle = math.radians(float(xy[:, 1].mean()))
    metres = np.hypot(np.diff(xy[:, 0]) * math.cos(middle), np.diff(xy[:, 1])) * math.radians(1) * 6371000
    run = np.concatenate(([0.0], np.cumsum(metres)))
    if run[-1] <= 0:
        return 0.0, 0.0, 0.0
    at = np.linspace(0, run[-1], max(2, int(run[-1] / step_m)))
    rows, columns = coverage.grid.indices(np.interp(at, run, xy[:, 0]), np.interp(at, run, xy[:, 1]))
    r, c = np.rint(rows).astype(int), np.rint(columns).astype(int)
    inside = (r >= 0) & (c >= 0) & (r < best.shape[0]) & (c < best.shape[1])
    piece_km = float(run[-1]) / at.size / 1000
    good = best[r[inside], c[inside]] >= need.floor_dbm
    gap = longest = 0
    for served in good:
        gap = 0 if served else gap + 1
        longest = max(longest, gap)
    return inside.sum() * piece_km, good.sum() * piece_km, longest * piece_km


def throughput_mbps(sinr_db: np.ndarray, *, bandwidth_mhz: float, thresholds: Thresholds) -> np.ndarray:
    """Return an estimate of one user's peak rate: share of Shannon's bound, capped, nothing below the least SINR."""
    rate = np.minimum(
        thresholds.shannon_share * np.log2(1 + 10 ** (sinr_db / 10)), thresholds.most_bps_per_hz
    )
    return np.where(sinr_db < thresholds.least_sinr_db, 0.0, rate * bandwidth_mhz)
