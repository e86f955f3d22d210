"""Entering figures and handing them in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.checks import read_figure, write_figure
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.indicators.actions.merging import Entry, Written, merge, show_conflicts
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import Cell, Origin, State, Submission
from hatangso_web.indicators.queries.sheets import Conflict, Key, Sheet, rows_of, sheet_of, variables_of
from hatangso_web.indicators.queries.visible import may_enter
from hatangso_web.indicators.steps import StaleSubmissionError, take_step

_STORED = ["value", "explanation", "origin", "table_import", "changed_at", "changed_by"]


@dataclass(frozen=True)
class Saved:
    """What came of saving: the sheet as it now stands, how many cells changed; wrong ones were not stored.

    ``sheet.conflicts`` are cells that somebody else changed meanwhile: neither figure is lost, none was stored.
    """

    sheet: Sheet
    changed: int


def save_cells(*, submission: Submission, written: Written, by: User, entry: Entry | None = None) -> Saved:
    """Store what was written; a cell that cannot be read stays as it was and is shown with its fault.

    Who: who may enter for the unit. When: the submission is being entered or was returned. Saving the same
    twice changes nothing; of two people who change the same cell the later one is shown both figures. Everything is
    read and checked before the transaction begins, so that it is short: on the evening of the deadline hundreds of
    units wait for it.
    """
    require_entering(submission, by)
    entry = entry or Entry()
    wanted, _early = merge(written, _stored(submission), entry)
    sheet = sheet_of(submission, written=wanted)
    unread = {cell.key for cell in sheet.cells if any(problem.rule == "type" for problem in cell.problems)}
    readable = {key: content for key, content in written.items() if key not in unread}
    changed, conflicts = _store(submission, readable, entry, by)
    prefilled = {key for key in entry.looked_at if key not in conflicts}
    sheet = show_conflicts(_confirmed(sheet, prefilled), conflicts, written)
    return Saved(sheet, changed)


@transaction.atomic
def _store(
    submission: Submission, written: Written, entry: Entry, by: User
) -> tuple[int, dict[Key, Conflict]]:
    """Write the cells that differ; return how many, and where somebody else was first. It must still be open."""
    _hold_open(submission)
    stored = _stored(submission, hold=True)
    merged, conflicts = merge(written, stored, entry)
    now = timezone.now()
    fresh: list[Cell] = []
    changed: list[Cell] = []
    before_after: dict[str, list[str]] = {}
    codes = {area.pk: area.code for area in rows_of(submission)}
    for variable in variables_of(submission.round):
        for area in codes:
            key = (area, variable.code)
            if key not in merged or key in conflicts:
                continue
            value, word = read_figure(variable, merged[key][0]), merged[key][1]
            former = stored.get(key)
            if not _changes(former, (value, word), key, entry):
                continue
            one = former or Cell(submission=submission, area_id=area, variable=variable.code)
            label = f"{codes[area]} {variable.code}"
            before_after[label] = [write_figure(variable, one.value), write_figure(variable, value)]
            one.value, one.explanation, one.origin, one.table_import = (
                value,
                word,
                entry.origin,
                entry.table_import,
            )
            one.changed_at, one.changed_by = now, by
            (fresh if former is None else changed).append(one)
    Cell.objects.bulk_create(fresh, batch_size=500)
    Cell.objects.bulk_update(changed, _STORED, batch_size=500)
    if fresh or changed:
        _note_saving(submission, by)
        record(Event.CELLS_SAVED, about=submission, by=by, details=dict(list(before_after.items())[:50]))
    return len(fresh) + len(changed), conflicts


@transaction.atomic
def prefill(*, submission: Submission, by: User) -> int:
    """Fill every empty cell with its last approved figure, marked as not looked at; return how many.

    Who: who may enter for the unit. When: it is being entered or was returned. None of them counts, and the
    submission cannot be sent, until somebody has looked at each.
    """
    require_entering(submission, by)
    _hold_open(submission)
    now = timezone.now()
    stored = _stored(submission, hold=True)
    fresh: list[Cell] = []
    again: list[Cell] = []
    for cell in sheet_of(submission).cells:
        former = stored.get(cell.key)
        if cell.last is None or (former is not None and former.value is not None):
            continue
        one = former or Cell(submission=submission, area=cell.area, variable=cell.variable.code)
        one.value, one.origin, one.changed_at, one.changed_by = cell.last.value, Origin.PREFILLED, now, by
        (fresh if former is None else again).append(one)
    Cell.objects.bulk_create(fresh, batch_size=500)
    Cell.objects.bulk_update(again, _STORED, batch_size=500)
    if fresh or again:
        _note_saving(submission, by)
        record(Event.CELLS_PREFILLED, about=submission, by=by, details={"cells": len(fresh) + len(again)})
    return len(fresh) + len(again)


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
    if sheet.prefilled:
        raise InputError(
            _("Báo cáo còn %(count)s ô điền sẵn chưa ai xem") % {"count": len(sheet.prefilled)},
            found="; ".join(f"{cell.variable.name_vi} ({cell.area.name})" for cell in sheet.prefilled[:5]),
            remedy=_("Đánh dấu “Đã xem” ở từng ô, hoặc sửa, xóa số rồi gửi lại"),
        )
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


def _stored(submission: Submission, *, hold: bool = False) -> dict[Key, Cell]:
    cells = submission.cells.select_related("changed_by")
    if hold:
        cells = cells.select_for_update(of=("self",))
    return {(cell.area_id, cell.variable): cell for cell in cells}


def _changes(former: Cell | None, content: tuple[float | None, str], key: Key, entry: Entry) -> bool:
    """Whether a cell differs from what stands; looking at a prefilled one, or emptying it, is a change too."""
    if former is None:
        return entry.seen is not None or content != (None, "")
    if (former.value, former.explanation) != content:
        return True
    return former.origin == Origin.PREFILLED and (key in entry.looked_at or entry.seen is None)


def _confirmed(sheet: Sheet, keys: set[Key]) -> Sheet:
    """The sheet with the cells the person has looked at no longer marked as prefilled."""
    if not keys:
        return sheet
    return replace(
        sheet,
        rows=tuple(
            (area, tuple(replace(cell, prefilled=False) if cell.key in keys else cell for cell in cells))
            for area, cells in sheet.rows
        ),
    )


def _note_saving(submission: Submission, by: User) -> None:
    submission.saved_at, submission.saved_by = timezone.now(), by
    Submission.objects.filter(pk=submission.pk).update(saved_at=submission.saved_at, saved_by=by)
