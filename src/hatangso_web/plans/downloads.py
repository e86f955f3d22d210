"""The lists of plans as workbooks: the same rows, in the same order, as the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from hatangso_web.plans.models import Plan, Target, Task, TaskOffice
from hatangso_web.plans.queries.due import DueItem
from hatangso_web.plans.queries.lists import PlanContent
from hatangso_web.plans.wording import clause_words, day_text, indicator_name, rhythm
from hatangso_web.screen.workbooks import Sheet, write_workbook


def plans_workbook(plans: Sequence[Any], *, about: Sequence[str]) -> bytes:
    """Return the list of plans."""
    columns = [
        (_("Tên kế hoạch"), 60),
        (_("Số, ký hiệu"), 18),
        (_("Ngày ban hành"), 14),
        (_("Cơ quan ban hành"), 30),
        (_("Cấp"), 14),
        (_("Địa bàn"), 24),
        (_("Giai đoạn"), 14),
        (_("Chỉ tiêu"), 10),
        (_("Nhiệm vụ"), 10),
        (_("Chờ xác nhận"), 12),
    ]
    rows = [
        [
            plan.title,
            plan.number,
            plan.signed_date,
            plan.issuer,
            str(plan.get_level_display()),
            plan.area.name,
            period_of(plan),
            plan.target_count,
            plan.task_count,
            plan.left,
        ]
        for plan in plans
    ]
    return write_workbook([Sheet(_("Danh sách kế hoạch"), columns, rows, about)])


def due_workbook(items: Sequence[DueItem], *, about: Sequence[str]) -> bytes:
    """Return the list of what is due."""
    columns = [
        (_("Hạn"), 12),
        (_("Còn (ngày)"), 10),
        (_("Loại"), 16),
        (_("Nội dung"), 70),
        (_("Cơ quan"), 36),
        (_("Kế hoạch"), 50),
    ]
    rows = [
        [item.due_date, item.days_left, str(item.kind.label), item.what, item.office, item.plan.title]
        for item in items
    ]
    return write_workbook([Sheet(_("Đến hạn"), columns, rows, about)])


def plan_workbook(plan: Plan, content: PlanContent, *, about: Sequence[str]) -> bytes:
    """Return everything that holds of one plan, a sheet for each kind."""
    return write_workbook(
        [
            Sheet(
                _("Chỉ tiêu"),
                [(_("Mã"), 10), (_("Chỉ số"), 44), (_("So sánh"), 9), (_("Giá trị"), 11), (_("Đơn vị"), 14),
                 (_("Năm"), 8), (_("Hạn"), 12), (_("Câu trong văn bản"), 80), (_("Vị trí"), 12), (_("Người xác nhận"), 22)],
                [_target_row(target) for target in content.targets],
                about,
            ),
            Sheet(
                _("Nhiệm vụ"),
                [(_("STT"), 6), (_("Nhóm"), 24), (_("Nhiệm vụ"), 50), (_("Nội dung"), 70), (_("Chủ trì"), 30),
                 (_("Phối hợp"), 40), (_("Từ năm"), 9), (_("Hạn"), 12), (_("Thời gian"), 20)],
                [_task_row(task) for task in content.tasks],
                about,
            ),
            Sheet(
                _("Phân công"),
                [(_("Cơ quan, đơn vị"), 36), (_("Việc được giao"), 110)],
                [[assignment.office, "\n".join(assignment.items)] for assignment in content.assignments],
                about,
            ),
            Sheet(
                _("Chế độ báo cáo"),
                [(_("Ai báo cáo"), 50), (_("Báo cáo ai"), 30), (_("Ngày"), 8), (_("Tháng"), 8), (_("Năm"), 8), (_("Định kỳ"), 14)],
                [[duty.who, duty.to, duty.day, duty.month, duty.year, rhythm(duty.every)] for duty in content.duties],
                about,
            ),
            Sheet(
                _("Căn cứ"),
                [(_("Số, ký hiệu"), 22), (_("Ngày"), 12), (_("Cơ quan ban hành"), 30), (_("Trích dẫn"), 90)],
                [[basis.number, basis.signed_date, basis.issuer, basis.text] for basis in content.bases],
                about,
            ),
            Sheet(
                _("Cảnh báo"),
                [(_("Cảnh báo"), 110), (_("Vị trí"), 14)],
                [[warning.value.get("text") or warning.text, clause_words(warning.clause)] for warning in content.warnings],
                about,
            ),
        ]
    )  # fmt: skip


def period_of(plan: Plan) -> str:
    """Return the period of a plan as "2025-2030"."""
    years = dict.fromkeys(str(year) for year in (plan.period_from, plan.period_until) if year)
    return "-".join(years)


def _target_row(target: Target) -> list[Any]:
    return [
        target.indicator,
        indicator_name(target.indicator),
        target.comparator,
        target.value,
        target.unit,
        str(target.year or ""),
        target.due_date,
        target.text,
        clause_words(target.clause),
        str(target.confirmed_by),
    ]


def _task_row(task: Task) -> list[Any]:
    parts = list(task.offices.all())
    return [
        task.number,
        task.group,
        task.name,
        "\n".join(task.items),
        ", ".join(part.office for part in parts if part.role == TaskOffice.Role.LEAD),
        ", ".join(part.office for part in parts if part.role == TaskOffice.Role.PARTNER),
        str(task.from_year or ""),
        task.due_date,
        task.when,
    ]


def header_lines(plan: Plan) -> list[str]:
    """Return the lines that say which plan a workbook is about."""
    number = _("Số %(number)s") % {"number": plan.number} if plan.number else ""
    day = day_text(plan.signed_date.isoformat()) if plan.signed_date else ""
    return [plan.title, " · ".join(filter(None, [number, day, plan.issuer, plan.area.name]))]
