"""Restricted clauses: one who may, one who may not, from the same set-up, on every address of the app."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.plans.actions.review import Verdict, decide
from hatangso_web.plans.models import Action, Finding, Kind, Task, Version
from hatangso_web.plans.urls import urlpatterns
from tests.web.plans.sample import FIBRE, SECRET_WORDS, Store, findings, place, reading_of

pytestmark = pytest.mark.django_db
MASK = "nội dung thuộc phạm vi hạn chế"


@pytest.fixture
def confirmed(read_version: Version, store: Store, specialist: User) -> Version:
    """Return the plan with everything confirmed, in its second version."""
    for found in read_version.findings.select_related("version__plan__area", "former"):
        decide(finding=found, verdict=Verdict(Action.ACCEPT, found.revision), by=specialist)
    return store(read_version.area, reading_of(), plan=read_version.plan)


@pytest.fixture
def secret(confirmed: Version) -> Finding:
    """Return the restricted task."""
    return confirmed.findings.get(kind=Kind.TASK, restricted=True)


def _read_addresses(version: Version, open_finding: Finding) -> dict[str, str]:
    """Return every address that answers a plain request, by name; a new one must be added here."""
    plan = [version.plan_id]
    own = [version.pk]
    return {
        "list": reverse("plans:list") + "?q=phát triển",
        "list_download": reverse("plans:list_download"),
        "upload": reverse("plans:upload"),
        "side_by_side": reverse("plans:side_by_side"),
        "due": reverse("plans:due") + "?trong=36500",
        "due_download": reverse("plans:due_download") + "?trong=36500",
        "plan": reverse("plans:plan", args=plan),
        "plan_download": reverse("plans:plan_download", args=plan),
        "new_version": reverse("plans:new_version", args=plan),
        "version": reverse("plans:version", args=own),
        "original": reverse("plans:original", args=own),
        "review": reverse("plans:review", args=own) + "?loai=task",
        "add": reverse("plans:add", args=own),
        "compare": reverse("plans:compare", args=own),
        "sentence": reverse("plans:sentence", args=[open_finding.pk]),
    }


POSTED = {"try_again", "accept_kind", "undo", "decide", "restrict"}


def _body(client: Client, address: str) -> tuple[int, str]:
    """Return the status and all the text of an answer, workbooks unpacked, redirects followed."""
    answer = client.get(address, follow=True)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(BytesIO(content)) as book:
            return answer.status_code, " ".join(book.read(name).decode() for name in book.namelist())
    return answer.status_code, content.decode()


def test_every_address_of_the_app_is_looked_at_here(confirmed: Version, secret: Finding) -> None:
    names = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert names == set(_read_addresses(confirmed, secret)) | POSTED


def test_who_may_reads_what_is_restricted(
    client_of: Callable[[User], Client], confirmed: Version, secret: Finding, specialist: User
) -> None:
    client = client_of(specialist)
    addresses = _read_addresses(confirmed, secret)
    for name in ("due", "due_download", "plan", "plan_download", "original", "review", "sentence"):
        status, body = _body(client, addresses[name])
        assert status == 200 and "điện báo" in body, name


def test_who_may_not_finds_it_on_no_address(
    client_of: Callable[[User], Client], confirmed: Version, secret: Finding, viewer: User, person, places
) -> None:
    secretless = person("secretless", "commune_clerk", places.province)
    open_finding = confirmed.findings.get(kind=Kind.TASK, restricted=False)
    for refused in (viewer, secretless):
        client = client_of(refused)
        for name, address in _read_addresses(confirmed, open_finding).items():
            status, body = _body(client, address)
            assert status in {200, 403}, (name, status)
            assert not [words for words in SECRET_WORDS if words in body], name
    assert _body(client_of(secretless), reverse("plans:review", args=[confirmed.pk]))[1].count(MASK) == 1


def test_the_file_itself_is_refused_to_who_may_not(
    client_of: Callable[[User], Client], confirmed: Version, person, places, specialist: User
) -> None:
    address = reverse("plans:original", args=[confirmed.pk])
    assert _body(client_of(person("secretless", "commune_clerk", places.province)), address)[0] == 403
    assert _body(client_of(specialist), address)[0] == 200


def test_the_finding_does_not_exist_for_who_may_not(
    client_of: Callable[[User], Client], secret: Finding, person, places
) -> None:
    client = client_of(person("secretless", "commune_clerk", places.province))
    assert client.get(reverse("plans:sentence", args=[secret.pk])).status_code == 404
    for name in ("decide", "restrict"):
        assert (
            client.post(reverse(f"plans:{name}", args=[secret.pk]), {"viec": "reject", "lan": 1}).status_code
            == 404
        )
    assert Task.objects.get(restricted=True).ended_at is None


def test_counts_leave_it_out(
    client_of: Callable[[User], Client], confirmed: Version, secret: Finding, viewer: User, leader: User
) -> None:
    seen = {
        user: client_of(user).get(reverse("plans:list")).context["listing"].page[0].task_count
        for user in (viewer, leader)
    }
    assert seen == {viewer: 1, leader: 2}
    counts = {
        user: {str(count.kind): count.total for count in client_of(user).get(reverse("plans:review", args=[confirmed.pk])).context["counts"]}
        for user in (viewer, leader)
    }  # fmt: skip
    assert (counts[viewer]["task"], counts[leader]["task"]) == (1, 2)
    assert (counts[viewer]["warning"], counts[leader]["warning"]) == (1, 2)


def test_accepting_all_leaves_what_the_person_may_not_see(
    client_of: Callable[[User], Client], read_version: Version, person, places
) -> None:
    client = client_of(person("secretless", "commune_clerk", places.province))
    client.post(reverse("plans:accept_kind", args=[read_version.pk]), {"loai": "task"})
    assert list(Task.objects.values_list("number", flat=True)) == ["1"]


def test_quoting_cannot_probe_the_hidden_text(
    client_of: Callable[[User], Client], read_version: Version, person, places, specialist: User
) -> None:
    form = {"loai": "assignment", "office": "x", "items": "", "quotation": "Cục Bưu điện Trung ương"}
    address = reverse("plans:add", args=[read_version.pk])
    refused = client_of(person("secretless", "commune_clerk", places.province)).post(address, form)
    assert "Không thấy câu này" in refused.content.decode()
    assert client_of(specialist).post(address, form).status_code == 302


def test_the_trail_holds_no_word_of_it(confirmed: Version, secret: Finding) -> None:
    written = " ".join(f"{event.about_label} {event.details}" for event in AuditEvent.objects.all())
    assert written and not [words for words in SECRET_WORDS if words in written]


def test_a_plan_under_a_stamp_of_secrecy_is_not_even_named(
    client_of: Callable[[User], Client], store: Store, places, viewer: User, leader: User
) -> None:
    reading = reading_of()
    whole = type(reading)(
        reading.findings, reading.source, [], [(0, len(reading.source))], "0.1.0", all_restricted=True
    )
    version = store(places.province, whole)
    assert client_of(viewer).get(reverse("plans:plan", args=[version.plan_id])).status_code == 404
    assert client_of(leader).get(reverse("plans:plan", args=[version.plan_id])).status_code == 200
    assert version.plan.title not in client_of(viewer).get(reverse("plans:list")).content.decode()
    assert "hạn chế" in str(version.plan)


def test_a_restricted_warning_does_not_mark_what_everyone_sees(store: Store, places) -> None:
    found = findings()
    found["warnings"] = [
        {
            "code": "x",
            "text": "Trái với Mạng điện báo Hệ đặc biệt phục vụ cơ quan Đảng",
            "where": place(FIBRE),
        }
    ]
    version = store(places.province, reading_of(**found))
    assert not version.findings.filter(kind=Kind.TARGET, warned=True).exists()
    assert version.findings.get(kind=Kind.WARNING).restricted
