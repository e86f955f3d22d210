"""`hatangso speed summarise`: files of samples → one file of summaries, and what was left out and why."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from hatangso.cli.screen import err, out, print_json, progress_bar, words
from hatangso.cli.speed_options import FactorOption, JsonOption, ToolOption, day_of, refuse_factor
from hatangso.errors import InputError
from hatangso.speed.one_pass import Pass, measures_in, summarise_files
from hatangso.speed.placing import Areas, place_samples, read_areas
from hatangso.speed.repeats import find_repeats
from hatangso.speed.row_rules import row_rules
from hatangso.speed.samples import Source, read_sample_rows
from hatangso.speed.summaries import Summaries, summarise, write_summaries
from hatangso.speed.validity import select_valid, validity_rules
from hatangso.tables import write_table

NOWHERE = "Không nằm trong đơn vị hành chính nào"
_SHOWN_FAULTS = 20

SamplesArgument = Annotated[
    list[Path], typer.Argument(metavar="SAMPLES…", help="csv, xlsx, parquet, geojson")
]
SummaryOption = Annotated[
    Path, typer.Option("--out", help=words("tệp tổng hợp .parquet", "summary file .parquet"))
]
AreasOption = Annotated[Path | None, typer.Option("--areas", help=words("tệp ranh giới", "boundaries"))]
OnePassOption = Annotated[
    bool,
    typer.Option(
        "--one-pass",
        help=words(
            "parquet lớn: tổng hợp một lượt, bộ nhớ có hạn", "large parquet: one pass, bounded memory"
        ),
    ),
]
RejectedOption = Annotated[
    Path | None,
    typer.Option(
        "--rejected", help=words("ghi các lần đo bị loại kèm lý do", "write rejected tests with reasons")
    ),
]


def summarise_verb(
    files: SamplesArgument,
    target: SummaryOption,
    tool: ToolOption,
    areas: AreasOption = None,
    area_column: Annotated[str | None, typer.Option("--area-column")] = None,
    method: Annotated[str, typer.Option("--method")] = "",
    unit: Annotated[str | None, typer.Option("--unit", help="Mb/s, kb/s, Gb/s")] = None,
    network: Annotated[str | None, typer.Option("--network", help="mobile | fixed")] = None,
    period: Annotated[str, typer.Option("--period", help="month, quarter, half, year, all")] = "quarter",
    as_of: Annotated[str | None, typer.Option("--as-of", help="yyyy-mm-dd")] = None,
    one_pass: OnePassOption = False,
    rejected: RejectedOption = None,
    as_json: JsonOption = False,
    factor: FactorOption = None,
) -> None:
    """Read, check, place and summarise."""
    refuse_factor(factor)
    missing = next((path for path in files if not path.exists()), None)
    if missing is not None:
        raise InputError(f"Không có tệp '{missing}'", remedy="Kiểm tra lại đường dẫn")
    placed = read_areas(areas, code_column=area_column) if areas else None
    day = day_of(as_of)
    if one_pass:
        summaries, report = _in_one_pass(files, placed, Source(tool, method), (period, day))
    else:
        summaries, report = _in_memory(
            files, placed, Source(tool, method, unit, network), (period, day, rejected)
        )
    if report["kept"] == 0:
        raise InputError(
            f"Không lần đo nào trong {report['received']} lần nhận được tính",
            found="; ".join(f"{reason}: {count}" for reason, count in report["rejected"].items() if count),
            remedy="Xem lý do đứng đầu: cột thời gian có giờ không, kinh độ và vĩ độ có đổi chỗ không, ranh giới có đúng tỉnh không",
        )
    write_summaries(summaries, target)
    report |= {"groups": len(summaries), "out": str(target)}
    if as_json:
        print_json(report)
        return
    out.print(
        words(
            f"Nhận {report['received']} lần đo, dùng {report['kept']}, {len(summaries)} nhóm → {target}",
            f"Received {report['received']} tests, kept {report['kept']}, {len(summaries)} groups → {target}",
        ),
        soft_wrap=True,
    )
    for reason, count in report["rejected"].items():
        if count:
            out.print(f"  - {reason}: {count}")


def _in_one_pass(
    files: list[Path], areas: Areas | None, source: Source, options: tuple[str, datetime.date]
) -> tuple[Summaries, dict]:
    if areas is None:
        raise InputError("Đọc một lượt cần ranh giới", remedy="Thêm --areas")
    period, day = options
    rules = validity_rules(on=day)
    with progress_bar(words("Tìm lần đo lặp lại", "Looking for repeats")) as advance:
        left_out = find_repeats(files, rules, as_of=day, tool=source.tool, advance=advance)
    plan = Pass(
        areas.assign, areas.codes, source.tool, source.method, period,
        rules=row_rules(rules, as_of=day), left_out=left_out, measures=measures_in(files),
    )  # fmt: skip
    with progress_bar(words("Đọc các lần đo", "Reading tests")) as advance:
        result = summarise_files(files, plan, advance=advance)
    reason_of = {rule.code: rule.reason for rule in rules} | {"no_area": NOWHERE}
    return result.summaries, {
        "received": result.received,
        "kept": result.received - sum(result.rejected.values()),
        "rejected": {reason_of.get(code, code): count for code, count in result.rejected.items()},
    }


def read_files(files: list[Path], source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read files of single tests: those that can be read, and rows with their problem; the first problems are shown."""
    with progress_bar(words("Đọc các lần đo", "Reading tests"), total=len(files)) as advance:
        tables, unreadable = [], []
        for path in files:
            rows, bad = read_sample_rows(path, source)
            tables.append(rows.with_columns(pl.lit(path.name).alias("file")))
            unreadable.append(bad.with_columns(pl.lit(path.name).alias("file")))
            for row, problem in bad.head(_SHOWN_FAULTS).select("row", "problem").iter_rows():
                err.print(f"  - {path.name}, {words('dòng', 'row')} {row}: {problem}", soft_wrap=True)
            advance(1)
    return pl.concat(tables, how="vertical_relaxed"), pl.concat(unreadable)


