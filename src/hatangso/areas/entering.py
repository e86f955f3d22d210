"""A new change of areas, as an administrator enters it from a resolution: checked, and its effect seen beforehand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from hatangso.areas.register import CHANGE_WORDS, Area, Change, Register
from hatangso.errors import InputError, ManyInputErrors


@dataclass(frozen=True)
class NewUnit:
    """A unit as it stands after the change; its code may be that of a unit that went into it."""

    code: str
    kind: str
    name: str
    parent_code: str


@dataclass(frozen=True)
class NewChange:
    """What a resolution says: which units go into which, from what day, by which act.

    Parameters
    ----------
    kind : a key of :data:`hatangso.areas.register.CHANGE_WORDS`
    on : the first day of the new units
    legal_act : number and symbol of the document
    flows : (code before, code after) → share of everything that goes along; None where the act does not say
    units : the units after the change, each named in ``flows``
    """

    kind: str
    on: datetime.date
    legal_act: str
    flows: Mapping[tuple[str, str], float | None]
    units: tuple[NewUnit, ...] = field(default=())


@dataclass(frozen=True)
class EnteredChange:
    """Rows for :meth:`Register.extended` and sentences on what they do."""

    areas: tuple[Area, ...]
    changes: tuple[Change, ...]
    effect: tuple[str, ...]

    def applied_to(self, register: Register) -> Register:
        """Return a register in which the change is known; the given one is not touched."""
        return register.extended(self.areas, self.changes)


def enter_change(register: Register, *, change: NewChange) -> EnteredChange:
    """Check a new change against the register and make its rows.

    Rules: every unit that leaves is in force the day before; a code is never reused by another unit; the known
    shares of a unit add up to 1; units of one level; nothing is entered before the last change of these units.

    Raises
    ------
    ManyInputErrors
        with every fault, so that they are mended in one go.
    """
    eve = change.on - datetime.timedelta(days=1)
    before = sorted({old for old, _ in change.flows})
    faults = [*_form_faults(change), *_unit_faults(register, change, before=before, eve=eve)]
    if faults:
        raise ManyInputErrors(faults)
    leaving = [register.area(code, on=eve) for code in before]
    closed = [
        Area(area.code, area.level, area.kind, area.name, area.parent_code, area.valid_from, change.on)
        for area in leaving
    ]
    opened = [
        Area(unit.code, leaving[0].level, unit.kind, unit.name, unit.parent_code, change.on, None)
        for unit in change.units
    ]
    rows = tuple(
        Change(change.kind, old, new, change.on, share, share, change.legal_act)
        for (old, new), share in sorted(change.flows.items())
    )
    return EnteredChange((*closed, *opened), rows, _effect(register, change, leaving=leaving, opened=opened))


def _form_faults(change: NewChange) -> list[InputError]:
    faults = []
    if change.kind not in CHANGE_WORDS:
        faults.append(InputError("Loại thay đổi", found=change.kind, expected=", ".join(CHANGE_WORDS)))
    if not change.legal_act.strip():
        faults.append(InputError("Văn bản", found="để trống", expected="số và ký hiệu nghị quyết"))
    if not change.flows:
        faults.append(
            InputError("Thay đổi", found="không nói đơn vị nào vào đơn vị nào", expected="ít nhất một cặp")
        )
    named, listed = {new for _, new in change.flows}, {unit.code for unit in change.units}
    if named != listed or len(listed) != len(change.units):
        odd = ", ".join(sorted(named ^ listed)) or "mã lặp lại"
        faults.append(
            InputError("Đơn vị mới", found=odd, expected="mỗi đơn vị mới một dòng và có trong các cặp")
        )
    for old in sorted({old for old, _ in change.flows}):
        shares = [share for (source, _), share in change.flows.items() if source == old]
        known = [share for share in shares if share is not None]
        if any(not 0 <= share <= 1 for share in known) or sum(known) > 1 + 1e-9:
            faults.append(
                InputError(f"Tỷ lệ của {old}", found=str(known), expected="từ 0 đến 1, tổng không quá 1")
            )
        elif len(known) == len(shares) and abs(sum(known) - 1) > 1e-9:
            faults.append(
                InputError(f"Tỷ lệ của {old}", found=f"tổng {sum(known):g}", expected="tổng bằng 1")
            )
    return faults


def _unit_faults(
    register: Register, change: NewChange, *, before: list[str], eve: datetime.date
) -> list[InputError]:
    faults, levels = [], set()
    for code in before:
        holding = [
            area for area in (register.versions(code) if code in register else ()) if area.is_in_force(eve)
        ]
        if not holding:
            faults.append(InputError(f"Mã {code}", found=f"không có hiệu lực ngày {eve:%d/%m/%Y}"))
        elif holding[0].valid_until is not None:
            faults.append(
                InputError(
                    f"{holding[0].full_name} ({code})",
                    found=f"đã có thay đổi khác từ {holding[0].valid_until:%d/%m/%Y}",
                    expected="đơn vị còn hiệu lực sau ngày này",
                )
            )
        else:
            levels.add(holding[0].level)
    if len(levels) > 1:
        faults.append(
            InputError("Các đơn vị trước thay đổi", found=", ".join(sorted(levels)), expected="cùng một cấp")
        )
    for unit in change.units:
        if unit.code in register and unit.code not in before:
            last = register.versions(unit.code)[-1]
            faults.append(
                InputError(
                    f"Mã {unit.code}", found=f"đã dùng cho {last.full_name}", expected="mã chưa từng dùng"
                )
            )
        parent = register.versions(unit.parent_code) if unit.parent_code in register else ()
        if unit.parent_code and not any(area.is_in_force(change.on) for area in parent):
            faults.append(
                InputError(
                    f"Đơn vị cấp trên {unit.parent_code}",
                    found=f"không có hiệu lực ngày {change.on:%d/%m/%Y}",
                )
            )
    return faults


def _effect(
    register: Register, change: NewChange, *, leaving: list[Area], opened: list[Area]
) -> tuple[str, ...]:
    level = leaving[0].level
    count = len(register.in_force(change.on - datetime.timedelta(days=1), level=level))
    lines = [
        f"Từ {change.on:%d/%m/%Y}: {count} đơn vị còn {count - len(leaving) + len(opened)}, {change.legal_act}."
    ]
    for unit in opened:
        sources = [area for area in leaving if (area.code, unit.code) in change.flows]
        names = ", ".join(f"{area.full_name} ({area.code})" for area in sources)
        torn = [area.name for area in sources if change.flows[area.code, unit.code] is None]
        warning = (
            f"; chưa biết tỷ lệ của {', '.join(torn)}: số liệu của phần này không chuyển được" if torn else ""
        )
        lines.append(f"{unit.full_name} ({unit.code}) gồm {names}{warning}.")
    children = sum(len(register.children(area.code, on=change.on)) for area in leaving)
    if children:
        lines.append(f"{children} đơn vị cấp dưới của các đơn vị này cần đơn vị cấp trên mới.")
    return tuple(lines)
