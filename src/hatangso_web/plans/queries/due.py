"""What is due across plans: targets, tasks and duties by date, as of a given day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from itertools import takewhile

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hatangso.vietnamese import fold, sort_key
from hatangso_web.accounts.permissions import Person
from hatangso_web.plans.models import Duty, Kind, Plan, Target, Task, TaskOffice
from hatangso_web.plans.queries.visible import in_force_visible_to
from hatangso_web.plans.wording import target_sentence

SPANS = (
    (30, gettext_lazy("30 ngày tới")),
    (90, gettext_lazy("90 ngày tới")),
    (365, gettext_lazy("Một năm tới")),
)
USUAL_DAYS = 365
ALL_DAYS = 36500
_MONTHS_OF = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


@dataclass(frozen=True)
class DueFilter:
    """What the list is narrowed to: an office, a kind, how many days ahead."""

    office: str = ""
    kind: str = ""
    days: int = USUAL_DAYS


@dataclass(frozen=True)
class DueItem:
    """One thing that is due: what, of which plan, by whom, on which day."""

    kind: Kind
    what: str
    office: str
    due_date: date
    days_left: int
    plan: Plan
    finding_id: int
    restricted: bool
    every: str = ""

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.days_left < 0

    @property
    def days_late(self) -> int:
        """How many days ago it was due."""
        return max(0, -self.days_left)


def due_items(user: Person, wanted: DueFilter, *, as_of: date) -> list[DueItem]:
    """Return what is due up to so many days ahead, overdue things first, then by day; four queries.

    Where the report of the half-year and that of the year fall on one day, it stands once.
    """
    last = as_of + timedelta(days=min(wanted.days, ALL_DAYS))
    items: list[DueItem] = []
    if wanted.kind in {"", Kind.TARGET}:
        items += [_of_target(target, as_of) for target in _dated(user, Target.objects.all(), last)]
    if wanted.kind in {"", Kind.TASK}:
        tasks = _dated(user, Task.objects.prefetch_related("offices"), last)
        items += [_of_task(task, as_of) for task in tasks]
    if wanted.kind in {"", Kind.DUTY}:
        duties = in_force_visible_to(user, Duty.objects.all()).select_related("plan", "plan__area")
        reports = (
            _of_duty(duty, day, as_of) for duty in duties for day in days_due(duty, as_of=as_of, last=last)
        )
        items += {(each.plan.pk, each.what, each.office, each.due_date): each for each in reports}.values()
    if wanted.office:
        key = fold(wanted.office)
        items = [item for item in items if key in fold(item.office)]
    return sorted(items, key=lambda item: (item.due_date, item.plan.title_order, item.finding_id))


def offices_named(user: Person) -> list[str]:
    """Return the offices that lead tasks or owe reports in plans this person may see, in Vietnamese order."""
    tasks = in_force_visible_to(user, Task.objects.all())
    leads = TaskOffice.objects.filter(task__in=tasks, role=TaskOffice.Role.LEAD).values_list(
        "office", flat=True
    )
    duties = in_force_visible_to(user, Duty.objects.exclude(who="")).values_list("who", flat=True)
    by_key = {fold(name): name for name in [*leads, *duties]}
    return sorted(by_key.values(), key=sort_key)


def days_due(duty: Duty, *, as_of: date, last: date) -> list[date]:
    """Return every day from ``as_of`` to ``last`` on which a duty is due; one said with its year may be past.

    A recurring duty begins and ends with the period of its plan. Past that period only the next day is named,
    since the plan is still in force; where the plan names no end, a year ahead is enough.
    """
    begins = max(as_of, date(duty.plan.period_from, 1, 1)) if duty.plan.period_from else as_of
    ends = date(duty.plan.period_until, 12, 31) if duty.plan.period_until else as_of + timedelta(days=365)
    found = list(takewhile(lambda day: day <= last, _days_from(duty, begins)))
    return [day for at, day in enumerate(found) if at == 0 or day <= ends]


def next_day(duty: Duty, *, as_of: date) -> date | None:
    """Return the day a duty is next due.

    A duty with a year is due on that day, past or not. One that recurs is due on its next day from ``as_of``
    on: every year in its month, or every so many months counted from it. Without a day the last of the month
    counts; without month and rhythm there is no day.
    """
    return next(_days_from(duty, as_of), None)


def _days_from(duty: Duty, first: date) -> Iterator[date]:
    """Yield the days of a duty from ``first`` on, without end where it recurs."""
    if duty.year and duty.month:
        yield _day(duty.year, duty.month, duty.day)
        return
    step = _MONTHS_OF.get(duty.every, 12 if duty.month else 0)
    if not step:
        return
    month = duty.month or step
    months = sorted({(month - 1 + step * turn) % 12 + 1 for turn in range(12 // step)})
    for year in range(first.year, MAXYEAR + 1):
        yield from (day for each in months if (day := _day(year, each, duty.day)) >= first)


def _day(year: int, month: int, day: int | None) -> date:
    last = monthrange(year, month)[1]
    return date(year, month, min(day or last, last))


def _dated(user: Person, rows: QuerySet, last: date) -> QuerySet:
    return in_force_visible_to(user, rows).filter(due_date__lte=last).select_related("plan", "plan__area")


def _of_target(target: Target, as_of: date) -> DueItem:
    assert target.due_date is not None
    return DueItem(
        Kind.TARGET,
        target_sentence(target),
        target.plan.issuer,
        target.due_date,
        (target.due_date - as_of).days,
        target.plan,
        target.finding_id,
        target.restricted,
    )


def _of_task(task: Task, as_of: date) -> DueItem:
    assert task.due_date is not None
    leads = ", ".join(part.office for part in task.offices.all() if part.role == TaskOffice.Role.LEAD)
    return DueItem(
        Kind.TASK,
        task.name,
        leads,
        task.due_date,
        (task.due_date - as_of).days,
        task.plan,
        task.finding_id,
        task.restricted,
    )


def _of_duty(duty: Duty, day: date, as_of: date) -> DueItem:
    what = _("Báo cáo %(to)s") % {"to": duty.to} if duty.to else _("Báo cáo")
    return DueItem(
        Kind.DUTY,
        what,
        duty.who,
        day,
        (day - as_of).days,
        duty.plan,
        duty.finding_id,
        duty.restricted,
        duty.every,
    )
