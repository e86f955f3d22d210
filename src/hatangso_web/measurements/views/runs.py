"""The page of a run of the engine: what went in, what was asked, and the figures that name it as their source."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.catalogue import indicator
from hatangso_web.accounts.permissions import areas_visible_and_above, can
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.measurements.models import CampaignRun
from hatangso_web.measurements.queries import figures_of_run, inputs_of, runs_visible_to
from hatangso_web.measurements.views.campaigns import crumbs, person_of


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a run and the figures it gives of the campaign's area, or of the area below it that is asked for."""
    user = person_of(request)
    found = get_object_or_404(runs_visible_to(user), pk=pk)
    campaign = found.campaign
    area = _area(request, found)
    against = runs_visible_to(user).filter(pk=found.parameters.get("against_run")).first()
    context = {
        "title": _("Lần tính số %(number)s") % {"number": found.number},
        "run": found,
        "campaign": campaign,
        "area": area,
        "figures": [(each, indicator(each.indicator)) for each in figures_of_run(found, area)],
        "inputs": inputs_of(found),
        "others": campaign.runs.order_by("-number"),
        "against": against,
        "may_measure": can(user, Permission.MEASURE_SPEED, campaign.area),
        "breadcrumbs": crumbs(
            (campaign.name, reverse("measurements:campaign", args=[campaign.pk])),
            (_("Lần tính số %(number)s") % {"number": found.number}, ""),
        ),
    }  # fmt: skip
    return render(request, "measurements/run.html", context)


def _area(request: HttpRequest, run: CampaignRun) -> Area:
    code = request.GET.get("dia-ban", "")
    top = run.campaign.area
    if not code or code == top.code:
        return top
    inside = areas_visible_and_above(person_of(request)).filter(path__startswith=top.path)
    return get_object_or_404(inside, code=code)
