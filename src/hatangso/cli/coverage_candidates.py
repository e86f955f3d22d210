"""`hatangso coverage-candidates`: places where a station could stand → the tables that `hatangso siting` reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer

from hatangso.cli.coverage_ground import GroundFiles, GroundRead, read_ground
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
    Needed,
    OutFolder,
    Radius,
    ReceiverHeight,
    Sea,
    Spacing,
    Step,
    Terrains,
    TimePercent,
    Workers,
    Working,
    runner_of,
)  # fmt: skip
from hatangso.cli.screen import err, out, print_json, progress_bar, words
from hatangso.errors import CancelledError, InputError, ManyInputErrors
from hatangso.radio.bands import Band, read_bands, read_thresholds
from hatangso.radio.calibration import read_calibration
from hatangso.radio.candidates import Candidate, Ground, Rules, candidate_rows
from hatangso.radio.coverage import UNCALIBRATED, CoverageParameters, Hands
from hatangso.radio.coverage_files import PartStore, fingerprint_of_candidates
from hatangso.radio.grid import Grid
from hatangso.radio.served import Service, need_at
from hatangso.tables import Column, TableSpec, read_table, write_table
from hatangso.vietnamese import format_number

CANDIDATE_SPEC = TableSpec(
    "vị trí có thể đặt trạm",
    (
        Column("candidate_id", "text", "Mã vị trí", aliases=("ma vi tri", "ma tram", "id", "station_id")),
        Column("lon", "number", "Kinh độ", "độ", minimum=102, maximum=118, aliases=("kinh do", "longitude", "x")),
        Column("lat", "number", "Vĩ độ", "độ", minimum=6, maximum=24, aliases=("vi do", "latitude", "y")),
        Column(
            "height_m", "number", "Độ cao anten", "m", minimum=1, maximum=350, required=False, nullable=True,
            aliases=("do cao anten", "chieu cao", "do cao"),
        ),
        Column("cost", "number", "Chi phí", minimum=0, required=False, nullable=True, aliases=("kinh phi", "chi phi")),
        Column(
            "cost_per_m", "number", "Chi phí mỗi mét cột", minimum=0, required=False, nullable=True,
            aliases=("chi phi moi met",),
        ),
    ),
    key=("candidate_id",),
)  # fmt: skip
DEMAND_SPEC = TableSpec(
    "điểm dân cư",
    (
        Column("place_id", "text", "Mã", aliases=("ma", "ma thon", "village_id", "demand_id", "id", "site_id")),
        Column("lon", "number", "Kinh độ", "độ", minimum=102, maximum=118, aliases=("kinh do", "longitude", "x")),
        Column("lat", "number", "Vĩ độ", "độ", minimum=6, maximum=24, aliases=("vi do", "latitude", "y")),
        Column("people", "integer", "Số dân", "người", nullable=True, minimum=0, aliases=("dan so", "so dan", "weight")),
        Column("hollow", "yes_no", "Lõm sóng", required=False, nullable=True),
        Column("technology", "text", "Công nghệ", required=False, nullable=True),
        Column("operator", "text", "Nhà mạng", required=False, nullable=True),
        Column("situation", "text", "Tình huống", required=False, nullable=True),
    ),
)  # fmt: skip
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Asked:
    """For which service candidates are tried, and for whom."""

    band: Band
    service: Service
    only_hollow: bool
    heights_m: tuple[float, ...]


@dataclass(frozen=True)
class Trial:
    """Everything a run over the candidates depends on."""

    candidates: list[Candidate]
    places: pl.DataFrame
    ground: Ground
    rules: Rules


CandidatesArgument = Annotated[
    Path, typer.Argument(help=words("bảng vị trí: candidate_id, lon, lat, cost …", "table of candidates"))
]
DemandArgument = Annotated[
    Path,
    typer.Argument(help=words("bảng thôn: place_id, lon, lat, people; hoặc villages.parquet", "villages")),
]
BandOption = Annotated[str, typer.Option(help=words("băng tần của trạm mới", "band of the new stations"))]
HeightsOption = Annotated[
    list[float] | None,
    typer.Option(help=words("độ cao anten thử (lặp lại được); mỗi vị trí chọn một", "heights tried")),
]
SituationOption = Annotated[str, typer.Option(help="outdoor | vehicle | indoor")]
OperatorOption = Annotated[
    str | None, typer.Option(help=words("với --only-hollow: lõm sóng của nhà mạng này", "operator"))
]
HollowOption = Annotated[
    bool,
    typer.Option("--only-hollow", help=words("chỉ thôn lõm trong villages.parquet", "only hollow villages")),
]
LeastOption = Annotated[
    float, typer.Option(help=words("bỏ cặp có tỷ lệ phục vụ dưới mức này", "leave out lesser shares"))
]


def coverage_candidates(
    candidates: CandidatesArgument, demand: DemandArgument, terrain: Terrains, out_folder: OutFolder,
    band: BandOption = "LTE1800", height_m: HeightsOption = None, situation: SituationOption = "outdoor",
    operator: OperatorOption = None, only_hollow: HollowOption = False, least_share: LeastOption = 0.05,
    land_cover: Cover = None, bands: Bands = None, thresholds: Needed = None, calibration: Calibrated = None,
    radius_km: Radius = 20.0, mode: Working = "sweep", ray_spacing_m: Spacing = 60.0, step_m: Step = 30.0,
    time_percent: TimePercent = 50.0, location_percent: LocationPercent = 50.0, delta_n: DeltaN = 45.0,
    n0: N0 = 325.0, rx_height_m: ReceiverHeight = 1.5, sea: Sea = True, full_reach: FullReach = False,
    workers: Workers = 1, cluster: Cluster = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Thử từng vị trí có thể đặt trạm: phục vụ thôn nào, tỷ lệ bao nhiêu. Ghi ba bảng cho `hatangso siting`.

    Dừng giữa chừng thì chạy lại lệnh cũ để tính tiếp."""
    chosen = _band(band, bands)
    if mode == "two_stage":
        raise InputError("Tùy chọn --mode two_stage", expected="sweep hoặc exact khi thử vị trí")
    asked = Asked(
        chosen, Service(chosen.technology, operator, situation), only_hollow, tuple(height_m or (30.0,))
    )
    correction = read_calibration(calibration) if calibration else None
    table, tried = _read_candidates(candidates, asked)
    places = _read_demand(demand, asked)
    parameters = CoverageParameters(
        radius_km=radius_km, step_m=step_m, ray_spacing_m=ray_spacing_m, mode=mode,  # type: ignore[arg-type]
        time_percent=time_percent, location_percent=location_percent, delta_n=delta_n, n0=n0, rx_height_m=rx_height_m,
    )  # fmt: skip
    files = GroundFiles(terrain, land_cover, sea, full_reach)
    ground = read_ground(files, table["lon"].to_numpy(), table["lat"].to_numpy(), radius_km=radius_km)
    _check_inside(table, ground.grid)
    need = need_at(
        asked.service, frequency_ghz=chosen.frequency_mhz / 1000, parameters=parameters,
        thresholds=read_thresholds(thresholds),
    )  # fmt: skip
    _write_tables(table, places, out_folder)
    rules = Rules(need, least_share, correction, _cover_at(ground, places) if correction else ())
    counts = _try_all(
        Trial(tried, places, Ground(ground.grid, parameters), rules),
        out_folder,
        runner=runner_of(cluster, workers),
    )
    said = f"Đã hiệu chỉnh theo '{calibration.name}'." if calibration else UNCALIBRATED
    _tell(counts, places, {"need": asdict(need), "band": chosen.name, "parameters": asdict(parameters),
                           "notes": [*ground.notes, said]}, out_folder, as_json)  # fmt: skip


