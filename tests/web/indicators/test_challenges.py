"""Disputes: of a value by a person, of coverage by a citizen; taken on, answered, settled, corrected; late ones shown."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from hatangso.errors import InputError
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.challenges import (
    answer_challenge,
    raise_challenge,
    receive_challenge,
    settle_challenge,
)
from hatangso_web.indicators.models import Challenge, PublicAttempt, Value, VillageCoverage, VillageRecord
from hatangso_web.indicators.steps import StaleSubmissionError
from hatangso_web.indicators.views import citizens

pytestmark = pytest.mark.django_db


@pytest.fixture
def village(places: Any) -> Area:
    return enter_area(code="99001001", name="Thôn Cư Mai", level="village", parent=places.commune)


@pytest.fixture
def coverage(village: Area, firm: Organisation, clerk: User) -> VillageCoverage:
    """The firm declared full 4G in a village; the commune confirmed the record."""
    record = VillageRecord.objects.create(
        village=village, period="2026Q3", changed_by=clerk, changed_at=timezone.now(), confirmed_by=clerk,
        confirmed_at=timezone.now(),
    )  # fmt: skip
    return VillageCoverage.objects.create(record=record, operator=firm, technology="4G", signal="full")


@pytest.fixture
def value(places: Any, specialist: User) -> Value:
    return Value.objects.create(
        area=places.commune, variable="villages_with_4g", period="2026Q3", value=9, source="Tệp nạp", by=specialist,
        at=timezone.now(),
    )  # fmt: skip


def photo(name: str = "anh.jpg") -> SimpleUploadedFile:
    memory = BytesIO()
    picture = Image.new("RGB", (40, 30), "red")
    marks = Image.Exif()
    marks[0x010E] = "Nguyễn Văn A, 0912345678"
    picture.save(memory, "JPEG", exif=marks)
    return SimpleUploadedFile(name, memory.getvalue(), "image/jpeg")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test answer four pages faster than a person."""
    monkeypatch.setattr(citizens, "LEAST_SECONDS", 0)


def send_word(coverage: VillageCoverage, *, browser: Client | None = None, **last: Any) -> Any:
    """Answer the four pages as a citizen; returns the answer to the last."""
    browser = browser or Client()
    address = reverse("indicators:citizen_word", args=[coverage.pk])
    page = browser.get(address)
    for given in ("none", "Cuối thôn, từ tháng 6 không gọi được", "0900000000"):
        page = browser.post(address, {"da-noi": page.context["said"], "tra-loi": given})
        assert page.status_code == 200
    return browser.post(address, {"da-noi": page.context["said"], "dong-y": "1", **last})


@pytest.mark.usefixtures("unhurried")
def test_a_citizen_disputes_a_class_one_question_a_page_and_gets_a_receipt(coverage: VillageCoverage) -> None:
    browser = Client()
    found = browser.get(reverse("indicators:citizen_start"), {"tim": "cu mai"})
    assert "Thôn Cư Mai" in found.content.decode()
    shown = browser.get(reverse("indicators:citizen_village", args=["99001001"])).content.decode()
    assert "4G · Viễn thông Sao Mai" in shown and "Đủ" in shown
    answer = send_word(coverage, browser=browser, anh=photo())
    challenge = Challenge.objects.get()
    assert (challenge.state, challenge.declared, challenge.claimed_class) == ("pending", "full", "none")
    receipt = Client().get(answer["Location"]).content.decode()
    assert challenge.number in receipt and "Chờ tiếp nhận" in receipt
    assert "0900000000" not in receipt and "Cuối thôn" not in receipt
    with challenge.evidence.open("rb") as kept:
        assert not Image.open(kept).getexif()  # what the phone wrote into the picture is gone
    assert (
        coverage.pk and VillageCoverage.objects.get().signal == "full"
    )  # nothing published changes by itself


