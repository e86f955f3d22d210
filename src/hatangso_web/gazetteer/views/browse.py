"""Areas on any day: the list with its search, the page of one area, its map."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, AreaVersion, Boundary, Level, Particulars
from hatangso_web.areas.present import version_of_day
from hatangso_web.areas.queries import in_force
from hatangso_web.gazetteer.drawing import area_map, lineage_svg
from hatangso_web.gazetteer.forms import LEVELS, BrowseForm
from hatangso_web.gazetteer.queries import (
    chain_above,
    holders_today,
    level_counts,
    organisations_at,
    search_areas,
    steps_of,
    versions_on,
)
from hatangso_web.plans.queries.visible import plans_visible_to
from hatangso_web.screen.tables import make_listing

_COLUMNS = {
    "ten": ["name_order"],
    "ma": ["area__code"],
    "thuoc": ["parent__name_order", "name_order"],
    "so-duoi": ["below", "name_order"],
}


def person_of(request: HttpRequest) -> User:
    """Return the person who asks; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """List the areas of a day, of one level, or those a written name may mean."""
    user = person_of(request)
    require(user, Permission.VIEW)
    form = BrowseForm(request.GET)
    form.is_valid()
    on = form.cleaned_data.get("ngay") or timezone.localdate()
    words = form.cleaned_data.get("tim", "").strip()[:200]
    level = form.cleaned_data.get("cap") or "province"
    counts = level_counts(on)
    context = {
        "title": _("Địa bàn"),
        "breadcrumbs": [(_("Địa bàn"), "")],
        "form": form,
        "on": on,
        "level": level,
        "level_word": dict(LEVELS)[level],
        "levels": [
            (key, word, counts.get(key, 0)) for key, word in LEVELS if counts.get(key) or key == level
        ],
        "words": words,
        "found": search_areas(words, on=on) if words else None,
        "level_words": dict(Level.choices),
        "listing": None
        if words
        else make_listing(request, versions_on(on, level=level), columns=_COLUMNS, default="ten"),
        "may_import": can(user, Permission.IMPORT_AREAS),
        "may_change": can(user, Permission.MANAGE_AREAS),
    }
    return render(request, "gazetteer/areas.html", context)


@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """Show one area: names in time, above and below, what it came from and became, offices, plans, map."""
    user = person_of(request)
    require(user, Permission.VIEW)
    shown = get_object_or_404(Area.objects.select_related("parent"), code=code)
    on, fault = _day_of(request)
    versions = list(shown.versions.select_related("parent").order_by("valid_from"))
    versions.sort(key=lambda version: version.valid_from or date.min)
    if not versions:
        raise Http404
    standing = version_of_day(versions, on=on)
    above = chain_above(standing, on=on)
    below = versions_on(on, parent=shown)
    steps = steps_of(shown)
    address = f"?ngay={on.isoformat()}"
    context = {
        "title": standing.full_name,
        "breadcrumbs": [
            (_("Địa bàn"), reverse("gazetteer:areas") + address),
            *((row.full_name, reverse("gazetteer:area", args=[row.area.code]) + address) for row in above),
            (standing.full_name, ""),
        ],
        "shown": shown,
        "standing": standing,
        "is_in_force": _is_in_force(standing, on),
        "on": on,
        "today": timezone.localdate(),
        "fault": fault,
        "versions": versions,
        "above": above,
        "steps": steps,
        "lineage": lineage_svg(shown, steps),
        "holders": holders_today(shown, on=timezone.localdate()),
        "particulars": Particulars.objects.filter(area=shown).first(),
        "has_map": _has_map(shown, on),
        "organisations": organisations_at(shown, on=timezone.localdate())[:50],
        "plans": plans_visible_to(user).filter(area=shown).order_by("title_order")[:50],
        "listing": make_listing(request, below, columns=_COLUMNS, default="ten", size=100),
        "level_words": dict(Level.choices),
    }
    return render(request, "gazetteer/area.html", context)


@require_safe
def outline(request: HttpRequest, code: str) -> HttpResponse:
    """Draw the map of an area on a day."""
    require(person_of(request), Permission.VIEW)
    shown = get_object_or_404(Area, code=code)
    on, _fault = _day_of(request)
    drawn = area_map(shown, on=on)
    if drawn is None:
        raise Http404
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _day_of(request: HttpRequest) -> tuple[date, str]:
    """Return the day asked for, today without one, and a sentence where it could not be read."""
    text = request.GET.get("ngay", "")
    if not text:
        return timezone.localdate(), ""
    form = BrowseForm({"ngay": text})
    if form.is_valid() and form.cleaned_data["ngay"]:
        return form.cleaned_data["ngay"], ""
    return timezone.localdate(), _("Không đọc được ngày “%(text)s”; trang này theo ngày hôm nay.") % {
        "text": text[:40]
    }


def _is_in_force(version: AreaVersion, on: date) -> bool:
    begun = version.valid_from is None or version.valid_from <= on
    return begun and (version.valid_until is None or version.valid_until > on)


def _has_map(shown: Area, on: date) -> bool:
    own: Any = in_force(AreaVersion.objects.filter(area=shown), on=on)
    parts: Any = in_force(AreaVersion.objects.filter(parent=shown), on=on)
    return Boundary.objects.filter(version__in=own | parts).exists()
