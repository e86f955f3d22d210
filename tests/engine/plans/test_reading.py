"""The three real plans against what a careful reader writes down, and the shape of the JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.plans import match_targets
from hatangso.plans.reading import plan_of, plan_to_json, public_plan, read_plan
from tests.engine.plans.plan_texts import plan_from

PLANS = ("dak-nong-2024-2030", "hon-quan-2025-2030", "huong-tra-2024")
SHAPE = {
    "header": ["kind", "number", "issuer", "level", "place", "date", "title", "period", "area", "bases"],
    "targets": ["indicator", "comparator", "value", "unit", "year", "due", "statistic", "conditions", "baseline", "maintain",
                "qualitative", "text", "where"],
    "tasks": ["number", "group", "name", "items", "lead", "partners", "from", "until", "when", "restricted", "where"],
    "assignments": ["office", "items", "where"],
    "duties": ["who", "to", "month", "day", "year", "every", "where"],
    "warnings": ["code", "text", "where"],
}  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("name", PLANS)
def test_a_real_plan_is_read_as_a_careful_reader_would(name: str, shared: Callable[[str], Path]) -> None:
    truth = json.loads(shared(f"plans/{name}.truth.json").read_text(encoding="utf-8"))
    read = plan_to_json(read_plan(shared(f"plans/{name}.txt")))
    header = {key: value for key, value in truth["header"].items() if key != "parent"}
    assert {key: read["header"][key] for key in header} == header
    parents = [basis for basis in read["header"]["bases"] if basis["parent"]]
    assert [(each["number"], each["date"]) for each in parents] == [tuple(truth["header"]["parent"].values())]
    extra, missed, found = match_targets(read["targets"], truth["targets"])
    assert 2 * found / (2 * found + len(extra) + len(missed)) >= 0.95
    dated = {(duty["month"], duty["day"], duty["year"], duty["to"]) for duty in read["duties"] if duty["day"]}
    assert dated == {(duty["month"], duty["day"], duty["year"], duty["to"]) for duty in truth["duties"]}


@pytest.mark.shared
def test_all_twenty_tasks_of_dak_nong_with_offices_and_years(shared: Callable[[str], Path]) -> None:
    truth = json.loads(shared("plans/dak-nong-2024-2030.truth.json").read_text(encoding="utf-8"))["tasks"]
    tasks = plan_to_json(read_plan(shared("plans/dak-nong-2024-2030.txt")))["tasks"]
    assert [task["number"] for task in tasks] == list(range(1, 21))
    for task, expected in zip(tasks, truth, strict=True):
        assert task["name"].startswith(expected["name_starts"])
        assert all(any(words in office for office in task["lead"]) for words in expected["lead_contains"])
        assert all(
            any(words in office for office in task["partners"]) for words in expected["partners_contain"]
        )
        assert (task["from"], task["until"]) == (expected["from"], expected["until"])
    assert [task["number"] for task in tasks if task["restricted"]] == [13, 14]


@pytest.mark.shared
def test_the_special_networks_of_dak_nong_are_kept_from_the_public(shared: Callable[[str], Path]) -> None:
    plan = public_plan(read_plan(shared("plans/dak-nong-2024-2030.txt")))
    assert [task.number for task in plan.tasks] == [*range(1, 13), *range(15, 21)]
    words = json.dumps(plan_to_json(plan), ensure_ascii=False) + plan.document.source
    assert "Hệ đặc biệt" not in words and "Cục Bưu điện" not in words


def test_json_holds_every_key_of_the_issue_in_order() -> None:
    text = (
        "UBND xã Tân Khai ban hành Kế hoạch\n\nI. MỤC TIÊU ĐẾN NĂM 2027\n\n- Tỷ lệ hộ có cáp quang đạt 90%.\n\n"
        "II. TỔ CHỨC THỰC HIỆN\n\n1. Sở Tài chính\n\n- Báo cáo UBND tỉnh trước ngày 5/12 hằng năm.\n\nPHỤ LỤC\n\n"
        "TT\tNhiệm vụ\tChủ trì\n1\tPhủ sóng\t\n"
    )
    shown = plan_to_json(plan_from(text))
    for kind, keys in SHAPE.items():
        part = shown[kind] if kind == "header" else shown[kind][0]
        assert list(part)[: len(keys)] == keys
    assert list(shown["header"]["area"]) == ["name", "code"]
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown


@pytest.mark.shared
def test_reading_twice_gives_the_same(shared: Callable[[str], Path]) -> None:
    first = read_plan(shared("plans/hon-quan-2025-2030.txt"))
    assert plan_to_json(plan_of(first.document)) == plan_to_json(first)
