"""From what the engine read to findings ready to be stored: one draft per thing a person decides on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hatangso.vietnamese import fold
from hatangso_web.plans.models import Kind
from hatangso_web.plans.source import Span, one_line, overlaps

_LISTS = (
    ("targets", Kind.TARGET),
    ("tasks", Kind.TASK),
    ("assignments", Kind.ASSIGNMENT),
    ("duties", Kind.DUTY),
    ("warnings", Kind.WARNING),
)
_HEADER_FIELDS = ("kind", "number", "issuer", "level", "place", "date", "title", "period", "area")


@dataclass(frozen=True)
class Draft:
    """A finding before it is stored."""

    kind: str
    position: int
    value: dict[str, Any]
    clause: str
    start: int | None
    end: int | None
    text: str
    restricted: bool
    warned: bool

    @property
    def span(self) -> Span | None:
        """Where it stands, or None when it has no sentence of its own."""
        return None if self.start is None or self.end is None else (self.start, self.end)


def drafts_of(reading: dict[str, Any], *, source: str, restricted_spans: Sequence[Span]) -> list[Draft]:
    """Return the findings of a reading (the JSON of ``plan_to_json``) in the order they are reviewed.

    A finding is restricted when the engine says so, when its sentence touches a restricted span, or when it
    repeats the name of a restricted task. It is warned when a warning points at its sentence; a restricted
    warning does not mark what everyone sees.
    """
    header = reading.get("header") or {}
    warnings = reading.get("warnings") or []
    secret_names = [
        fold(str(task["name"]))
        for task in reading.get("tasks") or []
        if task.get("restricted") and task.get("name")
    ]
    all_spans = [span for span in (_span_of(warning) for warning in warnings) if span]
    public_spans = [
        span
        for warning in warnings
        if (span := _span_of(warning))
        and not overlaps(span, restricted_spans)
        and not _names_one(str(warning.get("text") or ""), secret_names)
    ]
    entries: list[tuple[str, dict[str, Any]]] = [
        (Kind.HEADER, {name: header.get(name) for name in _HEADER_FIELDS})
    ]
    entries += [(Kind.BASIS, dict(basis)) for basis in header.get("bases") or []]
    for name, of_kind in _LISTS:
        entries += [(of_kind, dict(entry)) for entry in reading.get(name) or []]
    drafts = []
    for position, (kind, value) in enumerate(entries):
        span = _span_of(value)
        text = _text_of(kind, value, source, span)
        flagged = bool(value.get("restricted")) or bool(span and overlaps(span, restricted_spans))
        restricted = flagged or (kind != Kind.HEADER and _names_one(text, secret_names))
        warned_spans = all_spans if restricted else public_spans
        drafts.append(
            Draft(
                kind=kind,
                position=position,
                value={name: part for name, part in value.items() if name not in {"where", "restricted"}},
                clause=str((value.get("where") or {}).get("clause") or "")[:120],
                start=span[0] if span else None,
                end=span[1] if span else None,
                text=text,
                restricted=restricted,
                warned=kind != Kind.WARNING and bool(span and overlaps(span, warned_spans)),
            )
        )
    return drafts


def secret_spans(reading: dict[str, Any], flagged: Sequence[Span]) -> list[Span]:
    """Return the spans nobody without the right may read: those the engine flags and those of restricted entries."""
    spans = {(start, end) for start, end in flagged if end > start}
    for name, _kind in _LISTS:
        for entry in reading.get(name) or []:
            span = _span_of(entry)
            if entry.get("restricted") and span:
                spans.add(span)
    return sorted(spans)


def _names_one(text: str, secret_names: Sequence[str]) -> bool:
    folded = fold(text)
    return any(name in folded for name in secret_names)


def _span_of(value: dict[str, Any]) -> Span | None:
    where = value.get("where") or {}
    start, end = where.get("start"), where.get("end")
    if start is None or end is None or end <= start:
        return None
    return int(start), int(end)


def _text_of(kind: str, value: dict[str, Any], source: str, span: Span | None) -> str:
    if kind == Kind.HEADER:
        return str(value.get("title") or "")
    if span and kind in {Kind.TASK, Kind.ASSIGNMENT}:
        return one_line(source[span[0] : span[1]], 4000)
    if value.get("text"):
        return one_line(str(value["text"]), 4000)
    return one_line(source[span[0] : span[1]], 4000) if span else ""
