"""Places below the floor (page, workbook, map, annex for the meeting) and what is still to measure."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.errors import InputError
from hatangso.speed.bad_places import FRESH
from hatangso.speed.campaign import Campaign as CampaignPlan
from hatangso.speed.verdicts import NOT_MET
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.permissions import areas_visible_and_above, can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.measurements.audit import Event
from hatangso_web.measurements.downloads import XLSX, bad_workbook, plan_workbook
from hatangso_web.measurements.drawings import bad_places_map
from hatangso_web.measurements.models import Campaign
from hatangso_web.measurements.queries import (
    bad_areas,
    bad_places_can_be_drawn,
    bad_spots,
    last_run,
    measured_below,
    plan_of,
    results_of,
)
from hatangso_web.measurements.views.campaigns import campaign_of, crumbs, person_of

_MOST_ON_SCREEN = 60


@require_safe
def bad(request: HttpRequest, pk: int) -> HttpResponse:
    """List the places below the floor."""
    campaign = campaign_of(request, pk)
    context = _bad(campaign) | {
        "title": _("Nơi dưới ngưỡng"),
        "may_export": can(person_of(request), Permission.EXPORT, campaign.area),
        "known_areas": set(areas_visible_and_above(person_of(request)).values_list("pk", flat=True)),
        "most": _MOST_ON_SCREEN,
        "most_shown": f":{_MOST_ON_SCREEN}",
        "breadcrumbs": _crumbs(campaign, _("Nơi dưới ngưỡng")),
    }
    return render(request, "measurements/bad.html", context)


@require_safe
def bad_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the places below the floor as a workbook."""
    campaign = _exported(request, pk, "bad_places")
    found = _bad(campaign)
    return _workbook(bad_workbook(campaign, found["rows"], found["spots"]), "noi-duoi-nguong.xlsx")


@require_safe
def bad_map(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the map of the places below the floor."""
    campaign = campaign_of(request, pk)
    run = last_run(campaign)
    spots = bad_spots(run) if run else None
    drawn = bad_places_map(campaign, bad_areas(run), spots, measured=measured_below(run)) if run else None
    if drawn is None:
        raise Http404
    return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")


@require_safe
def annex(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the annex for the meeting with the operators, laid out for A4: places whose verdict is certain, by operator."""
    campaign = campaign_of(request, pk)
    run = last_run(campaign)
    found = _bad(campaign)
    sure = [row for row in found["rows"] if row["verdict"] == NOT_MET]
    context = found | {
        "sure": sure,
        "unsure": len(found["rows"]) - len(sure),
        "title": _("Phụ lục: nơi có tốc độ dưới ngưỡng"),
        "results": [result for result in results_of(run, campaign.area) if not result.is_all] if run else [],
        "breadcrumbs": _crumbs(campaign, _("Phụ lục làm việc với doanh nghiệp")),
    }
    return render(request, "measurements/annex.html", context)


@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is still to measure."""
    campaign = campaign_of(request, pk)
    context: dict[str, Any] = {
        "title": _("Còn phải đo"),
        "campaign": campaign,
        "may_export": can(person_of(request), Permission.EXPORT, campaign.area),
        "breadcrumbs": _crumbs(campaign, _("Còn phải đo")),
    }
    try:
        made = plan_of(campaign)
    except InputError as fault:
        return render(request, "measurements/plan.html", context | {"refusal": str(fault)})
    names = dict(Area.objects.filter(code__in=made.strata["area_code"].to_list()).values_list("code", "name"))
    strata = [row | {"name": names.get(row["area_code"], row["area_code"])} for row in made.strata.to_dicts()]
    waiting = sorted((row for row in strata if row["to_do"]), key=lambda row: row["to_do"])
    context |= {
        "strata": waiting,
        "waiting": len(waiting),
        "settled": sum(1 for row in strata if not row["to_do"]),
        "tests": int(made.strata["to_do"].sum()),
        "visits": _visits(made, names),
        "most": _MOST_ON_SCREEN,
        "most_shown": f":{_MOST_ON_SCREEN}",
        "visit_total": made.visits.height,
    }
    return render(request, "measurements/plan.html", context)


@require_safe
def plan_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out what is still to measure as a workbook."""
    campaign = _exported(request, pk, "campaign_plan")
    try:
        made = plan_of(campaign)
    except InputError as fault:
        raise Http404(str(fault)) from fault
    names = dict(Area.objects.filter(code__in=made.strata["area_code"].to_list()).values_list("code", "name"))
    return _workbook(plan_workbook(campaign, made, names), "con-phai-do.xlsx")


def _bad(campaign: Campaign) -> dict[str, Any]:
    run = last_run(campaign)
    rows = bad_areas(run) if run else []
    spots = bad_spots(run) if run else None
    return {
        "campaign": campaign,
        "run": run,
        "rows": rows,
        "certain": sum(1 for row in rows if row["verdict"] == "not_met"),
        "spots": spots.to_dicts() if spots is not None else [],
        "map": run is not None and bad_places_can_be_drawn(run, spots),
        "with_people": any(row["people"] is not None for row in rows),
        "with_trend": any(row["trend"] != FRESH for row in rows),
    }


def _visits(made: CampaignPlan, names: dict[str, str]) -> list[dict[str, Any]]:
    return [
        row | {"commune": names.get(row["area_code"], row["area_code"])}
        for row in made.visits.head(_MOST_ON_SCREEN).to_dicts()
    ]


def _exported(request: HttpRequest, pk: int, what: str) -> Campaign:
    user = person_of(request)
    require(user, Permission.EXPORT)
    campaign = campaign_of(request, pk)
    require(user, Permission.EXPORT, area=campaign.area)
    record(Event.DOWNLOADED, about=campaign, by=user, details={"list": what})
    return campaign


def _workbook(book: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        book, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _crumbs(campaign: Campaign, word: str) -> list[tuple[str, str]]:
    return crumbs((campaign.name, reverse("measurements:campaign", args=[campaign.pk])), (word, ""))