@pytest.mark.usefixtures("unhurried")
def test_machines_the_hasty_and_those_without_consent_are_not_kept(
    coverage: VillageCoverage, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_word(coverage, website="http://spam")
    assert send_word(coverage, **{"dong-y": ""}).status_code == 400
    assert send_word(coverage, anh=SimpleUploadedFile("a.jpg", b"MZ")).status_code == 400
    assert send_word(coverage, anh=SimpleUploadedFile("a.svg", b"<svg/>")).status_code == 400
    assert PublicAttempt.objects.count() == 0
    forged = Client().post(
        reverse("indicators:citizen_word", args=[coverage.pk]), {"da-noi": "x:y", "dong-y": "1"}
    )
    assert forged.context["number"] == 1
    monkeypatch.setattr(citizens, "LEAST_SECONDS", 60)
    assert send_word(coverage).status_code == 400
    assert Challenge.objects.count() == 0
    monkeypatch.setattr(citizens, "LEAST_SECONDS", 0)
    settings.CHALLENGES_PER_HOUR = 2
    assert [send_word(coverage).status_code for _number in range(3)] == [302, 302, 429]
    settings.CHALLENGES_OPEN = False
    assert Client().get(reverse("indicators:citizen_start")).status_code == 404


@pytest.mark.usefixtures("unhurried")
def test_sending_the_last_page_twice_keeps_one(coverage: VillageCoverage) -> None:
    browser = Client()
    address = reverse("indicators:citizen_word", args=[coverage.pk])
    page = browser.get(address)
    for given in ("partial", "Chỉ đầu thôn có sóng", ""):
        page = browser.post(address, {"da-noi": page.context["said"], "tra-loi": given})
    last = {"da-noi": page.context["said"], "dong-y": "1"}
    assert browser.post(address, last)["Location"] == browser.post(address, last)["Location"]
    assert Challenge.objects.count() == PublicAttempt.objects.count() == 1


@pytest.mark.usefixtures("unhurried")
def test_what_nobody_took_on_is_seen_by_the_province_alone(
    coverage: VillageCoverage,
    specialist: User,
    clerk: User,
    firm_clerk: User,
    neighbour: User,
    client_of: Callable[[User], Client],
) -> None:
    send_word(coverage, anh=photo())
    challenge = Challenge.objects.get()
    page = reverse("indicators:challenge", args=[challenge.pk])
    for user, status in ((specialist, 200), (clerk, 404), (firm_clerk, 404), (neighbour, 404)):
        assert client_of(user).get(page).status_code == status, user
    office = client_of(specialist)
    assert challenge.number in office.get("/").content.decode()  # waits on the first page
    with pytest.raises(PermissionDenied):
        receive_challenge(challenge=challenge, accepted=True, outcome="", by=clerk)
    with pytest.raises(InputError, match="chưa ghi lý do"):
        receive_challenge(challenge=challenge, accepted=False, outcome=" ", by=specialist)
    office.post(page, {"viec": "tiep-nhan"})
    firm_page = client_of(firm_clerk).get(page).content.decode()
    assert "Cuối thôn" in firm_page and "0900000000" not in firm_page
    assert "0900000000" in office.get(page).content.decode()
    evidence = reverse("indicators:challenge_evidence", args=[challenge.pk])
    for user, status in ((firm_clerk, 200), (specialist, 200), (clerk, 403), (neighbour, 404)):
        answer = client_of(user).get(evidence)
        assert answer.status_code == status, user
        assert not answer.streaming or b"".join(
            answer.streaming_content
        )  # read to its end, which closes the file


@pytest.mark.usefixtures("unhurried")
def test_upheld_the_class_is_corrected_and_the_contact_forgotten(
    coverage: VillageCoverage, specialist: User, clerk: User, firm_clerk: User
) -> None:
    send_word(coverage)
    send_word(coverage)
    challenge, again = Challenge.objects.order_by("pk")
    receive_challenge(challenge=challenge, accepted=True, outcome="", by=specialist)
    with pytest.raises(InputError, match="đang có phản ánh"):
        receive_challenge(challenge=again, accepted=True, outcome="", by=specialist)
    receive_challenge(challenge=again, accepted=False, outcome="Trùng", by=specialist)
    assert again.contact == ""
    with pytest.raises(InputError, match="còn hạn đến"):
        settle_challenge(challenge=challenge, upheld=True, outcome="Đúng", by=specialist)
    with pytest.raises(PermissionDenied):
        answer_challenge(challenge=challenge, answer="Có sóng", by=clerk)  # it is the firm that declared
    answer_challenge(challenge=challenge, answer="Trạm hỏng từ tháng 6", by=firm_clerk)
    settle_challenge(challenge=challenge, upheld=True, outcome="Đo lại ngày 20/11: không sóng", by=specialist)
    coverage.refresh_from_db()
    assert (coverage.signal, challenge.declared, challenge.contact) == ("none", "full", "")
    shown = Client().get(reverse("indicators:citizen_receipt", args=[challenge.receipt])).content.decode()
    assert "Đo lại ngày 20/11" in shown and "Trạm hỏng" in shown
    looked = Client().get(reverse("indicators:citizen_look_up"), {"ma": challenge.number.lower()})
    assert looked["Location"].endswith(f"/{challenge.receipt}/")


def test_upheld_the_claimed_value_takes_the_place_of_the_declared_with_its_source(
    value: Value, clerk: User, specialist: User, client_of: Callable[[User], Client]
) -> None:
    evidence = SimpleUploadedFile("bien-ban.pdf", b"%PDF-1.7 x")
    challenge = raise_challenge(value=value, reason="Thôn 3 mất sóng", claimed=8, evidence=evidence, by=clerk)
    Challenge.objects.update(answer_by=timezone.localdate() - datetime.timedelta(days=1))
    challenge.refresh_from_db()
    late = client_of(specialist).get(reverse("indicators:challenges"), {"loc": "qua-han"}).content.decode()
    assert challenge.number in late and "Quá hạn" in late
    assert challenge.number in client_of(specialist).get("/").content.decode()
    settle_challenge(challenge=challenge, upheld=True, outcome="Biên bản đúng", by=specialist)
    corrected = challenge.corrected
    assert corrected is not None
    assert (corrected.value, corrected.supersedes_id, corrected.by) == (8, value.pk, specialist)
    assert challenge.number in corrected.source
    with pytest.raises(StaleSubmissionError):
        settle_challenge(challenge=challenge, upheld=False, outcome="lại", by=specialist)


def test_rejected_or_without_a_claim_nothing_is_corrected(
    value: Value, clerk: User, specialist: User
) -> None:
    first = raise_challenge(value=value, reason="Sai", claimed=8, by=clerk)
    settle_challenge(challenge=first, upheld=False, outcome="Đã kiểm tra", by=specialist)
    second = raise_challenge(value=value, reason="Vẫn sai", by=clerk)
    Challenge.objects.filter(pk=second.pk).update(answer_by=timezone.localdate() - datetime.timedelta(days=1))
    second.refresh_from_db()
    settle_challenge(challenge=second, upheld=True, outcome="Nộp số sửa ở đợt sau", by=specialist)
    assert Value.objects.count() == 1 and second.corrected is None
    with pytest.raises(InputError, match="số nguyên"):
        raise_challenge(value=value, reason="Sai", claimed=8.5, by=clerk)


def test_the_list_is_narrowed_and_shows_a_person_only_their_own(
    value: Value, clerk: User, neighbour: User, specialist: User, client_of: Callable[[User], Client]
) -> None:
    challenge = raise_challenge(value=value, reason="Sai", by=clerk)
    address = reverse("indicators:challenges")
    assert challenge.number in client_of(clerk).get(address).content.decode()
    assert challenge.number not in client_of(neighbour).get(address).content.decode()
    office = client_of(specialist)
    assert challenge.number in office.get(address, {"loc": "dang-xu-ly"}).content.decode()
    assert challenge.number not in office.get(address, {"loc": "da-ket-luan"}).content.decode()
    inside = Client().get(reverse("indicators:citizen_receipt", args=[challenge.receipt]))
    assert inside.status_code == 404  # raised with an account: no public page


def test_the_list_asks_the_same_however_many_disputes_there_are(
    value: Value, clerk: User, specialist: User, places: Any, client_of: Callable[[User], Client]
) -> None:
    def asked() -> int:
        browser = client_of(specialist)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse("indicators:challenges")).status_code == 200
        return len(queries)

    raise_challenge(value=value, reason="Sai", by=clerk)
    once = asked()
    for variable in ("villages", "people", "households"):
        other = Value.objects.create(
            area=places.commune,
            variable=variable,
            period="2026Q3",
            value=9,
            source="Tệp",
            by=specialist,
            at=timezone.now(),
        )
        raise_challenge(value=other, reason="Sai", by=clerk)
    assert asked() == once
