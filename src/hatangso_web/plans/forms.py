"""Forms of plans: handing in a file, narrowing a list, one form per kind of finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.vietnamese import format_number, parse_number
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_filter
from hatangso_web.accounts.roles import Permission
from hatangso_web.areas.forms import AreaField
from hatangso_web.areas.models import Area
from hatangso_web.plans.actions.upload import FORMATS
from hatangso_web.plans.models import Kind, Level
from hatangso_web.plans.queries.due import ALL_DAYS, SPANS, USUAL_DAYS
from hatangso_web.plans.queries.lists import STATES
from hatangso_web.plans.values import day_of, lines
from hatangso_web.plans.wording import COMPARATOR_WORDS, RHYTHM_WORDS, STATISTIC_WORDS, day_text

_WIDE = {"rows": 4}


class FileField(forms.FileField):
    """A plan file; the browser offers only the kinds that can be read."""

    widget = forms.FileInput(attrs={"accept": ",".join(FORMATS)})


class UploadForm(forms.Form):
    """A new plan: the area it is for and the file."""

    file = FileField(
        label=_("Tệp kế hoạch"),
        help_text=_("Word (.docx), PDF có chữ (không phải ảnh quét), .txt, .html hoặc .md."),
        error_messages={
            "required": _("Hãy chọn tệp kế hoạch."),
            "empty": _("Tệp này không có nội dung; hãy chọn lại."),
        },
    )
    area = AreaField(error_messages={"required": _("Hãy ghi địa bàn của kế hoạch.")})

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        areas = Area.objects.filter(areas_filter(user, Permission.READ_PLANS))
        self.fields["area"].areas = areas  # type: ignore[attr-defined]
        own = [
            membership.area
            for membership in user.memberships_held
            if membership.area and membership.area in areas
        ]
        if own and not self.is_bound:
            self.fields["area"].initial = own[0]


class NewVersionForm(forms.Form):
    """A further version of a plan: the file and why."""

    file = FileField(
        label=_("Tệp của bản mới"),
        help_text=_("Cả văn bản sau khi sửa đổi, bổ sung; các xác nhận đã có được giữ cho phần không đổi."),
        error_messages={
            "required": _("Hãy chọn tệp."),
            "empty": _("Tệp này không có nội dung; hãy chọn lại."),
        },
    )
    note = forms.CharField(
        label=_("Ghi chú"),
        required=False,
        max_length=300,
        help_text=_("Ví dụ: sửa đổi theo Quyết định số …"),
    )


class PlanFilterForm(forms.Form):
    """What the list of plans is narrowed to."""

    q = forms.CharField(label=_("Tìm"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    cap = forms.ChoiceField(label=_("Cấp"), required=False)
    nam = forms.IntegerField(label=_("Có hiệu lực trong năm"), required=False, min_value=1990, max_value=2100)
    tinh_trang = forms.ChoiceField(label=_("Tình trạng"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        levels = [(level.value, level.label) for level in Level if level.value]
        self.fields["cap"].choices = [("", _("Tất cả")), *levels]  # type: ignore[attr-defined]
        self.fields["tinh_trang"].choices = [("", _("Tất cả")), *STATES]  # type: ignore[attr-defined]


class DueFilterForm(forms.Form):
    """What the list of what is due is narrowed to."""

    co_quan = forms.CharField(
        label=_("Cơ quan"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "list": "cac-co-quan"}),
    )
    loai = forms.ChoiceField(
        label=_("Loại"),
        required=False,
        choices=[
            ("", _("Tất cả")),
            (Kind.TARGET.value, Kind.TARGET.label),
            (Kind.TASK.value, Kind.TASK.label),
            (Kind.DUTY.value, Kind.DUTY.label),
        ],
    )
    trong = forms.TypedChoiceField(
        label=_("Thời gian"),
        required=False,
        coerce=int,
        empty_value=USUAL_DAYS,
        choices=[*SPANS, (ALL_DAYS, _("Tất cả các năm"))],
    )

    def __init__(self, data: Mapping[str, Any], *args: Any, **options: Any) -> None:
        """Take the usual time where none is chosen, so that the box says what the list shows."""
        asked = {key: data[key] for key in data}
        super().__init__({**asked, "trong": asked.get("trong") or str(USUAL_DAYS)}, *args, **options)


class LinesField(forms.CharField):
    """A list, one entry per line."""

    widget = forms.Textarea(attrs=_WIDE)

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(lines(value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        """Return the lines that are not empty."""
        return [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]


class NumberField(forms.CharField):
    """A number as written in Vietnam: 1.234,5."""

    def prepare_value(self, value: Any) -> Any:
        """Show a number as 1.234,5."""
        return format_number(value) if isinstance(value, int | float) else value

    def clean(self, value: Any) -> float | None:  # type: ignore[override]
        """Return the number, nothing for an empty field."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_number(text)
        except InputError as fault:
            raise forms.ValidationError(str(fault)) from fault


