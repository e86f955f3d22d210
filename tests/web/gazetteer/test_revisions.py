"""A change entered by an administrator: its effect beforehand, confirmed, in force on its day, withdrawn before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hatangso.errors import ManyInputErrors
from hatangso_web.accounts.models import AuditEvent, Organisation, User
from hatangso_web.accounts.permissions import can
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area, AreaVersion, Change, Level
from hatangso_web.areas.present import bring_present
from hatangso_web.areas.registers import current_register
from hatangso_web.gazetteer.actions import Entry, confirm_revision, enter_revision, withdraw_revision
from hatangso_web.gazetteer.models import Revision, RevisionState
from hatangso_web.gazetteer.revising import effect_of
from tests.people import Places

pytestmark = pytest.mark.django_db


def flow(before: str, after: str = "", share: float | None = None, **more: str) -> dict:
    return {"before": before, "after": after, "share": share, "kind": "", "name": "", "parent": "", **more}


def coming() -> date:
    return timezone.localdate() + timedelta(days=60)


def entry(*flows: dict, kind: str = "merge", on: date | None = None) -> Entry:
    return Entry(kind, on or coming(), "99/NQ-UBTVQH", flows)


def merger() -> Entry:
    """99002 goes into 99001, which keeps its code and gets a new name."""
    return entry(flow("99001", kind="Xã", name="Ea Chung"), flow("99002", "99001"))


def test_effect_is_seen_before_anything_is_written(
    places: Places, administrator: User, neighbour: User
) -> None:
    Organisation.objects.create(
        code="UB2", name="UBND Phường Đồng Ân", kind="peoples_committee", area=places.other_commune
    )
    row = enter_revision(merger(), by=administrator)
    effect = effect_of(row)
    assert effect.sentences[0] == f"Từ {row.on:%d/%m/%Y}: 2 đơn vị còn 1, 99/NQ-UBTVQH."
    assert [(line.name, line.known, line.complete) for line in effect.trial] == [("Xã Ea Chung", 200.0, True)]
    assert [area.code for area in effect.ended] == ["99002"]
    assert [office.name for office in effect.organisations] == ["UBND Phường Đồng Ân"]
    assert [held.user.username for held in effect.roles] == ["neighbour"]
    assert not Change.objects.exists()
    assert AreaVersion.objects.filter(valid_until=None).count() == 4


def test_the_page_leads_to_the_people_whose_role_is_over_what_ends(
    places: Places, administrator: User, neighbour: User, client_of: Callable[[User], Client]
) -> None:
    row = enter_revision(merger(), by=administrator)
    shown = client_of(administrator).get(reverse("gazetteer:revision", args=[row.pk])).content.decode()
    assert f'href="{reverse("accounts:person", args=[neighbour.pk])}"' in shown


def test_confirmed_change_holds_from_its_day(places: Places, administrator: User) -> None:
    row = enter_revision(merger(), by=administrator)
    confirm_revision(revision=row, by=administrator)
    assert Area.objects.get(code="99001").name == "Xã Ea Mới"  # until the day
    assert {change.kind for change in current_register().changes} == {"merge"}
    bring_present(on=coming())
    grown, gone = Area.objects.get(code="99001"), Area.objects.get(code="99002")
    assert (grown.name, grown.valid_until) == ("Xã Ea Chung", None)
    assert (gone.name, gone.valid_until) == ("Phường Đồng Ân", coming())
    assert [
        event.event for event in AuditEvent.objects.filter(about_type="gazetteer.revision").order_by("pk")
    ] == [
        "gazetteer.change_entered",
        "gazetteer.change_confirmed",
    ]


def test_withdrawn_change_leaves_no_trace_in_areas(places: Places, administrator: User) -> None:
    before = set(current_register().areas)
    row = enter_revision(merger(), by=administrator)
    confirm_revision(revision=row, by=administrator)
    assert set(current_register().areas) != before
    withdraw_revision(revision=row, by=administrator)
    assert set(current_register().areas) == before
    assert not Change.objects.exists()
    row.refresh_from_db()
    assert row.state == RevisionState.WITHDRAWN
    with pytest.raises(ValidationError, match="đã được rút"):
        withdraw_revision(revision=row, by=administrator)


def test_change_in_force_cannot_be_withdrawn(places: Places, administrator: User) -> None:
    Area.objects.filter(code="99001").exists()
    row = enter_revision(
        entry(flow("99001", name="Ea Khác", kind="Xã"), kind="rename", on=timezone.localdate()),
        by=administrator,
    )
    confirm_revision(revision=row, by=administrator)
    assert Area.objects.get(code="99001").name == "Xã Ea Khác"
    with pytest.raises(ValidationError, match="không rút được"):
        withdraw_revision(revision=row, by=administrator)


def test_change_on_which_another_rests_is_withdrawn_after_it(places: Places, administrator: User) -> None:
    first = enter_revision(merger(), by=administrator)
    confirm_revision(revision=first, by=administrator)
    later = entry(flow("99001", name="Ea Xa", kind="Xã"), kind="rename", on=coming() + timedelta(days=9))
    second = enter_revision(later, by=administrator)
    confirm_revision(revision=second, by=administrator)
    with pytest.raises(ValidationError, match="rút thay đổi kia trước"):
        withdraw_revision(revision=first, by=administrator)
    withdraw_revision(revision=second, by=administrator)
    withdraw_revision(revision=first, by=administrator)
    assert not Change.objects.exists()


def test_split_without_share_is_said_not_to_carry(places: Places, administrator: User) -> None:
    row = enter_revision(
        entry(
            flow("99001"),
            flow("99001", "99003", kind="Xã", name="Ea Ba", parent="99"),
            kind="split",
        ),
        by=administrator,
    )
    effect = effect_of(row)
    assert [line.complete for line in effect.trial] == [False, False]
    assert "không biết tỷ lệ" in effect.not_carried[0]
    confirm_revision(revision=row, by=administrator)
    assert Area.objects.get(code="99003").path == "/99/99003/"
    withdraw_revision(revision=row, by=administrator)
    assert not Area.objects.filter(code="99003").exists()


def test_communes_and_roles_follow_a_merged_province(
    places: Places, administrator: User, specialist: User
) -> None:
    enter_area(code="99001.1", name="Thôn 1", level=Level.VILLAGE, parent=places.commune)
    row = enter_revision(entry(flow("98"), flow("99", "98")), by=administrator)
    assert any("2 đơn vị cấp dưới chuyển theo" in line for line in effect_of(row).sentences)
    confirm_revision(revision=row, by=administrator)
    bring_present(on=coming())
    assert Area.objects.get(code="99001").path == "/98/99001/"
    assert Area.objects.get(code="99001.1").path == "/98/99001/99001.1/"
    # A role over the ended province does not reach the communes under the new one.
    assert not can(User.objects.get(pk=specialist.pk), Permission.VIEW, Area.objects.get(code="99001"))


def test_faults_are_all_said_and_nothing_is_kept(places: Places, administrator: User) -> None:
    with pytest.raises(ManyInputErrors, match="không có hiệu lực"):
        enter_revision(entry(flow("55555", "98")), by=administrator)
    assert not Revision.objects.exists()


def test_only_an_administrator_of_all_its_areas_enters_a_change(
    places: Places, administrator: User, province_administrator: User, specialist: User
) -> None:
    with pytest.raises(PermissionDenied):
        enter_revision(merger(), by=specialist)
    with pytest.raises(PermissionDenied, match="Tỉnh Láng Giềng"):
        enter_revision(entry(flow("98"), flow("99", "98")), by=province_administrator)
    assert enter_revision(merger(), by=province_administrator).pk


def test_form_shows_effect_then_confirms_and_withdraws(
    places: Places, administrator: User, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(administrator)
    sent = {
        "kind": "merge", "on": coming().isoformat(), "legal_act": "99/NQ-UBTVQH",
        "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0",
        "form-0-before": "Xã Ea Mới (99001)", "form-0-unit_kind": "Xã", "form-0-name": "Ea Chung",
        "form-1-before": "99002", "form-1-after": "99001", "form-1-share": "100",
    }  # fmt: skip
    more = browser.post("/dia-ban/thay-doi/them/", {**sent, "them-dong": "1"}).content.decode()
    assert more.count("<fieldset") == 5
    assert "Xã Ea Mới (99001)" in more
    shown = browser.post("/dia-ban/thay-doi/them/", sent, follow=True)
    assert "Số liệu chuyển sang thế nào" in shown.content.decode()
    row = Revision.objects.get()
    assert 'value="Xã Ea Mới (99001)"' in browser.get(f"/dia-ban/thay-doi/{row.pk}/sua/").content.decode()
    done = browser.post(f"/dia-ban/thay-doi/{row.pk}/xac-nhan/", follow=True).content.decode()
    assert "Đã xác nhận, chưa có hiệu lực" in done
    assert "Xã Ea Chung" in browser.get(f"/dia-ban/ma/99001/?ngay={coming().isoformat()}").content.decode()
    back = browser.post(f"/dia-ban/thay-doi/{row.pk}/rut/", follow=True).content.decode()
    assert "danh mục địa bàn trở lại như trước" in back
    wrong = browser.post("/dia-ban/thay-doi/them/", {**sent, "form-1-share": "130"}).content.decode()
    assert "Ghi số từ 0 đến 100" in wrong
