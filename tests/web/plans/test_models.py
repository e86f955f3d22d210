"""What the database itself refuses, and the sentence it has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.plans.models import Finding, Plan, State, Target, Version

pytestmark = pytest.mark.django_db


def _refused(write: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def test_a_confirmed_target_has_who_and_when(read_version: Version, finding: Callable[..., Finding]) -> None:
    plan, found = read_version.plan, finding("target")
    assert _refused(lambda: Target.objects.create(plan=plan, finding=found, lineage=found.lineage, value=1))
    assert not Target.objects.exists()


def test_a_target_without_value_must_be_qualitative(
    read_version: Version, finding: Callable[..., Finding], specialist: User
) -> None:
    found = finding("target")
    row = Target(
        plan=read_version.plan,
        finding=found,
        lineage=found.lineage,
        confirmed_by=specialist,
        confirmed_at=timezone.now(),
    )
    assert _refused(row.save)
    row.qualitative = True
    row.save()
    assert Target.objects.count() == 1


def test_a_decided_finding_has_who_and_when(finding: Callable[..., Finding]) -> None:
    assert _refused(lambda: Finding.objects.filter(pk=finding("target").pk).update(state=State.ACCEPTED))


def test_a_plan_has_one_current_version(read_version: Version) -> None:
    def second() -> None:
        Version.objects.create(
            plan=read_version.plan, area=read_version.area, number=2, sha256="x", size_bytes=1, state="read",
            read_at=timezone.now(), uploaded_by=read_version.uploaded_by, uploaded_at=timezone.now(), is_current=True,
        )  # fmt: skip

    assert _refused(second)


def test_the_same_file_is_kept_once_per_area(read_version: Version) -> None:
    copy = Version(
        plan=read_version.plan, area=read_version.area, number=2, sha256=read_version.sha256, size_bytes=1,
        uploaded_by=read_version.uploaded_by, uploaded_at=timezone.now(),
    )  # fmt: skip
    assert _refused(copy.save)


def test_a_failure_says_why(read_version: Version) -> None:
    assert _refused(
        lambda: Version.objects.filter(pk=read_version.pk).update(is_current=False, state="failed")
    )


def test_a_period_runs_forward_and_the_refusal_is_a_sentence(read_version: Version) -> None:
    plan = Plan.objects.get(pk=read_version.plan_id)
    plan.period_from, plan.period_until = 2030, 2026
    with pytest.raises(ValidationError, match="Năm đầu của giai đoạn phải trước"):
        plan.validate_constraints()
    assert _refused(plan.save)
