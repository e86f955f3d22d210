"""Figures on the screen: an area's overview, an indicator with map and chart, the parts behind a figure, a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib import messages
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
from hatangso.indicators.value_kinds import preference_words, rule_words
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_visible_to, can
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestors_of
from hatangso_web.indicators.actions.challenges import answer_challenge, raise_challenge, settle_challenge
from hatangso_web.indicators.charts import Chart, draw_series
from hatangso_web.indicators.downloads import (
    about_lines,
    area_sheet,
    basis_words,
    indicator_sheets,
    source_line,
)
from hatangso_web.indicators.drawing import MapWords, map_of
from hatangso_web.indicators.forms import ChallengeForm
from hatangso_web.indicators.models import Challenge, Figure
from hatangso_web.indicators.queries.beside import beside, differing, kinds_that_count
from hatangso_web.indicators.queries.breaks import breaks_between
from hatangso_web.indicators.queries.figures import (
    children_of,
    lines_of,
    parts_of,
    periods_of,
    risen,
    series_of,
)
from hatangso_web.indicators.queries.judging import TargetsOf, end_of, judged_targets
from hatangso_web.indicators.queries.runs import run_of
from hatangso_web.indicators.queries.visible import may_enter, values_visible_to
from hatangso_web.indicators.restating import ASSUMPTIONS, Restated, Wanted, assumption_words, restated
from hatangso_web.indicators.views.asking import (
    asked_area,
    asked_download,
    asked_indicator,
    asked_period,
    figure_address,
    person_of,
    refused_words,
    require_view,
    table_answer,
    wanted_map,
)
from hatangso_web.measurements.queries import figures_seen_by
from hatangso_web.screen.statuses import VERDICTS


@require_safe
def overview(request: HttpRequest, targets_of: TargetsOf) -> HttpResponse:
    """Show the page of an area: every indicator, its change, its verdicts; prints on A4, goes out as a table."""
    user = person_of(request)
    require_view(user)
    area = asked_area(request, user)
    periods = periods_of(area)
    period = asked_period(request, periods)
    lines = lines_of(area, period, targets=targets_of(user, area), as_of=timezone.localdate())
    run = run_of(area, period)
    title = _("Chỉ tiêu của %(area)s") % {"area": area.name}
    if kind := asked_download(request, user, area):
        return table_answer([area_sheet(title, lines, about_lines(area, period, run=run))], kind, f"chi-tieu-{area.code}-{period}")  # fmt: skip
    verdicts = Counter(progress.verdict for line in lines for _held, progress in line.judged)
    children = areas_visible_to(user).filter(parent=area, valid_until=None).exclude(level="village")
    context = {
        "title": title,
        "area": area,
        "period": period,
        "period_name": parse_period(period).name_vi if period else "",
        "periods": [(code, parse_period(code).name_vi) for code in periods],
        "lines": lines,
        "source": source_line(run),
        "verdicts": [(key, verdicts[key]) for key in VERDICTS if verdicts[key]],
        "above": ancestors_of(area).filter(pk__in=areas_visible_to(user).values("pk")),
        "children": children.order_by("name_order").only("code", "name")[:200],
        "may_export": can(user, Permission.EXPORT, area),
        "query": request.GET.urlencode(),
        "breadcrumbs": [(_("Chỉ tiêu"), "")],
    }
    return render(request, "indicators/overview.html", context)


@dataclass(frozen=True)
class _Shown:
    """The figures of an indicator as shown: stored ones, or those put on the map of another day."""

    own: Sequence[Figure]
    children: Sequence[Figure]
    period: str
    day: date
    carried: Restated | None = None
    refused: str = ""

    @property
    def figure(self) -> Figure | None:
        """The area's figure of the period."""
        return next((each for each in self.own if each.period == self.period), None)

    @property
    def before(self) -> Figure | None:
        """The area's figure of the period before."""
        previous = parse_period(self.period).previous().code if self.period else ""
        return next((each for each in self.own if each.period == previous), None)


