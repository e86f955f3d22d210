"""Invented plans in the real style, as Word files: real tables, automatic numbers, merged cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

LEVELS = (("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"), ("bullet", "-"))


def province_plan(path: Path) -> Path:
    """Write a decision of an invented province that wraps a plan with an annex of tasks; return the path."""
    document = docx.Document()
    _letterhead(
        document, ("ỦY BAN NHÂN DÂN\nTỈNH SÔNG LAM", "Số: 215/QĐ-UBND", "Sông Lam, ngày 12 tháng 3 năm 2026")
    )
    for line in ("QUYẾT ĐỊNH", "Ban hành Kế hoạch phát triển hạ tầng số tỉnh Sông Lam giai đoạn 2026 - 2030"):
        document.add_paragraph(line)
    document.add_paragraph("ỦY BAN NHÂN DÂN TỈNH SÔNG LAM")
    document.add_paragraph("Căn cứ Luật Viễn thông ngày 24 tháng 11 năm 2023;")
    document.add_paragraph(
        "Căn cứ Quyết định số 1132/QĐ-TTg ngày 09/10/2024 của Thủ tướng Chính phủ phê duyệt Chiến lược hạ tầng số đến "
        "năm 2025 và định hướng đến năm 2030;"
    )
    document.add_paragraph("Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ tại Tờ trình số 9/TTr-SKHCN.")
    document.add_paragraph("QUYẾT ĐỊNH:")
    document.add_paragraph("Điều 1. Ban hành kèm theo Quyết định này Kế hoạch phát triển hạ tầng số.")
    document.add_paragraph("Điều 2. Quyết định này có hiệu lực kể từ ngày ký.")
    signature = document.add_table(rows=1, cols=2)
    signature.cell(0, 0).text = "Nơi nhận:\n- Như Điều 2;\n- Lưu: VT."
    signature.cell(0, 1).text = "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH"
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("Phát triển hạ tầng số tỉnh Sông Lam giai đoạn 2026 - 2030")
    document.add_paragraph(
        "(Kèm theo Quyết định số 215/QĐ-UBND ngày 12 tháng 3 năm 2026 của UBND tỉnh Sông Lam)"
    )
    _body(document, number=_numbering(document))
    _annex(document)
    document.save(str(path))
    return path


def _letterhead(document: Any, words: tuple[str, str, str]) -> None:
    issuer, number, place = words
    head = document.add_table(rows=2, cols=2)
    head.cell(0, 0).text = issuer
    head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    head.cell(1, 0).text = number
    head.cell(1, 1).text = place


def _body(document: Any, *, number: int) -> None:
    lines = [
        (0, "MỤC TIÊU"),
        (1, "Mục tiêu đến năm 2027"),
        (2, "100% thôn, bản được phủ sóng băng rộng di động."),
        (2, "Tỷ lệ hộ gia đình có truy nhập Internet băng rộng cáp quang đạt 90%."),
        (1, "Mục tiêu đến năm 2030"),
        (2, "Mạng 5G phủ sóng 99% dân số."),
        (0, "TỔ CHỨC THỰC HIỆN"),
        (1, "Sở Khoa học và Công nghệ"),
        (3, "Chủ trì, theo dõi, đôn đốc việc thực hiện Kế hoạch."),
        (3, "Định kỳ trước ngày 10/12 hằng năm tổng hợp, báo cáo UBND tỉnh."),
        (1, "Ủy ban nhân dân các xã, phường"),
        (3, "Tạo điều kiện về mặt bằng để lắp đặt trạm."),
    ]
    for level, text in lines:
        _numbered(document.add_paragraph(text), number, level)


def _annex(document: Any) -> None:
    document.add_paragraph("PHỤ LỤC")
    document.add_paragraph("Nhiệm vụ trọng tâm")
    rows = [
        ("TT", "Nhiệm vụ", "Cơ quan thực hiện", "", "Thời gian"),
        ("", "", "Chủ trì", "Phối hợp", ""),
        ("I", "HẠ TẦNG VIỄN THÔNG", "", "", ""),
        (
            "1",
            "Xóa vùng lõm sóng",
            "Sở Khoa học và Công nghệ",
            "UBND các xã, phường; doanh nghiệp viễn thông",
            "2026 - 2028",
        ),
        ("2", "Ngầm hóa cáp viễn thông", "Sở Xây dựng", "Sở Khoa học và Công nghệ", "Hàng năm"),
        ("3", "Duy trì mạng điện báo Hệ đặc biệt", "Văn phòng Tỉnh ủy", "", "2026 - 2030"),
    ]
    table = document.add_table(rows=len(rows), cols=5)
    table.style = "Table Grid"
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                table.cell(at, column).text = text
    table.cell(0, 2).merge(table.cell(0, 3))
    for column in (0, 1, 4):
        table.cell(0, column).merge(table.cell(1, column))


def _numbering(document: Any) -> int:
    root = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for level, (form, text) in enumerate(LEVELS):
        element = OxmlElement("w:lvl")
        element.set(qn("w:ilvl"), str(level))
        for tag, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", text)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            element.append(child)
        abstract.append(element)
    root.insert(0, abstract)
    num = OxmlElement("w:num")
    num.set(qn("w:numId"), "77")
    target = OxmlElement("w:abstractNumId")
    target.set(qn("w:val"), "77")
    num.append(target)
    root.append(num)
    return 77


def _numbered(paragraph: Any, number: int, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    listed = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", level), ("w:numId", number)):
        child = OxmlElement(tag)
        child.set(qn("w:val"), str(value))
        listed.append(child)
    properties.append(listed)
