"""Paragraphs → the document: its parts (letterhead, decision, plan, annexes) and the tree of clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import groupby

from hatangso.plans import document as kinds
from hatangso.plans.document import Clause, Document, Table
from hatangso.plans.grids import Grid, Row, assemble
from hatangso.plans.numbering import CAPITALS, Marker, Outline, from_roman, read_marker
from hatangso.plans.paragraphs import Paragraph, read_paragraphs
from hatangso.plans.repair import RepairBook, Traced, repair_book
from hatangso.plans.sources.extract import Extract
from hatangso.plans.sources.plain import extract_text
from hatangso.vietnamese import fold

TITLES = {
    "ke hoach": "KẾ HOẠCH",
    "quyet dinh": "QUYẾT ĐỊNH",
    "chuong trinh": "CHƯƠNG TRÌNH",
    "chuong trinh hanh dong": "CHƯƠNG TRÌNH HÀNH ĐỘNG",
    "de an": "ĐỀ ÁN",
    "phuong an": "PHƯƠNG ÁN",
    "nghi quyet": "NGHỊ QUYẾT",
    "chi thi": "CHỈ THỊ",
    "thong bao": "THÔNG BÁO",
    "huong dan": "HƯỚNG DẪN",
    "chien luoc": "CHIẾN LƯỢC",
    "du an": "DỰ ÁN",
    "bao cao": "BÁO CÁO",
}
TITLE_LINE = re.compile(
    r"^\**\s*(?P<kind>" + "|".join(word.upper() for word in TITLES.values()) + r")\b[\s:*]*(?P<rest>.*)$",
    re.DOTALL,
)
BASIS = re.compile(
    r"^(?:căn cứ|trên cơ sở|thực hiện|thi hành|theo (?:đề nghị|công văn|quyết định|kế hoạch|chỉ đạo|hướng dẫn)|xét (?:đề nghị|tờ trình)|để (?:thực hiện|triển khai)|triển khai(?: thực hiện)? (?:quyết định|kế hoạch|nghị quyết|chương trình|công văn)|tiếp tục thực hiện (?:quyết định|kế hoạch|nghị quyết)|nhằm )",
    re.IGNORECASE,
)
_PLAIN_BASIS = re.compile(
    r"^(?:căn cứ|thực hiện|theo|triển khai thực hiện) (?:luật|bộ luật|nghị|quyết|kế|công|chương|thông|chỉ|văn bản|đề nghị)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"(?:Bộ luật|Luật|Nghị định|Nghị quyết|Quyết định|Thông tư|Kế hoạch số|Công văn|Chỉ thị|Chương trình hành động số)\b"
)
_RECIPIENTS = re.compile(r"^[*_\s]*nơi nhận\b", re.IGNORECASE)
_ANNEX = re.compile(
    r"^(?:PHỤ LỤC|Phụ lục|PHỤ BIỂU|Phụ biểu|BIỂU SỐ|Biểu số|PL)(?:\s+(?:SỐ|số|Số))?\s*:?\s*(?P<number>[IVX]{1,5}|\d{1,2})?\b\s*[.:–-]?\s*(?P<rest>.*)$",
    re.DOTALL,
)
_ANNEX_TITLE = re.compile(
    r"^(?:DANH MỤC|BẢNG|BIỂU|PHÂN CÔNG|NHIỆM VỤ|CÁC NHIỆM VỤ|CÁC CHỈ TIÊU|CHỈ TIÊU|TỔNG HỢP)\b"
)
_ATTACHED = re.compile(r"^\(?\s*(?:ban hành )?(?:kèm theo|đính kèm)", re.IGNORECASE)
_AS_FOLLOWS = re.compile(
    r"(?:như sau|sau đây|cụ thể là|với (?:các|những) nội dung[^.]{0,40})\s*[:.;]?$", re.IGNORECASE
)
_ORDERING = re.compile(r"^QUYẾT ĐỊNH\s*[:.]?$|^QUYẾT NGHỊ\s*[:.]?$")
_SIGNATURE = re.compile(rf"^(?:TM|KT|TL|Q|TUQ)\.\s*[{CAPITALS}]")
_LAST_WORDS = re.compile(
    r"^(?:trên đây là|trong quá trình (?:tổ chức )?(?:thực hiện|triển khai)[^.]{0,80}(?:vướng mắc|phát sinh))",
    re.IGNORECASE,
)
_LEAD_LINE = re.compile(r":\s*$")
_LONGEST_HEADING = 260


@dataclass
class _Draft:
    """A clause under construction."""

    clause: Clause
    marker: Marker | None = None
    children: list[str] = field(default_factory=list)


def build_document(extract: Extract) -> Document:
    """Return the document of an extracted text: clauses with ids, tables, repaired text, spans in the source."""
    document = _Builder(extract).build()
    if any(clause.part in {kinds.BODY, kinds.DECISION, kinds.ANNEX} for clause in document.clauses):
        return document
    return _Builder(extract, unnumbered=True).build()


def document_from_text(text: str) -> Document:
    """Return the document of a plain text.

    Raises
    ------
    InputError
        when the text is empty or far too long.
    """
    return build_document(extract_text(text))


class _Builder:
    """Walks the paragraphs once, keeps the part it is in and the open clauses."""

    def __init__(self, extract: Extract, *, unnumbered: bool = False) -> None:
        self._extract = extract
        self._unnumbered = unnumbered  # no section is numbered: the first full sentence begins the plan
        self._book: RepairBook = repair_book()
        self._drafts: dict[str, _Draft] = {}
        self._tables: list[Table] = []
        self._outline = Outline()
        self._part = kinds.LETTERHEAD
        self._prefix = ""
        self._root: str | None = None
        self._bullets: dict[str, int] = {}
        self._annexes = 0
        self._decision = False
        self._titled = False
        self._awaiting_title = False
        self._sections = 0
        self._repairs = 0

    def build(self) -> Document:
        paragraphs = read_paragraphs(self._extract)
        for table, group in groupby(paragraphs, key=lambda each: each.table):
            if table:
                self._add_table(list(group))
            else:
                for paragraph in group:
                    self._add(paragraph)
        if not self._sections:
            self._make_articles_the_body()
        clauses = tuple(self._finished(draft) for draft in self._drafts.values())
        return Document(
            self._extract.text, clauses, tuple(self._tables), self._extract.file_kind, self._repairs
        )

    def _make_articles_the_body(self) -> None:
        """Where a decision has no plan attached and its articles hold numbered clauses, they are the plan."""
        decided = [draft for draft in self._drafts.values() if draft.clause.part == kinds.DECISION]
        if any(draft.marker is not None and draft.marker.style in {"number", "roman"} for draft in decided):
            for draft in decided:
                draft.clause = replace(draft.clause, part=kinds.BODY)

    def _finished(self, draft: _Draft) -> Clause:
        clause = replace(draft.clause, children=tuple(draft.children))
        if clause.kind not in {kinds.ITEM, kinds.BULLET}:
            return clause
        text = clause.text
        named = draft.marker is not None and draft.marker.style in {"phan", "chuong", "muc", "roman", "lead"}
        title = (
            len(text) <= _LONGEST_HEADING and not text.endswith((".", ";", "./.")) and bool(draft.children)
        )
        if (clause.kind == kinds.BULLET and not text.endswith(":") and not title) or not (named or title):
            return clause
        return replace(clause, kind=kinds.HEADING) if len(text) <= 2 * _LONGEST_HEADING else clause

    # parts

    def _add(self, paragraph: Paragraph) -> None:
        text = paragraph.text
        traced, count = self._book.mend(paragraph.traced)
        self._repairs += count
        paragraph = replace(paragraph, traced=traced)
        text = paragraph.text
        if self._starts_part(paragraph, text):
            return
        if self._part in {kinds.LETTERHEAD, kinds.BASES} and not self._still_before_body(text):
            self._enter(kinds.BODY)
        if self._part == kinds.LETTERHEAD or self._part == kinds.CLOSING:
            self._plain(paragraph, "dau" if self._part == kinds.LETTERHEAD else "ket")
        elif self._part == kinds.BASES:
            self._plain(paragraph, "cancu")
            if _AS_FOLLOWS.search(text):
                self._enter(kinds.BODY)
        else:
            self._in_tree(paragraph)

    def _starts_part(self, paragraph: Paragraph, text: str) -> bool:
        """Enter a new part where the paragraph begins one; return True when the paragraph is dealt with."""
        if _RECIPIENTS.match(text) and self._part in {
            kinds.BODY,
            kinds.DECISION,
            kinds.BASES,
            kinds.LETTERHEAD,
        }:
            self._enter(kinds.CLOSING)
            return False
        if self._part in {kinds.BODY, kinds.DECISION} and _SIGNATURE.match(text):
            self._enter(kinds.CLOSING)
            return False
        if _ORDERING.match(text) and (
            self._part == kinds.BASES
            or (self._titled and not self._awaiting_title and self._part == kinds.LETTERHEAD)
        ):
            self._plain(paragraph, "cancu" if self._part == kinds.BASES else "dau")
            self._enter(kinds.DECISION)
            self._decision = True
            return True
        if self._part != kinds.DECISION and self._opens_annex(text):
            self._begin_annex(paragraph, text)
            return True
        title = TITLE_LINE.match(text)
        if title and len(text) < 400 and self._plan_may_begin(title["rest"].strip()):
            self._enter(kinds.LETTERHEAD)
        elif self._part == kinds.CLOSING and not self._sections and _first_section(text):
            self._enter(kinds.BODY)
        if title and self._part == kinds.LETTERHEAD and len(text) < 600:
            self._titled = True
            self._awaiting_title = not title["rest"].strip()
        return False

    def _plan_may_begin(self, rest: str) -> bool:
        """Tell whether a title opens the plan that a decision or a page's own heading only announced."""
        if self._part in {kinds.CLOSING, kinds.DECISION}:
            return not self._sections and (not rest or rest.isupper() or self._decision)
        return self._part == kinds.BASES and not self._titled

    def _still_before_body(self, text: str) -> bool:
        if self._awaiting_title:
            self._awaiting_title = TITLE_LINE.match(text) is not None
            return True
        marker = read_marker(text)
        bare = text[marker.length :] if marker else text
        if self._unnumbered and not BASIS.match(bare):
            return marker is None and not text.endswith((".", ";")) and not re.search(r"\d\s?%", text)
        high = marker is not None and marker.style in {"roman", "phan", "dieu", "upper"}
        if not high and BASIS.match(bare) and (self._titled or (self._drafts and _PLAIN_BASIS.match(bare))):
            self._enter(kinds.BASES)
            return True
        if self._part == kinds.LETTERHEAD and not self._titled:
            first = marker is not None and marker.numbers == (1,)
            if high and bare.isupper():
                return False
            return not (first and (high or (marker is not None and marker.style == "number")))
        if high:
            return False
        if marker and not marker.bullet:
            return marker.style in {"number", "number)"} and _LEGAL.match(bare) is not None
        if self._part == kinds.BASES:
            return (
                marker is not None or _AS_FOLLOWS.search(text) is not None or _is_law(bare) or bare.isupper()
            )
        return marker is None or _is_law(bare)

    def _opens_annex(self, text: str) -> bool:
        if len(text) > 400:
            return False
        match = _ANNEX.match(text)
        if match and not text.endswith((".", ";")):
            rest = match["rest"].strip()
            if self._part in {kinds.LETTERHEAD, kinds.BASES}:
                return text.startswith("PHỤ LỤC") and not rest
            if text.startswith(("PHỤ LỤC", "PHỤ BIỂU", "BIỂU SỐ")):
                return not rest or not rest[0].islower()
            return self._part != kinds.BODY and (not rest or rest.isupper() or bool(match["number"]))
        return self._part == kinds.CLOSING and _ANNEX_TITLE.match(text) is not None and text.isupper()

    def _begin_annex(self, paragraph: Paragraph, text: str) -> None:
        self._annexes += 1
        match = _ANNEX.match(text)
        number = self._annexes
        if match and match["number"]:
            written = match["number"]
            number = int(written) if written.isdigit() else from_roman(written) or number
        self._enter(kinds.ANNEX)
        identity = self._free(f"pl{number}")
        marker = Marker("annex", (), "", 0)
        self._draft(paragraph, identity, kinds.HEADING, marker, None)
        self._prefix, self._root = identity, identity

    def _enter(self, part: str) -> None:
        self._part = part
        self._outline = Outline()
        self._prefix, self._root = "", None

    # clauses

    def _plain(self, paragraph: Paragraph, prefix: str) -> None:
        marker = read_marker(paragraph.text) if self._part == kinds.BASES else None
        kind = kinds.PARAGRAPH if marker is None else kinds.BULLET if marker.bullet else kinds.ITEM
        self._draft(paragraph, self._free(f"{prefix}.{self._count(prefix)}"), kind, marker, None)

    def _in_tree(self, paragraph: Paragraph) -> None:
        text = paragraph.text
        marker = read_marker(
            text,
            letters_running=self._outline.running("letter"),
            upper_running=self._outline.running("upper"),
        )
        if marker is None and _LEAD_LINE.search(text) and len(text) <= 200 and not text[0].islower():
            marker = Marker("lead", (), "", 0)
        if _LAST_WORDS.match(text):
            self._outline = Outline()
        if marker is None:
            parent = self._outline.close_bullets() or self._root
            identity = self._under(parent, f"p{self._count((parent or '') + '/p')}")
            self._draft(paragraph, identity, kinds.PARAGRAPH, None, parent)
            return
        if self._part == kinds.BODY and marker.style in {"roman", "phan", "upper"}:
            self._sections += 1
        parent = self._outline.make_room(marker) or self._root
        identity = self._under(parent, self._slug(marker, parent))
        kind = kinds.BULLET if marker.bullet else kinds.ITEM
        self._draft(paragraph, identity, kind, marker, parent)
        self._outline.push(marker, identity)

    def _slug(self, marker: Marker, parent: str | None) -> str:
        if marker.bullet:
            return f"-{self._count((parent or '') + '/-')}"
        if marker.style == "lead":
            return f"m{self._count((parent or '') + '/m')}"
        if marker.style.startswith("dotted") and parent is not None:
            above = self._drafts[parent].marker
            if above is not None and above.numbers == marker.numbers[:-1]:
                return str(marker.numbers[-1])
        return marker.slug

    def _under(self, parent: str | None, slug: str) -> str:
        above = parent or self._prefix
        return self._free(f"{above}.{slug}" if above else slug)

    def _free(self, identity: str) -> str:
        if identity not in self._drafts:
            return identity
        key = f"{identity}~"
        while True:
            candidate = f"{identity}~{self._count(key) + 1}"
            if candidate not in self._drafts:
                return candidate

    def _count(self, key: str) -> int:
        self._bullets[key] = self._bullets.get(key, 0) + 1
        return self._bullets[key]

    def _draft(
        self, paragraph: Paragraph, identity: str, kind: str, marker: Marker | None, parent: str | None
    ) -> None:
        traced = paragraph.traced
        if marker is not None and marker.length:
            traced = traced.cut(marker.length, len(traced.text)).strip()
        level = self._drafts[parent].clause.level + 1 if parent else 1
        clause = Clause(
            id=identity,
            kind=kind,
            part=self._part,
            marker=marker.written if marker else "",
            level=level,
            text=traced.text,
            start=paragraph.start,
            end=paragraph.end,
            parent=parent,
            page=paragraph.page,
            paragraph=paragraph.number,
            pieces=traced.pieces(),
        )
        self._drafts[identity] = _Draft(clause, marker)
        if parent:
            self._drafts[parent].children.append(identity)

    # tables

    def _add_table(self, rows: list[Paragraph]) -> None:
        mended = [self._row(row) for row in rows]
        grid = assemble(mended)
        if not grid.rows:
            return
        if self._part in {kinds.CLOSING, kinds.LETTERHEAD} and (self._titled or self._part == kinds.CLOSING):
            self._begin_annex(_heading_of(grid), "")
        elif self._part in {kinds.LETTERHEAD, kinds.BASES}:
            self._enter(kinds.BODY)
        parent = self._outline.deepest or self._root
        base = parent or self._prefix
        if self._part != kinds.ANNEX or self._count(f"{base}/t") > 1:
            base = f"{base}.t{self._count(base + '/tn')}" if base else f"t{self._count('/tn')}"
        ids: list[str] = []
        for number, row in enumerate(grid.rows, start=1):
            identity = self._free(f"{base}.r{number}")
            ids.append(identity)
            self._draft_row(row, identity, parent, base, number)
        columns = tuple(grid.columns.get(at, "") for at in range(_width(grid)))
        self._tables.append(Table(base, parent, self._part, columns, tuple(ids)))

    def _row(self, row: Paragraph) -> Row:
        cells: dict[int, Traced] = {}
        for column, cell in row.cells.items():
            cells[column], count = self._book.mend(cell)
            self._repairs += count
        return Row(row.start, row.end, row.number, row.page, cells)

    def _draft_row(self, row: Row, identity: str, parent: str | None, table: str, number: int) -> None:
        level = self._drafts[parent].clause.level + 1 if parent else 1
        clause = Clause(
            identity, kinds.TABLE_ROW, self._part, "", level, "", row.start, row.end, parent,
            page=row.page, paragraph=row.number, table=table, row=number,
        )  # fmt: skip
        self._drafts[identity] = draft = _Draft(clause)
        if parent:
            self._drafts[parent].children.append(identity)
        for column, traced in sorted(row.cells.items()):
            if not traced.text:
                continue
            cell_id = f"{identity}.c{column + 1}"
            start, end = min(traced.starts), max(traced.ends)
            cell = Clause(
                cell_id, kinds.TABLE_CELL, self._part, "", level + 1, traced.text, start, end, identity,
                page=row.page, paragraph=row.number, table=table, row=number, column=column + 1,
                pieces=traced.pieces(),
            )  # fmt: skip
            self._drafts[cell_id] = _Draft(cell)
            draft.children.append(cell_id)


def _first_section(text: str) -> bool:
    marker = read_marker(text)
    return (
        marker is not None
        and marker.style in {"roman", "phan"}
        and marker.numbers == (1,)
        and text[marker.length :].isupper()
    )


def _width(grid: Grid) -> int:
    widths = [max(row.cells, default=-1) + 1 for row in grid.rows]
    return max([*widths, max(grid.columns, default=-1) + 1])


def _heading_of(grid: Grid) -> Paragraph:
    first = (grid.heading or grid.rows)[0]
    return Paragraph(Traced("", [], []), first.start, first.start, first.number, first.page)


def _is_law(text: str) -> bool:
    return fold(text).startswith(
        ("luat ", "nghi dinh ", "nghi quyet ", "quyet dinh ", "thong tu ", "can cu ")
    )
