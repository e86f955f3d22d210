"""What `hatangso coverage` writes: rasters, maps, tables of villages, sites, roads and areas, and their sums."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hatangso.cli.coverage_wanted import Named, Wanted
from hatangso.geo import into_crs
from hatangso.maps.layers import MapSheet
from hatangso.radio.bands import SITUATIONS, Thresholds
from hatangso.radio.coverage import NOTHING_DBM, Coverage, signal_to_noise
from hatangso.radio.coverage_files import SignalMap, draw_signal, write_signal
from hatangso.radio.served import (
    Service,
    areas_served,
    need_of,
    places_served,
    raster_served,
    roads_served,
    throughput_mbps,
    total_served,
)  # fmt: skip
from hatangso.tables import write_table
from hatangso.vietnamese import fold


def write_results(result: Coverage, needed: Thresholds, folder: Path, wanted: Wanted) -> dict[str, Any]:
    """Write every raster, map and table asked for into ``folder`` and return their sums."""
    count, outside = wanted.people.on(result.grid) if wanted.people else (None, 0.0)
    summary: dict[str, Any] = {
        "model": "ITU-R P.1812", "layers": [], "operators": result.operators, "people_outside": outside, "notes": [],
    }  # fmt: skip
    if outside >= 1:
        summary["notes"].append(f"{outside:.0f} người ở ngoài khu vực tính, không nằm trong mẫu số.")
    for technology, operator in _networks(result):
        layer = _write_layer(result, needed, folder, technology=technology, operator=operator)
        summary["layers"].append(layer)
        if count is not None:
            layer["people"] = {
                situation: raster_served(
                    count, Service(technology, operator, situation), coverage=result, thresholds=needed
                )
                for situation in SITUATIONS
            }
    if result.parameters.with_interference:
        summary["carriers"] = [_write_quality(result, needed, folder, key) for key in result.layers]
    for name, places in (("villages", wanted.villages), ("sites", wanted.sites)):
        if places is not None:
            summary[name] = _write_places(result, needed, folder / f"{name}.parquet", places)
    if wanted.roads is not None:
        summary["roads"] = _write_roads(result, needed, folder, wanted.roads)
    if wanted.areas is not None:
        summary["areas"] = _write_areas(result, needed, folder, wanted.areas, count)
    return summary


def _networks(result: Coverage) -> list[tuple[str, str | None]]:
    """Every technology of all operators together (None), then of each where there are several."""
    pairs: list[tuple[str, str | None]] = []
    for technology in result.technologies:
        own = sorted({c.operator for c in result.cells if c.band.technology == technology})
        pairs += [(technology, None), *((technology, name) for name in own if len(result.operators) > 1)]
    return pairs


def _write_layer(
    result: Coverage, needed: Thresholds, folder: Path, *, technology: str, operator: str | None
) -> dict[str, Any]:
    """Write the signal exceeded at ``location_percent`` of places, as raster and as map."""
    need = need_of(Service(technology, operator), coverage=result, thresholds=needed)
    median, _ = result.best_of(operator, technology)
    shift = np.float32(need.floor_dbm - need.signal_dbm)
    signal = np.where(median > NOTHING_DBM, median - shift, np.float32(NOTHING_DBM))
    stem = f"signal_{technology}_{_file_word(operator or 'all')}".lower()
    write_signal(folder / f"{stem}.tif", signal, result.grid)
    sheet = MapSheet(
        f"Vùng phủ {technology}" + (f" của {operator}" if operator else ""),
        f"Dự báo theo ITU-R P.1812, {result.notes[-1][0].lower()}{result.notes[-1][1:]}",
    )
    own = [c for c in result.cells if c.band.technology == technology and operator in (None, c.operator)]
    svg, png = draw_signal(SignalMap(result.grid, signal, own), threshold_dbm=need.signal_dbm, sheet=sheet)
    (folder / f"{stem}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{stem}.png").write_bytes(png)
    return {
        "technology": technology, "operator": operator, "file": f"{stem}.tif", "threshold_dbm": need.signal_dbm,
        "location_percent": need.location_percent, "area_share_outdoor": float(np.mean(signal >= need.signal_dbm)),
    }  # fmt: skip


def _file_word(name: str) -> str:
    """Name of an operator as part of a file's name: letters and digits without marks, joined by underscores."""
    return "_".join(re.findall(r"[a-z0-9]+", fold(name))) or "x"


def _write_quality(
    result: Coverage, needed: Thresholds, folder: Path, key: tuple[str, str]
) -> dict[str, Any]:
    quality = signal_to_noise(result, key, noise_figure_db=needed.noise_figure_db)
    bandwidth = next(c.band.bandwidth_mhz for c in result.cells if c.band.name == key[1])
    rate = throughput_mbps(quality, bandwidth_mhz=bandwidth, thresholds=needed)
    heard = result.layers[key].server >= 0
    write_signal(
        folder / f"sinr_{key[1]}_{_file_word(key[0])}.tif".lower(),
        np.where(heard, quality, -300),
        result.grid,
    )
    middle = float(np.median(rate[heard])) if heard.any() else None
    return {
        "operator": key[0],
        "band": key[1],
        "median_sinr_db": float(np.median(quality[heard])) if heard.any() else None,
        "median_peak_mbps": middle,
    }


def _write_places(
    result: Coverage, needed: Thresholds, target: Path, places: pl.DataFrame
) -> list[dict[str, Any]]:
    tables, totals = [], []
    for technology, operator in _networks(result):
        for situation in SITUATIONS:
            service = Service(technology, operator, situation)
            table = places_served(places, service, coverage=result, thresholds=needed)
            tables.append(table.with_columns(pl.lit(operator, dtype=pl.String).alias("operator")))
            about = {"technology": technology, "operator": operator, "situation": situation}
            totals.append({**about, **total_served(table)})
    write_table(pl.concat(tables), target)
    return totals


def _write_roads(result: Coverage, needed: Thresholds, folder: Path, roads: Named) -> list[dict[str, Any]]:
    rows, tables = [], []
    for technology in result.technologies:
        table = roads_served(
            roads.names, roads.shapes, Service(technology, None, "vehicle"), coverage=result, thresholds=needed,
        ).with_columns(pl.lit(technology).alias("technology"))  # fmt: skip
        tables.append(table)
        length = float(table["length_km"].sum())
        share = float(table["served_km"].sum()) / length if length else None
        rows.append({"technology": technology, "length_km": length, "served_share": share})
    write_table(pl.concat(tables), folder / "roads.parquet")
    return rows


def _write_areas(
    result: Coverage, needed: Thresholds, folder: Path, areas: Named, people: np.ndarray | None
) -> int:
    polygons = into_crs(areas.shapes, crs=result.grid.crs)
    tables = [
        areas_served(
            areas.names, polygons, Service(technology, None, situation), coverage=result, thresholds=needed,
            people=people,
        )
        for technology in result.technologies
        for situation in SITUATIONS
    ]  # fmt: skip
    write_table(pl.concat(tables), folder / "areas.parquet")
    return len(areas.names)
