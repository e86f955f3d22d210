"""The list of plans, and what stands on the page of one plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.permissions import Person
from hatangso_web.names import matching
from hatangso_web.plans.models import (
    Assignment,
    Duty,
    Finding,
    Kind,
    LegalBasis,
    Plan,
    ReadingState,
    State,
    Target,
    Task,
    TaskOffice,
    Version,
)
from hatangso_web.plans.queries.visible import (
    findings_visible_to,
    in_force_readable_by,
    open_to,
    plans_readable_by,
)

STATES = (
    ("reading", _("Đang đọc")),
    ("failed", _("Không đọc được")),
    ("review", _("Chờ xác nhận")),
    ("confirmed", _("Đã xác nhận xong")),
)


@dataclass(frozen=True)
class PlanFilter:
    """What the list of plans is narrowed to; empty means all."""

    words: str = ""
    level: str = ""
    year: int | None = None
    state: str = ""


def listed_plans(user: Person, wanted: PlanFilter) -> QuerySet[Plan]:
    """Return the plans a person may read, in Vietnamese order, each with its counts (one query).

    Each has ``newest_state`` (of its newest version), ``left`` (findings of the current version that wait,
    as far as this person may see them), ``target_count`` and ``task_count``.
    """
    plans = plans_readable_by(user)
    if wanted.words:
        plans = plans.filter(
            matching(wanted.words, "title_folded", "number_folded", "issuer_folded", "area__name_folded")
        )
    if wanted.level:
        plans = plans.filter(level=wanted.level)
    if wanted.year:
        plans = plans.filter(
            Q(period_from=None) | Q(period_from__lte=wanted.year),
            Q(period_until=None) | Q(period_until__gte=wanted.year),
        ).exclude(period_from=None, period_until=None)
    plans = plans.annotate(
        newest_state=Subquery(
            Version.objects.filter(plan=OuterRef("pk")).order_by("-number").values("state")[:1]
        ),
        left=_count(
            Finding.objects.filter(
                open_to(user, area_column="version__plan__area__path"),
                version__plan=OuterRef("pk"),
                version__is_current=True,
                state=State.OPEN,
            ),
            "version__plan",
        ),
        target_count=_count(in_force_readable_by(user, Target.objects.filter(plan=OuterRef("pk"))), "plan"),
        task_count=_count(in_force_readable_by(user, Task.objects.filter(plan=OuterRef("pk"))), "plan"),
        is_read=Exists(Version.objects.filter(plan=OuterRef("pk"), is_current=True)),
    )
    return _in_state(plans, wanted.state).select_related("area").order_by("title_order", "pk")


def _count(rows: QuerySet, group: str) -> Coalesce:
    """Return a subquery that counts rows of the outer plan; a subquery each, so that counts do not multiply."""
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _in_state(plans: QuerySet[Plan], state: str) -> QuerySet[Plan]:
    if state == "reading":
        return plans.filter(newest_state__in=[ReadingState.WAITING, ReadingState.READING])
    if state == "failed":
        return plans.filter(newest_state=ReadingState.FAILED)
    if state == "review":
        return plans.filter(is_read=True, left__gt=0)
    if state == "confirmed":
        return plans.filter(is_read=True, left=0)
    return plans


@dataclass(frozen=True)
class OfficeWork:
    """What one office has in a plan: tasks it leads, tasks it helps with, what it is assigned."""

    office: str
    leads: list[Task] = field(default_factory=list)
    helps: list[Task] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)


@dataclass(frozen=True)
class PlanContent:
    """What holds of a plan, as far as one person may see it."""

    targets: list[Target]
    tasks: list[Task]
    assignments: list[Assignment]
    duties: list[Duty]
    bases: list[LegalBasis]
    warnings: list[Finding]

    @property
    def targets_by_year(self) -> list[tuple[int | None, list[Target]]]:
        """The targets under the year they are due, those without a year last."""
        ordered = sorted(self.targets, key=lambda target: (target.year is None, target.year or 0))
        return [(year, list(group)) for year, group in groupby(ordered, key=lambda target: target.year)]

    @property
    def work_by_office(self) -> list[OfficeWork]:
        """The tasks and assignments under the office, in the order the plan first names it."""
        offices: dict[str, OfficeWork] = {}
        for task in self.tasks:
            for part in task.offices.all():
                work = offices.setdefault(part.office_folded, OfficeWork(part.office))
                (work.leads if part.role == TaskOffice.Role.LEAD else work.helps).append(task)
        for assignment in self.assignments:
            offices.setdefault(assignment.office_folded, OfficeWork(assignment.office)).assignments.append(
                assignment
            )
        return list(offices.values())

    @property
    def tasks_without_lead(self) -> list[Task]:
        """The tasks nobody is named to lead."""
        return [
            task
            for task in self.tasks
            if not any(part.role == TaskOffice.Role.LEAD for part in task.offices.all())
        ]

    @property
    def duties_by_month(self) -> list[tuple[int | None, list[Duty]]]:
        """The duties under the month they fall in, those without a month last."""
        ordered = sorted(self.duties, key=lambda duty: (duty.month is None, duty.month or 0, duty.day or 0))
        return [(month, list(group)) for month, group in groupby(ordered, key=lambda duty: duty.month)]


def content_of(user: Person, plan: Plan) -> PlanContent:
    """Return what holds of a plan as this person may see it, in the order of the text; seven queries."""
    order = ("finding__position", "pk")
    warnings = (
        findings_visible_to(user)
        .filter(version__plan=plan, version__is_current=True, kind=Kind.WARNING)
        .exclude(state=State.REJECTED)
    )
    return PlanContent(
        targets=_rows(user, Target.objects.filter(plan=plan), order),
        tasks=_rows(user, Task.objects.filter(plan=plan).prefetch_related("offices"), order),
        assignments=_rows(user, Assignment.objects.filter(plan=plan), order),
        duties=_rows(user, Duty.objects.filter(plan=plan), order),
        bases=_rows(user, LegalBasis.objects.filter(plan=plan), order),
        warnings=list(warnings),
    )


def _rows(user: Person, rows: QuerySet, order: Sequence[str]) -> list:
    return list(in_force_readable_by(user, rows).select_related("confirmed_by", "finding").order_by(*order))
