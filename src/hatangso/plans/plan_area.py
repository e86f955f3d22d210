"""The code of the area a plan is for, on the plan's own day."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache

from hatangso.areas.register import Area, Register, national_register
from hatangso.plans.vocabulary import word_list
from hatangso.vietnamese import fold


def code_of_area(
    area_type: str, name: str, *, days: tuple[dt.date, dt.date] | None, hints: str = ""
) -> str | None:
    """Return the code of "huyện Hớn Quản" on a day, None where it is unknown or several fit.

    Kind and name must agree (diacritics, hyphens and blanks may differ). Of several of one name the one whose
    province or district is named in ``hints`` (the plan's bases, the rest of its head) is meant. Where no unit of
    that kind was in force on the day, nothing is guessed.

    Parameters
    ----------
    area_type : "tỉnh", "thành phố", "huyện", "quận", "thị xã", "xã", "phường", "thị trấn", "đặc khu"
    name : the name without its kind
    days : first and last day on which the plan may have been made: twice its date, or the year its period begins;
        None takes all times together
    hints : words in which units above may be named
    """
    register = national_register()
    fitting = [area for area in _by_name().get(_letters(name), ()) if fold(area.kind) == fold(area_type)]
    if not fitting:
        known = word_list("issuers")["other_names"].get(fold(f"{area_type} {name}"))
        fitting = [area for area in _by_name().get(_letters(known or ""), ()) if area.level == "province"]
    if days is not None:
        fitting = [area for area in fitting if _in_force_between(area, *days)]
    exact = [area for area in fitting if area.name.casefold() == name.casefold()]
    fitting = exact or fitting
    codes = {area.code for area in fitting}
    if len(codes) > 1:
        codes = {area.code for area in fitting if _named_above(register, area, fold(hints))}
    return codes.pop() if len(codes) == 1 else None


def _in_force_between(area: Area, first: dt.date, last: dt.date) -> bool:
    begun = area.valid_from is None or area.valid_from <= last
    return begun and (area.valid_until is None or first < area.valid_until)


def _named_above(register: Register, area: Area, hints: str) -> bool:
    day = area.valid_from or (area.valid_until - dt.timedelta(days=1) if area.valid_until else None)
    above = register.ancestors(area.code, on=day)
    return any(
        re.search(rf"\b{re.escape(fold(each.name))}\b", hints) for each in above if each.code != area.code
    )


@cache
def _by_name() -> dict[str, tuple[Area, ...]]:
    names: dict[str, list[Area]] = {}
    for area in national_register().areas:
        names.setdefault(_letters(area.name), []).append(area)
    return {name: tuple(areas) for name, areas in names.items()}


@lru_cache(maxsize=65_536)
def _letters(name: str) -> str:
    return re.sub(r"[\s'’‘`-]", "", fold(name))
