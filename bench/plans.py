"""How well plans are read: precision, recall, F1 and time per plan, against ``*.truth.json`` beside each plan.

``python bench/plans.py [FILES…]``; without files the plans of ``../shared/plans``.

A target is found when the indicator (any of those accepted), year, comparator and value agree; each found target and
each true one counts once. A task agrees when number, beginning of the name, lead and partners (each true one is
contained in one read) and years agree. A duty agrees when month, day, year and receiver agree; duties read without
a day are shown but not counted against the plan, because the truth lists those with a day only.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from hatangso.plans.reading import plan_to_json, read_plan
from hatangso.vietnamese import fold, nfc

DEFAULT = Path(__file__).resolve().parents[1].parent / "shared" / "plans"
_HEADER = ("kind", "issuer", "level", "number", "date", "period")


def main(files: list[str]) -> int:
    """Print one block per plan and a table; return 1 when a file has no truth beside it."""
    paths = [Path(each) for each in files] or sorted(DEFAULT.glob("*.txt"))
    rows, missing = [], 0
    for path in paths:
        truth_path = path.with_suffix(".truth.json")
        if not truth_path.exists():
            print(f"{path}: no {truth_path.name} beside it")
            missing = 1
            continue
        rows.append(report(path, json.loads(truth_path.read_text(encoding="utf-8"))))
    print(f"\n{'plan':32}{'header':>8}{'P':>8}{'R':>8}{'F1':>8}{'tasks':>9}{'duties':>8}{'seconds':>9}")
    for row in rows:
        print(
            f"{row['name'][:31]:32}{row['header']:>8}{row['precision']:8.3f}{row['recall']:8.3f}{row['f1']:8.3f}"
            f"{row['tasks']:>9}{row['duties']:>8}{row['seconds']:9.3f}"
        )
    return missing


def report(path: Path, truth: dict[str, Any]) -> dict[str, Any]:
    """Read one plan, print what differs from the truth, return its figures (time: best of three)."""
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        read = plan_to_json(read_plan(path))
        seconds.append(time.perf_counter() - begun)
    print(f"\n== {path.name}")
    header = _compare_header(read["header"], truth["header"])
    extra, missed, found = match_targets(read["targets"], truth["targets"])
    for target in missed:
        print(
            f"  missed   {target['year']} {target['indicators']} {target['comparator']} {target['value']} | {target['words']}"
        )
    for target in extra:
        print(
            f"  extra    {target['year']} {target['indicator']} {target['comparator']} {target['value']} {target['unit']} | {target['text'][:110]}"
        )
    precision = found / len(read["targets"]) if read["targets"] else float(not truth["targets"])
    recall = found / len(truth["targets"]) if truth["targets"] else 1.0
    tasks = sum(_task_found(task, read["tasks"]) for task in truth.get("tasks", []))
    duties = sum(_duty_found(duty, read["duties"]) for duty in truth.get("duties", []))
    dated = sum(duty["day"] is not None for duty in read["duties"])
    return {
        "name": path.name,
        "header": f"{header}/{len(_HEADER) + 1}",
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "tasks": f"{tasks}/{len(truth.get('tasks', []))}",
        "duties": f"{duties}/{len(truth.get('duties', []))}"
        + (f"+{dated - duties}" if dated > duties else ""),
        "seconds": min(seconds),
    }


def match_targets(
    read: list[dict[str, Any]], truth: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return the targets read but not true, the true ones missed, and how many agree, each counted once.

    Where a true target accepts several indicators, an augmenting search finds the largest agreement.
    """
    partner: dict[int, int] = {}

    def place(at: int, seen: set[int]) -> bool:
        for other, target in enumerate(read):
            if other not in seen and _agrees(target, truth[at]):
                seen.add(other)
                if other not in partner or place(partner[other], seen):
                    partner[other] = at
                    return True
        return False

    missed = [wanted for at, wanted in enumerate(truth) if not place(at, set())]
    return [target for at, target in enumerate(read) if at not in partner], missed, len(partner)


def _agrees(read: dict[str, Any], truth: dict[str, Any]) -> bool:
    if read["indicator"] not in truth["indicators"] or read["year"] != truth["year"]:
        return False
    if truth["value"] is None or read["value"] is None:
        return truth["value"] is None and read["value"] is None
    return read["comparator"] == truth["comparator"] and abs(read["value"] - truth["value"]) < 1e-9


def _compare_header(read: dict[str, Any], truth: dict[str, Any]) -> int:
    right = 0
    for key in _HEADER:
        if read[key] == truth[key]:
            right += 1
        else:
            print(f"  header   {key}: read {read[key]!r}, true {truth[key]!r}")
    parents: list[dict[str, Any] | None] = [
        {"number": basis["number"], "date": basis["date"]} for basis in read["bases"] if basis["parent"]
    ]
    if truth.get("parent") in (parents or [None]):
        return right + 1
    print(f"  header   parent: read {parents}, true {truth.get('parent')}")
    return right


def _task_found(truth: dict[str, Any], read: list[dict[str, Any]]) -> bool:
    for task in read:
        if task["number"] != truth["number"]:
            continue
        agrees = (
            _plain(task["name"]).startswith(_plain(truth["name_starts"]))
            and _contains(task["lead"], truth["lead_contains"])
            and _contains(task["partners"], truth["partners_contain"])
            and (task["from"], task["until"]) == (truth["from"], truth["until"])
        )
        if agrees:
            return True
        print(
            f"  task     {truth['number']}: read {task['lead']} {task['partners']} {task['from']} {task['until']}"
        )
        return False
    print(f"  task     {truth['number']} missed")
    return False


def _contains(read: list[str], wanted: list[str]) -> bool:
    return all(any(_plain(each) in _plain(office) for office in read) for each in wanted)


def _duty_found(truth: dict[str, Any], read: list[dict[str, Any]]) -> bool:
    for duty in read:
        days = (duty["month"], duty["day"], duty["year"]) == (truth["month"], truth["day"], truth["year"])
        if days and fold(truth["to"]) in fold(duty["to"] or ""):
            return True
    print(f"  duty     missed {truth}")
    return False


def _plain(text: str) -> str:
    return " ".join(nfc(text).split()).casefold()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
