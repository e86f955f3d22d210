"""The pages, as a browser without JavaScript uses them: forms posted, pages shown again."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.plans.actions.review import Verdict, accept_plain, decide
from hatangso_web.plans.jobs import read_version
from hatangso_web.plans.models import (
    Action,
    Decision,
    Finding,
    Kind,
    Plan,
    ReadingState,
    State,
    Target,
    Version,
)
from hatangso_web.plans.queries.due import ALL_DAYS, DueFilter, due_items
from hatangso_web.plans.views import lists
from tests.web.plans.sample import REAL_TEXT, Store, reading_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def _review(version: Version, query: str = "") -> str:
    return reverse("plans:review", args=[version.pk]) + query


def test_a_file_goes_from_upload_over_the_waiting_page_to_the_review(
    client_of: ClientOf, clerk: User
) -> None:
    client = client_of(clerk)
    page = client.get(reverse("plans:upload")).content.decode()
    assert "Xã Ea Mới (99001)" in page  # her own commune is filled in
    file = SimpleUploadedFile("kế hoạch.txt", REAL_TEXT.encode())
    answer = client.post(reverse("plans:upload"), {"file": file, "area": "ea moi"})
    version = Version.objects.get()
    waiting = reverse("plans:version", args=[version.pk])
    assert answer["Location"] == waiting
    body = client.get(waiting).content.decode()
    assert 'http-equiv="refresh"' in body and "đang chờ tới lượt đọc" in body
    read_version.func(version.pk)
    assert client.get(waiting)["Location"] == _review(version)
    assert "95% hộ gia đình" in client.get(_review(version, "?loai=target")).content.decode()


def test_the_same_file_twice_leads_to_the_one_that_is_there(client_of: ClientOf, clerk: User) -> None:
    client = client_of(clerk)
    for _turn in range(2):
        file = SimpleUploadedFile("kế hoạch.txt", REAL_TEXT.encode())
        answer = client.post(reverse("plans:upload"), {"file": file, "area": "99001"}, follow=True)
    assert "đã được nạp trước đây" in answer.content.decode() and Plan.objects.count() == 1


def test_a_wrong_file_is_refused_beside_its_field(client_of: ClientOf, clerk: User) -> None:
    answer = client_of(clerk).post(
        reverse("plans:upload"), {"file": SimpleUploadedFile("virus.exe", b"MZ"), "area": "99001"}
    )
    assert "không thuộc loại đọc được" in answer.content.decode() and not Plan.objects.exists()


def test_a_failed_reading_shows_why_and_can_be_tried_again(client_of: ClientOf, clerk: User) -> None:
    client = client_of(clerk)
    client.post(
        reverse("plans:upload"), {"file": SimpleUploadedFile("hỏng.docx", b"PK\x03\x04"), "area": "99001"}
    )
    version = Version.objects.get()
    read_version.func(version.pk)
    page = client.get(reverse("plans:version", args=[version.pk])).content.decode()
    assert "hỏng.docx" in page and "Nạp tệp khác" in page and 'http-equiv="refresh"' not in page
    client.post(reverse("plans:try_again", args=[version.pk]))
    version.refresh_from_db()
    assert version.state == ReadingState.WAITING


def test_accepting_leads_to_the_next_that_waits(
    client_of: ClientOf, finding: Callable[..., Finding], specialist: User
) -> None:
    first, second = finding("target"), finding("target", 1)
    answer = client_of(specialist).post(
        reverse("plans:decide", args=[first.pk]), {"viec": "accept", "lan": 0}
    )
    assert answer["Location"] == _review(first.version, f"?chon={second.pk}#cau")
    assert Target.objects.get().indicator == "FIX-02"


def test_the_edit_form_writes_what_was_typed(
    client_of: ClientOf, finding: Callable[..., Finding], specialist: User
) -> None:
    client, fibre = client_of(specialist), finding("target")
    page = client.get(_review(fibre.version, f"?chon={fibre.pk}&sua=1")).content.decode()
    assert 'name="value" value="95"' in page
    form = {"viec": "edit", "lan": 0, "indicator": "FIX-02", "comparator": ">=", "value": "96,5", "unit": "%",
            "statistic": "share", "year": 2029, "due": "31/12/2030", "conditions": "khi có nhu cầu"}  # fmt: skip
    client.post(reverse("plans:decide", args=[fibre.pk]), form)
    held = Target.objects.get()
    assert (held.value, str(held.due_date), held.conditions) == (96.5, "2029-12-31", ["khi có nhu cầu"])
    body = client.get(_review(fibre.version, f"?chon={fibre.pk}")).content.decode()
    assert "Máy đọc được" in body and "≥\u00a095\u00a0%" in body and "≥\u00a096,5\u00a0%" in body


def test_a_wrong_edit_is_shown_again_with_what_was_typed(
    client_of: ClientOf, finding: Callable[..., Finding], specialist: User
) -> None:
    fibre = finding("target")
    form = {"viec": "edit", "lan": 0, "value": "chín mươi", "comparator": ">=", "unit": "%"}
    body = client_of(specialist).post(reverse("plans:decide", args=[fibre.pk]), form).content.decode()
    assert "chín mươi" in body and "không phải là số" in body and not Target.objects.exists()


def test_a_stale_edit_keeps_what_was_typed_and_tells_who_was_first(
    client_of: ClientOf, finding: Callable[..., Finding], specialist: User, person: Any, places: Any
) -> None:
    fibre = finding("target")
    other = person("other", "provincial_specialist", places.province)
    decide(finding=finding("target"), verdict=Verdict(Action.REJECT, 0), by=other)
    form = {"viec": "edit", "lan": 0, "value": "91", "comparator": ">=", "unit": "%"}
    body = client_of(specialist).post(reverse("plans:decide", args=[fibre.pk]), form).content.decode()
    assert "Người other vừa quyết định" in body and 'value="91"' in body and 'name="lan" value="1"' in body
    assert not Target.objects.exists()


def test_every_kind_has_its_edit_form(
    client_of: ClientOf, finding: Callable[..., Finding], specialist: User
) -> None:
    client = client_of(specialist)
    for kind in ("header", "basis", "target", "task", "assignment", "duty"):
        found = finding(kind)
        body = client.get(_review(found.version, f"?chon={found.pk}&sua=1")).content.decode()
        assert "Lưu và xác nhận" in body, kind
        names = dict.fromkeys(
            re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', body.split("finding__form")[1])
        )
        assert len(names) >= 4, kind


def test_who_may_only_look_sees_the_text_and_no_buttons(
    client_of: ClientOf, finding: Callable[..., Finding], viewer: User
) -> None:
    found = finding("target")
    client = client_of(viewer)
    body = client.get(_review(found.version, f"?chon={found.pk}&sua=1")).content.decode()
    assert 'id="cau"' in body and 'name="viec"' not in body and "Lưu và xác nhận" not in body
    assert (
        client.post(reverse("plans:decide", args=[found.pk]), {"viec": "accept", "lan": 0}).status_code == 403
    )
    assert not Decision.objects.exists()


def test_all_without_warning_then_undo_one_by_one(
    client_of: ClientOf, read_version: Version, specialist: User
) -> None:
    client = client_of(specialist)
    client.post(reverse("plans:accept_kind", args=[read_version.pk]), {"loai": "target"})
    assert read_version.findings.filter(kind="target", state=State.ACCEPTED).count() == 1
    client.post(reverse("plans:undo", args=[read_version.pk]))
    assert read_version.findings.filter(kind="target", state=State.ACCEPTED).count() == 0


def test_the_comparison_shows_both_figures(
    client_of: ClientOf, read_version: Version, store: Store, specialist: User
) -> None:
    reading = reading_of()
    reading.findings["targets"][0]["value"] = 98
    second = store(read_version.area, reading, plan=read_version.plan)
    body = client_of(specialist).get(reverse("plans:compare", args=[second.pk])).content.decode()
    assert "≥\u00a095\u00a0%" in body and "≥\u00a098\u00a0%" in body and "Thay đổi (1)" in body


def test_the_review_page_is_light_and_asks_few_queries(
    client_of: ClientOf, read_version: Version, specialist: User, django_assert_max_num_queries: Any
) -> None:
    client = client_of(specialist)
    with django_assert_max_num_queries(9):
        body = client.get(_review(read_version)).content
    assert len(gzip.compress(body)) < 60_000
    assert b"style=" not in body and b"onclick" not in body


def test_a_rejection_keeps_its_reason(
    client_of: ClientOf, finding: Callable[..., Finding], specialist: User
) -> None:
    found = finding("target")
    client = client_of(specialist)
    client.post(
        reverse("plans:decide", args=[found.pk]), {"viec": "reject", "lan": 0, "ly_do": "trùng với b)"}
    )
    assert "trùng với b)" in client.get(_review(found.version, f"?chon={found.pk}")).content.decode()


def test_what_is_due_comes_in_pages(
    client_of: ClientOf, specialist: User, monkeypatch: pytest.MonkeyPatch, read_version: Version
) -> None:
    accept_plain(version=read_version, kind=Kind.TASK, by=specialist)
    accept_plain(version=read_version, kind=Kind.DUTY, by=specialist)
    monkeypatch.setattr(lists, "_DUE_ROWS", 1)
    client = client_of(specialist)
    pages = [client.get(reverse("plans:due") + f"?trong=36500&trang={page}").context for page in (1, 2)]
    assert [len(page["overdue"]) + len(page["coming"]) for page in pages] == [1, 1]
    every = due_items(specialist, DueFilter(days=ALL_DAYS), as_of=timezone.localdate())
    assert pages[0]["overdue_total"] + pages[0]["coming_total"] == len(every) >= 2
