"""Signing in as a person does it: with the mouse, with the keyboard alone, on a phone, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from hatangso_web.accounts.models import User

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_keyboard_alone_signs_in_and_out(page: Page, clerk: User) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Bỏ qua tới nội dung")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Tên đăng nhập")).to_be_focused()
    page.keyboard.type("clerk")
    page.keyboard.press("Tab")
    page.keyboard.type("mat-khau-rat-dai")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")
    expect(page.get_by_role("banner")).to_contain_text("Cán bộ xã · Xã Ea Mới")
    page.get_by_role("button", name="Đăng xuất").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")


def test_wrong_password_says_so_and_keeps_the_name(page: Page, clerk: User) -> None:
    page.goto("/vao/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill("clerk")
    page.get_by_label("Mật khẩu").fill("sai mật khẩu rồi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng")
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("clerk")


def test_phone_shows_the_menu_and_does_not_scroll_sideways(
    phone: Page, administrator: User, sign_in: Callable[[Page, User], None]
) -> None:
    sign_in(phone, administrator)
    phone.locator("summary", has_text="Mục chính").tap()
    phone.get_by_role("link", name="Người dùng", exact=True).tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Người dùng")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    short = phone.evaluate(
        """() => [...document.querySelectorAll('main button, main a.button, main select, header a, header button')]
        .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < 44)
        .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert short == []


def test_pages_work_without_javascript(
    new_context: Callable[..., BrowserContext], administrator: User, sign_in: Callable[[Page, User], None]
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, administrator)
    page.get_by_role("link", name="Người dùng", exact=True).first.click()
    page.get_by_role("link", name="Thêm người dùng").click()
    page.get_by_label("Tên đăng nhập").fill("ngoc.anh")
    page.get_by_label("Họ và tên").fill("Trần Ngọc Ánh")
    page.get_by_role("button", name="Thêm người dùng").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mật khẩu tạm của Trần Ngọc Ánh")
    page.get_by_role("link", name="Tiếp tục: giao vai trò").click()
    page.get_by_label("Vai trò").select_option(label="Cán bộ xã")
    page.get_by_label("Cơ quan").select_option(label="Sở Khoa học và Công nghệ")
    page.get_by_label("Địa bàn").fill("ea moi")
    page.get_by_role("button", name="Giao vai trò").click()
    expect(page.get_by_role("main")).to_contain_text("Xã Ea Mới")


def test_area_is_suggested_while_typing(
    page: Page, administrator: User, clerk: User, sign_in: Callable[[Page, User], None]
) -> None:
    sign_in(page, administrator)
    page.goto(f"/nguoi-dung/{clerk.pk}/")
    page.get_by_label("Địa bàn").press_sequentially("dong a", delay=20)
    expect(page.locator("datalist option")).to_have_count(1)
    expect(page.locator("datalist option").first).to_have_attribute("value", "Phường Đồng Ân (99002)")


def test_language_switch_turns_the_page_english_and_back(
    page: Page, clerk: User, sign_in: Callable[[Page, User], None]
) -> None:
    sign_in(page, clerk)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")
