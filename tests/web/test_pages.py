"""What holds for every page: safety header, weight, language, errors, few queries."""

from __future__ import annotations

import errno
import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from hatangso_web import home
from hatangso_web.accounts.actions import give_role
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.accounts.roles import Role
from tests.people import Places

pytestmark = pytest.mark.django_db
STATIC = Path(home.__file__).parent / "static"


def test_policy_allows_nothing_unsafe_and_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))  # in no order of its own
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == "'self'"
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("name", ["home", "accounts:people", "accounts:organisations", "trail", "mfa_index"])
def test_page_has_no_inline_script_style_or_handler(
    client_of: Callable[[User], Client], administrator: User, name: str
) -> None:
    page = client_of(administrator).get(reverse(name)).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert page.count("<h1") == 1
    assert '<a class="skip-link" href="#noi-dung">' in page


@pytest.mark.parametrize("name", ["account_login", "home", "accounts:organisations"])
def test_first_view_weighs_at_most_150_kb_gzipped(
    client_of: Callable[[User], Client], administrator: User, name: str
) -> None:
    page = (
        client_of(administrator).get(reverse(name))
        if name != "account_login"
        else Client().get(reverse(name))
    )
    weight = len(gzip.compress(page.content))
    for address in set(re.findall(r'(?:src|href)="/static/([^"]+)"', page.content.decode())):
        found = finders.find(address)
        assert found, address
        weight += len(gzip.compress(Path(found).read_bytes()))
    assert weight <= 150 * 1024


def test_vendored_files_are_the_ones_that_were_checked() -> None:
    lines = (STATIC / "vendor" / "SHA256SUMS").read_text().split("\n")
    sums = dict(reversed(line.split("  ")) for line in lines if line)
    vendored = {path.name for path in (STATIC / "vendor").iterdir() if path.suffix in {".js", ".css"}}
    assert set(sums) == vendored
    for name, digest in sums.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_page_is_vietnamese_whatever_the_browser_wishes(client: Client) -> None:
    response = client.get(reverse("account_login"), headers={"accept-language": "en-US"})
    assert response.headers["Content-Language"] == "vi"
    assert '<html lang="vi">' in response.content.decode()


def test_chosen_language_stays(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    page = client.get(reverse("account_login")).content.decode()
    assert '<html lang="en">' in page
    assert "<h1>Sign in</h1>" in page


@pytest.mark.parametrize(
    ("name", "people"),
    [("accounts:people", 3), ("accounts:people", 30), ("accounts:organisations", 30), ("trail", 30)],
)
def test_list_costs_the_same_queries_however_long(
    client_of: Callable[[User], Client],
    person: Callable[..., User],
    administrator: User,
    office: Organisation,
    places: Places,
    django_assert_max_num_queries: Any,
    name: str,
    people: int,
) -> None:
    for number in range(people):
        someone = person(f"nguoi{number}", Role.VIEWER, places.commune)
        give_role(
            person=someone, organisation=office, role=Role.LEADER, area=places.province, by=administrator
        )
        Organisation.objects.create(
            code=f"C{number}", name=f"Cơ quan {number}", kind="other", area=places.commune
        )
    client = client_of(administrator)
    with django_assert_max_num_queries(8):
        response = client.get(reverse(name))
    assert response.status_code == 200


def test_refusal_shows_its_sentence(client_of: Callable[[User], Client], clerk: User) -> None:
    response = client_of(clerk).get(reverse("accounts:people"))
    assert response.status_code == 403
    assert "chưa được giao quyền “quản lý người dùng và vai trò”" in response.content.decode()


def test_missing_page_keeps_the_frame(client_of: Callable[[User], Client], clerk: User) -> None:
    response = client_of(clerk).get("/khong-co-trang-nay/")
    assert response.status_code == 404
    assert "Không tìm thấy trang" in response.content.decode()
    assert "Đăng xuất" in response.content.decode()


def test_bad_address_is_answered_with_400(client: Client) -> None:
    response = client.get("/vao/dang-nhap/", headers={"host": "xa.la"})
    assert response.status_code == 400
    assert "Không hiểu được yêu cầu" in response.content.decode()


def test_form_without_its_mark_is_refused_with_a_sentence(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "clerk", "password": "x"})
    assert response.status_code == 403
    assert "Biểu mẫu đã hết hạn" in response.content.decode()


@pytest.mark.parametrize(
    ("fault", "number", "words"),
    [
        (OperationalError("gone"), 503, "Cơ sở dữ liệu đang bận"),
        (OperationalError("database or disk is full"), 507, "Máy chủ hết chỗ lưu"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "Máy chủ hết chỗ lưu"),
        (ZeroDivisionError("ours"), 500, "Lỗi của chương trình, không phải của bạn"),
    ],
)
def test_failure_is_answered_in_words(
    client_of: Callable[[User], Client],
    clerk: User,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    number: int,
    words: str,
) -> None:
    def fail(user: object, on: object) -> None:
        raise fault

    monkeypatch.setattr(home, "WORK", [fail])
    client = client_of(clerk)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == number
    assert words in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_home_shows_an_administrator_who_waits_for_a_role(
    client_of: Callable[[User], Client], administrator: User, stranger: User
) -> None:
    page = client_of(administrator).get("/").content.decode()
    assert "Người dùng chưa được giao vai trò" in page
    assert "Người stranger" in page
    assert "Tài khoản của bạn chưa được giao vai trò" in client_of(stranger).get("/").content.decode()


def test_menu_shows_what_the_person_may_open(
    client_of: Callable[[User], Client], administrator: User, clerk: User
) -> None:
    assert 'href="/nhat-ky/"' in client_of(administrator).get("/").content.decode()
    assert 'href="/nhat-ky/"' not in client_of(clerk).get("/").content.decode()


def test_health_says_when_the_database_is_behind(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "reason": ""}
    monkeypatch.setattr("hatangso_web.screen.health.pending_migrations", lambda: ["plans.0001"])
    response = client.get("/healthz")
    assert response.status_code == 503
    assert "hatangso migrate" in response.json()["reason"]
