"""A whole quarter by the roles' own accounts in a browser: opened, entered, sent, returned, approved, seen, disputed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from hatangso_web.accounts.models import Membership, Organisation, OrganisationKind, User
from hatangso_web.accounts.roles import Role
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Cell, Round, State, Submission, Value
from hatangso_web.plans.models import Target
from tests.web.plans.sample import Store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
SignIn = Callable[[Page, User], None]
VILLAGES = "Số thôn, bản, tổ dân phố"
WITH_4G = "Số thôn có sóng 4G"


@pytest.fixture
def page_of(new_context: Callable[..., BrowserContext], sign_in: SignIn) -> Callable[..., Page]:
    """Return a function that opens a browser in which a person has signed in."""
    resolve("/")  # brings in the whole program before anybody waits for a page

    def open_one(user: User, **options: Any) -> Page:
        page = new_context(**options).new_page()
        sign_in(page, user)
        return page

    return open_one


@pytest.fixture
def people(
    person: Callable[..., User], places: Any, specialist: User, clerk: User, neighbour: User, leader: User
) -> dict[str, User]:
    """Everybody of the quarter by name; ``second`` is the other specialist, who approves."""
    second = person("second", Role.PROVINCIAL_SPECIALIST, places.province)
    return {
        "specialist": specialist,
        "second": second,
        "clerk": clerk,
        "neighbour": neighbour,
        "leader": leader,
    }


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


def _write(page: Page, field: Any, text: str) -> None:
    """Fill a field of a sheet and wait until the server has stored it: an in-memory database takes one at a time.

    Not before the page's scripts run, since nothing is sent until then.
    """
    page.wait_for_load_state("load")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        field.fill(text)


def _cell(page: Page, variable: str) -> Any:
    return page.get_by_label(f"{variable}, Xã Ea Mới", exact=True)


@pytest.fixture
def last_quarter(places: Any, specialist: User) -> Round:
    """Last quarter's round, with the clerk's commune approved: 10 villages, 2 of them with 4G."""
    call = Call(
        "Số liệu quý II/2026",
        places.province,
        "2026Q2",
        ("villages", "villages_with_4g"),
        date(2026, 6, 15),
        date(2026, 6, 25),
    )
    for variable, value in (("villages", 10), ("villages_with_4g", 2)):
        Value.objects.create(
            area=places.commune, variable=variable, period="2026Q2", value=value, source="Quý trước", by=specialist,
            at=timezone.now(),
        )  # fmt: skip
    return open_round(call=call, by=specialist)


@pytest.fixture
def firm_clerk(places: Any) -> User:
    """A clerk of a firm that works in the province."""
    firm = Organisation.objects.create(
        code="NM1", name="Viễn thông Sao Mai", kind=OrganisationKind.OPERATOR, area=places.province
    )
    user = User.objects.create_user("nhamang", "mat-khau-rat-dai", full_name="Người nhà mạng")
    Membership.objects.create(user=user, organisation=firm, role=Role.OPERATOR_CLERK, area=places.province)
    return user


@pytest.fixture
def target(places: Any, specialist: User) -> Target:
    """A confirmed target of the province's plan: 4G in at least 80 % of villages by the end of 2027."""
    version = Store(specialist)(places.province)
    finding = version.findings.filter(kind="target")[0]
    return Target.objects.create(
        plan=version.plan, finding=finding, lineage=finding.lineage, indicator="MOB-02", comparator=">=", value=80,
        unit="%", due_date=date(2027, 12, 31), confirmed_by=specialist, confirmed_at=timezone.now(),
    )  # fmt: skip


