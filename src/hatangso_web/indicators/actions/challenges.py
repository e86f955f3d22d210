"""Disputing what was declared: raised with a reason, answered by a date, settled with an outcome that is kept.

The rule of correcting: when a dispute is upheld and says what is right, that value takes the place of the declared
one at once, with the dispute as its source; when it does not say, the unit corrects in its next submission.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.checks import known_variable, read_figure
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.evidence import MOST_PUBLIC_BYTES, PICTURES, check_evidence, clean_picture
from hatangso_web.indicators.jobs import compute_figures
from hatangso_web.indicators.models import Challenge, ChallengeState, Signal, Value, VillageCoverage
from hatangso_web.indicators.models.challenges import new_receipt
from hatangso_web.indicators.queries.challenges import may_answer
from hatangso_web.indicators.steps import StaleSubmissionError

ANSWER_DAYS = 10


@dataclass(frozen=True)
class CitizensWord:
    """What a citizen says of the coverage of a village; ``contact`` only if they want to be told."""

    coverage: VillageCoverage
    claimed: Signal
    reason: str
    contact: str = ""
    evidence: Any = None
    receipt: str = ""


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
    variable = known_variable(value.variable)
    if claimed is not None and variable is not None:
        claimed = read_figure(variable, claimed)
    if evidence:
        check_evidence(evidence)
    now = timezone.now()
    try:
        with transaction.atomic():
            challenge = Challenge.objects.create(
                value=value, area=value.area, period=value.period, operator=value.operator,
                reason=reason.strip()[:2000], claimed=claimed, evidence=evidence or "", by=by, at=now,
                answer_by=_answer_day(),
            )  # fmt: skip
    except IntegrityError as fault:
        raise InputError(_("Giá trị này đang có phản ánh chưa kết luận.")) from fault
    record(Event.CHALLENGED, about=challenge, by=by, details={"value": value.pk})
    return challenge


@transaction.atomic
def send_citizens_word(word: CitizensWord) -> Challenge:
    """Write down what a citizen says of a published class of coverage; nobody else sees it before it is taken on.

    Who: anybody. When: the village's record is confirmed, that is published. The same receipt again adds nothing.
    """
    if known := Challenge.objects.filter(receipt=word.receipt).first():
        return known
    coverage, village = word.coverage, word.coverage.record.village
    if coverage.record.confirmed_at is None:
        raise InputError(_("Phản ánh"), found=_("số liệu của thôn chưa công bố"))
    if word.claimed == coverage.signal:
        raise InputError(_("Phản ánh"), found=_("mức bạn chọn giống mức đã công bố"))
    if not word.reason.strip():
        raise InputError(_("Phản ánh"), found=_("chưa ghi lý do"))
    picture: Any = ""
    if word.evidence:
        check_evidence(word.evidence, kinds=PICTURES, most=MOST_PUBLIC_BYTES)
        picture = clean_picture(word.evidence)
    challenge = Challenge.objects.create(
        receipt=word.receipt or new_receipt(), area=village, period=coverage.record.period, operator=coverage.operator, technology=coverage.technology,
        declared=coverage.signal, claimed_class=word.claimed, reason=word.reason.strip()[:2000],
        contact=word.contact.strip()[:120], evidence=picture, at=timezone.now(), state=ChallengeState.PENDING,
    )  # fmt: skip
    record(Event.CHALLENGED, about=challenge, by=None)
    return challenge


@transaction.atomic
def receive_challenge(*, challenge: Challenge, accepted: bool, outcome: str, by: User) -> None:
    """Take a citizen's dispute on, so that the declarer must answer, or decline it with a reason.

    Who: who approves figures of the area. When: it waits to be taken on. Declined, its contact is forgotten.
    """
    require(by, Permission.APPROVE_FIGURES, area=challenge.area)
    now, reason = timezone.now(), outcome.strip()[:2000]
    if not accepted and not reason:
        raise InputError(
            _("Không tiếp nhận"), found=_("chưa ghi lý do"), remedy=_("Ghi lý do để người gửi biết")
        )
    fields: dict[str, object] = {"received_by": by, "received_at": now}
    if accepted:
        fields |= {"answer_by": _answer_day(), "state": ChallengeState.OPEN}
    else:
        fields |= {"state": ChallengeState.DECLINED, "outcome": reason, "settled_by": by, "settled_at": now, "contact": ""}  # fmt: skip
    try:
        with transaction.atomic():
            _step(challenge, (ChallengeState.PENDING,), fields)
    except IntegrityError as fault:
        raise InputError(
            _("Mức phủ sóng này đang có phản ánh chưa kết luận."),
            remedy=_("Không tiếp nhận phản ánh trùng và ghi số phản ánh đang xử lý"),
        ) from fault
    record(Event.CHALLENGE_RECEIVED, about=challenge, by=by, details={"state": str(challenge.state)})


@transaction.atomic
def answer_challenge(*, challenge: Challenge, answer: str, by: User) -> None:
    """Answer a dispute. Who: who enters figures for the unit that declared. When: it is open."""
    if not may_answer(by, challenge):
        raise PermissionDenied(_("Chỉ đơn vị kê khai giá trị này được trả lời."))
    fields = {"answer": _said(answer), "answered_by": by, "answered_at": timezone.now(), "state": ChallengeState.ANSWERED}  # fmt: skip
    _step(challenge, (ChallengeState.OPEN,), fields)
    record(Event.CHALLENGE_ANSWERED, about=challenge, by=by)


@transaction.atomic
def settle_challenge(*, challenge: Challenge, upheld: bool, outcome: str, by: User) -> None:
    """Settle a dispute, upheld or not, with the reason; what is right takes the place of what was declared.

    Who: who approves figures of the area, not who raised it. When: to uphold it, after the declarer answered or
    the day to answer has passed; to reject it, at any time.
    """
    require(by, Permission.APPROVE_FIGURES, area=challenge.area)
    if challenge.by_id is not None and challenge.by_id == by.pk:
        raise PermissionDenied(_("Người phản ánh không tự kết luận."))
    if upheld and challenge.state == ChallengeState.OPEN and timezone.localdate() <= challenge.answer_by:
        raise InputError(
            _("Chấp nhận phản ánh"),
            found=_("đơn vị kê khai chưa trả lời và còn hạn đến %(day)s")
            % {"day": f"{challenge.answer_by:%d/%m/%Y}"},
            remedy=_("Chờ trả lời hoặc chờ hết hạn"),
        )
    state = ChallengeState.UPHELD if upheld else ChallengeState.REJECTED
    fields: dict[str, object] = {
        "outcome": _said(outcome),
        "settled_by": by,
        "settled_at": timezone.now(),
        "state": state,
        "contact": "",
    }
    _step(challenge, (ChallengeState.OPEN, ChallengeState.ANSWERED), fields)
    if upheld:
        _correct(challenge, by)
    record(
        Event.CHALLENGE_SETTLED,
        about=challenge,
        by=by,
        details={"state": str(state), "value": challenge.corrected_id or ""},
    )


def _correct(challenge: Challenge, by: User) -> None:
    """Put what the dispute says in the place of what was declared, where it says so and the declared one still stands."""
    source = _("Phản ánh %(number)s được chấp nhận") % {"number": challenge.number}
    if challenge.value is None:
        VillageCoverage.objects.filter(
            record__village=challenge.area, record__period=challenge.period, operator=challenge.operator,
            technology=challenge.technology, signal=challenge.declared,
        ).update(signal=challenge.claimed_class)  # fmt: skip
        return
    former = challenge.value
    if challenge.claimed is None or Value.objects.filter(supersedes=former).exists():
        return
    challenge.corrected = Value.objects.create(
        area=former.area, variable=former.variable, period=former.period, operator=former.operator,
        value=challenge.claimed, kind=former.kind, confidence=former.confidence, source=source,
        explanation=challenge.outcome[:500], supersedes=former, by=by, at=timezone.now(),
    )  # fmt: skip
    challenge.save(update_fields=["corrected"])
    root = Area.objects.get(path="/" + former.area.path.strip("/").split("/")[0] + "/")
    home = former.submission.round.area if former.submission else root
    transaction.on_commit(lambda: compute_figures.enqueue(home.pk, former.period))


def _answer_day() -> Any:
    return timezone.localdate() + timedelta(days=ANSWER_DAYS)


def _said(text: str) -> str:
    said = text.strip()[:2000]
    if not said:
        raise InputError(_("Phản ánh"), found=_("chưa ghi nội dung"))
    return said


def _step(challenge: Challenge, before: tuple[ChallengeState, ...], fields: dict[str, object]) -> None:
    changed = Challenge.objects.filter(pk=challenge.pk, state__in=before).update(**fields)
    if not changed:
        raise StaleSubmissionError(_("Người khác vừa xử lý phản ánh này; hãy tải lại trang."))
    challenge.refresh_from_db()
