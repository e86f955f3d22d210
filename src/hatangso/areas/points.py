"""A table of points → the area each lies in, with written coordinates understood and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hatangso import geo
from hatangso.areas.boundaries import BoundarySet
from hatangso.areas.register import Register
from hatangso.errors import InputError
from hatangso.tables import Column, TableSpec, match_headers

COORDINATES = TableSpec(
    "points",
    (
        Column("lon", aliases=("longitude", "long", "lng", "kinh độ", "kinhdo", "x", "toạ độ x", "easting", "Y VN2000")),
        Column("lat", aliases=("latitude", "vĩ độ", "vido", "y", "toạ độ y", "northing", "X VN2000")),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Points:
    """(n,) longitudes and latitudes in degrees, NaN where unknown, and what was mended or is wrong."""

    longitude: np.ndarray
    latitude: np.ndarray
    notes: tuple[str, ...]


def read_points(
    frame: pl.DataFrame, *, meridians_deg: Sequence[float] = (), window: geo.Window | None = None
) -> Points:
    """Find the two coordinate columns of a table and understand every row.

    Numbers that are degrees in Vietnam are taken at once; every other row goes through
    :func:`hatangso.geo.read_coordinates`.

    Raises
    ------
    InputError
        when no two columns are named as coordinates.
    """
    headers = {name: header for header, name in match_headers(frame.columns, COORDINATES).items()}
    if set(headers) != {"lon", "lat"}:
        raise InputError(
            "Bảng điểm",
            found="các cột " + ", ".join(frame.columns[:12]),
            expected="hai cột toạ độ: lon và lat (hoặc kinh độ, vĩ độ; x, y)",
        )
    first, second = frame[headers["lon"]], frame[headers["lat"]]
    longitude, latitude = (
        column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().copy()
        for column in (first, second)
    )
    plain = (
        (longitude >= geo.LONGITUDES[0])
        & (longitude <= geo.LONGITUDES[1])
        & (latitude >= geo.LATITUDES[0])
        & (latitude <= geo.LATITUDES[1])
    )
    coarse = plain & (np.round(longitude, 2) == longitude) & (np.round(latitude, 2) == latitude)
    notes = np.full(frame.height, "", dtype=object)
    for row in np.flatnonzero(~plain | coarse).tolist():
        found = geo.read_coordinates(first[row], second[row], meridians_deg=meridians_deg, window=window)
        longitude[row] = np.nan if found.longitude is None else found.longitude
        latitude[row] = np.nan if found.latitude is None else found.latitude
        notes[row] = "; ".join(found.notes)
    return Points(longitude, latitude, tuple(notes.tolist()))


def locate_table(frame: pl.DataFrame, *, boundaries: BoundarySet, register: Register) -> pl.DataFrame:
    """Return the table with area_code, area_name and note added.

    Metres are tried with the central meridians of the provinces of the map, and must fall inside the map.
    """
    provinces = {
        area.code
        for code in boundaries.codes
        for area in (register.area(code, on=boundaries.on), *register.ancestors(code, on=boundaries.on))
        if area.level == "province"
    }
    meridians = {
        row.central_meridian_deg
        for province in sorted(provinces)
        for row in (geo.meridians_of(province, on=boundaries.on) if len(provinces) <= 3 else ())
    }
    window = geo.window_of(boundaries.polygons)
    points = read_points(frame, meridians_deg=sorted(meridians), window=window)
    codes = boundaries.codes_at(points.longitude, points.latitude).tolist()
    names = {code: register.area(code, on=boundaries.on).full_name for code in boundaries.codes}
    notes = [
        note if code or not np.isfinite(longitude) else "; ".join(filter(None, (note, "ngoài mọi ranh giới")))
        for note, code, longitude in zip(points.notes, codes, points.longitude, strict=True)
    ]
    return frame.with_columns(
        pl.Series("area_code", [code or None for code in codes], dtype=pl.String),
        pl.Series("area_name", [names.get(code) for code in codes], dtype=pl.String),
        pl.Series("note", notes, dtype=pl.String),
    )
