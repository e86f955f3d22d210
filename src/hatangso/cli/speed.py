"""`hatangso speed`: samples → summaries → verdicts, campaign plans and bad places."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from hatangso.cli.screen import err, new_app, out, print_json, words
from hatangso.cli.speed_options import (
    FactorOption,
    FloorOption,
    JsonOption,
    ShareOption,
    ToolOption,
    day_of,
    refuse_factor,
)
from hatangso.cli.speed_summarise import read_files, summarise_verb
from hatangso.errors import InputError
from hatangso.speed.bad_places import BadPlaces, SpotRules, find_bad_places, trend
from hatangso.speed.campaign import PLACES, CampaignRules, plan_campaign
from hatangso.speed.samples import Source
from hatangso.speed.summaries import Summaries, merge, read_summaries, roll_up
from hatangso.speed.tiles import read_tile_averages
from hatangso.speed.validity import select_valid
from hatangso.speed.verdicts import VERDICT_WORDS, Requirement, verdicts
from hatangso.tables import Column, TableSpec, read_table, write_table
from hatangso.vietnamese import format_number

app = new_app(
    "Tốc độ truy nhập: tổng hợp, kết luận, kế hoạch đo, điểm yếu.",
    "Access speed: summaries, verdicts, campaigns, bad places.",
)
app.command(
    "summarise",
    help=words(
        "Tổng hợp các lần đo theo địa bàn, nhà mạng, công nghệ, kỳ.",
        "Summarise tests by area, operator, technology, period.",
    ),
)(summarise_verb)
PARENTS = TableSpec(
    "parents",
    (
        Column("area_code", "text", "Mã", aliases=("code",)),
        Column("parent_code", "text", "Mã cấp trên", aliases=("parent",)),
    ),
    key=("area_code",),
)
FORMER = TableSpec(
    "before",
    (
        Column("place_id"),
        Column("operator"),
        Column("technology"),
        Column("share", "number"),
        Column("tests", "integer"),
        Column("design_effect", "number", required=False, nullable=True, minimum=1),
    ),
)
_SHOWN_NAMES = 3


@app.command(
    "verdict",
    help=words(
        "Kết luận đạt, không đạt hay chưa đủ dữ liệu cho từng nhóm.",
        "Verdict for each group: met, not met, cannot tell yet.",
    ),
)
def verdict_verb(
    summary: Annotated[list[Path], typer.Argument(metavar="SUMMARY…")],
    floor: FloorOption,
    share: ShareOption = 80.0,
    statistic: Annotated[str, typer.Option("--statistic", help="share | mean | median")] = "share",
    confidence: Annotated[float, typer.Option("--confidence", help="%")] = 95.0,
    minimum_tests: Annotated[int, typer.Option("--minimum-tests")] = 30,
    interval: Annotated[str, typer.Option("--interval", help="wilson | clopper-pearson")] = "wilson",
    measure: Annotated[str, typer.Option("--measure", help="download | upload | latency")] = "download",
    design_effect: Annotated[float | None, typer.Option("--design-effect")] = None,
    tool: Annotated[str | None, typer.Option("--tool")] = None,
    over: Annotated[list[str] | None, typer.Option("--over", help="operator, technology, period")] = None,
    parents: Annotated[
        Path | None,
        typer.Option(
            "--parents",
            help=words("bảng area_code, parent_code để gộp lên cấp trên", "table area_code, parent_code"),
        ),
    ] = None,
    target: Annotated[Path | None, typer.Option("--out", help="csv, xlsx, parquet")] = None,
    as_json: JsonOption = False,
    factor: FactorOption = None,
) -> None:
    """Judge summaries."""
    refuse_factor(factor)
    requirement = Requirement(
        floor, share / 100, _one_of(statistic, ("share", "mean", "median")), measure, confidence / 100, minimum_tests,
        _one_of(interval, ("wilson", "clopper-pearson")), design_effect,
    )  # fmt: skip
    summaries = _rolled(
        _of_tool(merge([read_summaries(path) for path in summary]), tool), parents, over or []
    )
    table = verdicts(summaries, requirement)
    if target is not None:
        write_table(
            table.with_columns(pl.col("verdict").replace_strict(VERDICT_WORDS).alias("ket_luan")), target
        )
    if as_json:
        print_json(table.to_dicts())
        return
    _show_verdicts(table)


@app.command(
    "campaign",
    help=words(
        "Còn cần đo ở đâu, bao nhiêu, giờ nào để kết luận được.", "Which tests are still needed where."
    ),
)
def campaign_verb(
    places: Annotated[Path, typer.Argument(metavar="PLACES", help="place_id, name, area_code, people")],
    operators: Annotated[
        list[str],
        typer.Option(
            "--operator", help=words("nhà mạng:công nghệ, ví dụ 'Sao Mai:4G'", "operator:technology")
        ),
    ],
    floor: FloorOption,
    target: Annotated[Path, typer.Option("--out", help="csv, xlsx, parquet")],
    share: ShareOption = 80.0,
    already: Annotated[
        list[Path] | None,
        typer.Option("--already", help=words("bản tổng hợp đã có", "summaries already there")),
    ] = None,
    tool: Annotated[str | None, typer.Option("--tool")] = None,
    most_tests: Annotated[int, typer.Option("--most-tests")] = 3000,
    expected: Annotated[float | None, typer.Option("--expected", help="%")] = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a campaign."""
    known = None
    if already:
        known = _rolled(_of_tool(merge([read_summaries(path) for path in already]), tool), None, ["period"])
    pairs = [_pair(text) for text in operators]
    rules = CampaignRules(
        most_tests=most_tests, expected_share=expected / 100 if expected is not None else None
    )
    campaign = plan_campaign(
        known, read_table(places, PLACES), Requirement(floor, share / 100), operators=pairs, rules=rules
    )
    write_table(campaign.visits, target)
    if as_json:
        print_json(
            {
                "strata": campaign.strata.to_dicts(),
                "tests": int(campaign.strata["to_do"].sum()),
                "out": str(target),
            }
        )
        return
    for row in campaign.strata.iter_rows(named=True):
        out.print(
            f"{row['area_code']} · {row['operator']} {row['technology']}: đã có {row['have']}, cần {row['needed']}, còn đo {row['to_do']} ({row['why']})",
            soft_wrap=True,
        )
    out.print(
        words(
            f"Tổng cộng còn {format_number(campaign.strata['to_do'].sum())} lần đo → {target}",
            f"{campaign.strata['to_do'].sum()} tests to make → {target}",
        ),
        soft_wrap=True,
    )


