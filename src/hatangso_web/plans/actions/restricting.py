"""Keeping a sentence from those who may not read it, in the text and in everything read from it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.plans.audit import Event
from hatangso_web.plans.models import Assignment, Duty, Finding, LegalBasis, Target, Task, Version
from hatangso_web.plans.source import Span, overlaps

_CONFIRMED = (Target, Task, Assignment, Duty, LegalBasis)


@transaction.atomic
def mark_restricted(*, finding: Finding, by: User) -> None:
    """Restrict a finding, its sentence and everything read from the same sentence.

    Who: a person who confirms plans of the area and may read what is restricted. It is not lifted here:
    a secret told once cannot be taken back, so lifting takes a new version of the plan.
    """
    version = finding.version
    require(by, Permission.CONFIRM_PLANS, area=version.plan.area)
    require(by, Permission.VIEW_RESTRICTED, area=version.plan.area)
    if not version.is_current:
        raise InputError(_("Bản này không phải bản hiện hành của kế hoạch"), remedy=_("Mở bản hiện hành"))
    restrict([finding.pk], version)
    if finding.start is not None and finding.end is not None:
        restrict_span(version, (finding.start, finding.end))
    record(Event.FINDING_RESTRICTED, about=version.plan, by=by)


def restrict_span(version: Version, span: Span) -> None:
    """Add a span to what is masked in the text, and restrict the findings whose sentence touches it."""
    spans = {(start, end) for start, end in version.restricted_spans} | {span}
    version.restricted_spans = [list(each) for each in sorted(spans)]
    version.save(update_fields=["restricted_spans"])
    touching = [
        pk
        for pk, start, end in version.findings.filter(start__isnull=False).values_list("pk", "start", "end")
        if overlaps((start, end), [span])
    ]
    restrict(touching, version)


def restrict(findings: Iterable[int], version: Version) -> None:
    """Restrict findings and the confirmed rows that rest on them, in every version of the plan."""
    lineages = list(version.findings.filter(pk__in=list(findings)).values_list("lineage", flat=True))
    Finding.objects.filter(version__plan=version.plan_id, lineage__in=lineages).update(restricted=True)
    for model in _CONFIRMED:
        model.objects.filter(plan=version.plan_id, lineage__in=lineages).update(restricted=True)
