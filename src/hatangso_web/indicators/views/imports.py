"""Tables that come in: the list with a form to hand one over, choosing columns, the dry run, confirming, approving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import HatangsoError
from hatangso.indicators.checks import known_variable
from hatangso.indicators.table_kinds import table_kind, table_kinds
from hatangso.indicators.value_kinds import rule_words
from hatangso.periods import parse_period
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.queries import audit_about
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.actions.imports import (
    approve_table,
    choose_columns,
    confirm_table,
    discard_table,
    hand_over,
    refuse_table,
    withdraw_table,
)
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.import_forms import ColumnsForm, ConfirmForm, TableForm
from hatangso_web.indicators.importing import Tried, try_table
from hatangso_web.indicators.models import ImportState, TableImport
from hatangso_web.indicators.queries.imports import imports_visible_to, listed_imports
from hatangso_web.indicators.sent_tables import mark_sent
from hatangso_web.indicators.views.asking import person_of, workbook_answer
from hatangso_web.screen.tables import make_listing

_SHOWN_PROBLEMS = 300
_SHOWN_FIGURES = 400


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """List the tables that came in; hand one over."""
    user = person_of(request)
    require(user, Permission.VIEW)
    entering = can(user, Permission.ENTER_FIGURES)
    form = TableForm(request.POST or None, request.FILES or None, user=user) if entering else None
    if request.method == "POST":
        require(user, Permission.ENTER_FIGURES)
        if form is not None and form.is_valid():
            try:
                handed = hand_over(form.table(), form.upload, by=user)
            except HatangsoError as fault:
                form.add_error("file", str(fault))
            else:
                if handed.known:
                    messages.info(
                        request, _("Tệp này đã được nạp cho kỳ ấy; hệ thống mở lại, không nạp lần nữa.")
                    )
                return redirect("indicators:import", pk=handed.table.pk)
    listing = make_listing(
        request, listed_imports(user), columns={"luc": ["uploaded_at"], "ten": ["filename"]}, default="-luc"
    )
    context = {
        "title": _("Nạp bảng số liệu"),
        "form": form,
        "listing": listing,
        "period_names": {row.period: parse_period(row.period).name_vi for row in listing.page},
        "kinds": table_kinds(),
        "kind_names": {kind.code: kind.name_vi for kind in table_kinds()},
        "breadcrumbs": [(_("Thu thập số liệu"), reverse("indicators:rounds")), (_("Nạp bảng số liệu"), "")],
    }
    return render(request, "indicators/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column is what."""
    user = person_of(request)
    found = _table(user, pk)
    require(user, Permission.ENTER_FIGURES, area=found.area)
    if not found.is_open:
        return redirect("indicators:import", pk=pk)
    kind = table_kind(found.table_kind)
    form = ColumnsForm(request.POST or None, table=found, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            choose_columns(found, mapping=form.mapping, by=user)
        except HatangsoError as fault:
            form.add_error(None, str(fault))
        else:
            return redirect("indicators:import", pk=pk)
    context = {
        "title": _("Ghép cột của bảng"),
        "table": found,
        "kind": kind,
        "form": form,
        "breadcrumbs": _crumbs(found),
    }
    return render(request, "indicators/import_columns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a table: its dry run, or what became of it; confirm, approve, refuse, take back, drop."""
    user = person_of(request)
    found = _table(user, pk)
    form = ConfirmForm(request.POST if request.POST.get("viec") == "xac-nhan" else None)
    if request.method == "POST" and (answer := _act(request, found, user, form)) is not None:
        return answer
    if found.state == ImportState.MAPPING and can(user, Permission.ENTER_FIGURES, found.area):
        return redirect("indicators:import_columns", pk=pk)
    tried, fault = _tried(found, user)
    approving = can(user, Permission.APPROVE_FIGURES, found.area) and found.confirmed_by_id != user.pk
    figures = found.figures.select_related("area", "operator", "submission__round")
    kind = table_kind(found.table_kind)
    context = {
        "title": found.filename,
        "table": found,
        "kind": kind,
        "period_name": parse_period(found.period).name_vi,
        "tried": tried,
        "fault": fault,
        "form": form,
        "problems": tried.problems[:_SHOWN_PROBLEMS] if tried else (),
        "tried_figures": tried.figures[:_SHOWN_FIGURES] if tried else (),
        "clashes": sum(each.clashes for each in tried.figures) if tried else 0,
        "figures": figures[:_SHOWN_FIGURES] if not found.is_open else (),
        "total": figures.count() if not found.is_open else 0,
        "variables": _names(kind.code),
        "entering": can(user, Permission.ENTER_FIGURES, found.area),
        "rule": rule_words(f"confidence.{found.value_kind}"),
        "may_decide": found.state == ImportState.WAITING and approving,
        "may_withdraw": found.state == ImportState.DONE and approving and found.values.exists(),
        "events": audit_about("indicators.tableimport", found.pk)[:20],
        "breadcrumbs": _crumbs(found),
    }
    return render(request, "indicators/import.html", context)


@require_safe
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the file back with every problem as a coloured cell and a comment."""
    user = person_of(request)
    found = _table(user, pk)
    require(user, Permission.ENTER_FIGURES, area=found.area)
    tried, fault = _tried(found, user)
    if tried is None:
        messages.error(request, fault or _("Bảng này không còn đọc thử được."))
        return redirect("indicators:import", pk=pk)
    with found.file.open("rb") as stream:
        content = mark_sent(stream.read(), found.filename, tried.sent, tried.problems)
    record(Event.DOWNLOADED, about=found, by=user)
    return workbook_answer(content, "bang-da-danh-dau.xlsx")


def _act(request: HttpRequest, found: TableImport, user: User, form: ConfirmForm) -> HttpResponse | None:
    note = request.POST.get("ly-do", "")
    deeds: dict[str, tuple[Callable[[], Any], str]] = {
        "duyet": (
            lambda: approve_table(found, by=user, note=note),
            _("Đã duyệt; số liệu được đưa vào tính chỉ tiêu."),
        ),
        "khong-duyet": (lambda: refuse_table(found, by=user, note=note), _("Đã ghi: không duyệt bảng này.")),
        "rut": (lambda: withdraw_table(found, by=user, note=note), _("Đã rút số liệu của bảng.")),
        "bo": (lambda: discard_table(found, by=user), _("Đã bỏ bảng này.")),
    }
    if request.POST.get("viec") == "xac-nhan":
        if not form.is_valid():
            return None
        deeds["xac-nhan"] = (
            lambda: confirm_table(found, said=form.confirmation(), by=user),
            _("Đã ghi nhận bảng."),
        )
    deed, done = deeds.get(request.POST.get("viec", ""), (None, ""))
    if deed is None:
        return redirect("indicators:import", pk=found.pk)
    try:
        deed()
    except HatangsoError as fault:
        if form.is_bound:
            form.add_error(None, str(fault))
            return None
        messages.error(request, str(fault))
    else:
        messages.success(request, done)
    if request.POST["viec"] == "bo":
        return redirect("indicators:imports")
    return redirect("indicators:import", pk=found.pk)


def _tried(found: TableImport, user: User) -> tuple[Tried | None, str]:
    """The dry run of a table that is not confirmed, or the sentence why there is none."""
    if found.state != ImportState.CHECKED or not can(user, Permission.ENTER_FIGURES, found.area):
        return None, ""
    try:
        return try_table(found, by=user), ""
    except HatangsoError as fault:
        return None, str(fault)


def _names(kind: str) -> dict[str, str]:
    from_kind = {figure.variable for figure in table_kind(kind).figures}
    return {code: variable.name_vi for code in from_kind if (variable := known_variable(code))}


def _table(user: User, pk: int) -> TableImport:
    return get_object_or_404(imports_visible_to(user), pk=pk)


def _crumbs(found: TableImport) -> list[tuple[str, str]]:
    return [
        (_("Thu thập số liệu"), reverse("indicators:rounds")),
        (_("Nạp bảng số liệu"), reverse("indicators:imports")),
        (found.filename, reverse("indicators:import", args=[found.pk])),
    ]
