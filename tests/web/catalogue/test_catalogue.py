"""The dictionary as pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from hatangso import catalogue
from hatangso_web.accounts.models import User
from hatangso_web.catalogue import wording
from hatangso_web.catalogue.queries import Wanted, families_of, group_of, listed_indicators, sheet_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def test_list_is_narrowed_by_words_without_diacritics_group_and_family() -> None:
    assert [entry.code for entry in listed_indicators(Wanted("dan so phu song 5g"))] == ["MOB-04"]
    assert {group_of(entry) for entry in listed_indicators(Wanted(group="POS"))} == {"POS"}
    family = catalogue.plan_families()[1]
    assert {entry.code for entry in listed_indicators(Wanted(family="B"))} == set(family.indicators)
    assert len(listed_indicators(Wanted())) == 85


def test_indicators_without_a_document_in_force_are_left_out_on_a_day() -> None:
    early = {entry.code for entry in listed_indicators(Wanted(on=date(2023, 1, 1)))}
    assert "MOB-02" not in early
    assert "MOB-02" in {entry.code for entry in listed_indicators(Wanted(on=date(2024, 2, 1)))}


def test_sheet_shows_parts_targets_of_the_day_and_counterparts() -> None:
    sheet = sheet_of("fix-02", on=date(2025, 1, 1))
    assert sheet.denominator is not None and sheet.denominator.variable is not None
    assert sheet.denominator.code == sheet.indicator.denominator
    assert "QD36-2025-FIBRE-HOUSEHOLDS" in {target.code for target in sheet.targets}
    assert "QD36-2025-FIBRE-HOUSEHOLDS" not in {
        target.code for target in sheet_of("FIX-02", on=date(2023, 1, 1)).targets
    }
    assert [(other.family.code, other.indicator.code, other.relation) for other in sheet.counterparts] == [
        ("A", "FIX-03", "near")
    ]
    assert families_of([sheet.indicator]) == {"FIX-02": "B, C"}


def test_every_key_of_the_catalogue_has_its_word() -> None:
    for entry in catalogue.indicators():
        assert group_of(entry) in wording.GROUPS
        assert entry.better in wording.BETTER and entry.combine in wording.COMBINE
        assert entry.frequency in wording.FREQUENCY
        assert set(entry.levels) <= set(wording.LEVELS)
        assert set(entry.sources) <= set(wording.SOURCES)
    for variable in catalogue.variables():
        assert variable.kind in wording.VARIABLE_KINDS and variable.source in wording.SOURCES


def test_every_indicator_has_a_page_and_the_list_shows_them_all(client_of: ClientOf, viewer: User) -> None:
    browser = client_of(viewer)
    shown = browser.get("/danh-muc/").content.decode()
    for entry in catalogue.indicators():
        assert f'href="/danh-muc/{entry.code}/"' in shown
        page = browser.get(f"/danh-muc/{entry.code}/")
        assert page.status_code == 200
        text = page.content.decode()
        assert ("notice--warning" in text) is bool(entry.unverified)
    assert browser.get("/danh-muc/XYZ-99/").status_code == 404


def test_unverified_basis_is_shown_with_its_reason(client_of: ClientOf, viewer: User) -> None:
    text = client_of(viewer).get("/danh-muc/MOB-01/").content.decode()
    assert "Phụ lục của quyết định chưa đọc được" in text
    assert "chưa cán bộ nào đối chiếu" in text