def _copy_round(page: Page, former: Round) -> None:
    page.goto(f"/so-lieu/dot/{former.pk}/")
    page.get_by_role("link", name="Mở đợt kỳ sau").click()
    page.get_by_role("button", name="Mở đợt", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Số liệu quý III/2026")


def _clerk_in_the_grid(page: Page) -> None:
    """A check stops, another warns and wants a word; then the sheet goes."""
    _open_own_sheet(page)
    _write(page, _cell(page, VILLAGES), "10")
    _write(page, _cell(page, WITH_4G), "12")
    expect(page.get_by_text("12 > 10")).to_be_visible()
    page.get_by_role("button", name="Lưu và gửi").click()
    expect(page.locator("#thong-bao")).to_contain_text("Báo cáo còn lỗi")
    _write(page, _cell(page, WITH_4G), "9")
    page.get_by_role("button", name="Lưu và gửi").click()
    expect(page.locator("#thong-bao")).to_contain_text("cảnh báo chưa giải trình")
    _write(page, page.get_by_label(f"Giải trình: {WITH_4G}, Xã Ea Mới"), "Thêm 7 trạm trong quý")
    page.get_by_role("button", name="Lưu và gửi").click()
    expect(page.locator("#thong-bao")).to_contain_text("Đã gửi báo cáo")


def _neighbour_by_workbook(page: Page) -> None:
    """The other commune takes its workbook away, fills it in and brings it back."""
    page.goto("/")
    page.get_by_role("link", name="Số liệu quý III/2026").first.click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Tải sổ Excel").click()
    book = openpyxl.load_workbook(BytesIO(waited.value.path().read_bytes()))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "Kỳ này" for cell in row))
    column = next(cell.column for cell in head if cell.value == "Kỳ này")
    for offset, value in enumerate((10, 6), start=1):
        sheet.cell(head[0].row + offset, column).value = value
    memory = BytesIO()
    book.save(memory)
    page.get_by_role("link", name="Nạp sổ Excel").click()
    file = {"name": "so.xlsx", "mimeType": "application/octet-stream", "buffer": memory.getvalue()}
    page.get_by_label("Tệp Excel").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Đọc thử").click()
    page.get_by_role("button", name="Nhận số liệu này").click()
    expect(page.locator("#thong-bao")).to_contain_text("Đã lưu 2 ô")
    page.goto("/")
    page.get_by_role("link", name="Số liệu quý III/2026").first.click()
    page.get_by_role("button", name="Lưu và gửi").click()
    expect(page.locator("#thong-bao")).to_contain_text("Đã gửi báo cáo")


def _operator_files(page: Page) -> None:
    """The firm's clerk sees her own submission alone, with a row for each commune."""
    page.goto("/")
    page.get_by_role("link", name="Trạm quý III/2026").first.click()
    for commune, stations in (("Xã Ea Mới", "20"), ("Phường Đồng Ân", "30")):
        _write(page, page.get_by_label(f"Số trạm BTS, {commune}", exact=True), stations)
    page.get_by_role("button", name="Lưu và gửi").click()
    expect(page.locator("#thong-bao")).to_contain_text("Đã gửi báo cáo")


def _approve(page: Page, unit: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=f"quý III/2026 · {unit}").click()
    page.get_by_role("button", name="Duyệt").click()
    expect(page.locator("#thong-bao")).to_contain_text("Đã duyệt")


