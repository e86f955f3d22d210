"""How targets, dates and rhythms are written out for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.vietnamese import format_number
from hatangso_web.plans.models import Target

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}
COMPARATOR_WORDS = (
    (">=", gettext_lazy("≥ (đạt, tối thiểu, từ … trở lên)")),
    (">", gettext_lazy("> (trên, hơn)")),
    ("<=", gettext_lazy("≤ (không quá, tối đa)")),
    ("<", gettext_lazy("< (dưới)")),
    ("=", gettext_lazy("= (đúng bằng)")),
)
STATISTIC_WORDS = (
    ("", gettext_lazy("không nêu")),
    ("share", gettext_lazy("tỷ lệ")),
    ("mean", gettext_lazy("trung bình")),
    ("median", gettext_lazy("trung vị")),
    ("count", gettext_lazy("số lượng")),
    ("ratio", gettext_lazy("tỷ số")),
    ("value", gettext_lazy("giá trị")),
)
RHYTHM_WORDS = {
    "": gettext_lazy("không nêu"),
    "once": gettext_lazy("một lần"),
    "year": gettext_lazy("hằng năm"),
    "half-year": gettext_lazy("6 tháng"),
    "quarter": gettext_lazy("hằng quý"),
    "month": gettext_lazy("hằng tháng"),
    "week": gettext_lazy("hằng tuần"),
    "periodic": gettext_lazy("định kỳ, không nêu kỳ"),
}


_PLACE_WORDS = {
    "-": gettext_lazy("gạch đầu dòng thứ %(number)s"),
    "+": gettext_lazy("ý thứ %(number)s"),
    "*": gettext_lazy("ý thứ %(number)s"),
    "p": gettext_lazy("đoạn thứ %(number)s"),
    "pl": gettext_lazy("Phụ lục %(number)s"),
    "r": gettext_lazy("dòng %(number)s"),
    "c": gettext_lazy("cột %(number)s"),
    "dieu": gettext_lazy("Điều %(number)s"),
}


def figure(comparator: str, value: float | None, unit: str) -> str:
    """Return "≥ 95 %" with blanks that do not break; an empty value gives an empty text."""
    if value is None:
        return ""
    parts = filter(None, [SIGNS.get(comparator, ""), format_number(value), unit.replace(" ", "\u00a0")])
    return "\u00a0".join(parts)  # never broken over two lines


def indicator_name(code: str | None) -> str:
    """Return the Vietnamese name of an indicator, or nothing for one the catalogue does not hold."""
    if not code:
        return ""
    try:
        return catalogue.indicator(code).name_vi
    except InputError:
        return ""


def target_sentence(target: Target) -> str:
    """Return a target in one line: name and figure, or its sentence where it has no indicator."""
    name = indicator_name(target.indicator) or target.text
    written = figure(target.comparator, target.value, target.unit)
    return f"{name}: {written}" if written else name


def rhythm(every: str) -> str:
    """Return how often, in words."""
    return str(RHYTHM_WORDS.get(every, every))


def summary_of(kind: str, value: dict[str, Any]) -> tuple[str, str]:
    """Return what a finding says in one line, and a second, lesser line."""
    if kind == "target":
        code = value.get("indicator")
        written = figure(value.get("comparator") or "", value.get("value"), value.get("unit") or "")
        name = indicator_name(code) or _("Chỉ tiêu chưa có trong danh mục")
        by_when = _("đến năm %(year)s") % {"year": value["year"]} if value.get("year") else ""
        return ": ".join(filter(None, [name, written or _("định tính")])), by_when
    if kind == "task":
        number = f"{value['number']}. " if value.get("number") else ""
        years = dict(_task(value))[_("Thời gian")]
        lead = _text(value.get("lead")) or _("chưa rõ cơ quan chủ trì")
        return number + _text(value.get("name")), " · ".join(filter(None, [lead, years]))
    if kind == "assignment":
        return _text(value.get("office")), _("%(number)s việc") % {"number": len(value.get("items") or [])}
    if kind == "duty":
        lines = dict(_duty(value))
        who = lines[_("Ai báo cáo")] or _("(chưa rõ ai)")
        return f"{who} → {lines[_('Báo cáo ai')]}", " · ".join(
            filter(None, [lines[_("Hạn")], lines[_("Định kỳ")]])
        )
    if kind == "basis":
        day = day_text(value.get("date"))
        return " · ".join(filter(None, [_text(value.get("number")) or _("không số"), day])), _text(
            value.get("issuer")
        )
    return _text(value.get("title") or value.get("text")), _text(value.get("number") or "")


def clause_words(clause: str) -> str:
    """Return where a clause stands as people say it: ``ii.1.đ.-2`` is "II.1.đ, gạch đầu dòng thứ 2"."""
    numbered: list[str] = []
    told: list[str] = []
    for place, part in enumerate(clause.split(".")):
        name = part.rstrip("0123456789")
        number = part[len(name) :]
        if name in _PLACE_WORDS and number:
            told.append(_PLACE_WORDS[name] % {"number": number})
        else:
            numbered.append(part.upper() if place == 0 and set(part) <= set("ivxlc") else part)
    return ", ".join(filter(None, [".".join(filter(None, numbered)), *told]))


def value_lines(kind: str, value: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a value says as (label, text) lines, for the card of a finding and for comparing two values."""
    writer = _WRITERS.get(kind)
    return [(label, text) for label, text in (writer(value) if writer else []) if text]


