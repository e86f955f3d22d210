"""Disputing a declared value: raised with a reason, answered by a date, settled with an outcome that is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import Challenge, ChallengeState, Value
from hatangso_web.indicators.queries.visible import may_enter
from hatangso_web.indicators.steps import StaleSubmissionError

ANSWER_DAYS = 10


@transaction.atomic
def raise_challenge(
    *, value: Value, reason: str, by: User, claimed: float | None = None, evidence: Any = None
) -> Challenge:
    """Dispute a value that stands. Who: anybody who may look at its area. The declarer has ten days to answer."""
    require(by, Permission.VIEW, area=value.area)
    if not reason.strip():
        raise InputError(_("Phản ánh"), found=_("chưa ghi lý do"))
    if value.value is None or hasattr(value, "superseded_by"):
        raise InputError(_("Phản ánh"), found=_("giá trị này không còn hiệu lực"), remedy=_("Mở giá trị mới"))
    now = timezone.now()
    try:
        with transaction.atomic():
            challenge = Challenge.objects.create(
                value=value, reason=reason.strip()[:2000], claimed=claimed, evidence=evidence or "", by=by, at=now,
                answer_by=timezone.localdate(now) + timedelta(days=ANSWER_DAYS),
            )  # fmt: skip
    except IntegrityError as fault:
        raise InputError(_("Giá trị này đang có phản ánh chưa kết luận.")) from fault
    record(Event.CHALLENGED, about=challenge, by=by, details={"value": value.pk})
    return challenge


@transaction.atomic
def answer_challenge(*, challenge: Challenge, answer: str, by: User) -> None:
    """Answer a dispute. Who: who enters figures for the unit that declared the value. When: it is open."""
    submission = challenge.value.submission
    if submission is None or not may_enter(by, submission):
        raise PermissionDenied(_("Chỉ đơn vị kê khai giá trị này được trả lời."))
    _settle(challenge, (ChallengeState.OPEN,), ChallengeState.ANSWERED, answer=answer, by=by)
    record(Event.CHALLENGE_ANSWERED, about=challenge, by=by)


@transaction.atomic
def settle_challenge(*, challenge: Challenge, upheld: bool, outcome: str, by: User) -> None:
    """Settle a dispute, upheld or not, with the reason. Who: who approves figures of the area, not who raised it.

    A figure that is upheld to be wrong is corrected by its unit in a further submission; it is not changed here.
    """
    require(by, Permission.APPROVE_FIGURES, area=challenge.value.area)
    if challenge.by_id == by.pk:
        raise PermissionDenied(_("Người phản ánh không tự kết luận."))
    state = ChallengeState.UPHELD if upheld else ChallengeState.REJECTED
    _settle(challenge, (ChallengeState.OPEN, ChallengeState.ANSWERED), state, answer=outcome, by=by)
    record(Event.CHALLENGE_SETTLED, about=challenge, by=by, details={"state": str(state)})


def _settle(
    challenge: Challenge, before: tuple[ChallengeState, ...], after: ChallengeState, *, answer: str, by: User
) -> None:
    text, now = answer.strip()[:2000], timezone.now()
    if not text:
        raise InputError(_("Phản ánh"), found=_("chưa ghi nội dung"))
    fields: dict[str, object] = (
        {"answer": text, "answered_by": by, "answered_at": now}
        if after == ChallengeState.ANSWERED
        else {"outcome": text, "settled_by": by, "settled_at": now}
    )
    changed = Challenge.objects.filter(pk=challenge.pk, state__in=before).update(state=after, **fields)
    if not changed:
        raise StaleSubmissionError(_("Người khác vừa xử lý phản ánh này; hãy tải lại trang."))
    challenge.refresh_from_db()
