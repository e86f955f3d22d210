"""A form field that takes an area by its name, with or without diacritics, or by its code."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from hatangso.vietnamese import fold, nfc
from hatangso_web.areas.models import Area
from hatangso_web.names import matching

_CODE_AT_END = re.compile(r"\(([0-9A-Za-z.-]+)\)\s*$")


class AreaInput(forms.TextInput):
    """A line of text with suggestions where JavaScript runs, a plain line where it does not."""

    template_name = "areas/area_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the list of suggestions and where they come from."""
        context = super().get_context(name, value, attrs)
        identity = context["widget"]["attrs"].get("id", f"id_{name}")
        context["widget"]["list"] = f"{identity}_goi_y"
        context["widget"]["suggestions"] = f"{reverse_lazy('area_suggestions')}?o={name}"
        return context


class AreaField(forms.CharField):
    """An area of ``areas`` by code, by "Tên (mã)" or by a name that only one of them bears."""

    widget = AreaInput

    def __init__(self, *, areas: QuerySet[Area] | None = None, **options: Any) -> None:
        options.setdefault("label", _("Địa bàn"))
        options.setdefault("help_text", _("Gõ tên hoặc mã địa bàn, có dấu hay không dấu đều được."))
        super().__init__(**options)
        self.areas = areas

    def prepare_value(self, value: Any) -> Any:
        """Show an area as "Tên (mã)"."""
        if isinstance(value, Area):
            return label_of(value)
        if isinstance(value, int):
            found = Area.objects.filter(pk=value).first()
            return label_of(found) if found else ""
        return value

    def clean(self, value: Any) -> Area | None:  # type: ignore[override]
        """Find the area, or say what is wrong with the text."""
        text = nfc(super().clean(value))
        if not text:
            return None
        areas = Area.objects.all() if self.areas is None else self.areas
        code = found.group(1) if (found := _CODE_AT_END.search(text)) else text
        matches = list(areas.filter(code=code)[:1]) or list(areas.filter(name_folded=fold(text))[:6])
        matches = matches or list(areas.filter(matching(text, "name_folded"))[:6])
        if not matches:
            raise forms.ValidationError(
                _("Không có địa bàn nào tên hoặc mã là “%(text)s”."), params={"text": text}
            )
        if len(matches) > 1:
            names = "; ".join(label_of(area) for area in matches[:5])
            raise forms.ValidationError(
                _("Có nhiều địa bàn khớp với “%(text)s”: %(names)s. Hãy ghi rõ một trong các tên đó."),
                params={"text": text, "names": names},
            )
        return matches[0]


def label_of(area: Area) -> str:
    """Return how an area stands in a form: "Đắk Nông (67)"."""
    return f"{area.name} ({area.code})"


def suggestions(areas: QuerySet[Area], words: str, *, most: int = 12) -> list[str]:
    """Return the labels of the first areas that match the words, those that still exist first."""
    if not words.strip():
        return []
    found = areas.filter(matching(words, "name_folded") | Q(code__startswith=words.strip()))
    return [
        label_of(area) for area in found.order_by(F("valid_until").asc(nulls_first=True), "name_order")[:most]
    ]
