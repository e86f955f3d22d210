"""Organisations: list, page, add, change, rename, end."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso_web.accounts.actions import end_organisation, rename_organisation, save_organisation
from hatangso_web.accounts.forms import EndForm, OrganisationForm, RenameForm
from hatangso_web.accounts.models import Organisation, OrganisationKind, User
from hatangso_web.accounts.permissions import can, can_everywhere, require
from hatangso_web.accounts.queries import audit_about, find_organisations, organisations_in_force
from hatangso_web.accounts.roles import Permission
from hatangso_web.screen.faults import add_faults
from hatangso_web.screen.tables import make_listing

_COLUMNS = {
    "ten": ["name_order"],
    "ma": ["code"],
    "loai": ["kind", "name_order"],
    "dia-ban": ["area__name_order", "name_order"],
}


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """List the organisations; former names find them too."""
    require(request.user, Permission.VIEW)
    words = request.GET.get("tim", "")
    found = find_organisations(words) if words else Organisation.objects.all()
    kind = request.GET.get("loai", "")
    if kind in OrganisationKind.values:
        found = found.filter(kind=kind)
    ended = request.GET.get("ca-da-ket-thuc") == "1"
    if not ended:
        found = found & organisations_in_force(on=timezone.localdate())
    context = {
        "title": _("Cơ quan"),
        "breadcrumbs": [(_("Cơ quan"), "")],
        "listing": make_listing(request, found.select_related("area"), columns=_COLUMNS, default="ten"),
        "kinds": OrganisationKind.choices,
        "words": words,
        "kind": kind,
        "ended": ended,
        "may_add": can(request.user, Permission.MANAGE_ORGANISATIONS),
    }
    return render(request, "accounts/organisations.html", context)


@require_safe
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an organisation: its names with their days, what it followed and what follows it."""
    require(request.user, Permission.VIEW)
    shown = get_object_or_404(Organisation.objects.select_related("area", "successor"), pk=pk)
    return _organisation_page(request, shown)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change an organisation."""
    user = _keeper(request)
    shown = get_object_or_404(Organisation, pk=pk) if pk is not None else None
    form = OrganisationForm(
        request.POST or None, instance=shown, initial={"area": shown.area if shown else None}
    )
    if request.method == "POST" and form.is_valid():
        form.instance.area = form.cleaned_data["area"]
        try:
            save_organisation(organisation=form.instance, by=user)
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            messages.success(request, _("Đã lưu %(organisation)s.") % {"organisation": form.instance})
            return redirect("accounts:organisation", pk=form.instance.pk)
    title = _("Sửa cơ quan") if shown else _("Thêm cơ quan")
    crumbs = [(_("Cơ quan"), reverse("accounts:organisations"))]
    if shown:
        crumbs.append((shown.name, reverse("accounts:organisation", args=[shown.pk])))
    context = {"title": title, "breadcrumbs": [*crumbs, (title, "")], "form": form, "shown": shown}
    return render(request, "accounts/organisation_form.html", context)


@require_POST
def organisation_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an organisation a new name from a day on."""
    user = _keeper(request)
    shown = get_object_or_404(Organisation, pk=pk)
    form = RenameForm(request.POST, prefix="rename")
    if form.is_valid():
        try:
            rename_organisation(
                organisation=shown, name=form.cleaned_data["name"], on=form.cleaned_data["on"], by=user
            )
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            messages.success(request, _("Đã đổi tên; tên cũ vẫn tìm được."))
            return redirect("accounts:organisation", pk=pk)
    return _organisation_page(request, Organisation.objects.get(pk=pk), rename_form=form)


@require_POST
def organisation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the end of an organisation and its successor."""
    user = _keeper(request)
    shown = get_object_or_404(Organisation, pk=pk)
    form = EndForm(request.POST, organisation=shown, prefix="end")
    if form.is_valid():
        try:
            end_organisation(
                organisation=shown,
                on=form.cleaned_data["on"],
                successor=form.cleaned_data["successor"],
                by=user,
            )
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            messages.success(request, _("Đã ghi ngày kết thúc hoạt động."))
            return redirect("accounts:organisation", pk=pk)
    return _organisation_page(request, Organisation.objects.get(pk=pk), end_form=form)


def _keeper(request: HttpRequest) -> User:
    require(request.user, Permission.MANAGE_ORGANISATIONS)
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _organisation_page(
    request: HttpRequest,
    shown: Organisation,
    *,
    rename_form: RenameForm | None = None,
    end_form: EndForm | None = None,
) -> HttpResponse:
    keep = Permission.MANAGE_ORGANISATIONS
    may_change = can(request.user, keep, shown.area) if shown.area else can_everywhere(request.user, keep)
    context = {
        "title": shown.name,
        "breadcrumbs": [(_("Cơ quan"), reverse("accounts:organisations")), (shown.name, "")],
        "shown": shown,
        "names": shown.names.all(),
        "predecessors": shown.predecessors.all(),
        "may_change": may_change,
        "rename_form": rename_form or RenameForm(prefix="rename"),
        "end_form": end_form or EndForm(organisation=shown, prefix="end"),
        "events": audit_about("accounts.organisation", shown.pk)[:20] if may_change else [],
    }
    return render(request, "accounts/organisation.html", context)