def _band(name: str, own: Path | None) -> Band:
    """Return the band called ``name``, of the given file or of ours."""
    known = read_bands(own)
    if name.upper() not in known:
        raise InputError(f"Tùy chọn --band: '{name}'", expected="một trong: " + ", ".join(known))
    return known[name.upper()]


def _write_tables(candidates: pl.DataFrame, places: pl.DataFrame, folder: Path) -> None:
    """Write the two tables of `hatangso siting` that need no trial."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(
        candidates.select("candidate_id", "cost", "group", "height_m", "lon", "lat"),
        folder / "candidates.csv",
    )
    write_table(
        places.select(pl.col("place_id").alias("demand_id"), pl.col("people").alias("weight")),
        folder / "demand.csv",
    )


def _cover_at(ground: GroundRead, places: pl.DataFrame) -> tuple[str, ...]:
    """Land cover at every place, for the offsets of a calibration; nothing without a land cover."""
    if ground.cover is None:
        return ()
    rows, columns = ground.grid.indices(places["lon"].to_numpy(), places["lat"].to_numpy())
    last_row, last_column = (size - 1 for size in ground.grid.shape)
    r, c = (
        np.clip(np.rint(rows).astype(int), 0, last_row),
        np.clip(np.rint(columns).astype(int), 0, last_column),
    )
    return tuple(ground.cover.names_at(r, c).tolist())


def _try_all(trial: Trial, folder: Path, *, runner: AbstractContextManager[Any]) -> dict[str, int]:
    """Try every candidate with a progress bar; what is done stays in ``folder/parts`` when the person stops."""
    mark = fingerprint_of_candidates(trial.candidates, trial.places, trial.ground, trial.rules)
    kept = PartStore(folder / "parts", mark)
    try:
        with runner as run, progress_bar(words("Thử vị trí", "Candidates"), len(trial.candidates)) as advance:
            rows = candidate_rows(
                trial.candidates, trial.places, ground=trial.ground, rules=trial.rules,
                hands=Hands(run=run, progress=advance, kept=kept),
            )  # fmt: skip
            counts = _write_pairs(rows, folder / "pairs.csv", trial.candidates, trial.places["place_id"])
    except KeyboardInterrupt as stop:
        raise CancelledError(
            f"Đã dừng. Phần đã tính nằm trong '{folder / 'parts'}'; chạy lại lệnh cũ để tính tiếp."
        ) from stop
    kept.clear()
    return counts


def _read_candidates(path: Path, asked: Asked) -> tuple[pl.DataFrame, list[Candidate]]:
    """Every place at its own height, or at each height tried: those of one place exclude each other (``group``)."""
    table = read_table(path, CANDIDATE_SPEC)
    if table.is_empty():
        raise InputError(f"Bảng '{path.name}' không có vị trí nào")
    several = len(asked.heights_m) > 1
    if several and table["height_m"].is_not_null().any():
        raise InputError(
            f"Bảng '{path.name}' đã có cột height_m", found="nhiều --height-m", expected="một trong hai cách"
        )
    heights = pl.DataFrame({"tried_m": list(asked.heights_m)}, schema={"tried_m": pl.Float64})
    table = table.join(heights, how="cross", maintain_order="left_right").with_columns(
        pl.col("height_m").fill_null(pl.col("tried_m")),
        pl.lit(None, pl.String).alias("group") if not several else pl.col("candidate_id").alias("group"),
    )
    names = [
        f"{name}@{height:g}m" if several else name
        for name, height in table.select("candidate_id", "height_m").iter_rows()
    ]
    cost = pl.col("cost").fill_null(0.0) + pl.col("cost_per_m").fill_null(0.0) * pl.col("height_m")
    priced = pl.col("cost").is_not_null() | pl.col("cost_per_m").is_not_null()
    table = table.with_columns(
        pl.Series("candidate_id", names), pl.when(priced).then(cost).otherwise(None).alias("cost")
    )
    band = asked.band
    eirp = band.power_dbm - band.loss_db + band.gain_dbi - 10 * math.log10(band.resource_elements)
    tried = [
        Candidate(name, lon, lat, height, band.frequency_mhz / 1000, eirp)
        for name, lon, lat, height in table.select("candidate_id", "lon", "lat", "height_m").iter_rows()
    ]
    return table, tried


def _read_demand(path: Path, asked: Asked) -> pl.DataFrame:
    """Places with people, each once; of a table of `hatangso coverage` the rows of the service asked for."""
    places = read_table(path, DEMAND_SPEC)
    if asked.only_hollow and places["hollow"].is_null().all():
        raise InputError(
            f"Bảng '{path.name}' không có cột hollow", remedy="Dùng villages.parquet do hatangso coverage ghi"
        )
    if places["technology"].is_not_null().any():
        service = asked.service
        whose = (
            pl.col("operator").is_null()
            if service.operator is None
            else pl.col("operator") == service.operator
        )
        places = places.filter(
            (pl.col("technology") == service.technology) & (pl.col("situation") == service.situation) & whose
        )
    if asked.only_hollow:
        places = places.filter(pl.col("hollow"))
    if places.is_empty():
        raise InputError(
            f"Bảng '{path.name}' không có điểm dân cư nào cho {asked.service.technology} {asked.service.situation}"
            + (" đang lõm sóng" if asked.only_hollow else "")
        )
    twice = places.filter(pl.col("place_id").is_duplicated())["place_id"]
    if twice.len():
        raise InputError(f"Bảng '{path.name}': mã '{twice[0]}' có nhiều dòng", expected="mỗi điểm một dòng")
    return places.with_columns(pl.col("people").fill_null(0))


def _check_inside(table: pl.DataFrame, grid: Grid) -> None:
    rows, columns = grid.indices(table["lon"].to_numpy(), table["lat"].to_numpy())
    outside = (rows < 0) | (columns < 0) | (rows > grid.shape[0] - 1) | (columns > grid.shape[1] - 1)
    faults = [
        InputError(
            f"Vị trí '{table['candidate_id'][int(i)]}' tại {table['lat'][int(i)]:.5f}, {table['lon'][int(i)]:.5f}: "
            "nằm ngoài địa hình",
            remedy="Bổ sung mảnh địa hình hoặc sửa tọa độ",
        )
        for i in np.flatnonzero(outside)[:200]
    ]
    if faults:
        raise faults[0] if len(faults) == 1 else ManyInputErrors(faults)


def _write_pairs(
    rows: Iterator[tuple[int, np.ndarray, np.ndarray]],
    path: Path,
    tried: Sequence[Candidate],
    names: pl.Series,
) -> dict[str, int]:
    """Write pairs as they come, a bounded number at a time; the file appears whole or not at all."""
    beside = path.with_suffix(".tmp")
    counts = {"candidates": len(tried), "pairs": 0, "candidates_serving_none": 0}
    reached = np.zeros(names.len(), dtype=bool)
    waiting: list[pl.DataFrame] = []
    size = 0
    with beside.open("wb") as target:
        target.write(b"candidate_id,demand_id,share\n")

        def pour() -> None:
            if waiting:
                pl.concat(waiting).write_csv(target, include_header=False)
                waiting.clear()

        for number, found, share in rows:
            counts["pairs"] += found.size
            counts["candidates_serving_none"] += int(found.size == 0)
            reached[found] = True
            waiting.append(
                pl.DataFrame({
                    "candidate_id": [tried[number].candidate_id] * found.size, "demand_id": names.gather(found),
                    "share": np.round(share.astype(np.float64), 4),
                }, schema={"candidate_id": pl.String, "demand_id": pl.String, "share": pl.Float64})
            )  # fmt: skip
            size += found.size
            if size >= ROWS_AT_ONCE:
                pour()
                size = 0
        pour()
    beside.replace(path)
    counts["places_reached"] = int(reached.sum())
    return counts


def _tell(
    counts: dict[str, int], places: pl.DataFrame, about: dict[str, Any], folder: Path, as_json: bool
) -> None:
    summary = {
        **counts,
        "places": places.height,
        "people": float(places["people"].sum()),
        **about,
        "folder": str(folder),
    }
    if as_json:
        print_json(summary)
        return
    out.print(
        words(
            f"{counts['candidates']} vị trí, {places.height} điểm dân cư ({format_number(summary['people'])} người), "
            f"{counts['pairs']} cặp; {counts['places_reached']} điểm có ít nhất một vị trí phục vụ được.",
            f"{counts['candidates']} candidates, {places.height} places, {counts['pairs']} pairs; "
            f"{counts['places_reached']} places can be served.",
        ),
        markup=False,
    )
    for note in about["notes"]:
        err.print("- " + note, markup=False)
    tables = " ".join(str(folder / name) for name in ("candidates.csv", "demand.csv", "pairs.csv"))
    out.print(
        words("Bước sau: ", "Next: ") + f"hatangso siting maximal {tables} --budget …",
        markup=False,
        soft_wrap=True,
    )
