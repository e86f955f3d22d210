"""Rules between the files of ``law/`` that no schema of a single field can say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hatangso.errors import InputError

Entries = Callable[[str], list[dict[str, Any]]]
Where = Callable[[str, int], str]

_WITH_DENOMINATOR = {"share", "per_100_people", "ratio", "service_radius"}
_UNIT_OF_FORMULA = {
    "share": "%",
    "per_100_people": "/100 dân",
    "ratio_to_base_year": "lần",
    "yes_no": "có/không",
}


def cross_faults(entries: Entries, names: Sequence[str], where: Where) -> Iterator[InputError]:
    """Yield what contradicts between entries: formula and parts, target and indicator, points and totals.

    Parameters
    ----------
    entries : gives the entries of a file by name
    names : the files that are checked now; the others are only looked up
    where : names an entry of a file by its number, for the sentence
    """
    rules = {
        "indicators": _indicator_faults,
        "national_targets": _target_faults,
        "standards": _standard_faults,
        "indexes": _index_faults,
        "crosswalk": _crosswalk_faults,
        "offices": _office_faults,
    }
    for name, rule in rules.items():
        if name in names:
            yield from rule(entries, where)


def _indicator_faults(entries: Entries, where: Where) -> Iterator[InputError]:
    formulas = {entry["code"]: entry for entry in entries("formulas")}
    variables = {entry["code"]: entry for entry in entries("variables")}
    for index, entry in enumerate(entries("indicators")):
        here = where("indicators", index)
        formula = entry["formula"]
        if (formula in _WITH_DENOMINATOR) != ("denominator" in entry):
            yield InputError(
                f"{here}, trường denominator",
                found="để trống" if formula in _WITH_DENOMINATOR else f"là '{entry['denominator']}'",
                expected=f"{'có' if formula in _WITH_DENOMINATOR else 'không có'} mẫu số với công thức {formula}",
                remedy="Sửa công thức hoặc mẫu số",
            )
        if entry["combine"] != formulas[formula]["combine"]:
            yield InputError(
                f"{here}, trường combine",
                found=f"là '{entry['combine']}'",
                expected=f"'{formulas[formula]['combine']}' như công thức {formula}",
                remedy="Tỷ lệ phải cộng tử số và mẫu số trước khi chia",
            )
        if _UNIT_OF_FORMULA.get(formula, entry["unit"]) != entry["unit"]:
            yield InputError(
                f"{here}, trường unit",
                found=f"là '{entry['unit']}'",
                expected=f"'{_UNIT_OF_FORMULA[formula]}' với công thức {formula}",
            )
        if entry["combine"] in {"sum", "sum_parts"}:
            for part in ("numerator", "denominator"):
                variable = variables.get(entry.get(part, ""))
                if variable and variable["additive"] != "yes":
                    yield InputError(
                        f"{here}, trường {part}",
                        found=f"biến '{entry[part]}' không cộng được qua địa bàn",
                        expected="một biến có additive là yes",
                        remedy="Dùng số đếm thay cho giá trị đã tính",
                    )
        if formula == "ratio_to_base_year" and "base_year" not in entry:
            yield InputError(f"{here}, trường base_year", found="để trống", expected="năm gốc như 2024")


def _target_faults(entries: Entries, where: Where) -> Iterator[InputError]:
    indicators = {entry["code"]: entry for entry in entries("indicators")}
    for index, entry in enumerate(entries("national_targets")):
        here = where("national_targets", index)
        yield from _against_indicator(entry, indicators, here)
        if "value_to" in entry and entry["value_to"] <= entry["value"]:
            yield InputError(
                f"{here}, trường value_to",
                found=f"là {entry['value_to']}",
                expected=f"lớn hơn value {entry['value']}",
                remedy="Viết số nhỏ ở value, số lớn ở value_to",
            )
        if entry["due"] < entry["from"]:
            yield InputError(
                f"{here}, trường due",
                found=f"là {entry['due']}, trước ngày văn bản có hiệu lực {entry['from']}",
                expected="một ngày sau đó",
            )


def _standard_faults(entries: Entries, where: Where) -> Iterator[InputError]:
    drafts = {entry["number"] for entry in entries("documents") if entry["status"] == "draft"}
    for index, entry in enumerate(entries("standards")):
        here = where("standards", index)
        if ("value" in entry) == ("threshold_vi" in entry):
            yield InputError(
                f"{here}, trường value",
                found="có cả hai hoặc không có cái nào trong value và threshold_vi",
                expected="đúng một: con số, hoặc lời nói ngưỡng do ai công bố",
            )
        if (entry["statistic"] == "share_of_samples") != ("share_percent" in entry):
            yield InputError(
                f"{here}, trường share_percent",
                found="không khớp với statistic",
                expected="có khi và chỉ khi statistic là share_of_samples",
            )
        if (entry["status"] == "draft") != (entry["document"] in drafts):
            yield InputError(
                f"{here}, trường status",
                found=f"là '{entry['status']}'",
                expected="draft khi và chỉ khi văn bản là dự thảo",
                remedy="Một dự thảo không được ghi như đang áp dụng",
            )


def _against_indicator(entry: dict[str, Any], indicators: dict[str, Any], here: str) -> Iterator[InputError]:
    indicator = indicators.get(entry.get("indicator", ""))
    if indicator is None:
        return
    if indicator["unit"] != entry["unit"]:
        yield InputError(
            f"{here}, trường unit",
            found=f"là '{entry['unit']}'",
            expected=f"'{indicator['unit']}' như chỉ tiêu {indicator['code']}",
            remedy="Đổi giá trị sang đơn vị của chỉ tiêu",
        )
    lowest, highest = indicator["range"]
    if (lowest is not None and entry["value"] < lowest) or (highest is not None and entry["value"] > highest):
        yield InputError(
            f"{here}, trường value",
            found=f"là {entry['value']}",
            expected=f"trong khoảng {indicator['range']} của chỉ tiêu {indicator['code']}",
        )


def _index_faults(entries: Entries, where: Where) -> Iterator[InputError]:
    for number, index in enumerate(entries("indexes")):
        here = where("indexes", number)
        total = sum(group["maximum"] for group in index["groups"])
        if total != index["total"]:
            yield InputError(
                f"{here}, trường total",
                found=f"là {index['total']}",
                expected=f"tổng điểm các nhóm là {total}",
            )
        for group in index["groups"]:
            points = sum(criterion["maximum"] for criterion in group["criteria"])
            if points != group["maximum"]:
                yield InputError(
                    f"{here}, nhóm {group['code']}, trường maximum",
                    found=f"là {group['maximum']}",
                    expected=f"tổng điểm các tiêu chí là {points}",
                )
            for criterion in group["criteria"]:
                yield from _criterion_faults(criterion, f"{here}, tiêu chí {criterion['code']}")


def _criterion_faults(criterion: dict[str, Any], here: str) -> Iterator[InputError]:
    if criterion["rule"] != "steps":
        if "indicator" not in criterion:
            yield InputError(
                f"{here}, trường indicator", found="để trống", expected="mã chỉ tiêu để tính điểm"
            )
        return
    steps = criterion.get("steps") or [[0, 0]]
    if max(points for _, points in steps) != criterion["maximum"]:
        yield InputError(
            f"{here}, trường steps",
            found=f"bậc cao nhất không phải {criterion['maximum']} điểm",
            expected="bậc cao nhất bằng điểm tối đa",
        )
    if steps != sorted(steps, reverse=True):
        yield InputError(
            f"{here}, trường steps", found="không xếp từ cao xuống thấp", expected="bậc cao trước"
        )


def _crosswalk_faults(entries: Entries, where: Where) -> Iterator[InputError]:
    asked = {family["code"]: set(family["indicators"]) for family in entries("plan_families")}
    walked: dict[str, set[str]] = {code: set() for code in asked}
    for index, row in enumerate(entries("crosswalk")):
        here = where("crosswalk", index)
        codes = {family: row[family] for family in asked if family in row}
        for family, code in codes.items():
            walked[family].add(code)
            if code not in asked[family]:
                yield InputError(
                    f"{here}, trường {family}",
                    found=f"chỉ tiêu {code} không thuộc họ {family}",
                    expected=f"một chỉ tiêu trong plan_families, họ {family}",
                )
        if (row["relation"] == "same") != (len(set(codes.values())) == 1):
            yield InputError(
                f"{here}, trường relation",
                found=f"là '{row['relation']}'",
                expected="same khi và chỉ khi các họ dùng cùng một chỉ tiêu",
                remedy="Khác chỉ tiêu là near và phải có note_vi nói khác ở đâu",
            )
    for family, codes_asked in asked.items():
        for code in sorted(codes_asked - walked[family]):
            yield InputError(
                f"Tệp crosswalk.yml, họ {family}",
                found=f"thiếu chỉ tiêu {code}",
                expected="mọi chỉ tiêu của họ",
            )


def _office_faults(entries: Entries, where: Where) -> Iterator[InputError]:
    offices = {entry["code"]: entry for entry in entries("offices")}
    for index, entry in enumerate(entries("offices")):
        here = where("offices", index)
        closed = bool(entry.get("successors")) or "ended" in entry
        if ("until" in entry) != closed:
            yield InputError(
                f"{here}, trường until",
                found="không khớp với successors và ended",
                expected="cơ quan hết hoạt động phải có nơi nhận (successors) hoặc lý do (ended)",
                remedy="Thêm successors hoặc ended, hay bỏ until",
            )
        for successor in entry.get("successors", ()):
            start = offices[successor["office"]]["from"]
            if successor["since"] < start:
                yield InputError(
                    f"{here}, trường successors",
                    found=f"nhận việc từ {successor['since']} nhưng {successor['office']} có từ {start}",
                    expected="ngày nhận việc không sớm hơn ngày thành lập",
                )
