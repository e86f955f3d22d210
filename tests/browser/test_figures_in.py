"""Figures come in by a browser: two people in one cell, a connection that goes, prefilled cells, a table without JavaScript."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from hatangso_web.accounts.models import User
from hatangso_web.accounts.roles import Role
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Cell, ImportState, Submission, TableImport

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
SignIn = Callable[[Page, User], None]


@pytest.fixture
def submission(places: Any, specialist: User) -> Submission:
    """Return what the clerk's commune owes."""
    call = Call(
        name="Đợt thử", area=places.province, period="2026Q3", variables=("villages", "villages_with_4g"),
        opens_on=datetime.date(2026, 9, 15), due_on=datetime.date(2026, 9, 25),
    )  # fmt: skip
    return open_round(call=call, by=specialist).submissions.get(area=places.commune)


@pytest.fixture
def page_of(new_context: Callable[..., BrowserContext], sign_in: SignIn) -> Callable[..., Page]:
    """Return a function that opens a browser in which a person has signed in."""

    def open_one(user: User, **options: Any) -> Page:
        page = new_context(**options).new_page()
        sign_in(page, user)
        return page

    return open_one


def _cell(page: Page) -> Any:
    return page.get_by_label("Số thôn, bản, tổ dân phố, Xã Ea Mới", exact=True)


def test_two_people_in_one_cell_and_a_connection_that_goes(
    page_of: Callable[..., Page],
    submission: Submission,
    clerk: User,
    person: Callable[..., User],
    places: Any,
) -> None:
    address = f"/so-lieu/bao-cao/{submission.pk}/"
    first, second = page_of(clerk), page_of(person("colleague", Role.COMMUNE_CLERK, places.commune))
    first.goto(address)
    second.goto(address)
    second.context.set_offline(True)
    _cell(second).fill("12")
    state = second.locator("#tinh-trang-luu")
    expect(state).to_contain_text("Chờ gửi 1 mục")
    _cell(first).fill("10")
    expect(first.locator("#tinh-trang-luu")).to_contain_text("Máy chủ đã lưu lúc")
    # What waited comes back after the page is opened anew, and does not win silently.
    second.context.set_offline(False)
    second.reload()
    expect(second.get_by_text("vừa ghi 10 lúc")).to_be_visible()
    expect(_cell(second)).to_have_value("12")
    assert Cell.objects.get().value == 10
    second.get_by_role("button", name="Ghi số của tôi").click()
    expect(state).to_contain_text("Máy chủ đã lưu lúc")
    assert Cell.objects.get().value == 12
    # The other way round: the first keeps what stands.
    _cell(first).fill("11")
    first.get_by_role("button", name="Giữ 12").click()
    expect(_cell(first)).to_have_value("12")
    first.get_by_role("button", name="Lưu nháp").click()
    expect(first.locator("#thong-bao")).to_contain_text("Đã lưu 0 ô thay đổi")
    assert Cell.objects.get().value == 12


def test_a_table_comes_in_without_javascript(
    page_of: Callable[..., Page], specialist: User, places: Any, tmp_path: Path
) -> None:
    table = tmp_path / "dan-so.csv"
    table.write_text("Đơn vị,Người\n99001,1000\nPhường Đồng Ân,500\n", encoding="utf-8")
    page = page_of(specialist, java_script_enabled=False)
    page.goto("/so-lieu/nap-bang/")
    page.get_by_label("Tệp bảng").set_input_files(table)
    page.get_by_label("Loại bảng").select_option("population")
    page.get_by_label("Kỳ của số liệu").fill("quý III/2026")
    page.get_by_role("button", name="Nạp và đọc thử").click()
    page.get_by_label("Xã, phường").select_option("Đơn vị")
    page.get_by_label("Dân số", exact=True).select_option("Người")
    page.get_by_role("button", name="Đọc thử").click()
    expect(page.get_by_role("main")).to_contain_text("không tìm thấy '99001'")
    page.get_by_role("link", name="Sửa cách ghép cột").click()
    assert TableImport.objects.get().state == ImportState.CHECKED
    table.write_text("Đơn vị,Người\nEa Mới,1000\nPhường Đồng Ân,500\n", encoding="utf-8")
    page.goto("/so-lieu/nap-bang/")
    page.get_by_label("Tệp bảng").set_input_files(table)
    page.get_by_label("Loại bảng").select_option("population")
    page.get_by_label("Kỳ của số liệu").fill("2026Q3")
    page.get_by_role("button", name="Nạp và đọc thử").click()  # the columns are remembered
    page.get_by_role("button", name="Xác nhận bảng này").click()
    expect(page.get_by_role("main")).to_contain_text("người nạp không tự duyệt")
    assert TableImport.objects.filter(state=ImportState.WAITING).count() == 1
