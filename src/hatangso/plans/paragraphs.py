"""Lines of a file → paragraphs: wrapped lines joined, page furniture left out, table rows found."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field, replace

from hatangso.plans.grids import flatten_layout, rows_of_plain_text
from hatangso.plans.numbering import read_marker
from hatangso.plans.repair import Traced, clean
from hatangso.plans.sources.extract import Extract, Line
from hatangso.plans.stacked import rows_of_stacked_cells
from hatangso.plans.vocabulary import word_list

# A paragraph longer than this is cut at a sentence or blank, so that no reading step meets an endless one.
LONGEST_PARAGRAPH = 12_000
_ENDS = re.compile(r"(?:[.;:!?…]|\./\.?|/\.)[\"”’')\]]*$")
_OPEN_END = re.compile(
    r"(?:[,(–-]|\b(?:và|của|các|cho|với|trong|về|theo|tại|để|là|có|được|từ|đến|hoặc|do|trên|đối))$",
    re.IGNORECASE,
)
_PLACE_AND_DAY = re.compile(r"^[^,]{2,40},\s*ngày\b", re.IGNORECASE)
_AWAITS_NUMBER = re.compile(
    r"^số\s*:$|\b(?:ngày|tháng|năm|số|khoảng|trên|dưới|đạt)$|\d\s*[-–]$", re.IGNORECASE
)
_BEGINS_INSIDE = re.compile(r"^[\"“(\[]?[^\W\d_]|^\d|^[,;.)%]", re.UNICODE)
_UNIT_BEGINS = re.compile(r"(?:[MGT]b(?:it)?/s|[MGT]bps|km|%|ms)\b|%")
_BREAK = re.compile(r"\n")
_OFFICE_BEGINS = re.compile(
    r"(?:Các [Ss]ở|Sở|UBND|Ủy ban|Các |Phòng|Công an|VNPT|Viettel|Trung tâm|Văn phòng|Bưu điện|Doanh nghiệp|Hội|Đoàn|Mặt trận|Báo|Đài)\b"
)
_PAGE_NUMBER = re.compile(r"^(?:-+\s*)?(?:trang\s*)?\d{1,3}(?:\s*/\s*\d{1,3})?(?:\s*-+)?$", re.IGNORECASE)
_RULE = re.compile(r"^[\s\-–—_=*.|:+]{3,}$")
_STANDING_ALONE = re.compile(
    r"^(?:kế hoạch|quyết định|phụ lục(?: [ivx\d]+)?|đề án|chương trình|nghị quyết|nơi nhận|kính gửi)\s*:?$",
    re.IGNORECASE,
)
_LETTERHEAD_LINE = re.compile(
    r"^(?:số\s*:|cộng h(?:[oò]a|oà) x|độc lập|ủy ban nhân dân|uỷ ban nhân dân|tm\.|kt\.|q\.|nơi nhận|phụ lục\b|căn cứ|theo đề nghị|xét đề nghị|thực hiện (?:quyết định|kế hoạch|nghị quyết|công văn|chương trình))",
    re.IGNORECASE,
)


# Words with which a sentence on an office's work begins, though no full stop stands before it.
_WORK_BEGINS = re.compile(
    r"(?:Chủ trì|Phối hợp|Tham mưu|Căn cứ|Tổ chức|Triển khai|Xây dựng|Hướng dẫn|Thực hiện|Tăng cường|Chủ động|Đẩy mạnh|"
    r"Tiếp tục|Theo dõi|Cân đối|Bố trí|Rà soát|Trên cơ sở|Theo chức năng|Tuyên truyền|Nghiên cứu|Đảm bảo|Bảo đảm|Phát triển)[ ,]"
)
# A legal basis always ends with a semicolon or full stop; a line without one goes on.
_NEVER_BARE = re.compile(r"(?:căn cứ|theo đề nghị|xét đề nghị)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, or one row of a table (then ``cells`` holds its texts by 0-based column)."""

    traced: Traced
    start: int
    end: int
    number: int
    page: int | None = None
    table: int = 0
    cells: dict[int, Traced] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the cleaned text."""
        return self.traced.text


@dataclass
class _Open:
    """A paragraph that still grows."""

    parts: list[Traced]
    lines: list[Line]

    @property
    def text(self) -> str:
        return self.parts[-1].text


def read_paragraphs(extract: Extract) -> list[Paragraph]:
    """Return the paragraphs and table rows of a file in order.

    A line is joined to the one before it when a wrap parted them: the line before has no end of sentence and
    this one begins in lower case, or it fills the usual width and this one has no marker. Page numbers, rules,
    repeated page heads and the furniture of web pages are left out.
    """
    lines = _without_double_spacing(extract, _lay_out(extract))
    furniture = _Furniture(extract, lines)
    width = _wrap_width(extract, lines)
    done: list[Paragraph] = []
    growing: _Open | None = None
    parted = False
    for line in lines:
        if line.table:
            _close(growing, done)
            growing = None
            done.append(_row(extract, line))
            continue
        written = clean(Traced.of(extract.text, line.start, line.end))
        traced = _without_pipes(written)
        if not traced.text or furniture.holds(traced.text, line):
            parted = parted or not traced.text
            continue
        if parted:
            line = replace(line, blank_before=True)
        parted = written.text.endswith("|")
        if growing is not None and _goes_on(growing, traced.text, line, width):
            growing.parts.append(traced)
            growing.lines.append(line)
        else:
            _close(growing, done)
            growing = _Open([traced], [line])
    _close(growing, done)
    return done


def begins_with_bullet(text: str) -> bool:
    """Tell whether a paragraph begins with a dash or another sign."""
    marker = read_marker(text)
    return marker is not None and marker.bullet


def begins_lower(text: str) -> bool:
    """Tell whether a line begins with a small letter, as the rest of a wrapped sentence does."""
    return text.lstrip('"“(')[:1].islower()


def _without_pipes(traced: Traced) -> Traced:
    """Return a line without the pipes that a copied table left at its ends."""
    bare = traced.text.strip("| ")
    if len(bare) == len(traced.text):
        return traced
    start = traced.text.find(bare) if bare else len(traced.text)
    return traced.cut(start, start + len(bare))


def _close(growing: _Open | None, done: list[Paragraph]) -> None:
    if growing is None:
        return
    traced = Traced.join(growing.parts)
    first, last = growing.lines[0], growing.lines[-1]
    if len(traced.text) <= LONGEST_PARAGRAPH:
        done.append(Paragraph(traced, first.start, last.end, first.paragraph, first.page))
        return
    at = 0
    while at < len(traced.text):
        end = min(at + LONGEST_PARAGRAPH, len(traced.text))
        if end < len(traced.text):
            stop = max(traced.text.rfind(". ", at, end), traced.text.rfind("; ", at, end))
            stop = stop + 1 if stop > at else traced.text.rfind(" ", at, end)
            end = stop if stop > at else end
        part = traced.cut(at, end).strip()
        if part.text:
            done.append(Paragraph(part, part.starts[0], part.ends[-1], first.paragraph, first.page))
        at = end


def _row(extract: Extract, line: Line) -> Paragraph:
    cells: dict[int, Traced] = {}
    for cell in line.cells:
        traced = clean(Traced.of(extract.text, cell.start, cell.end), keep_breaks=True)
        wrapped = extract.file_kind == "pdf" or (
            extract.file_kind in {"txt", "md"} and "\n" in extract.text[cell.start : cell.end]
        )
        cells[cell.column] = traced.replace(_BREAK, _wrap_in_cell) if wrapped else traced
    empty = Traced("", [], [])
    return Paragraph(empty, line.start, line.end, line.paragraph, line.page, line.table, cells)


def _wrap_in_cell(match: re.Match[str]) -> str:
    """Return a blank for a line end that only the width of a PDF's column made, else the line end."""
    before = match.string[: match.start()].rpartition("\n")[2]
    after = match.string[match.end() :].partition("\n")[0]
    if _ENDS.search(before) or read_marker(after) is not None:
        return "\n"
    new_office = _OFFICE_BEGINS.match(after) is not None and _OFFICE_BEGINS.match(before) is not None
    return "\n" if new_office and not _OPEN_END.search(before) else " "


