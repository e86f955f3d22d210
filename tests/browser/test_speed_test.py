"""The built-in test in a real browser: once on a bare line, and on shaped links against what the shaping lets through."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hatangso_web.measurements.models import SpeedTest
from tests.browser.conftest import QUIET

pytestmark = pytest.mark.browser

_PREPARE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
import django
django.setup()
from django.core.management import call_command
from hatangso_web.areas.actions import enter_area
call_command("migrate", verbosity=0)
province = enter_area(code="99", name="Tỉnh Đắk Thử", level="province")
enter_area(code="99001", name="Xã Ea Mới", level="commune", parent=province)
"""
_LOOK = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
import django
django.setup()
from hatangso_web.measurements.models import SpeedTest
test = SpeedTest.objects.latest("pk")
print(json.dumps([test.download_mbps, test.upload_mbps, test.latency_ms]))
"""


@dataclass(frozen=True)
class Link:
    """Two network namespaces joined by a wire of their own: the browser in one, the server in the other."""

    near: str
    far: str
    address: str

    def shape(self, mbit: int) -> None:
        """Let no more than ``mbit`` Mbit/s through, either way."""
        for space in (self.near, self.far):
            _run("ip", "netns", "exec", space, "tc", "qdisc", "replace", "dev", "wire", "root", "tbf", "rate", f"{mbit}mbit", "burst", f"{max(32, mbit)}kb", "latency", "60ms")  # fmt: skip


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    """Make the two namespaces; skip, with the system's own word, where that is not permitted."""
    if shutil.which("ip") is None or shutil.which("tc") is None:
        pytest.skip("không có iproute2 (ip, tc)")
    mark = secrets.token_hex(3)
    made = Link(f"hts-near-{mark}", f"hts-far-{mark}", "10.213.77.1")
    try:
        _run("ip", "netns", "add", made.near)
        _run("ip", "netns", "add", made.far)
        _run("ip", "link", "add", "wire", "netns", made.far, "type", "veth", "peer", "name", "wire", "netns", made.near)  # fmt: skip
        for space, address in ((made.far, made.address), (made.near, "10.213.77.2")):
            _run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "wire")
            _run("ip", "-n", space, "link", "set", "wire", "up")
            _run("ip", "-n", space, "link", "set", "lo", "up")
        made.shape(10)
    except subprocess.CalledProcessError as fault:
        _remove(made)
        pytest.skip(f"không được phép dựng không gian mạng: {fault.stderr.strip()}")
    yield made
    _remove(made)


def _remove(link: Link) -> None:
    for space in (link.near, link.far):
        subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)


@pytest.fixture(scope="module")
def far_home(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run the real server in the far namespace, and give its folder."""
    home = tmp_path_factory.mktemp("far")
    environment = _environment(home, link)
    subprocess.run([sys.executable, "-c", _PREPARE], env=environment, check=True)
    command = [sys.executable, "-m", "hatangso_web", "serve", "--host", link.address, "--port", "8077"]
    server = subprocess.Popen(["ip", "netns", "exec", link.far, *command], env=environment, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait_for(link)
        yield home
    finally:
        server.terminate()
        server.wait(timeout=30)


def _environment(home: Path, link: Link) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    source = str(Path(__file__).resolve().parents[2] / "src")
    return {**kept, "HATANGSO_HOME": str(home), "HATANGSO_HOSTS": link.address, "HATANGSO_STATIC_BUILT": "1", "PYTHONPATH": source}  # fmt: skip


def _wait_for(link: Link) -> None:
    # The page itself: the first request loads the engine, which takes a while on a busy machine.
    page = f"http://{link.address}:8077/do-toc-do/"
    probe = f"import urllib.request; urllib.request.urlopen('{page}', timeout=60).read()"
    for _attempt in range(120):
        if subprocess.run(["ip", "netns", "exec", link.near, sys.executable, "-c", probe], check=False, capture_output=True).returncode == 0:  # fmt: skip
            return
        time.sleep(0.5)
    pytest.fail("the server in the far namespace did not answer")


def _measure(page: Page) -> None:
    page.goto("/do-toc-do/", timeout=120_000)
    page.get_by_label("Bạn đang ở xã, phường hoặc thôn nào").fill("Ea Mới")
    expect(page.locator("#cac-noi option")).not_to_have_count(0)
    page.get_by_label("Bạn đang ở xã, phường hoặc thôn nào").fill("Xã Ea Mới, Tỉnh Đắk Thử")
    page.get_by_label("Nhà mạng").fill("Viễn thông Sao Mai")
    page.get_by_label("Tôi đã đọc và đồng ý đo").check()
    page.get_by_role("button", name="Bắt đầu đo").click()
    page.wait_for_selector("#phep-do[data-done='1']", timeout=60_000, state="attached")


@pytest.mark.django_db(transaction=True)
def test_a_phone_measures_agrees_and_gets_a_link(phone: Page, places: Any) -> None:
    phone.goto("/do-toc-do/", timeout=120_000)
    phone.get_by_role("button", name="Bắt đầu đo").click()
    expect(phone.locator("#noi-do:invalid")).to_have_count(1)
    _measure(phone)
    phone.get_by_role("link", name="Xem và gửi đường dẫn kết quả").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Kết quả đo tốc độ")
    kept = SpeedTest.objects.get()
    assert (kept.area.code, kept.operator, kept.lon) == ("99001", "Viễn thông Sao Mai", None)
    assert kept.download_mbps > 5


@pytest.mark.parametrize("mbit", [10, 50, 200])
def test_within_ten_percent_of_a_shaped_link(
    link: Link, far_home: Path, mbit: int, tmp_path: Path, browser: Any
) -> None:
    link.shape(mbit)
    wrapper = tmp_path / "chromium"
    wrapper.write_text(
        f'#!/bin/sh\nexec ip netns exec {link.near} {shutil.which("chromium") or shutil.which("chromium-browser")} "$@"\n'
    )
    wrapper.chmod(0o755)
    # A busy machine can starve either end: such a measurement says nothing of the page. Three tries at the most.
    for _attempt in range(3):
        down, up, latency = _measured_over(link, far_home, wrapper, browser)
        if abs(down / mbit - 1) <= 0.1 and abs(up / mbit - 1) <= 0.1:
            break
    assert down == pytest.approx(mbit, rel=0.1)
    assert up == pytest.approx(mbit, rel=0.1)
    assert latency < 60


def _measured_over(link: Link, far_home: Path, wrapper: Path, browser: Any) -> tuple[float, float, float]:
    """Measure once in a browser inside the near namespace; what the server stored."""
    started = browser.browser_type.launch(executable_path=str(wrapper), headless=True, args=QUIET)
    try:
        page = started.new_context(base_url=f"http://{link.address}:8077", locale="vi-VN").new_page()
        _measure(page)
    finally:
        started.close()
    found = subprocess.run([sys.executable, "-c", _LOOK], env=_environment(far_home, link), check=True, capture_output=True, text=True)  # fmt: skip
    down, up, latency = json.loads(found.stdout)
    return down, up, latency
