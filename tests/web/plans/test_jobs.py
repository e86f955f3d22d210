"""Reading in the background with the engine itself, and what happens when the worker dies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.upload import Upload, take_in
from hatangso_web.plans.jobs import LEASE, read_version, watch_reading
from hatangso_web.plans.models import Kind, ReadingState, State, Version
from tests.web.plans.sample import REAL_TEXT, SECRET

pytestmark = pytest.mark.django_db


def _hand_in(by: User, area: Any, text: str | bytes, name: str = "kh.txt") -> Version:
    content = text.encode() if isinstance(text, str) else text
    return take_in(Upload(ContentFile(content, name=name), area), by=by).version


def test_the_engine_reads_the_file_and_nothing_holds_yet(clerk: User, places: Any) -> None:
    version = _hand_in(clerk, places.commune, REAL_TEXT)
    read_version.func(version.pk)
    version.refresh_from_db()
    assert version.state == ReadingState.READ and version.is_current and version.plan.number == "112/KH-UBND"
    indicators = {found.value["indicator"] for found in version.findings.filter(kind=Kind.TARGET)}
    assert {"FIX-02", "MOB-04"} <= indicators
    assert not version.findings.exclude(state=State.OPEN).exists()
    for found in version.findings.filter(kind=Kind.TARGET):
        assert found.start is not None and version.source[found.start : found.end].strip()


def test_reading_twice_changes_nothing(clerk: User, places: Any) -> None:
    version = _hand_in(clerk, places.commune, REAL_TEXT)
    read_version.func(version.pk)
    before = list(version.findings.values_list("pk", flat=True))
    read_version.func(version.pk)
    assert list(version.findings.values_list("pk", flat=True)) == before


def test_a_clause_on_the_special_networks_is_restricted_by_the_engine(specialist: User, places: Any) -> None:
    text = REAL_TEXT + "\nPHỤ LỤC\n\nTT\tNỘI DUNG\tĐƠN VỊ CHỦ TRÌ\tTHỜI GIAN\n" + SECRET + "\n"
    version = _hand_in(specialist, places.province, text)
    read_version.func(version.pk)
    version.refresh_from_db()
    start = version.source.index("điện báo")
    assert any(low <= start < high for low, high in version.restricted_spans)


@pytest.mark.parametrize(
    ("name", "content"),
    [("rỗng.txt", b"   \n "), ("hỏng.docx", b"PK\x03\x04 broken"), ("lạ.pdf", b"\x00\x01\x02" * 50)],
)
def test_a_broken_file_fails_with_a_sentence_and_is_kept(
    clerk: User, places: Any, name: str, content: bytes
) -> None:
    version = _hand_in(clerk, places.commune, content, name)
    read_version.func(version.pk)
    version.refresh_from_db()
    assert version.state == ReadingState.FAILED and len(version.failure) > 20
    assert version.sha256 not in version.failure and Path(version.file.path).exists()
    assert not version.findings.exists()


def test_a_file_missing_on_the_server_fails_with_a_sentence(clerk: User, places: Any) -> None:
    version = _hand_in(clerk, places.commune, REAL_TEXT)
    Path(version.file.path).unlink()
    read_version.func(version.pk)
    version.refresh_from_db()
    assert version.state == ReadingState.FAILED


def test_what_a_database_cannot_hold_is_read_all_the_same(clerk: User, places: Any) -> None:
    version = _hand_in(clerk, places.commune, REAL_TEXT.replace("hộ gia đình", "hộ\x00gia đình"))
    read_version.func(version.pk)
    version.refresh_from_db()
    assert version.state in {ReadingState.READ, ReadingState.FAILED} and "\x00" not in version.source


def test_the_watch_queues_a_reading_whose_worker_was_killed(clerk: User, places: Any) -> None:
    version = _hand_in(clerk, places.commune, REAL_TEXT)
    DBTaskResult.objects.all().delete()  # the killed worker's row stays claimed for ever; here it is gone
    Version.objects.filter(pk=version.pk).update(
        state=ReadingState.READING, reading_since=timezone.now() - 2 * LEASE, attempts=1
    )
    watch_reading.func(version.pk)
    queued = DBTaskResult.objects.filter(task_path="hatangso_web.plans.jobs.read_version")
    assert queued.count() == 1
    read_version.func(version.pk)
    version.refresh_from_db()
    assert (version.state, version.attempts) == (ReadingState.READ, 2)


def test_the_watch_looks_again_later_while_a_worker_is_busy_and_stops_when_done(
    clerk: User, places: Any
) -> None:
    version = _hand_in(clerk, places.commune, REAL_TEXT)
    DBTaskResult.objects.all().delete()
    Version.objects.filter(pk=version.pk).update(state=ReadingState.READING, reading_since=timezone.now())
    watch_reading.func(version.pk)
    later = DBTaskResult.objects.get()
    assert later.task_path.endswith("watch_reading") and later.run_after > timezone.now() + timedelta(
        seconds=60
    )
    DBTaskResult.objects.all().delete()
    Version.objects.filter(pk=version.pk).update(state=ReadingState.FAILED, failure="x")
    watch_reading.func(version.pk)
    assert not DBTaskResult.objects.exists()
