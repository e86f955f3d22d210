"""Coverage: seconds per million receivers, ratios in one run, and what each accuracy knob costs in decibels.

    python bench/radio.py [--radius-km 20] [--seeds 1] [--plain-pixels 60000] [--province-masts 8] [--quick] [--only-province]

Peers run where they are at hand: itmlogic when it can be imported; crc-covlib when HATANGSO_CRC_COVLIB names the folder
of a build with its Python package. Otherwise a word says that they were left out.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import sys
import time
from array import array
from dataclasses import replace
from pathlib import Path

import numpy as np
from numba import njit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from hatangso import executor
from hatangso.radio import area
from hatangso.radio.antennas import Pointing, Sector, sector_antenna
from hatangso.radio.area import Mast, Sweep, area_loss, assign_rays, near_threshold
from hatangso.radio.bands import read_bands
from hatangso.radio.coverage import CoverageParameters, Hands, compute_coverage
from hatangso.radio.formulas import Conditions, run_constants, time_tables
from hatangso.radio.grid import Grid, ray_paths, station_plane
from hatangso.radio.ray_memory import STACK_ROWS, WORK_ROWS
from hatangso.radio.stations import Cell
from hatangso.radio.sweep import COUNT_FACTS, advance, gather, prepare_ray, sample_ray

CELL = 1 / 3600
THRESHOLD = 140.0


def heights(kind: str, size: int, seed: int) -> np.ndarray:
    """Random ground: mountains to 1000 m, or a delta in whole metres to 6 m."""
    power, highest = (1.9, 1000) if kind == "mountain" else (1.2, 6)
    spectrum = np.fft.rfft2(np.random.default_rng(seed).normal(size=(size, size)))
    wave = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    wave[0, 0] = np.inf
    shape = np.fft.irfft2(spectrum * wave**-power, s=(size, size))
    ground = highest * (shape - shape.min()) / (shape.max() - shape.min())
    return (np.round(ground) if kind == "delta" else ground).astype(np.float32)


def scene(kind: str, radius_km: float, seed: int) -> tuple[Grid, Mast]:
    """A square of terrain with a mast on the highest cell near its middle."""
    size = int(2 * radius_km / 0.0297) + 60
    grid = Grid(heights(kind, size, seed), 108.0, 16.0, CELL, CELL)
    middle = grid.ground_m[size // 2 - 30 : size // 2 + 30, size // 2 - 30 : size // 2 + 30]
    row, column = np.unravel_index(int(middle.argmax()), middle.shape)
    lon, lat = grid.positions(size // 2 - 30 + row, size // 2 - 30 + column)
    return grid, Mast(float(lon), float(lat), 30.0)


def timed(work, repeats: int = 3) -> float:
    """Least processor seconds of this thread: what neighbours on the machine take is not counted."""
    best = np.inf
    for _ in range(repeats):
        start = time.thread_time()
        work()
        best = min(best, time.thread_time() - start)
    return best


def walled(work, repeats: int = 2) -> float:
    """Least wall-clock seconds."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


class Plain:
    """The plain compiled loop: each pixel on its own great circle, every point of its profile looked at."""

    def __init__(self, grid: Grid, mast: Mast, radius_km: float, count: int) -> None:
        row, column = (float(v) for v in grid.indices(mast.lon, mast.lat))
        self.north, self.east, self.turn, self.latitude = station_plane(grid, mast.lon, mast.lat)
        plane = (self.north, self.east, self.turn, column)
        pixels, _ = assign_rays(plane, reach=(radius_km, 0.25, 64), columns=grid.shape[1])
        self.pixels = np.sort(np.random.default_rng(0).choice(pixels, min(count, pixels.size), replace=False))
        earth, bands = run_constants(Conditions())
        table = time_tables(radius_km, latitude=16.0, earth=earth)
        base = float(area._ground_at(grid.ground_m, row, column))
        self.losses = np.full((1, grid.ground_m.size), np.nan, dtype=np.float32)
        self.run = (0.03, table, earth, bands, False, False)
        self.station = (row, column, base, 30.0, 1.5, area._bow(grid, mast.lat))
        self.terrain, self.radius = (grid.ground_m, grid.clutter_m, grid.zone), radius_km

    def __call__(self) -> None:
        area._exact_pixels(
            self.terrain, self.pixels, (self.north, self.east, self.latitude), self.station, self.run, self.radius,
            self.losses,
        )  # fmt: skip

    @property
    def answer(self) -> np.ndarray:
        return self.losses[0, self.pixels]


