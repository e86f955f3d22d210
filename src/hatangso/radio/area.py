"""Loss from one transmitter to every pixel within reach: swept, two-stage or exact."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hatangso.errors import InputError
from hatangso.radio.compiled import compiled
from hatangso.radio.formulas import Conditions, run_constants, time_tables
from hatangso.radio.grid import Grid, number_rays, ray_paths, sort_by_ray, station_plane
from hatangso.radio.path_kernel import coast_distances, profile_loss
from hatangso.radio.profile import INLAND
from hatangso.radio.ray_memory import STACK_ROWS, WORK_ROWS, ZONE
from hatangso.radio.sweep import COUNT_FACTS, DTM, sample_ray, sweep_ray

Mode = Literal["sweep", "two_stage", "exact"]
NEAREST_KM = 0.02
SAMPLED_PIXELS, COVERED_SHARE, LEAST_MARGIN_DB = 2000, 0.99, 0.1


@dataclass(frozen=True)
class Sweep:
    """How an area run is made.

    Parameters
    ----------
    radius_km : how far, 0.1 to 200
    step_m : distance between samples of a profile
    ray_spacing_m : distance between neighbouring rays at the edge; smaller is nearer the exact answer
    mode : ``sweep`` · ``two_stage`` (pixels near ``threshold_db`` of any band worked out again on their own great
        circle, from a sweep with twice the rays) · ``exact`` (every pixel so)
    threshold_db : per band, loss at which service ends: a number, or one per cell (rows, columns)
    margin_db : what is near at most; see :func:`near_threshold`
    threads : threads of this process
    """

    radius_km: float = 20.0
    step_m: float = 30.0
    ray_spacing_m: float = 30.0
    mode: Mode = "sweep"
    threshold_db: tuple[float | np.ndarray, ...] = ()
    margin_db: float = 6.0
    threads: int = 1

    def __post_init__(self) -> None:
        for name, low, high in (
            ("radius_km", 0.1, 200), ("step_m", 1, 1000), ("ray_spacing_m", 1, 5000), ("margin_db", 0, 100),
            ("threads", 1, 1024),
        ):  # fmt: skip
            if not low <= getattr(self, name) <= high:
                raise InputError(
                    f"Tham số {name}", found=f"{getattr(self, name)}", expected=f"từ {low} đến {high}"
                )
        if self.mode not in ("sweep", "two_stage", "exact"):
            raise InputError("Tham số mode", found=self.mode, expected="sweep, two_stage hoặc exact")
        if self.mode == "two_stage" and not self.threshold_db:
            raise InputError("Tham số threshold_db trống", expected="ngưỡng suy hao khi chạy hai bước")


@dataclass(frozen=True)
class Mast:
    """A place from which is transmitted: degrees, and the antenna's height above ground in m."""

    lon: float
    lat: float
    height_m: float

    def __post_init__(self) -> None:
        if not 0.5 <= self.height_m <= 3000:
            raise InputError("Độ cao anten", found=f"{self.height_m:g} m", expected="từ 0,5 đến 3000 m")


def area_loss(
    grid: Grid, mast: Mast, *, conditions: Conditions, sweep: Sweep, rx_height_m: float = 1.5
) -> np.ndarray:
    """Return basic transmission loss in dB to every cell of ``grid``: float32 (frequencies, rows, columns).

    NaN outside the radius and nearer than 20 m. For half of the places; apply
    :func:`hatangso.radio.pathloss.location_sigma` for others. P.1812 is stated from 250 m on: nearer cells carry its
    formulas too and are meant to be replaced by the caller (`coverage` does, and says so).
    """
    row, column = (float(value) for value in grid.indices(mast.lon, mast.lat))
    rows, columns = grid.shape
    if not (0 <= row <= rows - 1 and 0 <= column <= columns - 1):
        raise InputError(
            f"Trạm tại {mast.lat:.5f}, {mast.lon:.5f} nằm ngoài địa hình",
            remedy="Bổ sung mảnh địa hình của khu vực này",
        )
    earth, bands = run_constants(conditions)
    losses = np.full((bands.shape[0], rows * columns), np.nan, dtype=np.float32)
    step = sweep.step_m / 1000
    table = time_tables(sweep.radius_km, latitude=abs(mast.lat), earth=earth)
    base = float(_ground_at(np.ascontiguousarray(grid.ground_m), row, column))
    spacing = sweep.ray_spacing_m / (2 if sweep.mode == "two_stage" else 1)
    rays = max(8, math.ceil(2 * math.pi * sweep.radius_km * 1000 / spacing))
    north, east, turn, latitude = station_plane(grid, mast.lon, mast.lat)
    reach = (sweep.radius_km, NEAREST_KM, rays)
    pixels, starts = assign_rays(
        (north, east, turn, column), reach=reach, columns=columns, threads=sweep.threads
    )
    terrain = (np.ascontiguousarray(grid.ground_m), grid.clutter_m, grid.zone)
    station = (row, column, base, mast.height_m, rx_height_m)
    run = (step, table, earth, bands, grid.clutter_m.shape != (1, 1), grid.zone.shape != (1, 1))
    if sweep.mode != "exact":
        paths = ray_paths(grid, mast.lon, mast.lat, rays=rays, radius_km=sweep.radius_km)

        def one_part(first: int, last: int) -> None:
            _sweep_rays(
                terrain, paths, pixels, starts, (north, east, latitude), station, run, (first, last), sweep.radius_km,
                losses,
            )  # fmt: skip

        _share_out(one_part, rays, sweep.threads)
    if sweep.mode != "sweep":
        bow = _bow(grid, mast.lat)

        def exactly(chosen: np.ndarray, into: np.ndarray) -> None:
            def exact_part(first: int, last: int) -> None:
                _exact_pixels(
                    terrain, chosen[first:last], (north, east, latitude), (*station, bow), run, sweep.radius_km, into
                )  # fmt: skip

            _share_out(exact_part, chosen.size, sweep.threads)

        again = pixels if sweep.mode == "exact" else near_threshold(losses, pixels, sweep, exactly)
        exactly(again, losses)
    return losses.reshape(bands.shape[0], rows, columns)


