"""What an area became and what it was formed from, also for districts that ended with nobody in their place."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from hatangso.areas.register import CHANGE_WORDS, Area, Change, Register
from hatangso.vietnamese import format_number


@dataclass(frozen=True, slots=True)
class Step:
    """One change with both sides as they stood: ``before`` the last day before, ``after`` on the day."""

    before: Area
    after: Area | None
    change: Change

    def sentence(self) -> str:
        """Say it in words: "Xã An Khương (25342) nhập vào Xã Tân Hưng (25345) từ 01/07/2025 theo …"."""
        kind = CHANGE_WORDS.get(self.change.kind, self.change.kind)
        before = f"{self.before.full_name} ({self.before.code})"
        after = f" → {self.after.full_name} ({self.after.code})" if self.after else ""
        return f"{before}{after}: {kind}{_share_words(self.change)} từ {self.change.on:%d/%m/%Y}, {self.change.legal_act}"


@dataclass(frozen=True, slots=True)
class Relative:
    """An area on another day's map that holds the whole or a part of the area asked about.

    ``share`` is the part of the area asked about that went there (looking ahead) or of the relative that
    came from there (looking back); None when unknown. ``through`` are the communes that carried it there,
    for a district or province.
    """

    area: Area
    share: float | None
    through: tuple[str, ...]


def steps_after(register: Register, code: str) -> list[Step]:
    """Return every change that left a code, oldest first."""
    return [_step(register, change) for change in sorted(register.changes_from(code), key=_order)]


def steps_before(register: Register, code: str) -> list[Step]:
    """Return every change that entered a code, oldest first."""
    return [_step(register, change) for change in sorted(register.changes_to(code), key=_order)]


def successors(register: Register, code: str, *, since: datetime.date, to: datetime.date) -> list[Relative]:
    """Return who holds an area's land on a later day, in order of code.

    A commune or province is followed through its changes. A district has no successor of its own: the
    communes that hold what its communes were are returned, each with the communes it came through.
    """
    area = register.area(code, on=since)
    if area.level != "district":
        found = _follow(register, {code: 1.0}, (since, to))
        return [
            Relative(register.area(after, on=to), share, (code,)) for after, share in sorted(found.items())
        ]
    through: dict[str, list[str]] = {}
    own = _follow(register, {code: 1.0}, (since, to))
    for after in own:
        through.setdefault(after, []).append(code)
    for commune in register.descendants(code, on=since, level="commune"):
        for after in _follow(register, {commune.code: 1.0}, (since, to)):
            through.setdefault(after, []).append(commune.code)
    return [
        Relative(register.area(after, on=to), own.get(after), tuple(sorted(codes)))
        for after, codes in sorted(through.items())
    ]


def predecessors(register: Register, code: str, *, since: datetime.date, to: datetime.date) -> list[Relative]:
    """Return which areas of an earlier day an area was formed from; ``since`` is the later day, ``to`` the earlier."""
    register.area(code, on=since)
    found: dict[str, float | None] = {code: 1.0}
    for day in reversed([day for day in register.change_dates if to < day <= since]):
        before: dict[str, float | None] = {}
        for after, share in found.items():
            changes = [change for change in register.changes_to(after) if change.on == day]
            for change in changes:
                before[change.from_code] = _product(share, change.share)
            if not changes:
                before[after] = share
        found = before
    return [Relative(register.area(before, on=to), share, (code,)) for before, share in sorted(found.items())]


def _follow(
    register: Register, found: dict[str, float | None], days: tuple[datetime.date, datetime.date]
) -> dict[str, float | None]:
    for day in [day for day in register.change_dates if days[0] < day <= days[1]]:
        after: dict[str, float | None] = {}
        for code, share in found.items():
            changes = [change for change in register.changes_from(code) if change.on == day]
            for change in changes:
                if change.to_code:
                    after[change.to_code] = _product(share, change.share)
            if not changes:
                after[code] = share
        found = after
    return found


def _product(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first * second


def _step(register: Register, change: Change) -> Step:
    before = register.area(change.from_code, on=change.on - datetime.timedelta(days=1))
    return Step(before, register.area(change.to_code, on=change.on) if change.to_code else None, change)


def _order(change: Change) -> tuple[datetime.date, str, str]:
    return change.on, change.from_code, change.to_code or ""


def _share_words(change: Change) -> str:
    if change.to_code is None or change.share == 1:
        return ""
    if change.share is not None:
        return f" ({format_number(100 * change.share)} %)"
    if change.population_share == 1:
        return " (một phần diện tích, toàn bộ dân số)"
    if change.population_share == 0:
        return " (một phần diện tích, không có dân)"
    return " (không rõ tỷ lệ)"
