"""The village list: written village by village, confirmed, counted up into the sheet of the commune."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.periods import parse_period
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, Level
from hatangso_web.indicators.actions.entry import Saved, save_cells
from hatangso_web.indicators.actions.merging import Entry
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import (
    Origin,
    Signal,
    Submission,
    Technology,
    VillageCoverage,
    VillageRecord,
)
from hatangso_web.indicators.steps import StaleSubmissionError

CoverageKey = tuple[str, int | None]  # technology, firm (None: any)


@dataclass(frozen=True)
class VillageEntry:
    """What is written of a village; ``coverage`` by technology and firm is replaced as a whole."""

    households: int | None = None
    people: int | None = None
    has_power: bool | None = None
    specially_difficult: bool | None = None
    has_fibre: bool | None = None
    measured_place: str = ""
    measured_lon: float | None = None
    measured_lat: float | None = None
    measured_on: date | None = None
    note: str = ""
    coverage: Mapping[CoverageKey, Signal] = field(default_factory=dict)


@transaction.atomic
def save_village(*, village: Area, period: str, entry: VillageEntry, by: User) -> VillageRecord:
    """Write what is known of a village in a period.

    Who: who enters figures where the village lies. When: it has not been confirmed for the period.
    """
    require(by, Permission.ENTER_FIGURES, area=village)
    if village.level != Level.VILLAGE:
        raise InputError(village.name, expected=_("một thôn, tổ dân phố"))
    code = parse_period(period).code
    known = VillageRecord.objects.select_for_update().filter(village=village, period=code).first()
    if known and known.confirmed_at:
        raise StaleSubmissionError(_("Số liệu thôn này đã được xác nhận; mở lại trước khi sửa."))
    former = known or VillageRecord(village=village, period=code)
    for name, value in _fields(entry).items():
        setattr(former, name, value)
    former.changed_by, former.changed_at = by, timezone.now()
    try:
        former.full_clean(exclude=["confirmed_by", "confirmed_at"])
    except ValidationError as fault:
        raise InputError(village.name, found=" ".join(fault.messages)) from fault
    former.save()
    former.coverage.all().delete()
    VillageCoverage.objects.bulk_create(
        [
            VillageCoverage(record=former, technology=technology, operator_id=operator, signal=signal)
            for (technology, operator), signal in entry.coverage.items()
        ]
    )
    record(Event.VILLAGE_SAVED, about=former, by=by)
    return former


@transaction.atomic
def confirm_village(*, record_: VillageRecord, by: User, confirmed: bool = True) -> None:
    """Confirm what stands of a village, or take a confirmation back. Who: who enters figures where it lies."""
    require(by, Permission.ENTER_FIGURES, area=record_.village)
    now = timezone.now()
    changed = VillageRecord.objects.filter(pk=record_.pk, confirmed_at__isnull=confirmed).update(
        confirmed_by=by if confirmed else None, confirmed_at=now if confirmed else None
    )
    if not changed:
        raise StaleSubmissionError(_("Người khác vừa xử lý thôn này; hãy tải lại trang."))
    record(Event.VILLAGE_CONFIRMED, about=record_, by=by, details={"confirmed": confirmed})


def counts_of(commune: Area, period: str) -> dict[str, float]:
    """Return the variables of a commune that its confirmed villages give, by any firm's coverage.

    Only when every village in force is confirmed: a village left out would pass for one without signal.
    """
    villages = set(
        Area.objects.filter(parent=commune, level=Level.VILLAGE, valid_until=None).values_list(
            "pk", flat=True
        )
    )
    records = list(
        VillageRecord.objects.filter(
            village__in=villages, period=period, confirmed_at__isnull=False
        ).prefetch_related("coverage")
    )
    if not villages or len(records) < len(villages):
        return {}
    found: Counter[str] = Counter(villages=len(records))
    for each in records:
        found.update(_counts_of_one(each))
    known = {name: float(found[name]) for name in _COUNTED}
    return known | {
        name: float(sum(getattr(each, name) for each in records))
        for name in ("households", "people")
        if all(getattr(each, name) is not None for each in records)
    }


def fill_from_villages(*, submission: Submission, by: User) -> Saved:
    """Write what the confirmed village list gives into the sheet of a commune, as if typed."""
    counts = counts_of(submission.area, submission.round.period)
    if not counts:
        raise InputError(
            _("Danh sách thôn"),
            found=_("chưa xác nhận đủ các thôn của kỳ"),
            remedy=_("Xác nhận từng thôn rồi điền lại"),
        )
    written: dict[tuple[int, str], tuple[object, str]] = {
        (submission.area_id, code): (value, "")
        for code, value in counts.items()
        if code in submission.round.variables
    }
    return save_cells(submission=submission, written=written, by=by, entry=Entry(origin=Origin.VILLAGES))


_COUNTED = (
    "villages", "villages_with_mobile_broadband", "villages_with_4g", "villages_without_signal",
    "villages_with_partial_signal", "gap_villages_with_power", "gap_villages_without_power", "villages_with_fibre",
)  # fmt: skip
_ORDER = {Signal.FULL: 2, Signal.PARTIAL: 1, Signal.NONE: 0}


def _counts_of_one(each: VillageRecord) -> dict[str, int]:
    """The best class of a village over technologies decides; what nobody wrote down counts as no signal."""
    best: dict[str, int] = {}
    for row in each.coverage.all():
        best[row.technology] = max(best.get(row.technology, 0), _ORDER[Signal(row.signal)])
    any_signal = max(best.values(), default=0)
    broadband = max(
        (best.get(technology, 0) for technology in (Technology.G3, Technology.G4, Technology.G5)), default=0
    )
    gap = any_signal < 2
    return {
        "villages_with_mobile_broadband": int(broadband > 0),
        "villages_with_4g": int(best.get(Technology.G4, 0) > 0),
        "villages_without_signal": int(any_signal == 0),
        "villages_with_partial_signal": int(any_signal == 1),
        "gap_villages_with_power": int(gap and each.has_power is True),
        "gap_villages_without_power": int(gap and each.has_power is False),
        "villages_with_fibre": int(each.has_fibre is True),
    }


def _fields(entry: VillageEntry) -> dict[str, Any]:
    return {
        name: getattr(entry, name)
        for name in (
            "households", "people", "has_power", "specially_difficult", "has_fibre", "measured_place",
            "measured_lon", "measured_lat", "measured_on", "note",
        )
    }  # fmt: skip


def firms_in(commune: Area) -> list[Organisation]:
    """Return the firms the village list names: those in force whose area covers the commune."""
    paths = [
        f"/{'/'.join(commune.path.strip('/').split('/')[: count + 1])}/" for count in range(commune.depth + 1)
    ]
    firms = Organisation.objects.filter(kind="operator", valid_until=None)
    return list(firms.filter(area__path__in=paths).order_by("name_order"))
