"""Checking a file of samples for a campaign: what would be kept, what is rejected and why; nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely
from django.utils.translation import gettext as _

from hatangso.areas.locating import build_locator
from hatangso.errors import InputError
from hatangso.readers import read_headers
from hatangso.speed.placing import Areas, place_samples
from hatangso.speed.samples import Source, read_sample_rows
from hatangso.speed.tiles import is_tile_averages, read_tile_averages
from hatangso.speed.validity import MOBILE, select_valid
from hatangso_web.areas.models import Area, Boundary, Level
from hatangso_web.areas.queries import below
from hatangso_web.measurements.models import Campaign, FileState, Network, SampleFile
from hatangso_web.measurements.storage import kept_path

UNREADABLE, OUTSIDE_PERIOD, OTHER_NETWORK, KNOWN_BEFORE, NO_AREA = (
    "unreadable",
    "outside_period",
    "other_network",
    "known_before",
    "no_area",
)
_SHOWN_FAULTS = 20
_IDENTITY = [
    "time",
    "operator",
    "technology",
    "device",
    "lon",
    "lat",
    "area_sent",
    "download_mbps",
    "upload_mbps",
]


@dataclass(frozen=True)
class Checked:
    """What a file would bring: samples kept and rejected (with ``row``, ``reason_code``, ``reason``), and its report."""

    kept: pl.DataFrame
    rejected: pl.DataFrame
    report: dict[str, Any]


def headers_of(path: Path) -> tuple[list[str], bool]:
    """Return the headers of a file and whether it holds averages of tiles."""
    headers = read_headers(path)
    return headers, is_tile_averages(headers)


def check_samples(file: SampleFile, *, tell: Callable[[int], None] = lambda _percent: None) -> Checked:
    """Read a file as the campaign's tool and method, and apply every rule; ``tell`` hears the percent done.

    Raises
    ------
    InputError, ManyInputErrors
        when a column is missing or the unit of speeds is not told; a row with a cell that cannot be read is rejected.
    """
    campaign = file.campaign
    source = Source(campaign.tool, campaign.method, file.unit or None, campaign.network, file.mapping)
    tell(5)
    samples, unreadable = read_sample_rows(file.file.path, source)
    tell(50)
    samples = samples.with_columns(pl.col("area_code").alias("area_sent"))
    rejected: list[pl.DataFrame] = []
    samples = _split(samples, rejected, ~pl.col("time").dt.date().is_between(campaign.starts_on, campaign.ends_on), (OUTSIDE_PERIOD, _("Đo ngoài thời gian của đợt đo")))  # fmt: skip
    mobile = pl.col("technology").is_in(MOBILE)
    other = mobile if campaign.network == Network.FIXED else pl.col("technology").is_not_null() & ~mobile
    other = other.fill_null(False) | (pl.col("network") != campaign.network).fill_null(False)
    samples = _split(samples, rejected, other, (OTHER_NETWORK, _("Không thuộc loại mạng của đợt đo")))
    valid = select_valid(samples, as_of=campaign.ends_on)
    tell(65)
    rejected.append(valid.rejected)
    rejected.append(_set_aside(unreadable, valid.rejected))
    samples = _without_known(valid.kept, campaign, file, rejected)
    tell(75)
    samples = _placed(samples, campaign, rejected)
    tell(95)
    left_out = pl.concat([part.select(valid.rejected.columns) for part in rejected], how="vertical_relaxed")
    return Checked(samples, left_out.sort("row"), _report(samples, left_out))


def check_tiles(file: SampleFile) -> dict[str, Any]:
    """Return what averages of tiles say about the campaign's area: context, never a verdict."""
    tiles = read_tile_averages(file.file.path)
    received = tiles.height
    areas = boundaries_below(file.campaign.area)
    placed = areas is not None and tiles["lon"].null_count() == 0
    if areas is not None and placed:
        inside = areas.assign(tiles["lon"].to_numpy(), tiles["lat"].to_numpy()) >= 0
        tiles = tiles.filter(pl.Series(inside))
    tests = int(tiles["tests"].sum())
    report: dict[str, Any] = {
        "received": received,
        "kept": tiles.height,
        "tests": tests,
        "unplaced": not placed,
    }
    if tests:
        weights = tiles["tests"].to_numpy()
        for name in ("download_mbps", "upload_mbps"):
            report[name] = round(float(np.average(tiles[name].to_numpy(), weights=weights)), 2)
    return report


