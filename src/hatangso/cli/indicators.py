"""`hatangso indicators`: compute, progress and score on plain files; the same results as the site."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table

from hatangso import catalogue
from hatangso.areas.register import national_register
from hatangso.cli.screen import new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError
from hatangso.indicators.compute import VALUES, compute, make_cube
from hatangso.indicators.progress import COMPARATORS, VERDICT_WORDS, Observation, Target, judge
from hatangso.indicators.restate import restate
from hatangso.indicators.scoring import Answer, Score, score, what_if
from hatangso.indicators.tree import AreaTree
from hatangso.lawentries import Index
from hatangso.periods import STATISTICAL, parse_period
from hatangso.tables import Column, TableSpec, read_table, write_table
from hatangso.vietnamese import format_number

app = new_app(
    "Chỉ tiêu: tính, so với mục tiêu, chấm điểm.", "Indicators: compute, hold against targets, score."
)
TREE = TableSpec(
    "tree",
    (
        Column("area_code", "text", "Mã địa bàn", aliases=("code", "ma")),
        Column("parent_code", "text", "Mã cấp trên", nullable=True, aliases=("parent", "cap tren")),
    ),
    key=("area_code",),
)
TARGETS = TableSpec(
    "targets",
    (
        Column("target_id", "text", aliases=("id",)),
        Column("indicator", "text", "Chỉ tiêu"),
        Column("area_code", "text", "Mã địa bàn"),
        Column("comparator", "text", "So sánh"),
        Column("value", "number", "Giá trị"),
        Column("due", "date", "Hạn"),
        Column("unit", "text", required=False, nullable=True),
        Column("maintain", "yes_no", required=False, nullable=True),
        Column("baseline", "number", required=False, nullable=True),
        Column("baseline_day", "date", required=False, nullable=True),
        Column("baseline_source", "text", "Nguồn số gốc", required=False, nullable=True),
    ),
    key=("target_id",),
)
OBSERVATIONS = TableSpec(
    "observations",
    (
        Column("indicator", "text", "Chỉ tiêu"),
        Column("area_code", "text", "Mã địa bàn"),
        Column("period", "text", "Kỳ"),
        Column("value", "number", "Giá trị", nullable=True),
        Column("low", "number", required=False, nullable=True),
        Column("high", "number", required=False, nullable=True),
    ),
)
ANSWERS = TableSpec(
    "answers",
    (
        Column("criterion", "text", "Tiêu chí"),
        Column("value", "number", "Giá trị", nullable=True),
        Column("best", "number", required=False, nullable=True),
        Column("evidence", "text", required=False, nullable=True),
    ),
    key=("criterion",),
)
JsonOption = Annotated[bool, typer.Option("--json", help=words("in JSON", "print JSON"))]


@app.command(
    "compute",
    help=words(
        "Tính chỉ tiêu từ biến gốc: Σ tử số / Σ mẫu số lên mọi cấp.",
        "Compute indicators from variables up the tree.",
    ),
)
def compute_verb(
    values: Annotated[Path, typer.Argument(metavar="VALUES", help="area_code, variable, period, value")],
    target: Annotated[Path, typer.Option("--out", help="csv, xlsx, parquet")],
    tree: Annotated[
        Path | None,
        typer.Option(
            "--tree",
            help=words(
                "bảng area_code, parent_code; để trống thì dùng danh mục hành chính",
                "table area_code, parent_code; official areas when omitted",
            ),
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help=words("bản đồ của ngày yyyy-mm-dd", "map of a day"))
    ] = None,
    indicator: Annotated[
        list[str] | None,
        typer.Option("--indicator", help=words("mã chỉ tiêu; để trống là tất cả", "codes; all when omitted")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read values, restate them on one map when asked, compute, write."""
    table = read_table(values, VALUES)
    _known_variables(table)
    left_behind = None
    if on is not None:
        day = _day(on)
        days = {period: _last_day(period) for period in table["period"].unique().to_list()}
        additive = {variable.code for variable in catalogue.variables() if variable.additive}
        table, left_behind = restate(
            table.drop("assumed"), register=national_register(), to=day, map_days=days, additive=additive
        )
    area_tree = _tree(tree, table, on)
    chosen = [catalogue.indicator(code) for code in indicator] if indicator else list(catalogue.indicators())
    with progress_bar(words("Tính chỉ tiêu", "Computing"), total=1) as advance:
        result = compute(make_cube(table, area_tree), chosen)
        advance(1)
    write_table(result, target)
    lost = 0 if left_behind is None else left_behind.height
    if as_json:
        print_json(
            {
                "rows": result.height,
                "left_behind": [] if left_behind is None else left_behind.to_dicts(),
                "out": str(target),
            }
        )
        return
    out.print(
        words(f"{format_number(result.height)} dòng → {target}", f"{result.height} rows → {target}"),
        soft_wrap=True,
    )
    if lost:
        out.print(
            words(
                f"{lost} số liệu không đưa được sang bản đồ mới (xem --json)",
                f"{lost} figures have no place on the new map (see --json)",
            ),
            soft_wrap=True,
        )


