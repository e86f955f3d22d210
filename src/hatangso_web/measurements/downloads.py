"""Lists of speed measuring as workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.speed.bad_places import TREND_WORDS
from hatangso.speed.campaign import Campaign as CampaignPlan
from hatangso.speed.verdicts import VERDICT_WORDS
from hatangso.vietnamese import format_number
from hatangso_web.measurements.models import Campaign, SampleFile
from hatangso_web.screen.workbooks import Sheet, printed_on, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000  # of a workbook made while somebody waits; more go out as CSV


def rejected_workbook(file: SampleFile, rows: pl.DataFrame) -> bytes:
    """Return the rejected samples with the row they stood in and the reason."""
    wanted = ["row", "reason", "time", "area_code", "operator", "technology", "download_mbps", "upload_mbps", "latency_ms", "lon", "lat"]  # fmt: skip
    heads = [_("Dòng"), _("Lý do loại"), _("Thời điểm đo"), _("Mã địa bàn"), _("Nhà mạng"), _("Công nghệ"), _("Tải xuống (Mb/s)"), _("Tải lên (Mb/s)"), _("Độ trễ (ms)"), _("Kinh độ"), _("Vĩ độ")]  # fmt: skip
    widths = [8, 50, 18, 12, 22, 11, 12, 12, 11, 11, 11]
    text = rows.with_columns(pl.col("time").dt.strftime("%H:%M %d/%m/%Y"))
    listed = text.select([name for name in wanted if name in rows.columns])
    columns = [
        (head, width) for head, width, name in zip(heads, widths, wanted, strict=True) if name in rows.columns
    ]
    about = [
        _("Tệp: %(name)s") % {"name": file.filename},
        _("Số lần đo bị loại: %(number)s") % {"number": format_number(rows.height)},
        printed_on(timezone.now()),
    ]
    return write_workbook([Sheet(_("Bị loại"), columns, [list(row) for row in listed.iter_rows()], about)])


def rejected_csv(rows: pl.DataFrame) -> bytes:
    """Return all rejected samples as CSV that Excel opens with its letters right and that runs no formula."""
    text = [name for name, kind in rows.schema.items() if kind == pl.String]
    harmless = [
        pl.when(pl.col(name).str.contains(r"^[=+\-@\t\r]"))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in text
    ]
    return rows.with_columns(harmless).write_csv(include_bom=True).encode()


def bad_workbook(
    campaign: Campaign, rows: Sequence[Mapping[str, Any]], spots: Sequence[Mapping[str, Any]]
) -> bytes:
    """Return the places below the floor, and the spots where tests have points."""
    about = about_campaign(campaign)
    places = Sheet(
        _("Nơi dưới ngưỡng"),
        [(_("Nơi"), 28), (_("Thuộc"), 26), (_("Số dân"), 10), (_("Nhà mạng"), 24), (_("Công nghệ"), 10), (_("Lần đo"), 9),
         (_("Đạt ngưỡng (%)"), 10), (_("Từ (%)"), 9), (_("Đến (%)"), 9), (_("Trung vị (Mb/s)"), 10), (_("Kết luận"), 18),
         (_("So với đợt trước"), 14)],
        [
            [row["area"].name, row["within"], row["people"], row["operator"], row["technology"], row["tests"],
             round(100 * row["share"], 1), round(100 * row["low"], 1), round(100 * row["high"], 1), row["median"],
             VERDICT_WORDS[row["verdict"]], TREND_WORDS[row["trend"]]]
            for row in rows
        ],
        about,
    )  # fmt: skip
    spotted = Sheet(
        _("Điểm yếu theo tọa độ"),
        [(_("Gần"), 40), (_("Kinh độ"), 11), (_("Vĩ độ"), 11), (_("Số dân"), 10), (_("Nhà mạng"), 24), (_("Công nghệ"), 10),
         (_("Số ô"), 8), (_("Lần đo"), 9), (_("Đạt ngưỡng (%)"), 10), (_("Trung vị (Mb/s)"), 10)],
        [
            [row["name"], round(row["lon"], 5), round(row["lat"], 5), None if row["people"] is None else round(row["people"]),
             row["operator"], row["technology"], row["cells"], row["tests"], round(100 * row["share"], 1), row["median"]]
            for row in spots
        ],
        about,
    )  # fmt: skip
    return write_workbook([places, spotted])


def plan_workbook(campaign: Campaign, plan: CampaignPlan, names: Mapping[str, str]) -> bytes:
    """Return what is still to measure: by commune, and by place and hour."""
    about = about_campaign(campaign)
    strata = Sheet(
        _("Theo xã"),
        [(_("Xã, phường"), 26), (_("Nhà mạng"), 24), (_("Công nghệ"), 10), (_("Đã có"), 9), (_("Cần"), 9), (_("Còn đo"), 9), (_("Thiết bị"), 9), (_("Cách tính"), 50)],
        [
            [names.get(row["area_code"], row["area_code"]), row["operator"], row["technology"], row["have"], row["needed"], row["to_do"], row["devices"], row["why"]]
            for row in plan.strata.to_dicts()
        ],
        about,
    )  # fmt: skip
    visits = Sheet(
        _("Theo nơi đo và giờ"),
        [(_("Xã, phường"), 26), (_("Nơi đo"), 26), (_("Nhà mạng"), 24), (_("Công nghệ"), 10), (_("Khung giờ"), 12), (_("Lần đo"), 9), (_("Thiết bị"), 9)],
        [
            [names.get(row["area_code"], row["area_code"]), row["name"], row["operator"], row["technology"], row["hours"], row["tests"], row["devices"]]
            for row in plan.visits.to_dicts()
        ],
        about,
    )  # fmt: skip
    return write_workbook([strata, visits])


def about_campaign(campaign: Campaign) -> list[str]:
    """Return the lines that go with every list of a campaign: which, where, when, how, and what is asked."""
    return [
        _("Đợt đo: %(name)s; địa bàn: %(area)s") % {"name": campaign.name, "area": campaign.area.name},
        _("Thời gian: %(first)s đến %(last)s; công cụ: %(tool)s; phương pháp: %(method)s")
        % {
            "first": f"{campaign.starts_on:%d/%m/%Y}",
            "last": f"{campaign.ends_on:%d/%m/%Y}",
            "tool": campaign.tool,
            "method": campaign.method,
        },
        _("Yêu cầu: ít nhất %(share)s%% lần đo đạt từ %(floor)s Mb/s")
        % {"share": format_number(campaign.percent), "floor": format_number(campaign.floor_mbps)},
        printed_on(timezone.now()),
    ]
