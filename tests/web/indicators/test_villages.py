"""The village list: written, confirmed, counted up into the sheet of the commune."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from hatangso.errors import HatangsoError, InputError
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.villages import (
    VillageEntry,
    confirm_village,
    counts_of,
    fill_from_villages,
    save_village,
)
from hatangso_web.indicators.models import Signal, Submission, VillageRecord

pytestmark = pytest.mark.django_db
PERIOD = "2026Q3"


@pytest.fixture
def villages(places: Any) -> list[Area]:
    """Return two villages of the clerk's commune."""
    return [
        enter_area(code=f"99001-{number}", name=f"Thôn {number}", level="village", parent=places.commune)
        for number in (1, 2)
    ]


def _save(village: Area, by: User, **fields: Any) -> VillageRecord:
    return save_village(village=village, period=PERIOD, entry=VillageEntry(**fields), by=by)


def test_confirmed_villages_count_up_by_their_best_signal(
    villages: list[Area], clerk: User, firm: Organisation, submission: Submission
) -> None:
    first = _save(
        villages[0], clerk, people=300, has_power=True, has_fibre=True,
        coverage={("4G", firm.pk): Signal.PARTIAL, ("4G", None): Signal.FULL},
    )  # fmt: skip
    second = _save(villages[1], clerk, people=120, has_power=False, coverage={("2G", None): Signal.PARTIAL})
    confirm_village(record_=first, by=clerk)
    assert counts_of(villages[0].parent or villages[0], PERIOD) == {}  # one village is still open
    with pytest.raises(InputError, match="chưa xác nhận đủ"):
        fill_from_villages(submission=submission, by=clerk)
    confirm_village(record_=second, by=clerk)
    counts = counts_of(submission.area, PERIOD)
    assert (counts["villages"], counts["villages_with_4g"], counts["people"]) == (2, 1, 420)
    assert (counts["villages_without_signal"], counts["villages_with_partial_signal"]) == (0, 1)
    assert (counts["gap_villages_without_power"], counts["villages_with_fibre"]) == (1, 1)
    assert "households" not in counts  # not written down: unknown, not zero
    fill_from_villages(submission=submission, by=clerk)
    assert submission.cells.get(variable="villages_with_4g").value == 1


def test_who_may_not_and_what_is_confirmed(
    villages: list[Area], clerk: User, neighbour: User, leader: User
) -> None:
    for other in (neighbour, leader):
        with pytest.raises(PermissionDenied):
            _save(villages[0], other, people=1)
    saved = _save(villages[0], clerk, people=10)
    confirm_village(record_=saved, by=clerk)
    with pytest.raises(HatangsoError, match="đã được xác nhận"):
        _save(villages[0], clerk, people=11)
    with pytest.raises(HatangsoError):
        confirm_village(record_=saved, by=clerk)
    confirm_village(record_=saved, by=clerk, confirmed=False)
    assert _save(villages[0], clerk, people=11).people == 11
    with pytest.raises(InputError):
        _save(villages[0], clerk, measured_lon=107.0)


def test_in_the_browser_prefilled_from_the_last_period(
    client_of: Callable[[User], Client], villages: list[Area], clerk: User, neighbour: User
) -> None:
    address = reverse("indicators:village", args=[villages[0].code, PERIOD])
    client = client_of(clerk)
    client.post(address, {"people": "300", "has_power": "true", "song-4G-chung": "full", "xac-nhan": "1"})
    record = VillageRecord.objects.get()
    assert (record.people, record.confirmed_by) == (300, clerk)
    assert record.coverage.get().signal == "full"
    following = client.get(reverse("indicators:village", args=[villages[0].code, "2026Q4"])).content.decode()
    assert 'value="300"' in following and "Điền sẵn theo kỳ trước" in following
    page = client.get(reverse("indicators:villages") + "?ky=2026Q3").content.decode()
    assert "Đã xác nhận 1/2 thôn" in page and "4G: Đủ" in page
    client.post(reverse("indicators:village", args=[villages[0].code, "2026Q4"]), {"people": "310"})
    assert [each.people for each in VillageRecord.objects.order_by("period")] == [300, 310]
    assert client_of(neighbour).get(address).status_code == 404
