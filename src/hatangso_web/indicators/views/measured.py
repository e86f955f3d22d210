"""From a speed campaign to measured values: what would be recorded, then recorded by who approves."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hatangso.errors import HatangsoError
from hatangso.indicators.checks import known_variable
from hatangso.indicators.value_kinds import rule_words
from hatangso.periods import parse_period
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.actions.measured import measured_figures, period_of_campaign, record_measured
from hatangso_web.indicators.models import Value
from hatangso_web.indicators.views.asking import person_of
from hatangso_web.measurements.queries import campaigns_visible_to, last_run


@require_http_methods(["GET", "HEAD", "POST"])
def speed_values(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the newest run of a campaign would give as measured values; record it."""
    user = person_of(request)
    require(user, Permission.VIEW)
    campaign = get_object_or_404(campaigns_visible_to(user), pk=pk)
    run = last_run(campaign)
    if run is None:
        raise Http404
    fault = period = ""
    try:
        period = period_of_campaign(run)
        if request.method == "POST":
            count = record_measured(run=run, by=user)
            messages.success(request, _("Đã ghi %(count)s số liệu đo đạc.") % {"count": count})
            return redirect("indicators:speed_values", pk=pk)
    except HatangsoError as problem:
        fault = str(problem)
    figures = [(each, known_variable(each.variable)) for each in measured_figures(run)]
    context = {
        "title": _("Ghi số đo thành số liệu"),
        "campaign": campaign,
        "period_name": parse_period(period).name_vi if period else "",
        "figures": figures[:400],
        "total": len(figures),
        "recorded": Value.objects.filter(speed_run=run).count(),
        "fault": fault,
        "rule": rule_words("confidence.measured"),
        "may_record": can(user, Permission.APPROVE_FIGURES, campaign.area) and bool(period) and bool(figures),
        "breadcrumbs": [
            (_("Đo tốc độ"), reverse("measurements:list")),
            (campaign.name, reverse("measurements:campaign", args=[pk])),
            (_("Ghi số đo thành số liệu"), ""),
        ],
    }
    return render(request, "indicators/speed_values.html", context)
