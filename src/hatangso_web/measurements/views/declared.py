"""Speeds declared by operators: the list, and entering one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.measurements.actions import declare_speed
from hatangso_web.measurements.forms import DeclaredSpeedForm
from hatangso_web.measurements.queries import declared_visible_to
from hatangso_web.measurements.views.campaigns import crumbs, person_of
from hatangso_web.screen.tables import make_listing

_SORTS = {"nha-mang": ["operator", "technology", "-valid_from"], "ngay": ["valid_from"]}


@require_safe
def declared(request: HttpRequest) -> HttpResponse:
    """List the declared speeds."""
    user = person_of(request)
    context = {
        "title": _("Tốc độ doanh nghiệp cam kết"),
        "listing": make_listing(request, declared_visible_to(user), columns=_SORTS, default="nha-mang"),
        "may_declare": can(user, Permission.DECLARE_SPEED),
        "breadcrumbs": crumbs((_("Tốc độ cam kết"), "")),
    }
    return render(request, "measurements/declared.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Enter a declared speed."""
    user = person_of(request)
    require(user, Permission.DECLARE_SPEED)
    form = DeclaredSpeedForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        declare_speed(form.instance, by=user)
        return redirect("measurements:declared")
    context = {
        "title": _("Khai tốc độ cam kết"),
        "form": form,
        "breadcrumbs": crumbs((_("Tốc độ cam kết"), reverse("measurements:declared")), (_("Khai"), "")),
    }
    return render(request, "measurements/declare.html", context)
