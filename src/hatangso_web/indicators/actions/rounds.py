"""Opening rounds: from nothing, or copied from the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.checks import known_variable
from hatangso.periods import deadline, parse_period
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import Owing, Round, Submission
from hatangso_web.indicators.queries.sheets import communes_of


@dataclass(frozen=True)
class Call:
    """What a round asks: of whom, which variables, for which period, when."""

    name: str
    area: Area
    period: str
    variables: tuple[str, ...]
    opens_on: date
    due_on: date
    owing: str = Owing.AREAS
    calendar: str = "administrative"
    organisations: tuple[Organisation, ...] = ()
    areas: tuple[Area, ...] | None = None


@transaction.atomic
def open_round(*, call: Call, by: User, copied_from: Round | None = None) -> Round:
    """Open a round and write down who owes figures.

    Who: a person who manages rounds of the area. Units are the communes in force on the opening day (or those
    of ``call.areas``), or the firms of ``call.organisations``.

    Raises
    ------
    InputError
        when nothing is asked, of nobody, or a variable is not in the catalogue.
    """
    require(by, Permission.MANAGE_ROUNDS, area=call.area)
    period = parse_period(call.period)
    _check_variables(call.variables)
    round_ = Round(
        area=call.area, name=call.name, period=period.code, calendar=call.calendar, owing=call.owing,
        variables=list(call.variables), opens_on=call.opens_on, due_on=call.due_on, copied_from=copied_from,
        created_by=by, created_at=timezone.now(),
    )  # fmt: skip
    try:
        round_.full_clean(exclude=["copied_from"])
    except ValidationError as fault:
        raise InputError(_("Đợt thu thập"), found=" ".join(fault.messages)) from fault
    round_.save()
    if call.owing == Owing.ORGANISATIONS:
        units = [
            Submission(round=round_, area=call.area, organisation=organisation)
            for organisation in call.organisations
        ]
    else:
        areas: Sequence[Area] = communes_of(call.area, round_) if call.areas is None else call.areas
        units = [Submission(round=round_, area=area) for area in areas]
    if not units:
        raise InputError(
            _("Đợt thu thập"),
            found=_("không có đơn vị nào phải gửi"),
            remedy=_("Chọn địa bàn có xã, phường hoặc chọn doanh nghiệp"),
        )
    Submission.objects.bulk_create(units, batch_size=500)
    record(Event.ROUND_OPENED, about=round_, by=by, details={"units": len(units), "period": period.code})
    return round_


def next_call(former: Round, *, today: date) -> Call:
    """Return the call for the period after that of ``former``, with everything else as it was."""
    period = parse_period(former.period).next()
    standing = deadline(period, former.calendar)
    due = standing.submit_by or standing.closing
    opens = min(max(today, standing.closing), due)
    old_words = parse_period(former.period).name_vi
    name = former.name.replace(old_words, period.name_vi).replace(former.period, period.code)
    units = former.submissions.select_related("organisation", "area")
    owing_areas = former.owing == Owing.AREAS
    return Call(
        name=name,
        area=former.area,
        period=period.code,
        variables=tuple(former.variables),
        opens_on=opens,
        due_on=max(due, opens),
        owing=former.owing,
        calendar=former.calendar,
        organisations=tuple(unit.organisation for unit in units if unit.organisation),
        areas=tuple(unit.area for unit in units if unit.area.valid_until is None) if owing_areas else None,
    )


def _check_variables(codes: Sequence[str]) -> None:
    unknown = [code for code in codes if known_variable(code) is None]
    if unknown:
        raise InputError(
            _("Chỉ tiêu thu thập"), found=", ".join(unknown[:5]), expected=_("mã biến có trong danh mục")
        )
    if not codes:
        raise InputError(_("Chỉ tiêu thu thập"), found=_("chưa chọn chỉ tiêu nào"), expected=_("ít nhất một"))
