"""What people do to areas: hand in files and have them written, enter changes, confirm and withdraw them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.areas.register import Area as Unit
from hatangso.errors import InputError
from hatangso.vietnamese import format_number, nfc
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area, AreaVersion, Change
from hatangso_web.areas.present import bring_present
from hatangso_web.gazetteer.audit import Event
from hatangso_web.gazetteer.files import refuse_foreign
from hatangso_web.gazetteer.jobs import check, store, take_effect
from hatangso_web.gazetteer.models import AreaFile, FileState, Revision, RevisionState
from hatangso_web.gazetteer.revising import Planned, effect_of, new_change, plan_change


@dataclass(frozen=True)
class HandedIn:
    """A file of areas as it was handed in; ``level`` only for boundaries."""

    file: File
    kind: str
    on: date
    level: str = ""
    source: str = ""


def hand_in(handed: HandedIn, *, by: User) -> tuple[AreaFile, bool]:
    """Keep a file and have it checked in the background; return it and whether it was there already.

    Raises
    ------
    InputError
        when the file is empty, too large or not what its name says.
    """
    require(by, Permission.IMPORT_AREAS)
    name = nfc(Path((handed.file.name or "").replace("\\", "/")).name)[-255:]
    _check_size(handed.file, name)
    digest = hashlib.sha256()
    for chunk in handed.file.chunks():
        digest.update(chunk)
    same = AreaFile.objects.filter(
        sha256=digest.hexdigest(), kind=handed.kind, on=handed.on, level=handed.level
    )
    known = same.first()
    if known is not None:
        if known.state == FileState.REFUSED:
            _check_again(known, by=by)
        return known, True
    row = AreaFile(
        kind=handed.kind, level=handed.level, on=handed.on, filename=name, sha256=digest.hexdigest(),
        size_bytes=handed.file.size or 0, source=handed.source, uploaded_by=by,
    )  # fmt: skip
    handed.file.seek(0)
    row.file.save(f"{row.sha256}{''.join(Path(name).suffixes[-2:]).lower()}", handed.file, save=False)
    try:
        refuse_foreign(Path(row.file.path), name=name, kind=handed.kind)
        with transaction.atomic():
            row.save()
            record(Event.FILE_CHECKED, about=row, by=by, details={"kind": row.kind, "sha256": row.sha256})
            check.enqueue(row.pk)
    except InputError:
        row.file.delete(save=False)
        raise
    except IntegrityError:  # the same file came in twice at the same moment
        return same.get(), True
    row.refresh_from_db()
    return row, False


@transaction.atomic
def _check_again(row: AreaFile, *, by: User) -> None:
    """Check a refused file once more: what it lacked may have been loaded meanwhile, or another person may."""
    row.state, row.failure, row.uploaded_by = FileState.WAITING, "", by
    row.save(update_fields=["state", "failure", "uploaded_by"])
    check.enqueue(row.pk)
    row.refresh_from_db()


@transaction.atomic
def write_file(row: AreaFile, *, by: User) -> None:
    """Have a checked file written; told twice, it is written once."""
    require(by, Permission.IMPORT_AREAS)
    if row.uploaded_by_id != by.pk:
        # The areas of the file were held against those of the person who handed it in.
        require(by, Permission.MANAGE_AREAS)
    told = AreaFile.objects.filter(pk=row.pk, state=FileState.CHECKED).update(
        state=FileState.STORING, stored_by=by
    )
    if told:
        store.enqueue(row.pk)


def _check_size(file: File, name: str) -> None:
    if not file.size:
        raise InputError(_("Tệp “%(name)s”") % {"name": name}, found=_("không có nội dung"))
    limit = settings.UPLOAD_LIMIT_BYTES
    if file.size > limit:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=_("nặng %(size)s MB") % {"size": format_number(file.size / 1024 / 1024, 1)},
            expected=_("tệp không quá %(limit)s MB") % {"limit": format_number(limit / 1024 / 1024, 0)},
        )


# ------------------------------------------------------------------------------------------------- changes
@dataclass(frozen=True)
class Entry:
    """A change as written in the form."""

    kind: str
    on: date
    legal_act: str
    flows: tuple[dict[str, Any], ...]


@transaction.atomic
def enter_revision(entry: Entry, *, by: User, revision: Revision | None = None) -> Revision:
    """Keep a change as a draft, checked by the engine; nothing else is touched.

    Raises
    ------
    ManyInputErrors, InputError
        with every fault of the change.
    """
    row = revision or Revision(entered_by=by)
    if row.state != RevisionState.DRAFT:
        raise ValidationError(
            _("Thay đổi đã xác nhận hoặc đã rút thì không sửa được; hãy nhập một thay đổi mới.")
        )
    row.kind, row.on, row.legal_act, row.flows = entry.kind, entry.on, entry.legal_act, list(entry.flows)
    _require_over(row, by)
    row.effect = list(effect_of(row).sentences)
    row.save()
    record(Event.CHANGE_ENTERED, about=row, by=by, details={"on": row.on.isoformat(), "act": row.legal_act})
    return row


@transaction.atomic
def confirm_revision(*, revision: Revision, by: User) -> None:
    """Write the rows of a change; names, parents and duties of areas follow on its day.

    Raises
    ------
    ManyInputErrors
        when the areas have changed since it was entered, so that it no longer fits.
    """
    row = Revision.objects.select_for_update().get(pk=revision.pk)
    _require_over(row, by)
    if row.state != RevisionState.DRAFT:
        raise ValidationError(_("Thay đổi này đã được xác nhận hoặc đã rút."))
    planned = plan_change(new_change(row))
    row.effect = list(effect_of(row).sentences)
    _write(planned, row)
    _decide(row, RevisionState.CONFIRMED, by)
    today = timezone.localdate()
    bring_present(on=today)
    if row.on > today:
        take_effect.using(run_after=timezone.make_aware(datetime.combine(row.on, time(0, 1)))).enqueue()
    details = {"on": row.on.isoformat(), "act": row.legal_act, "units": len(planned.entered.areas)}
    record(Event.CHANGE_CONFIRMED, about=row, by=by, details=details)


@transaction.atomic
def withdraw_revision(*, revision: Revision, by: User) -> None:
    """Take back a draft, or a confirmed change before its day; areas stand as if it had never been entered."""
    row = Revision.objects.select_for_update().get(pk=revision.pk)
    _require_over(row, by)
    if row.state == RevisionState.WITHDRAWN:
        raise ValidationError(_("Thay đổi này đã được rút."))
    if row.state == RevisionState.CONFIRMED:
        if row.on <= timezone.localdate():
            raise ValidationError(
                _("Thay đổi đã có hiệu lực từ %(day)s, không rút được; hãy nhập một thay đổi mới.")
                % {"day": f"{row.on:%d/%m/%Y}"}
            )
        _unwrite(row)
        bring_present(on=timezone.localdate())
    _decide(row, RevisionState.WITHDRAWN, by)
    record(Event.CHANGE_WITHDRAWN, about=row, by=by, details={"on": row.on.isoformat(), "act": row.legal_act})


def _require_over(row: Revision, by: User) -> None:
    """Ask for the right over every area a change touches, before and after."""
    require(by, Permission.MANAGE_AREAS)
    codes = {flow[side] for flow in row.flows for side in ("before", "after", "parent") if flow[side]}
    for area in Area.objects.filter(code__in=codes):
        require(by, Permission.MANAGE_AREAS, area=area)


def _decide(row: Revision, state: Any, by: User) -> None:
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.full_clean(exclude=["effect", "flows"])
    row.save()


def _write(planned: Planned, row: Revision) -> None:
    closed = [unit for unit in planned.units if unit.valid_until == row.on]
    opened = [unit for unit in planned.units if unit.valid_from == row.on and unit.valid_until != row.on]
    for unit in closed:
        AreaVersion.objects.filter(area__code=unit.code, valid_until=None).update(
            valid_until=row.on, closed_by=row.key
        )
    areas = {area.code: area for area in Area.objects.filter(code__in=_codes(opened))}
    for unit in opened:
        area = areas.get(unit.code) or _new_area(unit, areas)
        areas[unit.code] = area
        parent = areas.get(unit.parent_code)
        AreaVersion.objects.create(
            area=area, kind=unit.kind, name=unit.name, level=unit.level, parent=parent,
            path=f"{parent.path if parent else '/'}{unit.code}/", valid_from=row.on, opened_by=row.key,
        )  # fmt: skip
    for change in planned.changes:
        Change.objects.create(
            kind=change.kind, from_area=Area.objects.get(code=change.from_code),
            to_area=areas.get(change.to_code or ""), on=change.on, share=change.share,
            population_share=change.population_share, legal_act=change.legal_act, entered_as=row.key,
        )  # fmt: skip


def _codes(units: Iterable[Unit]) -> set[str]:
    return {code for unit in units for code in (unit.code, unit.parent_code) if code}


def _new_area(unit: Unit, areas: Mapping[str, Area]) -> Area:
    parent = areas.get(unit.parent_code)
    area = Area(
        code=unit.code,
        name=unit.full_name,
        level=unit.level,
        parent=parent,
        path=f"{parent.path if parent else '/'}{unit.code}/",
        valid_from=unit.valid_from,
    )
    area.full_clean(exclude=["name_folded", "name_order"])
    area.save()
    return area


def _unwrite(row: Revision) -> None:
    opened = AreaVersion.objects.filter(opened_by=row.key)
    if opened.filter(closed_by__isnull=False).exists():
        raise ValidationError(_("Một thay đổi khác đã dựa vào thay đổi này; hãy rút thay đổi kia trước."))
    keys = list(opened.values_list("area_id", flat=True))
    Change.objects.filter(entered_as=row.key).delete()
    opened.delete()
    AreaVersion.objects.filter(closed_by=row.key).update(valid_until=None, closed_by=None)
    try:
        Area.objects.filter(pk__in=keys, versions=None).delete()
    except ProtectedError as fault:
        raise ValidationError(
            _(
                "Đơn vị mới của thay đổi này đã được dùng (cơ quan, kế hoạch, thôn…); hãy chuyển chúng đi trước."
            )
        ) from fault