@app.command(
    "bad-places",
    help=words(
        "Nơi dưới ngưỡng, xếp theo số người chịu ảnh hưởng.",
        "Places below the floor, ranked by people affected.",
    ),
)
def bad_places_verb(
    files: Annotated[list[Path], typer.Argument(metavar="SAMPLES…")],
    floor: FloorOption,
    tool: ToolOption,
    target: Annotated[Path, typer.Option("--out", help=words("thư mục kết quả", "output folder"))],
    share: ShareOption = 80.0,
    places: Annotated[
        Path | None, typer.Option("--places", help="place_id, name, area_code, people, lon, lat")
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option("--before", help=words("places.csv của đợt trước", "places.csv of the last campaign")),
    ] = None,
    cell_m: Annotated[float, typer.Option("--cell-m")] = 500.0,
    minimum_tests: Annotated[int, typer.Option("--minimum-tests")] = 5,
    certain_only: Annotated[bool, typer.Option("--certain-only")] = False,
    unit: Annotated[str | None, typer.Option("--unit")] = None,
    method: Annotated[str, typer.Option("--method")] = "",
    as_of: Annotated[str | None, typer.Option("--as-of")] = None,
    as_json: JsonOption = False,
) -> None:
    """Find bad places."""
    samples, unreadable = read_files(files, Source(tool, method, unit))
    valid = select_valid(samples, as_of=day_of(as_of)).kept
    received = samples.height + unreadable.height
    named = read_table(places, PLACES) if places else None
    rules = SpotRules(cell_m=cell_m, minimum_tests=minimum_tests, certain_only=certain_only)
    found = find_bad_places(valid, Requirement(floor, share / 100), places=named, rules=rules)
    listed = found.places if before is None else trend(found.places, read_table(before, FORMER))
    for name, table in (("cells", found.cells), ("places", listed), ("spots", found.spots)):
        write_table(table, target / f"{name}.csv")
    if as_json:
        print_json(
            {
                "received": received,
                "kept": valid.height,
                "cells": found.cells.height,
                "places": listed.to_dicts(),
                "spots": found.spots.to_dicts(),
                "out": str(target),
            }
        )
        return
    out.print(
        words(
            f"Nhận {received} lần đo, dùng {valid.height}", f"Received {received} tests, kept {valid.height}"
        )
    )
    _show_spots(found, target)


