"""How a number is meant: at least, more than, at most, less than; about; kept up; grown by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from hatangso.plans.quantities import Quantity
from hatangso.plans.vocabulary import spaced, word_list
from hatangso.vietnamese import fold_same_length

_REACH = 60  # letters before and after the number in which its comparator may stand


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands around a number.

    Parameters
    ----------
    comparator : ">=", ">", "<=", "<" or "" when no word says it
    start, end : span of comparator words, fillers and number
    about : "khoảng", "gần"
    growth : the number is a growth ("tăng 5%"), not a level
    """

    comparator: str
    start: int
    end: int
    about: bool = False
    growth: bool = False


@cache
def _patterns() -> tuple[
    list[tuple[str, re.Pattern[str]]], list[tuple[str, re.Pattern[str]]], dict[str, re.Pattern[str]]
]:
    words = word_list("comparators")
    fillers = rf"(?:(?:{'|'.join(spaced(each) for each in words['fillers'])})\s*)*"
    before = [
        (entry["comparator"], re.compile(rf"(?<!\w){_either(entry['words'])}\s*{fillers}$"))
        for entry in words["before"]
    ]
    after = [(entry["comparator"], re.compile(rf"\s*{_either(entry['words'])}")) for entry in words["after"]]
    others = {
        "fillers": re.compile(rf"(?<!\w){fillers}$"),
        "about": re.compile(rf"(?<!\w){_either(words['about'])}\s*{fillers}$"),
        "maintain": re.compile(rf"(?<!\w){_either(words['maintain'])}(?!\w)"),
        "growth": re.compile(rf"(?<!\w){_either(words['growth'])}\s*$"),
    }
    return before, after, others


def compare(text: str, quantity: Quantity) -> Comparison:
    """Return the comparator written before or after the number, "" when there is none.

    Rule: words right before the number, fillers ("đạt", "là", "khoảng") skipped; "từ … trở lên" and a
    following "trở lên" mean at least. "từ" alone means at least. Negated forms are tried first, so
    "không dưới 90%" is at least 90 %.

    Parameters
    ----------
    text : the sentence in which ``quantity`` was found
    """
    offset = max(0, quantity.start - _REACH)
    folded = fold_same_length(
        text[offset : quantity.end + _REACH]
    )  # the whole would be folded for each number
    before, after, others = _patterns()
    ahead = folded[: quantity.start - offset]
    about = others["about"].search(ahead) is not None
    growth = others["growth"].search(text[offset : quantity.start].lower()) is not None
    for comparator, pattern in after:
        match = pattern.match(folded, quantity.end - offset)
        if match:
            begin = _filler_start(others["fillers"], ahead) + offset
            return Comparison(comparator, begin, match.end() + offset, about, growth)
    for comparator, pattern in before:
        found = pattern.search(ahead)
        if found:
            return Comparison(comparator, found.start() + offset, quantity.end, about, growth)
    return Comparison("", _filler_start(others["fillers"], ahead) + offset, quantity.end, about, growth)


def says_maintain(text: str) -> bool:
    """Return whether the sentence keeps a level up ("duy trì 100% …")."""
    return _patterns()[2]["maintain"].search(fold_same_length(text)) is not None


def _filler_start(pattern: re.Pattern[str], ahead: str) -> int:
    match = pattern.search(ahead)
    return match.start() if match else len(ahead)


def _either(words: list[str]) -> str:
    return "(?:" + "|".join(spaced(word) for word in words) + ")"
