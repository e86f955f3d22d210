"""The list of indicators and the page of each."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hatangso.errors import InputError
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.catalogue import wording
from hatangso_web.catalogue.forms import IndicatorFilterForm
from hatangso_web.catalogue.queries import Wanted, families_of, group_of, listed_indicators, sheet_of
from hatangso_web.screen.tables import PAGE_PARAMETER, Listing

_ROWS = 100


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """List the indicators."""
    require(request.user, Permission.VIEW)
    form = IndicatorFilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    found = listed_indicators(
        Wanted(asked.get("tim", ""), asked.get("nhom", ""), asked.get("ho", ""), asked.get("ngay"))
    )
    page = Paginator(found, _ROWS).get_page(request.GET.get(PAGE_PARAMETER))
    families = families_of(page.object_list)
    rows = [(entry, wording.GROUPS.get(group_of(entry), ""), families[entry.code]) for entry in page]
    context = {
        "title": _("Danh mục chỉ tiêu"),
        "breadcrumbs": [(_("Danh mục chỉ tiêu"), "")],
        "form": form,
        "rows": rows,
        "listing": Listing(page=page, sort="", descending=False),
        "frequency": wording.FREQUENCY,
        "english": get_language() == "en",
    }
    return render(request, "catalogue/indicators.html", context)


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Show one indicator as it stood on a day."""
    require(request.user, Permission.VIEW)
    form = IndicatorFilterForm(request.GET)
    form.is_valid()
    on = form.cleaned_data.get("ngay") or timezone.localdate()
    try:
        sheet = sheet_of(code, on=on)
    except InputError as fault:
        raise Http404(str(fault)) from fault
    entry = sheet.indicator
    context = {
        "title": f"{entry.code} · {entry.name_en if get_language() == 'en' else entry.name_vi}",
        "breadcrumbs": [(_("Danh mục chỉ tiêu"), reverse("catalogue:indicators")), (entry.code, "")],
        "sheet": sheet,
        "entry": entry,
        "on": on,
        "wording": wording,
        "group": wording.GROUPS.get(group_of(entry), ""),
        "levels": ", ".join(str(wording.LEVELS.get(level, level)) for level in entry.levels),
        "sources": ", ".join(str(wording.SOURCES.get(source, source)) for source in entry.sources),
        "better": wording.BETTER.get(entry.better, entry.better),
        "combine": wording.COMBINE.get(entry.combine, entry.combine),
        "frequency": wording.FREQUENCY.get(entry.frequency, entry.frequency),
    }
    return render(request, "catalogue/indicator.html", context)