@njit(nogil=True)
def stages(terrain, paths, pixels, starts, plane, station, run, radius, upto):
    """The sweep cut off after: 0 ordering · 1 sampling · 2 what the ray remembers · 3 geometry of each receiver."""
    north, east, _latitude = plane
    _row0, column0, base, mast, rx_height = station
    step, _, earth, _, _, _ = run
    most = int(radius / step) + 2
    work, stack = np.zeros((WORK_ROWS, most + 1)), np.zeros((STACK_ROWS, most + 1), np.int32)
    facts, counts, columns = np.zeros(COUNT_FACTS), np.zeros(most + 2, np.int32), terrain[0].shape[1]
    for ray in range(starts.size - 1):
        own = pixels[starts[ray] : starts[ray + 1]]
        order = np.empty((2, own.size), np.int32)
        furthest = area._order_by_distance(own, north, east, column0, columns, step, counts, order)
        if upto < 1:
            continue
        count = sample_ray(terrain, paths[ray], step, work, stack, min(furthest, most))
        if upto < 2:
            continue
        prepare_ray(work, stack, count, step, (base, base + mast), earth, False)
        done = 0
        for j in range(own.size):
            pixel, k = own[order[0, j]], min(order[1, j], count)
            if k > done:
                advance(work, stack, done, k, earth, False)
                done = k
            if upto < 3:
                continue
            r, c = pixel // columns, pixel % columns
            x = east[r] * (c - column0)
            height = terrain[0][r, c]
            facts[0], facts[1], facts[2] = np.sqrt(north[r] ** 2 + x * x), k, height
            facts[3], facts[4] = base + mast, height + rx_height
            gather(work, stack, facts, step, earth, -0.4, False)


def split(grid: Grid, mast: Mast, radius_km: float, total: float, count: int) -> str:
    """Say where the seconds go."""
    row, column = (float(v) for v in grid.indices(mast.lon, mast.lat))
    north, east, turn, latitude = station_plane(grid, mast.lon, mast.lat)
    rays = int(np.ceil(2 * np.pi * radius_km * 1000 / 30))
    plane, reach = (north, east, turn, column), (radius_km, area.NEAREST_KM, rays)
    pixels, starts = assign_rays(plane, reach=reach, columns=grid.shape[1])
    paths = ray_paths(grid, mast.lon, mast.lat, rays=rays, radius_km=radius_km)
    earth, bands = run_constants(Conditions())
    run = (0.03, time_tables(radius_km, latitude=16.0, earth=earth), earth, bands, False, False)
    base = float(area._ground_at(grid.ground_m, row, column))
    given = (
        (grid.ground_m, grid.clutter_m, grid.zone), paths, pixels, starts, (north, east, latitude),
        (row, column, base, 30.0, 1.5), run, radius_km,
    )  # fmt: skip
    stages(*given, 3)
    until = [timed(lambda u=u: stages(*given, u)) for u in range(4)]
    assign = timed(lambda: assign_rays(plane, reach=reach, columns=grid.shape[1])) + until[0]
    parts = {
        "pixels to rays": assign, "sampling": until[1] - until[0], "what rays remember": until[2] - until[1],
        "geometry": until[3] - until[2], "physics and rest": total - assign - until[3] + until[0],
    }  # fmt: skip
    return ", ".join(f"{name} {seconds / count * 1e6:.3f}" for name, seconds in parts.items())


def counted(again: list[int], *given) -> np.ndarray:
    """What the two-stage mode works out again, and how many that is."""
    found = near_threshold(*given)
    again.append(found.size)
    return found


def errors(answer: np.ndarray, truth: np.ndarray) -> str:
    """rms, 90th percentile and share on the wrong side of the threshold."""
    gap = np.abs(answer - truth)
    wrong = np.mean((answer > THRESHOLD) != (truth > THRESHOLD))
    return f"rms {np.sqrt(np.mean(gap**2)):.2f} dB, p90 {np.percentile(gap, 90):.2f} dB, wrong side {100 * wrong:.2f} %"


