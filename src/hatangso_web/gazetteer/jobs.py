"""Background work on areas: checking and writing files, loading the national register, a change taking effect."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from hatangso.errors import HatangsoError, InputError
from hatangso.vietnamese import format_number
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.permissions import paths_with
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.loading import load_register
from hatangso_web.areas.models import Area
from hatangso_web.areas.present import bring_present
from hatangso_web.areas.queries import covers
from hatangso_web.gazetteer.audit import Event
from hatangso_web.gazetteer.files import check_file, store_file
from hatangso_web.gazetteer.models import AreaFile, FileState


@task()
def check(file_id: int) -> None:
    """Check a file that waits; a second run finds nothing to do."""
    row = AreaFile.objects.filter(pk=file_id, state=FileState.WAITING).first()
    if row is None:
        return
    path = Path(row.file.path)
    try:
        checked = check_file(row, path)
        _refuse_beyond(row, checked.codes)
    except HatangsoError as fault:
        row.state, row.failure = FileState.REFUSED, sentence_of(fault, row)
    except OSError:
        row.state, row.failure = (
            FileState.REFUSED,
            _("Không mở được tệp đã lưu trên máy chủ. Hãy báo quản trị hệ thống."),
        )
    else:
        row.state, row.report, row.counts = FileState.CHECKED, list(checked.report), checked.counts
        row.report = [line.replace(path.name, row.filename) for line in row.report]
    row.save(update_fields=["state", "failure", "report", "counts"])


@task()
def store(file_id: int) -> None:
    """Write a file that a person told to write; a second run finds nothing to do."""
    with transaction.atomic():
        row = AreaFile.objects.select_for_update().filter(pk=file_id, state=FileState.STORING).first()
        if row is None:
            return
        try:
            with transaction.atomic():
                row.counts = store_file(row, Path(row.file.path))
        except HatangsoError as fault:
            row.state, row.failure = FileState.REFUSED, sentence_of(fault, row)
        else:
            row.state, row.stored_at = FileState.STORED, timezone.now()
            record(Event.FILE_STORED, about=row, by=row.stored_by, details=dict(row.counts))
        row.save(update_fields=["state", "failure", "counts", "stored_at"])


@task()
def load_national_register() -> None:
    """Load the national register shipped with the program; a second run writes nothing."""
    loaded = load_register(on=timezone.localdate())
    if loaded.versions or loaded.changes or loaded.closed:
        record(Event.REGISTER_LOADED, about=None, by=None, details=vars(loaded))


@task()
def take_effect() -> None:
    """Bring areas in step with their versions on the day a change takes effect."""
    bring_present(on=timezone.localdate())


def _refuse_beyond(row: AreaFile, codes: Sequence[str]) -> None:
    """Refuse a file that touches areas outside those of the person who handed it in."""
    paths = paths_with(row.uploaded_by, Permission.IMPORT_AREAS)
    beyond = [
        area.name
        for area in Area.objects.filter(code__in=codes).order_by("code")
        if not covers(paths, area.path)
    ]
    if beyond:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": row.filename},
            found=_("có %(number)s đơn vị ngoài địa bàn bạn được giao (%(names)s)")
            % {"number": format_number(len(beyond)), "names": ", ".join(beyond[:3])},
            expected=_("chỉ các đơn vị trong địa bàn được giao quyền nạp"),
        )


def sentence_of(fault: HatangsoError, row: AreaFile) -> str:
    """Return the engine's sentence with the name the person knows instead of the stored one."""
    stored = Path(row.file.path)
    return str(fault).replace(str(stored), row.filename).replace(stored.name, row.filename)
