"""What plans report to the home page of a person: what waits to be confirmed, what is due soon."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from hatangso.vietnamese import format_number
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.plans.queries.due import DueFilter, due_items
from hatangso_web.plans.queries.lists import PlanFilter, listed_plans
from hatangso_web.screen.work import WorkGroup, WorkItem

_SHOWN = 5
_SOON_DAYS = 30


def plans_to_confirm(user: User, on: date) -> WorkGroup | None:
    """Return the plans with findings that wait for this person."""
    if not can(user, Permission.CONFIRM_PLANS):
        return None
    waiting = [
        plan
        for plan in listed_plans(user, PlanFilter(state="review"))
        if can(user, Permission.CONFIRM_PLANS, plan.area)
    ]
    items = [
        WorkItem(
            title=plan.title,
            address=reverse("plans:plan", args=[plan.pk]),
            note=_("%(number)s nội dung chờ xác nhận") % {"number": format_number(plan.left)},  # type: ignore[attr-defined]
        )
        for plan in waiting[:_SHOWN]
    ]
    address = reverse("plans:list") + "?tinh_trang=review"
    return WorkGroup(_("Kế hoạch chờ xác nhận"), items, total=len(waiting), address=address)


def due_soon(user: User, on: date) -> WorkGroup | None:
    """Return what is overdue or due within thirty days in plans this person may see."""
    if not can(user, Permission.VIEW):
        return None
    found = due_items(user, DueFilter(days=_SOON_DAYS), as_of=on)
    items = [
        WorkItem(
            title=item.what,
            address=reverse("plans:sentence", args=[item.finding_id]),
            note=" · ".join(filter(None, [str(item.kind.label), item.office])),
            due=item.due_date,
        )
        for item in found[:_SHOWN]
    ]
    return WorkGroup(
        _("Quá hạn và đến hạn trong 30 ngày"), items, total=len(found), address=reverse("plans:due")
    )
