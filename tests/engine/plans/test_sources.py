"""Word, web and PDF files: the same plan read from each; hostile files refused with a sentence that helps."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from PIL import Image

from hatangso.errors import InputError
from hatangso.plans.opening import open_document
from hatangso.plans.reading import Plan, read_plan
from hatangso.plans.sources import extract as limits
from hatangso.plans.sources.plain import decode
from hatangso.plans.sources.web import extract_html
from hatangso.plans.sources.word import extract_docx
from tests.engine.plans.invented import province_plan


@pytest.fixture(scope="module")
def word_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return province_plan(tmp_path_factory.mktemp("plans") / "ke-hoach.docx")


def check_invented(plan: Plan) -> None:
    """Check what the invented plan says, whatever file it was read from."""
    header = plan.header
    assert (header.kind, header.number, header.issuer) == ("QUYẾT ĐỊNH", "215/QĐ-UBND", "UBND tỉnh Sông Lam")
    assert (str(header.date), header.period) == ("2026-03-12", (2026, 2030))
    assert [basis.number for basis in header.bases if basis.parent] == ["1132/QĐ-TTg"]
    assert [
        (target.indicator, target.value, target.year, target.where.clause) for target in plan.targets
    ] == [
        ("MOB-01", 100, 2027, "i.1.a"),
        ("FIX-03", 90, 2027, "i.1.b"),
        ("MOB-04", 99, 2030, "i.2.a"),
    ]
    assert [(task.number, task.group, task.lead, task.last_year, task.restricted) for task in plan.tasks] == [
        (1, "HẠ TẦNG VIỄN THÔNG", ("Sở Khoa học và Công nghệ",), 2028, False),
        (2, "HẠ TẦNG VIỄN THÔNG", ("Sở Xây dựng",), None, False),
        (3, "HẠ TẦNG VIỄN THÔNG", ("Văn phòng Tỉnh ủy",), 2030, True),
    ]
    assert plan.tasks[0].partners == ("UBND các xã, phường", "doanh nghiệp viễn thông")
    assert [each.office for each in plan.assignments] == [
        "Sở Khoa học và Công nghệ",
        "Ủy ban nhân dân các xã, phường",
    ]
    assert [(duty.to, duty.month, duty.day) for duty in plan.duties] == [("UBND tỉnh", 12, 10)]


def test_a_word_file_with_automatic_numbers_and_merged_cells(word_plan: Path) -> None:
    plan = read_plan(word_plan)
    check_invented(plan)
    assert plan.document.clause("ii.1.-1").marker == "-"
    assert plan.document.tables[0].columns[2:4] == ("Cơ quan thực hiện Chủ trì", "Phối hợp")


@pytest.mark.documents
@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_the_same_plan_as_pdf_and_web_page(word_plan: Path, tmp_path: Path, kind: str) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("không có LibreOffice")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(word_plan)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    plan = read_plan(tmp_path / f"ke-hoach.{kind}")
    check_invented(plan)
    if kind == "pdf":
        assert plan.document.clause("i.1.a").page == 1
        assert plan.document.clause("pl1").page == 2 or plan.document.clause("pl1").page == 1


def test_numbers_of_a_word_list_begin_again_and_deleted_text_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Một", style="List Number")
    document.add_paragraph("Hai", style="List Number")
    paragraph = document.add_paragraph("Giữ ")
    paragraph._p.append(paragraph._p.makeelement(docx.oxml.ns.qn("w:del"), {}))
    document.add_paragraph("Chấm", style="List Bullet")
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert extract_docx(path.read_bytes()).text == "1. Một\n2. Hai\nGiữ \n- Chấm\n"


def test_a_web_page_gives_list_numbers_spans_and_no_menu() -> None:
    page = (
        "<html><head><script>x</script></head><body><nav>Trang</nav><p>I. MỤC\n  TIÊU</p><ol type='a'><li>Một</li><li><p>Hai</p></li></ol>"
        "<table><tr><td rowspan='2'>1</td><td colspan='2'>A<br>B</td></tr><tr><td>C</td><td>D</td></tr></table></body></html>"
    )
    found = extract_html(page)
    assert found.text == "I. MỤC TIÊU\na) Một\nb) Hai\n1\tA\nB\nC\tD\n"
    assert [[cell.column for cell in line.cells] for line in found.lines if line.table] == [[0, 1], [1, 2]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_decoded_whatever_its_mark(encoding: str) -> None:
    assert decode("Kế hoạch số 1".encode(encoding)).lstrip("\ufeff") == "Kế hoạch số 1"


def _zip(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _scan() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(stream, "PDF")
    return stream.getvalue()


HOSTILE = {
    "bomb.docx": (
        _zip({"[Content_Types].xml": b"", "word/document.xml": b" " * 60_000_000}),
        "bung ra quá lớn",
    ),
    "notword.docx": (_zip({"a.txt": b"x"}), "không phải tệp Word"),
    "noxml.docx": (_zip({"[Content_Types].xml": b"<x", "word/document.xml": b"<"}), "hỏng"),
    "binary.docx": (os.urandom(3000), "không phải tệp Word"),
    "empty.txt": (b"", "không có chữ"),
    "blank.txt": ("\ufeff \n\n".encode(), "không có chữ"),
    "binary.txt": (bytes(range(256)) * 40, "nhị phân"),
    "long.txt": (b"a b c\n" * 3_000_000, "quá dài"),
    "lines.txt": (b"a\n" * 70_000, "quá dài"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "lưu lại thành .docx"),
    "plan.rtf": (b"{\\rtf1 x}", "lưu lại thành .docx"),
    "table.xlsx": (_zip({"xl/workbook.xml": b""}), "lưu lại thành .docx"),
    "photo.pdf": (b"\x89PNG\r\n\x1a\n", "ảnh"),
    "fake.pdf": (b"abc", "không phải PDF"),
    "broken.pdf": (b"%PDF-1.4\n" + b"\x00\xff" * 2000, "hỏng"),
    "scan.pdf": (_scan(), "ocrmypdf"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    content, words = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        open_document(path)


def test_a_cut_word_file_and_a_missing_one_are_refused(word_plan: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.docx"
    cut.write_bytes(word_plan.read_bytes()[:9000])
    with pytest.raises(InputError, match="hỏng"):
        open_document(cut)
    with pytest.raises(InputError, match="Không mở được tệp"):
        open_document(tmp_path / "khong-co.txt")


def test_a_word_file_that_unpacks_to_endless_text_stops_at_the_limit(
    word_plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_LETTERS", 200)
    with pytest.raises(InputError, match="quá dài"):
        open_document(word_plan)


def test_a_web_page_under_another_name_is_still_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "trang.txt"
    path.write_text(
        "<!DOCTYPE html><html><body><p>I. MỤC TIÊU</p><p>- Một.</p></body></html>", encoding="utf-8"
    )
    document = open_document(path)
    assert (document.file_kind, [clause.id for clause in document.clauses]) == ("html", ["i", "i.-1"])
