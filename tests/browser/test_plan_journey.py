"""From the file of a plan to a confirmed target, as a person does it: with JavaScript, without, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Page, expect

from hatangso_web.accounts.models import User
from hatangso_web.plans.models import State, Target, Version
from tests.web.plans.sample import REAL_TEXT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
SignIn = Callable[[Page, User], None]


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    """Return a plan of two targets, one assignment and one duty as a text file."""
    path = tmp_path / "kế hoạch.txt"
    path.write_text(REAL_TEXT, encoding="utf-8")
    return path


def _work() -> None:
    """Run the background tasks that wait, as the worker does."""
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)


def _upload(page: Page, file: Path) -> None:
    page.goto("/ke-hoach/")
    page.get_by_role("link", name="Nạp kế hoạch", exact=True).click()
    page.get_by_label("Tệp kế hoạch").set_input_files(file)
    page.get_by_role("button", name="Nạp và đọc").click()
    expect(page.get_by_role("main")).to_contain_text("chờ tới lượt đọc")
    _work()
    page.wait_for_url("**/xac-nhan/**")  # the waiting page opens it by itself


def _targets(page: Page) -> Any:
    page.get_by_role("link", name="Chỉ tiêu 2").click()
    expect(page.locator("[data-finding]")).to_have_count(2)
    return page.locator("[data-finding]")


def test_keyboard_confirms_a_plan(page: Page, clerk: User, plan_file: Path, sign_in: SignIn) -> None:
    sign_in(page, clerk)
    _upload(page, plan_file)
    cards = _targets(page)
    chosen = page.locator(".finding--chosen")
    expect(chosen).to_contain_text("95 %")
    expect(page.locator("#cau")).to_contain_text("95% hộ gia đình")
    page.keyboard.press("j")
    expect(chosen).to_contain_text("99 %")
    expect(page.locator("#cau")).to_contain_text("99% dân số")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(cards.first).to_contain_text("Đã xác nhận")
    expect(chosen).to_contain_text("99 %")  # the next that waits
    page.keyboard.press("e")
    page.get_by_label("Giá trị").fill("98,5")
    page.get_by_role("button", name="Lưu và xác nhận").click()
    expect(cards.nth(1)).to_contain_text("Đã sửa và xác nhận")
    page.keyboard.press("u")
    expect(cards.nth(1)).to_contain_text("Chờ xác nhận")
    page.keyboard.press("r")
    expect(cards.nth(1)).to_contain_text("Đã loại")
    page.keyboard.press("Shift+?")
    expect(page.get_by_role("dialog")).to_contain_text("Phím tắt")
    page.keyboard.press("Escape")
    assert [target.value for target in Target.objects.filter(ended_at=None)] == [95]


def test_a_marked_sentence_becomes_a_target_by_hand(
    page: Page, clerk: User, plan_file: Path, sign_in: SignIn
) -> None:
    sign_in(page, clerk)
    _upload(page, plan_file)
    _targets(page)
    page.evaluate(
        """() => {
            const text = [...document.querySelectorAll('.source')].find(e => e.textContent.includes('theo dõi, đôn đốc'));
            getSelection().selectAllChildren(text);
        }"""
    )
    page.keyboard.press("n")
    expect(page.get_by_label("Câu trong văn bản")).to_have_value(
        "- Chủ trì, theo dõi, đôn đốc việc thực hiện Kế hoạch."
    )
    page.get_by_label("Giá trị").fill("1")
    page.get_by_label("Đơn vị tính").fill("lần")
    page.get_by_role("button", name="Thêm và xác nhận").click()
    expect(page.locator(".finding--chosen")).to_contain_text("Thêm bằng tay")
    expect(page.locator("#cau")).to_contain_text("theo dõi, đôn đốc")
    assert Target.objects.get().unit == "lần"


def test_everything_works_without_javascript(
    new_context: Callable[..., BrowserContext], clerk: User, plan_file: Path, sign_in: SignIn
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, clerk)
    _upload(page, plan_file)
    cards = _targets(page)
    page.locator(".finding--chosen").get_by_role("button", name="Xác nhận").click()
    expect(cards.first).to_contain_text("Đã xác nhận")
    page.locator(".finding--chosen").get_by_role("link", name="Sửa").click()
    page.get_by_label("Giá trị").fill("98,5")
    page.get_by_role("button", name="Lưu và xác nhận").click()
    expect(page.locator(".finding--chosen")).to_contain_text("Máy đọc được")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã hoàn tác")
    page.get_by_role("link", name="Trang kế hoạch").click()
    row = page.get_by_role("row", name="95 %")
    row.get_by_role("link").first.click()  # one click from a target to its sentence
    expect(page.locator("#cau")).to_contain_text("95% hộ gia đình")
    assert [target.value for target in Target.objects.filter(ended_at=None)] == [95]


def test_phone_confirms_without_scrolling_sideways(
    phone: Page, clerk: User, plan_file: Path, sign_in: SignIn
) -> None:
    sign_in(phone, clerk)
    _upload(phone, plan_file)
    cards = _targets(phone)
    phone.locator(".finding--chosen").get_by_role("button", name="Xác nhận").tap()
    expect(cards.first).to_contain_text("Đã xác nhận")
    for address in (
        phone.url,
        "/ke-hoach/",
        "/den-han/?trong=36500",
        f"/ke-hoach/{Version.objects.get().plan_id}/",
    ):
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 375, address
    assert Target.objects.count() == 1


def test_a_hostile_and_an_empty_file_are_refused_with_a_sentence(
    page: Page, clerk: User, tmp_path: Path, sign_in: SignIn
) -> None:
    sign_in(page, clerk)
    for name, content, words in (
        ("kế hoạch.exe", b"MZ\x90", "không thuộc loại đọc được"),
        ("rỗng.docx", b"", "không có nội dung"),
    ):
        page.goto("/ke-hoach/nap/")
        path = tmp_path / name
        path.write_bytes(content)
        page.get_by_label("Tệp kế hoạch").set_input_files(path)
        page.get_by_role("button", name="Nạp và đọc").click()
        expect(page.get_by_role("main")).to_contain_text(words)
    broken = tmp_path / "hỏng.docx"
    broken.write_bytes(b"PK\x03\x04 not a document")
    page.goto("/ke-hoach/nap/")
    page.get_by_label("Tệp kế hoạch").set_input_files(broken)
    page.get_by_role("button", name="Nạp và đọc").click()
    expect(page.get_by_role("main")).to_contain_text("chờ tới lượt đọc")
    _work()
    expect(page.get_by_role("alert")).to_contain_text("Hãy mở tệp bằng Word rồi lưu lại thành .docx")
    assert not Version.objects.filter(findings__state=State.OPEN).exists()


def test_session_that_ends_while_editing_loses_nothing(
    page: Page, clerk: User, plan_file: Path, sign_in: SignIn
) -> None:
    sign_in(page, clerk)
    _upload(page, plan_file)
    cards = _targets(page)
    page.keyboard.press("e")
    page.get_by_label("Giá trị").fill("97")
    page.context.clear_cookies(name="phien")
    page.get_by_role("button", name="Lưu và xác nhận").click()
    expect(page.get_by_role("alert")).to_contain_text("Phiên làm việc đã hết")
    expect(page.get_by_label("Giá trị")).to_have_value("97")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Đăng nhập ở thẻ mới").click()
    other = opened.value
    other.get_by_label("Tên đăng nhập").fill(clerk.username)
    other.get_by_label("Mật khẩu").fill("mat-khau-rat-dai")
    other.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
    other.wait_for_url("**/xac-nhan/**")
    other.close()
    page.bring_to_front()
    page.evaluate(
        "document.dispatchEvent(new Event('visibilitychange'))"
    )  # headless windows are never hidden
    expect(page.get_by_role("alert")).to_contain_text("Đã đăng nhập lại")
    page.get_by_role("button", name="Lưu và xác nhận").click()
    expect(cards.first).to_contain_text("Đã sửa và xác nhận")
    assert [target.value for target in Target.objects.filter(ended_at=None)] == [97]
