"""Filters and tags: numbers, days, statuses, sorted lists."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from hatangso_web.areas.models import Area
from hatangso_web.screen.statuses import STATUSES, VERDICTS, WORKFLOW
from hatangso_web.screen.tables import make_listing
from hatangso_web.screen.templatetags.screen import status, vdate, vdatetime, vnumber, vpercent
from tests.people import Places

COLUMNS = {"ten": ["name_order"], "ma": ["code"]}


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5, None, "1.234,5"),
        (0, None, "0"),
        (None, None, ""),
        (1234567, None, "1.234.567"),
        (2 / 3, 1, "0,7"),
    ],
)
def test_numbers_are_written_the_vietnamese_way(value: float | None, decimals: int | None, text: str) -> None:
    assert vnumber(value, decimals) == text


def test_numbers_on_english_pages_are_english() -> None:
    with translation.override("en"):
        assert vnumber(1234.5) == "1,234.5"


def test_share_is_written_as_percent() -> None:
    assert vpercent(0.856) == "85,6%"
    assert vpercent(None) == ""


def test_days_and_moments_are_those_of_the_office() -> None:
    assert vdate(date(2026, 3, 5)) == "05/03/2026"
    assert vdatetime(datetime(2026, 12, 31, 20, 5, tzinfo=UTC)) == "03:05 01/01/2027"
    assert vdate(None) == ""


def test_status_shows_drawing_and_word() -> None:
    assert [str(found.word) for found in VERDICTS.values()] == [
        "Đạt", "Có khả năng đạt", "Chậm", "Không đạt", "Chưa đủ dữ liệu", "Không áp dụng",
    ]  # fmt: skip
    assert [str(found.word) for found in WORKFLOW.values()] == [
        "Chưa báo cáo", "Đang nhập", "Chờ duyệt", "Trả lại", "Đã duyệt", "Đã khóa",
    ]  # fmt: skip
    for key, found in STATUSES.items():
        assert "<svg" in status(key)
        assert str(found.word) in status(key)
    assert len({found.icon for found in VERDICTS.values()}) == len(VERDICTS)


@pytest.mark.django_db
def test_list_is_sorted_and_cut_as_the_address_asks(places: Places) -> None:
    listing = make_listing(
        RequestFactory().get("/?sap-xep=-ma&trang=2"),
        Area.objects.all(),
        columns=COLUMNS,
        default="ten",
        size=3,
    )
    assert [area.code for area in listing.page] == ["98"]
    assert (listing.sort, listing.descending, listing.total, listing.page_numbers) == ("ma", True, 4, [1, 2])


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["sap-xep=password&trang=x", "sap-xep=--ten&trang=-5", ""])
def test_unknown_sort_and_page_fall_back(places: Places, query: str) -> None:
    listing = make_listing(
        RequestFactory().get(f"/?{query}"), Area.objects.all(), columns=COLUMNS, default="ten"
    )
    assert (listing.sort, listing.descending, listing.page.number) == ("ten", False, 1)


@pytest.mark.django_db
def test_head_of_the_sorted_column_says_its_direction_and_turns_it(places: Places) -> None:
    request = RequestFactory().get("/?tim=ea&sap-xep=ten&trang=3")
    listing = make_listing(request, Area.objects.all(), columns=COLUMNS, default="ten")
    drawn = Template('{% sort_header listing "ten" "Tên" %}{% sort_header listing "ma" "Mã" %}').render(
        Context({"listing": listing, "request": request})
    )
    assert 'aria-sort="ascending"' in drawn
    assert 'href="?tim=ea&amp;sap-xep=-ten"' in drawn
    assert 'href="?tim=ea&amp;sap-xep=ma"' in drawn
