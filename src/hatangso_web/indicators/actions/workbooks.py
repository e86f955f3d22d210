"""Taking in returned workbooks: first a dry run that shows every problem, then all units at once or none."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.indicators.actions.entry import save_cells
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.models import Round, Submission, WorkbookReturn
from hatangso_web.indicators.queries.sheets import Key, rows_of, sheet_of, variables_of
from hatangso_web.indicators.queries.visible import may_enter, submissions_visible_to
from hatangso_web.indicators.workbooks import ReadCell, match_cells, read_round_workbook

Place = tuple[str, int, int]


@dataclass(frozen=True)
class UnitRun:
    """What the workbook says for one unit: cells as written, how many would change, why it cannot be taken in."""

    submission: Submission
    written: dict[Key, tuple[object, str]]
    changes: int
    refusal: str = ""


@dataclass(frozen=True)
class DryRun:
    """What taking in a workbook would do; ``problems`` by place in the workbook: severity and sentence."""

    sha256: str
    units: tuple[UnitRun, ...]
    problems: dict[Place, tuple[str, str]] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        """How many cells would change."""
        return sum(unit.changes for unit in self.units if not unit.refusal)

    @property
    def errors(self) -> int:
        """How many cells stand in the way."""
        return sum(severity == "error" for severity, _sentence in self.problems.values())


def try_workbook(*, round_: Round, content: bytes, by: User) -> DryRun:
    """Read a returned workbook and say what it would change and what is wrong; nothing is stored.

    Raises
    ------
    InputError
        when the workbook is not of this round, with the reason.
    PermissionDenied
        when it holds no unit of this person.
    """
    returned = read_round_workbook(content, round_)
    units = list(submissions_visible_to(by).filter(round=round_, pk__in=returned.submissions))
    if not units or not any(may_enter(by, unit) for unit in units):
        raise PermissionDenied(
            _("Tệp này là của đơn vị khác; tài khoản của bạn không nhập số liệu cho đơn vị đó.")
        )
    variables = variables_of(round_)
    owner: dict[tuple[str, str], tuple[Submission, Key]] = {}
    for unit in units:
        for area in rows_of(unit):
            for variable in variables:
                owner[area.code, variable.code] = (unit, (area.pk, variable.code))
    found, faults = match_cells(returned, {codes: key for codes, (_unit, key) in owner.items()})
    problems: dict[Place, tuple[str, str]] = {place: ("error", sentence) for place, sentence in faults}
    by_unit: dict[int, dict[Key, ReadCell]] = defaultdict(dict)
    for unit, key in owner.values():
        if key in found:
            by_unit[unit.pk][key] = found[key]
    runs = tuple(_try_unit(unit, by_unit.get(unit.pk, {}), problems, by) for unit in units)
    return DryRun(hashlib.sha256(content).hexdigest(), runs, problems)


@transaction.atomic
def take_in_workbook(*, round_: Round, content: bytes, filename: str, by: User) -> DryRun:
    """Store what a returned workbook says, all of it or nothing; the same workbook again changes nothing.

    Who: who may enter for its units. When: they are being entered or were returned. Cells that cannot be read
    or do not belong to the unit stop the whole workbook.
    """
    run = try_workbook(round_=round_, content=content, by=by)
    if run.errors or run.changes == 0:
        return run
    changed = 0
    for unit in run.units:
        if unit.changes and not unit.refusal:
            changed += save_cells(submission=unit.submission, written=unit.written, by=by).changed
    WorkbookReturn.objects.create(
        round=round_, sha256=run.sha256, filename=filename[:255], changed=changed, by=by, at=timezone.now()
    )
    record(Event.WORKBOOK_TAKEN_IN, about=round_, by=by, details={"file": filename[:120], "cells": changed})
    return run


def _try_unit(
    unit: Submission, cells: dict[Key, ReadCell], problems: dict[Place, tuple[str, str]], by: User
) -> UnitRun:
    written = {key: (cell.value, cell.word) for key, cell in cells.items()}
    sheet = sheet_of(unit, written=written)
    stored = {(cell.area_id, cell.variable): (cell.value, cell.explanation) for cell in unit.cells.all()}
    changes = 0
    for shown in sheet.cells:
        key = (shown.area.pk, shown.variable.code)
        if key not in cells:
            continue
        if stored.get(key, (None, "")) != (shown.value, shown.explanation):
            changes += 1
        for problem in shown.problems:
            if problem.severity == "error" or not shown.explanation:
                severity = "error" if problem.severity == "error" else "warning"
                problems.setdefault(cells[key].place, (severity, problem.sentence))
    refusal = ""
    if changes and not may_enter(by, unit):
        refusal = _("tài khoản của bạn không nhập số liệu cho đơn vị này")
    elif changes and not unit.is_open:
        refusal = _("báo cáo đã gửi hoặc đã duyệt, không sửa được nữa")
    return UnitRun(unit, written, changes, refusal)
