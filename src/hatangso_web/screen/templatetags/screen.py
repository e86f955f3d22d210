"""Filters and tags every template may use without loading them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hatangso.vietnamese import format_number
from hatangso_web.screen.icons import PATHS
from hatangso_web.screen.statuses import STATUSES
from hatangso_web.screen.tables import SORT_PARAMETER, Listing

register = template.Library()

_ENGLISH_MARKS = str.maketrans(".,", ",.")


@register.filter
def vnumber(value: float | int | Decimal | None, decimals: int | None = None) -> str:
    """Write a number as 1.234,5 (1,234.5 on English pages); nothing for ``None``."""
    if value is None or value == "":
        return ""
    text = format_number(value, decimals)
    return text.translate(_ENGLISH_MARKS) if get_language() == "en" else text


@register.filter
def vpercent(share: float | None, decimals: int | None = None) -> str:
    """Write a share from 0 to 1 as a percentage: 0.856 → 85,6%."""
    return "" if share is None else f"{vnumber(share * 100, decimals)}%"


@register.filter
def vdate(value: date | datetime | None) -> str:
    """Write a day as 21/11/2026."""
    if value is None or value == "":
        return ""
    day = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


@register.filter
def vdatetime(value: datetime | None) -> str:
    """Write a moment as 08:05 21/11/2026, in the time of the office."""
    if value is None or value == "":
        return ""
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{moment.hour:02}:{moment.minute:02} {vdate(moment)}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a small picture; it says nothing to a screen reader, the word beside it does."""
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        PATHS.get(name, PATHS["info"]),
    )


@register.simple_tag
def badge(word: str, tone: str = "plain", picture: str = "circle") -> SafeString:
    """Show a word with drawing and tone: tones are good, fair, late, bad, unknown, plain, busy."""
    return format_html('<span class="status status--{}">{}{}</span>', tone, icon(picture), word)


@register.filter
def status(key: str) -> SafeString:
    """Show a status of the office by its key (``met``, ``waiting`` …)."""
    found = STATUSES[str(key)]
    return badge(str(found.word), found.tone, found.icon)


@register.simple_tag(takes_context=True)
def sort_header(
    context: template.Context, listing: Listing, key: str, word: str, css: str = ""
) -> SafeString:
    """Write the head of a column that can be sorted: a link that keeps the other filters."""
    here = listing.sort == key
    query = context["request"].GET.copy()
    query.pop("trang", None)
    query[SORT_PARAMETER] = f"-{key}" if here and not listing.descending else key
    return format_html(
        '<th scope="col" class="{}"{}><a class="sort" href="?{}">{}{}</a></th>',
        css,
        format_html(' aria-sort="{}"', "descending" if listing.descending else "ascending") if here else "",
        query.urlencode(),
        word,
        icon(("down" if listing.descending else "up") if here else "both"),
    )


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """Return the entry of a mapping, nothing when it has none."""
    return mapping.get(key)


@register.filter
def detail(value: Any) -> str:
    """Write one detail of an audit event: a pair of values as "before → after"."""
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(str(part) or "∅" for part in value)
    return "" if value is None else str(value)
