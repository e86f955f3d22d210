"""Figures on the screen: an area's overview, an indicator with map and chart, the parts behind a figure, a value."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hatangso import catalogue
from hatangso.errors import HatangsoError, InputError
from hatangso.indicators.checks import known_variable, write_figure
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_visible_to, can
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestors_of
from hatangso_web.indicators.actions.challenges import answer_challenge, raise_challenge, settle_challenge
from hatangso_web.indicators.charts import draw_series
from hatangso_web.indicators.forms import ChallengeForm
from hatangso_web.indicators.models import Challenge
from hatangso_web.indicators.queries.figures import (
    TargetsOf,
    children_of,
    judged_targets,
    lines_of,
    map_of,
    parts_of,
    periods_of,
    series_of,
)
from hatangso_web.indicators.queries.visible import may_enter, values_visible_to
from hatangso_web.indicators.views.asking import person_of
from hatangso_web.screen.statuses import VERDICTS


@require_safe
def overview(request: HttpRequest, targets_of: TargetsOf) -> HttpResponse:
    """Show an area on one screen: every indicator, its change, its verdicts; prints on A4."""
    user = person_of(request)
    if not can(user, Permission.VIEW):
        raise PermissionDenied(_("Tài khoản của bạn chưa được giao địa bàn nào để xem số liệu."))
    area = _area(request, user)
    periods = periods_of(area)
    period = _period(request, periods)
    lines = lines_of(user, area, period, targets_of=targets_of, as_of=timezone.localdate()) if period else []
    verdicts = Counter(progress.verdict for line in lines for _held, progress in line.judged)
    children = areas_visible_to(user).filter(parent=area).exclude(level="village")
    context = {
        "title": _("Chỉ tiêu của %(area)s") % {"area": area.name},
        "area": area,
        "period": period,
        "period_name": parse_period(period).name_vi if period else "",
        "periods": [(code, parse_period(code).name_vi) for code in periods],
        "lines": lines,
        "verdicts": [(key, verdicts[key]) for key in VERDICTS if verdicts[key]],
        "above": ancestors_of(area).filter(pk__in=areas_visible_to(user).values("pk")),
        "children": children.order_by("name_order")[:200],
        "breadcrumbs": [(_("Chỉ tiêu"), "")],
    }
    return render(request, "indicators/overview.html", context)


@require_safe
def indicator(request: HttpRequest, code: str, targets_of: TargetsOf) -> HttpResponse:
    """Show one indicator of an area: definition, map, chart with the target, the areas below."""
    user = person_of(request)
    found, area = _indicator(code), _area(request, user)
    series = series_of(found.code, area)
    period = _period(request, [figure.period for figure in reversed(series)])
    children = children_of(found.code, area, period) if period else []
    judged = judged_targets(targets_of(user, area).get(found.code, ()), series, as_of=timezone.localdate())
    target = judged[0][0].target.value if judged else None
    points = [(figure.period, figure.value) for figure in series if figure.value is not None]
    context = {
        "title": found.name_vi,
        "indicator": found,
        "area": area,
        "period": period,
        "period_name": parse_period(period).name_vi if period else "",
        "figure": next((figure for figure in series if figure.period == period), None),
        "series": list(reversed(series)),
        "children": children,
        "judged": judged,
        "numerator": known_variable(found.numerator),
        "denominator": known_variable(found.denominator) if found.denominator else None,
        # Both pictures are written by our own code, which escapes every name it draws.
        "chart": mark_safe(draw_series(points, target=target, unit=found.unit, title=found.name_vi)),
        "map": mark_safe(map_of(found, area, children, period)) if period else "",
        "breadcrumbs": [(_("Chỉ tiêu"), _address("figures", area, period)), (found.code, "")],
    }
    return render(request, "indicators/indicator.html", context)


@require_safe
def parts(request: HttpRequest, code: str) -> HttpResponse:
    """Show the values behind a figure, with the submission and who approved each."""
    user = person_of(request)
    found, area = _indicator(code), _area(request, user)
    period = _period(request, [])
    if not period:
        raise Http404
    rows = [
        (
            part,
            write_figure(variable, part.value.value)
            if (variable := known_variable(part.value.variable))
            else "",
        )
        for part in parts_of(user, found, area, period)
    ]
    context = {
        "title": _("Số liệu gốc: %(name)s") % {"name": found.name_vi},
        "area": area,
        "period_name": parse_period(period).name_vi,
        "rows": rows,
        "breadcrumbs": [
            (_("Chỉ tiêu"), _address("figures", area, period)),
            (found.code, _address("indicator", area, period, found.code)),
            (_("Số liệu gốc"), ""),
        ],
    }
    return render(request, "indicators/parts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def value(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a value: where it came from, who sent and approved it, what was disputed; take a dispute further."""
    user = person_of(request)
    found = get_object_or_404(
        values_visible_to(user).select_related(
            "area", "operator", "by", "submission__submitted_by", "submission__round__area",
            "submission__area", "submission__organisation", "supersedes",
        ),
        pk=pk,
    )  # fmt: skip
    form = ChallengeForm(None)
    if request.method == "POST":
        form = ChallengeForm(request.POST, request.FILES)
        try:
            if _dispute(request, user, found, form):
                return redirect("indicators:value", pk=pk)
        except HatangsoError as fault:
            messages.error(request, str(fault))
    challenges = list(found.challenges.select_related("by", "answered_by", "settled_by"))
    variable = known_variable(found.variable)
    context = {
        "title": variable.name_vi if variable else found.variable,
        "value": found,
        "written": write_figure(variable, found.value) if variable else found.value,
        "unit": variable.unit if variable else "",
        "period_name": parse_period(found.period).name_vi,
        "standing": not hasattr(found, "superseded_by"),
        "challenges": challenges,
        "open": next((each for each in challenges if each.state in {"open", "answered"}), None),
        "form": form,
        "may_answer": found.submission is not None and may_enter(user, found.submission),
        "may_settle": can(user, Permission.APPROVE_FIGURES, found.area),
        "breadcrumbs": [(_("Thu thập số liệu"), reverse("indicators:rounds")), (_("Giá trị"), "")],
    }
    return render(request, "indicators/value.html", context)


