"""The forms of tables that come in: handing over, choosing columns, confirming."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hatangso.errors import InputError
from hatangso.indicators.table_kinds import TableKind, table_kind, table_kinds
from hatangso.periods import parse_period
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.imports import Confirmation
from hatangso_web.indicators.models import Confidence, Kind, TableImport
from hatangso_web.indicators.queries.imports import areas_of_entry, enters_for_areas, firms_of_entry


class TableForm(forms.Form):
    """A table to bring in: the file, what kind of table it is, for where, when and whose."""

    file = forms.FileField(
        label=_("Tệp bảng"),
        help_text=_(
            "Tệp .xlsx, .csv hoặc .parquet như doanh nghiệp, sở ngành gửi; không cần sửa tiêu đề cột."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.parquet"}),
        error_messages={
            "required": _("Hãy chọn tệp."),
            "empty": _("Tệp này không có nội dung; hãy chọn lại."),
        },
    )
    kind = forms.ChoiceField(label=_("Loại bảng"))
    period = forms.CharField(
        label=_("Kỳ của số liệu"),
        max_length=40,
        help_text=_("Ví dụ: quý III/2026, tháng 9 năm 2026, năm 2026."),
    )
    area = forms.ModelChoiceField(label=_("Địa bàn"), queryset=Area.objects.none(), empty_label=None)
    operator = forms.ModelChoiceField(
        label=_("Số của doanh nghiệp"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("(theo cột doanh nghiệp trong bảng, hoặc số chung của địa bàn)"),
    )
    value_kind = forms.ChoiceField(
        label=_("Số liệu này là"),
        required=False,
        choices=[("", _("Theo loại bảng")), *Kind.choices],
        help_text=_("Kê khai, đo đạc và mô phỏng không bao giờ bị cộng lẫn."),
    )

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.for_areas = enters_for_areas(user)
        firms = firms_of_entry(user)
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [
            (kind.code, kind.name_vi) for kind in table_kinds() if self.for_areas or kind.per == "operator"
        ]
        fields["area"].queryset = areas_of_entry(user)
        fields["operator"].queryset = firms
        if not self.for_areas:
            fields["operator"].empty_label = None
            fields["operator"].required = True
            fields["operator"].initial = firms.first()

    def clean_period(self) -> str:
        """Read the period as written."""
        try:
            return parse_period(self.cleaned_data["period"]).code
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault

    def table(self) -> TableImport:
        """Return the table as chosen, not stored."""
        wanted = self.cleaned_data
        kind = table_kind(wanted["kind"])
        return TableImport(
            area=wanted["area"],
            operator=wanted["operator"] if kind.per == "operator" else None,
            table_kind=kind.code,
            period=wanted["period"],
            value_kind=wanted["value_kind"] or kind.kind,
        )

    @property
    def upload(self) -> UploadedFile:
        """The file."""
        file: UploadedFile = self.cleaned_data["file"]
        return file


class ColumnsForm(forms.Form):
    """Which column of the file is what: one choice per column of the kind."""

    def __init__(self, *arguments: Any, table: TableImport, kind: TableKind, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kind = kind
        chosen = {ours: sent for sent, ours in table.mapping.items()}
        headers = [("", _("(không có)")), *((header, header) for header in table.headers)]
        for column in kind.spec.columns:
            title = f"{column.title} ({column.unit})" if column.unit else column.title
            self.fields[column.name] = forms.ChoiceField(
                label=title,
                required=column.required,
                choices=headers,
                initial=chosen.get(column.name, ""),
                help_text="" if column.kind == "text" else column.expected(),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse one column of the file for two of ours, and a choice that gives no figure."""
        cleaned = super().clean() or self.cleaned_data
        names = [value for value in cleaned.values() if value]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise forms.ValidationError(
                _("Cột “%(name)s” được chọn hai lần."), params={"name": ", ".join(twice)}
            )
        missing = self.kind.missing_from({ours for ours, sent in cleaned.items() if sent})
        if missing and not self.errors:
            raise forms.ValidationError(_("Còn thiếu: %(what)s."), params={"what": "; ".join(missing)})
        return cleaned

    @property
    def mapping(self) -> dict[str, str]:
        """The choice as header → column."""
        return {sent: ours for ours, sent in self.cleaned_data.items() if sent}


class ConfirmForm(forms.Form):
    """What the person says when confirming a table."""

    explanation = forms.CharField(
        label=_("Giải trình các cảnh báo"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    overwrite = forms.BooleanField(label=_("Thay số đang có trong bản nháp bằng số của bảng"), required=False)
    confidence = forms.ChoiceField(
        label=_("Mức tin cậy"), required=False, choices=[("", _("Theo quy tắc")), *Confidence.choices]
    )
    reason = forms.CharField(label=_("Lý do chọn mức khác"), max_length=300, required=False)

    def confirmation(self) -> Confirmation:
        """Return what was said."""
        return Confirmation(**self.cleaned_data)