@require_safe
def indicator(request: HttpRequest, code: str, targets_of: TargetsOf) -> HttpResponse:
    """Show one indicator of an area: definition, map, chart with the target, the areas below; on any day's map."""
    user = person_of(request)
    found, area = asked_indicator(code), asked_area(request, user)
    wanted = wanted_map(request)
    shown = _shown(request, found, area, wanted)
    held = targets_of(user, area).get(found.code, ())
    judged = judged_targets(
        held, [(each.period, each.value) for each in shown.own], indicator=found, as_of=timezone.localdate()
    )
    run = run_of(area, shown.period)
    about = about_lines(area, shown.period, run=run, more=_map_lines(wanted, shown))
    if kind := asked_download(request, user, area):
        sheets = indicator_sheets(found, shown.own, shown.children, judged, about)
        return table_answer(sheets, kind, f"{found.code}-{area.code}-{shown.period}")
    breaks = {} if wanted else breaks_between(area, [each.period for each in shown.own])
    points = [(parse_period(each.period).name_vi, each.value) for each in shown.own]
    chart = Chart(
        found.name_vi,
        found.unit,
        judged[0][0].target.value if judged else None,
        {parse_period(code).name_vi: said for code, said in breaks.items()},
    )
    words = MapWords(f"{area.name}, {parse_period(shown.period).name_vi}" if shown.period else "", shown.day)
    context = {
        "title": found.name_vi,
        "indicator": found,
        "area": area,
        "shown": shown,
        "period": shown.period,
        "period_name": parse_period(shown.period).name_vi if shown.period else "",
        "figure": shown.figure,
        "change": risen(shown.figure, shown.before),
        "series": [(each, parse_period(each.period).name_vi) for each in reversed(shown.own)],
        "breaks": breaks,
        "wanted": wanted,
        "assumptions": [(key, str(words_)) for key, words_ in ASSUMPTIONS.items()],
        "map_lines": _map_lines(wanted, shown),
        "judged": [(each, progress, progress.forecast.words(each.target) if progress.forecast else "") for each, progress in judged],
        "definition": _definition(found),
        "measured": figures_seen_by(user, indicator=found.code, area=area),
        "source": source_line(run),
        # Both pictures are written by our own code, which escapes every name it draws.
        "chart": mark_safe(draw_series(points, chart=chart)),
        "map": mark_safe(map_of(found, area, shown.children, words)),
        "may_export": can(user, Permission.EXPORT, area),
        "query": request.GET.urlencode(),
        "breadcrumbs": [(_("Chỉ tiêu"), figure_address("figures", area, shown.period)), (found.code, "")],
    }  # fmt: skip
    return render(request, "indicators/indicator.html", context)


def _shown(request: HttpRequest, found: Indicator, area: Area, wanted: Wanted | None) -> _Shown:
    own = series_of(found.code, area)
    periods = [each.period for each in own] if wanted is None else sorted(periods_of(area), key=end_of)
    period = asked_period(request, periods[::-1])
    if wanted and period:
        try:
            carried = restated(found, area, periods, wanted=replace(wanted, period=period))
        except InputError:
            refused = refused_words(area, wanted)
        else:
            return _Shown(carried.own, carried.below.get(period, ()), period, wanted.day, carried)
    else:
        refused = ""
    children = children_of(found.code, area, period) if period else []
    return _Shown(own, children, period, end_of(period) if period else timezone.localdate(), refused=refused)


def _map_lines(wanted: Wanted | None, shown: _Shown) -> list[str]:
    if wanted is None or shown.carried is None:
        return []
    line = _("Đưa về bản đồ hành chính ngày %(day)s") % {"day": f"{wanted.day:%d/%m/%Y}"}
    return [line, assumption_words(wanted)]


def _definition(found: Indicator) -> dict[str, Any]:
    formula = catalogue.formulas()[found.formula]
    return {
        "numerator": known_variable(found.numerator),
        "denominator": known_variable(found.denominator) if found.denominator else None,
        "formula": formula,
        "basis": [basis_words(basis) for basis in found.basis],
    }


@require_safe
def parts(request: HttpRequest, code: str) -> HttpResponse:
    """Show the values behind a figure, with the submission and who approved each."""
    user = person_of(request)
    found, area = asked_indicator(code), asked_area(request, user)
    period = asked_period(request, [])
    if not period:
        raise Http404
    shown = parts_of(user, found, area, period)
    rows = [
        (
            part,
            write_figure(variable, part.value.value)
            if (variable := known_variable(part.value.variable))
            else "",
        )
        for part in shown
    ]
    roles = [variable for variable in (found.numerator, found.denominator) if variable]
    context = {
        "title": _("Số liệu gốc: %(name)s") % {"name": found.name_vi},
        "area": area,
        "period_name": parse_period(period).name_vi,
        "rows": rows,
        "counting": kinds_that_count(area, period, roles),
        "beside": differing(part.value for part in shown),
        "order": preference_words(found.numerator),
        "breadcrumbs": [
            (_("Chỉ tiêu"), figure_address("figures", area, period)),
            (found.code, figure_address("indicator", area, period, found.code)),
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
            "submission__area", "submission__organisation", "supersedes", "table_import", "speed_run__campaign",
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
        "beside": beside(user, found),
        "order": preference_words(found.variable),
        "tolerance": rule_words("tolerance"),
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