@app.command(
    "progress",
    help=words(
        "So chỉ tiêu kế hoạch với số liệu: năm mức, kèm phép tính.",
        "Hold targets against figures: five verdicts with the calculation.",
    ),
)
def progress_verb(
    targets: Annotated[Path, typer.Argument(metavar="TARGETS")],
    observations: Annotated[Path, typer.Argument(metavar="OBSERVATIONS")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="yyyy-mm-dd")] = None,
    target: Annotated[Path | None, typer.Option("--out")] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge every target on a day."""
    day = _day(as_of) if as_of else datetime.date.today()
    figures = read_table(observations, OBSERVATIONS).filter(pl.col("value").is_not_null())
    rows = []
    for row in read_table(targets, TARGETS).iter_rows(named=True):
        mine = figures.filter(
            (pl.col("indicator") == row["indicator"]) & (pl.col("area_code") == row["area_code"])
        )
        seen = [
            Observation(_last_day(item["period"]), item["value"], item["low"], item["high"])
            for item in mine.iter_rows(named=True)
        ]
        progress = judge(_target(row), seen, as_of=day)
        expected = progress.forecast.value if progress.forecast else None
        rows.append({"target_id": row["target_id"], "indicator": row["indicator"], "area_code": row["area_code"], "verdict": progress.verdict, "ket_luan": VERDICT_WORDS[progress.verdict],
                     "expected": progress.expected, "pace": progress.pace, "needed_per_year": progress.needed_per_year, "forecast": expected, "words": progress.words})  # fmt: skip
    if target is not None:
        write_table(pl.DataFrame(rows, infer_schema_length=None), target)
    if as_json:
        print_json(rows)
        return
    shown = Table(
        "", words("Địa bàn", "Area"), words("Kết luận", "Verdict"), words("Tính toán", "Calculation")
    )
    for item in rows:
        shown.add_row(item["indicator"], item["area_code"], item["ket_luan"], item["words"])
    out.print(shown)


@app.command("score", help=words("Chấm điểm theo bộ chỉ số.", "Score by an index."))
def score_verb(
    answers: Annotated[Path, typer.Argument(metavar="ANSWERS", help="criterion, value, best, evidence")],
    index: Annotated[str, typer.Option("--index")] = "DII-885",
    change: Annotated[
        list[str] | None, typer.Option("--what-if", help=words("thử TIÊU_CHÍ=giá_trị", "try CRITERION=value"))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score answers, optionally with some values changed."""
    edition = _index(index)
    given = {
        row["criterion"]: Answer(
            row["value"],
            row["best"],
            tuple(part.strip() for part in (row["evidence"] or "").split(";") if part.strip()),
        )
        for row in read_table(answers, ANSWERS).iter_rows(named=True)
    }
    result = score(edition, given)
    report: dict[str, Any] = _report(result)
    if change:
        after, gains = what_if(edition, given, dict(_change(text) for text in change))
        report["what_if"] = {"points": after.points, "gains": gains}
    if as_json:
        print_json(report)
        return
    shown = Table(
        words("Tiêu chí", "Criterion"),
        words("Điểm", "Points"),
        words("Tối đa", "Maximum"),
        words("Cách tính", "Calculation"),
    )
    for line in result.lines:
        shown.add_row(
            f"{line.code} {line.name_vi}",
            "" if line.points is None else format_number(line.points, 2),
            format_number(line.maximum),
            line.words,
        )
    out.print(shown)
    out.print(
        words(
            f"Tổng {format_number(result.points, 2)}/{format_number(result.total)} điểm; còn {format_number(result.open_points)} điểm chưa có số liệu",
            f"{result.points:.2f}/{result.total} points; {result.open_points} still open",
        )
    )
    for note in result.notes:
        out.print(f"  - {note}", soft_wrap=True)
    if "what_if" in report:
        out.print(
            words(
                f"Nếu thay đổi: {format_number(report['what_if']['points'], 2)} điểm",
                f"With the changes: {report['what_if']['points']:.2f} points",
            )
        )


