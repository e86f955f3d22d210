"""A live server and Debian's Chromium, driven by Playwright; skipped with a word where Chromium is absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from hatangso_web.accounts.models import User
from tests.people import (
    administrator,
    clerk,
    django_db_setup,
    leader,
    neighbour,
    office,
    own_files,
    person,
    places,
    specialist,
    stranger,
    tasks_now,
)

__all__ = [
    "administrator",
    "clerk",
    "django_db_setup",
    "leader",
    "neighbour",
    "office",
    "own_files",
    "person",
    "places",
    "specialist",
    "stranger",
    "tasks_now",
]

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 667}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("không có Chromium của Debian")
    # Playwright runs an event loop in this thread; Django must still be allowed to reach the database from it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, headless=True, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def new_context(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a fresh browser profile at the live server; faults of a page fail the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(**options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url, locale="vi-VN", **{"viewport": DESKTOP, **options}
        )
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(120_000)  # the very first page of a run loads the engine
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        opened.append(context)
        return context

    expect.set_options(timeout=30_000)
    yield open_one
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """Return a page of desktop size."""
    return new_context().new_page()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """Return a page of phone width."""
    return new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()


@pytest.fixture
def sign_in() -> Callable[[Page, User], None]:
    """Return a function that signs a person in through the form."""

    def through_form(page: Page, user: User) -> None:
        page.goto("/vao/dang-nhap/")
        page.get_by_label("Tên đăng nhập").fill(user.username)
        page.get_by_label("Mật khẩu").fill("mat-khau-rat-dai")
        page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")

    return through_form
