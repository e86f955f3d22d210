"""The list of plans, the page of a plan, what is due; each on the screen and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.plans.audit import Event
from hatangso_web.plans.downloads import due_workbook, header_lines, plan_workbook, plans_workbook
from hatangso_web.plans.forms import DueFilterForm, PlanFilterForm
from hatangso_web.plans.models import Plan
from hatangso_web.plans.queries.due import USUAL_DAYS, DueFilter, due_items, offices_named
from hatangso_web.plans.queries.lineage import chain_of, deviations_of, linked_bases
from hatangso_web.plans.queries.lists import PlanFilter, content_of, listed_plans
from hatangso_web.plans.queries.review import counts_of
from hatangso_web.plans.queries.side_by_side import verdicts_of
from hatangso_web.plans.queries.visible import may_confirm, plans_readable_by, sees_text
from hatangso_web.plans.views.uploads import person_of
from hatangso_web.screen.tables import PAGE_PARAMETER, Listing, make_listing
from hatangso_web.screen.workbooks import printed_on

_SORTS = {
    "ten": ["title_order"],
    "ngay": ["signed_date"],
    "dia-ban": ["area__name_order"],
    "con-lai": ["left"],
}
_DUE_ROWS = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """List the plans."""
    user = person_of(request)
    form = PlanFilterForm(request.GET)
    listing = make_listing(request, listed_plans(user, _plan_filter(form)), columns=_SORTS, default="ten")
    context = {
        "title": _("Kế hoạch"),
        "form": form,
        "filtered": any(form.cleaned_data.values()),
        "about": _filter_lines(form),
        "listing": listing,
        "may_upload": can(user, Permission.READ_PLANS),
        "may_export": can(user, Permission.EXPORT),
        "breadcrumbs": [(_("Kế hoạch"), "")],
    }
    return render(request, "plans/list.html", context)


@require_safe
def plans_download(request: HttpRequest) -> HttpResponse:
    """Hand out the list of plans as a workbook."""
    user = person_of(request)
    require(user, Permission.EXPORT)
    form = PlanFilterForm(request.GET)
    rows = [
        plan for plan in listed_plans(user, _plan_filter(form)) if can(user, Permission.EXPORT, plan.area)
    ]
    record(Event.DOWNLOADED, about=None, by=user, details={"list": "plans"})
    return _workbook(plans_workbook(rows, about=_about(form)), "ke-hoach.xlsx")


@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one plan."""
    user = person_of(request)
    found = _plan(user, pk)
    content = content_of(user, found)
    opens_text = sees_text(user, found)
    versions = list(found.versions.select_related("uploaded_by").order_by("-number")) if opens_text else []
    current = next((version for version in versions if version.is_current), None)
    if current is not None:
        current.plan = found
    chain = chain_of(user, found)
    deviations = deviations_of(
        user, found, content.targets, parent=chain.above[-1] if chain.above else None, on=timezone.localdate()
    )
    counts = counts_of(user, current) if current else []
    context = {
        "title": found.title,
        "plan": found,
        "opens_text": opens_text,
        "content": content,
        "versions": versions,
        "newest": versions[0] if versions else None,
        "current": current,
        "left": sum(count.left for count in counts),
        "bases": linked_bases(user, content.bases),
        "chain": chain,
        "deviations": _by_target(deviations),
        "verdicts": verdicts_of(user, found, as_of=timezone.localdate()),
        "lower": [deviation for deviation in deviations if deviation.verdict == "lower"],
        "may_confirm": current is not None and may_confirm(user, current),
        "may_upload": can(user, Permission.READ_PLANS, found.area),
        "may_export": can(user, Permission.EXPORT, found.area),
        "breadcrumbs": [(_("Kế hoạch"), reverse("plans:list")), (found.title, "")],
    }
    return render(request, "plans/plan.html", context)


@require_safe
def plan_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out one plan as a workbook."""
    user = person_of(request)
    found = _plan(user, pk)
    require(user, Permission.EXPORT, area=found.area)
    about = [*header_lines(found), printed_on(timezone.now())]
    content = content_of(user, found)
    record(Event.DOWNLOADED, about=found, by=user)
    return _workbook(plan_workbook(found, content, about=about), f"ke-hoach-{found.pk}.xlsx")


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """List what is due across plans."""
    user = person_of(request)
    form = DueFilterForm(request.GET)
    today = timezone.localdate()
    items = due_items(user, _due_filter(form), as_of=today)
    page = Paginator(items, _DUE_ROWS).get_page(request.GET.get(PAGE_PARAMETER))
    late = [item for item in items if item.overdue]
    context = {
        "title": _("Đến hạn"),
        "listing": Listing(page=page, sort="", descending=False),
        "form": form,
        "about": _filter_lines(form),
        "today": today,
        "overdue": [item for item in page if item.overdue],
        "coming": [item for item in page if not item.overdue],
        "overdue_total": len(late),
        "coming_total": len(items) - len(late),
        "offices": offices_named(user),
        "may_export": can(user, Permission.EXPORT),
        "breadcrumbs": [(_("Kế hoạch"), reverse("plans:list")), (_("Đến hạn"), "")],
    }
    return render(request, "plans/due.html", context)


@require_safe
def due_download(request: HttpRequest) -> HttpResponse:
    """Hand out what is due as a workbook."""
    user = person_of(request)
    require(user, Permission.EXPORT)
    form = DueFilterForm(request.GET)
    today = timezone.localdate()
    items = [
        item
        for item in due_items(user, _due_filter(form), as_of=today)
        if can(user, Permission.EXPORT, item.plan.area)
    ]
    record(Event.DOWNLOADED, about=None, by=user, details={"list": "due"})
    return _workbook(due_workbook(items, about=_about(form)), "den-han.xlsx")


def _plan(user: User, pk: int) -> Plan:
    return get_object_or_404(plans_readable_by(user).select_related("area", "header_confirmed_by"), pk=pk)


def _plan_filter(form: PlanFilterForm) -> PlanFilter:
    form.is_valid()
    wanted = form.cleaned_data
    return PlanFilter(
        wanted.get("q", ""), wanted.get("cap", ""), wanted.get("nam"), wanted.get("tinh_trang", "")
    )


def _due_filter(form: DueFilterForm) -> DueFilter:
    form.is_valid()
    wanted = form.cleaned_data
    return DueFilter(wanted.get("co_quan", ""), wanted.get("loai", ""), wanted.get("trong") or USUAL_DAYS)


def _filter_lines(form: Any) -> list[str]:
    """Return "Cấp: Cấp tỉnh" for each field that narrows the list."""
    found = []
    for bound in form:
        value = form.cleaned_data.get(bound.name)
        if value in (None, ""):
            continue
        words = {str(key): str(word) for key, word in getattr(bound.field, "choices", [])}
        found.append(f"{bound.label}: {words.get(str(value), value)}")
    return found


def _about(form: Any) -> list[str]:
    return [*(_filter_lines(form) or [_("Không lọc")]), printed_on(timezone.now())]


def _by_target(deviations: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for deviation in deviations:
        found.setdefault(deviation.target.pk, []).append(deviation)
    return found


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
