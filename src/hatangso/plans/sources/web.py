"""Saved web pages (.html): block elements as paragraphs, tables with their spans, nothing of menus and scripts."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
from lxml.etree import Comment, LxmlError, ProcessingInstruction

from hatangso.errors import InputError
from hatangso.plans.numbering import read_marker, to_roman
from hatangso.plans.sources.extract import Extract, Writer, nothing_to_read

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "nav",
        "footer",
        "aside",
        "form",
        "noscript",
        "template",
        "svg",
        "iframe",
        "object",
        "button",
        "select",
        "option",
        "title",
        "meta",
        "link",
        "input",
        "textarea",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "blockquote",
        "section",
        "article",
        "main",
        "header",
        "body",
        "html",
        "center",
        "dl",
        "dt",
        "dd",
        "pre",
        "figure",
        "figcaption",
        "address",
        "fieldset",
        "td",
        "th",
        "tr",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "caption",
    ]
)
_LIST_STYLES = (("upper-roman", "I"), ("lower-roman", "i"), ("upper-alpha", "A"), ("lower-alpha", "a"))
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def extract_html(text: str) -> Extract:
    """Return the text of a web page.

    White space is squeezed as a browser does; ``<br>`` ends a line. A table whose rows have one cell, or a cell of
    which holds a table, is layout and is read as paragraphs.

    Raises
    ------
    InputError
        when there is nothing to read.
    """
    if not text.strip():
        raise nothing_to_read()
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError) as fault:
        raise InputError(
            "Không đọc được tệp .html", found=str(fault)[:80], expected="trang web lưu lại đầy đủ",
            remedy="Hãy mở trang và lưu lại, hoặc chép nội dung vào tệp .txt",
        ) from fault  # fmt: skip
    writer = Writer("html")
    _Reader(writer).read(root)
    extract = writer.finish()
    if not extract.lines:
        raise nothing_to_read()
    return extract


class _Reader:
    """Walks the page without recursion and writes a paragraph at every block boundary."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._words: list[str] = []
        self._label = ""
        self._numbers = _ListNumbers()
        self._tables = 0

    def read(self, root: Any) -> None:
        waiting: list[tuple[str, Any]] = [("open", root)]
        while waiting:
            step, element = waiting.pop()
            if step == "text":
                self._words.append(element)
            elif step == "end":
                self._flush()
            else:
                self._open(element, waiting)
        self._flush()

    def _open(self, element: Any, waiting: list[tuple[str, Any]]) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _SKIPPED or element.tag in {Comment, ProcessingInstruction} or _hidden(element):
            return
        if tag == "table" and not _is_layout(element):
            self._flush()
            self._table(element)
            return
        block = tag in _BLOCKS
        if block:
            self._flush()
            waiting.append(("end", None))
        if tag == "br":
            self._words.append("\n")
        for child in reversed(element):
            if child.tail:
                waiting.append(("text", child.tail))
            waiting.append(("open", child))
        if tag == "li":
            self._label = self._numbers.label(element)
        if element.text:
            self._words.append(element.text)

    def _flush(self) -> None:
        lines = [_BLANKS.sub(" ", line).strip() for line in _joined(self._words)]
        self._words = []
        lines = [line for line in lines if line]
        if lines and self._label:
            lines[0] = lines[0] if read_marker(lines[0]) else f"{self._label} {lines[0]}"
            self._label = ""
        for at, line in enumerate(lines):
            self._writer.paragraph(line, whole=len(lines) == 1, blank=at == 0)

    def _table(self, table: Any) -> None:
        self._tables += 1
        held: dict[int, int] = {}
        texts: dict[int, str] = {}
        for row in table.iter("tr"):
            if next(row.iterancestors("table"), None) is not table:
                continue
            cells: list[tuple[int, str]] = []
            column = 0
            for cell in row:
                if cell.tag not in {"td", "th"}:
                    continue
                while held.get(column, 0) > 0:
                    held[column] -= 1
                    if (
                        column and cells and cells[0][0] == 0
                    ):  # a row of its own: what spans it holds for it too
                        cells.append((column, texts.get(column, "")))
                    column += 1
                texts[column] = _cell_text(cell, self._numbers)
                cells.append((column, texts[column]))
                rows, columns = _span(cell, "rowspan"), _span(cell, "colspan")
                for at in range(column, column + columns):
                    held[at] = rows - 1
                column += columns
            for at in [each for each in held if each >= column and held[each] > 0]:
                held[at] -= 1
            if cells:
                self._writer.row(cells, table=self._tables)


def _joined(words: list[str]) -> list[str]:
    """Return the lines of collected text: line ends written in the page are blanks, those of ``<br>`` are kept."""
    return "".join(word if word == "\n" else _BLANKS.sub(" ", word) for word in words).split("\n")


class _ListNumbers:
    """Counts the items of numbered lists as a browser does."""

    def __init__(self) -> None:
        self._last: dict[Any, int] = {}

    def label(self, item: Any) -> str:
        """Return the number or dash shown before a list item; each item is asked once, in order."""
        listed = item.getparent()
        if listed is None or listed.tag != "ol":
            return "-"
        following = self._last[listed] + 1 if listed in self._last else _whole(listed.get("start"), 1)
        number = self._last[listed] = _whole(item.get("value"), following)
        style = (listed.get("style") or "").lower()
        form = listed.get("type") or next((kind for words, kind in _LIST_STYLES if words in style), "1")
        if form in {"I", "i"}:
            written = to_roman(min(max(number, 1), 399))
            return f"{written if form == 'I' else written.lower()}."
        if form in {"A", "a"}:
            letter = chr(ord(form) + (max(number, 1) - 1) % 26)
            return f"{letter}." if form == "A" else f"{letter})"
        return f"{number}."


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdigit() and len(value) < 6 else otherwise


def _cell_text(cell: Any, numbers: _ListNumbers) -> str:
    words: list[str] = []
    waiting: list[tuple[str, Any]] = [("open", cell)]
    while waiting:
        step, element = waiting.pop()
        if step == "text":
            words.append(_BLANKS.sub(" ", element))
            continue
        if step == "end":
            words.append("\n")
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _SKIPPED:
            continue
        if tag in _BLOCKS or tag == "br":
            words.append("\n")
            waiting.append(("end", None))
        if tag == "li":
            words.append(f"{numbers.label(element)} ")
        for child in reversed(element):
            if child.tail:
                waiting.append(("text", child.tail))
            waiting.append(("open", child))
        if element.text:
            words.append(_BLANKS.sub(" ", element.text))
    return "\n".join(line.strip() for line in "".join(words).split("\n") if line.strip())


def _is_layout(table: Any) -> bool:
    if table.find(".//table") is not None:
        return True
    widest = 0
    for row in table.iter("tr"):
        widest = max(widest, sum(1 for cell in row if cell.tag in {"td", "th"}))
        if widest > 1:
            return False
    return True


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), 200) if value.isdigit() and len(value) < 5 else 1
