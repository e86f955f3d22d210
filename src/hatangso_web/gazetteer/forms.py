"""Forms of the gazetteer: which day, a file of areas, a change with its lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hatangso.vietnamese import parse_number
from hatangso_web.areas.forms import AreaField
from hatangso_web.areas.models import Area, ChangeKind, Level
from hatangso_web.gazetteer.actions import Entry, HandedIn
from hatangso_web.gazetteer.files import MAPS, TABLES
from hatangso_web.gazetteer.models import FileKind, Revision

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LEVELS = [choice for choice in Level.choices if choice[0] != "country"]
_BOUNDARY_LEVELS = [(key, dict(Level.choices)[key]) for key in ("commune", "district", "province")]
_KINDS = [
    ("", _("giữ như trước")), *((kind, kind) for kind in (
        "Tỉnh", "Thành phố", "Phường", "Xã", "Đặc khu", "Thị trấn", "Thị xã", "Quận", "Huyện",
    )),
]  # fmt: skip


class BrowseForm(forms.Form):
    """The day, the words and the level of the list."""

    ngay = forms.DateField(label=_("Vào ngày"), required=False, widget=DAY)
    tim = forms.CharField(
        label=_("Tìm tên hoặc mã"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    cap = forms.ChoiceField(label=_("Cấp"), required=False, choices=LEVELS)


class FileForm(forms.Form):
    """A file of villages, other areas or boundaries."""

    kind = forms.ChoiceField(label=_("Tệp này là"), choices=FileKind.choices)
    file = forms.FileField(
        label=_("Tệp"),
        widget=forms.FileInput(attrs={"accept": ",".join(dict.fromkeys((*TABLES, *MAPS)))}),
        help_text=_(
            "Danh sách: Excel, CSV có cột tên, mã xã và nếu có: mã, loại, dân số, số hộ, kinh độ, vĩ độ. "
            "Ranh giới: GeoJSON, GeoPackage, Shapefile nén .zip, GeoParquet có cột mã đơn vị hoặc tên cùng tỉnh."
        ),
        error_messages={
            "required": _("Hãy chọn tệp."),
            "empty": _("Tệp này không có nội dung; hãy chọn lại."),
        },
    )
    on = forms.DateField(
        label=_("Theo đơn vị hành chính ngày"),
        widget=DAY,
        help_text=_("Mã xã trong tệp được đối chiếu với danh mục của ngày này."),
    )
    level = forms.ChoiceField(
        label=_("Cấp của ranh giới"), choices=_BOUNDARY_LEVELS, required=False,
        help_text=_("Chỉ dùng khi nạp ranh giới."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Nguồn số liệu"), required=False, max_length=300,
        help_text=_("In dưới mỗi bản đồ, ví dụ: Sở Nông nghiệp và Môi trường, 2026."),
    )  # fmt: skip

    def handed_in(self) -> HandedIn:
        """Return what was handed in."""
        wanted = self.cleaned_data
        level = wanted["level"] or "commune"
        return HandedIn(
            wanted["file"],
            wanted["kind"],
            wanted["on"],
            level if wanted["kind"] == FileKind.BOUNDARIES else "",
            wanted["source"],
        )


class RevisionForm(forms.Form):
    """What a resolution says as a whole."""

    kind = forms.ChoiceField(
        label=_("Thay đổi"),
        choices=[choice for choice in ChangeKind.choices if choice[0] != ChangeKind.DISSOLVE],
    )
    on = forms.DateField(label=_("Có hiệu lực từ ngày"), widget=DAY)
    legal_act = forms.CharField(
        label=_("Văn bản"), max_length=200, help_text=_("Số, ký hiệu, ví dụ: 1671/NQ-UBTVQH15")
    )


class FlowForm(forms.Form):
    """One line of a change: which unit goes where, and what the unit is called afterwards."""

    before = AreaField(required=False, label=_("Đơn vị trước thay đổi"), help_text="")
    after = forms.RegexField(
        r"^[0-9A-Za-z.-]+$", required=False, max_length=20, label=_("Mã sau thay đổi"),
        error_messages={"invalid": _("Mã chỉ gồm chữ không dấu, số và . -")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    share = forms.CharField(label=_("Phần chuyển đi (%)"), required=False)
    unit_kind = forms.ChoiceField(label=_("Loại sau thay đổi"), required=False, choices=_KINDS)
    name = forms.CharField(label=_("Tên sau thay đổi"), required=False, max_length=200)
    parent = AreaField(required=False, label=_("Thuộc"), help_text="")

    def clean_share(self) -> float | None:
        """Return the share from 0 to 1, or nothing where it is not known."""
        text = self.cleaned_data["share"].strip().removesuffix("%")
        if not text:
            return None
        percent = parse_number(text)
        if percent is None or not 0 <= percent <= 100:
            raise forms.ValidationError(_("Ghi số từ 0 đến 100, hoặc bỏ trống nếu văn bản không nói."))
        return float(percent) / 100

    def clean(self) -> dict[str, Any]:
        """Ask for the unit before the change wherever something else stands in the line."""
        wanted = super().clean() or {}
        rest = any(wanted.get(name) for name in ("after", "share", "unit_kind", "name", "parent"))
        if rest and not wanted.get("before") and "before" not in self.errors:
            self.add_error("before", _("Hãy ghi đơn vị trước thay đổi của dòng này."))
        return wanted

    def flow(self) -> dict[str, Any] | None:
        """Return the line as it is kept, or nothing for an empty one."""
        wanted = self.cleaned_data
        if not wanted.get("before"):
            return None
        return {
            "before": wanted["before"].code, "after": wanted["after"], "share": wanted["share"],
            "kind": wanted["unit_kind"], "name": wanted["name"].strip(),
            "parent": wanted["parent"].code if wanted["parent"] else "",
        }  # fmt: skip


FlowFormSet = forms.formset_factory(FlowForm, extra=3, max_num=300, absolute_max=300)


def entry_of(form: RevisionForm, lines: Any) -> Entry:
    """Return the change as written in both."""
    wanted = form.cleaned_data
    flows = tuple(flow for line in lines if (flow := line.flow()))
    return Entry(wanted["kind"], wanted["on"], wanted["legal_act"].strip(), flows)


def initial_of(revision: Revision) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the forms of a draft show."""
    codes = {flow[side] for flow in revision.flows for side in ("before", "parent") if flow[side]}
    areas = {area.code: area for area in Area.objects.filter(code__in=codes)}
    lines = [
        {
            "before": areas.get(flow["before"]), "after": flow["after"], "unit_kind": flow["kind"],
            "share": "" if flow["share"] is None else f"{100 * flow['share']:g}".replace(".", ","),
            "name": flow["name"], "parent": areas.get(flow["parent"]),
        }
        for flow in revision.flows
    ]  # fmt: skip
    return {"kind": revision.kind, "on": revision.on, "legal_act": revision.legal_act}, lines
