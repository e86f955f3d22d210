"""`hatangso read`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatangso.cli.main import app
from hatangso.cli.screen import run

PLAN = (
    "KẾ HOẠCH\nPhát triển hạ tầng số xã Tân Khai năm 2026\n\nI. MỤC TIÊU\n\n- Tỷ lệ hộ gia đình có truy nhập Internet băng rộng "
    "cáp quang đạt 90%.\n\nII. TỔ CHỨC THỰC HIỆN\n\n1. Phòng Kinh tế\n\n- Báo cáo UBND xã trước ngày 05/12 hằng năm.\n\nPHỤ LỤC\n\n"
    "TT\tNhiệm vụ\tChủ trì\tThời gian\n1\tPhủ sóng [5G]\tPhòng Kinh tế\t2026\n2\tMạng điện thoại Hệ đặc biệt\tVăn phòng Đảng ủy\t2026\n"
)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "ke-hoach.txt"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_the_screen_shows_every_part(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, ["read", str(plan)]) == 0
    shown = capsys.readouterr().out
    for words in (
        "UBND xã Tân Khai",
        "Chỉ tiêu 2026",
        "≥ 90 %",
        "FIX-03",
        "[5G]",
        "trước ngày 05/12, hằng năm",
        "[hạn chế]",
    ):
        assert words in shown


def test_json_alone_stands_on_standard_output(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, ["read", str(plan), "--json", "-"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["header"]["period"] == [2026, 2026]
    assert [task["number"] for task in shown["tasks"]] == [1, 2]


def test_the_public_view_leaves_out_what_is_restricted(plan: Path, tmp_path: Path) -> None:
    target = tmp_path / "ra.json"
    assert run(app, ["read", str(plan), "--public", "--json", str(target)]) == 0
    assert [task["number"] for task in json.loads(target.read_text(encoding="utf-8"))["tasks"]] == [1]
    assert "đặc biệt" not in target.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_ends_with_two_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cu.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert run(app, ["read", str(path)]) == 2
    shown = capsys.readouterr()
    assert "lưu lại thành .docx" in shown.err and "Traceback" not in shown.err
    assert shown.out == ""
    assert run(app, ["read", str(tmp_path / "khong-co.docx")]) == 2
    assert run(app, ["read", str(path.with_name("x.txt"))]) == 2
