"""`hatangso coverage`: stations and terrain in, signal maps and lists of served and hollow villages out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from hatangso.cli.coverage_ground import GroundFiles, read_ground
from hatangso.cli.coverage_options import (
    N0,
    Bands,
    Calibrated,
    Cluster,
    Cover,
    DeltaN,
    FullReach,
    Json,
    LocationPercent,
    Meridians,
    Needed,
    OutFolder,
    Polarisation,
    Radius,
    ReceiverHeight,
    Sea,
    Spacing,
    Stations,
    Step,
    Terrains,
    TimePercent,
    Workers,
    Working,
    runner_of,
)  # fmt: skip
from hatangso.cli.coverage_results import write_results
from hatangso.cli.coverage_wanted import WantedFiles, read_wanted
from hatangso.cli.screen import err, out, print_json, progress_bar, words
from hatangso.errors import CancelledError
from hatangso.radio.bands import read_bands, read_thresholds
from hatangso.radio.calibration import calibrated, read_calibration
from hatangso.radio.coverage import Coverage, CoverageParameters, Hands, compute_coverage
from hatangso.radio.coverage_files import PartStore, fingerprint
from hatangso.radio.grid import Grid
from hatangso.radio.stations import Cell, check_on_terrain, masts_of, read_stations

KINDS = {"villages": ("thôn", "villages"), "sites": ("điểm trọng yếu", "key sites")}
SITUATION_WORDS = {
    "outdoor": ("ngoài trời", "outdoors"), "vehicle": ("trên xe", "in a vehicle"), "indoor": ("trong nhà", "indoors"),
}  # fmt: skip
Villages = Annotated[Path | None, typer.Option(help=words("Bảng thôn: mã, tọa độ, số dân", "Villages"))]
People = Annotated[
    Path | None, typer.Option(help=words("Số dân: lưới GeoTIFF, hoặc bảng điểm lon, lat, people", "People"))
]
Roads = Annotated[Path | None, typer.Option(help=words("Tuyến đường (GeoJSON…)", "Roads"))]
Communes = Annotated[
    Path | None,
    typer.Option(help=words("Ranh giới xã (GeoJSON…) có cột code", "Communes with a code column")),
]
KeySites = Annotated[Path | None, typer.Option(help=words("Bảng điểm trọng yếu", "Key sites"))]


def coverage(
    stations: Stations,
    terrain: Terrains,
    out_folder: OutFolder,
    land_cover: Cover = None,
    villages: Villages = None,
    people: People = None,
    roads: Roads = None,
    areas: Communes = None,
    sites: KeySites = None,
    bands: Bands = None,
    thresholds: Needed = None,
    calibration: Calibrated = None,
    radius_km: Radius = 20.0,
    mode: Working = "sweep",
    ray_spacing_m: Spacing = 30.0,
    step_m: Step = 30.0,
    time_percent: TimePercent = 50.0,
    location_percent: LocationPercent = 50.0,
    delta_n: DeltaN = 45.0,
    n0: N0 = 325.0,
    polarisation: Polarisation = "v",
    rx_height_m: ReceiverHeight = 1.5,
    meridian: Meridians = None,
    sea: Sea = True,
    full_reach: FullReach = False,
    workers: Workers = 1,
    cluster: Cluster = "",
    as_json: Json = False,
) -> None:
    """Vùng phủ sóng theo ITU-R P.1812: bản đồ, dân và thôn có sóng, thôn lõm và lý do. Dừng giữa chừng thì chạy tiếp."""
    needed = read_thresholds(thresholds)
    correction = read_calibration(calibration) if calibration else None
    wanted = read_wanted(WantedFiles(villages, people, roads, sites, areas))
    cells, notes = read_stations(stations, bands=read_bands(bands), meridians_deg=tuple(meridian or ()))
    parameters = CoverageParameters(
        radius_km=radius_km, step_m=step_m, ray_spacing_m=ray_spacing_m, mode=mode,  # type: ignore[arg-type]
        time_percent=time_percent, location_percent=location_percent, delta_n=delta_n, n0=n0,
        polarisation=polarisation, rx_height_m=rx_height_m, thresholds_dbm=tuple(sorted(needed.signal_dbm.items())),
        with_interference=any(cell.load is not None for cell in cells),
    )  # fmt: skip
    files = GroundFiles(terrain, land_cover, sea, full_reach)
    ground = read_ground(files, *places_of(cells), radius_km=radius_km)
    check_on_terrain(cells, ground.grid, sea=ground.zone if sea else None)
    result = run_coverage(cells, ground.grid, parameters, out_folder, runner=runner_of(cluster, workers))
    if correction is not None and calibration is not None:
        result = calibrated(result, correction, cover=ground.cover, source=calibration.name)
        needed = replace(needed, model_sigma_db=correction.error_after_db)
    summary = write_results(result, needed, out_folder, wanted)
    summary["parameters"] = asdict(parameters)
    summary["notes"] = [*notes, *ground.notes, *result.notes, *summary["notes"]]
    if as_json:
        print_json(summary)
        return
    _show(summary, out_folder)


def places_of(cells: list[Cell]) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of all sectors."""
    return np.array([c.lon for c in cells]), np.array([c.lat for c in cells])


def run_coverage(
    cells: list[Cell],
    grid: Grid,
    parameters: CoverageParameters,
    folder: Path,
    *,
    runner: AbstractContextManager[Any],
) -> Coverage:
    """Compute with a progress bar; what is done stays in ``folder/parts`` when the person stops the run."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = PartStore(folder / "parts", fingerprint(cells, grid, parameters))
    try:
        with (
            runner as run,
            progress_bar(words("Tính vùng phủ", "Coverage"), masts_of(cells).height) as advance,
        ):
            hands = Hands(run=run, progress=advance, kept=kept)
            result = compute_coverage(cells, grid=grid, parameters=parameters, hands=hands)
    except KeyboardInterrupt as stop:
        raise CancelledError(
            f"Đã dừng. Phần đã tính nằm trong '{folder / 'parts'}'; chạy lại lệnh cũ để tính tiếp."
        ) from stop
    kept.clear()
    return result


def _show(summary: dict[str, Any], folder: Path) -> None:
    for layer in summary["layers"]:
        whose = layer["operator"] or words("mọi nhà mạng", "all operators")
        out.print(
            f"{layer['technology']} · {whose}: {100 * layer['area_share_outdoor']:.1f} % "
            + words("diện tích", "of the area")
        )
    for name in ("villages", "sites"):
        for row in summary.get(name, []):
            whose = row["operator"] or words("mọi nhà mạng", "all operators")
            out.print(
                f"  {words(*KINDS[name])} · {row['technology']} · {whose} · {words(*SITUATION_WORDS[row['situation']])}: "
                f"{row['hollow_places']:.0f}/{row['places']:.0f} " + words("điểm lõm sóng", "hollow"),
                markup=False,
            )
    for note in summary["notes"]:
        err.print("- " + note, markup=False)
    out.print(words(f"Kết quả nằm trong {folder}", f"Results are in {folder}"), markup=False)
