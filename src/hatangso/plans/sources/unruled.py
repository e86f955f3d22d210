"""Tables of a PDF page drawn without lines: columns told by how the words are aligned under the heading row."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from hatangso.plans.sources.table_words import HEADING_WORDS, ORDINAL_HEADING
from hatangso.vietnamese import fold, nfc

Word = dict[str, Any]  # of pdfplumber: text, x0, x1, top, bottom
_ORDINAL = re.compile(r"(?:\d{1,3}(?:\.\d{1,2})*|[IVXLC]{1,6}|[A-ZĐ])[.)]?")
_GROUP_ORDINAL = re.compile(r"[IVXLC]{1,6}[.)]?|[A-ZĐ][.)]?")
_CLOSING = re.compile(r"(?:tm|kt|tl|tuq)\. ?\S|noi nhan\b|phu luc\b|(?:pho )?chu tich$")
_MOST_HEADING_ROWS = 12  # with the lines of a first row whose ordinal stands in its middle
_GAP = 0.42  # of the letters' height: wider than a blank, narrower than the space between two columns
_MOSTLY = 0.75
_NAME_LINES = 2  # the name of a group of rows takes no more
_FAR = 2.6  # of the usual distance of lines: what comes after is no row of the table


@dataclass(frozen=True)
class Columns:
    """Where the columns of a table stand: the right bound of each but the last, in points from the left.

    ``spans`` is the extent of each heading, ``heading`` the words of its lines; a further page is judged by them.
    """

    bounds: tuple[float, ...]
    spans: tuple[tuple[float, float], ...] = ()
    heading: tuple[tuple[Word, ...], ...] = ()

    def of(self, across: float) -> int:
        """Return the 0-based column at this place."""
        return sum(across >= bound for bound in self.bounds)


@dataclass(frozen=True)
class Found:
    """A table on a page: the lines it takes (from, to), its rows of cells, its columns."""

    first: int
    after: int
    rows: tuple[tuple[float, tuple[str, ...]], ...]
    columns: Columns


def find_unruled(lines: list[list[Word]], carried: Columns | None) -> list[Found]:
    """Return the tables without lines among the lines of a page.

    A table begins with a heading row that has a column of ordinals ("TT") and names at least two columns more as
    plans do ("Nhiệm vụ", "Chủ trì" …). A row begins where an ordinal stands in the first column. The table ends
    at a line that begins in that column with something else, runs across the columns or stands far below, unless
    a row follows close by: then it names a group of rows. Where the ordinals stand in the middle or at the foot of
    their rows, a row begins at the line whose cells least look like the middle of a sentence.

    Parameters
    ----------
    lines : the words of each line, from the left; lines from the top
    carried : columns of the table with which the page before ended, None where it ended otherwise
    """
    found: list[Found] = []
    at = 0
    if carried is not None and lines:
        after = _end(lines, 0, carried)
        if after:
            again = [*(list(line) for line in carried.heading), *lines[:after]]
            found.append(_table(lines, (0, 0, after), _gutters(again, carried)))
            at = after
    while at < len(lines):
        heading = _heading(lines, at)
        if heading is None:
            break
        first, body, spans = heading
        rough = Columns(tuple((left[1] + right[0]) / 2 for left, right in itertools.pairwise(spans)))
        narrow = Columns((min(spans[0][1] + 2.0, rough.bounds[0]), *rough.bounds[1:]))
        after = _end(lines, body, narrow)
        heads = tuple(tuple(line) for line in lines[first:body])
        columns = _gutters(lines[first:after], replace(rough, spans=tuple(spans), heading=heads))
        found.append(_table(lines, (first, body, after), columns))
        at = after
    return found


def _heading(lines: list[list[Word]], start: int) -> tuple[int, int, list[tuple[float, float]]] | None:
    """Return the first line of a heading, the first line below it, and the extent of each of its columns."""
    for at in range(start, len(lines)):
        if not ORDINAL_HEADING.match(_folded(_runs(lines[at])[0])):
            continue
        right = _runs(lines[at])[0][-1]["x1"]
        body = next(
            (
                below
                for below in range(at + 1, min(at + _MOST_HEADING_ROWS, len(lines)))
                if _ORDINAL.fullmatch(lines[below][0]["text"]) and lines[below][0]["x0"] < right + 4
            ),
            None,
        )
        if body is None:
            continue
        first = at
        while first > start and len(_runs(lines[first - 1])) >= 2 and _close(lines[first - 1], lines[first]):
            first -= 1
        runs = [run for line in lines[first:body] for run in _runs(line)]
        spans = _merged([(run[0]["x0"], run[-1]["x1"]) for run in runs])
        if len(spans) >= 3 and _named(runs, spans) >= 2:
            return first, body, spans
    return None


def _named(runs: list[list[Word]], spans: list[tuple[float, float]]) -> int:
    """Return how many columns after the first have a heading that is known."""
    texts = [
        " ".join(_folded(run) for run in runs if left <= run[0]["x0"] <= right) for left, right in spans[1:]
    ]
    return sum(1 for text in texts if HEADING_WORDS.search(text))


def _end(lines: list[list[Word]], body: int, columns: Columns) -> int:
    """Return the first line that is no longer of the table."""
    pitch = median(
        [below[0]["bottom"] - above[0]["bottom"] for above, below in itertools.pairwise(lines)] or [0.0]
    )
    for at in range(body, len(lines)):
        far = at > body and lines[at][0]["bottom"] - lines[at - 1][0]["bottom"] > _FAR * pitch
        if (
            far
            or _CLOSING.match(_folded(lines[at]))
            or (_is_across(lines[at], columns) and not _names_group(lines, at, columns))
        ):
            return at
    return len(lines)


def _is_across(line: list[Word], columns: Columns) -> bool:
    """Tell whether a line stands across the columns: running text, or the name of a group of rows."""
    run = _runs(line)[0]
    begins, ends = columns.of(run[0]["x0"]), columns.of(_middle(run[-1]))
    if begins > 0:
        return begins + 1 < ends
    return not _ORDINAL.fullmatch(run[0]["text"]) or (len(run) > 1 and ends > 0)


def _names_group(lines: list[list[Word]], at: int, columns: Columns) -> bool:
    """Tell whether a line across the columns names the rows below it: a row follows, or the page ends."""
    below = lines[at + 1 : at + 1 + _NAME_LINES]
    if not below:
        return _GROUP_ORDINAL.fullmatch(lines[at][0]["text"]) is not None
    return any(_begins_row(line, columns) and not _is_across(line, columns) for line in below)


def _begins_row(line: list[Word], columns: Columns) -> bool:
    return columns.of(line[0]["x0"]) == 0 and _ORDINAL.fullmatch(line[0]["text"]) is not None


def _gutters(lines: list[list[Word]], columns: Columns) -> Columns:
    """Return where the columns part: between two headings, the middle of the widest strip fewest words cross.

    Of strips crossed by as few words, one that parts no two words with a mere blank between them is better.
    """
    words = [(word["x0"], word["x1"]) for line in lines for word in line]
    runs = [(run[0]["x0"], run[-1]["x1"]) for line in lines for run in _runs(line)]
    bounds: list[float] = []
    for left, right in itertools.pairwise(columns.spans):
        low, high = (left[0] + left[1]) / 2, (right[0] + right[1]) / 2
        edges = sorted({low, high, *(x for word in words for x in word if low < x < high)})
        strips = [
            (_crossing(words, (begin, end)), _crossing(runs, (begin, end)), begin - end, (begin + end) / 2)
            for begin, end in itertools.pairwise(edges)
        ]
        bounds.append(min(strips)[3] if strips else (left[1] + right[0]) / 2)
    return replace(columns, bounds=tuple(bounds or columns.bounds))


def _crossing(extents: list[tuple[float, float]], strip: tuple[float, float]) -> int:
    return sum(begin < strip[1] and end > strip[0] for begin, end in extents)


def _table(lines: list[list[Word]], extent: tuple[int, int, int], columns: Columns) -> Found:
    """Put the words of a table into cells; the lines of the heading make one row."""
    first, body, after = extent
    starts = [first, *_starts(lines, extent, columns)] if body > first else _starts(lines, extent, columns)
    starts = sorted({*starts, first})
    body = starts[1] if body > first and len(starts) > 1 else body
    rows = []
    for begin, end in itertools.pairwise([*starts, after]):
        cells: list[list[str]] = [[] for _ in range(len(columns.bounds) + 1)]
        for line in lines[begin:end]:
            for column, words in _parted(line, columns, heading=begin < body):
                cells[column].append(" ".join(word["text"] for word in words))
        rows.append((float(min(w["top"] for w in lines[begin])), tuple("\n".join(cell) for cell in cells)))
    return Found(first, after, tuple(rows), columns)


def _starts(lines: list[list[Word]], extent: tuple[int, int, int], columns: Columns) -> list[int]:
    """Return the lines at which a row begins."""
    first, body, after = extent
    marks = [
        at for at in range(body, after) if _begins_row(lines[at], columns) or _is_across(lines[at], columns)
    ]
    ordinals = [at for at in marks if not _is_across(lines[at], columns)]
    opening = sum(not _goes_on(lines[at : at + 1], columns, column=1) for at in ordinals)
    if opening >= _MOSTLY * len(ordinals):
        return marks
    at_foot = bool(ordinals) and ordinals[-1] == after - 1
    title = next(
        (at for at in range(first, body) if ORDINAL_HEADING.match(_folded(_runs(lines[at])[0]))), None
    )
    starts: list[int] = []
    before = title
    for mark in marks:
        low = first if before is None else before + 1
        if _is_across(lines[mark], columns) or low >= mark:
            starts.append(mark)
        else:
            top = starts[-1] if starts else first
            wanted = low if at_foot else 2 * (before if before is not None else low) - top + 1
            starts.append(
                min(
                    range(low, mark + 1),
                    key=lambda at: (_broken(lines[at:after], columns), abs(at - wanted)),
                )
            )
        before = mark
    return starts


def _broken(lines: list[list[Word]], columns: Columns) -> int:
    """Return how many columns would begin in the middle of a sentence."""
    return sum(_goes_on(lines, columns, column=column) for column in range(1, len(columns.bounds) + 1))


def _goes_on(lines: list[list[Word]], columns: Columns, *, column: int) -> bool:
    """Tell whether the first words of a column go on with a sentence begun above; a column without words does too."""
    for line in lines:
        own = next((word["text"] for word in line if columns.of(_middle(word)) == column), None)
        if own is not None:
            return not (own[0].isupper() or own[0].isdigit() or own[0] in '-–+•*“"(')
    return True


def _parted(line: list[Word], columns: Columns, *, heading: bool) -> list[tuple[int, list[Word]]]:
    """Return the words of a line by column; the name of a group of rows may run on across the columns."""
    if not heading and _is_across(line, columns):
        numbered = len(line) > 1 and _ORDINAL.fullmatch(line[0]["text"]) is not None
        return [(0, line[:1]), (1, line[1:])] if numbered else [(0, line)]
    runs = _runs(line)
    if not heading and len(runs) == 2 and _begins_row(line, columns) and len(runs[0]) == 1:
        begins, ends = columns.of(runs[1][0]["x0"]), columns.of(_middle(runs[1][-1]))
        if begins == 1 and ends > begins:
            return [(0, runs[0]), (1, runs[1])]
    parted: dict[int, list[Word]] = {}
    for word in line:
        parted.setdefault(columns.of(_middle(word)), []).append(word)
    return list(parted.items())


def _runs(line: list[Word]) -> list[list[Word]]:
    """Part a line where the space between two words is wider than a blank."""
    runs = [[line[0]]]
    for before, word in itertools.pairwise(line):
        if word["x0"] - before["x1"] > _GAP * (word["bottom"] - word["top"]):
            runs.append([word])
        else:
            runs[-1].append(word)
    return runs


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _close(above: list[Word], below: list[Word]) -> bool:
    return bool(below[0]["top"] - above[0]["bottom"] < 0.9 * (below[0]["bottom"] - below[0]["top"]))


def _folded(run: list[Word]) -> str:
    return fold(nfc(" ".join(word["text"] for word in run))).strip(" *:")


def _middle(word: Word) -> float:
    return float((word["x0"] + word["x1"]) / 2)