def _dispute(page: Page) -> str:
    """Somebody who sees the province disputes the commune's figure, two clicks from the overview."""
    page.goto("/chi-tieu/MOB-02/goc/?dia-ban=99001&ky=2026Q3")
    page.get_by_role("row").filter(has_text=WITH_4G).get_by_role("link", name="8", exact=True).click()
    page.get_by_label("Vì sao chưa đúng").fill("Thôn 7 mất sóng từ tháng 8")
    page.get_by_label("Giá trị đề nghị").fill("7")
    page.get_by_role("button", name="Gửi phản ánh").click()
    page.get_by_role("link", name=re.compile("Phản ánh [A-Z2-9]{4}-")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Phản ánh [A-Z2-9]{4}-"))
    return page.url


def test_a_quarter_by_the_roles_own_accounts(
    page_of: Callable[..., Page],
    people: dict[str, User],
    last_quarter: Round,
    firm_clerk: User,
    target: Target,
) -> None:
    office = page_of(people["specialist"])
    _copy_round(office, last_quarter)
    opened = Round.objects.get(period="2026Q3")
    assert opened.copied_from_id == last_quarter.pk
    firms = Call(
        "Trạm quý III/2026", opened.area, "2026Q3", ("stations",), opened.opens_on, opened.due_on,
        owing="organisations", organisations=tuple(Organisation.objects.filter(code="NM1")),
    )  # fmt: skip
    open_round(call=firms, by=people["specialist"])

    commune = page_of(people["clerk"])
    _clerk_in_the_grid(commune)
    _neighbour_by_workbook(page_of(people["neighbour"]))
    _operator_files(page_of(firm_clerk))

    office.goto("/")
    office.get_by_role("link", name="Số liệu quý III/2026 · Xã Ea Mới").click()
    office.get_by_label(f"Ý kiến: {WITH_4G}, Xã Ea Mới").fill("Thôn 3 chưa có sóng")
    office.get_by_role("button", name="Trả lại").click()
    expect(office.locator("#thong-bao")).to_contain_text("Đã trả lại")
    _open_own_sheet(commune)
    expect(commune.get_by_text("Thôn 3 chưa có sóng")).to_be_visible()
    _write(commune, _cell(commune, WITH_4G), "8")
    commune.get_by_role("button", name="Lưu và gửi").click()
    expect(commune.locator("#thong-bao")).to_contain_text("Đã gửi báo cáo")
    second = page_of(people["second"])
    for unit in ("Xã Ea Mới", "Phường Đồng Ân", "Viễn thông Sao Mai"):
        _approve(second, unit)
    assert Submission.objects.filter(state=State.APPROVED).count() == 3
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)

    seat = page_of(people["leader"])
    seat.goto("/chi-tieu/?ky=2026Q3")
    row = seat.get_by_role("row").filter(has_text="MOB-02")
    expect(row).to_contain_text("70,0")  # (8 + 6) of 20 villages
    expect(row).to_contain_text("≥ 80")
    expect(seat.get_by_role("row").filter(has_text="MOB-11")).to_contain_text("50")  # the firm's 20 + 30
    row.get_by_role("link").first.click()  # one
    expect(seat.get_by_role("main")).to_contain_text("80")
    seat.get_by_role("link", name="Số liệu gốc").first.click()  # two
    seat.get_by_role("link", name="Mở báo cáo").first.click()  # three: who sent, who approved
    expect(seat.get_by_role("main")).to_contain_text("Người second")
    seat.goto(reverse("plans:side_by_side"))
    expect(seat.get_by_role("row").filter(has_text="MOB-02")).to_contain_text("70")

    address = _dispute(seat)
    commune.goto(address)
    commune.get_by_label("Nội dung").fill("Đúng, trạm hỏng")
    commune.get_by_role("button", name="Trả lời").click()
    expect(commune.locator("#thong-bao")).to_contain_text("Đã ghi nhận")
    second.goto(address)
    second.get_by_label("Kết luận và lý do").fill("Đã kiểm tra tại chỗ")
    second.get_by_role("button", name="Chấp nhận phản ánh").click()
    expect(second.get_by_role("main")).to_contain_text("Giá trị thay")
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)
    seat.goto("/chi-tieu/?ky=2026Q3")
    expect(seat.get_by_role("row").filter(has_text="MOB-02")).to_contain_text("65,0")  # (7 + 6) of 20


def test_what_is_typed_while_the_connection_is_gone_waits_and_is_not_called_saved(
    page_of: Callable[..., Page], specialist: User, clerk: User
) -> None:
    _open_round(page_of(specialist))
    commune = page_of(clerk)
    _open_own_sheet(commune)
    _cell(commune, VILLAGES).fill("10")
    state = commune.locator("#tinh-trang-luu")
    expect(state).to_contain_text("Máy chủ đã lưu lúc")
    commune.keyboard.press("Enter")
    expect(_cell(commune, WITH_4G)).to_be_focused()
    commune.context.set_offline(True)
    _cell(commune, WITH_4G).fill("9")
    expect(state).to_contain_text("Chờ gửi 1 mục")
    assert Cell.objects.count() == 1
    commune.context.set_offline(False)
    expect(state).to_contain_text("Máy chủ đã lưu lúc")
    assert Cell.objects.get(variable="villages_with_4g").value == 9


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
