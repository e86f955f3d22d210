"""The list of campaigns, a new one, the page of one, closing it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_visible_and_above, can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.measurements.actions import add_campaign, close_campaign, reopen_campaign
from hatangso_web.measurements.forms import CampaignFilterForm, CampaignForm
from hatangso_web.measurements.models import OWN_TOOL, Campaign, FileState
from hatangso_web.measurements.queries import (
    campaigns_visible_to,
    children_of,
    context_of,
    last_run,
    listed_campaigns,
    results_of,
)
from hatangso_web.screen.tables import make_listing

_SORTS = {"ten": ["name_order"], "dia-ban": ["area__name_order"], "ngay": ["starts_on"]}


def person_of(request: HttpRequest) -> User:
    """Return the person who asks; these pages let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def campaign_of(request: HttpRequest, pk: int) -> Campaign:
    """Return a campaign the person may see, or answer that there is none."""
    return get_object_or_404(campaigns_visible_to(person_of(request)), pk=pk)


def crumbs(*following: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way here: the list of campaigns, then what follows."""
    return [(_("Đo tốc độ"), reverse("measurements:list")), *following]


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """List the campaigns."""
    user = person_of(request)
    form = CampaignFilterForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    listing = make_listing(request, listed_campaigns(user, words=words), columns=_SORTS, default="-ngay")
    context = {
        "title": _("Đo tốc độ"),
        "form": form,
        "filtered": bool(words),
        "listing": listing,
        "may_measure": can(user, Permission.MEASURE_SPEED),
        "breadcrumbs": [(_("Đo tốc độ"), "")],
    }
    return render(request, "measurements/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set up a campaign; a link from a target of a plan fills in what it asks."""
    user = person_of(request)
    require(user, Permission.MEASURE_SPEED)
    asked, last = request.GET, campaigns_visible_to(user).order_by("-pk").first()
    initial = {
        "tool": last.tool if last else "",
        "method": last.method if last else "",
        "floor_mbps": asked.get("nguong", ""),
        "percent": asked.get("ty-le", "80"),
        "basis": asked.get("can-cu", ""),
        "name": asked.get("ten", ""),
    }
    form = CampaignForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        target = asked.get("chi-tieu", "")
        form.instance.target_key = int(target) if target.isdecimal() else None
        made = add_campaign(form.instance, by=user)
        return redirect("measurements:campaign", pk=made.pk)
    context = {"title": _("Lập đợt đo"), "form": form, "breadcrumbs": crumbs((_("Lập đợt đo"), ""))}
    return render(request, "measurements/new.html", context)


@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a campaign: what it asks, its files, its results over the areas below."""
    user = person_of(request)
    found = campaign_of(request, pk)
    run = last_run(found)
    columns, children = children_of(run, found.area) if run else ([], [])
    may_measure = can(user, Permission.MEASURE_SPEED, found.area)
    context = {
        "title": found.name,
        "campaign": found,
        "run": run,
        "results": results_of(run, found.area) if run else [],
        "columns": columns,
        "children": children,
        "files": found.files.select_related("uploaded_by") if may_measure else [],
        "known_areas": set(
            areas_visible_and_above(user)
            .filter(pk__in=[row.area.pk for row in children])
            .values_list("pk", flat=True)
        ),
        "tiles": context_of(found),
        "may_measure": may_measure,
        "may_export": can(user, Permission.EXPORT, found.area),
        "is_own_tool": found.tool == OWN_TOOL,
        "test_address": request.build_absolute_uri(reverse("measurements:test")),
        "closed": found.closed_at is not None,
        "committed": FileState.COMMITTED,
        "breadcrumbs": crumbs((found.name, "")),
    }
    return render(request, "measurements/campaign.html", context)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a campaign, or open it again."""
    found = campaign_of(request, pk)
    user = person_of(request)
    try:
        if request.POST.get("viec") == "mo-lai":
            reopen_campaign(found, by=user)
        else:
            close_campaign(found, by=user)
    except InputError as fault:
        messages.error(request, str(fault))
    return redirect("measurements:campaign", pk=pk)
