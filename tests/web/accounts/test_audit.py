"""The audit trail is written with the deed and never changed."""

from __future__ import annotations

import importlib

import pytest
from django.db import DatabaseError, connection, transaction

from hatangso_web.accounts.audit import Event, record
from hatangso_web.accounts.models import AuditEvent, Organisation, User
from hatangso_web.accounts.queries import audit_visible_to

pytestmark = pytest.mark.django_db


def test_event_keeps_names_after_the_things_are_gone(clerk: User, office: Organisation) -> None:
    event = record(Event.ORGANISATION_CHANGED, about=office, by=clerk, details={"name": ["a", "b"]})
    assert (event.by_name, event.about_label) == ("Người clerk (clerk)", "Sở Khoa học và Công nghệ")
    assert event.area_path == "/99/"
    clerk.memberships.all().delete()
    clerk.delete()
    assert AuditEvent.objects.get(pk=event.pk).by_name == "Người clerk (clerk)"


def test_database_refuses_to_change_an_event(clerk: User) -> None:
    event = record(Event.SIGNED_IN, about=clerk, by=clerk)
    with pytest.raises(DatabaseError, match="chỉ được ghi thêm"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(by_name="ai khác")
    assert AuditEvent.objects.get(pk=event.pk).by_name == "Người clerk (clerk)"


def test_database_refuses_to_remove_an_event(clerk: User) -> None:
    if connection.vendor == "sqlite":  # the tests run without this one trigger; tests/people.py says why
        migration = importlib.import_module("hatangso_web.accounts.migrations.0002_audit_is_append_only")
        with connection.cursor() as cursor:
            cursor.execute(next(statement for statement in migration._SQLITE if "BEFORE DELETE" in statement))
    event = record(Event.SIGNED_IN, about=clerk, by=clerk)
    with pytest.raises(DatabaseError, match="chỉ được ghi thêm"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).delete()
    assert AuditEvent.objects.filter(pk=event.pk).exists()


def test_province_administrator_reads_what_happened_in_the_province_only(
    administrator: User, province_administrator: User, office: Organisation
) -> None:
    elsewhere = Organisation.objects.create(code="X", name="Nơi khác", kind="other")
    record(Event.ORGANISATION_ADDED, about=office, by=administrator)
    record(Event.ORGANISATION_ADDED, about=elsewhere, by=administrator)
    assert [event.about_label for event in audit_visible_to(province_administrator)] == [
        "Sở Khoa học và Công nghệ"
    ]
    assert audit_visible_to(administrator).count() == 2
