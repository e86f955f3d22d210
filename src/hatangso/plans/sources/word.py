"""Word files (.docx): paragraphs with the numbers Word shows, tables with merged cells, page breaks."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import defaultdict
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from lxml.etree import LxmlError

from hatangso.errors import InputError
from hatangso.plans.numbering import to_roman
from hatangso.plans.sources.extract import Extract, Writer, nothing_to_read

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_UNPACKED = 250_000_000
_MOST_XML = 50_000_000
_MOST_PARTS = 5_000
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr", _FALLBACK}


def extract_docx(content: bytes) -> Extract:
    """Return the text of a .docx.

    Automatic numbers are written out as Word shows them ("1.", "a)", "-"); deleted text of tracked changes is left
    out; a cell merged downwards is read once; text boxes follow the paragraph they hang on.

    Raises
    ------
    InputError
        when the file is broken, is no Word file, is encrypted, or unpacks to more than any plan holds.
    """
    _check_archive(content)
    try:
        opened = docx.Document(io.BytesIO(content))
        body = opened.element.body
        numbers = _Numbers(opened)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OpcError,
        LxmlError,
        KeyError,
        ValueError,
        AttributeError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        TypeError,
        OSError,
    ) as fault:
        raise _broken() from fault
    writer = Writer("docx")
    try:
        _Reader(writer, numbers).read(body)
    except (KeyError, ValueError, AttributeError, TypeError) as fault:
        raise fault if isinstance(fault, InputError) else _broken() from fault
    extract = writer.finish()
    if not extract.lines:
        raise nothing_to_read()
    return extract


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as fault:
        raise _broken() from fault
    if any(part.flag_bits & 1 for part in parts):
        raise InputError(
            "Tệp .docx được đặt mật khẩu",
            expected="tệp mở được",
            remedy="Hãy bỏ mật khẩu trong Word rồi lưu lại",
        )
    unpacked = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
    if unpacked > _MOST_UNPACKED or largest > _MOST_XML or len(parts) > _MOST_PARTS:
        raise InputError(
            "Tệp .docx bung ra quá lớn",
            found=f"{unpacked // 1_000_000} MB",
            expected=f"dưới {_MOST_UNPACKED // 1_000_000} MB",
            remedy="Tệp có thể bị cố ý nén quá mức; hãy lấy lại tệp từ cơ quan ban hành",
        )
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise _broken()


def _broken() -> InputError:
    return InputError(
        "Không mở được tệp .docx",
        found="tệp hỏng, bị cắt ngắn hoặc không phải tệp Word",
        expected="tệp .docx nguyên vẹn",
        remedy="Hãy mở tệp bằng Word rồi lưu lại thành .docx, hoặc tải lại tệp",
    )


class _Reader:
    """Walks the body in order and writes paragraphs and rows."""

    def __init__(self, writer: Writer, numbers: _Numbers) -> None:
        self._writer, self._numbers = writer, numbers
        self._tables = 0
        self._page = 1
        self._pages_marked = False

    def read(self, body: Any) -> None:
        self._pages_marked = next(body.iter(f"{_W}lastRenderedPageBreak"), None) is not None
        for block in _blocks(body):
            if block.tag == f"{_W}p":
                self._paragraph(block)
            else:
                self._table(block)

    def _paragraph(self, paragraph: Any) -> None:
        label = self._numbers.label(paragraph)
        text = _text_of(paragraph)
        page = self._page if self._pages_marked else None
        self._page += sum(1 for _ in paragraph.iter(f"{_W}lastRenderedPageBreak"))
        lines = text.split("\n")
        for at, line in enumerate(lines):
            written = f"{label} {line}" if at == 0 and label and line.strip() else line
            self._writer.paragraph(written, page=page, whole=len(lines) == 1, blank=at == 0)
        for box in _boxes(paragraph):
            for inner in box.iter(f"{_W}p"):
                self._writer.paragraph(_text_of(inner), page=page)

    def _table(self, table: Any) -> None:
        self._tables += 1
        above: dict[int, str] = {}
        for row in table.iter(f"{_W}tr"):
            if _owner(row, f"{_W}tbl") is not table:
                continue
            page = self._page if self._pages_marked else None
            self._page += sum(1 for _ in row.iter(f"{_W}lastRenderedPageBreak"))
            cells: list[tuple[int, str]] = []
            column = _grid_before(row)
            for cell in row.iter(f"{_W}tc"):
                if _owner(cell, f"{_W}tr") is not row:
                    continue
                if not _merged_into_above(cell):
                    above[column] = self._cell_text(cell)
                    cells.append((column, above[column]))
                elif cells and cells[0][0] == 0:  # a row of its own: what spans it holds for it too
                    cells.append((column, above.get(column, "")))
                column += _width(cell)
            if cells:
                self._writer.row(cells, table=self._tables, page=page)

    def _cell_text(self, cell: Any) -> str:
        lines: list[str] = []
        for paragraph in cell.iter(f"{_W}p"):
            label = self._numbers.label(paragraph)
            text = _text_of(paragraph)
            if text.strip() or label:
                lines.append(f"{label} {text}".strip())
        return "\n".join(lines)


def _blocks(parent: Any) -> list[Any]:
    """Return paragraphs and tables in order, also those inside content controls and insertions."""
    found: list[Any] = []
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if element.tag in {f"{_W}p", f"{_W}tbl"}:
            found.append(element)
        elif element.tag in {
            f"{_W}sdt",
            f"{_W}sdtContent",
            f"{_W}ins",
            f"{_W}moveTo",
            f"{_W}customXml",
            f"{_W}smartTag",
        }:
            waiting += list(reversed(element))
    return found


def _text_of(paragraph: Any) -> str:
    parts: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        tag = element.tag
        if tag in _SKIPPED or tag == f"{_W}txbxContent" or not isinstance(tag, str):
            continue
        if tag == f"{_W}t":
            parts.append(element.text or "")
        elif tag == f"{_W}tab" or tag == f"{_W}ptab":
            parts.append(" ")
        elif tag in {f"{_W}br", f"{_W}cr"}:
            parts.append("\n" if element.get(f"{_W}type") != "page" else " ")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
        else:
            waiting += list(reversed(element))
    return "".join(parts)


def _boxes(paragraph: Any) -> list[Any]:
    return [
        box
        for box in paragraph.iter(f"{_W}txbxContent")
        if not any(above.tag == _FALLBACK for above in box.iterancestors())
    ]


def _owner(element: Any, tag: str) -> Any:
    return next(element.iterancestors(tag), None)


def _grid_before(row: Any) -> int:
    before = row.find(f"{_W}trPr/{_W}gridBefore")
    return _integer(before, 0) if before is not None else 0


def _width(cell: Any) -> int:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    return max(_integer(span, 1), 1) if span is not None else 1


def _merged_into_above(cell: Any) -> bool:
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merge is not None and merge.get(f"{_W}val", "continue") != "restart"


def _integer(element: Any, otherwise: int) -> int:
    value = element.get(f"{_W}val") if element is not None else None
    try:
        return min(int(value), 1000) if value is not None else otherwise
    except ValueError:
        return otherwise


class _Numbers:
    """Counts automatic numbers as Word does: per list and level, deeper levels begin again."""

    def __init__(self, opened: Any) -> None:
        self._abstract: dict[str, dict[int, dict[str, Any]]] = {}
        self._lists: dict[str, tuple[str, dict[int, int]]] = {}
        self._styles: dict[str, tuple[str | None, str | None, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._overridden: set[str] = set()
        numbering = _part(opened, "numbering_part")
        if numbering is not None:
            self._read_numbering(numbering)
        styles = _part(opened, "_styles_part")
        if styles is not None:
            self._read_styles(styles)

    def label(self, paragraph: Any) -> str:
        """Return the number Word shows before the paragraph, "" when none; counts it."""
        num_id, level = self._place(paragraph)
        if num_id is None or num_id not in self._lists:
            return ""
        abstract, starts = self._lists[num_id]
        levels = self._abstract.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts[abstract]
        if starts and num_id not in self._overridden:
            self._overridden.add(num_id)
            for at, start in starts.items():
                counts[at] = start - 1
        counts[level] = counts[level] + 1 if level in counts else levels[level]["start"]
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        return self._written(levels, counts, level)

    def _written(self, levels: dict[int, dict[str, Any]], counts: dict[int, int], level: int) -> str:
        form, text = levels[level]["form"], levels[level]["text"]
        if form == "bullet":
            return "+" if text.strip() == "+" else "*" if text.strip() == "*" else "-"
        if form == "none":
            return ""
        for at in range(level + 1):
            if f"%{at + 1}" in text and at in levels:
                number = counts.get(at, levels[at]["start"])
                counts.setdefault(at, number)
                shown = _shown(number, levels[at]["form"] if not levels[level]["legal"] else "decimal")
                text = text.replace(f"%{at + 1}", shown)
        return str(text).strip()

    def _place(self, paragraph: Any) -> tuple[str | None, int]:
        properties = paragraph.find(f"{_W}pPr")
        num_id, level = None, None
        style = None
        if properties is not None:
            numbered = properties.find(f"{_W}numPr")
            if numbered is not None:
                num_id, level = _num(numbered)
            style_element = properties.find(f"{_W}pStyle")
            style = style_element.get(f"{_W}val") if style_element is not None else None
        hops = 0
        while num_id is None and style in self._styles and hops < 20:
            style, num_id, styled_level = self._styles[style]
            level = styled_level if level is None else level
            hops += 1
        return (None if num_id == "0" else num_id), level or 0

    def _read_numbering(self, root: Any) -> None:
        for abstract in root.iter(f"{_W}abstractNum"):
            levels: dict[int, dict[str, Any]] = {}
            for level in abstract.iter(f"{_W}lvl"):
                levels[_attribute(level, "ilvl")] = _level(level)
            self._abstract[abstract.get(f"{_W}abstractNumId", "")] = levels
        for num in root.iter(f"{_W}num"):
            target = num.find(f"{_W}abstractNumId")
            if target is None:
                continue
            starts = {
                _attribute(override, "ilvl"): _integer(override.find(f"{_W}startOverride"), 1)
                for override in num.iter(f"{_W}lvlOverride")
                if override.find(f"{_W}startOverride") is not None
            }
            self._lists[num.get(f"{_W}numId", "")] = (target.get(f"{_W}val", ""), starts)

    def _read_styles(self, root: Any) -> None:
        for style in root.iter(f"{_W}style"):
            numbered = style.find(f"{_W}pPr/{_W}numPr")
            based = style.find(f"{_W}basedOn")
            num_id, level = _num(numbered) if numbered is not None else (None, None)
            above = based.get(f"{_W}val") if based is not None else None
            self._styles[style.get(f"{_W}styleId", "")] = (above, num_id, level or 0)


def _part(opened: Any, name: str) -> Any:
    try:
        return getattr(opened.part, name).element
    except (KeyError, NotImplementedError, AttributeError):
        return None


def _num(numbered: Any) -> tuple[str | None, int | None]:
    identity, level = numbered.find(f"{_W}numId"), numbered.find(f"{_W}ilvl")
    return (
        identity.get(f"{_W}val") if identity is not None else None,
        _integer(level, 0) if level is not None else None,
    )


def _attribute(element: Any, name: str) -> int:
    value = element.get(f"{_W}{name}", "0")
    return int(value) if value.isdigit() else 0


def _level(level: Any) -> dict[str, Any]:
    form, text = level.find(f"{_W}numFmt"), level.find(f"{_W}lvlText")
    start = level.find(f"{_W}start")
    return {
        "form": form.get(f"{_W}val", "decimal") if form is not None else "decimal",
        "text": text.get(f"{_W}val", "") if text is not None else "",
        "start": _integer(start, 1) if start is not None else 1,
        "legal": level.find(f"{_W}isLgl") is not None,
    }


def _shown(number: int, form: str) -> str:
    if form == "upperRoman":
        return to_roman(min(max(number, 1), 399))
    if form == "lowerRoman":
        return to_roman(min(max(number, 1), 399)).lower()
    if form in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("a") + (max(number, 1) - 1) % 26) * ((max(number, 1) - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form == "decimalZero":
        return f"{number:02d}"
    return str(number)
