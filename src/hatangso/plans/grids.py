"""Rows of a table: found in plain text, told from mere layout, mended where a page broke them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from hatangso.plans.repair import Traced
from hatangso.plans.sources.extract import Cell, Extract, Line
from hatangso.plans.sources.table_words import HEADING_WORDS, ORDINAL_HEADING
from hatangso.vietnamese import fold, nfc

_LAYOUT = re.compile(
    r"cong hoa xa hoi|doc lap - tu do|^noi nhan|\btm\. ?uy ban|\bkt\. ?chu tich|^uy ban nhan dan\b.{0,60}$|^so ?:"
)
# Rows of facts that law sites put above a document; its letterhead says the same.
_FACTS = re.compile(
    r"^(?:so hieu|so ky hieu|ngay ban hanh|ngay co hieu luc|ngay hieu luc|loai van ban|co quan ban hanh|noi ban hanh|nguoi ky"
    r"|linh vuc|tinh trang|ngay cong bao|so cong bao|trich yeu)\s*:?$"
)
_DASHES_ONLY = re.compile(r"^[\s\-–—:_=|.+]*$")
_COUNTING = re.compile(r"^\(?\s*(?:\d{1,2}|[a-z])\s*\)?(?:\s*=.*)?$")
_ENDS = re.compile(r"[.;:!?…]$")
_BOUND = re.compile(
    r"(?:^|\s)(?:và|của|với|các|cho|về|tại|hoặc|trên|từ|đến|theo)$|,$", re.IGNORECASE
)  # more must follow


@dataclass
class Row:
    """A row of a table as a reader sees it, all its parts put together again."""

    start: int
    end: int
    number: int
    page: int | None
    cells: dict[int, Traced] = field(default_factory=dict)


@dataclass
class Grid:
    """A table: the texts of its heading by 0-based column, and its rows."""

    columns: dict[int, str]
    rows: list[Row]
    heading: list[Row] = field(default_factory=list)


def rows_of_plain_text(extract: Extract) -> list[Line]:
    """Return the lines with rows written with tabs or pipes made table rows.

    A line between two rows of one table belongs to the last cell of the row before it.
    """
    found: list[Line] = []
    table = 0
    idle = 99
    columns = 0
    for line in extract.lines:
        cells = _cells(extract.text, line, in_table=idle <= 2)
        if not cells:
            idle += 1
            start, end = _trimmed(extract.text, line)
            found.append(replace(line, start=start, end=end))
            continue
        opens = bool(idle) and _opens_another(extract.text, cells, found, table)
        if idle > 2 or opens or (columns and abs(len(cells) - columns) > 3 and idle):
            table += 1
        elif idle:
            for back in range(1, idle + 1):
                stray = found[-back]
                last = max((cell.column for cell in cells), default=0)
                found[-back] = replace(
                    stray, table=table, whole=True, cells=(Cell(min(last, 1), stray.start, stray.end),)
                )
        idle, columns = 0, len(cells)
        found.append(replace(line, table=table, whole=True, cells=cells))
    return found


def _opens_another(text: str, cells: tuple[Cell, ...], found: list[Line], table: int) -> bool:
    """Tell whether a row is the heading of a table of its own, not the repeated heading of the one above."""
    words = [fold(nfc(text[cell.start : min(cell.end, cell.start + 200)]).strip(" *")) for cell in cells]
    filled = [each for each in words if each]
    named = sum(1 for each in filled if HEADING_WORDS.search(each))
    if len(filled) < 2 or not ORDINAL_HEADING.match(filled[0]) or named < 2:
        return False
    first = next((line for line in found if line.table == table and line.cells), None)
    if first is None:
        return False
    above = [fold(nfc(text[c.start : min(c.end, c.start + 200)]).strip(" *")) for c in first.cells]
    return [each for each in above if each] != filled


def flatten_layout(extract: Extract, lines: list[Line]) -> list[Line]:
    """Return the lines with tables that only place text side by side (letterhead, signature) made lines."""
    tables: dict[int, list[Line]] = {}
    for line in lines:
        if line.table and not _states_facts(extract.text, line):
            tables.setdefault(line.table, []).append(line)
    flat = {number for number, rows in tables.items() if _is_layout(extract.text, rows)}
    found: list[Line] = []
    for line in lines:
        if line.table and _states_facts(extract.text, line):
            continue
        if line.table in flat and line.table:
            for cell in line.cells:
                found += _lines_of_cell(extract.text, cell, line)
        else:
            found.append(line)
    return found


def assemble(rows: list[Row]) -> Grid:
    """Put a table together: heading rows, rows broken over pages, repeated headings and counting rows."""
    rows = [row for row in rows if any(not _DASHES_ONLY.match(cell.text) for cell in row.cells.values())]
    heading = 0
    while heading < min(len(rows), 3) and _is_heading(rows[heading], first=heading == 0):
        heading += 1
    columns: dict[int, str] = {}
    for row in rows[:heading]:
        for column, cell in row.cells.items():
            text = " ".join(cell.text.split())
            if text and text not in columns.get(column, ""):
                columns[column] = f"{columns.get(column, '')} {text}".strip()
    repeated = {_key(row) for row in rows[:heading]}
    ordinal = next((at for at, text in sorted(columns.items()) if ORDINAL_HEADING.match(fold(text))), None)
    grid = Grid(columns, [], rows[:heading])
    for row in rows[heading:]:
        if _key(row) in repeated or _counts_columns(row):
            continue
        if grid.rows and ordinal is not None and not _text(row, ordinal):
            _append(grid.rows[-1], row)
        else:
            grid.rows.append(row)
    return grid


def _append(row: Row, rest: Row) -> None:
    for column, cell in rest.cells.items():
        if not cell.text:
            continue
        before = row.cells.get(column)
        if before is None or not before.text:
            row.cells[column] = cell
            continue
        runs_on = _BOUND.search(before.text) is not None or (
            not _ENDS.search(before.text) and cell.text[:1].islower()
        )
        row.cells[column] = Traced.join([before, cell], " " if runs_on else "\n")
    row.end = max(row.end, rest.end)


def _text(row: Row, column: int) -> str:
    cell = row.cells.get(column)
    return cell.text.strip() if cell else ""


def _key(row: Row) -> str:
    return fold(" ".join(row.cells[column].text for column in sorted(row.cells)))


def _is_heading(row: Row, *, first: bool) -> bool:
    texts = [fold(cell.text) for cell in row.cells.values() if cell.text]
    if not texts or any(len(text) > 120 for text in texts):
        return False
    named = sum(1 for text in texts if HEADING_WORDS.search(text))
    ordinal = any(ORDINAL_HEADING.match(text) for text in texts)
    numbered = texts[0].rstrip(".").isdigit() or re.fullmatch(r"[ivx]{1,4}\.?", texts[0]) is not None
    if numbered:
        return False
    if first:
        return (ordinal and len(texts) >= 2) or (named >= 2 and named * 2 >= len(texts))
    return (named * 2 >= len(texts) and len(texts) >= 1 and _text(row, min(row.cells)) != "") or (
        named * 3 >= len(texts) * 2 and all(len(text) <= 60 for text in texts)
    )


def _counts_columns(row: Row) -> bool:
    texts = [fold(cell.text) for _, cell in sorted(row.cells.items()) if cell.text]
    if len(texts) < 3 or not all(_COUNTING.match(text) for text in texts):
        return False
    return [re.sub(r"\D", "", text.split("=")[0]) for text in texts][-1] in {
        str(len(texts)),
        str(len(texts) - 1),
    } or all("(" in text for text in texts)


def _cells(text: str, line: Line, *, in_table: bool) -> tuple[Cell, ...]:
    written = text[line.start : line.end]
    if written.count("\t") >= (1 if in_table else 2):
        return _split(written, line.start, "\t")
    pipes = written.count("|")
    inner_start = 1 if written.startswith("|") else 0
    inner_end = len(written) - 1 if written.endswith("|") and len(written) > 1 else len(written)
    inside = "|" in written[inner_start:inner_end]
    if (pipes >= 2 and inside) or (pipes and in_table and inside):
        return _split(written[inner_start:inner_end], line.start + inner_start, "|")
    return ()


def _split(written: str, start: int, mark: str) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    at = start
    for column, part in enumerate(written.split(mark)):
        cells.append(Cell(column, at, at + len(part)))
        at += len(part) + 1
    return tuple(cells)


def _trimmed(text: str, line: Line) -> tuple[int, int]:
    written = text[line.start : line.end]
    return line.start + len(written) - len(written.lstrip()), line.start + len(written.rstrip())


def _is_layout(text: str, rows: list[Line]) -> bool:
    widths = [len([cell for cell in row.cells if text[cell.start : cell.end].strip()]) for row in rows]
    if max(widths, default=0) <= 1:
        return True
    for row in rows[:12]:
        for cell in row.cells:
            for part in nfc(text[cell.start : min(cell.end, cell.start + 400)]).splitlines():
                if _LAYOUT.search(fold(re.sub(r"<[^<>]*>|\*", " ", part))):
                    return True
    return len(rows) == 1


def _states_facts(text: str, row: Line) -> bool:
    written = [text[cell.start : cell.end].strip() for cell in row.cells]
    first = next((each for each in written if each), "")
    return len(first) <= 30 and _FACTS.match(fold(first)) is not None


def _lines_of_cell(text: str, cell: Cell, line: Line) -> list[Line]:
    found: list[Line] = []
    at = cell.start
    for part in text[cell.start : cell.end].splitlines(keepends=True):
        bare = part.strip()
        if bare:
            start = at + part.index(bare[0])
            found.append(Line(start, start + len(bare), line.paragraph, line.page, False, not found))
        at += len(part)
    return found
