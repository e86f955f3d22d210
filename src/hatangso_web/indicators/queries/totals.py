"""One value per area and variable, from what areas and firms reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from hatangso.indicators.checks import summed_over_operators


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
