"""A speed campaign's counts as measured values: numerators and denominators, never medians, which cannot be added."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.value_kinds import confidence_of_measured
from hatangso.periods import Kind as PeriodKind
from hatangso.periods import parse_period, period_of
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below
from hatangso_web.indicators.actions.imports import compute_later
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import Confidence, Kind, Value
from hatangso_web.indicators.steps import StaleSubmissionError
from hatangso_web.measurements.models import CampaignRun, FileState, MeasurementFigure, SampleFile

# The figure of a campaign → the variables it gives: of its value, or of numerator and denominator.
_VARIABLES: dict[str, tuple[str, ...]] = {
    "SPD-12": ("speed_samples",),
    "SPD-04": ("samples_4g_at_floor", "samples_4g"),
    "SPD-06": ("samples_5g_at_floor", "samples_5g"),
}


@dataclass(frozen=True)
class MeasuredFigure:
    """One value a campaign would give: where, which variable, how much, how far it can be relied on."""

    area: Area
    variable: str
    value: float
    confidence: str


def period_of_campaign(run: CampaignRun) -> str:
    """Return the quarter a campaign lies in.

    Raises
    ------
    InputError
        when it runs over the end of a quarter: its counts belong to neither.
    """
    campaign = run.campaign
    first, last = (period_of(day, PeriodKind.QUARTER) for day in (campaign.starts_on, campaign.ends_on))
    if first != last:
        raise InputError(
            _("Đợt đo “%(name)s”") % {"name": campaign.name},
            found=_("kéo dài qua hai quý (%(first)s, %(last)s)")
            % {"first": first.name_vi, "last": last.name_vi},
            remedy=_("Lập đợt đo riêng cho từng quý"),
        )
    return first.code


def measured_figures(run: CampaignRun) -> list[MeasuredFigure]:
    """Return what a run gives commune by commune; the areas above are added up from them when computing."""
    communes = Area.objects.filter(below(run.campaign.area.path), level=Level.COMMUNE)
    rows = MeasurementFigure.objects.filter(
        run=run, area__in=communes, indicator__in=list(_VARIABLES), part=""
    ).select_related("area")
    found = []
    for row in rows.order_by("area__name_order", "indicator"):
        if row.value is not None:
            given: tuple[float | None, ...] = (row.value,)
            confidence = confidence_of_measured(row.value)
        else:
            given = (row.numerator, row.denominator)
            share = (row.numerator or 0) / row.denominator if row.denominator else None
            confidence = confidence_of_measured(row.denominator or 0, share)
        found += [
            MeasuredFigure(row.area, variable, value, confidence)
            for variable, value in zip(_VARIABLES[row.indicator], given, strict=True)
            if value is not None
        ]
    return found


@transaction.atomic
def record_measured(*, run: CampaignRun, by: User) -> int:
    """Record the counts of a campaign's run as measured values of its quarter; return how many are new.

    Who: who approves figures of the campaign's area and did not put a file into it. When: it is the newest run.
    A value that stands from an earlier run is superseded; recording the same run again changes nothing.
    """
    campaign = run.campaign
    require(by, Permission.APPROVE_FIGURES, area=campaign.area)
    if SampleFile.objects.filter(campaign=campaign, state=FileState.COMMITTED, committed_by=by).exists():
        raise PermissionDenied(_("Người đã nhập số đo của đợt không tự đưa chúng thành số liệu."))
    if campaign.runs.order_by("-number").values_list("pk", flat=True)[0] != run.pk:
        raise StaleSubmissionError(_("Đợt đo vừa có thêm số đo; hãy tải lại trang."))
    period = period_of_campaign(run)
    figures = measured_figures(run)
    if not figures:
        raise InputError(
            _("Đợt đo “%(name)s”") % {"name": campaign.name}, found=_("chưa có số đo của xã nào")
        )
    standing = {
        (value.area_id, value.variable): value
        for value in Value.objects.filter(
            period=period, kind=Kind.MEASURED, operator=None, superseded_by=None,
            area__in={each.area.pk for each in figures}, variable__in={each.variable for each in figures},
        )
    }  # fmt: skip
    now, made = timezone.now(), []
    source = _("Đợt đo “%(name)s” (%(tool)s)") % {"name": campaign.name[:120], "tool": campaign.tool}
    for each in figures:
        former = standing.get((each.area.pk, each.variable))
        if former is not None and (former.value, former.confidence) == (each.value, each.confidence):
            continue
        made.append(
            Value(
                area=each.area, variable=each.variable, period=period, value=each.value, kind=Kind.MEASURED,
                confidence=Confidence(each.confidence), speed_run=run, source=source, supersedes=former, by=by, at=now,
            )
        )  # fmt: skip
    try:
        with transaction.atomic():
            Value.objects.bulk_create(made, batch_size=500)
    except IntegrityError as fault:
        raise StaleSubmissionError(_("Người khác vừa ghi số đo của đợt này; hãy tải lại trang.")) from fault
    if made:
        record(Event.SPEED_RECORDED, about=campaign, by=by, details={"run": run.number, "values": len(made)})
        compute_later(campaign.area, parse_period(period).code)
    return len(made)
