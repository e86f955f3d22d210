"""Who may begin a public test, and how much it may move: a limit by address that forgets within a day."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from hatangso_web.measurements.models import StartedTest

TICKET_LIFE = timedelta(minutes=5)
KEPT = timedelta(days=1)


def begin(request: HttpRequest) -> StartedTest | None:
    """Give an address a ticket for one test; nothing when it has had its share of this hour.

    Only a keyed hash of the address is kept, and rows older than a day are thrown away here.
    """
    now = timezone.now()
    StartedTest.objects.filter(at__lt=now - KEPT).delete()
    hashed = address_hash(request)
    if StartedTest.objects.filter(address_hash=hashed, at__gt=now - timedelta(hours=1)).count() >= settings.SPEED_TESTS_PER_HOUR:  # fmt: skip
        return None
    start = StartedTest.objects.create(address_hash=hashed, at=now)
    cache.set(_key(start.ticket), 0, timeout=TICKET_LIFE.total_seconds())
    return start


def spend(ticket: str, amount: int) -> bool:
    """Count bytes moved by a test; False when the ticket is unknown, too old, or its size limit is reached.

    Counted in the memory of the process, so that moving bytes asks nothing of the database. A process that did not
    give the ticket looks it up once.
    """
    try:
        key = _key(uuid.UUID(ticket))
    except ValueError:
        return False
    if cache.get(key) is None:
        if not StartedTest.objects.filter(
            ticket=ticket, used=False, at__gt=timezone.now() - TICKET_LIFE
        ).exists():
            return False
        cache.add(key, 0, timeout=TICKET_LIFE.total_seconds())
    try:
        return cache.incr(key, amount) <= settings.SPEED_TEST_LIMIT_BYTES
    except ValueError:  # it ran out between the two
        return False


def use_up(ticket: str) -> bool:
    """Take a ticket for its one result; False when it was taken before or is too old."""
    try:
        uuid.UUID(ticket)
    except ValueError:
        return False
    return bool(
        StartedTest.objects.filter(ticket=ticket, used=False, at__gt=timezone.now() - TICKET_LIFE).update(
            used=True
        )
    )


def address_hash(request: HttpRequest) -> str:
    """Return 128 bits that stand for the address of today; without the server's key nobody can turn them back."""
    address = request.META.get("REMOTE_ADDR", "")  # behind a proxy the web server puts the visitor's here
    day = timezone.localdate().isoformat()
    return hmac.new(settings.SECRET_KEY.encode(), f"{day}|{address}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]


def _key(ticket: uuid.UUID) -> str:
    return f"speed-test-{ticket}"