def _goes_on(growing: _Open, text: str, line: Line, width: int) -> bool:
    before = growing.text
    if _STANDING_ALONE.match(text) and not line.blank_before and read_marker(growing.parts[0].text):
        return before.isupper() and text.isupper() and len(before) > 8
    if _STANDING_ALONE.match(before) or _STANDING_ALONE.match(text) or _LETTERHEAD_LINE.match(text):
        return False
    network = re.match(r"[2-6]G\b", text) is not None and not _ENDS.search(growing.text)
    if not network and read_marker(text, letters_running=1) is not None:
        return False
    if network:
        return True
    same_block = not line.blank_before and not line.whole
    if _hangs(growing, text, same_block=same_block):
        return True
    ended = _ENDS.search(before) is not None
    lower = begins_lower(text)
    if lower and not ended:
        return True
    if not same_block:
        open_end = not ended and _OPEN_END.search(before) is not None and len(before) > 40
        return open_end and _BEGINS_INSIDE.match(text) is not None
    return _fills_the_line(growing, text, width, ended=ended)


def _hangs(growing: _Open, text: str, *, same_block: bool) -> bool:
    """Tell whether what is before cannot stand alone: a bare "Điều 1.", "Số:", "ngày" before a number."""
    before = growing.text
    if text[0].isdigit() and _AWAITS_NUMBER.search(before):
        return True
    if before[-1:].isdigit() and _UNIT_BEGINS.match(text):
        return True
    if not same_block:
        return False
    if len(growing.parts) == 1 and len(before) <= 12:
        marker = read_marker(before)
        if marker is not None and marker.length == len(before) and not marker.bullet:
            return True
    half_a_name = re.fullmatch(r"\w{1,7}(?: \w{1,7})?", before) is not None and before.istitle()
    return half_a_name and _PLACE_AND_DAY.match(text) is not None