def compare(kind: str, options: argparse.Namespace, seed: int) -> None:
    """One terrain: the plain loop, the sweep, the knobs."""
    grid, mast = scene(kind, options.radius_km, seed)
    conditions = Conditions()
    plain = Plain(grid, mast, options.radius_km, options.plain_pixels)
    plain()
    seconds = timed(plain, 1 if options.quick else 2) / plain.pixels.size * 1e6
    print(f"\n{kind}, seed {seed}: {options.radius_km:g} km, 30 m, 1800 MHz, 50 % of time")
    print(f"  plain compiled point-to-point loop     {seconds:7.3f} s/Mpx   1.0 x   (one core)")
    base = Sweep(radius_km=options.radius_km)
    kept: dict[str, np.ndarray] = {}

    def sweep(name: str, chosen: Sweep, **other) -> tuple[float, int]:
        def work() -> None:
            kept[name] = area_loss(grid, mast, conditions=replace(conditions, **other), sweep=chosen)

        used = timed(work, 2 if options.quick else 3)
        return used, int(np.isfinite(kept[name][0]).sum())

    total, count = sweep("sweep", base)
    swept = total / count * 1e6
    print(
        f"  sweep, rays 30 m apart                 {swept:7.3f} s/Mpx {seconds / swept:5.1f} x   {errors(kept['sweep'].ravel()[plain.pixels], plain.answer)}"
    )
    print(f"    of which s/Mpx: {split(grid, mast, options.radius_km, total, count)}")
    for spacing in () if options.quick else (15.0, 7.5):
        used, _ = sweep("finer", replace(base, ray_spacing_m=spacing))
        used = used / count * 1e6
        print(
            f"  sweep, rays {spacing:4.1f} m apart               {used:7.3f} s/Mpx {seconds / used:5.1f} x   {errors(kept['finer'].ravel()[plain.pixels], plain.answer)}"
        )
    again: list[int] = []
    area.near_threshold = lambda *given: counted(again, *given)
    used, _ = sweep("two", replace(base, mode="two_stage", threshold_db=(THRESHOLD,)))
    used = used / count * 1e6
    print(
        f"  two-stage, measured band of {THRESHOLD:g} dB   {used:7.3f} s/Mpx {seconds / used:5.1f} x   {errors(kept['two'].ravel()[plain.pixels], plain.answer)}"
    )
    print(f"    pixels worked out again: {100 * again[-1] / count:.1f} %")
    used, _ = sweep("ten", base, time_percent=10.0)
    print(f"  sweep, 10 % of time                    {used / count * 1e6:7.3f} s/Mpx")
    used, _ = sweep("three", base, frequencies_ghz=(0.9, 1.8, 3.7))
    print(f"  sweep, three bands at once             {used / count * 1e6 / 3:7.3f} s/Mpx and band")
    one, two = (
        walled(lambda t=t: area_loss(grid, mast, conditions=conditions, sweep=replace(base, threads=t)))
        for t in (1, 2)
    )
    print(f"  two threads: wall clock {one / two:.2f} x faster than one")


