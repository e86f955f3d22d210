"""Tasks of the annex tables and of marked passages, and what each office is given to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatangso.plans import document as kinds
from hatangso.plans.document import Clause, Document, Table, Where
from hatangso.plans.numbering import CAPITALS, from_roman, read_marker
from hatangso.plans.offices import office_of_heading, part_offices
from hatangso.plans.spoken_tasks import said_of_offices, spoken_task
from hatangso.plans.vocabulary import word_list
from hatangso.vietnamese import fold

_YEARS = re.compile(
    r"(?<!\d)(20[1-9]\d)\s*(?:[-–—÷]|đến(?: hết)?(?: năm)?|tới)\s*(?:năm\s*)?(20[1-9]\d)(?!\d)", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)(20[1-9]\d)(?!\d)")
_ITEM = re.compile(rf"\n|(?:(?<=^)|(?<=[.;:,…])|(?<=\s))[-–+•]\s+(?=[{CAPITALS}\d\"“(])")
_LEAD_MARK = re.compile(
    r"(?:(?:cơ quan|đơn vị|phòng, ban|đơn vị, cá nhân)\s+)?(?:chủ trì|chịu trách nhiệm)(?:\s+(?:thực hiện|tham mưu))?\s*:\s*",
    re.IGNORECASE,
)
_PARTNER_MARK = re.compile(
    r"(?:(?:cơ quan|đơn vị|các đơn vị|phòng, ban)\s+)?phối hợp(?:\s+thực hiện)?\s*:\s*", re.IGNORECASE
)
_WHEN_MARK = re.compile(
    r"(?:thời gian|thời hạn|tiến độ)(?:\s+(?:thực hiện|hoàn thành|triển khai))?(?:\s*,?\s*hoàn thành)?\s*:\s*",
    re.IGNORECASE,
)
_MARKS = re.compile(
    "|".join(f"(?:{pattern.pattern})" for pattern in (_LEAD_MARK, _PARTNER_MARK, _WHEN_MARK)), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Parameters
    ----------
    number : as numbered in its table: 7, or "2.1" where it has several parts, or None
    group : heading row above it, or None
    name, items : what is to be done, and its parts
    lead, partners : offices as written
    first_year, last_year : years of the work, None where only words are given
    when : the time as written
    restricted : whether secrecy rules keep it from the public
    where : the row or clause
    """

    number: int | str | None
    group: str | None
    name: str
    items: tuple[str, ...]
    lead: tuple[str, ...]
    partners: tuple[str, ...]
    first_year: int | None
    last_year: int | None
    when: str | None
    restricted: bool
    where: Where


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one office is given to do; ``wheres`` holds the place of each item."""

    office: str
    items: tuple[str, ...]
    restricted: bool
    where: Where
    wheres: tuple[Where, ...] = ()


def read_tasks(document: Document, restricted: frozenset[str] = frozenset()) -> list[Task]:
    """Return the tasks of the task tables in order, then those marked in the text by "Đơn vị chủ trì: …".

    A table is one of tasks when its heading names an office in charge or a time beside a task or content.
    """
    found: list[Task] = []
    for table in document.tables:
        roles = column_roles(table)
        if is_task_table(roles):
            found += _tasks_of_table(document, table, roles, restricted)
    return found + _tasks_of_text(document, restricted) + _tasks_spoken(document, restricted)


def column_roles(table: Table) -> dict[str, int]:
    """Return the 1-based column of each part of a task ("number", "name", "items", "lead", "partners", "when", …)."""
    patterns = word_list("offices")["columns"]
    roles: dict[str, int] = {}
    for column, heading in enumerate(table.columns, start=1):
        folded = fold(heading)
        fits = [role for role, listed in patterns.items() if any(re.search(each, folded) for each in listed)]
        role = next((each for each in fits if each not in roles), None)
        if role and folded:
            roles[role] = column
    if "name" not in roles and "items" in roles:
        roles["name"] = roles.pop("items")
    elif "name" in roles and "items" in roles and roles["items"] < roles["name"]:
        roles["name"], roles["items"] = roles["items"], roles["name"]
    return roles


def is_task_table(roles: dict[str, int]) -> bool:
    """Tell whether columns are those of a table of tasks, not of indicators or money alone."""
    if "name" not in roles:
        return False
    if "lead" in roles or "partners" in roles:
        return True
    return "when" in roles and "measure" not in roles


def read_years(text: str) -> tuple[int | None, int | None]:
    """Return the first and last year of a time as written; (None, None) for words such as "Hàng năm"."""
    match = _YEARS.search(text)
    if match:
        return int(match[1]), int(match[2])
    years = [int(year) for year in _YEAR.findall(text)]
    if not years:
        return None, None
    folded = fold(text)
    if re.search(r"\btu (?:nam|quy|thang|ngay)?", folded) and "den" not in folded.split():
        return years[0], (years[-1] if len(years) > 1 else None)
    if re.search(r"\b(?:den|truoc|cham nhat|hoan thanh|trong quy|quy|thang)\b|/", folded):
        return (years[0] if len(years) > 1 else None), years[-1]
    return years[0], years[-1]


def split_items(text: str) -> tuple[str, ...]:
    """Return the parts of a cell: its lines, and what follows dashes within them."""
    parts = (re.sub(r"^[-–+•*]\s*", "", part.strip()).strip() for part in _ITEM.split(text))
    return tuple(" ".join(part.split()) for part in parts if part and part.strip("-–+•*. "))


def read_assignments(document: Document, restricted: frozenset[str] = frozenset()) -> list[Assignment]:
    """Return what each office is given to do, from the sections on organisation and from a decision's articles."""
    found: list[Assignment] = []
    for clause in document.clauses:
        if clause.part == kinds.DECISION and fold(clause.text).startswith("giao "):
            named = office_of_heading(clause.text)
            if named:
                items = [
                    (named[1], clause.where),
                    *((each.text, each.where) for each in document.children(clause)),
                ]
                found += _assignments(named[0], items, clause.where, restricted)
        elif clause.part == kinds.BODY and _is_organisation(document, clause):
            for child in document.children(clause):
                found += _assigned_below(document, child, restricted, depth=0)
    return found


