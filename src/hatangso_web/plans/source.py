"""The text of a plan as it is shown: blocks, marked sentences, masked parts, and where a quotation stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from hatangso.plans.document import TABLE_CELL, TABLE_ROW, Document
from hatangso.vietnamese import fold_same_length, nfc

Span = tuple[int, int]

LINE = "line"  # text outside every clause: web-page furniture, page numbers

_TAG = re.compile(r"</?(?:ul|ol|li|p|br|div|span|b|i|u|strong|em|table|tr|td|th|tbody)\b[^<>]{0,200}>", re.I)
_SHOWN_AS = {"li": "\n• ", "br": "\n", "p": "\n", "div": "\n", "tr": "\n"}
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Block:
    """A piece of the text with its place in the page: a heading, an item, a cell of row ``row``, a line."""

    start: int
    end: int
    kind: str
    level: int = 1
    row: str = ""

    @property
    def span(self) -> Span:
        """Where the block stands."""
        return self.start, self.end


@dataclass(frozen=True)
class Segment:
    """A run of text that belongs to the same findings; ``first`` marks where the chosen one begins."""

    text: str
    findings: tuple[int, ...] = ()
    chosen: bool = False
    first: bool = False


@dataclass(frozen=True)
class ShownBlock:
    """A block as one reader sees it: its segments, or nothing but the word that it is masked."""

    kind: str
    level: int
    row: str
    segments: tuple[Segment, ...] = ()
    masked: bool = False


@dataclass(frozen=True)
class ShownRow:
    """What stands side by side: one block, or the cells of one row of a table."""

    blocks: tuple[ShownBlock, ...]

    @property
    def is_table(self) -> bool:
        """Whether these are cells of a table."""
        return bool(self.blocks[0].row)


def layout_of(document: Document) -> list[list[Any]]:
    """Return the blocks of a document, in order and without overlap, fit to be stored as JSON."""
    blocks: list[Block] = []
    reached = 0
    cells = sorted(
        (clause for clause in document.clauses if clause.kind != TABLE_ROW), key=lambda clause: clause.start
    )
    for clause in cells:
        start = max(clause.start, reached)
        if clause.end <= start:
            continue
        blocks += _lines(document.source, reached, start)
        row = f"{clause.table}.{clause.row}" if clause.kind == TABLE_CELL else ""
        blocks.append(Block(start, clause.end, clause.kind, clause.level, row))
        reached = clause.end
    blocks += _lines(document.source, reached, len(document.source))
    return [[block.start, block.end, block.kind, block.level, block.row] for block in blocks]


def blocks_of(source: str, layout: Sequence[Sequence[Any]]) -> list[Block]:
    """Return the blocks of a stored layout; without one, every line is a block."""
    if not layout:
        return _lines(source, 0, len(source))
    return [Block(*parts) for parts in layout]


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Tell whether ``span`` shares a letter with one of ``others``."""
    return any(span[0] < end and start < span[1] for start, end in others)


def hidden_blocks(blocks: Sequence[Block], hidden: Sequence[Span]) -> set[int]:
    """Return the places of the blocks that must not be shown: those that touch a hidden span, and their rows."""
    if not hidden:
        return set()
    touched = {place for place, block in enumerate(blocks) if overlaps(block.span, hidden)}
    rows = {blocks[place].row for place in touched} - {""}
    return touched | {place for place, block in enumerate(blocks) if block.row in rows}