def _fills_the_line(growing: _Open, text: str, width: int, *, ended: bool) -> bool:
    before = growing.text
    if ended:
        goes_over = len(before) >= 0.85 * width > 0 and before[-1] not in ":;" and len(growing.parts) > 1
        return begins_lower(text) or goes_over
    if _OPEN_END.search(before):
        return True
    if _WORK_BEGINS.match(text) and not before.isupper():
        return False
    first = growing.parts[0].text
    if width and (_NEVER_BARE.match(first) or begins_with_bullet(first)):
        return True
    if before.isupper() or text.isupper():
        return before.isupper() and text.isupper() and not _LETTERHEAD_LINE.match(before)
    if not text[0].isalpha():
        return len(before) >= 0.5 * width > 0
    return len(before) >= 0.7 * width > 0


def _without_double_spacing(extract: Extract, lines: list[Line]) -> list[Line]:
    """Return the lines as if single-spaced where a file sets a blank line between all of them, wrapped ones too."""
    parted = sum(line.blank_before for line in lines)
    wraps = sum(
        1
        for line, after in itertools.pairwise(lines)
        if after.blank_before
        and not (line.table or after.table)
        and begins_lower(extract.text[after.start : after.start + 3])
        and not _ENDS.search(extract.text[max(line.start, line.end - 20) : line.end].rstrip())
    )
    if parted < 0.9 * max(len(lines) - 1, 1) or wraps < max(4, len(lines) // 10):
        return lines
    return [replace(line, blank_before=False) for line in lines]


def _wrap_width(extract: Extract, lines: list[Line]) -> int:
    """Return the usual length of a line cut by a wrap; 0 when the file has none."""
    lengths: list[int] = []
    for line, after in itertools.pairwise(lines):
        if line.table or after.table or line.whole or after.blank_before:
            continue
        if begins_lower(extract.text[after.start : after.start + 3]):
            lengths.append(line.end - line.start)
    if len(lengths) < 2:
        return 0
    lengths.sort()
    return lengths[len(lengths) * 7 // 10]


class _Furniture:
    """What a page carries besides the plan: page numbers, rules, repeated heads, marks of law sites."""

    def __init__(self, extract: Extract, lines: list[Line]) -> None:
        listed = word_list("furniture")
        self._patterns = re.compile("|".join(f"(?:{pattern})" for pattern in listed["lines"]), re.IGNORECASE)
        pages = {line.page for line in lines if line.page}
        counts: Counter[str] = Counter()
        if len(pages) >= 4:
            counts.update(
                extract.text[line.start : line.end].strip()
                for line in lines
                if not line.table and line.end - line.start <= 120
            )
        self._repeated = {text for text, count in counts.items() if count >= max(4, len(pages) * 6 // 10)}

    def holds(self, text: str, line: Line) -> bool:
        """Tell whether a line is furniture."""
        if line.end - line.start > 400:
            return False
        return bool(
            _PAGE_NUMBER.match(text)
            or _RULE.match(text)
            or text in self._repeated
            or self._patterns.match(text)
        )


def _lay_out(extract: Extract) -> list[Line]:
    """Return the lines with tab and pipe rows of plain text made table rows, and layout tables made lines."""
    if extract.file_kind not in {"txt", "md"}:
        return flatten_layout(extract, list(extract.lines))
    return flatten_layout(extract, rows_of_stacked_cells(extract, rows_of_plain_text(extract)))
