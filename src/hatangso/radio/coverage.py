"""Stations → the best signal at every cell of an area, per operator and band, on one machine or many."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hatangso.errors import InputError
from hatangso.executor import Run, run_here
from hatangso.radio.antennas import pattern_loss
from hatangso.radio.area import Mast
from hatangso.radio.compiled import compiled
from hatangso.radio.grid import Grid
from hatangso.radio.masts import CoverageParameters, directions_from, mast_loss
from hatangso.radio.pathloss import HIGHEST_GHZ
from hatangso.radio.stations import Cell, masts_of

NOTHING_DBM = -250.0
UNCALIBRATED = "Chưa hiệu chỉnh bằng số đo thực địa: sai số mô hình thường từ 6 đến 14 dB."
POWER_UNIT_MW = (
    1e-19  # interference is summed in whole numbers of this, so that the order of adding is nothing
)


@dataclass
class CarrierLayer:
    """Best signal of one operator in one band over a window of the area.

    ``best_dbm`` float32 (rows, columns), ``NOTHING_DBM`` where no station reaches; ``server`` int32, number of the
    serving cell or -1; ``heard`` uint64 sum of loaded signals in units of ``POWER_UNIT_MW``, or (1, 1).
    """

    best_dbm: np.ndarray
    server: np.ndarray
    heard: np.ndarray


@dataclass(frozen=True)
class Part:
    """Work for one hand: masts close together, with their piece of terrain. ``offset`` is its first row and column."""

    cells: tuple[tuple[int, Cell], ...]
    grid: Grid
    offset: tuple[int, int]
    parameters: CoverageParameters


@dataclass(frozen=True)
class Coverage:
    """Best signal per (operator, band) over the whole grid, the cells they came from, and what must be said with it."""

    grid: Grid
    layers: dict[tuple[str, str], CarrierLayer]
    cells: tuple[Cell, ...]
    parameters: CoverageParameters
    notes: tuple[str, ...] = ()

    def best_of(self, operator: str | None, technology: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the strongest signal (dBm) and its cell over all bands of a technology; any operator when None."""
        best = np.full(self.grid.shape, NOTHING_DBM, dtype=np.float32)
        server = np.full(self.grid.shape, -1, dtype=np.int32)
        technologies = {cell.band.name: cell.band.technology for cell in self.cells}
        for (whose, band), layer in sorted(self.layers.items()):
            if technologies[band] == technology and operator in (None, whose):
                better = layer.best_dbm > best
                best[better], server[better] = layer.best_dbm[better], layer.server[better]
        return best, server

    @property
    def technologies(self) -> list[str]:
        """Technologies present, in order."""
        return sorted({cell.band.technology for cell in self.cells})

    @property
    def operators(self) -> list[str]:
        """Operators present, in order."""
        return sorted({cell.operator for cell in self.cells})


class Kept(Protocol):
    """Where finished parts are kept, so that a stopped run can go on: see `coverage_files.PartStore`."""

    def load(self, number: int) -> dict[str, np.ndarray] | None:
        """Return a finished part or None."""

    def save(self, number: int, arrays: dict[str, np.ndarray]) -> None:
        """Keep a finished part."""


@dataclass(frozen=True)
class Hands:
    """Who does the work and how it is cut: runner, masts (or candidates) per task, progress, kept parts.

    ``progress`` is told how many masts have just been done. None of this changes a byte of the result.
    """

    run: Run = run_here
    per_task: int = 8
    progress: Callable[[int], None] = lambda step: None
    kept: Kept | None = None

    def __post_init__(self) -> None:
        if self.per_task < 1:
            raise InputError("per_task", found=str(self.per_task), expected="từ 1 trở lên")


def compute_coverage(
    cells: Sequence[Cell], *, grid: Grid, parameters: CoverageParameters, hands: Hands | None = None
) -> Coverage:
    """Return the best signal of every operator and band at every cell of ``grid``.

    Parameters
    ----------
    cells : sectors, from :func:`hatangso.radio.stations.read_stations`
    hands : which hands do the work; here and one after the other when None

    The merge is a maximum with ties to the lower cell number and a sum of whole numbers: neither minds the order.
    """
    hands = hands or Hands()
    parts = split_parts(cells, grid, parameters, masts_per_part=hands.per_task)
    layers = empty_layers(cells, grid.shape, parameters)
    missing = []
    for number, part in enumerate(parts):
        kept = hands.kept.load(number) if hands.kept is not None else None
        if kept is None:
            missing.append(number)
        else:
            merge_part(layers, layers_of(kept), part.offset)
            hands.progress(_mast_count(part))
    for position, answer in hands.run(compute_part, [parts[number] for number in missing]):
        number = missing[position]
        if hands.kept is not None:
            hands.kept.save(number, arrays_of(answer))
        merge_part(layers, answer, parts[number].offset)
        hands.progress(_mast_count(parts[number]))
    return Coverage(grid, layers, tuple(cells), parameters, tuple(_notes(cells, parameters)))