def _tasks_of_table(
    document: Document, table: Table, roles: dict[str, int], restricted: frozenset[str]
) -> list[Task]:
    found: list[Task] = []
    group: str | None = None
    rows = [document.clause(row) for row in table.rows]
    for at, row in enumerate(rows):
        cells = {column: cell.text for column, cell in document.cells(row).items()}
        heading = _group_of(cells, roles, rows[at + 1] if at + 1 < len(rows) else None, document)
        if heading is not None:
            group = heading
            continue
        name = _flat(cells.get(roles["name"], ""))
        number = _number(cells.get(roles.get("number", 0), ""))
        items = split_items(cells.get(roles.get("items", 0), ""))
        if not name and items:
            name, items = items[0], items[1:]
        if not name:
            continue
        found.append(_task(row, (number, group, name, items), _office_cells(cells, roles), restricted))
    return found


def _task(
    row: Clause,
    content: tuple[int | str | None, str | None, str, tuple[str, ...]],
    offices: tuple[str, str, str],
    restricted: frozenset[str],
) -> Task:
    number, group, name, items = content
    lead, partners, when = offices
    first, last = read_years(when)
    return Task(
        number,
        group,
        name,
        items,
        tuple(part_offices(lead)),
        tuple(part_offices(partners)),
        first,
        last,
        _flat(when) or None,
        row.id in restricted,
        row.where,
    )


def _office_cells(cells: dict[int, str], roles: dict[str, int]) -> tuple[str, str, str]:
    lead = cells.get(roles.get("lead", 0), "")
    partners = cells.get(roles.get("partners", 0), "")
    when = cells.get(roles.get("when", 0), "")
    both = _marked(lead) or _marked(partners) or said_of_offices(lead)
    if both:
        return both["lead"] or lead, both["partners"], when or both["when"]
    return lead, partners, when


def _marked(text: str) -> dict[str, str] | None:
    """Return the parts of "Chủ trì: …; Phối hợp: …; Thời gian: …", or None when nothing is marked so."""
    marks = list(_MARKS.finditer(text))
    if not marks:
        return None
    parts = {"lead": "", "partners": "", "when": ""}
    for at, mark in enumerate(marks):
        stop = marks[at + 1].start() if at + 1 < len(marks) else len(text)
        value = text[mark.end() : stop].strip(" .;,()\n-–")
        kind = (
            "lead"
            if _LEAD_MARK.fullmatch(mark.group())
            else "partners"
            if _PARTNER_MARK.fullmatch(mark.group())
            else "when"
        )
        parts[kind] = parts[kind] or value
    return parts


def _group_of(
    cells: dict[int, str], roles: dict[str, int], after: Clause | None, document: Document
) -> str | None:
    """Return the heading a row gives to the rows below it, or None when it is a task."""
    filled = {column: text for column, text in cells.items() if text.strip()}
    if not filled:
        return ""
    number = filled.get(roles.get("number", 0), "").strip(" .")
    words = [text for column, text in sorted(filled.items()) if column != roles.get("number")]
    if len(filled) == 1:
        only = _flat(next(iter(filled.values())))
        marker = read_marker(only)
        return (
            only[marker.length :].strip() if marker and not marker.bullet else re.sub(r"^[IVX]+\s+", "", only)
        )
    bare = not any(filled.get(roles.get(role, 0), "").strip() for role in ("lead", "partners", "when"))
    if bare and len(words) == 1:
        roman = from_roman(number) is not None and bool(number)
        letter = re.fullmatch(rf"[{CAPITALS}]", number) is not None
        if roman or letter or words[0].isupper() or _is_subrow(after, number, roles, document):
            return _flat(words[0])
    return None


def _is_subrow(after: Clause | None, number: str, roles: dict[str, int], document: Document) -> bool:
    if after is None or not number or "number" not in roles:
        return False
    cell = document.cells(after).get(roles["number"])
    return cell is not None and cell.text.strip().startswith(f"{number}.")


