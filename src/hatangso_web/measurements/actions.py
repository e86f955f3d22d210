"""What people do with measurements: set up a campaign, hand in files, commit or drop them, declare speeds."""

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
from hatangso.speed.samples import SAMPLES, unit_factor
from hatangso.tables import header_signature, match_headers
from hatangso.vietnamese import format_number, nfc
from hatangso_web.accounts.audit import record
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.accounts.permissions import require
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.queries import below
from hatangso_web.measurements.audit import Event
from hatangso_web.measurements.importing import headers_of
from hatangso_web.measurements.jobs import LEASE, check_file, commit_file, watch_file
from hatangso_web.measurements.models import (
    OWN_TOOL,
    Campaign,
    ColumnMapping,
    DeclaredSpeed,
    FileKind,
    FileState,
    SampleFile,
    SpeedTest,
)
from hatangso_web.measurements.storage import drop_files

FORMATS = (".csv", ".tsv", ".xlsx", ".parquet", ".geojson", ".csv.gz", ".geojson.gz")
SPEED_COLUMNS = ("download_mbps", "upload_mbps")
_NEEDED = ("time", "operator", "download_mbps")


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


def hand_in(campaign: Campaign, upload: File, *, by: User) -> Handed:
    """Store a file for a campaign; where its columns are known (or remembered) the dry run starts at once.

    The same file handed in twice for a campaign is recognised by its content and changes nothing.

    Raises
    ------
    InputError
        when the file is empty, too large or cannot be read as a table.
    """
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
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
    """Put a checked file into its campaign, in the background. A second call changes nothing."""
    require(by, Permission.MEASURE_SPEED, area=file.campaign.area)
    changed = SampleFile.objects.filter(pk=file.pk, state=FileState.CHECKED).update(
        state=FileState.QUEUED, attempts=0, token=None, taken_at=None, committed_by=by
    )
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


def gather_own_tests(campaign: Campaign, *, by: User) -> Handed:
    """Bring the tests made with this site's page, in the campaign's area and days and in no campaign yet, as a file.

    Raises
    ------
    InputError
        when the campaign is of another tool (tools are never mixed) or there is no such test.
    """
    require(by, Permission.MEASURE_SPEED, area=campaign.area)
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
            raise InputError(_("Chưa có phép đo mới nào trong thời gian và địa bàn của đợt đo"))
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


def organisation_of(user: User) -> Organisation | None:
    """Return the organisation a person works for: that of the first role."""
    held = user.memberships_held
    return held[0].organisation if held else None


def proposed_mapping(headers: list[str], user: User) -> tuple[dict[str, str], str]:
    """Return header → column and the unit: as remembered for the organisation, else as the names suggest."""
    organisation = organisation_of(user)
    remembered = ColumnMapping.objects.filter(
        organisation=organisation, header_set=header_signature(headers)
    ).first()
    if remembered is not None:
        return {sent: ours for sent, ours in remembered.mapping.items() if sent in headers}, remembered.unit
    bare = {header: _without_unit(header) for header in headers}
    proposal = match_headers(bare.values(), SAMPLES)
    return {header: proposal[short] for header, short in bare.items() if short in proposal}, ""


def unit_is_told(headers: list[str], mapping: Mapping[str, str]) -> bool:
    """Tell whether every header of a speed names its unit."""
    speeds = [sent for sent, ours in mapping.items() if ours in SPEED_COLUMNS]
    return all(sent in SPEED_COLUMNS or unit_factor(sent) is not None for sent in speeds)


def _without_unit(header: str) -> str:
    return header.split("(")[0].split("[")[0].strip() or header


def _store(campaign: Campaign, upload: File, named: tuple[str, str], *, by: User) -> SampleFile:
    name, digest = named
    file = SampleFile(
        campaign=campaign, filename=name[-255:], sha256=digest, size_bytes=upload.size or 0,
        uploaded_by=by, uploaded_at=timezone.now(),
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
            _read_headers(file, by)
            file.save()
            record(Event.FILE_RECEIVED, about=file, by=by, details={"sha256": digest})
            if file.state == FileState.WAITING:
                _enqueue(check_file, file)
    except (IntegrityError, InputError):
        file.file.delete(save=False)
        raise
    return file


def _read_headers(file: SampleFile, by: User) -> None:
    try:
        file.headers, tiles = headers_of(Path(file.file.path))
    except InputError as fault:
        raise InputError(str(fault).replace(Path(file.file.path).name, file.filename)) from fault
    if tiles:
        file.kind, file.state = FileKind.TILES, FileState.WAITING
        return
    file.mapping, file.unit = proposed_mapping(file.headers, by)
    known = set(file.mapping.values()) >= set(_NEEDED)
    if known and (file.unit or unit_is_told(file.headers, file.mapping)):
        file.state = FileState.WAITING


def _enqueue(work: Any, file: SampleFile) -> None:
    """Queue the work and a later look at it; both are rows written in the same transaction."""
    work.enqueue(file.pk)
    watch_file.using(run_after=timezone.now() + LEASE).enqueue(file.pk)


def _technologies(campaign: Campaign) -> list[str]:
    return (
        ["2G", "3G", "4G", "5G"] if campaign.network == "mobile" else ["FTTH", "cable", "satellite", "fixed"]
    )


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
            expected=_("tệp .csv, .xlsx, .parquet hoặc .geojson"),
        )
    if not upload.size:
        raise InputError(where, found=_("không có nội dung"), remedy=_("Kiểm tra rồi chọn lại tệp"))
    limit = settings.UPLOAD_LIMIT_BYTES
    if upload.size > limit:
        raise InputError(
            where,
            found=_("nặng %(size)s MB") % {"size": format_number(upload.size / 1024 / 1024, 1)},
            expected=_("tệp không quá %(limit)s MB") % {"limit": format_number(limit / 1024 / 1024, 0)},
            remedy=_("Chia tệp theo tháng, hoặc lưu thành .parquet"),
        )
    return name


def _digest(upload: File) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()
