"""`hatangso coverage`: stations and terrain in, signal maps and lists of served and hollow villages out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import rasterio
import shapely
import typer
from rasterio.warp import Resampling, reproject

from hatangso import executor
from hatangso.cli.screen import err, out, print_json, progress_bar, words
from hatangso.errors import CancelledError, InputError
from hatangso.geo import to_wgs84
from hatangso.maps.layers import MapSheet
from hatangso.radio.bands import SITUATIONS, Thresholds, read_bands, read_thresholds
from hatangso.radio.clutter import grid_transform, with_clutter
from hatangso.radio.coverage import Coverage, CoverageParameters, Hands, compute_coverage, signal_to_noise
from hatangso.radio.coverage_files import PartStore, draw_signal, fingerprint, write_signal
from hatangso.radio.grid import Grid
from hatangso.radio.served import (
    PLACE_SPEC,
    Service,
    areas_served,
    places_served,
    raster_served,
    roads_served,
    throughput_mbps,
    total_served,
)  # fmt: skip
from hatangso.radio.stations import Cell, check_on_terrain, masts_of, read_stations
from hatangso.radio.terrain import clip_bounds, open_terrain, read_grid, sea_and_coast
from hatangso.tables import read_features, read_table, write_table


def coverage(
    stations: Annotated[Path, typer.Argument(help=words("Bảng trạm: csv, xlsx, geojson", "Stations table"))],
    terrain: Annotated[
        list[Path], typer.Option(help=words("Địa hình: GeoTIFF, .hgt, hoặc thư mục", "DEM tiles"))
    ],
    out_folder: Annotated[Path, typer.Option("--out", help=words("Thư mục kết quả", "Result folder"))],
    land_cover: Annotated[Path | None, typer.Option(help=words("Lớp phủ mặt đất", "Land cover"))] = None,
    villages: Annotated[
        Path | None, typer.Option(help=words("Bảng thôn: mã, tọa độ, số dân", "Villages"))
    ] = None,
    people: Annotated[
        Path | None, typer.Option(help=words("Lưới dân số GeoTIFF (người mỗi ô)", "People raster"))
    ] = None,
    roads: Annotated[Path | None, typer.Option(help=words("Tuyến đường (GeoJSON…)", "Roads"))] = None,
    areas: Annotated[
        Path | None,
        typer.Option(
            help=words("Ranh giới xã (GeoJSON…) có cột code", "Commune polygons with a code column")
        ),
    ] = None,
    sites: Annotated[Path | None, typer.Option(help=words("Bảng điểm trọng yếu", "Key sites"))] = None,
    bands: Annotated[Path | None, typer.Option(help=words("Tệp băng tần riêng", "Own bands file"))] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help=words("Tệp ngưỡng riêng", "Own thresholds file"))
    ] = None,
    radius_km: Annotated[float, typer.Option(help="km")] = 20.0,
    mode: Annotated[str, typer.Option(help="sweep | two_stage | exact")] = "sweep",
    ray_spacing_m: Annotated[float, typer.Option(help="m")] = 30.0,
    time_percent: Annotated[float, typer.Option(help=words("% thời gian", "% of time"))] = 50.0,
    meridian: Annotated[
        list[float] | None, typer.Option(help=words("kinh tuyến trục VN-2000", "VN-2000"))
    ] = None,
    sea: Annotated[
        bool, typer.Option(help=words("tách vùng biển từ độ cao", "sea zones from heights"))
    ] = True,
    full_reach: Annotated[
        bool,
        typer.Option(help=words("từ chối khi địa hình không đủ bán kính", "refuse where terrain ends early")),
    ] = False,
    workers: Annotated[int, typer.Option(help=words("số luồng", "threads"))] = 1,
    cluster: Annotated[str, typer.Option(help=words("địa chỉ cụm dask", "dask scheduler"))] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Vùng phủ sóng theo ITU-R P.1812: bản đồ, dân và thôn có sóng, thôn lõm và lý do. Dừng giữa chừng thì chạy tiếp."""
    needed = read_thresholds(thresholds)
    cells, notes = read_stations(stations, bands=read_bands(bands), meridians_deg=tuple(meridian or ()))
    grid, more = _ground(terrain, land_cover, cells, radius_km=radius_km, sea=sea, full_reach=full_reach)
    loaded = any(cell.load is not None for cell in cells)
    parameters = CoverageParameters(
        radius_km=radius_km, ray_spacing_m=ray_spacing_m, mode=mode,  # type: ignore[arg-type]
        time_percent=time_percent, with_interference=loaded,
    )  # fmt: skip
    result = _run(cells, grid, parameters, out_folder, runner=_runner(cluster, workers))
    notes += [*more, *result.notes]
    summary = _write_all(result, needed, out_folder, Wanted(villages, people, roads, sites, areas))
    if summary["people_outside"] >= 1:
        notes.append(f"{summary['people_outside']:.0f} người ở ngoài khu vực tính, không nằm trong mẫu số.")
    summary["notes"] = notes
    if as_json:
        print_json(summary)
        return
    _show(summary, out_folder)


