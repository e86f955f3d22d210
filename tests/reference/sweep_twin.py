"""The slow twin of the sweep: the very profile a pixel was judged on, for the plain point-to-point function."""

from __future__ import annotations

import math

import numpy as np

from hatangso.radio.area import NEAREST_KM, Mast, Sweep, _ground_at, assign_rays, samples_before
from hatangso.radio.formulas import Conditions
from hatangso.radio.grid import Grid, ray_paths, station_plane
from hatangso.radio.path_kernel import coast_distances
from hatangso.radio.pathloss import path_loss
from hatangso.radio.profile import INLAND, Link, Profile
from hatangso.radio.ray_memory import GROUND, LOW_H, STACK_ROWS, WORK_ROWS, ZONE
from hatangso.radio.sweep import sample_ray


def fractal(size: int, seed: int, *, power: float, highest: float) -> np.ndarray:
    """Random heights from 0 to ``highest`` whose power falls with frequency."""
    spectrum = np.fft.rfft2(np.random.default_rng(seed).normal(size=(size, size)))
    wave = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    wave[0, 0] = np.inf
    shape = np.fft.irfft2(spectrum * wave**-power, s=(size, size))
    return (highest * (shape - shape.min()) / (shape.max() - shape.min())).astype(np.float32)


def profile_of(grid: Grid, mast: Mast, sweep: Sweep, pixel: int) -> Profile:
    """The profile that the sweep used for a pixel: its nearest ray's samples, its own distance and ground."""
    row, column = (float(v) for v in grid.indices(mast.lon, mast.lat))
    rays = max(8, math.ceil(2 * math.pi * sweep.radius_km * 1000 / sweep.ray_spacing_m))
    north, east, turn, _ = station_plane(grid, mast.lon, mast.lat)
    reach = (sweep.radius_km, NEAREST_KM, rays)
    pixels, starts = assign_rays((north, east, turn, column), reach=reach, columns=grid.shape[1])
    at = int(np.flatnonzero(pixels == pixel)[0])
    path = ray_paths(grid, mast.lon, mast.lat, rays=rays, radius_km=sweep.radius_km)[
        np.searchsorted(starts, at, side="right") - 1
    ]
    r, c = divmod(pixel, grid.shape[1])
    length, step = math.hypot(north[r], east[r] * (c - column)), sweep.step_m / 1000
    k = samples_before(length, step)
    work, stack = np.zeros((WORK_ROWS, k + 2)), np.zeros((STACK_ROWS, k + 2), dtype=np.int32)
    k = min(k, sample_ray((grid.ground_m, grid.clutter_m, grid.zone), path, step, work, stack, k))
    zone = np.full(k + 2, INLAND)
    if grid.zone.shape != (1, 1):
        zone[0], zone[1:-1], zone[-1] = (
            grid.zone[int(row + 0.5), int(column + 0.5)],
            stack[ZONE, 1 : k + 1],
            grid.zone[r, c],
        )
    return Profile(
        np.concatenate((np.arange(k + 1) * step, [length])),
        np.concatenate(
            ([_ground_at(grid.ground_m, row, column)], work[GROUND, 1 : k + 1], [grid.ground_m[r, c]])
        ),
        np.concatenate(([0], work[LOW_H, 1 : k + 1], [0])),
        zone,
    )


def plain_loss(
    grid: Grid, mast: Mast, pixel: int, *, sweep: Sweep, conditions: Conditions, rx_height_m: float
) -> list[float]:
    """Loss per frequency of a pixel by the plain point-to-point function on the sweep's own profile."""
    profile = profile_of(grid, mast, sweep, pixel)
    lon, lat = grid.positions(*divmod(pixel, grid.shape[1]))
    coast = coast_distances(profile.distance_km, profile.zone, profile.distance_km.size)
    return [
        path_loss(
            profile,
            Link(
                frequency_ghz=f, tx_height_m=mast.height_m, rx_height_m=rx_height_m,
                time_percent=conditions.time_percent, polarisation=conditions.polarisation,  # type: ignore[arg-type]
                delta_n=conditions.delta_n, n0=conditions.n0, tx_lat=mast.lat, tx_lon=mast.lon, rx_lat=float(lat),
                rx_lon=float(lon), tx_coast_km=coast[0], rx_coast_km=coast[1],
            ),
        ).loss_db
        for f in conditions.frequencies_ghz
    ]  # fmt: skip