def province(options: argparse.Namespace) -> None:
    """Stations x 3 sectors x 3 bands of three operators, as dense as 700 on the 6,500 km² of Đắk Nông.

    With ``--province-masts 700`` the whole of it is run; with fewer, a piece as dense, and the rest is a multiplication.
    """
    masts, radius = options.province_masts, options.radius_km
    side_km = 80.6 * np.sqrt(masts / 700)
    grid, _ = scene("mountain", side_km / 2 + radius * 1.02, 5)
    rows, columns = grid.shape
    draw = np.random.default_rng(1)
    places = [
        grid.positions(rows / 2 + draw.uniform(-0.5, 0.5) * side_km / 0.0309, columns / 2 + draw.uniform(-0.5, 0.5) * side_km / 0.0297)
        for _ in range(masts)
    ]  # fmt: skip
    cells = [cell for number, place in enumerate(places) for cell in cells_of(number, place)]
    parameters = CoverageParameters(radius_km=radius)
    compute_coverage(cells[:9], grid=grid, parameters=replace(parameters, radius_km=1.0))
    start, cpu = time.perf_counter(), time.process_time()
    with executor.threads(2) as run:
        compute_coverage(
            cells, grid=grid, parameters=parameters, hands=Hands(run, min(8, max(1, masts // 4)))
        )
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\nprovince: {masts} masts x 3 sectors x 3 bands, {rows} x {columns} cells, on two threads: {seconds:.1f} s wall clock, {cpu:.1f} s of processor"
    )
    if masts < 700:
        print(
            f"  so 700 masts: {cpu / masts * 700 / 120:.1f} min on two free cores, {seconds / masts * 700 / 60:.1f} min at the pace of this machine now"
        )
    print(f"  greatest memory of this process {memory:.2f} GB")


def cells_of(number: int, place: tuple) -> list[Cell]:
    """Three sectors in three bands on one mast."""
    bands = read_bands()
    operator = ("Mạng A", "Mạng B", "Mạng C")[number % 3]
    cells = []
    for azimuth in (0.0, 120.0, 240.0):
        for band in (bands[name] for name in ("LTE900", "LTE1800", "NR3700")):
            sector = Sector(
                sector_antenna(gain_dbi=band.gain_dbi), Pointing(azimuth, 3.0), band.power_dbm, band.loss_db,
                band.resource_elements,
            )  # fmt: skip
            cells.append(Cell(f"S{number}", operator, band, float(place[0]), float(place[1]), 42.0, sector))
    return cells


def peers(options: argparse.Namespace) -> None:
    """itmlogic and crc-covlib where they are at hand."""
    print()
    try:
        itm = importlib.import_module("itmlogic.preparatory_subroutines.qlrpfl")
    except ImportError:
        print("itmlogic: not installed here, left out")
    else:
        _itmlogic(itm, options)
    folder = os.environ.get("HATANGSO_CRC_COVLIB")
    if not folder:
        print("crc-covlib: HATANGSO_CRC_COVLIB names no build, left out")
        return
    sys.path.insert(0, folder)
    try:
        covlib = importlib.import_module("crc_covlib.simulation")
    except (ImportError, OSError, AttributeError) as fault:
        print(f"crc-covlib: the build in {folder} cannot be loaded ({fault}), left out")
        return
    _covlib(covlib, options)


def _itmlogic(itm, options: argparse.Namespace) -> None:
    """One path of 444 points (the mean of the circle), longley-rice, profile given."""
    grid, _ = scene("mountain", 8.0, 1)
    line = grid.ground_m[grid.shape[0] // 2, :444].astype(float)

    def one() -> None:
        itm.qlrpfl({
            "fmhz": 1800, "d": 13.3, "hg": [30.0, 1.5], "pfl": [443, 30.0, *line.tolist()], "kwx": 0, "wn": 1800 / 47.7,
            "ens": 301, "ens0": 301, "gme": 157e-9 * (1 - 0.04665 * np.exp(301 / 179.3)), "zgnd": complex(0.005, -0.01),
            "klim": 5, "mdvar": 12, "mdp": -1, "dl": [0, 0], "he": [0, 0], "the": [0, 0], "dlsa": 0, "lvar": 5, "mdvarx": 11, "klimx": 0, "wlos": 0, "wscat": 0, "fdist": 0, "dist": 13290.0, "dla": 0, "tha": 0,
        })  # fmt: skip

    try:
        one()
    except (KeyError, TypeError, IndexError, ValueError) as fault:
        print(f"itmlogic: installed, but its call has changed ({type(fault).__name__}), left out")
        return
    print(f"itmlogic (another model, profile given): {timed(one, 5) * 1e6:.0f} s/Mpx")


def _covlib(covlib, options: argparse.Namespace) -> None:
    """crc-covlib, P.1812, 30 m profiles, on a small square; its rows of custom terrain run from south to north."""
    grid, mast = scene("mountain", options.radius_km, 1)
    rows, columns = grid.shape
    (west, south), (east, north) = grid.positions(rows - 1, 0), grid.positions(0, columns - 1)
    simulation = covlib.Simulation()
    simulation.SetTransmitterLocation(mast.lat, mast.lon)
    simulation.SetTransmitterHeight(mast.height_m)
    simulation.SetTransmitterFrequency(1800)
    simulation.SetReceiverHeightAboveGround(1.5)
    simulation.SetPropagationModel(covlib.PropagationModel.ITU_R_P_1812)
    simulation.SetPrimaryTerrainElevDataSource(covlib.TerrainElevDataSource.TERR_ELEV_CUSTOM)
    simulation.SetTerrainElevDataSamplingResolution(30)
    simulation.AddCustomTerrainElevData(
        float(south),
        float(west),
        float(north),
        float(east),
        columns,
        rows,
        array("f", grid.ground_m[::-1].ravel().tolist()),
    )
    side, half = 200, options.radius_km / 111 / 1.5
    simulation.SetReceptionAreaCorners(mast.lat - half, mast.lon - half, mast.lat + half, mast.lon + half)
    simulation.SetReceptionAreaNumHorizontalPoints(side)
    simulation.SetReceptionAreaNumVerticalPoints(side)
    seconds = timed(simulation.GenerateReceptionAreaResults, 1)
    print(f"crc-covlib, P.1812, 30 m profiles: {seconds / side**2 * 1e6:.1f} s/Mpx")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--radius-km", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--plain-pixels", type=int, default=60_000)
    parser.add_argument("--province-masts", type=int, default=8)
    parser.add_argument("--only-province", action="store_true", help="nothing but the province")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, fewer knobs")
    options = parser.parse_args()
    small = Sweep(radius_km=1.0, mode="two_stage", threshold_db=(THRESHOLD,))
    grid, mast = scene("mountain", 1.2, 0)
    area_loss(grid, mast, conditions=Conditions(), sweep=small)  # compiled before anything is timed
    area_loss(grid, mast, conditions=Conditions(time_percent=10.0), sweep=replace(small, mode="sweep"))
    for seed in () if options.only_province else options.seeds:
        for kind in ("mountain", "delta"):
            compare(kind, options, seed)
    province(options)
    if not options.only_province:
        peers(options)


if __name__ == "__main__":
    main()