def _number(text: str) -> int | str | None:
    bare = text.strip().strip(".)")
    if bare.isdigit() and len(bare) <= 6:
        return int(bare)
    return " ".join(bare.split()) or None


def _flat(text: str) -> str:
    return " ".join(text.split())


def _tasks_of_text(document: Document, restricted: frozenset[str]) -> list[Task]:
    """Return tasks the running text marks with "Đơn vị chủ trì: …", each the clause that carries the mark.

    Marks on lines of their own belong to the clause above them.
    """
    marked: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for clause in document.clauses:
        if clause.part not in {kinds.BODY, kinds.ANNEX} or clause.kind in {kinds.TABLE_ROW, kinds.TABLE_CELL}:
            continue
        first = _MARKS.search(clause.text)
        parts = _marked(clause.text) if first else None
        if not parts or not first:
            continue
        own = clause.text[: first.start()].strip(" .;,()-–:")
        bearer = clause.id if len(own) > 15 else clause.parent
        if bearer is None:
            continue
        names.setdefault(bearer, own if len(own) > 15 else document.clause(bearer).text)
        kept = marked.setdefault(bearer, {"lead": "", "partners": "", "when": ""})
        for kind, value in parts.items():
            kept[kind] = kept[kind] or value
    found: list[Task] = []
    for identity, parts in marked.items():
        clause = document.clause(identity)
        if not parts["lead"]:
            continue
        items = tuple(
            child.text
            for child in document.children(clause)
            if child.kind != kinds.TABLE_ROW and not _MARKS.search(child.text) and child.id not in marked
        )
        group = document.clause(clause.parent).text if clause.parent else None
        number = _number(clause.marker) if clause.marker[:1].isdigit() else None
        offices = (parts["lead"], parts["partners"], parts["when"])
        found.append(
            _task(clause, (number, group, names[identity].rstrip(" :."), items), offices, restricted)
        )
    return found


def _tasks_spoken(document: Document, restricted: frozenset[str]) -> list[Task]:
    """Return tasks told in a sentence under a heading of tasks: "Giao Sở A chủ trì, phối hợp với Sở B …"."""
    found: list[Task] = []
    for clause in document.clauses:
        if clause.part not in {kinds.BODY, kinds.ANNEX, kinds.DECISION} or clause.table is not None:
            continue
        if clause.kind == kinds.HEADING or not _under_tasks(document, clause):
            continue
        told = spoken_task(clause.text)
        if told is None:
            continue
        group = document.clause(clause.parent).text if clause.parent else None
        number = _number(clause.marker) if clause.marker[:1].isdigit() else None
        items = tuple(child.text for child in document.children(clause) if child.kind != kinds.TABLE_ROW)
        offices = (told.lead, told.partners, told.when)
        found.append(_task(clause, (number, group, told.name, items), offices, restricted))
    return found


def _under_tasks(document: Document, clause: Clause) -> bool:
    above = [fold(each.text) for each in document.ancestors(clause)]
    organised = any(
        words in text for text in above for words in word_list("offices")["organisation_headings"]
    )
    return not organised and any(re.search(r"\bnhiem vu\b|\bgiai phap\b", text) for text in above)


def _is_organisation(document: Document, clause: Clause) -> bool:
    if clause.kind not in {kinds.HEADING, kinds.ITEM} or len(clause.text) > 200 or not clause.children:
        return False
    folded = fold(clause.text)
    fits = any(words in folded for words in word_list("offices")["organisation_headings"])
    return fits and not any(
        words in fold(above.text)
        for above in document.ancestors(clause)
        for words in word_list("offices")["organisation_headings"]
    )


def _assigned_below(
    document: Document, clause: Clause, restricted: frozenset[str], *, depth: int
) -> list[Assignment]:
    named = office_of_heading(clause.text)
    below = [each for each in document.descendants(clause) if each.kind != kinds.TABLE_ROW and each.text]
    if named and (clause.kind != kinds.PARAGRAPH or named[1]):
        items = [(named[1], clause.where)] if named[1] else []
        items += [(each.text, each.where) for each in below]
        return _assignments(named[0], items, clause.where, restricted)
    found: list[Assignment] = []
    if depth < 3:
        for child in document.children(clause):
            if child.kind != kinds.TABLE_ROW:
                found += _assigned_below(document, child, restricted, depth=depth + 1)
    return found


def _assignments(
    office: str, items: list[tuple[str, Where]], where: Where, restricted: frozenset[str]
) -> list[Assignment]:
    """Return one assignment, or two when some of its items are restricted and others are not."""
    found: list[Assignment] = []
    for secret in (False, True):
        part = [(text, place) for text, place in items if (place.clause in restricted) is secret and text]
        if part or (not items and not secret):
            texts, places = tuple(text for text, _ in part), tuple(place for _, place in part)
            hidden = secret or where.clause in restricted
            found.append(Assignment(office, texts, hidden, part[0][1] if secret and part else where, places))
    return found
