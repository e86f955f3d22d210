"""What is done to people and organisations. Every action asks who may, checks, writes, and remembers."""

from __future__ import annotations

from django.db import transaction

from hatangso_web.accounts.audit import Event, record
from hatangso_web.accounts.models import User


def note_sign_in(user: User) -> None:
    """Remember that a person came in."""
    record(Event.SIGNED_IN, about=user, by=user)


def note_sign_out(user: User) -> None:
    """Remember that a person left."""
    record(Event.SIGNED_OUT, about=user, by=user)


@transaction.atomic
def set_own_password(*, user: User, password: str) -> None:
    """Change a person's own password; the duty to change it is fulfilled."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(Event.PASSWORD_CHANGED, about=user, by=user)