def arrays_of(layers: dict[tuple[str, str], CarrierLayer]) -> dict[str, np.ndarray]:
    """Return layers as named arrays, to be kept on disk."""
    arrays: dict[str, np.ndarray] = {"keys": np.array(json.dumps([list(key) for key in layers]))}
    for i, layer in enumerate(layers.values()):
        arrays |= {f"best{i}": layer.best_dbm, f"server{i}": layer.server, f"heard{i}": layer.heard}
    return arrays


def layers_of(arrays: dict[str, np.ndarray]) -> dict[tuple[str, str], CarrierLayer]:
    """Return the layers that :func:`arrays_of` named."""
    keys = json.loads(str(arrays["keys"]))
    return {
        (key[0], key[1]): CarrierLayer(arrays[f"best{i}"], arrays[f"server{i}"], arrays[f"heard{i}"])
        for i, key in enumerate(keys)
    }


def _notes(cells: Sequence[Cell], parameters: CoverageParameters) -> list[str]:
    notes = ["Ô gần trạm dưới 250 m tính theo 3GPP TR 38.901 vì ITU-R P.1812 chỉ áp dụng từ 250 m."]
    high = sorted({c.band.name for c in cells if c.band.frequency_mhz > HIGHEST_GHZ * 1000})
    if high:
        notes.append(f"Băng {', '.join(high)} trên 6 GHz tính theo 3GPP TR 38.901 trong 5 km.")
    if parameters.mode == "sweep":
        notes.append("Quét theo tia: địa hình giữa trạm và ô lấy trên tia gần nhất.")
    notes.append(UNCALIBRATED)
    return notes


def split_parts(
    cells: Sequence[Cell], grid: Grid, parameters: CoverageParameters, *, masts_per_part: int = 8
) -> list[Part]:
    """Cut the stations into groups of masts close to each other, each with its window of the terrain."""
    masts = masts_of(list(cells))
    order = np.lexsort((masts["lon"].to_numpy().round(3), masts["lat"].to_numpy().round(1)))
    parts = []
    for start in range(0, masts.height, masts_per_part):
        group = masts[order[start : start + masts_per_part].tolist()]
        windows = np.array([
            grid.window(lon, lat, parameters.radius_km + 0.1) for lon, lat in zip(group["lon"], group["lat"], strict=True)
        ])  # fmt: skip
        top, bottom = int(windows[:, 0].min()), int(windows[:, 1].max())
        left, right = int(windows[:, 2].min()), int(windows[:, 3].max())
        numbers = sorted(number for row in group["cell"].to_list() for number in row)
        own = tuple((number, cells[number]) for number in numbers)
        parts.append(Part(own, grid.part((top, bottom, left, right)), (top, left), parameters))
    return parts


def empty_layers(
    cells: Sequence[Cell], shape: tuple[int, int], parameters: CoverageParameters
) -> dict[tuple[str, str], CarrierLayer]:
    """Return layers in which nothing is heard, one per operator and band."""
    heard = shape if parameters.with_interference else (1, 1)
    return {
        key: CarrierLayer(
            np.full(shape, NOTHING_DBM, dtype=np.float32), np.full(shape, -1, dtype=np.int32),
            np.zeros(heard, dtype=np.uint64),
        )
        for key in sorted({(cell.operator, cell.band.name) for cell in cells})
    }  # fmt: skip


def compute_part(part: Part) -> dict[tuple[str, str], CarrierLayer]:
    """Sweep every mast of a part and return its layers over the part's window."""
    layers = empty_layers([cell for _, cell in part.cells], part.grid.shape, part.parameters)
    by_mast: dict[tuple[float, float, float], list[tuple[int, Cell]]] = {}
    for number, cell in part.cells:
        by_mast.setdefault((cell.lon, cell.lat, cell.height_m), []).append((number, cell))
    for place, own in by_mast.items():
        _add_mast(layers, Mast(*place), own, part)
    return layers