@app.command(
    "tiles",
    help=words(
        "Đọc ô bình quân của Ookla làm số liệu tham khảo (không kết luận).",
        "Read Ookla tile averages as context (no verdict).",
    ),
)
def tiles_verb(
    file: Annotated[Path, typer.Argument()], target: Annotated[Path, typer.Option("--out")]
) -> None:
    """Import tiles as context."""
    tiles = read_tile_averages(file)
    write_table(tiles, target)
    out.print(
        words(
            f"{tiles.height} ô bình quân, chỉ để tham khảo → {target}",
            f"{tiles.height} tile averages, context only → {target}",
        ),
        soft_wrap=True,
    )


def _show_verdicts(table: pl.DataFrame) -> None:
    shown = Table(
        words("Địa bàn", "Area"),
        words("Nhà mạng", "Operator"),
        words("Công nghệ", "Technology"),
        words("Kỳ", "Period"),
        words("Kết luận", "Verdict"),
        words("Tính toán", "Worked example"),
    )
    for row in table.iter_rows(named=True):
        shown.add_row(
            row["area_code"],
            row["operator"],
            row["technology"],
            row["period"],
            VERDICT_WORDS[row["verdict"]],
            row["words"],
        )
    out.print(shown)


def _show_spots(found: BadPlaces, target: Path) -> None:
    out.print(
        words(
            f"{found.spots.height} điểm yếu, {found.cells.height} ô dưới ngưỡng → {target}",
            f"{found.spots.height} spots, {found.cells.height} cells → {target}",
        ),
        soft_wrap=True,
    )
    for row in found.spots.head(10).iter_rows(named=True):
        people = (
            words("không rõ số dân", "people unknown")
            if row["people"] is None
            else f"{format_number(round(row['people']))} người"
        )
        out.print(
            f"  - {_first_names(row['name'])} ({row['lon']:.4f}, {row['lat']:.4f}): {people}, {format_number(100 * row['share'], 1)} % đạt, {row['tests']} lần đo",
            soft_wrap=True,
        )


def _first_names(names: str | None) -> str:
    """Return the first places of a spot, with how many more there are."""
    every = (names or words("nơi chưa có tên", "unnamed place")).split(", ")
    more = len(every) - _SHOWN_NAMES
    shown = ", ".join(every[:_SHOWN_NAMES])
    return shown if more <= 0 else words(f"{shown} và {more} nơi khác", f"{shown} and {more} more places")


def _rolled(summaries: Summaries, parents: Path | None, over: list[str]) -> Summaries:
    if parents is None and not over:
        return summaries
    codes = summaries.keys["area_code"].unique().to_list()
    parent_of = dict(zip(codes, codes, strict=True))
    if parents is not None:
        parent_of = dict(read_table(parents, PARENTS).iter_rows())
        unknown = sorted(set(codes) - set(parent_of))
        if unknown:
            err.print(
                words(
                    f"Không có cấp trên: {', '.join(unknown[:10])}", f"No parent: {', '.join(unknown[:10])}"
                )
            )
    return roll_up(summaries, parent_of, over=over)


def _of_tool(summaries: Summaries, tool: str | None) -> Summaries:
    if tool is None:
        return summaries
    chosen = summaries.select((summaries.keys["tool"] == tool).to_numpy())
    if len(chosen) == 0:
        raise InputError(
            f"Bản tổng hợp không có công cụ '{tool}'",
            found=", ".join(sorted(summaries.keys["tool"].unique().to_list())),
        )
    return chosen


def _pair(text: str) -> tuple[str, str]:
    operator, separator, technology = text.rpartition(":")
    if not separator or not operator:
        raise InputError(f"--operator '{text}'", expected="nhà mạng:công nghệ, ví dụ 'Sao Mai:4G'")
    return operator, technology


def _one_of(text: str, allowed: tuple[str, ...]):  # type: ignore[no-untyped-def]
    if text not in allowed:
        raise InputError(f"'{text}'", expected="một trong " + ", ".join(allowed))
    return text
