"""Changes of areas as administrators enter them: list, form, effect, confirm, withdraw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import HatangsoError
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.queries import audit_about
from hatangso_web.accounts.roles import Permission
from hatangso_web.gazetteer.actions import confirm_revision, enter_revision, withdraw_revision
from hatangso_web.gazetteer.forms import FlowFormSet, RevisionForm, entry_of, initial_of
from hatangso_web.gazetteer.models import Revision, RevisionState
from hatangso_web.gazetteer.revising import SAMPLE, effect_of
from hatangso_web.gazetteer.views.browse import person_of
from hatangso_web.screen.tables import make_listing

_COLUMNS = {"ngay": ["on"], "van-ban": ["legal_act"], "tinh-trang": ["state", "on"]}
_MORE = "them-dong"


@require_safe
def revisions(request: HttpRequest) -> HttpResponse:
    """List the changes entered here."""
    require(person_of(request), Permission.MANAGE_AREAS)
    rows = Revision.objects.select_related("entered_by")
    context = {
        "title": _("Thay đổi đơn vị hành chính"),
        "breadcrumbs": [(_("Địa bàn"), reverse("gazetteer:areas")), (_("Thay đổi đơn vị hành chính"), "")],
        "listing": make_listing(request, rows, columns=_COLUMNS, default="-ngay"),
        "today": timezone.localdate(),
    }
    return render(request, "gazetteer/revisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revision_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter a change, or mend a draft."""
    user = person_of(request)
    require(user, Permission.MANAGE_AREAS)
    draft = get_object_or_404(Revision, pk=pk, state=RevisionState.DRAFT) if pk is not None else None
    form, lines = _forms(request, draft)
    asked = request.method == "POST" and _MORE not in request.POST
    if asked and form.is_valid() and lines.is_valid():
        try:
            row = enter_revision(entry_of(form, lines), by=user, revision=draft)
        except HatangsoError as fault:
            form.add_error(None, [line for line in str(fault).splitlines() if line.strip()])
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            return redirect("gazetteer:revision", pk=row.pk)
    title = _("Sửa bản nháp") if draft else _("Nhập thay đổi đơn vị hành chính")
    context = {"title": title, "breadcrumbs": _crumbs(title), "form": form, "lines": lines, "more": _MORE}
    return render(request, "gazetteer/revision_form.html", context)


@require_safe
def revision(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a change and, before it is confirmed, everything it would do."""
    require(person_of(request), Permission.MANAGE_AREAS)
    row = get_object_or_404(Revision.objects.select_related("entered_by", "decided_by"), pk=pk)
    effect, fault = None, ""
    if row.state == RevisionState.DRAFT:
        try:
            effect = effect_of(row)
        except HatangsoError as found:
            fault = str(found)
    context = {
        "title": str(row),
        "breadcrumbs": _crumbs(row.legal_act),
        "row": row,
        "effect": effect,
        "fault": fault,
        "sample": SAMPLE,
        "today": timezone.localdate(),
        "in_force": row.on <= timezone.localdate(),
        "events": audit_about("gazetteer.revision", row.pk)[:20],
    }
    return render(request, "gazetteer/revision.html", context)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a draft."""
    return _decide(
        request, pk, confirm_revision, _("Đã xác nhận; thay đổi có tác dụng từ ngày ghi trong văn bản.")
    )


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a draft, or a change that is not yet in force."""
    return _decide(request, pk, withdraw_revision, _("Đã rút; danh mục địa bàn trở lại như trước khi nhập."))


def _decide(request: HttpRequest, pk: int, action: Any, done: str) -> HttpResponse:
    user = person_of(request)
    require(user, Permission.MANAGE_AREAS)
    row = get_object_or_404(Revision, pk=pk)
    try:
        action(revision=row, by=user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    except HatangsoError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, done)
    return redirect("gazetteer:revision", pk=pk)


def _forms(request: HttpRequest, draft: Revision | None) -> tuple[RevisionForm, Any]:
    if request.method == "POST":
        sent = request.POST.copy()
        if _MORE in sent:
            total = sent.get("form-TOTAL_FORMS", "")
            sent["form-TOTAL_FORMS"] = str(min(int(total) + 3 if total.isdecimal() else 3, 300))
            # Only more lines were asked for: what stands in the form is shown again, nothing is checked.
            form = RevisionForm(initial={name: sent.get(name, "") for name in RevisionForm.base_fields})
            return form, FlowFormSet(initial=_lines_of(sent))
        return RevisionForm(sent), FlowFormSet(sent)
    whole, lines = initial_of(draft) if draft else ({}, [])
    return RevisionForm(initial=whole), FlowFormSet(initial=lines)


def _lines_of(sent: Any) -> list[dict[str, str]]:
    count = int(sent["form-TOTAL_FORMS"]) - 3
    names = ("before", "after", "share", "unit_kind", "name", "parent")
    return [
        {name: sent.get(f"form-{number}-{name}", "") for name in names} for number in range(max(count, 0))
    ]


def _crumbs(word: str) -> list[tuple[str, str]]:
    return [
        (_("Địa bàn"), reverse("gazetteer:areas")),
        (_("Thay đổi đơn vị hành chính"), reverse("gazetteer:revisions")),
        (word, ""),
    ]
