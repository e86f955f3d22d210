"""Opening a plan: which kind of file it is, whether it can be read, and its document."""

from __future__ import annotations

from pathlib import Path

from hatangso.errors import InputError
from hatangso.plans.building import build_document
from hatangso.plans.document import Document
from hatangso.plans.sources.extract import MOST_BYTES, MOST_LETTERS, Extract, nothing_to_read, too_long
from hatangso.plans.sources.old_fonts import refuse_old_fonts
from hatangso.plans.sources.pdf import extract_pdf
from hatangso.plans.sources.plain import decode, extract_text
from hatangso.plans.sources.web import extract_html
from hatangso.plans.sources.word import extract_docx

_SAVE_AS_DOCX = "Hãy mở tệp bằng Word hoặc LibreOffice và lưu lại thành .docx"
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")


def open_document(path: Path | str) -> Document:
    """Return the document of a file.

    The kind is told from the content first and the name second, so that a file with a wrong ending is read all the
    same.

    Raises
    ------
    InputError
        when there is no such file, it is empty, hostile, scanned, encrypted, of another kind or in a font from
        before Unicode.
    """
    extract = extract_file(Path(path))
    refuse_old_fonts(extract.text)
    return build_document(extract)


def extract_file(path: Path) -> Extract:
    """Return the text of a file with its lines; see :func:`open_document`."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(4096)
    except (OSError, ValueError) as fault:
        raise InputError(
            f"Không mở được tệp '{path}'", found=type(fault).__name__, expected="một tệp kế hoạch đọc được",
            remedy="Hãy kiểm tra đường dẫn và quyền đọc",
        ) from fault  # fmt: skip
    if size <= len(head) and not head.strip(b"\x00 \t\r\n"):
        raise nothing_to_read()
    if size > MOST_BYTES:
        raise InputError(
            "Tệp quá lớn", found=f"{size // 1_000_000} MB", expected=f"dưới {MOST_BYTES // 1_000_000} MB",
            remedy="Hãy tách riêng kế hoạch ra khỏi tập tài liệu rồi đọc lại",
        )  # fmt: skip
    if b"%PDF-" in head[:1024]:
        return extract_pdf(path)
    refuse_other_kinds(head, path.suffix.lower())
    if head.startswith(b"PK"):
        return extract_docx(path.read_bytes())
    if size > 4 * MOST_LETTERS:
        raise too_long()
    text = decode(path.read_bytes())
    if path.suffix.lower() in {".html", ".htm", ".xhtml"} or _looks_like_html(text):
        return extract_html(text)
    return extract_text(text, file_kind="md" if path.suffix.lower() == ".md" else "txt")


def refuse_other_kinds(head: bytes, suffix: str) -> None:
    """Raise when the first bytes or the name show a kind of file that cannot be read, saying what to do."""
    if head.startswith(_OLD_WORD):
        raise InputError(
            "Tệp Word kiểu cũ (.doc) hoặc tệp có mật khẩu",
            expected=".docx không mật khẩu",
            remedy=_SAVE_AS_DOCX,
        )
    if head.startswith(b"{\\rtf"):
        raise InputError("Tệp .rtf", expected=".docx", remedy=_SAVE_AS_DOCX)
    if head.startswith(_PICTURES):
        raise InputError(
            "Tệp là ảnh, không có chữ", expected="văn bản",
            remedy="Hãy nhận dạng chữ trước, ví dụ: img2pdf anh.png | ocrmypdf -l vie - ke-hoach.pdf",
        )  # fmt: skip
    if head.startswith(b"PK"):
        if b"mimetypeapplication/vnd.oasis.opendocument" in head[:200]:
            raise InputError("Tệp OpenDocument (.odt)", expected=".docx", remedy=_SAVE_AS_DOCX)
        if suffix in {".xlsx", ".pptx", ".zip", ".epub", ".jar"}:
            raise InputError(
                f"Tệp {suffix}",
                expected="kế hoạch dạng .docx, .pdf có chữ, .txt, .md hoặc .html",
                remedy=_SAVE_AS_DOCX,
            )
    elif suffix == ".docx":
        raise InputError(
            "Tệp mang đuôi .docx nhưng không phải tệp Word",
            expected="tệp .docx nguyên vẹn",
            remedy=_SAVE_AS_DOCX,
        )
    elif suffix == ".pdf":
        raise InputError(
            "Tệp mang đuôi .pdf nhưng không phải PDF", expected="tệp PDF nguyên vẹn", remedy="Hãy tải lại tệp"
        )


def _looks_like_html(text: str) -> bool:
    head = text.lstrip("\ufeff \t\r\n")[:400].lower()
    return head.startswith(("<!doctype html", "<html", "<head", "<body")) or "<html" in head
