"""A plan read from end to end, and the same as JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hatangso.plans.document import Document, Where
from hatangso.plans.duties import Duty, read_duties
from hatangso.plans.header import Header, read_header
from hatangso.plans.lint import PlanWarning, lint_plan
from hatangso.plans.opening import open_document
from hatangso.plans.secrecy import public_document, restricted_clauses
from hatangso.plans.targets import Target, read_targets
from hatangso.plans.tasks import Assignment, Task, read_assignments, read_tasks


@dataclass(frozen=True)
class Plan:
    """Everything read from one plan; each part knows the clause and span it came from.

    ``restricted`` holds the ids of the clauses that secrecy rules keep from the public.
    """

    header: Header
    targets: tuple[Target, ...]
    tasks: tuple[Task, ...]
    assignments: tuple[Assignment, ...]
    duties: tuple[Duty, ...]
    warnings: tuple[PlanWarning, ...]
    document: Document
    restricted: frozenset[str] = frozenset()


def read_plan(path: Path | str) -> Plan:
    """Read a plan from a .docx, .pdf with text, .txt, .md or .html file.

    Raises
    ------
    InputError
        when the file cannot be read; the sentence says why and what to do.
    """
    return plan_of(open_document(path))


def plan_of(document: Document) -> Plan:
    """Return the plan a document holds. The same document always gives the same plan."""
    header = read_header(document)
    restricted = restricted_clauses(document)
    plan = Plan(
        header,
        tuple(read_targets(document, header)),
        tuple(read_tasks(document, restricted)),
        tuple(read_assignments(document, restricted)),
        tuple(read_duties(document)),
        (),
        document,
        restricted,
    )
    return replace(plan, warnings=tuple(lint_plan(plan)))


def public_plan(plan: Plan) -> Plan:
    """Return the plan without anything classed restricted: for every list, export and page open to others."""
    hidden = plan.restricted
    return replace(
        plan,
        targets=tuple(target for target in plan.targets if target.where.clause not in hidden),
        tasks=tuple(task for task in plan.tasks if not task.restricted and task.where.clause not in hidden),
        assignments=tuple(
            each for each in plan.assignments if not each.restricted and each.where.clause not in hidden
        ),
        duties=tuple(duty for duty in plan.duties if duty.where.clause not in hidden),
        warnings=tuple(each for each in plan.warnings if each.where.clause not in hidden),
        document=public_document(plan.document, hidden),
    )


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as plain values, ready for ``json.dumps``.

    Days are "2024-08-21"; a span is ``{"clause", "start", "end"}`` in the text of the file as extracted.
    """
    return {
        "header": _header(plan.header),
        "targets": [_target(target, plan.restricted) for target in plan.targets],
        "tasks": [_task(task) for task in plan.tasks],
        "assignments": [
            {
                "office": each.office,
                "items": list(each.items),
                "where": _where(each.where),
                "restricted": each.restricted,
            }
            for each in plan.assignments
        ],
        "duties": [_duty(duty, plan.restricted) for duty in plan.duties],
        "warnings": [
            {"code": each.code, "text": each.text, "where": _where(each.where)} for each in plan.warnings
        ],
        "restricted": sorted(plan.restricted),
    }


def _header(header: Header) -> dict[str, Any]:
    area = header.area
    return {
        "kind": header.kind,
        "number": header.number,
        "issuer": header.issuer,
        "level": header.level,
        "place": header.place,
        "date": _day(header.date),
        "title": header.title,
        "period": list(header.period),
        "area": {"name": area.name if area else None, "code": area.code if area else None},
        "bases": [
            {
                "number": basis.number,
                "date": _day(basis.date),
                "issuer": basis.issuer,
                "text": basis.text,
                "parent": basis.parent,
                "where": _where(basis.where),
            }
            for basis in header.bases
        ],
    }


def _target(target: Target, restricted: frozenset[str]) -> dict[str, Any]:
    return {
        "indicator": target.indicator,
        "comparator": target.comparator,
        "value": target.value,
        "unit": target.unit,
        "year": target.year,
        "due": _day(target.due),
        "statistic": target.statistic,
        "conditions": list(target.conditions),
        "baseline": target.baseline,
        "maintain": target.maintain,
        "qualitative": target.qualitative,
        "text": target.text,
        "where": _where(target.where),
        "scope": list(target.scope),
        "upper": target.upper,
        "relative": target.relative,
        "restricted": target.where.clause in restricted,
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "number": task.number,
        "group": task.group,
        "name": task.name,
        "items": list(task.items),
        "lead": list(task.lead),
        "partners": list(task.partners),
        "from": task.first_year,
        "until": task.last_year,
        "when": task.when,
        "restricted": task.restricted,
        "where": _where(task.where),
    }


def _duty(duty: Duty, restricted: frozenset[str]) -> dict[str, Any]:
    return {
        "who": duty.who,
        "to": duty.to,
        "month": duty.month,
        "day": duty.day,
        "year": duty.year,
        "every": duty.every,
        "where": _where(duty.where),
        "via": duty.via,
        "restricted": duty.where.clause in restricted,
    }


def _where(where: Where | None) -> dict[str, Any] | None:
    return {"clause": where.clause, "start": where.start, "end": where.end} if where else None


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
