"""The terrain round stations, candidates or samples, read for the verbs of coverage, with notes on what is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hatangso.errors import InputError
from hatangso.geo import is_geographic, project
from hatangso.radio.clutter import LandCover, read_land_cover, with_clutter
from hatangso.radio.grid import Grid
from hatangso.radio.terrain import Terrain, clip_bounds, open_terrain, read_grid, sea_and_coast

KM_PER_DEGREE = 105.0  # the least of longitude and latitude in Viet Nam, south of which nothing is asked
WIDEST_SCALE = 1.002  # a metre of ground on a projected grid, at most
SIDES = ("tây", "nam", "đông", "bắc")


@dataclass(frozen=True)
class GroundFiles:
    """Files of the ground and how they are taken: sea told from heights, refusal where terrain ends early."""

    terrain: Sequence[Path]
    land_cover: Path | None = None
    sea: bool = True
    full_reach: bool = False


@dataclass(frozen=True)
class GroundRead:
    """Terrain of a run; ``zone`` is told from heights also when the run does without it; notes are in Vietnamese."""

    grid: Grid
    zone: np.ndarray
    cover: LandCover | None
    notes: tuple[str, ...]


def read_ground(files: GroundFiles, lon: np.ndarray, lat: np.ndarray, *, radius_km: float) -> GroundRead:
    """Read the terrain within ``radius_km`` of all places, as far as the tiles go, with clutter and sea laid on."""
    tiles = open_terrain(list(files.terrain))
    bounds, short = _reach(tiles, lon, lat, radius_km=radius_km)
    grid, report = read_grid(tiles, bounds=bounds)
    notes = list(report.sentences)
    if short:
        reason = f"Địa hình không đủ tầm {radius_km:g} km quanh các trạm: thiếu phía {', '.join(short)}"
        if files.full_reach:
            raise InputError(
                reason, remedy="Bổ sung mảnh địa hình, hoặc bỏ --full-reach để chỉ tính phần có địa hình"
            )
        notes.append(reason + ". Ô ngoài địa hình không được tính.")
    cover = None
    if files.land_cover is not None:
        cover = read_land_cover(grid, files.land_cover)
        grid = with_clutter(grid, cover)
        notes.append("Lớp phủ: " + ", ".join(f"{name} {count}" for name, count in sorted(cover.used.items())))
    zone = sea_and_coast(grid)
    if files.sea and (zone == 1).any():
        grid = replace(grid, zone=zone)
    return GroundRead(grid, zone, cover, tuple(notes))


def _reach(
    tiles: Terrain, lon: np.ndarray, lat: np.ndarray, *, radius_km: float
) -> tuple[tuple[float, float, float, float], list[str]]:
    """Bounds to read, and the sides on which terrain ends before the radius does."""
    x, y, reach, km = _in_their_unit(tiles, lon, lat, radius_km)
    wanted = (float(x.min()) - reach, float(y.min()) - reach, float(x.max()) + reach, float(y.max()) + reach)
    bounds = clip_bounds(tiles, wanted)
    if bounds[0] >= bounds[2] or bounds[1] >= bounds[3]:
        raise InputError("Các trạm nằm ngoài địa hình", remedy="Kiểm tra tọa độ trạm hoặc mảnh địa hình")
    missing_km = [
        km * gap
        for gap in (
            bounds[0] - wanted[0], bounds[1] - wanted[1], wanted[2] - bounds[2], wanted[3] - bounds[3],
        )
    ]  # fmt: skip
    return bounds, [f"{side} {gap:.0f} km" for side, gap in zip(SIDES, missing_km, strict=True) if gap > 0.5]


def _in_their_unit(
    tiles: Terrain, lon: np.ndarray, lat: np.ndarray, radius_km: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Places and reach in the unit of the terrain (degrees or metres), and how many km one such unit is."""
    crs = tiles.tiles[0].crs
    if is_geographic(crs):
        return lon, lat, radius_km / KM_PER_DEGREE, KM_PER_DEGREE
    x, y = project(lon, lat, crs=crs)
    return np.asarray(x), np.asarray(y), 1000 * radius_km * WIDEST_SCALE, 0.001