def boundaries_below(area: Area) -> Areas | None:
    """Return the borders in force of the communes of an area, of the area itself where only that is loaded; or nothing."""
    rows = Boundary.objects.filter(
        below(area.path, column="version__area__path"), version__valid_until=None
    ).values_list("version__area__code", "version__level", "full")
    found = list(rows)
    chosen = [row for row in found if row[1] == Level.COMMUNE] or [
        row for row in found if row[0] == area.code
    ]
    if not chosen:
        return None
    polygons = np.array([shapely.from_wkb(bytes(full)) for _code, _level, full in chosen], dtype=object)
    return Areas([code for code, _level, _full in chosen], build_locator(polygons))


def _set_aside(unreadable: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """Return rows that could not be read as rejected ones; the reason is the sentence of their first bad cell."""
    known = unreadable.select(
        pl.col("row").cast(like.schema["row"]),
        pl.lit(UNREADABLE).alias("reason_code"),
        pl.col("problem").alias("reason"),
    )
    empty = [
        pl.lit(None, dtype).alias(name) for name, dtype in like.schema.items() if name not in known.columns
    ]
    return known.with_columns(empty).select(like.columns)


def _split(
    samples: pl.DataFrame, rejected: list[pl.DataFrame], bad: pl.Expr, reason: tuple[str, str]
) -> pl.DataFrame:
    marked = samples.with_columns(bad.fill_null(True).alias("_bad"))
    code, words = reason
    rejected.append(
        marked.filter(pl.col("_bad"))
        .drop("_bad")
        .with_columns(pl.lit(code).alias("reason_code"), pl.lit(words).alias("reason"))
    )
    return marked.filter(~pl.col("_bad")).drop("_bad")


def _without_known(
    samples: pl.DataFrame, campaign: Campaign, file: SampleFile, rejected: list[pl.DataFrame]
) -> pl.DataFrame:
    """Leave out samples that an earlier file of the campaign brought."""
    earlier = [
        pl.read_parquet(kept_path(other), columns=_IDENTITY)
        for other in campaign.files.filter(state=FileState.COMMITTED, kind=file.kind).exclude(pk=file.pk)
    ]
    if not earlier:
        return samples
    known = pl.concat(earlier, how="vertical_relaxed").unique()
    new = samples.join(known, on=_IDENTITY, how="anti", nulls_equal=True)["row"]
    return _split(
        samples,
        rejected,
        ~pl.col("row").is_in(new.implode()),
        (KNOWN_BEFORE, _("Đã nhập từ một tệp trước của đợt đo")),
    )


def _placed(samples: pl.DataFrame, campaign: Campaign, rejected: list[pl.DataFrame]) -> pl.DataFrame:
    missing = samples["area_code"].null_count()
    if missing:
        areas = boundaries_below(campaign.area)
        if areas is None and missing == samples.height:
            raise InputError(
                _("Các lần đo chỉ có tọa độ, mà địa bàn của đợt đo chưa có ranh giới"),
                expected=_("cột mã đơn vị hành chính, hoặc ranh giới đã nạp"),
                remedy=_("Nạp ranh giới các xã, hoặc thêm cột mã xã vào tệp"),
            )
        if areas is not None:
            samples, _nowhere = place_samples(samples, areas)
    codes = list(Area.objects.filter(below(campaign.area.path)).values_list("code", flat=True))
    inside = pl.col("area_code").is_in(codes).fill_null(False)
    return _split(
        samples, rejected, ~inside, (NO_AREA, _("Không nằm trong đơn vị hành chính nào của đợt đo"))
    )


def _report(kept: pl.DataFrame, rejected: pl.DataFrame) -> dict[str, Any]:
    in_short = pl.when(pl.col("reason_code") == UNREADABLE).then(pl.lit(_("Có ô không đọc được")))
    reasons = (
        rejected.group_by("reason_code", in_short.otherwise(pl.col("reason")).alias("reason"))
        .len()
        .sort("len", "reason_code", descending=[True, False])
    )
    groups = kept.group_by("operator", "technology").len().sort("operator", "technology")
    shown = rejected.group_by("reason_code", maintain_order=True).head(3).sort("row").head(_SHOWN_FAULTS)
    return {
        "received": kept.height + rejected.height,
        "kept": kept.height,
        "rejected": [[code, reason, count] for code, reason, count in reasons.iter_rows()],
        "groups": [
            [operator, technology or "?", count] for operator, technology, count in groups.iter_rows()
        ],
        "areas": kept["area_code"].n_unique(),
        "faults": [
            {
                "row": row["row"],
                "time": "" if row["time"] is None else row["time"].strftime("%H:%M %d/%m/%Y"),
                "operator": row["operator"] or "",
                "download": row["download_mbps"],
                "reason": row["reason"],
            }
            for row in shown.iter_rows(named=True)
        ],
    }
