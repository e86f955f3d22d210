"""What a reviewer asks: the findings of a version, what is left, the text beside them, the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from hatangso_web.accounts.permissions import Person
from hatangso_web.plans.models import Action, Change, Decision, Finding, Kind, State, Version
from hatangso_web.plans.queries.visible import blocks_of_version, findings_visible_to, hidden_spans
from hatangso_web.plans.source import ShownRow, shown_rows


@dataclass(frozen=True)
class KindCount:
    """How many findings of a kind there are, how many wait, how many wait without a warning."""

    kind: Kind
    total: int
    left: int
    left_without_warning: int

    @property
    def done(self) -> int:
        """How many are decided."""
        return self.total - self.left


def findings_of(user: Person, version: Version) -> QuerySet[Finding]:
    """Return the findings of a version this person may see, in reading order."""
    return (
        findings_visible_to(user)
        .filter(version=version)
        .select_related("decided_by", "former", "former__decided_by")
    )


def counts_of(user: Person, version: Version) -> list[KindCount]:
    """Return the counts per kind, in the order of review; one query."""
    rows = {
        row["kind"]: row
        for row in findings_visible_to(user)
        .filter(version=version)
        .order_by()
        .values("kind")
        .annotate(
            total=Count("pk"),
            left=Count("pk", filter=Q(state=State.OPEN)),
            plain=Count("pk", filter=plain_condition()),
        )
    }
    return [
        KindCount(kind, rows[kind]["total"], rows[kind]["left"], rows[kind]["plain"])
        for kind in Kind
        if kind in rows
    ]


def plain_condition() -> Q:
    """Return the filter "open, no warning, and still in the text": what may be accepted in one go."""
    return Q(state=State.OPEN, warned=False) & ~Q(change=Change.GONE)


def text_of(
    user: Person, version: Version, findings: Sequence[Finding], chosen: int | None
) -> list[ShownRow]:
    """Return the text as this person may read it, with the sentences of ``findings`` marked."""
    marks = [
        (finding.pk, (finding.start, finding.end))
        for finding in findings
        if finding.start is not None and finding.end is not None and finding.change != Change.GONE
    ]
    return shown_rows(
        version.source,
        blocks=blocks_of_version(version),
        marks=marks,
        hidden=hidden_spans(user, version),
        chosen=chosen,
    )


def histories_of(user: Person, version: Version, findings: Sequence[Finding]) -> dict[UUID, list[Decision]]:
    """Return, for each finding's lineage, the decisions in all versions of the plan, newest first; one query."""
    same_things = findings_visible_to(user).filter(
        version__plan=version.plan_id, lineage__in=[finding.lineage for finding in findings]
    )
    histories: dict[UUID, list[Decision]] = {}
    decisions = Decision.objects.filter(finding__in=same_things).select_related(
        "by", "finding", "finding__version"
    )
    for decision in decisions.order_by("-at", "-pk"):
        histories.setdefault(decision.finding.lineage, []).append(decision)
    return histories


def last_undoable(user: Person, version: Version) -> Decision | None:
    """Return this person's last decision in the version that nobody has decided over since."""
    decisions = (
        Decision.objects.filter(finding__in=findings_visible_to(user).filter(version=version), by_id=user.pk)
        .exclude(action__in=[Action.CARRY, Action.UNDO])
        .filter(undone_by=None)
        .select_related("finding")
        .order_by("-at", "-pk")[:20]
    )
    for decision in decisions:
        if decision.revision == decision.finding.revision:
            return decision
    return None