def assign_rays(
    plane: tuple, *, reach: tuple[float, float, int], columns: int, threads: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Sort the pixels within reach by nearest ray: flat indices, and where each ray's begin (rays + 1,).

    Parameters
    ----------
    plane : north, east, turn of :func:`hatangso.radio.grid.station_plane` and the station's column
    reach : furthest and nearest distance in km, number of rays
    """
    rows = plane[0].size
    of_ray = np.empty(rows * columns, dtype=np.int32)
    _share_out(lambda first, last: number_rays(plane, reach, (first, last), of_ray), rows, threads)
    return sort_by_ray(of_ray, reach[2])


def near_threshold(
    losses: np.ndarray, pixels: np.ndarray, sweep: Sweep, exactly: Callable[[np.ndarray, np.ndarray], None]
) -> np.ndarray:
    """Return the pixels so near a threshold that the sweep's error could put them on its wrong side.

    Near is the 99 % quantile of the sweep's error, measured here: up to 2000 pixels within ``margin_db`` of the
    threshold, evenly picked, are worked out exactly and compared. It is never more than ``margin_db``.

    Parameters
    ----------
    losses : (bands, cells) the sweep's answer; pixels : flat numbers of the cells within reach
    exactly : fills the losses of the cells it is given into an array like ``losses``
    """
    gaps = np.stack([
        np.abs(band[pixels] - (limit if np.isscalar(limit) else np.ravel(limit)[pixels]))
        for band, limit in zip(losses, sweep.threshold_db, strict=True)
    ])  # fmt: skip
    doubtful = pixels[(gaps <= sweep.margin_db).any(axis=0)]
    if doubtful.size <= SAMPLED_PIXELS:
        return doubtful
    picked = np.sort(doubtful)[:: -(-doubtful.size // SAMPLED_PIXELS)]
    exact = np.full_like(losses, np.nan)
    exactly(picked, exact)
    error = np.abs(exact[:, picked] - losses[:, picked])
    margin = np.clip(np.quantile(error, COVERED_SHARE, axis=1), LEAST_MARGIN_DB, sweep.margin_db)
    return pixels[(gaps <= margin[:, None]).any(axis=0)]


def _share_out(work, count: int, threads: int) -> None:
    """Run ``work(first, last)`` over 0…count, in parts on several threads; compiled code lets go of the lock."""
    if threads == 1:
        work(0, count)
        return
    edges = np.linspace(0, count, 8 * threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, a, b) for a, b in itertools.pairwise(edges)]:
            done.result()


def _bow(grid: Grid, latitude: float) -> tuple[float, float]:
    """How far a geodesic bows from the straight line of rows and columns: factors of Δcolumn² and Δrow·Δcolumn."""
    if not grid.geographic:
        return 0.0, 0.0
    angle = math.radians(latitude)
    turn = math.radians(grid.dx)
    by_columns = 0.5 * math.sin(angle) * math.cos(angle) * turn * turn / math.radians(grid.dy)
    return by_columns, math.tan(angle) * math.radians(grid.dy)


@compiled
def _ground_at(ground: np.ndarray, y: float, x: float) -> float:
    r, c = min(int(y), ground.shape[0] - 2), min(int(x), ground.shape[1] - 2)
    fy, fx = y - r, x - c
    upper = ground[r, c] + fx * (ground[r, c + 1] - ground[r, c])
    lower = ground[r + 1, c] + fx * (ground[r + 1, c + 1] - ground[r + 1, c])
    return upper + fy * (lower - upper)


@compiled
def _sweep_rays(
    terrain: tuple, paths: np.ndarray, pixels: np.ndarray, starts: np.ndarray, plane: tuple, station: tuple,
    run: tuple, part: tuple, radius: float, losses: np.ndarray,
) -> None:  # fmt: skip
    """Sweep rays ``part[0]`` to ``part[1]``."""
    north, east, _ = plane
    row0, column0, base, mast, rx_height = station
    step, _, _, bands, _raised, zoned = run
    most = int(radius / step) + 2
    work, stack = np.zeros((WORK_ROWS, most + 1)), np.zeros((STACK_ROWS, most + 1), dtype=np.int32)
    facts, one = np.zeros(COUNT_FACTS), np.zeros(bands.shape[0])
    counts = np.zeros(most + 2, dtype=np.int32)
    columns = terrain[0].shape[1]
    for ray in range(part[0], part[1]):
        own = pixels[starts[ray] : starts[ray + 1]]
        if own.size == 0:
            continue
        order = np.empty((2, own.size), dtype=np.int32)
        furthest = _order_by_distance(own, north, east, column0, columns, step, counts, order)
        count = sample_ray(terrain, paths[ray], step, work, stack, min(furthest, most))
        if zoned:
            stack[ZONE, 0] = terrain[2][int(row0 + 0.5), int(column0 + 0.5)]
        facts[DTM] = 0.0
        sweep_ray(
            terrain,
            own,
            order,
            plane,
            (column0, base, mast, rx_height, count),
            run,
            (work, stack, facts, one),
            losses,
        )


@compiled
def _order_by_distance(
    own: np.ndarray, north: np.ndarray, east: np.ndarray, column0: float, columns: int, step: float,
    counts: np.ndarray, order: np.ndarray,
) -> int:  # fmt: skip
    """Fill order[0] with positions in ``own`` by distance, order[1] with samples before each; return the greatest.

    The last sample lies half a step to one and a half steps before the receiver.
    """
    counts[:] = 0
    behind = np.empty(own.size, dtype=np.int32)
    for j in range(own.size):
        r, c = own[j] // columns, own[j] % columns
        x = east[r] * (c - column0)
        behind[j] = samples_before(math.sqrt(north[r] * north[r] + x * x), step)
        counts[behind[j] + 1] += 1
    for k in range(1, counts.size):
        counts[k] += counts[k - 1]
    furthest = 0
    for j in range(own.size):
        at = counts[behind[j]]
        counts[behind[j]] += 1
        order[0, at], order[1, at] = j, behind[j]
        furthest = max(furthest, behind[j])
    return furthest


@compiled
def samples_before(d: float, step: float) -> int:
    """How many samples lie between the ends: the last one at least half a step before the receiver."""
    return max(0, int(d / step - 0.5))


@compiled
def _exact_pixels(
    terrain: tuple,
    pixels: np.ndarray,
    plane: tuple,
    station: tuple,
    run: tuple,
    radius: float,
    losses: np.ndarray,
) -> None:
    """Every pixel on its own great circle, every point of its profile looked at."""
    north, east, latitude = plane
    row0, column0, base, mast, rx_height, bow = station
    step, _, earth, bands, _, zoned = run
    most = int(radius / step) + 4
    d, h, g = np.empty(most), np.empty(most), np.empty(most)
    zone = np.full(most, INLAND, dtype=np.uint8)
    one = np.empty(bands.shape[0])
    ground, _, zones = terrain
    columns = ground.shape[1]
    for pixel in pixels:
        r, c = pixel // columns, pixel % columns
        x = east[r] * (c - column0)
        length = math.sqrt(north[r] * north[r] + x * x)
        k = samples_before(length, step)
        sample_path(terrain, (row0, column0, float(r), float(c)), bow, (length, step, k), (d, h, g, zone))
        h[0], d[0], g[0] = base, 0.0, base
        h[k + 1] = g[k + 1] = ground[r, c]
        d[k + 1] = length
        coast = (500.0, 500.0)
        if zoned:
            zone[0], zone[k + 1] = zones[int(row0 + 0.5), int(column0 + 0.5)], zones[r, c]
            coast = coast_distances(d, zone, k + 2)
        profile_loss((d, h, g, zone), k + 2, (mast, rx_height, latitude[r]), coast, earth, bands, one)
        for row in range(bands.shape[0]):
            losses[row, pixel] = one[row]


@compiled
def sample_path(terrain: tuple, ends: tuple, bow: tuple, steps: tuple, out: tuple) -> None:
    """Fill samples 1…k of the geodesic between two cells: distance, ground, surface, zone."""
    ground, clutter, zones = terrain
    row0, column0, row1, column1 = ends
    length, step, k = steps
    d, h, g, zone = out
    raised, zoned = clutter.shape[0] > 1, zones.shape[0] > 1
    down, right = row1 - row0, column1 - column0
    bow_row, bow_column = -bow[0] * right * right, bow[1] * down * right
    for i in range(1, k + 1):
        d[i] = i * step
        t = d[i] / length
        arch = t * (1 - t)
        y = row0 + down * t + bow_row * arch
        x = column0 + right * t + bow_column * arch
        y = min(max(y, 0.0), ground.shape[0] - 1.0)
        x = min(max(x, 0.0), ground.shape[1] - 1.0)
        h[i] = _ground_at(ground, y, x)
        g[i] = h[i]
        if raised:
            g[i] += clutter[int(y + 0.5), int(x + 0.5)]
        if zoned:
            zone[i] = zones[int(y + 0.5), int(x + 0.5)]
