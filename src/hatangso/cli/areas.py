"""Verbs on areas: find a written place, show a unit in time, carry figures, locate points."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table

from hatangso.areas import lineage
from hatangso.areas.boundaries import read_boundaries
from hatangso.areas.carrying import Carried, Carrier, infer_map_date
from hatangso.areas.points import locate_table
from hatangso.areas.register import LEVEL_WORDS, Area, Register, national_register
from hatangso.areas.spreading import Spreading
from hatangso.cli.screen import err, new_app, out, print_json, progress_bar, words
from hatangso.errors import InputError
from hatangso.placenames.search import Match
from hatangso.placenames.search import find as find_place
from hatangso.tables import Column, TableSpec, read_raw, read_table, write_table
from hatangso.vietnamese import format_number

app = new_app(
    "Địa bàn: tìm tên, xem đơn vị qua thời gian, chuyển số liệu giữa bản đồ cũ và mới, định vị điểm.",
    "Areas: find a name, show a unit in time, carry figures between maps, locate points.",
)
VALUES = TableSpec(
    "values",
    (
        Column("area_code", aliases=("mã", "mã đơn vị", "mã xã", "mã ĐVHC", "code")),
        Column("value", "number", aliases=("giá trị", "số liệu"), nullable=True),
    ),
)
SHARES = TableSpec(
    "shares",
    (
        Column("from_code", aliases=("mã cũ",)),
        Column("to_code", aliases=("mã mới",)),
        Column("weight", "number", minimum=0, aliases=("số lượng", "dân số", "số hộ", "diện tích")),
    ),
    key=("from_code", "to_code"),
)
_Json = Annotated[
    bool, typer.Option("--json", help=words("In JSON ra đầu ra chuẩn", "Print JSON on standard output"))
]
_Out = Annotated[Path, typer.Option("--out", help=words("Tệp kết quả", "Result file"))]


@app.command(help=words("Tìm đơn vị theo tên viết tay", "Find the units a written name may mean"))
def find(
    text: Annotated[
        str, typer.Argument(help=words("Như 'phường Hương Trà, Huế'", "As 'phường Hương Trà, Huế'"))
    ],
    on: Annotated[str | None, typer.Option(help=words("Ngày cần xem", "Day to look at"))] = None,
    json: _Json = False,
) -> None:
    """Print the ranked matches."""
    matches = find_place(text, on=_day(on, "--on") if on else None)
    if json:
        print_json([_match_row(match) for match in matches])
        return
    if not matches:
        out.print(
            words(f"Không tìm thấy nơi nào giống '{text}'.", f"Nothing resembles '{text}'."), markup=False
        )
        return
    table = Table(
        words("Mã", "Code"), words("Tên", "Name"), words("Cấp", "Level"), words("Hiệu lực", "Validity"),
        words("Điểm", "Score"), words("Vì sao", "Why"),
    )  # fmt: skip
    for match in matches:
        area = match.area
        why = "; ".join(match.why)
        table.add_row(
            area.code, area.full_name, LEVEL_WORDS[area.level], _validity(area), f"{match.score:.2f}", why
        )
    out.print(table)


@app.command(help=words("Xem một đơn vị qua thời gian", "Show a unit in time"))
def show(code: Annotated[str, typer.Argument(help=words("Mã đơn vị", "Code"))], json: _Json = False) -> None:
    """Print names in time, parents, predecessors and successors with their acts."""
    register = national_register()
    described = _described(register, code)
    if json:
        print_json(described)
        return
    for row in described["versions"]:
        out.print(f"{row['name']} ({code}), {LEVEL_WORDS[row['level']]}, {row['validity']}", markup=False)
        if row["parents"]:
            out.print("  " + words("thuộc ", "in ") + ", ".join(row["parents"]), markup=False)
    for title, key in (("Hình thành từ", "formed_from"), ("Về sau", "became"), ("Nay thuộc địa bàn", "now")):
        if described[key]:
            out.print(f"{title}:")
            for line in described[key]:
                out.print(f"  {line['sentence']}", markup=False, soft_wrap=True)


@app.command(
    help=words(
        "Chuyển số liệu cộng được sang bản đồ ngày khác", "Carry additive figures to another day's map"
    )
)
def carry(
    values: Annotated[Path, typer.Argument(help=words("Bảng area_code, value", "Table area_code, value"))],
    to: Annotated[str, typer.Option(help=words("Ngày của bản đồ cần có", "Day of the wanted map"))],
    target: _Out,
    since: Annotated[str | None, typer.Option("--from", help=words("Ngày của bản đồ số liệu", "Day of the figures' map"))] = None,
    shares: Annotated[Path | None, typer.Option(help=words("Bảng from_code, to_code, weight của các phần", "Weights of pieces"))] = None,
    basis: Annotated[str, typer.Option(help="population, households, area")] = "",
    figure: Annotated[str, typer.Option(help="population, households, area, other")] = "other",
    json: _Json = False,
) -> None:  # fmt: skip
    """Write area_code, value, assumed, note."""
    register, day = national_register(), _day(to, "--to")
    frame = read_table(values, VALUES)
    given = dict(zip(_codes(frame["area_code"]), frame["value"].to_list(), strict=True))
    if len(given) != frame.height:
        repeated = frame.filter(frame["area_code"].is_duplicated())["area_code"].to_list()
        raise InputError(
            f"Bảng '{values.name}'", found=f"mã {repeated[0]} có hơn một dòng", expected="mỗi mã một dòng"
        )
    start = (
        _day(since, "--from") if since else infer_map_date(given, register=register, latest=_latest(register))
    )
    carrier = Carrier(register, since=start, to=day, spreading=_spreading(shares, basis, figure))
    result = carrier.carry(given)
    write_table(_carried_frame(result), target)
    _report_carried(result, json, target)


@app.command(help=words("Định vị điểm vào đơn vị theo ranh giới", "Locate points by boundaries"))
def locate(
    points: Annotated[Path, typer.Argument(help=words("Bảng có lon, lat", "Table with lon, lat"))],
    boundaries: Annotated[Path, typer.Option(help=words("Tệp ranh giới", "Boundary file"))],
    target: _Out,
    on: Annotated[str | None, typer.Option(help=words("Ngày của bản đồ ranh giới", "Day of the boundary map"))] = None,
    level: Annotated[str, typer.Option(help="commune, province")] = "commune",
    json: _Json = False,
) -> None:  # fmt: skip
    """Write the points with area_code, area_name, note."""
    register = national_register()
    if level not in {"commune", "province", "district"}:
        raise InputError(f"--level '{level}'", expected="commune, district hoặc province")
    frame = read_raw(points)
    with progress_bar(words("Đọc ranh giới", "Reading boundaries")):
        day = _day(on, "--on") if on else _latest(register)
        borders, report = read_boundaries(boundaries, register=register, on=day, level=level)
        located = locate_table(frame, boundaries=borders, register=register)
    write_table(located, target)
    inside = int(located["area_code"].is_not_null().sum())
    noted = int((located["note"] != "").sum())
    if json:
        print_json(
            {"points": located.height, "inside": inside, "with_note": noted, "boundaries": report.sentences()}
        )
        return
    for line in report.sentences():
        err.print(line, markup=False, soft_wrap=True)
    out.print(
        f"{format_number(located.height)} điểm, {format_number(inside)} trong ranh giới, {format_number(noted)} có "
        f"ghi chú; đã ghi {target}",
        markup=False,
        soft_wrap=True,
    )


# ------------------------------------------------------------------------------------------------- parts
def _day(text: str, option: str) -> datetime.date:
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text.strip())
    turned = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text.strip())
    parts = [int(part) for part in (found.groups() if found else turned.groups()[::-1] if turned else ())]
    try:
        return datetime.date(*parts)
    except (TypeError, ValueError) as fault:
        raise InputError(f"{option} '{text}'", expected="ngày như 2025-07-01 hoặc 01/07/2025") from fault


def _latest(register: Register) -> datetime.date:
    return register.change_dates[-1]


def _codes(column: pl.Series) -> list[str]:
    """Return codes; a column whose zeros were lost is padded to five digits, shorter codes of a mixed one stay."""
    codes = [str(code).strip().removesuffix(".0") for code in column.to_list()]
    lost = all(code.isdigit() and not code.startswith("0") for code in codes) and any(
        len(code) == 5 for code in codes
    )
    return [code.zfill(5) if lost and len(code) == 4 else code for code in codes]


def _spreading(shares: Path | None, basis: str, figure: str) -> Spreading:
    known = {"", "population", "households", "area"}
    if basis not in known:
        raise InputError(f"--basis '{basis}'", expected="population, households hoặc area")
    if figure not in {*known, "other"} - {""}:
        raise InputError(f"--figure '{figure}'", expected="population, households, area hoặc other")
    if shares is None:
        return Spreading(figure=figure, basis=basis)  # type: ignore[arg-type]
    frame = read_table(shares, SHARES)
    weights = {
        (before, after): weight
        for before, after, weight in frame.select("from_code", "to_code", "weight").rows()
    }
    return Spreading(figure=figure, basis=basis, weights=weights, source=shares.name)  # type: ignore[arg-type]


def _carried_frame(result: Carried) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "area_code": [row.area_code for row in result.rows],
            "value": [row.value for row in result.rows],
            "assumed": [row.assumed for row in result.rows],
            "note": [row.note for row in result.rows],
        },
        schema={"area_code": pl.String, "value": pl.Float64, "assumed": pl.Float64, "note": pl.String},
    )


def _report_carried(result: Carried, json: bool, target: Path) -> None:
    lost = [
        {"area_code": row.area_code, "amount": row.amount, "reason": row.reason} for row in result.not_carried
    ]
    if json:
        print_json({
            "rows": len(result.rows), "known": sum(row.known for row in result.rows),
            "assumed": sum(row.assumed for row in result.rows), "assumption": result.assumption, "not_carried": lost,
        })  # fmt: skip
        return
    unknown = sum(row.value is None for row in result.rows)
    out.print(
        f"{format_number(len(result.rows))} đơn vị, {format_number(unknown)} chưa đủ số liệu; "
        f"{format_number(sum(row.assumed for row in result.rows))} dựa trên giả định ({result.assumption}); đã ghi {target}",
        markup=False,
        soft_wrap=True,
    )
    for row in result.not_carried[:20]:
        err.print(
            f"Không chuyển được {format_number(row.amount)}: {row.reason}",
            markup=False,
            soft_wrap=True,
        )
    if len(lost) > 20:
        err.print(f"… và {format_number(len(lost) - 20)} đơn vị nữa", markup=False)


def _match_row(match: Match) -> dict[str, Any]:
    area = match.area
    return {
        "code": area.code, "name": area.full_name, "level": area.level, "valid_from": area.valid_from,
        "valid_until": area.valid_until, "score": match.score, "why": list(match.why),
    }  # fmt: skip


def _validity(area: Area) -> str:
    since = f"từ {area.valid_from:%d/%m/%Y}" if area.valid_from else ""
    until = f"đến hết {area.valid_until - datetime.timedelta(days=1):%d/%m/%Y}" if area.valid_until else ""
    return " ".join(filter(None, (since, until))) or "đang có hiệu lực"


def _described(register: Register, code: str) -> dict[str, Any]:
    versions = register.versions(code)
    last = versions[-1]
    described: dict[str, Any] = {"code": code, "versions": []}
    for area in versions:
        day = (area.valid_until - datetime.timedelta(days=1)) if area.valid_until else _latest(register)
        day = max(day, area.valid_from or day)
        described["versions"].append({
            "name": area.full_name, "kind": area.kind, "level": area.level, "valid_from": area.valid_from,
            "valid_until": area.valid_until, "validity": _validity(area),
            "parents": [f"{upper.full_name} ({upper.code})" for upper in register.ancestors(code, on=day)],
        })  # fmt: skip
    described["formed_from"] = [_step_row(step) for step in lineage.steps_before(register, code)]
    described["became"] = [_step_row(step) for step in lineage.steps_after(register, code)]
    described["now"] = []
    if last.valid_until:
        before = last.valid_until - datetime.timedelta(days=1)
        for relative in lineage.successors(register, code, since=before, to=_latest(register)):
            through = ", ".join(
                register.area(part, on=before).name for part in relative.through if part != code
            )
            name = f"{relative.area.full_name} ({relative.area.code})"
            described["now"].append({
                "code": relative.area.code, "name": relative.area.full_name, "share": relative.share,
                "through": list(relative.through), "sentence": name + (f", gồm {through}" if through else ""),
            })  # fmt: skip
    return described


def _step_row(step: lineage.Step) -> dict[str, Any]:
    change = step.change
    return {
        "kind": change.kind, "from_code": change.from_code, "to_code": change.to_code, "on": change.on,
        "share": change.share, "population_share": change.population_share, "legal_act": change.legal_act,
        "sentence": step.sentence(),
    }  # fmt: skip
