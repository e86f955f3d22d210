"""Taking up a reading and storing what it found; an amended version continues what was decided before."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from hatangso_web.plans.comparing import Read, compare
from hatangso_web.plans.drafts import Draft, drafts_of, secret_spans
from hatangso_web.plans.models import (
    Action,
    Change,
    Decision,
    Finding,
    Kind,
    Plan,
    ReadingState,
    State,
    Version,
)
from hatangso_web.plans.settling import holding, settle
from hatangso_web.plans.source import Span, locate, overlaps
from hatangso_web.plans.values import header_columns
from hatangso_web.plans.wording import value_lines

MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Reading:
    """What the engine gave: its JSON, the text, its layout, the spans it flags as restricted, its version.

    ``all_restricted`` when a stamp of secrecy covers the whole plan: then its very name is kept back.
    """

    findings: dict[str, Any]
    source: str
    layout: list[list[Any]]
    restricted_spans: list[Span]
    engine_version: str
    all_restricted: bool = False


def take_up(version_id: int, *, now: datetime, lease: timedelta) -> Version | None:
    """Claim a reading: one that waits, or one whose worker has not finished within the lease.

    The claim is one conditional update, so of two workers one gets it. After three claims that led nowhere
    the version is marked as failed, so that a file that kills the worker does not kill it for ever.
    """
    free = Q(state=ReadingState.WAITING) | Q(state=ReadingState.READING, reading_since__lt=now - lease)
    ready = Version.objects.filter(free, pk=version_id)
    token = uuid.uuid4()
    claimed = ready.filter(attempts__lt=MOST_ATTEMPTS).update(
        state=ReadingState.READING, reading_token=token, reading_since=now, attempts=F("attempts") + 1
    )
    if claimed:
        return Version.objects.select_related("plan").get(pk=version_id)
    ready.update(state=ReadingState.FAILED, reading_token=None, failure=_gave_up())
    return None


@transaction.atomic
def fail_reading(version: Version, *, sentence: str) -> None:
    """Write why a file could not be read, unless another worker has taken the reading over."""
    Version.objects.filter(
        pk=version.pk, reading_token=version.reading_token, state=ReadingState.READING
    ).update(state=ReadingState.FAILED, reading_token=None, failure=sentence)


@transaction.atomic
def store_reading(version: Version, reading: Reading, *, now: datetime) -> bool:
    """Write the findings of a version and make it the current one; False when another worker was first.

    Nothing becomes a target or a task here. Findings of the former version that did not change keep their
    decision; those that changed come up again beside it; those that are gone wait for a person to confirm it.
    """
    claimed = Version.objects.filter(
        pk=version.pk, reading_token=version.reading_token, state=ReadingState.READING
    ).update(
        state=ReadingState.READ,
        reading_token=None,
        read_at=now,
        source=reading.source,
        layout=reading.layout,
        engine_version=reading.engine_version,
    )
    if not claimed:
        return False
    Plan.objects.select_for_update().get(pk=version.plan_id)
    if reading.all_restricted:
        Plan.objects.filter(pk=version.plan_id).update(restricted=True)
    version.refresh_from_db()
    former = Version.objects.filter(plan=version.plan_id, is_current=True).first()
    spans = secret_spans(reading.findings, reading.restricted_spans)
    drafts = drafts_of(reading.findings, source=reading.source, restricted_spans=spans)
    version.restricted_spans = [list(span) for span in spans]
    if former is not None and former.number > version.number:
        version.save(update_fields=["restricted_spans"])
        Finding.objects.bulk_create([_finding(version, draft) for draft in drafts])
        return True
    Version.objects.filter(plan=version.plan_id, is_current=True).update(is_current=False)
    version.is_current = True
    version.save(update_fields=["is_current", "restricted_spans"])
    if former is None:
        Finding.objects.bulk_create([_finding(version, draft) for draft in drafts])
        _take_header(version.plan, drafts)
        return True
    _continue(version, former, drafts, now=now)
    return True


def _continue(version: Version, former: Version, drafts: Sequence[Draft], *, now: datetime) -> None:
    """Write the findings of an amended version, each beside the one it continues."""
    old = {finding.pk: finding for finding in former.findings.select_related("former", "decided_by")}
    comparable = [finding for finding in old.values() if not _is_settled_gone(finding)]
    pairs = compare([_read_old(finding) for finding in comparable], [_read_new(draft) for draft in drafts])
    by_new = {pair.new: pair for pair in pairs}
    findings = []
    for draft in drafts:
        finding = _finding(version, draft)
        pair = by_new.get(draft.position)
        if pair is not None:
            _join(finding, old[pair.old], changed=pair.changed)
        findings.append(finding)
    taken = {pair.old for pair in pairs}
    left = [finding for finding in comparable if finding.pk not in taken]
    findings += _carry_left(version, left, position=len(drafts))
    _restrict_spans(version, findings)
    Finding.objects.bulk_create(findings)
    carried = [
        finding for finding in findings if finding.state != State.OPEN and finding.decided_by is not None
    ]
    Decision.objects.bulk_create([_carry_line(finding, now) for finding in carried])
    settle(list(version.findings.select_related("version__plan", "former")), by=version.uploaded_by, at=now)


def _join(finding: Finding, old: Finding, *, changed: bool) -> None:
    """Make a finding continue an old one: same keeps the decision, changed comes up beside the former one."""
    finding.lineage = old.lineage
    finding.restricted = finding.restricted or old.restricted
    undecided_change = old.state == State.OPEN and old.change == Change.CHANGED and old.former is not None
    finding.former = old.former if undecided_change else old
    if changed or undecided_change:
        finding.change = Change.CHANGED
        return
    finding.change = Change.SAME
    finding.value, finding.state = old.value, old.state
    finding.decided_by, finding.decided_at = old.decided_by, old.decided_at
    finding.revision = 0 if old.state == State.OPEN else 1


def _carry_left(version: Version, left: Sequence[Finding], *, position: int) -> list[Finding]:
    """Continue old findings the new reading does not hold: added by hand and still there, or gone."""
    carried = []
    for old in left:
        if old.kind in {Kind.WARNING, Kind.HEADER} or holding(old) is None:
            continue
        position += 1
        finding = Finding(
            version=version,
            kind=old.kind,
            position=position,
            lineage=old.lineage,
            text=old.text,
            clause=old.clause,
            read_value=old.read_value,
            value=old.value,
            restricted=old.restricted,
            former=old,
            change=Change.GONE,
        )
        span = locate(old.text, version.source) if old.read_value is None and old.text else None
        if old.read_value is None and (span is not None or not old.text):
            finding.start, finding.end = span or (None, None)
            _join(finding, old, changed=False)
        elif old.change == Change.GONE and old.state == State.REJECTED:  # "still keep" was said before
            finding.former, finding.state, finding.revision = old.former, old.state, 1
            finding.decided_by, finding.decided_at = old.decided_by, old.decided_at
        carried.append(finding)
    return carried


def _restrict_spans(version: Version, findings: Sequence[Finding]) -> None:
    """Mask what an earlier version restricted also in this one, and restrict what touches it."""
    spans: set[Span] = {(start, end) for start, end in version.restricted_spans}
    placed = [(finding, (finding.start, finding.end)) for finding in findings if finding.start is not None]
    spans |= {
        (start, end) for finding, (start, end) in placed if finding.restricted and start is not None and end
    }
    for finding, (start, end) in placed:
        if start is not None and end is not None and overlaps((start, end), spans):
            finding.restricted = True
    version.restricted_spans = [list(span) for span in sorted(spans)]
    version.save(update_fields=["restricted_spans"])


def _finding(version: Version, draft: Draft) -> Finding:
    return Finding(
        version=version,
        kind=draft.kind,
        position=draft.position,
        clause=draft.clause,
        start=draft.start,
        end=draft.end,
        text=draft.text,
        read_value=draft.value,
        value=draft.value,
        restricted=draft.restricted,
        warned=draft.warned,
    )


def _carry_line(finding: Finding, now: datetime) -> Decision:
    return Decision(
        finding=finding,
        action=Action.CARRY,
        revision=finding.revision,
        state_before=State.OPEN,
        state_after=finding.state,
        value_before=finding.read_value,
        value_after=finding.value,
        by=finding.decided_by,
        at=now,
    )


def _read_old(finding: Finding) -> Read:
    value = finding.read_value if finding.read_value is not None else finding.value
    return Read(
        finding.pk, finding.kind, finding.clause, finding.text, value, tuple(value_lines(finding.kind, value))
    )


def _read_new(draft: Draft) -> Read:
    return Read(
        draft.position,
        draft.kind,
        draft.clause,
        draft.text,
        draft.value,
        tuple(value_lines(draft.kind, draft.value)),
    )


def _is_settled_gone(finding: Finding) -> bool:
    return finding.change == Change.GONE and finding.state == State.ACCEPTED


def _take_header(plan: Plan, drafts: Sequence[Draft]) -> None:
    """Show the plan under its own name at once; who confirmed it stays empty until somebody does."""
    for draft in drafts:
        if draft.kind == Kind.HEADER:
            plan.refresh_from_db()
            for name, value in header_columns(draft.value).items():
                setattr(plan, name, value)
            plan.save()


def _gave_up() -> str:
    return _(
        "Máy chủ đã thử đọc tệp này 3 lần mà không xong. Hãy mở tệp bằng Word, lưu lại thành .docx rồi tải lên; "
        "nếu vẫn vậy, báo quản trị hệ thống."
    )
