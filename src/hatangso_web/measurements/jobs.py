"""Background work on files of samples: the dry run, the commit, and looking later whether they were done."""

from __future__ import annotations

import uuid
from datetime import timedelta
from importlib.metadata import version as version_of
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from hatangso.errors import HatangsoError, InputError
from hatangso.speed.summaries import Summaries, summarise
from hatangso_web.accounts.models import User
from hatangso_web.measurements.columns import name_columns
from hatangso_web.measurements.figures import digest_of, merged_summaries, nothing_of
from hatangso_web.measurements.importing import check_samples, check_tiles
from hatangso_web.measurements.judged import judge_run
from hatangso_web.measurements.models import Campaign, FileKind, FileState, SampleFile
from hatangso_web.measurements.queries import bad_spots
from hatangso_web.measurements.runs import committed_files, lock_family, store_run
from hatangso_web.measurements.storage import (
    kept_path,
    merged_path,
    read_run,
    rejected_path,
    summary_path,
    write_frame,
    write_summary,
)

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3
# What the engine's sentences advise at the command line; on the screen it is a choice on the page of columns.
_OPTIONS = ("dùng --unit Mb/s", "Dùng --unit nếu cả cột cùng một đơn vị")
# What waits, what it is while somebody works on it, and what it is afterwards.
_WORKING = {FileState.WAITING: FileState.CHECKING, FileState.QUEUED: FileState.COMMITTING}


@task()
def check_file(file_id: int) -> None:
    """Read a file and make its dry run; running it twice, or in two workers at once, gives one result.

    A file whose columns or unit cannot be told from its headers waits for a person to name them.
    """
    file = _take_up(file_id, FileState.WAITING)
    if file is None:
        return
    try:
        named = name_columns(file)
        if not named:
            _finish(file, state=FileState.MAPPING, headers=file.headers, mapping=file.mapping, unit=file.unit)
            return
        if file.kind == FileKind.TILES:
            report = check_tiles(file)
        else:
            checked = check_samples(file, tell=lambda percent: _tell(file, percent))
            file.stored_as = file.token.hex  # type: ignore[union-attr]
            write_frame(checked.rejected, rejected_path(file))
            report = checked.report
    except (HatangsoError, OSError) as fault:
        _fail(file, fault)
        return
    _finish(
        file, state=FileState.CHECKED, report=report, stored_as=file.stored_as, kind=file.kind,
        headers=file.headers, mapping=file.mapping, unit=file.unit,
    )  # fmt: skip


@task()
def commit_file(file_id: int) -> None:
    """Put the samples of a checked file into its campaign and make a new run of the engine over the campaign."""
    file = _take_up(file_id, FileState.QUEUED)
    if file is None:
        return
    try:
        while not _committed(file):
            continue
    except (HatangsoError, OSError) as fault:
        _fail(file, fault)


@task()
def recount(campaign_id: int, by_id: int) -> None:
    """Make a new run where the files that count are no longer those of the newest run; else nothing."""
    campaign = Campaign.objects.select_related("area").get(pk=campaign_id)
    by = User.objects.filter(pk=by_id).first()
    while not _recounted(campaign, by):
        continue


@task()
def watch_file(file_id: int) -> None:
    """Look whether the work on a file is done; if its worker was killed, queue it again."""
    file = SampleFile.objects.filter(pk=file_id, state__in=[*_WORKING, *_WORKING.values()]).first()
    if file is None:
        return
    if file.taken_at is None or file.taken_at < timezone.now() - LEASE:
        checking = file.state in {FileState.WAITING, FileState.CHECKING}
        (check_file if checking else commit_file).enqueue(file_id)
    watch_file.using(run_after=timezone.now() + LEASE).enqueue(file_id)


def _take_up(file_id: int, waiting: FileState) -> SampleFile | None:
    """Claim the work on a file by one conditional update; give up after three claims that led nowhere."""
    now = timezone.now()
    free = Q(state=waiting) | Q(state=_WORKING[waiting], taken_at__lt=now - LEASE)
    ready = SampleFile.objects.filter(free, pk=file_id)
    token = uuid.uuid4()
    if ready.filter(attempts__lt=MOST_ATTEMPTS).update(
        state=_WORKING[waiting], token=token, taken_at=now, attempts=F("attempts") + 1, progress=0
    ):
        return SampleFile.objects.select_related("campaign__area", "uploaded_by", "committed_by").get(
            pk=file_id
        )
    ready.update(
        state=FileState.FAILED,
        token=None,
        failure=_("Máy đã thử ba lần mà không đọc xong tệp này. Hãy chia nhỏ tệp rồi nhập lại."),
    )
    return None


