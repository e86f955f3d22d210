"""The village list of a commune: every village of a period, its form, confirmation, counting it up."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import HatangsoError, InputError
from hatangso.periods import Kind, parse_period, period_of
from hatangso_web.accounts.permissions import areas_visible_to, can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, Level
from hatangso_web.indicators.actions.villages import (
    confirm_village,
    fill_from_villages,
    firms_in,
    save_village,
)
from hatangso_web.indicators.forms import VillageForm
from hatangso_web.indicators.models import VillageRecord
from hatangso_web.indicators.views.asking import person_of, submission_of


@require_safe
def village_list(request: HttpRequest) -> HttpResponse:
    """List the villages of a commune with what is known of them in a period."""
    user = person_of(request)
    require(user, Permission.VIEW)
    communes = areas_visible_to(user).filter(level=Level.COMMUNE).order_by("name_order")
    code = request.GET.get("dia-ban", "")
    commune = get_object_or_404(communes, code=code) if code else communes.first()
    period = _period(request.GET.get("ky", ""))
    records = {
        record.village_id: record
        for record in VillageRecord.objects.filter(village__parent=commune, period=period)
        .select_related("confirmed_by")
        .prefetch_related("coverage__operator")
    }
    villages = Area.objects.filter(parent=commune, level=Level.VILLAGE, valid_until=None) if commune else []
    context = {
        "title": _("Danh sách thôn"),
        "commune": commune,
        "communes": communes[:400],
        "period": period,
        "period_name": parse_period(period).name_vi,
        "rows": [(village, records.get(village.pk)) for village in villages],
        "confirmed": sum(record.confirmed_at is not None for record in records.values()),
        "breadcrumbs": [(_("Thu thập số liệu"), reverse("indicators:rounds")), (_("Danh sách thôn"), "")],
    }
    return render(request, "indicators/villages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def village(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Show the form of one village, prefilled from the last period known; save, confirm, take back."""
    user = person_of(request)
    found = get_object_or_404(areas_visible_to(user).filter(level=Level.VILLAGE), code=code)
    period = _period(period)
    entering = can(user, Permission.ENTER_FIGURES, found)
    known = VillageRecord.objects.filter(village=found, period=period).first()
    former = (
        known or VillageRecord.objects.filter(village=found, period__lt=period).order_by("-period").first()
    )
    commune = found.parent or found
    form = VillageForm(request.POST or None, instance=former, firms=firms_in(commune))
    if request.method == "POST":
        require(user, Permission.ENTER_FIGURES, area=found)
        try:
            if "bo-xac-nhan" in request.POST and known:
                confirm_village(record_=known, by=user, confirmed=False)
                return redirect("indicators:village", code=code, period=period)
            if form.is_valid():
                saved = save_village(village=found, period=period, entry=form.entry(), by=user)
                if "xac-nhan" in request.POST:
                    confirm_village(record_=saved, by=user)
                messages.success(request, _("Đã ghi số liệu của %(village)s.") % {"village": found.name})
                return redirect(f"{reverse('indicators:villages')}?dia-ban={commune.code}&ky={period}")
        except HatangsoError as fault:
            form.add_error(None, str(fault)) if form.is_bound else messages.error(request, str(fault))
    context = {
        "title": found.name,
        "form": form,
        "record": known,
        "entering": entering,
        "prefilled": known is None and former is not None,
        "period_name": parse_period(period).name_vi,
        "breadcrumbs": [
            (_("Danh sách thôn"), f"{reverse('indicators:villages')}?dia-ban={commune.code}&ky={period}"),
            (found.name, ""),
        ],
    }
    return render(request, "indicators/village.html", context)


@require_POST
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the confirmed village list up into the sheet of the commune."""
    user = person_of(request)
    found = submission_of(user, pk)
    try:
        saved = fill_from_villages(submission=found, by=user)
    except HatangsoError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("Đã lưu %(count)s ô thay đổi.") % {"count": saved.changed})
    return redirect("indicators:submission", pk=pk)


def _period(text: str) -> str:
    if not text:
        return period_of(timezone.localdate(), Kind.QUARTER).code
    try:
        return parse_period(text).code
    except InputError as fault:
        raise Http404(str(fault)) from fault
