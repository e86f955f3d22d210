"""Entering figures and handing them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.checks import write_figure
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import Cell, State, Submission
from hatangso_web.indicators.queries.sheets import Key, Sheet, sheet_of
from hatangso_web.indicators.queries.visible import may_enter
from hatangso_web.indicators.steps import StaleSubmissionError, take_step

Written = Mapping[Key, tuple[object, str]]


@dataclass(frozen=True)
class Saved:
    """What came of saving: the sheet as it now stands, how many cells changed; wrong ones were not stored."""

    sheet: Sheet
    changed: int


def save_cells(*, submission: Submission, written: Written, by: User) -> Saved:
    """Store what was written; a cell that cannot be read stays as it was and is shown with its fault.

    Who: who may enter for the unit. When: the submission is being entered or was returned. Saving the same
    twice changes nothing. Everything is read and checked before the transaction begins, so that it is short: on
    the evening of the deadline hundreds of units wait for it.
    """
    require_entering(submission, by)
    sheet = sheet_of(submission, written=written)
    return Saved(sheet, _store(submission, sheet, written, by))


@transaction.atomic
def _store(submission: Submission, sheet: Sheet, written: Written, by: User) -> int:
    """Write the cells that differ and return how many; the submission must still be open."""
    _hold_open(submission)
    stored = {(cell.area_id, cell.variable): cell for cell in submission.cells.select_for_update()}
    now, fresh, changed = timezone.now(), [], []
    before_after: dict[str, list[str]] = {}
    for cell in sheet.cells:
        key = (cell.area.pk, cell.variable.code)
        if key not in written or any(problem.rule == "type" for problem in cell.problems):
            continue
        former = stored.get(key)
        if former is None:
            if cell.value is not None or cell.explanation:
                fresh.append(_new_cell(submission, key, (cell.value, cell.explanation), (by, now)))
                before_after[f"{cell.area.code} {cell.variable.code}"] = ["", cell.written]
        elif (former.value, former.explanation) != (cell.value, cell.explanation):
            label = f"{cell.area.code} {cell.variable.code}"
            before_after[label] = [write_figure(cell.variable, former.value), cell.written]
            former.value, former.explanation = cell.value, cell.explanation
            former.changed_at, former.changed_by = now, by
            changed.append(former)
    Cell.objects.bulk_create(fresh, batch_size=500)
    Cell.objects.bulk_update(changed, ["value", "explanation", "changed_at", "changed_by"], batch_size=500)
    if fresh or changed:
        Submission.objects.filter(pk=submission.pk).update(saved_at=now, saved_by=by)
        submission.saved_at, submission.saved_by = now, by
        record(Event.CELLS_SAVED, about=submission, by=by, details=dict(list(before_after.items())[:50]))
    return len(fresh) + len(changed)


def submit(*, submission: Submission, revision: int, by: User) -> None:
    """Hand the figures in: no error may stand, every warning needs its word, something must be filled in.

    Who: who may enter for the unit. When: it is being entered or was returned, and nobody took a step since the
    page was opened.
    """
    require_entering(submission, by)
    checked_at = Submission.objects.values_list("saved_at", flat=True).get(pk=submission.pk)
    sheet = sheet_of(submission)
    if sheet.filled == 0:
        raise InputError(_("Báo cáo"), found=_("chưa có số liệu nào"), remedy=_("Nhập ít nhất một ô"))
    if sheet.errors:
        raise InputError(
            _("Báo cáo còn lỗi"),
            found="; ".join(problem.sentence for cell in sheet.errors[:5] for problem in cell.problems[:1]),
            remedy=_("Sửa các ô có lỗi rồi gửi lại"),
        )
    if sheet.unexplained:
        raise InputError(
            _("Báo cáo còn cảnh báo chưa giải trình"),
            found="; ".join(cell.variable.name_vi for cell in sheet.unexplained[:5]),
            remedy=_("Ghi lời giải trình vào ô bên cạnh"),
        )
    with transaction.atomic():
        # What was checked is what is sent: nobody saved a cell between the check and this moment.
        held = Submission.objects.select_for_update().values_list("saved_at", flat=True).get(pk=submission.pk)
        if held != checked_at:
            raise StaleSubmissionError(_("Số liệu vừa được người khác sửa; hãy tải lại trang rồi gửi lại."))
        take_step(submission, (State.DRAFT, State.RETURNED), State.SUBMITTED, revision=revision, by=by)
        record(Event.SUBMITTED, about=submission, by=by, details={"cells": sheet.filled})


def require_entering(submission: Submission, by: User) -> None:
    """Raise unless the person may enter figures for the unit."""
    if not may_enter(by, submission):
        raise PermissionDenied(_("Tài khoản của bạn không nhập số liệu cho đơn vị này."))


def _hold_open(submission: Submission) -> None:
    """Hold the row and read its state again: what was sent meanwhile is closed."""
    state = Submission.objects.select_for_update().values_list("state", flat=True).get(pk=submission.pk)
    submission.state = state
    if not submission.is_open:
        raise StaleSubmissionError(
            _("Báo cáo đã gửi hoặc đã duyệt nên không sửa được nữa; hãy tải lại trang.")
        )


def _new_cell(
    submission: Submission, key: Key, content: tuple[float | None, str], who: tuple[User, object]
) -> Cell:
    return Cell(
        submission=submission,
        area_id=key[0],
        variable=key[1],
        value=content[0],
        explanation=content[1],
        changed_by=who[0],
        changed_at=who[1],
    )