def _header(value: dict[str, Any]) -> list[tuple[str, str]]:
    period = [str(year) for year in value.get("period") or [] if year]
    area = value.get("area") or {}
    return [
        (_("Tên"), _text(value.get("title"))),
        (_("Loại văn bản"), _text(value.get("kind"))),
        (_("Số, ký hiệu"), _text(value.get("number"))),
        (_("Cơ quan ban hành"), _text(value.get("issuer"))),
        (_("Ngày"), day_text(value.get("date"))),
        (_("Giai đoạn"), " - ".join(dict.fromkeys(period))),
        (_("Địa bàn"), _text(area.get("name") if isinstance(area, dict) else area)),
    ]


def _basis(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Số, ký hiệu"), _text(value.get("number"))),
        (_("Ngày"), day_text(value.get("date"))),
        (_("Cơ quan ban hành"), _text(value.get("issuer"))),
        (_("Quan hệ"), _("kế hoạch cấp trên") if value.get("parent") else ""),
    ]


def _target(value: dict[str, Any]) -> list[tuple[str, str]]:
    code = value.get("indicator")
    name = indicator_name(code)
    statistic = dict(STATISTIC_WORDS).get(value.get("statistic") or "", value.get("statistic"))
    return [
        (_("Chỉ số"), f"{name} ({code})" if name else _text(code) or _("chưa có trong danh mục")),
        (_("Mức"), figure(value.get("comparator") or "", value.get("value"), value.get("unit") or "")),
        (_("Loại"), _("định tính") if value.get("qualitative") else ""),
        (_("Năm"), _text(value.get("year"))),
        (_("Hạn"), day_text(value.get("due"))),
        (_("Cách tính"), str(statistic) if value.get("statistic") else ""),
        (_("Điều kiện"), _text(value.get("conditions"))),
        (_("Mức hiện tại"), _text(value.get("baseline"))),
        (_("Duy trì"), _("có, phải giữ ở mọi kỳ") if value.get("maintain") else ""),
    ]


def _task(value: dict[str, Any]) -> list[tuple[str, str]]:
    years = [str(year)[:4] for year in (value.get("from"), value.get("until")) if year]
    return [
        (_("STT"), _text(value.get("number"))),
        (_("Nhiệm vụ"), _text(value.get("name"))),
        (_("Chủ trì"), _text(value.get("lead"))),
        (_("Phối hợp"), _text(value.get("partners"))),
        (_("Thời gian"), " - ".join(dict.fromkeys(years)) or _text(value.get("when"))),
        (_("Nội dung"), _text(value.get("items"))),
    ]


def _assignment(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Cơ quan, đơn vị"), _text(value.get("office"))),
        (_("Việc được giao"), _text(value.get("items"))),
    ]


def _duty(value: dict[str, Any]) -> list[tuple[str, str]]:
    day = "/".join(
        str(part).zfill(2)
        for part in (value.get("day"), value.get("month"), value.get("year"))
        if part is not None
    )
    return [
        (_("Ai báo cáo"), _text(value.get("who"))),
        (_("Báo cáo ai"), _text(value.get("to"))),
        (_("Hạn"), day),
        (_("Định kỳ"), rhythm(str(value.get("every") or ""))),
    ]


def _warning(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [(_("Cảnh báo"), _text(value.get("text")))]


def day_text(value: Any) -> str:
    """Return an ISO date as dd/mm/yyyy."""
    parts = str(value or "")[:10].split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_text(part) for part in value)))
    if isinstance(value, dict):
        return " ".join(filter(None, (_text(part) for part in value.values())))
    if isinstance(value, float):
        return format_number(value)
    return str(value)


_WRITERS = {
    "header": _header,
    "basis": _basis,
    "target": _target,
    "task": _task,
    "assignment": _assignment,
    "duty": _duty,
    "warning": _warning,
}
