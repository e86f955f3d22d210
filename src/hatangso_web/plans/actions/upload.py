"""Taking in a plan file, for a new plan or as a further version of one."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.vietnamese import format_number, nfc
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.models import Area
from hatangso_web.plans.audit import Event
from hatangso_web.plans.jobs import LEASE, read_version, watch_reading
from hatangso_web.plans.models import Plan, ReadingState, Version
from hatangso_web.screen.errors import is_disk_full

FORMATS = (".docx", ".pdf", ".txt", ".html", ".htm", ".md")


@dataclass(frozen=True)
class Upload:
    """A file as it was handed in: for the new plan of an area, or as a further version of ``plan``."""

    file: File
    area: Area
    plan: Plan | None = None
    note: str = ""


@dataclass(frozen=True)
class Taken:
    """What became of an upload; ``known`` when the same file was there already."""

    version: Version
    known: bool


def take_in(upload: Upload, *, by: User) -> Taken:
    """Store a plan file and have it read in the background.

    Who: a person who reads in plans of the area. The same file handed in twice for an area is recognised by
    its content and not stored again.

    Raises
    ------
    InputError
        when the file is empty, too large or of a kind that cannot hold a plan, or cannot be kept.
    """
    area = upload.plan.area if upload.plan else upload.area
    require(by, Permission.READ_PLANS, area=area)
    name = _checked_name(upload.file)
    digest = _digest(upload.file)
    known = Version.objects.filter(area=area, sha256=digest).select_related("plan").first()
    if known is not None:
        return Taken(known, known=True)
    try:
        return Taken(_store(upload, area=area, name=name, digest=digest, by=by), known=False)
    except IntegrityError:  # the same file came in twice at the same moment
        known = Version.objects.filter(area=area, sha256=digest).select_related("plan").first()
        if known is None:
            raise
        return Taken(known, known=True)


@transaction.atomic
def read_again(*, version: Version, by: User) -> None:
    """Have a version read once more after its reading failed."""
    require(by, Permission.READ_PLANS, area=version.plan.area)
    changed = Version.objects.filter(pk=version.pk, state=ReadingState.FAILED).update(
        state=ReadingState.WAITING, failure="", attempts=0, reading_token=None, reading_since=None
    )
    if changed:
        _enqueue(version)
        record(Event.READ_AGAIN, about=version.plan, by=by)


def _store(upload: Upload, *, area: Area, name: str, digest: str, by: User) -> Version:
    """Keep the file, then write its rows; when either fails, neither stays."""
    kept = _keep_file(upload.file, f"{digest}{Path(name).suffix.lower()}")
    try:
        with transaction.atomic():
            version = _write_version(upload, area=area, name=name, by=by, kept=(kept, digest))
            _enqueue(version)
            event = Event.PLAN_UPLOADED if upload.plan is None else Event.VERSION_UPLOADED
            record(event, about=version.plan, by=by, details={"version": version.number, "sha256": digest})
    except DatabaseError:
        default_storage.delete(kept)
        raise
    return version


def _keep_file(file: File, name: str) -> str:
    """Return the name a file was stored under; a file that was cut off half-way is removed again."""
    wanted = default_storage.get_available_name(Version._meta.get_field("file").generate_filename(None, name))
    file.seek(0)
    try:
        return default_storage.save(wanted, file)
    except OSError as fault:
        with contextlib.suppress(OSError):
            default_storage.delete(wanted)
        raise InputError(
            _("Kho tệp của máy chủ"),
            found=_("hết chỗ trống") if is_disk_full(fault) else _("không ghi được"),
            remedy=_("Tệp chưa được lưu. Hãy báo quản trị hệ thống rồi nạp lại sau"),
        ) from fault


def _write_version(upload: Upload, *, area: Area, name: str, by: User, kept: tuple[str, str]) -> Version:
    now = timezone.now()
    if upload.plan is None:
        plan = Plan.objects.create(area=area, title=Path(name).stem[:500], created_by=by, created_at=now)
    else:
        plan = Plan.objects.select_for_update().get(pk=upload.plan.pk)
    last = plan.versions.aggregate(last=Max("number"))["last"] or 0
    return Version.objects.create(
        plan=plan,
        area=area,
        number=last + 1,
        file=kept[0],
        filename=name[-255:],
        sha256=kept[1],
        size_bytes=upload.file.size or 0,
        note=upload.note,
        uploaded_by=by,
        uploaded_at=now,
    )


def _enqueue(version: Version) -> None:
    """Queue the reading and a later look at it; both are rows written in the same transaction."""
    read_version.enqueue(version.pk)
    watch_reading.using(run_after=timezone.now() + LEASE).enqueue(version.pk)


def _checked_name(file: File) -> str:
    name = nfc(Path((file.name or "").replace("\\", "/")).name)
    suffix = Path(name).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=_("không thuộc loại đọc được"),
            expected=_("tệp Word (.docx), PDF có chữ, .txt, .html hoặc .md"),
            remedy=_("Mở tệp bằng Word rồi lưu thành .docx"),
        )
    if not file.size:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=_("không có nội dung"),
            remedy=_("Kiểm tra rồi chọn lại tệp"),
        )
    limit = settings.UPLOAD_LIMIT_BYTES
    if file.size > limit:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=_("nặng %(size)s MB") % {"size": format_number(file.size / 1024 / 1024, 1)},
            expected=_("tệp không quá %(limit)s MB") % {"limit": format_number(limit / 1024 / 1024, 0)},
            remedy=_("Bỏ bớt hình ảnh trong tệp, hoặc chỉ tải phần kế hoạch và phụ lục"),
        )
    return name


def _digest(file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()
