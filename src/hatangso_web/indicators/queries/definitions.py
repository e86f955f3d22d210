"""What a variable means, as it is told beside its cell: what is counted, who knows it, what it serves, which checks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hatangso import catalogue
from hatangso.indicators.checks import check_rules, known_variable
from hatangso.indicators.table_kinds import table_kinds

_SOURCES: dict[str, str | Promise] = {
    "commune": _("Ủy ban nhân dân xã"),
    "operator": _("doanh nghiệp viễn thông"),
    "statistics_office": _("cơ quan thống kê"),
    "department": _("sở, ngành"),
    "agency": _("cơ quan nhà nước"),
    "police": _("công an"),
    "i_speed": _("hệ thống đo tốc độ"),
    "postal_firm": _("doanh nghiệp bưu chính"),
    "security_centre": _("trung tâm an toàn thông tin"),
    "data_centre_operator": _("đơn vị vận hành trung tâm dữ liệu"),
}
_FREQUENCIES: dict[str, str | Promise] = {
    "year": _("mỗi năm một lần; giữa năm thường không đổi"),
    "half_year": _("mỗi nửa năm"),
    "quarter": _("mỗi quý"),
    "month": _("mỗi tháng"),
}
_HOW: dict[str, str | Promise] = {
    "count": _("Số nguyên, không âm; chưa có số liệu thì để trống, không ghi 0."),
    "measure": _("Số, viết như 1.234,5; chưa có số liệu thì để trống."),
    "yes_no": _("Ghi có hoặc không."),
    "class": _("Ghi một trong các mức cho phép."),
}


@dataclass(frozen=True)
class Definition:
    """What stands beside the cells of a variable."""

    how: str | Promise
    source: str | Promise
    frequency: str | Promise
    serves: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    tables: tuple[str, ...]


@lru_cache(maxsize=512)
def definition_of(code: str) -> Definition | None:
    """Return what a variable means; None for one that is not in the catalogue."""
    variable = known_variable(code)
    if variable is None:
        return None
    serves = tuple(
        (indicator.code, indicator.name_vi)
        for indicator in catalogue.indicators()
        if code in (indicator.numerator, indicator.denominator)
    )
    rules = tuple(
        rule.name_vi for rule in check_rules() if code in (rule.variable, rule.limit) or code in rule.parts
    )
    tables = tuple(
        kind.name_vi for kind in table_kinds() if code in {figure.variable for figure in kind.figures}
    )
    return Definition(
        _HOW.get(variable.kind, ""),
        _SOURCES.get(variable.source, variable.source),
        _FREQUENCIES.get(variable.frequency, variable.frequency),
        serves,
        rules,
        tables,
    )
