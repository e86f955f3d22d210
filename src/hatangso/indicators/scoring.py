"""Index scores in the house style: rate × maximum, steps, best performer; rounds, evidence, what-if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hatangso.errors import InputError
from hatangso.lawentries import Criterion, Index
from hatangso.vietnamese import format_number

ROUNDS = ("round_1", "comment", "round_2")


@dataclass(frozen=True)
class Answer:
    """What is reported for a criterion. ``value`` in its unit (percent for rates); ``best`` is the country's best value
    where the rule asks for it; ``evidence`` names the proof files."""

    value: float | None
    best: float | None = None
    evidence: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Line:
    """One criterion scored: ``points`` is None when it cannot be told, with the reason in ``words``."""

    code: str
    group: str
    name_vi: str
    maximum: float
    points: float | None
    words: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """points : of the lines that could be scored; open_points : what the others could still bring
    groups : group code → (points, maximum)
    """

    index: str
    lines: tuple[Line, ...]
    points: float
    open_points: float
    total: float
    groups: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def score(index: Index, answers: Mapping[str, Answer]) -> Score:
    """Score the answers by an edition of an index.

    Raises
    ------
    InputError
        for an answer to a criterion the edition does not have, or a rate outside 0–100.
    """
    known = {criterion.code for group in index.groups for criterion in group.criteria}
    stray = sorted(set(answers) - known)
    if stray:
        raise InputError(
            f"Bộ chỉ số {index.code} không có tiêu chí {', '.join(stray)}",
            expected="mã tiêu chí của bộ chỉ số",
        )
    lines = tuple(
        score_line(criterion, group.code, answers.get(criterion.code))
        for group in index.groups
        for criterion in group.criteria
    )
    groups = {
        group.code: (
            sum(line.points or 0.0 for line in lines if line.group == group.code),
            float(group.maximum),
        )
        for group in index.groups
    }
    notes = []
    if index.reconstructed:
        notes.append(
            f"Bộ tiêu chí này dựng lại từ nguồn thứ cấp, chưa đối chiếu được với phụ lục gốc: {index.basis.unverified}."
        )
    without = [line.code for line in lines if line.points and not line.evidence]
    if without:
        notes.append("Chưa có tài liệu kiểm chứng: " + ", ".join(without) + ".")
    unknown = sum(line.maximum for line in lines if line.points is None)
    return Score(
        index.code,
        lines,
        sum(line.points or 0.0 for line in lines),
        unknown,
        float(index.total),
        groups,
        tuple(notes),
    )


def score_line(criterion: Criterion, group: str, answer: Answer | None) -> Line:
    """Score one criterion; the words show the calculation."""
    line = Line(
        criterion.code,
        group,
        criterion.name_vi,
        float(criterion.maximum),
        None,
        "",
        answer.evidence if answer else (),
    )
    if answer is None or answer.value is None:
        return replace(line, words="Chưa có số liệu.")
    value, most = answer.value, float(criterion.maximum)
    if criterion.rule == "steps":
        points = next(
            (float(gain) for least, gain in sorted(criterion.steps, reverse=True) if value >= least), 0.0
        )
        found = (
            ("Có" if value else "Không") if criterion.unit == "có/không" else f"{_n(value)} {criterion.unit}"
        )
        return replace(line, points=points, words=f"{found}: {_n(points)}/{_n(most)} điểm.")
    if criterion.rule == "best_performer":
        if answer.best is None or answer.best <= 0:
            return replace(line, words="Chưa biết giá trị cao nhất cả nước nên chưa tính được điểm.")
        points = min(most, most * value / answer.best)
        return replace(
            line,
            points=points,
            words=f"{_n(value)} / {_n(answer.best)} (cao nhất) × {_n(most)} = {_n(points)} điểm.",
        )
    if not 0 <= value <= 100:
        raise InputError(
            f"Tiêu chí {criterion.code}", found=f"tỷ lệ {_n(value)} %", expected="từ 0 đến 100 %"
        )
    points = most * value / 100
    return replace(line, points=points, words=f"{_n(value)} % × {_n(most)} = {_n(points)} điểm.")


def what_if(
    index: Index, answers: Mapping[str, Answer], changes: Mapping[str, float]
) -> tuple[Score, list[tuple[str, float]]]:
    """Score with some values changed; returns the new score and the points each changed criterion gains, most first."""
    before = {line.code: line.points or 0.0 for line in score(index, answers).lines}
    changed = {code: replace(answers.get(code, Answer(None)), value=value) for code, value in changes.items()}
    after = score(index, {**answers, **changed})
    gains = [
        (line.code, (line.points or 0.0) - before[line.code]) for line in after.lines if line.code in changes
    ]
    return after, sorted(gains, key=lambda item: -item[1])


def compare_rounds(first: Score, second: Score) -> list[tuple[str, float | None, float | None]]:
    """Return the criteria whose points differ between two rounds: (code, round 1, round 2)."""
    former = {line.code: line.points for line in first.lines}
    return [
        (line.code, former.get(line.code), line.points)
        for line in second.lines
        if former.get(line.code) != line.points
    ]


def _n(value: float) -> str:
    return format_number(round(value, 2))
