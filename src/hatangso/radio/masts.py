"""One mast: what is lost from it to every cell around, and how its antennas see the cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hatangso.errors import InputError
from hatangso.radio.antennas import pattern_loss
from hatangso.radio.area import Mast, Mode, Sweep, area_loss
from hatangso.radio.compiled import compiled
from hatangso.radio.formulas import Conditions
from hatangso.radio.grid import Grid, station_plane
from hatangso.radio.pathloss import HIGHEST_GHZ, SHORTEST_KM
from hatangso.radio.shortrange import LONGEST_KM, short_range_loss
from hatangso.radio.stations import Cell


@dataclass(frozen=True)
class CoverageParameters:
    """What holds for a coverage run; ranges are checked by the parts that use them.

    ``location_percent`` is the share of the points of a cell at which service must be had for the cell to count as
    served; ``thresholds_dbm`` (technology, median dBm) say near which signal two-stage looks again.
    """

    radius_km: float = 20.0
    step_m: float = 30.0
    ray_spacing_m: float = 30.0
    mode: Mode = "sweep"
    margin_db: float = 6.0
    time_percent: float = 50.0
    delta_n: float = 45.0
    n0: float = 325.0
    polarisation: str = "v"
    rx_height_m: float = 1.5
    thresholds_dbm: tuple[tuple[str, float], ...] = ()
    with_interference: bool = False
    location_percent: float = 50.0

    def __post_init__(self) -> None:
        if not 0.5 <= self.rx_height_m <= 100:
            raise InputError("rx_height_m", found=f"{self.rx_height_m}", expected="từ 0,5 đến 100 m")
        if not 1 <= self.location_percent <= 99:
            raise InputError("location_percent", found=f"{self.location_percent:g}", expected="từ 1 đến 99 %")
        Sweep(
            radius_km=self.radius_km,
            step_m=self.step_m,
            ray_spacing_m=self.ray_spacing_m,
            margin_db=self.margin_db,
        )
        if self.mode not in ("sweep", "two_stage", "exact"):
            raise InputError("mode", found=self.mode, expected="sweep, two_stage hoặc exact")
        Conditions(self.time_percent, self.delta_n, self.n0, self.polarisation)


def mast_loss(
    grid: Grid,
    mast: Mast,
    frequencies: tuple[float, ...],
    parameters: CoverageParameters,
    *,
    cells: Sequence[Cell] = (),
) -> np.ndarray:
    """Return loss per frequency over a window: P.1812 from 250 m to 6 GHz, 3GPP TR 38.901 elsewhere."""
    loss = np.full((len(frequencies), *grid.shape), np.nan, dtype=np.float32)
    low = tuple(f for f in frequencies if f <= HIGHEST_GHZ)
    if low:
        conditions = Conditions(
            parameters.time_percent, parameters.delta_n, parameters.n0, parameters.polarisation, low
        )
        thresholds: tuple[float | np.ndarray, ...] = ()
        if parameters.mode == "two_stage":
            thresholds = tuple(_limit_of_service(grid, mast, f, parameters, cells) for f in low)
        sweep = Sweep(
            parameters.radius_km, parameters.step_m, parameters.ray_spacing_m, parameters.mode, thresholds,
            parameters.margin_db,
        )  # fmt: skip
        loss[: len(low)] = area_loss(
            grid, mast, conditions=conditions, sweep=sweep, rx_height_m=parameters.rx_height_m
        )
    north, east, _, _ = station_plane(grid, mast.lon, mast.lat)
    row, column = (float(value) for value in grid.indices(mast.lon, mast.lat))
    ground = np.ascontiguousarray(grid.ground_m)
    for index, frequency in enumerate(frequencies):
        reach = SHORTEST_KM if frequency <= HIGHEST_GHZ else min(LONGEST_KM, parameters.radius_km)
        _short_range(
            loss[index], ground, grid.clutter_m, (north, east, row, column),
            (mast.height_m, parameters.rx_height_m, frequency, reach),
        )  # fmt: skip
    return loss


def directions_from(
    grid: Grid, mast: Mast, *, parameters: CoverageParameters
) -> tuple[np.ndarray, np.ndarray]:
    """Return azimuth from true north and angle below the horizon, degrees, of every cell as an antenna sees them."""
    north, east, turn, _ = station_plane(grid, mast.lon, mast.lat)
    row, column = (float(value) for value in grid.indices(mast.lon, mast.lat))
    top_asl = float(grid.ground_m[round(row), round(column)]) + mast.height_m
    convergence = math.radians(grid.convergence_deg(mast.lon, mast.lat))
    view = (north, east, turn, column, top_asl, parameters.rx_height_m, convergence)
    azimuth, below = np.empty(grid.shape, dtype=np.float32), np.empty(grid.shape, dtype=np.float32)
    reach_km = 1.01 * parameters.radius_km
    _directions(np.ascontiguousarray(grid.ground_m), view, reach_km, azimuth, below)
    return azimuth, below


def _limit_of_service(
    grid: Grid, mast: Mast, frequency_ghz: float, parameters: CoverageParameters, cells: Sequence[Cell]
) -> float | np.ndarray:
    """Loss at which the strongest sector of a mast on this frequency falls to its threshold, cell by cell."""
    own = [cell for cell in cells if cell.band.frequency_mhz / 1000 == frequency_ghz]
    needed = dict(parameters.thresholds_dbm)
    if not own or any(cell.band.technology not in needed for cell in own):
        raise InputError(
            "Chế độ two_stage",
            found="thiếu ngưỡng của công nghệ",
            expected="thresholds_dbm cho mọi công nghệ",
        )
    azimuth, below = directions_from(grid, mast, parameters=parameters)
    limit = np.full(grid.shape, -np.inf, dtype=np.float32)
    for cell in own:
        sector, pointing = cell.sector, cell.sector.pointing
        turned = (
            pointing.azimuth_deg,
            pointing.mechanical_tilt_deg,
            pointing.electrical_tilt_deg,
            sector.antenna.most_db,
        )
        budget = sector.element_eirp_dbm - needed[cell.band.technology]
        _raise_limit(
            (azimuth, below),
            (sector.antenna.horizontal_db, sector.antenna.vertical_db),
            turned,
            budget,
            limit,
        )
    return limit


_short_range_loss = compiled(short_range_loss)  # plain in its own file: one path needs no compiler


@compiled
def _directions(
    ground: np.ndarray, view: tuple, reach_km: float, azimuth: np.ndarray, below: np.ndarray
) -> None:
    """Azimuth from true north and angle below the horizon (degrees) of every cell within reach; 0 elsewhere."""
    north, east, turn, column0, top, rx_height, convergence = view
    for r in range(ground.shape[0]):
        for c in range(ground.shape[1]):
            x = east[r] * (c - column0)
            distance = math.sqrt(x * x + north[r] * north[r])
            azimuth[r, c] = below[r, c] = 0.0
            if distance > reach_km:
                continue
            angle = math.atan2(x, north[r]) - turn[r] * (c - column0) + convergence
            azimuth[r, c] = math.degrees(angle) % 360.0
            below[r, c] = math.degrees(math.atan2(top - ground[r, c] - rx_height, max(1000 * distance, 1.0)))


@compiled
def _raise_limit(directions: tuple, cuts: tuple, pointing: tuple, budget: float, limit: np.ndarray) -> None:
    """Raise ``limit`` to what one sector can lose towards each cell before its signal is too weak."""
    azimuth, below = directions
    for r in range(limit.shape[0]):
        for c in range(limit.shape[1]):
            lost = pattern_loss(cuts[0], cuts[1], pointing, float(azimuth[r, c]), float(below[r, c]))
            limit[r, c] = max(limit[r, c], np.float32(budget - lost))


@compiled
def _short_range(
    loss: np.ndarray, ground: np.ndarray, clutter: np.ndarray, place: tuple, ends: tuple
) -> None:
    """Overwrite the cells within reach by the street or roof model; sight is judged cell by cell on the line."""
    north, east, row0, column0 = place
    mast, rx_height, frequency, reach = ends
    rows, columns = ground.shape
    raised = clutter.shape[0] > 1
    base = ground[min(max(int(row0 + 0.5), 0), rows - 1), min(max(int(column0 + 0.5), 0), columns - 1)]
    for r in range(rows):
        if abs(north[r]) > reach:
            continue
        for c in range(columns):
            x = east[r] * (c - column0)
            d = math.sqrt(x * x + north[r] * north[r])
            if d > reach:
                continue
            top, low = base + mast, ground[r, c] + rx_height
            steps = int(max(abs(r - row0), abs(c - column0)))
            clear = True
            for j in range(1, steps):
                t = j / steps
                y, z = int(row0 + t * (r - row0) + 0.5), int(column0 + t * (c - column0) + 0.5)
                height = ground[y, z] + (clutter[y, z] if raised else 0.0)
                if height > top + t * (low - top):
                    clear = False
                    break
            loss[r, c] = _short_range_loss(1000 * d, top - low, frequency, mast, rx_height, clear)[0]
