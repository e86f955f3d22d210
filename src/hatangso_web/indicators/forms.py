"""The forms of rounds, returns, disputes and workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.periods import parse_period
from hatangso_web.accounts.models import Organisation, OrganisationKind, User
from hatangso_web.accounts.permissions import areas_filter
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.forms import AreaField
from hatangso_web.areas.models import Area
from hatangso_web.indicators.actions.villages import VillageEntry
from hatangso_web.indicators.models import Challenge, Owing, Signal, Technology, VillageRecord

MOST_WORKBOOK_BYTES = 6 * 1024 * 1024


class DayInput(forms.DateInput):
    """A day as the browser asks for it."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """Write the day as a date field of a browser wants it."""
        return value.isoformat() if hasattr(value, "isoformat") else value


class RoundForm(forms.Form):
    """A new round."""

    name = forms.CharField(label=_("Tên đợt"), max_length=200)
    area = AreaField(label=_("Địa bàn"))
    period = forms.CharField(
        label=_("Kỳ"), max_length=40, help_text=_("Ví dụ: quý III/2026, tháng 9 năm 2026, năm 2026.")
    )
    owing = forms.ChoiceField(label=_("Ai gửi"), choices=Owing.choices, initial=Owing.AREAS)
    organisations = forms.ModelMultipleChoiceField(
        label=_("Doanh nghiệp"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Chỉ chọn khi doanh nghiệp là bên gửi."),
    )
    opens_on = forms.DateField(label=_("Ngày mở"), widget=DayInput)
    due_on = forms.DateField(label=_("Hạn gửi"), widget=DayInput)
    variables = forms.MultipleChoiceField(label=_("Chỉ tiêu thu thập"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        areas = Area.objects.filter(areas_filter(user, Permission.MANAGE_ROUNDS))
        self.fields["area"].areas = areas  # type: ignore[attr-defined]
        firms = Organisation.objects.filter(kind=OrganisationKind.OPERATOR, valid_until=None)
        self.fields["organisations"].queryset = firms  # type: ignore[attr-defined]
        self.fields["variables"].choices = [  # type: ignore[attr-defined]
            (variable.code, f"{variable.name_vi} ({variable.unit.replace(';', ', ')})")
            for variable in catalogue.variables()
            if variable.over_time != "summary"
        ]

    def clean_period(self) -> str:
        """Read the period as written."""
        try:
            return parse_period(self.cleaned_data["period"]).code
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault

    def clean(self) -> dict[str, Any]:
        """Firms are chosen exactly when firms owe; the due day is not before the opening."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("owing") == Owing.ORGANISATIONS and not cleaned.get("organisations"):
            self.add_error("organisations", _("Chọn ít nhất một doanh nghiệp."))
        opens, due = cleaned.get("opens_on"), cleaned.get("due_on")
        if opens and due and due < opens:
            self.add_error("due_on", _("Hạn gửi phải từ ngày mở trở đi."))
        return cleaned


class ScoreRoundForm(forms.Form):
    """A new scoring by an edition of an index."""

    name = forms.CharField(label=_("Tên đợt"), max_length=200)
    area = AreaField(label=_("Địa bàn"))
    of_communes = forms.TypedChoiceField(
        label=_("Chấm cho"),
        choices=[("", _("Chính địa bàn này")), ("1", _("Từng xã, phường trong địa bàn"))],
        coerce=bool,
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )
    edition = forms.ChoiceField(label=_("Bộ chỉ số"))
    period = forms.CharField(label=_("Kỳ"), max_length=40, help_text=_("Ví dụ: năm 2026, quý III/2026."))
    due_on = forms.DateField(label=_("Hạn tự chấm"), widget=DayInput)

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["area"].areas = Area.objects.filter(areas_filter(user, Permission.MANAGE_ROUNDS))  # type: ignore[attr-defined]
        self.fields["edition"].choices = [  # type: ignore[attr-defined]
            (edition.code, f"{edition.name_vi} ({edition.basis.document})") for edition in catalogue.indexes()
        ]

    def clean_period(self) -> str:
        """Read the period as written."""
        try:
            return parse_period(self.cleaned_data["period"]).code
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault


class WorkbookForm(forms.Form):
    """A returned workbook."""

    file = forms.FileField(
        label=_("Tệp Excel"),
        help_text=_("Tệp .xlsx đã tải từ đợt này và đã điền."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large or no workbook."""
        file: UploadedFile = self.cleaned_data["file"]
        if not str(file.name).lower().endswith(".xlsx"):
            raise forms.ValidationError(_("Chỉ nhận tệp .xlsx; hãy lưu lại bằng “Excel Workbook (.xlsx)”."))
        if (file.size or 0) > MOST_WORKBOOK_BYTES:
            raise forms.ValidationError(_("Tệp quá lớn (trên 6 MB)."))
        return file


class ChallengeForm(forms.ModelForm):
    """A dispute of a value."""

    class Meta:
        model = Challenge
        fields = ["reason", "claimed", "evidence"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}


class VillageForm(forms.ModelForm):
    """One village of the list; coverage fields are added for each technology, of any firm and of each one."""

    class Meta:
        model = VillageRecord
        fields = [
            "households", "people", "has_power", "specially_difficult", "has_fibre", "measured_place",
            "measured_lon", "measured_lat", "measured_on", "note",
        ]  # fmt: skip
        widgets = {"measured_on": DayInput}

    def __init__(self, *arguments: Any, firms: Sequence[Organisation], **options: Any) -> None:
        super().__init__(*arguments, **options)
        held = {
            (row.technology, row.operator_id): row.signal
            for row in (self.instance.coverage.all() if self.instance.pk else ())
        }
        self.coverage_keys: dict[str, tuple[str, int | None]] = {}
        self.firm_names: dict[int | None, str] = {firm.pk: firm.name for firm in firms}
        for firm in (None, *firms):
            for technology in Technology.values:
                name = f"song-{technology}-{firm.pk if firm else 'chung'}"
                key = (technology, firm.pk if firm else None)
                self.coverage_keys[name] = key
                self.fields[name] = forms.ChoiceField(
                    label=technology,
                    choices=[("", "–"), *Signal.choices],
                    required=False,
                    initial=held.get(key, ""),
                )

    @property
    def plain_fields(self) -> list[Any]:
        """The fields of the village itself."""
        return [self[name] for name in self.Meta.fields]

    @property
    def coverage_groups(self) -> list[tuple[str, list[Any], bool]]:
        """The coverage fields: of any firm, then of each; whether one of a group is filled."""
        groups: dict[int | None, list[Any]] = {}
        for name, (_technology, firm) in self.coverage_keys.items():
            groups.setdefault(firm, []).append(self[name])
        return [
            (self.firm_names.get(firm, ""), fields, any(field.value() for field in fields))
            for firm, fields in groups.items()
        ]

    def entry(self) -> VillageEntry:
        """Return what was written."""
        wanted = self.cleaned_data
        return VillageEntry(
            **{name: wanted[name] for name in self.Meta.fields},
            coverage={
                key: Signal(wanted[name]) for name, key in self.coverage_keys.items() if wanted.get(name)
            },
        )
