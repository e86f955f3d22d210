"""Files of samples: handing in, naming columns, the result of the dry run, commit or drop."""

from __future__ import annotations

import polars as pl
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import InputError
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.measurements import downloads
from hatangso_web.measurements.actions import (
    choose_columns,
    commit,
    discard,
    gather_own_tests,
    hand_in,
    withdraw,
)
from hatangso_web.measurements.audit import Event
from hatangso_web.measurements.downloads import XLSX
from hatangso_web.measurements.forms import ColumnsForm, FileForm
from hatangso_web.measurements.models import FileKind, FileState, SampleFile
from hatangso_web.measurements.queries import files_visible_to
from hatangso_web.measurements.storage import rejected_path
from hatangso_web.measurements.views.campaigns import campaign_of, crumbs, person_of

_BUSY = {FileState.WAITING, FileState.CHECKING, FileState.QUEUED, FileState.COMMITTING}


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in a file for a campaign."""
    user = person_of(request)
    campaign = campaign_of(request, pk)
    require(user, Permission.MEASURE_SPEED, area=campaign.area)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            handed = hand_in(campaign, form.cleaned_data["file"], by=user)
        except InputError as fault:
            form.add_error("file", str(fault))
        else:
            if handed.known:
                messages.info(request, _("Tệp này đã có trong đợt đo; hệ thống mở lại, không nhập lần nữa."))
            return redirect("measurements:file", pk=handed.file.pk)
    context = {
        "title": _("Nhập số đo"),
        "form": form,
        "campaign": campaign,
        "limit_mb": settings.SPEED_FILE_LIMIT_BYTES // 1024 // 1024,
        "breadcrumbs": crumbs((campaign.name, reverse("measurements:campaign", args=[pk])), (_("Nhập số đo"), "")),
    }  # fmt: skip
    return render(request, "measurements/hand_in.html", context)


@require_POST
def gather(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring in the tests made with this site's own page."""
    campaign = campaign_of(request, pk)
    try:
        handed = gather_own_tests(campaign, by=person_of(request))
    except InputError as fault:
        messages.error(request, str(fault))
        return redirect("measurements:campaign", pk=pk)
    return redirect("measurements:file", pk=handed.file.pk)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a file stands; a page that waits loads itself again."""
    found = _file(request, pk)
    if found.state == FileState.MAPPING:
        return redirect("measurements:columns", pk=pk)
    context = {
        "title": found.filename,
        "file": found,
        "busy": found.state in _BUSY,
        "tiles": found.kind == FileKind.TILES,
        "checked": found.state == FileState.CHECKED,
        "done": found.state == FileState.COMMITTED,
        "failed": found.state == FileState.FAILED,
        "withdrawn": found.state == FileState.WITHDRAWN,
        "closed": found.campaign.closed_at is not None,
        "may_export": can(person_of(request), Permission.EXPORT, found.campaign.area),
        "may_commit": _may_commit(found),
        "breadcrumbs": _crumbs(found),
    }
    return render(request, "measurements/file.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column is what."""
    found = _file(request, pk)
    if found.kind == FileKind.TILES or not found.headers or found.state in {*_BUSY, FileState.COMMITTED, FileState.WITHDRAWN}:  # fmt: skip
        return redirect("measurements:file", pk=pk)
    form = ColumnsForm(request.POST or None, file=found)
    if request.method == "POST" and form.is_valid():
        choose_columns(found, mapping=form.mapping, unit=form.cleaned_data["unit"], by=person_of(request))
        return redirect("measurements:file", pk=pk)
    context = {"title": _("Ghép cột của tệp"), "form": form, "file": found, "breadcrumbs": _crumbs(found)}
    return render(request, "measurements/columns.html", context)


@require_POST
def commit_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a checked file into its campaign."""
    try:
        commit(_file(request, pk), by=person_of(request))
    except InputError as fault:
        messages.error(request, str(fault))
    return redirect("measurements:file", pk=pk)


@require_POST
def discard_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a file that is not in its campaign yet."""
    found = _file(request, pk)
    campaign = found.campaign_id
    if not discard(found, by=person_of(request)):
        messages.error(request, _("Tệp đã nhập hoặc đang được xử lý nên không bỏ được."))
        return redirect("measurements:file", pk=pk)
    return redirect("measurements:campaign", pk=campaign)


@require_POST
def withdraw_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a committed file out of its campaign, with a reason; nothing is thrown away."""
    found = _file(request, pk)
    try:
        if withdraw(found, reason=request.POST.get("ly-do", ""), by=person_of(request)):
            messages.success(request, _("Đã rút tệp; kết quả của đợt đang được tính lại."))
    except InputError as fault:
        messages.error(request, str(fault))
    return redirect("measurements:file", pk=pk)


@require_safe
def rejected(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the rejected samples with their reasons."""
    found = _file(request, pk)
    user = person_of(request)
    require(user, Permission.EXPORT, area=found.campaign.area)
    path = rejected_path(found)
    if not found.stored_as or not path.exists():
        raise Http404
    record(Event.DOWNLOADED, about=found, by=user, details={"list": "rejected"})
    rows = pl.read_parquet(path)
    if rows.height > downloads.MOST_ROWS:
        return HttpResponse(
            downloads.rejected_csv(rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="bi-loai.csv"'},
        )
    book = downloads.rejected_workbook(found, rows)
    return HttpResponse(book, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="bi-loai.xlsx"'})  # fmt: skip


def _may_commit(file: SampleFile) -> bool:
    """Whether the file has something to put into its campaign, and the campaign takes it."""
    waits = file.state in {FileState.CHECKED, FileState.WITHDRAWN}
    return waits and file.campaign.closed_at is None and bool(file.report.get("kept"))


def _file(request: HttpRequest, pk: int) -> SampleFile:
    user = person_of(request)
    require(user, Permission.MEASURE_SPEED)
    return get_object_or_404(files_visible_to(user), pk=pk)


def _crumbs(file: SampleFile) -> list[tuple[str, str]]:
    return crumbs(
        (file.campaign.name, reverse("measurements:campaign", args=[file.campaign_id])), (file.filename, "")
    )
