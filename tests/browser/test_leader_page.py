"""The leader's page of the demo fits one screen of 1280 × 800 and prints on exactly one sheet of A4."""

from __future__ import annotations

import io
from typing import Any

import pdfplumber
import pytest
from playwright.sync_api import Browser

from hatangso_web.demo.load import PASSWORD, load_demo
from tests.browser.conftest import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_screen_and_one_sheet(live_server: Any, browser: Browser) -> None:
    load_demo()
    page = browser.new_context(viewport=DESKTOP, base_url=live_server.url).new_page()
    page.goto("/vao/dang-nhap/")
    page.fill("[name=login]", "lanhdao")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.locator(".site-header__person .person").wait_for()
    page.goto("/tong-quan/")
    assert page.locator(".tile").count() == 4
    assert page.locator(".leader-main tbody tr").count() >= 5
    assert page.evaluate("document.documentElement.scrollHeight") <= DESKTOP["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    with pdfplumber.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
        assert len(printed.pages) == 1
        words = printed.pages[0].extract_text()
    assert "Chậm" in words and "Nguồn" in words and "In lúc" in words
    page.context.close()
