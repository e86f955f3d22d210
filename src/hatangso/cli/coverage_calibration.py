"""`hatangso coverage-calibrate`: measured samples against predictions → a file that `coverage --calibration` takes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from hatangso.cli.coverage import places_of, run_coverage
from hatangso.cli.coverage_ground import GroundFiles, read_ground
from hatangso.cli.coverage_options import (
    N0,
    Bands,
    Cover,
    DeltaN,
    Json,
    Meridians,
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
    runner_of,
)  # fmt: skip
from hatangso.cli.screen import err, out, print_json, words
from hatangso.errors import InputError
from hatangso.radio.bands import read_bands
from hatangso.radio.calibration import SAMPLE_SPEC, Calibration, calibrate, predict_at, write_calibration
from hatangso.radio.coverage import CoverageParameters
from hatangso.radio.stations import check_on_terrain, read_stations
from hatangso.tables import read_table
from hatangso.vietnamese import format_number

Samples = Annotated[
    Path,
    typer.Argument(help=words("mẫu đo: lon, lat, signal_dbm, operator, technology", "measured samples")),
]
CalibrationFile = Annotated[
    Path, typer.Option("--out", help=words("tệp hiệu chỉnh .json", "calibration file"))
]


def coverage_calibrate(
    stations: Stations, samples: Samples, terrain: Terrains, output: CalibrationFile,
    land_cover: Cover = None, bands: Bands = None, radius_km: Radius = 20.0, ray_spacing_m: Spacing = 30.0,
    step_m: Step = 30.0, time_percent: TimePercent = 50.0, delta_n: DeltaN = 45.0, n0: N0 = 325.0,
    polarisation: Polarisation = "v", rx_height_m: ReceiverHeight = 1.5, meridian: Meridians = None, sea: Sea = True,
    workers: Workers = 1, as_json: Json = False,
) -> None:  # fmt: skip
    """Hiệu chỉnh dự báo theo mẫu đo: bù theo lớp phủ, độ dốc theo khoảng cách, sai số kiểm tra chéo."""
    if output.suffix.lower() != ".json":
        raise InputError(f"Tùy chọn --out: '{output.name}'", expected="tệp đuôi .json")
    measured = read_table(samples, SAMPLE_SPEC)
    cells, notes = read_stations(stations, bands=read_bands(bands), meridians_deg=tuple(meridian or ()))
    parameters = CoverageParameters(
        radius_km=radius_km, step_m=step_m, ray_spacing_m=ray_spacing_m, time_percent=time_percent, delta_n=delta_n,
        n0=n0, polarisation=polarisation, rx_height_m=rx_height_m,
    )  # fmt: skip
    files = GroundFiles(terrain, land_cover, sea)
    ground = read_ground(files, *places_of(cells), radius_km=radius_km)
    check_on_terrain(cells, ground.grid, sea=ground.zone if sea else None)
    folder = output.parent / (output.stem + ".tmp")
    result = run_coverage(cells, ground.grid, parameters, folder, runner=runner_of("", workers))
    folder.rmdir()
    said = predict_at(measured, coverage=result, cover=ground.cover)
    found = calibrate(
        measured["signal_dbm"].to_numpy()[said.used], said.signal_dbm, distance_km=said.distance_km,
        cover=said.cover, block=said.block,
    )  # fmt: skip
    unused = measured.height - said.used.size
    by_cover = pl.Series(said.cover).value_counts(sort=True).rows()
    about = {
        "stations": stations.name, "measured": samples.name, "land_cover": land_cover.name if land_cover else None,
        "samples_unused": unused, "samples_by_cover": dict(by_cover), "parameters": asdict(parameters),
    }  # fmt: skip
    write_calibration(found, output, **about)
    notes += list(ground.notes)
    if unused:
        notes.append(f"{unused} mẫu ngoài khu vực tính hoặc nơi không trạm nào tới, không dùng.")
    if not found.worth_it:
        notes.append("Hiệu chỉnh không làm giảm sai số ở nơi chưa đo: không nên dùng tệp này.")
    if as_json:
        print_json({**asdict(found), "worth_it": found.worth_it, **about, "notes": notes})
        return
    _show(found, notes, output)


def _show(found: Calibration, notes: list[str], output: Path) -> None:
    before, after = (format_number(round(v, 1)) for v in (found.error_before_db, found.error_after_db))
    out.print(
        words(
            f"{found.samples} mẫu; sai số kiểm tra chéo {before} → {after} dB",
            f"{found.samples} samples; {before} → {after} dB",
        )
    )
    for name, offset in found.offsets_db.items():
        out.print(f"  {name}: {format_number(round(offset, 1))} dB", markup=False)
    out.print(words("  theo lg(km): ", "  per lg(km): ") + f"{format_number(round(found.slope_db, 1))} dB")
    for note in notes:
        err.print("- " + note, markup=False)
    out.print(
        words(f"Dùng bằng: hatangso coverage … --calibration {output}", f"Use: --calibration {output}"),
        markup=False,
    )
