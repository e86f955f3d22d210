"""What holds follows from what was decided: confirmed rows are brought in line with the findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from hatangso_web.accounts.models import User
from hatangso_web.plans import values
from hatangso_web.plans.models import (
    Assignment,
    Change,
    Duty,
    Finding,
    Kind,
    LegalBasis,
    Plan,
    State,
    Target,
    Task,
    TaskOffice,
)

_ROWS: dict[str, tuple[type[Model], Callable[[Finding], dict[str, Any]]]] = {
    Kind.TARGET: (Target, values.target_columns),
    Kind.TASK: (Task, values.task_columns),
    Kind.ASSIGNMENT: (Assignment, values.assignment_columns),
    Kind.DUTY: (Duty, values.duty_columns),
    Kind.BASIS: (LegalBasis, values.basis_columns),
}


def holding(finding: Finding) -> Finding | None:
    """Return the finding whose value holds: this one, the former one it would change, or none.

    A change nobody has decided on leaves the former decision in force; so does a disappearance that was not
    confirmed.
    """
    if finding.change == Change.GONE:
        if finding.state == State.ACCEPTED or finding.former is None:
            return None
        return holding(finding.former)
    if finding.state in {State.ACCEPTED, State.EDITED}:
        return finding
    if finding.state == State.OPEN and finding.change == Change.CHANGED and finding.former is not None:
        return holding(finding.former)
    return None


def settle(findings: Sequence[Finding], *, by: User, at: datetime) -> None:
    """Bring the confirmed rows of one plan in line with these findings; doing it twice changes nothing."""
    for kind, (model, columns) in _ROWS.items():
        of_kind = [finding for finding in findings if finding.kind == kind]
        if of_kind:
            _settle_rows(model, columns, of_kind, by=by, at=at)
    for finding in findings:
        if finding.kind == Kind.HEADER:
            _settle_header(finding)


def _settle_rows(
    model: Any,
    columns: Callable[[Finding], dict[str, Any]],
    findings: list[Finding],
    *,
    by: User,
    at: datetime,
) -> None:
    plan = findings[0].version.plan
    existing = {
        row.lineage: row
        for row in model.objects.select_for_update().filter(
            plan=plan, lineage__in=[finding.lineage for finding in findings]
        )
    }
    fresh: list[Any] = []
    kept: list[Any] = []
    for finding in findings:
        holds = holding(finding)
        row = existing.get(finding.lineage)
        if holds is None:
            if row is not None and row.ended_at is None:
                row.ended_by, row.ended_at = by, at
                kept.append(row)
            continue
        row = row or model(plan=plan, lineage=finding.lineage)
        for name, value in columns(holds).items():
            setattr(row, name, value)
        row.finding, row.clause = holds, holds.clause
        # Once restricted in any reading it stays so until a person who may see it lifts it.
        row.restricted = holds.restricted or finding.restricted
        row.confirmed_by_id, row.confirmed_at = holds.decided_by_id, holds.decided_at
        row.ended_by = row.ended_at = None
        (kept if finding.lineage in existing else fresh).append(row)
    model.objects.bulk_create(fresh)
    if kept:
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        for row in kept:
            for field in fields:
                field.pre_save(row, add=False)  # bulk_update does not compute the folded columns itself
        model.objects.bulk_update(kept, [field.name for field in fields])
    if model is Task:
        _settle_offices([*fresh, *kept])


def _settle_offices(tasks: list[Task]) -> None:
    TaskOffice.objects.filter(task__in=tasks).delete()
    offices = []
    for task in tasks:
        for role, name in ((TaskOffice.Role.LEAD, "lead"), (TaskOffice.Role.PARTNER, "partners")):
            for position, office in enumerate(values.lines(task.finding.value.get(name))):
                offices.append(
                    TaskOffice(task=task, role=role, position=position, office=values.short(office, 300))
                )
    TaskOffice.objects.bulk_create(offices)


def _settle_header(finding: Finding) -> None:
    """Write the confirmed header to the plan; while nothing is confirmed, what the machine read."""
    plan = Plan.objects.select_for_update().get(pk=finding.version.plan_id)
    holds = holding(finding)
    if finding.state == State.REJECTED:
        holds = None
    for name, value in values.header_columns((holds or finding).value).items():
        setattr(plan, name, value)
    plan.header_confirmed_by_id = holds.decided_by_id if holds else None
    plan.header_confirmed_at = holds.decided_at if holds else None
    plan.save()
