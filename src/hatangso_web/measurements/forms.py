"""Forms of speed measuring."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hatangso.errors import InputError
from hatangso.speed.samples import SAMPLES, TECHNOLOGIES
from hatangso.vietnamese import format_number, parse_number
from hatangso_web.accounts.models import Organisation, OrganisationKind, User
from hatangso_web.accounts.permissions import areas_filter
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.forms import AreaField
from hatangso_web.areas.models import Area
from hatangso_web.measurements.models import Campaign, DeclaredSpeed, SampleFile

UNITS = ("Mb/s", "kb/s", "Gb/s", "MB/s")
_WORDS = {"cable": _("Cáp đồng trục"), "satellite": _("Vệ tinh"), "fixed": _("Mạng cố định khác")}


class NumberField(forms.CharField):
    """A number as written in Vietnam: 1.234,5; kept between two bounds."""

    def __init__(self, *, lowest: float, highest: float, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options)
        self.lowest, self.highest = lowest, highest

    def prepare_value(self, value: Any) -> Any:
        """Show a number as 1.234,5."""
        return format_number(value) if isinstance(value, int | float) else value

    def clean(self, value: Any) -> float | None:  # type: ignore[override]
        """Return the number."""
        text = super().clean(value)
        if not text:
            return None
        try:
            number = parse_number(text)
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault
        if not self.lowest <= number <= self.highest:
            raise forms.ValidationError(
                _("Cần một số từ %(lowest)s đến %(highest)s."),
                params={"lowest": format_number(self.lowest), "highest": format_number(self.highest)},
            )
        return number


class CampaignForm(forms.ModelForm):
    """A new campaign: where, when, with what, and what is asked."""

    area = AreaField()
    floor_mbps = NumberField(label=_("Tốc độ tải xuống phải đạt (Mb/s)"), lowest=0.1, highest=10_000)
    percent = NumberField(label=_("Tỷ lệ lần đo phải đạt (%)"), lowest=1, highest=100, initial=80)
    certain = NumberField(label=_("Độ tin cậy (%)"), lowest=50, highest=99.9, initial=95)

    class Meta:
        model = Campaign
        fields = ["name", "area", "starts_on", "ends_on", "network", "tool", "method", "floor_mbps", "minimum_tests", "basis"]  # fmt: skip
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "method": forms.Textarea(attrs={"rows": 3}),
            "basis": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "tool": _("Mỗi đợt một công cụ, ví dụ i-Speed; phép đo của chính hệ thống này ghi là hatangso."),
            "method": _(
                "Cách đo: mẫu lấy ở đâu, giờ nào, máy nào. Câu này đi kèm mọi con số của đợt đo. Muốn so được với đợt trước thì giữ nguyên công cụ và câu này."
            ),
            "basis": _("Câu của kế hoạch đặt ra mức phải đạt, nếu có."),
        }

    field_order = ["name", "area", "starts_on", "ends_on", "network", "tool", "method", "floor_mbps", "percent", "certain", "minimum_tests", "basis"]  # fmt: skip

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].areas = Area.objects.filter(areas_filter(user, Permission.MEASURE_SPEED))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Bring percentages to shares before the constraints of the database are asked."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("percent"):
            self.instance.share = cleaned["percent"] / 100
        if cleaned.get("certain"):
            self.instance.confidence = cleaned["certain"] / 100
        return cleaned


class FileForm(forms.Form):
    """A file of samples."""

    file = forms.FileField(
        label=_("Tệp số đo"),
        help_text=_("i-Speed, đo kiểm trên đường, M-Lab NDT7: .csv, .xlsx, .parquet hoặc .geojson, mỗi dòng một lần đo; nén .zip hoặc .gz cũng được."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.gz,.zip,.xlsx,.parquet,.geojson"}),
        error_messages={"required": _("Hãy chọn tệp số đo."), "empty": _("Tệp này không có nội dung; hãy chọn lại.")},
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """Which column of a file is what: one choice per column of ours, and the unit of speeds where it is not told."""

    unit = forms.ChoiceField(
        label=_("Đơn vị tốc độ trong tệp"),
        required=False,
        choices=[("", _("Theo tiêu đề cột hoặc từng ô")), *((unit, unit) for unit in UNITS)],
        help_text=_("Chỉ chọn khi tệp không tự ghi đơn vị. MB/s là byte, gấp 8 lần Mb/s."),
    )

    def __init__(self, *args: Any, file: SampleFile, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = {ours: sent for sent, ours in file.mapping.items()}
        headers = [("", _("(không có)")), *((header, header) for header in file.headers)]
        for column in SAMPLES.columns:
            needed = column.name in {"time", "operator", "download_mbps"}
            title = f"{column.title} ({column.unit})" if column.unit else column.title
            self.fields[column.name] = forms.ChoiceField(
                label=_("%(title)s: bắt buộc") % {"title": title} if needed else title,
                required=needed,
                choices=headers,
                initial=chosen.get(column.name, ""),
                error_messages={"required": _("Hãy chọn cột của tệp ứng với mục này.")},
            )
        self.fields["unit"].initial = file.unit
        self.order_fields([*(column.name for column in SAMPLES.columns), "unit"])

    def clean(self) -> dict[str, Any]:
        """Refuse one column of the file for two of ours."""
        cleaned = super().clean() or self.cleaned_data
        names = [value for name, value in cleaned.items() if name != "unit" and value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise forms.ValidationError(
                _("Cột “%(name)s” được chọn hai lần."), params={"name": ", ".join(twice)}
            )
        return cleaned

    @property
    def mapping(self) -> dict[str, str]:
        """The choice as header → column."""
        return {sent: ours for ours, sent in self.cleaned_data.items() if sent and ours != "unit"}


class DeclaredSpeedForm(forms.ModelForm):
    """What an operator declares: Vdmin, Vd, Vu."""

    area = AreaField()
    technology = forms.ChoiceField(
        label=_("Công nghệ"), choices=[(name, _WORDS.get(name, name)) for name in TECHNOLOGIES]
    )
    vdmin_mbps = NumberField(label=_("Vdmin: tải xuống tối thiểu (Mb/s)"), lowest=0.01, highest=10_000)
    vd_mbps = NumberField(label=_("Vd: tải xuống trung bình (Mb/s)"), lowest=0.01, highest=10_000)
    vu_mbps = NumberField(label=_("Vu: tải lên trung bình (Mb/s)"), lowest=0.01, highest=10_000)

    class Meta:
        model = DeclaredSpeed
        fields = ["organisation", "area", "operator", "technology", "package", "vdmin_mbps", "vd_mbps", "vu_mbps", "valid_from"]  # fmt: skip
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"operator": _("Ghi đúng như tên nhà mạng trong tệp số đo.")}

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].areas = Area.objects.filter(areas_filter(user, Permission.DECLARE_SPEED))  # type: ignore[attr-defined]
        operators = Organisation.objects.filter(kind=OrganisationKind.OPERATOR, valid_until=None)
        own = [membership.organisation_id for membership in user.memberships_held]
        mine = operators.filter(pk__in=own)
        self.fields["organisation"].queryset = mine if mine.exists() else operators  # type: ignore[attr-defined]
        own_firm = mine.first()
        if own_firm is not None:
            self.fields["organisation"].initial = own_firm.pk
            self.fields["operator"].initial = own_firm.name


class CampaignFilterForm(forms.Form):
    """What the list of campaigns is narrowed to."""

    q = forms.CharField(label=_("Tìm"), required=False, widget=forms.TextInput(attrs={"type": "search"}))


class AreaChoiceForm(forms.Form):
    """Another area to look at."""

    dia_ban = AreaField(required=False, label=_("Xem địa bàn khác"), help_text="")


class OwnTestForm(forms.Form):
    """What the page of the test sends back; bounds keep out what cannot be."""

    ticket = forms.UUIDField()
    area = forms.CharField(max_length=20)
    operator = forms.CharField(max_length=60)
    technology = forms.ChoiceField(choices=[(name, name) for name in ("3G", "4G", "5G", "FTTH", "fixed")])
    connection = forms.ChoiceField(choices=[("cellular", ""), ("wifi", ""), ("wired", "")], required=False)
    lon = forms.FloatField(min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    download_mbps = forms.FloatField(min_value=0.001, max_value=10_000)
    upload_mbps = forms.FloatField(min_value=0.001, max_value=10_000)
    latency_ms = forms.FloatField(min_value=0.01, max_value=60_000)
    jitter_ms = forms.FloatField(min_value=0, max_value=60_000)
