"""Approving, returning, locking, taking back; approved figures become values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.value_kinds import confidence_of_declared
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.jobs import compute_figures
from hatangso_web.indicators.models import Cell, CellComment, Kind, State, Submission, Value
from hatangso_web.indicators.queries.sheets import Key, current_values, sheet_of
from hatangso_web.indicators.steps import take_step


@transaction.atomic
def approve(*, submission: Submission, revision: int, by: User, note: str = "") -> None:
    """Publish the figures of a submission; indicators are computed from them.

    Who: who approves where the round was called, and did not send it. When: it waits, and nobody took a step
    since the page was opened.
    """
    require(by, Permission.APPROVE_FIGURES, area=submission.round.area)
    if submission.submitted_by_id == by.pk:
        raise PermissionDenied(_("Người gửi không tự duyệt báo cáo của mình."))
    take_step(submission, (State.SUBMITTED,), State.APPROVED, revision=revision, by=by, note=note)
    count = _publish(submission, by)
    record(Event.APPROVED, about=submission, by=by, details={"values": count})
    _compute_later(submission)


@transaction.atomic
def return_back(
    *, submission: Submission, revision: int, by: User, note: str, comments: Mapping[Key, str] | None = None
) -> None:
    """Send a submission back with a reason, or with comments on its cells.

    Who: who approves where the round was called. When: it waits.
    """
    require(by, Permission.APPROVE_FIGURES, area=submission.round.area)
    said = {key: text.strip() for key, text in (comments or {}).items() if text.strip()}
    if not note.strip() and not said:
        raise InputError(
            _("Trả lại"), found=_("chưa ghi lý do"), remedy=_("Ghi lý do chung hoặc ý kiến ở từng ô")
        )
    take_step(submission, (State.SUBMITTED,), State.RETURNED, revision=revision, by=by, note=note.strip())
    now = timezone.now()
    CellComment.objects.bulk_create(
        [
            CellComment(
                submission=submission, area_id=area, variable=variable, text=text[:500], by=by, at=now
            )
            for (area, variable), text in said.items()
        ]
    )
    record(Event.RETURNED, about=submission, by=by, details={"note": note.strip(), "comments": len(said)})


@transaction.atomic
def lock(*, submission: Submission, revision: int, by: User) -> None:
    """Close an approved submission for good; only a further round can correct it.

    Who: who approves where the round was called. When: it is approved.
    """
    require(by, Permission.APPROVE_FIGURES, area=submission.round.area)
    take_step(submission, (State.APPROVED,), State.LOCKED, revision=revision, by=by)
    record(Event.LOCKED, about=submission, by=by)


@transaction.atomic
def undo(*, submission: Submission, revision: int, by: User) -> None:
    """Take back the last step: a sending by who sent it, a decision by one who approves; never a locked one.

    Values of an approval that is taken back are superseded with nothing; they are not removed.
    """
    last = submission.steps.order_by("-number").first()
    if last is None or last.undo or last.after == State.LOCKED or last.number != revision:
        raise InputError(_("Báo cáo này không còn bước nào hoàn tác được; hãy tải lại trang"))
    if last.after == State.SUBMITTED:
        if last.by_id != by.pk:
            raise PermissionDenied(_("Chỉ người đã gửi được rút lại báo cáo chưa duyệt."))
    else:
        require(by, Permission.APPROVE_FIGURES, area=submission.round.area)
    take_step(submission, (State(last.after),), State(last.before), revision=revision, by=by, undo=True)
    if last.after == State.APPROVED:
        _withdraw(submission, by)
        _compute_later(submission)
    record(Event.UNDONE, about=submission, by=by, details={"step": [last.after, last.before]})


def _publish(submission: Submission, by: User) -> int:
    """Write a value for every filled cell; one that stands is superseded, an equal one of the same source kept."""
    round_ = submission.round
    chains = Value.objects.filter(
        period=round_.period, superseded_by=None, kind=Kind.DECLARED, operator=submission.organisation
    )
    standing = {
        (value.area_id, value.variable): value
        for value in chains.filter(area__in=submission.cells.values("area"), variable__in=round_.variables)
    }
    now = timezone.now()
    cells = list(submission.cells.filter(value__isnull=False))
    confidence = _confidence(submission, cells)
    made = [
        Value(
            area_id=cell.area_id, variable=cell.variable, period=round_.period, operator=submission.organisation,
            value=cell.value, submission=submission, explanation=cell.explanation,
            table_import_id=cell.table_import_id, confidence=confidence[cell.area_id, cell.variable],
            supersedes=standing.get((cell.area_id, cell.variable)), by=by, at=now,
        )
        for cell in cells
    ]  # fmt: skip
    try:
        with transaction.atomic():
            Value.objects.bulk_create(made, batch_size=500)
    except IntegrityError as fault:
        raise InputError(
            _("Duyệt số liệu"), found=_("người khác vừa duyệt cùng số liệu này ở một đợt khác"),
            remedy=_("Tải lại trang, xem số vừa được duyệt rồi duyệt lại"),
        ) from fault  # fmt: skip
    return len(made)


def _confidence(submission: Submission, cells: Sequence[Cell]) -> dict[Key, str]:
    """How far each figure may be relied on: by the warnings it carries and by what other kinds say of the same."""
    others: dict[Key, list[float]] = defaultdict(list)
    rows = current_values(period=submission.round.period).exclude(kind=Kind.DECLARED)
    for value in rows.filter(
        area__in={cell.area_id for cell in cells},
        operator=submission.organisation,
        variable__in=submission.round.variables,
    ):
        others[value.area_id, value.variable].append(value.value or 0.0)
    warned: set[Key] = set()
    if any(cell.explanation for cell in cells):  # a warning cannot be sent without its word
        warned = {cell.key for cell in sheet_of(submission).cells if cell.is_warned}
    return {
        key: confidence_of_declared(cell.value or 0.0, others=others.get(key, ()), warned=key in warned)
        for cell in cells
        for key in [(cell.area_id, cell.variable)]
    }


def _withdraw(submission: Submission, by: User) -> None:
    now = timezone.now()
    standing = current_values(period=submission.round.period).filter(submission=submission)
    Value.objects.bulk_create(
        [
            Value(
                area_id=value.area_id, variable=value.variable, period=value.period, operator_id=value.operator_id,
                value=None, kind=value.kind, submission=submission, supersedes=value, by=by, at=now,
            )
            for value in standing
        ],
        batch_size=500,
    )  # fmt: skip


def _compute_later(submission: Submission) -> None:
    area, period = submission.round.area_id, submission.round.period
    transaction.on_commit(lambda: compute_figures.enqueue(area, period))
