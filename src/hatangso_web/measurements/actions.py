"""What people do with measurements: set up and close a campaign, hand in files, commit, drop or withdraw them, declare speeds."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.speed.samples import TECHNOLOGIES
from hatangso.speed.validity import MOBILE
from hatangso.tables import header_signature
from hatangso.vietnamese import format_number, nfc
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.queries import below
from hatangso_web.measurements.audit import Event
from hatangso_web.measurements.columns import organisation_of
from hatangso_web.measurements.jobs import LEASE, check_file, commit_file, recount, watch_file
from hatangso_web.measurements.models import (
    OWN_TOOL,
    PENDING,
    Campaign,
    ColumnMapping,
    DeclaredSpeed,
    FileState,
    Network,
    SampleFile,
    SpeedTest,
)
from hatangso_web.measurements.storage import drop_files

FORMATS = (".csv", ".tsv", ".xlsx", ".parquet", ".geojson", ".csv.gz", ".geojson.gz", ".zip")


@dataclass(frozen=True)
class Handed:
    """What became of a file handed in; ``known`` when the campaign had it already."""

    file: SampleFile
    known: bool


@transaction.atomic
def add_campaign(campaign: Campaign, *, by: User) -> Campaign:
    """Set up a campaign over an area. Who: a person who measures speed there. Its requirement is never edited."""
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
    campaign.created_by, campaign.created_at = by, timezone.now()
    campaign.save()
    record(Event.CAMPAIGN_ADDED, about=campaign, by=by, details={"tool": campaign.tool})
    return campaign


@transaction.atomic
def close_campaign(campaign: Campaign, *, by: User) -> None:
    """Close a campaign: from now on no file comes in and none is taken out. A second call changes nothing.

    Who: a person who measures speed there. When: no file waits to be committed or dropped.

    Raises
    ------
    InputError
        when a file still waits.
    """
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    waiting = held.files.filter(state__in=PENDING).count()
    if waiting:
        raise InputError(
            _("Đợt đo “%(name)s”") % {"name": campaign.name},
            found=_("còn %(number)s tệp chưa nhập xong") % {"number": waiting},
            remedy=_("Nhập hoặc bỏ các tệp ấy rồi mới đóng đợt"),
        )
    if Campaign.objects.filter(pk=campaign.pk, closed_at=None).update(closed_at=timezone.now(), closed_by=by):
        record(Event.CAMPAIGN_CLOSED, about=campaign, by=by)


@transaction.atomic
def reopen_campaign(campaign: Campaign, *, by: User) -> None:
    """Open a closed campaign again. Who: a person who measures speed there. A second call changes nothing."""
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
    closed = Campaign.objects.filter(pk=campaign.pk, closed_at__isnull=False)
    if closed.update(closed_at=None, closed_by=None):
        record(Event.CAMPAIGN_REOPENED, about=campaign, by=by)


def hand_in(campaign: Campaign, upload: File, *, by: User) -> Handed:
    """Store a file for a campaign; it is read in the background, where its columns are named and its dry run is made.

    The same file handed in twice for a campaign is recognised by its content and changes nothing.

    Raises
    ------
    InputError
        when the file is empty, too large or of a kind that is not read; when the campaign is closed.
    """
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
    _must_be_open(campaign)
    name = _checked_name(upload)
    digest = _digest(upload)
    known = campaign.files.filter(sha256=digest).first()
    if known is not None:
        return Handed(known, known=True)
    try:
        return Handed(_store(campaign, upload, (name, digest), by=by), known=False)
    except IntegrityError:  # the same file came in twice at the same moment
        known = campaign.files.filter(sha256=digest).first()
        if known is None:
            raise
        return Handed(known, known=True)


@transaction.atomic
def choose_columns(file: SampleFile, *, mapping: Mapping[str, str], unit: str, by: User) -> None:
    """Say which column is what, have the dry run made, and remember it for files with the same headers.

    When: until the file is committed.
    """
    require(by, Permission.MEASURE_SPEED, area=file.campaign.area)
    changed = SampleFile.objects.filter(
        pk=file.pk, state__in=[FileState.MAPPING, FileState.CHECKED, FileState.FAILED]
    ).update(
        mapping=dict(mapping), unit=unit, state=FileState.WAITING, failure="", attempts=0, token=None, taken_at=None
    )  # fmt: skip
    if not changed:
        return
    organisation = organisation_of(by)
    if organisation is not None:
        ColumnMapping.objects.update_or_create(
            organisation=organisation,
            header_set=header_signature(file.headers),
            defaults={"mapping": dict(mapping), "unit": unit, "changed_at": timezone.now()},
        )
    _enqueue(check_file, file)


@transaction.atomic
def commit(file: SampleFile, *, by: User) -> None:
    """Put a checked file, or one that was withdrawn, into its campaign, in the background. A second call changes nothing.

    Raises
    ------
    InputError
        when the campaign is closed.
    """
    require(by, Permission.MEASURE_SPEED, area=file.campaign.area)
    _must_be_open(Campaign.objects.select_for_update().get(pk=file.campaign_id))
    changed = SampleFile.objects.filter(
        pk=file.pk, state__in=[FileState.CHECKED, FileState.WITHDRAWN]
    ).update(state=FileState.QUEUED, attempts=0, token=None, taken_at=None, committed_by=by)
    if changed:
        _enqueue(commit_file, file)
        record(Event.FILE_COMMITTED, about=file, by=by, details={"sha256": file.sha256})


@transaction.atomic
def discard(file: SampleFile, *, by: User) -> bool:
    """Drop a file that was not committed; own tests in it become free again. False when it is too late."""
    require(by, Permission.MEASURE_SPEED, area=file.campaign.area)
    found = (
        SampleFile.objects.select_for_update()
        .filter(pk=file.pk, state__in=[FileState.MAPPING, FileState.CHECKED, FileState.FAILED])
        .first()
    )
    if found is None:
        return False
    record(Event.FILE_DISCARDED, about=file, by=by, details={"sha256": file.sha256})
    stored = found.file.name
    found.delete()
    transaction.on_commit(lambda: file.file.storage.delete(stored))
    transaction.on_commit(lambda: drop_files(file))
    return True


@transaction.atomic
def withdraw(file: SampleFile, *, reason: str, by: User) -> bool:
    """Take a committed file out of its campaign: it stays stored and listed, its samples count no more.

    A new run is made without it, the runs before stay as they are. Who: a person who measures speed there.
    False when the file is not committed.

    Raises
    ------
    InputError
        when no reason is given, or the campaign is closed.
    """
    require(by, Permission.MEASURE_SPEED, area=file.campaign.area)
    if not reason.strip():
        raise InputError(
            _("Chưa ghi lý do rút tệp"), remedy=_("Ghi vì sao số đo của tệp không được tính nữa")
        )
    _must_be_open(Campaign.objects.select_for_update().get(pk=file.campaign_id))
    changed = SampleFile.objects.filter(pk=file.pk, state=FileState.COMMITTED).update(
        state=FileState.WITHDRAWN
    )
    if not changed:
        return False
    record(
        Event.FILE_WITHDRAWN,
        about=file,
        by=by,
        details={"sha256": file.sha256, "reason": reason.strip()[:500]},
    )
    recount.enqueue(file.campaign_id, by.pk)
    recount.using(run_after=timezone.now() + LEASE).enqueue(file.campaign_id, by.pk)
    return True


def gather_own_tests(campaign: Campaign, *, by: User) -> Handed:
    """Bring the tests made with this site's page, in the campaign's area and days and in no campaign yet, as a file.

    Raises
    ------
    InputError
        when the campaign is of another tool (tools are never mixed) or there is no such test.
    """
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
    _must_be_open(campaign)
    if campaign.tool != OWN_TOOL:
        raise InputError(
            _("Đợt đo dùng công cụ %(tool)s") % {"tool": campaign.tool},
            expected=_("đợt đo lập với công cụ %(own)s") % {"own": OWN_TOOL},
            remedy=_("Số đo của các công cụ khác nhau không gộp được; hãy lập đợt đo riêng"),
        )
    with transaction.atomic():
        tests = list(
            SpeedTest.objects.select_for_update()
            .filter(
                below(campaign.area.path, column="area__path"),
                sample_file=None,
                made_at__date__gte=campaign.starts_on,
                made_at__date__lte=campaign.ends_on,
                technology__in=_technologies(campaign),
            )
            .order_by("pk")
        )
        if not tests:
            raise InputError(
                _("Chưa có phép đo mới nào trong thời gian và địa bàn của đợt đo"),
                remedy=_(
                    "Mời người dân đo ở trang “Đo tốc độ Internet”; phép đo chưa nhập vào đợt nào sẽ được lấy"
                ),
            )
        upload = ContentFile(
            _own_parquet(tests), name=f"phep-do-{timezone.localtime():%Y%m%d-%H%M%S}.parquet"
        )
        file = _store(campaign, upload, (str(upload.name), _digest(upload)), by=by)
        SpeedTest.objects.filter(pk__in=[test.pk for test in tests]).update(sample_file=file)
        record(Event.TESTS_GATHERED, about=file, by=by, details={"tests": len(tests)})
    return Handed(file, known=False)


@transaction.atomic
def declare_speed(declared: DeclaredSpeed, *, by: User) -> DeclaredSpeed:
    """Enter what an operator declares. Who: its own clerk, or a person who measures speed in the area."""
    require(by, Permission.DECLARE_SPEED, area=declared.area)
    declared.entered_by, declared.entered_at = by, timezone.now()
    declared.save()
    record(
        Event.SPEED_DECLARED, about=declared, by=by,
        details={"vdmin": declared.vdmin_mbps, "vd": declared.vd_mbps, "vu": declared.vu_mbps},
    )  # fmt: skip
    return declared


def _store(campaign: Campaign, upload: File, named: tuple[str, str], *, by: User) -> SampleFile:
    name, digest = named
    file = SampleFile(
        campaign=campaign, filename=name[-255:], sha256=digest, size_bytes=upload.size or 0,
        state=FileState.WAITING, uploaded_by=by, uploaded_at=timezone.now(),
    )  # fmt: skip
    upload.seek(0)
    suffix = (
        "".join(Path(name.lower()).suffixes[-2:])
        if name.lower().endswith(".gz")
        else Path(name).suffix.lower()
    )
    file.file.save(f"{digest}{suffix}", upload, save=False)
    try:
        with transaction.atomic():
            file.save()
            record(Event.FILE_RECEIVED, about=file, by=by, details={"sha256": digest})
            _enqueue(check_file, file)
    except IntegrityError:
        file.file.delete(save=False)
        raise
    return file


def _must_be_open(campaign: Campaign) -> None:
    if campaign.closed_at is not None:
        raise InputError(
            _("Đợt đo “%(name)s”") % {"name": campaign.name},
            found=_("đã đóng ngày %(day)s") % {"day": f"{timezone.localtime(campaign.closed_at):%d/%m/%Y}"},
            remedy=_("Mở lại đợt đo nếu còn số đo phải nhập hoặc rút"),
        )


def _enqueue(work: Any, file: SampleFile) -> None:
    """Queue the work and a later look at it; both are rows written in the same transaction."""
    work.enqueue(file.pk)
    watch_file.using(run_after=timezone.now() + LEASE).enqueue(file.pk)


def _technologies(campaign: Campaign) -> list[str]:
    mobile = campaign.network == Network.MOBILE
    return [name for name in TECHNOLOGIES if (name in MOBILE) == mobile]


def _own_parquet(tests: list[SpeedTest]) -> bytes:
    """Write own tests as a table of samples, times in the time of the office."""
    codes = {test.pk: test.area.code for test in tests}
    table = pl.DataFrame(
        {
            "time": [timezone.localtime(test.made_at).replace(tzinfo=None) for test in tests],
            "lon": pl.Series([test.lon for test in tests], dtype=pl.Float64),
            "lat": pl.Series([test.lat for test in tests], dtype=pl.Float64),
            "area_code": [codes[test.pk] for test in tests],
            "operator": [test.operator for test in tests],
            "technology": [test.technology for test in tests],
            "connection": pl.Series([test.connection or None for test in tests], dtype=pl.String),
            "download_mbps": [test.download_mbps for test in tests],
            "upload_mbps": [test.upload_mbps for test in tests],
            "latency_ms": [test.latency_ms for test in tests],
            "jitter_ms": [test.jitter_ms for test in tests],
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tests.parquet"
        table.write_parquet(path)
        return path.read_bytes()


def _checked_name(upload: File) -> str:
    name = nfc(Path((upload.name or "").replace("\\", "/")).name)
    where = _("Tệp “%(name)s”") % {"name": name}
    if not name.lower().endswith(FORMATS):
        raise InputError(
            where,
            found=_("không thuộc loại đọc được"),
            expected=_("tệp .csv, .xlsx, .parquet hoặc .geojson; tệp .csv nén .zip hoặc .gz cũng được"),
        )
    if not upload.size:
        raise InputError(where, found=_("không có nội dung"), remedy=_("Kiểm tra rồi chọn lại tệp"))
    limit = settings.SPEED_FILE_LIMIT_BYTES
    if upload.size > limit:
        raise InputError(
            where,
            found=_("nặng %(size)s MB") % {"size": format_number(upload.size / 1024 / 1024, 1)},
            expected=_("tệp không quá %(limit)s MB") % {"limit": format_number(limit / 1024 / 1024, 0)},
            remedy=_("Nén tệp thành .zip, hoặc chia tệp theo tháng"),
        )
    return name


def _digest(upload: File) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()