def shown_rows(
    source: str,
    *,
    blocks: Sequence[Block],
    marks: Sequence[tuple[int, Span]],
    hidden: Sequence[Span],
    chosen: int | None = None,
) -> list[ShownRow]:
    """Lay the text out for one reader.

    Parameters
    ----------
    source : the text of the version
    blocks : its blocks
    marks : (finding id, span) of each finding the reader may see
    hidden : restricted spans this reader may not see; neighbouring masked blocks become one, so that not
        even their number is told
    chosen : id of the finding looked at
    """
    masked = hidden_blocks(blocks, hidden)
    shown: list[ShownBlock] = []
    chosen_seen = False
    for place, block in enumerate(blocks):
        if place in masked:
            if not (shown and shown[-1].masked):
                shown.append(ShownBlock(block.kind, block.level, "", masked=True))
            continue
        touching = [(finding, mark) for finding, mark in marks if overlaps(block.span, [mark])]
        segments = _segments(source, block.span, touching, None if chosen is None else chosen)
        if not chosen_seen:
            segments, chosen_seen = _with_first(segments)
        shown.append(ShownBlock(block.kind, block.level, block.row, tuple(segments)))
    return _rows(shown)


def readable(text: str) -> str:
    """Return text for the eye: hard line wraps joined, stray HTML marks turned into line breaks or nothing."""
    joined = _BLANKS.sub(" ", text)
    return _TAG.sub(lambda tag: _SHOWN_AS.get(_tag_name(tag[0]), ""), joined)


def visible_text(source: str, *, blocks: Sequence[Block], hidden: Sequence[Span]) -> str:
    """Return the text with every masked block blanked out, offsets unchanged."""
    masked = hidden_blocks(blocks, hidden)
    if not masked:
        return source
    letters = list(source)
    for place in masked:
        start, end = blocks[place].span
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def locate(quotation: str, source: str) -> Span | None:
    """Return where a copied sentence stands in the text: blind to case, diacritics, line breaks and marks.

    ``None`` when it stands nowhere. The first place is returned when there are several.
    """
    wanted = _letters_of(nfc(quotation))[0]
    if not wanted:
        return None
    letters, places = _letters_of(source)
    found = letters.find(wanted)
    if found < 0:
        return None
    return places[found], places[found + len(wanted) - 1] + 1


def one_line(text: str, limit: int = 400) -> str:
    """Return a text as one readable line, cut at a word with an ellipsis beyond ``limit`` letters."""
    line = _BLANKS.sub(" ", readable(text)).strip()
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0] + "…"


def _lines(source: str, start: int, end: int) -> list[Block]:
    lines = []
    for line in source[start:end].split("\n"):
        if readable(line).strip():
            lines.append(Block(start, start + len(line), LINE))
        start += len(line) + 1
    return lines


def _segments(source: str, span: Span, marks: list[tuple[int, Span]], chosen: int | None) -> list[Segment]:
    cuts = {span[0], span[1]}
    for _finding, mark in marks:
        cuts.update(cut for cut in mark if span[0] < cut < span[1])
    ordered = sorted(cuts)
    segments: list[Segment] = []
    for start, end in pairwise(ordered):
        inside = tuple(finding for finding, mark in marks if mark[0] < end and start < mark[1])
        text = readable(source[start:end])
        if not segments:
            text = text.lstrip("\n")
        segments.append(Segment(text, inside, chosen=chosen is not None and chosen in inside))
    return segments


def _with_first(segments: list[Segment]) -> tuple[list[Segment], bool]:
    for place, segment in enumerate(segments):
        if segment.chosen:
            first = Segment(segment.text, segment.findings, chosen=True, first=True)
            return [*segments[:place], first, *segments[place + 1 :]], True
    return segments, False


def _rows(blocks: list[ShownBlock]) -> list[ShownRow]:
    rows = []
    for _key, group in groupby(enumerate(blocks), key=lambda pair: pair[1].row or pair[0]):
        rows.append(ShownRow(tuple(block for _place, block in group)))
    return rows


def _letters_of(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, folded, and where each stands."""
    hidden = {place for tag in _TAG.finditer(text) for place in range(*tag.span())}
    folded = fold_same_length(text)
    places = [place for place, letter in enumerate(folded) if letter.isalnum() and place not in hidden]
    return "".join(folded[place] for place in places), places


def _tag_name(tag: str) -> str:
    name = re.match(r"<(\w+)", tag)
    return name[1].lower() if name else ""
