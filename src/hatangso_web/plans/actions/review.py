"""What reviewers do with findings: accept, edit, reject, add, accept the plain ones, undo."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import HatangsoError, InputError
from hatangso.plans.secrecy import is_restricted
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.plans.actions.restricting import restrict, restrict_span
from hatangso_web.plans.audit import Event
from hatangso_web.plans.models import Action, Change, Decision, Finding, Kind, State, Version
from hatangso_web.plans.queries.review import last_undoable, plain_condition
from hatangso_web.plans.queries.visible import blocks_of_version, findings_visible_to, hidden_spans
from hatangso_web.plans.settling import settle
from hatangso_web.plans.source import locate, one_line, overlaps, visible_text
from hatangso_web.plans.values import check_value

_STATE_AFTER = {Action.ACCEPT: State.ACCEPTED, Action.EDIT: State.EDITED, Action.REJECT: State.REJECTED}


class StaleDecisionError(HatangsoError):
    """Somebody decided on the finding after this person had opened it."""


@dataclass(frozen=True)
class Verdict:
    """What a person decides: accept, edit (with the new value) or reject, with a reason if they give one."""

    action: Action
    revision: int
    value: dict[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True)
class Addition:
    """A thing the machine did not read: its kind, value and, when it has one, the sentence copied from the text."""

    kind: Kind
    value: dict[str, Any]
    quotation: str = ""
    restricted: bool = field(default=False)


@dataclass(frozen=True)
class _Step:
    """One line of history before it is written."""

    action: Action
    state: State
    value: dict[str, Any]
    revision: int
    note: str = ""
    undoes: Decision | None = None


@transaction.atomic
def decide(*, finding: Finding, verdict: Verdict, by: User) -> Decision:
    """Write one decision; what was read becomes (or stops being) a target, task or duty with it.

    Who: a person who confirms plans of the area, and may read what is restricted if the finding is.
    When: the version is the current one, and nobody has decided since the page was opened.

    Raises
    ------
    StaleDecisionError
        when somebody else was first.
    InputError
        when the value lacks what a target, task or duty needs.
    """
    version = finding.version
    _require_reviewer(version, by, restricted=finding.restricted)
    value = finding.value if verdict.value is None else verdict.value
    if verdict.action == Action.EDIT and finding.change == Change.GONE:
        raise InputError(_("Nội dung này không còn trong văn bản"), remedy=_("Chọn “Bỏ” hoặc “Vẫn giữ”"))
    state = _STATE_AFTER[verdict.action]
    if state != State.REJECTED and finding.change != Change.GONE:
        check_value(finding.kind, value)
    decision = _write(finding, _Step(verdict.action, state, value, verdict.revision, verdict.note), by=by)
    if verdict.value is not None and not finding.restricted and _speaks_of_secrets(value):
        restrict([finding.pk], version)
    _record(Event.FINDING_DECIDED, finding, by=by, action=verdict.action)
    return decision


@transaction.atomic
def accept_plain(*, version: Version, kind: Kind, by: User) -> int:
    """Accept every open finding of a kind that no warning points at; return how many.

    Findings that lack what they need, disappeared ones and those the person may not see stay open.
    """
    _require_reviewer(version, by)
    now = timezone.now()
    findings = [
        finding
        for finding in findings_visible_to(by)
        .filter(plain_condition(), version=version, kind=kind)
        .select_related("version__plan", "former")
        .select_for_update(of=("self",))
        if _is_complete(finding)
    ]
    decisions = []
    for finding in findings:
        step = _Step(Action.ACCEPT, State.ACCEPTED, finding.value, finding.revision)
        decisions.append(_line(finding, step, by=by))
        finding.state, finding.decided_by, finding.decided_at = State.ACCEPTED, by, now
        finding.revision += 1
    Finding.objects.bulk_update(findings, ["state", "decided_by", "decided_at", "revision"])
    Decision.objects.bulk_create(decisions)
    settle(findings, by=by, at=now)
    if findings:
        record(Event.FINDINGS_ACCEPTED, about=version.plan, by=by, details={"kind": str(kind)})
    return len(findings)


@transaction.atomic
def add_finding(*, version: Version, addition: Addition, by: User) -> Finding:
    """Write something the machine did not read, confirmed by the person who adds it.

    Its sentence is looked for in the text this person may read; one that stands nowhere is refused, so that
    every target can be followed to its source. Without a sentence it is kept as added by hand.
    """
    _require_reviewer(version, by, restricted=addition.restricted)
    check_value(addition.kind, addition.value)
    span, text = None, ""
    if addition.quotation.strip():
        shown = visible_text(
            version.source, blocks=blocks_of_version(version), hidden=hidden_spans(by, version)
        )
        span = locate(addition.quotation, shown)
        if span is None:
            raise InputError(
                _("Không thấy câu này trong văn bản"),
                found=f"“{one_line(addition.quotation, 80)}”",
                remedy=_("Chép lại đúng câu trong văn bản bên cạnh, hoặc để trống ô này"),
            )
        text = one_line(version.source[span[0] : span[1]], 4000)
    last = version.findings.order_by("-position").values_list("position", flat=True).first()
    finding = Finding(
        version=version,
        kind=addition.kind,
        position=(last or 0) + 1,
        start=span[0] if span else None,
        end=span[1] if span else None,
        text=text,
        value=addition.value,
        restricted=addition.restricted or _speaks_of_secrets({"text": text, **addition.value}),
    )
    if span and overlaps(span, [(start, end) for start, end in version.restricted_spans]):
        finding.restricted = True
    finding.save()
    if finding.restricted and span is not None:
        restrict_span(version, span)
    _write(finding, _Step(Action.ADD, State.ACCEPTED, addition.value, revision=0), by=by)
    _record(Event.FINDING_ADDED, finding, by=by, action=Action.ADD)
    return finding


@transaction.atomic
def undo_last(*, version: Version, by: User) -> Decision:
    """Take back this person's last decision in the version, unless somebody decided over it since.

    Raises
    ------
    InputError
        when there is nothing to take back.
    """
    _require_reviewer(version, by)
    decision = last_undoable(by, version)
    if decision is None:
        raise InputError(_("Không còn quyết định nào của bạn để hoàn tác ở bản này"))
    finding = Finding.objects.select_related("version__plan", "former").get(pk=decision.finding_id)
    if decision.action == Action.ADD:
        state, value = State.REJECTED, finding.value
    else:
        state, value = State(decision.state_before), decision.value_before or finding.value
    undone = _write(finding, _Step(Action.UNDO, state, value, decision.revision, undoes=decision), by=by)
    _record(Event.DECISION_UNDONE, finding, by=by, action=Action.UNDO)
    return undone


def _require_reviewer(version: Version, by: User, *, restricted: bool = False) -> None:
    require(by, Permission.CONFIRM_PLANS, area=version.plan.area)
    if restricted:
        require(by, Permission.VIEW_RESTRICTED, area=version.plan.area)
    if not version.is_current:
        raise InputError(
            _("Bản này không phải bản hiện hành của kế hoạch"), remedy=_("Mở bản hiện hành để xác nhận")
        )


def _write(finding: Finding, step: _Step, *, by: User) -> Decision:
    """Change the finding if it still stands at ``revision``, add the line of history, settle what holds."""
    now = timezone.now()
    who, when = by, now
    if (
        step.undoes is not None and step.state != State.OPEN
    ):  # back to a former decision: its author and moment
        before = finding.decisions.filter(revision__lt=step.undoes.revision, state_after=step.state)
        earlier = before.select_related("by").order_by("-revision").first()
        who, when = (earlier.by, earlier.at) if earlier else (by, now)
    changed = Finding.objects.filter(pk=finding.pk, revision=step.revision).update(
        state=step.state,
        value=step.value,
        revision=step.revision + 1,
        decided_by=None if step.state == State.OPEN else who,
        decided_at=None if step.state == State.OPEN else when,
    )
    if not changed:
        raise StaleDecisionError(_stale_sentence(finding))
    decision = _line(finding, step, by=by)
    decision.save()
    fresh = Finding.objects.select_related("version__plan", "former").get(pk=finding.pk)
    settle([fresh], by=by, at=now)
    return decision


def _line(finding: Finding, step: _Step, *, by: User) -> Decision:
    return Decision(
        finding=finding,
        action=step.action,
        revision=step.revision + 1,
        state_before=finding.state,
        state_after=step.state,
        value_before=None if step.action == Action.ADD else finding.value,
        value_after=step.value,
        note=step.note,
        by=by,
        at=timezone.now(),
        undoes=step.undoes,
    )


def _stale_sentence(finding: Finding) -> str:
    fresh = Finding.objects.select_related("decided_by").get(pk=finding.pk)
    if fresh.decided_by is None or fresh.decided_at is None:
        return _("Người khác vừa mở lại nội dung này. Hãy xem lại rồi quyết định.")
    at = timezone.localtime(fresh.decided_at)
    return _(
        "%(person)s vừa quyết định nội dung này lúc %(time)s (%(state)s). Hãy xem lại rồi quyết định."
    ) % {
        "person": fresh.decided_by,
        "time": f"{at:%H:%M}",
        "state": fresh.get_state_display().lower(),
    }


def _speaks_of_secrets(value: dict[str, Any]) -> bool:
    """Tell whether what was typed speaks of what secrecy rules keep from the public."""
    return is_restricted(json.dumps(value, ensure_ascii=False))


def _is_complete(finding: Finding) -> bool:
    try:
        check_value(finding.kind, finding.value)
    except InputError:
        return False
    return True


def _record(event: Event, finding: Finding, *, by: User, action: Action) -> None:
    """Write the trail without a word of the plan; of what is restricted, not even its kind."""
    details = {"action": str(action)}
    if not finding.restricted:
        details |= {"kind": str(finding.kind), "finding": str(finding.pk)}
    record(event, about=finding.version.plan, by=by, details=details)
