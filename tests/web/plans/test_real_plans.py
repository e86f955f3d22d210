"""The three real plans through the site, where ../shared is present: read, confirmed, and nothing secret shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import accept_plain
from hatangso_web.plans.actions.upload import Upload, take_in
from hatangso_web.plans.jobs import read_version
from hatangso_web.plans.models import Kind, ReadingState, Target, Task, Version

pytestmark = [pytest.mark.django_db, pytest.mark.shared]


def _read(path: Path, by: User, area) -> Version:
    version = take_in(Upload(ContentFile(path.read_bytes(), name=path.name), area), by=by).version
    read_version.func(version.pk)
    return Version.objects.select_related("plan__area").get(pk=version.pk)


@pytest.mark.parametrize(
    ("name", "number", "targets", "tasks"),
    [
        ("dak-nong-2024-2030", "1004/QĐ-UBND", 15, 20),
        ("hon-quan-2025-2030", "", 15, 0),
        ("huong-tra-2024", "", 12, 0),
    ],
)
def test_a_real_plan_is_read_and_becomes_targets_and_tasks(
    shared: Callable[[str], Path], specialist: User, places, name: str, number: str, targets: int, tasks: int
) -> None:
    version = _read(shared(f"plans/{name}.txt"), specialist, places.province)
    assert version.state == ReadingState.READ and version.plan.number.startswith(number)
    assert version.findings.filter(kind=Kind.TARGET).count() >= targets
    assert version.findings.filter(kind=Kind.TASK).count() == tasks
    for kind in (Kind.TARGET, Kind.TASK):
        version.findings.filter(kind=kind).update(warned=False)
        accept_plain(version=version, kind=kind, by=specialist)
    assert Target.objects.count() >= targets and Task.objects.count() == tasks
    assert not Target.objects.filter(text="").exists()


def test_the_special_networks_of_dak_nong_stay_unseen(
    shared: Callable[[str], Path], specialist: User, viewer: User, places, client_of: Callable[[User], Client]
) -> None:
    version = _read(shared("plans/dak-nong-2024-2030.txt"), specialist, places.province)
    accept_plain(version=version, kind=Kind.TASK, by=specialist)
    for kind in ("target", "task", "assignment", "duty", "warning", "basis"):
        body = (
            client_of(viewer)
            .get(reverse("plans:review", args=[version.pk]) + f"?loai={kind}")
            .content.decode()
        )
        assert "Hệ đặc biệt" not in body and "Mạng điện báo" not in body, kind
        assert "nội dung thuộc phạm vi hạn chế" in body
    assert (
        "Hệ đặc biệt"
        in client_of(specialist)
        .get(reverse("plans:review", args=[version.pk]) + "?loai=task")
        .content.decode()
    )
    assert (
        "Hệ đặc biệt"
        not in client_of(viewer).get(reverse("plans:plan", args=[version.plan_id])).content.decode()
    )
