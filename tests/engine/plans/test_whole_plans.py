"""Invented plans in the style of real offices, each with what a careful reader writes down beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hatangso.plans.reading import plan_to_json, read_plan
from hatangso.vietnamese import fold

_FIXTURES = Path(__file__).parent / "fixtures"
_TRUTHS = sorted(_FIXTURES.glob("whole_*.truth.json"))


def _read(truth: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    stem = truth.name.removesuffix(".truth.json")
    plan = next(path for path in _FIXTURES.glob(f"{stem}.*") if path != truth)
    return plan_to_json(read_plan(plan)), json.loads(truth.read_text(encoding="utf-8"))


@pytest.mark.parametrize("truth_path", _TRUTHS, ids=lambda path: path.name.split(".")[0])
def test_targets_of_a_whole_plan(truth_path: Path) -> None:
    read, truth = _read(truth_path)

    found = [(each["year"], each["indicator"], each["comparator"], each["value"]) for each in read["targets"]]
    for wanted in truth["targets"]:
        accepted = [
            (wanted["year"], code, wanted["comparator"], wanted["value"]) for code in wanted["indicators"]
        ]
        hit = next((each for each in accepted if each in found), None)
        assert hit, (wanted, found)
        found.remove(hit)
    assert all(code is None for _, code, _, _ in found), found


@pytest.mark.parametrize("truth_path", _TRUTHS, ids=lambda path: path.name.split(".")[0])
def test_header_tasks_and_duties_of_a_whole_plan(truth_path: Path) -> None:
    read, truth = _read(truth_path)

    header = dict(truth["header"])
    parent = header.pop("parent")
    assert {key: read["header"][key] for key in header} == header
    assert [(b["number"], b["date"]) for b in read["header"]["bases"] if b["parent"]] == [
        (parent["number"], parent["date"])
    ]
    tasks = {task["number"]: task for task in read["tasks"]}
    for wanted in truth["tasks"]:
        task = tasks[wanted["number"]]
        assert fold(task["name"]).startswith(fold(wanted["name_starts"]))
        assert all(any(office in each for each in task["lead"]) for office in wanted["lead_contains"])
        assert all(any(office in each for each in task["partners"]) for office in wanted["partners_contain"])
        assert (task["from"], task["until"]) == (wanted["from"], wanted["until"])
    days = [(duty["month"], duty["day"], duty["year"]) for duty in read["duties"]]
    assert all((duty["month"], duty["day"], duty["year"]) in days for duty in truth["duties"])
