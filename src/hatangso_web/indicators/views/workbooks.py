"""Handing workbooks out, trying and taking in those that come back."""

from __future__ import annotations

import base64
import binascii

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import HatangsoError
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.actions.workbooks import take_in_workbook, try_workbook
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.forms import MOST_WORKBOOK_BYTES, WorkbookForm
from hatangso_web.indicators.queries.sheets import sheet_of
from hatangso_web.indicators.queries.visible import may_enter, submissions_visible_to
from hatangso_web.indicators.spreadsheets import mark_workbook
from hatangso_web.indicators.views.asking import person_of, round_of, submission_of, workbook_answer
from hatangso_web.indicators.workbooks import write_round_workbook

_KEPT = "hatangso.indicators.tried"


@require_safe
def unit_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the workbook of one unit."""
    user = person_of(request)
    found = submission_of(user, pk)
    if not may_enter(user, found) and not can(user, Permission.EXPORT, found.area):
        raise PermissionDenied(_("Tài khoản của bạn không tải số liệu của đơn vị này."))
    record(Event.DOWNLOADED, about=found, by=user)
    return workbook_answer(write_round_workbook(found.round, [sheet_of(found)]), f"so-lieu-{found.pk}.xlsx")


@require_safe
def round_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out one workbook with every unit of the round that the person may see."""
    user = person_of(request)
    found = round_of(user, pk)
    units = list(submissions_visible_to(user).filter(round=found))
    if not can(user, Permission.EXPORT, found.area) and not all(may_enter(user, unit) for unit in units):
        raise PermissionDenied(_("Tài khoản của bạn không tải số liệu của đơn vị này."))
    record(Event.DOWNLOADED, about=found, by=user)
    return workbook_answer(
        write_round_workbook(found, [sheet_of(unit) for unit in units]), f"dot-{found.pk}.xlsx"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def return_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a returned workbook, show what it would change and what is wrong; then take it in or hand it back marked."""
    user = person_of(request)
    found = round_of(user, pk)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    context = {
        "title": _("Nạp sổ Excel"),
        "round": found,
        "form": form,
        "breadcrumbs": [
            (_("Thu thập số liệu"), reverse("indicators:rounds")),
            (found.name, reverse("indicators:round", args=[found.pk])),
            (_("Nạp sổ Excel"), ""),
        ],
    }
    if request.method != "POST":
        return render(request, "indicators/return_workbook.html", context)
    kept = _kept(request)
    if kept is None and not form.is_valid():
        return render(request, "indicators/return_workbook.html", context)
    name, content = kept or (str(form.cleaned_data["file"].name), form.cleaned_data["file"].read())
    try:
        if kept and "nhan" in request.POST:
            run = take_in_workbook(round_=found, content=content, filename=name, by=user)
            messages.success(request, _("Đã lưu %(count)s ô thay đổi.") % {"count": run.changes})
            return redirect("indicators:round", pk=pk)
        run = try_workbook(round_=found, content=content, by=user)
    except HatangsoError as fault:
        form.add_error(None, str(fault)) if form.is_bound else messages.error(request, str(fault))
        return render(request, "indicators/return_workbook.html", context)
    if kept and "danh-dau" in request.POST:
        return workbook_answer(mark_workbook(content, run.problems), "so-da-danh-dau.xlsx")
    context |= {
        "run": run,
        "name": name,
        "kept": signing.dumps([name, base64.b64encode(content).decode()], salt=_KEPT, compress=False),
        "problems": sorted(run.problems.items()),
    }
    return render(request, "indicators/return_workbook.html", context)


def _kept(request: HttpRequest) -> tuple[str, bytes] | None:
    """The workbook that was tried a moment ago, signed into the page: what is taken in is what was shown."""
    if not (text := request.POST.get("tep-da-thu", "")):
        return None
    try:
        name, coded = signing.loads(text, salt=_KEPT, max_age=3600)
        content = base64.b64decode(coded)
    except (signing.BadSignature, binascii.Error, ValueError):
        return None
    return (str(name), content) if len(content) <= MOST_WORKBOOK_BYTES else None
