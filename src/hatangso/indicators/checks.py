"""Checks of reported figures against each other, the last period and other areas; the rules are data (law/checks.yml)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from hatangso import catalogue
from hatangso.errors import InputError
from hatangso.lawentries import Variable
from hatangso.lawfiles import read_entries
from hatangso.vietnamese import fold, format_number, nfc, parse_number

ERROR, WARNING = "error", "warning"
_YES = {"co", "x", "1", "dung", "yes", "roi", "da co"}
_NO = {"khong", "0", "chua", "no", "sai", "chua co"}
_ABSENT = {"", "-", "–", "…", "...", "khong co so lieu", "chua co so lieu", "chua ro", "n/a", "na"}
_LARGEST = 1e13


@dataclass(frozen=True)
class CheckRule:
    """One rule of law/checks.yml; which fields count depends on ``kind``."""

    code: str
    name_vi: str
    kind: str
    severity: str
    variable: str = ""
    limit: str = ""
    parts: tuple[str, ...] = ()
    percent: float = 0.0
    least: float = 0.0
    times: float = 0.0
    fewest: int = 0


@dataclass(frozen=True)
class Problem:
    """What is wrong with the figure of a variable: ``error`` stops, ``warning`` needs a word of explanation."""

    variable: str
    severity: str
    rule: str
    sentence: str


@dataclass(frozen=True)
class Around:
    """What a unit's figures are held against: its own of the last period, those of other areas for this one."""

    previous: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, Sequence[float]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def check_rules() -> tuple[CheckRule, ...]:
    """Return the rules in the order of the file."""
    return tuple(
        CheckRule(**{**entry, "parts": tuple(entry.get("parts", ()))}) for entry in read_entries("checks")
    )


@lru_cache(maxsize=1)
def summed_over_operators() -> frozenset[str]:
    """Return the variables whose figures of single firms add up to that of the area."""
    return frozenset(str(entry["code"]) for entry in read_entries("operator_sums"))


def read_figure(variable: Variable, written: object) -> float | None:
    """Read one figure as people write it; None where nothing is known.

    Counts are whole and not negative; yes/no is 1 or 0; a class is its place in the list of classes.

    Raises
    ------
    InputError
        with what was found and what is expected.
    """
    if written is None or (isinstance(written, float) and math.isnan(written)):
        return None
    if isinstance(written, bool):
        return float(written)
    text = nfc(str(written)).strip()
    if fold(text) in _ABSENT:
        return None
    if variable.kind == "yes_no":
        return _yes_no(variable, text)
    if variable.kind == "class":
        return _class(variable, text)
    value = float(written) if isinstance(written, int | float) else _number(variable, text)
    return _in_range(variable, value)


def write_figure(variable: Variable, value: float | None) -> str:
    """Write a stored figure as the office does: ``1.234,5``, ``có``, ``lõm``; nothing for None."""
    if value is None:
        return ""
    if variable.kind == "yes_no":
        return "có" if value else "không"
    if variable.kind == "class":
        return variable.classes[int(value)] if 0 <= int(value) < len(variable.classes) else ""
    return format_number(value)


def check_figures(
    figures: Mapping[str, float | None],
    *,
    around: Around | None = None,
    rules: Sequence[CheckRule] | None = None,
) -> list[Problem]:
    """Check the figures of one area.

    Parameters
    ----------
    figures : variable → value, None = not known; figures that are not known are not compared
    around : what they are held against, nothing when left out

    Returns
    -------
    problems, errors first, in the order of the rules
    """
    around = around or Around()
    known = {code: value for code, value in figures.items() if value is not None}
    found = [
        problem
        for rule in (check_rules() if rules is None else rules)
        for problem in _CHECKS[rule.kind](rule, known, around)
    ]
    return sorted(found, key=lambda problem: problem.severity != ERROR)


def _at_most(rule: CheckRule, known: Mapping[str, float], _: Around) -> list[Problem]:
    if rule.variable not in known or rule.limit not in known or known[rule.variable] <= known[rule.limit]:
        return []
    found, most = known[rule.variable], known[rule.limit]
    return [_problem(rule, rule.variable, f"{rule.name_vi}: đang ghi {_n(found)} > {_n(most)}.")]


def _sum_at_most(rule: CheckRule, known: Mapping[str, float], _: Around) -> list[Problem]:
    if rule.limit not in known or any(part not in known for part in rule.parts):
        return []
    total = sum(known[part] for part in rule.parts)
    if total <= known[rule.limit]:
        return []
    words = " + ".join(_n(known[part]) for part in rule.parts)
    return [
        _problem(rule, rule.variable, f"{rule.name_vi}: {words} = {_n(total)} > {_n(known[rule.limit])}.")
    ]


def _change(rule: CheckRule, known: Mapping[str, float], around: Around) -> list[Problem]:
    found = []
    for code, value in known.items():
        before = around.previous.get(code)
        if before is None or abs(value - before) < rule.least:
            continue
        if before == 0 or abs(value - before) > abs(before) * rule.percent / 100:
            found.append(_problem(rule, code, f"{rule.name_vi}: từ {_n(before)} thành {_n(value)}."))
    return found


def _outlier(rule: CheckRule, known: Mapping[str, float], around: Around) -> list[Problem]:
    found = []
    for code, value in known.items():
        others = around.others.get(code, ())
        if len(others) < rule.fewest:
            continue
        middle = statistics.median(others)
        spread = statistics.median(abs(other - middle) for other in others)
        if spread > 0 and abs(value - middle) > rule.times * spread:
            found.append(
                _problem(rule, code, f"{rule.name_vi}: {_n(value)}, trung vị các nơi là {_n(middle)}.")
            )
    return found


_CHECKS = {"at_most": _at_most, "sum_at_most": _sum_at_most, "change": _change, "outlier": _outlier}


def _problem(rule: CheckRule, variable: str, sentence: str) -> Problem:
    return Problem(variable, rule.severity, rule.code, sentence)


def _yes_no(variable: Variable, text: str) -> float:
    folded = fold(text).removesuffix(".0")
    if folded in _YES:
        return 1.0
    if folded in _NO:
        return 0.0
    raise InputError(variable.name_vi, found=f"'{text}'", expected="có hoặc không")


def _class(variable: Variable, text: str) -> float:
    folded = [fold(name) for name in variable.classes]
    if fold(text) in folded:
        return float(folded.index(fold(text)))
    raise InputError(
        variable.name_vi, found=f"'{text}'", expected="một trong: " + ", ".join(variable.classes)
    )


def _number(variable: Variable, text: str) -> float:
    try:
        return parse_number(text)
    except InputError as fault:
        raise InputError(
            variable.name_vi,
            found=f"'{text[:60]}'",
            expected="số viết như 1.234,5",
            remedy="Nếu chưa có số liệu, để trống ô này",
        ) from fault


def _in_range(variable: Variable, value: float) -> float:
    where: dict[str, Any] = {"found": _n(value)}
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise InputError(variable.name_vi, found=str(value), expected="một số hợp lý")
    if variable.kind == "count" and value != int(value):
        raise InputError(variable.name_vi, **where, expected=f"số nguyên ({variable.unit})")
    if value < 0 and variable.unit != "dBm":
        raise InputError(variable.name_vi, **where, expected=f"số không âm ({variable.unit})")
    return value


def _n(value: float) -> str:
    return format_number(value)


def known_variable(code: str) -> Variable | None:
    """Return the variable of a code, None when there is none."""
    return _by_code().get(code)


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Variable]:
    return {variable.code: variable for variable in catalogue.variables()}
