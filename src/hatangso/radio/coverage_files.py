"""What a coverage run leaves behind: GeoTIFF, tables, maps for letters, and parts kept so that it can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import polars as pl
import rasterio
import rasterio.shutil
from rasterio.io import MemoryFile

from hatangso.errors import InputError
from hatangso.geo import Window
from hatangso.maps.drawing import draw_map, draw_map_png
from hatangso.maps.layers import GridLayer, Layer, MapSheet, PointLayer
from hatangso.radio.candidates import Candidate, Ground, Rules
from hatangso.radio.clutter import grid_transform
from hatangso.radio.coverage import NOTHING_DBM, CoverageParameters
from hatangso.radio.grid import Grid
from hatangso.radio.stations import Cell
from hatangso.vietnamese import format_number

SHADES = (-10.0, 0.0, 10.0, 20.0)  # dB above the threshold where a new shade of the map begins


def write_signal(path: Path, signal_dbm: np.ndarray, grid: Grid) -> None:
    """Write a raster of dBm as Cloud-Optimised GeoTIFF (float32, rounded to 0.1 dB, overviews, nodata -9999)."""
    shown = np.where(signal_dbm > NOTHING_DBM, np.round(signal_dbm, 1), -9999.0).astype(np.float32)
    rows, columns = shown.shape
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "height": rows, "width": columns, "crs": grid.crs,
        "transform": grid_transform(grid), "nodata": -9999.0,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(shown, 1)
            target.update_tags(UNIT="dBm")
            target.set_band_unit(1, "dBm")
        with memory.open() as source:
            rasterio.shutil.copy(
                source, path, driver="COG", compress="DEFLATE", predictor="FLOATING_POINT", blocksize=512,
                overview_resampling="average",
            )  # fmt: skip


@dataclass(frozen=True)
class SignalMap:
    """What a map shows: a signal (dBm) on the cells of a grid, and the sectors it comes from."""

    grid: Grid
    signal_dbm: np.ndarray
    cells: Sequence[Cell]


def draw_signal(shown: SignalMap, *, threshold_dbm: float, sheet: MapSheet) -> tuple[str, bytes]:
    """Return the map of a signal as SVG and PNG, with classes from below the threshold upwards, and the stations."""
    edges = [threshold_dbm + shade for shade in SHADES]
    classes = np.digitize(shown.signal_dbm, edges).astype(np.int64)
    classes[shown.signal_dbm <= NOTHING_DBM] = -1
    words = [
        f"dưới {_dbm(edges[0])}",
        *(f"{_dbm(a)} đến {_dbm(b)}" for a, b in pairwise(edges)),
    ]
    words.append(f"từ {_dbm(edges[-1])}")
    rows, columns = shown.grid.shape
    west, north = shown.grid.positions(-0.5, -0.5)
    east, south = shown.grid.positions(rows - 0.5, columns - 0.5)
    places = sorted({(cell.lon, cell.lat) for cell in shown.cells})
    layers: list[Layer] = [
        GridLayer(classes, Window(float(west), float(south), float(east), float(north)), words),
        PointLayer([p[0] for p in places], [p[1] for p in places], "Trạm phát sóng", shape=2),
    ]
    return draw_map(layers, sheet=sheet), draw_map_png(layers, sheet=sheet)


def _dbm(value: float) -> str:
    return f"{format_number(value)} dBm".replace("-", "−")


class PartStore:
    """Keeps finished parts of a run on disk, so that a stopped run goes on where it was.

    Parts belong to one fingerprint of stations, terrain and parameters; another run in the same folder is refused.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / "fingerprint"
        if mark.exists() and mark.read_text() != fingerprint:
            raise InputError(
                f"Thư mục '{folder.parent}' đang giữ phần tính dở của một lần chạy khác",
                remedy="Chọn thư mục --out khác, hoặc xóa thư mục con 'parts'",
            )
        mark.write_text(fingerprint)

    def load(self, number: int) -> dict[str, np.ndarray] | None:
        """Return a kept part, None when it is not there or was cut off while being written."""
        path = self.folder / f"{number:06d}.npz"
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except (OSError, ValueError, EOFError, BadZipFile):
            path.unlink()
            return None

    def save(self, number: int, arrays: dict[str, np.ndarray]) -> None:
        """Keep a part; the file appears whole or not at all."""
        beside = self.folder / f"{number:06d}.tmp"
        with beside.open("wb") as target:
            np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
        beside.rename(self.folder / f"{number:06d}.npz")

    def clear(self) -> None:
        """Remove everything that was kept."""
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()


def fingerprint(cells: list[Cell], grid: Grid, parameters: CoverageParameters) -> str:
    """Return a digest of everything a run's result depends on."""
    digest = _digest_of(grid, parameters)
    for cell in cells:
        digest.update(
            f"{cell.station_id}|{cell.operator}|{cell.band}|{cell.lon}|{cell.lat}|{cell.height_m}|{cell.load}".encode()
        )
        digest.update(f"{cell.sector.pointing}|{cell.sector.power_dbm}|{cell.sector.loss_db}".encode())
        digest.update(cell.sector.antenna.horizontal_db.tobytes() + cell.sector.antenna.vertical_db.tobytes())
    return digest.hexdigest()


def fingerprint_of_candidates(
    candidates: Sequence[Candidate], places: pl.DataFrame, ground: Ground, rules: Rules
) -> str:
    """Return a digest of everything the matrix of candidates and places depends on."""
    digest = _digest_of(ground.grid, ground.parameters)
    for candidate in candidates:
        digest.update(repr(candidate).encode())
    digest.update(places.select("lon", "lat").to_numpy().tobytes())
    digest.update(repr((rules.need, rules.least_share, rules.calibration, rules.cover)).encode())
    return digest.hexdigest()


def _digest_of(grid: Grid, parameters: CoverageParameters) -> hashlib._Hash:
    digest = hashlib.sha256(json.dumps(asdict(parameters), sort_keys=True).encode())
    for layer in (grid.ground_m, grid.clutter_m, grid.zone):
        digest.update(np.ascontiguousarray(layer).tobytes())
    digest.update(f"{grid.x0}|{grid.y0}|{grid.dx}|{grid.dy}|{grid.crs}".encode())
    return digest
