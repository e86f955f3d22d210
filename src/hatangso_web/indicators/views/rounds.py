"""The list of rounds, opening one, copying the last, who has not sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hatangso.errors import InputError
from hatangso.periods import parse_period
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.actions.rounds import Call, next_call, open_round
from hatangso_web.indicators.forms import RoundForm
from hatangso_web.indicators.models import Owing, Round
from hatangso_web.indicators.queries.rounds import (
    WORKFLOW_KEY,
    count_of,
    listed_rounds,
    missing_units,
    reminder_text,
    units_of,
)
from hatangso_web.indicators.queries.sheets import variables_of
from hatangso_web.indicators.queries.visible import submissions_visible_to
from hatangso_web.indicators.views.asking import person_of, round_of
from hatangso_web.screen.tables import make_listing


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds."""
    user = person_of(request)
    columns = {"han": ["due_on"], "ten": ["name"]}
    context = {
        "title": _("Thu thập số liệu"),
        "listing": make_listing(request, listed_rounds(user), columns=columns, default="-han"),
        "may_open": can(user, Permission.MANAGE_ROUNDS),
        "today": timezone.localdate(),
        "breadcrumbs": [(_("Thu thập số liệu"), "")],
    }
    return render(request, "indicators/rounds.html", context)


@require_safe
def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one round: who sent, who has not, the reminder to copy."""
    user = person_of(request)
    found = round_of(user, pk)
    units = units_of(user, found)
    listing = make_listing(
        request, units, size=200, default="don-vi",
        columns={
            "don-vi": ["organisation__name_order", "area__name_order"], "trang-thai": ["state"], "gui": ["submitted_at"],
        },
    )  # fmt: skip
    for unit in listing.page:
        unit.key = "not_reported" if unit.state == "draft" and not unit.begun else WORKFLOW_KEY[unit.state]
    missing = missing_units(submissions_visible_to(user).filter(round=found))
    today = timezone.localdate()
    watching = can(user, Permission.APPROVE_FIGURES, found.area)
    context = {
        "title": found.name,
        "round": found,
        "period": parse_period(found.period).name_vi,
        "variables": variables_of(found),
        "listing": listing,
        "count": count_of(found, submissions_visible_to(user).filter(round=found)),
        "missing": missing,
        "reminder": reminder_text(found, missing, today=today) if missing and watching else "",
        "overdue": today > found.due_on,
        "may_copy": can(user, Permission.MANAGE_ROUNDS, found.area),
        "may_export": can(user, Permission.EXPORT, found.area),
        "breadcrumbs": [(_("Thu thập số liệu"), reverse("indicators:rounds")), (found.name, "")],
    }
    return render(request, "indicators/round.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_round(request: HttpRequest) -> HttpResponse:
    """Open a round."""
    user = person_of(request)
    require(user, Permission.MANAGE_ROUNDS)
    return _open(request, user, None, {})


@require_http_methods(["GET", "HEAD", "POST"])
def copy_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the round of the next period as the last one was: this page is the first click, its button the second."""
    user = person_of(request)
    former = round_of(user, pk)
    require(user, Permission.MANAGE_ROUNDS, area=former.area)
    call = next_call(former, today=timezone.localdate())
    initial = {
        "name": call.name, "area": call.area, "period": parse_period(call.period).name_vi, "owing": call.owing,
        "organisations": [organisation.pk for organisation in call.organisations], "opens_on": call.opens_on,
        "due_on": call.due_on, "variables": list(call.variables),
    }  # fmt: skip
    return _open(request, user, former, initial)


def _open(request: HttpRequest, user: User, former: Round | None, initial: dict[str, Any]) -> HttpResponse:
    form = RoundForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        call = Call(
            name=wanted["name"], area=wanted["area"], period=wanted["period"], variables=tuple(wanted["variables"]),
            opens_on=wanted["opens_on"], due_on=wanted["due_on"], owing=wanted["owing"],
            calendar=former.calendar if former else "administrative",
            organisations=tuple(wanted["organisations"]) if wanted["owing"] == Owing.ORGANISATIONS else (),
        )  # fmt: skip
        try:
            opened = open_round(call=call, by=user, copied_from=former)
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(
                request, _("Đã mở đợt thu thập; các đơn vị thấy việc phải gửi ở trang của mình.")
            )
            return redirect("indicators:round", pk=opened.pk)
    title = _("Mở đợt kỳ sau") if former else _("Mở đợt thu thập")
    context = {
        "title": title,
        "form": form,
        "former": former,
        "breadcrumbs": [(_("Thu thập số liệu"), reverse("indicators:rounds")), (title, "")],
    }
    return render(request, "indicators/new_round.html", context)