def _known_variables(table: pl.DataFrame) -> None:
    known = {variable.code for variable in catalogue.variables()}
    unknown = sorted(set(table["variable"].unique().to_list()) - known)
    if unknown:
        raise InputError(
            "Bảng số liệu có biến không nằm trong danh mục",
            found=", ".join(unknown[:10]),
            expected="mã biến, xem law/variables.csv",
        )


def _tree(path: Path | None, table: pl.DataFrame, on: str | None) -> AreaTree:
    if path is not None:
        return AreaTree(dict(read_table(path, TREE).select("area_code", "parent_code").iter_rows()))
    day = _day(on) if on else max(_last_day(period) for period in table["period"].unique().to_list())
    register = national_register()
    parents: dict[str, str | None] = {"VN": None}
    for area in sorted(register.in_force(day), key=lambda item: item.level != "province"):
        above = register.parent(area, on=day)
        parents[area.code] = above.code if above is not None else "VN"
    return AreaTree(parents)


def _target(row: dict[str, Any]) -> Target:
    comparator = {"≥": ">=", "≤": "<="}.get(row["comparator"], row["comparator"])
    if comparator not in COMPARATORS:
        raise InputError(
            f"Bảng 'targets', {row['target_id']}: dấu so sánh '{row['comparator']}'",
            expected=" ".join(COMPARATORS),
        )
    baseline = (
        (row["baseline_day"], row["baseline"])
        if row["baseline"] is not None and row["baseline_day"] is not None
        else None
    )
    return Target(
        comparator,
        row["value"],
        row["due"],
        row["unit"] or "",
        bool(row["maintain"]),
        baseline,
        baseline_source=row["baseline_source"] or "",
    )


def _index(code: str) -> Index:
    found = {edition.code: edition for edition in catalogue.indexes()}
    if code not in found:
        raise InputError(f"Bộ chỉ số '{code}'", expected="một trong " + ", ".join(found))
    return found[code]


def _change(text: str) -> tuple[str, float]:
    code, separator, value = text.partition("=")
    try:
        return code.strip(), float(value.replace(",", "."))
    except ValueError as fault:
        raise InputError(
            f"--what-if '{text}'", expected="TIÊU_CHÍ=số" if separator else "có dấu ="
        ) from fault


def _report(result: Score) -> dict[str, Any]:
    return {
        "index": result.index,
        "points": result.points,
        "open_points": result.open_points,
        "total": result.total,
        "groups": dict(result.groups),
        "notes": result.notes,
        "lines": [vars(line) for line in result.lines],
    }


def _last_day(period: str) -> datetime.date:
    """The last calendar day of a period: its figures stand on that day's map."""
    return parse_period(period).window(STATISTICAL).end


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as fault:
        raise InputError(f"Ngày '{text}'", expected="yyyy-mm-dd") from fault
