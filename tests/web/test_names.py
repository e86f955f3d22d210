"""Searching without diacritics and sorting as a Vietnamese dictionary, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso.vietnamese import sort_key
from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.models import Area, Level
from hatangso_web.names import matching, order_text

DICTIONARY = [
    "An Khê",
    "Ân Thi",
    "Ba Đình",
    "Dĩ An",
    "Đà Nẵng",
    "Đắk Nông",
    "Ea Súp",
    "Ô Môn",
    "Phú Quý",
    "Ứng Hòa",
]


@pytest.mark.django_db
def test_database_sorts_as_a_dictionary() -> None:
    for number, name in enumerate(reversed(DICTIONARY)):
        enter_area(code=str(number), name=name, level=Level.COMMUNE)
    assert list(Area.objects.order_by("name_order").values_list("name", flat=True)) == DICTIONARY


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["dak nong", "ĐẮK NÔNG", "nong dak", "đăk", "Đa\u0306\u0301k"])
def test_search_ignores_case_diacritics_and_order_of_words(words: str) -> None:
    enter_area(code="67", name="Tỉnh Đắk Nông", level=Level.PROVINCE)
    enter_area(code="66", name="Tỉnh Đồng Nai", level=Level.PROVINCE)
    assert [area.code for area in Area.objects.filter(matching(words, "name_folded"))] == ["67"]


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["%", "_", "a%b", "\\"])
def test_search_takes_wildcards_as_letters(words: str) -> None:
    enter_area(code="67", name="Tỉnh Đắk Nông", level=Level.PROVINCE)
    assert not Area.objects.filter(matching(words, "name_folded")).exists()


@pytest.mark.django_db
def test_folded_column_follows_its_source_in_bulk_too() -> None:
    Area.objects.bulk_create([Area(code="1", name="Đồng Ân", level=Level.COMMUNE, path="/1/")])
    area = Area.objects.get()
    assert area.name_folded == "dong an"
    area.name = "Ea Mới"
    area.save()
    assert Area.objects.filter(name_folded="ea moi").exists()


_TEXT = st.text(st.sampled_from("aăâbdđeêoôơuưyáảãạằ ABĐ19'-"), max_size=30)


@given(_TEXT, _TEXT)
def test_order_text_agrees_with_the_dictionary_key(first: str, second: str) -> None:
    keys = sort_key(first)[:2], sort_key(second)[:2]
    assert (order_text(first) < order_text(second)) == (keys[0] < keys[1])
