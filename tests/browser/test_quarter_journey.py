"""A whole quarter by the roles' own accounts in a browser: opened, entered offline and on, sent, returned, approved, seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Page, expect

from hatangso_web.accounts.models import User
from hatangso_web.indicators.models import Cell, Figure, State, Submission

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
SignIn = Callable[[Page, User], None]
VILLAGES = "Số thôn, bản, tổ dân phố"
WITH_4G = "Số thôn có sóng 4G"


@pytest.fixture
def page_of(new_context: Callable[..., BrowserContext], sign_in: SignIn) -> Callable[..., Page]:
    """Return a function that opens a browser in which a person has signed in."""

    def open_one(user: User, **options: Any) -> Page:
        page = new_context(**options).new_page()
        sign_in(page, user)
        return page

    return open_one


def _open_round(page: Page) -> None:
    page.goto("/so-lieu/")
    page.get_by_role("link", name="Mở đợt thu thập").click()
    page.get_by_label("Tên đợt", exact=True).fill("Số liệu quý III/2026")
    page.locator("#id_area").fill("Tỉnh Đắk Thử (99)")
    page.get_by_label("Kỳ", exact=True).fill("quý III/2026")
    page.get_by_label("Ngày mở").fill("2026-09-15")
    page.get_by_label("Hạn gửi").fill("2026-09-25")
    page.get_by_label(f"{VILLAGES} (thôn)", exact=True).check()
    page.get_by_label(f"{WITH_4G} (thôn)", exact=True).check()
    page.get_by_role("button", name="Mở đợt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Số liệu quý III/2026")


def _open_own_sheet(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Số liệu quý III/2026").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xã Ea Mới")


def _cell(page: Page, variable: str) -> Any:
    return page.get_by_label(f"{variable}, Xã Ea Mới", exact=True)


def test_a_quarter_from_opening_to_the_leaders_screen(
    page_of: Callable[..., Page], specialist: User, clerk: User, leader: User
) -> None:
    office = page_of(specialist)
    _open_round(office)
    commune = page_of(clerk)
    _open_own_sheet(commune)
    _cell(commune, VILLAGES).fill("10")
    state = commune.locator("#tinh-trang-luu")
    expect(state).to_contain_text("Máy chủ đã lưu lúc")
    commune.keyboard.press("Enter")
    expect(_cell(commune, WITH_4G)).to_be_focused()

    # The connection goes: what is typed waits here, and nothing says it was saved.
    commune.context.set_offline(True)
    _cell(commune, WITH_4G).fill("12")
    expect(state).to_contain_text("Chờ gửi 1 mục")
    assert Cell.objects.count() == 1
    commune.context.set_offline(False)
    expect(state).to_contain_text("Máy chủ đã lưu lúc")
    expect(commune.get_by_text("12 > 10")).to_be_visible()  # a running check
    assert Cell.objects.get(variable="villages_with_4g").value == 12
    commune.get_by_role("button", name="Lưu và gửi").click()
    expect(commune.locator("#thong-bao")).to_contain_text("Báo cáo còn lỗi")
    _cell(commune, WITH_4G).fill("9")
    commune.get_by_role("button", name="Lưu và gửi").click()
    expect(commune.locator("#thong-bao")).to_contain_text("Đã gửi báo cáo")

    office.goto("/")
    office.get_by_role("link", name="Số liệu quý III/2026 · Xã Ea Mới").click()
    office.get_by_label(f"Ý kiến: {WITH_4G}, Xã Ea Mới").fill("Thôn 3 chưa có sóng")
    office.get_by_role("button", name="Trả lại").click()
    expect(office.locator("#thong-bao")).to_contain_text("Đã trả lại")
    _open_own_sheet(commune)
    expect(commune.get_by_text("Thôn 3 chưa có sóng")).to_be_visible()
    _cell(commune, WITH_4G).fill("8")
    commune.get_by_role("button", name="Lưu và gửi").click()
    expect(commune.locator("#thong-bao")).to_contain_text("Đã gửi báo cáo")
    office.reload()
    office.get_by_role("button", name="Duyệt").click()
    expect(office.locator("#thong-bao")).to_contain_text("Đã duyệt")
    assert Submission.objects.filter(state=State.APPROVED).count() == 1
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)

    seat = page_of(leader)
    seat.goto("/chi-tieu/")
    code = Figure.objects.filter(numerator=8, denominator=10).values_list("indicator", flat=True)[0]
    row = seat.get_by_role("row").filter(has_text=str(code))
    expect(row).to_contain_text("80,0 %")
    row.get_by_role("link").first.click()
    seat.get_by_role("link", name="Số liệu gốc").click()
    seat.get_by_role("link", name="Mở báo cáo").first.click()
    expect(seat.get_by_role("main")).to_contain_text("Người specialist")


def test_a_small_sheet_on_a_phone_with_paste_and_without_javascript(
    page_of: Callable[..., Page], specialist: User, clerk: User
) -> None:
    _open_round(page_of(specialist))
    phone = page_of(clerk, viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True)
    _open_own_sheet(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    _cell(phone, VILLAGES).focus()
    phone.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text/plain", "11\\n7");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }"""
    )
    expect(_cell(phone, WITH_4G)).to_have_value("7")
    expect(phone.locator("#tinh-trang-luu")).to_contain_text("Máy chủ đã lưu lúc")
    assert {cell.variable: cell.value for cell in Cell.objects.all()} == {
        "villages": 11,
        "villages_with_4g": 7,
    }
    plain = page_of(clerk, java_script_enabled=False)
    _open_own_sheet(plain)
    expect(_cell(plain, VILLAGES)).to_have_value("11")
    _cell(plain, VILLAGES).fill("12")
    plain.get_by_role("button", name="Lưu nháp").click()
    expect(plain.locator("#thong-bao")).to_contain_text("Đã lưu 1 ô thay đổi")
