"""Tables copied from law sites with each cell on lines of its own: put back into rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from hatangso.plans.numbering import from_roman
from hatangso.plans.offices import begins_with_office
from hatangso.plans.sources.extract import Cell, Extract, Line
from hatangso.plans.sources.table_words import HEADING_WORDS, ORDINAL_HEADING
from hatangso.vietnamese import fold, nfc

_MOST_COLUMNS = 9
_TIME = re.compile(
    r"^(?:(?:tu|den|nam|quy|thang|truoc|trong|giai doan)\b.{0,30})?\d{4}\b.{0,20}$|^(?:hang|thuong|theo lo trinh|dinh ky|quy|thang)\b.{0,60}$"
)
_TABLE_ENDS = re.compile(r"^(?:noi nhan|phu luc|ghi chu|tm\.|kt\.|tren day la|[ivx]+\. )")


@dataclass(frozen=True)
class _Bit:
    """A cell-to-be: its lines from ``first`` to ``last`` (positions in the list), its span and folded text."""

    first: int
    last: int
    start: int
    end: int
    folded: str
    text: str


def rows_of_stacked_cells(extract: Extract, lines: list[Line]) -> list[Line]:
    """Return the lines with stacked tables made table rows.

    Such a table begins with a line "TT" or "STT", then the other headings, then "1" or "I". Where a lone pipe ends
    each cell the cells are certain. Where not, a line that begins in lower case goes on the cell before; a row with
    more or fewer lines than headings is parted by what its lines are: the time stands last, offices before it.
    """
    found: list[Line] = []
    at = 0
    table = max((line.table for line in lines), default=0)
    while at < len(lines):
        rows, after = _table_at(extract, lines, at) if not lines[at].table else ([], at)
        if rows:
            table += 1
            found += [replace(row, table=table) for row in rows]
            at = after
        else:
            found.append(lines[at])
            at += 1
    return found


def _table_at(extract: Extract, lines: list[Line], at: int) -> tuple[list[Line], int]:
    if not ORDINAL_HEADING.match(_folded(extract, lines[at])):
        return [], at
    bits = _bits(extract, lines, at)
    headings: list[_Bit] = []
    for bit in bits:
        if headings and _first_number(bit.folded):
            break
        headings.append(bit)
        if len(headings) > _MOST_COLUMNS:
            return [], at
    else:
        return [], at
    width = len(headings)
    if width < 3 or sum(1 for each in headings[1:] if HEADING_WORDS.search(each.folded)) < 2:
        return [], at
    rows = [_line(lines, headings, list(range(width)))]
    groups = _rows(chain([bit], bits), width)
    for group in groups:
        rows.append(_line(lines, group, _columns(group, headings)))
    last = groups[-1][-1].last if groups else headings[-1].last
    return rows, last + 1


def _bits(extract: Extract, lines: list[Line], at: int) -> Iterator[_Bit]:
    """Yield the cells from a line on: up to each lone pipe, or line by line where there are none."""
    piped = at + 1 < len(lines) and _written(extract, lines[at + 1]) == "|"
    begin = at
    for position in range(at, len(lines)):
        if lines[position].table:
            break
        written = _written(extract, lines[position])
        if not piped:
            goes_on = written[:1].islower() and not _written(extract, lines[begin]).isdigit()
            if position > begin and not goes_on:
                yield _bit(extract, lines, begin, position - 1, last=position - 1)
                begin = position
        elif written == "|":
            if position > begin:
                yield _bit(extract, lines, begin, position - 1, last=position)
            begin = position + 1
        elif position - begin > 60:
            return
    else:
        if not piped and begin < len(lines):
            yield _bit(extract, lines, begin, len(lines) - 1, last=len(lines) - 1)


def _bit(extract: Extract, lines: list[Line], first: int, until: int, *, last: int) -> _Bit:
    start, end = lines[first].start, lines[until].end
    text = nfc(" ".join(extract.text[start:end].split()))
    return _Bit(first, last, start, end, fold(text), text)


def _rows(bits: Iterable[_Bit], width: int) -> list[list[_Bit]]:
    rows: list[list[_Bit]] = []
    number, roman = 0, 0
    for bit in bits:
        bare = bit.folded.rstrip(".")
        is_next = bare.isdigit() and len(bare) < 4 and int(bare) == number + 1
        is_roman = not is_next and (from_roman(bare) or 0) == roman + 1
        if is_next or is_roman:
            number, roman = (number + 1, roman) if is_next else (number, roman + 1)
            rows.append([bit])
        elif not rows or _TABLE_ENDS.match(bit.folded) or len(rows[-1]) >= 4 * width:
            break
        else:
            rows[-1].append(bit)
    if rows and len(rows[-1]) > width and number > 1:
        del rows[-1][width:]
    return rows


def _columns(bits: list[_Bit], headings: list[_Bit]) -> list[int]:
    """Return the column of each cell of a row."""
    width = len(headings)
    if len(bits) == width or len(bits) <= 2:
        return list(range(len(bits)))
    times = [
        n for n, bit in enumerate(headings) if re.search(r"thoi gian|tien do|hoan thanh|thoi han", bit.folded)
    ]
    offices = [
        n for n, bit in enumerate(headings) if re.search(r"chu tri|phoi hop|co quan|don vi", bit.folded)
    ]
    columns = [0, 1] + [0] * (len(bits) - 2)
    upper = len(bits)
    if times and _TIME.match(bits[-1].folded):
        upper -= 1
        columns[upper] = times[0]
    first = upper
    while first > 2 and begins_with_office(bits[first - 1].text):
        first -= 1
    for order, at in enumerate(range(first, upper)):
        columns[at] = offices[min(order, len(offices) - 1)] if offices else width - 1
    middle = 2 if width > 2 and 2 not in {*times, *offices} else 1
    for at in range(2, first):
        columns[at] = middle
    return columns


def _line(lines: list[Line], bits: list[_Bit], columns: list[int]) -> Line:
    cells: dict[int, Cell] = {}
    for bit, column in zip(bits, columns, strict=True):
        before = cells.get(column)
        cells[column] = Cell(column, before.start if before else bit.start, bit.end)
    ordered = tuple(cells[column] for column in sorted(cells))
    first = lines[bits[0].first]
    return replace(first, end=max(cell.end for cell in ordered), whole=True, table=1, cells=ordered)


def _first_number(folded: str) -> bool:
    return folded.rstrip(".") in {"1", "i", "a", "01"}


def _written(extract: Extract, line: Line) -> str:
    return extract.text[line.start : line.end].strip()


def _folded(extract: Extract, line: Line) -> str:
    return fold(extract.text[line.start : min(line.end, line.start + 40)]).strip("* ")