def _dispute(request: HttpRequest, user: User, found: Any, form: ChallengeForm) -> bool:
    text = request.POST.get("noi-dung", "")
    match request.POST.get("viec"):
        case "phan-anh":
            if not form.is_valid():
                return False
            raise_challenge(value=found, by=user, **form.cleaned_data)
        case "tra-loi":
            answer_challenge(challenge=_open_challenge(found), answer=text, by=user)
        case "chap-nhan" | "giu-so" as deed:
            settle_challenge(
                challenge=_open_challenge(found), upheld=deed == "chap-nhan", outcome=text, by=user
            )
        case _:
            return False
    messages.success(request, _("Đã ghi nhận."))
    return True


def _open_challenge(found: Any) -> Challenge:
    return get_object_or_404(found.challenges, state__in=["open", "answered"])


def _indicator(code: str) -> Indicator:
    try:
        return catalogue.indicator(code)
    except InputError as fault:
        raise Http404(str(fault)) from fault


def _area(request: HttpRequest, user: User) -> Area:
    """The area asked for by code, or the topmost the person may see."""
    seen = areas_visible_to(user)
    if code := request.GET.get("dia-ban", ""):
        return get_object_or_404(seen, code=code)
    top = seen.order_by("path").first()
    if top is None:
        raise Http404
    return top


def _period(request: HttpRequest, periods: list[str]) -> str:
    asked = request.GET.get("ky", "")
    if asked:
        try:
            return parse_period(asked).code
        except InputError as fault:
            raise Http404(str(fault)) from fault
    return periods[0] if periods else ""


def _address(name: str, area: Area, period: str, code: str = "") -> str:
    address = reverse(f"indicators:{name}", args=[code] if code else [])
    return f"{address}?dia-ban={area.code}&ky={period}"
