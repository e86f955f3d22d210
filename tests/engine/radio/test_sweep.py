"""The radial sweep against the plain function on the very same profile, over terrain of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.errors import InputError
from hatangso.radio.area import Mast, Sweep, area_loss
from hatangso.radio.formulas import Conditions
from hatangso.radio.grid import Grid
from tests.reference.sweep_twin import fractal, plain_loss

SIZE = 200
CELL = 1 / 1800


def ground(kind: str, seed: int) -> np.ndarray:
    if kind == "mountain":
        return fractal(SIZE, seed, power=2.0, highest=900)
    if kind == "delta":
        return np.round(fractal(SIZE, seed, power=1.2, highest=6))
    if kind == "extreme":
        return (np.random.default_rng(seed).random((SIZE, SIZE)) * 3000).astype(np.float32)
    return np.zeros((SIZE, SIZE), dtype=np.float32)


def grid_of(kind: str, seed: int, clutter: bool, sea: bool) -> Grid:
    nothing = np.zeros((1, 1), dtype=np.float32)
    houses = (np.random.default_rng(seed).integers(0, 3, (SIZE, SIZE)) * 10).astype(np.float32)
    share = fractal(SIZE, seed + 1, power=2.0, highest=1)
    zones = np.where(share > 0.5, 4, np.where(share > 0.45, 3, 1)).astype(np.uint8)
    return Grid(
        ground(kind, seed), 108.0, 16.0, CELL, CELL, clutter_m=houses if clutter else nothing,
        zone=zones if sea else nothing.astype(np.uint8),
    )  # fmt: skip


def centre(grid: Grid, height_m: float) -> Mast:
    lon, lat = grid.positions(SIZE / 2 + 0.3, SIZE / 2 - 0.2)
    return Mast(float(lon), float(lat), height_m)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["mountain", "delta", "extreme", "flat"]), seed=st.integers(0, 10_000),
    clutter=st.booleans(), sea=st.booleans(), time_percent=st.sampled_from([50.0, 50.0, 20.0, 5.0, 1.0]),
    mast_m=st.sampled_from([2.0, 30.0, 300.0]), rx_m=st.sampled_from([1.5, 10.0]),
    frequencies=st.sampled_from([(0.45, 1.8, 3.5), (0.1, 6.0), (0.9,)]), polarisation=st.sampled_from(["h", "v"]),
)  # fmt: skip
def test_every_pixel_has_the_loss_of_its_profile(
    kind, seed, clutter, sea, time_percent, mast_m, rx_m, frequencies, polarisation
):
    grid = grid_of(kind, seed, clutter, sea)
    mast = centre(grid, mast_m)
    conditions = Conditions(time_percent=time_percent, frequencies_ghz=frequencies, polarisation=polarisation)
    sweep = Sweep(radius_km=5.0, step_m=60, ray_spacing_m=60)
    losses = area_loss(grid, mast, conditions=conditions, sweep=sweep, rx_height_m=rx_m)
    judged = np.flatnonzero(np.isfinite(losses[0].ravel()))
    checked = 0
    for pixel in np.random.default_rng(seed).choice(judged, 12):
        row, column = divmod(int(pixel), SIZE)
        if abs(row - SIZE / 2) + abs(column - SIZE / 2) < 8:
            continue  # nearer than 250 m the plain function declines
        plain = plain_loss(grid, mast, int(pixel), sweep=sweep, conditions=conditions, rx_height_m=rx_m)
        assert losses[:, row, column] == pytest.approx(plain, abs=1e-4)
        checked += 1
    assert checked > 3


def test_a_ridge_throws_the_shadow_a_child_would_draw():
    heights = np.zeros((SIZE, SIZE), dtype=np.float32)
    heights[60:140, 130] = 200  # a wall east of the mast, 80 cells long
    grid = Grid(heights, 108.0, 16.0, CELL, CELL)
    mast = Mast(*(float(v) for v in grid.positions(100, 100)), 30.0)
    loss = area_loss(grid, mast, conditions=Conditions(), sweep=Sweep(radius_km=5.0))[0]
    behind, before, beside = loss[100, 160], loss[100, 40], loss[170, 110]
    assert behind > before + 25
    assert abs(loss[100, 120] - loss[100, 80]) < 0.01  # before the wall nothing has changed
    assert loss[90, 160] > before + 25
    assert beside < before + 6
    assert loss[35, 135] < behind - 20  # past the wall's end the sight is free again


def test_exact_mode_agrees_with_the_sweep_where_rays_meet_cells():
    grid = grid_of("mountain", 3, clutter=True, sea=True)
    mast = Mast(*(float(v) for v in grid.positions(100, 100)), 30.0)
    sweep, exact = (
        area_loss(grid, mast, conditions=Conditions(), sweep=Sweep(radius_km=4, mode=mode, ray_spacing_m=20))[
            0
        ]
        for mode in ("sweep", "exact")
    )
    north = np.s_[40:90, 100]  # due north a ray runs through the cells
    assert sweep[north] == pytest.approx(exact[north], abs=1e-3)


@pytest.mark.parametrize("kind", ["mountain", "delta"])
def test_two_stage_looks_again_as_far_as_the_sweep_errs(kind):
    grid = grid_of(kind, 5, clutter=False, sea=False)
    mast = centre(grid, 30)
    rays = {"mode": "exact", "radius_km": 5, "ray_spacing_m": 60}
    exact = area_loss(grid, mast, conditions=Conditions(), sweep=Sweep(**rays))[0]
    threshold = float(np.nanmedian(exact))
    asked = {**rays, "mode": "two_stage", "threshold_db": (threshold,)}
    two = area_loss(grid, mast, conditions=Conditions(), sweep=Sweep(**asked))[0]
    fine = area_loss(grid, mast, conditions=Conditions(), sweep=Sweep(radius_km=5, ray_spacing_m=30))[0]
    reached = np.isfinite(exact)
    assert ((two == exact) | (two == fine))[reached].all()
    again = reached & (two != fine)
    assert again.any()
    assert np.abs(fine[again] - threshold).max() <= 6
    assert ((two < threshold) != (exact < threshold))[reached].mean() <= 0.0012
    by_cell = {**asked, "threshold_db": (np.full(grid.shape, threshold, dtype=np.float32),)}
    assert np.array_equal(
        area_loss(grid, mast, conditions=Conditions(), sweep=Sweep(**by_cell))[0], two, equal_nan=True
    )


def test_several_threads_give_the_same_bytes():
    grid = grid_of("mountain", 7, clutter=True, sea=True)
    one, two = (
        area_loss(grid, centre(grid, 30), conditions=Conditions(), sweep=Sweep(radius_km=3, threads=n))
        for n in (1, 2)
    )
    assert one.tobytes() == two.tobytes()


def test_a_projected_grid_gives_what_a_geographic_one_does():
    heights = ground("mountain", 1)
    projected = Grid(heights, 500_000.0, 1_770_000.0, 60.0, 60.0, crs="EPSG:32649")
    mast = Mast(*(float(v) for v in projected.positions(100, 100)), 30.0)
    sweep = Sweep(radius_km=4, ray_spacing_m=20)
    swept = area_loss(projected, mast, conditions=Conditions(), sweep=sweep)[0]
    exact = area_loss(projected, mast, conditions=Conditions(), sweep=Sweep(radius_km=4, mode="exact"))[0]
    assert np.nanmedian(np.abs(swept - exact)) < 1.0


def test_refuses_a_mast_off_the_terrain_and_bad_settings():
    grid = grid_of("flat", 0, False, False)
    with pytest.raises(InputError, match="ngoài địa hình"):
        area_loss(grid, Mast(100.0, 16.0, 30), conditions=Conditions(), sweep=Sweep(radius_km=1))
    for bad in ({"radius_km": 0}, {"mode": "guess"}, {"mode": "two_stage"}):
        with pytest.raises(InputError):
            Sweep(**bad)
    with pytest.raises(InputError, match="GHz"):
        Conditions(frequencies_ghz=(26.0,))
