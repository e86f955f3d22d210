"""What is due: the day of each thing, overdue first, by office, as of a given day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import Verdict, decide
from hatangso_web.plans.models import Action, Duty, Kind, Plan, Version
from hatangso_web.plans.queries.due import ALL_DAYS, DueFilter, days_due, due_items, next_day, offices_named


@pytest.mark.parametrize(
    ("duty", "as_of", "day"),
    [
        (Duty(day=20, month=12, every="year"), date(2026, 11, 21), date(2026, 12, 20)),
        (
            Duty(day=20, month=12, every="year"),
            date(2026, 12, 20),
            date(2026, 12, 20),
        ),  # the day itself still counts
        (Duty(day=20, month=12, every="year"), date(2026, 12, 21), date(2027, 12, 20)),
        (Duty(day=30, month=11, year=2024), date(2026, 1, 1), date(2024, 11, 30)),  # once, long ago
        (Duty(day=31, month=6, every="half-year"), date(2026, 7, 1), date(2026, 12, 31)),
        (Duty(day=15, every="quarter"), date(2026, 4, 16), date(2026, 6, 15)),
        (Duty(day=31, every="month"), date(2026, 2, 1), date(2026, 2, 28)),
        (Duty(every="periodic"), date(2026, 2, 1), None),
    ],
)
def test_a_duty_is_next_due_on(duty: Duty, as_of: date, day: date | None) -> None:
    assert next_day(duty, as_of=as_of) == day


@pytest.mark.parametrize(
    ("duty", "period", "days"),
    [
        # 100 days from 1 October 2026 end on 9 January 2027
        (Duty(day=15, every="month"), (2026, 2030), ["2026-10-15", "2026-11-15", "2026-12-15"]),
        (Duty(day=31, every="quarter"), (2026, None), ["2026-12-31"]),
        (Duty(day=5, every="month"), (2025, 2026), ["2026-10-05", "2026-11-05", "2026-12-05"]),
        (Duty(day=5, every="month"), (2026, 2030), ["2026-10-05", "2026-11-05", "2026-12-05", "2027-01-05"]),
        (Duty(day=5, every="month"), (2027, 2030), ["2027-01-05"]),  # the plan has not begun
        (Duty(day=5, every="month"), (2020, 2024), ["2026-10-05"]),  # past its period, yet in force
        (Duty(day=30, month=11, year=2024), (2024, 2024), ["2024-11-30"]),
        (Duty(every="periodic"), (2026, 2030), []),
    ],
)
def test_every_day_of_a_recurring_duty_is_listed(
    duty: Duty, period: tuple[int, int | None], days: list[str]
) -> None:
    duty.plan = Plan(period_from=period[0], period_until=period[1])
    found = days_due(duty, as_of=date(2026, 10, 1), last=date(2027, 1, 9))
    assert [day.isoformat() for day in found] == days


def test_without_end_a_recurring_duty_is_listed_for_a_year() -> None:
    duty = Duty(day=20, month=12, every="year", plan=Plan())
    assert days_due(duty, as_of=date(2026, 12, 20), last=date.max) == [date(2026, 12, 20), date(2027, 12, 20)]


@pytest.fixture
def confirmed(read_version: Version, specialist: User) -> Version:
    """Return the plan with everything confirmed: targets due end of 2030, the task end of 2028, the duty each 20/12."""
    for found in read_version.findings.select_related("version__plan__area", "former"):
        decide(finding=found, verdict=Verdict(Action.ACCEPT, found.revision), by=specialist)
    return read_version


def test_overdue_things_stand_in_front(confirmed: Version, leader: User) -> None:
    items = due_items(leader, DueFilter(days=ALL_DAYS), as_of=date(2029, 1, 1))
    assert [(item.kind, item.due_date.isoformat(), item.overdue) for item in items] == [
        (Kind.TASK, "2028-12-31", True),
        (Kind.DUTY, "2029-12-20", False),
        (Kind.DUTY, "2030-12-20", False),
        (Kind.TARGET, "2030-12-31", False),
        (Kind.TARGET, "2030-12-31", False),
        (Kind.TASK, "2030-12-31", False),  # the restricted one, which a leader may see
    ]
    assert items[0].days_late == 1


def test_only_so_many_days_ahead(confirmed: Version, viewer: User) -> None:
    assert [item.kind for item in due_items(viewer, DueFilter(days=30), as_of=date(2026, 11, 21))] == [
        Kind.DUTY
    ]


def test_an_office_is_found_without_diacritics(confirmed: Version, viewer: User) -> None:
    found = due_items(viewer, DueFilter(office="so khoa hoc", days=ALL_DAYS), as_of=date(2026, 1, 1))
    assert [item.what for item in found] == ["Phủ sóng các thôn lõm sóng"]
    assert offices_named(viewer) == ["Các xã", "Sở Khoa học và Công nghệ"]


def test_nothing_unconfirmed_is_due(read_version: Version, leader: User) -> None:
    assert due_items(leader, DueFilter(days=ALL_DAYS), as_of=date(2026, 1, 1)) == []


def test_the_page_is_narrowed_and_says_so(
    confirmed: Version, viewer: User, client_of: Callable[[User], Client], django_assert_max_num_queries
) -> None:
    client = client_of(viewer)
    with django_assert_max_num_queries(10):
        body = client.get(reverse("plans:due") + "?loai=task&trong=36500").content.decode()
    assert "Phủ sóng các thôn lõm sóng" in body and "Loại: Nhiệm vụ" in body and "Các xã → " not in body


def test_two_rhythms_of_one_report_on_one_day_are_one_entry(confirmed: Version, viewer: User) -> None:
    duty = Duty.objects.get()  # each 20/12
    Duty.objects.filter(pk=duty.pk).update(every="half-year", month=6)
    duty.pk, duty.lineage = None, uuid4()
    duty.finding = confirmed.findings.filter(kind=Kind.TARGET)[0]
    duty.save()
    items = due_items(viewer, DueFilter(kind=Kind.DUTY, days=ALL_DAYS), as_of=date(2029, 7, 1))
    assert [item.due_date.isoformat() for item in items] == ["2029-12-20", "2030-06-20", "2030-12-20"]


@pytest.mark.parametrize("asked", ["", "?trong=", "?trong=365"])
def test_the_box_of_days_says_what_the_list_shows(
    asked: str, confirmed: Version, viewer: User, client_of: Callable[[User], Client]
) -> None:
    body = client_of(viewer).get(reverse("plans:due") + asked).content.decode()
    assert '<option value="365" selected>Một năm tới</option>' in body and body.count(" selected>") == 2
    assert "Thời gian: Một năm tới" in body
