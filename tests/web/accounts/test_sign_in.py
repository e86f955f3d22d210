"""Signing in and out, the second factor, and the lock after too many failures."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.test import Client, RequestFactory
from django.urls import reverse

from hatangso_web.accounts.models import AuditEvent, User

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-rat-dai"


def test_sign_in_and_out_are_remembered(client: Client, clerk: User) -> None:
    response = client.post(reverse("account_login"), {"login": "CLERK", "password": PASSWORD})
    assert response.headers["Location"] == "/"
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302
    assert list(AuditEvent.objects.order_by("pk").values_list("event", flat=True)) == [
        "accounts.signed_in",
        "accounts.signed_out",
    ]


def test_given_password_must_be_changed_before_any_page_opens(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(must_change_password=True)
    client.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD})
    change = reverse("account_change_password")
    for address in (
        "/",
        "/ke-hoach/",
        "/den-han/den-han.xlsx",
        reverse("accounts:own_account"),
        "/vao/hai-lop/",
    ):
        assert client.get(address).headers["Location"] == change, address
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401
    assert client.get(change).status_code == 200
    assert client.post("/ngon-ngu/", {"language": "vi"}).headers["Location"] == "/"
    new = "câu dài mà dễ nhớ 2026"
    client.post(change, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    changed = User.objects.get(pk=clerk.pk)
    assert changed.check_password(new)
    assert not changed.must_change_password
    assert client.get("/").status_code == 200


def test_who_comes_by_the_identity_service_needs_no_password(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(must_change_password=True)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 302
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, clerk, "socialaccount")
    request.session.save()
    assert client.get("/").status_code == 200


def test_form_sent_after_the_session_ended_leads_back_to_its_page(client: Client) -> None:
    sent = reverse("plans:decide", args=[1])
    page = "http://testserver/ke-hoach/ban/1/xac-nhan/?loai=target"
    response = client.post(sent, headers={"referer": page})
    assert response.headers["Location"] == ("/vao/dang-nhap/?next=/ke-hoach/ban/1/xac-nhan/%3Floai%3Dtarget")
    assert "chưa được lưu" in client.get(response.headers["Location"]).content.decode()
    response = client.post(sent, headers={"referer": "http://xa.la/ke-hoach/"})
    assert response.headers["Location"] == "/vao/dang-nhap/?next=/"
    assert client.post(sent, headers={"HX-Request": "true"}).status_code == 401


def test_locked_account_does_not_come_in(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    client.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_five_failures_lock_even_the_right_password_out(client: Client, clerk: User) -> None:
    for _attempt in range(5):
        client.post(reverse("account_login"), {"login": "clerk", "password": "sai"})
    response = client.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD})
    assert response.status_code == 429
    assert "Đã nhập sai quá nhiều lần" in response.content.decode()
    assert client.get("/").status_code == 302
    other = Client(REMOTE_ADDR="10.0.0.9")
    assert other.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD}).status_code == 302


def test_nobody_signs_up(client: Client, db: None) -> None:
    response = client.post(reverse("account_signup"), {"username": "ke.la", "password1": PASSWORD})
    assert "Không tự đăng ký được" in response.content.decode()
    assert not User.objects.filter(username="ke.la").exists()


def test_second_factor_is_asked_after_the_password(client: Client, clerk: User) -> None:
    secret = generate_totp_secret()
    Authenticator.objects.create(user=clerk, type="totp", data={"secret": secret})
    response = client.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/").status_code == 302
    counter = next(iter(yield_hotp_counters_from_time()))
    client.post(reverse("mfa_authenticate"), {"code": f"{(hotp_value(secret, counter) + 1) % 10**6:06}"})
    assert client.get("/").status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": f"{hotp_value(secret, counter):06}"})
    assert client.get("/").status_code == 200


def test_second_factor_goes_on_with_its_first_code(
    client: Client, clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    client.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD})
    assert client.get(reverse("mfa_activate_totp")).status_code == 302  # the password once more
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    assert "data:image/svg+xml" in page.content.decode()
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("mfa_activate_totp"), {"code": f"{hotp_value(secret, counter):06}"})
    assert response.status_code == 302
    assert AuditEvent.objects.filter(event="accounts.second_factor_on", by_key=str(clerk.pk)).exists()


def test_identity_service_is_offered_only_where_it_is_set(client: Client, settings: object, db: None) -> None:
    assert "Đăng nhập bằng" not in client.get(reverse("account_login")).content.decode()
