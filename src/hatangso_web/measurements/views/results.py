"""Results by area: of one campaign, and of all tools that reach an area, each in a block of its own."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.errors import InputError
from hatangso.speed.verdicts import two_sided_z
from hatangso_web.accounts.permissions import areas_visible_and_above
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestors_of
from hatangso_web.measurements.drawings import distribution
from hatangso_web.measurements.forms import AreaChoiceForm
from hatangso_web.measurements.models import Campaign, CampaignRun
from hatangso_web.measurements.queries import (
    campaign_before,
    children_of,
    last_run,
    refuse_to_mix,
    results_of,
    tools_of_area,
)
from hatangso_web.measurements.views.campaigns import campaign_of, crumbs, person_of


@require_safe
def of_campaign(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show what a campaign says of one area."""
    campaign = campaign_of(request, pk)
    area = _area(request, code)
    if not area.path.startswith(campaign.area.path):
        raise Http404
    run = last_run(campaign)
    steps = [(campaign.name, reverse("measurements:campaign", args=[pk]))]
    steps += [
        (each.name, reverse("measurements:results", args=[pk, each.code]))
        for each in ancestors_of(area)
        if each.path.startswith(campaign.area.path)
    ]
    context = {
        "title": _("Tốc độ ở %(area)s") % {"area": area.name},
        "area": area,
        "blocks": [_block(campaign, run, area)] if run else [],
        "known_areas": _known_below(request, area),
        "breadcrumbs": crumbs(*steps, (area.name, "")),
    }
    return render(request, "measurements/results.html", context)


@require_safe
def of_area(request: HttpRequest, code: str) -> HttpResponse:
    """Show an area by every tool that measured it, never mixed; who asks to mix gets the reason why not."""
    user = person_of(request)
    area = _area(request, code)
    found = tools_of_area(user, area)
    refusal = ""
    if request.GET.get("gop"):
        try:
            refuse_to_mix([run for _campaign, run in found])
        except InputError as fault:
            refusal = str(fault)
    context = {
        "title": _("Tốc độ ở %(area)s") % {"area": area.name},
        "area": area,
        "blocks": [_block(campaign, run, area) for campaign, run in found],
        "known_areas": _known_below(request, area),
        "refusal": refusal,
        "several": len(found) > 1,
        "form": AreaChoiceForm(),
        "breadcrumbs": crumbs((area.name, "")),
    }
    return render(request, "measurements/results.html", context, status=400 if refusal else 200)


@require_safe
def find_area(request: HttpRequest) -> HttpResponse:
    """Go to the results of an area named by name or code."""
    form = AreaChoiceForm(request.GET)
    form.fields["dia_ban"].areas = areas_visible_and_above(person_of(request))  # type: ignore[attr-defined]
    if form.is_valid() and form.cleaned_data["dia_ban"]:
        return redirect("measurements:area", code=form.cleaned_data["dia_ban"].code)
    context = {
        "title": _("Xem tốc độ theo địa bàn"),
        "form": form,
        "breadcrumbs": crumbs((_("Theo địa bàn"), "")),
    }
    return render(request, "measurements/find_area.html", context)


def _block(campaign: Campaign, run: CampaignRun, area: Area) -> dict[str, Any]:
    results = results_of(run, area)
    columns, children = children_of(run, area)
    return {
        "campaign": campaign,
        "run": run,
        "z": two_sided_z(campaign.confidence),
        "results": [(result, distribution(result, floor_mbps=campaign.floor_mbps)) for result in results if result.tests],
        "operators": [result for result in results if not result.is_all],
        "columns": columns,
        "children": children,
        "before": campaign_before(campaign),
    }  # fmt: skip


def _known_below(request: HttpRequest, area: Area) -> set[int]:
    """Return the areas next below that the person may look at; the others are named without a link."""
    return set(areas_visible_and_above(person_of(request)).filter(parent=area).values_list("pk", flat=True))


def _area(request: HttpRequest, code: str) -> Area:
    return get_object_or_404(areas_visible_and_above(person_of(request)), code=code)