class DayField(forms.CharField):
    """A day as dd/mm/yyyy; kept as an ISO date."""

    def prepare_value(self, value: Any) -> Any:
        """Show an ISO date as dd/mm/yyyy."""
        return day_text(value) or value

    def clean(self, value: Any) -> str | None:  # type: ignore[override]
        """Return the ISO date, nothing for an empty field."""
        text = (super().clean(value) or "").strip()
        if not text:
            return None
        parts = text.replace("-", "/").replace(".", "/").split("/")
        iso = "-".join(part.zfill(2) for part in reversed(parts)) if len(parts) == 3 else ""
        if day_of(iso) is None:
            raise forms.ValidationError(
                _now("“%(text)s” không phải là ngày; hãy ghi như 20/12/2025.") % {"text": text}
            )
        return iso


class ValueForm(forms.Form):
    """The value of a finding; entries of the value that have no field are kept as they are."""

    def value_of(self, old: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the new value."""
        return {**(old or {}), **{name: self.cleaned_data[name] for name in self.fields}}

    @classmethod
    def initial_of(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show for a value."""
        return dict(value)


class HeaderForm(ValueForm):
    """What the head of a plan says."""

    title = forms.CharField(label=_("Tên kế hoạch"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.CharField(label=_("Loại văn bản"), max_length=60, required=False)
    number = forms.CharField(label=_("Số, ký hiệu"), max_length=80, required=False)
    issuer = forms.CharField(label=_("Cơ quan ban hành"), max_length=200, required=False)
    level = forms.ChoiceField(label=_("Cấp"), required=False, choices=Level.choices)
    place = forms.CharField(label=_("Nơi ban hành"), max_length=120, required=False)
    date = DayField(
        label=_("Ngày ban hành"),
        required=False,
        help_text=_("Ghi như 20/12/2025; để trống nếu văn bản để trống."),
    )
    period_from = forms.IntegerField(
        label=_("Giai đoạn từ năm"), required=False, min_value=1990, max_value=2100
    )
    period_until = forms.IntegerField(label=_("đến năm"), required=False, min_value=1990, max_value=2100)

    def clean(self) -> dict[str, Any]:
        """See that the period runs forward."""
        cleaned = super().clean() or {}
        start, until = cleaned.get("period_from"), cleaned.get("period_until")
        if start and until and start > until:
            self.add_error("period_until", _now("Năm cuối phải sau hoặc bằng năm đầu."))
        return cleaned

    def value_of(self, old: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the new value; the two years become the period."""
        value = super().value_of(old)
        period = [value.pop("period_from"), value.pop("period_until")]
        value["period"] = period if any(period) else None
        return value

    @classmethod
    def initial_of(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show; the period as two years."""
        period = [*(value.get("period") or []), None, None]
        return {**value, "period_from": period[0], "period_until": period[1]}


class BasisForm(ValueForm):
    """A legal basis."""

    number = forms.CharField(label=_("Số, ký hiệu"), max_length=80, required=False)
    date = DayField(label=_("Ngày"), required=False)
    issuer = forms.CharField(label=_("Cơ quan ban hành"), max_length=200, required=False)
    parent = forms.BooleanField(label=_("Là kế hoạch cấp trên của kế hoạch này"), required=False)


class TargetForm(ValueForm):
    """A target."""

    indicator = forms.ChoiceField(label=_("Chỉ số"), required=False)
    comparator = forms.ChoiceField(label=_("So sánh"), required=False, choices=COMPARATOR_WORDS)
    value = NumberField(label=_("Giá trị"), required=False, help_text=_("Viết như 1.234,5."))
    unit = forms.CharField(label=_("Đơn vị tính"), max_length=60, required=False)
    statistic = forms.ChoiceField(label=_("Cách tính"), required=False)
    year = forms.IntegerField(label=_("Năm"), required=False, min_value=1990, max_value=2100)
    due = DayField(label=_("Hạn"), required=False, help_text=_("Để trống là 31/12 của năm."))
    conditions = LinesField(label=_("Điều kiện"), required=False, help_text=_("Mỗi dòng một điều kiện."))
    baseline = NumberField(label=_("Mức hiện tại"), required=False)
    maintain = forms.BooleanField(label=_("Chỉ tiêu duy trì (phải giữ ở mọi kỳ)"), required=False)
    qualitative = forms.BooleanField(label=_("Chỉ tiêu định tính (không có số)"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        entries = [(entry.code, f"{entry.code} · {entry.name_vi}") for entry in catalogue.indicators()]
        chosen = self.initial.get("statistic") or ""
        extra = [] if chosen in dict(STATISTIC_WORDS) else [(chosen, chosen)]
        self.fields["indicator"].choices = [("", _("Chưa có trong danh mục")), *entries]  # type: ignore[attr-defined]
        self.fields["statistic"].choices = [*STATISTIC_WORDS, *extra]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """See that there is a number, or the word that there is none."""
        cleaned = super().clean() or {}
        if cleaned.get("value") is None and not cleaned.get("qualitative") and "value" not in self.errors:
            self.add_error("value", _now("Ghi giá trị, hoặc đánh dấu là chỉ tiêu định tính."))
        return cleaned

    def value_of(self, old: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the new value; no indicator is None, and a year alone moves the day with it."""
        value = super().value_of(old)
        value["indicator"] = value["indicator"] or None
        due = day_of(value.get("due"))
        year = value.get("year")
        if year and (due is None or due.year != year):
            value["due"] = f"{year}-12-31"
        return value


class TaskForm(ValueForm):
    """A task."""

    number = forms.CharField(label=_("STT"), max_length=20, required=False)
    group = forms.CharField(label=_("Nhóm"), max_length=300, required=False)
    name = forms.CharField(label=_("Nhiệm vụ"), widget=forms.Textarea(attrs={"rows": 2}))
    items = LinesField(label=_("Nội dung"), required=False, help_text=_("Mỗi dòng một việc."))
    lead = LinesField(label=_("Cơ quan chủ trì"), required=False, help_text=_("Mỗi dòng một cơ quan."))
    partners = LinesField(label=_("Cơ quan phối hợp"), required=False, help_text=_("Mỗi dòng một cơ quan."))
    start = forms.IntegerField(label=_("Từ năm"), required=False, min_value=1990, max_value=2100)
    until = forms.IntegerField(label=_("Đến năm"), required=False, min_value=1990, max_value=2100)
    when = forms.CharField(label=_("Thời gian ghi trong văn bản"), max_length=300, required=False)

    def value_of(self, old: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the new value; ``start`` is kept under its name in the reading, ``from``."""
        value = super().value_of(old)
        value["from"] = value.pop("start")
        return value

    @classmethod
    def initial_of(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields show; dates are shown as years."""
        years = {name: str(value.get(key) or "")[:4] for name, key in (("start", "from"), ("until", "until"))}
        return {**value, **years}


class AssignmentForm(ValueForm):
    """What one office is assigned."""

    office = forms.CharField(label=_("Cơ quan, đơn vị"), max_length=300)
    items = LinesField(label=_("Việc được giao"), required=False, help_text=_("Mỗi dòng một việc."))


class DutyForm(ValueForm):
    """A duty to report."""

    who = forms.CharField(label=_("Ai báo cáo"), max_length=500, required=False)
    to = forms.CharField(label=_("Báo cáo ai"), max_length=500, required=False)
    day = forms.IntegerField(label=_("Ngày"), required=False, min_value=1, max_value=31)
    month = forms.IntegerField(label=_("Tháng"), required=False, min_value=1, max_value=12)
    year = forms.IntegerField(
        label=_("Năm"),
        required=False,
        min_value=1990,
        max_value=2100,
        help_text=_("Để trống nếu năm nào cũng báo cáo."),
    )
    every = forms.ChoiceField(label=_("Định kỳ"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.initial.get("every") or ""
        extra = [] if chosen in RHYTHM_WORDS else [(chosen, chosen)]
        self.fields["every"].choices = [*RHYTHM_WORDS.items(), *extra]  # type: ignore[attr-defined]

    def value_of(self, old: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the new value; no rhythm is None."""
        value = super().value_of(old)
        value["every"] = value["every"] or None
        return value


FORM_OF: dict[str, type[ValueForm]] = {
    Kind.HEADER: HeaderForm,
    Kind.BASIS: BasisForm,
    Kind.TARGET: TargetForm,
    Kind.TASK: TaskForm,
    Kind.ASSIGNMENT: AssignmentForm,
    Kind.DUTY: DutyForm,
}
ADDABLE = (Kind.TARGET, Kind.TASK, Kind.ASSIGNMENT, Kind.DUTY, Kind.BASIS)


class QuotationForm(forms.Form):
    """The sentence something added by hand was read from."""

    quotation = forms.CharField(
        label=_("Câu trong văn bản"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Chép nguyên văn từ văn bản bên cạnh, hoặc bôi đen câu đó rồi bấm phím n. Để trống nếu không có."
        ),
    )
    restricted = forms.BooleanField(
        label=_("Thuộc phạm vi hạn chế"),
        required=False,
        help_text=_("Chỉ người được phép mới thấy nội dung này và câu của nó trong văn bản."),
    )

    def __init__(self, *args: Any, may_restrict: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_restrict:
            del self.fields["restricted"]
