"""From an overview to the part, the submission and who approved, in three clicks; disputes of values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.indicators.actions.challenges import answer_challenge, raise_challenge, settle_challenge
from hatangso_web.indicators.actions.review import approve
from hatangso_web.indicators.charts import Chart, draw_series
from hatangso_web.indicators.computing import compute_period
from hatangso_web.indicators.models import Figure, Submission, Value

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(submission: Submission, clerk: User, specialist: User, fill: Any, places: Any) -> Submission:
    """Return a submission approved and computed."""
    fill(submission, clerk, villages="10", villages_with_4g="8", people="1.234")
    approve(submission=submission, revision=1, by=specialist)
    compute_period(places.province, "2026Q3")
    return submission


def test_three_clicks_from_the_overview_to_who_approved(
    client_of: Callable[[User], Client], leader: User, approved: Submission
) -> None:
    client = client_of(leader)
    figure = Figure.objects.get(numerator=8, denominator=10, area__level="province")
    overview = client.get(reverse("indicators:figures")).content.decode()
    assert "80,0 %" in overview and "1/2" in overview
    first = re.search(rf'href="(/chi-tieu/{figure.indicator}/[^"]*)"', overview)
    assert first
    page = client.get(first[1].replace("&amp;", "&")).content.decode()
    second = re.search(r'href="(/chi-tieu/[^"]*/goc/[^"]*)"', page)
    assert second and "<svg" in page
    parts = client.get(second[1].replace("&amp;", "&")).content.decode()
    assert "Người specialist" in parts
    third = re.search(r'href="(/so-lieu/bao-cao/\d+/)"', parts)
    assert third and client.get(third[1]).status_code == 200


def test_a_neighbour_sees_neither_the_parts_nor_the_value(
    client_of: Callable[[User], Client], neighbour: User, approved: Submission
) -> None:
    client = client_of(neighbour)
    value = Value.objects.get(variable="villages")
    assert client.get(reverse("indicators:value", args=[value.pk])).status_code == 404
    address = reverse("indicators:figures") + f"?dia-ban={approved.area.code}"
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/chi-tieu/XX-99/", "/chi-tieu/?ky=abc", "/chi-tieu/?dia-ban=0"])
def test_what_is_not_there_is_not_found(
    client_of: Callable[[User], Client], leader: User, approved: Submission, address: str
) -> None:
    assert client_of(leader).get(address).status_code == 404


def test_a_dispute_is_answered_settled_and_kept(
    client_of: Callable[[User], Client], approved: Submission, clerk: User, leader: User, specialist: User
) -> None:
    value = Value.objects.get(variable="villages_with_4g")
    address = reverse("indicators:value", args=[value.pk])
    client_of(leader).post(address, {"viec": "phan-anh", "reason": "Thôn 3 chưa có sóng", "claimed": "7"})
    challenge = value.challenges.get()
    with pytest.raises(InputError, match="chưa kết luận"):
        raise_challenge(value=value, reason="nữa", by=specialist)
    with pytest.raises(PermissionDenied):
        answer_challenge(challenge=challenge, answer="Không đúng", by=leader)
    client_of(clerk).post(address, {"viec": "tra-loi", "noi-dung": "Đã đo lại ngày 20/9"})
    with pytest.raises(PermissionDenied):
        settle_challenge(challenge=challenge, upheld=True, outcome="Đúng", by=clerk)
    client_of(specialist).post(address, {"viec": "chap-nhan", "noi-dung": "Xã nộp lại ở kỳ sau"})
    challenge.refresh_from_db()
    assert (challenge.state, challenge.answered_by, challenge.settled_by) == ("upheld", clerk, specialist)
    page = client_of(leader).get(address).content.decode()
    assert "Đã đo lại ngày 20/9" in page and "Xã nộp lại ở kỳ sau" in page
    assert Value.objects.get(pk=value.pk).value == 8  # a dispute changes nothing by itself


def test_a_chart_shows_every_point_and_its_target_and_escapes_names() -> None:
    picture = draw_series(
        [("2026Q1", 60), ("2026Q2", 70)], chart=Chart("<b>", "%", 90, {"2026Q2": "tách xã"})
    )
    assert picture.count("<circle") == 2
    assert "mục tiêu 90 %" in picture
    assert "<b>" not in picture and " style=" not in picture
    assert "địa giới đổi" in picture
    assert draw_series([], chart=Chart("")) == ""
