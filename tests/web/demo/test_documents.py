"""The invented plans as .docx: set as offices set them, the same every time."""

import docx

from hatangso_web.demo.documents import write_plan
from hatangso_web.demo.plan_texts import commune_plan, province_plan
from hatangso_web.demo.province import make_province


def _lines(path):
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs], cells


def test_province_plan_has_its_number_targets_and_twelve_tasks(tmp_path):
    paragraphs, cells = _lines(write_plan(province_plan(make_province(size=6)), tmp_path / "tinh.docx"))
    assert "Số: 112/KH-UBND" in "\n".join(cells)
    assert any("Mục tiêu đến năm 2030" in line for line in paragraphs)
    assert {"1", "12"} <= set(cells)


def test_commune_plan_names_its_parent_and_its_own_figures(tmp_path):
    province = make_province(size=6)
    commune = province.communes[0]
    paragraphs, _ = _lines(write_plan(commune_plan(province, commune), tmp_path / "xa.docx"))
    text = "\n".join(paragraphs)
    assert "112/KH-UBND ngày 15 tháng 10 năm 2025" in text
    assert f"{len(commune.villages)} thôn, tổ dân phố" in text


def test_documents_are_marked_as_invented(tmp_path):
    _, cells = _lines(write_plan(province_plan(make_province(size=3)), tmp_path / "tinh.docx"))
    assert any("hư cấu" in cell for cell in cells)


def test_the_same_plan_gives_the_same_text(tmp_path):
    plan = province_plan(make_province(size=3))
    assert _lines(write_plan(plan, tmp_path / "a.docx")) == _lines(write_plan(plan, tmp_path / "b.docx"))
