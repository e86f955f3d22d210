"""One value per area and variable, from what areas and firms reported; one kind per variable, never mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from hatangso.indicators.checks import summed_over_operators
from hatangso.indicators.value_kinds import DECLARED, KIND_WORDS, preferred
from hatangso.lawentries import Indicator

Row = tuple[str, str, float, int | None]


@dataclass(frozen=True)
class Counted:
    """The values that count: of each variable those of one kind; ``left_out``: areas that only have another kind."""

    rows: list[Row]
    kinds: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)

    def note_of(self, indicator: Indicator) -> str:
        """Say where a figure does not rest on declared values alone, and what was left out; else nothing."""
        parts = []
        for role, variable in (("tử số", indicator.numerator), ("mẫu số", indicator.denominator)):
            if variable is None or (kind := self.kinds.get(variable)) is None:
                continue
            if kind != DECLARED:
                parts.append(f"{role} là số {KIND_WORDS[kind]}")
            for other, areas in sorted(self.left_out.get(variable, {}).items()):
                parts.append(f"{role} không cộng {areas} địa bàn chỉ có số {KIND_WORDS[other]}")
        return "; ".join(parts)


def counted(rows: Iterable[tuple[str, str, float, int | None, str]]) -> Counted:
    """Return the values that count: of each variable those of the kind that goes first of the kinds at hand.

    ``rows`` are area code, variable, value, firm, kind. The order is law/value_kinds.yml; what is of another kind is
    not used to fill gaps, because a sum of declared and modelled figures means neither.
    """
    given = list(rows)
    at_hand: dict[str, set[str]] = defaultdict(set)
    for row in given:
        at_hand[row[1]].add(row[4])
    kinds = {variable: kind for variable, found in at_hand.items() if (kind := preferred(variable, found))}
    mixed = {variable for variable, found in at_hand.items() if len(found) > 1}
    chosen = [row[:4] for row in given if row[4] == kinds.get(row[1])]
    if not mixed:
        return Counted(chosen, kinds)
    having = {(code, variable) for code, variable, _value, _firm in chosen if variable in mixed}
    only_other = {
        (row[1], row[4], row[0]) for row in given if row[1] in mixed and (row[0], row[1]) not in having
    }
    left_out: dict[str, dict[str, int]] = defaultdict(dict)
    for variable, kind, _code in only_other:
        left_out[variable][kind] = left_out[variable].get(kind, 0) + 1
    return Counted(chosen, kinds, dict(left_out))


def total_values(
    rows: Iterable[tuple[str, str, float, int | None]],
) -> dict[tuple[str, str], float]:
    """Return one value per area and variable.

    ``rows`` are area code, variable, value, firm (None: the area's own, which goes before the firms'). What
    several firms count alike (villages with 4G) is not added up: without the area's own figure there is none.
    """
    own: dict[tuple[str, str], float] = {}
    firms: dict[tuple[str, str], float] = defaultdict(float)
    for code, variable, value, operator in rows:
        if operator is None:
            own[code, variable] = value
        else:
            firms[code, variable] += value
    summed = summed_over_operators()
    added = {key: value for key, value in firms.items() if key[1] in summed}
    return {**added, **own}
