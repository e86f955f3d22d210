"""Areas on any day: lists, search, the page of an area."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from hatangso_web.accounts.models import User
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.loading import load_register
from hatangso_web.areas.models import Level
from hatangso_web.gazetteer.queries import part_words
from tests.people import Places
from tests.web.areas.test_loading import DAY, small_register

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture
def browser(client_of: ClientOf, viewer: User) -> Client:
    """Return a viewer's browser over the small register."""
    load_register(on=date(2026, 1, 1), register=small_register())
    return client_of(viewer)


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_list_shows_the_areas_of_the_day(browser: Client) -> None:
    before = page(browser, "/dia-ban/?ngay=2025-06-30")
    assert "Tỉnh Nhỏ" in before
    assert "Quận, huyện (trước 01/7/2025) (1)" in before
    after = page(browser, "/dia-ban/?ngay=2025-07-01")
    assert "Tỉnh Nhỏ" not in after
    assert "Tỉnh Lớn" in after


def test_a_day_nobody_can_read_is_said(browser: Client) -> None:
    assert "Không đọc được ngày" in page(browser, "/dia-ban/?ngay=hom-qua")
    assert "Không đọc được ngày “hom-qua”" in page(browser, "/dia-ban/ma/10/?ngay=hom-qua")


def test_old_name_without_diacritics_leads_to_the_ended_commune_with_reasons(browser: Client) -> None:
    found = page(browser, "/dia-ban/?tim=xa+hai%2C+tinh+nho&ngay=2026-01-01")
    assert "/dia-ban/ma/10002/?ngay=2026-01-01" in found
    assert "hết hiệu lực từ 01/07/2025, nay là Phường Một Hai" in found
    assert "Không tìm thấy nơi nào" in page(browser, "/dia-ban/?tim=Zzzzzzzz")


def test_village_and_code_are_found(browser: Client, places: Places) -> None:
    enter_area(code="99001.7", name="Thôn Suối Đá", level=Level.VILLAGE, parent=places.commune)
    assert "99001.7" in page(browser, "/dia-ban/?tim=suoi+da")
    assert "đúng mã" in page(browser, "/dia-ban/?tim=10001")


def test_page_of_a_grown_commune_draws_and_lists_what_it_was_formed_from(browser: Client) -> None:
    shown = page(browser, "/dia-ban/ma/10001/?ngay=2026-01-01")
    assert "<h1>Phường Một Hai</h1>" in shown
    drawing = shown[shown.index("<svg xmlns") :]
    drawing = drawing[: drawing.index("</svg>")]
    assert "Xã Hai" in drawing and "Phường Một Hai" in drawing
    assert "Quá trình thay đổi của Phường Một Hai" in drawing
    assert shown.count("1/NQ") == 2  # the table says the same as the drawing
    assert "<h1>Xã Một</h1>" in page(browser, "/dia-ban/ma/10001/?ngay=2025-06-30")


def test_ended_district_says_who_holds_its_land(browser: Client) -> None:
    shown = page(browser, "/dia-ban/ma/101/?ngay=2026-01-01")
    assert "hết hiệu lực từ 01/07/2025" in shown
    assert 'href="/dia-ban/ma/10001/">Phường Một Hai' in shown
    assert "không có đơn vị kế tục" in shown


def test_breadcrumbs_of_a_commune_go_through_its_district_before_the_day(browser: Client) -> None:
    shown = page(browser, "/dia-ban/ma/10002/?ngay=2025-06-30")
    crumbs = shown[
        shown.index('class="breadcrumbs"') : shown.index("</nav>", shown.index('class="breadcrumbs"'))
    ]
    assert crumbs.index("Tỉnh Nhỏ") < crumbs.index("Huyện Giữa") < crumbs.index("Xã Hai")


def test_lists_and_pages_cost_the_same_queries_for_many_rows(
    browser: Client, places: Places, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        enter_area(
            code=f"98{number:03d}", name=f"Xã {number}", level=Level.COMMUNE, parent=places.other_province
        )
    browser.get("/dia-ban/?tim=xa")  # the index of names is built once
    for address, most in (("/dia-ban/?cap=commune", 8), ("/dia-ban/ma/98/", 18), ("/dia-ban/?tim=xa+1", 9)):
        with django_assert_max_num_queries(most):
            assert "Xã 1" in browser.get(address).content.decode()


def test_unknown_code_and_area_without_border_are_not_found(browser: Client) -> None:
    assert browser.get("/dia-ban/ma/55555/").status_code == 404
    assert browser.get("/dia-ban/ma/10/ban-do.svg").status_code == 404


def test_plans_and_organisations_of_the_area_stand_on_its_page(
    client_of: ClientOf, specialist: User, places: Places
) -> None:
    shown = page(client_of(specialist), "/dia-ban/ma/99/")
    assert "Sở Khoa học và Công nghệ" in shown
    assert "Chưa có kế hoạch nào bạn xem được" in shown


def test_part_of_a_change_is_worded() -> None:
    assert [part_words(1.0, 1.0), part_words(0.25, None), part_words(None, 0.0), part_words(None, None)] == [
        "toàn bộ", "25 %", "một phần diện tích, không có dân", "một phần, chưa rõ tỷ lệ",
    ]  # fmt: skip
    assert date(2025, 7, 1) == DAY