def _ground(
    terrain: list[Path],
    land_cover: Path | None,
    cells: list[Cell],
    *,
    radius_km: float,
    sea: bool,
    full_reach: bool,
) -> tuple[Grid, list[str]]:
    """Read the terrain round the stations, as far as the tiles go, with clutter and sea laid on."""
    tiles = open_terrain(terrain)
    if "4326" in tiles.tiles[0].crs:
        reach = radius_km / 105.0
        lon, lat = [c.lon for c in cells], [c.lat for c in cells]
        wanted = (min(lon) - reach, min(lat) - reach, max(lon) + reach, max(lat) + reach)
        bounds = clip_bounds(tiles, wanted)
        short = [
            f"{side} {km:.0f} km"
            for side, km in zip(
                ("tây", "nam", "đông", "bắc"),
                (
                    105 * (bounds[0] - wanted[0]),
                    111 * (bounds[1] - wanted[1]),
                    105 * (wanted[2] - bounds[2]),
                    111 * (wanted[3] - bounds[3]),
                ),
                strict=True,
            )
            if km > 0.5
        ]
        if bounds[0] >= bounds[2] or bounds[1] >= bounds[3]:
            raise InputError("Các trạm nằm ngoài địa hình", remedy="Kiểm tra tọa độ trạm hoặc mảnh địa hình")
    else:
        bounds, short = tiles.bounds, []
    grid, report = read_grid(tiles, bounds=bounds)
    notes = list(report.sentences)
    if short:
        reason = f"Địa hình không đủ tầm {radius_km:g} km quanh các trạm: thiếu phía {', '.join(short)}"
        if full_reach:
            raise InputError(
                reason, remedy="Bổ sung mảnh địa hình, hoặc bỏ --full-reach để chỉ tính phần có địa hình"
            )
        notes.append(reason + ". Ô ngoài địa hình không được tính.")
    if land_cover is not None:
        grid, used = with_clutter(grid, land_cover)
        notes.append("Lớp phủ: " + ", ".join(f"{name} {count}" for name, count in sorted(used.items())))
    zone = sea_and_coast(grid)
    check_on_terrain(cells, grid, sea=zone if sea else None)
    if sea and (zone == 1).any():
        grid = Grid(grid.ground_m, grid.x0, grid.y0, grid.dx, grid.dy, grid.crs, grid.clutter_m, zone)
    return grid, notes


def _runner(cluster: str, workers: int) -> AbstractContextManager[Any]:
    if cluster:
        return executor.cluster(cluster)
    return executor.threads(workers) if workers > 1 else nullcontext(executor.run_here)


def _run(
    cells: list[Cell],
    grid: Grid,
    parameters: CoverageParameters,
    folder: Path,
    *,
    runner: AbstractContextManager[Any],
) -> Coverage:
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


@dataclass(frozen=True)
class Wanted:
    """Files that say for whom coverage is counted."""

    villages: Path | None
    people: Path | None
    roads: Path | None
    sites: Path | None
    areas: Path | None


def _write_all(result: Coverage, needed: Thresholds, folder: Path, files: Wanted) -> dict[str, Any]:
    summary: dict[str, Any] = {"model": "ITU-R P.1812", "layers": [], "operators": result.operators}
    networks: list[str | None] = [None, *(result.operators if len(result.operators) > 1 else [])]
    count, outside = _people_on(result.grid, files.people) if files.people else (None, 0.0)
    summary["people_outside"] = outside
    for technology in result.technologies:
        for operator in networks:
            if operator and not any(
                c.operator == operator and c.band.technology == technology for c in result.cells
            ):
                continue
            summary["layers"].append(
                _write_layer(result, needed, folder, technology=technology, operator=operator)
            )
            if count is not None:
                for situation in SITUATIONS:
                    total = raster_served(
                        count, Service(technology, operator, situation), coverage=result, thresholds=needed
                    )
                    summary["layers"][-1].setdefault("people", {})[situation] = total
    if result.parameters.with_interference:
        summary["carriers"] = [_write_quality(result, needed, folder, key) for key in result.layers]
    for name, path in (("villages", files.villages), ("sites", files.sites)):
        if path:
            summary[name] = _write_places(result, needed, folder / f"{name}.parquet", path)
    if files.roads:
        summary["roads"] = _write_roads(result, needed, folder, files.roads)
    if files.areas:
        summary["areas"] = _write_areas(result, needed, folder, files.areas, count)
    return summary


def _write_layer(
    result: Coverage, needed: Thresholds, folder: Path, *, technology: str, operator: str | None
) -> dict[str, Any]:
    best, _ = result.best_of(operator, technology)
    stem = f"signal_{technology}_{operator or 'all'}".lower()
    write_signal(folder / f"{stem}.tif", best, result.grid)
    threshold = needed.signal_dbm[technology]
    sheet = MapSheet(
        f"Vùng phủ {technology}" + (f" của {operator}" if operator else ""),
        "Dự báo theo ITU-R P.1812, chưa hiệu chỉnh bằng số đo; sai số thường 6-14 dB",
    )
    svg, png = draw_signal(result, best, threshold_dbm=threshold, sheet=sheet)
    (folder / f"{stem}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{stem}.png").write_bytes(png)
    layer: dict[str, Any] = {
        "technology": technology, "operator": operator, "file": f"{stem}.tif", "threshold_dbm": threshold,
        "area_share_outdoor": float(np.mean(best >= threshold)),
    }  # fmt: skip
    return layer


