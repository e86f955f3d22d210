"""What the views of figures share: who asks, for which area, period, indicator and map; files handed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.lawentries import Indicator
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_visible_to, can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models import Round, Submission
from hatangso_web.indicators.queries.visible import rounds_visible_to, submissions_visible_to
from hatangso_web.indicators.restating import ASSUMPTIONS, Wanted
from hatangso_web.screen.csvfiles import write_csv
from hatangso_web.screen.workbooks import Sheet, write_workbook

DOWNLOADS = ("xlsx", "csv")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def person_of(request: HttpRequest) -> User:
    """Return the person who asks; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def round_of(user: User, pk: int) -> Round:
    """Return a round the person may see, or 404."""
    return get_object_or_404(rounds_visible_to(user).select_related("area"), pk=pk)


def submission_of(user: User, pk: int) -> Submission:
    """Return a submission the person may see, or 404."""
    return get_object_or_404(submissions_visible_to(user), pk=pk)


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """Hand out a workbook."""
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def require_view(user: User) -> None:
    """Refuse, with a sentence, a person who was given no area to look at."""
    if not can(user, Permission.VIEW):
        raise PermissionDenied(_("Tài khoản của bạn chưa được giao địa bàn nào để xem số liệu."))


def asked_area(request: HttpRequest, user: User) -> Area:
    """Return the area asked for by code, or the topmost the person may see."""
    seen = areas_visible_to(user)
    if code := request.GET.get("dia-ban", ""):
        return get_object_or_404(seen, code=code)
    top = seen.order_by("path").first()
    if top is None:
        raise Http404
    return top


def asked_indicator(code: str) -> Indicator:
    """Return an indicator of the catalogue, or 404."""
    try:
        return catalogue.indicator(code)
    except InputError as fault:
        raise Http404(str(fault)) from fault


def asked_indicators(request: HttpRequest) -> list[Indicator]:
    """Return the indicators asked for (``chi-tieu``, as often as one likes), each once, in the order asked."""
    codes = dict.fromkeys(code for code in request.GET.getlist("chi-tieu") if code)
    return [asked_indicator(code) for code in codes]


def asked_period(request: HttpRequest, periods: Sequence[str]) -> str:
    """Return the period asked for, or the first of ``periods``; empty where there is none."""
    asked = request.GET.get("ky", "")
    return period_of(asked) if asked else (periods[0] if periods else "")


def period_of(text: str) -> str:
    """Return the code of a period as written in an address, or 404."""
    try:
        return parse_period(text).code
    except InputError as fault:
        raise Http404(str(fault)) from fault


def asked_day(request: HttpRequest, name: str = "ban-do") -> date | None:
    """Return the day asked for; None where none is; 404 for what is no day."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Http404(_("Ngày phải viết dạng 2026-06-30.")) from fault


def wanted_map(request: HttpRequest) -> Wanted | None:
    """Return the map asked for, None for each period's own."""
    day = asked_day(request)
    assume = request.GET.get("gia-dinh", "")
    return Wanted(day, assume if assume in ASSUMPTIONS else "") if day else None


def refused_words(area: Area, wanted: Wanted) -> str:
    """Say that an area is not on the wanted map, and what is shown instead."""
    return _(
        "%(area)s không có trên bản đồ ngày %(day)s nên vẫn hiện theo bản đồ của từng kỳ; trang địa bàn cho biết đơn vị trước và sau."
    ) % {"area": area.name, "day": f"{wanted.day:%d/%m/%Y}"}


def asked_download(request: HttpRequest, user: User, area: Area) -> str:
    """Return ``xlsx`` or ``csv`` where a table is asked for and the person may take figures away, else nothing."""
    wanted = request.GET.get("tai", "")
    if wanted not in DOWNLOADS:
        return ""
    require(user, Permission.EXPORT, area=area)
    return wanted


def table_answer(sheets: Sequence[Sheet], kind: str, name: str) -> HttpResponse:
    """Hand out sheets as a workbook or as CSV."""
    if kind == "csv":
        response = HttpResponse(write_csv(sheets), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    return workbook_answer(write_workbook(sheets), f"{name}.xlsx")


def figure_address(name: str, area: Area, period: str, code: str = "") -> str:
    """Return the address of a page of figures for an area and a period."""
    address = reverse(f"indicators:{name}", args=[code] if code else [])
    return f"{address}?dia-ban={area.code}&ky={period}"
