"""The built-in test's addresses: consent, ticket, limits, what is kept and what is not; and the way into a campaign."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hatangso.errors import InputError
from hatangso_web.accounts.models import Organisation, OrganisationKind, User
from hatangso_web.measurements import allowance
from hatangso_web.measurements.actions import commit, discard, gather_own_tests
from hatangso_web.measurements.models import Campaign, FileState, SpeedTest, StartedTest
from tests.web.measurements.conftest import work

pytestmark = pytest.mark.django_db
RESULT = {"area": "99001", "operator": "Sao Mai", "technology": "4G", "connection": "cellular", "lon": "107.123456", "lat": "12.654321", "download_mbps": "50.5", "upload_mbps": "20", "latency_ms": "30", "jitter_ms": "2"}  # fmt: skip


def ticket_of(client: Client) -> str:
    response = client.post(reverse("measurements:test_start"), {"consent": "1"})
    assert response.status_code == 200
    return str(response.json()["ticket"])


def test_no_ticket_without_consent(client: Client) -> None:
    assert client.post(reverse("measurements:test_start")).status_code == 400
    assert not StartedTest.objects.exists()


def test_only_a_keyed_hash_of_the_address_is_kept_and_not_for_long(client: Client) -> None:
    ticket_of(client)
    started = StartedTest.objects.get()
    assert "127.0.0.1" not in started.address_hash and len(started.address_hash) == 32
    StartedTest.objects.update(at=timezone.now() - datetime.timedelta(hours=25))
    ticket_of(client)
    assert StartedTest.objects.count() == 1


def test_an_address_has_its_share_of_the_hour(client: Client, settings: Any) -> None:
    settings.SPEED_TESTS_PER_HOUR = 2
    ticket_of(client)
    ticket_of(client)
    refused = client.post(reverse("measurements:test_start"), {"consent": "1"})
    assert refused.status_code == 429
    assert "đủ 2 lần" in refused.json()["error"]


def test_bytes_are_random_uncompressed_and_bounded(client: Client, settings: Any) -> None:
    ticket = ticket_of(client)
    address = reverse("measurements:test_down")
    answer = client.get(address, {"phieu": ticket, "byte": "300000"}, headers={"accept-encoding": "gzip"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert (len(content), answer.headers["Content-Encoding"]) == (300_000, "identity")
    assert len(set(content[:4096])) > 200
    assert client.get(address, {"phieu": ticket, "byte": str(33 * 1024 * 1024)}).status_code == 400
    settings.SPEED_TEST_LIMIT_BYTES = 500_000
    assert client.get(address, {"phieu": ticket, "byte": "300000"}).status_code == 429
    assert client.get(address, {"phieu": "khong-co", "byte": "10"}).status_code == 429


def test_the_sink_counts_and_forgets(client: Client) -> None:
    address = f"{reverse('measurements:test_up')}?phieu={ticket_of(client)}"
    answer = client.post(address, b"x" * 70_000, content_type="application/octet-stream")
    assert answer.content == b"70000"
    unknown = client.post(
        f"{reverse('measurements:test_up')}?phieu=", b"x", content_type="application/octet-stream"
    )
    assert unknown.status_code == 429


def test_a_result_is_kept_once_with_a_coarse_place(client: Client, places: Any) -> None:
    ticket = ticket_of(client)
    answer = client.post(reverse("measurements:test_save"), RESULT | {"ticket": ticket})
    assert answer.status_code == 200
    kept = SpeedTest.objects.get()
    assert (kept.area.code, kept.lon, kept.lat) == ("99001", 107.123, 12.654)
    page = client.get(answer.json()["address"])
    assert "50,5 Mb/s" in page.content.decode()
    again = client.post(reverse("measurements:test_save"), RESULT | {"ticket": ticket})
    assert again.status_code == 409
    assert SpeedTest.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"download_mbps": "99999"}, {"latency_ms": "0"}, {"area": "99"}, {"technology": "9G"}, {"operator": ""}])  # fmt: skip
def test_what_cannot_be_is_not_kept(client: Client, places: Any, wrong: dict[str, str]) -> None:
    answer = client.post(reverse("measurements:test_save"), RESULT | {"ticket": ticket_of(client)} | wrong)
    assert answer.status_code == 400
    assert not SpeedTest.objects.exists()


def test_switched_off_means_gone(client: Client, settings: Any) -> None:
    settings.SPEED_TEST_OPEN = False
    for name in ("test", "test_ping", "test_down", "test_places"):
        assert client.get(reverse(f"measurements:{name}")).status_code == 404
    assert client.post(reverse("measurements:test_start"), {"consent": "1"}).status_code == 404


def test_the_page_keeps_the_strict_policy(client: Client) -> None:
    answer = client.get(reverse("measurements:test"))
    page = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<noscript>" in page and " onclick" not in page and " style=" not in page


def test_operators_are_chosen_and_one_is_one_however_it_is_typed(client: Client, places: Any) -> None:
    assert 'id="nha-mang"' not in client.get(reverse("measurements:test")).content.decode()
    Organisation.objects.create(code="SM", name="Viễn thông Sao Mai", kind=OrganisationKind.OPERATOR)
    page = client.get(reverse("measurements:test")).content.decode()
    assert "<option>Viễn thông Sao Mai</option>" in page and "<datalist" not in page
    for written in ("vien thong SAO MAI", "Mạng lạ"):
        client.post(
            reverse("measurements:test_save"), RESULT | {"ticket": ticket_of(client), "operator": written}
        )
    assert set(SpeedTest.objects.values_list("operator", flat=True)) == {"Viễn thông Sao Mai", "Mạng lạ"}


def test_places_are_found_without_diacritics(client: Client, places: Any) -> None:
    found = client.get(reverse("measurements:test_places"), {"tim": "ea moi"}).json()["places"]
    assert found == [{"code": "99001", "name": "Xã Ea Mới, Tỉnh Đắk Thử"}]


def test_another_process_knows_the_ticket(client: Client) -> None:
    ticket = ticket_of(client)
    allowance.cache.clear()
    assert allowance.spend(ticket, 10)
    StartedTest.objects.update(used=True)
    allowance.cache.clear()
    assert not allowance.spend(ticket, 10)


def test_own_tests_enter_a_campaign_of_their_own_tool_once(
    client: Client, new_campaign: Callable[..., Campaign], specialist: User, places: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    for _number in range(3):
        client.post(reverse("measurements:test_save"), RESULT | {"ticket": ticket_of(client)})
    SpeedTest.objects.update(made_at=timezone.make_aware(datetime.datetime(2026, 3, 5, 9)))
    SpeedTest.objects.filter(pk=SpeedTest.objects.latest("pk").pk).update(download_mbps=70)
    with pytest.raises(InputError, match="không gộp được"):
        gather_own_tests(new_campaign(name="Khác"), by=specialist)
    campaign = new_campaign(tool="hatangso", method="Phép đo của hệ thống")
    file = work(gather_own_tests(campaign, by=specialist).file)
    assert (file.state, file.report["received"]) == (FileState.CHECKED, 3)
    with pytest.raises(InputError, match="Chưa có phép đo mới"):
        gather_own_tests(campaign, by=specialist)
    with django_capture_on_commit_callbacks(execute=True):
        discard(file, by=specialist)
    file = work(gather_own_tests(campaign, by=specialist).file)
    commit(file, by=specialist)
    assert work(file).state == FileState.COMMITTED
    client.force_login(specialist)
    shown = client.get(reverse("measurements:campaign", args=[campaign.pk])).content.decode()
    assert "http://testserver/do-toc-do/</a>" in shown, "the address to send to people"