def _write_quality(
    result: Coverage, needed: Thresholds, folder: Path, key: tuple[str, str]
) -> dict[str, Any]:
    quality = signal_to_noise(result, key, noise_figure_db=needed.noise_figure_db)
    bandwidth = next(c.band.bandwidth_mhz for c in result.cells if c.band.name == key[1])
    rate = throughput_mbps(quality, bandwidth_mhz=bandwidth, thresholds=needed)
    heard = result.layers[key].server >= 0
    write_signal(folder / f"sinr_{key[1]}_{key[0]}.tif".lower(), np.where(heard, quality, -300), result.grid)
    middle = float(np.median(rate[heard])) if heard.any() else None
    return {
        "operator": key[0],
        "band": key[1],
        "median_sinr_db": float(np.median(quality[heard])),
        "median_peak_mbps": middle,
    }


def _write_places(result: Coverage, needed: Thresholds, target: Path, path: Path) -> list[dict[str, Any]]:
    places = read_table(path, PLACE_SPEC)
    tables, totals = [], []
    for technology in result.technologies:
        for situation in SITUATIONS:
            service = Service(technology, None, situation)
            table = places_served(places, service, coverage=result, thresholds=needed)
            tables.append(table)
            totals.append({"technology": technology, "situation": situation, **total_served(table)})
    write_table(pl.concat(tables), target)
    return totals


def _write_roads(result: Coverage, needed: Thresholds, folder: Path, path: Path) -> list[dict[str, Any]]:
    attributes, lines, _ = read_features(path)
    column = next((c for c in ("name", "ref", "ten") if c in attributes.columns), None)
    names = (
        [str(v) for v in attributes[column].to_list()]
        if column
        else [f"đường {i + 1}" for i in range(lines.size)]
    )
    keep = shapely.get_dimensions(lines) == 1
    rows, tables = [], []
    for technology in result.technologies:
        table = roads_served(
            [n for n, k in zip(names, keep, strict=True) if k], lines[keep], Service(technology, None, "vehicle"),
            coverage=result, thresholds=needed,
        ).with_columns(pl.lit(technology).alias("technology"))  # fmt: skip
        tables.append(table)
        length = float(table["length_km"].sum())
        share = float(table["served_km"].sum()) / length if length else None
        rows.append({"technology": technology, "length_km": length, "served_share": share})
    write_table(pl.concat(tables), folder / "roads.parquet")
    return rows


def _write_areas(
    result: Coverage, needed: Thresholds, folder: Path, path: Path, people: np.ndarray | None
) -> int:
    attributes, polygons, crs = read_features(path)
    column = next((c for c in ("code", "area_code", "ma", "name") if c in attributes.columns), None)
    if column is None:
        raise InputError(
            f"Ranh giới '{path.name}' không có cột code", found=", ".join(attributes.columns[:10])
        )
    polygons = to_wgs84(polygons, crs)
    if not result.grid.geographic:
        raise InputError("Ranh giới xã chỉ ghép được với địa hình theo độ", remedy="Dùng địa hình EPSG:4326")
    codes = [str(code) for code in attributes[column].to_list()]
    tables = [
        areas_served(
            codes,
            polygons,
            Service(technology, None, situation),
            coverage=result,
            thresholds=needed,
            people=people,
        )
        for technology in result.technologies
        for situation in SITUATIONS
    ]
    write_table(pl.concat(tables), folder / "areas.parquet")
    return len(codes)


def _people_on(grid: Grid, path: Path) -> tuple[np.ndarray, float]:
    """Carry a raster of people per cell on the terrain's cells; the sum is kept. Also how many live outside it."""
    count = np.zeros(grid.shape, dtype=np.float64)
    with rasterio.open(path) as source:
        people = source.read(1, masked=True).filled(0).astype(np.float64)
        reproject(
            people, count, src_transform=source.transform, src_crs=source.crs, dst_transform=grid_transform(grid),
            dst_crs=grid.crs, resampling=Resampling.sum,
        )  # fmt: skip
    return count, max(0.0, float(people.sum() - count.sum()))


def _show(summary: dict[str, Any], folder: Path) -> None:
    for layer in summary["layers"]:
        whose = layer["operator"] or words("mọi nhà mạng", "all operators")
        out.print(
            f"{layer['technology']} · {whose}: {100 * layer['area_share_outdoor']:.1f} % "
            + words("diện tích", "of the area")
        )
    for name in ("villages", "sites"):
        for row in summary.get(name, []):
            out.print(
                f"  {name} {row['technology']} {row['situation']}: {row['hollow_places']:.0f}/{row['places']:.0f} "
                + words("điểm lõm sóng", "hollow")
            )
    for note in summary["notes"]:
        err.print("- " + note, markup=False)
    out.print(words(f"Kết quả nằm trong {folder}", f"Results are in {folder}"), markup=False)
