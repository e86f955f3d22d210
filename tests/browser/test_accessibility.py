"""Every main page against WCAG 2.2 A and AA by axe-core, on a desk and on a phone: labels, contrast, headings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import accept_plain
from hatangso_web.plans.models import Kind, Version
from tests.browser.conftest import DESKTOP, PHONE
from tests.people import Places
from tests.web.plans.sample import Store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe-4.14.1.min.js"
FAULTS = """async () => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}"""


def _faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(FAULTS)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{page.url}: {fault}" for fault in [*found, *(["scrolls sideways"] if wide > 0 else [])]]


def test_the_checker_is_the_one_that_was_looked_at() -> None:
    digest, name = (VENDOR / "SHA256SUMS").read_text().split()
    assert name == AXE.name
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == digest


@pytest.fixture
def version(places: Places, specialist: User) -> Version:
    """Return the invented plan with its targets, tasks and assignments confirmed, the rest waiting."""
    version = Store(specialist)(places.province)
    for kind in (Kind.HEADER, Kind.TARGET, Kind.TASK, Kind.ASSIGNMENT):
        accept_plain(version=version, kind=kind, by=specialist)
    return version


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_pages_have_no_fault_axe_can_find(
    new_context: Callable[..., BrowserContext],
    version: Version,
    specialist: User,
    administrator: User,
    sign_in: Callable[[Page, User], None],
    screen: str,
) -> None:
    options: dict[str, Any] = (
        {"viewport": DESKTOP}
        if screen == "desk"
        else {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    )
    review = f"/ke-hoach/ban/{version.pk}/xac-nhan/"
    pages = {
        specialist: [
            "/", "/ke-hoach/", "/ke-hoach/nap/", "/den-han/?trong=36500", "/co-quan/", "/tai-khoan/",
            "/vao/mat-khau/", "/vao/hai-lop/", f"/ke-hoach/{version.plan_id}/", review, f"{review}?loai=target",
            f"{review}?loai=duty&sua=1", f"/ke-hoach/ban/{version.pk}/them/", "/khong-co-trang-nay/", "/nhat-ky/",
        ],
        administrator: ["/nguoi-dung/", f"/nguoi-dung/{specialist.pk}/", "/co-quan/them/", "/nhat-ky/",
                        f"/co-quan/{specialist.memberships.get().organisation_id}/"],
    }  # fmt: skip
    faults: list[str] = []
    for user, addresses in pages.items():
        page = new_context(**options).new_page()
        page.goto("/vao/dang-nhap/")
        faults += _faults(page)
        sign_in(page, user)
        for address in addresses:
            page.goto(address)
            faults += _faults(page)
    assert faults == []
