"""Tables of sources and places: column specs, needs in fibres and splitters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from hatangso.errors import InputError
from hatangso.fibre.network import Spots
from hatangso.map_tables import LAT, LON, read_point_table
from hatangso.tables import Column, TableSpec

SOURCE_SPEC = TableSpec(
    "nguồn cáp",
    (
        Column("source_id", "text", "Mã nguồn", aliases=("id", "ma", "ma nguon")),
        Column("name", "text", "Tên", required=False, nullable=True, aliases=("ten", "ten nguon")),
        LON, LAT,
        Column("spare_fibres", "integer", "Số sợi còn dư", minimum=0, required=False, nullable=True, aliases=("soi du",)),
    ),
    key=("source_id",),
)  # fmt: skip
PLACE_SPEC = TableSpec(
    "điểm cần nối",
    (
        Column("place_id", "text", "Mã điểm", aliases=("id", "ma", "ma diem", "ma thon", "village_id")),
        Column("name", "text", "Tên", required=False, nullable=True, aliases=("ten", "ten diem", "ten thon")),
        LON, LAT,
        Column("kind", "category", "Loại điểm", required=False, nullable=True, aliases=("loai",), categories={
            "village": ("thôn", "bản", "làng", "tổ dân phố", "village"), "station": ("trạm", "trạm BTS", "station"),
            "school": ("trường", "trường học", "school"), "office": ("trụ sở", "ủy ban", "UBND", "office"),
        }),
        Column("households", "integer", "Số hộ", "hộ", minimum=0, required=False, nullable=True, aliases=("so ho", "ho")),
        Column("fibres", "integer", "Số sợi cần", minimum=1, required=False, nullable=True, aliases=("so soi",)),
        Column("second_path", "yes_no", "Cần hai đường", required=False, nullable=True, aliases=("hai duong", "trong yeu")),
    ),
    key=("place_id",),
)  # fmt: skip


@dataclass(frozen=True)
class Needs:
    """What each place needs: households, fibres (both int64 (k,)), splitters {capacity: number}, second path."""

    households: np.ndarray
    fibres: np.ndarray
    splitters: list[dict[int, int]]
    second_path: np.ndarray


def read_sources(path: Path) -> pl.DataFrame:
    """Read sources: source_id, name, lon, lat, spare_fibres (empty = not limited)."""
    return _named(_not_empty(read_point_table(path, SOURCE_SPEC), path), "source_id")


def read_places(path: Path) -> pl.DataFrame:
    """Read places: place_id, name, lon, lat, kind, households, fibres, second_path."""
    return _named(_not_empty(read_point_table(path, PLACE_SPEC), path), "place_id")


def spots_of(table: pl.DataFrame) -> Spots:
    """Return names and coordinates of a table of sources or places."""
    return Spots(table["name"].to_list(), table["lon"].to_numpy(), table["lat"].to_numpy())


def needs_of(places: pl.DataFrame, *, capacities: Mapping[int, float]) -> Needs:
    """Return the needs of places.

    Households are served by splitters: as many of the largest as fill up, and the smallest that holds the rest. A place
    takes the fibres it names; otherwise one per splitter, at least two.
    """
    households = places["households"].fill_null(0).to_numpy().astype(np.int64)
    splitters = [split_households(int(count), capacities) for count in households]
    least = np.array([max(2, sum(kinds.values())) for kinds in splitters], np.int64)
    told = places["fibres"].fill_null(0).to_numpy().astype(np.int64)
    second = places["second_path"].fill_null(False).to_numpy().astype(bool)
    return Needs(households, np.where(told > 0, told, least), splitters, second)


def split_households(households: int, capacities: Mapping[int, float]) -> dict[int, int]:
    """Return {capacity: number} of the splitters that serve the households, rounded up."""
    largest = max(capacities)
    whole, rest = divmod(households, largest)
    found = {largest: whole} if whole else {}
    if rest:
        size = min(size for size in capacities if size >= rest)
        found[size] = found.get(size, 0) + 1
    return found


def _not_empty(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    if table.height == 0:
        raise InputError(f"Bảng '{path.name}'", found="không có dòng nào", expected="ít nhất một dòng")
    return table


def _named(table: pl.DataFrame, key: str) -> pl.DataFrame:
    return table.with_columns(pl.coalesce(pl.col("name"), pl.col(key)).alias("name"))
