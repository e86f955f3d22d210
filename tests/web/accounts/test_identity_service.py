"""Sign-in by the office's OpenID Connect service, against a small service on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from hatangso_web.accounts.models import AuditEvent, User

pytestmark = pytest.mark.django_db
START, BACK = "openid_connect_login", "openid_connect_callback"


class _Service(BaseHTTPRequestHandler):
    """Knows one person, whose claims are set on the class."""

    claims: dict[str, Any] = {}

    def do_GET(self) -> None:
        root = f"http://127.0.0.1:{self.server.server_address[1]}"
        if self.path.endswith("/.well-known/openid-configuration"):
            paths = {
                "authorization_endpoint": "/vao",
                "token_endpoint": "/the",
                "userinfo_endpoint": "/ai",
                "jwks_uri": "/khoa",
            }
            self._answer({"issuer": root, **{name: root + path for name, path in paths.items()}})
        else:
            self._answer(self.claims)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer({"access_token": "the", "token_type": "Bearer"})

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Stay silent."""


@pytest.fixture
def service(settings: Any) -> Iterator[None]:
    """Run the identity service and name it in the settings."""
    server = HTTPServer(("127.0.0.1", 0), _Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "co-quan",
                    "name": "Cổng định danh tỉnh",
                    "client_id": "hatangso",
                    "secret": "bi mat",
                    "settings": {
                        "server_url": f"http://127.0.0.1:{server.server_port}",
                        "fetch_userinfo": True,
                    },
                }
            ],
        }
    }
    yield
    server.shutdown()
    server.server_close()


def _come_in(client: Client, claims: dict[str, Any]) -> Any:
    _Service.claims = claims
    sent = client.post(reverse(START, args=["co-quan"]))
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert "code_challenge" in asked
    return client.get(reverse(BACK, args=["co-quan"]), {"code": "ma", "state": asked["state"][0]})


def test_person_with_the_verified_address_comes_in(client: Client, service: None, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(email="clerk@xa.vn")
    assert "Đăng nhập bằng Cổng định danh tỉnh" in client.get(reverse("account_login")).content.decode()
    response = _come_in(client, {"sub": "1", "email": "Clerk@xa.vn", "email_verified": True})
    assert response.headers["Location"] == "/"
    assert client.get("/").context["person"] == clerk
    assert AuditEvent.objects.filter(event="accounts.signed_in", by_key=str(clerk.pk)).exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "2", "email": "clerk@xa.vn", "email_verified": False},
        {"sub": "3", "email": "ke.la@xa.vn", "email_verified": True},
        {"sub": "4"},
    ],
    ids=["address not verified", "nobody's address", "no address"],
)
def test_others_do_not_come_in_and_no_account_is_made(
    client: Client, service: None, clerk: User, claims: dict[str, Any]
) -> None:
    User.objects.filter(pk=clerk.pk).update(email="clerk@xa.vn")
    before = User.objects.count()
    _come_in(client, claims)
    assert client.get("/").status_code == 302
    assert User.objects.count() == before
