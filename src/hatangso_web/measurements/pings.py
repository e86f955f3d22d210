"""Pings of the built-in test answered before the site is asked: the time of the page's own work is no part of a latency."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_HEADERS = [
    ("Content-Type", "application/octet-stream"),
    ("Content-Length", "0"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def with_pings(application: Application) -> Application:
    """Return an application that answers pings at once, with nothing, and hands everything else on.

    Nothing of a ping is read or kept. Where the test is switched off, the site says so as for every other address.
    """
    address = reverse("measurements:test_ping")

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if (
            environ.get("PATH_INFO") == address
            and environ.get("REQUEST_METHOD") == "GET"
            and settings.SPEED_TEST_OPEN
        ):
            start_response("200 OK", list(_HEADERS))
            return []
        return application(environ, start_response)

    return answer
