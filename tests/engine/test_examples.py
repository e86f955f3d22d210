"""The examples run and say what they should."""

import runpy

import pytest

from tests.conftest import REPOSITORY

WORDS = {
    "read_a_plan": "MOB-04",
    "carry_figures": "19996: 6400 hộ, giả định 0",
    "compute_indicators": "tỉnh: 20/50 = 40 %",
    "judge_speed": "/200 lần đo đạt từ 40 Mb/s",
    "plan_fibre": "Với 400 triệu đồng: 150 hộ (Bản A, Bản B)",
    "reach_of_posts": "Thêm một điểm: Bờ bắc, 750 người (không cách nào quá 750)",
    "choose_sites": "ít nhất 3 vị trí (Trái, Phải, Xa), cận 3",
}


@pytest.mark.parametrize("name", sorted(path.stem for path in (REPOSITORY / "examples").glob("*.py")))
def test_example_runs(name):
    lines = "\n".join(runpy.run_path(str(REPOSITORY / "examples" / f"{name}.py"))["main"]())
    assert WORDS[name] in lines
