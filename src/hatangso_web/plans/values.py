"""What a finding's value must look like before it may become a target, a task or a duty, and its columns then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.vietnamese import nfc
from hatangso_web.plans.models import Finding, Kind, Level

COMPARATORS = (">=", ">", "<=", "<", "=")


def check_value(kind: str, value: dict[str, Any]) -> None:
    """Refuse a value that cannot be confirmed, with the sentence that says what is missing.

    Raises
    ------
    InputError
        when something a target, task, assignment, duty or header needs is missing.
    """
    missing = _missing(kind, value)
    if missing:
        raise InputError(missing[0], remedy=missing[1])


def _missing(kind: str, value: dict[str, Any]) -> tuple[str, str] | None:
    if kind == Kind.TARGET and value.get("value") is None and not value.get("qualitative"):
        return _("Chỉ tiêu này chưa có giá trị"), _(
            "Bấm “Sửa” để ghi giá trị, hoặc đánh dấu là chỉ tiêu định tính"
        )
    if kind == Kind.TASK and not str(value.get("name") or "").strip():
        return _("Nhiệm vụ này chưa có tên"), _("Bấm “Sửa” để ghi tên nhiệm vụ")
    if kind == Kind.ASSIGNMENT and not str(value.get("office") or "").strip():
        return _("Phân công này chưa rõ cơ quan"), _("Bấm “Sửa” để ghi tên cơ quan, đơn vị")
    if kind == Kind.HEADER and not str(value.get("title") or "").strip():
        return _("Kế hoạch chưa có tên"), _("Bấm “Sửa” để ghi tên kế hoạch")
    return None


def header_columns(value: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a plan from the value of its header; an unknown title is left out."""
    period = [*(value.get("period") or []), None, None]
    start, until = year_of(period[0]), year_of(period[1])
    if start and until and start > until:
        start, until = until, start
    columns = {
        "kind": short(value.get("kind"), 60),
        "number": short(value.get("number"), 80),
        "issuer": short(value.get("issuer"), 200),
        "level": value.get("level") if value.get("level") in Level.values else Level.UNKNOWN,
        "place": short(value.get("place"), 120),
        "signed_date": day_of(value.get("date")),
        "period_from": start,
        "period_until": until,
    }
    title = short(value.get("title"), 500)
    return {**columns, "title": title} if title else columns


def target_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns of a target."""
    value = finding.value
    year = year_of(value.get("year"))
    number = value.get("value")
    return {
        "text": finding.text,
        "indicator": short(value.get("indicator"), 20),
        "comparator": value.get("comparator") if value.get("comparator") in COMPARATORS else "",
        "value": None if number is None else float(number),
        "unit": short(value.get("unit"), 60),
        "statistic": short(value.get("statistic"), 20),
        "year": year,
        "due_date": day_of(value.get("due")) or (date(year, 12, 31) if year else None),
        "conditions": value.get("conditions") or [],
        "baseline": value.get("baseline"),
        "maintain": bool(value.get("maintain")),
        "qualitative": bool(value.get("qualitative")),
    }


def task_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns of a task; a year alone means its last day."""
    value = finding.value
    until = value.get("until")
    return {
        "number": short(value.get("number"), 20),
        "group": short(value.get("group"), 300),
        "name": str(value.get("name") or ""),
        "items": lines(value.get("items")),
        "from_year": year_of(value.get("from")),
        "due_date": day_of(until) or (date(year_of(until) or 1, 12, 31) if year_of(until) else None),
        "when": short(value.get("when"), 300),
    }


def assignment_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns of an assignment."""
    return {"office": short(finding.value.get("office"), 300), "items": lines(finding.value.get("items"))}


def duty_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns of a duty; a day or month that does not exist is left empty."""
    value = finding.value
    day, month = value.get("day"), value.get("month")
    return {
        "text": finding.text,
        "who": short(value.get("who"), 500),
        "to": short(value.get("to"), 500),
        "day": day if isinstance(day, int) and 1 <= day <= 31 else None,
        "month": month if isinstance(month, int) and 1 <= month <= 12 else None,
        "year": year_of(value.get("year")),
        "every": short(value.get("every"), 40),
    }


def basis_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns of a legal basis."""
    value = finding.value
    return {
        "number": short(value.get("number"), 80),
        "signed_date": day_of(value.get("date")),
        "issuer": short(value.get("issuer"), 200),
        "text": finding.text or str(value.get("text") or ""),
        "is_parent": bool(value.get("parent")),
    }


def year_of(value: Any) -> int | None:
    """Return the year of a year or an ISO date; None for anything else."""
    if isinstance(value, int | float) and 1900 <= value <= 2200:
        return int(value)
    text = str(value or "")[:4]
    return int(text) if text.isdigit() and 1900 <= int(text) <= 2200 else None


def day_of(value: Any) -> date | None:
    """Return the day of an ISO date; None for anything else."""
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None


def lines(value: Any) -> list[str]:
    """Return a list of sentences from a list or one sentence, empty ones dropped."""
    parts: Iterable[Any] = value if isinstance(value, list) else [value]
    return [str(part).strip() for part in parts if str(part or "").strip()]


def short(value: Any, limit: int) -> str:
    """Return the value as NFC text of at most ``limit`` letters."""
    text = " ".join(nfc(str(value if value is not None else "")).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