def _committed(file: SampleFile) -> bool:
    """Store everything of a file in one transaction; False when another file came in between: then do it over.

    All files of the campaign that were committed when the work began must be those committed when it ends, else the
    merged summary would lack one.
    """
    campaign = file.campaign
    before = committed_files(campaign)
    file.stored_as = file.token.hex  # type: ignore[union-attr]
    report, parts = file.report, before
    merged: Summaries | None = None
    if file.kind == FileKind.SAMPLES:
        checked = check_samples(file, tell=lambda percent: _tell(file, percent))
        if checked.kept.height == 0:
            raise InputError(
                _("Không có lần đo nào dùng được trong tệp “%(name)s”") % {"name": file.filename},
                remedy=_("Xem các lý do loại ở kết quả kiểm tra"),
            )
        report, parts = checked.report, [*before, file]
        write_frame(checked.kept, kept_path(file))
        write_frame(checked.rejected, rejected_path(file))
        write_summary(summarise(checked.kept, period="all", floors=_floors(campaign)), summary_path(file))
        merged = merged_summaries(parts)
        write_summary(merged, merged_path(campaign.pk, digest_of(parts)))
    with transaction.atomic():
        lock_family(campaign)
        if digest_of(committed_files(campaign)) != digest_of(before):
            return False
        now = timezone.now()
        if not _finish(
            file, state=FileState.COMMITTED, report=report, stored_as=file.stored_as, committed_at=now
        ):
            return True  # another worker has taken the file over
        if merged is not None:
            store_run(campaign, parts, merged, by=file.committed_by)
    judge_last_run(campaign)
    return True


def _floors(campaign: Campaign) -> tuple[float, ...]:
    """Return the floors whose reach by device is counted: the campaign's own, and that of 4G."""
    return tuple(sorted({campaign.floor_mbps, 40.0}))


def _recounted(campaign: Campaign, by: User | None) -> bool:
    """Make the new run in one transaction; False when the files changed meanwhile: then do it over."""
    files, last = committed_files(campaign), campaign.runs.order_by("-number").first()
    digest = digest_of(files)
    if last is None or last.digest == digest:
        return True
    merged = merged_summaries(files) if files else nothing_of(read_run(last))
    write_summary(merged, merged_path(campaign.pk, digest))
    with transaction.atomic():
        lock_family(campaign)
        if digest_of(committed_files(campaign)) != digest:
            return False
        if not campaign.runs.filter(number__gt=last.number).exists():
            store_run(campaign, files, merged, by=by)
    judge_last_run(campaign)
    return True


def judge_last_run(campaign: Campaign) -> None:
    """Work out beforehand what pages will ask of the newest run; where that fails the pages do it themselves."""
    run = campaign.runs.order_by("-number").first()
    if run is not None:
        judge_run(run)
        bad_spots(run)


def _tell(file: SampleFile, percent: int) -> None:
    """Say how far the work on a file is, which also says that it is still worked on."""
    SampleFile.objects.filter(pk=file.pk, token=file.token).update(progress=percent, taken_at=timezone.now())


def _finish(file: SampleFile, *, state: FileState, **changes: object) -> bool:
    return bool(
        SampleFile.objects.filter(pk=file.pk, token=file.token, state=file.state).update(
            state=state, token=None, attempts=0, progress=0, engine_version=version_of("hatangso"), **changes
        )
    )


def _fail(file: SampleFile, fault: Exception) -> None:
    stored = Path(file.file.path)
    sentence = (
        str(fault).replace(str(stored), file.filename).replace(stored.name, file.filename)
        if isinstance(fault, HatangsoError)
        else _("Không mở được tệp đã lưu trên máy chủ. Hãy báo quản trị hệ thống.")
    )
    for option in _OPTIONS:
        sentence = sentence.replace(option, _("chọn đơn vị tốc độ ở bước ghép cột"))
    _finish(file, state=FileState.FAILED, failure=sentence[:1].upper() + sentence[1:])
