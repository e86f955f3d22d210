"""The audit trail as a page: every app's events under their words, searched and filtered."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso_web.accounts.audit import Event as AccountEvent
from hatangso_web.accounts.models import AuditEvent
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.queries import audit_visible_to
from hatangso_web.accounts.roles import Permission
from hatangso_web.gazetteer.audit import Event as GazetteerEvent
from hatangso_web.indicators.audit import Event as IndicatorEvent
from hatangso_web.measurements.audit import Event as MeasurementEvent
from hatangso_web.names import matching
from hatangso_web.plans.audit import Event as PlanEvent
from hatangso_web.screen.tables import make_listing

# Every app's list of events; their labels are the words of the page.
EVENTS: list[type[Enum]] = [AccountEvent, IndicatorEvent, PlanEvent, GazetteerEvent, MeasurementEvent]

_COLUMNS = {
    "luc": ["at"],
    "viec": ["event", "-at"],
    "nguoi": ["by_folded", "-at"],
    "doi-tuong": ["about_folded", "-at"],
}


def event_words() -> dict[str, str]:
    """Return the word of every event."""
    return {
        str(event.value): str(getattr(event, "label", event.value)) for events in EVENTS for event in events
    }


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Show the audit trail, newest first."""
    require(request.user, Permission.VIEW_AUDIT)
    found = _filtered(request, audit_visible_to(request.user))  # type: ignore[arg-type]
    listing = make_listing(request, found, columns=_COLUMNS, default="-luc")
    context = {
        "title": _("Nhật ký hệ thống"),
        "breadcrumbs": [(_("Nhật ký hệ thống"), "")],
        "listing": listing,
        "events": sorted(event_words().items(), key=lambda pair: pair[1]),
        "words_of": event_words(),
        "asked": {name: request.GET.get(name, "") for name in ("tim", "viec", "tu", "den")},
    }
    return render(request, "trail.html", context)


def _filtered(request: HttpRequest, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    if words := request.GET.get("tim", ""):
        events = events.filter(matching(words, "by_folded", "about_folded"))
    if (event := request.GET.get("viec", "")) in event_words():
        events = events.filter(event=event)
    if start := _day(request.GET.get("tu", "")):
        events = events.filter(at__gte=_midnight(start))
    if end := _day(request.GET.get("den", "")):
        events = events.filter(at__lt=_midnight(date.fromordinal(end.toordinal() + 1)))
    return events


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2200, 1, 1) else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
