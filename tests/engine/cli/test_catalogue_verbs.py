"""The verbs of the catalogue as people call them."""

from __future__ import annotations

import json
import shutil

import pytest

from hatangso.cli.main import app
from hatangso.cli.screen import run
from hatangso.lawfiles import LAW_FOLDER


def test_the_packaged_catalogue_is_checked_and_counted(capsys):
    assert run(app, ["catalogue", "check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["entries"]["indicators"] == 85
    assert answer["unverified"]["indicators"] > 0


def test_the_check_speaks_to_people(capsys):
    assert run(app, ["catalogue", "check"]) == 0
    assert "không có lỗi" in capsys.readouterr().out


@pytest.mark.parametrize("folder", [True, False])
def test_a_planted_fault_is_refused_with_exit_code_2_and_a_sentence(tmp_path, capsys, folder):
    text = (LAW_FOLDER / "indicators.yml").read_text(encoding="utf-8")
    path = tmp_path / "indicators.yml"
    path.write_text(text.replace("denominator: villages", "denominator: vilages", 1), encoding="utf-8")
    assert run(app, ["catalogue", "check", str(tmp_path if folder else path)]) == 2
    shown = capsys.readouterr()
    assert "chỉ tiêu MOB-01, trường denominator: 'vilages' không có" in shown.err
    assert "Có phải là 'villages'" in shown.err
    assert "Traceback" not in shown.err


def test_a_folder_of_ones_own_stands_on_the_packaged_files(tmp_path, capsys):
    shutil.copy(LAW_FOLDER / "national_targets.yml", tmp_path)
    assert run(app, ["catalogue", "check", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == {"national_targets": 45}


def test_an_indicator_is_shown_with_its_basis_targets_and_doubts(capsys):
    assert run(app, ["catalogue", "show", "mob-04"]) == 0
    shown = capsys.readouterr().out
    assert "Tỷ lệ dân số được phủ sóng 5G" in shown
    assert "QD36-2030-5G-PEOPLE: >= 99 %, đến 31/12/2030" in shown
    assert "CHƯA KIỂM CHỨNG" in shown


def test_an_indicator_as_json(capsys):
    assert run(app, ["catalogue", "show", "FIX-02", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["entry"], answer["numerator"]) == ("Indicator", "households_passed_by_fibre")
    assert [target["value"] for target in answer["national_targets"]] == [100, 100]
    assert answer["basis"][0]["valid_from"] == "2024-01-11"


def test_what_was_not_in_force_on_the_day_is_said(capsys):
    assert run(app, ["catalogue", "show", "FIX-09", "--on", "2023-01-01"]) == 0
    shown = capsys.readouterr().out
    assert "Không có hiệu lực vào ngày 01/01/2023" in shown
    assert "QD36" not in shown


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Q81-D2023-4G", "CHƯA KIỂM CHỨNG"),
        ("EMF-INSPECTION", "clearance_m 28"),
        ("36/QĐ-TTg", "Thủ tướng Chính phủ"),
        ("villages_with_4g", "Villages with 4G"),
        ("DII-885", "Bộ tiêu chí"),
        ("F-2025Q2-5G", "26"),
    ],
)
def test_every_kind_of_entry_can_be_shown(capsys, code, words):
    assert run(app, ["catalogue", "show", code]) == 0
    assert words in capsys.readouterr().out


def test_without_a_code_the_indicators_are_listed(capsys):
    assert run(app, ["catalogue", "show", "--json", "--on", "2024-01-11"]) == 0
    codes = {entry["code"] for entry in json.loads(capsys.readouterr().out)}
    assert "FIX-09" in codes
    assert "FIX-06" not in codes


@pytest.mark.parametrize("arguments", [["MOB-99"], ["MOB-01", "--on", "hôm nay"]])
def test_a_wrong_code_or_day_is_bad_input(capsys, arguments):
    assert run(app, ["catalogue", "show", *arguments]) == 2
    assert "cần" in capsys.readouterr().err
