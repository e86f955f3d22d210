"""The document a plan is read from: its original text and the tree of clauses that point into it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

# What a clause is.
HEADING = "heading"  # numbered title of a section, or a line that introduces what follows ("Đến năm 2025:")
ITEM = "item"  # numbered or lettered clause with a statement of its own
BULLET = "bullet"  # "-", "+", "*" …
PARAGRAPH = "paragraph"  # no marker
TABLE_ROW = "table_row"  # its text is empty; its children are the cells
TABLE_CELL = "table_cell"

# Where in the document a clause stands.
LETTERHEAD = "letterhead"
BASES = "bases"
DECISION = "decision"  # the articles of a decision that wraps the plan
BODY = "body"
ANNEX = "annex"
CLOSING = "closing"  # recipients and signature


@dataclass(frozen=True, slots=True)
class Where:
    """A place: the clause and the half-open span ``[start, end)`` of ``Document.source``."""

    clause: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of repaired text and the run of source it came from; equal lengths map letter by letter."""

    text_start: int
    text_end: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the tree.

    Parameters
    ----------
    id : stable id such as ``ii.1.a`` (đ stands between d and e), ``ii.1.-2`` (second bullet), ``ii.1.p1``
        (first paragraph without a marker), ``dieu2``, ``pl1.r7.c2`` (annex 1, row 7, column 2)
    kind : ``heading``, ``item``, ``bullet``, ``paragraph``, ``table_row`` or ``table_cell``
    part : ``letterhead``, ``bases``, ``decision``, ``body``, ``annex`` or ``closing``
    marker : as written, "II.", "đ)", "-"; empty when there is none
    level : depth in the tree, 1 at the top
    text : repaired text without the marker: NFC, hard line wraps joined, slips of the scanner mended
    start, end : span in the source, marker included
    parent : id of the parent, or None
    children : ids of the children, in order
    page, paragraph : 1-based place in the file where it is known
    table, row, column : id of the table and 1-based place in it, for rows and cells
    pieces : how ``text`` maps to the source
    """

    id: str
    kind: str
    part: str
    marker: str
    level: int
    text: str
    start: int
    end: int
    parent: str | None = None
    children: tuple[str, ...] = ()
    page: int | None = None
    paragraph: int | None = None
    table: str | None = None
    row: int | None = None
    column: int | None = None
    pieces: tuple[Piece, ...] = field(default=(), repr=False, compare=False)

    def span(self, start: int, end: int) -> Where:
        """Return where ``text[start:end]`` stands in the source."""
        if not self.pieces:
            return Where(self.id, self.start, self.end)
        length = self.pieces[-1].text_end
        start = min(max(start, 0), length)
        end = min(max(end, start), length)
        return Where(self.id, self._source_start(start), self._source_end(start, end))

    @property
    def where(self) -> Where:
        """Return the place of the whole clause, marker included."""
        return Where(self.id, self.start, self.end)

    def _source_start(self, at: int) -> int:
        piece = self.pieces[max(bisect_right(self.pieces, at, key=lambda each: each.text_start) - 1, 0)]
        if piece.end - piece.start == piece.text_end - piece.text_start:
            return min(piece.start + at - piece.text_start, piece.end)
        return piece.start

    def _source_end(self, start: int, end: int) -> int:
        if end <= start:
            return self._source_start(start)
        last = end - 1
        piece = self.pieces[max(bisect_right(self.pieces, last, key=lambda each: each.text_start) - 1, 0)]
        if piece.end - piece.start == piece.text_end - piece.text_start:
            return max(min(piece.start + last - piece.text_start + 1, piece.end), self._source_start(start))
        return max(piece.end, self._source_start(start))


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the texts of its heading row and the ids of its row clauses (heading row excluded)."""

    id: str
    parent: str | None
    part: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A plan as text.

    Parameters
    ----------
    source : the text exactly as extracted from the file; every span is an offset into it
    clauses : all clauses in reading order, each parent before its children
    tables : the tables in reading order
    file_kind : "txt", "md", "html", "docx" or "pdf"
    repairs : how many slips of the scanner were mended
    """

    source: str
    clauses: tuple[Clause, ...]
    tables: tuple[Table, ...] = ()
    file_kind: str = "txt"
    repairs: int = 0

    def __hash__(self) -> int:
        """Return a hash of the source alone, which Python keeps: a document may be the key of a cache."""
        return hash((self.source, self.file_kind))

    @cached_property
    def by_id(self) -> dict[str, Clause]:
        """Clauses by id."""
        return {clause.id: clause for clause in self.clauses}

    def clause(self, clause_id: str) -> Clause:
        """Return the clause with this id."""
        return self.by_id[clause_id]

    def ancestors(self, clause: Clause) -> tuple[Clause, ...]:
        """Return the parents of ``clause``, nearest first."""
        found: list[Clause] = []
        parent = clause.parent
        while parent is not None:
            found.append(self.by_id[parent])
            parent = found[-1].parent
        return tuple(found)

    def children(self, clause: Clause) -> tuple[Clause, ...]:
        """Return the children of ``clause`` in reading order."""
        return tuple(self.by_id[child] for child in clause.children)

    def descendants(self, clause: Clause) -> Iterator[Clause]:
        """Yield everything below ``clause`` in reading order."""
        for child in self.children(clause):
            yield child
            yield from self.descendants(child)

    def cells(self, row: Clause) -> dict[int, Clause]:
        """Return the cells of a row by 1-based column; a cell without text is absent."""
        return {cell.column or 0: cell for cell in self.children(row) if cell.kind == TABLE_CELL}

    def original(self, where: Where) -> str:
        """Return the source text at ``where``, as it stands in the file."""
        return self.source[where.start : where.end]
