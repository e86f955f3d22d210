"""Carrying figures as one would with pencil and paper: one area at a time, one change after another."""

from __future__ import annotations

import datetime

from hatangso.areas.register import Register


def carry_by_hand(
    register: Register, values: dict[str, float], since: datetime.date, to: datetime.date
) -> tuple[dict[str, float], set[str]]:
    """Return known sums per area of the later map and the areas that miss a part; ``to`` is after ``since``."""
    known, torn = dict(values), set()
    for day in register.change_dates:
        if not since < day <= to:
            continue
        next_known: dict[str, float] = {}
        next_torn: set[str] = set()
        for code in set(known) | torn:
            changes = [change for change in register.changes_from(code) if change.on == day]
            if not changes:
                next_known[code] = next_known.get(code, 0.0) + known.get(code, 0.0)
                next_torn |= {code} & torn
            for change in changes:
                if change.to_code is None:
                    continue
                if change.share is None:
                    if known.get(code, 0.0) != 0.0 or code in torn:
                        next_torn.add(change.to_code)
                else:
                    next_known[change.to_code] = next_known.get(
                        change.to_code, 0.0
                    ) + change.share * known.get(code, 0.0)
                    next_torn |= {change.to_code} if code in torn and change.share else set()
        known, torn = next_known, next_torn
    return known, torn
