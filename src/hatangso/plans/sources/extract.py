"""What every kind of file is turned into: one text and the lines of it, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from hatangso.errors import InputError

# A plan of a province with all annexes has some 300,000 letters; ten times that is no plan any more.
MOST_LETTERS = 3_000_000
MOST_BYTES = 60_000_000
MOST_LINES = 60_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its 0-based column and its span in the text."""

    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line, a paragraph or a table row of the file.

    Parameters
    ----------
    start, end : span in the text
    paragraph : 1-based number of the paragraph, line or row in the file
    page : 1-based page, where known
    whole : True when the file itself says that this is a paragraph; False when it may be cut by a line wrap
    blank_before : True when a blank line stands before it
    table : 1-based number of the table, 0 outside tables
    cells : cells of a table row
    """

    start: int
    end: int
    paragraph: int
    page: int | None = None
    whole: bool = False
    blank_before: bool = False
    table: int = 0
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of a file and its lines in order."""

    text: str
    lines: tuple[Line, ...]
    file_kind: str


class Writer:
    """Joins the parts of a file to one text and remembers where each came to stand."""

    def __init__(self, file_kind: str) -> None:
        self.file_kind = file_kind
        self._parts: list[str] = []
        self._length = 0
        self._lines: list[Line] = []
        self._number = 0

    def write(self, text: str) -> tuple[int, int]:
        """Add text as it is; return its span."""
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        if self._length > MOST_LETTERS:
            raise too_long()
        return start, self._length

    def paragraph(
        self, text: str, *, page: int | None = None, whole: bool = True, blank: bool = True
    ) -> None:
        """Add a paragraph and end it with a line break."""
        self._next_line()
        start, end = self.write(text)
        self.write("\n")
        if text.strip():
            self._lines.append(Line(start, end, self._number, page, whole, blank))

    def row(self, cells: list[tuple[int, str]], *, table: int, page: int | None = None) -> None:
        """Add a table row, cells parted by tabs, and end it with a line break."""
        self._next_line()
        spans: list[Cell] = []
        for position, (column, text) in enumerate(cells):
            if position:
                self.write("\t")
            start, end = self.write(text)
            spans.append(Cell(column, start, end))
        self.write("\n")
        if spans:
            self._lines.append(
                Line(spans[0].start, spans[-1].end, self._number, page, True, True, table, tuple(spans))
            )

    def _next_line(self) -> None:
        self._number += 1
        if self._number > MOST_LINES:
            raise too_long()

    def finish(self) -> Extract:
        """Return the whole."""
        return Extract("".join(self._parts), tuple(self._lines), self.file_kind)


def too_long() -> InputError:
    """Return the error for a text no plan can be."""
    return InputError(
        "Văn bản quá dài",
        found=f"hơn {MOST_LETTERS // 1_000_000} triệu chữ cái hoặc {MOST_LINES // 1_000}.000 dòng",
        expected="một kế hoạch (thường dưới 300.000 chữ cái)",
        remedy="Hãy tách riêng kế hoạch ra khỏi tập tài liệu rồi đọc lại",
    )


def nothing_to_read() -> InputError:
    """Return the error for a file without text."""
    return InputError(
        "Tệp không có chữ nào để đọc",
        expected="một kế hoạch có nội dung",
        remedy="Hãy kiểm tra lại tệp, có thể tệp rỗng hoặc chỉ có ảnh",
    )
