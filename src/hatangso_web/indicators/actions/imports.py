"""Bringing tables in: handed over, columns chosen (and remembered), confirmed into drafts or for approval, approved."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.indicators.table_kinds import table_kind
from hatangso.tables import header_signature, match_headers
from hatangso.vietnamese import format_number, nfc
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import PERMISSIONS_OF, Permission, Role
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import ancestor_paths
from hatangso_web.indicators.actions.entry import save_cells
from hatangso_web.indicators.actions.merging import Entry
from hatangso_web.indicators.audit import Event
from hatangso_web.indicators.importing import Tried, TriedFigure, try_table
from hatangso_web.indicators.jobs import compute_figures
from hatangso_web.indicators.models import (
    ColumnMemory,
    ImportedFigure,
    ImportState,
    Origin,
    Submission,
    TableImport,
    Value,
)
from hatangso_web.indicators.queries.imports import enters_for_areas, firms_of_entry
from hatangso_web.indicators.queries.sheets import Key, current_values
from hatangso_web.indicators.sent_tables import read_sent
from hatangso_web.indicators.steps import StaleSubmissionError


@dataclass(frozen=True)
class HandedTable:
    """What became of a table handed over; ``known`` when it was there already."""

    table: TableImport
    known: bool


@dataclass(frozen=True)
class Confirmation:
    """What the person says when confirming: a word on warnings, another confidence with its reason, whether drafts
    that hold other figures are written over."""

    explanation: str = ""
    confidence: str = ""
    reason: str = ""
    overwrite: bool = False


def hand_over(table: TableImport, upload: File, *, by: User) -> HandedTable:
    """Store a table with area, kind, period and firm as chosen; columns that are remembered are not asked again.

    Who: who enters figures in the area; a firm's clerk only the firm's own. The same file for the same kind, period,
    area and firm is recognised by its content and changes nothing.

    Raises
    ------
    InputError
        when the file cannot be read as a table, or it is not for this person to bring such a table.
    """
    _require_bringing(table, by)
    content = _content(upload)
    table.filename = nfc(Path((upload.name or "").replace("\\", "/")).name)[-255:]
    table.sha256 = hashlib.sha256(content).hexdigest()
    if known := _known(table):
        return HandedTable(known, known=True)
    kind = table_kind(table.table_kind)
    table.headers = read_sent(content, table.filename, kind).headers
    table.organisation = _organisation(by, table)
    table.mapping, remembered = proposed_mapping(table)
    if remembered and not kind.missing_from(table.mapping.values()):
        table.state = ImportState.CHECKED
    table.uploaded_by, table.uploaded_at = by, timezone.now()
    upload.seek(0)
    table.file.save(f"{table.sha256}{Path(table.filename).suffix.lower()}", upload, save=False)
    try:
        with transaction.atomic():
            table.save()
            record(Event.TABLE_RECEIVED, about=table, by=by, details=_about(table))
    except IntegrityError:  # the same file came in twice at the same moment
        table.file.delete(save=False)
        if known := _known(table):
            return HandedTable(known, known=True)
        raise
    return HandedTable(table, known=False)


@transaction.atomic
def choose_columns(table: TableImport, *, mapping: Mapping[str, str], by: User) -> None:
    """Say which column is what and remember it for tables of this kind with the same headers. When: unconfirmed."""
    _require_bringing(table, by)
    kind = table_kind(table.table_kind)
    if missing := kind.missing_from(mapping.values()):
        raise InputError(_("Ghép cột"), found=_("chưa chọn %(what)s") % {"what": "; ".join(missing)})
    changed = TableImport.objects.filter(
        pk=table.pk, state__in=[ImportState.MAPPING, ImportState.CHECKED]
    ).update(mapping=dict(mapping), state=ImportState.CHECKED)
    if not changed:
        raise StaleSubmissionError(_("Bảng này đã được xác nhận hoặc bỏ; hãy tải lại trang."))
    ColumnMemory.objects.update_or_create(
        organisation=table.organisation,
        table_kind=table.table_kind,
        header_set=header_signature(table.headers),
        defaults={"mapping": dict(mapping), "changed_by": by, "changed_at": timezone.now()},
    )
    table.refresh_from_db()


@transaction.atomic
def confirm_table(table: TableImport, *, said: Confirmation, by: User) -> Tried:
    """Record what a table says: into the open drafts that ask for it, the rest for approval; all of it or nothing.

    Who: who may bring the table. When: it was read without an error and every warning has its word.
    """
    _require_bringing(table, by)
    table = TableImport.objects.select_for_update().get(pk=table.pk)
    if table.state != ImportState.CHECKED:
        raise StaleSubmissionError(_("Bảng này đã được xác nhận hoặc bỏ; hãy tải lại trang."))
    if said.confidence and not said.reason.strip():
        raise InputError(_("Mức tin cậy"), found=_("chưa ghi lý do chọn mức khác quy tắc"))
    table.confidence, table.confidence_reason = said.confidence, said.reason.strip()[:300]
    table.explanation = said.explanation.strip()[:500]
    tried = try_table(table, by=by)
    _refuse_faults(table, tried)
    drafted = _into_drafts(table, tried, said, by)
    waiting = _keep_figures(table, tried, drafted)
    table.state = ImportState.WAITING if waiting else ImportState.DONE
    table.confirmed_by, table.confirmed_at = by, timezone.now()
    table.report = {
        "figures": len(tried.figures),
        "drafted": len(drafted),
        "waiting": waiting,
        "read": tried.read,
    }
    table.save()
    record(Event.TABLE_CONFIRMED, about=table, by=by, details={**_about(table), **table.report})
    return tried


@transaction.atomic
def approve_table(table: TableImport, *, by: User, note: str = "") -> int:
    """Turn the waiting figures of a table into values; a value that stands is superseded, an equal one kept.

    Who: who approves figures where the table was brought for, and did not confirm it. Returns how many values.
    """
    _take(table, by, (ImportState.WAITING, ImportState.DONE), note)
    now = timezone.now()
    standing = {
        (value.area_id, value.operator_id, value.variable): value
        for value in Value.objects.filter(
            period=table.period, kind=table.value_kind, superseded_by=None,
            area__in=table.figures.values("area"), variable__in=table.figures.values("variable"),
        )
    }  # fmt: skip
    made = []
    for figure in table.figures.filter(submission=None):
        former = standing.get((figure.area_id, figure.operator_id, figure.variable))
        if former is not None and (former.value, former.confidence) == (figure.value, figure.confidence):
            continue
        made.append(
            Value(
                area_id=figure.area_id, variable=figure.variable, period=table.period, operator_id=figure.operator_id,
                value=figure.value, kind=table.value_kind, confidence=figure.confidence, table_import=table,
                source=_source(table), explanation=figure.explanation, supersedes=former, by=by, at=now,
            )
        )  # fmt: skip
    try:
        with transaction.atomic():
            Value.objects.bulk_create(made, batch_size=500)
    except IntegrityError as fault:
        raise StaleSubmissionError(
            _("Người khác vừa ghi số liệu của cùng địa bàn và kỳ; hãy tải lại trang rồi duyệt lại.")
        ) from fault
    record(Event.TABLE_APPROVED, about=table, by=by, details={**_about(table), "values": len(made)})
    compute_later(table.area, table.period)
    return len(made)


@transaction.atomic
def refuse_table(table: TableImport, *, by: User, note: str) -> None:
    """Refuse what a table says, with the reason; nothing of it counts. Who: who would approve it."""
    if not note.strip():
        raise InputError(_("Không duyệt"), found=_("chưa ghi lý do"))
    _take(table, by, (ImportState.WAITING, ImportState.REFUSED), note)
    record(Event.TABLE_REFUSED, about=table, by=by, details={**_about(table), "note": note.strip()})


@transaction.atomic
def withdraw_table(table: TableImport, *, by: User, note: str) -> None:
    """Take back what a table gave, with the reason: its values that stand are superseded with nothing.

    Who: who approves. What went into drafts stays there; a draft is mended in its sheet.
    """
    if not note.strip():
        raise InputError(_("Rút số liệu"), found=_("chưa ghi lý do"))
    _take(table, by, (ImportState.DONE, ImportState.WITHDRAWN), note)
    now = timezone.now()
    standing = list(current_values(period=table.period).filter(table_import=table))
    Value.objects.bulk_create(
        [
            Value(
                area_id=value.area_id, variable=value.variable, period=value.period, operator_id=value.operator_id,
                value=None, kind=value.kind, table_import=table, source=_source(table), supersedes=value, by=by, at=now,
                explanation=note.strip()[:500],
            )
            for value in standing
        ],
        batch_size=500,
    )  # fmt: skip
    record(Event.TABLE_WITHDRAWN, about=table, by=by, details={**_about(table), "values": len(standing)})
    compute_later(table.area, table.period)


@transaction.atomic
def discard_table(table: TableImport, *, by: User) -> None:
    """Drop a table that was not confirmed; its file stays, for the trail."""
    _require_bringing(table, by)
    changed = TableImport.objects.filter(
        pk=table.pk, state__in=[ImportState.MAPPING, ImportState.CHECKED]
    ).update(state=ImportState.DISCARDED)
    if not changed:
        raise StaleSubmissionError(_("Bảng này đã được xác nhận hoặc bỏ; hãy tải lại trang."))
    record(Event.TABLE_DISCARDED, about=table, by=by, details=_about(table))


def proposed_mapping(table: TableImport) -> tuple[dict[str, str], bool]:
    """Return header → column: as remembered (and True), else as the names suggest."""
    remembered = ColumnMemory.objects.filter(
        organisation=table.organisation,
        table_kind=table.table_kind,
        header_set=header_signature(table.headers),
    ).first()
    if remembered is not None:
        kept = {sent: ours for sent, ours in remembered.mapping.items() if sent in table.headers}
        return kept, len(kept) == len(remembered.mapping)
    return match_headers(table.headers, table_kind(table.table_kind).spec), False


def compute_later(area: Area, period: str) -> None:
    """Have the indicators of the province of an area computed once the transaction holds."""
    top = Area.objects.filter(path__in=ancestor_paths(area.path), level=Level.PROVINCE).first() or area
    transaction.on_commit(lambda: compute_figures.enqueue(top.pk, period))


def _require_bringing(table: TableImport, by: User) -> None:
    """Raise unless the person may bring this table: figures of the area, or of their own firm only."""
    require(by, Permission.ENTER_FIGURES, area=table.area)
    if enters_for_areas(by):
        return
    own = set(firms_of_entry(by).values_list("pk", flat=True))
    if table.operator_id not in own or table_kind(table.table_kind).per != "operator":
        raise PermissionDenied(_("Doanh nghiệp chỉ nạp bảng số liệu của chính mình."))


def _organisation(by: User, table: TableImport) -> Organisation:
    """The organisation the person brings it for: that of the role that covers the area."""
    for held in by.memberships_held:
        covers = held.area is None or table.area.path.startswith(held.area.path)
        if covers and Permission.ENTER_FIGURES in PERMISSIONS_OF[Role(held.role)]:
            return held.organisation
    raise PermissionDenied(_("Tài khoản của bạn không nhập số liệu ở địa bàn này."))


def _known(table: TableImport) -> TableImport | None:
    gone = [ImportState.DISCARDED, ImportState.REFUSED, ImportState.WITHDRAWN]
    return (
        TableImport.objects.filter(
            sha256=table.sha256, table_kind=table.table_kind, period=table.period, area=table.area,
            operator=table.operator,
        ).exclude(state__in=gone).first()
    )  # fmt: skip


def _content(upload: File) -> bytes:
    size, limit = upload.size or 0, settings.UPLOAD_LIMIT_BYTES
    where = _("Tệp “%(name)s”") % {"name": upload.name}
    if not size:
        raise InputError(where, found=_("không có nội dung"), remedy=_("Kiểm tra rồi chọn lại tệp"))
    if size > limit:
        raise InputError(
            where,
            found=_("nặng %(size)s MB") % {"size": format_number(size / 1024 / 1024, 1)},
            expected=_("tệp không quá %(limit)s MB") % {"limit": format_number(limit / 1024 / 1024, 0)},
        )
    upload.seek(0)
    return bytes(upload.read())


def _refuse_faults(table: TableImport, tried: Tried) -> None:
    if tried.errors:
        raise InputError(
            _("Bảng còn %(count)s chỗ sai") % {"count": tried.errors}, remedy=_("Sửa tệp rồi nạp lại")
        )
    if not tried.figures:
        raise InputError(_("Bảng không cho số liệu nào"), remedy=_("Xem lại cách ghép cột"))
    if tried.warnings and not table.explanation:
        raise InputError(
            _("Bảng có %(count)s cảnh báo") % {"count": tried.warnings},
            remedy=_("Ghi lời giải trình rồi xác nhận"),
        )


def _into_drafts(
    table: TableImport, tried: Tried, said: Confirmation, by: User
) -> dict[tuple[int, int | None, str], Submission]:
    """Write figures into the open drafts that ask for them; a cell that holds another figure stays unless told."""
    written: dict[int, dict[Key, tuple[object, str]]] = defaultdict(dict)
    drafts: dict[int, Submission] = {}
    went: dict[tuple[int, int | None, str], Submission] = {}
    for figure in tried.figures:
        if figure.draft is None:
            continue
        went[figure.slot] = figure.draft
        if not figure.draft.is_open or (figure.clashes and not said.overwrite):
            continue
        drafts[figure.draft.pk] = figure.draft
        word = _word(table, figure)
        written[figure.draft.pk][figure.area.pk, figure.variable.code] = (figure.value, word)
    for key, cells in written.items():
        save_cells(
            submission=drafts[key],
            written=cells,
            by=by,
            entry=Entry(origin=Origin.IMPORTED, table_import=table),
        )
    return went


def _keep_figures(
    table: TableImport, tried: Tried, drafted: Mapping[tuple[int, int | None, str], Submission]
) -> int:
    """Keep every figure of the table; return how many wait for approval."""
    figures = [
        ImportedFigure(
            table_import=table, area=each.area, operator=each.operator, variable=each.variable.code, value=each.value,
            confidence=each.confidence, explanation=_word(table, each), rows=list(each.rows[:50]),
            submission=drafted.get(each.slot),
        )
        for each in tried.figures
    ]  # fmt: skip
    ImportedFigure.objects.bulk_create(figures, batch_size=500)
    return sum(each.submission_id is None for each in figures)


def _word(table: TableImport, figure: TriedFigure) -> str:
    return table.explanation if figure.warned else ""


def _take(table: TableImport, by: User, step: tuple[ImportState, ImportState], note: str) -> None:
    """Decide on a table if it still stands where the decision assumes; who is first wins."""
    require(by, Permission.APPROVE_FIGURES, area=table.area)
    if table.confirmed_by_id == by.pk:
        raise PermissionDenied(_("Người nạp không tự duyệt bảng của mình."))
    before, after = step
    changed = TableImport.objects.filter(pk=table.pk, state=before).update(
        state=after, decided_by=by, decided_at=timezone.now(), note=note.strip()[:500]
    )
    if not changed:
        raise StaleSubmissionError(_("Người khác vừa xử lý bảng này; hãy tải lại trang."))
    table.refresh_from_db()


def _source(table: TableImport) -> str:
    return _("Bảng “%(name)s”: %(kind)s") % {
        "name": table.filename[:100],
        "kind": table_kind(table.table_kind).name_vi,
    }


def _about(table: TableImport) -> dict[str, Any]:
    return {"sha256": table.sha256, "kind": table.table_kind, "period": table.period}