def _in_memory(
    files: list[Path], areas: Areas | None, source: Source, options: tuple[str, datetime.date, Path | None]
) -> tuple[Summaries, dict]:
    period, day, rejected_file = options
    samples, bad_rows = read_files(files, source)
    valid = select_valid(samples, as_of=day)
    nowhere = 0
    kept = valid.kept
    if areas is not None:
        kept, nowhere = place_samples(kept, areas)
    elif kept.height and kept["area_code"].null_count() == kept.height:
        raise InputError("Các lần đo không có mã đơn vị hành chính", remedy="Thêm --areas với tệp ranh giới")
    else:
        nowhere = int(kept["area_code"].null_count())
    if rejected_file is not None:
        write_table(_rejected(valid.rejected, bad_rows, kept), rejected_file)
    rejected = dict(valid.counts.select("reason", "samples").iter_rows()) | {
        "Có ô không đọc được": bad_rows.height,
        NOWHERE: nowhere,
    }
    return summarise(kept, period=period), {
        "received": samples.height + bad_rows.height,
        "kept": kept.height - nowhere,
        "rejected": rejected,
    }


def _rejected(broken: pl.DataFrame, unreadable: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Return every test that does not count, with file, row and reason, in the order of the files."""
    bad = unreadable.select(
        "file", "row", pl.lit("unreadable").alias("reason_code"), pl.col("problem").alias("reason")
    )
    nowhere = placed.filter(pl.col("area_code").is_null()).with_columns(
        pl.lit("no_area").alias("reason_code"), pl.lit(NOWHERE).alias("reason")
    )
    every = pl.concat([broken, bad, nowhere], how="diagonal_relaxed").sort("file", "row", maintain_order=True)
    first = ["file", "row", "reason_code", "reason"]
    return every.select(*first, pl.exclude(first))
