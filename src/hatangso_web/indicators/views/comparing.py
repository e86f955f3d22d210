"""Comparisons on one address each: of areas in a period, of periods in an area; on any day's map, as a table too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.errors import InputError
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.indicators.charts import draw_bar
from hatangso_web.indicators.downloads import about_lines
from hatangso_web.indicators.drawing import MapWords, map_of
from hatangso_web.indicators.models import Figure
from hatangso_web.indicators.queries.breaks import breaks_between, inner_changes
from hatangso_web.indicators.queries.comparing import (
    AreaRow,
    PeriodRow,
    area_rows,
    figures_over,
    indicators_with_figures,
)
from hatangso_web.indicators.queries.figures import children_by_indicator, periods_of
from hatangso_web.indicators.queries.judging import end_of
from hatangso_web.indicators.queries.runs import run_of
from hatangso_web.indicators.restating import ASSUMPTIONS, Wanted, assumption_words, restated
from hatangso_web.indicators.views.asking import (
    asked_area,
    asked_download,
    asked_indicators,
    asked_period,
    figure_address,
    period_of,
    person_of,
    refused_words,
    require_view,
    table_answer,
    wanted_map,
)
from hatangso_web.screen.workbooks import Sheet

_MOST_INDICATORS = 6
_MOST_PERIODS = 8
Figures = Mapping[str, Sequence[Figure]]


@require_safe
def compare_areas(request: HttpRequest) -> HttpResponse:
    """Show the areas right below one beside one another for chosen indicators, ranked."""
    user = person_of(request)
    require_view(user)
    area = asked_area(request, user)
    periods = periods_of(area)
    period = asked_period(request, periods)
    offered = indicators_with_figures(area, [period]) if period else []
    indicators = (asked_indicators(request) or offered[:3])[:_MOST_INDICATORS]
    wanted = wanted_map(request)
    figures = _below(request, area, period, indicators, wanted)
    chosen = request.GET.getlist("chon")
    sort_by = request.GET.get("sap-xep") or (indicators[0].code if indicators else "")
    rows = area_rows(indicators, figures, sort_by=sort_by, chosen=chosen)
    everyone = {each.area.code: each.area.name for found in figures.values() for each in found}
    about = _about(area, period, wanted)
    if kind := asked_download(request, user, area):
        return table_answer([_area_sheet(indicators, rows, about)], kind, f"so-sanh-{area.code}-{period}")
    words = MapWords(
        f"{area.name}, {parse_period(period).name_vi}" if period else "",
        wanted.day if wanted else end_of(period) if period else timezone.localdate(),
    )
    shown_on_map = next((each for each in indicators if each.code == sort_by), None)
    context = {
        **_frame(request, area, period, wanted),
        "title": _("So sánh địa bàn: %(area)s") % {"area": area.name},
        "periods": [(code, parse_period(code).name_vi) for code in periods],
        "offered": offered,
        "indicators": indicators,
        "codes": [each.code for each in indicators],
        "rows": [(row, [(cell, _bar(cell.figure, figures.get(each.code, ()))) for each, cell in zip(indicators, row.cells, strict=True)]) for row in rows],
        "everyone": sorted(everyone.items(), key=lambda item: item[1]),
        "chosen": chosen,
        "sort_by": sort_by,
        "map": mark_safe(map_of(shown_on_map, area, [each for each in figures.get(sort_by, ()) if not chosen or each.area.code in chosen], words)) if shown_on_map else "",
        "about": about,
        "may_export": can(user, Permission.EXPORT, area),
    }  # fmt: skip
    return render(request, "indicators/compare_areas.html", context)


@require_safe
def compare_periods(request: HttpRequest) -> HttpResponse:
    """Show an area in two or more periods: change in points, its parts, where the map changed in between."""
    user = person_of(request)
    require_view(user)
    area = asked_area(request, user)
    known = periods_of(area)
    periods = _asked_periods(request, known)
    offered = indicators_with_figures(area, periods)
    chosen = asked_indicators(request)
    wanted = wanted_map(request)
    breaks = {} if wanted else breaks_between(area, periods)
    rows = _period_rows(request, area, periods, (chosen or offered, wanted, not breaks))
    below = _rows_below(request, area, periods, (chosen[0], wanted)) if len(chosen) == 1 else []
    about = _about(area, "", wanted)
    if kind := asked_download(request, user, area):
        sheets = [_period_sheet(_("So sánh các kỳ"), rows, periods, about)]
        sheets += [_period_sheet(_("Theo địa bàn"), below, periods, about)] if below else []
        return table_answer(sheets, kind, f"so-sanh-ky-{area.code}")
    context = {
        **_frame(request, area, periods[-1] if periods else "", wanted),
        "title": _("So sánh các kỳ: %(area)s") % {"area": area.name},
        "periods": [(code, parse_period(code).name_vi, breaks.get(code, "")) for code in periods],
        "known": [(code, parse_period(code).name_vi) for code in known],
        "chosen_periods": periods,
        "offered": offered,
        "codes": [each.code for each in chosen],
        "tables": [(area.name, rows), *([(chosen[0].name_vi, below)] if below else [])],
        "inner": inner_changes(area, periods[0], periods[-1]) if len(periods) > 1 and not wanted else [],
        "last_day": end_of(periods[-1]) if periods else None,
        "about": about,
        "may_export": can(user, Permission.EXPORT, area),
    }
    return render(request, "indicators/compare_periods.html", context)


def _frame(request: HttpRequest, area: Area, period: str, wanted: Wanted | None) -> dict[str, Any]:
    return {
        "area": area,
        "period": period,
        "period_name": parse_period(period).name_vi if period else "",
        "wanted": wanted,
        "assumptions": [(key, str(words)) for key, words in ASSUMPTIONS.items()],
        "query": request.GET.urlencode(),
        "breadcrumbs": [(_("Chỉ tiêu"), figure_address("figures", area, period)), (_("So sánh"), "")],
    }


def _about(area: Area, period: str, wanted: Wanted | None) -> list[str]:
    more = []
    if wanted:
        more.append(_("Đưa về bản đồ hành chính ngày %(day)s") % {"day": f"{wanted.day:%d/%m/%Y}"})
        more.append(assumption_words(wanted))
    return about_lines(area, period, run=run_of(area, period) if period else None, more=more)


def _below(
    request: HttpRequest, area: Area, period: str, indicators: Sequence[Indicator], wanted: Wanted | None
) -> Figures:
    if not period or not indicators:
        return {}
    if wanted:
        try:
            return {
                each.code: restated(each, area, [period], wanted=wanted).below[period] for each in indicators
            }
        except InputError:
            messages.warning(request, refused_words(area, wanted))
    found = children_by_indicator([each.code for each in indicators], area, [period])
    return {each.code: found.get((each.code, period), []) for each in indicators}


def _asked_periods(request: HttpRequest, known: Sequence[str]) -> list[str]:
    asked = [period_of(text) for text in request.GET.getlist("ky") if text]
    chosen = list(dict.fromkeys(asked)) or list(known[:4])
    return sorted(chosen, key=end_of)[-_MOST_PERIODS:]


def _period_rows(
    request: HttpRequest,
    area: Area,
    periods: Sequence[str],
    asked: tuple[Sequence[Indicator], Wanted | None, bool],
) -> list[PeriodRow]:
    indicators, wanted, comparable = asked
    if not periods:
        return []
    found = figures_over(area, periods)
    if wanted:
        try:
            found = {
                (each.code, figure.period): figure
                for each in indicators
                for figure in restated(each, area, periods, wanted=wanted).own
            }
        except InputError:
            messages.warning(request, refused_words(area, wanted))
    return [
        PeriodRow(each.name_vi, each.code, each.unit, tuple(found.get((each.code, period)) for period in periods), comparable)
        for each in indicators
    ]  # fmt: skip


def _rows_below(
    request: HttpRequest, area: Area, periods: Sequence[str], asked: tuple[Indicator, Wanted | None]
) -> list[PeriodRow]:
    """The areas right below over the periods; an area that is not on the map of every period has a hole, not a change."""
    indicator, wanted = asked
    found: dict[str, Sequence[Figure]]
    if wanted:
        try:
            found = dict(restated(indicator, area, periods, wanted=wanted).below)
        except InputError:
            return []
    else:
        stored = children_by_indicator([indicator.code], area, periods)
        found = {period: stored.get((indicator.code, period), []) for period in periods}
    areas = {each.area.code: each.area for rows in found.values() for each in rows}
    by_area = {(each.area.code, period): each for period, rows in found.items() for each in rows}
    return [
        PeriodRow(each.name, each.code, indicator.unit, tuple(by_area.get((each.code, period)) for period in periods))
        for each in sorted(areas.values(), key=lambda each: each.name_order)
    ]  # fmt: skip


def _bar(figure: Figure | None, among: Sequence[Figure]) -> str:
    most = max((each.value for each in among if each.value is not None), default=0.0)
    return mark_safe(draw_bar(figure.value if figure else None, most=most))  # numbers only


def _area_sheet(indicators: Sequence[Indicator], rows: Sequence[AreaRow], about: Sequence[str]) -> Sheet:
    columns: list[tuple[str, float]] = [(_("Mã địa bàn"), 12), (_("Địa bàn"), 30)]
    for each in indicators:
        columns += [(f"{each.code} {each.name_vi} ({each.unit})", 18), (_("Hạng"), 8), (_("Tử số"), 11), (_("Mẫu số"), 11), (_("Đã báo cáo"), 10), (_("Phải báo cáo"), 10)]  # fmt: skip
    table = []
    for row in rows:
        cells: list[Any] = [row.area.code, row.area.name]
        for cell in row.cells:
            figure = cell.figure
            if figure is None:
                cells += [None, _("chưa đủ dữ liệu"), None, None, None, None]
            else:
                cells += [figure.value, cell.rank.place or _("chưa đủ dữ liệu"), figure.numerator, figure.denominator, figure.reported, figure.expected]  # fmt: skip
        table.append(cells)
    return Sheet(_("So sánh địa bàn"), columns, table, about)


def _period_sheet(
    title: str, rows: Sequence[PeriodRow], periods: Sequence[str], about: Sequence[str]
) -> Sheet:
    columns: list[tuple[str, float]] = [(_("Mã"), 12), (_("Tên"), 40), (_("Đơn vị tính"), 12)]
    for period in periods:
        name = parse_period(period).name_vi
        columns += [(name, 14), (f"{_('Tử số')} {name}", 14), (f"{_('Mẫu số')} {name}", 14)]
    columns += [
        (_("Thay đổi"), 12),
        (_("Tử số thay đổi"), 12),
        (_("Mẫu số thay đổi"), 12),
        (_("Ghi chú"), 30),
    ]
    table = []
    for row in rows:
        cells: list[Any] = [row.code, row.name, row.unit]
        for figure in row.figures:
            cells += [figure.value, figure.numerator, figure.denominator] if figure else [None, None, None]
        note = "" if row.comparable else _("địa giới đổi, không so thẳng được")
        table.append([*cells, row.change, row.numerator_change, row.denominator_change, note])
    return Sheet(title, columns, table, about)
