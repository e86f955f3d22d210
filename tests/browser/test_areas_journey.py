"""From a former name to the commune of today, and a change entered, seen, confirmed and withdrawn: without JavaScript too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from hatangso_web.accounts.models import User
from hatangso_web.areas.loading import load_register
from hatangso_web.areas.models import AreaVersion, Change
from tests.people import Places
from tests.web.areas.test_loading import small_register

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "plain"])
def test_areas_journey(
    new_context: Callable[..., BrowserContext],
    administrator: User,
    places: Places,
    sign_in: Callable[[Page, User], None],
    scripts: bool,
) -> None:
    load_register(on=date(2026, 1, 1), register=small_register())
    page = new_context(java_script_enabled=scripts).new_page()
    sign_in(page, administrator)
    page.get_by_role("link", name="Địa bàn", exact=True).first.click()
    page.get_by_label("Tìm tên hoặc mã").fill("xa hai, tinh nho")
    page.get_by_role("button", name="Xem").click()
    page.get_by_role("link", name="Xã Hai").click()
    expect(page.get_by_role("main")).to_contain_text("hết hiệu lực từ 01/07/2025")
    page.get_by_role("main").get_by_role("link", name="Phường Một Hai").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phường Một Hai")
    expect(page.locator("svg[role=img]")).to_contain_text("Xã Hai")

    day = timezone.localdate() + timedelta(days=40)
    page.goto("/dia-ban/thay-doi/")
    page.get_by_role("link", name="Nhập thay đổi").click()
    page.get_by_label("Thay đổi", exact=True).select_option("merge")
    page.get_by_label("Có hiệu lực từ ngày").fill(day.isoformat())
    page.get_by_label("Văn bản").fill("99/NQ-UBTVQH")
    first, second = (page.get_by_role("group", name=f"Dòng {number}") for number in (1, 2))
    first.get_by_label("Đơn vị trước thay đổi").fill("99001")
    first.get_by_label("Tên sau thay đổi").fill("Ea Chung")
    second.get_by_label("Đơn vị trước thay đổi").fill("99002")
    second.get_by_label("Mã sau thay đổi").fill("99001")
    page.get_by_role("button", name="Xem tác động").click()
    expect(page.get_by_role("row", name="Xã Ea Chung")).to_contain_text("Chuyển đủ")
    assert not Change.objects.filter(legal_act="99/NQ-UBTVQH").exists()
    page.get_by_role("button", name="Xác nhận thay đổi").click()
    expect(page.get_by_role("main")).to_contain_text("Đã xác nhận, chưa có hiệu lực")
    page.goto(f"/dia-ban/ma/99001/?ngay={day.isoformat()}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Xã Ea Chung")
    page.goto("/dia-ban/thay-doi/")
    page.get_by_role("link", name="99/NQ-UBTVQH").click()
    page.get_by_role("button", name="Rút thay đổi").click()
    expect(page.get_by_role("status").first).to_contain_text("trở lại như trước khi nhập")
    assert not AreaVersion.objects.filter(name="Ea Chung").exists()


def test_phone_shows_areas_and_catalogue_without_scrolling_sideways(
    phone: Page, administrator: User, places: Places, sign_in: Callable[[Page, User], None]
) -> None:
    load_register(on=date(2026, 1, 1), register=small_register())
    sign_in(phone, administrator)
    for address in (
        "/dia-ban/", "/dia-ban/?tim=xa+hai", "/dia-ban/ma/10001/", "/dia-ban/nap/", "/dia-ban/thay-doi/them/",
        "/danh-muc/", "/danh-muc/MOB-04/",
    ):  # fmt: skip
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 375, address
