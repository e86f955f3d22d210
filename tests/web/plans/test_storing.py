"""Storing a reading, and continuing decisions in an amended version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import Verdict, accept_plain, decide
from hatangso_web.plans.models import (
    Action,
    Change,
    Decision,
    Finding,
    Kind,
    ReadingState,
    State,
    Target,
    Task,
    Version,
)
from hatangso_web.plans.storing import store_reading, take_up
from tests.web.plans.sample import FIBRE, SOURCE, SPEED, Store, findings, reading_of, target

pytestmark = pytest.mark.django_db
NEW_SPEED = SPEED.replace("40", "60")


def _confirm_all(version: Version, by: User) -> None:
    for found in version.findings.select_related("version__plan__area", "former"):
        decide(finding=found, verdict=Verdict(Action.ACCEPT, found.revision), by=by)


def _amended() -> Any:
    """The plan with another speed, one more target, and without the fibre target."""
    source = SOURCE.replace(FIBRE + ";", "99% dân số được phủ sóng 5G;").replace(SPEED, NEW_SPEED)
    found = findings(source)
    found["targets"] = [
        target("MOB-04", 99, "%", "99% dân số được phủ sóng 5G", source=source),
        target("SPD-03", 60, "Mb/s", NEW_SPEED, source=source, statistic="mean", clause="i.2"),
    ]
    found["warnings"] = []
    return reading_of(source, **{name: found[name] for name in found})


def test_nothing_is_a_target_or_task_before_a_person_confirms(read_version: Version) -> None:
    assert read_version.findings.filter(state=State.OPEN).count() == 10
    assert not Target.objects.exists() and not Task.objects.exists()


def test_the_plan_takes_its_name_from_the_reading_but_nobody_has_confirmed_it(read_version: Version) -> None:
    plan = read_version.plan
    assert (plan.number, plan.period_from, plan.header_confirmed_by) == ("112/KH-UBND", 2026, None)


def test_a_warning_marks_the_finding_it_points_at(finding: Callable[..., Finding]) -> None:
    assert [finding("target", number).warned for number in (0, 1)] == [False, True]


def test_what_did_not_change_keeps_its_decision_and_its_target(
    read_version: Version, store: Store, specialist: User
) -> None:
    _confirm_all(read_version, specialist)
    task = Task.objects.get(number="1")
    second = store(read_version.area, _amended(), plan=read_version.plan)
    carried = second.findings.get(kind=Kind.TASK, lineage=task.lineage)
    assert (carried.state, carried.change, carried.decided_by) == (State.ACCEPTED, Change.SAME, specialist)
    assert Decision.objects.get(finding=carried).action == Action.CARRY
    task.refresh_from_db()
    assert task.finding == carried and task.ended_at is None


def test_what_changed_comes_up_again_beside_the_former_decision(
    read_version: Version, store: Store, specialist: User
) -> None:
    _confirm_all(read_version, specialist)
    second = store(read_version.area, _amended(), plan=read_version.plan)
    changed = second.findings.get(kind=Kind.TARGET, change=Change.CHANGED)
    assert changed.state == State.OPEN and changed.former is not None and changed.former.value["value"] == 40
    speed = Target.objects.get(indicator="SPD-03")
    assert speed.value == 40 and speed.ended_at is None  # the former decision holds until somebody decides
    decide(finding=changed, verdict=Verdict(Action.ACCEPT, changed.revision), by=specialist)
    speed.refresh_from_db()
    assert speed.value == 60


def test_what_is_new_waits_and_what_is_gone_stays_until_confirmed(
    read_version: Version, store: Store, specialist: User
) -> None:
    _confirm_all(read_version, specialist)
    second = store(read_version.area, _amended(), plan=read_version.plan)
    assert second.findings.get(kind=Kind.TARGET, change=Change.NEW).state == State.OPEN
    gone = second.findings.select_related("version__plan__area", "former").get(change=Change.GONE)
    assert gone.text == FIBRE and Target.objects.get(indicator="FIX-02").ended_at is None
    decide(finding=gone, verdict=Verdict(Action.ACCEPT, gone.revision), by=specialist)
    ended = Target.objects.get(indicator="FIX-02")
    assert ended.ended_by == specialist and ended.ended_at is not None


def test_what_is_gone_may_be_kept_and_stays_kept_in_the_next_version(
    read_version: Version, store: Store, specialist: User
) -> None:
    _confirm_all(read_version, specialist)
    second = store(read_version.area, _amended(), plan=read_version.plan)
    gone = second.findings.select_related("version__plan__area", "former").get(change=Change.GONE)
    decide(finding=gone, verdict=Verdict(Action.REJECT, gone.revision), by=specialist)
    third = store(read_version.area, _amended(), plan=read_version.plan)
    assert Target.objects.get(indicator="FIX-02").ended_at is None
    assert third.findings.get(change=Change.GONE).state == State.REJECTED


def test_an_edited_value_is_kept_where_the_sentence_did_not_change(
    read_version: Version, store: Store, specialist: User, finding: Callable[..., Finding]
) -> None:
    fibre = finding("target")
    decide(finding=fibre, verdict=Verdict(Action.EDIT, 0, {**fibre.value, "value": 96.5}), by=specialist)
    second = store(read_version.area, reading_of(), plan=read_version.plan)
    again = second.findings.get(lineage=fibre.lineage)
    assert (again.state, again.value["value"], again.read_value["value"]) == (State.EDITED, 96.5, 95)


def test_only_one_version_is_current(read_version: Version, store: Store) -> None:
    second = store(read_version.area, _amended(), plan=read_version.plan)
    assert list(read_version.plan.versions.filter(is_current=True)) == [second]


def test_an_undecided_first_version_leaves_only_open_findings(read_version: Version, store: Store) -> None:
    second = store(read_version.area, _amended(), plan=read_version.plan)
    assert not second.findings.exclude(state=State.OPEN).exists()
    assert not second.findings.filter(change=Change.GONE).exists()


def test_a_secret_once_marked_stays_one_in_the_next_version(
    read_version: Version, store: Store, specialist: User
) -> None:
    found = findings()
    found["tasks"][1]["restricted"] = False
    second = store(read_version.area, reading_of(tasks=found["tasks"], warnings=[]), plan=read_version.plan)
    secret = second.findings.get(kind=Kind.TASK, value__number=2)
    assert secret.restricted and [secret.start, secret.end] in second.restricted_spans


def test_of_two_workers_one_gets_the_reading(store: Store, places: Any, specialist: User) -> None:
    version = store(places.province)
    Version.objects.filter(pk=version.pk).update(is_current=False, state=ReadingState.WAITING)
    now, lease = timezone.now(), timedelta(minutes=2)
    assert take_up(version.pk, now=now, lease=lease) is not None
    assert take_up(version.pk, now=now, lease=lease) is None


def test_a_reading_whose_worker_died_is_taken_up_again_and_the_dead_one_cannot_write(
    store: Store, places: Any
) -> None:
    version = store(places.province)
    version.findings.all().delete()
    Version.objects.filter(pk=version.pk).update(is_current=False, state=ReadingState.WAITING, attempts=0)
    now, lease = timezone.now(), timedelta(minutes=2)
    dead = take_up(version.pk, now=now, lease=lease)
    alive = take_up(version.pk, now=now + timedelta(minutes=3), lease=lease)
    assert dead is not None and alive is not None
    assert store_reading(alive, reading_of(), now=now)
    assert not store_reading(dead, reading_of(), now=now)
    assert version.findings.count() == 10


def test_a_file_that_kills_the_worker_three_times_is_given_up_with_a_sentence(
    store: Store, places: Any
) -> None:
    version = store(places.province)
    Version.objects.filter(pk=version.pk).update(is_current=False, state=ReadingState.WAITING, attempts=0)
    now, lease = timezone.now(), timedelta(minutes=2)
    claims = [take_up(version.pk, now=now + turn * timedelta(minutes=3), lease=lease) for turn in range(4)]
    assert [claim is not None for claim in claims] == [True, True, True, False]
    version.refresh_from_db()
    assert version.state == ReadingState.FAILED and "3 lần" in version.failure


def test_accepting_the_plain_ones_leaves_warned_ones_open(read_version: Version, specialist: User) -> None:
    assert accept_plain(version=read_version, kind=Kind.TARGET, by=specialist) == 1
    assert Target.objects.get().indicator == "FIX-02"
