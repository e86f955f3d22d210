"""``hatangso read``: a plan on the screen or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hatangso.cli.screen import out, print_json, words
from hatangso.errors import InputError
from hatangso.plans.duties import HALF_YEAR, MONTH, ONCE, PERIODIC, QUARTER, WEEK, YEAR, Duty
from hatangso.plans.header import COMMUNE, DISTRICT, PROVINCE
from hatangso.plans.reading import Plan, plan_to_json, public_plan, read_plan
from hatangso.plans.targets import Target
from hatangso.plans.tasks import Task
from hatangso.vietnamese import fold, format_number

_LEVELS = {
    PROVINCE: ("cấp tỉnh", "province"),
    DISTRICT: ("cấp huyện", "district"),
    COMMUNE: ("cấp xã", "commune"),
}
_EVERY = {
    YEAR: ("hằng năm", "every year"),
    HALF_YEAR: ("6 tháng một lần", "every half-year"),
    QUARTER: ("hằng quý", "every quarter"),
    MONTH: ("hằng tháng", "every month"),
    WEEK: ("hằng tuần", "every week"),
    PERIODIC: ("định kỳ", "periodically"),
    ONCE: ("một lần", "once"),
}
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}


def read(
    plan: Annotated[
        Path,
        typer.Argument(
            help=words(
                "Tệp kế hoạch: .docx, .pdf có chữ, .txt, .md, .html",
                "The plan: .docx, .pdf with text, .txt, .md, .html",
            )
        ),
    ],
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json",
            metavar="FILE",
            help=words("Ghi JSON vào tệp; '-' là màn hình", "Write JSON to a file; '-' is the screen"),
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help=words("Bỏ các khoản thuộc diện hạn chế phổ biến", "Leave out what is classed restricted"),
        ),
    ] = False,
) -> None:
    """Đọc một kế hoạch: chỉ tiêu, nhiệm vụ, phân công, báo cáo, cảnh báo."""
    found = read_plan(plan)
    _refuse_what_is_no_plan(plan, found)
    if public:
        found = public_plan(found)
    if json_file == "-":
        print_json(plan_to_json(found))
        return
    if json_file is not None:
        _write(Path(json_file), found)
    show_plan(found)


read.__doc__ = words(
    "Đọc một kế hoạch: phần đầu, chỉ tiêu, nhiệm vụ, phân công, nhiệm vụ báo cáo, cảnh báo.",
    "Read a plan: its header, targets, tasks, assignments, reporting duties and warnings.",
)


def _refuse_what_is_no_plan(path: Path, plan: Plan) -> None:
    head = plan.header
    if head.kind or head.number or head.issuer or head.bases or plan.targets or plan.tasks or plan.duties:
        return
    raise InputError(
        f"Tệp '{path}' đọc được nhưng không phải kế hoạch",
        found="không có phần đầu, chỉ tiêu hay nhiệm vụ nào",
        expected="kế hoạch hoặc quyết định ban hành kế hoạch",
        remedy="Hãy kiểm tra lại tệp đã chọn",
    )


def show_plan(plan: Plan) -> None:
    """Print a plan for a person: header, targets by year, tasks and assignments by office, duties, warnings."""
    _show_header(plan)
    _show_targets(plan)
    _show_tasks(plan)
    _show_assignments(plan)
    _show_duties(plan)
    _show_warnings(plan)


def _write(path: Path, plan: Plan) -> None:
    try:
        path.write_text(json.dumps(plan_to_json(plan), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as fault:
        raise InputError(
            f"Không ghi được tệp '{path}'", found=type(fault).__name__, remedy="Hãy chọn thư mục có quyền ghi"
        ) from fault


def _show_header(plan: Plan) -> None:
    header = plan.header
    level = words(*_LEVELS[header.level]) if header.level in _LEVELS else ""
    blank = words("(để trống)", "(blank)")
    out.print(f"[bold]{escape(header.kind or '')}[/bold] {escape(header.title or '')}")
    lines = [
        (words("Cơ quan ban hành", "Issuer"), f"{header.issuer or '?'}{f' ({level})' if level else ''}"),
        (words("Số, ký hiệu", "Number"), header.number or blank),
        (words("Ngày ban hành", "Date"), header.date.strftime("%d/%m/%Y") if header.date else blank),
        (words("Nơi ban hành", "Place"), header.place or blank),
        (words("Giai đoạn", "Period"), _period(header.period)),
        (words("Địa bàn", "Area"), _area(plan)),
    ]
    for name, value in lines:
        out.print(f"  {name}: {escape(value)}")
    for basis in header.bases:
        mark = words("← kế hoạch cấp trên", "← parent plan") if basis.parent else ""
        number = basis.number or basis.text[:80]
        out.print(
            f"  {words('Căn cứ', 'Basis')}: {escape(number)} {_shown_day(basis.date)} {escape(basis.issuer or '')} {mark}".rstrip()
        )


def _area(plan: Plan) -> str:
    area = plan.header.area
    if area is None:
        return "?"
    return f"{area.name} ({area.code})" if area.code else area.name


def _period(period: tuple[int | None, int | None]) -> str:
    first, last = period
    if first is None and last is None:
        return "?"
    return str(last) if first == last else f"{first or '…'}–{last or '…'}"


def _shown_day(day: object) -> str:
    return f"({day:%d/%m/%Y})" if day else ""


def _show_targets(plan: Plan) -> None:
    years = sorted({target.year for target in plan.targets}, key=lambda year: (year is None, year or 0))
    for year in years:
        rows = [target for target in plan.targets if target.year == year]
        title = (
            f"{words('Chỉ tiêu', 'Targets')} {year or words('không ghi năm', 'without a year')} ({len(rows)})"
        )
        table = Table(title=title, title_justify="left", show_lines=False, expand=True)
        table.add_column(words("Mã", "Code"), no_wrap=True)
        table.add_column(words("Mức", "Level"), justify="right", no_wrap=True)
        table.add_column(words("Câu trong kế hoạch", "Words of the plan"), ratio=1)
        table.add_column(words("Khoản", "Clause"), no_wrap=True)
        for target in rows:
            table.add_row(
                target.indicator or "–",
                escape(_amount(target)),
                escape(target.text),
                escape(target.where.clause),
            )
        out.print(table)


def _amount(target: Target) -> str:
    if target.value is None:
        return words("định tính", "qualitative")
    upper = f"–{format_number(target.upper)}" if target.upper is not None else ""
    return f"{_SIGNS.get(target.comparator, target.comparator)} {format_number(target.value)}{upper} {target.unit}".strip()


def _show_tasks(plan: Plan) -> None:
    if not plan.tasks:
        return
    offices = Counter(_lead_key(task) for task in plan.tasks)
    table = Table(
        title=f"{words('Nhiệm vụ theo đơn vị chủ trì', 'Tasks by lead')} ({len(plan.tasks)})",
        title_justify="left",
        expand=True,
    )
    table.add_column("TT", justify="right", no_wrap=True)
    table.add_column(words("Chủ trì", "Lead"), ratio=2)
    table.add_column(words("Nhiệm vụ", "Task"), ratio=4)
    table.add_column(words("Phối hợp", "With"), ratio=3)
    table.add_column(words("Thời gian", "When"), ratio=1, min_width=12, overflow="fold")
    for office in offices:
        for task in plan.tasks:
            if _lead_key(task) == office:
                name = f"{words('[hạn chế] ', '[restricted] ') if task.restricted else ''}{task.name}"
                table.add_row(str(task.number or ""), escape("; ".join(task.lead) or words("chưa giao", "none")), escape(name), escape("; ".join(task.partners)), escape(task.when or ""))  # fmt: skip
    out.print(table)


def _lead_key(task: Task) -> str:
    return fold(task.lead[0]) if task.lead else ""


def _show_assignments(plan: Plan) -> None:
    if not plan.assignments:
        return
    out.print(f"[bold]{words('Phân công', 'Assignments')}[/bold] ({len(plan.assignments)})")
    for assignment in plan.assignments:
        out.print(
            f"  {escape(assignment.office)}: {len(assignment.items)} {words('việc', 'items')} ({escape(assignment.where.clause)})"
        )


def _show_duties(plan: Plan) -> None:
    if not plan.duties:
        return
    out.print(f"[bold]{words('Nhiệm vụ báo cáo', 'Reporting duties')}[/bold] ({len(plan.duties)})")
    for duty in plan.duties:
        out.print(
            f"  {escape(duty.who or '?')} → {escape(duty.to or '?')}: {_due(duty)} ({escape(duty.where.clause)})"
        )


def _due(duty: Duty) -> str:
    every = words(*_EVERY[duty.every])
    if duty.day is None:
        return every
    day = (
        f"{duty.day:02d}"
        + (f"/{duty.month:02d}" if duty.month else "")
        + (f"/{duty.year}" if duty.year else "")
    )
    return f"{words('trước ngày', 'before')} {day}" + ("" if duty.every == ONCE else f", {every}")


def _show_warnings(plan: Plan) -> None:
    if not plan.warnings:
        return
    out.print(f"[bold]{words('Cần xem lại', 'To look at')}[/bold] ({len(plan.warnings)})")
    for warning in plan.warnings:
        out.print(f"  ! {escape(warning.text)} ({escape(warning.where.clause)})")
