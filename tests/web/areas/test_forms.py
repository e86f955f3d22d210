"""An area typed into a form."""

from __future__ import annotations

import pytest
from django import forms

from hatangso_web.areas.actions import enter_area
from hatangso_web.areas.forms import AreaField, suggestions
from hatangso_web.areas.models import Area, Level
from tests.people import Places

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["99001", "Xã Ea Mới", "xa ea moi", "ea moi", "Xã Ea Mới (99001)"])
def test_area_is_found_by_code_name_or_both(places: Places, text: str) -> None:
    assert AreaField().clean(text) == places.commune


def test_name_of_two_areas_is_answered_with_both(places: Places) -> None:
    enter_area(code="98001", name="Xã Ea Mới", level=Level.COMMUNE, parent=places.other_province)
    with pytest.raises(forms.ValidationError, match=r"Xã Ea Mới \((98001|99001)\); Xã Ea Mới"):
        AreaField().clean("ea moi")


def test_unknown_name_is_said_back(places: Places) -> None:
    with pytest.raises(forms.ValidationError, match="Không có địa bàn nào tên hoặc mã là “Hà Lội”"):
        AreaField().clean("Hà Lội")


def test_area_outside_the_allowed_ones_is_unknown(places: Places) -> None:
    field = AreaField(areas=Area.objects.filter(code="98"))
    with pytest.raises(forms.ValidationError):
        field.clean("99001")


def test_suggestions_are_few_and_sorted(places: Places) -> None:
    assert suggestions(Area.objects.all(), "9900") == ["Phường Đồng Ân (99002)", "Xã Ea Mới (99001)"]
    assert suggestions(Area.objects.all(), "  ") == []
