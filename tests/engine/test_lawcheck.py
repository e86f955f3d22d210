"""A planted fault in a law file is refused with a sentence that helps; all faults come at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hatangso.errors import InputError, ManyInputErrors
from hatangso.lawcheck import check_law, schema
from hatangso.lawfiles import LAW_FOLDER, find_file


@pytest.fixture
def planted(tmp_path):
    """Copy a law file with one text replaced and check it; return the sentences."""

    def plant(name: str, before: str, after: str) -> list[str]:
        text = find_file(name).read_text(encoding="utf-8")
        assert before in text
        target = tmp_path / find_file(name).name
        target.write_text(text.replace(before, after, 1), encoding="utf-8")
        with pytest.raises(ManyInputErrors) as caught:
            check_law(target)
        return [str(fault) for fault in caught.value.errors]

    return plant


def test_the_packaged_files_have_no_fault():
    checked = check_law()
    assert checked.entries["indicators"] == 85
    assert checked.entries.keys() == schema().keys()
    assert 0 < checked.unverified["indicators"] < 85


def test_a_misspelt_field_is_named_with_its_line_and_the_field_meant(planted):
    faults = planted("indicators", "  formula: share", "  fromula: share")
    assert faults[0].startswith(
        "Tệp indicators.yml, dòng 5, chỉ tiêu MOB-01, trường fromula: không có trong khuôn"
    )
    assert "Có phải là 'formula'" in faults[0]
    assert "trường formula: để trống" in faults[1]


# One row: file, text, what is planted instead, what the sentence must say.
@pytest.mark.parametrize(
    ("name", "before", "after", "words"),
    [
        ("indicators", "numerator: people_covered_by_5g", "numerator: people_coverd_by_5g", "Có phải là 'people_covered_by_5g'"),
        ("indicators", "combine: sum_parts", "combine: average", "là 'average'; cần một trong: sum_parts"),
        ("indicators", "combine: sum_parts", "combine: sum", "'sum_parts' như công thức share"),
        ("indicators", "range: [0, 100]", "range: [100, 0]", "số đầu nhỏ hơn số cuối"),
        ("indicators", "  denominator: villages\n", "", "có mẫu số với công thức share"),
        ("indicators", "from: 2023-05-25", "from: 2023-05-32", "một ngày viết như 2025-07-01"),
        ("indicators", "code: MOB-02", "code: MOB-01", "'MOB-01' đã có ở mục thứ 1"),
        ("indicators", 'unit: "%"', 'unit: "phần trăm"', "'%' với công thức share"),
        ("national_targets", "value: 100", 'value: "100%"', "là '100%'; cần một số"),
        ("national_targets", "value: 100", "value: 1000", "trong khoảng [0, 100] của chỉ tiêu FIX-01"),
        ("national_targets", 'document: "36/QĐ-TTg"', 'document: "36/QD-TTg"', "Có phải là '36/QĐ-TTg'"),
        ("national_targets", "value_to: 4", "value_to: 1", "lớn hơn value 2"),
        ("national_targets", "due: 2025-12-31", "due: 2023-12-31", "trước ngày văn bản có hiệu lực"),
        ("standards", "status: draft", "status: in_force", "Một dự thảo không được ghi như đang áp dụng"),
        ("standards", "until: 2020-03-01", "until: 2013-03-01", "sau ngày from 2014-01-01"),
        ("indexes", "maximum: 60", "maximum: 70", "tổng điểm các tiêu chí là 60"),
        ("indexes", "[4, 20]", "[4, 25]", "bậc cao nhất bằng điểm tối đa"),
        ("crosswalk", "B: MOB-07", "B: MOB-09", "chỉ tiêu MOB-09 không thuộc họ B"),
        ("offices", "day: 2025-07-01", "on: 2025-07-01", "YAML đọc on, off, yes, no"),
        ("offices", "since: 2025-03-01", "since: 1999-03-01", "không sớm hơn ngày thành lập"),
        ("variables", "households,Số hộ", "Households,Số hộ", "mã chữ thường có gạch dưới"),
        ("variables", ",yes,last,2", ",maybe,last,2", "là 'maybe'; cần một trong: yes, no"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_refused_with_a_sentence_that_helps(planted, name, before, after, words):
    faults = planted(name, before, after)
    assert any(words in fault for fault in faults), faults
    assert all(fault.startswith("Tệp ") for fault in faults)


def test_all_faults_come_at_once(planted, tmp_path):
    shutil.copy(LAW_FOLDER / "standards.yml", tmp_path / "standards.yml")
    assert len(planted("crosswalk", "relation: near", "relation: nearly")) == 1
    text = (LAW_FOLDER / "national_targets.yml").read_text(encoding="utf-8")
    (tmp_path / "national_targets.yml").write_text(
        text.replace("comparator: ", "comparater: "), encoding="utf-8"
    )
    with pytest.raises(ManyInputErrors) as caught:
        check_law(tmp_path)
    assert len(caught.value.errors) > 90
    assert "… và" in str(caught.value)


def test_a_field_written_twice_is_a_fault(planted):
    faults = planted("formulas", "  combine: sum_parts", "  combine: sum_parts\n  combine: sum")
    assert "trường combine: viết hai lần trong một mục" in faults[0]


def test_a_file_that_is_no_yaml_names_the_line(planted):
    (fault,) = planted("rules", "- code: EMF-INSPECTION", "- code: [EMF")
    assert fault.startswith("Tệp rules.yml, dòng ")
    assert "không đọc được như YAML" in fault


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("indicator.yml", "[]", "Có phải là indicators.yml"),
        ("indicators.yml", "code: MOB-01", "không phải danh sách các mục"),
    ],
)
def test_a_file_that_is_no_law_file_is_refused(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, ManyInputErrors), match=words):
        check_law(path)


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cần một tệp"):
        check_law(Path(tmp_path / "nowhere.yml"))
    with pytest.raises(InputError, match="không có tệp danh mục nào"):
        check_law(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "rules.yml").write_bytes("- code: Ngưỡng".encode("utf-16"))
    with pytest.raises(ManyInputErrors, match="UTF-8"):
        check_law(tmp_path / "rules.yml")
