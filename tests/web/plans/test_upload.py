"""Taking in files: kinds, sizes, the same file twice, who may."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError
from django_tasks_db.models import DBTaskResult

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.upload import Upload, read_again, take_in
from hatangso_web.plans.models import Plan, ReadingState, Version

pytestmark = pytest.mark.django_db


def _file(name: str = "kế hoạch.docx", content: bytes = b"x") -> ContentFile:
    return ContentFile(content, name=name)


def test_a_file_is_stored_and_its_reading_queued_as_rows(clerk: User, places: Any) -> None:
    taken = take_in(Upload(_file(), places.commune), by=clerk)
    assert (taken.known, taken.version.state, taken.version.plan.title) == (
        False,
        ReadingState.WAITING,
        "kế hoạch",
    )
    assert Path(taken.version.file.path).read_bytes() == b"x"
    assert sorted(DBTaskResult.objects.values_list("task_path", flat=True)) == [
        "hatangso_web.plans.jobs.read_version",
        "hatangso_web.plans.jobs.watch_reading",
    ]


def test_the_same_file_twice_is_recognised_whatever_its_name(clerk: User, places: Any) -> None:
    first = take_in(Upload(_file(), places.commune), by=clerk)
    second = take_in(Upload(_file("bản sao.docx"), places.commune), by=clerk)
    assert second.known and second.version == first.version and Plan.objects.count() == 1


def test_another_area_keeps_its_own_copy(clerk: User, neighbour: User, places: Any) -> None:
    take_in(Upload(_file(), places.commune), by=clerk)
    assert not take_in(Upload(_file(), places.other_commune), by=neighbour).known


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("kế hoạch.exe", b"MZ", "không thuộc loại đọc được.*docx"),
        ("kế hoạch.doc", b"x", "lưu thành .docx"),
        ("kế hoạch.docx", b"", "không có nội dung"),
        ("kế hoạch.docx", b"x" * 2049, "nặng .* MB; cần tệp không quá"),
    ],
)
def test_a_file_that_cannot_be_a_plan_is_refused_with_the_way_to_mend_it(
    clerk: User, places: Any, settings: Any, name: str, content: bytes, words: str
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2048
    with pytest.raises(InputError, match=words):
        take_in(Upload(_file(name, content), places.commune), by=clerk)
    assert not Version.objects.exists()


def test_a_clerk_files_for_her_commune_but_not_for_the_next(
    clerk: User, neighbour: User, places: Any
) -> None:
    with pytest.raises(PermissionDenied):
        take_in(Upload(_file(), places.commune), by=neighbour)
    assert take_in(Upload(_file(), places.commune), by=clerk).version.number == 1


def test_a_further_version_gets_the_next_number(clerk: User, places: Any) -> None:
    first = take_in(Upload(_file(), places.commune), by=clerk).version
    second = take_in(
        Upload(_file(content=b"y"), places.commune, plan=first.plan, note="sửa đổi"), by=clerk
    ).version
    assert (second.number, second.plan, second.note) == (2, first.plan, "sửa đổi")


def test_a_failed_reading_can_be_asked_for_again_and_only_then(clerk: User, places: Any) -> None:
    version = take_in(Upload(_file(), places.commune), by=clerk).version
    read_again(version=version, by=clerk)
    assert DBTaskResult.objects.count() == 2
    Version.objects.filter(pk=version.pk).update(state=ReadingState.FAILED, failure="x", attempts=3)
    read_again(version=version, by=clerk)
    version.refresh_from_db()
    assert (version.state, version.attempts, DBTaskResult.objects.count()) == (ReadingState.WAITING, 0, 4)


def _fill_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server run out of room after half of a file."""

    def save(storage: FileSystemStorage, name: str, content: ContentFile) -> str:
        path = Path(storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read()[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", save)


def test_a_full_disk_is_told_and_nothing_is_half_saved(
    clerk: User, places: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill_up(monkeypatch)
    with pytest.raises(InputError, match="hết chỗ trống"):
        take_in(Upload(_file(content=b"xy"), places.commune), by=clerk)
    assert not Plan.objects.exists()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_file_whose_rows_cannot_be_written_is_removed(
    clerk: User, places: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **named: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Plan.objects, "create", fail)
    with pytest.raises(OperationalError):
        take_in(Upload(_file(), places.commune), by=clerk)
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
