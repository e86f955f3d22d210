"""What the list of indicators is narrowed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hatangso import catalogue
from hatangso_web.catalogue.wording import GROUPS


class IndicatorFilterForm(forms.Form):
    """Words, group, family of plans, day."""

    tim = forms.CharField(
        label=_("Tìm tên hoặc mã"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    nhom = forms.ChoiceField(label=_("Nhóm"), required=False)
    ho = forms.ChoiceField(label=_("Họ kế hoạch"), required=False)
    ngay = forms.DateField(
        label=_("Có căn cứ còn hiệu lực ngày"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        families = [(family.code, family.name_vi) for family in catalogue.plan_families()]
        self.fields["nhom"].choices = [("", _("Tất cả")), *GROUPS.items()]  # type: ignore[attr-defined]
        self.fields["ho"].choices = [("", _("Tất cả")), *families]  # type: ignore[attr-defined]