def _add_mast(
    layers: dict[tuple[str, str], CarrierLayer], mast: Mast, own: list[tuple[int, Cell]], part: Part
) -> None:
    window = part.grid.window(mast.lon, mast.lat, part.parameters.radius_km + 0.1)
    top, bottom, left, right = window
    grid = part.grid.part(window)
    frequencies = tuple(sorted({cell.band.frequency_mhz / 1000 for _, cell in own}))
    loss = mast_loss(grid, mast, frequencies, part.parameters, cells=[cell for _, cell in own])
    azimuth, below = directions_from(grid, mast, parameters=part.parameters)
    for number, cell in own:
        layer = layers[cell.operator, cell.band.name]
        heard = layer.heard if layer.heard.shape == (1, 1) else layer.heard[top:bottom, left:right]
        sector, pointing = cell.sector, cell.sector.pointing
        _add_cell(
            loss[frequencies.index(cell.band.frequency_mhz / 1000)],
            (azimuth, below),
            (sector.antenna.horizontal_db, sector.antenna.vertical_db),
            (pointing.azimuth_deg, pointing.mechanical_tilt_deg, pointing.electrical_tilt_deg, sector.antenna.most_db),
            (sector.element_eirp_dbm, number, 1.0 if cell.load is None else cell.load),
            (layer.best_dbm[top:bottom, left:right], layer.server[top:bottom, left:right], heard),
        )  # fmt: skip


def merge_part(
    layers: dict[tuple[str, str], CarrierLayer],
    answer: dict[tuple[str, str], CarrierLayer],
    offset: tuple[int, int],
) -> None:
    """Merge a part into the whole: greater signal wins, the lower cell number on a tie, interference adds up."""
    top, left = offset
    for key, part in answer.items():
        rows, columns = part.best_dbm.shape
        whole = layers[key]
        best = whole.best_dbm[top : top + rows, left : left + columns]
        server = whole.server[top : top + rows, left : left + columns]
        better = (part.best_dbm > best) | (
            (part.best_dbm == best) & (part.server >= 0) & (part.server < server)
        )
        best[better], server[better] = part.best_dbm[better], part.server[better]
        if part.heard.shape != (1, 1):
            whole.heard[top : top + rows, left : left + columns] += part.heard


def signal_to_noise(coverage: Coverage, key: tuple[str, str], *, noise_figure_db: float) -> np.ndarray:
    """Return SINR in dB of one operator's band: best signal over the loaded others and the noise of 15 kHz."""
    layer = coverage.layers[key]
    if layer.heard.shape == (1, 1):
        raise InputError("SINR cần tải của các trạm", remedy="Thêm cột load (0 đến 1) vào bảng trạm")
    loads = np.array([1.0 if cell.load is None else cell.load for cell in coverage.cells] + [0.0])
    signal = 10 ** (layer.best_dbm.astype(np.float64) / 10)
    others = np.maximum(layer.heard.astype(np.float64) * POWER_UNIT_MW - loads[layer.server] * signal, 0.0)
    noise = 10 ** ((-174 + 10 * math.log10(15e3) + noise_figure_db) / 10)
    return np.where(layer.server >= 0, 10 * np.log10(signal / (others + noise)), -50.0).astype(np.float32)


def _mast_count(part: Part) -> int:
    return len({(cell.lon, cell.lat, cell.height_m) for _, cell in part.cells})


@compiled
def _add_cell(
    loss: np.ndarray, directions: tuple, cuts: tuple, pointing: tuple, sender: tuple, layer: tuple
) -> None:
    """Lay one sector's signal on a layer; cells it cannot win even in its main lobe are passed over."""
    azimuth, below = directions
    eirp, number, load = sender
    best, server, heard = layer
    counted = heard.shape == best.shape
    for r in range(loss.shape[0]):
        for c in range(loss.shape[1]):
            most = eirp - loss[r, c]
            if math.isnan(most) or (not counted and most < best[r, c]):
                continue
            lost = pattern_loss(cuts[0], cuts[1], pointing, float(azimuth[r, c]), float(below[r, c]))
            signal = np.float32(most - lost)
            if signal > best[r, c] or (signal == best[r, c] and number < server[r, c]):
                best[r, c], server[r, c] = signal, number
            if counted:
                heard[r, c] += np.uint64(load * 10 ** (signal / 10) / 1e-19)
