"""Comparison of plans on one address: the same indicator in several plans, on the screen and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.indicators.progress import VERDICT_WORDS
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.views.asking import (
    asked_area,
    asked_download,
    asked_indicators,
    person_of,
    require_view,
    table_answer,
)
from hatangso_web.plans.models import Plan
from hatangso_web.plans.queries.side_by_side import SideBySide, comparable_plans, families_of, side_by_side
from hatangso_web.plans.wording import figure
from hatangso_web.screen.workbooks import Sheet, printed_on

_MOST_PLANS = 5


@require_safe
def compare_plans(request: HttpRequest) -> HttpResponse:
    """Show targets, due days and verdicts of several plans beside one another."""
    user = person_of(request)
    require_view(user)
    area = asked_area(request, user)
    offered = comparable_plans(user, area)
    asked = set(request.GET.getlist("ke-hoach"))
    plans = [plan for plan in offered if str(plan.pk) in asked or not asked][:_MOST_PLANS]
    chosen = asked_indicators(request)
    rows = side_by_side(user, plans, codes=[each.code for each in chosen], as_of=timezone.localdate())
    families = families_of(plans)
    if kind := asked_download(request, user, area):
        return table_answer([_sheet(rows, plans)], kind, f"so-sanh-ke-hoach-{area.code}")
    context = {
        "title": _("So sánh kế hoạch: %(area)s") % {"area": area.name},
        "area": area,
        "offered": offered,
        "plans": [(plan, families[plan.pk]) for plan in plans],
        "codes": [each.code for each in chosen],
        "indicators": chosen or [row.indicator for row in rows],
        "rows": [(row, [(wanted, figure(wanted.comparator, wanted.value, wanted.unit)) for wanted in row.national]) for row in rows],
        "query": request.GET.urlencode(),
        "may_export": can(user, Permission.EXPORT, area),
        "breadcrumbs": [(_("Kế hoạch"), reverse("plans:list")), (_("So sánh"), "")],
    }  # fmt: skip
    return render(request, "plans/side_by_side.html", context)


def _sheet(rows: Sequence[SideBySide], plans: Sequence[Plan]) -> Sheet:
    columns = [
        (_("Mã"), 10), (_("Chỉ tiêu"), 40), (_("Kế hoạch"), 44), (_("Địa bàn"), 24), (_("Mục tiêu"), 16), (_("Hạn"), 12),
        (_("Số gốc"), 10), (_("Số liệu mới nhất"), 14), (_("Kết luận"), 18), (_("Phép tính"), 70),
    ]  # fmt: skip
    table: list[list[Any]] = []
    for row in rows:
        for plan, cell in zip(plans, row.cells, strict=True):
            for each in cell:
                target, latest = each.held.target, each.progress.latest
                table.append([
                    row.indicator.code, row.indicator.name_vi, plan.title, plan.area.name,
                    figure(target.comparator, target.value, target.unit), target.due,
                    target.baseline[1] if target.baseline else None, latest.value if latest else None,
                    VERDICT_WORDS[each.progress.verdict], each.progress.words,
                ])  # fmt: skip
    about = [
        _("Kế hoạch: %(names)s") % {"names": "; ".join(plan.title for plan in plans)},
        printed_on(timezone.now()),
    ]
    return Sheet(_("So sánh kế hoạch"), columns, table, about)
