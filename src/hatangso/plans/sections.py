"""Which clauses of a plan state targets: told by the headings above them."""

from __future__ import annotations

import re
from functools import cache

from hatangso.plans import document as kinds
from hatangso.plans.document import Clause, Document
from hatangso.plans.vocabulary import spaced, word_list
from hatangso.vietnamese import fold

TARGET = "target"
GENERAL = "general"  # "Mục tiêu chung": numbers there count only where an indicator fits
OTHER = "other"
PRESENT = "present"  # how things stand
UNKNOWN = ""

_LONGEST_HEADING = 260
_MARKS = re.compile(r"^[\s\-–—+*•_.,:;()]+|[\s*_.:;]+$")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = word_list("sections")
    return {
        "target": _any(words["target"]["anywhere"]),
        "dates": re.compile(words["target"]["dates"]),
        "general": _any(words["general"]),
        "start": re.compile("^(?:" + "|".join(spaced(each) for each in words["other"]["start"]) + ")"),
        "before_target": re.compile(
            "^(?:" + "|".join(spaced(each) for each in words["other"]["before_target"]) + ")"
        ),
        "present": _any(words["present"]),
    }


def heading_kind(text: str) -> str:
    """Return what a heading opens: ``target``, ``general``, ``present``, ``other``, or "" when it does not say.

    "Giải pháp thực hiện mục tiêu" is ``other``: the word that comes first decides. "Mục đích, yêu cầu và các
    chỉ tiêu" leaves it to the headings below and is ``target`` where they are silent.
    """
    folded = _MARKS.sub("", fold(text))
    patterns = _patterns()
    if patterns["target"].search(folded) and not patterns["before_target"].match(folded):
        return GENERAL if patterns["general"].search(folded) else TARGET
    if patterns["general"].match(folded):
        return GENERAL
    if patterns["start"].match(folded):
        return PRESENT if patterns["present"].match(folded) else OTHER
    return UNKNOWN


def section_of(document: Document, clause: Clause) -> str:
    """Return the kind of section a clause stands in: the nearest heading that says it, itself included."""
    if _is_title(clause):
        own = heading_kind(clause.text)
        if own:
            return own
    for above in document.ancestors(clause):
        if not _is_title(above):
            continue
        found = heading_kind(above.text)
        if found:
            return found
    return _announced(clause)


def headings_above(document: Document, clause: Clause) -> tuple[str, ...]:
    """Return the texts above a clause, nearest first."""
    return tuple(above.text for above in document.ancestors(clause) if above.text)


def _is_title(clause: Clause) -> bool:
    if clause.kind == kinds.HEADING:
        return True
    return bool(clause.children) and len(clause.text) <= _LONGEST_HEADING


def _announced(clause: Clause) -> str:
    """A clause that says itself that it is a target ("Mục tiêu đến năm 2025: 100% …")."""
    begin = fold(clause.text)[:60]
    if re.match(r"^[\s\-+*]*(?:muc tieu|chi tieu)\b", begin):
        return GENERAL if _patterns()["general"].match(begin) else TARGET
    return UNKNOWN


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{spaced(word)})" for word in words))
