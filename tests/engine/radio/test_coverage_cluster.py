"""Coverage on a cluster that loses a worker on the way: the same bytes as on one machine."""

from __future__ import annotations

import os
import threading

import pytest

from hatangso import executor
from hatangso.radio.antennas import Sector, round_antenna
from hatangso.radio.bands import Band
from hatangso.radio.coverage import CoverageParameters, Hands, compute_coverage
from hatangso.radio.grid import Grid
from hatangso.radio.stations import Cell
from tests.reference.sweep_twin import fractal

BAND = Band("LTE1800", "4G", 1800, 20, 1200, 46, 17, 1, ("A",))


@pytest.mark.filterwarnings("ignore")  # the library's own, about sockets of the worker that is killed
def test_a_killed_worker_changes_no_byte(tmp_path):
    distributed = pytest.importorskip("distributed")
    grid = Grid(fractal(120, 4, power=2.0, highest=300), 108.0, 16.0, 1 / 1800, 1 / 1800)
    cells = []
    for number in range(24):
        lon, lat = grid.positions(10 + 4 * number, 30 + 2 * number)
        cells.append(Cell(f"S{number}", "A", BAND, float(lon), float(lat), 30.0, Sector(round_antenna())))
    parameters = CoverageParameters(radius_km=3, step_m=60, ray_spacing_m=60)
    here = compute_coverage(cells, grid=grid, parameters=parameters, hands=Hands(per_task=1))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50,
        local_directory=str(tmp_path),
    ) as local:  # fmt: skip
        victim, killed = next(iter(local.workers.values())), threading.Event()

        def kill_once(step: int) -> None:
            if not killed.is_set():
                os.kill(victim.pid, 9)
                killed.set()

        with executor.cluster(local.scheduler_address) as run:
            there = compute_coverage(cells, grid=grid, parameters=parameters, hands=Hands(run, 1, kill_once))
    assert killed.is_set()
    for key, layer in here.layers.items():
        assert there.layers[key].best_dbm.tobytes() == layer.best_dbm.tobytes()
        assert there.layers[key].server.tobytes() == layer.server.tobytes()
